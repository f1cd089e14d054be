"""A history: the file that `--history` or Keras' CSVLogger writes, its curves as an image, and its numbers."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import number_in
from mlpcli.core.training_records import History
from mlpcli.data.cells import is_missing
from mlpcli.data.dialect import Dialect, detected_delimiter
from mlpcli.data.rows import Quoting, csv_problem
from mlpcli.data.text import LineBlock, line_blocks, shown
from mlpcli.plot.forms import Plot, label, set_title
from mlpcli.report.curves import Curves, Panels, drawable, history_panels, limits, pen
from mlpcli.report.numbers import counted, finite
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import Screen

WIDTH, HEIGHT = 4.2, 3.2  # inches of a panel
ROOM = 0.04  # of the axis, on both sides
MARKS = 16  # on a line, at most

VALIDATION = ("validation_", "val_")  # ours, and Keras'
DOCUMENT = re.compile(r'\s*\{\s*"format": *"(mlpcli-[a-z-]+)"')  # the start of other JSON files of mlp
BEGINNING = 2  # lines that hold it
KNOWN = ("epoch", "loss", "penalty", "learning_rate", "lr", "seconds", "best")

Row = tuple[int, Mapping[str, Any]]  # line number in the file, and cells by name


def history_plot(history: History) -> Plot:
    """The curves of a history."""
    known = history_columns(history)
    flat = Sheet("", tuple(known), tuple(zip(*known.values(), strict=True)))
    numbers = Report("history", {"metric": history.metric or None, **known}, flat, ())
    return Plot(CurvesPicture(history_panels(history)), numbers)


def history_columns(history: History) -> dict[str, list[Cell]]:
    """The numbers of a history by name. Columns without a finite number are left out."""
    columns = {
        "loss": history.loss,
        "validation_loss": history.validation_loss,
        history.metric: history.value,
        f"validation_{history.metric}": history.validation_value,
    }
    known = {"epoch": [_whole(finite(epoch)) for epoch in history.epochs.tolist()]}
    return known | {
        name: [*map(finite, values.tolist())] for name, values in columns.items() if np.isfinite(values).any()
    }


def _whole(cell: Cell) -> Cell:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


# ----- The picture --------------------------------------------------------------------------------------------------


class CurvesPicture(NamedTuple):
    """Panels side by side; each line has its color, its marker and its name."""

    panels: Panels

    @property
    def size(self) -> tuple[float, float]:
        return WIDTH * len(self.panels), HEIGHT

    def text(self, screen: Screen) -> str:
        from mlpcli.report.curves_text import curves_text

        return curves_text(self.panels, screen)

    def draw(self, figure: Any) -> None:
        figure.set_layout_engine("constrained")
        planes = figure.subplots(1, len(self.panels), squeeze=False)[0]
        for axes, curves in zip(planes, self.panels, strict=True):
            _draw_panel(axes, curves)


def _draw_panel(axes: Any, curves: Curves) -> None:
    for place, line in enumerate(curves.lines):
        look, marks = pen(place), line.marked(MARKS, place, len(curves.lines)).tolist()
        x, y = drawable(line.x), drawable(line.y)
        axes.plot(x, y, color=look.color, marker=look.point, markevery=marks, label=label(line.name))
    set_title(axes, curves.title, WIDTH)
    axes.set_xlabel(curves.x_name)
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend()
    if curves.counted:
        low, high = limits(line.x for line in curves.lines)
        axes.set_xlim(low - ROOM * (high - low), high + ROOM * (high - low))
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)


# ----- The file -----------------------------------------------------------------------------------------------------


def read_history(path: str) -> History:
    """The history in a file, or on standard input for `-`. Raises MlpError with the line of the problem."""
    lines = [line for block in line_blocks(path) for line in block.lines]
    read = _json_rows if next(filter(str.strip, lines), "").lstrip().startswith("{") else _csv_rows
    path = shown(path)
    if other := DOCUMENT.match("".join(lines[:BEGINNING])):
        raise MlpError(f"{path}: is an {other[1]} file, not a history; mlp train --history writes one")
    rows = list(read(lines, path))
    if not rows:
        raise MlpError(f"{path}: has no epochs")
    if "loss" not in rows[0][1]:
        raise MlpError(f"{path}: has no column 'loss', so it is not a history of a training run")
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


def counted_on(history: History) -> tuple[History, str]:
    """The history with epochs that are counted on where they begin again, and a note on that; empty if they do not.

    CSVLogger with append=True starts at 0 again if a run continues in the same file.
    """
    epochs = history.epochs
    begins = np.flatnonzero(np.diff(epochs) <= 0) + 1
    if not begins.size:
        return history, ""
    before = np.zeros_like(epochs)
    before[begins] = epochs[begins - 1] + 1 - epochs[begins]
    more = f" (and {counted(begins.size - 1, 'more time')})" if begins.size > 1 else ""
    again = f"epochs begin again at {epochs[begins[0]]:g} after {epochs[begins[0] - 1]:g}{more}"
    return history._replace(epochs=epochs + before.cumsum()), f"{again}; the plot continues the count"


def _csv_rows(lines: list[str], path: str) -> Iterator[Row]:
    """The rows, in any dialect. CSVLogger repeats the header when a run continues in the same file."""
    dialect = Dialect(detected_delimiter(lines))
    reader = csv.DictReader(dialect.plain(LineBlock(1, lines)).lines, dialect=Quoting, delimiter=dialect.separator)
    try:
        for row in reader:
            if list(row.values()) == reader.fieldnames:
                continue
            if None in row or None in row.values():
                header = len(reader.fieldnames or ())
                raise MlpError(f"{path}:{reader.line_num}: has {_cell_count(row)} cells, the header has {header}")
            yield reader.line_num, row
    except csv.Error as problem:
        raise MlpError(f"{path}:{reader.reader.line_num}: {csv_problem(problem)}") from None


def _cell_count(row: Mapping[str | None, Any]) -> int:
    return sum(value is not None for name, value in row.items() if name is not None) + len(row.get(None) or ())


def _json_rows(lines: list[str], path: str) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise MlpError(f"{path}:{number}: is not a JSON object")
        yield number, row


def _metric(names: Sequence[str]) -> str:
    """The first column that is not in KNOWN, preferably one with validation values; "" if there is none."""
    metrics = [name for name in names if name not in KNOWN and not name.startswith(VALIDATION)]
    validated = [name for name in metrics if any(prefix + name in names for prefix in VALIDATION)]
    return next(iter(validated or metrics), "")


def _validation(rows: list[Row], name: str, path: str) -> Array:
    """The column of the validation set, by the name in mlp or in Keras."""
    column = next((prefix + name for prefix in VALIDATION if prefix + name in rows[0][1]), "")
    return _column(rows, column, path)


def _column(rows: list[Row], name: str, path: str) -> Array:
    """The numbers of a column; NaN if a cell or the column is missing."""
    return np.array([_number(row.get(name), f"{path}:{line}: {name}") for line, row in rows], np.float64)


def _number(cell: object, where: str) -> float:
    if cell is None or (isinstance(cell, str) and is_missing(cell)):
        return np.nan
    try:
        return number_in(cell) if isinstance(cell, str) else float(cell)  # type: ignore[arg-type]  # or it raises
    except (TypeError, ValueError, OverflowError):
        raise MlpError(f"{where} is {str(cell)[:20]!r} instead of a number") from None
