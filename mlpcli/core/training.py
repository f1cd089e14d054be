"""The training loop. It yields one record per epoch and prints nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf, isfinite
from time import perf_counter
from typing import Any

import numpy as np
from numpy.random import Generator

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ConditionError
from mlpcli.core.losses import Output
from mlpcli.core.metrics import Evaluation
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, batch_loss, penalty, sample_losses
from mlpcli.core.optimizers import Optimizer, begin
from mlpcli.core.propagation import forward, room_for_forward
from mlpcli.core.samples import Samples, Scaling, blocks, shuffled_batches
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
    """What an epoch gave. Loss and metric of the training samples are those before each update, as Keras reports them."""

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

    With `patience` it stops when the watched loss (of validation, else of training) has not improved for so many epochs,
    and puts the best weights back. Raises ConditionError in the batch where outputs stop being finite, ChoiceError where
    the optimizer cannot serve the network.
    """
    step = begin(plan.optimizer, network, objective, generator, plan.freeze_bias)
    epochs, batch = (1, len(training)) if plan.optimizer.solves else (plan.epochs, min(plan.batch, len(training)))
    seen = _Seen(network, objective, task, len(training))
    stalls = Stalls(plan.schedule.parameters.get("patience", inf))
    best, waited, best_theta = inf, 0, network.theta.copy()
    for number in range(1, epochs + 1):
        started = perf_counter()
        at = Progress(number - 1, epochs, stalls.count)
        rate = plan.learning_rate * plan.schedule.factor(at, plan.schedule.parameters)
        seen.start(number)
        with np.errstate(all="ignore"):
            for x, y in shuffled_batches(training, batch, generator, network.dtype):
                seen.add(step(x, y, rate), y)
                if watch is not None:
                    watch(number, seen.count, seen.summary)
            loss, metric = seen.summary()
            if not np.isfinite(network.theta).all():
                raise ConditionError(_diverged(number, -(-len(training) // batch), plan.learning_rate))
        held_out = measure(network, objective, task, validation) if validation is not None else None
        watched = held_out[0] if held_out else loss
        stalls.see(watched)
        improved = watched < best
        if improved:
            best, waited = watched, 0
            if plan.patience is not None:
                best_theta[...] = network.theta
        else:
            waited += 1
        yield Epoch(
            number,
            loss,
            penalty(objective, network) if objective.regularized else 0.0,
            metric,
            *(held_out or (None, None)),
            rate,
            perf_counter() - started,
            improved,
        )
        if plan.patience is not None and waited >= plan.patience:
            break
    if plan.patience is not None:
        network.theta[...] = best_theta


class _Seen:
    """The outputs of an epoch's batches, kept so that loss and metric cost one pass over all instead of one per batch."""

    def __init__(self, network: Network, objective: Objective, task: Task, samples: int) -> None:
        self.activation = network.layers[-1].activation
        self.alpha = network.parameters[-1].alpha
        self.objective, self.task = objective, task
        self.a: Array = np.empty((samples, network.outputs), network.dtype)
        self.y: Array = np.empty_like(self.a)
        self.epoch = self.count = self.batches = 0

    def start(self, epoch: int) -> None:
        self.epoch, self.count, self.batches = epoch, 0, 0

    def add(self, a: Array, y: Array) -> None:
        self.batches += 1
        if not isfinite(np.add.reduce(a, axis=None)):
            raise ConditionError(_diverged(self.epoch, self.batches))
        end = self.count + len(a)
        self.a[self.count : end] = a
        self.y[self.count : end] = y
        self.count = end

    def summary(self) -> tuple[float, float]:
        a, y = self.a[: self.count], self.y[: self.count]
        y_hat = self.activation.forward(a, self.alpha, np.empty_like(a))
        losses = sample_losses(self.objective, Output(self.activation, a, y_hat), y)
        loss = np.add.reduce(losses).item()
        if self.objective.batch_reduction == "mean":
            loss /= self.count
        return loss, headline(self.task, self.activation.name, y, y_hat)


def predict(network: Network, x: Array, scaling: Scaling) -> tuple[Array, Array]:
    """a and h of the last layer for all samples, scaled and computed in blocks of one size."""
    a = np.empty((len(x), network.outputs), network.dtype)
    h = np.empty_like(a)
    room = room_for_forward(network, PREDICTION_BLOCK)
    for place, block in blocks(x, scaling, PREDICTION_BLOCK, network.dtype):
        passed = forward(network, block, room)
        n = place.stop - place.start
        a[place], h[place] = passed.layers[-1].a[:n], passed.layers[-1].h[:n]
    return a, h


def measure(network: Network, objective: Objective, task: Task, samples: Samples) -> tuple[float, float]:
    """Loss (without the regulariser) and headline metric of samples that were not trained on."""
    activation = network.layers[-1].activation
    a, y_hat = predict(network, samples.x, samples.scaling)
    loss = batch_loss(objective, Output(activation, a, y_hat), samples.y)
    return loss, headline(task, activation.name, samples.y, y_hat)


def evaluate_samples(
    network: Network, objective: Objective, task: Task, samples: Samples, names: tuple[str, ...]
) -> Evaluation:
    """Loss and all metrics of the task."""
    activation = network.layers[-1].activation
    a, y_hat = predict(network, samples.x, samples.scaling)
    loss = batch_loss(objective, Output(activation, a, y_hat), samples.y)
    return evaluate(task, activation.name, samples.y, y_hat, loss, names)


def _diverged(epoch: int, batch: int, learning_rate: float | None = None) -> str:
    rate = f" than {learning_rate:g}" if learning_rate else ""
    return f"training diverged at epoch {epoch}, batch {batch}: a number is no longer finite; try a smaller --learning-rate{rate}"


def generators(seed: int) -> dict[str, Any]:
    """Independent streams from one seed: a longer shuffle does not change the weights that are drawn."""
    names = ("split", "weights", "order")
    return dict(zip(names, (np.random.default_rng([seed, k]) for k in range(len(names))), strict=True))
