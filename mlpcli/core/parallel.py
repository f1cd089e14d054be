"""One large network on several cores: a team of processes shares a step's large layers, its update, and its batches.

A part of a layer is a layer: each process propagates some of its units with one thread, by the same functions and
kernels of the library as one process, so the results have the same bits. While this process does what is left of a
step, another gathers the next batch.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import NamedTuple
from weakref import WeakMethod

import numpy as np

from mlpcli.core.arrays import CACHE_LINE, Array
from mlpcli.core.network import Layer, Network, Parameters, views
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import Optimizer
from mlpcli.core.propagation import (
    BackwardPass,
    ForwardPass,
    LayerBackward,
    LayerForward,
    forward,
    layer_gradients,
    output_gradient,
)
from mlpcli.core.samples import Block, Samples, ShuffledBatches, rows_together
from mlpcli.core.steps import GradientDescent, ParameterSlice, Room
from mlpcli.core.team import SharedMemory, Team, part

# Multiply–adds of a layer that is shared. MNIST's first layer has 51 million with a batch of 128, which take a
# millisecond; to hand over work and to wait for its end takes some ten microseconds.
LARGE = 8_000_000
# Of a product's part. OpenBLAS computes 4, 8 or 24 rows at once, and others alone; a single row, and on processors with
# AVX-512 up to a million multiply–adds, with other kernels, which add in another order.
ROWS, LEAST = 24, 2_000_000
# Samples, inputs or units of a layer that is not shared: for products with a vector, or with few columns, OpenBLAS has
# kernels in which a row is added in another order if there are fewer rows.
THIN = 8
STAGE, UPDATE, STAGE_AND_UPDATE, GATHER = range(4)  # the tasks of a team


def most_processes(layers: Sequence[Layer], batch: int, optimizer: Optimizer) -> int:
    """How many processes have units to work on in a large layer; 0 for a training that is not shared."""
    units = (layer.units for layer in layers if layer.units * layer.inputs * batch >= LARGE)
    parts = max((max(1, each // ROWS) for each in units), default=0)
    return parts if sys.platform == "linux" and optimizer.rule is not None else 0


@dataclass(frozen=True)
class SharedNetwork(Network):
    """A network whose arrays are in memory that processes share."""

    memory: SharedMemory

    def array(self, shape: int | tuple[int, ...]) -> Array:
        return self.memory.empty(shape, self.dtype)


@dataclass(frozen=True)
class SomeUnits(Network):
    """A network with only some units of layer k: their rows of W, b and α."""

    k: int
    own: slice

    @cached_property
    def parameters(self) -> tuple[Parameters, ...]:
        groups = list(views(self.layers, self.theta))
        groups[self.k] = _rows(groups[self.k], self.own)
        return tuple(groups)


def _rows(parameters: Parameters, own: slice) -> Parameters:
    W, b, alpha = parameters
    return Parameters(W[own], b[own], alpha[own] if isinstance(alpha, np.ndarray) else alpha)


class LayerPart(NamedTuple):
    """What a process works on in a stage of a step: some units or samples of layer k, or all of it."""

    network: Network
    objective: Objective
    layers: tuple[LayerForward, ...]
    gradients: BackwardPass
    k: int
    units_below: slice = slice(None)
    samples: slice = slice(None)

    @property
    def only(self) -> range:
        """Layer k alone."""
        return range(self.k, self.k + 1)

    def of_units(self, own: slice) -> "LayerPart":
        """Some units of the layer. The gradient at the layer below, which needs all of them, is a stage of its own."""
        k, (dh, da, d) = self.k, self.gradients.layers[self.k]
        layers, gradients = [*self.layers], [*self.gradients.layers]
        layers[k] = LayerForward(*(array[:, own] for array in layers[k]))
        gradients[k] = LayerBackward(None if dh is None else dh[:, own], da[:, own], _rows(d, own))
        if k:
            gradients[k - 1] = gradients[k - 1]._replace(dh=None)
        network = SomeUnits(self.network.layers, self.network.theta, k, own)
        return LayerPart(network, self.objective, tuple(layers), self.gradients._replace(layers=tuple(gradients)), k)

    def of_units_below(self, own: slice) -> "LayerPart":
        """The layer, for some units of the layer below."""
        return self._replace(units_below=own)

    def of_samples(self, own: slice) -> "LayerPart":
        """Some samples."""
        return self._replace(layers=tuple(LayerForward(a[own], h[own]) for a, h in self.layers), samples=own)

    def forward(self, x: Array) -> None:
        """a⁽ᵏ⁾ and h⁽ᵏ⁾"""
        forward(self.network, x[self.samples], self.layers, self.only)

    def backward(self, x: Array) -> None:
        """The gradients of the parameters; of all units also dh⁽ᵏ⁻¹⁾"""
        layer_gradients(self.network, ForwardPass(x, self.layers), self.objective, self.gradients, self.only)

    def gradient_below(self, x: Array) -> None:
        """dh⁽ᵏ⁻¹⁾ = da⁽ᵏ⁾W⁽ᵏ⁾"""
        W, own = self.network.parameters[self.k].W, self.units_below
        (dh, _, _), (_, da, _) = self.gradients.layers[self.k - 1 : self.k + 1]
        assert dh is not None, "a hidden layer has it"
        W.mT[own].dot(da.mT, out=dh.mT[own])


class Stage(NamedTuple):
    """A stage of a step, and the part of each process; with one part, the first process does it alone."""

    work: Callable[[LayerPart, Array], None]
    parts: list[LayerPart]


class SharedDescent(GradientDescent):
    """Gradient descent in which each process propagates a part of the large layers, and updates a part of θ."""

    def __init__(
        self,
        network: SharedNetwork,
        team: Team,
        objective: Objective,
        optimizer: Optimizer,
        freeze_bias: bool,
        sizes: Iterable[int],
    ) -> None:
        assert optimizer.rule is not None
        super().__init__(network, objective, optimizer.rule, optimizer.slots, optimizer.parameters, freeze_bias)
        self.team, self._memory = team, network.memory
        self._stages = {samples: self._stages_of(samples) for samples in sizes}
        self._own = {samples: self._own_slices(stages[-1]) for samples, stages in self._stages.items()}
        self._rate = network.memory.empty(1, np.float64)

    def _stages_of(self, n: int) -> list[Stage]:
        """The stages of a step with n samples: forward one for each layer, backward one or two."""
        room, layers = self.room(n), self.network.layers
        up: list[Stage] = []
        down: list[Stage] = []
        for k, layer in enumerate(layers):
            whole = LayerPart(self.network, self.objective, room.layers, room.gradients, k)
            separable = layer.activation.elementwise or k == len(layers) - 1
            thin = min(n, layer.inputs, layer.units) <= THIN
            if layer.inputs * layer.units * n < LARGE or thin or not separable:
                up, down = [*up, Stage(LayerPart.forward, [whole])], [Stage(LayerPart.backward, [whole]), *down]
                continue
            units = self._cut(whole.of_units, layer.units, layer.inputs * n)
            samples = self._cut(whole.of_samples, n, layer.inputs * layer.units)
            below = self._cut(whole.of_units_below, layer.inputs, layer.units * n)
            up = [*up, Stage(LayerPart.forward, units if k < len(layers) - 1 else samples)]
            down = [Stage(LayerPart.backward, units), *([Stage(LayerPart.gradient_below, below)] if k else []), *down]
        return up + down

    def _cut(self, some: Callable[[slice], LayerPart], rows: int, products: int) -> list[LayerPart]:
        """The part of each process, of so many rows with so many multiply–adds each.

        The first process has the smallest, since it also does what is not shared.
        """
        multiple, count = ROWS * ceil(LEAST / (ROWS * products)), self.team.processes
        parts = [part(rows, count, number, multiple) for number in range(count)]
        return [some(own) for own in sorted(parts, key=lambda own: own.stop - own.start)]

    def _own_slices(self, last: Stage) -> list[list[ParameterSlice]]:
        """The slices of θ that each process updates.

        If the last stage is shared, a process updates those units of the first layer whose gradient it computes, so it
        need not wait for the others. All other parameters are divided evenly; their gradients are complete by then.
        """
        first, processes = self.network.layers[0], self.team.processes
        owner = self.dtheta  # holds numbers of processes until the first gradient: the parts have views of it
        shared = len(last.parts) > 1
        rest = owner[first.size if shared else 0 :]
        for number in range(processes):
            rest[part(rest.size, processes, number, CACHE_LINE)] = number
            if shared:
                W, b, alpha = last.parts[number].gradients.layers[0].d  # views of dtheta
                W[...] = b[...] = number
                if first.learns_alpha:
                    alpha[...] = number
        return [self.slices_of(self.moving & (owner == number)) for number in range(processes)]

    def __call__(self, x: Array, y: Array, learning_rate: float, weights: Array | None = None) -> LayerForward:
        """A step. When it is done here, other processes may still be at their part of the update, see `finish`.

        In the last stage and the update, a process changes only its own units and its own part of θ.
        """
        room, last = self.room(len(y)), len(self._stages[len(y)]) - 1
        passed = self.forward(x, room)
        output_gradient(self.network, passed, self.objective, y, room.gradients, weights)
        self._do(x, range(len(room.layers), last))
        self.t, self._rate[0] = self.t + 1, learning_rate
        if len(self._stages[len(y)][last].parts) == 1:
            self._do(x, range(last, last + 1))
            self.team.start(UPDATE, [self.t, len(y)])
        else:
            self.team.start(STAGE_AND_UPDATE, self._numbers(x, last))
        return room.outputs

    def finish(self) -> None:
        """Waits for the other processes."""
        self.team.finish()

    def forward(self, x: Array, room: Room) -> ForwardPass:
        self.finish()
        self._do(x, range(len(room.layers)))
        return ForwardPass(x, room.layers)

    def backward(self, passed: ForwardPass, y: Array, room: Room, weights: Array | None = None) -> None:
        output_gradient(self.network, passed, self.objective, y, room.gradients, weights)
        self._do(passed.x, range(len(room.layers), len(self._stages[len(y)])))

    def update(self, learning_rate: float) -> None:
        self.t, self._rate[0] = self.t + 1, learning_rate
        anyhow = next(iter(self._own))  # after a whole backward pass, any division does
        self.team.together(UPDATE, [self.t, anyhow])

    def _do(self, x: Array, numbers: range) -> None:
        for number in numbers:
            work, parts = self._stages[len(x)][number]
            if len(parts) == 1:
                work(parts[0], x)
            else:
                self.team.together(STAGE, self._numbers(x, number))

    def _numbers(self, x: Array, stage: int) -> list[int]:
        """What a process must know for its part of a stage, and of an update."""
        return [self.t, len(x), stage, self._memory.offset(x)]

    def stage_part(self, number: int, numbers: Sequence[int]) -> None:
        """A process's part of a stage."""
        _, samples, stage, offset = numbers[:4]
        work, parts = self._stages[samples][stage]
        work(parts[number], self._memory.array(offset, (samples, self.network.inputs), self.network.dtype))

    def update_part(self, number: int, numbers: Sequence[int]) -> None:
        """An update of the part of θ that belongs to a process."""
        t, samples = numbers[:2]
        self.change(self._own[samples][number], float(self._rate[0]), t)

    def stage_and_update(self, number: int, numbers: Sequence[int]) -> None:
        """A process's part of the last stage, then its part of the update; it does not wait for others in between."""
        self.stage_part(number, numbers)
        self.update_part(number, numbers)


class SharedBatches(ShuffledBatches):
    """Shuffled batches. Another process gathers a block while this one works on the block before."""

    def __init__(self, samples: Samples, batch: int, network: SharedNetwork, team: Team) -> None:
        super().__init__(samples, batch, network.dtype, empty=network.memory.empty)
        self._team = team
        self._blocks = self._scaled, network.array(self._scaled.shape)
        self._chosen = network.memory.empty(len(samples), np.int64)
        self._ahead = -1  # the first row of the block that another process gathers

    def in_order(self, order: Array) -> Iterator[Block]:
        self._team.finish()  # the last batch may still be in use, if an epoch was interrupted
        self._chosen[...], self._ahead = order, -1
        return super().in_order(self._chosen)

    def x(self, order: Array, start: int) -> Array:
        """The block that has been gathered ahead, if it is this one; and the next is gathered while it is used."""
        block = self._block(start)
        if not (self._team.afterwards_done() and self._ahead == start):
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
    size = numbers * network.dtype.itemsize + len(samples) * np.dtype(np.int64).itemsize
    size += (8 * len(network.layers) + 20) * CACHE_LINE  # a start on a cache line for each array
    memory = SharedMemory(size)
    team, theta = Team(processes, memory), memory.empty(network.theta.shape, network.dtype)
    theta[...] = network.theta
    copy, sizes = SharedNetwork(network.layers, theta, memory), {batch, len(samples) % batch} - {0}
    step = SharedDescent(copy, team, objective, optimizer, freeze_bias, sizes)
    batches = SharedBatches(samples, batch, copy, team)
    team.tasks += map(WeakMethod, (step.stage_part, step.update_part, step.stage_and_update, batches.gather_ahead))
    return step, batches
