"""Curves for a terminal: lines in Braille dots or ASCII between two axes with a few ticks."""

from collections.abc import Sequence
from itertools import product

from mlpcli.report.pictures.axes import Axis, drawable, legible_axis, round_axis
from mlpcli.report.pictures.canvas import (
    Cells,
    beside,
    drawn,
    flowed,
    mark,
    padded,
    text_of,
    words,
    x_axis_cells,
    y_axis_cells,
)
from mlpcli.report.pictures.palette import pen
from mlpcli.report.pictures.records import Curves, Panels
from mlpcli.report.screen import Screen, written

WIDEST = 80  # columns; a wider terminal would only draw the lines out
LEAST = 20  # columns, which a narrower one breaks into several lines
LEAST_CANVAS = 4  # columns
NARROWEST = 34  # columns of a panel beside another
BETWEEN = 3  # columns between panels
HEIGHTS = (9, 10, 8, 11, 7)  # rows of a canvas, the best first
TICKS = (5, 4, 3, 2)  # on the y axis, the best first; and two more where its ends are moved out to round numbers
COLUMNS_OF_TICK = 7  # on the x axis
COLUMNS_OF_MARK = 4  # on a line


def text(picture: Panels, screen: Screen) -> str:
    """Panels beside each other where there is room, else one below the other."""
    panels = picture.curves
    room = max(LEAST, min(screen.columns or WIDEST, WIDEST)) - 1  # some terminals add a line after a full one
    width = (room - BETWEEN * (len(panels) - 1)) // len(panels)
    if width >= NARROWEST or len(panels) == 1:
        return text_of(beside(_row_of_panels(panels, width, screen.unicode), BETWEEN), screen.colour)
    blocks = [block for panel in panels for block in _row_of_panels([panel], room, screen.unicode)]
    return "\n".join(text_of(block, screen.colour) for block in blocks)


def _row_of_panels(panels: Sequence[Curves], width: int, unicode: bool) -> list[Cells]:
    """Panels of one height, at which the ticks of each y axis stand equally far apart."""
    for most, rows in product(TICKS, HEIGHTS):
        axes = [round_axis([line.y for line in panel.lines], most) for panel in panels]
        if not any((rows - 1) % (len(axis.ticks) - 1) for axis in axes):
            break
    return [_panel(panel, axis, width, rows, unicode) for panel, axis in zip(panels, axes, strict=True)]


def _panel(curves: Curves, y_axis: Axis, width: int, rows: int, unicode: bool) -> Cells:
    """Title and legend, the canvas between its axes, and what x is."""
    margin = max(len(y_axis.text(tick)) for tick in y_axis.ticks) + 1
    columns = max(LEAST_CANVAS, width - margin - 1)  # numbers as -1.23456789012e-100 leave a narrow terminal nothing
    x_axis = legible_axis([line.x for line in curves.lines], columns, COLUMNS_OF_TICK, curves.counted)
    lines = [(x_axis.share(drawable(line.x)), y_axis.share(drawable(line.y))) for line in curves.lines]
    heading = [padded(row, width) for row in _heading(curves, width, unicode)]
    cells = drawn(lines, columns, rows, unicode)
    if unicode:
        marks = [line.marked(columns // COLUMNS_OF_MARK, k, len(lines)) for k, line in enumerate(curves.lines)]
        mark(cells, [(x[places], y[places]) for (x, y), places in zip(lines, marks, strict=True)], unicode)
    body = y_axis_cells(y_axis, cells, margin, unicode)
    below = x_axis_cells(x_axis, written(curves.x_name, unicode), margin, columns, unicode)
    return [*heading, *body, *(padded(row, width) for row in below)]


def _heading(curves: Curves, width: int, unicode: bool) -> Cells:
    """Title, and the lines with their markers, on as many rows as these take."""
    entries = [words(written(curves.title, unicode))]
    for place, line in enumerate(curves.lines):
        shown = pen(place)
        marker = words(shown.marker if unicode else shown.plain, shown.terminal)
        entries.append([*marker, *words(written(f" {line.name}", unicode))])
    return flowed(entries, width)
