"""A map as an image: pale regions with their borders, samples as hollow shapes, misclassified ones filled.

The plane has the same size for all classes; the legends stand beside it, and the paper takes in all of them.
"""

from math import ceil
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.pictures.images import label, set_title
from mlpcli.report.pictures.palette import PENS, pen
from mlpcli.report.pictures.records import Map

WIDTH, HEIGHT = 4.8, 3.8  # inches of the plane
BESIDE = 1.03  # where the legends begin, in widths of the plane
PALE = 0.22  # of a colour, over white
AREA, EDGE = 30, 1.1  # of a sample, in square points and points
MOST_IN_COLUMN = 14  # classes in the legend
AGAIN = f"{len(PENS)} colours, which come again\nwith other shapes"


def size(picture: Map) -> tuple[float, float]:
    """Inches of the plane."""
    return WIDTH, HEIGHT


def draw(figure: Any, picture: Map) -> None:
    """Regions, borders, samples, and a legend beside them."""
    axes, found = figure.add_axes((0, 0, 1, 1)), picture.regions
    for place, margins in enumerate(found.margins):
        if (margins > 0).any():
            end = max(1.0, float(margins.max()) * 2)
            axes.contourf(found.across, found.up, margins, [0, end], colors=[pen(place).colour], alpha=PALE)
        if (margins > 0).any() and (margins < 0).any():
            axes.contour(found.across, found.up, margins, [0], colors="#444444", linewidths=0.8)
    _draw_samples(figure, axes, picture)
    set_title(axes, picture.title, WIDTH)
    axes.set_xlabel(label(picture.axes[0]))
    axes.set_ylabel(label(picture.axes[1]))
    axes.set_xlim(found.across[0], found.across[-1])
    axes.set_ylim(found.up[0], found.up[-1])


def _draw_samples(figure: Any, axes: Any, picture: Map) -> None:
    """Samples by class, the misclassified ones last, and what the shapes mean."""
    from matplotlib.legend_handler import HandlerTuple

    found = picture.regions
    names, right = [label(name) for name in picture.classes], ~found.wrong
    hollow = [_scatter(axes, place, found.x[right & (found.truth == place)], "white") for place in range(len(names))]
    filled = [
        _scatter(axes, place, found.x[found.wrong & (found.truth == place)], pen(place).colour)
        for place in picture.missed
    ]
    columns = ceil(len(names) / MOST_IN_COLUMN)
    repeated = AGAIN if len(names) > len(PENS) else None
    upper = {"bbox_to_anchor": (BESIDE, 1), "loc": "upper left", "borderaxespad": 0}
    figure.legend(hollow, names, ncols=columns, title=repeated, alignment="left", **upper)
    wrong = picture.misclassified(len(np.unique(found.x[found.wrong], axis=0)))
    shapes = tuple(filled) or (axes.scatter([], [], alpha=0),)
    wide = {tuple: HandlerTuple(ndivide=None, pad=0.2)}
    lower = {"bbox_to_anchor": (BESIDE, 0), "loc": "lower left", "borderaxespad": 0}
    figure.legend([shapes], [wrong], handler_map=wide, handlelength=1.2 * len(shapes), **lower)


def _scatter(axes: Any, place: int, x: Array, face: str) -> Any:
    """Samples of one class, (n, 2)."""
    shown = pen(place)
    return axes.scatter(*x.T, s=AREA, marker=shown.shape, c=face, edgecolors=shown.colour, linewidths=EDGE)
