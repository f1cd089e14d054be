"""Everything that was found out about what a training costs. What was not asked for is None or empty."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from mlpcli.core.cost.memory import memory_of
from mlpcli.core.cost.workload import Workload

if TYPE_CHECKING:  # where nothing is measured, nothing that measures is imported
    from mlpcli.core.cost.against_naive import Comparison
    from mlpcli.core.cost.estimate import Estimate
    from mlpcli.core.cost.machine import Limits
    from mlpcli.core.cost.measuring import Measured


@dataclass(frozen=True)
class Timed:
    """A training, how many threads multiply its matrices, and the measurement of it, or why there is none."""

    workload: Workload
    threads: int
    measured: Optional["Measured"] = None
    unmeasured: str | None = None  # because


@dataclass(frozen=True)
class Cost:
    """The training that was asked about; the same with other batches; other machines and loops in its place."""

    timed: Timed
    limits: Optional["Limits"] = None
    estimate: Optional["Estimate"] = None
    naive: tuple["Comparison", ...] = ()
    gflops: float | None = None  # of another machine's matrix products
    sweep: tuple[Timed, ...] = ()
    free: int | None = None  # bytes of memory on this machine, where that is known

    @property
    def workload(self) -> Workload:
        return self.timed.workload

    @property
    def has_times(self) -> bool:
        """Whether there is more than what the shapes tell."""
        return self.estimate is not None or self.gflops is not None or bool(self.naive) or bool(self.sweep)

    @property
    def trainings(self) -> tuple[Timed, ...]:
        """The training that was asked about and those of the sweep, each once."""
        batch = self.workload.batch
        return (self.timed, *(timed for timed in self.sweep if timed.workload.batch != batch))

    @property
    def too_large(self) -> tuple[Timed, ...]:
        """Those trainings that this machine has no memory for."""
        return tuple(timed for timed in self.trainings if not self.fits(timed))

    @property
    def unmeasured(self) -> tuple[Timed, ...]:
        """Those trainings that it has the memory for, but not for measuring them."""
        return tuple(timed for timed in self.trainings if self.fits(timed) and timed.unmeasured is not None)

    def fits(self, timed: Timed) -> bool:
        """Whether this machine has the memory for a training, or nobody knows how much it has."""
        return self.free is None or memory_of(timed.workload) <= self.free
