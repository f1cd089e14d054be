"""One large network on several cores: a team of processes shares the products of a step, its update, and its batches.

Each process computes whole rows of a product with one thread, by the same kernels of the library as one process, so the
results have the same bits. While this process does what is left of a step, another gathers the next batch.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from weakref import WeakMethod

import numpy as np

from mlpcli.core.arrays import CACHE_LINE, Array
from mlpcli.core.network import Layer, Network
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import Optimizer
from mlpcli.core.samples import Block, Samples, ShuffledBatches, rows_together
from mlpcli.core.steps import SLICE, GradientDescent
from mlpcli.core.team import SharedMemory, Team, part

# Multiply–adds of a product that is shared. MNIST's first layer has 51 million with a batch of 128, which take a
# millisecond; to hand over work and to wait for its end takes some ten microseconds.
LARGE = 8_000_000
# Of a product's part. OpenBLAS computes 4, 8 or 24 rows at once, and others alone; a single row, and on processors with
# AVX-512 up to a million multiply–adds, with other kernels, which add in another order.
ROWS, LEAST = 24, 2_000_000
ARRAYS = 100  # at most, whose starts on a cache line take some memory
PRODUCT, UPDATE, GATHER = range(3)  # the tasks of a team


def can_be_shared(layers: Sequence[Layer], batch: int, optimizer: Optimizer) -> bool:
    """Whether several processes can share a training, and gain by it."""
    largest = max(layer.units * layer.inputs for layer in layers) * batch
    return sys.platform == "linux" and optimizer.rule is not None and largest >= LARGE


@dataclass(frozen=True)
class SharedNetwork(Network):
    """A network whose arrays and products a team shares."""

    memory: SharedMemory
    team: Team

    def array(self, shape: int | tuple[int, ...]) -> Array:
        return self.memory.empty(shape, self.dtype)

    def product(self, left: Array, right: Array, out: Array) -> Array:
        """out ← left·right, each process some of the rows if it is large."""
        if left.size * out.shape[-1] < LARGE:
            return left.dot(right, out=out)
        places = [self.memory.place(matrix) for matrix in (left, right, out)]
        if not all(places):
            return left.dot(right, out=out)
        self.team.together(PRODUCT, sum(places, ()))
        return out

    def rows(self, number: int, places: Sequence[int]) -> None:
        """The rows of a product that belong to a process."""
        left, right, out = (self.memory.matrix(places[i : i + 5], self.dtype) for i in (0, 5, 10))
        multiple = ROWS * ceil(LEAST / (ROWS * right.size))
        own = part(len(out), self.team.processes, number, multiple)
        left[own].dot(right, out=out[own])


class SharedDescent(GradientDescent):
    """Gradient descent in which each process updates a part of θ."""

    def __init__(self, network: SharedNetwork, objective: Objective, optimizer: Optimizer, freeze_bias: bool) -> None:
        assert optimizer.rule is not None
        super().__init__(network, objective, optimizer.rule, optimizer.slots, optimizer.parameters, freeze_bias)
        self.team, count = network.team, network.team.processes
        self._rate = network.memory.empty(1, np.float64)
        ranges = [part(network.theta.size, count, number, CACHE_LINE) for number in range(count)]
        self._parts = [
            [self._slice(slice(start, min(start + SLICE, own.stop))) for start in range(own.start, own.stop, SLICE)]
            for own in ranges
        ]

    def change(self, learning_rate: float) -> None:
        self._rate[0] = learning_rate
        self.team.together(UPDATE, [self.t])

    def update_part(self, number: int, numbers: Sequence[int]) -> None:
        """An update of the part of θ that belongs to a process."""
        t, rate = numbers[0], float(self._rate[0])
        for theta, gradient, slots, work in self._parts[number]:
            self.rule(theta, gradient, slots, rate, t, self.constants, work)


class SharedBatches(ShuffledBatches):
    """Shuffled batches. Another process gathers a block while this one works on the block before."""

    def __init__(self, samples: Samples, batch: int, network: SharedNetwork) -> None:
        super().__init__(samples, batch, network.dtype, empty=network.memory.empty)
        self._team = network.team
        self._blocks = self._scaled, network.array(self._scaled.shape)
        self._chosen = network.memory.empty(len(samples), np.int64)
        self._ahead = -1  # the first row of the block that another process gathers

    def in_order(self, order: Array) -> Iterator[Block]:
        self._team.finish()
        self._chosen[...], self._ahead = order, -1
        return super().in_order(self._chosen)

    def x(self, order: Array, start: int) -> Array:
        """The block that has been gathered ahead, if it is this one; and the next is gathered while it is used."""
        block = self._block(start)
        if not (self._team.finish() and self._ahead == start):
            self.gather(order, start, block)
        self._ahead = start + self._rows
        if self._ahead < len(order):
            self._team.afterwards(GATHER, [self._ahead])
        return block[: len(order) - start]

    def gather_ahead(self, number: int, numbers: Sequence[int]) -> None:
        """What another process does."""
        self.gather(self._chosen, numbers[0], self._block(numbers[0]))

    def _block(self, start: int) -> Array:
        return self._blocks[start // self._rows % 2]


def shared(
    network: Network,
    objective: Objective,
    optimizer: Optimizer,
    freeze_bias: bool,
    samples: Samples,
    batch: int,
    processes: int,
) -> tuple[SharedDescent, SharedBatches]:
    """A step of a copy of the network, and batches, with all arrays in memory that so many processes share."""
    rows, units = min(rows_together(batch, network.inputs), len(samples)), sum(layer.units for layer in network.layers)
    numbers = (2 + len(optimizer.slots)) * network.theta.size  # θ, its gradient, and the optimizer state
    numbers += 4 * units * (batch + len(samples) % batch)  # a, h, da and dh for both sizes of batches
    numbers += 2 * rows * network.inputs  # scaled x of two blocks
    size = numbers * network.dtype.itemsize + len(samples) * np.dtype(np.int64).itemsize + ARRAYS * CACHE_LINE
    memory = SharedMemory(size)
    team, theta = Team(processes, memory), memory.empty(network.theta.shape, network.dtype)
    theta[...] = network.theta
    copy = SharedNetwork(network.layers, theta, memory, team)
    step, batches = SharedDescent(copy, objective, optimizer, freeze_bias), SharedBatches(samples, batch, copy)
    team.tasks += map(WeakMethod, (copy.rows, step.update_part, batches.gather_ahead))
    return step, batches
