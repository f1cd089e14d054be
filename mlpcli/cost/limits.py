"""What a step is compared with: what the machine can do with arrays of the step's own size, and the naive loops."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mlpcli.core.arrays import aligned_empty
from mlpcli.core.memory import Workload
from mlpcli.core.network import chain
from mlpcli.core.steps import SLICE
from mlpcli.cost.measuring import Measured, best_time, measure_all
from mlpcli.cost.naive import naive_add, naive_matrix_dot, naive_matrix_vector_dot, naive_relu, naive_vector_dot
from mlpcli.cost.operations import bytes_of, flops_of, multiply_adds_of, step_operations, training_work

# Rows and columns of a matrix that is large enough for the best rate there is, and so small that of its products, 2 ms
# each, some are undisturbed on a busy machine too.
SQUARE = 512
MOMENT = 0.05  # seconds for each figure
SIDE = 32  # rows and columns of the matrices of naive loops


@dataclass(frozen=True)
class Limits:
    """How fast the parts of a step could be, and how fast it is."""

    reached: float  # GFLOP/s of a step, all its operations counted
    product: float  # GFLOP/s of its largest matrix product alone
    square: float  # GFLOP/s of large square matrices
    copied: float  # bytes a second, read and written, of arrays as a step passes over them
    floors: dict[str, float]  # seconds that a step takes at least: for arithmetic, for memory, for calls
    step: float  # seconds

    @property
    def best(self) -> float:
        """The machine's rate in GFLOP/s: the best that anything here has reached."""
        return max(self.reached, self.product, self.square)

    @property
    def bound(self) -> str:
        """The floor that is the highest."""
        return max(self.floors, key=lambda name: self.floors[name])


def limits_of(measured: Measured) -> Limits:
    """A step's limits, measured.

    The calls are the same training with one sample and one or two units a layer: all operations on almost no numbers.
    """
    workload = measured.workload
    largest = max(workload.layers, key=lambda layer: layer.units * layer.inputs)
    return limits_from(
        workload,
        measured.step.median,
        product=_product_rate((largest.units, largest.inputs, workload.batch), workload),
        square=_product_rate((SQUARE, SQUARE, SQUARE), workload),
        copied=_copy_rate(workload),
        calls=measure_all(smallest(workload), MOMENT, None).step.median,
    )


def limits_from(
    workload: Workload, step: float, *, product: float, square: float, copied: float, calls: float
) -> Limits:
    """A step's floors: its products at the best rate; what else it touches at the rate of a copy; and its calls.

    None is higher than the step: what was done in that time can be done in it, and a floor that was timed in a slow
    moment, or a copy of what lay in no cache, proves nothing else.
    """
    operations = step_operations(workload, workload.batch)
    elementwise = [one for one in operations if not one.multiply_adds]
    reached = flops_of(operations) / step / 1e9
    floors = {
        "arithmetic": 2 * multiply_adds_of(operations) / (max(reached, product, square) * 1e9),
        "memory": bytes_of(elementwise) / copied,
        "calls": calls,
    }
    return Limits(reached, product, square, copied, {name: min(floor, step) for name, floor in floors.items()}, step)


def smallest(workload: Workload) -> Workload:
    """The same operations on almost no numbers."""
    units = [min(2, layer.units) for layer in workload.layers]
    layers = chain(min(2, workload.inputs), units, [layer.activation for layer in workload.layers])
    return replace(workload, layers=layers, training=64, validation=0, test=0, batch=1)


def _product_rate(shape: tuple[int, int, int], workload: Workload) -> float:
    """GFLOP/s of a (rows, inner) by (inner, columns) product."""
    rows, inner, columns = shape
    one, two = (np.ones(sides, workload.dtype) for sides in ((rows, inner), (columns, inner)))
    out = np.empty((rows, columns), workload.dtype)
    return 2 * rows * inner * columns / best_time(lambda: np.dot(one, two.T, out=out), MOMENT) / 1e9


def _copy_rate(workload: Workload) -> float:
    """Bytes read and written a second, for an array as large as those that a step passes over, but in the cache."""
    widest = max(layer.units for layer in workload.layers) * workload.batch
    numbers = min(max(workload.parameters, widest), SLICE)
    one, two = (aligned_empty(numbers, workload.dtype) for _ in range(2))
    one.fill(1)
    two.fill(1)
    return 2 * one.nbytes / best_time(lambda: np.copyto(two, one), MOMENT)


# ----- Naive loops ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NaiveLoop:
    """One operation as a naive loop and in NumPy, in seconds for each number or multiply–add."""

    name: str
    size: str
    count: int  # numbers or multiply–adds
    naive: float
    vectorised: float


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
    multiply_adds = sum(share.multiply_adds for share in work)
    others = sum(share.flops for share in work) - 2 * multiply_adds
    return multiply_adds * times["matrix · matrix"] + others * times["x + y"]


def _compared(
    name: str, size: str, count: int, naive: Callable[[], object], vectorised: Callable[[], object]
) -> NaiveLoop:
    return NaiveLoop(name, size, count, best_time(naive, MOMENT) / count, best_time(vectorised, MOMENT) / count)
