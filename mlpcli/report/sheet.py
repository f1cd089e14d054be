"""A report, independent of its format: tables and formulas for people, and one document for programs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.numbers import WithUnit

if TYPE_CHECKING:
    from mlpcli.report.curves import Panels

Cell = str | int | float | None
Rows = tuple[tuple[Cell, ...], ...]
C = TypeVar("C")  # a column in some form
Blocks = Iterable[Sequence[Sequence[Cell]]]  # rows, a block at a time, so that they take constant memory


class Mathematics(str):
    """A cell in the notation of the tables in `core`. Forms that can typeset show it as mathematics."""


class Sheet(NamedTuple):
    """A table. None is a number that is not defined."""

    title: str
    columns: tuple[str, ...]
    rows: Rows
    keys: int = 1  # how many of the first columns identify a row

    @property
    def words(self) -> tuple[bool, ...]:
        """For each column, whether it has words rather than numbers."""
        return tuple(any(are_words(row[k]) for row in self.rows) for k in range(len(self.columns)))


def are_words(cell: Cell) -> bool:
    """Whether a cell is text rather than a number."""
    return isinstance(cell, str) and not isinstance(cell, WithUnit)


def side_by_side(columns: list[C], keys: int, fit: Callable[[list[C]], bool]) -> Iterator[list[C]]:
    """The columns in blocks that `fit`. Each further block starts with the key columns again."""
    block = columns[:keys]
    for column in columns[keys:]:
        if len(block) > keys and not fit([*block, column]):
            yield block
            block = columns[:keys]
        block = [*block, column]
    yield block


class Formula(NamedTuple):
    """symbol = formula = inserted = value: `a⁽¹⁾ = W⁽¹⁾ x + b⁽¹⁾`, with its numbers inserted, and the result.

    Text is in Unicode, in the notation of the tables in `core`: a⁽¹⁾, dŷ, √v, Σⱼ, hᵀ.
    """

    symbol: str
    formula: str  # empty if the value is given
    inserted: tuple[Array | str, ...]  # the formula in numbers: matrices (2-D) and the signs between them; or nothing
    value: Array  # 2-D: a vector is a column, a number is 1×1; NaN is a blank of an exercise
    sums: tuple[tuple[str, ...], ...] = ()  # of the shape of value: each number as a sum; or nothing

    @property
    def written_out(self) -> Iterator[tuple[str, str, float]]:
        """Each number that has a sum: its name, the sum, and the number."""
        from mlpcli.report.notation import element

        for i, row in enumerate(self.sums):
            for j, text in enumerate(row):
                yield element(self.symbol, self.value.shape, i, j), text, float(self.value[i, j])


def as_matrix(values: Any) -> Array:
    """The value of a formula: a number as 1×1, a vector as a column, a matrix as it is."""
    result: Array = np.asarray(values, np.float64)
    return result.reshape(-1, 1) if result.ndim < 2 else result


class Section(NamedTuple):
    """Formulas and tables under one heading."""

    title: str
    blocks: tuple[Formula | Sheet, ...]

    @property
    def heading(self) -> str:
        """Nothing for a single table, which has this title itself."""
        return "" if self.title == getattr(self.blocks[0], "title", "") else self.title


class Report(NamedTuple):
    """The same facts in three forms: sheets to read, one flat sheet for CSV, and a document for JSON.

    If they can be derived on paper, also as sections with formulas. Forms that can typeset show these, not the sheets.
    """

    kind: str  # mlpcli-<kind> is the document's format
    document: dict[str, Any]
    flat: Sheet  # only its columns and rows
    sheets: tuple[Sheet, ...]
    closing: tuple[str, ...] = ()  # lines below the sheets
    sections: tuple[Section, ...] = ()
    most_decimals: int = 0  # of its numbers, which are shown with them unless the user chooses fewer
    title: str = ""  # at the top of a page or a paper; tables do not show it
    opening: tuple[str, ...] = ()  # lines below the title
    picture: "Panels" = ()  # curves, which a terminal draws below the sheets

    @property
    def parts(self) -> tuple[Section, ...]:
        """The sections with formulas, or else a section for each sheet."""
        return self.sections or tuple(Section(sheet.title, (sheet,)) for sheet in self.sheets)


class Prediction(NamedTuple):
    """What the network predicts for one sample."""

    label: str | None  # a class or labels; None for a regression
    values: list[float]  # its outputs

    @property
    def cells(self) -> list[Cell]:
        """As a row of a table."""
        return [*self.values] if self.label is None else [self.label, *self.values]
