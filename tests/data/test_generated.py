"""Toy sets: the geometry that their docstrings promise, and the same numbers for ever."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import RandomState
from sklearn.datasets import make_circles, make_moons

from mlpcli.core.arrays import Array
from mlpcli.data.generated import circles, generate, moons, spirals

Toy = Callable[[RandomState, int], tuple[Array, Array]]
NOISE = {moons: 0.15, circles: 0.08, spirals: 0.05}


class NoNoise:
    """Stands in for RandomState where the noise is to be left out."""

    def standard_normal(self, shape: tuple[int, ...]) -> Array:
        return np.zeros(shape)


def bare(make: Toy, n: int = 200) -> Array:
    return make(NoNoise(), n)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("make", NOISE)
def test_two_classes_of_200_follow_each_other(make: Toy) -> None:
    dataset = generate("toy", make, ("one", "two"))
    assert dataset.x.shape == (400, 2)
    assert dataset.y[:, 0].tolist() == [0] * 200 + [1] * 200
    assert dataset.classes == ("one", "two")
    assert np.isfinite(dataset.x).all()


@pytest.mark.parametrize(("make", "sigma"), NOISE.items())
def test_the_noise_is_that_of_a_frozen_stream(make: Toy, sigma: float) -> None:
    """RandomState's normal deviates never change; so neither does the set, whatever else was drawn before."""
    np.random.seed(5)
    found = generate("toy", make, ("one", "two")).x
    noise = RandomState(0).standard_normal((400, 2))
    np.testing.assert_allclose(found - bare(make), sigma * noise, rtol=0, atol=1e-14)


def test_moons_are_those_of_scikit_learn() -> None:
    wanted, classes = make_moons(400, shuffle=False, noise=None)
    np.testing.assert_allclose(bare(moons), wanted, rtol=0, atol=1e-14)
    assert moons(RandomState(0), 200)[1].tolist() == classes.tolist()


def test_circles_are_those_of_scikit_learn() -> None:
    wanted, classes = make_circles(400, shuffle=False, noise=None, factor=0.5)
    np.testing.assert_allclose(bare(circles), wanted, rtol=0, atol=1e-14)
    assert circles(RandomState(0), 200)[1].tolist() == classes.tolist()


def test_spirals_wind_once_and_a_half_and_mirror_each_other() -> None:
    x = bare(spirals)
    first, second = x[:200], x[200:]
    np.testing.assert_array_equal(second, -first)
    radius = np.hypot(*first.T)
    turns = np.unwrap(np.arctan2(first[:, 1], first[:, 0])) / (2 * np.pi)
    np.testing.assert_allclose(turns[-1] - turns[0], 1.5 * (1 - 0.1), rtol=1e-12)  # the radius begins at a tenth
    np.testing.assert_allclose(radius / turns, 2 / 1.5, rtol=1e-12)
