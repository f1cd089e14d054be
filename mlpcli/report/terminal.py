"""Sheets as rich tables. No number is ever cut: a pipe gets all the width it needs, a narrow terminal blocks."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import number, printable

UNDEFINED = "n/a"
PADDING = 3  # a cell's two blanks and its line
EVERYTHING = 100_000  # characters: more than any table has


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


@dataclass(frozen=True)
class _Column:
    """A column as it will be shown."""

    name: str
    cells: list[str]
    words: bool  # and not numbers

    @property
    def width(self) -> int:
        return max(len(text) for text in (self.name, *self.cells))


def _sheet_text(sheet: Sheet, digits: int, width: int | None, colour: bool) -> str:
    columns = [
        _Column(
            printable(name),
            [shown_cell(row[k], digits) for row in sheet.rows],
            any(isinstance(row[k], str) for row in sheet.rows),
        )
        for k, name in enumerate(sheet.columns)
    ]
    pieces = [_table(block, colour) for block in _blocks(columns, sheet.keys, width)]
    title = printable(sheet.title)
    return (f"\033[1m{title}\033[0m" if colour else title) + "\n\n" + "\n".join(pieces)


def _blocks(columns: list[_Column], keys: int, width: int | None) -> Iterator[list[_Column]]:
    """Columns that fit beside each other. Each further block starts with the key columns again."""
    start = sum(column.width + PADDING for column in columns[:keys]) + 1
    block, used = columns[:keys], start
    for column in columns[keys:]:
        needed = column.width + PADDING
        if width is not None and used + needed > width and len(block) > keys:
            yield block
            block, used = columns[:keys], start
        block.append(column)
        used += needed
    yield block


def _table(columns: list[_Column], colour: bool) -> str:
    """As wide as it needs: what a terminal cannot show on one line it goes on with on the next, and nothing is lost."""
    import io

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    table = Table(box=box.SIMPLE_HEAD if unicode else box.ASCII2, header_style="bold" if colour else "")
    for column in columns:
        table.add_column(Text(column.name), justify="left" if column.words else "right", no_wrap=True)
    for cells in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, cells))
    text = io.StringIO()
    console = Console(
        file=text, width=EVERYTHING, force_terminal=colour, color_system="standard" if colour else None, highlight=False
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines() if line.strip()) + "\n"
