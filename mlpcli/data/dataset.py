"""A data set as it was read: features, targets and column names; and its split into three sets."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import count_in
from mlpcli.data.categories import Column


@dataclass(frozen=True)
class Dataset:
    """Nothing is scaled or encoded yet. A missing feature is NaN."""

    name: str  # in messages
    x: Array  # (n, features): float64, or uint8 where the features are bytes of an image
    y: Array  # (n, targets): numbers, class names as text, or indices into `classes`
    features: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] | None = None  # if the set has an order of its own; y then holds indices into it
    named: bool = True  # whether the features have names, not just numbers
    lines: Array | None = None  # (n,): the line of each sample, in a text file
    numbers: Array | None = None  # (n,): the number of each sample in a larger set, from 0
    labels: Array | None = None  # (n,): the target as text, if its numbers may be class names: 007, 1.0
    columns: tuple[Column, ...] = ()  # behind the features, if some are categorical; each feature is a column otherwise
    weights: Array | None = None  # (n,): how much each sample counts; None for 1 each
    weight: str | None = None  # the column of the weights, in a table
    notes: tuple[str, ...] = ()  # what was decided about the columns
    test: "Dataset | None" = None  # if the set comes with its own test set

    def __len__(self) -> int:
        return len(self.x)

    def rows(self, chosen: Array) -> "Dataset":
        """The samples with these numbers, from 0."""
        lines = None if self.lines is None else self.lines[chosen]
        numbers = chosen if self.numbers is None else self.numbers[chosen]
        labels = None if self.labels is None else self.labels[chosen]
        weights = None if self.weights is None else self.weights[chosen]
        x, y = self.x[chosen], self.y[chosen]
        return replace(self, x=x, y=y, lines=lines, numbers=numbers, labels=labels, weights=weights, test=None)

    def place(self, sample: int) -> str:
        """The place of a sample in messages: its line, or its number from 1."""
        if self.lines is not None:
            return f"{self.name}:{self.lines[sample]}"
        return f"{self.name}: sample {(sample if self.numbers is None else self.numbers[sample]) + 1}"


def numbered(count: int, letter: str = "x") -> tuple[str, ...]:
    """Names for columns without names: x1, x2, …"""
    return tuple(f"{letter}{k}" for k in range(1, count + 1))


# ----- Weights ------------------------------------------------------------------------------------------------------

LARGEST_WEIGHT = 1e100  # sums of products with losses stay finite


def check_sample_weights(weights: Array, place: Callable[[int], str], name: str) -> None:
    """Raises MlpError for a weight that is negative or too large, with its place, and if all are 0."""
    wrong = np.flatnonzero((weights < 0) | (weights > LARGEST_WEIGHT))
    if wrong.size:
        value = weights[wrong[0]]
        what = f"the weight {value:g} is {'negative' if value < 0 else 'too large'}; give a number from 0 to 1e100"
        raise MlpError(f"{place(int(wrong[0]))}: {what}")
    if not weights.any():
        raise MlpError(f"{name}: all weights are 0; give one above 0")


# ----- Splitting ----------------------------------------------------------------------------------------------------


class Split(NamedTuple):
    """The sample numbers of each set, from 0."""

    training: Array
    validation: Array
    test: Array


def sizes(samples: int, validation: float, test: float) -> dict[str, int]:
    """The number of samples in each set: `test` is a fraction of all, `validation` a fraction of the rest.

    Raises MlpError if the training set, or another set whose fraction is not 0, is empty.
    """
    for_test = round(samples * test)
    for_validation = round((samples - for_test) * validation)
    parts = {"test": for_test, "validation": for_validation, "training": samples - for_test - for_validation}
    wanted = {"training": True, "validation": validation > 0, "test": test > 0}
    for part, size in parts.items():
        if wanted[part] and size < 1:
            many = f"{samples} samples leave" if samples != 1 else "1 sample leaves"
            raise MlpError(
                f"{many} none for {part} (--test {test:g}, --validation {validation:g}); "
                "give more data, or --validation 0 --test 0"
            )
    return parts


class Fold(NamedTuple):
    """One of the folds of a cross-validation, which is the validation set: the second of five."""

    number: int  # from 1
    total: int

    def range_of(self, samples: int) -> tuple[int, int]:
        """Where it starts and ends, with as many samples as the others, or one more. Raises MlpError if it is empty."""
        if self.total > samples:
            raise MlpError(f"{samples} samples cannot be split into {self.total} folds; use fewer folds")
        return (self.number - 1) * samples // self.total, self.number * samples // self.total


def fold_in(text: str) -> Fold | None:
    """The fold in a text: 2/5. None if the text is not a fold of two or more."""
    number, _, count = text.partition("/")
    fold = Fold(count_in(number) or 0, count_in(count) or 0)
    return fold if 1 <= fold.number <= fold.total and fold.total >= 2 else None


def split(
    samples: int, validation: float, test: float, seed: int, classes: Array | None = None, fold: Fold | None = None
) -> Split:
    """A random split. `test` is a fraction of all samples, `validation` a fraction of the rest, or a fold of the rest.

    With `classes`, (n,), each set has its share of each class. The order comes from the raw output of the bit
    generator, which NumPy keeps stable over versions (NEP 19): the test set of a weights file stays the same. Raises
    MlpError like `sizes`.
    """
    order = np.argsort(np.random.PCG64([seed, 0]).random_raw(samples), kind="stable")
    if classes is not None:
        order = order[_spread(classes[order])]
    parts = sizes(samples, 0.0 if fold else validation, test)
    held_out, rest = np.split(order, [parts["test"]])
    start, end = fold.range_of(len(rest)) if fold else (0, parts["validation"])
    return Split(training=np.concatenate([rest[:start], rest[end:]]), validation=rest[start:end], test=held_out)


def _spread(classes: Array) -> Array:
    """An order in which every class is spread evenly, so that any range has its share of each."""
    by_class = np.argsort(classes, kind="stable")
    counts = np.unique(classes, return_counts=True)[1]
    rank = np.concatenate([np.arange(count) for count in counts])
    position = np.empty(len(classes))
    position[by_class] = (rank + 0.5) / np.repeat(counts, counts)
    return np.argsort(position, kind="stable")
