"""What the naive loops take: timed at a small size, and reckoned up for a whole training."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlpcli.core.cost.timing import best_time
from mlpcli.core.cost.work import training_work
from mlpcli.core.cost.workload import Workload
from mlpcli.core.naive import naive_add, naive_matrix_dot, naive_matrix_vector_dot, naive_relu, naive_vector_dot

SIDE = 32  # rows and columns
MOMENT = 0.05  # seconds for each figure


@dataclass(frozen=True)
class Comparison:
    """One operation both ways, in seconds for each number or multiply–add of it."""

    name: str
    size: str
    count: int  # numbers or multiply–adds
    naive: float
    vectorised: float


def compare_with_naive(workload: Workload) -> tuple[Comparison, ...]:
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


def naive_seconds(workload: Workload, comparisons: tuple[Comparison, ...]) -> float:
    """The training with such loops: its multiply–adds, and its other operations, each as dear as x + y."""
    times = {comparison.name: comparison.naive for comparison in comparisons}
    work = training_work(workload)
    multiply_adds = sum(share.multiply_adds for share in work)
    others = sum(share.flops for share in work) - 2 * multiply_adds
    return multiply_adds * times["matrix · matrix"] + others * times["x + y"]


def _compared(
    name: str, size: str, count: int, naive: Callable[[], object], vectorised: Callable[[], object]
) -> Comparison:
    return Comparison(name, size, count, best_time(naive, MOMENT) / count, best_time(vectorised, MOMENT) / count)
