"""Arrays: where they lie, and sums and magnitudes that are exact for small whole numbers."""

import numpy as np
import pytest

from mlpcli.core.arrays import CACHE_LINE, FEW, aligned_empty, largest_of, magnitude, total_of


@pytest.mark.parametrize("shape", [1, 7, (3, 5), (1000, 3)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8])
def test_an_array_begins_on_a_cache_line(shape: int | tuple[int, ...], dtype: type) -> None:
    for _ in range(5):
        array = aligned_empty(shape, dtype)
        assert array.ctypes.data % CACHE_LINE == 0
        assert array.shape == (shape if isinstance(shape, tuple) else (shape,))
        assert array.dtype == dtype
        array[...] = 1  # all of it is there


def test_a_magnitude_has_no_sign_not_even_that_of_zero() -> None:
    found = magnitude(np.array([-2.5, 3.0, 0.0, -0.0, -np.inf]))
    assert found.tolist() == [2.5, 3.0, 0.0, 0.0, np.inf]
    assert not np.signbit(found).any()


@pytest.mark.parametrize(("units", "columns"), [(1, 1), (FEW, FEW), (FEW + 1, 1)])
def test_a_total_is_that_of_each_row_for_every_unit_as_long_as_they_are_few(units: int, columns: int) -> None:
    """1 + 2 + … + n = n (n + 1)/2"""
    x = np.stack([np.arange(1, units + 1), np.full(units, -1)]).astype(np.float64)
    assert total_of(x).tolist() == [[units * (units + 1) / 2] * columns, [-float(units)] * columns]


def test_the_largest_is_that_of_each_row() -> None:
    assert largest_of(np.array([[[3.0, -1.0], [-5.0, -4.0]]])).tolist() == [[[3.0], [-4.0]]]
