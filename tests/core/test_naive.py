"""The naive loops do what NumPy does, and what they count is what a product is said to cost."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.arrays import Array
from mlpcli.core.naive import naive_add, naive_matrix_dot, naive_matrix_vector_dot, naive_relu, naive_vector_dot

sides = st.integers(1, 6)


def drawn(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


@given(sides, sides)
def test_addition_and_relu(rows: int, columns: int) -> None:
    x, y = drawn(rows, columns), drawn(rows, columns)[::-1]
    assert np.array_equal(naive_add(x.tolist(), y.tolist()), x + y)
    assert np.array_equal(naive_relu(x.tolist()), np.maximum(x, 0))


@given(sides, sides, sides)
def test_products(rows: int, inner: int, columns: int) -> None:
    x, y = drawn(rows, inner), drawn(inner, columns)
    np.testing.assert_allclose(naive_matrix_dot(x.tolist(), y.tolist()), x @ y, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(naive_matrix_vector_dot(x.tolist(), y[:, 0].tolist()), x @ y[:, 0], rtol=1e-12)
    assert naive_vector_dot(x[0].tolist(), y[:, 0].tolist()) == pytest.approx(x[0] @ y[:, 0], rel=1e-12)


def test_arguments_stay_as_they_are() -> None:
    x, y = [[1.0, -2.0]], [[3.0, 4.0]]
    assert naive_add(x, y) == [[4.0, 2.0]]
    assert naive_relu(x) == [[1.0, 0]]
    assert (x, y) == ([[1.0, -2.0]], [[3.0, 4.0]])


@dataclass
class Counting:
    """A number that counts how often it was multiplied."""

    tally: list[int]

    def __mul__(self, other: "Counting") -> "Counting":
        self.tally[0] += 1
        return self

    def __radd__(self, other: object) -> "Counting":
        return self

    __add__ = __radd__


def test_a_matrix_product_multiplies_rows_times_inner_times_columns() -> None:
    number = Counting([0])
    naive_matrix_dot([[number] * 4] * 3, [[number] * 5] * 4)
    assert number.tally == [3 * 4 * 5]
