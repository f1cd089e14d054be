"""Small images as one: a square of tiles, each with its name, in shades that mean the same in all of them."""

from math import ceil, sqrt
from typing import Any

from mlpcli.report.pictures.images import label
from mlpcli.report.pictures.records import Tiles
from mlpcli.report.pictures.shades import SIGNED

TILE = 0.95  # inches
BESIDE, ABOVE = 1.0, 0.5  # inches for the bar and the title
MOST = 100  # images


def size(tiles: Tiles) -> tuple[float, float]:
    """Inches."""
    rows, columns = _grid(tiles)
    return columns * TILE + BESIDE, rows * TILE + ABOVE


def draw(figure: Any, tiles: Tiles) -> None:
    """The tiles row by row, and a bar that tells what shades mean."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("shades", SIGNED)
    grid = figure.subplots(*_grid(tiles), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, name, image in zip(grid.flat, tiles.names[:MOST], tiles.images[:MOST], strict=False):
        shown = axes.imshow(image * tiles.scale, colours, vmin=-tiles.scale, vmax=tiles.scale, interpolation="nearest")
        axes.set_title(label(name), size=7, pad=2, loc="center")
    count = f", {MOST} of {len(tiles.names)} units" if len(tiles.names) > MOST else ""
    figure.suptitle(label(tiles.title + count), x=0.01, ha="left", size=11)
    figure.colorbar(shown, ax=grid, label=tiles.measure, shrink=0.8).outline.set_visible(False)


def _grid(tiles: Tiles) -> tuple[int, int]:
    """Rows and columns of a square, or nearly."""
    count = min(MOST, len(tiles.names))
    columns = ceil(sqrt(count))
    return ceil(count / columns), columns
