"""A map for a terminal: each region in a texture of its own, samples as hollow signs, misclassified ones filled."""

import numpy as np

from mlpcli.report.pictures.axes import Axis, exact_axis, legible_axis
from mlpcli.report.pictures.canvas import Cell, Cells, broken, flowed, text_of, words, x_axis_cells, y_axis_cells
from mlpcli.report.pictures.palette import PENS, pen
from mlpcli.report.pictures.records import Map
from mlpcli.report.screen import Screen, written

WIDEST, LEAST = 80, 20  # columns
ROWS = 21
TICKS = 7  # on the axis upwards
COLUMNS_OF_TICK = 8  # on the axis across
ALIKE = f"without colours there are signs for {len(PENS)} classes only, which come again"


def text(picture: Map, screen: Screen) -> str:
    """The map with its axes, and what its signs mean."""
    found, unicode = picture.regions, screen.unicode
    width = max(LEAST, min(screen.columns or WIDEST, WIDEST)) - 1
    upright = exact_axis([found.up], TICKS)
    margin = max(len(upright.text(tick)) for tick in upright.ticks) + 1
    columns = width - margin - 1
    across = legible_axis([found.across], columns, COLUMNS_OF_TICK)
    cells = _regions(picture, across, upright, columns, unicode)
    places = _add_samples(picture, across, upright, cells, unicode)
    across_name, up_name = (written(name, unicode) for name in picture.axes)
    heading = [
        *broken(words(written(picture.title, unicode)), width),
        words(""),
        *_legend(picture, places, width, screen),
        words(""),
        *broken(words(up_name), width),
    ]
    body = y_axis_cells(upright, cells, margin, unicode)
    below = x_axis_cells(across, across_name, margin, columns, unicode)
    return text_of([*heading, *body, *below], screen.colour)


def _regions(picture: Map, across: Axis, upright: Axis, columns: int, unicode: bool) -> Cells:
    """The texture of each place's class."""
    found, kind = picture.regions, 0 if unicode else 1
    rows = np.linspace(len(found.up) - 1, 0, ROWS).round().astype(int)
    places = np.linspace(0, len(found.across) - 1, columns).round().astype(int)
    return [[Cell(pen(k).texture[kind], pen(k).terminal) for k in row] for row in found.classes[np.ix_(rows, places)]]


def _add_samples(picture: Map, across: Axis, upright: Axis, cells: Cells, unicode: bool) -> int:
    """Samples over the regions, the misclassified ones last. Returns in how many places these are."""
    found, kind = picture.regions, 0 if unicode else 1
    places = set()
    for sample in np.argsort(found.wrong, kind="stable"):
        (x, y), wrong = found.x[sample], found.wrong[sample]
        row, column = round((1 - upright.share(y)) * (ROWS - 1)), round(across.share(x) * (len(cells[0]) - 1))
        shown = pen(found.truth[sample])
        cells[row][column] = Cell(shown.sample[2 * kind + wrong], shown.terminal)
        places |= {(row, column)} if wrong else set()
    return len(places)


def _legend(picture: Map, places: int, width: int, screen: Screen) -> Cells:
    """Each class with the sign of its samples and the texture of its region; how samples are marked that it misses."""
    kind = 0 if screen.unicode else 1
    entries = []
    for place, name in enumerate(picture.classes):
        shown = pen(place)
        signs = words(shown.sample[2 * kind], shown.terminal)
        region = words(shown.texture[kind] * 3, shown.terminal)
        entries.append([*signs, *words(f" {written(name, screen.unicode)} ["), *region, *words("]")])
    filled = [cell for k in picture.missed for cell in words(pen(k).sample[2 * kind + 1], pen(k).terminal)]
    filled += words(" " * bool(filled))
    entries.append([*filled, *words(picture.misclassified(places))])
    alike = [] if screen.colour or len(picture.classes) <= len(PENS) else broken(words(ALIKE), width)
    return [*flowed(entries, width), *alike]
