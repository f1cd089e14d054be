"""What is said about a data file, and what its first lines tell: whether there is a header, and the columns' names."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from mlpcli.core.errors import MlpError
from mlpcli.core.families import unknown
from mlpcli.data.categories import Column
from mlpcli.data.cells import MISSING, WHOLE, excerpt, is_missing, is_number, is_text
from mlpcli.data.dataset import numbered
from mlpcli.data.dialect import Dialect
from mlpcli.data.rows import TableRow, in_one_line, rows_of
from mlpcli.data.text import LineBlock, shown

MOST_COLUMNS = 100_000
SEEN = 20  # rows below the first by which the header is detected
BY_DELIMITER = "; if cells are separated by another character, give it with --delimiter"
OF_NUMBERS = "the header contains numbers; --no-header reads it as data"


class Settings(NamedTuple):
    """What is said about a data file. Each format uses some of it. Columns are given by name or by number."""

    targets: Sequence[str] | None = None  # None: the last column
    header: bool | None = None  # whether the first row names the columns; None: detected
    delimiter: str | None = None  # between cells; None: detected
    decimal: str | None = None  # "." or ","; None: detected
    sheet: str | None = None  # of a spreadsheet; None: the first
    query: str | None = None  # to a database
    missing: str | None = None  # "drop": such rows are left out; "mean": features may be NaN
    features: Sequence[str] | None = None  # None: all columns but the targets
    ignore: Sequence[str] = ()
    categories: Sequence[str] = ()  # categorical columns, though their cells may be numbers
    known: tuple[Column, ...] | None = None  # the columns that a network takes; all others are ignored
    others: bool = False  # whether an unknown category is allowed, and then has 0 for each known one
    weight: str | None = None  # the column of the samples' weights, which is no feature
    known_targets: tuple[str, ...] = ()  # of the data that the network is trained on
    known_weight: str | None = None  # the column of the weights in these


class NoColumn(MlpError):
    """A table has no column of a name."""

    def __init__(self, where: str, name: str, names: Sequence[str], hint: str) -> None:
        choices = [in_one_line([name]) for name in names if name][:10]
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
    below: int = 0  # the line of the second row; 0 if there is only one
    guessed: bool = False  # whether the header was detected, but may be data
    notes: tuple[str, ...] = ()  # what there is to say about that
    single_column_hint: str = ""
    said: Settings = Settings()

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
        if line > max(self.line, self.below if self.header else 0):
            return ""
        if len(self.names) == 1:
            return self.single_column_hint
        if self.header:
            return f"; if line {self.line} is data, add --no-header" if self.guessed else ""
        return f"; if line {line} names the columns, add --header"


def layout_of(
    path: str, block: LineBlock, said: Settings, dialect: Dialect, single_column_hint: str = BY_DELIMITER
) -> Layout:
    """The layout of the table that starts with these lines, in their plain form; what is not said is detected.

    A first row with all names that a network knows is a header.
    Raises MlpError if there is no row, the first has another length than all others, or the header has a name twice or
    none at all.
    """
    header, known = said.header, tuple(column.name for column in said.known or ())
    rows = rows_of(block, path, dialect.separator)
    line, cells = next(rows, TableRow(0, []))
    if not cells:  # nothing but empty quotes
        raise MlpError(f"{shown(path)}: no data rows")
    if len(cells) > MOST_COLUMNS:
        raise MlpError(f"{shown(path)}:{line}: {len(cells)} columns; use at most {MOST_COLUMNS}")
    first, below = [cell.strip() for cell in cells], list(islice(rows, SEEN))
    start = Layout(path, dialect.separator, False, numbered(len(first)), line, dialect.decimal)
    start = start._replace(below=below[0].line if below else 0, single_column_hint=single_column_hint, said=said)
    names, notes = _fitted(first, below, start)
    if header is None and known and {*known} <= {*names}:
        header = True
    if header is None:
        _check_title(names, below, start)
        texts = [[cell.strip() for cell in row.cells] for row in below]
        header, reason = _is_header(names, texts)
        if not (header or known) and _number_columns(names, texts):  # a row to predict is not taken for a header
            header, reason = True, OF_NUMBERS
        notes += [reason] if reason else []
        start = start._replace(guessed=header and not _stands_above_numbers(names, texts))
        notes += ["the first row names the columns; --no-header reads it as data"] * (start.guessed and not reason)
    if not header:
        return start._replace(names=numbered(len(names)), notes=tuple(notes))
    layout = start._replace(header=True, names=tuple(names), notes=tuple(notes))
    _check_names(layout)
    return layout


def _check_names(layout: Layout) -> None:
    """Raises MlpError if the header has a name twice, or none at all."""
    where = f"{shown(layout.path)}:{layout.line}"
    if not any(layout.names):
        raise MlpError(f"{where}: the header names no column; add names, or use --no-header")
    named = [*filter(None, layout.names)]
    if len({*named}) < len(named):
        name, times = Counter(named).most_common(1)[0]
        what = f"{times} columns are called '{excerpt(name)}'; give every column its own name"
        raise MlpError(f"{where}: {what}{layout.hint(layout.below)}")


def _fitted(first: list[str], below: list[TableRow], layout: Layout) -> tuple[list[str], list[str]]:
    """The cells of the first row, as many as all the rows below have, and what there is to say about it.

    Commas at the end of the header alone, or of the rows alone, add empty columns. One name less than cells is how R
    writes a table with row names. Raises MlpError for any other difference.
    """
    widths = {len(row.cells) for row in below}
    width = widths.copy().pop() if len(widths) == 1 else len(first)
    widths.discard(1)
    if len(first) == 1 and len(widths) == 1 and 1 in [len(row.cells) for row in below]:  # several lines of a title
        start = next(row for row in below if len(row.cells) > 1)
        raise _of_another_length(1, layout, start.line, len(start.cells))
    if len(first) == width:
        return first, []
    if not any(first[width:]) and not any(cell.strip() for row in below for cell in row.cells[len(first) :]):
        return (first + [""] * width)[:width], []
    if len(first) + 1 == width and len(below) > 1 and not any(map(is_number, first)):
        return ["", *first], [f"line {layout.line} has one name fewer than there are columns; the first has no name"]
    if len(below) < 2:  # either of the two rows may be wrong
        return first, []
    raise _of_another_length(len(first), layout, layout.below, width)


def _check_title(first: list[str], below: list[TableRow], layout: Layout) -> None:
    """Raises MlpError for a first row with one cell only, as a spreadsheet writes a title above a table."""
    if sum(map(bool, first)) > 1 or not any(first) or is_number("".join(first)):
        return
    start = next((row.line for row in below if len(row.cells) > 1 and all(map(str.strip, row.cells))), 0)
    if start and (len(first) > 2 or not any(first[1:])) and len(first) > 1:
        lines = f"line {layout.line}" if start == layout.line + 1 else f"lines {layout.line} to {start - 1}"
        what = f"line {layout.line} has only '{excerpt(''.join(first))}', like a title; remove {lines}"
        raise MlpError(f"{shown(layout.path)}: {what}")


def _of_another_length(cells: int, layout: Layout, line: int, width: int) -> MlpError:
    what = f"line {layout.line} has {cells} cell{'s' * (cells > 1)}, line {line} has {width}"
    return MlpError(f"{shown(layout.path)}: {what}; remove line {layout.line} if it is not part of the table")


# ----- The header ---------------------------------------------------------------------------------------------------


def _is_header(first: list[str], below: list[list[str]]) -> tuple[bool, str]:
    """Whether the first row names the columns, and what there is to say if that may surprise.

    Names are text. Whole numbers may be among them if they count up, as columns without a name are numbered, or if a
    text stands above numbers. Text that also occurs in its column is data.
    """
    below = [row for row in below if row != first]  # the header of a file that was appended
    texts = [k for k, cell in enumerate(first) if cell.lower() not in MISSING and not is_number(cell)]
    if any(map(is_number, first)):
        columns = [[row[k] for row in below if k < len(row)] for k in range(len(first))]
        names = _are_names_and_numbers(first, columns, texts)
        return names, OF_NUMBERS if names else ""
    if not below:
        return all(k in texts for k, cell in enumerate(first) if cell), ""
    if any(is_number(row[k]) for row in below for k in texts if k < len(row)):
        return True, ""
    recurring = sum(any(row[k : k + 1] == [first[k]] for row in below) for k in texts)
    if len(texts) < len(first) or not 2 * recurring >= len(texts) > 0:
        return len(texts) == len(first), ""
    return False, "text of the first row also occurs below it, so it is read as data; --header makes it the header"


def _stands_above_numbers(first: list[str], below: list[list[str]]) -> bool:
    """Whether a column has text in the first row and only numbers below it: the first row surely is a header."""
    columns = [[row[k] for row in below if k < len(row) and not is_missing(row[k])] for k in range(len(first))]
    return any(is_text(first[k]) and cells and not any(map(is_text, cells)) for k, cells in enumerate(columns))


def _are_names_and_numbers(first: list[str], columns: list[list[str]], texts: list[int]) -> bool:
    """Whether a first row is a header, though it has numbers. They are whole, and the text is nowhere else."""
    numbers = [k for k, cell in enumerate(first) if is_number(cell)]
    values = [int(first[k]) for k in numbers if WHOLE.fullmatch(first[k])]
    if len({*values}) < len(numbers) or min(map(len, columns)) < 2 or any(first[k] in columns[k] for k in texts):
        return False
    if any(all(map(is_number, columns[k])) for k in texts):
        return True
    if values != list(range(values[0], values[0] + len(values))) or not (len(values) > 2 or values[0] == 0):
        return False
    fractions = sum(any(not WHOLE.fullmatch(cell) for cell in columns[k]) for k in numbers)
    few_texts = bool(texts) and all(2 * len({*columns[k]}) <= len(columns[k]) for k in texts)
    measured = 2 * fractions > len(numbers) and (texts or values[0] in (0, 1))
    return bool(measured) or (few_texts and len(values) > 2)


def _number_columns(first: list[str], below: list[list[str]]) -> bool:
    """Whether a first row of 0, 1, 2, … or 1, 2, 3, …, perhaps with names, numbers the columns, as pandas does.

    It is data if the next row goes up, or down, in equal steps, too.
    """
    numbers = [k for k, cell in enumerate(first) if is_number(cell)]
    start = first[numbers[0]] if numbers else ""
    counted = [str(int(start) + k) for k in range(len(numbers))] if start in ("0", "1") else []
    if len(counted) < 3 or [first[k] for k in numbers] != counted or len(below) < 2 or len(below[0]) < len(first):
        return False
    if any(cell and row[k : k + 1] == [cell] for row in below for k, cell in enumerate(first) if k not in numbers):
        return False
    values = [float(below[0][k]) for k in numbers if is_number(below[0][k])]
    steps = {after - before for before, after in pairwise(values)}
    return len(steps) > 1 or 0 in steps
