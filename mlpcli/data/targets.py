"""Targets: which task they call for, and how they become the network's outputs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Scaling
from mlpcli.core.tasks import Task, off_and_on
from mlpcli.data.dataset import Dataset

MOST_NUMERIC_CLASSES = 20  # more whole numbers than these are taken for quantities


@dataclass(frozen=True)
class Coding:
    """What outputs stand for: the classes, the labels, or the targets, in order; and how a regression's are scaled."""

    names: tuple[str, ...]
    scaling: Scaling | None = None


def guess_task(dataset: Dataset) -> tuple[str, str]:
    """The task that the targets call for, and why in a few words."""
    y, columns = dataset.y, " and ".join(f"'{name}'" for name in dataset.targets[:3])
    if y.shape[1] > 1:
        if y.dtype.kind in "US" or not np.isin(y, (0, 1)).all():
            return "regression", f"{y.shape[1]} target columns of numbers"
        if (y.sum(axis=1) == 1).all():
            return "multiclass", f"{y.shape[1]} target columns with one 1 in each row"
        return "multilabel", f"{y.shape[1]} target columns of 0 and 1"
    values = np.unique(y)
    kinds = f"target {columns} has {len(values)} different values"
    if len(values) == 2:
        return "binary", kinds
    if dataset.classes is not None or y.dtype.kind in "US":
        return "multiclass", kinds
    if len(values) <= MOST_NUMERIC_CLASSES and (values == np.round(values)).all() and len(values) * 2 <= len(y):
        return "multiclass", f"{kinds}, all whole"
    return "regression", f"target {columns} is a quantity"


def learn_coding(dataset: Dataset, task: Task) -> Coding:
    """The names of what the outputs stand for. Raises MlpError where the targets do not fit the task."""
    y = dataset.y
    if task.name in ("regression", "multilabel"):
        if y.dtype.kind in "US":
            raise MlpError(
                f"{dataset.name}: {task.name} needs numbers in '{dataset.targets[0]}', not '{_first_word(y)}'"
            )
        if dataset.classes is not None and task.name == "regression":
            raise MlpError(f"{dataset.name}: the targets are classes, not quantities; use --task multiclass")
        if task.name == "multilabel" and not np.isin(y, (0, 1)).all():
            raise MlpError(f"{dataset.name}: multilabel needs 0 or 1 in every target column")
        return Coding(dataset.targets)
    if y.shape[1] > 1:
        if task.name == "binary" or not (np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()):
            raise MlpError(f"{dataset.name}: {task.name} takes one target column, or one-hot columns for multiclass")
        return Coding(dataset.targets)
    names = dataset.classes or tuple(class_name(value) for value in np.unique(y))
    if len(names) < 2:
        raise MlpError(f"{dataset.name}: every sample has the class '{names[0]}'; there is nothing to tell apart")
    if task.name == "binary" and len(names) != 2:
        raise MlpError(f"{dataset.name}: binary needs 2 classes, '{dataset.targets[0]}' has {len(names)}")
    return Coding(names)


def class_numbers(dataset: Dataset, names: tuple[str, ...]) -> Array:
    """The place of each sample's class in `names`, shape (n,). Raises MlpError for a class that is not there."""
    y = dataset.y
    if y.shape[1] > 1:
        hot: Array = np.argmax(y, axis=1)
        return hot
    values, inverse = np.unique(y[:, 0], return_inverse=True)
    found = [dataset.classes[int(value)] if dataset.classes else class_name(value) for value in values]
    for number, name in enumerate(found):
        if name not in names:
            row = int(np.flatnonzero(inverse == number)[0]) + 1
            raise MlpError(
                f"{dataset.name}: sample {row} has the class '{name}', which the network does not know; "
                f"it knows {', '.join(names[:10])}"
            )
    places: Array = np.array([names.index(name) for name in found], np.int64)[inverse]
    return places


def encode(dataset: Dataset, task: Task, coding: Coding, activation: str, dtype: npt.DTypeLike) -> Array:
    """Targets as outputs, shape (n, outputs): numbers (scaled where the coding says so), yes and no, or one-hot."""
    off, on = off_and_on(activation)
    if task.name == "regression":
        y = dataset.y.astype(dtype)
        return coding.scaling.apply(y, np.empty_like(y)) if coding.scaling else y
    if task.name == "multilabel":
        return np.where(dataset.y > 0, on, off).astype(dtype)
    classes = class_numbers(dataset, coding.names)
    if task.name == "binary":
        return np.where(classes > 0, on, off).astype(dtype)[:, None]
    encoded = np.zeros((len(dataset), len(coding.names)), dtype)
    encoded[np.arange(len(dataset)), classes] = 1
    return encoded


def class_name(value: object) -> str:
    """A class as text: whole numbers without a decimal point."""
    if isinstance(value, str):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else repr(number)


def _first_word(y: Array) -> str:
    return str(y.flat[0])
