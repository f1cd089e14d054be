"""Training many networks at once: each like `Training` alone, to the bit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from core_helpers import goes_together, random_network, random_targets, samples_of
from numpy.random import default_rng

from mlpcli.core import predicting
from mlpcli.core import samples as sample_blocks
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import REDUCTIONS, objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.stack import Outcome, block_size, stackable, train_stack
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Diverged, Plan, Run, Training
from mlpcli.core.training_records import Epoch


def run_of(
    seed: int,
    units: tuple[int, ...] = (5, 3),
    names: tuple[str, ...] = ("relu", "softmax"),
    loss: str = "cce",
    task: str = "multiclass",
    optimizer: str = "adam",
    schedule: str = "constant",
    samples: int = 13,
    validation: int = 0,
    dtype: type = np.float64,
    l1: float = 0.0,
    l2: float = 0.0,
    regularize_bias: bool = False,
    **plan: object,
) -> Run:
    """A run whose weights, samples and order of samples depend on the seed."""
    g = default_rng([seed, 1])
    objective = objective_of(LOSSES[loss], l1=l1, l2=l2, regularize_bias=regularize_bias)
    x, y = g.normal(size=(samples + validation, 4)), random_targets(LOSSES[loss], samples + validation, units[-1], seed)
    parts = [samples_of(x[part], y[part].astype(dtype)) for part in (slice(samples), slice(samples, None))]
    settings = {"learning_rate": 0.05, "epochs": 4, "batch": 4, **plan}
    return Run(
        random_network(4, units, names, seed, dtype),
        objective,
        TASKS[task],
        parts[0],
        parts[1] if validation else None,
        Plan(pick(OPTIMIZERS, optimizer, "optimizer"), schedule=pick(SCHEDULES, schedule, "schedule"), **settings),  # type: ignore[arg-type]
        default_rng(seed),
    )


def alone(run: Run) -> Outcome:
    """The outcome of `train`."""
    network = run.network.with_theta(run.network.theta.copy())
    epochs: list[Epoch] = []
    diverged = None
    try:
        for epoch in Training(Run(network, *run[1:])).epochs():
            epochs.append(epoch)
    except Diverged as error:
        diverged = error.at
    best = min(epochs, key=lambda epoch: epoch.watched).number if epochs else None
    return Outcome(tuple(epochs), network.theta, best, diverged)


def assert_same(found: list[Outcome], expected: list[Outcome]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert ours._replace(epochs=(), theta=None) == theirs._replace(epochs=(), theta=None)  # type: ignore[arg-type]
        assert [epoch._replace(seconds=0) for epoch in ours.epochs] == [e._replace(seconds=0) for e in theirs.epochs]
        assert np.array_equal(ours.theta, theirs.theta)


def check(settings: Sequence[dict[str, Any]], blocks: Sequence[int] | None = None) -> list[Outcome]:
    """Trains a network with each of these settings in one stack, or in several of these sizes, and each alone."""
    runs, again = ([run_of(seed, **more) for seed, more in enumerate(settings)] for _ in range(2))
    assert len({stackable(run) for run in runs}) == 1
    assert stackable(runs[0]) is not None
    expected = [alone(run) for run in again]
    ends = np.cumsum(blocks or [len(runs)])
    found = [
        outcome
        for part in np.split(np.arange(len(runs)), ends[:-1])
        for outcome in train_stack([runs[i] for i in part])
    ]
    assert_same(found, expected)
    return found


DTYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])
RULES = [name for name, row in OPTIMIZERS.items() if row.rule is not None]
PAIRS = [(name, loss) for name in ACTIVATIONS for loss in LOSSES if goes_together(loss, name)]


# ----- The same bits, for every row of the tables ---------------------------------------------------------------------


@DTYPES
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_hidden_activation(name: str, dtype: type) -> None:
    check([{"units": (5, 4, 3), "names": (name, name, "softmax"), "dtype": dtype}] * 3)


@DTYPES
@pytest.mark.parametrize(("name", "loss"), PAIRS)
def test_every_output_with_every_loss(name: str, loss: str, dtype: type) -> None:
    check([{"names": ("tanh", name), "loss": loss, "validation": 5, "dtype": dtype}] * 3)


@DTYPES
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("outputs", [1, 2, 40])
def test_every_task(task: str, outputs: int, dtype: type) -> None:
    more = {"units": (3, outputs), "names": ("relu", "sigmoid"), "loss": "bce", "task": task}
    check([{**more, "validation": 5, "dtype": dtype}] * 3)


@DTYPES
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("rule", RULES)
def test_every_optimizer_with_every_schedule(rule: str, schedule: str, dtype: type) -> None:
    schedule = f"{schedule}:patience=1" if schedule == "plateau" else schedule
    more = {"optimizer": rule, "schedule": schedule, "dtype": dtype, "epochs": 6}
    check([{**more, "learning_rate": rate} for rate in (0.01, 0.1, 0.5)])


def test_a_rule_of_ones_own_that_calculates_with_its_constants() -> None:
    def decaying(theta, g, slots, eta, t, p, work):  # type: ignore[no-untyped-def]
        theta *= 1 - eta * p["decay"].value
        np.subtract(theta, np.multiply(g, eta * p["decay"].value ** (1 / t), out=work), out=theta)

    row = replace(OPTIMIZERS["sgd"], name="decaying", rule=decaying, moves_without_gradient=True)
    runs, again = ([run_of(seed, dtype=np.float32) for seed in range(3)] for _ in range(2))
    for these in (runs, again):
        for i, (run, decay) in enumerate(zip(these, (0.01, 0.3, 0.1), strict=True)):
            plan = run.plan._replace(optimizer=replace(row, parameters={"decay": decay}), learning_rate=0.1 + 0.1 * i)
            these[i] = run._replace(plan=plan)
    assert_same(train_stack(runs), [alone(run) for run in again])


# ----- The same bits, for what networks of a stack differ in ----------------------------------------------------------


@DTYPES
@pytest.mark.parametrize("rule", RULES)
def test_constants_of_the_optimizer_may_differ(rule: str, dtype: type) -> None:
    names = OPTIMIZERS[rule].parameters
    values = [
        [f"{name}={value}" for name, value in zip(names, row, strict=False)]
        for row in ((0.9, 0.95, 0.1), (0.7, 0.8, 1e-3), (0.9, 0.9, 1e-7))
    ]
    check([{"optimizer": ":".join([rule, *row]), "dtype": dtype} for row in values])


@DTYPES
@pytest.mark.parametrize("regularize_bias", [False, True])
@pytest.mark.parametrize("penalties", [("l1",), ("l2",), ("l1", "l2")], ids="-".join)
def test_coefficients_of_the_penalty_may_differ(penalties: tuple[str, ...], regularize_bias: bool, dtype: type) -> None:
    rows = [dict.fromkeys(penalties, value) for value in (0.1, 0.3, 0.1)]
    for parts in (rows, rows[:1] * 2):
        check([{**row, "regularize_bias": regularize_bias, "dtype": dtype} for row in parts])


@pytest.mark.parametrize("validation", [0, 5])
def test_each_stops_by_its_own_patience(validation: int) -> None:
    plans = [(0.001, None), (1.0, 1), (0.9, 2), (0.001, 3), (2.0, 1), (1.5, 2), (0.01, 1)]
    found = check(
        [
            {"validation": validation, "learning_rate": rate, "patience": patience, "epochs": 12}
            for rate, patience in plans
        ]
    )
    assert len({len(outcome.epochs) for outcome in found}) > 2


def test_each_trains_for_its_own_epochs() -> None:
    found = check([{"epochs": n, "schedule": schedule} for n in (1, 5, 0, 3, 9) for schedule in ("cosine", "step")])
    assert [len(outcome.epochs) for outcome in found] == [1, 1, 5, 5, 0, 0, 3, 3, 9, 9]


@DTYPES
@pytest.mark.parametrize("patience", [None, 2])
@pytest.mark.parametrize("batch", [4, 13])
def test_one_that_diverges_does_not_disturb_the_others(batch: int, patience: int | None, dtype: type) -> None:
    more = {"names": ("relu", "linear"), "loss": "mse", "task": "regression", "optimizer": "sgd"}
    found = check(
        [
            {**more, "learning_rate": rate, "batch": batch, "patience": patience, "epochs": 9, "dtype": dtype}
            for rate in (0.01, 1e30, 0.02, 30.0, 0.01)
        ]
    )
    stopped_before = patience is not None and batch == 13
    assert [o.diverged is not None for o in found] == [False, True, False, not stopped_before, False]


@DTYPES
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("classes", "samples"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("task", TASKS)
def test_weights_of_classes_and_samples_may_differ(
    monkeypatch: pytest.MonkeyPatch, task: str, classes: bool, samples: bool, reduction: str, dtype: type
) -> None:
    """Some samples, and all of some batches, have weight 0; two networks share their samples and not their classes."""
    monkeypatch.setattr(predicting, "SUMMARY_BLOCK", 13 * 3 * 8 * 2)  # two of the networks at a time, or all in float32
    classes &= TASKS[task].one_class_each
    outputs = {"binary": 1, "regression": 2}.get(task, 3)
    last, loss = {"binary": ("sigmoid", "bce"), "regression": ("linear", "mae")}.get(task, ("sigmoid", "mse"))

    def weighted(run: Run, seed: int) -> Run:
        g = default_rng([seed, 2])
        of_classes = tuple(g.random(max(outputs, 2))) if classes else None
        objective = replace(run.objective, batch_reduction=reduction, class_weights=of_classes)
        parts = [
            replace(part, weights=g.random(len(part)) * (g.random(len(part)) < 0.6) if samples else None)
            for part in (run.training, run.validation)
            if part is not None
        ]
        return run._replace(objective=objective, training=parts[0], validation=parts[1])

    def runs() -> list[Run]:
        more = {"units": (4, outputs), "names": ("relu", last), "loss": loss, "task": task, "validation": 5}
        made = [weighted(run_of(seed, batch=2, dtype=dtype, **more), seed) for seed in range(4)]  # type: ignore[arg-type]
        return [*made, run_of(9, batch=2, dtype=dtype, **more)._replace(**_shared(made[0], made[1]))]  # type: ignore[arg-type]

    assert len({stackable(run) for run in runs()}) == 1
    assert_same(train_stack(runs()), [alone(run) for run in runs()])


def _shared(one: Run, other: Run) -> dict[str, Any]:
    return {"training": one.training, "validation": one.validation, "objective": other.objective}


# ----- The same bits, for what they have in common --------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [(1, 6), (2, 5), (3, 3, 1), (7,), (4, 1, 2)], ids=str)
def test_the_size_of_a_stack_changes_nothing(blocks: tuple[int, ...]) -> None:
    rates = (0.1, 0.2, 0.05, 0.1, 0.3, 0.2, 0.1)
    check([{"learning_rate": rate, "patience": 2, "epochs": 6} for rate in rates], blocks)


@DTYPES
@pytest.mark.parametrize("freeze_bias", [False, True])
@pytest.mark.parametrize(("samples", "batch"), [(13, 1), (13, 4), (12, 4), (13, 100), (1, 1), (300, 64)])
def test_every_size_of_batch(samples: int, batch: int, freeze_bias: bool, dtype: type) -> None:
    check([{"samples": samples, "batch": batch, "freeze_bias": freeze_bias, "dtype": dtype, "validation": 300}] * 3)


@DTYPES
@pytest.mark.parametrize("units", [(3,), (1, 3), (1, 1, 2), (17, 33, 5), (200, 3)], ids=str)
def test_every_shape(units: tuple[int, ...], dtype: type) -> None:
    names = (*["prelu"] * (len(units) - 1), "softmax")
    check([{"units": units, "names": names, "dtype": dtype, "epochs": 2, "optimizer": "rmsprop"}] * 3)


@DTYPES
def test_samples_in_several_blocks(monkeypatch: pytest.MonkeyPatch, dtype: type) -> None:
    monkeypatch.setattr(sample_blocks, "BLOCK", 100)
    monkeypatch.setattr(predicting, "SUMMARY_BLOCK", 29 * 3 * 8 * 2)  # two of the three networks, or all in float32
    check([{"samples": 29, "validation": 5, "dtype": dtype}] * 3)


@DTYPES
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("stored", [np.float64, np.uint8])
def test_features_and_targets_in_their_own_units(
    monkeypatch: pytest.MonkeyPatch, shared: bool, stored: type, dtype: type
) -> None:
    monkeypatch.setattr(predicting, "SUMMARY_BLOCK", 1)  # one network after the other

    def in_units(samples: Samples | None, seed: int) -> Samples | None:
        g = default_rng(seed)
        x = (100 * np.abs(samples.x)).astype(stored)
        scaling = Scaling(np.array(0.0), np.array(255.0)) if stored is np.uint8 else Scaling(*g.random((2, 4)))
        return replace(samples, x=x, scaling=scaling, unit=g.random(2))

    def runs() -> list[Run]:
        made = [run_of(s, (4, 2), ("tanh", "linear"), "mse", "regression", validation=5, dtype=dtype) for s in range(4)]
        parts = [[in_units(part, seed) for part in (run.training, run.validation)] for seed, run in enumerate(made)]
        return [
            run._replace(training=parts[0 if shared else i][0], validation=parts[0 if shared else i][1])
            for i, run in enumerate(made)
        ]

    assert_same(train_stack(runs()), [alone(run) for run in runs()])


def test_the_initial_network_is_not_changed() -> None:
    run = run_of(1)
    before = run.network.theta.copy()
    train_stack([run])
    assert np.array_equal(run.network.theta, before)


@pytest.mark.parametrize(
    "changes",
    [
        {"units": (6, 3)},
        {"names": ("tanh", "softmax")},
        {"names": ("leaky-relu:0.2", "softmax")},
        {"loss": "mse"},
        {"optimizer": "sgd"},
        {"samples": 14},
        {"validation": 3},
        {"dtype": np.float32},
        {"l1": 0.1},
        {"l2": 0.1},
        {"batch": 5},
        {"freeze_bias": True},
    ],
    ids=str,
)
def test_what_a_stack_has_in_common(changes: dict[str, object]) -> None:
    assert stackable(run_of(1)) != stackable(run_of(1, **changes))  # type: ignore[arg-type]


def test_weighted_runs_and_others_are_no_stack() -> None:
    run = run_of(1, validation=5)
    assert run.validation is not None
    training, validation = (replace(part, weights=np.ones(len(part))) for part in (run.training, run.validation))
    changes = {
        "training": training,
        "validation": validation,
        "objective": replace(run.objective, class_weights=(1, 2, 3)),
    }
    keys = [stackable(run), *(stackable(run._replace(**{name: value})) for name, value in changes.items())]
    assert len(set(keys)) == 4


def test_an_optimizer_without_a_rule_and_a_large_network_train_alone() -> None:
    for run in (run_of(1, optimizer="random-search"), run_of(1, units=(20_000, 3))):
        assert stackable(run) is None
        assert block_size(run) == 1
    run = run_of(1, optimizer="random-search")
    assert_same(train_stack([run]), [alone(run._replace(generator=default_rng(1)))])


def test_a_smaller_network_is_trained_in_larger_blocks() -> None:
    sizes = [block_size(run_of(1, units=(hidden, 3))) for hidden in (4, 256, 9000)]
    assert sizes[0] == 64 > sizes[1] > sizes[2] == 1


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        # 4-256-3 has 4 · 256 + 256 + 256 · 3 + 3 = 2051 parameters; in batches of 4, with 259 units in all:
        # (4 · 4 · 259 + 5 · 2051) · 8 = 115,192 bytes, 18 times in 2 MiB, and half of that in float32
        ({}, 18),
        ({"dtype": np.float32}, 36),
        ({"batch": 100}, 11),  # of 13 samples: (4 · 13 · 259 + 5 · 2051) · 8 = 189,784 bytes
        # 60,000 and 40,000 samples of 4 features and 3 outputs are 12.8 MB, 5 times in 64 MiB
        ({"samples": 60_000, "validation": 40_000}, 5),
    ],
)
def test_a_block_is_as_large_as_the_cache_of_a_core(changes: dict[str, Any], size: int) -> None:
    assert block_size(run_of(1, **{"units": (256, 3), **changes})) == size


def test_many_samples_are_trained_in_smaller_blocks() -> None:
    # 100,000 samples of 4 features and 3 outputs, in float64: 100,000 · (4 + 4 · 3) · 8 = 12.8 MB, 5 times in 64 MiB
    assert block_size(run_of(1, samples=100_000)) == 5


def test_samples_of_another_scaling_by_one_number_are_no_stack() -> None:
    run = run_of(1)
    scaling = replace(run.training.scaling, scale=np.array(2.0))
    other = run._replace(training=replace(run.training, scaling=scaling))
    assert stackable(run) != stackable(other)


def test_networks_share_the_seconds_of_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six seconds of three networks, then three of the two that train for another epoch."""
    monkeypatch.setattr("mlpcli.core.stack.perf_counter", iter([100.0, 106.0, 200.0, 203.0]).__next__)
    found = train_stack([run_of(seed, epochs=epochs) for seed, epochs in enumerate((1, 2, 2))])
    assert [[epoch.seconds for epoch in outcome.epochs] for outcome in found] == [[2], [2, 1.5], [2, 1.5]]


def test_runs_that_are_no_stack_train_one_by_one() -> None:
    runs, again = ([run_of(seed, optimizer="random-search") for seed in (1, 2)] for _ in "12")
    assert_same(train_stack(runs), list(map(alone, again)))


def test_a_last_update_that_is_too_large_is_seen_in_its_epoch() -> None:
    """The rate of the second epoch is 10³⁰⁸ times as large, and the only batch comes before the update."""
    linear = {"units": (3,), "names": ("linear",), "loss": "mse", "task": "regression", "optimizer": "sgd"}
    schedules = ("exponential:1e308", "constant", "exponential:0.5")
    found = check([{**linear, "batch": 13, "learning_rate": 10.0, "schedule": schedule} for schedule in schedules])
    assert [outcome.diverged for outcome in found] == ["epoch 2, batch 1", None, None]


def test_an_infinite_output_is_seen_although_the_loss_is_finite() -> None:
    """tanh of it is 1, and its derivative 0: neither the loss nor the weights tell."""

    def run(seed: int) -> Run:
        made = run_of(seed, (1,), ("tanh",), "mse", "regression", samples=40)
        if seed != 1:
            return made
        large = replace(made.training, x=default_rng(3).uniform(0, 1.7e308, made.training.x.shape))
        return made._replace(training=large, network=made.network.with_theta(np.array([0.5, 0.5, 0.5, 0.5, 0])))

    found = train_stack([run(seed) for seed in range(3)])
    assert_same(found, [alone(run(seed)) for seed in range(3)])
    assert [outcome.diverged is None for outcome in found] == [True, False, True]
