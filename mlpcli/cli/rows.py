"""Samples for a trace out of a data set: one row, or several for a batch."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlpcli.cli.notes import Notes
from mlpcli.cli.sources import Source, read
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.data.text import shown
from mlpcli.files.model import Model

if TYPE_CHECKING:
    from mlpcli.data.dataset import Dataset


@dataclass(frozen=True)
class Rows:
    """What was said about rows on the command line. They count from 0, as in Python's slices."""

    source: Source
    row: int | None = None
    rows: str | None = None  # 0:4 is 0, 1, 2, 3

    @property
    def asked(self) -> bool:
        """Whether the sample is to come out of a data set."""
        return any(value is not None for value in (self.source.dataset, self.source.data, self.row, self.rows))

    def check(self, weights: str | None) -> None:
        """Raises ChoiceError for rows of no data: none are named, nor a weights file, which may remember its own."""
        if weights is None and self.asked and self.source.dataset is None and self.source.data is None:
            raise ChoiceError(
                f"{self._words} takes rows of data; give --dataset or --data, or the --weights of a network trained "
                "on them"
            )

    @property
    def _words(self) -> str:
        """What was asked for."""
        return f"--rows {self.rows}" if self.rows is not None else f"--row {self.row}"

    def places(self, dataset: "Dataset") -> Array:
        """The rows that were asked for, or the first. Raises ChoiceError where the data set has not so many."""
        if self.rows is not None and self.row is not None:
            raise ChoiceError("--row takes one row and --rows several; leave one out")
        count = len(dataset)
        wanted = _range(self.rows, count) if self.rows is not None else [self.row or 0]
        outside = [row for row in wanted if not 0 <= row < count]
        if not wanted:
            raise ChoiceError(f"{self._words} names no row; 0:4 is rows 0 to 3")
        if outside:
            raise ChoiceError(f"{self._words}: {shown(dataset.name)} has the rows 0 to {count - 1}")
        return np.array(wanted)


def samples_of_rows(model: Model, rows: Rows) -> tuple[Array, Array]:
    """x, scaled, and y of the rows, (n, inputs) and (n, outputs), in the data named or in those of training."""
    from mlpcli.cli.remembered_data import remembered_source

    source, _ = remembered_source(rows.source, model)
    dataset = read(source, Notes(quiet=True))
    return _scaled(dataset.rows(rows.places(dataset)), _with_classes_of(dataset, model))


def _with_classes_of(dataset: "Dataset", model: Model) -> Model:
    """A network that was drawn, whose classes have numbers for names, takes over those of as many in the data."""
    names = model.coding.names
    if model.task.name not in ("binary", "multiclass") or names != tuple(map(str, range(len(names)))):
        return model
    from mlpcli.data.targets import learn_coding

    coding = learn_coding(dataset, model.task)
    return replace(model, coding=coding) if len(coding.names) == len(names) else model


def first_training_sample(model: Model) -> tuple[Array, Array]:
    """x, scaled, and y of the first sample that the network was trained on, (1, inputs) and (1, outputs)."""
    from mlpcli.cli.remembered_data import remembered_part, remembered_source

    source, own = remembered_source(Source(), model)
    dataset, _ = remembered_part(read(source, Notes(quiet=True)), model, "training", own)
    return _scaled(dataset.rows(np.array([0])), model)


def _scaled(dataset: "Dataset", model: Model) -> tuple[Array, Array]:
    from mlpcli.cli.building import prepared

    samples = prepared(dataset, model)
    x = samples.scaling.apply(samples.x, np.empty(samples.x.shape, np.float64))
    return x, samples.y.astype(np.float64)


def _range(text: str, count: int) -> list[int]:
    """`0:4` is 0, 1, 2, 3; `:4` starts at the first row and `4:` ends with the last; `2,7` is those two."""
    if re.fullmatch(r"\d{1,9}(,\d{1,9})*", text, re.ASCII):
        return [int(part) for part in text.split(",")]
    if not re.fullmatch(r"\d{0,9}:\d{0,9}", text, re.ASCII):
        raise ChoiceError(f"--rows takes a range as 0:4 (rows 0 to 3) or a list as 2,7, not '{shown(text)}'")
    start, end = text.split(":")
    return list(range(int(start or 0), min(int(end), count + 1) if end else count))  # one too many is enough to tell
