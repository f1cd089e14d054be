"""A picture as shapes and text at their places, in pixels. What a shape is for gives its colours."""

from collections.abc import Iterable
from typing import NamedTuple

from mlpcli.report.text import columns_of

PAPER, INK, FAINT = "paper", "ink", "faint"
TextLine = tuple[str, str]  # the text, and the purpose that gives its colour


class Colours(NamedTuple):
    """Of one purpose, on white paper and on a dark screen: what fills a shape or text, and what draws its outline."""

    fill: str
    stroke: str
    dark_fill: str
    dark_stroke: str


NONE = "none"
MARGIN, NOTE = 24.0, 12.0  # around a picture; the size of its notes
BASELINE = 0.35  # of a size: how far below its middle text stands

# The blue and the vermilion are those of Okabe and Ito (2008), which colour-blind readers can tell apart too; on paper
# the vermilion is darkened until text in it is read easily (a contrast of 4.5).
PURPOSES = {
    PAPER: Colours("#ffffff", NONE, "#15181b", NONE),
    INK: Colours("#1c2024", NONE, "#e4e6e7", NONE),
    FAINT: Colours("#5b636b", NONE, "#9aa3ab", NONE),
    "variable": Colours("#ffffff", "#1c2024", "#1f2428", "#c5cacd"),
    "operation": Colours("#e9ecef", "#8a9199", "#30373d", "#69727a"),
    "edge": Colours(NONE, "#4d555c", NONE, "#9aa3ab"),
    "arrow": Colours("#4d555c", NONE, "#9aa3ab", NONE),
    "value": Colours("#0072b2", NONE, "#56b4e9", NONE),
    "value-line": Colours(NONE, "#0072b2", NONE, "#56b4e9"),
    "gradient": Colours("#bf5400", NONE, "#f0803c", NONE),
    "positive": Colours(NONE, "#008f68", NONE, "#2fc297"),
    "negative": Colours(NONE, "#b0528f", NONE, "#dc8fbc"),
    "gradient-line": Colours(NONE, "#bf5400", NONE, "#f0803c"),
}


OUTLINE = 1.0  # how wide the outline of a rectangle is


class Rectangle(NamedTuple):
    """With round corners."""

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
    """What is drawn, from the back to the front, and what it is, for those who cannot see it."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
    description: str


# Widths of characters in em, at least those of the usual fonts for screens.
WIDTHS = {
    **dict.fromkeys("0123456789", 0.64),
    **dict.fromkeys(".,:;|!il'jft⁽⁾() ⎡⎤", 0.4),
    **dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉", 0.42),
    **dict.fromkeys("mwM−+=×%", 0.9),
    **dict.fromkeys("W…", 1.05),
}
USUAL_WIDTH = 0.66


def width_of(text: str, size: float) -> float:
    """How wide a line of text is at the most."""
    return sum(WIDTHS.get(character, USUAL_WIDTH * columns_of(character)) for character in text) * size


def key(entries: Iterable[TextLine], x: float, y: float) -> tuple[list[Shape], float]:
    """What colors mean: a small square of each beside its text. And where that ends."""
    shapes: list[Shape] = []
    for text, purpose in entries:
        shapes.append(Rectangle(purpose, x, y - 9, 9, 9, 2))
        shapes.append(Words(INK, x + 14, y, text, NOTE, "start"))
        x += 34 + width_of(text, NOTE)
    return shapes, x - 20 if shapes else x


def with_note(picture: Picture, note: str) -> Picture:
    """The picture with a note below it, and in its title for those who cannot see it."""
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
    """The title, with what one must know to read the numbers."""
    return f"{title}: {note}" if note else title
