"""Sheets as tables. No number is ever cut: a pipe gets the full width, and a terminal gets folded text.

On a terminal, long texts are folded within their columns. A table of numbers continues in further blocks of columns. If
even folded texts are too wide, each row becomes a list.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from mlpcli.report.numbers import column_of, number
from mlpcli.report.sheet import Cell, Report, Sheet, side_by_side
from mlpcli.report.text import Screen, folded, least_room, left, printable, right, screen, text_width, written

UNDEFINED = "n/a"
PADDING = 3  # a cell's two blanks and its line


def table_text(report: Report, digits: int) -> str:
    """Opening lines, all sheets and closing lines, for this terminal or for a pipe."""
    shown = screen()
    parts = [sheet_text(sheet, digits, shown) for sheet in report.sheets]
    if report.picture:
        from mlpcli.report.curves_text import curves_text

        parts.append(curves_text(report.picture, shown))
    opening, closing = (
        "".join(folded_line(line, shown) + "\n" for line in lines) for lines in (report.opening, report.closing)
    )
    return "\n".join(part for part in (opening, *parts, closing) if part)


def shown_column(cells: Sequence[Cell], digits: int) -> list[str]:
    """A column as people read it: its numbers in one notation, unless counts are among them."""
    numbers = [cell for cell in cells if isinstance(cell, float)]
    if len(numbers) == len(cells):
        return column_of(numbers, digits)
    if not numbers or any(isinstance(cell, int) for cell in cells):
        return [shown_cell(cell, digits) for cell in cells]
    texts = iter(column_of(numbers, digits))
    return [next(texts) if isinstance(cell, float) else shown_cell(cell, digits) for cell in cells]


def shown_cell(cell: Cell, digits: int) -> str:
    """A cell as people read it."""
    if cell is None:
        return UNDEFINED
    if isinstance(cell, str):
        return printable(cell)
    return number(cell, digits)


def folded_line(line: str, shown: Screen) -> str:
    """A line of text without control characters. It is folded between words; a terminal would break it anywhere."""
    import textwrap

    line = written(line, shown.unicode)
    if shown.columns is None or len(line) <= shown.columns:
        return line
    return textwrap.fill(line, shown.columns, break_long_words=False, break_on_hyphens=False)


class _Column(NamedTuple):
    """A column in its final texts."""

    name: str
    cells: list[str]
    words: bool  # rather than numbers

    @property
    def width(self) -> int:
        texts = "\n".join((self.name, *self.cells))
        return max(map(len if texts.isascii() else text_width, texts.split("\n")))

    @property
    def least(self) -> int:
        """The width if it is folded as much as possible."""
        return max(text_width(self.name), *map(least_room, self.cells))

    def within(self, room: int) -> "_Column":
        """The column with its texts folded."""
        return self._replace(cells=[folded(text, room) for text in self.cells])


def sheet_text(sheet: Sheet, digits: int, shown: Screen) -> str:
    """A title and its table."""
    columns = []
    for k, (name, words) in enumerate(zip(sheet.columns, sheet.words, strict=True)):
        cells = shown_column([row[k] for row in sheet.rows], digits)  # all printable
        cells = cells if shown.unicode else [written(cell, unicode=False) for cell in cells]
        columns.append(_Column(written(name, shown.unicode), cells, words))
    title = folded_line(sheet.title, shown)
    return (f"\033[1m{title}\033[0m" if shown.color else title) + "\n\n" + _body(columns, sheet.keys, shown)


def _body(columns: list[_Column], keys: int, shown: Screen) -> str:
    """The columns side by side if they fit or can be made to fit."""
    width = shown.columns

    def fit(block: list[_Column]) -> bool:
        return width is None or _total(block) <= width

    if width is None or fit(columns):
        return _table(columns, shown)
    texts = [k for k, column in enumerate(columns) if column.words and k >= keys]
    fitting = [_folded_to(columns, texts, width)] if texts else list(side_by_side(columns, keys, fit))
    if not all(map(fit, fitting)):
        return _records(columns, width)
    return "\n".join(_table(block, shown) for block in fitting)


def _folded_to(columns: list[_Column], texts: list[int], width: int) -> list[_Column]:
    """The columns with these texts folded, the widest first, as much as necessary or possible.

    No text is squeezed while one beside it has more room than that.
    """
    others = _total([column for k, column in enumerate(columns) if k not in texts])
    for most in range(max(columns[k].width for k in texts), 0, -1):
        rooms = {k: min(columns[k].width, max(columns[k].least, most)) for k in texts}
        if others + sum(room + PADDING for room in rooms.values()) <= width:
            break
    return [column.within(rooms[k]) if k in rooms else column for k, column in enumerate(columns)]


def _total(columns: list[_Column]) -> int:
    return sum(column.width + PADDING for column in columns) + 1


def _records(columns: list[_Column], width: int) -> str:
    """Each row as a list: the name of each column, with its cell beside it or below it."""
    widest = max(least_room(cell) for column in columns for cell in column.cells)
    beside = max(text_width(column.name) for column in columns) + PADDING
    indent = beside if beside + widest <= width else PADDING
    rows = zip(*(column.cells for column in columns), strict=True)
    return "\n".join(
        "".join(_record(column, cell, indent, width) for column, cell in zip(columns, row, strict=True)) for row in rows
    )


def _record(column: _Column, cell: str, indent: int, width: int) -> str:
    lines = folded(cell, width - indent).split("\n") if column.words else [cell]
    between = "\n" + " " * indent
    head = left(column.name, indent - 1) if text_width(column.name) < indent else column.name + between
    return f" {head}{between.join(lines)}\n"


def _table(columns: list[_Column], shown: Screen) -> str:
    """In the look of rich's Table, which takes 2.1 ms for 5 rows of 4 columns; this takes 0.07 ms, without its import.

    A trace has hundreds of small tables. A cell with several lines takes several lines of the table.
    """
    widths = [column.width for column in columns]
    sides = [left if column.words else right for column in columns]
    edge = " " if shown.unicode else "|"
    between = f" {edge} "

    def line(cells: Iterable[str]) -> str:
        padded = [side(cell, width) for side, cell, width in zip(sides, cells, widths, strict=True)]
        return f"{edge} {between.join(padded)} {edge}".rstrip()

    if shown.unicode:
        above, rule = [], f" {'─' * (sum(widths) + PADDING * len(widths) - 1)}"
    else:
        rule = f"+{'+'.join('-' * (width + 2) for width in widths)}+"
        above = [rule]
    head = line([column.name for column in columns])
    lines = [*above, f"\033[1m{head}\033[0m" if shown.color else head, rule]
    lines += filter(str.strip, map(line, _lines(columns)))
    return "\n".join([*lines, *above]) + "\n"


def _lines(columns: list[_Column]) -> Iterator[tuple[str, ...]]:
    """The cells of each line of a table: a row has as many lines as the cell with most."""
    for cells in zip(*(column.cells for column in columns), strict=True):
        if any("\n" in cell for cell in cells):
            yield from zip_longest(*(cell.split("\n") for cell in cells), fillvalue="")
        else:
            yield cells
