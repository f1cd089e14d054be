"""What a training costs by the clock: as a document, each figure with its unit in its name, and as tables of it."""

from collections.abc import Iterator
from typing import Any

from mlpcli.core.memory import Workload, memory_of
from mlpcli.cost.cost import Cost, Timed
from mlpcli.cost.estimate import Estimate, epoch_of, mean_parts, mean_step_of, step_of, step_shares
from mlpcli.cost.limits import Limits, NaiveLoop, naive_seconds
from mlpcli.cost.measuring import Measured, Timing
from mlpcli.cost.operations import seconds_at
from mlpcli.report.numbers import WithUnit, counted, rate, share, size, time, whole
from mlpcli.report.sheet import Cell, Sheet

FLOORS = {
    "arithmetic": "matrix products at the best rate",
    "memory": "all else as fast as a copy",
    "calls": "one sample, two units a layer",
}
RATES = {"step": "a step", "largest_product": "its largest product", "square_product": "large squares"}
SWEPT = {"step": "a step", "epoch": "an epoch", "training": "training"}
SHARES = "shares of a step: of the sum of its parts' means; other: what the mean step takes beside the timed parts"


def timed_document(cost: Cost) -> dict[str, Any]:
    """What was measured, and what follows from it; what the user did not ask for is left out."""
    document: dict[str, Any] = {}
    if cost.times is not None:
        measured, limits, estimate = cost.times
        document["measured"] = _measured(cost.workload, measured)
        document["limits"] = _limits(limits)
        parts = (*Estimate.__dataclass_fields__, "total")
        document["estimate"] = {k: v for part in parts for k, v in _timing(part, getattr(estimate, part)).items()}
    if cost.gflops is not None:
        document["elsewhere"] = _elsewhere(cost, cost.gflops)
    if cost.naive:
        document["naive"] = {
            "operations": [_naive(loop) for loop in cost.naive],
            "training_seconds": naive_seconds(cost.workload, cost.naive),
        }
    if cost.sweep:
        document["sweep"] = [_swept(timed) for timed in cost.sweep]
    return document


def _measured(workload: Workload, measured: Measured) -> dict[str, Any]:
    return {
        "steps": measured.steps,
        "batch_samples": measured.workload.batch,
        **_timing("step", measured.step),
        **{key: value for stage, timing in measured.parts.items() for key, value in _timing(stage, timing).items()},
        "mean_step_seconds": measured.mean_step,
        **{f"mean_{name}_seconds": seconds for name, seconds in mean_parts(measured).items()},
        **{f"{name}_share": share for name, share in step_shares(measured).items()},
        **_timing("full_step", step_of(workload, measured)),
        "mean_update_seconds": mean_step_of(workload, measured),
    }


def _limits(limits: Limits) -> dict[str, Any]:
    rates = zip(RATES, (limits.reached, limits.product, limits.square), strict=True)
    return {
        **{f"{key}_gflops_per_second": gflops for key, gflops in rates},
        "best_gflops_per_second": limits.best,
        "copy_bytes_per_second": limits.copied,
        **{f"{name}_seconds": seconds for name, seconds in limits.floors.items()},
        "bound_by": limits.bound,
    }


def _timing(name: str, timing: Timing) -> dict[str, float]:
    return {
        f"{name}_seconds": timing.median,
        f"{name}_low_seconds": timing.low,
        f"{name}_high_seconds": timing.high,
    }


def _elsewhere(cost: Cost, gflops: float) -> dict[str, Any]:
    times = {"gflops_per_second": gflops, "at_best_seconds": seconds_at(cost.workload, gflops)}
    if cost.times is not None:
        times["training_seconds"] = cost.times.estimate.training.median * cost.times.limits.best / gflops
    return times


def _naive(loop: NaiveLoop) -> dict[str, Any]:
    return {
        "operation": loop.name,
        "size": loop.size,
        "naive_seconds_each": loop.naive,
        "vectorised_seconds_each": loop.vectorised,
    }


def _swept(timed: Timed) -> dict[str, Any]:
    workload = timed.workload
    counted = {
        "batch_samples": workload.batch,
        "threads": timed.threads,
        "updates_per_epoch": workload.updates_per_epoch,
        "updates": workload.updates,
        "memory_bytes": memory_of(workload),
    }
    if timed.measured is None:
        return {**counted, "not_measured_because": timed.unmeasured}
    epoch = epoch_of(workload, timed.measured)
    return {
        **counted,
        **_timing("step", step_of(workload, timed.measured)),
        **_timing("epoch", epoch),
        **_timing("training", epoch * workload.epochs),
    }


# ----- Tables -------------------------------------------------------------------------------------------------------


def timed_sheets(cost: Cost, document: dict[str, Any]) -> Iterator[Sheet]:
    """The tables of a document."""
    if cost.times is not None:
        measured, limits, estimate = (document[key] for key in ("measured", "limits", "estimate"))
        yield _step_sheet(cost, measured)
        yield _rates_sheet(limits)
        yield _limits_sheet(limits, measured["step_seconds"])
        yield _estimate_sheet(cost, estimate, measured["mean_update_seconds"])
    if cost.naive:
        yield _naive_sheet(document["naive"]["operations"])
    if cost.sweep:
        yield _sweep_sheet(document["sweep"])


def _step_sheet(cost: Cost, measured: dict[str, Any]) -> Sheet:
    """A step and its parts. What is left beside the timed parts has no times of its own."""
    n, batch = measured["batch_samples"], cost.workload.batch
    less = f" of {batch:,}" if n < batch else ""
    steps, threads = counted(measured["steps"], "step"), counted(cost.timed.threads, "thread")
    parts = [key.removesuffix("_share") for key in measured if key.endswith("_share")]
    return Sheet(
        f"Measured: {steps} with n = {n:,}{less}, {threads}",
        ("", "median", "from", "to", "mean", "share"),
        (
            *(
                (
                    name,
                    *(_times(name, measured) if f"{name}_seconds" in measured else (WithUnit(""),) * 3),
                    time(measured[f"mean_{name}_seconds"]),
                    share(measured[f"{name}_share"]),
                )
                for name in parts
            ),
            ("a step", *_times("step", measured), time(measured["mean_step_seconds"]), share(1.0)),
        ),
    )


def _rates_sheet(limits: dict[str, Any]) -> Sheet:
    """Rates, and their share of the best, which is the machine's own."""
    rates = [(label, limits[f"{key}_gflops_per_second"]) for key, label in RATES.items()]
    return Sheet(
        "Rate against the machine's own",
        ("", "rate", "of the best"),
        tuple((label, rate(gflops), share(gflops / limits["best_gflops_per_second"])) for label, gflops in rates),
    )


def _limits_sheet(limits: dict[str, Any], step: float) -> Sheet:
    """How far a step is from what the machine can do."""
    floors = [(name, limits[f"{name}_seconds"], label) for name, label in FLOORS.items()]
    bound = limits["bound_by"]
    return Sheet(
        f"Bound by {bound}: {share(limits[f'{bound}_seconds'] / step)} of a step at least",
        ("", "time", "of a step", "counting only"),
        tuple((name, time(floor), share(floor / step), label) for name, floor, label in floors),
    )


def _estimate_sheet(cost: Cost, estimate: dict[str, Any], update: float) -> Sheet:
    """A run of `mlp train`, part by part, or what it would be on a machine with the memory for it."""
    workload, duration = cost.workload, time(estimate["total_seconds"])
    labels = {
        "start_up": "start-up",
        "updates": f"{counted(workload.updates, 'update')} of {time(update)}",
        "epoch_ends": f"end of {counted(workload.epochs, 'epoch')}",
        "evaluation": "evaluation",
        "saving": "weights file",
        "total": "in all",
    }
    takes = f"takes {duration}" if cost.fits(cost.timed) else f"would take {duration} if it had the memory"
    return Sheet(
        f"Estimate: mlp train {takes}, and reads its data besides",
        ("", "median", "from", "to"),
        tuple((label, *_times(part, estimate)) for part, label in labels.items()),
    )


def _naive_sheet(loops: list[dict[str, Any]]) -> Sheet:
    """The lecture's loops beside NumPy."""
    pairs = [(loop, loop["naive_seconds_each"], loop["vectorised_seconds_each"]) for loop in loops]
    return Sheet(
        "Naive loops and NumPy, for a number or a multiply–add; other operations are taken as x + y",
        ("operation", "size", "naive", "NumPy", "times"),
        tuple(
            (loop["operation"], loop["size"], time(naive), time(numpy), whole(round(naive / numpy)))
            for loop, naive, numpy in pairs
        ),
    )


def _sweep_sheet(sweep: list[dict[str, Any]]) -> Sheet:
    """The same training with other batch sizes; without times if none was measured."""
    times = SWEPT if any("step_seconds" in row for row in sweep) else {}
    return Sheet(
        "By batch size",
        ("batch", "updates per epoch", *times.values(), "memory"),
        tuple(
            (
                whole(row["batch_samples"]),
                whole(row["updates_per_epoch"]),
                *(time(row[f"{name}_seconds"]) if f"{name}_seconds" in row else None for name in times),
                size(row["memory_bytes"]),
            )
            for row in sweep
        ),
    )


def _times(name: str, times: dict[str, Any]) -> tuple[Cell, Cell, Cell]:
    return time(times[f"{name}_seconds"]), time(times[f"{name}_low_seconds"]), time(times[f"{name}_high_seconds"])


def answers(cost: Cost, document: dict[str, Any]) -> Iterator[str]:
    """Answers in one line each."""
    if cost.times is not None:
        yield SHARES
    if "elsewhere" in document:
        elsewhere = document["elsewhere"]
        alike = f", {time(elsewhere['training_seconds'])} if as far from that as here" if cost.times else ""
        yield f"at {cost.gflops:g} GFLOP/s: training {time(elsewhere['at_best_seconds'])} at best{alike}"
    if cost.naive:
        numpy = f"NumPy {time(cost.times.estimate.training.median)}, " if cost.times else ""
        yield f"training: {numpy}naive loops {time(document['naive']['training_seconds'])}"
