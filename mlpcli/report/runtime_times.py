"""What a training costs by the clock: a step and its limits, the whole, other machines, naive loops, other batches."""

from mlpcli.core.cost.against_naive import naive_seconds
from mlpcli.core.cost.cost import Cost, Timed
from mlpcli.core.cost.estimate import Estimate, at_rate, epoch_of, step_of
from mlpcli.core.cost.machine import Limits
from mlpcli.core.cost.measuring import Measured, Timing
from mlpcli.core.cost.memory import memory_of
from mlpcli.core.cost.workload import Workload
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.units import rate, share, size, time, whole

FLOORS = {
    "arithmetic": "its matrix products at the rate of large square ones",
    "memory": "all else that it touches, as fast as a copy",
    "calls": "the same with one sample and two units a layer",
}


def step_sheet(timed: Timed, measured: Measured) -> Sheet:
    """A step and its parts."""
    workload, step = measured.workload, measured.step
    batch = f"{workload.batch:,}" if workload.batch == timed.workload.batch else _scaled(timed.workload, workload)
    threads = f"{timed.threads} thread{'s' if timed.threads > 1 else ''}"
    return Sheet(
        f"Measured: {measured.steps:,} steps with {batch} samples, {threads}",
        ("", "median", "from", "to", "share"),
        (
            *((part, *_times(timing), share(timing.median / step.median)) for part, timing in measured.stages.items()),
            ("a step", *_times(step), share(1.0)),
        ),
    )


def _scaled(whole_training: Workload, part: Workload) -> str:
    return f"{part.batch:,} of {whole_training.batch:,}"


def limits_sheet(limits: Limits) -> Sheet:
    """How far a step is from what the machine can do."""
    return Sheet(
        f"Bound by {limits.bound}: what a step takes at the least",
        ("", "time", "of a step", "reckoned from"),
        tuple((name, time(floor), share(floor / limits.step), FLOORS[name]) for name, floor in limits.floors.items()),
    )


def rates_sheet(limits: Limits) -> Sheet:
    """Rates, and their share of the best."""
    rows = (("a step", limits.reached), ("its largest product", limits.product), ("large squares", limits.square))
    return Sheet(
        "Rate against the machine's own",
        ("", "rate", "of the best"),
        tuple((name, rate(gflops), share(gflops / limits.square)) for name, gflops in rows),
    )


def estimate_sheet(workload: Workload, estimate: Estimate) -> Sheet:
    """A run of `mlp train`, part by part."""
    rows = (
        ("start-up", estimate.start_up),
        (f"{workload.updates:,} updates", estimate.updates),
        (f"end of {workload.epochs:,} epoch{'s' if workload.epochs > 1 else ''}", estimate.epoch_ends),
        ("evaluation", estimate.evaluation),
        ("weights file", estimate.saving),
        ("in all", estimate.total),
    )
    return Sheet(
        f"Estimate: mlp train takes {time(estimate.total.median)}, and reads its data besides",
        ("", "median", "from", "to"),
        tuple((name, *_times(timing)) for name, timing in rows),
    )


def sweep_sheet(sweep: tuple[Timed, ...]) -> Sheet:
    """The same training with other batch sizes."""
    return Sheet(
        "By batch size",
        ("batch", "updates an epoch", "a step", "an epoch", "training", "memory"),
        tuple(_swept(timed) for timed in sweep),
    )


def _swept(timed: Timed) -> tuple[Cell, ...]:
    workload = timed.workload
    step: Cell = None
    epoch: Cell = None
    training: Cell = None
    if timed.measured is not None:
        step = time(step_of(workload, timed.measured).median)
        epoch = time(epoch_of(workload, timed.measured).median)
        training = time(epoch_of(workload, timed.measured).median * workload.epochs)
    return (
        whole(workload.batch),
        whole(workload.updates_per_epoch),
        step,
        epoch,
        training,
        size(memory_of(workload)),
    )


def naive_sheet(cost: Cost) -> Sheet:
    """The lecture's loops beside NumPy."""
    return Sheet(
        "Naive loops and NumPy: for a number, or a multiply–add",
        ("operation", "size", "naive", "NumPy", "times"),
        tuple(
            (one.name, one.size, time(one.naive), time(one.vectorised), whole(round(one.naive / one.vectorised)))
            for one in cost.naive
        ),
    )


def closing(cost: Cost) -> tuple[str, ...]:
    """Answers in one line each."""
    lines = []
    if cost.gflops is not None:
        lines.append(_elsewhere(cost, cost.gflops))
    if cost.naive:
        naive = f"naive loops {time(naive_seconds(cost.workload, cost.naive))}"
        numpy = f"NumPy {time(cost.estimate.training.median)}, " if cost.estimate else ""
        lines.append(f"the training: {numpy}{naive}")
    return tuple(lines)


def _elsewhere(cost: Cost, gflops: float) -> str:
    best = f"at {gflops:g} GFLOP/s the training takes {time(at_rate(cost.workload, gflops))} at best"
    if cost.limits is None or cost.estimate is None:
        return best
    alike = cost.estimate.training.median * cost.limits.square / gflops
    return f"{best}, {time(alike)} if it is as far from that rate as here"


def _times(timing: Timing) -> tuple[Cell, Cell, Cell]:
    return time(timing.median), time(timing.low), time(timing.high)
