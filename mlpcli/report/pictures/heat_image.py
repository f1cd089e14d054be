"""A matrix as an image: a shade for each number, the numbers in the cells, and a bar that tells what shades mean."""

from typing import Any

import numpy as np

from mlpcli.report.pictures.images import label
from mlpcli.report.pictures.records import Heat
from mlpcli.report.pictures.shades import SIGNED, UNSIGNED

CELL, MARGIN = (0.62, 0.42), (2.0, 1.2)  # inches: of a cell with a number in it, and around them
SMALL = 0.16  # inches, of a cell without
LARGEST = 14.0  # inches
DARK = 0.6  # shades on which text is white, from here on
MOST_NAMES = 40  # along an axis


def size(heat: Heat) -> tuple[float, float]:
    """Inches."""
    rows, columns = heat.shades.shape
    cell = CELL if any(heat.texts[0]) else (SMALL, SMALL)
    return min(LARGEST, columns * cell[0] + MARGIN[0]), min(LARGEST, rows * cell[1] + MARGIN[1])


def draw(figure: Any, heat: Heat) -> None:
    """Shades, numbers, names and the bar."""
    from matplotlib.colors import LinearSegmentedColormap

    axes = figure.subplots()
    colours = LinearSegmentedColormap.from_list("shades", SIGNED if heat.signed else UNSIGNED)
    least = -heat.scale if heat.signed else 0
    shown = axes.imshow(heat.shades * heat.scale, colours, vmin=least, vmax=heat.scale, aspect="auto")
    for i, j in np.ndindex(heat.shades.shape):
        if heat.texts[i][j]:
            colour = "white" if abs(heat.shades[i, j]) > DARK else "black"
            axes.text(j, i, heat.texts[i][j], ha="center", va="center", color=colour, size=9)
    _name(axes.set_xticks, heat.columns, 45 if max(map(len, heat.columns)) > 6 else 0)
    _name(axes.set_yticks, heat.rows, 0)
    axes.set_xlabel(heat.names[1])
    axes.set_ylabel(heat.names[0])
    axes.set_title(label(heat.title))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    figure.colorbar(shown, label=heat.measure).outline.set_visible(False)


def _name(set_ticks: Any, names: tuple[str, ...], rotation: int) -> None:
    """The names along an axis, or every so many of them."""
    every = -(-len(names) // MOST_NAMES)
    places = range(0, len(names), every)
    set_ticks(
        list(places),
        [label(names[place]) for place in places],
        rotation=rotation,
    )
