"""The training loop. It yields one record per epoch and prints nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf, isfinite
from time import perf_counter

import numpy as np
from numpy.random import Generator

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ConditionError, MlpError
from mlpcli.core.gradient_descent import Step
from mlpcli.core.idle_inputs import without_idle_inputs
from mlpcli.core.losses import Output
from mlpcli.core.metrics import Evaluation
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, mean_loss, penalty
from mlpcli.core.optimizers import Optimizer, begin
from mlpcli.core.propagation import forward, room_for_forward
from mlpcli.core.samples import Samples, Scaling, ShuffledBatches, blocks
from mlpcli.core.schedules import Progress, Schedule, Stalls
from mlpcli.core.tasks import Task, evaluate, headline

PREDICTION_BLOCK = 256  # samples that are predicted together


@dataclass(frozen=True)
class Plan:
    """How to train."""

    optimizer: Optimizer
    learning_rate: float
    schedule: Schedule
    epochs: int
    batch: int  # samples per update
    patience: int | None = None  # epochs without improvement before training stops
    freeze_bias: bool = False


@dataclass(frozen=True)
class Epoch:
    """What an epoch gave. Loss and metric of training are from before each update, as in Keras."""

    number: int  # from 1
    loss: float  # L over all training samples, without the regulariser
    penalty: float  # λΩ(θ) after the epoch
    metric: float
    validation_loss: float | None
    validation_metric: float | None
    learning_rate: float
    seconds: float
    best: bool  # the watched loss is the lowest so far


# Called after each batch with the epoch's number, the samples done, and a function that gives loss and metric so far.
Watch = Callable[[int, int, Callable[[], tuple[float, float]]], None]


def train(
    network: Network,
    objective: Objective,
    task: Task,
    training: Samples,
    validation: Samples | None,
    plan: Plan,
    generator: Generator,
    watch: Watch | None = None,
) -> Iterator[Epoch]:
    """Trains the network in place, one epoch per item.

    With `patience` it stops when the watched loss (of validation, else of training) has not improved for so many
    epochs, and puts the best weights back. Raises ConditionError in the batch where outputs stop being finite,
    ChoiceError where the optimizer cannot serve the network.
    """
    busy = without_idle_inputs(network, objective, plan.optimizer, training)
    step = begin(plan.optimizer, busy.network, objective, generator, plan.freeze_bias)
    batches = ShuffledBatches(busy.samples, min(plan.batch, len(training)), network.dtype)
    seen = _Seen(network, objective, task, training)
    stalls = Stalls(plan.schedule.parameters.get("patience", inf))
    best = _Best(network, plan.patience)
    for number in range(1, plan.epochs + 1):
        started = perf_counter()
        at = Progress(number - 1, plan.epochs, stalls.count)
        rate = plan.learning_rate * plan.schedule.factor(at, plan.schedule.parameters)
        with np.errstate(all="ignore"):  # what overflows is found by a check, not by a warning
            _one_epoch(number, step, batches, rate, generator, seen, watch)
            busy.give_back()
            loss, metric = seen.summary()
            share = penalty(objective, network) if objective.regularized else 0.0
            held_out = measure(network, objective, task, validation) if validation is not None else None
        if not isfinite(loss + share + (held_out[0] if held_out else 0.0)):
            raise ConditionError(_diverged(f"epoch {number}", rate))
        watched = held_out[0] if held_out else loss
        stalls.see(watched)
        yield Epoch(
            number,
            loss,
            share,
            metric,
            validation_loss=held_out[0] if held_out else None,
            validation_metric=held_out[1] if held_out else None,
            learning_rate=rate,
            seconds=perf_counter() - started,
            best=best.see(watched),
        )
        if best.long_ago:
            break
    best.restore()


def _one_epoch(
    number: int,
    step: Step,
    batches: ShuffledBatches,
    rate: float,
    generator: Generator,
    seen: "_Seen",
    watch: Watch | None,
) -> None:
    """All batches once. Raises ConditionError where a number stops being finite."""
    seen.count, size = 0, batches.batch
    for x, y in batches.blocks(generator):
        block = seen.expect(y)
        for first in range(0, len(y), size):
            seen.add(*step(x[first : first + size], y[first : first + size], rate))
            if watch is not None:
                watch(number, seen.count, seen.summary)
        if (row := seen.first_not_finite(block)) is not None:
            raise ConditionError(_diverged(f"epoch {number}, batch {row // size + 1}", rate))
    if not isfinite(np.dot(step.network.theta, step.network.theta)):  # the last update; earlier ones show in outputs
        raise ConditionError(_diverged(f"epoch {number}, batch {-(-seen.count // size)}", rate))


def _diverged(where: str, rate: float) -> str:
    return f"training diverged at {where}: a number is no longer finite; try a --learning-rate smaller than {rate:g}"


class _Seen:
    """The outputs of an epoch's batches, kept so that loss and metric cost one pass over all, not one per batch."""

    def __init__(self, network: Network, objective: Objective, task: Task, samples: Samples) -> None:
        self.activation = network.layers[-1].activation
        self.objective, self.task, self.unit = objective, task, samples.unit
        # unit by unit, since sums and maxima over few outputs then run along the samples
        self.a: Array = np.empty((network.outputs, len(samples)), network.dtype).T
        self.h: Array = np.empty_like(self.a)
        self.y: Array = np.empty_like(self.a)
        self.count = 0

    def expect(self, y: Array) -> slice:
        """The targets of the batches to come, and the rows that they will fill."""
        rows = slice(self.count, self.count + len(y))
        self.y[rows] = y
        return rows

    def add(self, a: Array, h: Array) -> None:
        """What the last layer gave for a batch."""
        end = self.count + len(a)
        self.a[self.count : end] = a
        self.h[self.count : end] = h
        self.count = end

    def first_not_finite(self, rows: slice) -> int | None:
        """The first of these rows with an output that is not finite, or None."""
        finite = np.isfinite(self.a[rows])
        return None if finite.all() else int(rows.start + np.argmin(finite.all(axis=-1)))

    def summary(self) -> tuple[float, float]:
        """Loss and headline metric of the samples seen so far."""
        a, y_hat, y = self.a[: self.count], self.h[: self.count], self.y[: self.count]
        loss = mean_loss(self.objective, Output(self.activation, a, y_hat), y)
        return loss, headline(self.task, self.activation.name, y, y_hat, self.unit)


class _Best:
    """The lowest watched loss, and with `patience` the weights that had it."""

    def __init__(self, network: Network, patience: int | None) -> None:
        self.network, self.patience = network, patience
        self.loss, self.waited = inf, 0
        self.theta = network.theta.copy() if patience is not None else None

    def see(self, loss: float) -> bool:
        """Takes the watched loss of one more epoch; says whether it is the best."""
        if loss >= self.loss:
            self.waited += 1
            return False
        self.loss, self.waited = loss, 0
        if self.theta is not None:
            self.theta[...] = self.network.theta
        return True

    @property
    def long_ago(self) -> bool:
        return self.patience is not None and self.waited >= self.patience

    def restore(self) -> None:
        if self.theta is not None:
            self.network.theta[...] = self.theta


def predict(network: Network, x: Array, scaling: Scaling) -> tuple[Array, Array]:
    """a and h of the last layer for all samples, scaled and computed in blocks of one size."""
    a = np.empty((len(x), network.outputs), network.dtype)
    h = np.empty_like(a)
    room = room_for_forward(network, PREDICTION_BLOCK)
    with np.errstate(all="ignore"):  # what overflows shows in `a`
        for place, block in blocks(x, scaling, PREDICTION_BLOCK, network.dtype):
            passed = forward(network, block, room)
            n = place.stop - place.start
            a[place], h[place] = passed.layers[-1].a[:n], passed.layers[-1].h[:n]
    return a, h


def measure(network: Network, objective: Objective, task: Task, samples: Samples) -> tuple[float, float]:
    """Loss (without the regulariser) and headline metric of samples that were not trained on."""
    output = _output(network, samples)
    metric = headline(task, output.activation.name, samples.y, output.y_hat, samples.unit)
    return mean_loss(objective, output, samples.y), metric


def evaluate_samples(
    network: Network, objective: Objective, task: Task, samples: Samples, names: tuple[str, ...]
) -> Evaluation:
    """Loss (without the regulariser) and all metrics of the task. Raises MlpError where they overflow."""
    output = _output(network, samples)
    with np.errstate(all="ignore"):
        loss = mean_loss(objective, output, samples.y)
        found = evaluate(task, output.activation.name, samples.y, output.y_hat, samples.unit, loss, names)
    if not all(isfinite(figure) for figure in (loss, *found.metrics.values()) if figure is not None):
        raise MlpError("the loss or a metric overflows: outputs or targets are too large")
    return found


def _output(network: Network, samples: Samples) -> Output:
    return Output(network.layers[-1].activation, *predict(network, samples.x, samples.scaling))
