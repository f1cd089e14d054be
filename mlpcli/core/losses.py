"""Loss functions L(ŷ, y) of one sample, each with its gradient ∂L/∂ŷ on the lines below it.

`terms(output, y)` returns the summands of L, one per output unit, (..., outputs). `gradient(y_hat, y)` returns the
derivative of their plain sum, of the same shape. The objective chooses between sum and mean, within a sample and within
a batch. `output` is the last layer's `Output`: ŷ and its exact logarithms.

All logarithms are natural. The four losses of logarithms also give their weights u and v in
L = −Σ (u log ŷ + v log(1 − ŷ)). With these, sigmoid and softmax outputs get da without a division by a vanishing ŷ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array, magnitude
from mlpcli.core.families import table
from mlpcli.core.outputs import Output


def absolute(output: Output, y: Array) -> Array:
    """|ŷ − y|"""
    return magnitude(output.y_hat - y)


def absolute_gradient(y_hat: Array, y: Array) -> Array:
    """sign(ŷ − y), and 0 if they are equal (as in PyTorch)"""
    result: Array = np.sign(y_hat - y)
    return result


def squared(output: Output, y: Array) -> Array:
    """(ŷ − y)²"""
    result: Array = (output.y_hat - y) ** 2
    return result


def squared_gradient(y_hat: Array, y: Array) -> Array:
    """2 (ŷ − y)"""
    result: Array = 2 * (y_hat - y)
    return result


def half_squared(output: Output, y: Array) -> Array:
    """½ (ŷ − y)²"""
    result: Array = 0.5 * (output.y_hat - y) ** 2
    return result


def half_squared_gradient(y_hat: Array, y: Array) -> Array:
    """ŷ − y"""
    result: Array = y_hat - y
    return result


def two_sided_cross_entropy(output: Output, y: Array) -> Array:
    """−(y log ŷ + (1 − y) log(1 − ŷ))"""
    result: Array = -(y * output.log + (1 - y) * output.log_complement)
    return result


def two_sided_cross_entropy_gradient(y_hat: Array, y: Array) -> Array:
    """−y/ŷ + (1 − y)/(1 − ŷ)"""
    return _ratio(-y, y_hat) + _ratio(1 - y, 1 - y_hat)


def two_sided_weights(y: Array) -> tuple[Array, Array | None]:
    """u = y, v = 1 − y"""
    return y, 1 - y


def cross_entropy(output: Output, y: Array) -> Array:
    """−y log ŷ"""
    result: Array = -y * output.log
    return result


def cross_entropy_gradient(y_hat: Array, y: Array) -> Array:
    """−y/ŷ"""
    return _ratio(-y, y_hat)


def cross_entropy_weights(y: Array) -> tuple[Array, Array | None]:
    """u = y, v = 0"""
    return y, None


def divergence(output: Output, y: Array) -> Array:
    """y log(y/ŷ) = y log y − y log ŷ, with 0 log 0 = 0. P is the target and Q the prediction, as in Keras."""
    result: Array = y * (np.log(np.where(y > 0, y, 1)) - output.log)
    return result


def hinge_margins(y_hat: Array, y: Array) -> Array:
    """sⱼ − s_y + 1"""
    result: Array = y_hat - np.add.reduce(y * y_hat, axis=-1, keepdims=True) + 1
    return result


def hinge(output: Output, y: Array) -> Array:
    """max(0, sⱼ − s_y + 1) for each wrong class j, 0 for the right one y. ŷ are the scores s (Weston and Watkins)."""
    result: Array = np.maximum(hinge_margins(output.y_hat, y), 0) * (1 - y)
    return result


def hinge_gradient(y_hat: Array, y: Array) -> Array:
    """1 for each wrong class inside the margin, minus their number for the right class; 0 exactly on the margin"""
    inside = (hinge_margins(y_hat, y) > 0) * (1 - y)
    result: Array = inside - y * np.add.reduce(inside, axis=-1, keepdims=True)
    return result


def _ratio(weight: Array, probability: Array) -> Array:
    """weight / probability, with 0/0 = 0"""
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = weight / probability
    result: Array = np.where(weight == 0, 0, quotient)
    return result


# ----- The table ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loss:
    """One row: the loss, its gradient, and its properties."""

    name: str
    title: str  # its name in words
    terms: Callable[[Output, Array], Array]
    gradient: Callable[[Array, Array], Array]
    formula: str
    derivative: str
    output_reduction: str  # sum or mean of the terms of a sample, by default
    targets: str  # the possible y: a row of TARGETS
    about: str  # what to know before choosing it
    log_weights: Callable[[Array], tuple[Array, Array | None]] | None = None
    workings: tuple[tuple[str, str, str], ...] = ()  # parts of the formulas: symbol, indices, formula
    corners: Callable[[Array, Array], Array] | None = None  # (ŷ, y) -> numbers at whose zeros L has a kink
    range: str = "[0, ∞)"  # of L of a sample; single terms of kl may be negative
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def of_probabilities(self) -> bool:
        """Whether ŷ must be between 0 and 1."""
        return self.log_weights is not None

    @property
    def two_sided(self) -> bool:
        """Whether it has a second term log(1 − ŷ), and so (1 − y)/(1 − ŷ) in its gradient."""
        return self.log_weights is not None and self.log_weights(np.zeros(1))[1] is not None

    @property
    def couples_outputs(self) -> bool:
        """Whether the targets of a sample depend on each other, so that one output alone has no loss."""
        return self.targets in ("one-hot", "distribution")


# The possible targets of a sample: in words, and as a test of each sample.
TARGETS: dict[str, tuple[str, Callable[[Array], Any]]] = {
    "numbers": ("finite numbers", lambda y: np.isfinite(y).all(axis=-1)),
    "shares": ("numbers from 0 to 1", lambda y: ((y >= 0) & (y <= 1)).all(axis=-1)),
    "distribution": (
        "numbers from 0 to 1 that sum to 1",
        lambda y: ((y >= 0) & (y <= 1)).all(axis=-1) & (np.abs(y.sum(axis=-1) - 1) < 1e-6),
    ),
    "one-hot": (
        "a single 1 for the right class and 0 for the others",
        lambda y: ((y == 0) | (y == 1)).all(axis=-1) & (y.sum(axis=-1) == 1),
    ),
}

LOSSES = table(
    [
        Loss(
            "mae",
            "mean absolute error",
            absolute,
            absolute_gradient,
            "|ŷ − y|",
            "sign(ŷ − y)",
            "mean",
            "numbers",
            "the absolute error; outliers count less than in mse",
            corners=np.subtract,
        ),
        Loss(
            "mse",
            "mean squared error",
            squared,
            squared_gradient,
            "(ŷ − y)²",
            "2 (ŷ − y)",
            "mean",
            "numbers",
            "large errors count far more than small ones; the best constant prediction is the mean",
        ),
        Loss(
            "half-sse",
            "½ sum of squared errors",
            half_squared,
            half_squared_gradient,
            "½ (ŷ − y)²",
            "ŷ − y",
            "sum",
            "numbers",
            "the textbooks' form: ½ cancels the 2 of the derivative, which is ŷ − y",
        ),
        Loss(
            "bce",
            "binary cross-entropy",
            two_sided_cross_entropy,
            two_sided_cross_entropy_gradient,
            "−(y log ŷ + (1 − y) log(1 − ŷ))",
            "−y/ŷ + (1 − y)/(1 − ŷ)",
            "mean",
            "shares",
            "how surprising a yes or no is; with a sigmoid, its gradient at a is ŷ − y",
            two_sided_weights,
        ),
        Loss(
            "cce",
            "cross-entropy",
            cross_entropy,
            cross_entropy_gradient,
            "−y log ŷ",
            "−y/ŷ",
            "sum",
            "distribution",
            "how surprising the right class is; with a softmax, its gradient at a is ŷ − y",
            cross_entropy_weights,
        ),
        Loss(
            "ce-negatives",
            "cross-entropy with negatives",
            two_sided_cross_entropy,
            two_sided_cross_entropy_gradient,
            "−(y log ŷ + (1 − y) log(1 − ŷ))",
            "−y/ŷ + (1 − y)/(1 − ŷ)",
            "sum",
            "shares",
            "the lecture's cross-entropy, in which wrong classes count too",
            two_sided_weights,
        ),
        Loss(
            "hinge",
            "hinge loss",
            hinge,
            hinge_gradient,
            "(1 − y) max(0, ŷ − ŷ_y + 1)",
            "c − y Σⱼ cⱼ",
            "sum",
            "one-hot",
            "for scores, not probabilities; 0 if the right class leads every other class by 1",
            workings=(("ŷ_y", "ₛ", "Σⱼ yⱼ ŷⱼ"), ("c", "ₛᵢ", "1 − y if ŷ − ŷ_y + 1 > 0 else 0")),
            corners=hinge_margins,
        ),
        Loss(
            "kl",
            "KL divergence",
            divergence,
            cross_entropy_gradient,
            "y log(y/ŷ)",
            "−y/ŷ",
            "sum",
            "distribution",
            "how far ŷ is from a distribution y; cce minus a constant, so their gradients are equal",
            cross_entropy_weights,
        ),
    ]
)
