"""Training runs, and which of them share a stack: what they have in common, and how many take the least time."""

from collections.abc import Hashable
from typing import NamedTuple

from numpy.random import Generator

from mlpcli.core.families import Row
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task
from mlpcli.core.training import Plan
from mlpcli.core.zero_inputs import may_be_narrowed

CACHE = 1 << 21  # bytes of a step: more do not fit in the cache of a core, and take more time per network
DATA = 1 << 26  # bytes of samples and outputs
MOST = 64  # networks: of small ones, 128 save another tenth of the time, but then progress is rarely shown and saved


class Run(NamedTuple):
    """What `Training` takes for one network. Training changes the generator, but not the network."""

    network: Network  # with its initial weights
    objective: Objective
    task: Task
    training: Samples
    validation: Samples | None
    plan: Plan
    generator: Generator


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
