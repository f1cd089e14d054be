"""The figures that `mlp estimate-runtime` shows both to people and to programs, each with its name for either."""

from typing import NamedTuple

from mlpcli.core.cost.estimate import Estimate, mean_step_of
from mlpcli.core.cost.machine import Limits
from mlpcli.core.cost.measuring import Measured
from mlpcli.core.cost.timing import Timing
from mlpcli.core.cost.workload import Workload
from mlpcli.report.units import many, time


class TimedRow(NamedTuple):
    """A part of a run of `mlp train`."""

    key: str  # in a document, before its unit
    label: str
    timing: Timing


class RateRow(NamedTuple):
    """A rate in GFLOP/s."""

    key: str
    label: str
    gflops: float


def estimate_rows(workload: Workload, measured: Measured, estimate: Estimate) -> tuple[TimedRow, ...]:
    """A run of `mlp train`, part by part, and all of it."""
    updates = f"{many(workload.updates, 'update')} of {time(mean_step_of(workload, measured))}"
    return (
        TimedRow("start_up", "start-up", estimate.start_up),
        TimedRow("updates", updates, estimate.updates),
        TimedRow("epoch_ends", f"end of {many(workload.epochs, 'epoch')}", estimate.epoch_ends),
        TimedRow("evaluation", "evaluation", estimate.evaluation),
        TimedRow("saving", "weights file", estimate.saving),
        TimedRow("total", "in all", estimate.total),
    )


def rate_rows(limits: Limits) -> tuple[RateRow, ...]:
    """The rates of which the best is the machine's own."""
    return (
        RateRow("step", "a step", limits.reached),
        RateRow("largest_product", "its largest product", limits.product),
        RateRow("square_product", "large squares", limits.square),
    )
