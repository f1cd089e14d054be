"""The work of a whole training: so many full batches, last batches and evaluations."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlpcli.core.cost import elementwise
from mlpcli.core.cost.quantity import named
from mlpcli.core.cost.step import Operation, flops_of, multiply_adds_of, step_operations
from mlpcli.core.cost.workload import Workload


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
    """Everything from the first update to the last loss of an epoch.

    Left out are the metric of each epoch and the evaluation after training, comparisons and sums over outputs.
    """
    full, last = (step_operations(workload, n) for n in (workload.batch, workload.last_batch))
    one = [operation for operation in step_operations(workload, 1) if operation.stage in ("batch", "forward")]
    loss, value, epochs = _loss_flops(workload), workload.objective.loss.name, workload.epochs
    shares = [
        _share("full batches", epochs * (workload.updates_per_epoch - 1), full),
        _share("last batches", epochs, last),
        Share(f"{value} of training samples", epochs * workload.training, loss, 0),
        _share("forward for validation", epochs * workload.validation, one),
        Share(f"{value} of validation samples", epochs * workload.validation, loss, 0),
    ]
    if workload.objective.regularized:
        shares.append(Share("regulariser", epochs, _penalty_flops(workload), 0))
    return tuple(share for share in shares if share.times)


def seconds_at(workload: Workload, gflops: float) -> float:
    """How long the training takes at so many GFLOP/s throughout."""
    return sum(share.flops for share in training_work(workload)) / (gflops * 1e9)


def _share(name: str, times: int, operations: Sequence[Operation]) -> Share:
    return Share(name, times, flops_of(operations), multiply_adds_of(operations))


def _loss_flops(workload: Workload) -> int:
    """The value of the loss of one sample."""
    one, outputs = named("n", 1), named("outputs", workload.outputs)
    return elementwise.quantities(elementwise.loss(workload), one, outputs)[0].value


def _penalty_flops(workload: Workload) -> int:
    """The value of the regulariser."""
    numbers = sum(layer.units * (layer.inputs + workload.objective.regularize_bias) for layer in workload.layers)
    return elementwise.penalty_value(workload).flops * numbers
