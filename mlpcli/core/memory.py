"""The memory of a training run, counted from its shapes: the arrays that it allocates, each as a formula.

The names are those of the arrays in `steps`, `propagation`, `samples` and `training`. Temporary arrays are not counted:
a loss, a softmax or a metric needs some as large as the outputs, some activations one as large as a layer's h. Python
and NumPy themselves need memory too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.network import Layer, count
from mlpcli.core.objective import Objective, skips_division
from mlpcli.core.optimizers import Optimizer
from mlpcli.core.predicting import PREDICTION_BLOCK
from mlpcli.core.samples import rows_together
from mlpcli.core.steps import SLICE
from mlpcli.core.tasks import Task
from mlpcli.core.zero_inputs import may_be_narrowed

ORDER = 8  # bytes of an index
PARAMETERS, DATA_SET = "parameters", "data set"  # what is held before training begins
WITHOUT_ZERO = "without zero inputs, at most"  # samples and parameters, if there are such inputs


@dataclass(frozen=True)
class Workload:
    """Everything that the cost of a training run depends on, without any weight or sample."""

    layers: tuple[Layer, ...]
    objective: Objective
    task: Task
    optimizer: Optimizer  # a gradient rule
    dtype: np.dtype[Any]
    stored: np.dtype[Any]  # of features as stored: images are bytes
    training: int  # samples
    validation: int
    test: int
    batch: int  # at most `training`
    epochs: int

    @property
    def pixels(self) -> bool:
        """Whether features are images, scaled by one number; others have a mean and a scale per feature."""
        return self.stored == np.uint8

    @property
    def inputs(self) -> int:
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        return self.layers[-1].units

    @property
    def parameters(self) -> int:
        return count(self.layers)

    @property
    def updates_per_epoch(self) -> int:
        """⌈samples / batch⌉; the last batch has the rest."""
        return -(-self.training // self.batch)

    @property
    def updates(self) -> int:
        return self.epochs * self.updates_per_epoch

    @property
    def last_batch(self) -> int:
        """Samples of the last batch of an epoch."""
        return self.training - (self.updates_per_epoch - 1) * self.batch


# ----- Numbers that are counted --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CountedNumber:
    """A formula, the same with numbers, and its value: 2·n·units·inputs, 2·128·512·784, 102,760,448.

    All three come from Python's arithmetic on counted numbers: `2 * n * units * inputs`.
    """

    formula: str
    inserted: str
    value: int
    is_sum: bool = False  # gets parentheses as a factor

    def __add__(self, other: "CountedNumber | int") -> "CountedNumber":
        if self == ZERO:
            return quantity(other)
        other = quantity(other)
        return self._joined("+", (other.formula, other.inserted), self.value + other.value)

    def __sub__(self, other: "CountedNumber") -> "CountedNumber":
        return self._joined("−", other._factor(), self.value - other.value)

    def __mul__(self, other: "CountedNumber | int") -> "CountedNumber":
        if self == ONE:
            return quantity(other)
        if self == ZERO:
            return self
        one, two = self._factor(), quantity(other)._factor()
        return CountedNumber(f"{one[0]}·{two[0]}", f"{one[1]}·{two[1]}", self.value * quantity(other).value)

    def __rmul__(self, other: int) -> "CountedNumber":
        return quantity(other) * self

    def _joined(self, sign: str, other: tuple[str, str], value: int) -> "CountedNumber":
        return CountedNumber(
            f"{self.formula} {sign} {other[0]}", f"{self.inserted} {sign} {other[1]}", value, is_sum=True
        )

    def _factor(self) -> tuple[str, str]:
        return (f"({self.formula})", f"({self.inserted})") if self.is_sum else (self.formula, self.inserted)


ZERO, ONE = CountedNumber("0", "0", 0), CountedNumber("1", "1", 1)


def quantity(value: CountedNumber | int) -> CountedNumber:
    """A number as its own formula."""
    return value if isinstance(value, CountedNumber) else CountedNumber(str(value), str(value), value)


def named(name: str, value: int) -> CountedNumber:
    """A number with a name in formulas."""
    return CountedNumber(name, str(value), value)


def over_layers(formula: str, terms: Iterable[CountedNumber]) -> CountedNumber:
    """The sum of one term per layer: Σ units·inputs, (512·784 + 10·512)."""
    terms = list(terms)
    inserted = " + ".join(term.inserted for term in terms)
    return CountedNumber(formula, f"({inserted})" if len(terms) > 1 else inserted, sum(term.value for term in terms))


# ----- Memory -------------------------------------------------------------------------------------------------------


class Memory(NamedTuple):
    """The arrays for one purpose."""

    name: str
    size: CountedNumber  # bytes


def training_memory(workload: Workload) -> tuple[Memory, ...]:
    """The arrays that training holds at the same time, then those of the evaluation."""
    item, slots = workload.dtype.itemsize, len(workload.optimizer.slots)
    p, samples = named("p", workload.parameters), named("samples", workload.training)
    largest = named("largest part", max(workload.training, workload.validation, workload.test))
    parts = (
        Memory(PARAMETERS, item * p),
        Memory("gradients", item * p),
        Memory("optimizer state", item * (slots * p + named("scratch", min(workload.parameters, SLICE)))),
        Memory("start of an epoch", item * (1 + slots) * p),
        Memory("marks of zero inputs", p),
        Memory("a, h, da, dh", _rooms(workload)),
        Memory("batches", _batches(workload)),
        Memory("outputs of an epoch", 3 * item * samples * _outputs(workload)),
        Memory("block to predict", _block(workload)),
        Memory("order of samples", ORDER * samples),
        Memory("predictions", 2 * item * largest * _outputs(workload)),
        Memory(DATA_SET, _data_set(workload)),
    )
    if not may_be_narrowed(workload.layers[0], workload.objective, workload.optimizer):
        return parts
    return (*parts, Memory(WITHOUT_ZERO, workload.stored.itemsize * samples * _inputs(workload) + item * p))


def memory_of(workload: Workload) -> int:
    """The total in bytes."""
    return sum(part.size.value for part in training_memory(workload))


def _rooms(workload: Workload) -> CountedNumber:
    """a, h, da and dh of every layer, and ones for sums, for both sizes of batches in an epoch.

    A last layer whose da is computed from logarithms has no dh.
    """
    n = named("n", workload.batch)
    if workload.last_batch != workload.batch:
        n = n + named("rest", workload.last_batch)
    numbers = 4 * _widths(workload) + 1
    if skips_division(workload.objective, workload.layers[-1].activation):
        numbers = numbers - _outputs(workload)
    return workload.dtype.itemsize * n * numbers


def _batches(workload: Workload) -> CountedNumber:
    """Features, stored and scaled, and targets."""
    rows = named("rows", min(workload.training, rows_together(workload.batch, workload.inputs)))
    item = workload.dtype.itemsize
    return rows * ((workload.stored.itemsize + item) * _inputs(workload) + item * _outputs(workload))


def _block(workload: Workload) -> CountedNumber:
    """Features, a and h of all layers for a block of samples that are predicted together."""
    return workload.dtype.itemsize * named("block", PREDICTION_BLOCK) * (2 * _widths(workload) + _inputs(workload))


def _data_set(workload: Workload) -> CountedNumber:
    """Stored features, and targets."""
    samples = named("samples", workload.training + workload.validation + workload.test)
    return samples * (workload.stored.itemsize * _inputs(workload) + workload.dtype.itemsize * _outputs(workload))


def _widths(workload: Workload) -> CountedNumber:
    return over_layers("Σ units", [named("units", layer.units) for layer in workload.layers])


def _inputs(workload: Workload) -> CountedNumber:
    return named("inputs", workload.inputs)


def _outputs(workload: Workload) -> CountedNumber:
    return named("outputs", workload.outputs)
