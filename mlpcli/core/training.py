"""The training loop. It yields one record per epoch and prints nothing."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from math import inf, isfinite
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ConditionError, LostProcess, MlpError
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, penalty
from mlpcli.core.optimizers import Optimizer, begin
from mlpcli.core.predicting import EpochOutputs, measure, room_to_measure
from mlpcli.core.samples import Samples, ShuffledBatches
from mlpcli.core.schedules import Elapsed, Schedule
from mlpcli.core.steps import Step
from mlpcli.core.tasks import Task
from mlpcli.core.training_records import Epoch, Progress, TrainingState, epoch_after
from mlpcli.core.zero_inputs import without_zero_inputs


class Plan(NamedTuple):
    """How to train."""

    optimizer: Optimizer
    learning_rate: float  # η₀, which the schedule changes
    schedule: Schedule
    epochs: int
    batch: int  # samples per update
    patience: int | None = None  # epochs without improvement before training stops
    freeze_bias: bool = False

    def rate(self, progress: Progress) -> float:
        """The learning rate of the next epoch."""
        at = Elapsed(progress.done, self.epochs, progress.stalls.times)
        return self.learning_rate * self.schedule.factor(at, self.schedule.parameters)

    def finished(self, progress: Progress) -> bool:
        """Whether all epochs are done, or `patience` epochs have passed without improvement."""
        return progress.done >= self.epochs or (self.patience is not None and progress.best.waited >= self.patience)

    def after(self, progress: Progress, watched: float, theta: Array) -> Progress:
        """The progress after one more epoch with this watched loss and these weights."""
        return Progress(
            progress.done + 1,
            progress.stalls.after(watched, self.schedule.parameters.get("patience", inf)),
            progress.best.after(watched, None if self.patience is None else theta),
        )


# Called after each batch with the epoch's number, the samples done, and a function that gives loss and metric so far.
Watch = Callable[[int, int, Callable[[], tuple[float, float]]], None]
# Called after each batch: whether training should stop.
Stop = Callable[[], object]


def never() -> bool:
    """Training is not stopped."""
    return False


class Run(NamedTuple):
    """What `Training` takes for one network."""

    network: Network  # with its initial weights; it is trained in place
    objective: Objective
    task: Task
    training: Samples
    validation: Samples | None
    plan: Plan
    generator: Generator


class Diverged(ConditionError):
    """A number is no longer finite. The network has its last finite weights again, or with `patience` the best."""

    def __init__(self, at: str, weights: str, rate: float) -> None:
        super().__init__(
            f"training diverged at {at}: a number is no longer finite; try a --learning-rate smaller than {rate:g}"
        )
        self.at = at  # epoch and batch
        self.weights = weights  # which weights the network has now, in words


class _NotFinite(Exception):
    """A number is not finite, in this batch (from 1) or, with None, in the epoch as a whole."""

    def __init__(self, batch: int | None) -> None:
        super().__init__()
        self.batch = batch


def step_and_batches(
    network: Network, objective: Objective, plan: Plan, samples: Samples, generator: Generator, processes: int
) -> tuple[Step, ShuffledBatches]:
    """The step of a plan, and the batches that it takes. Several processes train a copy of the network."""
    batch = min(plan.batch, len(samples))
    if processes == 1:
        step = begin(plan.optimizer, network, objective, generator, plan.freeze_bias)
        return step, ShuffledBatches(samples, batch, network.dtype)
    from mlpcli.core.parallel import shared

    return shared(network, objective, plan.optimizer, plan.freeze_bias, samples, batch, processes)


class Training:
    """Trains a network in place. `state` returns everything that changes from epoch to epoch, `restore` sets it.

    `processes` share the work, see `parallel`; the results have the same bits as with one.
    Raises ChoiceError if the optimizer cannot train this network.
    """

    def __init__(self, run: Run, processes: int = 1) -> None:
        network, objective, task, training, validation, plan, generator = run
        self.network, self.objective, self.task, self.validation = network, objective, task, validation
        self.plan, self.generator = plan, generator
        self._narrowed = without_zero_inputs(network, objective, plan.optimizer, training)
        self._step, self._batches = step_and_batches(
            self._narrowed.network, objective, plan, self._narrowed.samples, generator, processes
        )
        self._narrowed = self._narrowed._replace(network=self._step.network)
        self._outputs = EpochOutputs(network, objective, task, len(training), training.unit)
        self._room = room_to_measure(network, validation)
        self._progress = Progress()
        self._state: TrainingState | None = None  # a copy, once it is made

    @property
    def samples(self) -> int:
        """The number of training samples."""
        return len(self._outputs.y)

    @property
    def place(self) -> str:
        """How far training has come, in words; empty before the first batch."""
        if 0 < self._outputs.count < self.samples:
            return f"in epoch {self._progress.done + 1} of {self.plan.epochs}"
        return f"after epoch {self._progress.done} of {self.plan.epochs}" if self._progress.done else ""

    @property
    def finished(self) -> bool:
        """Whether training has come to its end, see `Plan.finished`."""
        return self.plan.finished(self._progress)

    def state(self) -> TrainingState:
        """A copy of the training state. Call it between two epochs only; it is then copied once."""
        if self._state is None:
            self._step.finish()
            self._state = TrainingState(
                epoch=self._progress.done,
                theta=self.network.theta.copy(),
                t=self._step.t,
                slots={name: slot.copy() for name, slot in self._step.slots.items()},
                generator=self.generator.bit_generator.state,
                stalls=self._progress.stalls,
                best=self._progress.best,
            )
        return self._state

    def restore(self, state: TrainingState) -> None:
        """Continues from a state. Raises MlpError if it belongs to another network or another optimizer."""
        mine, theirs = self._step.slots, state.slots
        if mine.keys() != theirs.keys() or any(mine[name].shape != theirs[name].shape for name in mine):
            raise MlpError("the optimizer state does not fit the network")
        for theta in (state.theta, state.best.theta):
            if theta is not None and theta.shape != self.network.theta.shape:
                raise MlpError(f"{theta.size} parameters, but the network has {self.network.theta.size}")
        try:
            self.generator.bit_generator.state = state.generator
        except (KeyError, OverflowError, TypeError, ValueError):
            raise MlpError("the state of the random numbers does not fit the generator") from None
        with suppress(LostProcess):  # it has ended, then, and all that it should have written is replaced
            self._step.finish()
        self._outputs.count, self._state = 0, None
        self.network.theta[...] = state.theta
        self._narrowed.take()
        for name in mine:
            mine[name][...] = theirs[name]
        self._step.t = state.t
        self._progress = Progress(state.epoch, state.stalls, state.best)

    def epochs(self, watch: Watch | None = None, stop: Stop = never) -> Iterator[Epoch]:
        """Trains to the end of the plan and yields each finished epoch.

        With `patience`, training stops when the watched loss (validation, else training) has not improved for that many
        epochs, and the network gets its best weights. When `stop` returns true, training ends after the current batch.
        Raises Diverged if a number is no longer finite. If the machine fails during an epoch, for lack of memory say,
        the network gets the weights of the epoch before.
        """
        while not (self.finished or stop()):
            epoch = self._epoch(watch, stop)
            if epoch is None:
                break
            yield epoch
        self.put_best_back()

    def put_best_back(self) -> None:
        """Gives the network its best weights so far, if `patience` keeps them."""
        if self._progress.best.theta is not None:
            self.network.theta[...] = self._progress.best.theta

    def _epoch(self, watch: Watch | None, stop: Stop) -> Epoch | None:
        """One more epoch, or None if it is stopped before its end."""
        started, start, rate = perf_counter(), self.state(), self.plan.rate(self._progress)
        self._state = None
        with np.errstate(all="ignore"):  # what overflows is found by a check, not by a warning
            try:
                whole = self._all_batches(rate, watch, stop)
                self._narrowed.give_back()
                if not whole:
                    return None
                epoch = self._measured(rate, started)
            except _NotFinite as place:
                raise self._diverged(place.batch, start, rate) from None
            except (MemoryError, OSError, LostProcess):  # perhaps in the middle of an update
                self.restore(start)
                raise
        self._progress = self.plan.after(self._progress, epoch.watched, self.network.theta)
        return epoch

    def _all_batches(self, rate: float, watch: Watch | None, stop: Stop) -> bool:
        """Trains on all batches once, or until a stop. Returns whether it was all of them."""
        number, step, outputs, size = self._progress.done + 1, self._step, self._outputs, self._batches.batch
        outputs.count = 0
        for x, y, weights in self._batches.blocks(self.generator):
            start = outputs.expect(y, weights)
            for first in range(0, len(y), size):
                own = None if weights is None else weights[first : first + size]
                outputs.add(*step(x[first : first + size], y[first : first + size], rate, own))
                if watch is not None:
                    watch(number, outputs.count, outputs.summary)
                if stop():
                    break
            if (row := outputs.first_not_finite(start)) is not None:
                raise _NotFinite(row // size + 1)
            if stop():
                break
        step.finish()
        theta = step.network.theta
        # the last update; earlier ones show in outputs. Of large numbers, θ·θ overflows although each is finite
        if not isfinite(np.dot(theta, theta)) and not np.isfinite(theta).all():
            raise _NotFinite(-(-outputs.count // size))
        return outputs.count == self.samples

    def _measured(self, rate: float, started: float) -> Epoch:
        """The results of the epoch that has just ended."""
        held_out: tuple[float | None, float | None] = None, None
        loss, metric = self._outputs.summary()
        share = penalty(self.objective, self.network) if self.objective.regularized else 0.0
        if self.validation is not None:
            held_out = measure(self.network, self.objective, self.task, self.validation, self._room)
        if not isfinite(loss + share + (held_out[0] or 0.0)):
            raise _NotFinite(self._outputs.first_batch_too_large(self._batches.batch))
        return epoch_after(self._progress, (loss, share, metric, *held_out), rate, perf_counter() - started)

    def _diverged(self, batch: int | None, start: TrainingState, rate: float) -> Diverged:
        """The error to raise, after the network has got its last finite weights back."""
        done, best = self._progress.done, self._progress.best
        number = done + 1
        self.restore(start)
        self.put_best_back()
        if best.theta is not None:
            return Diverged(_place(number, batch), f"the best, of epoch {done - best.waited}", rate)
        updates = self._updates_while_finite(rate, inf if batch is None else batch - 1)
        self._narrowed.give_back()
        after = _place(number, updates) if updates else _place(done, None)
        which = f"the last finite ones, after {after}" if updates or done else "the initial weights"
        at = _place(number, None if batch is None else updates + 1)  # a θ may be infinite before any output is
        return Diverged(at, which, rate)

    def _updates_while_finite(self, rate: float, most: float) -> int:
        """Repeats the epoch's updates while they leave θ finite, at most `most`, and returns their number."""
        theta, size, updates = self._step.network.theta, self._batches.batch, 0
        for x, y, weights in self._batches.blocks(self.generator):
            for first in range(0, len(y), size):
                own = None if weights is None else weights[first : first + size]
                if updates == most:
                    return updates
                finite = theta.copy()
                self._step(x[first : first + size], y[first : first + size], rate, own)
                self._step.finish()
                if not np.isfinite(theta).all():
                    theta[...] = finite
                    return updates
                updates += 1
        return updates


def _place(epoch: int, batch: int | None) -> str:
    return f"epoch {epoch}" if batch is None else f"epoch {epoch}, batch {batch}"
