"""One update as one computes it by hand: rounded after each step, and by the true rule or by the one on the slide.

The slide (the lecture's walk-through) departs from calculus in three places, and says none of them:

- the loss takes the logarithm to base 10, which scales it by 1/ln 10;
- the derivative of the second term of the cross-entropy, (1 − y)/(1 − ŷ), is given the wrong sign;
- of the softmax's Jacobian only the diagonal is used, although every output depends on every logit.

A step is what the slide prints: a, h, J, dŷ, the activation's derivative, dW, db, and the new weights. What only goes
on into a sum (the terms of L, L of one of several samples, the regulariser's share, and da, which is a product of two
printed factors) is kept to twice as many decimals: so a product of two rounded figures keeps all it has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.losses import Loss, OnPaper, cross_entropy_gradient
from mlpcli.core.network import Network, Parameters, flattened
from mlpcli.core.objective import Objective, penalty
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace, penalty_shares

RULES = ("exact", "lecture")
TINY = 1e-9  # what binary fractions lack of a decimal one: 0.285 is stored as 0.28499999999999998


def rounded(values: Array, digits: int | None) -> Array:
    """To so many decimals, halves away from zero, as one does by hand; unchanged for None."""
    if digits is None:
        return values
    scale = 10.0**digits
    result: Array = np.sign(values) * np.floor(np.abs(values) * scale + 0.5 + TINY) / scale
    return result + 0.0  # no negative zero


def carried(values: Array, digits: int | None) -> Array:
    """What only goes on into a sum, where steps are rounded to so many decimals: to twice as many."""
    return rounded(values, None if digits is None else 2 * digits)


@dataclass(frozen=True)
class Way:
    """How one computes: where one departs from calculus, and whether biases stay as they are."""

    base_10: bool  # log₁₀ for ln in L
    second_sign: bool  # the wrong sign of (1 − y)/(1 − ŷ)
    diagonal: bool  # of softmax the diagonal alone, and that from a before ŷ was rounded
    digits: int | None  # to which every step is rounded
    freeze_bias: bool = False


def way_of(rule: str, digits: int | None, freeze_bias: bool = False) -> Way:
    """The way of the exact rule, or of the slide's."""
    slide = rule == "lecture"
    return Way(slide, slide, slide, digits, freeze_bias)


def step_by_hand(
    network: Network,
    objective: Objective,
    learning_rate: float,
    x: Array,
    y: Array,
    rule: str,
    digits: int | None,
    freeze_bias: bool = False,
) -> StepTrace:
    """One update by gradient descent on the samples x, (n, inputs), with targets y, (n, outputs).

    Raises ChoiceError for what the slide's rule has not: a regulariser, learned slopes, a loss without logarithms; and
    MlpError where a probability is 0 or 1, whose logarithm cannot be taken.
    """
    if rule == "lecture":
        _check_slide(network, objective)
    return _step(network, objective, learning_rate, x, y, way_of(rule, digits, freeze_bias))


def _check_slide(network: Network, objective: Objective) -> None:
    if objective.regularized:
        raise ChoiceError("--rule lecture: the slide has no regulariser; leave --l1 and --l2 out")
    if any(layer.learns_alpha for layer in network.layers):
        raise ChoiceError("--rule lecture: the slide has no learned slopes; use another activation than prelu")
    loss = objective.loss
    if not loss.of_probabilities or loss.name == "kl":  # kl has y log y besides, which the slide has not
        raise ChoiceError(f"--rule lecture: the slide's rule is one for cross-entropies, not for {loss.name}")


def _step(network: Network, objective: Objective, learning_rate: float, x: Array, y: Array, way: Way) -> StepTrace:
    layers = _forward(network, x, way)
    terms = _terms(objective, layers[-1], y, way)
    losses, loss = _losses(objective, terms, way)
    if not np.isfinite(loss):
        raise MlpError(_why_infinite(way.digits))
    dh = rounded(_output_gradient(objective, layers[-1].h, y, way), way.digits)
    below, factor = [x, *(layer.h for layer in layers[:-1])], objective.batch_factor(len(y))
    shares = penalty_shares(network, objective)
    for k in range(len(layers) - 1, -1, -1):
        layers[k] = _backward(replace(layers[k], dh=dh, share=shares[k]), below[k], factor, learning_rate, way)
        dh = rounded(layers[k].da @ layers[k].before.W, way.digits)
    after = updated(network, layers)
    _, loss_after = _losses(objective, _terms(objective, _forward(after, x, way)[-1], y, way), way)
    omega, omega_after = (float(rounded(np.array(penalty(objective, each)), way.digits)) for each in (network, after))
    return StepTrace(x, y, terms, losses, loss, omega, tuple(layers), dh, {}, 1, loss_after, omega_after)


def _forward(network: Network, x: Array, way: Way) -> list[LayerTrace]:
    """a, h and f′ from the rounded figures before them."""
    found, h = [], x
    for layer, parameters in zip(network.layers, network.parameters, strict=True):
        a = rounded(h @ parameters.W.T + parameters.b, way.digits)
        exact = layer.activation.forward(a, parameters.alpha, np.empty_like(a))
        h = rounded(exact, way.digits)
        if way.diagonal and not layer.activation.elementwise:
            derivative = layer.activation.slope(a, exact, parameters.alpha) * np.eye(layer.units)
        else:
            derivative = layer.activation.slope(a, h, parameters.alpha)
        nothing = Parameters(np.zeros_like(parameters.W), np.zeros_like(parameters.b), parameters.alpha)
        slopes = rounded(derivative, way.digits)
        found.append(LayerTrace(layer.activation, parameters, a, h, slopes, a, a, nothing, nothing, parameters))
    return found


def _terms(objective: Objective, last: LayerTrace, y: Array, way: Way) -> Array:
    """The summands of L, from ŷ itself as it was rounded; infinite where the logarithm of 0 is taken."""
    terms = objective.loss.terms(OnPaper(last.activation, last.a, last.h), y) / (np.log(10) if way.base_10 else 1)
    finite = np.isfinite(objective.loss.gradient(last.h, y))
    return carried(np.where(finite, terms, np.inf), way.digits)


def _losses(objective: Objective, terms: Array, way: Way) -> tuple[Array, float]:
    """L of each sample, and of all."""
    losses = terms.sum(axis=-1) * objective.output_factor(terms.shape[-1])
    if len(terms) > 1:
        losses = carried(losses, way.digits)
    return losses, float(rounded(losses.sum() * objective.batch_factor(len(terms)), way.digits))


def _output_gradient(objective: Objective, y_hat: Array, y: Array, way: Way) -> Array:
    """dŷ; by the slide's rule −(y/ŷ + (1 − y)/(1 − ŷ)), with the sign of its second term as printed."""
    gradient = objective.loss.gradient(y_hat, y)
    if way.second_sign and objective.loss.two_sided:
        gradient = 2 * cross_entropy_gradient(y_hat, y) - gradient  # −y/ŷ − second for −y/ŷ + second
    return gradient * objective.output_factor(y.shape[-1])


def _backward(layer: LayerTrace, below: Array, factor: float, learning_rate: float, way: Way) -> LayerTrace:
    """da, the gradients and the new parameters, where dh and the regulariser's share are known."""
    (W, b, alpha), derivative, elementwise = layer.before, layer.derivative, layer.activation.elementwise
    product = layer.dh * derivative if elementwise else np.einsum("ni,nij->nj", layer.dh, derivative)
    da, share = carried(product, way.digits), layer.share._replace(**_carried_share(layer.share, way))
    dW = rounded(factor * da.T @ below + share.W, way.digits)
    db = rounded(factor * da.sum(axis=0) + share.b, way.digits)
    d, after = Parameters(dW, db, alpha), Parameters(rounded(W - learning_rate * dW, way.digits), b, alpha)
    if not way.freeze_bias:
        after = after._replace(b=rounded(b - learning_rate * db, way.digits))
    if layer.activation.learned is not None:
        d = d._replace(alpha=rounded(factor * layer.activation.learned(layer.dh, layer.a), way.digits))
        after = after._replace(alpha=rounded(alpha - learning_rate * d.alpha, way.digits))
    return replace(layer, da=da, d=d, share=share, after=after)


def _carried_share(share: Parameters, way: Way) -> dict[str, Array]:
    return {"W": carried(share.W, way.digits), "b": carried(share.b, way.digits)}


def _why_infinite(digits: int | None) -> str:
    if digits is None:
        return "a probability is 0 or 1 to all digits, and the slide takes its logarithm, which is infinite"
    return f"a probability is rounded to 0 or 1, and its logarithm is infinite; keep more than {digits} digits"


def updated(network: Network, layers: Sequence[LayerTrace]) -> Network:
    """The network with the new parameters of its layers."""
    return network.with_theta(flattened(network.layers, [layer.after for layer in layers]))


# ----- What is said of it -------------------------------------------------------------------------------------------


def spelled_loss(loss: Loss, rule: str) -> tuple[str, str]:
    """The formulas of a term and of its derivative: calculus' own, or as the slide prints them."""
    if rule != "lecture":
        return loss.formula, loss.derivative
    derivative = "−(y/ŷ + (1 − y)/(1 − ŷ))" if loss.two_sided else loss.derivative
    return loss.formula.replace("log", "log₁₀"), derivative


def spelled_rounding(digits: int) -> str:
    """Which steps are rounded to how many decimals."""
    decimals = f"{digits} decimal{'s' if digits > 1 else ''}, halves away from zero"
    return f"every step rounded to {decimals}; the terms of L and da, which only go on into sums, to {2 * digits}"


# Where one may depart from calculus with all its digits, and the same way without that.
DEPARTURES: dict[str, Callable[[Way], Way]] = {
    "log₁₀ for ln": lambda way: replace(way, base_10=False),
    "sign of (1 − y)/(1 − ŷ)": lambda way: replace(way, second_sign=False),
    "softmax's diagonal alone": lambda way: replace(way, diagonal=False),
    "rounding": lambda way: replace(way, digits=None),
}


def without_each_departure(trace: Trace) -> dict[str, StepTrace]:
    """For each departure from calculus of a trace by hand the step that is made without it."""
    step = trace.steps[0]
    network = trace.network.with_theta(flattened(trace.network.layers, [layer.before for layer in step.layers]))
    way = way_of(trace.rule, trace.digits, trace.freeze_bias)
    ways = {name: without(way) for name, without in DEPARTURES.items()}
    return {
        name: _step(network, trace.objective, trace.learning_rate, step.x, step.y, other)
        for name, other in ways.items()
        if other != way
    }
