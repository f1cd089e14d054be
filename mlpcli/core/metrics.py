"""Metrics: how good predictions are. A metric that is not defined (0/0) is None, never NaN."""

from dataclasses import dataclass
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


def confusion_matrix(truth: Array, predicted: Array, classes: int) -> Array:
    """counts[i, j], the samples of class i predicted as class j, from class numbers `truth` and `predicted`, (n,)."""
    pairs = truth.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def accuracy(truth: Array, predicted: Array, axis: tuple[int, ...] | None = None) -> Any:
    """The fraction of equal values, over these axes or all; for several labels per sample, of all labels."""
    hits: Any = np.count_nonzero(truth == predicted, axis=axis)
    return int(hits) / truth.size if axis is None else (hits / (truth.size // hits.size)).tolist()


def class_reports(confusion: Array, names: tuple[str, ...]) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each class from a confusion matrix."""
    hits = np.diagonal(confusion)
    return tuple(
        _class_report(name, int(hit), int(support), int(predicted))
        for name, hit, support, predicted in zip(names, hits, confusion.sum(1), confusion.sum(0), strict=True)
    )


def label_reports(truth: Array, predicted: Array, names: tuple[str, ...]) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each label from booleans `truth` and `predicted`, (n, labels)."""
    counts = zip(names, (truth & predicted).sum(0), truth.sum(0), predicted.sum(0), strict=True)
    return tuple(_class_report(name, int(hits), int(t), int(p)) for name, hits, t, p in counts)


def mean_absolute_error(y: Array, y_hat: Array, axis: tuple[int, ...] | None = None) -> Any:
    """Mean of |ŷ − y| over these axes, or over all: samples and outputs"""
    errors, exponent = _near_one(y_hat - y, axis)
    return np.ldexp(np.mean(np.abs(errors), axis=axis), np.squeeze(exponent, axis)).tolist()


def root_mean_squared_error(y: Array, y_hat: Array) -> float:
    """√ of the mean of (ŷ − y)² over samples and outputs"""
    errors, exponent = _near_one(y_hat - y)
    return float(np.ldexp(np.sqrt(np.mean(errors**2)), exponent.item()))


def r_squared(y: Array, y_hat: Array) -> float | None:
    """1 − Σ(ŷ − y)²/Σ(y − ȳ)², the mean over the outputs (as in scikit-learn); None if a target is constant"""
    if (y == y[0]).all(axis=0).any():
        return None
    scaled, exponents = _near_one(y, axis=0)
    spread = np.sum((scaled - scaled.mean(0)) ** 2, axis=0)
    return float(np.mean(1 - np.sum(np.ldexp(y_hat - y, -exponents) ** 2, axis=0) / spread))


def _near_one(x: Array, axis: int | tuple[int, ...] | None = None) -> tuple[Array, Any]:
    """x/2ᵏ and k, with the largest |x|/2ᵏ along these axes from ½ to 1: squares cannot overflow, digits stay."""
    exponent = np.frexp(np.abs(x).max(axis=axis, keepdims=True))[1]
    return np.ldexp(x, -exponent), exponent


def mean_of(values: list[float | None]) -> float | None:
    """The mean over classes, where an undefined metric counts as 0 (scikit-learn's zero_division=0)."""
    return sum(value or 0.0 for value in values) / len(values) if values else None


def _class_report(name: str, hits: int, support: int, predicted: int) -> ClassReport:
    both = support + predicted
    return ClassReport(
        name,
        precision=hits / predicted if predicted else None,
        recall=hits / support if support else None,
        f1=2 * hits / both if both else None,
        support=support,
    )
