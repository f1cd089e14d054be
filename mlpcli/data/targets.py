"""Targets: which task they suggest, and how they become the network's outputs."""

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES, TARGETS, Loss
from mlpcli.core.samples import Scaling
from mlpcli.core.tasks import TASKS, Task, off_and_on
from mlpcli.data.cells import (
    CORRECT,
    NO_DATES,
    WHOLE,
    alike,
    class_name,
    excerpt,
    is_number,
    is_text,
    number_advice,
    respelled,
)
from mlpcli.data.dataset import Dataset

MOST_NUMERIC_CLASSES = 20  # more different whole numbers are quantities
MOST_RARE_CLASSES = 10  # more different texts, most of which occur once, are names; so few may be the ten digits
COUNTED = re.compile(r"[xy]?\d+", re.ASCII)  # the names of outputs without names
ROWS = {  # what the targets of a sample may be: a row of TARGETS, and its message
    "multiclass": ("distribution", "each row needs a single 1 (one-hot), or shares of the classes that sum to 1"),
    "multilabel": ("shares", "each label is 0 or 1, or a share between them"),
}


class Coding(NamedTuple):
    """What the outputs mean: classes, labels or targets, in order; and the scaling of a regression's targets."""

    names: tuple[str, ...]
    scaling: Scaling | None = None


def guess_task(dataset: Dataset) -> tuple[str, str]:
    """The task that the targets suggest, and the reason in short. Raises MlpError for text that suggests none."""
    y, column = dataset.y, f"'{dataset.targets[0]}'"
    if y.shape[1] > 1:
        _check_numbers(dataset, TASKS["regression"])
        if not np.isin(y, (0, 1)).all():
            return "regression", f"{y.shape[1]} target columns of numbers"
        if (y.sum(axis=1) == 1).all():
            return "multiclass", f"{y.shape[1]} target columns with one 1 in each row"
        return "multilabel", f"{y.shape[1]} target columns of 0 and 1"
    values = _values(y)
    classes = _class_names(dataset) if len(values) <= MOST_NUMERIC_CLASSES else values
    kinds = f"target {column} has {len(classes)} different value{'s' * (len(classes) != 1)}"
    if y.dtype.kind in "US":
        _check_texts(dataset, values)
    if len(classes) == 2:
        return "binary", kinds
    if dataset.classes is not None or y.dtype.kind in "US":
        return "multiclass", kinds
    if len(classes) <= MOST_NUMERIC_CLASSES and (values == np.round(values)).all() and len(classes) * 2 <= len(y):
        return "multiclass", f"{kinds}, all whole numbers"
    return "regression", f"target {column} is a quantity"


def _values(y: Array) -> Array:
    """The different values in order. (Without counts, NumPy's unique imports its masked arrays, which takes 9 ms.)"""
    return np.unique(y, return_counts=True)[0]


def _class_names(dataset: Dataset) -> tuple[str, ...]:
    """The classes in the data set: numbers by value, text in alphabetical order."""
    if dataset.labels is not None:
        return tuple(sorted(set(dataset.labels.tolist()), key=lambda label: (float(label), label)))
    return tuple(class_name(value) for value in _values(dataset.y))


def _check_texts(dataset: Dataset, values: Array) -> None:
    """Raises MlpError for text that is probably no class: a mistake, a number as people write it, a sample's name.

    As in features, a few texts among numbers are mistakes.
    """
    texts = [str(value) for value in values if not is_number(value)]
    if len(values) > 2 * len(texts):
        row = int(np.isin(dataset.y[:, 0], texts).argmax())
        cell = str(dataset.y[row, 0])
        raise MlpError(
            f"{dataset.place(row)}: '{dataset.targets[0]}' is '{excerpt(cell)}', but most of its different values "
            f"are numbers; {number_advice(cell)}, or use --task multiclass"
        )
    if len(values) > max(2, 2 * sum(map(is_text, texts))):
        _check_written(dataset, texts)
    if len(values) > max(MOST_RARE_CLASSES, len(dataset) / 2):
        raise MlpError(
            f"{dataset.name}: '{dataset.targets[0]}' has {len(values)} different texts in {len(dataset)} samples, "
            "too many for classes; give another --target, or use --task multiclass"
        )


def _check_written(dataset: Dataset, texts: list[str]) -> None:
    """Raises MlpError if most texts are numbers with a thousands separator, a currency sign or brackets: quantities."""
    advice = {text: number_advice(text) for text in texts}
    written = [text for text in texts if advice[text] not in (CORRECT, NO_DATES)]  # versions, 1.0.2, look like dates
    if 2 * len(written) > len(texts):
        row = int(np.isin(dataset.y[:, 0], written).argmax())
        cell = str(dataset.y[row, 0])
        what = f"'{excerpt(cell)}' is not a finite number; {advice[cell]}, or use --task multiclass"
        raise MlpError(f"{dataset.place(row)}: '{dataset.targets[0]}': {what}")


def learn_coding(dataset: Dataset, task: Task) -> Coding:
    """The names of the outputs' classes, labels or targets. Raises MlpError if the targets do not fit the task."""
    if not _is_class_column(dataset, task):
        _columns(dataset, task, dataset.targets)
        return Coding(dataset.targets)
    names = dataset.classes or _class_names(dataset)
    if len(names) < 2:
        raise MlpError(f"{dataset.name}: every sample has the class '{names[0]}'; at least 2 classes are needed")
    if task.name == "binary" and len(names) != 2:
        found = f"'{dataset.targets[0]}' has {len(names)}"
        raise MlpError(f"{dataset.name}: binary needs 2 classes, but {found}; use --task multiclass")
    return Coding(names)


def class_notes(dataset: Dataset, task: Task, names: tuple[str, ...]) -> list[str]:
    """What there is to say about classes that the targets name: 1 and 1.0 are distinct, but may be meant to be one."""
    same = "" if dataset.classes or not _is_class_column(dataset, task) else alike(names)
    what = "which are different classes; write them alike if they are one"
    return [f"target '{excerpt(dataset.targets[0])}' has {same}, {what}"] if same else []


class Suggestion(NamedTuple):
    """What the targets suggest: a task, the names of its outputs, and what there is to say about them."""

    task: Task
    names: tuple[str, ...]
    notes: list[str]


def suggestion_of(dataset: Dataset) -> Suggestion:
    """Raises MlpError for targets that suggest no task, or do not fit it."""
    name, why = guess_task(dataset)
    names = learn_coding(dataset, TASKS[name]).names
    return Suggestion(TASKS[name], names, [f"{why}: --task {name}", *class_notes(dataset, TASKS[name], names)])


def class_numbers(dataset: Dataset, names: tuple[str, ...]) -> Array:
    """The index of each sample's class in `names`, (n,); of shares, that of the largest.

    Raises MlpError for an unknown class.
    """
    y = dataset.y
    if y.shape[1] > 1:
        hot: Array = np.argmax(_columns(dataset, TASKS["multiclass"], names), axis=1)
        return hot
    values, inverse = np.unique(y[:, 0] if dataset.labels is None else dataset.labels, return_inverse=True)
    labels = [dataset.classes[int(value)] if dataset.classes else class_name(value) for value in values]
    known = _by_value(labels, names) if dataset.labels is not None else labels
    known = respelled(known, names)
    for number, name in enumerate(known):
        if name not in names:
            place, what = dataset.place(int(np.flatnonzero(inverse == number)[0])), f"the class '{labels[number]}'"
            raise MlpError(f"{place}: the network does not know {what}; it knows {', '.join(names[:10])}")
    numbers: Array = np.array([names.index(name) for name in known], np.int64)[inverse]
    return numbers


def _by_value(labels: list[str], names: tuple[str, ...]) -> list[str]:
    """Labels such as 1.0 as whole numbers, if the network's classes are whole numbers.

    They stay as they are if two of them, such as 01 and 1, would become the same.
    """
    if not all(WHOLE.fullmatch(name) for name in names):
        return labels
    whole = [class_name(float(label)) for label in labels]
    return whole if len(set(whole)) == len(whole) else labels


def encode(dataset: Dataset, task: Task, coding: Coding, activation: str, loss: Loss, dtype: npt.DTypeLike) -> Array:
    """Targets as outputs, (n, outputs): numbers (scaled as `coding` says), yes and no, or one-hot.

    Shares of classes or labels stay as they are. Raises MlpError with the sample if the loss does not take them, or if
    the targets do not fit the network.
    """
    off, on = off_and_on(activation)
    if _is_class_column(dataset, task):
        classes = class_numbers(dataset, coding.names)
        if task.name == "binary":
            return np.where(classes > 0, on, off).astype(dtype)[:, None]
        encoded = np.zeros((len(dataset), len(coding.names)), dtype)
        encoded[np.arange(len(dataset)), classes] = 1
        return encoded
    y = _columns(dataset, task, coding.names)
    if task.name == "regression":
        return _quantities(dataset, y, coding.scaling, dtype)
    shares = np.flatnonzero(((y != 0) & (y != 1)).any(axis=1))
    if shares.size and not loss.of_probabilities:
        takers = dict.fromkeys(name for _, name in task.pairs if LOSSES[name].of_probabilities)
        raise _misfit(dataset, y, shares[0], f"{loss.name} takes only 0 and 1; {', '.join(takers)} take shares too")
    return (off + (on - off) * y if task.name == "multilabel" else y).astype(dtype)


def _quantities(dataset: Dataset, y: Array, scaling: Scaling | None, dtype: npt.DTypeLike) -> Array:
    """The targets of a regression: scaled in float64, then rounded to `dtype`. Raises MlpError if one overflows."""
    y = y.astype(np.float64)
    with np.errstate(over="ignore"):
        rounded: Array = (scaling.apply(y, np.empty_like(y)) if scaling else y).astype(dtype)
    if not np.isfinite(rounded).all():
        row, column = np.argwhere(~np.isfinite(rounded))[0]
        raise MlpError(
            f"{dataset.place(int(row))}: the target {y[row, column]:g} is too large for {rounded.dtype}; divide the "
            f"targets by {np.abs(y).max():g}"
        )
    return rounded


def _is_class_column(dataset: Dataset, task: Task) -> bool:
    """Whether the targets are one column of classes, and not a column of numbers for each output."""
    return task.one_class_each and dataset.y.shape[1] == 1


def _columns(dataset: Dataset, task: Task, names: tuple[str, ...]) -> Array:
    """One column of numbers per output in the order of `names`, (n, outputs).

    Raises MlpError if there are other columns, or for the first sample that the task does not allow.
    """
    if task.name == "binary":
        raise MlpError(
            f"{dataset.name}: binary takes one target column, not {', '.join(dataset.targets[:10])}; see --target"
        )
    if dataset.classes is not None and task.name == "regression":
        raise MlpError(f"{dataset.name}: the targets are classes, not quantities; use --task multiclass")
    order = _order(dataset, names)
    _check_numbers(dataset, task)
    y: Array = dataset.y[:, order]
    if task.name in ROWS:
        kind, wanted = ROWS[task.name]
        wrong = np.flatnonzero(~TARGETS[kind][1](y))
        if wrong.size:
            raise _misfit(dataset, y, wrong[0], wanted)
    return y


def _order(dataset: Dataset, names: tuple[str, ...]) -> list[int]:
    """The index of each output's column: by name, or by position if the file or the network has no names for them."""
    targets = dataset.targets
    if len(targets) == len(names):
        if set(targets) == set(names):
            return [targets.index(name) for name in names]
        if len(names) == 1 or not dataset.named or all(COUNTED.fullmatch(name) for name in names):
            return list(range(len(names)))
    wanted, given = ", ".join(names[:10]), ", ".join(targets[:10])
    raise MlpError(f"{dataset.name}: the network predicts {wanted}; the target columns are {given} (see --target)")


def _misfit(dataset: Dataset, y: Array, row: int, what: str) -> MlpError:
    """The error for a sample whose targets do not fit."""
    values = ", ".join(f"{value:g}" for value in y[row][:10])
    return MlpError(f"{dataset.place(int(row))}: the targets are {values}; {what}")


def _check_numbers(dataset: Dataset, task: Task) -> None:
    """Raises MlpError for the first target that is not a number."""
    if dataset.y.dtype.kind in "US":
        row, column = next(place for place in np.ndindex(dataset.y.shape) if not is_number(str(dataset.y[place])))
        name, cell, count = f"'{dataset.targets[column]}'", str(dataset.y[row, column]), len(dataset.targets)
        what, advice = f"{task.name} needs numbers in {name}, not '{excerpt(cell)}'", number_advice(cell)
        if advice == CORRECT:
            advice = "correct it, or choose another --target"
        if count > 1:
            what = f"{count} target columns need numbers (for classes one-hot), but {name} is '{excerpt(cell)}'"
            advice = "choose a single --target for text" if is_text(cell) else advice
        raise MlpError(f"{dataset.place(row)}: {what}; {advice}")
