"""Random search: the objective never rises, no more tries than allowed, biases stay when frozen."""

from itertools import pairwise

import numpy as np
import pytest
from core_helpers import XOR_X, XOR_Y, objective_value, random_network, random_targets
from numpy.random import default_rng

from mlpcli.core.families import pick
from mlpcli.core.gradient_free import RandomSearch
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, objective_of
from mlpcli.core.optimizers import OPTIMIZERS, begin
from mlpcli.core.propagation import forward
from mlpcli.core.steps import Step

X = default_rng(0).normal(size=(8, 2))


def search(network: Network, objective: Objective, text: str = "random-search", freeze_bias: bool = False) -> Step:
    return begin(pick(OPTIMIZERS, text, "optimizer"), network, objective, default_rng(1), freeze_bias)


@pytest.mark.parametrize("settings", [{}, {"l1": 0.05, "l2": 0.1}, {"l2": 0.5, "regularize_bias": True}])
@pytest.mark.parametrize(
    ("name", "loss"), [("softmax", "cce"), ("sigmoid", "bce"), ("linear", "mse"), ("linear", "hinge"), ("prelu", "mae")]
)
def test_objective_never_rises(name: str, loss: str, settings: dict[str, object]) -> None:
    network, objective = random_network(2, [3, 3], ["prelu", name]), objective_of(LOSSES[loss], **settings)
    y = random_targets(LOSSES[loss], 8, 3, seed=2)
    step, values = search(network, objective), [objective_value(network, objective, X, y)]
    for _ in range(10):
        step(X, y, 0.3)
        values.append(objective_value(network, objective, X, y))
    assert all(later <= earlier for earlier, later in pairwise(values))
    assert values[-1] < values[0]


def test_finds_its_way_through_a_step_function() -> None:
    """Where no gradient passes: AND of two inputs, with a binary step."""
    network, objective = random_network(2, [1], ["step"], seed=1), objective_of(LOSSES["mse"])
    y = np.array([[0.0], [0.0], [0.0], [1.0]])
    assert objective_value(network, objective, XOR_X, y) > 0
    step = search(network, objective)
    for _ in range(200):
        step(XOR_X, y, 2.0)
    assert forward(network, XOR_X).layers[-1].h.tolist() == y.tolist()


def test_returns_the_last_layer_from_before() -> None:
    network = random_network(2, [3, 1], ["tanh", "linear"])
    before = forward(network, XOR_X).layers[-1]
    last = search(network, objective_of(LOSSES["mse"]))(XOR_X, XOR_Y, 0.3)
    assert np.array_equal(last.a, before.a)
    assert np.array_equal(last.h, before.h)
    assert not np.array_equal(forward(network, XOR_X).layers[-1].a, before.a)


def test_at_the_minimum_nothing_is_kept() -> None:
    network, objective = random_network(2, [2], ["linear"]), objective_of(LOSSES["mse"])
    y, theta = forward(network, X).layers[-1].a.copy(), network.theta.copy()
    search(network, objective)(X, y, 0.3)
    assert network.theta.tobytes() == theta.tobytes()


def test_a_rate_of_0_changes_nothing() -> None:
    network = random_network(2, [3, 1], ["tanh", "linear"])
    theta = network.theta.copy()
    search(network, objective_of(LOSSES["mse"]))(XOR_X, XOR_Y, 0.0)
    assert network.theta.tobytes() == theta.tobytes()


def test_a_change_that_leaves_the_objective_as_it_is_is_not_kept() -> None:
    """So small a change moves no sample across the threshold of a binary step."""
    network = random_network(2, [3, 1], ["tanh", "step"])
    theta = network.theta.copy()
    search(network, objective_of(LOSSES["mse"]))(X, X[:, :1], 1e-9)
    assert network.theta.tobytes() == theta.tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_frozen_biases_keep_every_bit(dtype: type) -> None:
    network = random_network(2, [3, 1], ["prelu", "sigmoid"], dtype=dtype)
    before = random_network(2, [3, 1], ["prelu", "sigmoid"], dtype=dtype)
    step = search(network, objective_of(LOSSES["bce"], l2=0.1, regularize_bias=True), freeze_bias=True)
    for _ in range(10):
        step(XOR_X.astype(dtype), XOR_Y, 0.3)
    for now, then in zip(network.parameters, before.parameters, strict=True):
        assert now.b.tobytes() == then.b.tobytes()
        assert (now.W != then.W).any()


def test_without_freezing_biases_and_slopes_take_part() -> None:
    network = random_network(2, [3, 1], ["prelu", "sigmoid"])
    before = network.theta.copy()
    step = search(network, objective_of(LOSSES["bce"]))
    for _ in range(20):
        step(X, (X[:, :1] > 0) * 1.0, 0.3)
    assert (network.theta != before).all()


def test_more_tries_keep_more_changes() -> None:
    """With one try about half of the weights move; with 50, nearly all that can."""
    moved = []
    for tries in (1, 50):
        network, before = (random_network(2, [8, 1], ["tanh", "linear"]) for _ in range(2))
        search(network, objective_of(LOSSES["mse"]), f"random-search:tries={tries}")(X, X[:, :1], 0.1)
        moved.append(int((network.theta != before.theta).sum()))
    assert 0 < moved[0] < moved[1]


def test_a_step_is_the_rate_times_a_normal_draw() -> None:
    """With targets far above, every rise lowers the loss, so that the first positive draw of each weight is kept."""
    x, y = np.ones((1, 1)), np.full((1, 1), 1e6)
    for rate in (0.25, 0.5, 3.0):
        network = random_network(1, [1], ["linear"])
        before, draws = network.theta.copy(), default_rng(1)
        search(network, objective_of(LOSSES["mse"]), "random-search:tries=20")(x, y, rate)
        expected = before.copy()
        for place in draws.permutation(2):
            expected[place] += rate * next(draw for draw in draws.standard_normal(20) if draw > 0)
        np.testing.assert_allclose(network.theta, expected, rtol=1e-12)


def test_each_try_has_its_draw_its_number_and_the_objective_before_and_after() -> None:
    """J = (w + b)² for one sample x = 1 with the target 0, so that a try is kept if it brings w + b nearer to 0."""
    network = random_network(1, [1], ["linear"])
    network.theta[...] = 2.0, 1.0
    step = search(network, objective_of(LOSSES["mse"]), "random-search:tries=4")
    assert isinstance(step, RandomSearch)
    theta, draws = [2.0, 1.0], default_rng(1)
    tries = list(step.tries(np.ones((1, 1)), np.zeros((1, 1)), 0.5))
    expected = []
    for place in draws.permutation(2).tolist():
        old = theta[place]
        for draw in draws.standard_normal(4).tolist():
            before = sum(theta) ** 2
            after = (sum(theta) + 0.5 * draw) ** 2
            expected.append((place, draw, old, old + 0.5 * draw, before, after))
            if after < before:
                theta[place] = old + 0.5 * draw
                break
    assert [tuple(made) for made in tries] == [pytest.approx(made) for made in expected]
    assert [made.kept for made in tries] == [made[5] < made[4] for made in expected]
    assert network.theta.tolist() == pytest.approx(theta)
    assert len(tries) > 2
