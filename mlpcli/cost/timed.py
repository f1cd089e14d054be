"""What a training costs by the clock: as a document, each number with its unit in its name, and as tables of it.

Beside it are the lecture's naive tensor operations: loops over single numbers in plain Python, timed beside NumPy.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.memory import Workload, memory_of
from mlpcli.cost.cost import Cost, SizedTraining
from mlpcli.cost.estimate import Estimate, Limits, epoch_of, mean_parts, mean_step_of, step_of, step_shares
from mlpcli.cost.measuring import Measured, Timing, best_time
from mlpcli.cost.operations import seconds_at, training_work
from mlpcli.cost.report import table
from mlpcli.derivation.formula import parse
from mlpcli.derivation.loops import as_function, loops
from mlpcli.report.numbers import counted, share, time
from mlpcli.report.sheet import Sheet

FLOORS = {
    "arithmetic": "matrix products at the best rate",
    "memory": "everything else at the rate of a copy",
    "calls": "one sample, two units per layer",
}
RATES = {"step": "a step", "largest_product": "its largest product", "square_product": "large squares"}
SWEPT = {"step": "a step", "epoch": "an epoch", "training": "training"}
SHARES = "shares are of the sum of the parts' means; other is the rest of the mean step"


def timed_document(cost: Cost) -> dict[str, Any]:
    """What was measured, and what follows from it; what the user did not ask for is left out."""
    document: dict[str, Any] = {}
    if cost.findings is not None:
        measured, limits, estimate = cost.findings
        document["measured"] = _measured(cost.workload, measured)
        document["limits"] = _limits(limits)
        parts = (*Estimate._fields, "total")
        document["estimate"] = _timings({part: getattr(estimate, part) for part in parts})
    if cost.gflops is not None:
        document["elsewhere"] = _elsewhere(cost, cost.gflops)
    if cost.naive:
        document["naive"] = {
            "operations": [loop._asdict() for loop in cost.naive],
            "training_seconds": naive_seconds(cost.workload, cost.naive),
        }
    if cost.sweep:
        document["sweep"] = [_swept(training) for training in cost.sweep]
    return document


def _measured(workload: Workload, measured: Measured) -> dict[str, Any]:
    return {
        "steps": measured.steps,
        "batch_samples": measured.workload.batch,
        **_timings({"step": measured.step, **measured.parts}),
        "mean_step_seconds": measured.step.mean,
        **{f"mean_{name}_seconds": seconds for name, seconds in mean_parts(measured).items()},
        **{f"{name}_share": share for name, share in step_shares(measured).items()},
        **_timings({"full_step": step_of(workload, measured)}),
        "estimated_step_seconds": mean_step_of(workload, measured),
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


def _timings(timings: dict[str, Timing]) -> dict[str, float]:
    ends = {"seconds": "median", "low_seconds": "low", "high_seconds": "high"}
    return {f"{name}_{unit}": getattr(timing, of) for name, timing in timings.items() for unit, of in ends.items()}


def _elsewhere(cost: Cost, gflops: float) -> dict[str, Any]:
    times = {"gflops_per_second": gflops, "at_best_seconds": seconds_at(cost.workload, gflops)}
    if cost.findings is not None:
        times["training_seconds"] = cost.findings.estimate.training.median * cost.findings.limits.best / gflops
    return times


def _swept(training: SizedTraining) -> dict[str, Any]:
    workload = training.workload
    counts = {
        "batch_samples": workload.batch,
        "threads": training.threads,
        "updates_per_epoch": workload.updates_per_epoch,
        "updates": workload.updates,
        "memory_bytes": memory_of(workload),
    }
    if training.measured is None:
        return {**counts, "not_measured_because": training.unmeasured}
    step, epoch = step_of(workload, training.measured), epoch_of(workload, training.measured)
    return {**counts, **_timings({"step": step, "epoch": epoch, "training": epoch * workload.epochs})}


# ----- Tables -------------------------------------------------------------------------------------------------------


def timed_sheets(cost: Cost, document: dict[str, Any]) -> Iterator[Sheet]:
    """The tables of a document."""
    if cost.findings is not None:
        measured, limits, estimate = (document[key] for key in ("measured", "limits", "estimate"))
        yield _step_sheet(cost, measured)
        yield _rates_sheet(limits)
        yield _limits_sheet(limits, measured["step_seconds"])
        yield _estimate_sheet(cost, estimate, measured["estimated_step_seconds"])
    if cost.naive:
        yield _naive_sheet(document["naive"]["operations"])
    if cost.sweep:
        yield _sweep_sheet(document["sweep"])


TIMES = {"median": "seconds", "from": "low_seconds", "to": "high_seconds"}


def _rows(document: dict[str, Any], labels: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The numbers of each part, without its name in their keys."""
    for part, label in labels.items():
        start = f"{part}_"
        own = {key.removeprefix(start): value for key, value in document.items() if key.startswith(start)}
        yield {"": label, **own}


def _step_sheet(cost: Cost, measured: dict[str, Any]) -> Sheet:
    """A step and its parts. What is left beside the timed parts has no times of its own."""
    n, batch = measured["batch_samples"], cost.workload.batch
    less = f" of {batch:,}" if n < batch else ""
    steps, threads = counted(measured["steps"], "step"), counted(cost.asked.threads, "thread")
    parts = [key.removesuffix("_share") for key in measured if key.endswith("_share")]
    rows = _rows({**measured, "step_share": 1.0}, {**{part: part for part in parts}, "step": "a step"})
    return table(
        f"Measured: {steps} with n = {n:,}{less}, {threads}",
        {"": "", **TIMES, "mean": "mean_seconds", "share": "share"},
        (
            {**row, "mean_seconds": measured[f"mean_{part}_seconds"]}
            for part, row in zip((*parts, "step"), rows, strict=True)
        ),
    )


def _rates_sheet(limits: dict[str, Any]) -> Sheet:
    """Rates, and their share of the best, which is the machine's own."""
    best = limits["best_gflops_per_second"]
    columns = {"": "", "rate": "gflops_per_second", "of the best": "share"}
    rows = ({**row, "share": row["gflops_per_second"] / best} for row in _rows(limits, RATES))
    return table("Rate against the machine's own", columns, rows)


def _limits_sheet(limits: dict[str, Any], step: float) -> Sheet:
    """How far a step is from what the machine can do."""
    bound = limits["bound_by"]
    columns = {"": "floor", "time": "seconds", "of a step": "share", "counting only": ""}
    title = f"Bound by {bound}: at least {share(limits[f'{bound}_seconds'] / step)} of a step"
    named = zip(FLOORS, _rows(limits, FLOORS), strict=True)
    return table(title, columns, ({**row, "floor": name, "share": row["seconds"] / step} for name, row in named))


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
    takes = f"takes {duration}" if cost.fits(cost.asked) else f"would take {duration} with enough memory"
    title = f"Estimate: mlp train {takes}, plus reading its data"
    return table(title, {"": "", **TIMES}, _rows(estimate, labels))


def _naive_sheet(loops: list[dict[str, Any]]) -> Sheet:
    """The lecture's loops beside NumPy."""
    columns = {"operation": "operation", "size": "size", "naive": "naive_seconds_each"}
    columns |= {"NumPy": "vectorised_seconds_each", "times": "times"}
    title = "Naive loops and NumPy, per number or multiply–add; other operations count as x + y"
    ratios = (round(loop["naive_seconds_each"] / loop["vectorised_seconds_each"]) for loop in loops)
    return table(title, columns, ({**loop, "times": times} for loop, times in zip(loops, ratios, strict=True)))


def _sweep_sheet(sweep: list[dict[str, Any]]) -> Sheet:
    """The same training with other batch sizes; without times if none was measured."""
    times = SWEPT if any("step_seconds" in row for row in sweep) else {}
    seconds = {label: f"{name}_seconds" for name, label in times.items()}
    columns = {"batch": "batch_samples", "updates per epoch": "updates_per_epoch", **seconds, "memory": "memory_bytes"}
    return table("By batch size", columns, ({**dict.fromkeys(seconds.values()), **row} for row in sweep))


def answers(cost: Cost, document: dict[str, Any]) -> Iterator[str]:
    """Answers in one line each."""
    if cost.findings is not None:
        yield SHARES
    if "elsewhere" in document:
        elsewhere = document["elsewhere"]
        alike = f", {time(elsewhere['training_seconds'])} with the efficiency measured here" if cost.findings else ""
        yield f"at {cost.gflops:g} GFLOP/s: training {time(elsewhere['at_best_seconds'])} at best{alike}"
    if cost.naive:
        numpy = f"NumPy {time(cost.findings.estimate.training.median)}, " if cost.findings else ""
        yield f"training: {numpy}naive loops {time(document['naive']['training_seconds'])}"


# ----- The lecture's naive loops ------------------------------------------------------------------------------------

MOMENT = 0.05  # seconds for each loop
SIDE = 32  # rows and columns of the matrices


class NaiveLoop(NamedTuple):
    """One operation as a naive loop and in NumPy, in seconds for each number or multiply–add."""

    operation: str
    size: str
    naive_seconds_each: float
    vectorised_seconds_each: float


def compare_with_naive(workload: Workload) -> tuple[NaiveLoop, ...]:
    """The lecture's operations on matrices of SIDE × SIDE numbers: Python's, and those of the workload's dtype."""
    x, y = np.random.default_rng(1).standard_normal((2, SIDE, SIDE)).astype(workload.dtype)
    u, v = x.reshape(-1), y.reshape(-1)
    return (
        _compared("x + y", "ᵢⱼ", "xᵢⱼ + yᵢⱼ", {"x": x, "y": y}, np.add),
        _compared("relu(x)", "ᵢⱼ", "max(0, xᵢⱼ)", {"x": x}, lambda x: np.maximum(x, 0)),
        _compared("vector · vector", "", "Σᵢ xᵢ yᵢ", {"x": u, "y": v}, np.dot),
        _compared("matrix · vector", "ᵢ", "Σⱼ xᵢⱼ yⱼ", {"x": x, "y": v[:SIDE]}, np.dot),
        _compared("matrix · matrix", "ᵢⱼ", "Σₖ xᵢₖ yₖⱼ", {"x": x, "y": y}, np.dot),
    )


def _compared(
    name: str, indices: str, formula: str, operands: Mapping[str, Array], vectorized: Callable[..., object]
) -> NaiveLoop:
    """z with these indices = formula, in both ways."""
    axes = {operand: re.findall(rf"{operand}([ᵢⱼₖ]+)", formula)[0] for operand in operands}
    lengths = {index: n for each, array in operands.items() for index, n in zip(axes[each], array.shape, strict=True)}
    naive = as_function(loops(parse(formula), indices, lengths, axes), tuple(operands))
    lists, arrays = [array.tolist() for array in operands.values()], list(operands.values())
    count = prod(lengths.values())
    times = (best_time(run, MOMENT) / count for run in (lambda: naive(*lists), lambda: vectorized(*arrays)))
    return NaiveLoop(name, "×".join(map(str, arrays[0].shape)), *times)


def naive_seconds(workload: Workload, compared: tuple[NaiveLoop, ...]) -> float:
    """The training with such loops: its multiply–adds, and its other operations, each as slow as x + y."""
    times = {loop.operation: loop.naive_seconds_each for loop in compared}
    work = training_work(workload)
    multiply_adds = sum(share.work.multiply_adds for share in work)
    others = sum(share.work.flops for share in work) - 2 * multiply_adds
    return multiply_adds * times["matrix · matrix"] + others * times["x + y"]
