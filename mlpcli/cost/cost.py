"""A question answered: the training counted, measured if the user wants that, and what follows from both."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Optional

from mlpcli.core.memory import Workload, memory_of
from mlpcli.cost.question import CostQuestion, workload_of
from mlpcli.files.machine import free_memory, limit_threads, threads_for
from mlpcli.report.numbers import size

if TYPE_CHECKING:  # if nothing is measured, nothing that measures is imported
    from mlpcli.cost.estimate import Estimate
    from mlpcli.cost.limits import Limits, NaiveLoop
    from mlpcli.cost.measuring import Measured

SECONDS = 1.0  # of training that are measured
SECONDS_OF_A_SWEEP = 0.3  # for each batch size


@dataclass(frozen=True)
class Timed:
    """A training, how many threads multiply its matrices, and the measurement of it, or why there is none."""

    workload: Workload
    threads: int
    measured: Optional["Measured"]
    unmeasured: str | None  # because


class Times(NamedTuple):
    """What follows from the measurement of a training."""

    measured: "Measured"
    limits: "Limits"
    estimate: "Estimate"


@dataclass(frozen=True)
class Cost:
    """The training that the user asks about; the same with other batches; other machines and loops in its place."""

    timed: Timed
    times: Times | None
    gflops: float | None  # of another machine's matrix products
    naive: tuple["NaiveLoop", ...]
    sweep: tuple[Timed, ...]
    free: int | None  # bytes of memory on this machine, if that is known

    @property
    def workload(self) -> Workload:
        return self.timed.workload

    @property
    def has_times(self) -> bool:
        """Whether there is more than the shapes tell."""
        return self.times is not None or self.gflops is not None or bool(self.naive) or bool(self.sweep)

    def fits(self, timed: Timed) -> bool:
        """Whether this machine has the memory for a training, or nobody knows how much it has."""
        return self.free is None or memory_of(timed.workload) <= self.free

    def missing_memory(self) -> Iterator[str]:
        """A line for each training that there is no memory for, and then for each that there is none to measure."""
        batch = self.workload.batch
        trainings = (self.timed, *(timed for timed in self.sweep if timed.workload.batch != batch))
        for timed in trainings:
            if self.free is not None and not self.fits(timed):
                needs = f"it needs up to {size(memory_of(timed.workload))}, and {size(self.free)} are free"
                yield f"too large for this machine with batches of {timed.workload.batch:,}: {needs}"
        for timed in trainings:
            if timed.unmeasured is not None and self.fits(timed):
                yield f"not measured with batches of {timed.workload.batch:,}: {timed.unmeasured}"


def cost_of(question: CostQuestion) -> Cost:
    """Counts, and measures as much as the question asks for.

    The training itself is measured once, even if the sweep has its batch size too.
    """
    question.check()
    workload = workload_of(question)
    asked = (workload, threads_for(workload.layers, workload.batch, question.threads))
    batches = dict.fromkeys(min(batch or workload.training, workload.training) for batch in question.sweep)
    swept = [(replace(workload, batch=n), threads_for(workload.layers, n, question.threads)) for n in batches]
    naive: tuple[NaiveLoop, ...] = ()
    if question.naive:
        from mlpcli.cost.limits import compare_with_naive

        naive = compare_with_naive(workload)
    free, timed = free_memory(), _timed(*asked, SECONDS if question.measure else None)
    times = None if timed.measured is None else _times(workload, timed.measured)
    moment = SECONDS_OF_A_SWEEP if question.measure else None
    sweep = tuple(timed if one == asked else _timed(*one, moment) for one in swept)
    return Cost(timed, times, question.gflops, naive, sweep, free)


def _timed(workload: Workload, threads: int, seconds: float | None) -> Timed:
    """The training measured for that long, if there is the memory for it; None: not at all."""
    if seconds is None:
        return Timed(workload, threads, None, None)
    from mlpcli.cost.measuring import TooLargeToMeasureError, measure

    limit_threads(workload.layers, workload.batch, threads)
    try:
        return Timed(workload, threads, measure(workload, seconds, free_memory()), None)
    except TooLargeToMeasureError as why:
        return Timed(workload, threads, None, str(why))


def _times(workload: Workload, measured: "Measured") -> Times:
    from mlpcli.cost.estimate import estimate, saving, start_up
    from mlpcli.cost.limits import limits_of

    total = estimate(workload, measured, start_up(), saving(workload.parameters))
    return Times(measured, limits_of(measured), total)
