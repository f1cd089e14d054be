"""What is left out of the blocks of a table: columns that number the rows, rows with missing values, weights."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.cells import COLUMN, TEXT, WRITTEN, excerpt
from mlpcli.data.columns import option_value
from mlpcli.data.dataset import check_sample_weights
from mlpcli.data.layout import Layout
from mlpcli.data.problems import MOST_CATEGORIES, ColumnProblem, no_name, too_many_categories
from mlpcli.data.remarks import counter_text, counts_rows, lacks_target
from mlpcli.data.row_parsing import Block, ReadingPlan
from mlpcli.data.text import shown

MOST_BLAMED = 3  # columns with missing values that a message tells to ignore
ROW_NAME = re.compile(r".*(id|idx|index|key|no\.?|nr\.?|num|number|row|rownames|serial|obs|#)|unnamed: ?\d+|x", re.I)


def counters(blocks: list[Block], plan: ReadingPlan, nameless: Sequence[int]) -> tuple[list[int], list[str]]:
    """The columns that only number the rows, and are left out, and what there is to say.

    These are columns without a name, and those with the name of one: Id. One column with a name is left.
    """
    out, notes = list[int](), list[str]()
    kept = {*plan.features} - {*nameless, plan.weight}
    for place, k in enumerate(plan.features):
        if k == plan.weight or k in plan.codes or not counts_rows(blocks, place, plan.layout.names[k]):
            continue
        if k in nameless:
            out.append(k)
            notes.append(f"column {k + 1} has no name and counts the rows; it is left out")
        elif ROW_NAME.fullmatch(plan.layout.names[k]) and len(kept) > 1:
            kept.remove(k)
            out.append(k)
            what = f"'{excerpt(plan.layout.names[k])}' {counter_text(blocks)}; it is left out"
            notes.append(f"{what}, as with --ignore {option_value(plan.layout, [k])}; --features can include it")
    return out, notes


def without(columns: Collection[int], blocks: list[Block], plan: ReadingPlan) -> ReadingPlan:
    """The plan without some features, which the blocks then lack."""
    out = [place for place, k in enumerate(plan.features) if k in columns]
    if out:
        blocks[:] = [block._replace(numbers=np.delete(block.numbers, out, axis=1)) for block in blocks]
    return plan._replace(features=[k for k in plan.features if k not in columns])


def nameless_problems(blocks: list[Block], plan: ReadingPlan, nameless: Iterable[int]) -> Iterator[ColumnProblem]:
    """The columns without a name that were read, and do not count the rows."""
    for k in nameless:
        if k in plan.features and not counts_rows(blocks, place := plan.features.index(k), ""):
            yield no_name(plan.layout, int(blocks[0].lines[0]), k, f"{blocks[0].numbers[0, place]:g}")


def checked(problems: Sequence[ColumnProblem], blocks: list[Block], plan: ReadingPlan) -> list[ColumnProblem]:
    """The problems; those of text in a column with too many different numbers for categories are to be corrected."""
    measured = {p.column for p in problems if p.kind == TEXT and _is_measured(blocks, plan, p.column)}
    return [p._replace(kind=WRITTEN) if p.kind == TEXT and p.column in measured else p for p in problems]


def _is_measured(blocks: list[Block], plan: ReadingPlan, column: int) -> bool:
    """Whether a column has so many different numbers that it is no column of categories with a few numbers."""
    place = plan.features.index(column)
    return len(np.unique(np.concatenate([block.numbers[:, place] for block in blocks]))) > MOST_CATEGORIES


def column_problems(blocks: list[Block], plan: ReadingPlan) -> list[ColumnProblem]:
    """The features without values, and those whose categories name the rows, if these blocks are the whole table."""
    problems, rows = list[ColumnProblem](), dict[int, int]()
    for place, k in enumerate(plan.features):
        rows[k] = sum(int(np.count_nonzero(~np.isnan(block.numbers[:, place]))) for block in blocks)
        if not rows[k] and k != plan.weight:
            problems.append(ColumnProblem(k, COLUMN, "no values", short="no values"))
    return problems + too_many_categories({k: n for k, n in plan.detected_categories.items() if rows[k]}, rows)


# ----- Missing values -----------------------------------------------------------------------------------------------


def check_labels(blocks: list[Block], plan: ReadingPlan) -> None:
    """Raises MlpError if every row lacks a target, or every row lacks its weight: no row is left without these."""
    if all(lacks_target(block.targets).all() for block in blocks):
        raise MlpError(f"{shown(plan.layout.path)}: every target is missing; choose another --target")
    if plan.weight is not None and all(np.isnan(block.numbers[:, -1]).all() for block in blocks):
        raise MlpError(f"{shown(plan.layout.path)}: every weight is missing; choose another --sample-weight")


PARTS = ("nothing", "feature", "weight", "target")  # what a row may lack
FEATURE, WEIGHT, TARGET = range(1, len(PARTS))


def drop_missing(blocks: list[Block], plan: ReadingPlan) -> list[str]:
    """Drops rows from the blocks: without a target, a weight or, unless it is filled in, a feature. Returns the notes.

    Raises MlpError if no row is left.
    """
    check_labels(blocks, plan)
    lacking = [_lacking(block, plan) for block in blocks]
    for place, (block, (part, _)) in enumerate(zip(blocks, lacking, strict=True)):
        if part.any():
            blocks[place] = Block(block.numbers[part == 0], block.targets[part == 0], block.lines[part == 0])
    counts = np.bincount(np.concatenate([part for part, _ in lacking]), minlength=len(PARTS)).tolist()
    left, total = counts[0], sum(counts)
    remedy = _more_rows(np.concatenate([gaps[part == FEATURE] for part, gaps in lacking]), plan)
    if not left:
        raise MlpError(f"{shown(plan.layout.path)}: every row lacks a value{remedy}")
    reasons = [f"{count} for a missing {part}" for count, part in zip(counts[1:], PARTS[1:], strict=True) if count]
    notes = [f"{total - left} of {total} rows dropped: {', '.join(reasons)}"] if reasons else []
    few = left * 2 < total and plan.detected and remedy
    return [*notes, f"fewer than half of the rows are left{remedy}"] if few else notes


def _lacking(block: Block, plan: ReadingPlan) -> tuple[Array, Array]:
    """For each row, the place in PARTS of what it lacks, (rows,); and its missing features, (rows, features)."""
    gaps = np.isnan(block.numbers)
    weights = np.zeros(len(gaps), bool)
    if plan.weight is not None:
        gaps, weights = gaps[:, :-1], gaps[:, -1]
    features = gaps.any(axis=1) & (plan.missing == "drop")
    return np.select([lacks_target(block.targets), weights, features], [TARGET, WEIGHT, FEATURE]), gaps


def _more_rows(gaps: Array, plan: ReadingPlan) -> str:
    """What to do about rows that are dropped for their missing features, (rows, features). Empty if there are none."""
    if not len(gaps):
        return ""
    worst = np.argsort(-gaps.sum(axis=0), kind="stable")[: min(MOST_BLAMED, gaps.shape[1] - 1)]
    for count in range(1, len(worst) + 1 if plan.detected else 0):
        if 2 * np.count_nonzero(np.delete(gaps, worst[:count], axis=1).any(axis=1)) <= len(gaps):  # half are kept
            ignored = option_value(plan.layout, [plan.features[place] for place in worst[:count]])
            return f"; --ignore {ignored} keeps more, and so does --missing mean"
    return "; --missing mean keeps more"


# ----- Weights --------------------------------------------------------------------------------------------------------


def taken_weights(blocks: list[Block], layout: Layout, column: int) -> Array:
    """The weights of the samples, (rows,), which the blocks then lack.

    Raises MlpError with file, line and column for one that is negative or too large, and if all are 0.
    """
    weights = np.concatenate([block.numbers[:, -1] for block in blocks])
    lines = np.concatenate([block.lines for block in blocks])
    blocks[:] = [block._replace(numbers=block.numbers[:, :-1]) for block in blocks]
    name = f"{shown(layout.path)}: column '{layout.names[column]}'"
    check_sample_weights(weights, lambda row: layout.place(int(lines[row]), column), name)
    return weights
