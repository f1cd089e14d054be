"""How good predictions are. A figure that is not defined (0/0) is None, never NaN."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array


@dataclass(frozen=True)
class ClassReport:
    """How well one class (or one label) was found."""

    name: str
    precision: float | None  # of those predicted, the share that is right
    recall: float | None  # of those there are, the share that was found
    f1: float | None  # their harmonic mean
    support: int  # how many there are


@dataclass(frozen=True)
class Evaluation:
    """Everything measured on one part of the data."""

    samples: int
    loss: float
    metrics: dict[str, float | None]
    classes: tuple[ClassReport, ...] = ()
    confusion: Array | None = None  # (true class, predicted class)


def confusion_matrix(truth: Array, predicted: Array, classes: int) -> Array:
    """counts[i, j]: samples of class i that were taken for class j. `truth` and `predicted` are class numbers."""
    pairs = truth.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def accuracy(truth: Array, predicted: Array) -> float:
    """The share that is equal; for several labels per sample, the share of all labels."""
    return int(np.count_nonzero(truth == predicted)) / truth.size


def class_reports(confusion: Array, names: tuple[str, ...]) -> tuple[ClassReport, ...]:
    """Precision, recall and F1 of each class against the rest."""
    hits = np.diagonal(confusion)
    return tuple(
        _class_report(name, int(hit), int(there), int(found))
        for name, hit, there, found in zip(names, hits, confusion.sum(1), confusion.sum(0), strict=True)
    )


def label_reports(truth: Array, predicted: Array, names: tuple[str, ...]) -> tuple[ClassReport, ...]:
    """The same for labels that hold or do not hold independently, shape (n, labels)."""
    hits, there, found = (truth & predicted).sum(0), truth.sum(0), predicted.sum(0)
    return tuple(
        _class_report(name, int(hit), int(t), int(f)) for name, hit, t, f in zip(names, hits, there, found, strict=True)
    )


def mean_absolute_error(y: Array, y_hat: Array) -> float:
    """Mean of |ŷ − y| over samples and outputs"""
    errors, exponent = _near_one(y_hat - y)
    return float(np.ldexp(np.mean(np.abs(errors)), exponent))


def root_mean_squared_error(y: Array, y_hat: Array) -> float:
    """√ of the mean of (ŷ − y)² over samples and outputs"""
    errors, exponent = _near_one(y_hat - y)
    return float(np.ldexp(np.sqrt(np.mean(errors**2)), exponent))


def r_squared(y: Array, y_hat: Array) -> float | None:
    """1 − Σ(ŷ − y)²/Σ(y − ȳ)², the mean over the outputs (as scikit-learn); None where a target is constant"""
    if (y == y[0]).all(axis=0).any():
        return None
    scaled, exponents = _near_one(y, axis=0)
    spread = np.sum((scaled - scaled.mean(0)) ** 2, axis=0)
    return float(np.mean(1 - np.sum(np.ldexp(y_hat - y, -exponents) ** 2, axis=0) / spread))


def _near_one(x: Array, axis: int | None = None) -> tuple[Array, Any]:
    """x/2ᵏ and k, with the largest of all (or of each column) from ½ to 1: no square overflows, no digit is lost."""
    exponent = np.frexp(np.abs(x).max(axis=axis))[1]
    return np.ldexp(x, -exponent), exponent


def mean_of(values: list[float | None]) -> float | None:
    """The mean over classes, an undefined figure counting as 0 (scikit-learn's zero_division=0)."""
    return sum(value or 0.0 for value in values) / len(values) if values else None


def _class_report(name: str, hits: int, there: int, found: int) -> ClassReport:
    both = there + found
    return ClassReport(
        name,
        precision=hits / found if found else None,
        recall=hits / there if there else None,
        f1=2 * hits / both if both else None,
        support=there,
    )
