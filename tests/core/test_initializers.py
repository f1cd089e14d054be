"""First weights: shape, bounds, variance and distribution, against the formulas of the papers and scipy."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from mlpcli.core.arrays import Array
from mlpcli.core.families import pick
from mlpcli.core.initializers import DEVIATION_OF_TRUNCATED_NORMAL, INITIALIZERS

UNITS, INPUTS = 100, 700  # far apart, so that one taken for the other is seen

# The half-width of the uniform distributions and the standard deviation of the normal ones, from the papers.
LIMITS = {
    "glorot-uniform": sqrt(6 / (INPUTS + UNITS)),
    "he-uniform": sqrt(6 / INPUTS),
    "lecun-uniform": sqrt(3 / INPUTS),
    "uniform": 0.05,
    "uniform:limit=0.7": 0.7,
}
DEVIATIONS = {
    "glorot-normal": sqrt(2 / (INPUTS + UNITS)),
    "he-normal": sqrt(2 / INPUTS),
    "lecun-normal": sqrt(1 / INPUTS),
}


def draw(text: str, units: int = UNITS, inputs: int = INPUTS, seed: int = 1) -> Array:
    row = pick(INITIALIZERS, text, "initializer")
    return row.draw(np.random.default_rng(seed), units, inputs, row.parameters)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_rows_are_units_and_columns_are_inputs(name: str) -> None:
    assert draw(name, 3, 5).shape == (3, 5)
    assert draw(name, 1, 1).shape == (1, 1)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_same_seed_gives_the_same_weights(name: str) -> None:
    assert draw(name).tobytes() == draw(name).tobytes()


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "zeros"])
def test_another_seed_gives_other_weights(name: str) -> None:
    assert not np.array_equal(draw(name, seed=1), draw(name, seed=2))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_mean_is_zero(name: str) -> None:
    W = draw(name)
    assert abs(W.mean()) <= 4 * W.std() / sqrt(W.size)  # four standard errors


@pytest.mark.parametrize("name", LIMITS)
def test_uniform_weights_are_even_between_their_bounds(name: str) -> None:
    W, limit = draw(name), LIMITS[name]
    assert np.abs(W).max() <= limit
    assert np.abs(W).max() > 0.999 * limit
    np.testing.assert_allclose(W.var(), limit**2 / 3, rtol=0.02)
    assert stats.kstest(W.ravel(), stats.uniform(-limit, 2 * limit).cdf).pvalue > 0.01


@pytest.mark.parametrize("name", DEVIATIONS)
def test_normal_weights_are_cut_at_two_sigma_and_keep_their_deviation(name: str) -> None:
    W, deviation = draw(name), DEVIATIONS[name]
    sigma = deviation / stats.truncnorm.std(-2, 2)  # what is cut off is made up for
    assert np.abs(W).max() <= 2 * sigma * (1 + 1e-12)
    assert np.abs(W).max() > 1.99 * sigma
    np.testing.assert_allclose(W.std(), deviation, rtol=0.01)
    assert stats.kstest(W.ravel(), stats.truncnorm(-2, 2, scale=sigma).cdf).pvalue > 0.01


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_formula_says_how_the_weights_are_distributed(name: str) -> None:
    """U has a half-width, N a variance, and 0 is a number."""
    formula, _, rest = INITIALIZERS[name].formula.partition(", truncated at 2σ")
    kind, what = formula[0], formula.removeprefix("U(±").removeprefix("N(0, ").removesuffix(")")
    numbers = {"sqrt": sqrt, "units": UNITS, "inputs": INPUTS, "limit": 0.05}
    value = eval(what.replace("√", "sqrt"), numbers)
    wanted = {"U": LIMITS.get(name), "N": DEVIATIONS.get(name, 0) ** 2, "0": 0}
    assert value == pytest.approx(wanted[kind])
    assert rest == ""


def test_deviation_of_the_truncated_normal_is_that_of_scipy() -> None:
    assert pytest.approx(stats.truncnorm.std(-2, 2), rel=1e-12) == DEVIATION_OF_TRUNCATED_NORMAL


def test_zeros_are_zero() -> None:
    assert not draw("zeros").any()
