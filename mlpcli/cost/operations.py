"""One update, operation by operation: its FLOPs, and the bytes that it reads and writes; and a whole training's work.

A multiply–add is 2 FLOPs. The first layer has no dh to pass on: the gradient of the input is not needed. Matrix
products follow from the shapes, everything else from what the functions themselves do (`counting`).
"""

from collections.abc import Iterable
from typing import NamedTuple

from mlpcli.core.memory import CountedNumber, Workload, named
from mlpcli.cost import counting

STAGES = ("batch", "forward", "backward", "update")
MEAN_OR_SCALE = 8  # bytes of one


class Work(NamedTuple):
    """What was counted of an operation, of a step or of a training."""

    multiply_adds: int = 0  # of matrix products
    flops: int = 0  # of all operations, 2 for a multiply–add
    bytes: int = 0  # read and written

    def times(self, count: int) -> "Work":
        """The same, that many times."""
        return Work(*(count * number for number in self))


class StepOperation(NamedTuple):
    """One operation of a step."""

    layer: int | None  # from 1; 0 for the samples; None for what works on θ as a whole
    stage: str  # one of STAGES
    name: str
    flops: CountedNumber
    bytes: CountedNumber  # read and written
    multiply_adds: int = 0  # of a matrix product

    @property
    def work(self) -> Work:
        return Work(self.multiply_adds, self.flops.value, self.bytes.value)


def step_operations(workload: Workload, batch: int) -> tuple[StepOperation, ...]:
    """All operations of one update with `batch` samples, in the order in which they happen."""
    layers = [_LayerOperations(workload, k, batch) for k in range(len(workload.layers))]
    up = [operation for layer in layers for operation in layer.forward()]
    down = [operation for layer in reversed(layers) for operation in layer.backward()]
    return (_batch(workload, batch), *up, *down, _update(workload))


def work_of(operations: Iterable[StepOperation]) -> Work:
    """All of it together."""
    works = [operation.work for operation in operations]
    return Work(*(sum(numbers) for numbers in zip(*works, strict=True))) if works else Work()


class _LayerOperations:
    """A layer's operations, in numbers that have names."""

    def __init__(self, workload: Workload, k: int, batch: int) -> None:
        self.workload, self.k, self.layer = workload, k, workload.layers[k]
        self.n = named("n", batch)
        self.units, self.inputs = named("units", self.layer.units), named("inputs", self.layer.inputs)
        self.item = workload.dtype.itemsize

    def forward(self) -> Iterable[StepOperation]:
        """a = Wh + b, h = f(a)"""
        n, units = self.n, self.units
        yield self._product("forward", "a = W h")
        yield self._operation("forward", "a + b", n * units, 2 * n * units + units)
        yield self._elementwise("forward", f"h = {self.layer.activation.name}(a)", counting.activation(self.layer))

    def backward(self) -> Iterable[StepOperation]:
        """da from ŷ or from the layer above, then dW, db, and dh for the layer below."""
        n, units, workload = self.n, self.units, self.workload
        if self.k == len(workload.layers) - 1:
            start = counting.output_gradient(workload)
            yield self._elementwise("backward", f"da of {workload.objective.loss.name}", start)
        else:
            through = f"da = dh {self.layer.activation.name}′"
            yield self._elementwise("backward", through, counting.slope(self.layer))
        yield self._product("backward", "dW = da hᵀ")
        yield self._operation("backward", "db = Σ da", 2 * n * units, n * units + n + units)  # a product with ones
        if workload.objective.regularized:
            yield self._regularizer()
        if self.k > 0:
            yield self._product("backward", "dh = Wᵀ da")

    def _product(self, stage: str, name: str) -> StepOperation:
        """Each of a layer's three products takes n·units·inputs multiply–adds, whichever of its sides is summed."""
        n, units, inputs = self.n, self.units, self.inputs
        multiply_adds = n * units * inputs
        touched = self.item * (units * inputs + n * inputs + n * units)
        return StepOperation(self.k + 1, stage, name, 2 * multiply_adds, touched, multiply_adds.value)

    def _elementwise(self, stage: str, name: str, count: counting.Count) -> StepOperation:
        return self._operation(stage, name, *counting.quantities(count, self.n, self.units))

    def _regularizer(self) -> StepOperation:
        each = counting.penalty_gradient(self.workload)
        weights = self.units * self.inputs
        numbers = weights + self.units if self.workload.objective.regularize_bias else weights
        return self._operation("backward", "dW + λ ∂Ω/∂W", each.flops * numbers, each.touched * numbers)

    def _operation(self, stage: str, name: str, flops: CountedNumber, numbers: CountedNumber) -> StepOperation:
        return StepOperation(self.k + 1, stage, name, flops, self.item * numbers)


def _batch(workload: Workload, batch: int) -> StepOperation:
    """The samples of a batch, gathered and scaled: (x − mean)/scale, or x/255, which is converted first.

    Gathering reads and writes each number once as it is stored; the two steps of scaling read it as it is stored and
    write it, and read and write it. Means and scales are read once.
    """
    n, inputs = named("n", batch), named("inputs", workload.inputs)
    numbers = 3 * (workload.stored.itemsize + workload.dtype.itemsize) * n * inputs
    if workload.pixels:
        return StepOperation(0, "batch", "x scaled", n * inputs, numbers)
    return StepOperation(0, "batch", "x scaled", 2 * n * inputs, numbers + 2 * MEAN_OR_SCALE * inputs)


def _update(workload: Workload) -> StepOperation:
    """The update rule, for each of p parameters."""
    each, p = counting.update(workload), named("p", workload.parameters)
    touched = workload.dtype.itemsize * (each.touched * p)
    return StepOperation(None, "update", workload.optimizer.name, each.flops * p, touched)


# ----- A whole training -----------------------------------------------------------------------------------------------


class Share(NamedTuple):
    """A part of a whole training: some work, and how many times it is done."""

    name: str
    times: int
    each: Work

    @property
    def work(self) -> Work:
        return self.each.times(self.times)


def training_work(workload: Workload) -> tuple[Share, ...]:
    """Everything from the first update to the last loss of an epoch.

    Left out are the metric of each epoch and the evaluation after training, comparisons and sums over outputs.
    """
    full, last = (work_of(step_operations(workload, n)) for n in (workload.batch, workload.last_batch))
    one = work_of(each for each in step_operations(workload, 1) if each.stage in ("batch", "forward"))
    loss, penalty = Work(flops=_loss_flops(workload)), Work(flops=_penalty_flops(workload))
    value, epochs = workload.objective.loss.name, workload.epochs
    shares = (
        Share("full batches", epochs * (workload.updates_per_epoch - 1), full),
        Share("last batches", epochs, last),
        Share(f"{value} of training samples", epochs * workload.training, loss),
        Share("forward for validation", epochs * workload.validation, one),
        Share(f"{value} of validation samples", epochs * workload.validation, loss),
        Share("regularizer", epochs if workload.objective.regularized else 0, penalty),
    )
    return tuple(share for share in shares if share.times)


def seconds_at(workload: Workload, gflops: float) -> float:
    """How long the training takes at a constant rate."""
    return sum(share.work.flops for share in training_work(workload)) / (gflops * 1e9)


def _loss_flops(workload: Workload) -> int:
    """The value of the loss of one sample."""
    one, outputs = named("n", 1), named("outputs", workload.outputs)
    return counting.quantities(counting.loss(workload), one, outputs)[0].value


def _penalty_flops(workload: Workload) -> int:
    """The value of the regularizer."""
    numbers = sum(layer.units * (layer.inputs + workload.objective.regularize_bias) for layer in workload.layers)
    return counting.penalty_value(workload).flops * numbers
