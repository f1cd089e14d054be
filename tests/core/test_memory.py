"""Counted memory, against the sizes of the arrays that a real training makes."""

import operator
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from cost_helpers import GRADIENT_RULES, lecture, workload
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import Generator

from mlpcli.core.arrays import Array
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.memory import WITHOUT_ZERO, CountedNumber, Workload, memory_of, named, over_layers, training_memory
from mlpcli.core.network import Network, initialize
from mlpcli.core.optimizers import begin
from mlpcli.core.predicting import evaluate_samples
from mlpcli.core.samples import ShuffledBatches
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.steps import GradientDescent
from mlpcli.core.training import Plan, Run, Training
from mlpcli.cost.measuring import BESIDES, SPARE, measure_all, synthetic_samples


def bytes_of_parts(asked: Workload) -> dict[str, int]:
    return {part.name: part.size.value for part in training_memory(asked)}


def total(arrays: Iterable[Array]) -> int:
    return sum(array.nbytes for array in arrays)


def first_network(asked: Workload, generator: Generator) -> Network:
    return initialize(asked.layers, INITIALIZERS["glorot-uniform"], generator, asked.dtype)


def stepped(asked: Workload) -> GradientDescent:
    """The optimizer's step after an epoch, with whatever it made for its batches."""
    generator = np.random.default_rng(1)
    network, samples = first_network(asked, generator), synthetic_samples(asked, asked.training, generator)
    step = begin(asked.optimizer, network, asked.objective, generator)
    assert isinstance(step, GradientDescent)
    for x, y, _ in ShuffledBatches(samples, asked.batch, asked.dtype).blocks(generator):
        for first in range(0, len(y), asked.batch):
            step(x[first : first + asked.batch], y[first : first + asked.batch], 0.1)
    return step


@pytest.mark.parametrize("optimizer", GRADIENT_RULES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_gradients_and_state_are_those_of_a_real_optimizer(optimizer: str, dtype: str) -> None:
    asked = workload(optimizer=optimizer, dtype=dtype)
    step, parts = stepped(asked), bytes_of_parts(asked)
    assert parts["parameters"] == step.network.theta.nbytes
    assert parts["gradients"] == step.dtheta.nbytes
    assert parts["optimizer state"] == total([*step.slots.values(), step._work])


@pytest.mark.parametrize(("names", "loss"), [(("relu", "softmax"), "cce"), (("tanh", "linear"), "mse")])
@pytest.mark.parametrize("training", [24, 20])  # in batches of 8, with and without a rest
def test_activations_and_their_gradients_are_the_rooms_of_real_batches(
    names: tuple[str, str], loss: str, training: int
) -> None:
    asked = workload(names=names, loss=loss, training=training)
    made = 0
    for up, down, _ in stepped(asked)._rooms.values():
        made += total(array for layer in up for array in layer)
        made += total(array for layer in down.layers for array in (layer.dh, layer.da) if array is not None)
        made += down.ones.nbytes
    assert bytes_of_parts(asked)["a, h, da, dh"] == made


@pytest.mark.parametrize("stored", ["uint8", "float64"])
@pytest.mark.parametrize("batch", [8, 20])
def test_batches_and_data_are_those_of_real_samples(stored: str, batch: int) -> None:
    asked = workload(dtype="float32", stored=stored, batch=batch)
    samples = synthetic_samples(asked, asked.training, np.random.default_rng(1))
    batches, parts = ShuffledBatches(samples, batch, asked.dtype), bytes_of_parts(asked)
    _, y, _ = next(batches.blocks(np.random.default_rng(1)))
    assert parts["batches"] == total([batches._raw, batches._scaled, y])
    assert parts["data set"] == total([samples.x, samples.y])


def test_the_data_set_has_the_samples_of_all_parts() -> None:
    """20 + 8 + 4 samples of 5 features in float64 and 3 outputs in float32: 32·(5·8 + 3·4) bytes."""
    asked = replace(workload(training=20, validation=8, dtype="float32"), test=4)
    assert bytes_of_parts(asked)["data set"] == 32 * (5 * 8 + 3 * 4)


def test_the_order_of_samples_is_that_of_a_real_permutation() -> None:
    asked = workload()
    assert bytes_of_parts(asked)["order of samples"] == np.random.default_rng(1).permutation(asked.training).nbytes


def test_the_parts_make_the_whole() -> None:
    assert memory_of(lecture()) == sum(bytes_of_parts(lecture()).values())


@pytest.mark.parametrize("names", [("relu", "softmax"), ("swish", "softmax"), ("elu", "sigmoid")])
@pytest.mark.parametrize("widths", [(50, 400, 10), (400, 500, 10)])  # more of samples, and more of parameters
def test_measuring_takes_no_more_than_is_checked(names: tuple[str, str], widths: tuple[int, ...]) -> None:
    loss = "cce" if names[1] == "softmax" else "bce"
    asked = workload(widths, names, loss, "adam", training=1_000, validation=100, batch=250)
    tracemalloc.start()
    try:
        measure_all(asked, 0.0, None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < memory_of(asked) * SPARE + BESIDES / 10


@pytest.mark.parametrize("idle", [0, 20])
@pytest.mark.parametrize("sizes", [{"training": 2_000, "validation": 100}, {"training": 500, "validation": 2_000}])
@pytest.mark.parametrize(
    ("widths", "names"),
    [
        ((50, 400, 10), ("relu", "softmax")),  # so few weights that zero inputs are kept
        ((400, 500, 10), ("tanh", "linear")),  # so many that they are left out
    ],
)
def test_what_is_counted_is_what_a_training_takes_at_its_peak(
    widths: tuple[int, ...], names: tuple[str, ...], sizes: dict[str, int], idle: int
) -> None:
    """Within a tenth, for what functions take for a moment and for what `at most` says."""
    loss = "cce" if names[1] == "softmax" else "mse"
    asked = workload(widths, names, loss, "adam", batch=500, **sizes)
    counted = bytes_of_parts(asked)
    if not idle:
        counted.pop(WITHOUT_ZERO, None)
    assert sum(counted.values()) * 0.9 < peak_of_training(asked, idle) < sum(counted.values()) * 1.1


def peak_of_training(asked: Workload, idle: int) -> int:
    """Bytes that an epoch of training and the last evaluation take, where so many inputs never differ from 0."""
    generator = np.random.default_rng(1)
    plan = Plan(asked.optimizer, 0.001, SCHEDULES["constant"], 1, asked.batch)
    tracemalloc.start()
    try:
        parts = [synthetic_samples(asked, n, generator) for n in (asked.training, asked.validation)]
        for part in parts:
            part.x[:, :idle] = 0
        parts[0].scaling.mean[:idle] = 0
        network = first_network(asked, generator)
        epochs = Training(Run(network, asked.objective, asked.task, *parts, plan, generator)).epochs()
        next(epochs)
        for part in parts:
            evaluate_samples(network, asked.objective, asked.task, part, tuple(map(str, range(asked.outputs))))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_updates_are_counted_with_the_rest_as_a_batch_of_its_own() -> None:
    """20 samples in batches of 8 are 8, 8 and 4; 24 are three batches of 8."""
    for training, last in ((20, 4), (24, 8)):
        asked = workload(training=training, epochs=5)
        assert (asked.updates_per_epoch, asked.updates, asked.last_batch) == (3, 15, last)
    assert (asked.inputs, asked.outputs, asked.parameters) == (5, 3, 7 * 5 + 7 + 3 * 7 + 3)
    assert (asked.pixels, workload(stored="uint8").pixels) == (False, True)


def test_each_part_is_written_as_a_formula_with_its_numbers() -> None:
    """5-7-3 with 66 parameters, RMSprop, 20 samples in batches of 8 and 4, 30 held-out ones, in float64."""
    found = {part.name: (part.size.inserted, part.size.value) for part in training_memory(workload(validation=30))}
    assert found == {
        "parameters": ("8·66", 528),
        "gradients": ("8·66", 528),
        "optimizer state": ("8·(66 + 66)", 1056),  # one number for each parameter, and the scratch
        "start of an epoch": ("16·66", 1056),  # θ and s
        "marks of zero inputs": ("66", 66),
        "a, h, da, dh": ("8·(8 + 4)·(4·(7 + 3) + 1 − 3)", 3648),  # no dh of the softmax
        "batches": ("20·(16·5 + 8·3)", 2080),
        "outputs of an epoch": ("24·20·3", 1440),  # a, h and y
        "block to predict": ("8·256·(2·(7 + 3) + 5)", 51_200),
        "order of samples": ("8·20", 160),
        "predictions": ("16·30·3", 1440),  # a and h of the largest part
        "data set": ("50·(8·5 + 8·3)", 3200),
    }
    wide = workload((400, 500, 10), training=20, dtype="float32", stored="uint8")
    inner = training_memory(wide)[-1]
    assert (inner.name, inner.size.inserted) == (WITHOUT_ZERO, f"20·400 + 4·{wide.parameters}")


# ----- Counted numbers ----------------------------------------------------------------------------------------------


def value_of(text: str) -> int:
    """What a formula in numbers comes to, by Python's own arithmetic."""
    return int(eval(text.replace("·", "*").replace("−", "-"), {"__builtins__": {}}))


N, UNITS, INPUTS = named("n", 3), named("units", 4), named("inputs", 5)


@pytest.mark.parametrize(
    ("quantity", "formula", "inserted", "value"),
    [
        (2 * N * UNITS * INPUTS, "2·n·units·inputs", "2·3·4·5", 120),
        (N * (UNITS + INPUTS), "n·(units + inputs)", "3·(4 + 5)", 27),
        ((UNITS + 1) * N, "(units + 1)·n", "(4 + 1)·3", 15),
        (2 * N + UNITS - INPUTS, "2·n + units − inputs", "2·3 + 4 − 5", 5),
        (N - (UNITS - INPUTS), "n − (units − inputs)", "3 − (4 − 5)", 4),
        (0 * N * UNITS, "0", "0", 0),
        (0 * N + UNITS, "units", "4", 4),
        (1 * N * UNITS, "n·units", "3·4", 12),
        (4 * over_layers("Σ units", [UNITS, INPUTS]), "4·Σ units", "4·(4 + 5)", 36),
        (4 * over_layers("Σ units", [UNITS]), "4·Σ units", "4·4", 16),
    ],
)
def test_arithmetic_writes_the_formula(quantity: CountedNumber, formula: str, inserted: str, value: int) -> None:
    assert (quantity.formula, quantity.inserted, quantity.value) == (formula, inserted, value)


quantities = st.recursive(
    st.integers(0, 50).map(lambda value: named("x", value)),
    lambda inner: st.builds(
        lambda one, two, sign: sign(one, two),
        inner,
        inner,
        st.sampled_from([operator.add, operator.sub, operator.mul]),
    ),
)


@given(quantities)
def test_what_is_inserted_has_the_value(quantity: CountedNumber) -> None:
    assert value_of(quantity.inserted) == quantity.value
