"""A picture as shapes and text at their places, in pixels. The purpose of a shape gives its colors."""

from collections.abc import Iterable
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
MARGIN, NOTE = 24.0, 12.0  # around a picture; the size of its notes
BASELINE = 0.35  # of a size: from the middle of a line down to its baseline

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
    "positive": Colors(NONE, "#008f68", NONE, "#2fc297"),
    "negative": Colors(NONE, "#b0528f", NONE, "#dc8fbc"),
    "gradient-line": Colors(NONE, "#bf5400", NONE, "#f0803c"),
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


class Words(NamedTuple):
    """A line of text. y is its baseline, x its start, middle or end."""

    purpose: str
    x: float
    y: float
    text: str
    size: float
    anchor: str = "middle"
    leaning: bool = False  # in the letters of formulas


Shape = Rectangle | Stroke | Words


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


def key(entries: Iterable[TextLine], x: float, y: float) -> tuple[list[Shape], float]:
    """A legend: a small square of each color beside its text. Returns also where it ends."""
    shapes: list[Shape] = []
    for text, purpose in entries:
        shapes.append(Rectangle(purpose, x, y - 9, 9, 9, 2))
        shapes.append(Words(INK, x + 14, y, text, NOTE, "start"))
        x += 34 + width_of(text, NOTE)
    return shapes, x - 20 if shapes else x


def with_note(picture: Picture, note: str) -> Picture:
    """The picture with a note below it, and in its title for screen readers."""
    if not note:
        return picture
    lowest = max(shape.y for shape in picture.shapes if isinstance(shape, Words))
    words = Words(FAINT, MARGIN, lowest + 20, note, NOTE, "start")
    return picture._replace(
        width=max(picture.width, width_of(note, NOTE) + 2 * MARGIN),
        height=words.y + picture.height - lowest,
        title=titled(picture.title, note),
        shapes=(*picture.shapes, words),
    )


def titled(title: str, note: str) -> str:
    """The title with the note."""
    return f"{title}: {note}" if note else title
