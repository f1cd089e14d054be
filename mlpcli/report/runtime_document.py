"""What a training costs by its shapes, as a document: every figure with its unit in its name."""

from collections.abc import Iterator, Sequence
from typing import Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.cost.cost import Cost, Timed
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
    "no gradient of the input; bytes are those that operations read and write; "
    "metrics and the evaluation after training are left out"
)


def counted_document(cost: Cost) -> dict[str, Any]:
    """What follows from the shapes alone."""
    return {
        "convention": CONVENTION,
        **_training(cost.timed),
        **_counted(cost.workload),
        "free_memory_bytes": cost.free,
        "fits": cost.fits(cost.timed),
        "not_measured_because": cost.timed.unmeasured,
    }


def flat(document: dict[str, Any]) -> Sheet:
    """One row per figure, under its path in the document."""
    return Sheet("", ("figure", "value"), tuple(_leaves("", document)))


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
        "work": [
            {
                "part": share.name,
                "times": share.times,
                "multiply_adds_each": share.multiply_adds_each,
                "multiply_adds": share.multiply_adds,
                "flops_each": share.flops_each,
                "flops": share.flops,
            }
            for share in work
        ],
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


def _leaves(path: str, value: Any) -> Iterator[tuple[Cell, ...]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for key, inner in pairs:
            yield from _leaves(f"{path}.{key}" if path else f"{key}", inner)
    else:
        yield path, value
