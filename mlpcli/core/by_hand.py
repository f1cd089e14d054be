"""One update as one computes it by hand: rounded after each step, and by the true rule or by the one on the slide.

The slide (the lecture's walk-through) departs from calculus in three places, and says none of them:

- the loss takes the logarithm to base 10, which scales it by 1/ln 10;
- the derivative of the second term of the cross-entropy, (1 − y)/(1 − ŷ), is given the wrong sign;
- of the softmax's Jacobian only the diagonal is used, although every output depends on every logit.

A step is what the slide prints: a, h, J, dŷ, the activation's derivative, dW, db, and the new weights. The product da
of two printed factors is not one of them and is not rounded before it meets h.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.losses import Loss, cross_entropy_gradient
from mlpcli.core.network import Network, Parameters
from mlpcli.core.objective import Objective, penalty
from mlpcli.core.tracing import LayerTrace, StepTrace

RULES = ("exact", "lecture")
TINY = 1e-9  # what binary fractions lack of a decimal one: 0.285 is stored as 0.28499999999999998


def rounded(values: Array, digits: int | None) -> Array:
    """To so many decimals, halves away from zero, as one does by hand; unchanged for None."""
    if digits is None:
        return values
    scale = 10.0**digits
    result: Array = np.sign(values) * np.floor(np.abs(values) * scale + 0.5 + TINY) / scale
    return result + 0.0  # no negative zero


def step_by_hand(
    network: Network, objective: Objective, learning_rate: float, x: Array, y: Array, rule: str, digits: int | None
) -> StepTrace:
    """One update by gradient descent on the samples x, (n, inputs), with targets y, (n, outputs).

    Raises ChoiceError for what the slide has not: a regulariser, learned slopes, a loss without logarithms; and
    MlpError where a probability is rounded to 0 or 1, whose logarithm cannot be taken.
    """
    if objective.regularized or any(layer.learns_alpha for layer in network.layers):
        raise ChoiceError("a step by hand has no regulariser and no learned slopes; leave --l1, --l2 and prelu out")
    layers = _forward(network, x, digits)
    y_hat = layers[-1].h
    terms = _terms(objective, y_hat, y, rule)
    losses = terms.sum(axis=-1) * objective.output_factor(y.shape[-1])
    loss = rounded(losses.sum() * objective.batch_factor(len(y)), digits)
    if not np.isfinite(loss):
        raise MlpError(
            f"a probability is rounded to 0 or 1, and its logarithm is infinite; keep more than {digits} digits"
        )
    dh = rounded(_output_gradient(objective, y_hat, y, rule), digits)
    factor, below = objective.batch_factor(len(y)), [x, *(layer.h for layer in layers[:-1])]
    for k in range(len(layers) - 1, -1, -1):
        layers[k] = _backward(layers[k], dh, below[k], factor, learning_rate, rule, digits)
        dh = rounded(layers[k].da @ layers[k].before.W, digits)
    after = _forward(updated(network, layers), x, digits)[-1].h
    terms_after = _terms(objective, after, y, rule)
    loss_after = terms_after.sum() * objective.output_factor(y.shape[-1]) * factor
    return StepTrace(
        x, y, terms, losses, float(loss), penalty(objective, network), tuple(layers), dh, {}, 1,
        float(rounded(loss_after, digits)), 0.0,
    )  # fmt: skip


def _forward(network: Network, x: Array, digits: int | None) -> list[LayerTrace]:
    found, h = [], x
    for layer, parameters in zip(network.layers, network.parameters, strict=True):
        a = rounded(h @ parameters.W.T + parameters.b, digits)
        exact = layer.activation.forward(a, parameters.alpha, np.empty_like(a))
        h = rounded(exact, digits)
        derivative = layer.activation.slope(a, exact, parameters.alpha)
        nothing = Parameters(np.zeros_like(parameters.W), np.zeros_like(parameters.b), parameters.alpha)
        found.append(LayerTrace(layer.activation, parameters, a, h, derivative, a, a, nothing, nothing, parameters))
    return found


def _terms(objective: Objective, y_hat: Array, y: Array, rule: str) -> Array:
    """The summands of L, from ŷ itself as it was rounded; to base 10 by the slide's rule."""
    weights = objective.loss.log_weights
    if weights is None or objective.loss.name == "kl":  # kl has y log y besides, which the slide has not
        raise ChoiceError(f"a step by hand is written for cross-entropies, not for {objective.loss.name}")
    u, v = weights(y)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(u == 0, 0, u * np.log(y_hat))
        logs = logs + (0 if v is None else np.where(v == 0, 0, v * np.log(1 - y_hat)))
    result: Array = -logs / (np.log(10) if rule == "lecture" else 1)
    return result


def _output_gradient(objective: Objective, y_hat: Array, y: Array, rule: str) -> Array:
    """dŷ; by the slide's rule −(y/ŷ + (1 − y)/(1 − ŷ)), with the sign of its second term as printed."""
    gradient = objective.loss.gradient(y_hat, y)
    if rule == "lecture" and objective.loss.two_sided:
        gradient = 2 * cross_entropy_gradient(y_hat, y) - gradient  # −y/ŷ − second, where the true one is −y/ŷ + second
    return gradient * objective.output_factor(y.shape[-1])


def spelled_loss(loss: Loss, rule: str) -> tuple[str, str]:
    """The formulas of a term and of its derivative: calculus' own, or as the slide prints them."""
    if rule != "lecture":
        return loss.formula, loss.derivative
    derivative = "−(y/ŷ + (1 − y)/(1 − ŷ))" if loss.two_sided else loss.derivative
    return loss.formula.replace("log", "log₁₀"), derivative


def _backward(
    layer: LayerTrace, dh: Array, below: Array, factor: float, learning_rate: float, rule: str, digits: int | None
) -> LayerTrace:
    W, b, alpha = layer.before
    derivative = layer.derivative
    if rule == "lecture" and not layer.activation.elementwise:
        derivative = derivative * np.eye(derivative.shape[-1])
    derivative = rounded(derivative, digits)
    da = dh * derivative if layer.activation.elementwise else np.einsum("ni,nij->nj", dh, derivative)
    d = Parameters(rounded(factor * da.T @ below, digits), rounded(factor * da.sum(axis=0), digits), layer.d.alpha)
    after = Parameters(rounded(W - learning_rate * d.W, digits), rounded(b - learning_rate * d.b, digits), alpha)
    return replace(layer, derivative=derivative, dh=dh, da=da, d=d, after=after)


def updated(network: Network, layers: Sequence[LayerTrace]) -> Network:
    """The network with the new weights and biases of its layers."""
    copy = network.with_theta(network.theta.copy())
    for parameters, layer in zip(copy.parameters, layers, strict=True):
        parameters.W[...], parameters.b[...] = layer.after.W, layer.after.b
    return copy
