"""CSV and TSV. NumPy's C parser reads each block of lines; where it stumbles, a slow reader finds the place."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite, nan
from sys import float_info

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import unknown
from mlpcli.data.dataset import Dataset, numbered, written
from mlpcli.data.text import LONGEST_LINE, Lines, line_blocks, shown

DELIMITERS = ",;\t|"
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
EXACT = 2**53  # below it, every whole number is a float64
LONG = re.compile(r"(?<![\d.])\d{16,}(?![\d.eE])", re.ASCII)  # a whole number that may be beyond
NO_TARGET = frozenset({"", "na", "n/a", "nan", "null", "?"})
MISSING = NO_TARGET | {"none", "-"}  # which are fair names of classes
EXCERPT = 30  # characters of a bad cell that a message shows
LONGEST_LABEL = 200  # characters: NumPy gives every label of a block the room of the longest
MOST_COLUMNS = 100_000
SAMPLE = 20  # records by which the delimiter is found

csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True)
class Layout:
    """What the first lines tell: the delimiter, and the columns' names."""

    path: str
    delimiter: str
    header: bool
    names: tuple[str, ...]  # "" where the header has a gap
    line: int = 1  # where the first record stands

    def column(self, wanted: str) -> int:
        """The place of a column given by name, or by number: 1 is the first, −1 the last.

        Raises MlpError for a name that is not there, or is there twice.
        """
        if self.names.count(wanted) > 1:
            times = self.names.count(wanted)
            raise MlpError(f"{shown(self.path)}:{self.line}: column '{wanted}' is there {times} times")
        if wanted in self.names:
            return self.names.index(wanted)
        if re.fullmatch(r"-?\d{1,9}", wanted, re.ASCII) and 1 <= abs(int(wanted)) <= len(self.names):
            number = int(wanted)
            return number - 1 if number > 0 else len(self.names) + number
        what = f"{unknown('column', wanted, [name for name in self.names if name][:10])}, or give its number"
        raise MlpError(f"{shown(self.path)}: {what}{self.hint(self.line)}")

    def hint(self, line: int) -> str:
        """What may be wrong with the layout itself, where something is wrong with this line."""
        if line > self.line:
            return ""
        if len(self.names) == 1:
            return "; --delimiter says what stands between cells"
        return "" if self.header else f"; --header if line {line} names the columns"


@dataclass(frozen=True)
class Block:
    """Some rows: the numbers of the numeric columns, and the text of the others."""

    numbers: Array  # (rows, numeric columns)
    texts: Array  # (rows, text columns)
    lines: Array  # (rows,), where each begins in the file


class Reader:
    """A delimited file that is read once, from its start to its end, in blocks."""

    def __init__(self, path: str, header: bool | None = None, delimiter: str | None = None) -> None:
        self.path = path
        self._blocks = line_blocks(path)
        self._first = self._first_block()
        self.layout = _layout(path, self._first, header, delimiter)
        if self.layout.header:
            self._first = _without_first_record(self._first, self.layout)

    def blocks(
        self, numeric: Sequence[int], texts: Sequence[int] = (), missing: bool = False, empty: Sequence[int] = ()
    ) -> Iterator[Block]:
        """The chosen columns of all rows. With `missing`, an empty cell or NA is NaN; else it is an error.

        In the `empty` columns nothing may stand. Raises MlpError with file, line and column for a cell that is no
        number, a row with too many or too few cells, or an unclosed quote.
        """
        block: Lines | None = self._first
        while block is not None:
            if any(block.lines):
                yield _parse(block, self.layout, list(numeric), list(texts), list(empty), missing)
            block = next(self._blocks, None)

    def _first_block(self) -> Lines:
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
    """A CSV or TSV file as a data set. `targets` names the target columns; where none is named it is the last.

    Targets are numbers where all their cells are, else text. All other columns are features and must be numbers, but
    for those without a name in the header, where nothing may stand.
    """
    reader = Reader(path, header, delimiter)
    names = reader.layout.names
    named = [k for k, name in enumerate(names) if name]
    places = [reader.layout.column(target) for target in targets] if targets else named[-1:]
    if len(set(places)) < len(places):
        raise MlpError(f"{shown(path)}: column '{names[max(places, key=places.count)]}' is named twice as a target")
    features = [k for k in named if k not in places]
    if not features:
        what = f"no column is left for features; the target takes '{_excerpt(names[places[0]])}'"
        raise MlpError(f"{shown(path)}: {what}{reader.layout.hint(reader.layout.line)}")
    nameless = [k for k, name in enumerate(names) if not name and k not in places]
    blocks = list(reader.blocks(features, places, missing, nameless))
    if not blocks:
        raise MlpError(f"{shown(path)}: no data rows")
    texts = np.char.strip(np.concatenate([block.texts for block in blocks]))
    lines = np.concatenate([block.lines for block in blocks])
    y = _numbers_or_text(texts, lines, path, [names[k] for k in places])
    return Dataset(
        name=shown(path),
        x=np.concatenate([block.numbers for block in blocks]),
        y=y,
        features=tuple(names[k] for k in features),
        targets=tuple(names[k] for k in places),
        named=reader.layout.header,
        lines=lines,
        labels=written(texts) if y.dtype.kind == "f" else None,
    )


def _numbers_or_text(stripped: Array, lines: Array, path: str, names: Sequence[str]) -> Array:
    """Targets as numbers where every cell is one."""
    if not all(NUMBER.fullmatch(cell) for cell in _different(stripped)):
        return stripped
    numbers: Array = stripped.astype(np.float64)
    if (np.abs(numbers) < EXACT).all():
        return numbers
    for row, column in np.argwhere(np.abs(numbers) >= EXACT):
        cell = stripped[row, column]
        if not isfinite(numbers[row, column]) or is_rounded(cell):
            what = "has no float64" if isfinite(numbers[row, column]) else "is too large"
            raise MlpError(f"{shown(path)}:{lines[row]}: column '{names[column]}': '{_excerpt(cell)}' {what}")
    return numbers


def is_rounded(cell: str) -> bool:
    """Whether it is a whole number that no float64 is. One with a point or an exponent is a measurement."""
    digits = cell.strip().lstrip("+-").lstrip("0")
    return digits.isdigit() and len(digits) <= float_info.max_10_exp + 1 and int(digits) != float(digits)


def _different(texts: Array) -> set[str]:
    """Each text once."""
    return set(texts.ravel().tolist())


def _parse(
    block: Lines, layout: Layout, numeric: list[int], texts: list[int], empty: list[int], missing: bool
) -> Block:
    """The fast reader, and the slow one where a row is ragged or a cell is not a finite number."""
    lines = [line for line in block.lines if line]
    if _even(lines, layout):
        try:
            numbers = _loadtxt(lines, layout.delimiter, numeric, np.float64)
            words = _loadtxt(lines, layout.delimiter, texts, np.str_)
            nothing = not _loadtxt(lines, layout.delimiter, empty, np.str_).any()
            given = not any(cell.strip().lower() in NO_TARGET for cell in _different(words))
            if _exact(numbers, lines) and given and nothing:
                return Block(numbers, words, _line_numbers(block))
        except ValueError:
            pass
    return _parse_slowly(block, layout, numeric, texts, empty, missing)


def _exact(numbers: Array, lines: list[str]) -> bool:
    """Whether all are finite, and none is surely a whole number that no float64 is."""
    sure = np.abs(numbers) < EXACT
    if sure.all():
        return True
    large = np.flatnonzero(~sure.all(axis=-1))
    return bool(np.isfinite(numbers).all()) and not any(LONG.search(lines[row]) for row in large)


def _line_numbers(block: Lines) -> Array:
    """Of the lines that are not empty."""
    numbers = np.arange(block.first, block.first + len(block.lines))
    return numbers if all(block.lines) else numbers[[bool(line) for line in block.lines]]


def _even(lines: list[str], layout: Layout) -> bool:
    """Whether every line surely has one plain cell per column.

    loadtxt does not mind cells beyond those it is asked for, and takes blanks of all alphabets for blanks; a line much
    longer than the others has a cell that is.
    """
    wanted, delimiter = len(layout.names) - 1, layout.delimiter
    plain = all(line.count(delimiter) == wanted and '"' not in line and line.isascii() for line in lines)
    return plain and max(map(len, lines)) <= LONGEST_LABEL + 40 * (wanted + 1)


def _loadtxt(lines: list[str], delimiter: str, columns: list[int], dtype: type) -> Array:
    if not columns:
        return np.empty((len(lines), 0), dtype)
    return np.loadtxt(lines, dtype, comments=None, delimiter=delimiter, usecols=columns, ndmin=2)


def _parse_slowly(
    block: Lines, layout: Layout, numeric: list[int], texts: list[int], empty: list[int], missing: bool
) -> Block:
    """Row by row with the standard library's reader: quoted fields, missing cells, and the place of every mistake."""
    numbers, words, lines = [], [], []
    for line, row in _records(block, layout):
        if len(row) != len(layout.names):
            raise MlpError(f"{shown(layout.path)}:{line}: {len(row)} cells, where {len(layout.names)} are expected")
        for k in empty:
            _check_empty(row[k], f"{shown(layout.path)}:{line}: column {k + 1}", layout.line)
        for k in texts:
            _check_label(row[k], f"{shown(layout.path)}:{line}: column {k + 1} ('{layout.names[k]}')")
        numbers.append([_number(row[k], layout, line, k, missing) for k in numeric])
        words.append([row[k] for k in texts])
        lines.append(line)
    return Block(
        np.array(numbers, np.float64).reshape(len(numbers), len(numeric)),
        np.array(words, np.str_).reshape(len(words), len(texts)),
        np.array(lines, np.int64),
    )


def _check_empty(cell: str, place: str, header: int) -> None:
    if cell.strip():
        raise MlpError(f"{place} has no name, and '{_excerpt(cell)}' in it; name it in line {header}, or remove it")


def _check_label(cell: str, place: str) -> None:
    if len(cell) > LONGEST_LABEL:
        raise MlpError(f"{place}: a label of {len(cell)} characters; {LONGEST_LABEL} are the most")
    if cell.strip().lower() in NO_TARGET:
        raise MlpError(f"{place}: the target is missing ('{cell.strip()}'); remove the row")


def _records(block: Lines, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each row of cells with the number of its first line."""
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
                raise MlpError(f"{shown(layout.path)}:{line}: an unclosed quote") from None
            raise MlpError(f"{shown(layout.path)}:{line}: {csv_problem(problem)}") from None
        if not _is_blank(row):
            yield line, row


def csv_problem(problem: csv.Error) -> str:
    """What the standard library's reader finds wrong, in words for who has written the file."""
    if "field limit" in str(problem):
        return f"a cell of more than {LONGEST_LINE} characters; cells are shorter"
    return f"{problem} (quotes)"


def _is_blank(row: list[str]) -> bool:
    """Whether nothing stands in a line; a delimiter is something, since it tells of cells."""
    return len(row) < 2 and not any(cell.strip() for cell in row)


def _opening(lines: list[str]) -> int:
    """Which of these lines opens the quote that none of them closes."""
    opened, inside = 0, False
    for k, line in enumerate(lines):
        inside ^= line.count('"') % 2 == 1
        if inside and '"' in line:
            opened = k
    return opened


def _number(cell: str, layout: Layout, line: int, column: int, missing: bool) -> float:
    value = float(cell) if NUMBER.fullmatch(cell) else nan
    if isfinite(value) and not (abs(value) >= EXACT and is_rounded(cell)):
        return value
    blank = cell.strip().lower() in MISSING
    if blank and missing:
        return nan
    place = f"{shown(layout.path)}:{line}: column {column + 1} ('{layout.names[column]}')"
    if blank:
        what = f"'{cell.strip()}' is missing; --missing drop or --missing mean deals with that"
    elif isfinite(value):
        what = f"'{_excerpt(cell)}' has no float64; the nearest is {value:.0f}"
    else:
        what = f"'{_excerpt(cell)}' is not a finite number; {_advice(cell)}"
    raise MlpError(f"{place}: {what}{layout.hint(line)}")


def _advice(cell: str) -> str:
    """What to do with a cell that should be a number."""
    if re.fullmatch(r"\s*[+-]?\d+,\d+\s*", cell, re.ASCII):
        return "write a decimal point"
    other = next((delimiter for delimiter in DELIMITERS[1:] if delimiter in cell), None)
    return f"--delimiter '{other}' would part it" if other else "features must be numbers"


def _excerpt(cell: str) -> str:
    """The start of a cell, on one line; blanks of other alphabets and what is invisible as escapes."""
    line = re.sub(r"[ \t\n]+", " ", cell).strip(" ")
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line[: EXCERPT + 1])
    return text if len(text) <= EXCERPT else text[:EXCERPT] + "…"


# ----- What the first lines tell ------------------------------------------------------------------------------------


def _layout(path: str, block: Lines, header: bool | None, delimiter: str | None) -> Layout:
    delimiter = delimiter or _find_delimiter(block.lines)
    bare = Layout(path, delimiter, False, ())
    records = _records(block, bare)
    line, cells = next(records, (0, []))
    if not cells:  # nothing but quotes around nothing
        raise MlpError(f"{shown(path)}: no data rows")
    row = [cell.strip() for cell in cells]
    if len(row) > MOST_COLUMNS:
        raise MlpError(f"{shown(path)}:{line}: {len(row)} columns; {MOST_COLUMNS} are the most")
    if header is None:
        header = _is_header(row, next(records, (0, []))[1] if "" in row else [])
    if not header:
        return Layout(path, delimiter, False, numbered(len(row)), line)
    if not any(row):
        raise MlpError(f"{shown(path)}:{line}: the header names no column")
    for name, times in Counter(filter(None, row)).items():
        if times > 1:
            what = f"{times} columns are called '{_excerpt(name)}'"
            raise MlpError(f"{shown(path)}:{line}: {what}; every column needs its own name")
    return Layout(path, delimiter, True, tuple(row), line)


def _is_header(row: list[str], below: list[str]) -> bool:
    """Whether the first row has names only, or names with gaps and, as far as is known, a number below one of them.

    A comma at the end of every line makes such a gap, and so does an index.
    """
    named = all(not NUMBER.fullmatch(cell) and cell.lower() not in MISSING for cell in row if cell)
    below_names = (cell for name, cell in zip(row, below, strict=False) if name)
    return named and (not below or any(NUMBER.fullmatch(cell) for cell in below_names))


def _find_delimiter(lines: list[str]) -> str:
    """The one that cuts most of the first records into as many cells as the very first; of several, into most cells."""

    def evenness(delimiter: str) -> tuple[int, int]:
        reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
        try:
            counts = [len(row) for row in islice((row for row in reader if row), SAMPLE)]
        except csv.Error:  # a cell that is too long, to be told of with its place
            return 0, 0
        return (counts.count(counts[0]), counts[0]) if counts[0] > 1 else (0, 0)

    return max(DELIMITERS, key=evenness)


def _without_first_record(block: Lines, layout: Layout) -> Lines:
    """The block behind the header, which may be preceded by blank lines and span several."""
    reader = csv.reader((line + "\n" for line in block.lines), delimiter=layout.delimiter, strict=True)
    while _is_blank(next(reader)):
        pass
    return Lines(block.first + reader.line_num, block.lines[reader.line_num :])
