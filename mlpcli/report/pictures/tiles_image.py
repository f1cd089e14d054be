"""Small images as one: a square of tiles, each with its name, in shades that mean the same in all of them."""

from math import ceil, sqrt
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.pictures.images import label, set_title
from mlpcli.report.pictures.records import Tiles
from mlpcli.report.pictures.shades import SIGNED

TILE = 0.95  # inches
BESIDE, ABOVE = 1.2, 0.5  # inches for the bar and the title
GAP = 0.22  # of a tile, above it for its name, and to its left
MOST = 100  # images


def size(tiles: Tiles) -> tuple[float, float]:
    """Inches."""
    rows, columns = _grid(tiles)
    return columns * TILE + BESIDE, rows * TILE + ABOVE


def draw(figure: Any, tiles: Tiles) -> None:
    """The tiles row by row on one pair of axes, and a bar that tells what shades mean."""
    from matplotlib.colors import LinearSegmentedColormap

    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    colours = LinearSegmentedColormap.from_list("shades", SIGNED)
    mosaic, corners = _mosaic(tiles)
    shown = axes.imshow(mosaic, colours, vmin=-tiles.scale, vmax=tiles.scale, interpolation="nearest")
    for name, (x, y) in zip(tiles.names, corners, strict=False):
        axes.text(x - 0.5, y - 0.8, label(name), size=7, va="bottom")
    count = f", {MOST} of {len(tiles.names)} units" if len(tiles.names) > MOST else ""
    set_title(axes, tiles.title + count, size(tiles)[0])
    axes.set_axis_off()
    figure.colorbar(shown, label=tiles.measure, shrink=0.8).outline.set_visible(False)


def _mosaic(tiles: Tiles) -> tuple[Array, list[tuple[int, int]]]:
    """One array with all tiles and NaN between them, and where each has its upper left corner, (x, y)."""
    _, height, width = tiles.images.shape
    rows, columns = _grid(tiles)
    above, beside = max(2, ceil(GAP * height)), max(1, ceil(GAP * width))
    mosaic = np.full((rows * (height + above), columns * (width + beside) - beside), np.nan)
    corners = []
    for place, image in enumerate(tiles.images[:MOST] * tiles.scale):
        row, column = divmod(place, columns)
        x, y = column * (width + beside), row * (height + above) + above
        mosaic[y : y + height, x : x + width] = image
        corners.append((x, y))
    return mosaic, corners


def _grid(tiles: Tiles) -> tuple[int, int]:
    """Rows and columns of a square, or nearly."""
    count = min(MOST, len(tiles.names))
    columns = ceil(sqrt(count))
    return ceil(count / columns), columns
