"""CSV and TSV files. NumPy's C parser reads each block of lines; if it fails, a slow reader finds the place."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from math import isfinite
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import unknown
from mlpcli.data.cells import (
    DELIMITERS,
    EXACT,
    LONGEST_LABEL,
    MISSING,
    check_label,
    different,
    excerpt,
    is_missing_target,
    is_number,
    is_rounded,
    labels_as_written,
    number_of,
)
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.text import LONGEST_LINE, LineBlock, line_blocks, shown

LONG = re.compile(r"(?<![\d.])\d{16,}(?![\d.eE])", re.ASCII)  # a whole number that float64 may round
MOST_COLUMNS = 100_000
DETECTED_FROM = 20  # rows by which the delimiter is detected

csv.field_size_limit(LONGEST_LINE)


class NoColumn(MlpError):
    """A table has no column of a name."""

    def __init__(self, where: str, name: str, names: Sequence[str], hint: str) -> None:
        choices = [name for name in names if name][:10]
        super().__init__(f"{where}: {unknown('column', name, choices)}, or give its number{hint}")
        self.where, self.name, self.hint = where, name, hint


class Layout(NamedTuple):
    """What the first lines tell: the delimiter and the names of the columns."""

    path: str
    delimiter: str
    header: bool
    names: tuple[str, ...]  # "" for a gap in the header
    line: int = 1  # of the first row

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

    def hint(self, line: int) -> str:
        """A remedy to add to the error in a line, if the layout itself may be wrong."""
        if line > self.line:
            return ""
        if len(self.names) == 1:
            return "; if cells are separated by another character, give it with --delimiter"
        return "" if self.header else f"; if line {line} names the columns, add --header"


class Block(NamedTuple):
    """Some rows: the numeric columns as numbers, and the others as text."""

    numbers: Array  # (rows, numeric columns)
    texts: Array  # (rows, text columns)
    lines: Array  # (rows,): the line in the file where each row begins


class Reader:
    """A delimited file that is read once, from start to end, in blocks."""

    def __init__(self, path: str, header: bool | None = None, delimiter: str | None = None) -> None:
        self.path = path
        self._blocks = line_blocks(path)
        self._first = self._first_block()
        self.layout = _layout(path, self._first, header, delimiter)
        if self.layout.header:
            self._first = _without_first_row(self._first, self.layout)

    def blocks(
        self, numeric: Sequence[int], texts: Sequence[int] = (), missing: bool = False, empty: Sequence[int] = ()
    ) -> Iterator[Block]:
        """The chosen columns of all rows. With `missing`, an empty cell or NA is NaN; else it is an error.

        The `empty` columns must be empty. Raises MlpError with file, line and column for a cell that is not a number, a
        row with too many or too few cells, or an unclosed quote.
        """
        block: LineBlock | None = self._first
        while block is not None:
            if any(block.lines):
                yield _parse(block, self.layout, list(numeric), list(texts), list(empty), missing)
            block = next(self._blocks, None)

    def _first_block(self) -> LineBlock:
        for block in self._blocks:
            if any(line.strip() for line in block.lines):
                return block
        raise MlpError(f"{shown(self.path)}: no data rows")


def load_delimited(
    path: str,
    targets: Sequence[str] | None = None,
    header: bool | None = None,
    delimiter: str | None = None,
    missing: bool = False,
) -> Dataset:
    """A CSV or TSV file as a data set. `targets` names the target columns; by default it is the last.

    Targets are numbers if all their cells are, else text. All other columns are features and must be numbers, except
    those without a name in the header, which must be empty.
    """
    reader = Reader(path, header, delimiter)
    names = reader.layout.names
    named = [k for k, name in enumerate(names) if name]
    target_columns = [reader.layout.column(target) for target in targets] if targets else named[-1:]
    if len(set(target_columns)) < len(target_columns):
        twice = names[max(target_columns, key=target_columns.count)]
        raise MlpError(f"{shown(path)}: column '{twice}' is given twice as a target; give it once")
    features = [k for k in named if k not in target_columns]
    if not features:
        what = f"no column is left for features; the target takes '{excerpt(names[target_columns[0]])}'"
        raise MlpError(f"{shown(path)}: {what}{reader.layout.hint(reader.layout.line)}")
    nameless = [k for k, name in enumerate(names) if not name and k not in target_columns]
    blocks = list(reader.blocks(features, target_columns, missing, nameless))
    if not blocks:
        raise MlpError(f"{shown(path)}: no data rows")
    texts = np.char.strip(np.concatenate([block.texts for block in blocks]))
    lines = np.concatenate([block.lines for block in blocks])
    y = _numbers_or_text(texts, lines, path, [names[k] for k in target_columns])
    return Dataset(
        name=shown(path),
        x=np.concatenate([block.numbers for block in blocks]),
        y=y,
        features=tuple(names[k] for k in features),
        targets=tuple(names[k] for k in target_columns),
        named=reader.layout.header,
        lines=lines,
        labels=labels_as_written(texts) if y.dtype.kind == "f" else None,
    )


def _numbers_or_text(stripped: Array, lines: Array, path: str, names: Sequence[str]) -> Array:
    """Targets as numbers if every cell is one, else as they are."""
    if not all(map(is_number, different(stripped))):
        return stripped
    numbers: Array = stripped.astype(np.float64)
    if (np.abs(numbers) < EXACT).all():
        return numbers
    for row, column in np.argwhere(np.abs(numbers) >= EXACT):
        cell = stripped[row, column]
        if not isfinite(numbers[row, column]) or is_rounded(cell):
            what = "is not exact in float64" if isfinite(numbers[row, column]) else "is too large for float64"
            raise MlpError(f"{shown(path)}:{lines[row]}: column '{names[column]}': '{excerpt(cell)}' {what}")
    return numbers


# ----- Rows ---------------------------------------------------------------------------------------------------------


def _parse(
    block: LineBlock, layout: Layout, numeric: list[int], texts: list[int], empty: list[int], missing: bool
) -> Block:
    """The fast reader, or the slow one if a row has too few or too many cells or a cell is not a finite number."""
    lines = [line for line in block.lines if line]
    if _is_even(lines, layout):
        try:
            numbers = _loadtxt(lines, layout.delimiter, numeric, np.float64)
            words = _loadtxt(lines, layout.delimiter, texts, np.str_)
            nothing = not _loadtxt(lines, layout.delimiter, empty, np.str_).any()
            given = not any(map(is_missing_target, different(words)))
            if _is_exact(numbers, lines) and given and nothing:
                return Block(numbers, words, _line_numbers(block))
        except ValueError:
            pass
    return _parse_slowly(block, layout, numeric, texts, empty, missing)


def _is_exact(numbers: Array, lines: list[str]) -> bool:
    """Whether all numbers are finite, and float64 has surely rounded no whole number."""
    sure = np.abs(numbers) < EXACT
    if sure.all():
        return True
    large = np.flatnonzero(~sure.all(axis=-1))
    return bool(np.isfinite(numbers).all()) and not any(LONG.search(lines[row]) for row in large)


def _line_numbers(block: LineBlock) -> Array:
    """The numbers of the lines that are not empty."""
    numbers = np.arange(block.first, block.first + len(block.lines))
    return numbers if all(block.lines) else numbers[[bool(line) for line in block.lines]]


def _is_even(lines: list[str], layout: Layout) -> bool:
    """Whether every line surely has one plain cell per column.

    loadtxt ignores cells beyond those it is asked for, and accepts blanks of all alphabets; a line much longer than the
    others has a long cell.
    """
    wanted, delimiter = len(layout.names) - 1, layout.delimiter
    plain = all(line.count(delimiter) == wanted and '"' not in line and line.isascii() for line in lines)
    return plain and max(map(len, lines)) <= LONGEST_LABEL + 40 * (wanted + 1)


def _loadtxt(lines: list[str], delimiter: str, columns: list[int], dtype: type) -> Array:
    if not columns:
        return np.empty((len(lines), 0), dtype)
    return np.loadtxt(lines, dtype, comments=None, delimiter=delimiter, usecols=columns, ndmin=2)


def _parse_slowly(
    block: LineBlock, layout: Layout, numeric: list[int], texts: list[int], empty: list[int], missing: bool
) -> Block:
    """Row by row with the standard library's reader: quoted cells, missing values, and the place of every error."""
    numbers, words, lines = [], [], []
    for line, row in _rows(block, layout):
        where = f"{shown(layout.path)}:{line}"
        if len(row) != len(layout.names):
            raise MlpError(f"{where}: {len(row)} cells, but the table has {len(layout.names)} columns")
        for k in empty:
            if row[k].strip():
                what = f"has no name, but contains '{excerpt(row[k])}'"
                raise MlpError(f"{where}: column {k + 1} {what}; name it in line {layout.line}, or remove it")
        for k in texts:
            try:
                check_label(row[k])
            except ValueError as problem:
                raise MlpError(f"{where}: column {k + 1} ('{layout.names[k]}'): {problem}") from None
        numbers.append([_number(row[k], layout, line, k, missing) for k in numeric])
        words.append([row[k] for k in texts])
        lines.append(line)
    return Block(
        np.array(numbers, np.float64).reshape(len(numbers), len(numeric)),
        np.array(words, np.str_).reshape(len(words), len(texts)),
        np.array(lines, np.int64),
    )


def _number(cell: str, layout: Layout, line: int, column: int, missing: bool) -> float:
    try:
        return number_of(cell, missing)
    except ValueError as problem:
        where = f"{shown(layout.path)}:{line}: column {column + 1} ('{layout.names[column]}')"
        raise MlpError(f"{where}: {problem}{layout.hint(line)}") from None


def _rows(block: LineBlock, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each row as its cells, with the number of its first line."""
    reader = csv.reader((line + "\n" for line in block.lines), delimiter=layout.delimiter, strict=True)
    while True:
        line = block.first + reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            if "unexpected end" in str(problem):
                line += _opening(block.lines[line - block.first :])
                raise MlpError(f"{shown(layout.path)}:{line}: an unclosed quote; close it") from None
            raise MlpError(f"{shown(layout.path)}:{line}: {csv_problem(problem)}") from None
        if not _is_blank(row):
            yield line, row


def csv_problem(problem: csv.Error) -> str:
    """What the standard library's reader reports, for the author of the file."""
    if "field limit" in str(problem):
        return f"a cell of more than {LONGEST_LINE} characters; check its quotes"
    return f"{problem}; check the quotes"


def _is_blank(row: list[str]) -> bool:
    """Whether a line is empty. A delimiter makes a row, since it separates cells."""
    return len(row) < 2 and not any(cell.strip() for cell in row)


def _opening(lines: list[str]) -> int:
    """Which of these lines opens the quote that none of them closes."""
    opened, inside = 0, False
    for k, line in enumerate(lines):
        inside ^= line.count('"') % 2 == 1
        if inside and '"' in line:
            opened = k
    return opened


# ----- What the first lines tell ------------------------------------------------------------------------------------


def _layout(path: str, block: LineBlock, header: bool | None, delimiter: str | None) -> Layout:
    delimiter = delimiter or _detected_delimiter(block.lines)
    bare = Layout(path, delimiter, False, ())
    rows = _rows(block, bare)
    line, cells = next(rows, (0, []))
    if not cells:  # nothing but empty quotes
        raise MlpError(f"{shown(path)}: no data rows")
    first = [cell.strip() for cell in cells]
    if len(first) > MOST_COLUMNS:
        raise MlpError(f"{shown(path)}:{line}: {len(first)} columns; use at most {MOST_COLUMNS}")
    if header is None:
        header = _is_header(first, next(rows, (0, []))[1] if "" in first else [])
    if not header:
        return Layout(path, delimiter, False, numbered(len(first)), line)
    if not any(first):
        raise MlpError(f"{shown(path)}:{line}: the header names no column; add names, or use --no-header")
    for name, times in Counter(filter(None, first)).items():
        if times > 1:
            what = f"{times} columns are called '{excerpt(name)}'"
            raise MlpError(f"{shown(path)}:{line}: {what}; give every column its own name")
    return Layout(path, delimiter, True, tuple(first), line)


def _is_header(row: list[str], below: list[str]) -> bool:
    """Whether the first row has only names, or names with gaps and, as far as known, a number below one of them.

    A comma at the end of every line makes such a gap, and so does an index.
    """
    named = all(not is_number(cell) and cell.lower() not in MISSING for cell in row if cell)
    below_names = (cell for name, cell in zip(row, below, strict=False) if name)
    return named and (not below or any(map(is_number, below_names)))


def _detected_delimiter(lines: list[str]) -> str:
    """The delimiter that splits most of the first rows into as many cells as the very first; then, into most cells."""

    def evenness(delimiter: str) -> tuple[int, int]:
        """The number of even rows, and of cells in each."""
        reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
        try:
            counts = [len(row) for row in islice((row for row in reader if row), DETECTED_FROM)]
        except csv.Error:  # a cell that is too long; the error with its place follows
            return 0, 0
        return (counts.count(counts[0]), counts[0]) if counts[0] > 1 else (0, 0)

    return max(DELIMITERS, key=evenness)


def _without_first_row(block: LineBlock, layout: Layout) -> LineBlock:
    """The block after the header, which may follow blank lines and span several."""
    reader = csv.reader((line + "\n" for line in block.lines), delimiter=layout.delimiter, strict=True)
    while _is_blank(next(reader)):
        pass
    return LineBlock(block.first + reader.line_num, block.lines[reader.line_num :])
