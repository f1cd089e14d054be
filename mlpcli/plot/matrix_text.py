"""Matrices for a terminal: numbers on shades, shades alone, or small images; without colors, signs replace shades."""

from collections.abc import Sequence
from math import nan
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.plot.matrix import HeatMap, Tiles
from mlpcli.report.cells import BLANK, Cells, Character, beside, broken, flowed, padded, text_of, words
from mlpcli.report.text import Screen, left, right, text_width, written

WIDEST = 80  # columns without a terminal
LEAST = 20


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


def _signed_scale(scale: float, color: bool) -> str:
    """The meaning of the shades of signed numbers."""
    signs = "blue is positive, orange negative" if color else "# * + positive, % = - negative"
    return f"{signs}, up to {scale:.3g}"


def _shaded(values: Array, color: bool) -> Cells:
    """A cell per number: its shade, or without colors its sign."""
    rows = [[shade(value) for value in row] for row in values.tolist()]
    return [[Character(" " if color else cell.sign, ground=cell.ground) for cell in row] for row in rows]


# ----- Heat maps ----------------------------------------------------------------------------------------------------

WIDEST_SHADE = 6  # columns of a cell without its number
STEPS = (1, 2, 5, 10, 20, 50, 100)  # between columns that are numbered


def heat_text(heat: HeatMap, screen: Screen) -> str:
    """Numbers below the names of their columns, or below numbers with the names listed; else shades."""
    room = max(LEAST, screen.columns or WIDEST) - 1
    columns = [written(name, screen.unicode) for name in heat.columns]
    rows = [written(name, screen.unicode) for name in heat.rows]
    numbers = [str(place) for place in range(1, len(columns) + 1)]
    short = numbers if rows == columns else rows
    cells = [*broken(words(written(heat.title, screen.unicode)), room), []]
    listed: Cells = (
        [] if columns == numbers else [[], *flowed([words(f"{k} {name}") for k, name in enumerate(columns, 1)], room)]
    )
    for row_names, heads, below in ((rows, columns, []), (rows, numbers, listed), (short, numbers, listed)):
        if _fits(heat, row_names, heads, room):
            return text_of([*cells, *_table(heat, row_names, heads, room), *below], screen.color)
    return text_of([*cells, *_shades(heat, short, room, listed, screen.color)], screen.color)


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
        return [*heading, *_lines(rows, _means(heat.shades, several, 1), 1, color)]
    width = min(WIDEST_SHADE, (room - margin) // columns)
    numbers = words(" " * margin + _numbers(columns, width))
    return [*heading, numbers, *_lines(rows, heat.shades, width, color), *listed]


def _scale(heat: HeatMap, color: bool) -> str:
    """The meaning of the shades."""
    if heat.signed:
        return _signed_scale(heat.scale, color)
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
        for name, line in zip(rows, _shaded(shades, color), strict=True)
    ]


# ----- Small images: a character is twice as high as wide -----------------------------------------------------------

MOST = 12  # images; a file shows more
GAP = 2  # columns between images
SEVERAL = 3


def tiles_text(tiles: Tiles, screen: Screen) -> str:
    """The first images, each below its name, as many side by side as fit."""
    room = max(LEAST, screen.columns or WIDEST) - 1
    blocks = [
        _tile(name, image, room, screen) for name, image in zip(tiles.names[:MOST], tiles.images[:MOST], strict=True)
    ]
    in_row = max(1, (room + GAP) // (len(blocks[0][0]) + GAP))
    shown = "" if len(tiles.names) <= MOST else f", {MOST} of {len(tiles.names)} units"
    heading = (written(tiles.title, screen.unicode) + shown, _signed_scale(tiles.scale, screen.color))
    cells = [row for line in heading for row in broken(words(line), room)]
    for start in range(0, len(blocks), in_row):
        cells += [[], *beside(blocks[start : start + in_row], GAP)]
    return text_of(cells, screen.color)


def _tile(name: str, image: Array, room: int, screen: Screen) -> Cells:
    """Two signs per pixel if SEVERAL such images fit beside each other; else two pixels or more per sign."""
    step = -(-image.shape[1] // room)
    if SEVERAL * 2 * image.shape[1] <= room:
        rows = _shaded(np.repeat(image, 2, axis=1), screen.color)
    elif screen.color and screen.unicode:
        rows = _halves(_means(_means(image, step, 0), step, 1))
    else:
        rows = _shaded(_means(_means(image, 2 * step, 0), step, 1), screen.color)
    width = max(len(rows[0]), len(name))
    return [padded(row, width) for row in [words(name), *rows]]


def _halves(values: Array) -> Cells:
    """Two rows in one: the upper half of a character has its color, the lower half that of its background."""
    if len(values) % 2:
        values = np.vstack([values, np.zeros(values.shape[1])])
    grounds = [[shade(value).ground for value in row] for row in values.tolist()]
    return [
        [Character("▀", above, below) for above, below in zip(*pair, strict=True)]
        for pair in zip(grounds[::2], grounds[1::2], strict=True)
    ]


def _means(values: Array, size: int, axis: int) -> Array:
    """The means of `size` neighbors each, and of the rest at the end. NaN is left out; of NaN alone the mean is NaN."""
    starts, known = np.arange(0, values.shape[axis], size), ~np.isnan(values)
    counts = np.add.reduceat(known, starts, axis, dtype=np.float64)
    result: Array = np.add.reduceat(np.where(known, values, 0), starts, axis) / np.where(counts, counts, nan)
    return result
