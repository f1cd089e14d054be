"""A network agrees with the lecture's naive loops over single numbers, in plain Python."""

import numpy as np
from core_helpers import random_network

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.propagation import backward, forward

Matrix = list[list[float]]


def naive_add(x: Matrix, y: Matrix) -> Matrix:
    """zᵢⱼ = xᵢⱼ + yᵢⱼ"""
    return [[x[i][j] + y[i][j] for j in range(len(x[i]))] for i in range(len(x))]


def naive_relu(x: Matrix) -> Matrix:
    """zᵢⱼ = max(0, xᵢⱼ)"""
    return [[max(0, x[i][j]) for j in range(len(x[i]))] for i in range(len(x))]


def naive_vector_dot(x: list[float], y: list[float]) -> float:
    """z = Σᵢ xᵢyᵢ"""
    z = 0.0
    for i in range(len(x)):
        z += x[i] * y[i]
    return z


def naive_matrix_vector_dot(x: Matrix, y: list[float]) -> list[float]:
    """zᵢ = Σⱼ xᵢⱼyⱼ"""
    return [naive_vector_dot(row, y) for row in x]


def naive_matrix_dot(x: Matrix, y: Matrix) -> Matrix:
    """zᵢⱼ = Σₖ xᵢₖyₖⱼ"""
    return [naive_matrix_vector_dot(transposed(y), row) for row in x]


def transposed(rows: Matrix) -> Matrix:
    return [list(column) for column in zip(*rows, strict=True)]


NETWORK = random_network(4, [5, 3], ["relu", "softmax"])
X, Y = np.random.default_rng(10).standard_normal((6, 4)), np.eye(3)[[0, 2, 1, 1, 0, 2]]


def close(found: Array, wanted: object) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


def naive_layer(W: Array, b: Array, h: Matrix) -> Matrix:
    """a = Wh + b for one sample after the other."""
    return [naive_add([naive_matrix_vector_dot(W.tolist(), sample)], [b.tolist()])[0] for sample in h]


def test_relu_is_the_naive_loop() -> None:
    a = np.random.default_rng(11).standard_normal((6, 5))
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
