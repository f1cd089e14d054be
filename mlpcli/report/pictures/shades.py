"""Numbers as shades: blue for what is positive, vermillion for what is negative, white for 0."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shade:
    """One row: from which number it counts, a terminal's background, the text on it, and a sign for both."""

    least: float
    ground: int
    text: int
    sign: str


SHADES = (
    Shade(0.75, 25, 231, "#"),
    Shade(0.45, 68, 231, "*"),
    Shade(0.15, 152, 16, "+"),
    Shade(-0.15, 231, 16, " "),
    Shade(-0.45, 223, 16, "-"),
    Shade(-0.75, 173, 16, "="),
    Shade(-2.0, 130, 231, "%"),
)
SIGNED = ("#8C3A00", "#D55E00", "#F2B48A", "#FFFFFF", "#8FC3E3", "#0072B2", "#00415F")  # from −1 to 1, for files
UNSIGNED = ("#FFFFFF", "#8FC3E3", "#0072B2", "#00415F")  # from 0 to 1


def shade(value: float) -> Shade:
    """The shade of a number from −1 to 1."""
    return next(row for row in SHADES if value >= row.least)


def meaning(scale: float, colour: bool) -> str:
    """What shades or signs stand for, where the largest number is so large."""
    signs = "blue is positive, orange negative" if colour else "# * + positive, % = - negative"
    return f"{signs}, up to {scale:.3g}"
