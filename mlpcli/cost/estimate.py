"""What follows from the measured time: how fast the machine could be, and what a whole run of `mlp train` takes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import NamedTuple

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import aligned_empty
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.memory import Workload
from mlpcli.core.network import chain, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.samples import unscaled
from mlpcli.core.steps import SLICE
from mlpcli.core.tasks import TASKS
from mlpcli.cost.measuring import Measured, Timing, always, best_time, measure_all, timing_of
from mlpcli.cost.operations import step_operations, work_of
from mlpcli.data.dataset import numbered
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.files.model import Model
from mlpcli.files.weights import save_model

NEARLY_NOTHING = ("train", "--dataset", "xor", "--epochs", "1", "--output")
TIMES = 3
INPUTS, UNITS = 200, 200  # of a network to save, which is large enough to tell what each parameter costs
OTHER = "other"  # what a step takes beside its parts

# Rows and columns of a matrix that is large enough for the best rate there is, and so small that of its products, 2 ms
# each, some are undisturbed on a busy machine too.
SQUARE = 512
MOMENT = 0.05  # seconds for each rate


class Limits(NamedTuple):
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
    whole, elementwise = work_of(operations), work_of(one for one in operations if not one.multiply_adds)
    reached = whole.flops / step / 1e9
    floors = {
        "arithmetic": 2 * whole.multiply_adds / (max(reached, product, square) * 1e9),
        "memory": elementwise.bytes / copied,
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


# ----- A whole run ----------------------------------------------------------------------------------------------------


class Estimate(NamedTuple):
    """The parts of a run of `train`, without reading the data."""

    start_up: Timing
    updates: Timing  # of all epochs
    epoch_ends: Timing  # loss, metric and validation of all epochs
    evaluation: Timing  # the last one, of all parts of the data
    saving: Timing

    @property
    def training(self) -> Timing:
        return self.updates + self.epoch_ends

    @property
    def total(self) -> Timing:
        return self.start_up + self.training + self.evaluation + self.saving


def estimate(workload: Workload, measured: Measured, start_up: Timing, saving: Timing) -> Estimate:
    """Each measured part, scaled from the samples that were measured to all samples and epochs."""
    all_samples = workload.training + workload.validation + workload.test
    return Estimate(
        start_up,
        _updates(workload, measured) * workload.epochs,
        _epoch_end(workload, measured) * workload.epochs,
        measured.evaluation * (all_samples / measured.workload.training),
        saving,
    )


def mean_step_of(workload: Workload, measured: Measured) -> float:
    """Seconds per update: the estimate of all updates divided by their number."""
    return _updates(workload, measured).median / workload.updates_per_epoch


def epoch_of(workload: Workload, measured: Measured) -> Timing:
    """One epoch, from its first batch to its evaluation."""
    return _updates(workload, measured) + _epoch_end(workload, measured)


def step_of(workload: Workload, measured: Measured) -> Timing:
    """One full batch. If a smaller one was measured, all parts but the update grow with the samples."""
    scale = workload.batch / measured.workload.batch
    return measured.step * scale + always((1 - scale) * measured.parts["update"].median)


def _updates(workload: Workload, measured: Measured) -> Timing:
    """All steps of an epoch: the measured ones scaled up, with an update for each step more or less.

    The measured epochs, in their order, make up to eight groups; the median is that of the groups' mean sums of steps,
    slow ones included. The interval reaches from every step as fast as the fastest tenth to every step as slow as the
    slowest tenth, or further if the groups' means do.
    """
    part, steps = measured.workload, measured.workload.updates_per_epoch
    scale = workload.training / part.training
    more = workload.updates_per_epoch - scale * steps
    low, high = measured.step.low * steps, measured.step.high * steps
    updates = Timing(min(low, measured.updates.low), measured.updates.median, max(high, measured.updates.high))
    return updates * scale + always(more * measured.parts["update"].median)


def _epoch_end(workload: Workload, measured: Measured) -> Timing:
    return measured.rest * (workload.training / measured.workload.training)


def mean_parts(measured: Measured) -> dict[str, float]:
    """Mean seconds of each part (means add up, medians do not), and what is left of the mean step, if any."""
    means = {name: part.mean for name, part in measured.parts.items()}
    left = measured.step.mean - sum(means.values())
    return {**means, OTHER: left} if left > 0 else means


def step_shares(measured: Measured) -> dict[str, float]:
    """Shares of the sum of all parts.

    The sum is the mean step, or more if the parts, which have a loop of their own, were timed in slower moments.
    """
    parts = mean_parts(measured)
    whole = sum(parts.values())
    return {name: seconds / whole for name, seconds in parts.items()}


# ----- Before and after the training ----------------------------------------------------------------------------------


def start_up() -> Timing:
    """A whole run of `mlp train` on four samples: imports, reading, tables, with hardly any training."""
    return _timed(_train_nearly_nothing)


def _train_nearly_nothing(path: str) -> None:
    # -P, or else a random.py in the user's folder would be run in place of the library's
    command = [sys.executable, "-P", "-m", "mlpcli", *NEARLY_NOTHING, path]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        why = done.stderr.strip()[-200:] or f"exit code {done.returncode}"
        raise MlpError(f"mlp train does not run here, so its start-up cannot be timed: {why}")


def saving(parameters: int) -> Timing:
    """Writing that many parameters to a weights file, scaled from a network of 40,200."""
    network = empty(chain(INPUTS, [UNITS], [ACTIVATIONS["linear"]]), "float32")
    network.theta[...] = 0.123456789
    names = numbered(UNITS, "y")
    model = Model(
        network,
        objective_of(LOSSES["mse"]),
        TASKS["regression"],
        Preparation(numbered(INPUTS), unscaled()),
        Coding(names),
    )
    return _timed(lambda path: save_model(model, path)) * (parameters / network.theta.size)


def _timed(run: Callable[[str], object]) -> Timing:
    """Several times, each with the name of a weights file that is not there yet."""
    times = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            started = perf_counter()
            run(os.path.join(folder, "w.json"))
            times.append(perf_counter() - started)
    return timing_of(times)
