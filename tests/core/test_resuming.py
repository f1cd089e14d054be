"""A training that is broken off and goes on from its state ends with the same bits as one that was never broken off."""

from collections.abc import Iterator
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from core_helpers import random_network, samples_of
from numpy.random import default_rng

from mlpcli.core.errors import ConditionError, MlpError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, cast, count
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import Samples
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Plan, Run, Training
from mlpcli.core.training_records import Best, Epoch, TrainingState

G = default_rng(3)
EPOCHS = 6
TRAINING = samples_of(G.normal(size=(23, 3)), np.eye(3)[G.integers(0, 3, 23)])
HELD_OUT = samples_of(G.normal(size=(11, 3)), np.eye(3)[G.integers(0, 3, 11)])
RESUMABLE = [
    f"{row.name}:tries=1" if "tries" in row.parameters else row.name for row in OPTIMIZERS.values() if not row.solves
]
SCHEDULED = [*SCHEDULES, "step:every=2"]  # what a schedule keeps does not depend on the optimizer


def network_of(seed: int, dtype: str = "float64") -> Network:
    return cast(random_network(3, [5, 3], ["prelu", "softmax"], seed=seed), dtype)


def training_of(network: Network, plan: Plan, seed: int, held_out: Samples | None = None, l2: float = 0) -> Training:
    objective = objective_of(LOSSES["cce"], l2=l2)
    return Training(Run(network, objective, TASKS["multiclass"], TRAINING, held_out, plan, default_rng(seed)))


def plan_of(optimizer: str = "adam", schedule: str = "constant", **more: Any) -> Plan:
    rows = pick(OPTIMIZERS, optimizer, "optimizer"), pick(SCHEDULES, schedule, "schedule")
    return Plan(rows[0], 0.05, rows[1], more.pop("epochs", EPOCHS), more.pop("batch", 4), **more)


def timeless(epochs: Iterator[Epoch]) -> list[Epoch]:
    return [epoch._replace(seconds=0.0) for epoch in epochs]


def broken_off(plan: Plan, after: int, dtype: str, held_out: Samples | None) -> tuple[list[Epoch], Network]:
    """Trains so many epochs, throws all away but the state, and goes on with another network and another seed."""
    first = training_of(network_of(1, dtype), plan, 7, held_out)
    epochs = timeless(islice(first.epochs(), after))
    network = network_of(2, dtype)
    second = training_of(network, plan, 8, held_out)
    second.restore(first.state())
    return epochs + timeless(second.epochs()), network


@pytest.mark.parametrize(("dtype", "patience"), [("float64", None), ("float32", 2)])
@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [*((name, "plateau:patience=1") for name in RESUMABLE), *(("adam", name) for name in SCHEDULED)],
)
def test_the_end_is_the_same_to_the_bit(optimizer: str, schedule: str, dtype: str, patience: int | None) -> None:
    plan = plan_of(optimizer, schedule, patience=patience)
    for held_out in (None, HELD_OUT):
        network = network_of(1, dtype)
        epochs = timeless(training_of(network, plan, 7, held_out).epochs())
        for after in {1, len(epochs) // 2, len(epochs)}:
            found, other = broken_off(plan, after, dtype, held_out)
            assert other.theta.tobytes() == network.theta.tobytes()
            assert found == epochs


@pytest.mark.parametrize("patience", [None, 1])
def test_a_state_of_the_end_has_nothing_left_to_do(patience: int | None) -> None:
    """After early stopping too: the weights are then the best ones, which the state has beside the last."""
    plan = plan_of("adam:beta1=0.5", patience=patience, batch=1)
    network = network_of(1)
    first = training_of(network, plan, 7, HELD_OUT)
    assert list(first.epochs())
    other = network_of(2)
    second = training_of(other, plan, 8, HELD_OUT)
    second.restore(first.state())
    assert list(second.epochs()) == []
    assert patience is not None or other.theta.tobytes() == network.theta.tobytes()


@pytest.mark.parametrize("schedule", [row.name for row in SCHEDULES.values() if not row.depends_on_epochs])
def test_more_epochs_may_follow(schedule: str) -> None:
    network, longer = network_of(1), network_of(1)
    first = training_of(network, plan_of(schedule=schedule), 7)
    assert len(list(first.epochs())) == EPOCHS
    second = training_of(network, plan_of(schedule=schedule, epochs=EPOCHS + 5), 8)
    second.restore(first.state())
    numbers = [epoch.number for epoch in second.epochs()]
    assert numbers == list(range(EPOCHS + 1, EPOCHS + 6))
    assert list(training_of(longer, plan_of(schedule=schedule, epochs=EPOCHS + 5), 7).epochs())
    assert network.theta.tobytes() == longer.theta.tobytes()


def test_a_network_with_zero_inputs_goes_on_without_them() -> None:
    """Wide enough that zero inputs are left out in training; their weights stay as they were drawn."""
    x = G.normal(size=(40, 300))
    x[:, ::3] = 0
    samples = samples_of(x, np.eye(3)[G.integers(0, 3, 40)])

    def begun(network: Network, seed: int) -> Training:
        objective = objective_of(LOSSES["cce"])
        return Training(Run(network, objective, TASKS["multiclass"], samples, None, plan_of("adam"), default_rng(seed)))

    whole, first, second = (random_network(300, [200, 3], ["relu", "softmax"], seed=s) for s in (1, 1, 2))
    assert len(list(begun(whole, 7).epochs())) == EPOCHS
    training = begun(first, 7)
    assert len(list(islice(training.epochs(), 4))) == 4
    state = training.state()
    assert state.slots["m"].size < state.theta.size == count(first.layers)  # so that inputs are left out here
    other = begun(second, 8)
    other.restore(state)
    assert len(list(other.epochs())) == EPOCHS - 4
    assert second.theta.tobytes() == whole.theta.tobytes()


def test_a_state_does_not_change_when_training_goes_on() -> None:
    training = training_of(network_of(1), plan_of(patience=50), 7)
    epochs = training.epochs()
    next(epochs)
    state = training.state()
    before = repr(state)
    next(epochs)
    next(epochs)
    assert repr(state) == before
    assert repr(training.state()) != before


def test_a_state_is_copied_once_between_two_epochs() -> None:
    training = training_of(network_of(1), plan_of(), 7)
    for epoch in training.epochs():
        assert training.state() is training.state()
        assert training.state().epoch == epoch.number
        assert training.state().theta.tobytes() == training.network.theta.tobytes()
    other = training.state()._replace(epoch=1, theta=-training.network.theta)
    training.restore(other)
    assert repr(training.state()) == repr(other)


@pytest.mark.parametrize(
    "change",
    [
        {"theta": np.zeros(3)},
        {"best": Best(1.0, 0, np.zeros(3))},
        {"slots": {}},
        {"slots": {"m": np.zeros(2), "v": np.zeros(2)}},
        {"slots": {"v": np.zeros(38), "s": np.zeros(38)}},
        {"generator": {"bit_generator": "MT19937"}},
        {"generator": {}},
        {"generator": {"bit_generator": "PCG64", "state": {"state": "x", "inc": 1}, "has_uint32": 0, "uinteger": 0}},
    ],
)
def test_a_state_of_something_else_is_refused(change: dict[str, Any]) -> None:
    training = training_of(network_of(1), plan_of(), 7)
    next(training.epochs())
    state: TrainingState = training.state()._replace(**change)
    told = {
        "theta": "^3 parameters, but the network has 43$",  # 5 · 3 + 5 + 5 slopes, and 3 · 5 + 3
        "best": "^3 parameters, but the network has 43$",
        "slots": "^the optimizer state does not fit the network$",
        "generator": "^the state of the random numbers does not fit the generator$",
    }
    with pytest.raises(MlpError, match=told[next(iter(change))]):
        training_of(network_of(1), plan_of(), 7).restore(state)


# ----- A stop -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", RESUMABLE)
@pytest.mark.parametrize("batches", [1, 5, 6, 7, 12])
def test_a_stop_ends_training_after_the_batch_at_hand(optimizer: str, batches: int) -> None:
    """23 samples in batches of 4 are 6 batches an epoch; the weights are those of the same batch without a stop."""
    stop, network, unstopped, thetas = SimpleNamespace(asked=0), network_of(1), network_of(1), list[bytes]()

    def count_batches(number: int, samples: int, summary: object) -> None:
        stop.asked = int((number - 1) * 6 + -(-samples // 4) == batches)

    plan = plan_of(optimizer)
    found = list(training_of(network, plan, 7).epochs(count_batches, lambda: stop.asked))
    list(training_of(unstopped, plan, 7).epochs(lambda *_: thetas.append(unstopped.theta.tobytes())))
    assert len(found) == batches // 6  # an epoch that was not finished is no record
    assert network.theta.tobytes() == thetas[batches - 1]


def test_the_place_is_told_before_within_and_after_an_epoch() -> None:
    stop, places = SimpleNamespace(asked=0), list[str]()
    training = training_of(network_of(1), plan_of(), 7)

    def watch(number: int, samples: int, summary: object) -> None:
        places.append(training.place)
        stop.asked = int(number == 3 and samples == 8)

    assert training.place == ""
    for epoch in training.epochs(watch, lambda: stop.asked):
        assert training.place == f"after epoch {epoch.number} of 6"
    assert training.place == "in epoch 3 of 6"
    assert places[:5] == ["in epoch 1 of 6"] * 5
    assert places[6:11] == ["in epoch 2 of 6"] * 5
    assert (training.samples, training.finished) == (23, False)


def test_a_stop_puts_the_best_weights_back_where_patience_asks_for_them() -> None:
    """The binary step has no gradient, and so the first epoch's loss is the best; the penalty moves the weights."""
    layers = random_network(3, [3, 3], ["step", "linear"])
    stop, states = SimpleNamespace(asked=0), list[TrainingState]()
    objective = objective_of(LOSSES["mse"], l2=0.1)
    plan = plan_of("sgd", patience=100)
    training = Training(Run(layers, objective, TASKS["regression"], TRAINING, HELD_OUT, plan, default_rng(7)))
    for epoch in training.epochs(lambda *_: None, lambda: stop.asked):
        states.append(training.state())
        stop.asked = int(epoch.number == 5)
    best = int(np.argmin([state.best.loss for state in states]))
    assert layers.theta.tobytes() == states[best].theta.tobytes()


def test_a_stop_before_the_first_batch_trains_nothing() -> None:
    network = network_of(1)
    before = network.theta.tobytes()
    assert list(training_of(network, plan_of(), 7).epochs(stop=lambda: 2)) == []
    assert network.theta.tobytes() == before


def test_weights_of_zero_inputs_are_whole_after_a_stop_within_an_epoch() -> None:
    x = G.normal(size=(40, 300))
    x[:, ::3] = 0
    samples = samples_of(x, np.eye(3)[G.integers(0, 3, 40)])
    network = random_network(300, [200, 3], ["relu", "softmax"])
    before, stop = network.theta.copy(), SimpleNamespace(asked=0)

    def ask(number: int, samples: int, summary: object) -> None:
        stop.asked = 15

    plan, objective = plan_of("sgd"), objective_of(LOSSES["cce"])
    training = Training(Run(network, objective, TASKS["multiclass"], samples, None, plan, default_rng(7)))
    assert list(training.epochs(ask, lambda: stop.asked)) == []
    was = network.with_theta(before).parameters
    assert np.array_equal(network.parameters[0].W[:, ::3], was[0].W[:, ::3])
    moved = network.parameters[0].W != was[0].W
    assert moved[:, 1::3].any()
    assert (network.parameters[1].b != was[1].b).any()


def test_divergence_is_found_although_a_stop_was_asked_for() -> None:
    """A step of 10³⁰⁸ times a gradient beyond 2 is no number."""
    stop = SimpleNamespace(asked=0)

    def ask(number: int, samples: int, summary: object) -> None:
        stop.asked = 15

    plan = plan_of("sgd", batch=23)._replace(learning_rate=1e308)
    objective = objective_of(LOSSES["cce"], batch_reduction="sum")
    training = Training(Run(network_of(1), objective, TASKS["multiclass"], TRAINING, None, plan, default_rng(7)))
    with pytest.raises(ConditionError, match="epoch 1, batch 1"):
        list(training.epochs(ask, lambda: stop.asked))
