"""The work of a training, counted exactly: the FLOPs and bytes of every operation of a step, layer by layer.

A multiply–add is 2 FLOPs. The first layer has no dh to pass on: the gradient of the input is not needed. Matrix
products follow from the shapes, everything else from what the functions themselves do (`counted_array`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mlpcli.core.activations import FEW
from mlpcli.core.arrays import Array
from mlpcli.core.cost.counted_array import Tally, count_of
from mlpcli.core.cost.quantity import Quantity, named
from mlpcli.core.cost.workload import Workload
from mlpcli.core.gradient_descent import constants
from mlpcli.core.losses import Output
from mlpcli.core.network import Layer
from mlpcli.core.objective import add_penalty_gradient, output_delta, sample_losses, skips_division

STAGES = ("forward", "backward", "update")


@dataclass(frozen=True)
class Operation:
    """One operation of a step."""

    layer: int | None  # from 1; None for what works on θ as a whole
    stage: str  # one of STAGES
    name: str
    flops: Quantity
    touched: Quantity  # bytes read and written
    multiply_adds: int = 0  # of a matrix product


def step_operations(workload: Workload, batch: int) -> tuple[Operation, ...]:
    """All operations of one update with so many samples, in the order in which they happen."""
    shapes = [_Shape(workload, k, batch) for k in range(len(workload.layers))]
    up = [operation for shape in shapes for operation in shape.forward()]
    down = [operation for shape in reversed(shapes) for operation in shape.backward()]
    return (*up, *down, _update(workload))


def flops_of(operations: Iterable[Operation]) -> int:
    return sum(operation.flops.value for operation in operations)


def bytes_of(operations: Iterable[Operation]) -> int:
    return sum(operation.touched.value for operation in operations)


def multiply_adds_of(operations: Iterable[Operation]) -> int:
    return sum(operation.multiply_adds for operation in operations)


class _Shape:
    """A layer's numbers under the names that formulas have for them."""

    def __init__(self, workload: Workload, k: int, batch: int) -> None:
        self.workload, self.k, self.layer = workload, k, workload.layers[k]
        self.n = named("n", batch)
        self.units, self.inputs = named("units", self.layer.units), named("inputs", self.layer.inputs)
        self.item = workload.dtype.itemsize

    def forward(self) -> Iterable[Operation]:
        """a = Wh + b, h = f(a)"""
        yield self._product("forward", "a = W h")
        yield Operation(
            self.k + 1,
            "forward",
            "a + b",
            self.n * self.units,
            self.item * (2 * self.n * self.units + self.units),
        )
        yield self._elementwise("forward", f"h = {self.layer.activation.name}(a)", _activate(self.layer))

    def backward(self) -> Iterable[Operation]:
        """da from ŷ or from the layer above, then dW, db, and dh for the layer below."""
        if self.k == len(self.workload.layers) - 1:
            yield self._elementwise("backward", f"da of {self.workload.objective.loss.name}", _start(self.workload))
        else:
            yield self._elementwise("backward", f"da = dh {self.layer.activation.name}′(a)", _back(self.layer))
        yield self._product("backward", "dW = da hᵀ")
        yield Operation(
            self.k + 1,
            "backward",
            "db = Σ da",
            2 * self.n * self.units,
            self.item * (self.n * self.units + self.n + self.units),
        )
        if self.workload.objective.regularized:
            yield self._regularizer()
        if self.k > 0:
            yield self._product("backward", "dh = Wᵀ da")

    def _product(self, stage: str, name: str) -> Operation:
        """Each of a layer's three products takes n·units·inputs multiply–adds, whichever of its sides is summed."""
        n, units, inputs = self.n, self.units, self.inputs
        return Operation(
            self.k + 1,
            stage,
            name,
            2 * n * units * inputs,
            self.item * (units * inputs + n * inputs + n * units),
            n.value * units.value * inputs.value,
        )

    def _elementwise(self, stage: str, name: str, count: Callable[[int], Tally]) -> Operation:
        each = _per_sample(count, self.layer.units)
        return Operation(
            self.k + 1, stage, name, self._per_number(each.flops), self.item * self._per_number(each.touched)
        )

    def _per_number(self, of_a_sample: int) -> Quantity:
        """A count of one sample, for all samples: so much per unit where it is the same for each."""
        each, rest = divmod(of_a_sample, self.units.value)
        return self.n * of_a_sample if rest else each * self.n * self.units

    def _regularizer(self) -> Operation:
        objective = self.workload.objective
        each = count_of(lambda w, gradient: add_penalty_gradient(objective, w, gradient), (1,), (1,))
        weights = self.units * self.inputs
        numbers = weights + self.units if objective.regularize_bias else weights
        return Operation(
            self.k + 1, "backward", "dW + λ ∂Ω/∂W", each.flops * numbers, self.item * each.touched * numbers
        )


def _update(workload: Workload) -> Operation:
    """The update rule, for each of p parameters."""
    rule = workload.optimizer.rule
    assert rule is not None, "only gradient rules are counted"
    settings, slots = constants(workload.optimizer.parameters, np.float64), len(workload.optimizer.slots)

    def update(theta: Array, gradient: Array, work: Array, *running: Array) -> None:
        rule(theta, gradient, running, 0.0, 1, settings, work)

    each = count_of(update, *[(1,)] * (3 + slots))
    p = named("p", workload.parameters)
    return Operation(
        None, "update", workload.optimizer.name, each.flops * p, workload.dtype.itemsize * each.touched * p
    )


def _per_sample(count: Callable[[int], Tally], units: int) -> Tally:
    """The count of one sample. Beyond FEW units each further one costs the same, so no large array is needed."""
    few = 2 * FEW
    if units <= few:
        return count(units)
    last, before = count(few), count(few - 1)
    more = units - few
    return Tally(last.flops + more * (last.flops - before.flops), last.touched + more * (last.touched - before.touched))


def _activate(layer: Layer) -> Callable[[int], Tally]:
    activation = layer.activation
    return lambda units: count_of(lambda a, h: activation.forward(a, activation.alpha, h), (1, units), (1, units))


def _back(layer: Layer) -> Callable[[int], Tally]:
    activation = layer.activation

    def backward(dh: Array, a: Array, h: Array, da: Array) -> None:
        activation.backward(dh, a, h, activation.alpha, da)
        if activation.learned is not None:
            activation.learned(dh, a)

    return lambda units: count_of(backward, *[(1, units)] * 4)


def _start(workload: Workload) -> Callable[[int], Tally]:
    """da of the last layer, as back-propagation starts: straight from logarithms, or dŷ through f′."""
    objective, activation = workload.objective, workload.layers[-1].activation

    def through_logarithms(a: Array, h: Array, y: Array, da: Array) -> None:
        output_delta(objective, activation, a, h, y, da)
        np.multiply(da, np.array(1.0), out=da)

    def through_slope(a: Array, h: Array, y: Array, da: Array) -> None:
        dh = np.multiply(objective.loss.gradient(h, y), np.array(1.0))
        activation.backward(dh, a, h, activation.alpha, da)
        if activation.learned is not None:
            activation.learned(dh, a)

    start = through_logarithms if skips_division(objective, activation) else through_slope
    return lambda units: count_of(start, *[(1, units)] * 4)


def loss_flops(workload: Workload) -> int:
    """The value of the loss of one sample."""
    objective, activation = workload.objective, workload.layers[-1].activation

    def loss(a: Array, h: Array, y: Array) -> None:
        sample_losses(objective, Output(activation, a, h), y)

    return _per_sample(lambda units: count_of(loss, *[(1, units)] * 3), workload.outputs).flops


@dataclass(frozen=True)
class Share:
    """A part of a whole training: so much work, so many times."""

    name: str
    times: int
    flops_each: int
    multiply_adds_each: int

    @property
    def flops(self) -> int:
        return self.times * self.flops_each

    @property
    def multiply_adds(self) -> int:
        return self.times * self.multiply_adds_each


def training_work(workload: Workload) -> tuple[Share, ...]:
    """Everything from the first update to the last evaluation of an epoch."""
    full, last = (step_operations(workload, n) for n in (workload.batch, workload.last_batch))
    one = [operation for operation in step_operations(workload, 1) if operation.stage == "forward"]
    loss, epochs = loss_flops(workload), workload.epochs
    shares = (
        _share("full batches", epochs * (workload.updates_per_epoch - 1), full),
        _share("last batches", epochs, last),
        Share("loss of training samples", epochs * workload.training, loss, 0),
        _share("forward for validation", epochs * workload.validation, one),
        Share("loss of validation samples", epochs * workload.validation, loss, 0),
    )
    return tuple(share for share in shares if share.times)


def _share(name: str, times: int, operations: Sequence[Operation]) -> Share:
    return Share(name, times, flops_of(operations), multiply_adds_of(operations))
