"""The lecture's naive tensor operations: loops over single numbers, in plain Python, and NumPy beside them.

They show what an operation means, serve as oracles in tests, and tell how much the vectorized ones save. A vector is a
sequence of numbers, a matrix a sequence of rows.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.memory import Workload
from mlpcli.cost.measuring import best_time
from mlpcli.cost.operations import training_work

MOMENT = 0.05  # seconds for each loop
SIDE = 32  # rows and columns of the matrices

Vector = Sequence[Any]
Matrix = Sequence[Sequence[Any]]


def naive_add(x: Matrix, y: Matrix) -> list[list[Any]]:
    """zᵢⱼ = xᵢⱼ + yᵢⱼ"""
    z = []
    for i in range(len(x)):
        row = []
        for j in range(len(x[i])):
            row.append(x[i][j] + y[i][j])
        z.append(row)
    return z


def naive_relu(x: Matrix) -> list[list[Any]]:
    """zᵢⱼ = max(0, xᵢⱼ)"""
    z = []
    for i in range(len(x)):
        row = []
        for j in range(len(x[i])):
            row.append(max(0, x[i][j]))
        z.append(row)
    return z


def naive_vector_dot(x: Vector, y: Vector) -> Any:
    """z = Σᵢ xᵢyᵢ"""
    z = 0
    for i in range(len(x)):
        z += x[i] * y[i]
    return z


def naive_matrix_vector_dot(x: Matrix, y: Vector) -> list[Any]:
    """zᵢ = Σⱼ xᵢⱼyⱼ: one vector product per row"""
    z = []
    for i in range(len(x)):
        z.append(naive_vector_dot(x[i], y))
    return z


def naive_matrix_dot(x: Matrix, y: Matrix) -> list[list[Any]]:
    """zᵢⱼ = Σₖ xᵢₖyₖⱼ: one vector product per row of x and column of y"""
    z = []
    for i in range(len(x)):
        row = []
        for j in range(len(y[0])):
            column = [y[k][j] for k in range(len(y))]
            row.append(naive_vector_dot(x[i], column))
        z.append(row)
    return z


# ----- Beside NumPy ---------------------------------------------------------------------------------------------------


class NaiveLoop(NamedTuple):
    """One operation as a naive loop and in NumPy, in seconds for each number or multiply–add."""

    name: str
    size: str
    numbers: int  # or multiply–adds
    naive: float
    vectorized: float


def compare_with_naive(workload: Workload) -> tuple[NaiveLoop, ...]:
    """The lecture's operations on matrices of SIDE × SIDE numbers: Python's, and those of the workload's dtype."""
    generator = np.random.default_rng(1)
    x, y = generator.standard_normal((2, SIDE, SIDE)).astype(workload.dtype)
    u, v = x.reshape(-1), y.reshape(-1)
    square, cube = f"{SIDE}×{SIDE}", SIDE**3
    xs, ys, us, vs = x.tolist(), y.tolist(), u.tolist(), v.tolist()
    return (
        _compared("x + y", square, SIDE**2, lambda: naive_add(xs, ys), lambda: x + y),
        _compared("relu(x)", square, SIDE**2, lambda: naive_relu(xs), lambda: np.maximum(x, 0)),
        _compared("vector · vector", str(SIDE**2), SIDE**2, lambda: naive_vector_dot(us, vs), lambda: u @ v),
        _compared(
            "matrix · vector", square, SIDE**2, lambda: naive_matrix_vector_dot(xs, vs[:SIDE]), lambda: x @ v[:SIDE]
        ),
        _compared("matrix · matrix", square, cube, lambda: naive_matrix_dot(xs, ys), lambda: x @ y),
    )


def naive_seconds(workload: Workload, loops: tuple[NaiveLoop, ...]) -> float:
    """The training with such loops: its multiply–adds, and its other operations, each as slow as x + y."""
    times = {loop.name: loop.naive for loop in loops}
    work = training_work(workload)
    multiply_adds = sum(share.work.multiply_adds for share in work)
    others = sum(share.work.flops for share in work) - 2 * multiply_adds
    return multiply_adds * times["matrix · matrix"] + others * times["x + y"]


def _compared(
    name: str, size: str, count: int, naive: Callable[[], object], vectorized: Callable[[], object]
) -> NaiveLoop:
    return NaiveLoop(name, size, count, best_time(naive, MOMENT) / count, best_time(vectorized, MOMENT) / count)
