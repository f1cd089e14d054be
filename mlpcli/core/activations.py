"""Activation functions h = f(a), each with its derivative on the lines below it.

`forward(a, alpha, out)` writes h into `out` and returns it. `backward(dh, a, h, alpha, out)` writes da = (∂h/∂a)ᵀ dh,
which is dh ⊙ f′(a) for all but softmax, whose units depend on each other. All arrays have the shape (..., units);
`alpha` is the parameter of a function that has one, such as a slope. At a kink the derivative is that from the left, as
in PyTorch: 0 for ReLU, α for leaky ReLU and ELU.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy import add, copyto, divide, exp, expm1, greater, maximum, minimum, multiply, negative, sign, subtract

from mlpcli.core.arrays import Array, largest_of, total_of
from mlpcli.core.families import table
from mlpcli.core.logarithms import (
    Logarithms,
    sigmoid_log,
    sigmoid_log_backward,
    sigmoid_log_complement,
    softmax_log,
    softmax_log_backward,
    softmax_log_complement,
)

Alpha = Any  # None, a number, or one number per unit (an array of shape (units,))
Forward = Callable[[Array, Alpha, Array], Array]
Backward = Callable[[Array, Array, Array, Alpha, Array], Array]


def binary_step(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = 1 if a > 0 else 0"""
    return greater(a, 0, out=out)


def binary_step_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 0 wherever it exists: no gradient passes through"""
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
    """h = 1 / (1 + e⁻ᵃ). For very negative a, e⁻ᵃ overflows to infinity and h is 0, which is correct to all digits."""
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
    """h = max(0, a). NumPy's maximum of two arrays takes a third of the time of that of an array and a number."""
    out.fill(0)
    return maximum(a, out, out=out)


def relu_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 1 if a > 0 else 0, which is the sign of h; multiplying numbers by booleans takes twice the time"""
    return multiply(sign(h, out=out), dh, out=out)


def leaky_relu(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = a if a > 0 else αa, as max(0, a) + α min(0, a): one summand is 0, so nothing is rounded"""
    multiply(minimum(a, 0, out=out), alpha, out=out)
    return add(out, maximum(a, 0), out=out)


def leaky_relu_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 1 if a > 0 else α"""
    positive = a > 0
    multiply(multiply(dh, ~positive, out=out), alpha, out=out)
    add(out, dh * positive, out=out)
    return out


def leaky_relu_dalpha(dh: Array, a: Array) -> Array:
    """∂J/∂α = Σ dh · min(0, a) over the samples, the gradient of a learned slope, (units,)."""
    result: Array = np.sum(dh * minimum(a, 0), axis=-2)
    return result


def elu(a: Array, alpha: Alpha, out: Array) -> Array:
    """h = a if a > 0 else α (eᵃ − 1)"""
    expm1(minimum(a, 0, out=out), out=out)
    multiply(out, alpha, out=out)
    return add(out, maximum(a, 0), out=out)


def elu_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """f′ = 1 if a > 0 else αeᵃ; the usual h + α is inexact when h is −α to the last digit"""
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
    """hᵢ = e^aᵢ / Σⱼ e^aⱼ. Subtracting the largest logit first does not change h, but keeps e^a finite."""
    subtract(a, largest_of(a), out=out)
    exp(out, out=out)
    return divide(out, total_of(out), out=out)


def softmax_backward(dh: Array, a: Array, h: Array, alpha: Alpha, out: Array) -> Array:
    """daⱼ = Σᵢ dhᵢ ∂hᵢ/∂aⱼ with the full Jacobian ∂hᵢ/∂aⱼ = hᵢ (δᵢⱼ − hⱼ), so da = h ⊙ (dh − Σᵢ dhᵢhᵢ)"""
    multiply(dh, h, out=out)
    subtract(dh, total_of(out), out=out)
    return multiply(out, h, out=out)


# ----- The table ----------------------------------------------------------------------------------------------------

LEAST_SWISH = -0.27846454276107374  # min a σ(a) = 1 + a, at the root a = −1.2785 of 1 + a + eᵃ = 0


def unbounded(alpha: Alpha) -> tuple[float, float]:
    """Any number"""
    return -inf, inf


def unit_interval(alpha: Alpha) -> tuple[float, float]:
    """Between 0 and 1"""
    return 0.0, 1.0


@dataclass(frozen=True)
class Activation:
    """One row: the function, its derivative, and its properties."""

    name: str
    forward: Forward
    backward: Backward
    formula: str
    derivative: str
    range: str  # of h; it comes arbitrarily close to the ends of an open interval
    about: str  # what to know before choosing it
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    letter: str = "α"  # of its parameter in the formulas
    learned: Callable[[Array, Array], Array] | None = None  # (dh, a) -> the gradient of a learned alpha, one per unit
    learned_derivative: str = ""  # the formula of ∂h/∂α, if alpha is learned
    logarithms: Logarithms | None = None
    stable: str = ""  # the formula in a form in which no power overflows
    hidden: str = ""  # why it is useless in hidden layers; empty if it is not
    output: str = "scores"  # its kind as an output: scores, probabilities or distribution; empty if it cannot be one
    elementwise: bool = True
    bent: bool = False  # whether it has a kink or jump at 0; else it is analytic
    ends: Callable[[Alpha], tuple[float, float]] = unbounded  # alpha -> the ends of `range`

    @property
    def alpha(self) -> float | None:
        """The function's parameter (its initial value if it is learned), or None without one."""
        return next(iter(self.parameters.values()), None)

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of the range of h, which may be infinite."""
        return self.ends(self.alpha)

    def slope(self, a: Array, h: Array, alpha: Alpha) -> Array:
        """f′(a), (..., units); for softmax the Jacobian ∂hᵢ/∂aⱼ of each sample, (..., units, units).

        It is `backward` applied to each output alone.
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
            "does not change a: any number is possible",
            hidden=SHIFTED,
        ),
        Activation(
            "sigmoid",
            sigmoid,
            sigmoid_backward,
            "1 / (1 + e⁻ᵃ)",
            "h (1 − h)",
            "(0, 1)",
            "the probability of yes; f′ is at most 1/4, so gradients shrink from layer to layer",
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
            "a sigmoid centered at 0: 2σ(2a) − 1; f′ is 1 at 0 and vanishes for large |a|",
            ends=lambda alpha: (-1.0, 1.0),
        ),
        Activation(
            "relu",
            relu,
            relu_backward,
            "max(0, a)",
            "1 if a > 0 else 0",
            "[0, ∞)",
            "the usual choice for hidden layers; a unit whose a is never positive stops learning",
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
            "a ReLU that also learns for negative a",
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
            "a leaky ReLU whose slope α is learned, one per unit",
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
            "a ReLU with a smooth negative side, so that the mean of a layer is closer to 0",
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
            "a smooth ReLU that is below 0 for negative a; with β = 1 it is called SiLU",
            parameters={"beta": 1.0},
            letter="β",
            ends=lambda beta: (LEAST_SWISH / beta if beta > 0 else -inf, LEAST_SWISH / beta if beta < 0 else inf),
        ),
        Activation(
            "softmax",
            softmax,
            softmax_backward,
            "e^aᵢ / Σⱼ e^aⱼ",
            "hᵢ (δᵢⱼ − hⱼ)",
            "(0, 1), sum 1",
            "the scores of classes as probabilities that sum to 1; each h depends on every a",
            logarithms=Logarithms(
                softmax_log,
                softmax_log_complement,
                softmax_log_backward,
                ("log Σⱼ e^(aⱼ − aᵢ)", "log Σⱼ e^(aⱼ − aᵢ) − log Σⱼ (1 − δᵢⱼ) e^(aⱼ − aᵢ)"),
                ("h Σⱼ yⱼ − y", "h Σⱼ yⱼ − y + (1 − y) h − Σⱼ (1 − δᵢⱼ) (1 − yⱼ) hⱼ / Σₖ (1 − δⱼₖ) e^(aₖ − aᵢ)"),
            ),
            stable="1 / Σⱼ e^(aⱼ − aᵢ)",
            output="distribution",
            elementwise=False,
            ends=unit_interval,
        ),
    ]
)
