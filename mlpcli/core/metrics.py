"""Metrics: how good predictions are. A metric that is not defined (0/0) is None, never NaN.

If the samples have weights, (n,), each counts that much, as with scikit-learn's `sample_weight`.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array


@dataclass(frozen=True)
class ClassReport:
    """The metrics of one class or one label."""

    name: str
    precision: float | None  # correct predictions of it / predictions of it
    recall: float | None  # correct predictions of it / samples of it
    f1: float | None  # their harmonic mean
    support: int  # samples of it


@dataclass(frozen=True)
class Evaluation:
    """The loss and all metrics of one set of samples."""

    samples: int
    loss: float
    metrics: dict[str, float | None]
    classes: tuple[ClassReport, ...] = ()
    confusion: Array | None = None  # (true class, predicted class)


def weighted_mean(values: Array, weights: Array) -> Any:
    """Σ wᵢvᵢ / Σ wᵢ over the samples, and the mean over their outputs; values are (n,) or (n, outputs).

    A float, 0 if all weights are; for a stack, with a leading axis of both, a list of R floats.
    """
    of_samples = values.mean(axis=-1) if values.ndim > weights.ndim else values
    total = np.add.reduce(weights, axis=-1)
    return (np.add.reduce(of_samples * weights, axis=-1) / np.where(total == 0, 1, total)).tolist()


def confusion_matrix(truth: Array, predicted: Array, classes: int, weights: Array | None = None) -> Array:
    """counts[i, j], the samples of class i predicted as class j, from class numbers `truth` and `predicted`, (n,).

    With weights, the sum of theirs.
    """
    pairs = truth.astype(np.int64) * classes + predicted
    return np.bincount(pairs, weights, minlength=classes * classes).reshape(classes, classes)


def accuracy(truth: Array, predicted: Array, axis: tuple[int, ...] | None = None, weights: Array | None = None) -> Any:
    """The fraction of equal values, over these axes or all; for several labels per sample, of all labels."""
    if weights is not None:
        return weighted_mean(truth == predicted, weights)
    hits: Any = np.count_nonzero(truth == predicted, axis=axis)
    return int(hits) / truth.size if axis is None else (hits / (truth.size // hits.size)).tolist()


def class_reports(confusion: Array, names: tuple[str, ...], support: Array | None = None) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each class from a confusion matrix; of a weighted one, `support` has the samples."""
    truth = confusion.sum(1)
    return _reports(names, np.diagonal(confusion), truth, confusion.sum(0), truth if support is None else support)


def label_reports(
    truth: Array, predicted: Array, names: tuple[str, ...], weights: Array | None = None
) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each label from booleans `truth` and `predicted`, (n, labels)."""
    w = np.ones(len(truth), np.int64) if weights is None else weights
    return _reports(names, w @ (truth & predicted), w @ truth, w @ predicted, truth.sum(0))


def mean_absolute_error(
    y: Array, y_hat: Array, axis: tuple[int, ...] | None = None, weights: Array | None = None
) -> Any:
    """Mean of |ŷ − y| over these axes, or over all: samples and outputs"""
    errors, exponent = _near_one(y_hat - y, axis)
    mean = np.mean(np.abs(errors), axis=axis) if weights is None else weighted_mean(np.abs(errors), weights)
    return np.ldexp(mean, np.squeeze(exponent, axis)).tolist()


def root_mean_squared_error(y: Array, y_hat: Array, weights: Array | None = None) -> float:
    """√ of the mean of (ŷ − y)² over samples and outputs"""
    errors, exponent = _near_one(y_hat - y)
    mean = np.mean(errors**2) if weights is None else weighted_mean(errors**2, weights)
    return float(np.ldexp(np.sqrt(mean), exponent.item()))


def r_squared(y: Array, y_hat: Array, weights: Array | None = None) -> float | None:
    """1 − Σ(ŷ − y)²/Σ(y − ȳ)², the mean over the outputs (as in scikit-learn).

    None if a target is constant, or if errors are so much larger than the targets that float64 cannot hold it. With
    weights, both sums and ȳ are weighted. Samples of weight 0 do not count.
    """
    if weights is not None:
        y, y_hat, weights = y[weights > 0], y_hat[weights > 0], weights[weights > 0]
    if (y == y[0]).all(axis=0).any():
        return None
    scaled, exponents = _near_one(y, axis=0)
    w = np.ones((len(y), 1)) if weights is None else weights[:, None] / weights.max()
    center = scaled.mean(0) if weights is None else np.average(scaled, axis=0, weights=weights)
    spread = np.sum(w * (scaled - center) ** 2, axis=0)
    with np.errstate(over="ignore"):
        result = float(np.mean(1 - np.sum(w * np.ldexp(y_hat - y, -exponents) ** 2, axis=0) / spread))
    return result if isfinite(result) else None


def _near_one(x: Array, axis: int | tuple[int, ...] | None = None) -> tuple[Array, Any]:
    """x/2ᵏ and k, with the largest |x|/2ᵏ along these axes from ½ to 1: squares cannot overflow, digits stay."""
    exponent = np.frexp(np.abs(x).max(axis=axis, keepdims=True))[1]
    return np.ldexp(x, -exponent), exponent


def mean_of(values: list[float | None]) -> float | None:
    """The mean over classes, where an undefined metric counts as 0 (scikit-learn's zero_division=0)."""
    return sum(value or 0.0 for value in values) / len(values) if values else None


def _reports(
    names: tuple[str, ...], hits: Array, truth: Array, predicted: Array, support: Array
) -> tuple[ClassReport, ...]:
    """The metrics of each class from three sums of counts, or of weights: right, in truth, predicted."""
    columns = (array.tolist() for array in (hits, truth, predicted, support))
    return tuple(
        ClassReport(name, hit / p if p else None, hit / t if t else None, 2 * hit / (t + p) if t + p else None, count)
        for name, hit, t, p, count in zip(names, *columns, strict=True)
    )
