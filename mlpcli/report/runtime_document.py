"""The cost of a training as a document: every figure with its unit in its name."""

from collections.abc import Iterator
from typing import Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.cost.memory import training_memory
from mlpcli.core.cost.quantity import Quantity
from mlpcli.core.cost.work import (
    PASSES,
    Operation,
    bytes_of,
    flops_of,
    multiply_adds_of,
    step_operations,
    training_work,
)
from mlpcli.core.cost.workload import Workload
from mlpcli.core.families import spelled
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.report.sheet import Cell, Sheet


def counted_document(workload: Workload) -> dict[str, Any]:
    """What follows from the shapes alone."""
    item = workload.dtype.itemsize
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
        "step": _step(step_operations(workload, workload.batch)),
        "work": [
            {"part": part.name, "times": part.times, "flops": part.flops * part.times}
            for part in training_work(workload)
        ],
        "flops": sum(part.flops * part.times for part in training_work(workload)),
        "memory": [{"part": part.name, **_quantity(part.size, "bytes")} for part in training_memory(workload)],
        "memory_bytes": sum(part.size.value for part in training_memory(workload)),
    }


def _step(operations: tuple[Operation, ...]) -> dict[str, Any]:
    stages = {stage: [one for one in operations if one.stage == stage] for stage in PASSES}
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
        "stages": {
            stage: {
                "multiply_adds": multiply_adds_of(those),
                "product_flops": 2 * multiply_adds_of(those),
                "flops": flops_of(those),
                "bytes": bytes_of(those),
            }
            for stage, those in stages.items()
        },
        "multiply_adds": multiply_adds_of(operations),
        "product_flops": 2 * multiply_adds_of(operations),
        "flops": flops_of(operations),
        "bytes": bytes_of(operations),
    }


def _quantity(quantity: Quantity, unit: str) -> dict[str, Any]:
    return {
        f"{unit}_formula": quantity.formula,
        f"{unit}_inserted": quantity.inserted,
        unit: quantity.value,
    }


def flat(document: dict[str, Any]) -> Sheet:
    """One row per figure, under its path in the document."""
    return Sheet("", ("figure", "value"), tuple(_leaves("", document)))


def _leaves(path: str, value: Any) -> Iterator[tuple[Cell, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value, 1):
            yield from _leaves(f"{path}.{place}", inner)
    else:
        yield path, value
