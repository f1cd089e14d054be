"""What training makes of a table, before anything is trained: the kind, the values and the role of each column."""

from collections.abc import Iterator
from itertools import islice
from math import isfinite
from typing import NamedTuple

import numpy as np

from mlpcli.core.errors import MlpError
from mlpcli.data.blocks import parse, parse_fast
from mlpcli.data.categories import Column
from mlpcli.data.cells import GAP, LABEL_GAP, ProblemKind, is_missing_target, numbers_in
from mlpcli.data.cleaning import check_labels, checked, column_problems, without
from mlpcli.data.columns import Roles, roles
from mlpcli.data.delimited import Reader
from mlpcli.data.dialect import PLAIN
from mlpcli.data.problems import ColumnProblem, clause, no_name, options
from mlpcli.data.remarks import counts_rows, lacks_target, only_value
from mlpcli.data.row_parsing import Block, ReadingPlan
from mlpcli.data.table import clean, detected_plan, opening_notes
from mlpcli.data.targets import suggestion_of
from mlpcli.data.text import shown

NUMBERS, CATEGORIES, COUNTER, CONSTANT, EMPTY = "numbers", "categories", "counts the rows", "one value", "empty"
MOST_LISTED = 1000  # different targets, if these are no classes


class ColumnProfile(NamedTuple):
    """One column."""

    number: int  # from 1
    name: str
    kind: str
    missing: int
    minimum: float | None  # of its numbers
    maximum: float | None
    text: tuple[str, ...]  # the categories or classes in order; of numbers none
    role: str  # target, feature, or why it is neither


class TableProfile(NamedTuple):
    """A table as it is read, with the names that a document has."""

    file: str
    delimiter: str | None  # a blank: runs of blanks and tabs; None: not a text file
    decimal: str
    header: bool
    line: int  # of the first row
    rows: int
    columns: tuple[ColumnProfile, ...]
    task: str | None  # that the target suggests; None if training does not take it
    notes: tuple[str, ...]  # what was detected
    problems: tuple[str, ...]  # what has to be corrected before training takes the table
    training_needs: tuple[str, ...]  # the options that training needs


class _Table(NamedTuple):
    """All columns of a table, read as training reads the features and the targets among them."""

    chosen: Roles
    plan: ReadingPlan  # of all columns
    blocks: list[Block]
    problems: list[ColumnProblem]  # of the columns that training reads

    @property
    def refused(self) -> dict[int, str]:
        """The columns that training refuses, and why in short."""
        return {problem.column: problem.short for problem in self.problems if not problem.kind.is_gap}

    @property
    def taken(self) -> set[int | None]:
        """The features that training reads and takes, and the weight."""
        filled = (k for k in self.chosen.nameless if not _is_empty(self.blocks, self.plan.features.index(k)))
        return {*self.chosen.features, *filled, self.chosen.weight} - {*self.refused}

    @property
    def gap_rules(self) -> str:
        """The rules for missing values with which training works: to drop rows needs one without a gap."""
        taken = self.taken
        places = [place for place, k in enumerate(self.plan.features) if k in taken]
        gaps = (np.isnan(block.numbers[:, places]).any(axis=1) | lacks_target(block.targets) for block in self.blocks)
        return "--missing mean" if all(map(np.all, gaps)) else "--missing mean or --missing drop"


def profile_table(reader: Reader) -> TableProfile:
    """Reads a table as training does, but all columns, and with all problems instead of the first.

    Raises MlpError if its lines are no table, or a wanted column is not there.
    """
    table = _read(reader)
    notes = opening_notes(reader, table.blocks[0], table.plan)
    wrong = _to_correct(table)
    columns = {k: _feature(table, place) for place, k in enumerate(table.plan.features)}
    labels = {k: _labels(table, place) for place, k in enumerate(table.plan.targets)}
    task = None
    try:
        blocks, plan = _usable(table)
        cleaned = clean(blocks, plan, table.chosen.nameless)
        for k in {*table.chosen.features} - {*cleaned.plan.features} - {*table.refused}:
            columns[k] = columns[k]._replace(role="left out")
        notes += cleaned.notes
        found = suggestion_of(cleaned.dataset)
        task = found.task.name
        if found.task.one_class_each and len(labels) == 1:
            labels = {
                k: column._replace(kind=CATEGORIES, minimum=None, maximum=None, text=found.names)
                for k, column in labels.items()
            }
        notes += found.notes
    except MlpError as problem:
        wrong.append(str(problem))
    all_columns = columns | labels
    return TableProfile(
        shown(reader.path),
        None if reader.dialect is PLAIN else reader.dialect.delimiter,
        table.plan.layout.decimal,
        table.plan.layout.header,
        table.plan.layout.line,
        sum(len(block.lines) for block in table.blocks),
        tuple(all_columns[k] for k in sorted(all_columns)),
        task,
        tuple(notes),
        tuple(wrong),
        tuple(options(table.problems, table.plan.layout, table.gap_rules)),
    )


def _read(reader: Reader) -> _Table:
    """All columns, and the first problem of each kind in each column that training reads."""
    layout, chosen = reader.layout, roles(reader.layout)
    every = [k for k in range(len(layout.names)) if k not in chosen.targets and k != chosen.weight]
    plan, parsed = detected_plan(reader, Roles(chosen.targets, every, [], chosen.weight))
    plan = plan._replace(unused=[k for k in every if k not in chosen.features])
    blocks = [parsed] if parsed is not None else []
    for lines in islice(reader.line_blocks(), len(blocks), None):
        block = parse_fast(lines, plan._replace(missing="mean")) or parse(lines, plan)
        blocks += [block] if len(block.lines) else []
    if not blocks:
        raise MlpError(f"{shown(reader.path)}: no data rows")
    first: dict[tuple[int, ProblemKind], ColumnProblem] = {}
    of_cells = [problem for block in blocks for problem in block.problems or _gaps(block, plan)]
    for problem in [*column_problems(blocks, plan), *checked(of_cells, blocks, plan)]:
        first.setdefault((problem.column, problem.kind), problem)
    problems = [problem for problem in first.values() if problem.column not in plan.unused]
    try:
        check_labels(blocks, plan)
    except MlpError:  # no option helps
        problems = [problem for problem in problems if problem.kind != LABEL_GAP]
    for place, k in enumerate(plan.features):
        if k in chosen.nameless and not _is_empty(blocks, place):
            if k in plan.codes or not (reader.starts_to_count(k) and counts_rows(blocks, place, "")):
                problems.append(no_name(layout, 0, k, ""))
            elif plan.missing is None and any(np.isnan(block.numbers[:, place]).any() for block in blocks):
                problems.append(ColumnProblem(k, GAP, ""))
    return _Table(chosen, plan, blocks, problems)


def _is_empty(blocks: list[Block], place: int) -> bool:
    """Whether a column has no value, by its place among the features that were read."""
    return all(np.isnan(block.numbers[:, place]).all() for block in blocks)


def _gaps(block: Block, plan: ReadingPlan) -> Iterator[ColumnProblem]:
    """The columns with missing values in a block that was read by NumPy, if they are a problem."""
    if plan.missing is None:
        for place, k in enumerate(plan.features):
            if k not in plan.unused and np.isnan(block.numbers[:, place]).any():
                yield ColumnProblem(k, LABEL_GAP if k == plan.weight else GAP, "")
        for place, k in enumerate(plan.targets):
            if lacks_target(block.targets[:, place : place + 1]).any():
                yield ColumnProblem(k, LABEL_GAP, "")


def _to_correct(table: _Table) -> list[str]:
    """What has to be corrected in the file, as training words it; for other problems there is an option."""
    layout, problems = table.plan.layout, table.problems
    wrong = [problem for problem in dict.fromkeys(problems) if problem.kind.is_corrected]
    return [f"{shown(layout.path)}:{problem.line}: {clause(problem, problems, layout)}" for problem in wrong]


def _usable(table: _Table) -> tuple[list[Block], ReadingPlan]:
    """The columns that training takes, in rows with a target. Raises MlpError if no row has one."""
    check_labels(table.blocks, table.plan)
    blocks = [block._replace(problems=()) for block in table.blocks]
    plan = without({*table.plan.features} - table.taken, blocks, table.plan)
    kept = []
    for block in blocks:
        keep = ~lacks_target(block.targets) | (plan.missing is not None)  # training then drops the others by itself
        if keep.any():
            kept.append(Block(block.numbers[keep], block.targets[keep], block.lines[keep]))
    return kept, plan._replace(weight=None if plan.weight in table.refused else plan.weight)


# ----- Columns ------------------------------------------------------------------------------------------------------


def _feature(table: _Table, place: int) -> ColumnProfile:
    """A column that is no target, by its place among the features that were read."""
    k = table.plan.features[place]
    values = np.concatenate([block.numbers[:, place] for block in table.blocks])
    codes, missing = table.plan.codes.get(k), int(np.isnan(values).sum())
    numbers = values[np.isfinite(values)] if codes is None else values[:0]
    value = only_value(table.blocks, place)
    kind = NUMBERS if codes is None else CATEGORIES
    if missing == len(values):
        kind = EMPTY
    elif codes is None and counts_rows(table.blocks, place, table.plan.layout.names[k]):
        kind = COUNTER
    elif value is not None and np.isfinite(value):
        kind = CONSTANT
    least, greatest = (float(numbers.min()), float(numbers.max())) if numbers.size else (None, None)
    texts = () if codes is None else codes.categories
    role = _role(table, k, kind, texts)
    return ColumnProfile(k + 1, table.plan.layout.names[k], kind, missing, least, greatest, texts, role)


def _role(table: _Table, k: int, kind: str, categories: tuple[str, ...]) -> str:
    """The role of a column in training, or why it has none."""
    chosen = table.chosen
    if k in table.refused:
        return table.refused[k]
    if k in chosen.nameless:
        return "none" if kind == EMPTY else "left out"
    if k not in chosen.features:
        return "weight" if k == chosen.weight else "ignored"
    features = len(Column("", categories or None).features)
    return "feature" if features == 1 else f"{features} features"


def _labels(table: _Table, place: int) -> ColumnProfile:
    """A target, as long as the task is not known."""
    k = table.plan.targets[place]
    cells = [cell.strip() for block in table.blocks for cell in map(str, block.targets[:, place].tolist())]
    lost = sum(map(is_missing_target, cells))
    texts = {cell for cell in cells if not is_missing_target(cell)}
    name, role = table.plan.layout.names[k], table.refused.get(k) or "target"
    numbers = [value for value in (numbers_in(texts) or {}).values() if isfinite(value)]
    if numbers:
        return ColumnProfile(k + 1, name, NUMBERS, lost, min(numbers), max(numbers), (), role)
    kind = CATEGORIES if texts else EMPTY
    return ColumnProfile(k + 1, name, kind, lost, None, None, tuple(sorted(texts)[:MOST_LISTED]), role)
