"""What is left out of the blocks of a table, and what there is to say about its columns."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.blocks import Block, ReadingPlan
from mlpcli.data.categories import CategoryCodes
from mlpcli.data.cells import (
    TEXT,
    THREE_DECIMALS,
    TOTAL,
    WHOLE,
    WRITTEN,
    different,
    excerpt,
    is_missing,
    is_missing_target,
)
from mlpcli.data.columns import option_value
from mlpcli.data.layout import Layout
from mlpcli.data.problems import MOST_CATEGORIES, Problem, no_name, no_values, too_many_categories
from mlpcli.data.rows import rows_of
from mlpcli.data.text import LineBlock, shown

FEWEST_COUNTED = 5  # rows; fewer are counted by chance
MOST_SORTED = 20  # different targets by which rows are sorted
MOST_NAMED = 8  # categorical columns in a note
FEWEST_NAMED = 10  # different numbers that are identifiers
LEAST_POSTAL = 999  # postal codes are larger
MOST_BLAMED = 3  # columns with missing values in a note
DOUBTED_IN = 200  # rows in which points may separate thousands
ROW_NAME = re.compile(r".*(id|idx|index|key|no\.?|nr\.?|num|number|row|rownames|serial|obs|#)|unnamed: ?\d+|x", re.I)
ID_NAME = re.compile(
    r"(?i:(.*[\W_])?(id|nr|no)\.?)|.*[a-z](Id|ID|Nr|No)"
    r"|(?i:(user|customer|client|order|product|item|patient|student|person|member|account|record|case)id)"
)
POSTAL_NAME = re.compile(r"(?i)(.*[\W_])?(zip|zip[\W_]?code|post(al)?[\W_]?code|plz|postleitzahl)")


def category_notes(layout: Layout, plan: ReadingPlan) -> list[str]:
    """What there is to say about categorical columns."""
    if not plan.codes:
        return []
    names = {k: excerpt(layout.names[k]) for k in plan.codes}
    unseen = [f"{codes.unseen} in '{names[k]}'{_as(codes)}" for k, codes in plan.codes.items() if codes.unseen]
    notes = [f"cells with a category not seen in training become 0: {', '.join(unseen)}"] * bool(unseen)
    detected = [f"'{names[k]}' ({number})" for k, number in plan.detected_categories.items()]
    if detected:
        more = f" and {len(detected) - MOST_NAMED} more" if len(detected) > MOST_NAMED else ""
        notes.append(f"text columns become 0/1 features, one per category: {', '.join(detected[:MOST_NAMED])}{more}")
    return notes


def _as(codes: CategoryCodes) -> str:
    """As what an unknown category counts where one feature says which of two categories it is: 0 is the first."""
    return f" (as '{excerpt(codes.categories[0])}', the first of two)" if len(codes.categories) == 2 else ""


def remarks(blocks: list[Block], layout: Layout, plan: ReadingPlan) -> list[str]:
    """Notes on columns of training data that name the rows, say nothing, or whose size has no meaning."""
    notes = []
    for place, k in enumerate(plan.features):
        if k == plan.weight:
            continue
        name = f"'{excerpt(layout.names[k])}'"
        if (value := only_value(blocks, place)) is not None:
            only = plan.codes[k].categories[int(value)] if k in plan.codes else f"{value:g}"
            notes.append(f"{name} has only one value, {excerpt(only)}; {_leaves_out(layout, k)}")
        elif k in plan.codes:
            notes += [f"{name} {what}" for what in _category_remarks(blocks, place, plan.codes[k])]
        elif len(plan.features) > 1 and counts_rows(blocks, place):
            notes.append(
                f"{name} counts the rows{_and_tells(blocks)}; if it only numbers them, {_leaves_out(layout, k)}"
            )
        elif ID_NAME.fullmatch(layout.names[k]) and _are_identifiers(_whole(blocks, place)):
            notes.append(f"{name} has another whole number in each row, as identifiers have; {_leaves_out(layout, k)}")
        elif POSTAL_NAME.fullmatch(layout.names[k]) and _whole(blocks, place).max(initial=0) > LEAST_POSTAL:
            or_words = f"--categories {option_value(layout, [k])} may help"
            notes.append(f"{name} has postal codes, whose size means nothing; {_leaves_out(layout, k)}, {or_words}")
    return notes


def _leaves_out(layout: Layout, column: int) -> str:
    return f"--ignore {option_value(layout, [column])} leaves it out"


def _whole(blocks: list[Block], place: int) -> Array:
    """The numbers of a feature, if all are whole and none is negative; else nothing."""
    values = np.concatenate([block.numbers[:, place] for block in blocks])
    values = values[~np.isnan(values)]
    is_whole = (values >= 0).all() and (values == np.rint(values)).all()
    return np.array(values if is_whole else ())


def _are_identifiers(values: Array) -> bool:
    return len(values) >= FEWEST_NAMED and len(np.unique(values)) == len(values)


def _category_remarks(blocks: list[Block], place: int, codes: CategoryCodes) -> Iterator[str]:
    """Categories that differ only in case, and a total in the last row."""
    yield from (
        f"has {pair}, which are two categories; write them alike if they are one" for pair in alike(codes.codes)
    )
    last = blocks[-1].numbers[-1, place]
    total = next((category for category, code in codes.codes.items() if code == last), "")
    if TOTAL.fullmatch(total) and sum(np.count_nonzero(block.numbers[:, place] == last) for block in blocks) == 1:
        yield f"is '{total}' in line {blocks[-1].lines[-1]} only; if this row has totals, remove it"


def alike(texts: Iterable[str]) -> list[str]:
    """The texts that differ only in case: 'Yes' and 'yes'."""
    groups: dict[str, list[str]] = {}
    for text in texts:
        groups.setdefault(text.casefold(), []).append(text)
    return [" and ".join(f"'{excerpt(text)}'" for text in sorted(group)) for group in groups.values() if len(group) > 1]


def thousands_notes(block: Block, first: LineBlock, layout: Layout, plan: ReadingPlan) -> list[str]:
    """Notes on columns where every decimal number has just three decimals and others are whole: 999, 1.390, 12.500.

    `first` are the first lines below the header, and `block` is what they say.
    """
    rows = islice(rows_of(first, layout.path, layout.delimiter), DOUBTED_IN)
    doubted, whole, pointed = {*plan.features, *plan.targets} - {*plan.unused}, set[int](), dict[int, str]()
    for number, row in enumerate(rows):
        for k in doubted.copy():
            cell = row.cells[k].strip()
            if WHOLE.fullmatch(cell):
                whole.add(k)
            elif THREE_DECIMALS.fullmatch(cell):
                pointed.setdefault(k, cell)
            elif not is_missing(cell):
                doubted.remove(k)
        if doubted and not number:
            doubted -= _all_whole(block, plan)
        if not doubted:
            break
    remedy = "if its point or comma separates thousands, remove it"
    return [
        f"'{excerpt(layout.names[k])}' has decimal numbers such as {pointed[k]}; {remedy}"
        for k in sorted(doubted & whole & pointed.keys())
    ]


def _all_whole(block: Block, plan: ReadingPlan) -> set[int]:
    """The columns where the first numbers are all whole."""
    numbers = block.numbers[:DOUBTED_IN]
    features = zip(plan.features, (numbers == np.rint(numbers)).all(axis=0).tolist(), strict=True)
    targets = zip(plan.targets, block.targets[:DOUBTED_IN].T.tolist(), strict=True)
    whole = {k for k, is_whole in features if is_whole}
    return whole | {k for k, cells in targets if "." not in "".join(map(str, cells))}


def counters(
    blocks: list[Block], layout: Layout, plan: ReadingPlan, nameless: Sequence[int]
) -> tuple[list[int], list[str]]:
    """The columns that only number the rows, and are left out, and what there is to say.

    These are columns without a name, and those with the name of one: Id.
    """
    out, notes = list[int](), list[str]()
    for place, k in enumerate(plan.features):
        if k == plan.weight or k in plan.codes or not counts_rows(blocks, place):
            continue
        if k in nameless:
            out.append(k)
            notes.append(f"column {k + 1} has no name and counts the rows; it is left out")
        elif ROW_NAME.fullmatch(layout.names[k]) and len(out) + 1 < len(plan.features):
            out.append(k)
            what = f"'{excerpt(layout.names[k])}' counts the rows{_and_tells(blocks)}; it is left out"
            notes.append(f"{what}, as with --ignore {option_value(layout, [k])}; --features can include it")
    return out, notes


def without(columns: Collection[int], blocks: list[Block], plan: ReadingPlan) -> ReadingPlan:
    """The plan without some features, which the blocks then lack."""
    out = [place for place, k in enumerate(plan.features) if k in columns]
    if out:
        blocks[:] = [block._replace(numbers=np.delete(block.numbers, out, axis=1)) for block in blocks]
    return plan._replace(features=[k for k in plan.features if k not in columns])


def nameless_problems(
    blocks: list[Block], layout: Layout, plan: ReadingPlan, nameless: Iterable[int]
) -> Iterator[Problem]:
    """The columns without a name that were read, and do not count the rows."""
    for k in nameless:
        if k in plan.features and not counts_rows(blocks, place := plan.features.index(k)):
            yield no_name(layout, int(blocks[0].lines[0]), k, f"{blocks[0].numbers[0, place]:g}")


def counts_rows(blocks: list[Block], place: int) -> bool:
    """Whether a feature is 0, 1, 2, … or 1, 2, 3, …, for enough rows that this is not by chance."""
    start = blocks[0].numbers[0, place]
    if start not in (0, 1) or sum(len(block.numbers) for block in blocks) < FEWEST_COUNTED:
        return False
    for block in blocks:
        end = start + len(block.numbers)
        if not (block.numbers[:, place] == np.arange(start, end)).all():
            return False
        start = end
    return True


def _and_tells(blocks: list[Block]) -> str:
    """Whether a row's number tells its class, since the rows are sorted by it, as text."""
    rows = [tuple(row) for block in blocks for row in block.targets.tolist()]
    changes = sum(one != other for one, other in zip(rows[1:], rows, strict=False))
    classes = len(set(rows))
    return (
        " and predicts the target, since the rows are sorted by it" if 0 < changes == classes - 1 < MOST_SORTED else ""
    )


def only_value(blocks: list[Block], place: int) -> float | None:
    """The only value of a feature; None if it has several, or some are missing."""
    value = float(blocks[0].numbers[0, place])
    if blocks[-1].numbers[-1, place] != value:
        return None
    return value if all((block.numbers[:, place] == value).all() for block in blocks) else None


def checked(problems: Sequence[Problem], blocks: list[Block], plan: ReadingPlan) -> list[Problem]:
    """The problems; those of text in a column with too many different numbers for categories are to be corrected."""
    measured = {p.column for p in problems if p.kind == TEXT and _is_measured(blocks, plan, p.column)}
    return [p._replace(kind=WRITTEN) if p.kind == TEXT and p.column in measured else p for p in problems]


def _is_measured(blocks: list[Block], plan: ReadingPlan, column: int) -> bool:
    """Whether a column has so many different numbers that it is no column of categories with a few numbers."""
    place = plan.features.index(column)
    return len(np.unique(np.concatenate([block.numbers[:, place] for block in blocks]))) > MOST_CATEGORIES


def column_problems(blocks: list[Block], plan: ReadingPlan) -> list[Problem]:
    """The features without values, and those whose categories name the rows, if these blocks are the whole table."""
    problems, rows = list[Problem](), dict[int, int]()
    for place, k in enumerate(plan.features):
        rows[k] = sum(int(np.count_nonzero(~np.isnan(block.numbers[:, place]))) for block in blocks)
        if not rows[k] and k != plan.weight:
            problems.append(no_values(k))
    return problems + too_many_categories({k: n for k, n in plan.detected_categories.items() if rows[k]}, rows)


# ----- Missing values -----------------------------------------------------------------------------------------------


def drop_missing(blocks: list[Block], layout: Layout, plan: ReadingPlan) -> Iterator[str]:
    """Drops the rows with a missing feature or target from the blocks. Yields what there is to say about it.

    Raises MlpError if no row is left.
    """
    total, by_column = sum(len(block.lines) for block in blocks), np.zeros(len(plan.features), np.int64)
    unlabeled = left = 0
    for place, block in enumerate(blocks):
        gaps = np.isnan(block.numbers)
        lacks = lacks_target(block.targets)
        by_column += gaps.sum(axis=0)
        unlabeled += int(lacks.sum())
        keep = ~(gaps.any(axis=1) | lacks)
        left += int(keep.sum())
        if not keep.all():
            blocks[place] = Block(block.numbers[keep], block.targets[keep], block.lines[keep])
    if left == total:
        return
    dropped, worst = total - left, np.argsort(-by_column, kind="stable")[:MOST_BLAMED]
    of_features = f"{dropped - unlabeled} for a missing feature, " if dropped > unlabeled else ""
    why = f": {of_features}{unlabeled} for a missing target" if unlabeled else " for a missing feature"
    blamed = [k for k in worst if by_column[k] * 2 * len(worst) > dropped]
    columns = " and ".join(f"'{layout.names[plan.features[k]]}' is missing in {by_column[k]}" for k in blamed)
    remedy = (
        f"--ignore {option_value(layout, [plan.features[k] for k in blamed])} keeps more, and so does --missing mean"
    )
    if not left:
        because = f" ({columns}); {remedy}" if columns else "; give more data"
        raise MlpError(f"{shown(layout.path)}: all {total} rows miss a feature or the target{because}")
    yield f"{dropped} of {total} rows dropped{why}"
    if left * 2 < total and columns and plan.detected:
        yield f"fewer than half of the rows are left, since {columns}; {remedy}"


def lacks_target(targets: Array) -> Array:
    """For each row, whether a target is missing, (rows,)."""
    lost = [] if targets.dtype.kind == "f" else [text for text in different(targets) if is_missing_target(text)]
    return np.array(np.isin(targets, lost).any(axis=1)) if lost else np.zeros(len(targets), bool)


# ----- Weights --------------------------------------------------------------------------------------------------------

LARGEST_WEIGHT = 1e100  # sums of products with losses stay finite


def taken_weights(blocks: list[Block], layout: Layout, column: int) -> Array:
    """The weights of the samples, (rows,), which the blocks then lack.

    Raises MlpError with file, line and column for one that is negative or too large, and if all are 0.
    """
    weights = np.concatenate([block.numbers[:, -1] for block in blocks])
    lines = np.concatenate([block.lines for block in blocks])
    blocks[:] = [block._replace(numbers=block.numbers[:, :-1]) for block in blocks]
    name = f"{shown(layout.path)}: column '{layout.names[column]}'"
    check_weights(weights, lambda row: layout.place(int(lines[row]), column), name)
    return weights


def check_weights(weights: Array, place: Callable[[int], str], name: str) -> None:
    """Raises MlpError for a weight that is negative or too large, with its place, and if all are 0."""
    wrong = np.flatnonzero((weights < 0) | (weights > LARGEST_WEIGHT))
    if wrong.size:
        value = weights[wrong[0]]
        what = f"the weight {value:g} is {'negative' if value < 0 else 'too large'}; give a number from 0 to 1e100"
        raise MlpError(f"{place(int(wrong[0]))}: {what}")
    if not weights.any():
        raise MlpError(f"{name}: all weights are 0; give one above 0")
