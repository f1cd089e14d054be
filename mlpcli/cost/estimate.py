"""From what was measured to what a whole run of `mlp train` takes, with what comes before and after the training."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.memory import Workload
from mlpcli.core.network import chain, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.samples import unscaled
from mlpcli.core.tasks import TASKS
from mlpcli.cost.measuring import Measured, Timing, always, timing_of
from mlpcli.data.dataset import numbered
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.files.model import Model
from mlpcli.files.weights import save_model

NEARLY_NOTHING = ("train", "--dataset", "xor", "--epochs", "1", "--output")
TIMES = 3
INPUTS, UNITS = 200, 200  # of a network to save, which is large enough to tell what each parameter costs
OTHER = "other"  # what a step takes beside its parts


@dataclass(frozen=True)
class Estimate:
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
    left = measured.mean_step - sum(measured.mean_parts.values())
    return {**measured.mean_parts, OTHER: left} if left > 0 else measured.mean_parts


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
