"""Training without zero inputs gives what training with them gives."""

from dataclasses import replace

import numpy as np
import pytest
from core_helpers import random_network

from mlpcli.core import zero_inputs
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Layer, Network
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Plan, Run, Training
from mlpcli.core.training_records import Epoch
from mlpcli.core.zero_inputs import may_be_narrowed, without_zero_inputs

INPUTS, UNITS = 200, 300  # 60,000 weights
IDLE = np.arange(0, INPUTS, 5)
GRADIENT_RULES = [name for name, row in OPTIMIZERS.items() if row.rule is not None]


def network_and_samples(scaling: Scaling, constant: Array | float = 0.0) -> tuple[Network, Samples, Samples]:
    """A network, training samples whose idle features are `constant`, and samples where they are not."""
    g = np.random.default_rng(3)
    x = g.normal(size=(40, INPUTS))
    held_out = x + g.normal(size=x.shape)
    x[:, IDLE] = constant
    y = np.eye(3)[g.integers(0, 3, 40)]
    network = random_network(INPUTS, [UNITS, 3], ["relu", "softmax"], 5)
    network.theta[...] *= 0.1
    return network, *(Samples(part, y, scaling, np.array(1.0)) for part in (x, held_out))


def trained(optimizer: str, network: Network, training: Samples, held_out: Samples) -> list[Epoch]:
    plan = Plan(OPTIMIZERS[optimizer], 0.01, SCHEDULES["constant"], 3, 16)
    objective, g = objective_of(LOSSES["cce"]), np.random.default_rng(1)
    return list(Training(Run(network, objective, TASKS["multiclass"], training, held_out, plan, g)).epochs())


@pytest.mark.parametrize("optimizer", GRADIENT_RULES)
def test_the_weights_are_those_of_training_with_all_inputs(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network, training, held_out = network_and_samples(Scaling(np.array(0.0), np.array(2.0)))
    start = network.theta.copy()
    other = network.with_theta(start.copy())
    fast = trained(optimizer, network, training, held_out)
    monkeypatch.setattr(zero_inputs, "MANY", 2)
    slow = trained(optimizer, other, training, held_out)
    np.testing.assert_allclose(network.theta, other.theta, rtol=1e-9, atol=1e-12)
    first = network.with_theta(start).parameters[0].W
    assert np.array_equal(network.parameters[0].W[:, IDLE], first[:, IDLE])
    assert not np.array_equal(network.parameters[0].W, first)
    for one, two in zip(fast, slow, strict=True):
        assert one.validation_loss == pytest.approx(two.validation_loss, rel=1e-9)
        assert one.loss == pytest.approx(two.loss, rel=1e-9)


def test_a_feature_is_idle_at_the_mean_that_scaling_takes_away() -> None:
    mean = np.linspace(-1, 1, INPUTS)
    network, training, _ = network_and_samples(Scaling(mean, np.full(INPUTS, 3.0)), mean[IDLE])
    narrow = without_zero_inputs(network, objective_of(LOSSES["cce"]), OPTIMIZERS["adam"], training)
    assert narrow.network.inputs == INPUTS - len(IDLE)
    busy = np.setdiff1d(np.arange(INPUTS), IDLE)
    assert np.array_equal(narrow.samples.x, training.x[:, busy])
    assert np.array_equal(narrow.samples.scaling.mean, mean[busy])
    assert np.array_equal(narrow.network.parameters[0].W, network.parameters[0].W[:, busy])
    assert np.array_equal(narrow.network.parameters[1].W, network.parameters[1].W)


WHY = ["regularizer", "random search", "few idle", "none idle", "some below the mean", "all idle", "small"]


@pytest.mark.parametrize("why", WHY)
def test_where_it_would_not_help_or_not_be_the_same_all_inputs_are_trained(why: str) -> None:
    network, training, _ = network_and_samples(Scaling(np.array(0.0), np.array(1.0)))
    if why == "few idle":
        training.x[0, IDLE[5:]] = 1e-9
    if why == "none idle":
        training.x[-1, IDLE] = 1e-9
    if why == "some below the mean":
        training.x[-1, IDLE] = -1e-9
    if why == "all idle":
        training.x[...] = 0
    if why == "small":
        network = random_network(INPUTS, [8, 3], ["relu", "softmax"])
    objective = objective_of(LOSSES["cce"], l2=0.1 if why == "regularizer" else 0.0)
    optimizer = OPTIMIZERS["random-search" if why == "random search" else "adam"]
    found = without_zero_inputs(network, objective, optimizer, training)
    assert found.network is network
    assert found.samples is training


@pytest.mark.parametrize(("inputs", "units", "narrow"), [(32, 2000, True), (33, 2000, False), (32, 1562, False)])
def test_they_are_left_out_from_a_thirty_second_of_the_inputs_and_from_50_000_weights_on(
    inputs: int, units: int, narrow: bool
) -> None:
    """32 · 2,000 = 64,000 and 33 · 2,000 = 66,000 weights are many, 32 · 1,562 = 49,984 are not."""
    x = np.random.default_rng(3).normal(size=(4, inputs))
    x[:, 0] = 0
    network = random_network(inputs, [units, 3], ["relu", "softmax"])
    samples = Samples(x, np.eye(3)[[0, 1, 2, 0]], Scaling(np.array(0.0), np.array(1.0)), np.array(1.0))
    trained_on = without_zero_inputs(network, objective_of(LOSSES["cce"]), OPTIMIZERS["adam"], samples)
    assert trained_on.network.inputs == inputs - narrow
    assert (trained_on.network is network) is not narrow


@pytest.mark.parametrize(
    ("inputs", "units", "l1", "optimizer", "narrowed"),
    [
        (500, 100, 0.0, "adam", True),
        (49_999, 1, 0.0, "adam", False),
        (500, 100, 1e-9, "adam", False),
        (500, 100, 0.0, "random-search", False),
    ],
)
def test_fifty_thousand_weights_without_any_penalty_are_enough(
    inputs: int, units: int, l1: float, optimizer: str, narrowed: bool
) -> None:
    first, objective = Layer(inputs, units, ACTIVATIONS["relu"]), objective_of(LOSSES["cce"], l1=l1)
    assert may_be_narrowed(first, objective, OPTIMIZERS[optimizer]) == narrowed
    decaying = replace(OPTIMIZERS["sgd"], moves_without_gradient=True)
    assert not may_be_narrowed(first, objective, decaying)
