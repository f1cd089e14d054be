"""Numbers as shades: blue for what is positive, vermillion for what is negative, white for 0."""

from collections.abc import Sequence
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
DARK = 0.25  # luminance below which text on a ground is white: its contrast is 3.5 at the least, and black's 6


def shade(value: float) -> Shade:
    """The shade of a number from −1 to 1."""
    return next(row for row in SHADES if value >= row.least)


def meaning(scale: float, colour: bool) -> str:
    """What shades or signs stand for, where the largest number is so large."""
    signs = "blue is positive, orange negative" if colour else "# * + positive, % = - negative"
    return f"{signs}, up to {scale:.3g}"


def text_on(ground: Sequence[float]) -> str:
    """Black or white, by the relative luminance of the ground, (red, green, blue) from 0 to 1 in sRGB (WCAG 2.1)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in ground]
    luminance = sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "white" if luminance < DARK else "black"
