"""Training steps without a gradient: the lecture's naive approach, random search, and its analytical one, equations."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, are_biases
from mlpcli.core.objective import Objective, batch_loss, loss_weights, penalty
from mlpcli.core.propagation import LayerForward, forward, output_of, room_for_forward

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator


class Try(NamedTuple):
    """One try of random search: a new value of one number of θ."""

    place: int  # in θ
    draw: float  # z, from N(0, 1)
    old: float
    new: float  # old + ηz
    before: float  # J with the old value
    after: float  # J with the new value

    @property
    def kept(self) -> bool:
        """Whether J falls."""
        return self.after < self.before


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
        self.most = int(parameters["tries"])
        self.generator = generator
        self.t, self.slots = 0, dict[str, Array]()  # its state is θ and the generator
        self._free = np.flatnonzero(~are_biases(network.layers)) if freeze_bias else np.arange(network.theta.size)

    def __call__(self, x: Array, y: Array, learning_rate: float, weights: Array | None = None) -> LayerForward:
        before = forward(self.network, x).layers[-1]
        for _ in self.tries(x, y, learning_rate, weights):
            pass
        return before

    def finish(self) -> None:
        """Nothing is left to do."""

    def tries(self, x: Array, y: Array, learning_rate: float, weights: Array | None = None) -> Iterator[Try]:
        """The tries for a batch. θ has the new value of a try only if it is kept."""
        theta = self.network.theta
        room = room_for_forward(self.network, len(y))

        def objective() -> float:
            output = output_of(self.network, forward(self.network, x, room))
            loss: float = batch_loss(self.objective, output, y, weights)
            return loss + (penalty(self.objective, self.network) if self.objective.regularized else 0.0)

        best = objective()
        for place in self.generator.permutation(self._free).tolist():
            old = theta[place].item()
            for draw in self.generator.standard_normal(self.most).tolist():
                theta[place] = old + learning_rate * draw
                made = Try(place, draw, old, theta[place].item(), best, objective())
                if not made.kept:
                    theta[place] = old
                yield made
                if made.kept:
                    best = made.after
                    break


class NormalSystem(NamedTuple):
    """(c XᵀX + Λ) θ = c XᵀY, where ∂J/∂θ = 0 for one linear layer with MSE; θ is (columns, outputs).

    With weights, each row of X and Y is multiplied by √w, and c has Σ w in place of n.
    """

    X: Array  # (n, columns): the inputs and, unless biases are frozen, a column of ones
    Y: Array  # (n, outputs): the targets, less frozen biases
    c: float  # 2 · the factor of a term in J
    penalties: Array  # (columns,): the diagonal of Λ, l2 for weights and 0 for biases unless regularized


def normal_system(
    network: Network, objective: Objective, x: Array, y: Array, freeze_bias: bool, weights: Array | None = None
) -> NormalSystem:
    """The equations for the samples x, (n, inputs), and y, (n, outputs), in float64."""
    X, Y = x.astype(np.float64), y.astype(np.float64)
    penalties = np.full(X.shape[-1] + (not freeze_bias), objective.l2)
    if freeze_bias:
        Y = Y - network.parameters[0].b
    else:
        X = np.hstack([X, np.ones((len(X), 1))])
        penalties[-1] *= objective.regularize_bias
    w = loss_weights(objective, network.layers[-1].activation, y, weights)
    if w is None:
        return NormalSystem(X, Y, 2 * objective.factor(*Y.shape), penalties)
    rows, total = np.sqrt(w)[:, None], w.sum().item()
    return NormalSystem(rows * X, rows * Y, 2 * objective.factor(total, Y.shape[-1]), penalties)


def least_squares(system: NormalSystem) -> tuple[Array, Array]:
    """A and B with AᵀA = c XᵀX + Λ and AᵀB = c XᵀY: the rows √c X and √Λ, and √c Y and 0."""
    X, Y, c, penalties = system
    rows = np.diag(penalties**0.5)[penalties > 0]
    return np.vstack([c**0.5 * X, rows]), np.vstack([c**0.5 * Y, np.zeros((len(rows), Y.shape[-1]))])


def lengths_of(A: Array) -> Array:
    """The length of each column; 1 for a column of zeros."""
    length: Array = np.linalg.norm(A, axis=0)
    length[length == 0] = 1
    return length


def solved(system: NormalSystem) -> tuple[Array, int]:
    """θ, (columns, outputs), and the rank of the columns. If they are linearly dependent, θ has the least norm.

    The equations are those of a least-squares problem. That problem is solved, since the condition number of XᵀX is
    that of X squared; its columns are first scaled to length 1.
    """
    A, B = least_squares(system)
    length = lengths_of(A)
    theta, _, rank, _ = np.linalg.lstsq(A / length, B, rcond=None)
    if rank < A.shape[-1]:
        theta, length = np.linalg.lstsq(A, B, rcond=None)[0], np.ones_like(length)
    return theta / length[:, None], int(rank)


class NormalEquations:
    """The minimum of J for one linear layer with MSE: J is then quadratic in W and b, and ∂J/∂θ = 0 is linear."""

    def __init__(self, network: Network, objective: Objective, freeze_bias: bool) -> None:
        self.network = network
        self.objective = objective
        self.freeze_bias = freeze_bias
        self.t, self.slots = 0, dict[str, Array]()

    def __call__(self, x: Array, y: Array, learning_rate: float, weights: Array | None = None) -> LayerForward:
        before = forward(self.network, x).layers[-1]
        W, b, _ = self.network.parameters[0]
        theta, _ = solved(normal_system(self.network, self.objective, x, y, self.freeze_bias, weights))
        W[...] = theta[: x.shape[-1]].T
        if not self.freeze_bias:
            b[...] = theta[-1]
        return before

    def finish(self) -> None:
        """Nothing is left to do."""


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
