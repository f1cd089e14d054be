"""The plot of decision regions: textures and samples as characters, pale regions with their borders as an image."""

from math import ceil
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.plot.boundary import DecisionRegions
from mlpcli.plot.forms import Plot, label, set_title
from mlpcli.report.cells import Cells, Character, broken, flowed, paragraph, text_of, with_axes, words
from mlpcli.report.curves import PENS, Axis, exact_axis, legible_axis, pen
from mlpcli.report.curves_text import line_cells
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import Screen, written

NO_LINES = np.empty((0, 0, 2))


class Boundary(NamedTuple):
    """Regions with the names of their axes and classes."""

    title: str
    features: tuple[str, str]
    classes: tuple[str, ...]
    decision_regions: DecisionRegions
    grid: Array = NO_LINES  # (lines, points, 2): drawn between the regions and the samples

    @property
    def size(self) -> tuple[float, float]:
        """Inches of the plane, the same for any number of classes."""
        return 4.8, 3.8

    def text(self, screen: Screen) -> str:
        """The plane with its axes, below a legend."""
        width = screen.picture_room
        plane, places = plane_cells(self, width, ROWS, screen.unicode)
        title, up_name = (paragraph(text, width, screen.unicode) for text in (self.title, self.features[1]))
        return text_of([*title, [], *legend_cells(self, places, width, screen), [], *up_name, *plane], screen.color)

    def draw(self, figure: Any) -> None:
        """Regions, borders and samples on a plane that fills the figure; legends beside it, outside the figure."""
        axes = figure.add_axes((0, 0, 1, 1))
        hollow, filled = draw_plane(axes, self, self.size[0])
        upper = {"bbox_to_anchor": (BESIDE, 1), "loc": "upper left", "borderaxespad": 0}
        lower = {"bbox_to_anchor": (BESIDE, 0), "loc": "lower left", "borderaxespad": 0}
        draw_legends(figure, self, hollow, filled, upper, lower)

    def misclassified(self, places: int) -> str:
        """The number of misclassified samples, and of their places in the picture if several share one."""
        wrong, samples = int(self.decision_regions.wrong.sum()), len(self.decision_regions.truth)
        shared = f", in {places} place" + "s" * (places > 1) if places < wrong else ""
        return f"misclassified: {wrong} of {samples}{shared}"

    @property
    def missed(self) -> list[int]:
        """The classes with misclassified samples."""
        classes: list[int] = np.unique(self.decision_regions.truth[self.decision_regions.wrong]).tolist()
        return classes


def boundary_plot(boundary: Boundary) -> Plot:
    """The picture; the class at each place of the grid; each sample with its class and the predicted one."""
    regions, names = boundary.decision_regions, boundary.classes
    across, up = regions.across.tolist(), regions.up.tolist()
    rows: list[tuple[Cell, ...]] = [
        ("grid", x, y, None, names[place])
        for y, classes in zip(up, regions.classes.tolist(), strict=True)
        for x, place in zip(across, classes, strict=True)
    ]
    samples = list(zip(regions.x.tolist(), regions.truth.tolist(), regions.predicted.tolist(), strict=True))
    rows += [("sample", x, y, names[truth], names[predicted]) for (x, y), truth, predicted in samples]
    document = {
        "title": boundary.title,
        "features": list(boundary.features),
        "classes": list(names),
        "grid": {"x": across, "y": up, "predictions": regions.classes.tolist()},
        "samples": [{"x": x, "class": names[truth], "prediction": names[predicted]} for x, truth, predicted in samples],
    }
    flat = Sheet("", ("kind", *boundary.features, "class", "prediction"), tuple(rows))
    return Plot(boundary, Report("boundary", document, flat, ()))


# ----- Characters: a texture per region -----------------------------------------------------------------------------

ROWS, TICKS, COLUMNS_OF_TICK = 21, 7, 8  # of a plane; it has half as many ticks up if it is less high
GRID_CODE = 245  # of a terminal's 256 colors
ALIKE = f"without colors, the classes share {len(PENS)} signs"


def plane_cells(boundary: Boundary, width: int, rows: int, unicode: bool) -> tuple[Cells, int]:
    """The plane with its axes, and in how many places of it samples are misclassified."""
    regions = boundary.decision_regions
    across, up, columns = plane_axes(regions.across, regions.up, width, rows)
    cells = _regions(boundary, rows, columns, unicode)
    _add_grid(boundary.grid, across, up, cells, unicode)
    places = _add_samples(boundary, across, up, cells, unicode)
    return with_axes(cells, across, up, written(boundary.features[0], unicode), unicode), places


def plane_axes(across: Array, up: Array, width: int, rows: int) -> tuple[Axis, Axis, int]:
    """The axes of a plane in `width` columns, and how many of them its canvas has."""
    upright = exact_axis([up], TICKS if rows >= ROWS else TICKS // 2)
    columns = max(1, width - upright.margin - 1)
    return legible_axis([across], columns, COLUMNS_OF_TICK), upright, columns


def on_canvas(values: Array, rows: int, columns: int) -> Array:
    """The values at the cells of a canvas, (rows, columns), from those on a grid that goes upwards."""
    down = np.linspace(len(values) - 1, 0, rows).round().astype(int)
    places = np.linspace(0, values.shape[1] - 1, columns).round().astype(int)
    result: Array = values[np.ix_(down, places)]
    return result


def _regions(boundary: Boundary, rows: int, columns: int, unicode: bool) -> Cells:
    """The texture of the class at each place."""
    classes, kind = on_canvas(boundary.decision_regions.classes, rows, columns), 0 if unicode else 1
    return [[Character(pen(k).texture[kind], pen(k).terminal) for k in row] for row in classes]


def _add_grid(grid: Array, across: Axis, up: Axis, cells: Cells, unicode: bool) -> None:
    """Puts lines over the regions."""
    shares = [(across.share(line[:, 0]), up.share(line[:, 1])) for line in grid]
    drawn = line_cells(shares, len(cells[0]), len(cells), unicode) if shares else []
    for row, over in zip(cells, drawn, strict=False):
        for k, cell in enumerate(over):
            if cell.text != " ":
                row[k] = Character(cell.text if unicode else "#", GRID_CODE)


def _add_samples(boundary: Boundary, across: Axis, up: Axis, cells: Cells, unicode: bool) -> int:
    """Puts samples over the regions, the misclassified ones last. Returns the number of their places."""
    regions, kind = boundary.decision_regions, 0 if unicode else 1
    places = set()
    for sample in np.argsort(regions.wrong, kind="stable"):
        (x, y), wrong = regions.x[sample], regions.wrong[sample]
        row, column = round((1 - up.share(y)) * (len(cells) - 1)), round(across.share(x) * (len(cells[0]) - 1))
        look = pen(regions.truth[sample])
        cells[row][column] = Character(look.sample[2 * kind + wrong], look.terminal)
        places |= {(row, column)} if wrong else set()
    return len(places)


def legend_cells(boundary: Boundary, places: int, width: int, screen: Screen) -> Cells:
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
    alike = [] if screen.color or len(boundary.classes) <= len(PENS) else broken(words(ALIKE), width)
    return [*flowed(entries, width), *alike]


# ----- An image: pale regions with their borders --------------------------------------------------------------------

BESIDE = 1.03  # start of the legends, in widths of the plane
PALE = 0.22  # of a color, over white
AREA, EDGE = 30, 1.1  # of a sample, in square points and points
GRID_COLOR = "#777777"
MOST_IN_COLUMN = 14  # classes in the legend
AGAIN = f"{len(PENS)} colors, repeated\nwith other shapes"


def draw_plane(axes: Any, boundary: Boundary, width: float) -> tuple[list[Any], list[Any]]:
    """Regions, borders and samples on axes of this width. Returns the samples of each class: all, and misclassified."""
    regions = boundary.decision_regions
    for place, margins in enumerate(regions.margins):
        if (margins > 0).any():
            end = max(1.0, float(margins.max()) * 2)
            axes.contourf(regions.across, regions.up, margins, [0, end], colors=[pen(place).color], alpha=PALE)
        if (margins > 0).any() and (margins < 0).any():
            axes.contour(regions.across, regions.up, margins, [0], colors="#444444", linewidths=0.8)
    for line in boundary.grid:
        axes.plot(*line.T, color=GRID_COLOR, linewidth=0.5, zorder=1)
    set_title(axes, boundary.title, width)
    axes.set_xlabel(label(boundary.features[0]))
    axes.set_ylabel(label(boundary.features[1]))
    axes.set_xlim(regions.across[0], regions.across[-1])
    axes.set_ylim(regions.up[0], regions.up[-1])
    return _draw_samples(axes, boundary)


def _draw_samples(axes: Any, boundary: Boundary) -> tuple[list[Any], list[Any]]:
    """Samples by class, the misclassified ones last."""
    regions = boundary.decision_regions

    def of_class(place: int, samples: Array, face: str) -> Any:
        x, look = regions.x[samples & (regions.truth == place)], pen(place)
        return axes.scatter(*x.T, s=AREA, marker=look.shape, c=face, edgecolors=look.color, linewidths=EDGE, zorder=2)

    hollow = [of_class(place, ~regions.wrong, "white") for place in range(len(boundary.classes))]
    filled = [of_class(place, regions.wrong, pen(place).color) for place in boundary.missed]
    return hollow, filled or [axes.scatter([], [], alpha=0)]


def draw_legends(
    figure: Any, boundary: Boundary, hollow: list[Any], filled: list[Any], upper: dict[str, Any], lower: dict[str, Any]
) -> None:
    """The classes, and how many samples are misclassified, as two legends, each at its own place."""
    from matplotlib.legend_handler import HandlerTuple

    regions, names = boundary.decision_regions, [label(name) for name in boundary.classes]
    columns = ceil(len(names) / MOST_IN_COLUMN)
    repeated = AGAIN if len(names) > len(PENS) else None
    figure.legend(hollow, names, ncols=columns, title=repeated, alignment="left", **upper)
    wrong = boundary.misclassified(len(np.unique(regions.x[regions.wrong], axis=0)))
    wide = {tuple: HandlerTuple(ndivide=None, pad=0.2)}
    figure.legend([tuple(filled)], [wrong], handler_map=wide, handlelength=1.2 * len(filled), **lower)
