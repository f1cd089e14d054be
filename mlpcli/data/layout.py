"""What the first lines of a table tell: whether there is a header, and the names of the columns."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mlpcli.core.errors import MlpError
from mlpcli.core.families import unknown
from mlpcli.data.cells import MISSING, excerpt, is_number
from mlpcli.data.dataset import numbered
from mlpcli.data.dialect import Dialect
from mlpcli.data.rows import rows_of
from mlpcli.data.text import LineBlock, shown

MOST_COLUMNS = 100_000


class NoColumn(MlpError):
    """A table has no column of a name."""

    def __init__(self, where: str, name: str, names: Sequence[str], hint: str) -> None:
        choices = [name for name in names if name][:10]
        super().__init__(f"{where}: {unknown('column', name, choices)}, or give its number{hint}")
        self.where, self.name, self.hint = where, name, hint


class Layout(NamedTuple):
    """How the cells of a table lie, and what its columns are called."""

    path: str
    delimiter: str
    header: bool
    names: tuple[str, ...]  # "" for a gap in the header
    line: int = 1  # of the first row
    decimal: str = "."  # a comma: numbers are written with one

    def column(self, wanted: str) -> int:
        """The index of a column given by name or by number: 1 is the first, −1 the last.

        Raises NoColumn for a name that is not there, and MlpError for one that is there twice or a number out of range.
        """
        if self.names.count(wanted) > 1:
            times = self.names.count(wanted)
            raise MlpError(f"{shown(self.path)}:{self.line}: column '{wanted}' occurs {times} times; rename one")
        if wanted in self.names:
            return self.names.index(wanted)
        if not re.fullmatch(r"-?\d{1,9}", wanted, re.ASCII):
            raise NoColumn(shown(self.path), wanted, self.names, self.hint(self.line))
        number, last = int(wanted), len(self.names)
        if not 1 <= abs(number) <= last:
            names = ", ".join(self.names[:10]) + (", …" if last > 10 else "")
            what = f"no column {number}; the columns are 1 to {last} ({names})"
            raise MlpError(f"{shown(self.path)}: {what}{self.hint(self.line)}")
        return number - 1 if number > 0 else last + number

    def place(self, line: int, column: int) -> str:
        """The place of a cell in messages."""
        return f"{shown(self.path)}:{line}: column {column + 1} ('{self.names[column]}')"

    def hint(self, line: int) -> str:
        """A remedy to add to the error in a line, if the layout itself may be wrong."""
        if line > self.line:
            return ""
        if len(self.names) == 1:
            return "; if cells are separated by another character, give it with --delimiter"
        return "" if self.header else f"; if line {line} names the columns, add --header"


def layout_of(path: str, block: LineBlock, header: bool | None, dialect: Dialect) -> Layout:
    """The layout of the table that starts with these lines, in their plain form; what is not given is detected.

    Raises MlpError if there is no row, or the header has a name twice or none at all.
    """
    delimiter, decimal = dialect.separator, dialect.decimal
    rows = rows_of(block, path, delimiter)
    line, cells = next(rows, (0, []))
    if not cells:  # nothing but empty quotes
        raise MlpError(f"{shown(path)}: no data rows")
    first = [cell.strip() for cell in cells]
    if len(first) > MOST_COLUMNS:
        raise MlpError(f"{shown(path)}:{line}: {len(first)} columns; use at most {MOST_COLUMNS}")
    if header is None:
        header = _is_header(first, next(rows, (0, []))[1] if "" in first else [])
    if not header:
        return Layout(path, delimiter, False, numbered(len(first)), line, decimal)
    if not any(first):
        raise MlpError(f"{shown(path)}:{line}: the header names no column; add names, or use --no-header")
    for name, times in Counter(filter(None, first)).items():
        if times > 1:
            what = f"{times} columns are called '{excerpt(name)}'"
            raise MlpError(f"{shown(path)}:{line}: {what}; give every column its own name")
    return Layout(path, delimiter, True, tuple(first), line, decimal)


def _is_header(row: list[str], below: list[str]) -> bool:
    """Whether the first row has only names, or names with gaps and, as far as known, a number below one of them.

    A comma at the end of every line makes such a gap, and so does an index.
    """
    named = all(not is_number(cell) and cell.lower() not in MISSING for cell in row if cell)
    below_names = (cell for name, cell in zip(row, below, strict=False) if name)
    return named and (not below or any(map(is_number, below_names)))
