"""The forms that a report can take: the table behind `--format`."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from mlpcli.report.predictions import Stream, csv_rows, json_rows, markdown_rows, table_rows
from mlpcli.report.sheet import Cell, Report
from mlpcli.report.terminal import table_text
from mlpcli.report.text import printable_csv, printable_json


@dataclass(frozen=True)
class Renderer:
    """One row: a form, and what it is for."""

    name: str
    render: Callable[[Report, int], str]
    stream: Stream  # the same form for predictions, row by row
    description: str
    suffix: str  # of its files
    typesets: bool = False  # whether it shows formulas where a report has them, and can leave blanks in them
    sums: bool = False  # leads from each number of a formula to the sum that it is


def json_text(report: Report, digits: int) -> str:
    """One document with all digits. A figure that is not defined is null."""
    document = {"format": f"mlpcli-{report.kind}", "version": report.version, **report.document}
    return printable_json(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)) + "\n"


def csv_text(report: Report, digits: int) -> str:
    """One table with all digits. A figure that is not defined is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(report.flat.columns)
    writer.writerows([_plain(cell) for cell in row] for row in report.flat.rows)
    return printable_csv(text.getvalue())


def _plain(cell: Cell) -> str:
    return "" if cell is None else repr(cell) if isinstance(cell, float) else str(cell)


def _later(module: str, name: str) -> Callable[..., Any]:
    """A function whose module is imported when it is called: a page or a document costs no other form its start-up."""

    def call(*arguments: object) -> Any:
        return getattr(import_module(f"mlpcli.report.{module}"), name)(*arguments)

    return call


RENDERERS = {
    row.name: row
    for row in (
        Renderer("table", table_text, table_rows, "for people", ".txt"),
        Renderer("json", json_text, json_rows, "one document, every digit", ".json"),
        Renderer("csv", csv_text, csv_rows, "one table, every digit", ".csv"),
        Renderer(
            "markdown",
            _later("markdown", "markdown_text"),
            markdown_rows,
            "tables and formulas for a page",
            ".md",
            True,
        ),
        Renderer(
            "latex",
            _later("latex", "latex_report"),
            _later("latex", "latex_rows"),
            "a document for pdflatex",
            ".tex",
            True,
        ),
        Renderer(
            "html",
            _later("html", "html_report"),
            _later("html", "html_rows"),
            "a page for a browser, in one file",
            ".html",
            typesets=True,
            sums=True,
        ),
    )
}
