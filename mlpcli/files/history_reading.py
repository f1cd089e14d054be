"""Histories in: the files that `--history` writes, and those like them that Keras' CSVLogger writes."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.history import History
from mlpcli.core.numerals import number_in
from mlpcli.data.delimited import csv_problem
from mlpcli.data.text import line_blocks, shown

VALIDATION = ("validation_", "val_")  # ours, and Keras'
DOCUMENT = re.compile(r'\s*\{\s*"format": *"(mlpcli-[a-z-]+)"')  # how our other JSON files begin
KNOWN = ("epoch", "loss", "penalty", "learning_rate", "lr", "seconds", "best")
BEGINNING = 2  # lines in which that stands

Row = tuple[int, Mapping[str, Any]]  # the line's number in the file, and its cells by name


def read_history(path: str) -> History:
    """The history in a file, or standard input for `-`. Raises MlpError with the line where something is wrong."""
    lines = [line for block in line_blocks(path) for line in block.lines]
    read = _json_rows if next(filter(str.strip, lines), "").lstrip().startswith("{") else _csv_rows
    path = shown(path)
    if other := DOCUMENT.match("".join(lines[:BEGINNING])):
        raise MlpError(f"{path}: is a file of {other[1]} and no history; mlp train --history writes one")
    rows = list(read(lines, path))
    if not rows:
        raise MlpError(f"{path}: has no epochs")
    if "loss" not in rows[0][1]:
        raise MlpError(f"{path}: has no column 'loss', so it is no history of a training")
    names = list(rows[0][1])
    metric = _metric(names)
    epochs = _column(rows, "epoch", path) if "epoch" in names else np.arange(1.0, len(rows) + 1)
    return History(
        epochs,
        _column(rows, "loss", path),
        _validation(rows, "loss", path),
        metric,
        _column(rows, metric, path),
        _validation(rows, metric, path),
    )


def _csv_rows(file: Iterable[str], path: str) -> Iterator[Row]:
    reader = csv.DictReader(file, strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise MlpError(
                    f"{path}:{reader.line_num}: has {_cells(row)} cells, the header has {len(reader.fieldnames or ())}"
                )
            yield reader.line_num, row
    except csv.Error as problem:
        raise MlpError(f"{path}:{reader.reader.line_num}: {csv_problem(problem)}") from None


def _cells(row: Mapping[str | None, Any]) -> int:
    return sum(value is not None for name, value in row.items() if name is not None) + len(row.get(None) or ())


def _json_rows(file: Iterable[str], path: str) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise MlpError(f"{path}:{number}: is no JSON object")
        yield number, row


def _metric(names: Sequence[str]) -> str:
    """The first column beside the known ones that validation has too, else the first; nothing where there is none."""
    found = [name for name in names if name not in KNOWN and not name.startswith(VALIDATION)]
    validated = [name for name in found if any(prefix + name in names for prefix in VALIDATION)]
    return next(iter(validated or found), "")


def _validation(rows: list[Row], name: str, path: str) -> Array:
    """The column of the validation part, by our name or by Keras'."""
    found = next((prefix + name for prefix in VALIDATION if prefix + name in rows[0][1]), "")
    return _column(rows, found, path)


def _column(rows: list[Row], name: str, path: str) -> Array:
    """The numbers of a column; NaN where it is empty, or is not there at all."""
    return np.array([_number(row.get(name), f"{path}:{line}: {name}") for line, row in rows], np.float64)


def _number(cell: object, where: str) -> float:
    if cell is None or cell == "":
        return np.nan
    try:
        return number_in(cell) if isinstance(cell, str) else float(cell)  # type: ignore[arg-type]  # or it raises
    except (TypeError, ValueError, OverflowError):
        raise MlpError(f"{where} is {str(cell)[:20]!r} instead of a number") from None
