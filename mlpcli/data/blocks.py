"""Blocks of rows as numbers. NumPy's C parser reads the lines; rows that it cannot read are read one by one."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.data.cells import DELIMITERS, EXACT, LONGEST_LABEL, NO_TARGET, is_missing_target
from mlpcli.data.row_parsing import Block, ReadingPlan, parse_rows
from mlpcli.data.rows import rows_of
from mlpcli.data.text import LineBlock

LONG = re.compile(r"(?<![\d.])\d{16,}(?![\d.eE])", re.ASCII)  # a whole number that float64 may round
SIGNED_NAN = re.compile(r"[+-]nan", re.IGNORECASE)  # is neither a number nor a missing value, but loadtxt takes it
MOST_NAMES = 1000  # different numbers in a block that may be the names of classes
FOREIGN_BLANK = re.compile(r"[^\S\x00-\x7f]")  # a blank of another alphabet


def parse(block: LineBlock, plan: ReadingPlan) -> Block:
    """The rows of some lines, with the problems of cells that the plan does not allow.

    Raises MlpError with file and line for a row with too many or too few cells, or an unclosed quote.
    """
    return parse_fast(block, plan) or parse_rows(rows_of(block, plan.layout.path, plan.layout.delimiter), plan)


# ----- By NumPy -----------------------------------------------------------------------------------------------------


def parse_fast(block: LineBlock, plan: ReadingPlan) -> Block | None:
    """The rows, or None if a cell may be wrong, or a row has too few or too many."""
    text = "\n".join(block.lines)
    if '"' in text:
        text = _unquoted(text, plan.layout.delimiter)
        block = LineBlock(block.first, text.split("\n"))
    lines = block.lines if all(block.lines) else [line for line in block.lines if line]
    if not lines or not (_is_plain(text) and _is_even(lines, text, plan)):
        return None
    found = _numbers_and_targets(lines, lines, plan)
    if found is None and plan.missing and plan.layout.delimiter in DELIMITERS:  # no part of a missing value
        found = _numbers_and_targets(_with_nan(lines, plan.layout.delimiter), lines, plan)
    if found is None or not _are_exact_or_missing(found[0], text, lines, plan):
        return None
    return Block(*found, _line_numbers(block))


def _numbers_and_targets(filled: list[str], lines: list[str], plan: ReadingPlan) -> tuple[Array, Array] | None:
    """Features and targets in one pass if both are numbers; None for an invalid feature or target.

    `filled` are the lines with numbers in place of missing features.
    """
    width, both = len(plan.features), None
    if plan.targets and len(lines) > MOST_NAMES:  # fewer targets may all be names
        both = _as_numbers(filled, [*plan.features, *plan.targets], plan)
    numbers = _as_numbers(filled, plan.features, plan) if both is None else both[:, :width]
    empty = _texts(lines, plan.layout.delimiter, plan.empty)
    if numbers is None or empty is None or any(map(any, empty)):
        return None
    if both is not None and all(map(_are_quantities, both.T[width:])) and _is_exact(both[:, width:], lines):
        return numbers, both[:, width:]
    texts = _texts(lines, plan.layout.delimiter, plan.targets)
    if texts is None or not all(_are_labels(column, plan) for column in texts):
        return None
    return numbers, np.array(texts, np.str_).T if texts else np.empty((len(lines), 0), np.str_)


def _as_numbers(lines: list[str], columns: Sequence[int], plan: ReadingPlan) -> Array | None:
    """These columns as numbers, (rows, columns); None if a cell is not a number, or not there."""
    settings: dict[str, Any] = {"comments": None, "ndmin": 2}
    if plan.codes:
        codes = {column: known.__getitem__ for column, known in plan.codes.items()}
        settings |= {"converters": codes, "encoding": None}
    try:
        cells: Array = np.loadtxt(lines, np.float64, delimiter=plan.layout.delimiter, usecols=columns, **settings)
        return cells
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
    return max(map(len, column)) <= LONGEST_LABEL and (
        plan.missing is not None or not any(map(is_missing_target, set(column)))
    )


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
    return not SIGNED_NAN.search(text) and _is_exact(np.where(missing, 0, numbers), lines)


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


def _is_even(lines: list[str], text: str, plan: ReadingPlan) -> bool:
    """Whether every line has one cell per column if it has enough for the plan, and none is very long.

    loadtxt ignores cells beyond those it is asked for; a line much longer than the others has a long cell.
    """
    last, delimiter = len(plan.layout.names) - 1, plan.layout.delimiter
    if text.count(delimiter) != last * len(lines) or max(map(len, lines)) > LONGEST_LABEL + 40 * (last + 1):
        return False
    is_read = any(last in columns for columns in (plan.features, plan.targets, plan.empty))  # then no line is short
    return is_read or all(line.count(delimiter) == last for line in lines)
