"""A picture as shapes, arrows and text at their places, in pixels. The purpose of a shape gives its colors."""

from collections.abc import Sequence
from typing import NamedTuple

from mlpcli.report.text import columns_of

PAPER, INK, FAINT = "paper", "ink", "faint"
TextLine = tuple[str, str]  # the text, and the purpose that gives its color


class Colors(NamedTuple):
    """The colors of one purpose, on white paper and on a dark screen: the filling and the outline."""

    fill: str
    stroke: str
    dark_fill: str
    dark_stroke: str


NONE = "none"
DASHES = (7.0, 4.0)  # pixels of a dash, and between dashes, of a negative weight

# The blue and the vermilion are those of Okabe and Ito (2008), which color-blind readers can distinguish; on paper
# the vermilion is darker, so that its text is easy to read (a contrast of 4.5).
PURPOSES = {
    PAPER: Colors("#ffffff", NONE, "#15181b", NONE),
    INK: Colors("#1c2024", NONE, "#e4e6e7", NONE),
    FAINT: Colors("#5b636b", NONE, "#9aa3ab", NONE),
    "variable": Colors("#ffffff", "#1c2024", "#1f2428", "#c5cacd"),
    "operation": Colors("#e9ecef", "#8a9199", "#30373d", "#69727a"),
    "edge": Colors(NONE, "#4d555c", NONE, "#9aa3ab"),
    "arrow": Colors("#4d555c", NONE, "#9aa3ab", NONE),
    "value": Colors("#0072b2", NONE, "#56b4e9", NONE),
    "value-line": Colors(NONE, "#0072b2", NONE, "#56b4e9"),
    "gradient": Colors("#bf5400", NONE, "#f0803c", NONE),
    "gradient-line": Colors(NONE, "#bf5400", NONE, "#f0803c"),
    "positive": Colors("#008f68", "#008f68", "#2fc297", "#2fc297"),
    "negative": Colors("#b0528f", "#b0528f", "#dc8fbc", "#dc8fbc"),
}

OUTLINE = 1.0  # width of the outline of a rectangle


class Rectangle(NamedTuple):
    """A rectangle with round corners."""

    purpose: str
    x: float
    y: float
    width: float
    height: float
    radius: float


class Stroke(NamedTuple):
    """A path: letters as in SVG (M, L, C, Z), and points."""

    purpose: str
    steps: tuple[tuple[str, tuple[float, ...]], ...]
    width: float = 1.4
    dashes: tuple[float, float] | None = None


class TextShape(NamedTuple):
    """A line of text. y is its baseline, x its start, middle or end."""

    purpose: str
    x: float
    y: float
    text: str
    size: float
    anchor: str = "middle"
    leaning: bool = False  # in the letters of formulas


Shape = Rectangle | Stroke | TextShape


class Picture(NamedTuple):
    """Shapes from the back to the front, with a title and a description for screen readers."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
    description: str


# Widths of characters in em, no less than in the usual fonts for screens.
WIDTHS = {
    **dict.fromkeys("0123456789", 0.64),
    **dict.fromkeys(".,:;|!il'jft⁽⁾() ⎡⎤", 0.4),
    **dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉", 0.42),
    **dict.fromkeys("mwM−+=×%", 0.9),
    **dict.fromkeys("W…", 1.05),
}
USUAL_WIDTH = 0.66


def width_of(text: str, size: float) -> float:
    """An upper bound for the width of a line of text."""
    return sum(WIDTHS.get(character, USUAL_WIDTH * columns_of(character)) for character in text) * size


def titled(title: str, note: str) -> str:
    """The title with the note."""
    return f"{title}: {note}" if note else title


# ----- Arrows -------------------------------------------------------------------------------------------------------

HEAD, HALF_HEAD, BEND = 9.0, 4.5, 10.0  # of an arrowhead, and the radius of a line's bends
Place = tuple[float, float]


def arrow(wire: Sequence[Place]) -> tuple[Stroke, Stroke]:
    """A line through these corners, and its head. Its bends are round, which shows where one line joins another."""
    corners = [*wire]
    end = corners[-1]
    corners[-1] = _toward(end, corners[-2], HEAD - 1)
    steps: list[tuple[str, tuple[float, ...]]] = [("M", corners[0])]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        bend = min(BEND, _distance(before, corner) / 2, _distance(corner, after) / 2)
        steps.append(("L", _toward(corner, before, bend)))
        steps.append(("C", (*corner, *corner, *_toward(corner, after, bend))))
    x, y = _toward(end, corners[-2], HEAD)
    across = (0.0, HALF_HEAD) if y == end[1] else (HALF_HEAD, 0.0)
    sides = ((x - across[0], y - across[1]), (x + across[0], y + across[1]))
    head = Stroke("arrow", (("M", end), ("L", sides[0]), ("L", sides[1]), ("Z", ())))
    return Stroke("edge", (*steps, ("L", corners[-1]))), head


def _distance(one: Place, two: Place) -> float:
    """The length of a line that runs straight across or down."""
    return abs(one[0] - two[0]) + abs(one[1] - two[1])


def _toward(start: Place, end: Place, by: float) -> Place:
    """The point at this distance on the way from one to the other."""
    share = by / (_distance(start, end) or 1)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
