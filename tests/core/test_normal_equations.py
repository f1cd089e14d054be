"""Normal equations: least squares of NumPy, R's published line through `cars`, ridge regression of scikit-learn."""

import numpy as np
import pytest
from core_helpers import activation, objective_value, random_network
from sklearn.linear_model import Ridge

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, empty
from mlpcli.core.objective import Objective, objective_of
from mlpcli.core.optimizers import OPTIMIZERS, begin
from mlpcli.core.propagation import backward, forward

# R's data set `cars` (Ezekiel 1930): speed in mph, stopping distance in feet
SPEED = [4, 4, 7, 7, 8, 9, 10, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15]
SPEED += [15, 16, 16, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 20, 20, 20, 20, 20, 22, 23, 24, 24, 24, 24, 25]
DISTANCE = [2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26]
DISTANCE += [54, 32, 40, 32, 40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85]

G = np.random.default_rng(0)
X = G.normal(2, 3, (40, 3))
Y = X @ G.normal(size=(3, 2)) + G.normal(size=(40, 2)) + [5, -7]
WIDE = np.column_stack([X, np.ones(40)])


def solve(
    x: Array, y: Array, objective: Objective | None = None, freeze_bias: bool = False, bias: float = 0.0
) -> Network:
    network = random_network(x.shape[1], [y.shape[1]], ["linear"])
    network.parameters[0].b[...] = bias
    step = begin(OPTIMIZERS["normal-equations"], network, objective or objective_of(LOSSES["mse"]), G, freeze_bias)
    step(x, y, 1.0)
    return network


def coefficients(network: Network) -> Array:
    """Weights and, in the last row, biases, as `lstsq` gives them."""
    W, b, _ = network.parameters[0]
    return np.vstack([W.T, b])


def test_solution_is_that_of_least_squares() -> None:
    np.testing.assert_allclose(coefficients(solve(X, Y)), np.linalg.lstsq(WIDE, Y)[0], rtol=1e-10)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_reductions_do_not_move_an_unregularised_solution(reduction: str) -> None:
    objective = objective_of(LOSSES["mse"], output_reduction=reduction, batch_reduction=reduction)
    np.testing.assert_allclose(coefficients(solve(X, Y, objective)), np.linalg.lstsq(WIDE, Y)[0], rtol=1e-10)


def test_cars_are_those_of_r() -> None:
    """R: lm(dist ~ speed, cars) prints (Intercept) −17.579095 and speed 3.932409."""
    network = solve(np.array(SPEED, float)[:, None], np.array(DISTANCE, float)[:, None])
    assert [f"{value:.6f}" for value in network.theta] == ["3.932409", "-17.579095"]


@pytest.mark.parametrize("degree", [1, 2, 3, 5, 8])
def test_powers_of_x_give_the_polynomial_of_polyfit(degree: int) -> None:
    x = np.linspace(-1, 3, 30)
    y = np.exp(-x) + 0.1 * np.random.default_rng(1).normal(size=30)
    network = solve(np.vander(x, degree + 1)[:, :-1], y[:, None])
    np.testing.assert_allclose(network.theta, np.polyfit(x, y, degree), rtol=1e-6)


def test_powers_of_large_numbers_give_the_polynomial_of_polyfit() -> None:
    """Columns from 1 to 10⁸: their products XᵀX reach over 16 digits, the columns themselves over 8."""
    x = np.linspace(0, 10, 40)
    powers = np.vander(x, 9)
    network = solve(powers[:, :-1], np.sin(x)[:, None])
    found, expected = powers @ network.theta, np.polyval(np.polyfit(x, np.sin(x), 8), x)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("unit", [1.0, 1e4, 1e7, 1e9, 1e17, 1e-17])
def test_the_unit_of_a_feature_does_not_matter(unit: float) -> None:
    """y = 2x₁ + 3x₂ + 4, with x₁ in units of a millionth, say: its weight is 2/unit and nothing else changes."""
    g = np.random.default_rng(2)
    x = 1 + g.random((30, 2))
    y = x @ [[2.0], [3.0]] + 4
    np.testing.assert_allclose(solve(x * [unit, 1.0], y).theta, [2 / unit, 3, 4], rtol=1e-5)


@pytest.mark.parametrize("batch_reduction", ["mean", "sum"])
@pytest.mark.parametrize("output_reduction", ["mean", "sum"])
@pytest.mark.parametrize("l2", [1e-3, 0.5, 20.0])
def test_l2_is_ridge_regression(l2: float, output_reduction: str, batch_reduction: str) -> None:
    """Ridge minimises ‖Y − XW‖² + α‖W‖²; J = c‖Y − XW‖² + ½·l2·‖W‖², so α = l2/(2c), the bias free in both."""
    objective = objective_of(LOSSES["mse"], l2=l2, output_reduction=output_reduction, batch_reduction=batch_reduction)
    c = (1 / 2 if output_reduction == "mean" else 1) * (1 / 40 if batch_reduction == "mean" else 1)
    ridge = Ridge(alpha=l2 / (2 * c)).fit(X, Y)
    W, b, _ = solve(X, Y, objective).parameters[0]
    np.testing.assert_allclose(W, ridge.coef_, rtol=1e-9)
    np.testing.assert_allclose(b, ridge.intercept_, rtol=1e-9)


def test_a_regularised_bias_is_ridge_regression_on_a_column_of_ones() -> None:
    objective = objective_of(LOSSES["mse"], l2=0.5, regularize_bias=True)
    ridge = Ridge(alpha=0.5 * 40 * 2 / 2, fit_intercept=False).fit(WIDE, Y)
    np.testing.assert_allclose(coefficients(solve(X, Y, objective)), ridge.coef_.T, rtol=1e-9)


@pytest.mark.parametrize("regularize_bias", [False, True])
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_gradient_at_the_solution_is_0(l2: float, regularize_bias: bool) -> None:
    objective = objective_of(LOSSES["mse"], l2=l2, regularize_bias=regularize_bias)
    network = solve(X, Y, objective)
    dtheta = backward(network, forward(network, X), objective, Y).dtheta
    np.testing.assert_allclose(dtheta, 0, atol=1e-11)


def test_no_step_from_the_solution_lowers_the_objective() -> None:
    objective = objective_of(LOSSES["mse"], l2=0.3)
    network = solve(X, Y, objective)
    least = objective_value(network, objective, X, Y)
    for direction in np.random.default_rng(3).normal(size=(20, network.theta.size)):
        assert objective_value(network.with_theta(network.theta + 1e-3 * direction), objective, X, Y) > least


def test_a_frozen_bias_stays_and_the_weights_fit_the_rest() -> None:
    network = solve(X, Y, freeze_bias=True, bias=1.5)
    W, b, _ = network.parameters[0]
    assert b.tolist() == [1.5, 1.5]
    np.testing.assert_allclose(W.T, np.linalg.lstsq(X, Y - 1.5)[0], rtol=1e-10)
    regularised = solve(X, Y, objective_of(LOSSES["mse"], l2=0.5), freeze_bias=True, bias=1.5)
    ridge = Ridge(alpha=0.5 * 40 * 2 / 2, fit_intercept=False).fit(X, Y - 1.5)
    np.testing.assert_allclose(regularised.parameters[0].W, ridge.coef_, rtol=1e-9)


def test_of_equal_columns_each_takes_its_share() -> None:
    """Of the many solutions, the shortest one: that of the pseudo-inverse."""
    twice = np.column_stack([X, X[:, 0], np.ones(40)])
    W = coefficients(solve(twice[:, :-1], Y))
    np.testing.assert_allclose(W[0], W[3], rtol=1e-8)
    np.testing.assert_allclose(W, np.linalg.pinv(twice) @ Y, rtol=1e-8, atol=1e-10)


def test_with_fewer_samples_than_weights_the_shortest_solution_is_taken() -> None:
    few = WIDE[:2]
    found = coefficients(solve(X[:2], Y[:2]))
    np.testing.assert_allclose(few @ found, Y[:2], rtol=1e-9)
    np.testing.assert_allclose(found, np.linalg.lstsq(few, Y[:2])[0], rtol=1e-8)


def test_a_column_of_zeros_gets_the_weight_0() -> None:
    found = coefficients(solve(np.column_stack([X, np.zeros(40)]), Y))
    np.testing.assert_allclose(found[3], 0, atol=1e-12)
    np.testing.assert_allclose(found[[0, 1, 2, 4]], np.linalg.lstsq(WIDE, Y)[0], rtol=1e-9)


def test_single_precision_is_solved_in_double() -> None:
    network = empty(chain(3, [2], [activation("linear")]), np.float32)
    network.theta[...] = 0
    step = begin(OPTIMIZERS["normal-equations"], network, objective_of(LOSSES["mse"]), G)
    x, y = X.astype(np.float32), Y.astype(np.float32)
    last = step(x, y, 1.0)
    assert not last.a.any()  # what was there before
    exact = np.linalg.lstsq(np.column_stack([x.astype(float), np.ones(40)]), y.astype(float))[0]
    np.testing.assert_allclose(coefficients(network), exact, rtol=1e-6)


def test_what_was_there_before_does_not_matter() -> None:
    one, other = (random_network(3, [2], ["linear"], seed) for seed in (1, 2))
    for network in (one, other):
        begin(OPTIMIZERS["normal-equations"], network, objective_of(LOSSES["mse"]), G)(X, Y, 0.1)
    assert np.array_equal(one.theta, other.theta)


@pytest.mark.parametrize(
    ("names", "loss", "settings", "reason"),
    [
        (
            ["tanh", "linear"],
            "mse",
            {},
            r"this network has 2 layers \(train --hidden 0 makes one layer\); use",
        ),
        (["linear", "linear"], "mse", {}, "2 layers"),
        (["sigmoid"], "mse", {}, "with mse, but sigmoid is not linear; use adam$"),
        (["softmax"], "cce", {}, "softmax"),
        (["linear"], "mae", {}, "with mse, but the loss is mae; use adam$"),
        (["linear"], "hinge", {}, "hinge"),
        (["linear"], "mse", {"l1": 0.1}, "l1"),
    ],
)
def test_where_there_is_no_linear_system_it_is_refused(
    names: list[str], loss: str, settings: dict[str, object], reason: str
) -> None:
    network = random_network(3, [2] * len(names), names)
    with pytest.raises(ChoiceError, match=reason) as caught:
        begin(OPTIMIZERS["normal-equations"], network, objective_of(LOSSES[loss], **settings), G)
    assert "\n" not in str(caught.value)
