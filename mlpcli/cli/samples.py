"""The samples that a network is shown: from the command line, rows of a data set, or those that come with it."""

import re
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlpcli.cli.notes import Notes
from mlpcli.cli.sources import Source, read
from mlpcli.cli.values import sample_rows, samples_in
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import unknown
from mlpcli.core.objective import check_targets
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import TASKS, off_and_on
from mlpcli.data.cells import is_missing, respelled
from mlpcli.data.text import shown
from mlpcli.files.model import Model
from mlpcli.report.numbers import counted

if TYPE_CHECKING:
    from mlpcli.data.dataset import Dataset

FIRST = slice(0, 1)
LOSS_OVERFLOWS = "the loss overflows: x, y, the weights or --l1 and --l2 are too large"


class AskedSamples(NamedTuple):
    """The samples that the command line asks for. Rows count from 0, as in Python's slices."""

    x: str | None
    y: str | None
    row: int | None
    rows: str | None  # 0:4 is 0, 1, 2, 3
    source: Source

    @property
    def are_rows(self) -> bool:
        """Whether they are rows of a data set."""
        return self.source.is_named or self.row is not None or self.rows is not None

    @property
    def are_single(self) -> bool:
        """Whether they are chosen one by one, rather than as a whole data set."""
        return any(value is not None for value in (self.x, self.y, self.row, self.rows))

    def check(self, weights: str | None) -> None:
        """Raises ChoiceError for rows without data: none are named, and no weights file, which can remember its own."""
        if weights is None and self.are_rows and self.source.dataset is None and self.source.data is None:
            raise ChoiceError(
                f"{self._option} takes rows of data; give --dataset or --data, or the --weights of a network trained "
                "on them"
            )

    @property
    def _option(self) -> str:
        return f"--rows {self.rows}" if self.rows is not None else f"--row {self.row}"

    def row_numbers(self, dataset: "Dataset", otherwise: slice) -> Array:
        """The rows that are asked for, or some of all. Raises ChoiceError if the data set has fewer."""
        if self.rows is not None and self.row is not None:
            raise ChoiceError("--row takes one row and --rows several; leave one out")
        count = len(dataset)
        wanted = list(range(count))[otherwise] if self.row is None else [self.row]
        if self.rows is not None:
            wanted = _range(self.rows, count)
        if not wanted:
            raise ChoiceError(f"{self._option} selects no row; 0:4, for example, selects rows 0 to 3")
        if any(not 0 <= row < count for row in wanted):
            raise ChoiceError(f"{self._option}: {shown(dataset.name)} has the rows 0 to {count - 1}")
        return np.array(wanted)


def _range(text: str, count: int) -> list[int]:
    """`0:4` is 0, 1, 2, 3; `:4` starts at the first row and `4:` ends with the last; `2,7` is those two."""
    if re.fullmatch(r"\d{1,9}(,\d{1,9})*", text, re.ASCII):
        return [int(part) for part in text.split(",")]
    if not re.fullmatch(r"\d{0,9}:\d{0,9}", text, re.ASCII):
        raise ChoiceError(f"--rows takes a range such as 0:4 (rows 0 to 3) or a list such as 2,7, not '{shown(text)}'")
    start, end = text.split(":")
    return list(range(int(start or 0), min(int(end), count + 1) if end else count))  # one more than there are


Weighted = tuple[Array, Array, Array | None]  # x, y, and the weights of the samples, (n,), if they have some


def weighted_samples(model: Model, asked: AskedSamples, notes: Notes, otherwise: slice = FIRST) -> Weighted:
    """x, scaled, and y, (n, inputs) and (n, outputs), and the weights of samples that have some.

    They come from a data set or from the command line, or else from the weights file: its own sample, or the samples
    that the network was trained on. Of data without a row that is asked for, they are those of the slice `otherwise`.
    Raises MlpError for targets that the loss does not take.
    """
    if asked.are_rows and asked.x is not None:
        raise ChoiceError(
            "--x gives a sample of its own; leave it out, or leave out --data, --dataset, --row and --rows"
        )
    if asked.are_rows or (asked.x is None and model.example.x is None and model.origin is not None):
        x, y, weights = _rows(model, asked, otherwise, notes)
    else:
        x, weights = inputs_for(model, asked.x, asked.source, notes), None
        y = targets_for(model, asked.x, asked.y)
    if asked.y is not None:
        return x, given_targets(model, x, targets_for(model, asked.x, asked.y)), weights
    _check_as_many(x, y)
    check_targets(model.objective, y)
    return x, y, weights


def given_targets(model: Model, x: Array, y: Array) -> Array:
    """The targets in --y. Raises ChoiceError if they are not as many as the samples, or the loss rejects one."""
    _check_as_many(x, y)
    try:
        check_targets(model.objective, y)
    except MlpError as problem:
        raise ChoiceError(f"--y: {problem}") from None
    return y


def _check_as_many(x: Array, y: Array) -> None:
    if len(x) != len(y):
        raise ChoiceError(
            f"{counted(len(x), 'sample')}, but {counted(len(y), 'target')}; give one target for each sample"
        )


def given_inputs(model: Model, x: str, source: Source, notes: Notes) -> Array:
    """The samples in the value of --x, (n, inputs), in the units of the training data: numbers, and categories by name.

    Missing values and unknown categories are treated as in a file.
    """
    from mlpcli.data.rows import cells_of

    rows = [cells_of(sample) for sample in samples_in(x)]
    fills = (source.missing or model.fill_rule) == "mean"
    if not model.preparation.columns and not (fills and any(map(is_missing, chain.from_iterable(rows)))):
        return sample_rows(x, model.network.inputs, "--x")
    from mlpcli.data.categories import columns_of, features_in
    from mlpcli.data.preparation import filled, filling_note, missing_counts

    columns = columns_of(model.preparation.features, model.preparation.columns)
    try:
        given, unseen = features_in(rows, columns, fills, source.allows_others)
    except ValueError as problem:
        raise ChoiceError(f"--x: {problem}") from None
    for note in filter(None, (unseen, filling_note(missing_counts(given), columns))):
        notes.note(f"--x: {note}")
    return filled(given, model.preparation)


def inputs_for(model: Model, x: str | None, source: Source, notes: Notes) -> Array:
    """The samples as the network sees them: scaled, if it scales. Shape (n, inputs)."""
    if x is not None:
        given = given_inputs(model, x, source, notes)
    elif model.example.x is not None:
        given = model.example.x
    else:
        raise ChoiceError("the weights file has no sample; give --x and --y")
    return model.preparation.scaling.apply(given, np.empty(given.shape, np.float64))


def targets_for(model: Model, x: str | None, y: str | None) -> Array:
    """The targets as outputs, (n, outputs): from numbers, or from classes by name."""
    if y is None:
        if model.example.y is None or x is not None:
            raise ChoiceError("give the target with --y: numbers for the outputs, or a class by name")
        return _scaled_targets(model, model.example.y)
    from mlpcli.data.rows import unquoted

    names, outputs = model.coding.names, model.network.outputs
    words = [word if (word := sample.strip()) in names else unquoted(word) for sample in samples_in(y)]
    words = respelled(words, names)
    if model.task.one_class_each and words and all(word in names for word in words):
        return _classes(model, [names.index(word) for word in words])
    if model.task.one_class_each and any(map(str.isalpha, y.replace("e", ""))):
        raise ChoiceError(unknown("class", next(word for word in words if word not in names), names))
    return _scaled_targets(model, sample_rows(y, outputs, "--y", "has that many outputs"))


def _scaled_targets(model: Model, y: Array) -> Array:
    """Targets of a regression as the network was trained to give them."""
    scaling = model.coding.scaling
    return y if scaling is None else scaling.apply(y, np.empty(y.shape))


def _classes(model: Model, numbers: list[int]) -> Array:
    if model.task.name == "binary":
        off, on = off_and_on(model.output_activation)
        return np.array([[on if number else off] for number in numbers])
    return np.eye(model.network.outputs)[numbers]


# ----- Rows of a data set: what reads and encodes them is imported only then, as a trace needs none of it


def _rows(model: Model, asked: AskedSamples, otherwise: slice, notes: Notes) -> Weighted:
    """x, scaled, y and weights of the rows, in the data that are named or in those of training.

    If no rows are asked for, they are of the training set.
    """
    from mlpcli.cli.parts import note_filling, prepared
    from mlpcli.cli.remembered import remembered_part, remembered_source

    source, own = remembered_source(asked.source if asked.are_rows else Source(), model)
    dataset = read(source, notes)
    if not asked.are_rows:
        dataset, _ = remembered_part(dataset, model, "training", own)
    chosen = dataset.rows(asked.row_numbers(dataset, otherwise))
    note_filling(chosen, notes)
    if model.origin is None:
        model = _with_classes_of(dataset, model)
        _check_fit(dataset, chosen, model)
    return *in_float64(prepared(chosen, model)), chosen.weights


def _check_fit(dataset: "Dataset", chosen: "Dataset", model: Model) -> None:
    """Raises an error if a network that was not trained on these data does not fit them, with one that does.

    It is ChoiceError for another number of features, and MlpError for a class that the network does not know.
    """
    from mlpcli.data.targets import class_numbers, guess_task, learn_coding

    features, inputs = dataset.x.shape[1], model.network.inputs
    problem: MlpError | None = None
    if features != inputs and not set(model.preparation.features) <= set(dataset.features):
        what = f"{counted(features, 'feature')}, the network {counted(inputs, 'input')}"
        problem = ChoiceError(f"{shown(dataset.name)} has {what}")
    elif model.task.one_class_each:
        try:
            class_numbers(chosen, model.coding.names)
        except MlpError as unknown_class:
            problem = unknown_class
    if problem is not None:
        task = TASKS[guess_task(dataset)[0]]
        outputs = 1 if task.name == "binary" else len(learn_coding(dataset, task).names)
        last = {"regression": " --output-activation linear", "multilabel": " --output-activation sigmoid"}
        fitting = f"--layers {features},3,{outputs}{last.get(task.name, '')}"
        raise type(problem)(f"{problem}; give the --weights of a network trained on these data, or {fitting}")


def _with_classes_of(dataset: "Dataset", model: Model) -> Model:
    """Names the classes of a random network, so far only numbered, after those in the data, if there are as many."""
    names = model.coding.names
    if not model.task.one_class_each or names != tuple(map(str, range(len(names)))):
        return model
    from mlpcli.data.targets import learn_coding

    coding = learn_coding(dataset, model.task)
    return replace(model, coding=coding) if len(coding.names) == len(names) else model


def in_float64(samples: Samples) -> tuple[Array, Array]:
    """x, scaled, and y of samples, as traces and plots take them."""
    x = samples.scaling.apply(samples.x, np.empty(samples.x.shape, np.float64))
    return x, samples.y.astype(np.float64)
