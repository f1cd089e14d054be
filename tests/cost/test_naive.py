"""The naive loops do what NumPy does; they count what a product is said to cost; and a network agrees with them."""

from dataclasses import dataclass

import numpy as np
import pytest
from core_helpers import random_network
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.propagation import backward, forward
from mlpcli.cost.naive import naive_add, naive_matrix_dot, naive_matrix_vector_dot, naive_relu, naive_vector_dot

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


# ----- A network beside the loops -----------------------------------------------------------------------------------

NETWORK = random_network(4, [5, 3], ["relu", "softmax"])
X, Y = drawn(6, 4), np.eye(3)[[0, 2, 1, 1, 0, 2]]


def transposed(rows: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*rows, strict=True)]


def close(found: Array, wanted: object) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


def naive_layer(W: Array, b: Array, h: list[list[float]]) -> list[list[float]]:
    """a = Wh + b for one sample after the other."""
    return [naive_add([naive_matrix_vector_dot(W.tolist(), sample)], [b.tolist()])[0] for sample in h]


def test_relu_is_the_naive_loop() -> None:
    a = drawn(6, 5)
    relu = ACTIVATIONS["relu"]
    assert relu.forward(a, relu.alpha, np.empty_like(a)).tolist() == naive_relu(a.tolist())


def test_forward_propagation_is_the_naive_loops() -> None:
    first, second = NETWORK.parameters
    passed = forward(NETWORK, X)
    a = naive_layer(first.W, first.b, X.tolist())
    close(passed.layers[0].a, a)
    close(passed.layers[0].h, naive_relu(a))
    close(passed.layers[1].a, naive_layer(second.W, second.b, naive_relu(a)))


def test_backward_propagation_is_the_naive_loops() -> None:
    """From da = (ŷ − y)/n of softmax and cce: dW = da hᵀ, db = Σ da, dh = Wᵀ da, and relu lets through where a > 0."""
    passed = forward(NETWORK, X)
    found = backward(NETWORK, passed, objective_of(LOSSES["cce"]), Y)
    first, second = found.layers
    h, da = passed.layers[0].h.tolist(), ((passed.y_hat - Y) / len(X)).tolist()
    close(second.d.W, naive_matrix_dot(transposed(da), h))
    close(second.d.b, naive_matrix_vector_dot(transposed(da), [1] * len(X)))
    dh = naive_matrix_dot(da, NETWORK.parameters[1].W.tolist())
    below = [
        [g if a > 0 else 0 for g, a in zip(*pair, strict=True)] for pair in zip(dh, passed.layers[0].a, strict=True)
    ]
    close(first.da, below)
    close(first.d.W, naive_matrix_dot(transposed(below), X.tolist()))
    close(first.d.b, naive_matrix_vector_dot(transposed(below), [1] * len(X)))
