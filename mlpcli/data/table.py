"""Tables of rows and cells as data sets, and as features to predict from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.blocks import parse, parse_fast
from mlpcli.data.categories import CategoryCodes, Column, expand, features_of
from mlpcli.data.cells import (
    different,
    excerpt,
    is_number,
    labels_as_written,
    not_in_float64,
    numbers_in,
    outside_float64,
)
from mlpcli.data.cleaning import (
    check_labels,
    checked,
    column_problems,
    counters,
    drop_missing,
    nameless_problems,
    taken_weights,
    without,
)
from mlpcli.data.columns import Roles, categorical_columns, check_known, known_roles, roles
from mlpcli.data.dataset import Dataset
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Layout, Settings
from mlpcli.data.problems import refusal, too_many_categories
from mlpcli.data.remarks import category_notes, placeholder_note, remarks, thousands_notes
from mlpcli.data.row_parsing import Block, ReadingPlan
from mlpcli.data.text import shown


def load_table(path: str, said: Settings) -> Dataset:
    """A CSV or TSV file as a data set (see `load_rows`)."""
    return load_rows(Reader(path, said))


def load_rows(reader: Reader) -> Dataset:
    """A table as a data set.

    Targets are numbers if all their cells are, else text. All other columns are features: numbers, or categories that
    become 0/1 features. Those without a name in the header must be empty. Notes of what was detected go with an error,
    too.
    """
    try:
        return _loaded(reader)
    except MlpError as problem:
        for note in reader.notes:
            problem.add_note(note)
        raise


def _loaded(reader: Reader) -> Dataset:
    layout, parsed = reader.layout, None
    if layout.said.known is None:
        chosen = roles(layout)
        plan, parsed = detected_plan(reader, chosen)
    else:
        chosen = known_roles(layout)
        plan = _known_plan(layout, chosen)
    blocks = _read(reader, plan, parsed, chosen.nameless)
    notes = opening_notes(reader, blocks[0], plan)
    cleaned = clean(blocks, plan, chosen.nameless)
    return replace(cleaned.dataset, notes=(*notes, *cleaned.notes, *category_notes(cleaned.plan)))


def opening_notes(reader: Reader, block: Block, plan: ReadingPlan) -> list[str]:
    """The notes on the header and on the first rows. `block` has the numbers in these rows."""
    layout, notes = reader.layout, list(reader.notes)
    if layout.said.header is None and not layout.header and not layout.notes:
        notes.append("the first row is not a header; columns are called x1, x2, …; --header makes it one")
    if layout.said.known is None:
        notes += thousands_notes(block, reader.first, plan)
    return notes


def _read(reader: Reader, plan: ReadingPlan, parsed: Block | None, nameless: Sequence[int]) -> list[Block]:
    """All blocks. Raises MlpError for what training does not take in the first block that has such cells."""
    blocks, rest = list[Block](), reader.blocks(plan, parsed)
    for block in rest:
        blocks.append(block)
        problems = [*too_many_categories(plan.detected_categories), *checked(block.problems, blocks, plan)]
        if problems and _has_more(rest):
            raise refusal(problems, reader.layout)
    if not blocks:
        raise MlpError(f"{shown(reader.path)}: no data rows")
    problems = checked(blocks[-1].problems, blocks, plan)
    if plan.detected:
        problems += [*column_problems(blocks, plan), *nameless_problems(blocks, plan, nameless)]
    if problems:
        check_labels(blocks, plan)  # no option helps then
        raise refusal(problems, reader.layout)
    return blocks


def _has_more(blocks: Iterator[Block]) -> bool:
    """Whether there are more rows, right or wrong."""
    try:
        return next(blocks, None) is not None
    except MlpError:
        return True


class Cleaned(NamedTuple):
    """A table without the columns and rows that are left out."""

    dataset: Dataset
    plan: ReadingPlan
    notes: list[str]


def clean(blocks: list[Block], plan: ReadingPlan, nameless: Sequence[int]) -> Cleaned:
    """What training takes of blocks without problems, which are used up. Raises MlpError if no row is left."""
    notes = list[str]()
    if plan.detected and plan.layout.said.features is None:
        left_out, notes = counters(blocks, plan, nameless)
        plan = without(left_out, blocks, plan)
        notes += remarks(blocks, plan)
    if plan.missing is not None:
        notes += drop_missing(blocks, plan)
    dataset = _dataset(blocks, plan)
    if plan.detected and dataset.y.dtype.kind == "f":
        for name, column in zip(dataset.targets, dataset.y.T, strict=True):
            if note := placeholder_note([column]):
                notes.append(f"target '{excerpt(name)}' {note}, and use --missing drop")
    return Cleaned(dataset, plan, notes)


class FeatureRows(NamedTuple):
    """Some rows of a file that a network predicts."""

    x: Array  # (rows, features)
    cells: Callable[[], list[list[str]]]  # all cells of these rows as the file has them; they are read when asked for


def table_blocks(reader: Reader, indices: Sequence[int], notes: list[str]) -> Iterator[FeatureRows]:
    """The columns with these indices, which a network takes, as features, in blocks.

    After the last block, `notes` has what there is to say. Raises MlpError then if there were no rows.
    """
    check_known(reader.layout, indices)
    plan = _known_plan(reader.layout, Roles([], list(indices), []))
    rows = 0
    for lines in reader.line_blocks():
        block = parse(lines, plan)
        if block.problems:
            raise refusal(block.problems, reader.layout)
        rows += len(block.numbers)
        yield FeatureRows(_features([block], plan), partial(reader.own_cells, lines))
    if not rows:
        raise MlpError(f"{shown(reader.path)}: no data rows")
    notes += [*reader.notes, *category_notes(plan)]


# ----- Plans --------------------------------------------------------------------------------------------------------


def detected_plan(reader: Reader, chosen: Roles) -> tuple[ReadingPlan, Block | None]:
    """What training reads, and the first rows if they have only numbers; else these tell the categorical columns."""
    said, (targets, features, nameless, weight) = reader.layout.said, chosen
    filled = [k for k in nameless if reader.starts_to_count(k)]
    empty = [k for k in nameless if k not in filled]
    taken = [*features, *filled, *_at_the_end(weight)]
    plan = ReadingPlan(reader.layout, taken, {}, targets, empty, said.missing, detected=True, weight=weight)
    parsed = None if said.categories else parse_fast(reader.first, plan)
    if parsed is None:
        plan = plan._replace(codes=categorical_columns(reader.first_rows(), reader.layout, features))
    return plan, parsed


def _known_plan(layout: Layout, chosen: Roles) -> ReadingPlan:
    """What a trained network reads: its own columns and categories."""
    said = layout.said
    codes = {
        k: CategoryCodes(column.categories, said.missing is not None, said.others)
        for k, column in zip(chosen.features, said.known or (), strict=False)
        if column.categories is not None
    }
    taken = [*chosen.features, *_at_the_end(chosen.weight)]
    return ReadingPlan(layout, taken, codes, chosen.targets, (), said.missing, weight=chosen.weight)


def _at_the_end(weight: int | None) -> list[int]:
    return [] if weight is None else [weight]


# ----- Arrays -------------------------------------------------------------------------------------------------------


def _dataset(blocks: list[Block], plan: ReadingPlan) -> Dataset:
    """The data set of these blocks, which are used up."""
    names = plan.layout.names
    weights = None
    if plan.weight is not None:
        weights = taken_weights(blocks, plan.layout, plan.weight)
        plan = plan._replace(features=[k for k in plan.features if k != plan.weight])
    lines = np.concatenate([block.lines for block in blocks])
    y, labels = _targets(blocks, lines, plan.layout, [names[k] for k in plan.targets])
    features, columns = tuple(names[k] for k in plan.features), tuple[Column, ...]()
    if plan.codes:
        columns = tuple(Column(names[k], plan.codes[k].categories if k in plan.codes else None) for k in plan.features)
        features = features_of(columns)
    if len(set(features)) < len(features):
        twice = next(name for name in features if features.count(name) > 1)
        owners = " and ".join(f"'{excerpt(column.name)}'" for column in columns if twice in column.features)
        what = f"columns {owners} both make the feature '{excerpt(twice)}'; rename one in line {plan.layout.line}"
        raise MlpError(f"{shown(plan.layout.path)}: {what}")
    return Dataset(
        name=shown(plan.layout.path),
        x=_features(blocks, plan),
        y=y,
        features=features,
        targets=tuple(names[k] for k in plan.targets),
        named=plan.layout.header,
        lines=lines,
        labels=labels,
        columns=columns,
        weights=weights,
        weight=None if plan.weight is None else names[plan.weight],
    )


def _features(blocks: list[Block], plan: ReadingPlan) -> Array:
    """The features of all blocks, (rows, features), categories as 0 and 1. The blocks are used up."""
    if not plan.codes:
        return np.concatenate([block.numbers for block in blocks])
    codes = [plan.codes.get(k) for k in plan.features]
    width = len(features_of(Column("", known.categories if known is not None else None) for known in codes))
    x = np.empty((sum(len(block.numbers) for block in blocks), width))
    end = len(x)
    while blocks:
        numbers = blocks.pop().numbers
        expand(numbers, codes, x[end - len(numbers) : end])
        end -= len(numbers)
    return x


def _targets(blocks: list[Block], lines: Array, layout: Layout, names: Sequence[str]) -> tuple[Array, Array | None]:
    """The targets of all blocks as numbers if every cell is one, else as text; and numbers as written (see Dataset)."""
    kinds = {block.targets.dtype.kind for block in blocks}
    if "f" not in kinds:
        texts = np.concatenate([block.targets for block in blocks])
        y, stripped = _numbers_and_text(texts, lines, layout.path, names)
        return (stripped, None) if y is None else (y, labels_as_written(stripped))
    return np.concatenate([_quantities(block, layout, names) for block in blocks]), None


def _quantities(block: Block, layout: Layout, names: Sequence[str]) -> Array:
    """The targets of a block as numbers, (rows, targets). Raises MlpError for the first other text."""
    if block.targets.dtype.kind == "f":
        return block.targets
    numbers, texts = _numbers_and_text(block.targets, block.lines, layout.path, names)
    if numbers is not None:
        return numbers
    row, column = next(place for place in np.ndindex(texts.shape) if not is_number(str(texts[place])))
    what = f"column '{names[column]}': '{excerpt(str(texts[row, column]))}' is not a number, unlike the other targets"
    raise MlpError(f"{shown(layout.path)}:{block.lines[row]}: {what}; correct it")


def _numbers_and_text(texts: Array, lines: Array, path: str, names: Sequence[str]) -> tuple[Array | None, Array]:
    """Targets as numbers if every cell is one, and as text without blanks at both ends."""
    cells = different(texts)
    if any(cell != cell.strip() for cell in cells):
        texts = np.char.strip(texts)
        cells = different(texts)
    values = numbers_in(cells)
    if values is None:
        return None, texts
    if wrong := not_in_float64(values):
        row, column = np.argwhere(np.isin(texts, wrong))[0]
        what = f"column '{names[column]}': {outside_float64(str(texts[row, column]))}"
        raise MlpError(f"{shown(path)}:{lines[row]}: {what}")
    return np.array([values[cell] for cell in texts.ravel().tolist()]).reshape(texts.shape), texts
