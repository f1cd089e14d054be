"""The memory of a training, counted exactly: the arrays that are made for it, each as a formula.

The names are those of the arrays in `gradient_descent`, `propagation`, `samples` and `training`.
"""

from dataclasses import dataclass

from mlpcli.core.cost.quantity import Quantity, named, over_layers
from mlpcli.core.cost.workload import Workload
from mlpcli.core.gradient_descent import SLICE
from mlpcli.core.objective import skips_division
from mlpcli.core.samples import rows_together
from mlpcli.core.training import PREDICTION_BLOCK


@dataclass(frozen=True)
class Memory:
    """Arrays that serve one purpose."""

    name: str
    size: Quantity  # bytes


def training_memory(workload: Workload) -> tuple[Memory, ...]:
    """All large arrays that training holds at the same time, and then those of the evaluation."""
    item, slots = workload.dtype.itemsize, len(workload.optimizer.slots)
    p, samples = named("p", workload.parameters), named("samples", workload.training)
    return (
        Memory("parameters", item * p),
        Memory("gradients", item * p),
        Memory("optimizer state", item * (slots * p + named("scratch", min(workload.parameters, SLICE)))),
        Memory("marks of idle inputs", p),
        Memory("a, h, da, dh", _rooms(workload)),
        Memory("batches", _batches(workload)),
        Memory("outputs of an epoch", 3 * item * samples * _outputs(workload)),
        Memory("block to predict", _block(workload)),
        Memory("predictions", 2 * item * samples * _outputs(workload)),
        Memory("data set", _data_set(workload)),
    )


def memory_of(workload: Workload) -> int:
    """Bytes in all."""
    return sum(part.size.value for part in training_memory(workload))


def _rooms(workload: Workload) -> Quantity:
    """a, h, da and dh of every layer, and ones to sum with, for both sizes of batches that an epoch has.

    A last layer whose da comes straight from logarithms has no dh.
    """
    n = named("n", workload.batch)
    if workload.last_batch != workload.batch:
        n = n + named("rest", workload.last_batch)
    numbers = 4 * _widths(workload) + 1
    if skips_division(workload.objective, workload.layers[-1].activation):
        numbers = numbers - _outputs(workload)
    return workload.dtype.itemsize * n * numbers


def _batches(workload: Workload) -> Quantity:
    """Features as they are stored, and scaled."""
    rows = min(workload.training, rows_together(workload.batch, workload.inputs))
    return (workload.stored.itemsize + workload.dtype.itemsize) * named("rows", rows) * _inputs(workload)


def _block(workload: Workload) -> Quantity:
    """a and h of all layers for a block of samples that are predicted together, and their features."""
    return workload.dtype.itemsize * named("block", PREDICTION_BLOCK) * (2 * _widths(workload) + _inputs(workload))


def _data_set(workload: Workload) -> Quantity:
    """Features as they are stored, and targets."""
    samples = named("samples", workload.training + workload.validation + workload.test)
    return samples * (workload.stored.itemsize * _inputs(workload) + workload.dtype.itemsize * _outputs(workload))


def _widths(workload: Workload) -> Quantity:
    return over_layers("Σ units", [named("units", layer.units) for layer in workload.layers])


def _inputs(workload: Workload) -> Quantity:
    return named("inputs", workload.inputs)


def _outputs(workload: Workload) -> Quantity:
    return named("outputs", workload.outputs)
