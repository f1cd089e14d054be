"""The cost of a training as a document: every figure with its unit in its name."""

from collections.abc import Iterator, Sequence
from typing import Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.cost.against_naive import naive_seconds
from mlpcli.core.cost.cost import Cost, Timed
from mlpcli.core.cost.estimate import Estimate, at_rate, epoch_of, step_of
from mlpcli.core.cost.machine import Limits
from mlpcli.core.cost.measuring import Measured, Timing
from mlpcli.core.cost.memory import memory_of, training_memory
from mlpcli.core.cost.quantity import Quantity
from mlpcli.core.cost.step import STAGES, Operation, bytes_of, flops_of, multiply_adds_of, step_operations
from mlpcli.core.cost.work import training_work
from mlpcli.core.cost.workload import Workload
from mlpcli.core.families import spelled
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.report.sheet import Cell, Sheet

CONVENTION = (
    "1 multiply-add = 2 FLOPs; any other operation on a number, a comparison or an exponential too, = 1; "
    "no gradient of the input; bytes are those that operations read and write"
)


def runtime_document(cost: Cost) -> dict[str, Any]:
    """All that is known; what was not asked for is left out."""
    document = {
        "convention": CONVENTION,
        **_training(cost.timed),
        **_counted(cost.workload),
        "free_memory_bytes": cost.free,
        "fits": cost.timed not in cost.too_large,
    }
    if cost.timed.measured is not None and cost.limits is not None and cost.estimate is not None:
        document["measured"] = _measured(cost.workload, cost.timed.measured)
        document["limits"] = _limits(cost.limits)
        document["estimate"] = _estimate(cost.estimate)
    if cost.gflops is not None:
        document["elsewhere"] = _elsewhere(cost, cost.gflops)
    if cost.naive:
        document["naive"] = _naive(cost)
    if cost.sweep:
        document["sweep"] = [_swept(timed) for timed in cost.sweep]
    return document


# ----- Counted ------------------------------------------------------------------------------------------------------


def _training(timed: Timed) -> dict[str, Any]:
    workload, item = timed.workload, timed.workload.dtype.itemsize
    return {
        "training": {
            "training_samples": workload.training,
            "validation_samples": workload.validation,
            "test_samples": workload.test,
            "batch_samples": workload.batch,
            "last_batch_samples": workload.last_batch,
            "epochs": workload.epochs,
            "updates_per_epoch": workload.updates_per_epoch,
            "updates": workload.updates,
            "optimizer": spelled(workload.optimizer, OPTIMIZERS),
            "loss": workload.objective.loss.name,
            "dtype": workload.dtype.name,
            "threads": timed.threads,
        },
        "layers": [
            {
                "layer": k,
                "inputs": layer.inputs,
                "units": layer.units,
                "activation": spelled(layer.activation, ACTIVATIONS),
                "weights": layer.units * layer.inputs,
                "weights_bytes": item * layer.units * layer.inputs,
                "parameters": layer.size,
                "parameters_bytes": item * layer.size,
            }
            for k, layer in enumerate(workload.layers, 1)
        ],
        "parameters": workload.parameters,
        "parameters_bytes": item * workload.parameters,
    }


def _counted(workload: Workload) -> dict[str, Any]:
    operations = step_operations(workload, workload.batch)
    work = training_work(workload)
    return {
        "operations": [
            {
                "layer": one.layer,
                "stage": one.stage,
                "operation": one.name,
                "multiply_adds": one.multiply_adds,
                **_quantity(one.flops, "flops"),
                **_quantity(one.touched, "bytes"),
            }
            for one in operations
        ],
        "step": {
            **{stage: _sums([one for one in operations if one.stage == stage]) for stage in STAGES},
            **_sums(operations),
        },
        "work": [{"part": share.name, "times": share.times, "flops": share.flops} for share in work],
        "multiply_adds": sum(share.multiply_adds for share in work),
        "flops": sum(share.flops for share in work),
        "memory": [{"arrays": part.name, **_quantity(part.size, "bytes")} for part in training_memory(workload)],
        "memory_bytes": memory_of(workload),
    }


def _sums(operations: Sequence[Operation]) -> dict[str, int]:
    return {
        "multiply_adds": multiply_adds_of(operations),
        "product_flops": 2 * multiply_adds_of(operations),
        "flops": flops_of(operations),
        "bytes": bytes_of(operations),
    }


def _quantity(quantity: Quantity, unit: str) -> dict[str, Any]:
    return {f"{unit}_formula": quantity.formula, f"{unit}_inserted": quantity.inserted, unit: quantity.value}


# ----- Measured -----------------------------------------------------------------------------------------------------


def _measured(workload: Workload, measured: Measured) -> dict[str, Any]:
    return {
        "steps": measured.steps,
        "batch_samples": measured.workload.batch,
        **_timing("step", measured.step),
        **{key: value for stage, timing in measured.stages.items() for key, value in _timing(stage, timing).items()},
        **_timing("full_step", step_of(workload, measured)),
    }


def _limits(limits: Limits) -> dict[str, Any]:
    return {
        "step_gflops_per_second": limits.reached,
        "largest_product_gflops_per_second": limits.product,
        "square_product_gflops_per_second": limits.square,
        "copy_bytes_per_second": limits.copied,
        **{f"{name}_seconds": seconds for name, seconds in limits.floors.items()},
        "bound_by": limits.bound,
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        **_timing("start_up", estimate.start_up),
        **_timing("updates", estimate.updates),
        **_timing("epoch_ends", estimate.epoch_ends),
        **_timing("evaluation", estimate.evaluation),
        **_timing("saving", estimate.saving),
        **_timing("total", estimate.total),
    }


def _timing(name: str, timing: Timing) -> dict[str, float]:
    return {
        f"{name}_seconds": timing.median,
        f"{name}_low_seconds": timing.low,
        f"{name}_high_seconds": timing.high,
    }


def _elsewhere(cost: Cost, gflops: float) -> dict[str, Any]:
    found = {"gflops_per_second": gflops, "at_best_seconds": at_rate(cost.workload, gflops)}
    if cost.limits is not None and cost.estimate is not None:
        found["training_seconds"] = cost.estimate.training.median * cost.limits.square / gflops
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
        return counted
    return {
        **counted,
        **_timing("step", step_of(workload, timed.measured)),
        **_timing("epoch", epoch_of(workload, timed.measured)),
        **_timing("training", epoch_of(workload, timed.measured) * workload.epochs),
    }


# ----- One row per figure -------------------------------------------------------------------------------------------


def flat(document: dict[str, Any]) -> Sheet:
    """Each figure under its path in the document."""
    return Sheet("", ("figure", "value"), tuple(_leaves("", document)))


def _leaves(path: str, value: Any) -> Iterator[tuple[Cell, ...]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for key, inner in pairs:
            yield from _leaves(f"{path}.{key}" if path else f"{key}", inner)
    else:
        yield path, value
