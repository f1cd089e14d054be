"""Categories: a column of text as 0/1 features, one per category."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.data.cells import (
    NO_TARGET,
    WRITTEN,
    BadCell,
    by_spelling,
    check_length,
    excerpt,
    in_a_list,
    is_missing,
    is_number,
    missing_value,
    number_of,
    spelling,
)

UNKNOWN = -1.0  # the code of a category that training did not see, where it is allowed
MOST_SHOWN = 10  # known categories in a message


class Column(NamedTuple):
    """A column of a table that a network takes."""

    name: str
    categories: tuple[str, ...] | None = None  # of a categorical column, in order; None: numbers

    @property
    def features(self) -> tuple[str, ...]:
        """The inputs of the network: one per category, `sex=male`; one in all if there are two, as it says which."""
        if self.categories is None:
            return (self.name,)
        return tuple(f"{self.name}={category}" for category in self.categories[len(self.categories) == 2 :])


def columns_of(features: tuple[str, ...], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns behind features. `columns` is empty if none is categorical: each feature is then a column."""
    return columns or tuple(map(Column, features))


def features_of(columns: Iterable[Column]) -> tuple[str, ...]:
    """The features of columns in their order."""
    return tuple(feature for column in columns for feature in column.features)


class CategoryCodes(dict[str, float]):
    """The codes of a column's categories, by the cell as it is written: 0, 1, … in the order in which they occur.

    With `known` categories, their codes are their places, also in the `spelling` of another format. Any other is an
    error or, with `others`, UNKNOWN. If the column is `asked` for as categorical, `none` and `-` are categories too,
    instead of missing values.
    """

    def __init__(
        self, known: Sequence[str] | None = None, missing: bool = False, others: bool = False, asked: bool = False
    ) -> None:
        super().__init__()
        self.codes = {category: float(code) for code, category in enumerate(known or ())}
        self.spelled = by_spelling(known or ())
        self.is_fixed, self.missing, self.others, self.asked = known is not None, missing, others, asked
        self.unseen = 0  # cells encoded so far that training did not know

    def __missing__(self, cell: str) -> float:
        """The code of a cell that was not met before. Raises BadCell if it cannot be a category."""
        category = cell.strip()
        if category not in self.codes:
            if category.lower() in NO_TARGET or (is_missing(category) and not self.asked):
                return missing_value(cell, self.missing)
            check_length(category)
            category = self.spelled.get(spelling(category), category)
        if category not in self.codes:
            if self.is_fixed:
                return self._unknown(category)
            self.codes[category] = float(len(self.codes))
        code = self[cell] = self.codes[category]
        return code

    def _unknown(self, category: str) -> float:
        if self.others:
            return UNKNOWN
        known = list(self.codes)
        more = ", …" if len(known) > MOST_SHOWN else ""
        what = f"'{excerpt(category)}' did not occur in training"
        known_ones = f"known are {', '.join(map(in_a_list, known[:MOST_SHOWN]))}{more}"
        raise BadCell(what, f"{known_ones}; correct it, or use --unknown zero", WRITTEN)

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in order: numbers by value, others by the alphabet."""
        if self.is_fixed:
            return tuple(self.codes)
        if all(map(is_number, self.codes)):
            return tuple(sorted(self.codes, key=lambda category: (float(category), category)))
        return tuple(sorted(self.codes))

    def encode(self, codes: Array, out: Array) -> None:
        """Writes the categories of codes, (n,), as 0 and 1 into `out`, (n, features); a missing one as NaN."""
        categories = self.categories
        for place, category in enumerate(categories[len(categories) == 2 :]):
            np.equal(codes, self.codes[category], out=out[:, place], casting="unsafe")
        out[np.isnan(codes)] = np.nan
        self.unseen += int((codes == UNKNOWN).sum())


def expand(numbers: Array, codes: Sequence[CategoryCodes | None], out: Array) -> None:
    """Writes columns of numbers, (n, columns), into `out`, (n, features), codes as 0 and 1."""
    start = 0
    for column, known in enumerate(codes):
        if known is None:
            out[:, start] = numbers[:, column]
            start += 1
            continue
        width = len(Column("", known.categories).features)
        known.encode(numbers[:, column], out[:, start : start + width])
        start += width


def unseen_note(codes: Mapping[str, CategoryCodes]) -> str:
    """How many cells have a category that training did not see, by column; empty if none has."""
    unseen = [f"{known.unseen} in '{name}'{_as(known)}" for name, known in codes.items() if known.unseen]
    return f"cells with a category not seen in training become 0: {', '.join(unseen)}" if unseen else ""


def _as(codes: CategoryCodes) -> str:
    """As what an unknown category counts where one feature says which of two categories it is: 0 is the first."""
    return f" (as '{excerpt(codes.categories[0])}', the first of two)" if len(codes.categories) == 2 else ""


def features_in(
    rows: Sequence[Sequence[str]], columns: Sequence[Column], missing: bool, others: bool
) -> tuple[Array, str]:
    """The cells of samples as features, (n, features), and the note on unknown categories.

    Missing ones are NaN if they may be. Raises ValueError with problem and remedy.
    """
    names = ",".join(column.name for column in columns)
    if not rows:
        raise ValueError(f"no sample; give {names}")
    codes = [
        None if column.categories is None else CategoryCodes(column.categories, missing, others) for column in columns
    ]
    numbers = np.empty((len(rows), len(columns)))
    for place, row in enumerate(rows):
        if len(row) != len(columns):
            raise ValueError(f"{len(row)} values in sample {place + 1}; the network takes {len(columns)}: {names}")
        for k, (cell, known) in enumerate(zip(row, codes, strict=True)):
            try:
                numbers[place, k] = number_of(cell, missing) if known is None else known[cell]
            except ValueError as problem:
                what = "the value is missing; give one, or use --missing mean" if is_missing(cell) else problem
                raise ValueError(f"{columns[k].name}: {what}") from None
    x = np.empty((len(rows), len(features_of(columns))))
    expand(numbers, codes, x)
    named = zip(columns, codes, strict=True)
    return x, unseen_note({excerpt(column.name): known for column, known in named if known is not None})
