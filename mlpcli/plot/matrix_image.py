"""Matrices as images: shades with a bar that gives their scale.

A heat map's plane is as large as its cells need, and fills the figure; names, title and bar stand around it.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, sqrt
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.plot.forms import label, set_title
from mlpcli.plot.matrix import HeatMap, Tiles

SIGNED = ("#8C3A00", "#D55E00", "#F2B48A", "#FFFFFF", "#8FC3E3", "#0072B2", "#00415F")  # from −1 to 1
UNSIGNED = ("#FFFFFF", "#8FC3E3", "#0072B2", "#00415F")  # from 0 to 1
ABSENT = "#DDDDDD"  # a cell without a number
DARK = 0.25  # luminance below which text on a shade is white, with a contrast of 3.5 or more; black text has 6

# ----- Heat maps ----------------------------------------------------------------------------------------------------

SMALL = 0.16  # inches of a cell without a number, and between two names at least
HEIGHT = 0.42  # inches of a cell with a number
SIDES, SIGN = 0.2, 0.08  # inches of such a cell's width: beside the number, and for each of its signs
LEAST, MOST = (2.2, 1.7), 14.0  # inches of the plane
BAR, BESIDE = 0.2, 0.3  # inches: the bar's width, and between it and the plane
SLANTED = 0.3  # inches between names, at least, for slanted ones; closer names are upright
APART = 6  # pixels between two names in a row


def heat_size(heat: HeatMap) -> tuple[float, float]:
    """Inches of the plane."""
    rows, columns = heat.shades.shape
    width, height = _cell_with_number(heat) if _numbered(heat) else (SMALL, SMALL)
    return max(LEAST[0], min(MOST, columns * width)), max(LEAST[1], min(MOST, rows * height))


def _cell_with_number(heat: HeatMap) -> tuple[float, float]:
    """Inches."""
    return max(HEIGHT, SIDES + SIGN * max(len(text) for row in heat.texts for text in row)), HEIGHT


def _numbered(heat: HeatMap) -> bool:
    """Whether there are numbers for the cells, and all of them fit."""
    (rows, columns), (width, height) = heat.shades.shape, _cell_with_number(heat)
    return any(heat.texts[0]) and columns * width <= MOST and rows * height <= MOST


def draw_heat(figure: Any, heat: HeatMap) -> None:
    """Shades, numbers, names and the bar."""
    from matplotlib.colors import LinearSegmentedColormap

    (width, height), (rows, columns) = heat_size(heat), heat.shades.shape
    axes = figure.add_axes((0, 0, 1, 1))
    colors = LinearSegmentedColormap.from_list("shades", SIGNED if heat.signed else UNSIGNED, bad=ABSENT)
    least, numbers = -heat.scale if heat.signed else heat.least, heat.least + heat.shades * (heat.scale - heat.least)
    shown = axes.imshow(numbers, colors, vmin=least, vmax=heat.scale, aspect="auto")
    if _numbered(heat):
        _write_numbers(axes, heat, shown.to_rgba(numbers))
    axes.tick_params(length=0, labelsize=10 if _numbered(heat) else 8)
    _name_columns(axes, heat.columns, width / columns)
    _name(axes.set_yticks, heat.rows, height / rows)
    axes.set_xlabel(heat.names[1])
    axes.set_ylabel(heat.names[0])
    set_title(axes, heat.title, width + BESIDE + BAR)
    axes.spines[:].set_visible(False)
    bar = figure.add_axes((1 + BESIDE / width, 0, BAR / width, 1))
    figure.colorbar(shown, cax=bar, label=heat.measure).outline.set_visible(False)


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


# ----- Tiles: a square of small images ------------------------------------------------------------------------------

TILE = 0.95  # inches
BAR_ROOM, TITLE_ROOM = 1.2, 0.5  # inches
GAP = 0.22  # of a tile, above it for its name, and to its left
MOST_TILES = 100


def tiles_size(tiles: Tiles) -> tuple[float, float]:
    """Inches."""
    rows, columns = _grid(tiles)
    return columns * TILE + BAR_ROOM, rows * TILE + TITLE_ROOM


def _grid(tiles: Tiles) -> tuple[int, int]:
    """Rows and columns of a square, or nearly."""
    count = min(MOST_TILES, len(tiles.names))
    columns = ceil(sqrt(count))
    return ceil(count / columns), columns


def draw_tiles(figure: Any, tiles: Tiles) -> None:
    """The tiles row by row on one pair of axes, each below its name, and the bar."""
    from matplotlib.colors import LinearSegmentedColormap

    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    colors = LinearSegmentedColormap.from_list("shades", SIGNED)
    mosaic, corners = _mosaic(tiles)
    shown = axes.imshow(mosaic, colors, vmin=-tiles.scale, vmax=tiles.scale, interpolation="nearest")
    for name, (x, y) in zip(tiles.names, corners, strict=False):
        axes.text(x - 0.5, y - 0.8, label(name), size=7, va="bottom")
    count = f", {MOST_TILES} of {len(tiles.names)} units" if len(tiles.names) > MOST_TILES else ""
    set_title(axes, tiles.title + count, tiles_size(tiles)[0])
    axes.set_axis_off()
    figure.colorbar(shown, label=tiles.measure, shrink=0.8).outline.set_visible(False)


def _mosaic(tiles: Tiles) -> tuple[Array, list[tuple[int, int]]]:
    """One array with all tiles and NaN between them, and the upper left corner of each, (x, y)."""
    _, height, width = tiles.images.shape
    rows, columns = _grid(tiles)
    above, beside = max(2, ceil(GAP * height)), max(1, ceil(GAP * width))
    mosaic = np.full((rows * (height + above), columns * (width + beside) - beside), np.nan)
    corners = []
    for place, image in enumerate(tiles.images[:MOST_TILES] * tiles.scale):
        row, column = divmod(place, columns)
        x, y = column * (width + beside), row * (height + above) + above
        mosaic[y : y + height, x : x + width] = image
        corners.append((x, y))
    return mosaic, corners
