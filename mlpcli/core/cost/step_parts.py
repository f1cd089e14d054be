"""The parts of a step, timed one by one: the functions that a step of training calls, in a loop of their own."""

from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

from numpy.random import Generator

from mlpcli.core.cost.workload import Workload
from mlpcli.core.gradient_descent import GradientDescent
from mlpcli.core.network import Network
from mlpcli.core.optimizers import begin
from mlpcli.core.propagation import backward, forward, room_for_backward, room_for_forward
from mlpcli.core.samples import Samples, ShuffledBatches


class Parts(NamedTuple):
    """Seconds."""

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
        found = []
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
                found.append(Parts(gathering, *(after - before for before, after in pairwise(stamps))))
            started = perf_counter()
        yield found
