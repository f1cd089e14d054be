"""log h and log(1 − h) of sigmoid and softmax with all their digits, straight from the logits a.

A probability may be too small for a float, or too near to 1, while its logarithm is an ordinary number. So sigmoid and
softmax have functions for it, with the gradient at a of a loss written in them. That keeps a cross-entropy exact at
logits of ±10⁴.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy import add, exp, multiply, subtract

from mlpcli.core.arrays import Array, largest_of, total_of


class Logarithms(NamedTuple):
    """log h and log(1 − h) from the logits a, and da of L = −Σ (u log h + v log(1 − h)).

    The formulas are the stable ones, for an h that is 0 or 1 to the last digit: −log h and −log(1 − h) of a unit, then
    its da for u = y and v = 0, and for u = y and v = 1 − y.
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
    shifted = a - largest_of(a)
    top = shifted == 0
    rest = add.reduce(np.where(top, 0, exp(shifted)), axis=-1, keepdims=True)
    rest += add.reduce(top, axis=-1, dtype=a.dtype, keepdims=True) - 1
    result: Array = shifted - np.log1p(rest)
    return result


def softmax_log_complement(a: Array) -> Array:
    """log(1 − hᵢ) = log Σ_{j≠i} e^aⱼ − log Σⱼ e^aⱼ

    For all but the largest logit hᵢ ≤ ½ and log1p(−hᵢ) is exact; for the largest, the other units are summed again.
    """
    largest = np.argmax(a.real, axis=-1, keepdims=True)
    shifted = a - largest_of(a)
    log_sum = np.log(add.reduce(exp(shifted), axis=-1, keepdims=True))
    result: Array = np.log1p(-np.where(_at(largest, a), 0, exp(shifted - log_sum)))
    np.put_along_axis(result, largest, _log_sum_of_others(shifted, largest) - log_sum, axis=-1)
    return result


def softmax_log_backward(u: Array, v: Array | None, a: Array, h: Array, out: Array) -> Array:
    """daⱼ = hⱼ Σᵢ uᵢ − uⱼ + vⱼhⱼ − Σ_{i≠j} vᵢ hᵢhⱼ/(1 − hᵢ); for u = y that sums to 1, the first part is ŷ − y

    For the largest unit m, 1 − hₘ may vanish: hⱼ/(1 − hₘ) is then taken as the softmax among the others,
    e^(aⱼ − log Σ_{i≠m} e^aᵢ).
    """
    multiply(h, total_of(u), out=out)
    subtract(out, u, out=out)
    if v is None:
        return out
    largest = np.argmax(a.real, axis=-1, keepdims=True)
    shifted = a - largest_of(a)
    share = exp(np.where(_at(largest, a), -np.inf, shifted - _log_sum_of_others(shifted, largest)))
    others = np.where(_at(largest, a), 0, h)
    flow = v * others / (1 - others)  # vᵢhᵢ/(1 − hᵢ) of all but the largest
    of_others = total_of(flow)
    of_largest = np.take_along_axis(v * h, largest, axis=-1)
    out += v * h - h * (of_others - flow) - share * of_largest
    return out


def _at(place: Array, a: Array) -> Array:
    result: Array = np.arange(a.shape[-1]) == place
    return result


def _log_sum_of_others(a: Array, place: Array) -> Array:
    """log Σ_{i≠place} e^aᵢ, shape (..., 1)"""
    others = np.where(_at(place, a), -np.inf, a)
    top = largest_of(others)
    result: Array = top + np.log(add.reduce(exp(others - top), axis=-1, keepdims=True))
    return result
