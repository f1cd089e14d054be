"""Sheets as rich tables. No number is ever cut: a pipe gets all the width it needs, a narrow terminal blocks."""

import sys
from collections.abc import Iterator

from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import number, printable

UNDEFINED = "n/a"
PADDING = 3  # a cell's two blanks and its line
LONGEST_LABEL = 40  # characters of a name that may be folded over several lines


def table_text(report: Report, digits: int) -> str:
    """All sheets and the closing lines, for this terminal or for a pipe."""
    width, colour = _terminal()
    parts = [_sheet_text(sheet, digits, width, colour) for sheet in report.sheets]
    closing = "".join(printable(line) + "\n" for line in report.closing)
    return "\n".join([*parts, closing] if closing else parts)


def shown_cell(cell: Cell, digits: int) -> str:
    """A cell as people read it."""
    if cell is None:
        return UNDEFINED
    if isinstance(cell, str):
        return printable(cell)
    return number(cell, digits)


def _terminal() -> tuple[int | None, bool]:
    """The terminal's width, or None in a pipe, and whether it takes styles."""
    import os
    import shutil

    if not sys.stdout.isatty():
        return None, False
    plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return shutil.get_terminal_size().columns, not plain


def _sheet_text(sheet: Sheet, digits: int, width: int | None, colour: bool) -> str:
    rows = [[shown_cell(cell, digits) for cell in row] for row in sheet.rows]
    words = [any(isinstance(row[k], str) for row in sheet.rows) for k in range(len(sheet.columns))]
    pieces = [
        _table(sheet.title if not number else "", sheet.columns, rows, words, places, colour, width)
        for number, places in enumerate(_blocks(sheet, rows, width))
    ]
    return "\n".join(pieces)


def _blocks(sheet: Sheet, rows: list[list[str]], width: int | None) -> Iterator[list[int]]:
    """Columns that fit beside each other. Each further block starts with the first column again."""
    widths = [
        max(len(cell) for cell in (name, *column))
        for name, column in zip(sheet.columns, _columns(rows, sheet), strict=True)
    ]
    start = min(widths[0], LONGEST_LABEL) + PADDING + 1
    block, used = [0], start
    for place in range(1, len(widths)):
        needed = widths[place] + PADDING
        if width is not None and used + needed > width and len(block) > 1:
            yield block
            block, used = [0], start
        block.append(place)
        used += needed
    yield block


def _columns(rows: list[list[str]], sheet: Sheet) -> list[tuple[str, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * len(sheet.columns)


def _table(
    title: str,
    columns: tuple[str, ...],
    rows: list[list[str]],
    words: list[bool],
    places: list[int],
    colour: bool,
    width: int | None,
) -> str:
    import io

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    table = Table(
        box=box.SIMPLE_HEAD if unicode else box.ASCII2,
        header_style="bold" if colour else "",
    )
    for place in places:
        table.add_column(
            Text(printable(columns[place])),
            justify="left" if words[place] else "right",
            no_wrap=not (place == 0 and words[0]),
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(row[place]) for place in places))
    text = io.StringIO()
    console = Console(file=text, width=width or 10_000, force_terminal=colour, color_system="standard", highlight=False)
    if not colour:
        console = Console(file=text, width=width or 10_000, color_system=None, highlight=False)
    if title:
        console.print(Text(title, style="bold" if colour else ""))
    console.print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().strip("\n").splitlines()) + "\n"
