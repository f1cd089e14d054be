"""Sheets as rich tables. No number is ever cut: a pipe gets all the width it needs, a narrow terminal blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mlpcli.report.ascii_text import ascii_text
from mlpcli.report.pictures.records import Curves
from mlpcli.report.screen import Screen, screen
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import number, printable

UNDEFINED = "n/a"
PADDING = 3  # a cell's two blanks and its line
EVERYTHING = 100_000  # characters: more than any table has


def table_text(report: Report, digits: int) -> str:
    """All sheets and the closing lines, for this terminal or for a pipe."""
    shown = screen()
    parts = [_sheet_text(sheet, digits, shown) for sheet in report.sheets]
    parts += [_picture_text(panels, shown) for panels in report.pictures]
    closing = "".join(_folded(_written(line, shown), shown) + "\n" for line in report.closing)
    return "\n".join([*parts, closing] if closing else parts)


def shown_cell(cell: Cell, digits: int) -> str:
    """A cell as people read it."""
    if cell is None:
        return UNDEFINED
    if isinstance(cell, str):
        return printable(cell)
    return number(cell, digits)


def _written(text: str, shown: Screen) -> str:
    """Text that can do no harm, in signs that standard output has."""
    return printable(text) if shown.unicode else ascii_text(printable(text))


def _picture_text(panels: Sequence[Curves], shown: Screen) -> str:
    from mlpcli.report.pictures.curves_text import curves_text

    return curves_text(panels, shown)


def _folded(line: str, shown: Screen) -> str:
    """A line that goes on below between words, where a terminal would break it anywhere."""
    import textwrap

    if shown.columns is None or len(line) <= shown.columns:
        return line
    return textwrap.fill(line, shown.columns, break_long_words=False, break_on_hyphens=False)


@dataclass(frozen=True)
class _Column:
    """A column as it will be shown."""

    name: str
    cells: list[str]
    words: bool  # and not numbers

    @property
    def width(self) -> int:
        return max(len(text) for text in (self.name, *self.cells))


def _sheet_text(sheet: Sheet, digits: int, shown: Screen) -> str:
    columns = [
        _Column(
            _written(name, shown),
            [_written(shown_cell(row[k], digits), shown) for row in sheet.rows],
            words,
        )
        for k, (name, words) in enumerate(zip(sheet.columns, sheet.words, strict=True))
    ]
    pieces = [_table(block, shown) for block in _blocks(columns, sheet.keys, shown.columns)]
    title = _written(sheet.title, shown)
    return (f"\033[1m{title}\033[0m" if shown.colour else title) + "\n\n" + "\n".join(pieces)


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


def _table(columns: list[_Column], shown: Screen) -> str:
    """As wide as it needs: what a terminal cannot show on one line it goes on with on the next, and nothing is lost."""
    import io

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colour = shown.colour
    table = Table(box=box.SIMPLE_HEAD if shown.unicode else box.ASCII2, header_style="bold" if colour else "")
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
