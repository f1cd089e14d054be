"""Colours that colour-blind readers tell apart (Okabe and Ito, 2008), each with a marker of its own besides."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pen:
    """One row: a colour for files and for terminals, and a marker for each form."""

    name: str
    colour: str
    terminal: int  # the nearest of a terminal's 256 colours
    marker: str
    plain: str  # the marker in ASCII


PENS = (
    Pen("blue", "#0072B2", 32, "●", "*"),
    Pen("vermillion", "#D55E00", 166, "×", "x"),
    Pen("bluish green", "#009E73", 36, "▲", "+"),
    Pen("orange", "#E69F00", 178, "■", "o"),
    Pen("reddish purple", "#CC79A7", 175, "◆", "#"),
    Pen("sky blue", "#56B4E9", 74, "▽", "v"),
    Pen("yellow", "#F0E442", 227, "○", "@"),
    Pen("grey", "#777777", 245, "+", "%"),
)


def pen(place: int) -> Pen:
    """The pen of the line or class at this place; the ninth is the first again."""
    return PENS[place % len(PENS)]
