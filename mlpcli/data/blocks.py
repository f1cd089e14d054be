"""Blocks of rows as numbers. NumPy's C parser reads the lines; if it fails, a slow reader finds the place."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.categories import CategoryCodes
from mlpcli.data.cells import (
    DELIMITERS,
    EXACT,
    LIKE_NUMBER,
    LONGEST_LABEL,
    NO_TARGET,
    check_label,
    check_length,
    different,
    excerpt,
    is_missing,
    is_missing_target,
    is_text,
    number_of,
)
from mlpcli.data.layout import Layout
from mlpcli.data.rows import TableRow, rows_of
from mlpcli.data.text import LineBlock, shown

LONG = re.compile(r"(?<![\d.])\d{16,}(?![\d.eE])", re.ASCII)  # a whole number that float64 may round
SIGNED_NAN = re.compile(r"[+-]nan", re.IGNORECASE)  # is neither a number nor a missing value, but loadtxt takes it
MOST_NAMES = 1000  # different numbers in a block that may be the names of classes
FOREIGN_BLANK = re.compile(r"[^\S\x00-\x7f]")  # a blank of another alphabet


class ReadingPlan(NamedTuple):
    """Which columns of a table are read, and as what. Columns are given by their index."""

    features: Sequence[int]  # in the order in which they are wanted
    codes: Mapping[int, CategoryCodes] = {}  # of those of them that are categorical
    targets: Sequence[int] = ()
    empty: Sequence[int] = ()  # must be empty
    missing: bool = False  # features may be missing, and are then NaN
    unlabeled: bool = False  # so may targets, and are then as they are written
    detected: bool = False  # whether the kind of each column was detected, and not given by a network
    weight: int | None = None  # the last of the features, if that holds the weights of the samples

    @property
    def detected_categories(self) -> dict[int, int]:
        """The number of categories so far, of each column that is categorical because of its cells."""
        return {k: len(known.codes) for k, known in self.codes.items() if not (known.is_fixed or known.asked)}


class Block(NamedTuple):
    """Some rows: the features as numbers, and the targets as text, as numbers may be the names of classes."""

    numbers: Array  # (rows, features)
    targets: Array  # (rows, targets): text, or float64 where they are surely quantities
    lines: Array  # (rows,): the line in the file where each row begins


def parse(block: LineBlock, layout: Layout, plan: ReadingPlan) -> Block:
    """The rows of some lines.

    Raises MlpError with file, line and column for a cell that is not what the plan says, and for a row with too many or
    too few cells.
    """
    return parse_fast(block, layout, plan) or parse_rows(rows_of(block, layout.path, layout.delimiter), layout, plan)


# ----- By NumPy -----------------------------------------------------------------------------------------------------


def parse_fast(block: LineBlock, layout: Layout, plan: ReadingPlan) -> Block | None:
    """The rows, or None if a cell may be wrong, or a row has too few or too many."""
    text = "\n".join(block.lines)
    if '"' in text:
        text = _unquoted(text, layout.delimiter)
        block = LineBlock(block.first, text.split("\n"))
    lines = [line for line in block.lines if line]
    if not lines or not (_is_plain(text) and _is_even(lines, layout)):
        return None
    found = _numbers_and_targets(lines, lines, layout, plan)
    if found is None and plan.missing and layout.delimiter in DELIMITERS:  # no part of a missing value
        found = _numbers_and_targets(_with_nan(lines, layout.delimiter), lines, layout, plan)
    if found is None or _loadtxt(lines, layout.delimiter, plan.empty, np.str_).any():
        return None
    numbers, targets = found
    sound = _are_labels(targets, plan) and _are_exact_or_missing(numbers, text, lines, plan)
    return Block(numbers, targets, _line_numbers(block)) if sound else None


def _numbers_and_targets(
    filled: list[str], lines: list[str], layout: Layout, plan: ReadingPlan
) -> tuple[Array, Array] | None:
    """Features and targets in one pass if both are numbers; None if a feature is none.

    `filled` are the lines with numbers in place of missing features.
    """
    try:
        both = _loadtxt(filled, layout.delimiter, [*plan.features, *plan.targets], np.float64, plan.codes)
    except ValueError:
        try:
            numbers = _loadtxt(filled, layout.delimiter, plan.features, np.float64, plan.codes)
        except ValueError:
            return None
    else:
        numbers, targets = np.hsplit(both, [len(plan.features)])
        if plan.targets and all(map(_are_quantities, targets.T)) and _is_exact(targets, lines):
            return numbers, targets
    return numbers, _loadtxt(lines, layout.delimiter, plan.targets, np.str_)


def _are_labels(targets: Array, plan: ReadingPlan) -> bool:
    """Whether targets are numbers, or texts that are there and not too long."""
    if targets.dtype.kind == "f":
        return True
    longest = targets.dtype.itemsize // np.dtype("U1").itemsize
    return longest <= LONGEST_LABEL and (plan.unlabeled or not any(map(is_missing_target, different(targets))))


def _are_quantities(values: Array) -> bool:
    """Whether numbers, (n,), are surely no names of classes: some have fractions, and too many are different."""
    ordered = np.sort(values)
    different = 1 + np.count_nonzero(ordered[1:] != ordered[:-1])  # a difference could overflow
    return bool(different > MOST_NAMES and (values != np.rint(values)).any())


def _unquoted(text: str, delimiter: str) -> str:
    """The text without the quotes around cells that do not need them."""
    cut = re.escape(delimiter)
    return re.sub(rf'"(?<![^{cut}\n]")([^"{cut}\n]*)"(?![^{cut}\n])', r"\1", text)  # a search for a quote is fast


def _is_plain(text: str) -> bool:
    """Whether a text has no quotes, and no blanks of other alphabets, which loadtxt would accept around numbers."""
    return '"' not in text and (text.isascii() or not FOREIGN_BLANK.search(text))


def _with_nan(lines: list[str], delimiter: str) -> list[str]:
    """The lines with NaN in place of empty cells and those that say that there is no value.

    `none` and `-` may be categories and stay.
    """
    cut, blanks = re.escape(delimiter), "[ ]*" if delimiter == "\t" else "[ \t]*"
    missing = "|".join(map(re.escape, NO_TARGET))
    pattern = rf"(?<![^{cut}\n]){blanks}(?:{missing}){blanks}(?![^{cut}\n])"
    return re.sub(pattern, "nan", "\n".join(lines), flags=re.IGNORECASE).split("\n")


def _are_exact_or_missing(numbers: Array, text: str, lines: list[str], plan: ReadingPlan) -> bool:
    """Whether all features are exact (see `_is_exact`), or missing where they may be."""
    missing = np.isnan(numbers) if plan.missing else np.zeros(0, bool)
    if not missing.any():
        return _is_exact(numbers, lines)
    needed = plan.weight is not None and not plan.unlabeled and missing[:, -1].any()
    return not needed and not SIGNED_NAN.search(text) and _is_exact(np.where(missing, 0, numbers), lines)


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
    """Whether every line has one cell per column, and none is very long.

    loadtxt ignores cells beyond those it is asked for; a line much longer than the others has a long cell.
    """
    wanted, delimiter = len(layout.names) - 1, layout.delimiter
    even = all(line.count(delimiter) == wanted for line in lines)
    return even and max(map(len, lines)) <= LONGEST_LABEL + 40 * (wanted + 1)


def _loadtxt(
    lines: list[str],
    delimiter: str,
    columns: Sequence[int],
    dtype: type,
    codes: Mapping[int, CategoryCodes] | None = None,
) -> Array:
    if not columns:
        return np.empty((len(lines), 0), dtype)
    settings: dict[str, Any] = {"comments": None, "ndmin": 2}
    if codes:
        settings |= {"converters": {column: known.__getitem__ for column, known in codes.items()}, "encoding": None}
    cells: Array = np.loadtxt(lines, dtype, delimiter=delimiter, usecols=columns, **settings)
    return cells


# ----- Row by row ---------------------------------------------------------------------------------------------------


def parse_rows(rows: Iterable[TableRow], layout: Layout, plan: ReadingPlan) -> Block:
    """Quoted cells, missing values, and the place of every error."""
    numbers, targets, lines = [], [], []
    for row in rows:
        _check_row(row, layout, plan)
        numbers.append([_number(row, layout, plan, k) for k in plan.features])
        targets.append([row.cells[k] for k in plan.targets])
        lines.append(row.line)
    return Block(
        np.array(numbers, np.float64).reshape(len(numbers), len(plan.features)),
        np.array(targets, np.str_).reshape(len(targets), len(plan.targets)),
        np.array(lines, np.int64),
    )


def check_cells(row: TableRow, layout: Layout) -> None:
    """Raises MlpError for a row with too many or too few cells."""
    if len(row.cells) != len(layout.names):
        many = f"{len(row.cells)} cells, but the table has {len(layout.names)} columns"
        raise MlpError(f"{shown(layout.path)}:{row.line}: {many}")


def _check_row(row: TableRow, layout: Layout, plan: ReadingPlan) -> None:
    """Raises MlpError for a wrong number of cells, a cell in an empty column, or a target that is no label."""
    check_cells(row, layout)
    line, cells = row
    for k in plan.empty:
        if cells[k].strip():
            raise MlpError(f"{shown(layout.path)}:{line}: {no_name(layout, k, cells[k])}")
    for k in plan.targets:
        try:
            (check_length if plan.unlabeled else check_label)(cells[k])
        except ValueError as problem:
            raise MlpError(f"{layout.place(line, k)}: {problem}") from None


def no_name(layout: Layout, column: int, cell: str) -> str:
    """What is wrong with a column that has cells and no name, and what to do."""
    what = f"column {column + 1} has no name, but contains '{excerpt(cell)}'"
    return f"{what}; name it in line {layout.line}, or leave it out with --ignore {column + 1}"


def _number(row: TableRow, layout: Layout, plan: ReadingPlan, column: int) -> float:
    cell = row.cells[column]
    try:
        if column in plan.codes:
            return plan.codes[column][cell]
        if column == plan.weight and is_missing(cell) and not plan.unlabeled:
            raise ValueError(f"the weight is missing ('{cell.strip()}'); use --missing drop")
        if column == plan.weight and is_text(cell):
            raise ValueError(f"'{excerpt(cell)}' is not a weight; weights are numbers of 0 or more")
        return number_of(cell, plan.missing, layout.delimiter, layout.decimal)
    except ValueError as problem:
        what = str(problem)
        if plan.detected and column not in plan.codes and column != plan.weight and is_text(cell):
            name = layout.names[column]
            remedy = f"correct it, or make the column categorical: --categories {name}"
            what = f"'{excerpt(cell)}' is not a finite number; {remedy}"
        mistyped = layout.header and LIKE_NUMBER.fullmatch(cell.strip())  # the header is right, then
        hint = "" if mistyped else layout.hint(row.line)
        raise MlpError(f"{layout.place(row.line, column)}: {what}{hint}") from None
