"""Training steps: ways to change θ by one batch.

Gradient descent is forward, backward, and an update rule on the flat vector θ; the rules are in `optimizers`. Steps
without a gradient are in `gradient_free`.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import Array, aligned_empty, samples_first
from mlpcli.core.network import Network, are_biases
from mlpcli.core.objective import Objective
from mlpcli.core.propagation import (
    BackwardPass,
    ForwardPass,
    LayerForward,
    backward,
    forward,
    room_for_backward,
    room_for_forward,
)

# Numbers in a slice. A rule passes over its arrays about nine times; in slices that stay in the second-level cache, an
# update of 400,000 parameters takes half the time.
SLICE = 65_536

# The optimizer state of a weight without gradient shrinks at every update until it is denormal, and arithmetic on
# denormal numbers is a hundred times slower. Every 64 updates, numbers within a factor of 2²⁰ of that are set to 0: at
# 10⁻³² in float32, they change no weight.
UPDATES_BETWEEN_SWEEPS = 64
NEARLY_DENORMAL = 2.0**20

# rule(theta, gradient, slots, learning_rate, t, parameters, work): one update, in place, t counting from 1.
# `slots` is the optimizer state, arrays of θ's shape; `work` is an array for intermediate results of the same shape.
Rule = Callable[[Array, Array, Sequence[Array], float, int, Mapping[str, "Constant"], Array], None]


class ParameterSlice(NamedTuple):
    """What a rule takes, for some parameters that are neighbours in θ: arrays of one shape, (m,), in a stack (R, m)."""

    theta: Array
    gradient: Array
    slots: tuple[Array, ...]  # the optimizer state
    work: Array  # for intermediate results


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

    When it returns, other processes may still be at the update: θ and the state are read after `finish`.
    """

    network: Network
    t: int  # updates counted so far
    slots: dict[str, Array]  # optimizer state by name, each (p,); may be empty

    def __call__(self, x: Array, y: Array, learning_rate: float, weights: Array | None = None) -> LayerForward: ...

    def finish(self) -> None:
        """Waits until θ and the optimizer state are those after the last call."""


class Room(NamedTuple):
    """Arrays for the steps of batches of one size."""

    layers: tuple[LayerForward, ...]
    gradients: BackwardPass
    outputs: LayerForward  # of the last layer, samples first


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
    ) -> None:
        self.network = network
        self.objective = objective
        self.rule = rule
        self.constants = constants(parameters, network.dtype)
        self.t = 0
        shape, dtype = network.theta.shape, network.dtype
        self.dtheta = network.array(shape)
        self.slots = {name: network.array(shape) for name in slots}
        for name, start in slots.items():
            self.slots[name].fill(start)
        self._least = np.finfo(dtype).tiny * NEARLY_DENORMAL
        *leading, size = shape
        width = min(size, max(1, SLICE // prod(leading)))
        self._work = aligned_empty((*leading, width), dtype)
        # which parameters change, (p,)
        self.moving = ~are_biases(network.layers) if freeze_bias else np.ones(size, dtype=bool)
        self._slices = self.slices_of(self.moving)
        self._rooms: dict[int, Room] = {}

    def __call__(self, x: Array, y: Array, learning_rate: float, weights: Array | None = None) -> LayerForward:
        room = self.room(y.shape[-2])
        self.backward(self.forward(x, room), y, room, weights)
        self.update(learning_rate)
        return room.outputs

    def finish(self) -> None:
        """Nothing is left to do."""

    def forward(self, x: Array, room: Room) -> ForwardPass:
        """The forward pass of a batch."""
        return forward(self.network, x, room.layers)

    def backward(self, passed: ForwardPass, y: Array, room: Room, weights: Array | None = None) -> None:
        """The backward pass of a batch; the gradient is in `dtheta`."""
        backward(self.network, passed, self.objective, y, room.gradients, weights)

    def update(self, learning_rate: float) -> None:
        """One update with the gradient in `dtheta`. Frozen biases and their optimizer state stay the same."""
        self.t += 1
        self.change(self._slices, learning_rate, self.t)

    def change(self, slices: Sequence[ParameterSlice], learning_rate: float, t: int) -> None:
        """These slices of θ and of the optimizer state in update t."""
        for theta, gradient, slots, work in slices:
            self.rule(theta, gradient, slots, learning_rate, t, self.constants, work)
        if t % UPDATES_BETWEEN_SWEEPS == 0:
            for slot in (slot for _, _, slots, _ in slices for slot in slots):
                slot[np.abs(slot) < self._least] = 0

    def slices_of(self, chosen: Array) -> list[ParameterSlice]:
        """The slices that make up these parameters: `chosen` says of each whether it is one, (p,)."""
        width = self._work.shape[-1]
        ranges = np.flatnonzero(np.diff(chosen, prepend=False, append=False)).reshape(-1, 2).tolist()
        starts = [(start, stop) for first, stop in ranges for start in range(first, stop, width)]
        return [self._slice(slice(start, min(start + width, stop))) for start, stop in starts]

    def _slice(self, part: slice) -> ParameterSlice:
        theta = self.network.theta[..., part]
        slots = tuple(slot[..., part] for slot in self.slots.values())
        return ParameterSlice(theta, self.dtheta[..., part], slots, self._work[..., : theta.shape[-1]])

    def room(self, samples: int) -> Room:
        """Arrays for batches of this many samples. An epoch has at most two sizes."""
        room = self._rooms.get(samples)
        if room is None:
            layers = room_for_forward(self.network, samples)
            gradients = room_for_backward(self.network, self.objective, samples, self.dtheta)
            room = self._rooms[samples] = Room(layers, gradients, LayerForward(*map(samples_first, layers[-1])))
        return room
