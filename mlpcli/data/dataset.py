"""A data set as it was read: features, targets, and what the columns are called."""

import re
from dataclasses import dataclass, replace

import numpy as np

from mlpcli.core.arrays import Array

WHOLE = re.compile(r"0|-?[1-9]\d*", re.ASCII)  # a whole number as it is printed


@dataclass(frozen=True)
class Dataset:
    """Nothing is scaled or encoded yet. A missing feature is NaN."""

    name: str  # how messages call it
    x: Array  # (n, features): float64, or uint8 where the features are bytes of an image
    y: Array  # (n, targets): numbers, or text where they are class names, or places in `classes`
    features: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] | None = None  # where the set has an order of its own: y then holds places in it
    named: bool = True  # whether the features have names of their own, and are not just counted
    lines: Array | None = None  # (n,), where the samples stand in a file of lines
    numbers: Array | None = None  # (n,), which samples of a larger set these are, from 0
    labels: Array | None = None  # (n,), the target as text, where y are numbers that may be words: 007, 1.0
    test: "Dataset | None" = None  # a test part of its own, where the set comes with one

    def __len__(self) -> int:
        return len(self.x)

    def rows(self, places: Array) -> "Dataset":
        """Some of the samples."""
        lines = None if self.lines is None else self.lines[places]
        numbers = places if self.numbers is None else self.numbers[places]
        labels = None if self.labels is None else self.labels[places]
        x, y = self.x[places], self.y[places]
        return replace(self, x=x, y=y, lines=lines, numbers=numbers, labels=labels, test=None)

    def place(self, sample: int) -> str:
        """How messages say where a sample stands: by its line, or by its number from 1."""
        if self.lines is not None:
            return f"{self.name}:{self.lines[sample]}"
        return f"{self.name}: sample {(sample if self.numbers is None else self.numbers[sample]) + 1}"


def numbered(count: int, letter: str = "x") -> tuple[str, ...]:
    """Names for columns that have none: x1, x2, …"""
    return tuple(f"{letter}{k}" for k in range(1, count + 1))


def written(texts: Array) -> Array | None:
    """The labels of one target column, (n,), unless all are whole numbers as they are printed; None for several.

    So 01 and 1 stay two classes, and 3.50 keeps its zero.
    """
    if texts.shape[1] > 1 or all(WHOLE.fullmatch(text) for text in set(texts.ravel().tolist())):
        return None
    return texts[:, 0]


def without_missing(dataset: Dataset) -> Dataset:
    """Only the samples that have all their features."""
    return dataset.rows(np.flatnonzero(np.isfinite(dataset.x).all(axis=-1)))
