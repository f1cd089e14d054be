"""What is in a picture, before it has a form."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.pictures.axes import drawable

if TYPE_CHECKING:
    from mlpcli.core.regions import Regions

JUMP = 0.25  # of a line's range


@dataclass(frozen=True)
class Line:
    """Points that are joined, in the order of x, but not across a NaN: one that stands alone is a point."""

    name: str
    x: Array  # (n,)
    y: Array  # (n,)
    marks: Array | None = None  # which of them are marked, their places; all of them where nothing is said

    def marked(self, most: int, place: int, lines: int) -> Array:
        """The places of its marks, which stand on its points; where they are more than so many, of half as many.

        Those are evenly spread, and the ones of several lines lie between each other.
        """
        marks = np.arange(len(self.x)) if self.marks is None else self.marks
        marks = marks[np.isfinite(drawable(self.x[marks]) + drawable(self.y[marks]))]
        every = -(-2 * len(marks) // most) if len(marks) > most else 1
        found: Array = marks[place * every // lines :: every]
        return found

    def parted(self) -> "Line":
        """The line with a gap wherever it jumps by a good part of its range between two neighbours."""
        range_of_y = np.nanmax(self.y) - np.nanmin(self.y)
        places = np.flatnonzero(np.abs(np.diff(self.y)) > JUMP * range_of_y) + 1
        marks = None if self.marks is None else self.marks + np.searchsorted(places, self.marks, side="right")
        return Line(self.name, np.insert(self.x, places, self.x[places]), np.insert(self.y, places, np.nan), marks)


@dataclass(frozen=True)
class Curves:
    """Lines over one axis."""

    title: str
    x_name: str
    lines: tuple[Line, ...]
    counted: bool = False  # x is a count: no tick stands between two whole numbers


@dataclass(frozen=True)
class Panels:
    """Curves that are looked at together."""

    curves: tuple[Curves, ...]


@dataclass(frozen=True)
class Map:
    """Which class a network says at every place of a plane, and samples in it."""

    title: str
    axes: tuple[str, str]  # the names of the two features
    classes: tuple[str, ...]
    regions: "Regions"

    def misclassified(self, places: int) -> str:
        """How many samples are, and in how many places of the picture, where several share one."""
        wrong, samples = int(self.regions.wrong.sum()), len(self.regions.truth)
        shared = f", in {places} place" + "s" * (places > 1) if places < wrong else ""
        return f"misclassified: {wrong} of {samples}{shared}"

    @property
    def missed(self) -> list[int]:
        """The classes of which there are misclassified samples."""
        found: list[int] = np.unique(self.regions.truth[self.regions.wrong]).tolist()
        return found


@dataclass(frozen=True)
class Heat:
    """A matrix whose numbers are colours: from 0 to 1, or from −1 to 1 where it is signed."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    names: tuple[str, str]  # what rows and columns are
    shades: Array  # (rows, columns)
    scale: float  # the number that has the shade 1
    measure: str  # what it is a number of
    texts: tuple[tuple[str, ...], ...]  # what stands in the cells
    signed: bool


@dataclass(frozen=True)
class Tiles:
    """Small images beside each other, in shades from −1 to 1."""

    title: str
    names: tuple[str, ...]
    images: Array  # (n, height, width)
    scale: float  # the number that has the shade 1
    measure: str  # what it is a number of


Picture = Panels | Map | Heat | Tiles
