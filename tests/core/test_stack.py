"""Training many networks at once: each like `Training` alone, to the bit."""

from dataclasses import replace

import numpy as np
import pytest
from core_helpers import random_network, random_targets, samples_of
from numpy.random import default_rng

from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.stack import Outcome, Run, block_size, stackable, train_stack
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Diverged, Plan, train
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
        for epoch in train(network, *run[1:]):
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


def test_a_stack_trains_as_its_networks_alone() -> None:
    settings = [{}, {"learning_rate": 0.1}, {"epochs": 2}, {"schedule": "cosine"}, {"optimizer": "adam:beta1=0.5"}]
    runs = [[run_of(seed, **more) for seed, more in enumerate(settings)] for _ in range(2)]  # type: ignore[arg-type]
    assert len({stackable(run) for run in runs[0]}) == 1
    assert_same(train_stack(runs[0]), [alone(run) for run in runs[1]])


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


def test_an_optimizer_without_a_rule_and_a_large_network_train_alone() -> None:
    for run in (run_of(1, optimizer="random-search"), run_of(1, units=(20_000, 3))):
        assert stackable(run) is None
        assert block_size(run) == 1
    run = run_of(1, optimizer="random-search")
    assert_same(train_stack([run]), [alone(run._replace(generator=default_rng(1)))])


def test_a_smaller_network_is_trained_in_larger_blocks() -> None:
    sizes = [block_size(run_of(1, units=(hidden, 3))) for hidden in (4, 64, 1000)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] >= 1


def test_samples_of_another_scaling_by_one_number_are_no_stack() -> None:
    run = run_of(1)
    scaling = replace(run.training.scaling, scale=np.array(2.0))
    other = run._replace(training=replace(run.training, scaling=scaling))
    assert stackable(run) != stackable(other)
