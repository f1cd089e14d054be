"""A matrix as a heat map: numbers on shades, shades alone, or signs that replace them, and as an image.

Of an image, the plane is as large as its cells need, and fills the figure; names, title and bar stand around it.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import nan
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.plot.forms import label, set_title
from mlpcli.report.cells import BLANK, Cells, Character, broken, flowed, paragraph, text_of, words
from mlpcli.report.curves import LARGEST
from mlpcli.report.text import LEAST, WIDEST, Screen, left, right, text_width, written

# ----- Shades -------------------------------------------------------------------------------------------------------

SIGNED = ("#8C3A00", "#D55E00", "#F2B48A", "#FFFFFF", "#8FC3E3", "#0072B2", "#00415F")  # from −1 to 1
UNSIGNED = ("#FFFFFF", "#8FC3E3", "#0072B2", "#00415F")  # from 0 to 1
NO_COLOR = "#DDDDDD"  # of a cell without a number
DARK = 0.25  # luminance below which text on a shade is white, with a contrast of 3.5 or more; black text has 6


class Shade(NamedTuple):
    """One row: its smallest number, a terminal's background, the text on it, and a sign that replaces both."""

    least: float
    ground: int
    text: int
    sign: str


# From 1 to −1: blue is positive, vermilion negative, white 0.
SHADES = (
    Shade(0.75, 25, 231, "#"),
    Shade(0.45, 68, 231, "*"),
    Shade(0.15, 152, 16, "+"),
    Shade(-0.15, 231, 16, " "),
    Shade(-0.45, 223, 16, "-"),
    Shade(-0.75, 173, 16, "="),
    Shade(-2.0, 130, 231, "%"),
)
ABSENT = Shade(nan, 250, 16, "?")


def shade(value: float) -> Shade:
    """The shade of a number from −1 to 1, and of NaN."""
    return next((row for row in SHADES if value >= row.least), ABSENT)


def signed_scale(scale: float, color: bool) -> str:
    """The meaning of the shades of signed numbers."""
    signs = "blue is positive, orange negative" if color else "# * + positive, % = - negative"
    return f"{signs}, up to {scale:.3g}"


def shaded(values: Array, color: bool) -> Cells:
    """A cell per number: its shade, or without colors its sign."""
    rows = [[shade(value) for value in row] for row in values.tolist()]
    return [[Character(" " if color else cell.sign, ground=cell.ground) for cell in row] for row in rows]


def means(values: Array, size: int, axis: int) -> Array:
    """The means of `size` neighbors each, and of the rest at the end. NaN is left out; of NaN alone the mean is NaN."""
    starts, known = np.arange(0, values.shape[axis], size), ~np.isnan(values)
    counts = np.add.reduceat(known, starts, axis, dtype=np.float64)
    result: Array = np.add.reduceat(np.where(known, values, 0), starts, axis) / np.where(counts, counts, nan)
    return result


def check_scale(scale: float, measure: str) -> None:
    """Raises MlpError for numbers too large for a scale of shades."""
    if not scale <= LARGEST:
        raise MlpError(f"a {measure} of {scale:g} is too large for a picture; --format csv has it")


# ----- The picture --------------------------------------------------------------------------------------------------


class HeatMap(NamedTuple):
    """A matrix whose numbers are shades: from 0 to 1, or from −1 to 1 if it is signed. NaN is a cell without one."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    names: tuple[str, str]  # of rows and columns
    shades: Array  # (rows, columns)
    least: float  # the number that has the shade 0
    scale: float  # the number that has the shade 1
    measure: str  # the meaning of the numbers
    texts: tuple[tuple[str, ...], ...]  # in the cells
    signed: bool

    @property
    def size(self) -> tuple[float, float]:
        """Inches of the plane."""
        rows, columns = self.shades.shape
        width, height = _cell_with_number(self) if _numbered(self) else (SMALL, SMALL)
        wide, high = min(MOST_PLANE, columns * width), min(MOST_PLANE, rows * height)
        return max(LEAST_PLANE[0], wide), max(LEAST_PLANE[1], high)

    def text(self, screen: Screen) -> str:
        """Numbers below the names of their columns, or below numbers with the names listed; else shades."""
        check_scale(self.scale, self.measure)
        room = max(LEAST, screen.columns or WIDEST) - 1
        columns = [written(name, screen.unicode) for name in self.columns]
        rows = [written(name, screen.unicode) for name in self.rows]
        numbers = [str(place) for place in range(1, len(columns) + 1)]
        short = numbers if rows == columns else rows
        cells = [*paragraph(self.title, room, screen.unicode), []]
        listed: Cells = []
        if columns != numbers:
            listed = [[], *flowed([words(f"{k} {name}") for k, name in enumerate(columns, 1)], room)]
        for row_names, heads, below in ((rows, columns, []), (rows, numbers, listed), (short, numbers, listed)):
            if _fits(self, row_names, heads, room):
                return text_of([*cells, *_table(self, row_names, heads, room), *below], screen.color)
        return text_of([*cells, *_shades(self, short, room, listed, screen.color)], screen.color)

    def draw(self, figure: Any) -> None:
        """Shades, numbers, names and the bar."""
        from matplotlib.colors import LinearSegmentedColormap

        check_scale(self.scale, self.measure)
        (width, height), (rows, columns) = self.size, self.shades.shape
        axes = figure.add_axes((0, 0, 1, 1))
        colors = LinearSegmentedColormap.from_list("shades", SIGNED if self.signed else UNSIGNED, bad=NO_COLOR)
        least = -self.scale if self.signed else self.least
        numbers = self.least + self.shades * (self.scale - self.least)
        shown = axes.imshow(numbers, colors, vmin=least, vmax=self.scale, aspect="auto")
        if _numbered(self):
            _write_numbers(axes, self, shown.to_rgba(numbers))
        axes.tick_params(length=0, labelsize=10 if _numbered(self) else 8)
        _name_columns(axes, self.columns, width / columns)
        _name(axes.set_yticks, self.rows, height / rows)
        axes.set_xlabel(self.names[1])
        axes.set_ylabel(self.names[0])
        set_title(axes, self.title, width + BESIDE + BAR)
        axes.spines[:].set_visible(False)
        bar = figure.add_axes((1 + BESIDE / width, 0, BAR / width, 1))
        figure.colorbar(shown, cax=bar, label=self.measure).outline.set_visible(False)


# ----- Characters ---------------------------------------------------------------------------------------------------

WIDEST_SHADE = 6  # columns of a cell without its number
STEPS = (1, 2, 5, 10, 20, 50, 100)  # between columns that are numbered


def _fits(heat: HeatMap, rows: Sequence[str], columns: Sequence[str], room: int) -> bool:
    return any(map(any, heat.texts)) and _margin(heat, rows) + len(columns) * _width(heat, columns) <= room


def _margin(heat: HeatMap, rows: Sequence[str]) -> int:
    """Columns of the rows' names and a blank."""
    return 1 + max(map(text_width, (*rows, heat.names[0])))


def _width(heat: HeatMap, columns: Sequence[str]) -> int:
    """Columns of a cell with a blank on each side."""
    return 2 + max(map(text_width, (*columns, *(text for row in heat.texts for text in row))))


def _table(heat: HeatMap, rows: Sequence[str], columns: Sequence[str], whole: int) -> Cells:
    """The meaning of the columns, their heads, and a line for each row."""
    margin, room = _margin(heat, rows), _width(heat, columns) - 1
    cells = [words(" " * min(margin + 1, whole - text_width(heat.names[1])) + heat.names[1])]
    cells.append(words(left(heat.names[0], margin) + "".join(right(name, room) + " " for name in columns)))
    for name, texts, values in zip(rows, heat.texts, heat.shades.tolist(), strict=True):
        line = words(left(name, margin))
        for text, value in zip(texts, values, strict=True):
            line += words(right(text, room) + " ", shade(value).text, shade(value).ground)
        cells.append(line)
    return cells


def _shades(heat: HeatMap, rows: Sequence[str], room: int, listed: Cells, color: bool) -> Cells:
    """A line of shades for each row, below their meaning. If there are too many columns, means are shown."""
    margin, columns = 1 + max(map(text_width, rows)), heat.shades.shape[1]
    several = -(-columns // (room - margin))
    about = f"{heat.names[0]} by {heat.names[1]} 1 to {columns}"
    if several > 1:
        about += f", each sign the mean of {several}"
    heading = broken(words(f"{about}: {_scale(heat, color)}"), room)
    if several > 1:
        return [*heading, *_lines(rows, means(heat.shades, several, 1), 1, color)]
    width = min(WIDEST_SHADE, (room - margin) // columns)
    numbers = words(" " * margin + _numbers(columns, width))
    return [*heading, numbers, *_lines(rows, heat.shades, width, color), *listed]


def _scale(heat: HeatMap, color: bool) -> str:
    """The meaning of the shades."""
    if heat.signed:
        return signed_scale(heat.scale, color)
    absent = ", ? is none" if np.isnan(heat.shades).any() and not color else ""
    signs = "white to blue" if color else "blank + * #"
    return f"{signs} is the {heat.measure}, {heat.least:.3g} to {heat.scale:.3g}{absent}"


def _numbers(columns: int, width: int) -> str:
    """The number of each column above it, or of every second, fifth and so on."""
    step = next(step for step in STEPS if step * width > len(str(columns)))
    numbers = ((k, str(k)) for k in range(step, columns + 1, step))
    texts = [left(text, step * width) for k, text in numbers if (k - 1) * width + len(text) <= columns * width]
    return " " * ((step - 1) * width) + "".join(texts).rstrip()


def _lines(rows: Sequence[str], shades: Array, width: int, color: bool) -> Cells:
    """The name of each row and its shades, in `width` columns each; the last column of signs is blank."""
    names = max(map(text_width, rows))
    copies, blanks = (width, 0) if color or width == 1 else (width - 1, 1)
    return [
        [*words(right(name, names) + " "), *(part for cell in line for part in [cell] * copies + [BLANK] * blanks)]
        for name, line in zip(rows, shaded(shades, color), strict=True)
    ]


# ----- An image -----------------------------------------------------------------------------------------------------

SMALL = 0.16  # inches of a cell without a number, and between two names at least
HEIGHT = 0.42  # inches of a cell with a number
SIDES, SIGN = 0.2, 0.08  # inches of such a cell's width: beside the number, and for each of its signs
LEAST_PLANE, MOST_PLANE = (2.2, 1.7), 14.0  # inches
BAR, BESIDE = 0.2, 0.3  # inches: the bar's width, and between it and the plane
SLANTED = 0.3  # inches between names, at least, for slanted ones; closer names are upright
APART = 6  # pixels between two names in a row


def _cell_with_number(heat: HeatMap) -> tuple[float, float]:
    """Inches."""
    return max(HEIGHT, SIDES + SIGN * max(len(text) for row in heat.texts for text in row)), HEIGHT


def _numbered(heat: HeatMap) -> bool:
    """Whether there are numbers for the cells, and all of them fit."""
    (rows, columns), (width, height) = heat.shades.shape, _cell_with_number(heat)
    return any(map(any, heat.texts)) and columns * width <= MOST_PLANE and rows * height <= MOST_PLANE


def _write_numbers(axes: Any, heat: HeatMap, colors: Any) -> None:
    """The texts in their cells of these colors, with the minus sign of the bar."""
    for i, j in np.ndindex(heat.shades.shape):
        text = heat.texts[i][j].replace("-", "−")
        axes.text(j, i, text, ha="center", va="center", color=text_on(colors[i, j, :3]), size=9)


def text_on(ground: Sequence[float]) -> str:
    """Black or white, by the relative luminance of the ground, (red, green, blue) from 0 to 1 in sRGB (WCAG 2.1)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in ground]
    luminance = sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "white" if luminance < DARK else "black"


def _name_columns(axes: Any, names: tuple[str, ...], inches: float) -> None:
    """Names in a row if they fit, else slanted or upright, each ending below its column."""
    apart = _name(axes.set_xticks, names, inches)
    boxes = [text.get_window_extent() for text in axes.get_xticklabels()]
    if all(one.x1 + APART <= two.x0 for one, two in pairwise(boxes)):
        return
    angle, end = (45, "top") if apart >= SLANTED else (90, "center")
    for text in axes.get_xticklabels():
        text.set(rotation=angle, ha="right", va=end, rotation_mode="anchor")


def _name(set_ticks: Any, names: tuple[str, ...], inches: float) -> float:
    """Names along an axis with `inches` for each; some are left out if they are closer than SMALL.

    Returns the inches between two names.
    """
    every = int(np.ceil(SMALL / inches - 1e-9))
    places = range(0, len(names), every)
    set_ticks(list(places), [label(names[place]) for place in places])
    return every * inches
