"""The memory of a training: the arrays that are made for it and kept, each as a formula.

The names are those of the arrays in `gradient_descent`, `propagation`, `samples` and `training`. What functions make
for a moment is left out: a loss, a softmax or a metric takes a few arrays as large as the outputs, some activations one
as large as a layer's h. Python and NumPy themselves come on top.
"""

from dataclasses import dataclass

from mlpcli.core.cost.quantity import Quantity, named, over_layers
from mlpcli.core.cost.workload import Workload
from mlpcli.core.gradient_descent import SLICE
from mlpcli.core.idle_inputs import may_be_narrowed
from mlpcli.core.objective import skips_division
from mlpcli.core.predicting import PREDICTION_BLOCK
from mlpcli.core.samples import rows_together

ORDER = 8  # bytes of a place
WITHOUT_IDLE = "without idle inputs, at most"  # samples and parameters, where there are any such inputs


@dataclass(frozen=True)
class Memory:
    """Arrays that serve one purpose."""

    name: str
    size: Quantity  # bytes


def training_memory(workload: Workload) -> tuple[Memory, ...]:
    """The arrays that training holds at the same time, and then those of the evaluation."""
    item, slots = workload.dtype.itemsize, len(workload.optimizer.slots)
    p, samples = named("p", workload.parameters), named("samples", workload.training)
    largest = named("largest part", max(workload.training, workload.validation, workload.test))
    parts = (
        Memory("parameters", item * p),
        Memory("gradients", item * p),
        Memory("optimizer state", item * (slots * p + named("scratch", min(workload.parameters, SLICE)))),
        Memory("start of an epoch", item * (1 + slots) * p),
        Memory("marks of idle inputs", p),
        Memory("a, h, da, dh", _rooms(workload)),
        Memory("batches", _batches(workload)),
        Memory("outputs of an epoch", 3 * item * samples * _outputs(workload)),
        Memory("block to predict", _block(workload)),
        Memory("order of samples", ORDER * samples),
        Memory("predictions", 2 * item * largest * _outputs(workload)),
        Memory("data set", _data_set(workload)),
    )
    if not may_be_narrowed(workload.layers[0], workload.objective, workload.optimizer):
        return parts
    return (*parts, Memory(WITHOUT_IDLE, workload.stored.itemsize * samples * _inputs(workload) + item * p))


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
    """Features as they are stored, and scaled; and targets."""
    rows = named("rows", min(workload.training, rows_together(workload.batch, workload.inputs)))
    item = workload.dtype.itemsize
    return rows * ((workload.stored.itemsize + item) * _inputs(workload) + item * _outputs(workload))


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
