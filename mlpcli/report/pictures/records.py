"""What is in a picture, before it has a form."""

from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array

JUMP = 0.25  # of a line's range


@dataclass(frozen=True)
class Line:
    """Points that are joined, in the order of x, but not across a NaN: one that stands alone is a point."""

    name: str
    x: Array  # (n,)
    y: Array  # (n,)

    def parted(self) -> "Line":
        """The line with a gap wherever it jumps by a good part of its range between two neighbours."""
        range_of_y = np.nanmax(self.y) - np.nanmin(self.y)
        places = np.flatnonzero(np.abs(np.diff(self.y)) > JUMP * range_of_y) + 1
        return Line(self.name, np.insert(self.x, places, self.x[places]), np.insert(self.y, places, np.nan))


@dataclass(frozen=True)
class Curves:
    """Lines over one axis."""

    title: str
    x_name: str
    lines: tuple[Line, ...]
    counted: bool = False  # x is a count: no tick stands between two whole numbers
