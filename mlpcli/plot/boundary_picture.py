"""A decision boundary in characters and as an image: regions, hollow samples, and filled misclassified samples."""

from math import ceil
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.plot.boundary import Boundary
from mlpcli.plot.forms import label, set_title
from mlpcli.report.cells import Cell, Cells, broken, flowed, text_of, with_axes, words
from mlpcli.report.curves import PENS, Axis, exact_axis, legible_axis, pen
from mlpcli.report.screen import Screen, written

# ----- Characters: a texture per region -----------------------------------------------------------------------------

WIDEST, LEAST = 80, 20  # columns
ROWS = 21
TICKS = 7  # on the axis upwards
COLUMNS_OF_TICK = 8  # on the axis across
ALIKE = f"without colors there are signs for {len(PENS)} classes only, which repeat"


def boundary_text(boundary: Boundary, screen: Screen) -> str:
    """The plane with its axes, below a legend."""
    regions, unicode = boundary.regions, screen.unicode
    width = max(LEAST, min(screen.columns or WIDEST, WIDEST)) - 1
    up = exact_axis([regions.up], TICKS)
    margin = max(len(up.text(tick)) for tick in up.ticks) + 1
    columns = width - margin - 1
    across = legible_axis([regions.across], columns, COLUMNS_OF_TICK)
    cells = _regions(boundary, columns, unicode)
    places = _add_samples(boundary, across, up, cells, unicode)
    across_name, up_name = (written(name, unicode) for name in boundary.features)
    heading = [
        *broken(words(written(boundary.title, unicode)), width),
        [],
        *_legend(boundary, places, width, screen),
        [],
        *broken(words(up_name), width),
    ]
    return text_of([*heading, *with_axes(cells, across, up, across_name, margin, unicode)], screen.colour)


def _regions(boundary: Boundary, columns: int, unicode: bool) -> Cells:
    """The texture of the class at each place."""
    regions, kind = boundary.regions, 0 if unicode else 1
    rows = np.linspace(len(regions.up) - 1, 0, ROWS).round().astype(int)
    places = np.linspace(0, len(regions.across) - 1, columns).round().astype(int)
    return [[Cell(pen(k).texture[kind], pen(k).terminal) for k in row] for row in regions.classes[np.ix_(rows, places)]]


def _add_samples(boundary: Boundary, across: Axis, up: Axis, cells: Cells, unicode: bool) -> int:
    """Puts samples over the regions, the misclassified ones last. Returns in how many places these are."""
    regions, kind = boundary.regions, 0 if unicode else 1
    places = set()
    for sample in np.argsort(regions.wrong, kind="stable"):
        (x, y), wrong = regions.x[sample], regions.wrong[sample]
        row, column = round((1 - up.share(y)) * (ROWS - 1)), round(across.share(x) * (len(cells[0]) - 1))
        look = pen(regions.truth[sample])
        cells[row][column] = Cell(look.sample[2 * kind + wrong], look.terminal)
        places |= {(row, column)} if wrong else set()
    return len(places)


def _legend(boundary: Boundary, places: int, width: int, screen: Screen) -> Cells:
    """Each class with the sign of its samples and the texture of its region, and the signs of misclassified samples."""
    kind = 0 if screen.unicode else 1
    entries = []
    for place, name in enumerate(boundary.classes):
        look = pen(place)
        sample, region = words(look.sample[2 * kind], look.terminal), words(look.texture[kind] * 3, look.terminal)
        entries.append([*sample, *words(f" {written(name, screen.unicode)} ["), *region, *words("]")])
    filled = [cell for k in boundary.missed for cell in words(pen(k).sample[2 * kind + 1], pen(k).terminal)]
    filled += words(" " * bool(filled))
    entries.append([*filled, *words(boundary.misclassified(places))])
    alike = [] if screen.colour or len(boundary.classes) <= len(PENS) else broken(words(ALIKE), width)
    return [*flowed(entries, width), *alike]


# ----- An image: pale regions with their borders --------------------------------------------------------------------

BESIDE = 1.03  # start of the legends, in widths of the plane
PALE = 0.22  # of a color, over white
AREA, EDGE = 30, 1.1  # of a sample, in square points and points
MOST_IN_COLUMN = 14  # classes in the legend
AGAIN = f"{len(PENS)} colors, which repeat\nwith other shapes"


def draw_boundary(figure: Any, boundary: Boundary) -> None:
    """Regions, borders and samples on a plane that fills the figure; legends beside it, outside the figure."""
    axes, regions = figure.add_axes((0, 0, 1, 1)), boundary.regions
    for place, margins in enumerate(regions.margins):
        if (margins > 0).any():
            end = max(1.0, float(margins.max()) * 2)
            axes.contourf(regions.across, regions.up, margins, [0, end], colors=[pen(place).color], alpha=PALE)
        if (margins > 0).any() and (margins < 0).any():
            axes.contour(regions.across, regions.up, margins, [0], colors="#444444", linewidths=0.8)
    _draw_samples(figure, axes, boundary)
    set_title(axes, boundary.title, boundary.size[0])
    axes.set_xlabel(label(boundary.features[0]))
    axes.set_ylabel(label(boundary.features[1]))
    axes.set_xlim(regions.across[0], regions.across[-1])
    axes.set_ylim(regions.up[0], regions.up[-1])


def _draw_samples(figure: Any, axes: Any, boundary: Boundary) -> None:
    """Samples by class, the misclassified ones last, and the legends."""
    from matplotlib.legend_handler import HandlerTuple

    regions, names = boundary.regions, [label(name) for name in boundary.classes]

    def of_class(place: int, samples: Array, face: str) -> Any:
        x, look = regions.x[samples & (regions.truth == place)], pen(place)
        return axes.scatter(*x.T, s=AREA, marker=look.shape, c=face, edgecolors=look.color, linewidths=EDGE)

    hollow = [of_class(place, ~regions.wrong, "white") for place in range(len(names))]
    filled = [of_class(place, regions.wrong, pen(place).color) for place in boundary.missed]
    columns = ceil(len(names) / MOST_IN_COLUMN)
    repeated = AGAIN if len(names) > len(PENS) else None
    upper = {"bbox_to_anchor": (BESIDE, 1), "loc": "upper left", "borderaxespad": 0}
    figure.legend(hollow, names, ncols=columns, title=repeated, alignment="left", **upper)
    wrong = boundary.misclassified(len(np.unique(regions.x[regions.wrong], axis=0)))
    shapes = tuple(filled) or (axes.scatter([], [], alpha=0),)
    wide = {tuple: HandlerTuple(ndivide=None, pad=0.2)}
    lower = {"bbox_to_anchor": (BESIDE, 0), "loc": "lower left", "borderaxespad": 0}
    figure.legend([shapes], [wrong], handler_map=wide, handlelength=1.2 * len(shapes), **lower)
