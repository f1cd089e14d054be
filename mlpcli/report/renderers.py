"""The forms that a report can take: the table behind `--format`."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass

from mlpcli.report.predictions import Stream, csv_rows, json_rows, markdown_rows, table_rows
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.terminal import shown_cell, table_text
from mlpcli.report.text import printable, printable_json


@dataclass(frozen=True)
class Renderer:
    """One row: a form, and what it is for."""

    name: str
    render: Callable[[Report, int], str]
    stream: Stream  # the same form for predictions, row by row
    description: str
    typesets: bool = False  # shows formulas where a report has them


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
    return text.getvalue()


def markdown_text(report: Report, digits: int) -> str:
    """The sheets as Markdown tables."""
    parts = [_markdown_sheet(sheet, digits) for sheet in report.sheets]
    closing = "".join(printable(line) + "\n" for line in report.closing)
    return "\n".join([*parts, closing] if closing else parts)


def _plain(cell: Cell) -> str:
    return "" if cell is None else repr(cell) if isinstance(cell, float) else str(cell)


def _markdown_sheet(sheet: Sheet, digits: int) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    words = [any(isinstance(row[k], str) for row in sheet.rows) for k in range(len(sheet.columns))]
    return "\n".join(
        [
            f"**{printable(sheet.title)}**",
            "",
            line([printable(name) for name in sheet.columns]),
            line(["---" if word else "---:" for word in words]),
            *(line([shown_cell(cell, digits) for cell in row]) for row in sheet.rows),
            "",
        ]
    )


RENDERERS = {
    row.name: row
    for row in (
        Renderer("table", table_text, table_rows, "for people"),
        Renderer("json", json_text, json_rows, "one document, every digit"),
        Renderer("csv", csv_text, csv_rows, "one table, every digit"),
        Renderer("markdown", markdown_text, markdown_rows, "tables and formulas for a page", typesets=True),
    )
}
