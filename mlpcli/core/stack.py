"""Many training runs at once: each ends with the weights, losses and metrics of `Training`, to the bit."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from mlpcli.core.arrays import Array
from mlpcli.core.families import Row
from mlpcli.core.network import Network, cast
from mlpcli.core.objective import Objective
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task
from mlpcli.core.training import Diverged, Plan, Training
from mlpcli.core.training_records import Epoch
from mlpcli.core.zero_inputs import may_be_narrowed


class Run(NamedTuple):
    """What `Training` takes for one network. Training changes the generator, but not the network."""

    network: Network  # with its initial weights
    objective: Objective
    task: Task
    training: Samples
    validation: Samples | None
    plan: Plan
    generator: Generator


class Outcome(NamedTuple):
    """What training one network has led to."""

    epochs: tuple[Epoch, ...]
    theta: Array  # (p,): the final weights; with `patience` the best, after divergence the last finite ones
    best: int | None  # the epoch with the lowest watched loss; None if there is no epoch
    diverged: str | None  # the epoch and batch at which a number was no longer finite


def stackable(run: Run) -> Hashable:
    """What all runs of a stack have in common, as a key for grouping; None for a run that trains alone.

    Runs of a stack may differ in everything else: initial weights, samples, order, learning rate and schedule, the
    optimizer's constants, coefficients of the penalty, epochs and patience.
    """
    network, objective, training, plan = run.network, run.objective, run.training, run.plan
    if plan.optimizer.rule is None or may_be_narrowed(network.layers[0], objective, plan.optimizer):
        return None
    return (
        tuple((layer.inputs, layer.units, _row(layer.activation)) for layer in network.layers),
        network.dtype.str,
        _row(objective.loss),
        (objective.output_reduction, objective.batch_reduction),
        (objective.l1 != 0, objective.l2 != 0, objective.regularize_bias),
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
    """Number, types and shapes of samples. A scaling by one number for all features is that number."""
    scaling = samples.scaling
    numbers = None if scaling.mean.ndim else (float(scaling.mean), float(scaling.scale))
    return len(samples), samples.x.dtype.str, samples.y.dtype.str, numbers, samples.unit.shape


CACHE = 1 << 20  # bytes: a stack that fits in a core's second-level cache takes the least time per network
MOST = 128  # networks, from which on a step takes no less time per network


def block_size(run: Run) -> int:
    """The number of networks like this one that take the least time per network in one stack; 1 for one alone."""
    if stackable(run) is None:
        return 1
    network, samples = run.network, min(run.plan.batch, len(run.training))
    numbers = 4 * samples * sum(layer.units for layer in network.layers) + 5 * network.theta.size
    return int(np.clip(CACHE // (numbers * network.dtype.itemsize), 1, MOST))


def train_stack(runs: Sequence[Run]) -> list[Outcome]:
    """Trains networks of one kind (see `stackable`). Raises ChoiceError like `Training`."""
    return [train_alone(run) for run in runs]


def train_alone(run: Run) -> Outcome:
    """Trains one network by `Training`."""
    training = Training(cast(run.network, run.network.dtype), *run[1:])
    epochs: list[Epoch] = []
    diverged = None
    try:
        for epoch in training.epochs():
            epochs.append(epoch)
    except Diverged as error:
        diverged = error.at
    best = max((epoch.number for epoch in epochs if epoch.best), default=None)
    return Outcome(tuple(epochs), training.network.theta, best, diverged)
