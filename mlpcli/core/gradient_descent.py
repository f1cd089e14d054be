"""One step of gradient descent: forward, backward, update. The update rule works on θ as one flat vector."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from mlpcli.core.arrays import Array, aligned_empty
from mlpcli.core.network import Network
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
Rule = Callable[[Array, Array, Sequence[Array], float, int, Mapping[str, float], Array], None]


class Step(Protocol):
    """A way to change θ by a batch. Called with x, y and the learning rate, it returns the last layer before that."""

    network: Network

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
        self.parameters = parameters
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
        self._frozen = [layer.d.b for layer in self._room(1)[1].layers] if freeze_bias else []

    def __call__(self, x: Array, y: Array, learning_rate: float) -> LayerForward:
        forward_room, backward_room = self._rooms.get(len(y)) or self._room(len(y))
        passed = forward(self.network, x, forward_room)
        backward(self.network, passed, self.objective, y, backward_room)
        self.update(learning_rate)
        return passed.layers[-1]

    def update(self, learning_rate: float) -> None:
        """One update with the gradient that lies in `dtheta`. A bias that is frozen has the gradient 0."""
        for db in self._frozen:
            db[...] = 0
        self.t += 1
        for theta, gradient, slots, work in self._slices:
            self.rule(theta, gradient, slots, learning_rate, self.t, self.parameters, work)
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
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float], work: Array
) -> None:
    """θ ← θ − ηg"""
    np.subtract(theta, np.multiply(g, eta, out=work), out=theta)


def momentum(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float], work: Array
) -> None:
    """v ← μv − ηg;  θ ← θ + v"""
    (v,) = slots
    np.multiply(v, p["momentum"], out=v)
    np.subtract(v, np.multiply(g, eta, out=work), out=v)
    np.add(theta, v, out=theta)


def nesterov(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float], work: Array
) -> None:
    """v ← μv − ηg;  θ ← θ + μv − ηg, with the new v"""
    (v,) = slots
    np.multiply(g, eta, out=work)
    np.multiply(v, p["momentum"], out=v)
    np.subtract(v, work, out=v)
    np.subtract(theta, work, out=theta)
    np.add(theta, np.multiply(v, p["momentum"], out=work), out=theta)


def adagrad(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float], work: Array
) -> None:
    """s ← s + g²;  θ ← θ − ηg/√(s + ε), with s = 0.1 at first (Keras; in the paper s starts at 0)"""
    (s,) = slots
    np.add(s, np.multiply(g, g, out=work), out=s)
    _step_by_root(theta, g, s, eta, p["epsilon"], work)


def rmsprop(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float], work: Array
) -> None:
    """s ← ρs + (1 − ρ)g²;  θ ← θ − ηg/√(s + ε) (Keras; PyTorch has √s + ε)"""
    (s,) = slots
    np.multiply(s, p["rho"], out=s)
    np.multiply(g, g, out=work)
    np.add(s, np.multiply(work, 1 - p["rho"], out=work), out=s)
    _step_by_root(theta, g, s, eta, p["epsilon"], work)


def adam(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float], work: Array
) -> None:
    """m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  θ ← θ − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m/(√v + ε)

    The form at the end of section 2 of Kingma and Ba 2015 ("ε̂"), as in Keras and scikit-learn; PyTorch has ε beside √v̂.
    """
    m, v = slots
    beta1, beta2 = p["beta1"], p["beta2"]
    np.multiply(m, beta1, out=m)
    np.add(m, np.multiply(g, 1 - beta1, out=work), out=m)
    np.multiply(v, beta2, out=v)
    np.multiply(g, g, out=work)
    np.add(v, np.multiply(work, 1 - beta2, out=work), out=v)
    np.sqrt(v, out=work)
    np.add(work, p["epsilon"], out=work)
    np.divide(m, work, out=work)
    correction = (1 - beta2**t) ** 0.5 / (1 - beta1**t)
    np.subtract(theta, np.multiply(work, eta * correction, out=work), out=theta)


def _step_by_root(theta: Array, g: Array, s: Array, eta: float, epsilon: float, work: Array) -> None:
    """θ ← θ − ηg/√(s + ε)"""
    np.add(s, epsilon, out=work)
    np.sqrt(work, out=work)
    np.divide(g, work, out=work)
    np.subtract(theta, np.multiply(work, eta, out=work), out=theta)
