"""How a table is read, before anything is trained: the kind, the values and the role of each column."""

from collections import Counter
from collections.abc import Iterable
from shlex import quote
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.data.blocks import ReadingPlan, check_cells, parse_fast
from mlpcli.data.categories import CategoryCodes, Column
from mlpcli.data.cells import excerpt, is_missing, is_number
from mlpcli.data.cleaning import FEWEST_COUNTED, ROW_NAME
from mlpcli.data.columns import Roles, Settings, categorical_columns, names_rows, roles
from mlpcli.data.dialect import PLAIN
from mlpcli.data.layout import Layout
from mlpcli.data.rows import TableRow, rows_of
from mlpcli.data.table import Reader
from mlpcli.data.text import LineBlock, shown

NUMBERS, CATEGORIES, COUNTER, CONSTANT, EMPTY = "numbers", "categories", "counts the rows", "one value", "empty"
UNUSED = ("left out", "ignored", "none")  # roles of columns whose cells do not matter
MOST_KEPT = 1000  # different words of a column


class ColumnProfile(NamedTuple):
    """One column."""

    number: int  # from 1
    name: str
    kind: str
    missing: int
    least: float | None  # of its numbers
    greatest: float | None
    words: tuple[str, ...]  # the different words in order, or the first cell that is no number between numbers
    role: str  # target, feature, or why it is none
    is_refused: bool  # whether training refuses the column, so that it must be left out


class TableProfile(NamedTuple):
    """A table as it is read."""

    name: str
    delimiter: str | None  # a blank: runs of blanks and tabs; None: not a text file
    decimal: str
    header: bool
    line: int  # of the first row
    rows: int
    columns: tuple[ColumnProfile, ...]
    notes: tuple[str, ...]  # what was detected


def profile_table(reader: Reader, said: Settings) -> TableProfile:
    """What the reader sees in a file. Raises MlpError if its lines are no table, or a wanted column is not there."""
    layout, chosen = reader.layout, roles(reader.layout, said)
    words = categorical_columns(reader.first_rows(), layout, chosen.features, said)
    texts = {k for row in reader.first_rows() for k in chosen.targets if _is_text(row, k)}
    counts = [Census(k in words or k in texts) for k in range(len(layout.names))]
    for block in reader.line_blocks():
        _count(block, counts, layout)
    rows = counts[0].rows
    left_out = [k for k in range(len(counts)) if _is_left_out(k, counts[k], layout, chosen, said)]
    if not set(chosen.features) - set(left_out):
        left_out = []
    columns = (_profile(k, counts[k], layout, chosen, words.get(k), k in left_out) for k in range(len(counts)))
    how = (None if reader.dialect is PLAIN else reader.dialect.delimiter, layout.decimal, layout.header, layout.line)
    return TableProfile(shown(reader.path), *how, rows, tuple(columns), tuple(reader.notes))


def _count(block: LineBlock, counts: list["Census"], layout: Layout) -> None:
    """Counts the cells of some lines: by NumPy if they are plain, else row by row."""
    numbers = [k for k, census in enumerate(counts) if not census.is_words]
    words = [k for k, census in enumerate(counts) if census.is_words]
    plain = parse_fast(block, layout, ReadingPlan(numbers, targets=words, missing=True, unlabeled=True))
    if plain is not None and plain.targets.dtype.kind == "U":
        for k, values in zip(numbers, plain.numbers.T, strict=True):
            counts[k].add_numbers(values)
        for k, cells in zip(words, plain.targets.T, strict=True):
            counts[k].add(cells.tolist())
        return
    rows = list(rows_of(block, layout.path, layout.delimiter))
    for row in rows:
        check_cells(row, layout)
    for census, column in zip(counts, zip(*(row.cells for row in rows), strict=True), strict=False):
        census.add(column)


def _is_text(row: TableRow, column: int) -> bool:
    """Whether a row has a cell of a target that makes the target words."""
    return column < len(row.cells) and not (is_number(row.cells[column]) or is_missing(row.cells[column]))


class Census:
    """What a column has in the rows so far."""

    def __init__(self, is_words: bool) -> None:
        self.is_words = is_words  # then its numbers are words, too
        self.rows = self.missing = 0
        self.least: float | None = None
        self.greatest: float | None = None
        self.words = dict[str, None]()  # different ones, in the order of the rows
        self.first: float | None = None  # the number in the first row, as long as the column counts from it
        self.values = set[float | str | None]()  # different ones, as long as they are one; None is a missing one

    def add(self, cells: Iterable[str]) -> None:
        """Counts the cells of some more rows."""
        listed = list(cells)
        for cell, times in Counter(listed).items():
            value = self._value(cell)
            if value is None:
                self.missing += times
            elif isinstance(value, float):
                self._widen(value, value)
            elif len(self.words) < MOST_KEPT:
                self.words[value] = None
            if len(self.values) < 2:
                self.values.add(value)
        self._continue(is_number(listed[0]) and _counts(listed, float(listed[0])), listed[0], len(listed))

    def add_numbers(self, values: Array) -> None:
        """Counts some more numbers, (n,); a missing one is NaN."""
        there = values[~np.isnan(values)]
        self.missing += len(values) - len(there)
        if there.size:
            least, greatest = float(there.min()), float(there.max())
            self._widen(least, greatest)
            self.values |= {least, greatest}
        if there.size < values.size:
            self.values.add(None)
        counts = np.array_equal(values, values[0] + np.arange(len(values)))
        self._continue(counts, values[0], len(values))

    def _value(self, cell: str) -> float | str | None:
        """A number, a word, or None for a missing value."""
        if is_missing(cell):
            return None
        return float(cell) if is_number(cell) and not self.is_words else cell.strip()

    def _widen(self, least: float, greatest: float) -> None:
        self.least = least if self.least is None else min(self.least, least)
        self.greatest = greatest if self.greatest is None else max(self.greatest, greatest)

    def _continue(self, counts: bool, first: float | str, rows: int) -> None:
        """Some more rows, whether they count by themselves, and from what."""
        if not counts:
            self.first = None
        elif not self.rows:
            self.first = float(first)
        elif self.first is not None and self.first + self.rows != float(first):
            self.first = None
        self.rows += rows

    @property
    def counts(self) -> bool:
        """Whether it counts the rows from 0 or 1."""
        return self.first in (0, 1) and self.rows >= FEWEST_COUNTED


def _counts(cells: list[str], start: float) -> bool:
    return all(is_number(cell) and float(cell) == value for value, cell in enumerate(cells, int(start)))


def _is_left_out(k: int, census: Census, layout: Layout, chosen: Roles, said: Settings) -> bool:
    """Whether a column only numbers the rows, by its name, and was not asked for."""
    numbers = k in chosen.nameless or (k in chosen.features and ROW_NAME.fullmatch(layout.names[k]) is not None)
    return census.counts and numbers and said.features is None


def _profile(
    k: int, census: Census, layout: Layout, chosen: Roles, words: CategoryCodes | None, is_left_out: bool
) -> ColumnProfile:
    kind = _kind(census, words is not None or (k not in chosen.features and bool(census.words)))
    refusal = None if is_left_out else _refusal(k, census, chosen, kind, words)
    role = "left out" if is_left_out else refusal or _role(k, census, chosen, words)
    listed = tuple(sorted(census.words)) if kind == CATEGORIES and words is None else _categories(census, words)
    few = listed if kind in (CATEGORIES, CONSTANT) else tuple(census.words)[:1]
    spread = (census.missing, census.least, census.greatest)
    return ColumnProfile(k + 1, layout.names[k], kind, *spread, few, role, refusal is not None)


def _kind(census: Census, is_words: bool) -> str:
    if census.missing == census.rows:
        return EMPTY
    if census.counts:
        return COUNTER
    if len(census.values) == 1:
        return CONSTANT
    return CATEGORIES if is_words else NUMBERS


def _categories(census: Census, words: CategoryCodes | None) -> tuple[str, ...]:
    """The categories of a column of words in order, as training finds them."""
    if words is None:
        return tuple(census.words)
    words.add(census.words)
    return words.categories


def _refusal(k: int, census: Census, chosen: Roles, kind: str, words: CategoryCodes | None) -> str | None:
    """Why training refuses a column, unless it is left out; None if it does not."""
    if k in chosen.nameless:
        return None if kind == EMPTY else "no name"
    if k not in chosen.features:
        return None
    if kind == EMPTY:
        return "no values"
    too_many = words is not None and not words.asked
    return "too many categories" if too_many and names_rows(len(census.words), census.rows - census.missing) else None


def _role(k: int, census: Census, chosen: Roles, words: CategoryCodes | None) -> str:
    """The role of a column in training."""
    if k not in chosen.features:
        used = "weight" if k == chosen.weight else "ignored"
        return "target" if k in chosen.targets else "none" if k in chosen.nameless else used
    if words is None:
        return f"'{excerpt(next(iter(census.words)))}' is not a number" if census.words else "feature"
    features = len(Column("", _categories(census, words)).features)
    return "feature" if features == 1 else f"{features} features"


def what_training_needs(table: TableProfile, said: Settings) -> list[str]:
    """The options that are still to be added before training takes the table."""
    refused = [column for column in table.columns if column.is_refused]
    names = [str(c.number) if "," in c.name or not c.name else c.name for c in refused]
    needs = [f"--ignore {quote(','.join([*said.ignore, *names]))}"] if names else []
    gaps = [
        column.role
        for column in table.columns
        if column.missing and column.role not in UNUSED and not column.is_refused
    ]
    if said.missing is None and gaps:
        needs.append("--missing drop" if {"target", "weight"} & set(gaps) else "--missing mean or --missing drop")
    return needs
