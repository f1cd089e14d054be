"""From what was measured to what the whole training takes."""

from dataclasses import dataclass

from mlpcli.core.cost.measuring import Measured
from mlpcli.core.cost.timing import Timing, always
from mlpcli.core.cost.workload import Workload


@dataclass(frozen=True)
class Estimate:
    """The parts of a run of `train`, but for reading the data."""

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
    """What grows with the samples is taken so many times; the updates are counted."""
    all_samples = workload.training + workload.validation + workload.test
    return Estimate(
        start_up,
        _updates(workload, measured) * workload.epochs,
        _epoch_end(workload, measured) * workload.epochs,
        measured.evaluation * (all_samples / measured.workload.training),
        saving,
    )


def mean_step_of(workload: Workload, measured: Measured) -> float:
    """Seconds of an update that, taken so many times as there are updates, make their estimate."""
    return _updates(workload, measured).median / workload.updates_per_epoch


def epoch_of(workload: Workload, measured: Measured) -> Timing:
    """One epoch, from its first batch to its evaluation."""
    return _updates(workload, measured) + _epoch_end(workload, measured)


def step_of(workload: Workload, measured: Measured) -> Timing:
    """One full batch, scaled up where a smaller one was measured: all but the update grows with it."""
    scale = workload.batch / measured.workload.batch
    return measured.step * scale + always((1 - scale) * measured.parts["update"].median)


def _updates(workload: Workload, measured: Measured) -> Timing:
    """All steps of an epoch: the measured ones scaled up, and the update as often more or less as it then happens.

    The middle is the sum of an epoch's steps, slow ones included: the measured epochs, one after the other, make up to
    eight groups, and it is the median of their means. The interval reaches from where every step would take no more
    than the fastest tenth does to where every one would take as much as the slowest, and further where the means do.
    """
    part, steps = measured.workload, measured.workload.updates_per_epoch
    scale = workload.training / part.training
    more = workload.updates_per_epoch - scale * steps
    low, high = measured.step.low * steps, measured.step.high * steps
    updates = Timing(min(low, measured.updates.low), measured.updates.median, max(high, measured.updates.high))
    return updates * scale + always(more * measured.parts["update"].median)


def _epoch_end(workload: Workload, measured: Measured) -> Timing:
    return measured.rest * (workload.training / measured.workload.training)
