"""The lecture's analytical approach: the weights at which the gradient of the loss is 0, found by solving for them."""

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.propagation import LayerForward, forward


class NormalEquations:
    """For one linear layer with MSE, J is a parabola in W and b, and ∂J/∂W = 0 is a linear system.

    With X the samples (a column of ones appended for the bias), c = 2 · (what a term counts in J) and Λ = l2 for
    weights, 0 for biases unless regularised: (c XᵀX + Λ) θ = c XᵀY. These are the normal equations of a least-squares
    problem with the rows √c X and √Λ, which is solved as such, since XᵀX has the square of its condition; its columns
    are brought to one length first. Where they depend on each other, the solution of least norm is taken.
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
        """θ of shape (columns, outputs); the first `penalized` columns take part in the regulariser."""
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


def why_not(network: Network, objective: Objective) -> str:
    """Why the gradient cannot be set to zero and solved for here, or nothing."""
    activation, loss = network.layers[0].activation.name, objective.loss.name
    if len(network.layers) > 1:
        what = f"with {len(network.layers)} layers they are not linear (--hidden 0 leaves one)"
    elif activation != "linear":
        what = f"{activation} makes them non-linear"
    elif loss != "mse":
        what = f"they are not written for {loss}"
    elif objective.l1:
        what = "the l1 penalty has no derivative at 0"
    else:
        return ""
    return f"the normal equations solve one linear layer with mse, and {what}"
