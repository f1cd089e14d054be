"""What is read of a table, and rows read one by one: quoted cells, missing values, and what is wrong with a cell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf, nan
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.categories import CategoryCodes
from mlpcli.data.cells import (
    CORRECT,
    GAP,
    LABEL_GAP,
    LIKE_NUMBER,
    LONGEST_LABEL,
    MAYBE,
    NUMBERS_ONLY,
    TEXT,
    TOTAL,
    WRITTEN,
    BadCell,
    ProblemKind,
    check_label,
    check_length,
    excerpt,
    is_missing,
    is_missing_target,
    is_text,
    number_of,
)
from mlpcli.data.layout import Layout
from mlpcli.data.problems import ColumnProblem, no_name
from mlpcli.data.rows import TableRow
from mlpcli.data.text import shown


class ReadingPlan(NamedTuple):
    """Which columns of a table are read, and as what. Columns are given by their index."""

    layout: Layout
    features: Sequence[int]  # in the order in which they are wanted
    codes: Mapping[int, CategoryCodes] = {}  # of those of them that are categorical
    targets: Sequence[int] = ()
    empty: Sequence[int] = ()  # must have no value
    missing: str | None = None  # features, weights and targets may be missing: NaN, and targets as they are written
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
    problems: tuple[ColumnProblem, ...] = ()  # cells that the plan does not allow


def parse_rows(rows: Iterable[TableRow], plan: ReadingPlan) -> Block:
    """Quoted cells, missing values, and the first problem of each kind in each column."""
    numbers, targets, lines = [], [], []
    problems: dict[tuple[int, ProblemKind], ColumnProblem] = {}
    for row in rows:
        check_cells(row, plan.layout)
        wrong = list[ColumnProblem]()
        numbers.append([_number(row, plan, k, wrong) for k in plan.features])
        targets.append([row.cells[k] if len(row.cells[k]) <= LONGEST_LABEL else "" for k in plan.targets])
        lines.append(row.line)
        wrong += _label_problems(row, plan)
        for problem in _of_row(row, plan, wrong) if wrong else ():
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


def _number(row: TableRow, plan: ReadingPlan, column: int, wrong: list[ColumnProblem]) -> float:
    """The number in a cell. For one that is wrong, its problem is added to `wrong`: NaN if it is missing, else inf."""
    cell = row.cells[column]
    try:
        if column in plan.codes:
            return plan.codes[column][cell]
        if column == plan.weight:
            _check_weight(cell, plan)
        return number_of(cell, plan.missing is not None, plan.layout.delimiter, plan.layout.decimal)
    except BadCell as bad:
        if column not in plan.unused:
            wrong.append(_problem(row, plan, column, bad))
        return nan if bad.kind.is_gap else inf


def _check_weight(cell: str, plan: ReadingPlan) -> None:
    """Raises BadCell for a weight that is missing or text."""
    if is_missing(cell) and plan.missing is None:
        raise BadCell(f"the weight is missing ('{cell.strip()}')", "use --missing drop", LABEL_GAP)
    if is_text(cell):
        raise BadCell(f"'{excerpt(cell)}' is not a weight", "weights are numbers of 0 or more", WRITTEN)


def _problem(row: TableRow, plan: ReadingPlan, column: int, bad: BadCell) -> ColumnProblem:
    cell, kind, remedy = row.cells[column], bad.kind, bad.remedy
    if kind == GAP and column in plan.codes and plan.detected and not is_missing_target(cell):
        kind = MAYBE  # none and -
    elif kind == GAP and not (plan.detected or plan.targets):
        remedy = "use --missing mean"  # a row that is dropped has no prediction
    elif kind == TEXT and plan.detected:
        is_total = any(TOTAL.fullmatch(other.strip(" :")) for other in row.cells)
        remedy = CORRECT if bad.remedy == NUMBERS_ONLY else bad.remedy
        remedy = f"remove line {row.line} if it has totals" if is_total else remedy
    elif kind != GAP and not (plan.detected and column != plan.weight):
        kind = kind if kind == LABEL_GAP else WRITTEN
    mistyped = plan.layout.header and LIKE_NUMBER.fullmatch(cell.strip())  # the header is right, then
    what = f"column {column + 1} ('{plan.layout.names[column]}'): {bad.what}"
    short = bad.what.partition(";")[0].replace("finite ", "")
    return ColumnProblem(column, kind, what, remedy, row.line, "" if mistyped else plan.layout.hint(row.line), short)


def _label_problems(row: TableRow, plan: ReadingPlan) -> Iterator[ColumnProblem]:
    """Cells in columns that must be empty, and targets that are no labels."""
    for k in plan.empty:
        if not is_missing(row.cells[k]):
            yield no_name(plan.layout, row.line, k, row.cells[k])
    for k in plan.targets:
        try:
            (check_label if plan.missing is None else check_length)(row.cells[k])
        except BadCell as bad:
            kind = LABEL_GAP if bad.kind == GAP else bad.kind
            yield ColumnProblem(k, kind, f"column {k + 1} ('{plan.layout.names[k]}'): {bad.what}", bad.remedy, row.line)


def _of_row(row: TableRow, plan: ReadingPlan, wrong: list[ColumnProblem]) -> list[ColumnProblem]:
    """The problems of a row. Units, or a footnote, are one problem: such a row has text or nothing for each number."""
    numeric = [k for k in plan.features if k not in (*plan.codes, *plan.unused)]
    texts = [problem for problem in wrong if problem.kind == TEXT]
    lost = {problem.column for problem in wrong if problem.kind in (TEXT, GAP)}
    if not texts or not lost >= set(numeric):
        return wrong
    if len(numeric) == 1:
        remedy = texts[0].remedy + f", remove line {row.line} if it has units" * (row.line == plan.layout.below)
        return [problem._replace(remedy=remedy) if problem is texts[0] else problem for problem in wrong]
    cells = " and ".join(f"'{excerpt(row.cells[problem.column])}'" for problem in texts[:2])
    what, short = f"{cells} where other rows have numbers", f"line {row.line} has no numbers"
    remedy = f"remove line {row.line} if it is a header, units or a footnote"
    return [ColumnProblem(texts[0].column, WRITTEN, what, remedy, row.line, plan.layout.hint(row.line), short)]
