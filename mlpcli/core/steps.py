"""Training steps: three ways to change θ by one batch.

Gradient descent is forward, backward, and an update rule on the flat vector θ; the rules are in `optimizers`. Random
search and the normal equations are the lecture's naive and analytical approaches.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import Array, aligned_empty
from mlpcli.core.network import Network, views
from mlpcli.core.objective import Objective, batch_loss, penalty
from mlpcli.core.propagation import (
    BackwardPass,
    LayerForward,
    backward,
    forward,
    output_of,
    room_for_backward,
    room_for_forward,
)

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator

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

    Called with x, (n, inputs), y, (n, outputs), and the learning rate, it changes θ in place and returns the last layer
    before the change.
    """

    network: Network
    t: int  # updates counted so far
    slots: dict[str, Array]  # optimizer state by name, each (p,); may be empty

    def __call__(self, x: Array, y: Array, learning_rate: float) -> LayerForward: ...


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
        """One update with the gradient in `dtheta`. Frozen biases and their optimizer state stay the same."""
        kept = [(values, values.copy()) for values in self._frozen]
        self.t += 1
        for theta, gradient, slots, work in self._slices:
            self.rule(theta, gradient, slots, learning_rate, self.t, self.constants, work)
        for values, before in kept:
            values[...] = before
        if self.t % UPDATES_BETWEEN_SWEEPS == 0:
            for slot in self.slots.values():
                slot[np.abs(slot) < self._least] = 0

    def _slice(self, start: int) -> tuple[Array, Array, tuple[Array, ...], Array]:
        part = slice(start, start + SLICE)
        theta = self.network.theta[part]
        return theta, self.dtheta[part], tuple(slot[part] for slot in self.slots.values()), self._work[: theta.size]

    def _room(self, samples: int) -> tuple[tuple[LayerForward, ...], BackwardPass]:
        """Arrays for batches of this many samples. An epoch has at most two sizes."""
        room = (
            room_for_forward(self.network, samples),
            room_for_backward(self.network, self.objective, samples, self.dtheta),
        )
        self._rooms[samples] = room
        return room


class RandomSearch:
    """Each weight once per batch, in random order: w ← w + η·N(0, 1), at most `tries` times, until J falls.

    The lecture tries until the loss falls, which never ends for a weight that cannot make it fall.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        parameters: Mapping[str, float],
        generator: "Generator",
        freeze_bias: bool = False,
    ) -> None:
        self.network = network
        self.objective = objective
        self.tries = int(parameters["tries"])
        self.generator = generator
        self.t, self.slots = 0, dict[str, Array]()  # its state is θ and the generator
        self._free = np.flatnonzero(~_are_biases(network)) if freeze_bias else np.arange(network.theta.size)

    def __call__(self, x: Array, y: Array, learning_rate: float) -> LayerForward:
        theta = self.network.theta
        room = room_for_forward(self.network, len(y))
        before = forward(self.network, x).layers[-1]

        def objective() -> float:
            loss = batch_loss(self.objective, output_of(self.network, forward(self.network, x, room)), y)
            return loss + (penalty(self.objective, self.network) if self.objective.regularized else 0.0)

        best = objective()
        for index in self.generator.permutation(self._free):
            kept = theta[index]
            for change in self.generator.standard_normal(self.tries):
                theta[index] = kept + learning_rate * change
                if (value := objective()) < best:
                    best = value
                    break
                theta[index] = kept
        return before


def _are_biases(network: Network) -> Array:
    """Which numbers of θ are biases, (p,)."""
    marks = network.with_theta(np.zeros(network.theta.size, dtype=bool))
    for parameters in marks.parameters:
        parameters.b[...] = True
    return marks.theta


class NormalEquations:
    """The minimum of J for one linear layer with MSE: J is then quadratic in W and b, and ∂J/∂θ = 0 is linear.

    With the samples X (and a column of ones for the bias), c = 2 · (the factor of a term in J), and Λ = l2 for weights,
    0 for biases unless regularized: (c XᵀX + Λ) θ = c XᵀY. These are the normal equations of a least-squares problem
    with the rows √c X and √Λ. That problem is solved, since the condition number of XᵀX is that of X squared; its
    columns are first scaled to length 1. If they are linearly dependent, the solution has the least norm.
    """

    def __init__(self, network: Network, objective: Objective, freeze_bias: bool = False) -> None:
        self.network = network
        self.objective = objective
        self.freeze_bias = freeze_bias
        self.t, self.slots = 0, dict[str, Array]()

    def __call__(self, x: Array, y: Array, learning_rate: float) -> LayerForward:
        before = forward(self.network, x).layers[-1]
        W, b, _ = self.network.parameters[0]
        if self.freeze_bias:
            W[...] = self._solve(x.astype(np.float64), y.astype(np.float64) - b, penalized=x.shape[-1]).T
        else:
            ones = np.ones((len(x), 1))
            penalized = x.shape[-1] + self.objective.regularize_bias
            solution = self._solve(np.hstack([x.astype(np.float64), ones]), y.astype(np.float64), penalized)
            W[...], b[...] = solution[:-1].T, solution[-1]
        return before

    def _solve(self, x: Array, y: Array, penalized: int) -> Array:
        """θ, (columns, outputs). The first `penalized` columns are regularized."""
        root = (2 * self.objective.factor(*y.shape)) ** 0.5
        rows = [root * x]
        if self.objective.l2:
            rows.append(np.eye(penalized, x.shape[-1]) * self.objective.l2**0.5)
        A = np.vstack(rows)
        right = np.vstack([root * y, np.zeros((len(A) - len(y), y.shape[-1]))])
        length = np.linalg.norm(A, axis=0)
        length[length == 0] = 1
        solution, _, rank, _ = np.linalg.lstsq(A / length, right, rcond=None)
        if rank < A.shape[-1]:
            solution, length = np.linalg.lstsq(A, right, rcond=None)[0], np.ones_like(length)
        result: Array = solution / length[:, None]
        return result


def why_normal_equations_cannot(network: Network, objective: Objective) -> str:
    """Why the normal equations cannot train this network, or an empty text."""
    activation, loss = network.layers[0].activation.name, objective.loss.name
    if len(network.layers) > 1:
        what = f"this network has {len(network.layers)} layers (train --hidden 0 makes one layer)"
    elif activation != "linear":
        what = f"{activation} is not linear"
    elif loss != "mse":
        what = f"the loss is {loss}"
    elif objective.l1:
        what = "the l1 penalty has no derivative at 0"
    else:
        return ""
    return f"the normal equations solve one linear layer with mse, but {what}"
