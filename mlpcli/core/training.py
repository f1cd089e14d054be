"""The training loop. It yields one record per epoch and prints nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf, isfinite
from time import perf_counter

import numpy as np
from numpy.random import Generator

from mlpcli.core.errors import ConditionError, MlpError
from mlpcli.core.idle_inputs import without_idle_inputs
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, penalty
from mlpcli.core.optimizers import Optimizer, begin
from mlpcli.core.predicting import measure
from mlpcli.core.samples import Samples, ShuffledBatches
from mlpcli.core.schedules import Progress, Schedule, Stalls
from mlpcli.core.seen import Seen
from mlpcli.core.stop import Stop
from mlpcli.core.tasks import Task
from mlpcli.core.training_state import Best, TrainingState


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

    @property
    def watched(self) -> float:
        """The loss by which training is judged: that of validation, else of training."""
        return self.loss if self.validation_loss is None else self.validation_loss


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
    """Trains the network in place from its first epoch to its last, one per item, as `Training` does."""
    return Training(network, objective, task, training, validation, plan, generator).epochs(watch)


class Diverged(ConditionError):
    """A number stopped being finite. The network has the last finite weights again, or the best with `patience`."""

    def __init__(self, at: str, weights: str, rate: float) -> None:
        super().__init__(
            f"training diverged at {at}: a number is no longer finite; try a --learning-rate smaller than {rate:g}"
        )
        self.at = at  # epoch and batch
        self.weights = weights  # which ones these are, in words


class _NotFinite(Exception):
    """In this batch, from 1, or in the epoch as a whole."""

    def __init__(self, batch: int | None) -> None:
        super().__init__()
        self.batch = batch


class Training:
    """A network in training, in place. Whatever changes from epoch to epoch goes into `state` and comes back from it.

    Raises ChoiceError where the optimizer cannot serve the network.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        task: Task,
        training: Samples,
        validation: Samples | None,
        plan: Plan,
        generator: Generator,
    ) -> None:
        self.network, self.objective, self.task, self.validation = network, objective, task, validation
        self.plan, self.generator = plan, generator
        self._busy = without_idle_inputs(network, objective, plan.optimizer, training)
        self._step = begin(plan.optimizer, self._busy.network, objective, generator, plan.freeze_bias)
        self._batches = ShuffledBatches(self._busy.samples, min(plan.batch, len(training)), network.dtype)
        self._seen = Seen(network, objective, task, training)
        self._done, self._stalls, self._best = 0, Stalls(), Best()
        self._state: TrainingState | None = None  # where it is known already

    @property
    def samples(self) -> int:
        """How many samples there are to train on."""
        return len(self._seen.y)

    @property
    def place(self) -> str:
        """How far it has come, in words; nothing where no batch has been trained on."""
        if 0 < self._seen.count < self.samples:
            return f"in epoch {self._done + 1} of {self.plan.epochs}"
        return f"after epoch {self._done} of {self.plan.epochs}" if self._done else ""

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or as many as `patience` lets pass."""
        patience = self.plan.patience
        return self._done >= self.plan.epochs or (patience is not None and self._best.waited >= patience)

    def state(self) -> TrainingState:
        """A copy of all that has changed. Only between two epochs, and then always the same one."""
        if self._state is None:
            self._state = TrainingState(
                epoch=self._done,
                theta=self.network.theta.copy(),
                t=self._step.t,
                slots={name: slot.copy() for name, slot in self._step.slots.items()},
                generator=self.generator.bit_generator.state,
                stalls=self._stalls,
                best=self._best,
            )
        return self._state

    def go_on_from(self, state: TrainingState) -> None:
        """Puts back what `state` gave. Raises MlpError where it belongs to another network or another optimizer."""
        mine, theirs = self._step.slots, state.slots
        if mine.keys() != theirs.keys() or any(mine[name].shape != theirs[name].shape for name in mine):
            raise MlpError("the optimizer's running values do not fit the network")
        for theta in (state.theta, state.best.theta):
            if theta is not None and theta.shape != self.network.theta.shape:
                raise MlpError(f"{theta.size} parameters, where the network has {self.network.theta.size}")
        try:
            self.generator.bit_generator.state = state.generator
        except (KeyError, OverflowError, TypeError, ValueError):
            raise MlpError("the state of the random numbers is not of this generator") from None
        self._seen.count, self._state = 0, None
        self.network.theta[...] = state.theta
        self._busy.take()
        for name in mine:
            mine[name][...] = theirs[name]
        self._step.t = state.t
        self._done, self._stalls, self._best = state.epoch, state.stalls, state.best

    def epochs(self, watch: Watch | None = None, stop: Stop | None = None) -> Iterator[Epoch]:
        """Trains to the end of the plan, one epoch per item.

        With `patience` it stops when the watched loss (of validation, else of training) has not improved for so many
        epochs, and puts the best weights back. When a stop is asked for, it ends after the batch at hand; an epoch that
        has not been finished is no item. Raises Diverged for the batch in which a number stops being finite. Where the
        machine fails in an epoch, for want of memory say, the network has the weights of the epoch before.
        """
        stop = stop or Stop()
        while not (self.finished or stop.asked):
            epoch = self._epoch(watch, stop)
            if epoch is None:
                break
            yield epoch
        self.put_best_back()

    def put_best_back(self) -> None:
        """Gives the network the best weights so far, where `patience` keeps them: however training ends, they count."""
        if self._best.theta is not None:
            self.network.theta[...] = self._best.theta

    def _epoch(self, watch: Watch | None, stop: Stop) -> Epoch | None:
        """One more epoch, or None where a stop comes before its end."""
        started, start, rate = perf_counter(), self.state(), self._learning_rate()
        self._state = None
        with np.errstate(all="ignore"):  # what overflows is found by a check, not by a warning
            try:
                whole = self._all_batches(rate, watch, stop)
                self._busy.give_back()
                if not whole:
                    return None
                epoch = self._measured(rate)
            except _NotFinite as found:
                raise self._diverged(found.batch, start, rate) from None
            except (MemoryError, OSError):  # perhaps in the middle of an update
                self.go_on_from(start)
                raise
        self._stalls = self._stalls.seen(epoch.watched, self.plan.schedule.parameters.get("patience", inf))
        self._best = self._best.seen(epoch.watched, None if self.plan.patience is None else self.network.theta)
        self._done += 1
        return replace(epoch, seconds=perf_counter() - started, best=self._best.waited == 0)

    def _learning_rate(self) -> float:
        at, schedule = Progress(self._done, self.plan.epochs, self._stalls.count), self.plan.schedule
        return self.plan.learning_rate * schedule.factor(at, schedule.parameters)

    def _all_batches(self, rate: float, watch: Watch | None, stop: Stop) -> bool:
        """All batches once, or as many as there are before a stop; says whether it was all of them."""
        number, step, seen, size = self._done + 1, self._step, self._seen, self._batches.batch
        seen.count = 0
        for x, y in self._batches.blocks(self.generator):
            start = seen.expect(y)
            for first in range(0, len(y), size):
                seen.add(*step(x[first : first + size], y[first : first + size], rate))
                if watch is not None:
                    watch(number, seen.count, seen.summary)
                if stop.asked:
                    break
            if (row := seen.first_not_finite(start)) is not None:
                raise _NotFinite(row // size + 1)
            if stop.asked:
                break
        theta = step.network.theta
        # the last update; earlier ones show in outputs. Of large numbers, θ·θ overflows although each is finite
        if not isfinite(np.dot(theta, theta)) and not np.isfinite(theta).all():
            raise _NotFinite(-(-seen.count // size))
        return seen.count == self.samples

    def _measured(self, rate: float) -> Epoch:
        """What the epoch gave, `seconds` and `best` left open."""
        number = self._done + 1
        held_out: tuple[float | None, float | None] = None, None
        loss, metric = self._seen.summary()
        share = penalty(self.objective, self.network) if self.objective.regularized else 0.0
        if self.validation is not None:
            held_out = measure(self.network, self.objective, self.task, self.validation)
        if not isfinite(loss + share + (held_out[0] or 0.0)):
            raise _NotFinite(self._seen.first_batch_too_large(self._batches.batch))
        return Epoch(number, loss, share, metric, *held_out, learning_rate=rate, seconds=0.0, best=False)

    def _diverged(self, batch: int | None, start: TrainingState, rate: float) -> Diverged:
        """What to raise, with the network back at its last finite weights."""
        number = self._done + 1
        self.go_on_from(start)
        self.put_best_back()
        if self._best.theta is not None:
            return Diverged(_place(number, batch), f"the best, of epoch {self._done - self._best.waited}", rate)
        updates = self._updates_while_finite(rate, inf if batch is None else batch - 1)
        self._busy.give_back()
        after = _place(number, updates) if updates else _place(self._done, None)
        which = f"after {after}" if updates or self._done else "with which it began"
        at = _place(number, None if batch is None else updates + 1)  # a θ may be infinite before any output is
        return Diverged(at, f"the last finite ones, {which}", rate)

    def _updates_while_finite(self, rate: float, most: float) -> int:
        """Makes the epoch's updates again, as long as they leave θ finite and there are not `most`; says how many."""
        theta, size, updates = self._step.network.theta, self._batches.batch, 0
        for x, y in self._batches.blocks(self.generator):
            for first in range(0, len(y), size):
                if updates == most:
                    return updates
                finite = theta.copy()
                self._step(x[first : first + size], y[first : first + size], rate)
                if not np.isfinite(theta).all():
                    theta[...] = finite
                    return updates
                updates += 1
        return updates


def _place(epoch: int, batch: int | None) -> str:
    return f"epoch {epoch}" if batch is None else f"epoch {epoch}, batch {batch}"
