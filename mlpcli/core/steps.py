"""Training steps: ways to change θ by one batch.

Gradient descent is forward, backward, and an update rule on the flat vector θ; the rules are in `optimizers`. Steps
without a gradient are in `gradient_free`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from math import prod
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import Array, aligned_empty, samples_first
from mlpcli.core.network import Network, views
from mlpcli.core.objective import Objective
from mlpcli.core.propagation import (
    BackwardPass,
    LayerForward,
    backward,
    forward,
    room_for_backward,
    room_for_forward,
)

if TYPE_CHECKING:  # imported when there are several threads
    from concurrent.futures import ThreadPoolExecutor

# Numbers in a slice. A rule passes over its arrays about nine times; in slices that stay in the second-level cache, an
# update of 400,000 parameters takes half the time.
SLICE = 65_536
ALIGNED = 16  # numbers; a slice that starts at a multiple of this starts on a cache line

# The optimizer state of a weight without gradient shrinks at every update until it is denormal, and arithmetic on
# denormal numbers is a hundred times slower. Every 64 updates, numbers within a factor of 2²⁰ of that are set to 0: at
# 10⁻³² in float32, they change no weight.
UPDATES_BETWEEN_SWEEPS = 64
NEARLY_DENORMAL = 2.0**20

# rule(theta, gradient, slots, learning_rate, t, parameters, work): one update, in place, t counting from 1.
# `slots` is the optimizer state, arrays of θ's shape; `work` is an array for intermediate results of the same shape.
Rule = Callable[[Array, Array, Sequence[Array], float, int, Mapping[str, "Constant"], Array], None]


class Constant(NamedTuple):
    """A rule's parameter c. As an array, it costs an operation on few numbers a third less than as a Python number."""

    value: float
    array: Array  # (): c
    rest: Array  # (): 1 − c


def constants(parameters: Mapping[str, float], dtype: npt.DTypeLike) -> dict[str, Constant]:
    """The parameters in the form that a rule takes, for arrays of this dtype."""
    return {name: Constant(c, np.array(c, dtype), np.array(1 - c, dtype)) for name, c in parameters.items()}


class Step(Protocol):
    """A way to change θ by a batch.

    Called with x, (n, inputs), y, (n, outputs), the learning rate, and the weights of the samples, (n,), if they have
    some, it changes θ in place and returns the last layer before the change. Gradient descent also takes a stack, with
    a leading axis of everything, and a learning rate for each network; it then returns the last layer as
    (n, R, outputs).
    """

    network: Network
    t: int  # updates counted so far
    slots: dict[str, Array]  # optimizer state by name, each (p,); may be empty

    def __call__(self, x: Array, y: Array, learning_rate: float, weights: Array | None = None) -> LayerForward: ...


class _Slice(NamedTuple):
    """A part of θ, and of the arrays that its update takes."""

    theta: Array
    gradient: Array
    slots: tuple[Array, ...]
    work: Array


class _Room(NamedTuple):
    """Arrays for the steps of batches of one size."""

    layers: tuple[LayerForward, ...]
    gradients: BackwardPass
    outputs: LayerForward  # of the last layer, samples first


def _pool(threads: int) -> "ThreadPoolExecutor":
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads)


class GradientDescent:
    """θ ← rule(θ, ∂J/∂θ), with arrays that are allocated once and used for every batch."""

    def __init__(
        self,
        network: Network,
        objective: Objective,
        rule: Rule,
        slots: Mapping[str, float],
        parameters: Mapping[str, float],
        freeze_bias: bool = False,
        threads: int = 1,
    ) -> None:
        self.network = network
        self.objective = objective
        self.rule = rule
        self.constants = constants(parameters, network.dtype)
        self.t = 0
        shape, dtype = network.theta.shape, network.dtype
        self.dtheta = aligned_empty(shape, dtype)
        self.slots = {name: aligned_empty(shape, dtype) for name in slots}
        for name, start in slots.items():
            self.slots[name].fill(start)
        self._least = np.finfo(dtype).tiny * NEARLY_DENORMAL
        *leading, size = shape
        width = min(size, max(1, SLICE // prod(leading)))
        self._work = aligned_empty((*leading, width), dtype)
        self._mine, *self._others = self._shares(width, threads)
        self._pool = _pool(len(self._others)) if self._others else None
        self._rooms: dict[int, _Room] = {}
        moving = (network.theta, *self.slots.values()) if freeze_bias else ()
        self._frozen = [layer.b for flat in moving for layer in views(network.layers, flat)]

    def __call__(self, x: Array, y: Array, learning_rate: float, weights: Array | None = None) -> LayerForward:
        samples = y.shape[-2]
        forward_room, backward_room, outputs = self._rooms.get(samples) or self._room(samples)
        passed = forward(self.network, x, forward_room)
        backward(self.network, passed, self.objective, y, backward_room, weights)
        self.update(learning_rate)
        return outputs

    def update(self, learning_rate: float) -> None:
        """One update with the gradient in `dtheta`. Frozen biases and their optimizer state stay the same."""
        kept = [(values, values.copy()) for values in self._frozen]
        self.t += 1
        if self._pool is None:
            self._apply(self._mine, learning_rate)
        else:
            self._apply_together(self._pool, learning_rate)
        for values, before in kept:
            values[...] = before
        if self.t % UPDATES_BETWEEN_SWEEPS == 0:
            for slot in self.slots.values():
                slot[np.abs(slot) < self._least] = 0

    def _apply(self, slices: Sequence[_Slice], learning_rate: float) -> None:
        for theta, gradient, slots, work in slices:
            self.rule(theta, gradient, slots, learning_rate, self.t, self.constants, work)

    def _apply_together(self, pool: "ThreadPoolExecutor", learning_rate: float) -> None:
        """Each thread updates its own slices, so the bits are those of one thread."""
        others = [pool.submit(copy_context().run, self._apply, share, learning_rate) for share in self._others]
        try:
            self._apply(self._mine, learning_rate)
        finally:
            for other in others:
                other.result()

    def _shares(self, width: int, threads: int) -> Iterator[list[_Slice]]:
        """The slices of θ that each thread updates. All threads together have as much scratch memory as one."""
        size = self.network.theta.shape[-1]
        threads = max(1, min(threads, width // ALIGNED, -(-size // width)))
        each = width // threads // ALIGNED * ALIGNED if threads > 1 else width
        for thread in range(threads):
            yield [self._slice(start, each, thread * each) for start in range(thread * each, size, threads * each)]

    def _slice(self, start: int, width: int, work: int) -> _Slice:
        part = (..., slice(start, start + width))
        theta = self.network.theta[part]
        scratch = self._work[..., work : work + theta.shape[-1]]
        return _Slice(theta, self.dtheta[part], tuple(slot[part] for slot in self.slots.values()), scratch)

    def _room(self, samples: int) -> "_Room":
        """Arrays for batches of this many samples. An epoch has at most two sizes."""
        layers = room_for_forward(self.network, samples)
        gradients = room_for_backward(self.network, self.objective, samples, self.dtheta)
        room = self._rooms[samples] = _Room(layers, gradients, LayerForward(*map(samples_first, layers[-1])))
        return room
