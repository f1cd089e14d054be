"""What `mlp estimate-runtime` does: count, measure, estimate."""

from dataclasses import dataclass, replace

from mlpcli.cli.counts import samples_per_update
from mlpcli.cli.free_memory import free_memory
from mlpcli.cli.threads import limit_threads, threads_for
from mlpcli.cli.workloads import MOST_SAMPLES, AskedCost, workload_of
from mlpcli.core.cost.cost import Cost, Timed
from mlpcli.core.cost.workload import Workload
from mlpcli.core.errors import ChoiceError
from mlpcli.report.runtime_report import runtime_report
from mlpcli.report.sheet import Report

SECONDS = 1.0  # of training that are measured
SECONDS_OF_A_SWEEP = 0.3  # for each batch size
MOST_BATCHES = 50
LEAST_GFLOPS, MOST_GFLOPS = 1e-6, 1e9  # from a thousand operations a second to an exaflop


@dataclass(frozen=True)
class AskedHow:
    """How the cost is to be found out."""

    measure: bool
    threads: int | None
    gflops: float | None
    naive: bool
    sweep_batch: str | None


def run_estimate(asked: AskedCost, how: AskedHow) -> Report:
    """The report."""
    if how.gflops is not None:
        _check_rate(how.gflops)
    timed, *sweep = _trainings(workload_of(asked), how)
    cost = Cost(timed, gflops=how.gflops, sweep=tuple(sweep), free=free_memory())
    if how.naive:
        from mlpcli.core.cost.against_naive import compare_with_naive

        cost = replace(cost, naive=compare_with_naive(cost.workload))
    return runtime_report(_measured(cost) if how.measure else cost)


def _check_rate(gflops: float) -> None:
    """Raises ChoiceError for a rate that no machine has."""
    if not LEAST_GFLOPS <= gflops <= MOST_GFLOPS:
        raise ChoiceError(f"--gflops must be from {LEAST_GFLOPS:g} to {MOST_GFLOPS:g}, not {gflops:g}")


def _trainings(workload: Workload, how: AskedHow) -> list[Timed]:
    """The training that was asked about, and the same with each batch size of the sweep."""
    swept = [replace(workload, batch=batch) for batch in _batches(how.sweep_batch, workload.training)]
    return [Timed(one, threads_for(one.layers, one.batch, how.threads)) for one in (workload, *swept)]


def _batches(text: str | None, samples: int) -> list[int]:
    """`1,8,32,128,all`, each at most all samples."""
    if text is None:
        return []
    sizes = [samples_per_update(part, "--sweep-batch", MOST_SAMPLES) or samples for part in text.split(",")]
    if len(sizes) > MOST_BATCHES:
        raise ChoiceError(f"--sweep-batch takes up to {MOST_BATCHES} sizes, not {len(sizes)}")
    return list(dict.fromkeys(min(size, samples) for size in sizes))


def _measured(cost: Cost) -> Cost:
    """With the times of all trainings that there is memory to measure, and what follows from that of the first.

    That one is measured once, even where it is also part of the sweep.
    """
    asked, timed = cost.timed, _timed(cost.timed, SECONDS)
    cost = _estimated(replace(cost, timed=timed))
    return replace(cost, sweep=tuple(timed if one == asked else _timed(one, SECONDS_OF_A_SWEEP) for one in cost.sweep))


def _estimated(cost: Cost) -> Cost:
    """With the machine's limits and the estimate, if there is a measurement that they follow from."""
    from mlpcli.cli.around_training import saving, start_up
    from mlpcli.core.cost.estimate import estimate
    from mlpcli.core.cost.machine import limits_of

    measured = cost.timed.measured
    if measured is None:
        return cost
    total = estimate(cost.workload, measured, start_up(), saving(cost.workload.parameters))
    return replace(cost, limits=limits_of(measured), estimate=total)


def _timed(timed: Timed, seconds: float) -> Timed:
    """With its measurement, or why there is none."""
    from mlpcli.core.cost.measuring import TooLargeToMeasureError, measure

    limit_threads(timed.workload.layers, timed.workload.batch, timed.threads)
    try:
        return replace(timed, measured=measure(timed.workload, seconds, free_memory()))
    except TooLargeToMeasureError as why:
        return replace(timed, unmeasured=str(why))
