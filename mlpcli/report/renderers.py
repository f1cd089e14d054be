"""The forms of a report, and of predictions row by row: the table behind `--format`.

Predictions take constant memory: each form has a head, a line per row, and an end.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from mlpcli.core.families import later
from mlpcli.report.numbers import number
from mlpcli.report.sheet import Blocks, Cell, Report
from mlpcli.report.terminal import table_text
from mlpcli.report.text import left, printable, printable_csv, printable_json, right, text_width

# ----- JSON and CSV -------------------------------------------------------------------------------------------------

VERSION = 1  # of every kind of document


def json_text(report: Report, digits: int) -> str:
    """One document with all digits. A number that is not defined is null."""
    document = {"format": f"mlpcli-{report.kind}", "version": VERSION, **report.document}
    return printable_json(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)) + "\n"


def json_rows(columns: tuple[str, ...], keys: int, blocks: Blocks, digits: int) -> Iterator[str]:
    """One document with an object per sample, every digit."""
    yield '{"format": "mlpcli-predictions", "version": 1, "rows": ['
    start = "\n"
    for row in chain.from_iterable(blocks):
        outputs = {"outputs": dict(zip(columns[keys:], row[keys:], strict=True))}
        record = {"prediction": row[0], **outputs} if keys else outputs
        yield start + printable_json(json.dumps(record, allow_nan=False, ensure_ascii=False))
        start = ",\n"
    yield "\n]}\n"


def csv_text(report: Report, digits: int) -> str:
    """One table with all digits. A number that is not defined is an empty cell."""
    return _csv([report.flat.columns, *(map(_plain, row) for row in report.flat.rows)])


def csv_rows(columns: tuple[str, ...], keys: int, blocks: Blocks, digits: int) -> Iterator[str]:
    """A header and a row per sample, every digit."""
    yield _csv([columns])
    yield from map(_csv, blocks)


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return printable_csv(text.getvalue())


def _plain(cell: Cell) -> str:
    return "" if cell is None else repr(cell) if isinstance(cell, float) else str(cell)


# ----- A terminal's table of predictions ----------------------------------------------------------------------------


def table_rows(columns: tuple[str, ...], keys: int, blocks: Blocks, digits: int) -> Iterator[str]:
    """Aligned columns. The first block sets their widths; a longer number later makes its line longer."""
    widths: list[int] = []
    for block in blocks:
        rows = [prediction_cells(row, digits, printable) for row in block]
        if not widths:
            head = list(map(printable, columns))
            widths = [max(map(text_width, column)) for column in zip(head, *rows, strict=True)]
            yield _aligned(head, widths, keys)
        yield "".join(_aligned(row, widths, keys) for row in rows)


def prediction_cells(row: Sequence[Cell], digits: int, escaped: Callable[[str], str]) -> list[str]:
    """The label, if there is one, and the outputs."""
    return [escaped(cell) if isinstance(cell, str) else number(cell or 0.0, digits) for cell in row]


def _aligned(cells: list[str], widths: list[int], keys: int) -> str:
    sides = [*[left] * keys, *[right] * (len(cells) - keys)]
    return "  ".join(side(cell, room) for side, cell, room in zip(sides, cells, widths, strict=True)).rstrip() + "\n"


# ----- The table ----------------------------------------------------------------------------------------------------


class Renderer(NamedTuple):
    """One row: a form, and its purpose."""

    name: str
    render: Callable[[Report, int], str]  # a report with this many digits
    stream: Callable[[tuple[str, ...], int, Blocks, int], Iterator[str]]  # predictions: columns, key columns, rows
    description: str
    suffix: str  # of its files
    typesets: bool = False  # shows the formulas of a report, and can leave blanks in them
    sums: bool = False  # links each number of a formula to its sum


def _typesetting(name: str, description: str, suffix: str, sums: bool = False) -> Renderer:
    """A form in a separate module, which has `NAME_report` and `NAME_rows`."""
    report, rows = (later(f"report.{name}.{name}_{what}") for what in ("report", "rows"))
    return Renderer(name, report, rows, description, suffix, True, sums)


RENDERERS = {
    row.name: row
    for row in (
        Renderer("table", table_text, table_rows, "for people", ".txt"),
        Renderer("json", json_text, json_rows, "one document, every digit", ".json"),
        Renderer("csv", csv_text, csv_rows, "one table, every digit", ".csv"),
        _typesetting("markdown", "tables and formulas for a page", ".md"),
        _typesetting("latex", "a document for pdflatex", ".tex"),
        _typesetting("html", "a page for a browser, in one file", ".html", sums=True),
    )
}
