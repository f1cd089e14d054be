"""Arrays: where they lie, and sums and magnitudes that are exact for small whole numbers."""

import numpy as np
import pytest

from mlpcli.core.arrays import (
    FEW,
    PerNetwork,
    aligned_empty,
    largest_of,
    magnitude,
    per_network,
    samples_first,
    total_of,
)


@pytest.mark.parametrize("shape", [1, 7, (3, 5), (1000, 3)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8])
def test_an_array_begins_on_a_cache_line(shape: int | tuple[int, ...], dtype: type) -> None:
    for _ in range(5):
        array = aligned_empty(shape, dtype)
        assert array.ctypes.data % 64 == 0
        assert array.shape == (shape if isinstance(shape, tuple) else (shape,))
        assert array.dtype == dtype
        array[...] = 1  # all of it is there


def test_a_magnitude_has_no_sign_not_even_that_of_zero() -> None:
    found = magnitude(np.array([-2.5, 3.0, 0.0, -0.0, -np.inf]))
    assert found.tolist() == [2.5, 3.0, 0.0, 0.0, np.inf]
    assert not np.signbit(found).any()


@pytest.mark.parametrize(("units", "columns"), [(1, 1), (32, 32), (33, 1)])
def test_a_total_is_that_of_each_row_for_every_unit_as_long_as_they_are_few(units: int, columns: int) -> None:
    """1 + 2 + … + n = n (n + 1)/2"""
    x = np.stack([np.arange(1, units + 1), np.full(units, -1)]).astype(np.float64)
    assert total_of(x).tolist() == [[units * (units + 1) / 2] * columns, [-float(units)] * columns]


def test_totals_of_a_stack_are_those_of_its_networks() -> None:
    x = np.arange(24.0).reshape(4, 2, 3)
    assert total_of(x).tolist() == [[[sum(row)] * 3 for row in network] for network in x.tolist()]


def test_samples_of_a_stack_come_first_and_go_back() -> None:
    x = np.arange(24).reshape(2, 3, 4)  # (R, n, units)
    assert samples_first(x).tolist() == [[x[r, s].tolist() for r in range(2)] for s in range(3)]
    assert np.array_equal(samples_first(samples_first(x)), x)
    assert samples_first(x[0]).tolist() == x[0].tolist()
    assert np.shares_memory(samples_first(x), x)


def test_the_largest_is_that_of_each_row() -> None:
    assert largest_of(np.array([[[3.0, -1.0], [-5.0, -4.0]]])).tolist() == [[[3.0], [-4.0]]]


@pytest.mark.parametrize("units", [1, 2, 3, FEW, FEW + 1])
@pytest.mark.parametrize("turned", [False, True])
def test_largest_of_a_stack_is_that_of_its_networks(units: int, turned: bool) -> None:
    a = np.random.default_rng(0).normal(size=(2, units, 5) if turned else (2, 5, units))
    a = a.mT if turned else a
    assert largest_of(a).tolist() == [[[max(row)] for row in network] for network in a.tolist()]


# ----- A number for each network --------------------------------------------------------------------------------------

RATES = [0.1, 1e-3, 0.7]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_of_a_stack_act_on_arrays_as_floats_on_the_array_of_one(dtype: type) -> None:
    eta, x = per_network(RATES, 1), np.random.default_rng(1).normal(size=(3, 4)).astype(dtype)
    for found, one_by_one in (
        (eta * x, [rate * row for rate, row in zip(RATES, x, strict=True)]),
        (x - eta, [row - rate for rate, row in zip(RATES, x, strict=True)]),
        (np.multiply(x, eta, out=np.empty_like(x)), [row * rate for rate, row in zip(RATES, x, strict=True)]),
    ):
        assert found.dtype == dtype
        assert np.array_equal(found, one_by_one)
    x *= 1 - eta
    assert x.dtype == dtype


def test_numbers_of_a_stack_are_calculated_as_floats_are() -> None:
    beta = per_network(RATES, 1)
    for t in (1, 7, 1000):
        expected = [(1 - rate**t) ** 0.5 / (1 - rate**t) * 3 for rate in RATES]
        assert np.array((1 - beta**t) ** 0.5 / (1 - beta**t) * 3).ravel().tolist() == expected
    assert np.array(1 - beta, np.float32).tolist() == [[np.float32(1 - rate)] for rate in RATES]


def test_equal_numbers_are_one() -> None:
    assert per_network([0.5, 0.5], 1) == per_network([0.5], 1) == 0.5
    assert isinstance(per_network([0.5, 0.25], 2), PerNetwork)
    assert np.array(per_network([0.5, 0.25], 2)).shape == (2, 1, 1)
