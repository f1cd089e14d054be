"""Colours that colour-blind readers tell apart, each with a marker of its own besides.

They are Okabe's and Ito's (2008), but for the yellow, which is hardly seen on white paper: olive is Tol's (2021).
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Pen:
    """One row: what a line, or a class and its samples, look like, in the same shape on a terminal and in a file."""

    colour: str  # in files
    terminal: int  # the nearest of a terminal's 256 colours
    marker: str  # of a line
    plain: str  # the same in ASCII
    point: str  # the same in files, a marker of matplotlib's
    sample: str  # one that is classified rightly, and one that is not; in Unicode, and in ASCII
    shape: str  # the same in files, hollow and filled
    texture: str  # of a region; in Unicode, and in ASCII


PENS = (
    Pen("#0072B2", 32, "●", "*", "o", "○●oO", "o", "·."),
    Pen("#D55E00", 166, "×", "x", "X", "△▲xX", "^", "  "),
    Pen("#009E73", 36, "▲", "+", "^", "□■sS", "s", "░:"),
    Pen("#E69F00", 178, "■", "o", "s", "◇◆dD", "D", "--"),
    Pen("#CC79A7", 175, "◆", "#", "D", "▽▼vV", "v", "''"),
    Pen("#56B4E9", 74, "▼", "v", "v", "☆★tT", "*", "▒="),
    Pen("#999933", 143, "★", "@", "*", "◁◀aA", "<", "~~"),
    Pen("#777777", 245, "+", "%", "P", "▷▶zZ", ">", "++"),
)


def pen(place: int) -> Pen:
    """The pen of the line or class at this place. From the ninth on each colour comes again, with another shape."""
    turn, number = divmod(place, len(PENS))
    return replace(PENS[(number + turn) % len(PENS)], colour=PENS[number].colour, terminal=PENS[number].terminal)
