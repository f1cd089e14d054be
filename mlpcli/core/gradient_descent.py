"""One step of gradient descent: forward, backward, update. The update rule works on θ as one flat vector."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from numpy import add, divide, multiply, sqrt, subtract

from mlpcli.core.arrays import Array, aligned_empty
from mlpcli.core.network import Network, views
from mlpcli.core.objective import Objective
from mlpcli.core.propagation import BackwardPass, LayerForward, backward, forward, room_for_backward, room_for_forward

# Numbers in a slice. A rule passes over its arrays some nine times; in slices that stay in the second-level cache the
# update of 400,000 parameters takes half the time.
SLICE = 65_536

# Running values of a weight that gets no gradient shrink at every update until they are denormal, and arithmetic on
# denormal numbers is a hundred times slower. Every so many updates, what is within 2²⁰ of that is set to 0: at 10⁻³²
# in float32, it has no part in any weight.
UPDATES_BETWEEN_SWEEPS = 64
NEARLY_DENORMAL = 2.0**20

# rule(theta, gradient, slots, learning_rate, t, parameters, work): one update, in place, t counting from 1.
# `slots` are the rule's own running values, one array of θ's shape each; `work` is scratch of the same shape.
Rule = Callable[[Array, Array, Sequence[Array], float, int, Mapping[str, "Constant"], Array], None]


class Constant(NamedTuple):
    """A rule's parameter c. As an array without axes it costs an operation on few numbers a third less than as c."""

    value: float
    array: Array  # c
    rest: Array  # 1 − c


def constants(parameters: Mapping[str, float], dtype: npt.DTypeLike) -> dict[str, Constant]:
    """The parameters as a rule takes them, for arrays of this dtype."""
    return {name: Constant(c, np.array(c, dtype), np.array(1 - c, dtype)) for name, c in parameters.items()}


class Step(Protocol):
    """A way to change θ by a batch. Called with x, y and the learning rate, it returns the last layer before that."""

    network: Network
    t: int  # updates counted so far
    slots: dict[str, Array]  # running values by name, where there are any

    def __call__(self, x: Array, y: Array, learning_rate: float) -> LayerForward: ...


class GradientDescent:
    """θ ← rule(θ, ∂J/∂θ), with arrays that are made once and used for every batch."""

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
        size, dtype = network.theta.size, network.dtype
        self.dtheta = aligned_empty(size, dtype)
        self.slots = {name: aligned_empty(size, dtype) for name in slots}
        for name, start in slots.items():
            self.slots[name].fill(start)
        self._least = np.finfo(dtype).tiny * NEARLY_DENORMAL
        self._work = aligned_empty(min(size, SLICE), dtype)
        self._slices = [self._slice(start) for start in range(0, size, SLICE)]
        self._rooms: dict[int, tuple[tuple[LayerForward, ...], BackwardPass]] = {}
        moving = (network.theta, *self.slots.values()) if freeze_bias else ()
        self._frozen = [layer.b for flat in moving for layer in views(network.layers, flat)]

    def __call__(self, x: Array, y: Array, learning_rate: float) -> LayerForward:
        forward_room, backward_room = self._rooms.get(len(y)) or self._room(len(y))
        passed = forward(self.network, x, forward_room)
        backward(self.network, passed, self.objective, y, backward_room)
        self.update(learning_rate)
        return passed.layers[-1]

    def update(self, learning_rate: float) -> None:
        """One update with the gradient that lies in `dtheta`. Frozen biases and their running values stay."""
        kept = [values.copy() for values in self._frozen]
        self.t += 1
        for theta, gradient, slots, work in self._slices:
            self.rule(theta, gradient, slots, learning_rate, self.t, self.constants, work)
        for values, before in zip(self._frozen, kept, strict=True):
            values[...] = before
        if self.t % UPDATES_BETWEEN_SWEEPS == 0:
            for slot in self.slots.values():
                slot[np.abs(slot) < self._least] = 0

    def _slice(self, start: int) -> tuple[Array, Array, tuple[Array, ...], Array]:
        part = slice(start, start + SLICE)
        theta = self.network.theta[part]
        return theta, self.dtheta[part], tuple(slot[part] for slot in self.slots.values()), self._work[: theta.size]

    def _room(self, samples: int) -> tuple[tuple[LayerForward, ...], BackwardPass]:
        """Arrays for batches of so many samples, of which an epoch has two sizes at the most."""
        room = (
            room_for_forward(self.network, samples),
            room_for_backward(self.network, self.objective, samples, self.dtheta),
        )
        self._rooms[samples] = room
        return room


def sgd(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, Constant], work: Array
) -> None:
    """θ ← θ − ηg"""
    subtract(theta, multiply(g, eta, out=work), out=theta)


def momentum(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, Constant], work: Array
) -> None:
    """v ← μv − ηg;  θ ← θ + v"""
    (v,) = slots
    multiply(v, p["momentum"].array, out=v)
    subtract(v, multiply(g, eta, out=work), out=v)
    add(theta, v, out=theta)


def nesterov(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, Constant], work: Array
) -> None:
    """v ← μv − ηg;  θ ← θ + μv − ηg, with the new v"""
    (v,) = slots
    multiply(g, eta, out=work)
    multiply(v, p["momentum"].array, out=v)
    subtract(v, work, out=v)
    subtract(theta, work, out=theta)
    add(theta, multiply(v, p["momentum"].array, out=work), out=theta)


def adagrad(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, Constant], work: Array
) -> None:
    """s ← s + g²;  θ ← θ − ηg/√(s + ε), with s = 0.1 at first (Keras; in the paper s starts at 0)"""
    (s,) = slots
    add(s, multiply(g, g, out=work), out=s)
    _step_by_root(theta, g, s, eta, p["epsilon"].array, work)


def rmsprop(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, Constant], work: Array
) -> None:
    """s ← ρs + (1 − ρ)g²;  θ ← θ − ηg/√(s + ε) (Keras; PyTorch has √s + ε)"""
    (s,) = slots
    multiply(s, p["rho"].array, out=s)
    multiply(g, g, out=work)
    add(s, multiply(work, p["rho"].rest, out=work), out=s)
    _step_by_root(theta, g, s, eta, p["epsilon"].array, work)


def adam(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, Constant], work: Array
) -> None:
    """m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  θ ← θ − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m/(√v + ε)

    The form at the end of section 2 of Kingma and Ba 2015 ("ε̂"), as in Keras and scikit-learn; PyTorch has ε beside √v̂.
    """
    m, v = slots
    beta1, beta2 = p["beta1"], p["beta2"]
    multiply(m, beta1.array, out=m)
    add(m, multiply(g, beta1.rest, out=work), out=m)
    multiply(v, beta2.array, out=v)
    multiply(g, g, out=work)
    add(v, multiply(work, beta2.rest, out=work), out=v)
    sqrt(v, out=work)
    add(work, p["epsilon"].array, out=work)
    divide(m, work, out=work)
    correction = (1 - beta2.value**t) ** 0.5 / (1 - beta1.value**t)
    subtract(theta, multiply(work, eta * correction, out=work), out=theta)


def _step_by_root(theta: Array, g: Array, s: Array, eta: float, epsilon: Array, work: Array) -> None:
    """θ ← θ − ηg/√(s + ε)"""
    add(s, epsilon, out=work)
    sqrt(work, out=work)
    divide(g, work, out=work)
    subtract(theta, multiply(work, eta, out=work), out=theta)
