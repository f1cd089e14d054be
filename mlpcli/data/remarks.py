"""Notes on the columns of a table that is read: what may surprise, and what may be wrong."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.data.categories import CategoryCodes, unseen_note
from mlpcli.data.cells import (
    TOTAL,
    WHOLE,
    alike,
    different,
    excerpt,
    first_few,
    is_missing,
    is_missing_target,
    is_number,
    thousands_separator,
)
from mlpcli.data.columns import option_value
from mlpcli.data.row_parsing import Block, ReadingPlan
from mlpcli.data.rows import rows_of
from mlpcli.data.text import LineBlock

FEWEST_COUNTED = 5  # rows; fewer are counted by chance, unless the column has no name or that of a counter
MOST_SORTED = 20  # different targets by which rows are sorted
MOST_NAMED = 8  # categorical columns in a note
FEWEST_NAMED = 10  # different numbers that are identifiers
LEAST_ID = 10_000_000  # smaller numbers need the name of an identifier to be taken for one
LEAST_POSTAL = 999  # postal codes are larger
PLACEHOLDERS = (-999, -9999, -99999)  # of missing values, among numbers that are not negative
DOUBTED_IN = 200  # rows in which points may separate thousands
ID_NAME = re.compile(
    r"(?i:(.*[\W_])?(id|nr|no)\.?)|.*[a-z](Id|ID|Nr|No)"
    r"|(?i:(user|customer|client|order|product|item|patient|student|person|member|account|record|case)id)"
)
COUNTER_NAME = re.compile(rf"{ID_NAME.pattern}|(?i:index|row|unnamed: ?\d+)?")
POSTAL_NAME = re.compile(r"(?i)(.*[\W_])?(zip|zip[\W_]?code|post(al)?[\W_]?code|plz|postleitzahl)")


def category_notes(plan: ReadingPlan) -> list[str]:
    """What there is to say about categorical columns."""
    if not plan.codes:
        return []
    names = {k: excerpt(plan.layout.names[k]) for k in plan.codes}
    notes = [*filter(None, [unseen_note({names[k]: codes for k, codes in plan.codes.items()})])]
    detected = [f"'{names[k]}' ({number})" for k, number in plan.detected_categories.items()]
    if detected:
        notes.append(f"text columns become 0/1 features, one per category: {first_few(detected, MOST_NAMED)}")
    return notes


def remarks(blocks: list[Block], plan: ReadingPlan) -> list[str]:
    """Notes on columns of training data that name the rows, say nothing, or whose size has no meaning."""
    notes = []
    for place, k in enumerate(plan.features):
        if k == plan.weight:
            continue
        name = plan.layout.names[k]
        title, leaves_out = f"'{excerpt(name)}'", f"--ignore {option_value(plan.layout, [k])} leaves it out"
        if (value := only_value(blocks, place)) is not None:
            only = plan.codes[k].categories[int(value)] if k in plan.codes else f"{value:g}"
            notes.append(f"{title} has only one value, {excerpt(only)}; {leaves_out}")
        elif k in plan.codes:
            notes += [f"{title} {what}" for what in _category_remarks(blocks, place, plan.codes[k])]
        elif len(plan.features) > 1 and counts_rows(blocks, place, name):
            notes.append(f"{title} {counter_text(blocks)}; if it only numbers them, {leaves_out}")
        elif _are_identifiers(_whole(blocks, place), name):
            notes.append(f"{title} has a different whole number in each row, like an identifier; {leaves_out}")
        elif POSTAL_NAME.fullmatch(name) and _whole(blocks, place).max(initial=0) > LEAST_POSTAL:
            may_help = f"--categories {option_value(plan.layout, [k])} may help"
            notes.append(f"{title} has postal codes, whose size means nothing; {leaves_out}, or {may_help}")
        elif note := placeholder_note([block.numbers[:, place] for block in blocks]):
            notes.append(f"{title} {note}")
    return notes


def _whole(blocks: list[Block], place: int) -> Array:
    """The numbers of a feature, if all are whole and none is negative; else nothing."""
    parts = list[Array]()
    for block in blocks:
        values = block.numbers[:, place]
        values = values[~np.isnan(values)]
        if not ((values >= 0) & (values == np.rint(values))).all():
            return np.empty(0)
        parts.append(values)
    return np.concatenate(parts)


def _are_identifiers(values: Array, name: str) -> bool:
    """Whether whole numbers are all different, and the column's name or eight digits say that they are identifiers."""
    if len(values) < FEWEST_NAMED or not (ID_NAME.fullmatch(name) or values.min() >= LEAST_ID):
        return False
    return len(np.unique(values)) == len(values)


def placeholder_note(parts: Sequence[Array]) -> str:
    """The note on a column, in parts, whose only negative number often stands for a missing value; else nothing."""
    least = float(np.fmin.reduce([np.fmin.reduce(part) for part in parts]))
    if least not in PLACEHOLDERS or any(((part < 0) & (part != least)).any() for part in parts):
        return ""
    count = sum(int(np.count_nonzero(part == least)) for part in parts)
    rows = f"{count} row{'s' * (count > 1)}"
    return f"is {least:g} in {rows}, which often stands for a missing value; if so, leave these cells empty"


def _category_remarks(blocks: list[Block], place: int, codes: CategoryCodes) -> Iterator[str]:
    """Categories that differ only in their spelling, and a total in the last row."""
    if same := alike(codes.codes):
        yield f"has {same}, which are different categories; write them alike if they are one"
    last = blocks[-1].numbers[-1, place]
    total = next((category for category, code in codes.codes.items() if code == last), "")
    if TOTAL.fullmatch(total) and sum(np.count_nonzero(block.numbers[:, place] == last) for block in blocks) == 1:
        yield f"is '{total}' in line {blocks[-1].lines[-1]} only; if this row has totals, remove it"


def thousands_notes(block: Block, first: LineBlock, plan: ReadingPlan) -> list[str]:
    """Notes on columns where every decimal number has just three decimals and others are whole: 999, 1.390, 12.500.

    `first` are the first lines below the header, and `block` is what they say.
    """
    rows = islice(rows_of(first, plan.layout.path, plan.layout.delimiter), DOUBTED_IN)
    doubted, whole, pointed = {*plan.features, *plan.targets} - {*plan.unused}, set[int](), dict[int, str]()
    for number, row in enumerate(rows):
        for k in doubted.copy():
            cell = row.cells[k].strip()
            if WHOLE.fullmatch(cell):
                whole.add(k)
            elif is_number(cell) and thousands_separator(cell) == ".":
                pointed.setdefault(k, cell)
            elif not is_missing(cell):
                doubted.remove(k)
        if doubted and not number:
            doubted -= _all_whole(block, plan)
        if not doubted:
            break
    remedy = "if its point or comma separates thousands, remove it"
    return [
        f"'{excerpt(plan.layout.names[k])}' has decimal numbers such as {pointed[k]}; {remedy}"
        for k in sorted(doubted & whole & pointed.keys())
    ]


def _all_whole(block: Block, plan: ReadingPlan) -> set[int]:
    """The columns where the first numbers are all whole."""
    numbers = block.numbers[:DOUBTED_IN]
    features = zip(plan.features, (numbers == np.rint(numbers)).all(axis=0).tolist(), strict=True)
    targets = zip(plan.targets, block.targets[:DOUBTED_IN].T.tolist(), strict=True)
    whole = {k for k, is_whole in features if is_whole}
    return whole | {k for k, cells in targets if "." not in "".join(map(str, cells))}


def counts_rows(blocks: list[Block], place: int, name: str) -> bool:
    """Whether a feature is 0, 1, 2, … or 1, 2, 3, …, for enough rows that this is not by chance.

    Rows may be left out: then it counts the lines. A row without a target, which is never kept, may lack it.
    """
    fewest = 2 if COUNTER_NAME.fullmatch(name) else FEWEST_COUNTED
    rows = lines = True
    done = start = first = 0
    for block in blocks:
        there = ~np.isnan(block.numbers[:, place])
        numbers, numbered = block.numbers[there, place], block.lines[there]
        if not done and len(numbers):
            start, first = numbers[0], numbered[0]
        more = done + len(numbers)
        rows = rows and bool((numbers == np.arange(done, more) + start).all())
        lines = lines and bool((numbers == numbered - first + start).all())
        if start not in (0, 1) or not (rows or lines) or not lacks_target(block.targets[~there]).all():
            return False
        done = more
    return done >= fewest


def lacks_target(targets: Array) -> Array:
    """For each row, whether a target is missing, (rows,)."""
    lost = [] if targets.dtype.kind == "f" else [text for text in different(targets) if is_missing_target(text)]
    return np.array(np.isin(targets, lost).any(axis=1)) if lost else np.zeros(len(targets), bool)


def counter_text(blocks: list[Block]) -> str:
    """What is noted about a column that counts the rows. It also predicts the target if that is sorted, as text."""
    rows = [tuple(row) for block in blocks for row in block.targets.tolist()]
    changes = sum(one != other for one, other in zip(rows[1:], rows, strict=False))
    classes = len(set(rows))
    is_sorted = 0 < changes == classes - 1 < MOST_SORTED and 2 * classes <= len(rows)
    return f"counts the rows{' and predicts the target, since the rows are sorted by it' * is_sorted}"


def only_value(blocks: list[Block], place: int) -> float | None:
    """The only value of a feature; None if it has several, or some are missing."""
    value = float(blocks[0].numbers[0, place])
    if blocks[-1].numbers[-1, place] != value:
        return None
    return value if all((block.numbers[:, place] == value).all() for block in blocks) else None
