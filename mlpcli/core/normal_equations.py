"""The lecture's analytical approach: the weights at which the gradient of the loss is 0, found by solving for them."""

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.propagation import LayerForward, forward


class NormalEquations:
    """For one linear layer with MSE, J is a parabola in W and b, and ∂J/∂W = 0 is a linear system.

    With X the samples (a column of ones appended for the bias), c = 2 · (what a term counts in J) and Λ = l2 for
    weights, 0 for biases unless regularised: (c XᵀX + Λ) θ = c XᵀY. Where columns of X depend on each other, the
    solution of least norm is taken.
    """

    def __init__(self, network: Network, objective: Objective, freeze_bias: bool = False) -> None:
        reason = _why_not(network, objective)
        if reason:
            raise ChoiceError(f"normal-equations solve one linear layer with mse; {reason}. Use --optimizer adam")
        self.network = network
        self.objective = objective
        self.freeze_bias = freeze_bias

    def __call__(self, x: Array, y: Array, learning_rate: float) -> LayerForward:
        before = forward(self.network, x).layers[-1]
        W, b, _ = self.network.parameters[0]
        wide = x.astype(np.float64)
        target = y.astype(np.float64)
        if self.freeze_bias:
            target = target - b
        else:
            wide = np.hstack([wide, np.ones((len(x), 1))])
        factor = 2 * self.objective.factor(y)
        shrink = np.full(wide.shape[-1], self.objective.l2)
        if not (self.freeze_bias or self.objective.regularize_bias):
            shrink[-1] = 0
        solution = np.linalg.lstsq(factor * wide.T @ wide + np.diag(shrink), factor * wide.T @ target, rcond=None)[0]
        W[...] = solution[: W.shape[-1]].T
        if not self.freeze_bias:
            b[...] = solution[-1]
        return before


def _why_not(network: Network, objective: Objective) -> str:
    """Why the gradient cannot be set to zero and solved for here, or nothing."""
    if len(network.layers) > 1:
        return f"this network has {len(network.layers)} layers, whose product makes the equations non-linear"
    activation = network.layers[0].activation.name
    if activation != "linear":
        return f"{activation} makes the equations non-linear"
    if objective.loss.name != "mse":
        return (
            f"{objective.loss.name} is no parabola of the weights" if objective.loss.name != "half-sse" else "not ½SSE"
        )
    if objective.l1:
        return "the l1 penalty has no derivative at 0, so they do not apply"
    return ""
