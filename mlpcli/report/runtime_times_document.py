"""What a training costs by the clock, as a document: every figure with its unit in its name."""

from typing import Any

from mlpcli.core.cost.against_naive import naive_seconds
from mlpcli.core.cost.cost import Cost, Timed
from mlpcli.core.cost.estimate import epoch_of, mean_step_of, step_of
from mlpcli.core.cost.machine import Limits
from mlpcli.core.cost.measuring import Measured
from mlpcli.core.cost.memory import memory_of
from mlpcli.core.cost.step_shares import mean_parts, step_shares
from mlpcli.core.cost.timing import Timing
from mlpcli.core.cost.work import seconds_at
from mlpcli.core.cost.workload import Workload
from mlpcli.report.runtime_rows import TimedRow, estimate_rows, rate_rows


def timed_document(cost: Cost) -> dict[str, Any]:
    """What was measured, and what follows from it; what was not asked for is left out."""
    document: dict[str, Any] = {}
    if cost.timed.measured is not None and cost.limits is not None and cost.estimate is not None:
        document["measured"] = _measured(cost.workload, cost.timed.measured)
        document["limits"] = _limits(cost.limits)
        document["estimate"] = _estimate(estimate_rows(cost.workload, cost.timed.measured, cost.estimate))
    if cost.gflops is not None:
        document["elsewhere"] = _elsewhere(cost, cost.gflops)
    if cost.naive:
        document["naive"] = _naive(cost)
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
    return {
        **{f"{key}_gflops_per_second": gflops for key, _, gflops in rate_rows(limits)},
        "best_gflops_per_second": limits.best,
        "copy_bytes_per_second": limits.copied,
        **{f"{name}_seconds": seconds for name, seconds in limits.floors.items()},
        "bound_by": limits.bound,
    }


def _estimate(rows: tuple[TimedRow, ...]) -> dict[str, Any]:
    return {name: value for key, _, timing in rows for name, value in _timing(key, timing).items()}


def _timing(name: str, timing: Timing) -> dict[str, float]:
    return {
        f"{name}_seconds": timing.median,
        f"{name}_low_seconds": timing.low,
        f"{name}_high_seconds": timing.high,
    }


def _elsewhere(cost: Cost, gflops: float) -> dict[str, Any]:
    found = {"gflops_per_second": gflops, "at_best_seconds": seconds_at(cost.workload, gflops)}
    if cost.limits is not None and cost.estimate is not None:
        found["training_seconds"] = cost.estimate.training.median * cost.limits.best / gflops
    return found


def _naive(cost: Cost) -> dict[str, Any]:
    return {
        "operations": [
            {
                "operation": one.name,
                "size": one.size,
                "naive_seconds_each": one.naive,
                "vectorised_seconds_each": one.vectorised,
            }
            for one in cost.naive
        ],
        "training_seconds": naive_seconds(cost.workload, cost.naive),
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
    return {
        **counted,
        **_timing("step", step_of(workload, timed.measured)),
        **_timing("epoch", epoch_of(workload, timed.measured)),
        **_timing("training", epoch_of(workload, timed.measured) * workload.epochs),
    }
