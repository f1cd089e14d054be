"""Colours that colour-blind readers tell apart (Okabe and Ito, 2008), each with a marker of its own besides."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pen:
    """One row: what a line, or a class and its samples, look like in each form."""

    colour: str  # in files
    point: str  # in files, a marker of matplotlib's
    terminal: int  # the nearest of a terminal's 256 colours
    marker: str  # of a line
    plain: str  # the same in ASCII
    sample: str  # one that is classified rightly, and one that is not; in Unicode, and in ASCII
    texture: str  # of a region; in Unicode, and in ASCII


PENS = (
    Pen("#0072B2", "o", 32, "●", "*", "○●oO", "·."),
    Pen("#D55E00", "X", 166, "×", "x", "△▲xX", "  "),
    Pen("#009E73", "^", 36, "▲", "+", "□■sS", "░:"),
    Pen("#E69F00", "s", 178, "■", "o", "◇◆dD", "--"),
    Pen("#CC79A7", "D", 175, "◆", "#", "▽▼vV", "''"),
    Pen("#56B4E9", "v", 74, "▽", "v", "☆★tT", "▒="),
    Pen("#F0E442", "P", 227, "○", "@", "◁◀aA", "~~"),
    Pen("#777777", "*", 245, "+", "%", "▷▶zZ", "++"),
)


def pen(place: int) -> Pen:
    """The pen of the line or class at this place; the ninth is the first again."""
    return PENS[place % len(PENS)]
