"""What a command has to say, before it has a form: tables and formulas for people, and one document for programs."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlpcli.core.arrays import Array

if TYPE_CHECKING:
    from mlpcli.report.curves import Panels

Cell = str | int | float | None


class Mathematics(str):
    """A cell in the notation of the tables in `core`, which forms that can typeset do not show as plain text."""


class Figure(str):
    """A number that has its final form: with its unit, or with marks between thousands."""


@dataclass(frozen=True)
class Sheet:
    """A table. A None is a figure that is not defined."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: int = 1  # how many of the first columns tell which row it is

    @cached_property
    def words(self) -> tuple[bool, ...]:
        """For each column, whether it holds words and not numbers."""
        return tuple(any(are_words(row[k]) for row in self.rows) for k in range(len(self.columns)))


def are_words(cell: Cell) -> bool:
    """Whether a cell is text, and not a number."""
    return isinstance(cell, str) and not isinstance(cell, Figure)


@dataclass(frozen=True)
class Formula:
    """symbol = formula = inserted = value: `a⁽¹⁾ = W⁽¹⁾ x + b⁽¹⁾`, with the numbers put in, and what comes out.

    Text is in Unicode, in the notation of the tables in `core`: a⁽¹⁾, dŷ, √v, Σⱼ, hᵀ.
    """

    symbol: str
    formula: str  # empty where the value is given
    inserted: tuple[Array | str, ...]  # the formula in numbers, matrices (2-D) and the signs between them; or nothing
    value: Array  # 2-D: a vector is a column, a number is 1×1; NaN is a blank, in an exercise
    sums: tuple[tuple[str, ...], ...] = ()  # of the shape of value: each number as the sum it is; or nothing


@dataclass(frozen=True)
class Section:
    """Formulas and tables under one heading."""

    title: str
    blocks: tuple[Formula | Sheet, ...]


@dataclass(frozen=True)
class Report:
    """The same facts three times: as sheets to read, as one flat sheet for CSV, and as a document for JSON.

    Where they can be derived on paper, also as sections with formulas, which forms that can typeset prefer to sheets.
    """

    kind: str  # mlpcli-<kind> is the document's format
    document: dict[str, Any]
    flat: Sheet
    sheets: tuple[Sheet, ...]
    closing: tuple[str, ...] = field(default=())  # lines below the sheets
    sections: tuple[Section, ...] = ()
    version: int = 1
    most_decimals: int = 0  # that its numbers have, and are shown with where more than these were not asked for
    title: str = ""  # above everything on a page or paper; a table has none
    opening: tuple[str, ...] = ()  # what is said first, below a title
    picture: "Panels | None" = None  # curves, which a terminal draws below the sheets
