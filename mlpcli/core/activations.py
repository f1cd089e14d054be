"""Activation functions h = f(a), each with its derivative on the lines below it.

`forward(a, alpha, out)` writes h into `out`. `backward(dh, a, h, alpha, out)` writes da = (∂h/∂a)ᵀ dh, which is
dh ⊙ f′(a) for all but softmax, whose units depend on each other. Both work on the last axis, whatever stands before it;
`alpha` is the function's parameter (a slope, say) where it has one. At a kink the derivative is the one from the left,
as in PyTorch: 0 for ReLU, α for leaky ReLU and ELU.

A probability may be too small for a float while its logarithm is an ordinary number. So sigmoid and softmax also give
log h and log(1 − h) straight from a (`Logarithms`), with the pull-back of a loss written in them: that is what keeps a
cross-entropy exact at logits of ±10⁴.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy import add, copyto, divide, exp, expm1, greater, maximum, minimum, multiply, negative, sign, subtract

from mlpcli.core.arrays import Array
from mlpcli.core.families import table

FEW = 32  # units
Alpha = Any  # None, a number, or one number per unit (an array of shape (units,))
Forward = Callable[[Array, Alpha, Array], Array]
Backward = Callable[[Array, Array, Array, Alpha, Array], Array]


def binary_step(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = 1 if a > 0 else 0"""
    return greater(a, 0, out=out)


def binary_step_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 0 wherever it exists: no gradient passes"""
    out[...] = 0
    return out


def linear(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = a"""
    copyto(out, a)
    return out


def linear_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 1"""
    copyto(out, dh)
    return out


def sigmoid(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = 1 / (1 + e⁻ᵃ). For very negative a, e⁻ᵃ overflows to infinity and h is 0, its value to every digit."""
    with np.errstate(over="ignore"):
        exp(negative(a, out=out), out=out)
    add(out, 1, out=out)
    return divide(1, out, out=out)


def sigmoid_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = h (1 − h)"""
    subtract(1, h, out=out)
    multiply(out, h, out=out)
    return multiply(out, dh, out=out)


def tanh(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = tanh a = (eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ)"""
    return np.tanh(a, out=out)


def tanh_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 1 − h²"""
    multiply(h, h, out=out)
    subtract(1, out, out=out)
    return multiply(out, dh, out=out)


def relu(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = max(0, a)"""
    return maximum(a, 0.0, out=out)


def relu_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 1 if a > 0 else 0, which is the sign of h: a product of numbers and truth values takes twice the time"""
    return multiply(sign(h, out=out), dh, out=out)


def leaky_relu(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = a if a > 0 else αa, as max(0, a) + α min(0, a): one of the two is 0, so nothing is rounded"""
    multiply(minimum(a, 0, out=out), alpha, out=out)
    return add(out, maximum(a, 0), out=out)


def leaky_relu_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 1 if a > 0 else α"""
    positive = a > 0
    multiply(multiply(dh, ~positive, out=out), alpha, out=out)
    add(out, dh * positive, out=out)
    return out


def leaky_relu_dalpha(dh: Array, a: Array) -> Array:
    """∂J/∂α = Σ dh · min(0, a) over the samples: what a learned slope needs. Shape (units,)."""
    result: Array = np.sum(dh * minimum(a, 0), axis=-2)
    return result


def elu(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = a if a > 0 else α (eᵃ − 1)"""
    expm1(minimum(a, 0, out=out), out=out)
    multiply(out, alpha, out=out)
    return add(out, maximum(a, 0), out=out)


def elu_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 1 if a > 0 else αeᵃ, which h + α would not give where h is −α to the last digit"""
    exp(minimum(a, 0, out=out), out=out)
    if alpha != 1:
        multiply(out, np.where(a > 0, 1, alpha), out=out)
    return multiply(out, dh, out=out)


def swish(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = a σ(βa)"""
    sigmoid(multiply(a, alpha), None, out)
    return multiply(out, a, out=out)


def swish_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = βh + σ(βa) (1 − βh)"""
    scaled = h * alpha
    sigmoid(multiply(a, alpha), None, out)
    multiply(out, 1 - scaled, out=out)
    add(out, scaled, out=out)
    return multiply(out, dh, out=out)


def softmax(a: Array, alpha: Alpha, out: Array) -> Array:
    """hᵢ = e^aᵢ / Σⱼ e^aⱼ. The largest logit is subtracted first, which changes nothing but keeps e^a finite."""
    subtract(a, _largest(a), out=out)
    exp(out, out=out)
    return divide(out, _total(out), out=out)


def softmax_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """daⱼ = Σᵢ dhᵢ ∂hᵢ/∂aⱼ with the full Jacobian ∂hᵢ/∂aⱼ = hᵢ (δᵢⱼ − hⱼ), so da = h ⊙ (dh − Σᵢ dhᵢhᵢ)"""
    multiply(dh, h, out=out)
    subtract(dh, _total(out), out=out)
    return multiply(out, h, out=out)


# ----- Logarithms ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Logarithms:
    """log h and log(1 − h) from the logits, and the pull-back of L = −Σ (u log h + v log(1 − h)) to da.

    The formulas are what one writes where h is 0 or 1 to the last digit: −log h and −log(1 − h) of a unit, and its da
    for u = y and v = 0, and for u = y and v = 1 − y.
    """

    log: Callable[[Array], Array]
    log_complement: Callable[[Array], Array]
    backward: Callable[[Array, Array | None, Array, Array, Array], Array]  # (u, v, a, h, out) -> da
    log_formulas: tuple[str, str]
    da_formulas: tuple[str, str]


def softplus(x: Array) -> Array:
    """log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|). The sign is that of the real part, so that it stays analytic."""
    positive = x.real > 0
    result: Array = np.where(positive, x, 0) + np.log1p(exp(np.where(positive, -x, x)))
    return result


def sigmoid_log(a: Array) -> Array:
    """log σ(a) = −log(1 + e⁻ᵃ)"""
    return -softplus(-a)


def sigmoid_log_complement(a: Array) -> Array:
    """log(1 − σ(a)) = −log(1 + eᵃ)"""
    return -softplus(a)


def sigmoid_log_backward(u: Array, v: Array | None, a: Array, h: Array, out: Array) -> Array:
    """∂log h/∂a = 1 − h and ∂log(1 − h)/∂a = −h, so da = (u + v) h − u; for u = y, v = 1 − y that is ŷ − y"""
    multiply(u if v is None else u + v, h, out=out)
    return subtract(out, u, out=out)


def softmax_log(a: Array) -> Array:
    """log hᵢ = aᵢ − log Σⱼ e^aⱼ, with the largest a subtracted: of a sum of 1 and a tiny rest, log1p keeps the rest"""
    shifted = a - _largest(a)
    top = shifted == 0
    rest = _total(np.where(top, 0, exp(shifted))) + (_total(top.astype(a.dtype)) - 1)
    result: Array = shifted - np.log1p(rest)
    return result


def softmax_log_complement(a: Array) -> Array:
    """log(1 − hᵢ) = log Σ_{j≠i} e^aⱼ − log Σⱼ e^aⱼ

    For all but the largest logit hᵢ ≤ ½ and log1p(−hᵢ) is exact; for the largest, the other units are summed afresh.
    """
    largest = _place_of_largest(a)
    shifted = a - _largest(a)
    log_sum = np.log(add.reduce(exp(shifted), axis=-1, keepdims=True))
    result: Array = np.log1p(-np.where(_at(largest, a), 0, exp(shifted - log_sum)))
    np.put_along_axis(result, largest, _log_sum_of_others(shifted, largest) - log_sum, axis=-1)
    return result


def softmax_log_backward(u: Array, v: Array | None, a: Array, h: Array, out: Array) -> Array:
    """daⱼ = hⱼ Σᵢ uᵢ − uⱼ + vⱼhⱼ − Σ_{i≠j} vᵢ hᵢhⱼ/(1 − hᵢ); for u = y that sums to 1, the first part is ŷ − y

    For the largest unit m, 1 − hₘ may vanish: hⱼ/(1 − hₘ) is then taken as the softmax among the others,
    e^(aⱼ − log Σ_{i≠m} e^aᵢ).
    """
    multiply(h, _total(u), out=out)
    subtract(out, u, out=out)
    if v is None:
        return out
    largest = _place_of_largest(a)
    shifted = a - _largest(a)
    share = exp(np.where(_at(largest, a), -np.inf, shifted - _log_sum_of_others(shifted, largest)))
    others = np.where(_at(largest, a), 0, h)
    flow = v * others / (1 - others)  # vᵢhᵢ/(1 − hᵢ) of all but the largest
    of_others = _total(flow)
    of_largest = np.take_along_axis(v * h, largest, axis=-1)
    out += v * h - h * (of_others - flow) - share * of_largest
    return out


def _total(x: Array) -> Array:
    """Σ over the units, for every unit: shape (..., units), or (..., 1) where the units are many.

    NumPy adds short rows one by one, at ten times the cost of a product with ones; and what has the shape of x needs no
    broadcasting, which halves the cost of the next operation on small arrays.
    """
    result: Array = x.dot(_ones(x.shape[-1], x.dtype))
    return result


@lru_cache(maxsize=32)
def _ones(units: int, dtype: np.dtype[Any]) -> Array:
    return np.ones((units, units if units <= FEW else 1), dtype)


def _largest(a: Array) -> Array:
    return maximum.reduce(a, axis=-1, keepdims=True)


def _place_of_largest(a: Array) -> Array:
    result: Array = np.argmax(a.real, axis=-1, keepdims=True)
    return result


def _at(place: Array, a: Array) -> Array:
    result: Array = np.arange(a.shape[-1]) == place
    return result


def _log_sum_of_others(a: Array, place: Array) -> Array:
    """log Σ_{i≠place} e^aᵢ, shape (..., 1)"""
    others = np.where(_at(place, a), -np.inf, a)
    top = _largest(others)
    result: Array = top + np.log(add.reduce(exp(others - top), axis=-1, keepdims=True))
    return result


# ----- The table ----------------------------------------------------------------------------------------------------

LEAST_SWISH = -0.27846454276107374  # of a σ(a), where a = −1.2785: the root of 1 + a + eᵃ = 0, from which it is 1 + a


def unbounded(alpha: Alpha) -> tuple[float, float]:
    """Any number can come out."""
    return -inf, inf


def unit_interval(alpha: Alpha) -> tuple[float, float]:
    """Between 0 and 1"""
    return 0.0, 1.0


@dataclass(frozen=True)
class Activation:
    """One row: the function, its derivative, and what there is to know about it."""

    name: str
    forward: Forward
    backward: Backward
    formula: str
    derivative: str
    range: str  # where h lies; it comes as near to the ends of an open interval as one likes
    about: str  # what there is to know before choosing it
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    letter: str = "α"  # of its parameter in the formulas
    learned: Callable[[Array, Array], Array] | None = None  # (dh, a) -> the gradient of a learned alpha, one per unit
    learned_derivative: str = ""  # the formula of ∂h/∂α, where alpha is learned
    logarithms: Logarithms | None = None
    stable: str = ""  # another form of the formula, in which no power overflows
    hidden: str = ""  # why it cannot serve a hidden layer, where it cannot
    output: str = "scores"  # as an output: scores, probabilities or a distribution; empty if it cannot be one
    elementwise: bool = True
    bent: bool = False  # whether it has a corner (or a jump) at 0; else it is analytic
    ends: Callable[[Alpha], tuple[float, float]] = unbounded  # alpha -> the least and the greatest h, as `range` has it

    @property
    def alpha(self) -> float | None:
        """The function's parameter (its start value where it is learned), or None where it has none."""
        return next(iter(self.parameters.values()), None)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest h: −∞ and ∞ where there is none."""
        return self.ends(self.alpha)

    def slope(self, a: Array, h: Array, alpha: Alpha) -> Array:
        """f′(a), of the shape of a; for softmax the Jacobian ∂hᵢ/∂aⱼ of each sample, (..., units, units).

        It is `backward` itself, asked for the effect of each output alone.
        """
        if self.elementwise:
            return self.backward(np.ones_like(a), a, h, alpha, np.empty_like(a))
        one_output = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), (*a.shape, a.shape[-1]))
        a, h = a[..., None, :], h[..., None, :]
        return self.backward(one_output, a, h, alpha, np.empty(one_output.shape, a.dtype))


FLAT = "its derivative is 0 on both sides of the jump, so no gradient reaches the layers below and they never learn"
SHIFTED = "a stack of linear layers is one linear layer, since W⁽²⁾(W⁽¹⁾x + b⁽¹⁾) + b⁽²⁾ is again linear in x"

ACTIVATIONS = table(
    [
        Activation(
            "step",
            binary_step,
            binary_step_backward,
            "1 if a > 0 else 0",
            "0",
            "{0, 1}",
            "the perceptron's yes or no",
            hidden=FLAT,
            output="",
            bent=True,
            ends=unit_interval,
        ),
        Activation(
            "linear",
            linear,
            linear_backward,
            "a",
            "1",
            "(−∞, ∞)",
            "leaves a as it is: any number can come out",
            hidden=SHIFTED,
        ),
        Activation(
            "sigmoid",
            sigmoid,
            sigmoid_backward,
            "1 / (1 + e⁻ᵃ)",
            "h (1 − h)",
            "(0, 1)",
            "a probability of yes; f′ is at most 1/4, so that gradients shrink from layer to layer",
            logarithms=Logarithms(
                sigmoid_log,
                sigmoid_log_complement,
                sigmoid_log_backward,
                ("log(1 + e⁻ᵃ)", "log(1 + eᵃ)"),
                ("y h − y", "h − y"),
            ),
            output="probabilities",
            ends=unit_interval,
        ),
        Activation(
            "tanh",
            tanh,
            tanh_backward,
            "(eᵃ − e⁻ᵃ) / (eᵃ + e⁻ᵃ)",
            "1 − h²",
            "(−1, 1)",
            "a sigmoid around 0, 2σ(2a) − 1; f′ is 1 at 0 and vanishes where |a| is large",
            ends=lambda alpha: (-1.0, 1.0),
        ),
        Activation(
            "relu",
            relu,
            relu_backward,
            "max(0, a)",
            "1 if a > 0 else 0",
            "[0, ∞)",
            "the usual one for hidden layers; a unit whose a is never positive learns nothing more",
            bent=True,
            ends=lambda alpha: (0.0, inf),
        ),
        Activation(
            "leaky-relu",
            leaky_relu,
            leaky_relu_backward,
            "a if a > 0 else αa",
            "1 if a > 0 else α",
            "(−∞, ∞) for α > 0",
            "a ReLU that goes on learning where a is negative",
            parameters={"alpha": 0.01},  # PyTorch; Keras' layer has 0.3, its function 0.2
            bent=True,
            ends=lambda alpha: (-inf if alpha > 0 else 0.0, inf),
        ),
        Activation(
            "prelu",
            leaky_relu,
            leaky_relu_backward,
            "a if a > 0 else αa",
            "1 if a > 0 else α",
            "(−∞, ∞) for α > 0",
            "a leaky ReLU with a slope α of its own for each unit, learned as the weights are",
            parameters={"alpha": 0.25},  # He et al. 2015 and PyTorch; Keras starts at 0
            learned=leaky_relu_dalpha,
            learned_derivative="min(0, a)",
            bent=True,
            ends=lambda alpha: (-inf if alpha > 0 else 0.0, inf),
        ),
        Activation(
            "elu",
            elu,
            elu_backward,
            "a if a > 0 else α (eᵃ − 1)",
            "1 if a > 0 else α eᵃ",
            "(−α, ∞) for α > 0",
            "a ReLU whose negative side is smooth, so that a layer's mean is nearer to 0",
            {"alpha": 1.0},
            bent=True,
            ends=lambda alpha: (-max(alpha, 0.0), inf),
        ),
        Activation(
            "swish",
            swish,
            swish_backward,
            "a σ(βa)",
            "βh + σ(βa) (1 − βh)",
            "[−0.2785/β, ∞) for β > 0",
            "a smooth ReLU that falls below 0 on the way; with β = 1 it is called SiLU",
            parameters={"beta": 1.0},
            letter="β",
            ends=lambda beta: (
                LEAST_SWISH / beta if beta > 0 else -inf,
                LEAST_SWISH / beta if beta < 0 else inf,
            ),
        ),
        Activation(
            "softmax",
            softmax,
            softmax_backward,
            "e^aᵢ / Σⱼ e^aⱼ",
            "hᵢ (δᵢⱼ − hⱼ)",
            "(0, 1), sum 1",
            "scores of classes of which one is right, as probabilities; each h depends on every a",
            logarithms=Logarithms(
                softmax_log,
                softmax_log_complement,
                softmax_log_backward,
                (
                    "log Σⱼ e^(aⱼ − aᵢ)",
                    "log Σⱼ e^(aⱼ − aᵢ) − log Σⱼ (1 − δᵢⱼ) e^(aⱼ − aᵢ)",
                ),
                (
                    "h Σⱼ yⱼ − y",
                    "h Σⱼ yⱼ − y + (1 − y) h − Σⱼ (1 − δᵢⱼ) (1 − yⱼ) hⱼ / Σₖ (1 − δⱼₖ) e^(aₖ − aᵢ)",
                ),
            ),
            stable="1 / Σⱼ e^(aⱼ − aᵢ)",
            output="distribution",
            elementwise=False,
            ends=unit_interval,
        ),
    ]
)
