"""A training that diverges leaves the network with its last finite weights, and says which these are."""

import re
from typing import Any

import numpy as np
import pytest
from core_helpers import random_network, samples_of
from numpy.random import default_rng

from mlpcli.core.arrays import Array
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import Samples
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Diverged, Plan, Run, Training

G = default_rng(5)
SAMPLES = samples_of(G.normal(size=(10, 2)), G.normal(size=(10, 1)))
SEED = 7


def training_of(
    network: Network, optimizer: str, rate: float, held_out: Samples | None = None, **more: Any
) -> Training:
    plan = Plan(pick(OPTIMIZERS, optimizer, "optimizer"), rate, SCHEDULES["constant"], 400, 4, **more)
    objective, task = objective_of(LOSSES["mse"]), TASKS["regression"]
    return Training(Run(network, objective, task, SAMPLES, held_out, plan, default_rng(SEED)))


def diverged(training: Training) -> Diverged:
    with pytest.raises(Diverged) as caught:
        list(training.epochs())
    return caught.value


def place(words: str) -> tuple[int, int | None]:
    """Epoch and batch, from words."""
    epoch, batch = re.findall(r"epoch (\d+)(?:, batch (\d+))?", words)[0]
    return int(epoch), int(batch) if batch else None


def updates(w: Array, b: Array, eta: float) -> list[tuple[tuple[int, int], Array]]:
    """Plain gradient descent of a line, mean squares in batches of 4: every θ = (w, b) up to one that is not finite."""
    order, found = default_rng(SEED), [((0, 0), np.append(w, b))]
    with np.errstate(all="ignore"):
        for epoch in range(1, 401):
            places = order.permutation(len(SAMPLES))
            for batch, first in enumerate(range(0, len(places), 4), 1):
                x, y = SAMPLES.x[places[first : first + 4]], SAMPLES.y[places[first : first + 4]]
                da = 2 * (x @ w + b - y[:, 0]) / len(x)
                w, b = w - eta * da @ x, b - eta * da.sum()
                if not np.isfinite([*w, b]).all():
                    return found
                found.append(((epoch, batch), np.append(w, b)))
    return found


@pytest.mark.parametrize("rate", [1e200, 1e80, 1e30, 10.0])
def test_they_are_those_of_a_plain_numpy_loop(rate: float) -> None:
    """Noticed in the first epoch or in a later one. The loop stops when θ is infinite, training at the latest then: a
    batch whose outputs are infinite comes before."""
    network = random_network(2, [1], ["linear"])
    theta = network.theta.copy()
    problem = diverged(training_of(network, "sgd", rate))
    epoch, batch = place(problem.weights)
    wanted = dict(updates(theta[:2], theta[2], rate))[epoch, 3 if batch is None else batch]
    assert np.isfinite(network.theta).all()
    np.testing.assert_allclose(network.theta, wanted, rtol=1e-9)
    noticed, last = place(problem.at), max(dict(updates(theta[:2], theta[2], rate)))
    assert (epoch, 3 if batch is None else batch) == last or noticed <= last


def test_the_batch_that_is_named_is_the_one_that_made_a_weight_infinite() -> None:
    """tanh of an infinite a is finite: the outputs of the next batch tell nothing of it."""
    network = random_network(2, [5, 1], ["tanh", "linear"])
    problem = diverged(training_of(network, "sgd", 1e200))
    assert place(problem.at) == (1, 2)
    assert place(problem.weights) == (1, 1)


RULES = [row.name for row in OPTIMIZERS.values() if row.rule is not None]
TOO_LARGE = [
    *((name, np.float64, 1e150) for name in RULES),
    *((name, np.float32, 1e20) for name in RULES),
    ("random-search", np.float64, 1e154),  # keeps what lets the loss fall: this one lasts for some epochs
    ("random-search", np.float32, 3e19),
]


@pytest.mark.parametrize(("optimizer", "dtype", "rate"), TOO_LARGE)
def test_they_are_those_that_the_network_had_after_that_batch(optimizer: str, dtype: type, rate: float) -> None:
    """To the bit: the updates that are made again draw the same numbers and have the same running values."""
    network, thetas = random_network(2, [5, 1], ["relu", "linear"], dtype=dtype), dict[tuple[int, int], bytes]()

    def watch(epoch: int, done: int, summary: object) -> None:
        thetas[epoch, -(-done // 4)] = network.theta.tobytes()

    with pytest.raises(Diverged) as caught:
        list(training_of(network, optimizer, rate).epochs(watch))
    epoch, batch = place(caught.value.weights)
    assert network.theta.tobytes() == thetas[epoch, batch or 3]
    assert np.isfinite(network.theta).all()


def test_weights_whose_first_outputs_are_infinite_stay() -> None:
    network = random_network(2, [1], ["linear"])
    network.theta[...] = theta = np.array([1.7e308, 1.7e308, 1.7e308])
    assert diverged(training_of(network, "sgd", 1e-3)).weights == "the initial weights"
    assert (network.theta == theta).all()


def test_with_patience_they_are_the_best() -> None:
    """As when an epoch is the last: training ends with them."""
    held_out = samples_of(np.array([[30.0, 30.0]]), np.ones((1, 1)))
    network, thetas = random_network(2, [1], ["linear"]), dict[int, tuple[float, Array]]()
    epochs = training_of(network, "sgd", 2.0, held_out, patience=300).epochs()
    with pytest.raises(Diverged) as caught:
        thetas.update((epoch.number, (epoch.watched, network.theta.copy())) for epoch in epochs)
    best = min(thetas, key=lambda number: thetas[number][0])
    assert len(thetas) > best
    assert caught.value.weights == f"the best, of epoch {best}"
    assert (network.theta == thetas[best][1]).all()


def test_inputs_that_are_left_out_keep_their_weights() -> None:
    """So many weights that zero inputs are not trained: the weights come back into the whole network."""
    x = G.normal(size=(12, 300))
    x[:, ::3] = 0
    network = random_network(300, [200, 3], ["relu", "softmax"])
    before = network.theta.copy()
    plan = Plan(OPTIMIZERS["sgd"], 1e200, SCHEDULES["constant"], 5, 4)
    samples, objective = samples_of(x, np.eye(3)[G.integers(0, 3, 12)]), objective_of(LOSSES["cce"])
    training = Training(Run(network, objective, TASKS["multiclass"], samples, None, plan, default_rng(SEED)))
    assert diverged(training).weights == "the last finite ones, after epoch 1, batch 1"
    was = network.with_theta(before).parameters
    assert np.isfinite(network.theta).all()
    assert (network.parameters[0].W[:, ::3] == was[0].W[:, ::3]).all()
    assert (network.parameters[0].W[:, 1::3] != was[0].W[:, 1::3]).any()
    assert (network.parameters[1].b != was[1].b).any()
