"""Many training runs at once: a stack of networks with the same layers, in arrays with a leading axis.

Each network ends with the weights, losses and metrics that `Training` gives it, to the bit, whatever the others do. A
step of one small network is mostly the overhead of forty calls; a stack shares them.
"""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from math import isfinite
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array, aligned_empty, per_network
from mlpcli.core.families import Row
from mlpcli.core.network import Network, cast
from mlpcli.core.objective import Objective, penalty
from mlpcli.core.optimizers import begin
from mlpcli.core.predicting import EpochOutputs, measure, room_to_measure
from mlpcli.core.samples import Samples, ShuffledBatches, pooled
from mlpcli.core.steps import Step
from mlpcli.core.training import Diverged, Run, Training
from mlpcli.core.training_records import Epoch, Measured, Progress, TrainingState, epoch_after
from mlpcli.core.zero_inputs import may_be_narrowed

CACHE = 1 << 21  # bytes of a step: more do not fit in the cache of a core, and take more time per network
DATA = 1 << 26  # bytes of samples and outputs
MOST = 64  # networks: of small ones, 128 save another tenth of the time, but then progress is rarely shown and saved
CROWDED = 3 / 4  # of a stack: if fewer of its networks are still training, the others leave it


def stackable(run: Run) -> Hashable:
    """What all runs of a stack have in common, as a key for grouping; None for a run that trains alone.

    Runs of a stack may differ in everything else: initial weights, samples, order, learning rate and schedule, the
    optimizer's constants, coefficients of the penalty, weights of classes and samples, epochs and patience.
    """
    network, objective, training, plan = run.network, run.objective, run.training, run.plan
    if plan.optimizer.rule is None or may_be_narrowed(network.layers[0], objective, plan.optimizer):
        return None
    return (
        tuple((layer.inputs, layer.units, _row(layer.activation)) for layer in network.layers),
        network.dtype.str,
        _row(objective.loss),
        (objective.output_reduction, objective.batch_reduction),
        (objective.l1 != 0, objective.l2 != 0, objective.regularize_bias, objective.class_weights is None),
        run.task.name,
        _kind(training),
        None if run.validation is None else _kind(run.validation),
        min(plan.batch, len(training)),
        plan.optimizer.name,
        plan.freeze_bias,
    )


def _row(row: Row) -> tuple[str, tuple[tuple[str, float], ...]]:
    return row.name, tuple(row.parameters.items())


def _kind(samples: Samples) -> tuple[Hashable, ...]:
    """Number, types and shapes of samples, and whether they have weights.

    A scaling by one number for all features is that number.
    """
    mean, scale = samples.scaling.mean, samples.scaling.scale
    arrays = (samples.x, samples.y, mean, scale, samples.unit)
    numbers = None if mean.ndim else (float(mean), float(scale))
    types = tuple(array.dtype.str for array in arrays)
    return len(samples), types, numbers, samples.unit.shape, samples.weights is None


def block_size(run: Run) -> int:
    """The number of networks like this one that take the least time per network in one stack; 1 for one alone."""
    if stackable(run) is None:
        return 1
    network, training = run.network, run.training
    batch, samples = min(run.plan.batch, len(training)), len(training) + len(run.validation or ())
    step = 4 * batch * sum(layer.units for layer in network.layers) + 5 * network.theta.size
    data = samples * (network.inputs + 4 * network.outputs)
    together = min(CACHE // (step * network.dtype.itemsize), DATA // (data * network.dtype.itemsize))
    return min(max(together, 1), MOST)


# ----- Training -------------------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What training one network has led to."""

    epochs: tuple[Epoch, ...]  # in a stack, seconds are shared evenly
    theta: Array  # (p,): the final weights; with `patience` the best, after divergence the last finite ones
    best: int | None  # the epoch with the lowest watched loss; None if there is no epoch
    diverged: str | None  # the epoch and batch at which a number was no longer finite


def train_stack(runs: Sequence[Run]) -> list[Outcome]:
    """Trains networks of one kind (see `stackable`). Raises ChoiceError like `Training`."""
    if len(runs) == 1 or stackable(runs[0]) is None:
        return [_trained(_training(run), []) for run in runs]
    members = [_Member(run) for run in runs]
    if begun := [member for member in members if member.ended is None]:
        stack = _Stack(begun, np.stack([member.run.network.theta for member in begun]))
        while training := len(stack.training()):
            if training < CROWDED * len(stack.members):
                stack = stack.without_ended()
            stack.epoch()
    return [member.ended for member in members if member.ended is not None]


def _training(run: Run) -> Training:
    return Training(run._replace(network=cast(run.network, run.network.dtype)))


def _trained(training: Training, epochs: list[Epoch]) -> Outcome:
    """The outcome of the epochs done and those that `training` adds."""
    diverged = None
    try:
        for epoch in training.epochs():
            epochs.append(epoch)
    except Diverged as error:
        diverged = error.at
    return _outcome(epochs, training.network.theta, diverged)


def _outcome(epochs: list[Epoch], theta: Array, diverged: str | None = None) -> Outcome:
    best = max((epoch.number for epoch in epochs if epoch.best), default=None)
    return Outcome(tuple(epochs), theta, best, diverged)


class _Member:
    """A network of a stack: what its training has come to, apart from the arrays that it shares."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.drawn_from = run.generator.bit_generator.state
        self.epochs: list[Epoch] = []
        self.progress = Progress()
        self.ended = _outcome([], run.network.theta.copy()) if run.plan.finished(self.progress) else None

    def add(self, epoch: Epoch, theta: Array) -> None:
        """One more epoch, which ended with these weights."""
        plan = self.run.plan
        self.epochs.append(epoch)
        self.progress = plan.after(self.progress, epoch.watched, theta)
        if plan.finished(self.progress):
            best = self.progress.best.theta
            self.ended = _outcome(self.epochs, theta.copy() if best is None else best)

    def go_on_alone(self, theta: Array, slots: dict[str, Array], t: int) -> None:
        """Trains to the end by `Training`, from weights and optimizer state after the last epoch."""
        generator, progress = self.run.generator, self.progress
        generator.bit_generator.state = self.drawn_from
        for _ in range(progress.done):
            generator.permutation(len(self.run.training))
        training, state = _training(self.run), generator.bit_generator.state
        training.restore(TrainingState(progress.done, theta, t, slots, state, progress.stalls, progress.best))
        self.ended = _trained(training, self.epochs)


class _Stack:
    """Networks of one kind, each at the end of the same epoch."""

    def __init__(self, members: Sequence[_Member], theta: Array) -> None:
        self.members, runs = members, [member.run for member in members]
        self.network = Network(runs[0].network.layers, aligned_empty(theta.shape, theta.dtype))
        self.network.theta[...] = theta
        self.objective, self.step = _in_common(runs, self.network)
        self.validation = _validation(runs)
        self.room = room_to_measure(self.network, self.validation)
        samples, batch = len(runs[0].training), min(runs[0].plan.batch, len(runs[0].training))
        pool, self.starts = pooled([run.training for run in runs], theta.dtype)
        self.order = np.zeros((len(runs), samples), np.int64)
        self.batches = ShuffledBatches(pool, batch, self.network.dtype, self.order.shape)
        self.outputs = EpochOutputs(self.network, self.objective, runs[0].task, samples, pool.unit)

    def training(self) -> list[int]:
        """The places of the networks that have not ended."""
        return [place for place, member in enumerate(self.members) if member.ended is None]

    def epoch(self) -> None:
        """One more epoch. A network that does not stay finite repeats it alone, and does not come back."""
        started, step, places = perf_counter(), self.step, self.training()
        theta, slots, t = self.network.theta.copy(), {name: slot.copy() for name, slot in step.slots.items()}, step.t
        rates = [member.run.plan.rate(member.progress) for member in self.members]
        with np.errstate(all="ignore"):  # as in `Training`
            self._draw(places)
            finite = self._all_batches(per_network(rates, 1)) & np.isfinite(self.network.theta).all(axis=-1)
            measured = self._measured()
        seconds = (perf_counter() - started) / len(places)
        for place in places:
            member, (loss, share, _, held_out, _) = self.members[place], measured[place]
            if finite[place] and isfinite(loss + share + (held_out or 0.0)):
                epoch = epoch_after(member.progress, measured[place], rates[place], seconds)
                member.add(epoch, self.network.theta[place])
            else:
                member.go_on_alone(theta[place], {name: slot[place] for name, slot in slots.items()}, t)

    def _draw(self, places: Sequence[int]) -> None:
        """A new order for each of these networks."""
        self.order[places] = np.arange(self.order.shape[-1])
        for place in places:  # as `permutation` does
            self.members[place].run.generator.shuffle(self.order[place])

    def _all_batches(self, rate: Any) -> Array:
        """Trains on all batches once. Returns which networks' outputs are finite, (R,)."""
        outputs, size, finite = self.outputs, self.batches.batch, np.ones(len(self.members), bool)
        outputs.count = 0
        for x, y, weights in self.batches.in_order(self.order + self.starts):
            start = outputs.expect(y, weights)
            for first in range(0, y.shape[-2], size):
                rows = slice(first, first + size)
                own = None if weights is None else weights[:, rows]
                outputs.add(*self.step(x[:, rows], y[:, rows], rate, own))
            fine = np.isfinite(outputs.a[start : outputs.count])
            if not fine.all():
                finite &= fine.all(axis=(0, -1))
        return finite

    def _measured(self) -> list[Measured]:
        """What the epoch has led to, for each network."""
        none = [None] * len(self.members)
        losses, metrics = self.outputs.summary()
        shares, held_out = [0.0] * len(none), (none, none)
        if self.objective.regularized:
            shares = np.ravel(penalty(self.objective, self.network)).tolist()
        if self.validation is not None:
            held_out = measure(self.network, self.objective, self.members[0].run.task, self.validation, self.room)
        return list(zip(losses, shares, metrics, *held_out, strict=True))

    def without_ended(self) -> "_Stack":
        """The networks that have not ended."""
        places = self.training()
        rest = _Stack([self.members[place] for place in places], self.network.theta[places])
        rest.step.t = self.step.t
        for name, slot in self.step.slots.items():
            rest.step.slots[name][...] = slot[places]
        return rest


def _in_common(runs: Sequence[Run], network: Network) -> tuple[Objective, Step]:
    """The objective and the step, with a number for each network where these differ."""
    l1, l2 = (per_network([getattr(run.objective, name) for run in runs], 2) for name in ("l1", "l2"))
    classes = [run.objective.class_weights for run in runs if run.objective.class_weights is not None]
    objective = replace(runs[0].objective, l1=l1, l2=l2, class_weights=tuple(classes) or None)
    plan, rows = runs[0].plan, [run.plan.optimizer.parameters for run in runs]
    constants = {name: per_network([row[name] for row in rows], 1) for name in rows[0]}
    optimizer = replace(plan.optimizer, parameters=constants)
    return objective, begin(optimizer, network, objective, runs[0].generator, plan.freeze_bias)


def _validation(runs: Sequence[Run]) -> Samples | None:
    """The validation samples of each network, x as (R, n, inputs), weights as (R, n)."""
    sets = [run.validation for run in runs if run.validation is not None]
    if not sets:
        return None
    pool, starts = pooled(sets, runs[0].network.dtype)
    rows = starts + np.arange(len(sets[0]))
    return replace(pool, x=pool.x[rows], y=pool.y[rows], weights=None if pool.weights is None else pool.weights[rows])
