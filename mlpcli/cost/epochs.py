"""Epochs with the clock read: whole ones, and the parts of their steps, on synthetic samples.

The samples have the right shape and kind; their values do not matter to the clock. The learning rate is 0: training
does every operation, and nothing diverges.
"""

from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from mlpcli.core.arrays import Array
from mlpcli.core.memory import Workload
from mlpcli.core.network import Network
from mlpcli.core.optimizers import begin
from mlpcli.core.propagation import backward, forward, room_for_backward, room_for_forward
from mlpcli.core.samples import Samples, Scaling, ShuffledBatches
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.steps import SLICE, GradientDescent
from mlpcli.core.training import Plan, train

FOREVER = 10**9  # epochs
FULL_BYTE = 255.0


class TimedEpoch(NamedTuple):
    """Seconds of an epoch: of each step, and of what follows them."""

    steps: list[float]
    rest: float


def whole_epochs(workload: Workload, network: Network, training: Samples, generator: Generator) -> Iterator[TimedEpoch]:
    """Epochs of `train` without end, with the clock read after every batch."""
    validation = synthetic_samples(workload, workload.validation, generator) if workload.validation else None
    plan = Plan(workload.optimizer, 0.0, SCHEDULES["constant"], FOREVER, workload.batch)
    stamps: list[float] = []
    epochs = train(
        network,
        workload.objective,
        workload.task,
        training,
        validation,
        plan,
        generator,
        watch=lambda number, done, summary: stamps.append(perf_counter()),
    )
    while True:
        stamps[:] = [perf_counter()]
        next(epochs)
        yield TimedEpoch([after - before for before, after in pairwise(stamps)], perf_counter() - stamps[-1])


class Parts(NamedTuple):
    """Seconds of a step's parts."""

    batch: float  # its share of gathering and scaling the block that it is part of
    forward: float
    backward: float
    update: float


def epochs_in_parts(
    workload: Workload, network: Network, samples: Samples, generator: Generator
) -> Iterator[list[Parts]]:
    """For each epoch, the parts of all its steps."""
    step = begin(workload.optimizer, network, workload.objective, generator)
    assert isinstance(step, GradientDescent), "only gradient rules have these parts"
    rooms = {
        n: (room_for_forward(network, n), room_for_backward(network, workload.objective, n, step.dtheta))
        for n in (workload.batch, workload.last_batch)
    }
    batches = ShuffledBatches(samples, workload.batch, workload.dtype)
    while True:
        steps = []
        started = perf_counter()
        for x, y in batches.blocks(generator):
            gathering = (perf_counter() - started) / -(-len(y) // workload.batch)
            for first in range(0, len(y), workload.batch):
                rows = slice(first, first + workload.batch)
                up, down = rooms[len(y[rows])]
                stamps = [perf_counter()]
                passed = forward(network, x[rows], up)
                stamps.append(perf_counter())
                backward(network, passed, workload.objective, y[rows], down)
                stamps.append(perf_counter())
                step.update(0.0)
                stamps.append(perf_counter())
                steps.append(Parts(gathering, *(after - before for before, after in pairwise(stamps))))
            started = perf_counter()
        yield steps


def synthetic_samples(workload: Workload, count: int, generator: Generator) -> Samples:
    """Bytes like those of images, scaled by one number, or numbers with a mean and a scale per feature."""
    inputs = workload.inputs
    x = np.empty((count, inputs), workload.stored)
    if workload.pixels:
        _fill(x, generator.integers(0, 256, min(x.size, SLICE)))
        scaling = Scaling(np.array(0.0), np.array(FULL_BYTE))
    else:
        _fill(x, generator.standard_normal(min(x.size, SLICE)))
        scaling = Scaling(generator.normal(0, 0.01, inputs), np.ones(inputs))
    return Samples(x, _targets(workload, count), scaling, np.array(1.0))


def _fill(x: Array, drawn: Array) -> None:
    """Repeats a few numbers, so that no second array of this size is needed."""
    flat = x.reshape(-1)
    for start in range(0, flat.size, drawn.size):
        part = flat[start : start + drawn.size]
        part[...] = drawn[: part.size]


def _targets(workload: Workload, count: int) -> Array:
    """One 1 in each row, in turn: what every loss and every task takes."""
    y = np.zeros((count, workload.outputs), workload.dtype)
    y[np.arange(count), np.arange(count) % workload.outputs] = 1
    return y
