"""What a training costs by the clock: a step and its limits, the whole, other machines, naive loops, other batches."""

from collections.abc import Iterator

from mlpcli.core.cost.against_naive import naive_seconds
from mlpcli.core.cost.cost import Cost, Timed
from mlpcli.core.cost.estimate import Estimate, epoch_of, step_of
from mlpcli.core.cost.machine import Limits
from mlpcli.core.cost.measuring import Measured
from mlpcli.core.cost.memory import memory_of
from mlpcli.core.cost.step_shares import mean_parts, step_shares
from mlpcli.core.cost.timing import Timing
from mlpcli.core.cost.work import seconds_at
from mlpcli.core.cost.workload import Workload
from mlpcli.report.runtime_rows import TimedRow, estimate_rows, rate_rows
from mlpcli.report.sheet import Cell, Figure, Sheet
from mlpcli.report.units import many, rate, share, size, time, whole

FLOORS = {
    "arithmetic": "matrix products at the best rate",
    "memory": "all else as fast as a copy",
    "calls": "one sample, two units a layer",
}

SHARES = "shares of a step: of the sum of its parts' means; other: what the mean step takes beside the timed parts"


def timed_sheets(cost: Cost) -> Iterator[Sheet]:
    """What was measured, and what follows from it; what was not asked for is left out."""
    if cost.timed.measured is not None and cost.limits is not None and cost.estimate is not None:
        yield step_sheet(cost.timed, cost.timed.measured)
        yield rates_sheet(cost.limits)
        yield limits_sheet(cost.limits)
        rows = estimate_rows(cost.workload, cost.timed.measured, cost.estimate)
        yield estimate_sheet(rows, cost.estimate, cost.fits(cost.timed))
    if cost.naive:
        yield naive_sheet(cost)
    if cost.sweep:
        yield sweep_sheet(cost.sweep)


def step_sheet(timed: Timed, measured: Measured) -> Sheet:
    """A step and its parts."""
    workload, step = measured.workload, measured.step
    less = f" of {timed.workload.batch:,}" if workload.batch < timed.workload.batch else ""
    steps, threads = many(measured.steps, "step"), many(timed.threads, "thread")
    return Sheet(
        f"Measured: {steps} with n = {workload.batch:,}{less}, {threads}",
        ("", "median", "from", "to", "mean", "share"),
        (
            *(_part(measured, name, seconds) for name, seconds in mean_parts(measured).items()),
            ("a step", *_times(step), time(measured.mean_step), share(1.0)),
        ),
    )


def _part(measured: Measured, name: str, seconds: float) -> tuple[Cell, ...]:
    """A part of a step; what is left beside the timed parts has no times of its own."""
    timing = measured.parts.get(name)
    times = (Figure(""),) * 3 if timing is None else _times(timing)
    return (name, *times, time(seconds), share(step_shares(measured)[name]))


def limits_sheet(limits: Limits) -> Sheet:
    """How far a step is from what the machine can do."""
    return Sheet(
        f"Bound by {limits.bound}: {share(limits.floors[limits.bound] / limits.step)} of a step at the least",
        ("", "time", "of a step", "if there were only"),
        tuple((name, time(floor), share(floor / limits.step), FLOORS[name]) for name, floor in limits.floors.items()),
    )


def rates_sheet(limits: Limits) -> Sheet:
    """Rates, and their share of the best, which is the machine's own."""
    return Sheet(
        "Rate against the machine's own",
        ("", "rate", "of the best"),
        tuple((name, rate(gflops), share(gflops / limits.best)) for _, name, gflops in rate_rows(limits)),
    )


def estimate_sheet(rows: tuple[TimedRow, ...], estimate: Estimate, fits: bool) -> Sheet:
    """A run of `mlp train`, part by part, or what it would be on a machine that had the memory for it."""
    return Sheet(
        f"Estimate: {_takes(time(estimate.total.median), fits)}, and reads its data besides",
        ("", "median", "from", "to"),
        tuple((name, *_times(timing)) for _, name, timing in rows),
    )


def _takes(duration: str, fits: bool) -> str:
    return f"mlp train takes {duration}" if fits else f"mlp train would take {duration} if it had the memory"


def sweep_sheet(sweep: tuple[Timed, ...]) -> Sheet:
    """The same training with other batch sizes; without times where none was measured."""
    if not any(timed.measured for timed in sweep):
        counted = tuple(_counted(timed.workload) for timed in sweep)
        return Sheet("By batch size", ("batch", "updates an epoch", "memory"), counted)
    return Sheet(
        "By batch size",
        ("batch", "updates an epoch", "a step", "an epoch", "training", "memory"),
        tuple(_swept(timed) for timed in sweep),
    )


def _counted(workload: Workload) -> tuple[Cell, Cell, Cell]:
    return whole(workload.batch), whole(workload.updates_per_epoch), size(memory_of(workload))


def _swept(timed: Timed) -> tuple[Cell, ...]:
    workload, measured = timed.workload, timed.measured
    batch, updates, memory = _counted(workload)
    if measured is None:
        return batch, updates, None, None, None, memory
    epoch = epoch_of(workload, measured).median
    step, training = step_of(workload, measured).median, epoch * workload.epochs
    return batch, updates, time(step), time(epoch), time(training), memory


def naive_sheet(cost: Cost) -> Sheet:
    """The lecture's loops beside NumPy."""
    return Sheet(
        "Naive loops and NumPy, for a number or a multiply–add; other operations are taken as x + y",
        ("operation", "size", "naive", "NumPy", "times"),
        tuple(
            (one.name, one.size, time(one.naive), time(one.vectorised), whole(round(one.naive / one.vectorised)))
            for one in cost.naive
        ),
    )


def answers(cost: Cost) -> tuple[str, ...]:
    """Answers in one line each."""
    lines = []
    if cost.timed.measured is not None:
        lines.append(SHARES)
    if cost.gflops is not None:
        lines.append(_elsewhere(cost, cost.gflops))
    if cost.naive:
        naive = f"naive loops {time(naive_seconds(cost.workload, cost.naive))}"
        numpy = f"NumPy {time(cost.estimate.training.median)}, " if cost.estimate else ""
        lines.append(f"training: {numpy}{naive}")
    return tuple(lines)


def _elsewhere(cost: Cost, gflops: float) -> str:
    best = f"at {gflops:g} GFLOP/s: training {time(seconds_at(cost.workload, gflops))} at best"
    if cost.limits is None or cost.estimate is None:
        return best
    alike = cost.estimate.training.median * cost.limits.best / gflops
    return f"{best}, {time(alike)} if as far from that as here"


def _times(timing: Timing) -> tuple[Cell, Cell, Cell]:
    return time(timing.median), time(timing.low), time(timing.high)
