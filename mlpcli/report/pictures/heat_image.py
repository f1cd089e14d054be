"""A matrix as an image: a shade for each number, the numbers in the cells, and a bar that tells what shades mean.

The plane is as large as its cells need; names, title and bar stand around it, and the paper takes in all of them.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from mlpcli.report.pictures.images import label, set_title
from mlpcli.report.pictures.records import Heat
from mlpcli.report.pictures.shades import SIGNED, UNSIGNED, text_on

SMALL = 0.16  # inches of a cell without a number, and between two names at the least
HEIGHT = 0.42  # inches of a cell with a number in it
SIDES, SIGN = 0.2, 0.08  # inches of such a cell's width: beside the number, and for each of its signs
LEAST, MOST = (2.2, 1.7), 14.0  # inches of the plane
BAR, BESIDE = 0.2, 0.3  # inches: the bar's width, and between it and the plane
SLANTED = 0.3  # inches between names from which on those that have no room in a row are slanted, and not upright
APART = 6  # pixels between two names in a row


def size(heat: Heat) -> tuple[float, float]:
    """Inches of the plane."""
    (rows, columns), (width, height) = heat.shades.shape, _cell(heat)
    return max(LEAST[0], min(MOST, columns * width)), max(LEAST[1], min(MOST, rows * height))


def draw(figure: Any, heat: Heat) -> None:
    """Shades, numbers, names and the bar."""
    from matplotlib.colors import LinearSegmentedColormap

    (width, height), (rows, columns) = size(heat), heat.shades.shape
    axes = figure.add_axes((0, 0, 1, 1))
    colours = LinearSegmentedColormap.from_list("shades", SIGNED if heat.signed else UNSIGNED)
    least = -heat.scale if heat.signed else 0
    shown = axes.imshow(heat.shades * heat.scale, colours, vmin=least, vmax=heat.scale, aspect="auto")
    if _numbered(heat):
        _write_numbers(axes, heat, shown)
    axes.tick_params(length=0, labelsize=10 if _numbered(heat) else 8)
    _name_columns(axes, heat.columns, width / columns)
    _name(axes.set_yticks, heat.rows, height / rows)
    axes.set_xlabel(heat.names[1])
    axes.set_ylabel(heat.names[0])
    set_title(axes, heat.title, width + BESIDE + BAR)
    axes.spines[:].set_visible(False)
    bar = figure.add_axes((1 + BESIDE / width, 0, BAR / width, 1))
    figure.colorbar(shown, cax=bar, label=heat.measure).outline.set_visible(False)


# ----- Cells --------------------------------------------------------------------------------------------------------


def _cell(heat: Heat) -> tuple[float, float]:
    """Inches of a cell."""
    return _with_number(heat) if _numbered(heat) else (SMALL, SMALL)


def _with_number(heat: Heat) -> tuple[float, float]:
    return max(HEIGHT, SIDES + SIGN * max(len(text) for row in heat.texts for text in row)), HEIGHT


def _numbered(heat: Heat) -> bool:
    """Whether there are numbers for the cells, and all of them have room."""
    (rows, columns), (width, height) = heat.shades.shape, _with_number(heat)
    return any(heat.texts[0]) and columns * width <= MOST and rows * height <= MOST


def _write_numbers(axes: Any, heat: Heat, shown: Any) -> None:
    """The texts in their cells, with the minus of the bar."""
    for i, j in np.ndindex(heat.shades.shape):
        text = heat.texts[i][j].replace("-", "−")
        colour = text_on(shown.to_rgba(heat.shades[i, j] * heat.scale)[:3])
        axes.text(j, i, text, ha="center", va="center", color=colour, size=9)


# ----- Names --------------------------------------------------------------------------------------------------------


def _name_columns(axes: Any, names: tuple[str, ...], inches: float) -> None:
    """Names in a row where they have room, else each with its end below its column."""
    apart = _name(axes.set_xticks, names, inches)
    boxes = [text.get_window_extent() for text in axes.get_xticklabels()]
    if all(one.x1 + APART <= two.x0 for one, two in pairwise(boxes)):
        return
    angle, end = (45, "top") if apart >= SLANTED else (90, "center")
    for text in axes.get_xticklabels():
        text.set(rotation=angle, ha="right", va=end, rotation_mode="anchor")


def _name(set_ticks: Any, names: tuple[str, ...], inches: float) -> float:
    """The names along an axis with so many inches to each, or every so many of them. Returns the inches between two."""
    every = int(np.ceil(SMALL / inches - 1e-9))
    places = range(0, len(names), every)
    set_ticks(list(places), [label(names[place]) for place in places])
    return every * inches
