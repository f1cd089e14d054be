"""Blocks of rows as numbers. NumPy's C parser reads the lines; if it fails, a slow reader finds the place."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf, nan
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.categories import CategoryCodes
from mlpcli.data.cells import (
    DELIMITERS,
    EXACT,
    GAP,
    LIKE_NUMBER,
    LONGEST_LABEL,
    NO_TARGET,
    TEXT,
    TOTAL,
    WRITTEN,
    BadCell,
    check_label,
    check_length,
    excerpt,
    is_missing,
    is_missing_target,
    is_text,
    number_of,
)
from mlpcli.data.layout import Layout
from mlpcli.data.problems import GAPS, LABEL_GAP, MAYBE, Problem, no_name
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
    unused: Sequence[int] = ()  # features that are only looked at: no cell in them is a problem

    @property
    def detected_categories(self) -> dict[int, int]:
        """The number of categories so far, of each column that is categorical because of its cells."""
        return {k: len(known.codes) for k, known in self.codes.items() if not (known.is_fixed or known.asked)}


class Block(NamedTuple):
    """Some rows: the features as numbers, and the targets as text, as numbers may be the names of classes."""

    numbers: Array  # (rows, features)
    targets: Array  # (rows, targets): text, or float64 where they are surely quantities
    lines: Array  # (rows,): the line in the file where each row begins
    problems: tuple[Problem, ...] = ()  # cells that the plan does not allow


def parse(block: LineBlock, layout: Layout, plan: ReadingPlan) -> Block:
    """The rows of some lines, with the problems of cells that the plan does not allow.

    Raises MlpError with file and line for a row with too many or too few cells, or an unclosed quote.
    """
    return parse_fast(block, layout, plan) or parse_rows(rows_of(block, layout.path, layout.delimiter), layout, plan)


# ----- By NumPy -----------------------------------------------------------------------------------------------------


def parse_fast(block: LineBlock, layout: Layout, plan: ReadingPlan) -> Block | None:
    """The rows, or None if a cell may be wrong, or a row has too few or too many."""
    text = "\n".join(block.lines)
    if '"' in text:
        text = _unquoted(text, layout.delimiter)
        block = LineBlock(block.first, text.split("\n"))
    lines = block.lines if all(block.lines) else [line for line in block.lines if line]
    if not lines or not (_is_plain(text) and _is_even(lines, text, layout, plan)):
        return None
    found = _numbers_and_targets(lines, lines, layout, plan)
    if found is None and plan.missing and layout.delimiter in DELIMITERS:  # no part of a missing value
        found = _numbers_and_targets(_with_nan(lines, layout.delimiter), lines, layout, plan)
    if found is None or not _are_exact_or_missing(found[0], text, lines, plan):
        return None
    return Block(*found, _line_numbers(block))


def _numbers_and_targets(
    filled: list[str], lines: list[str], layout: Layout, plan: ReadingPlan
) -> tuple[Array, Array] | None:
    """Features and targets in one pass if both are numbers; None if a feature is none, or a target no label.

    `filled` are the lines with numbers in place of missing features.
    """
    width, both = len(plan.features), None
    if plan.targets and len(lines) > MOST_NAMES:  # fewer targets may all be names
        both = _as_numbers(filled, layout, [*plan.features, *plan.targets], plan)
    numbers = _as_numbers(filled, layout, plan.features, plan) if both is None else both[:, :width]
    empty = _texts(lines, layout.delimiter, plan.empty)
    if numbers is None or empty is None or any(map(any, empty)):
        return None
    if both is not None and all(map(_are_quantities, both.T[width:])) and _is_exact(both[:, width:], lines):
        return numbers, both[:, width:]
    texts = _texts(lines, layout.delimiter, plan.targets)
    if texts is None or not all(_are_labels(column, plan) for column in texts):
        return None
    return numbers, np.array(texts, np.str_).T if texts else np.empty((len(lines), 0), np.str_)


def _as_numbers(lines: list[str], layout: Layout, columns: Sequence[int], plan: ReadingPlan) -> Array | None:
    """These columns as numbers, (rows, columns); None if a cell is none, or not there."""
    try:
        return _loadtxt(lines, layout.delimiter, columns, plan.codes)
    except ValueError:
        return None


def _texts(lines: list[str], delimiter: str, columns: Sequence[int]) -> list[list[str]] | None:
    """The cells of each of these columns; None if one is not there."""
    try:
        return [[line.split(delimiter, k + 1)[k] for line in lines] for k in columns]
    except IndexError:
        return None


def _are_labels(column: list[str], plan: ReadingPlan) -> bool:
    """Whether the targets in a column are there, and not too long."""
    return max(map(len, column)) <= LONGEST_LABEL and (plan.unlabeled or not any(map(is_missing_target, set(column))))


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
    missing = np.isnan(numbers) if plan.missing else None
    if missing is None or not missing.any():
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


def _is_even(lines: list[str], text: str, layout: Layout, plan: ReadingPlan) -> bool:
    """Whether every line has one cell per column if it has enough for the plan, and none is very long.

    loadtxt ignores cells beyond those it is asked for; a line much longer than the others has a long cell.
    """
    last, delimiter = len(layout.names) - 1, layout.delimiter
    if text.count(delimiter) != last * len(lines) or max(map(len, lines)) > LONGEST_LABEL + 40 * (last + 1):
        return False
    is_read = any(last in columns for columns in (plan.features, plan.targets, plan.empty))  # then no line is short
    return is_read or all(line.count(delimiter) == last for line in lines)


def _loadtxt(lines: list[str], delimiter: str, columns: Sequence[int], codes: Mapping[int, CategoryCodes]) -> Array:
    if not columns:
        return np.empty((len(lines), 0))
    settings: dict[str, Any] = {"comments": None, "ndmin": 2}
    if codes:
        settings |= {"converters": {column: known.__getitem__ for column, known in codes.items()}, "encoding": None}
    cells: Array = np.loadtxt(lines, np.float64, delimiter=delimiter, usecols=columns, **settings)
    return cells


# ----- Row by row ---------------------------------------------------------------------------------------------------


def parse_rows(rows: Iterable[TableRow], layout: Layout, plan: ReadingPlan) -> Block:
    """Quoted cells, missing values, and the first problem of each kind in each column."""
    numbers, targets, lines = [], [], []
    problems: dict[tuple[int, str], Problem] = {}
    for row in rows:
        check_cells(row, layout)
        wrong = list[Problem]()
        numbers.append([_number(row, layout, plan, k, wrong) for k in plan.features])
        targets.append([row.cells[k] if len(row.cells[k]) <= LONGEST_LABEL else "" for k in plan.targets])
        lines.append(row.line)
        wrong += _label_problems(row, layout, plan)
        for problem in _of_row(row, layout, plan, wrong) if wrong else ():
            problems.setdefault((problem.column, problem.kind), problem)
    return Block(
        np.array(numbers, np.float64).reshape(len(numbers), len(plan.features)),
        np.array(targets, np.str_).reshape(len(targets), len(plan.targets)),
        np.array(lines, np.int64),
        tuple(problems.values()),
    )


def check_cells(row: TableRow, layout: Layout) -> None:
    """Raises MlpError for a row with too many or too few cells."""
    count, columns = len(row.cells), len(layout.names)
    if count != columns:
        many = f"{count} cell{'s' * (count != 1)}, but the table has {columns} columns"
        remedy = "; remove the line if it is not part of the table" if count == 1 else ""
        raise MlpError(f"{shown(layout.path)}:{row.line}: {many}{remedy}")


def _number(row: TableRow, layout: Layout, plan: ReadingPlan, column: int, wrong: list[Problem]) -> float:
    """The number in a cell. For one that is wrong, its problem is added to `wrong`: NaN if it is missing, else inf."""
    cell = row.cells[column]
    try:
        if column in plan.codes:
            return plan.codes[column][cell]
        if column == plan.weight:
            _check_weight(cell, plan.unlabeled)
        return number_of(cell, plan.missing, layout.delimiter, layout.decimal)
    except BadCell as bad:
        if column not in plan.unused:
            wrong.append(_problem(row, layout, plan, column, bad))
        return nan if bad.kind in GAPS else inf


def _check_weight(cell: str, unlabeled: bool) -> None:
    """Raises BadCell for a weight that is missing or text."""
    if is_missing(cell) and not unlabeled:
        raise BadCell(f"the weight is missing ('{cell.strip()}')", "use --missing drop", LABEL_GAP)
    if is_text(cell):
        raise BadCell(f"'{excerpt(cell)}' is not a weight", "weights are numbers of 0 or more", WRITTEN)


def _problem(row: TableRow, layout: Layout, plan: ReadingPlan, column: int, bad: BadCell) -> Problem:
    cell, kind, remedy = row.cells[column], bad.kind, bad.remedy
    if kind == GAP and column in plan.codes and plan.detected and not is_missing_target(cell):
        kind = MAYBE  # none and -
    elif kind == GAP and not (plan.detected or plan.targets):
        remedy = "use --missing mean"  # a row that is dropped has no prediction
    elif kind == TEXT and plan.detected:
        is_total = any(TOTAL.fullmatch(other.strip(" :")) for other in row.cells)
        remedy = f"remove line {row.line} if it has totals" if is_total else "correct it"
    elif kind != GAP and not (plan.detected and column != plan.weight):
        kind = kind if kind == LABEL_GAP else WRITTEN
    mistyped = layout.header and LIKE_NUMBER.fullmatch(cell.strip())  # the header is right, then
    what = f"column {column + 1} ('{layout.names[column]}'): {bad.what}"
    short = bad.what.partition(";")[0].replace("finite ", "")
    return Problem(column, kind, what, remedy, row.line, "" if mistyped else layout.hint(row.line), short)


def _label_problems(row: TableRow, layout: Layout, plan: ReadingPlan) -> Iterator[Problem]:
    """Cells in columns that must be empty, and targets that are no labels."""
    for k in plan.empty:
        if row.cells[k].strip():
            yield no_name(layout, row.line, k, row.cells[k])
    for k in plan.targets:
        try:
            (check_length if plan.unlabeled else check_label)(row.cells[k])
        except BadCell as bad:
            kind = LABEL_GAP if bad.kind == GAP else bad.kind
            yield Problem(k, kind, f"column {k + 1} ('{layout.names[k]}'): {bad.what}", bad.remedy, row.line)


def _of_row(row: TableRow, layout: Layout, plan: ReadingPlan, wrong: list[Problem]) -> list[Problem]:
    """The problems of a row; those of a row of units or of a footnote, which has text or nothing for each number."""
    numeric = [k for k in plan.features if k not in (*plan.codes, *plan.unused)]
    texts = [problem for problem in wrong if problem.kind == TEXT]
    lost = {problem.column for problem in wrong if problem.kind in (TEXT, GAP)}
    if not texts or not lost >= set(numeric):
        return wrong
    if len(numeric) == 1:
        units = f"correct it, remove line {row.line} if it has units" if row.line == layout.below else texts[0].remedy
        return [problem._replace(remedy=units) if problem is texts[0] else problem for problem in wrong]
    cells = " and ".join(f"'{excerpt(row.cells[problem.column])}'" for problem in texts[:2])
    what, short = f"{cells} where other rows have numbers", f"line {row.line} has no numbers"
    remedy = f"remove line {row.line} if it is a header, units or a footnote"
    return [Problem(texts[0].column, WRITTEN, what, remedy, row.line, layout.hint(row.line), short)]
