"""Curves for a terminal: lines in Braille dots (2 × 4 per cell), or ASCII signs, between two axes."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.cells import (
    BLANK,
    Cells,
    Character,
    beside,
    dots_of,
    flowed,
    padded,
    place_of,
    text_of,
    with_axes,
    words,
)
from mlpcli.report.curves import Axis, Curves, Panels, alone, drawable, legible_axis, pen, round_axis
from mlpcli.report.text import Screen, written

LEAST_CANVAS = 4  # columns
NARROWEST = 34  # columns of a panel beside another
BETWEEN = 3  # columns between panels
HEIGHTS = (9, 10, 8, 11, 7)  # rows of a canvas, the best first
TICKS = (5, 4, 3, 2)  # on the y axis, the best first; two more if its ends move out to round numbers
COLUMNS_OF_TICK = 7  # on the x axis
COLUMNS_OF_MARK = 4  # on a line
BRAILLE = 0x2800
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a cell, row by row


def curves_text(panels: Panels, screen: Screen) -> str:
    """Panels side by side if there is room, else one below the other."""
    room = screen.picture_room
    width = (room - BETWEEN * (len(panels) - 1)) // len(panels)
    if width >= NARROWEST or len(panels) == 1:
        return text_of(beside(_row_of_panels(panels, width, screen.unicode), BETWEEN), screen.color)
    blocks = [block for panel in panels for block in _row_of_panels((panel,), room, screen.unicode)]
    return "\n".join(text_of(block, screen.color) for block in blocks)


def _row_of_panels(panels: Panels, width: int, unicode: bool) -> list[Cells]:
    """Panels of one height, at which the ticks of each y axis are a whole number of rows apart."""
    for most, rows in product(TICKS, HEIGHTS):
        axes = [round_axis([line.y for line in panel.lines], most) for panel in panels]
        if not any((rows - 1) % (len(axis.ticks) - 1) for axis in axes):
            break
    return [_panel(panel, axis, width, rows, unicode) for panel, axis in zip(panels, axes, strict=True)]


def _panel(curves: Curves, y_axis: Axis, width: int, rows: int, unicode: bool) -> Cells:
    """Title and legend, and the canvas between its axes."""
    columns = max(LEAST_CANVAS, width - y_axis.margin - 1)  # numbers such as -1.23456789012e-100 fill a narrow terminal
    x_axis = legible_axis([line.x for line in curves.lines], columns, COLUMNS_OF_TICK, curves.counted)
    lines = [(x_axis.share(drawable(line.x)), y_axis.share(drawable(line.y))) for line in curves.lines]
    cells = line_cells(lines, columns, rows, unicode)
    if unicode:
        marks = [line.marked(columns // COLUMNS_OF_MARK, k, len(lines)) for k, line in enumerate(curves.lines)]
        _mark(cells, [(x[places], y[places]) for (x, y), places in zip(lines, marks, strict=True)], unicode)
    body = with_axes(cells, x_axis, y_axis, written(curves.x_name, unicode), unicode)
    return [padded(row, width) for row in [*_heading(curves, width, unicode), *body]]


def _heading(curves: Curves, width: int, unicode: bool) -> Cells:
    """Title, and the lines with their markers."""
    entries = [
        [sign_of(place, unicode), *words(written(f" {line.name}", unicode))] for place, line in enumerate(curves.lines)
    ]
    return flowed([words(written(curves.title, unicode)), *entries], width)


# ----- Lines --------------------------------------------------------------------------------------------------------


def line_cells(lines: Sequence[tuple[Array, Array]], columns: int, rows: int, unicode: bool) -> Cells:
    """Lines on a canvas, each in its own color; in ASCII a line consists of its marker.

    A line is (x, y): shares of the canvas from 0 to 1, y upwards. A NaN is a gap.
    """
    across, down = dots_of(unicode)
    width, height = columns * across, rows * down
    dots = np.array([_dots(x * (width - 1), (1 - y) * (height - 1), width, height) for x, y in lines])
    blocks = dots.reshape(-1, rows, down, columns, across).transpose(0, 1, 3, 2, 4)
    passed: Array = np.any(blocks, (3, 4))
    cells = _in_braille((blocks * DOTS).sum((3, 4)), passed) if unicode else _in_ascii(passed)
    single = [(x[places], y[places]) for x, y in lines for places in [alone(x, y)]]  # one dot is hardly visible
    _mark(cells, single, unicode)
    return cells


def _mark(cells: Cells, points: Sequence[tuple[Array, Array]], unicode: bool) -> None:
    """Puts markers on points of each line, (x, y) as shares.

    Lines whose markers meet in a cell take turns; but a line of one point has no other cell, and gets it.
    """
    across, down = dots_of(unicode)
    meeting: dict[tuple[int, int], list[int]] = {}
    for place, (x, y) in enumerate(points):
        for right, up in zip(x.tolist(), y.tolist(), strict=True):
            cell = place_of(right, len(cells[0]), across), place_of(1 - up, len(cells), down)
            meeting.setdefault(cell, []).append(place)
    turn = 0
    for (column, row), lines in sorted(meeting.items()):
        single = [line for line in lines if len(points[line][0]) == 1]
        cells[row][column] = sign_of(single[-1] if single else lines[turn % len(lines)], unicode)
        turn += len(lines) > 1


def _in_braille(codes: Array, passed: Array) -> Cells:
    """The dots of all lines, (lines, rows, columns), in the color of the last one that passes through a cell."""
    cells = [[BLANK] * passed.shape[2] for _ in range(passed.shape[1])]
    together = np.bitwise_or.reduce(codes)
    for place, row, column in np.argwhere(passed):
        cells[row][column] = Character(chr(BRAILLE + together[row, column]), pen(place).terminal)
    return cells


def _in_ascii(passed: Array) -> Cells:
    """The sign of the line that passes through a cell, (lines, rows, columns); lines that share cells take turns."""
    cells = [[BLANK] * passed.shape[2] for _ in range(passed.shape[1])]
    for place, row, column in np.argwhere(passed):
        cells[row][column] = sign_of(place, unicode=False)
    for turn, (column, row) in enumerate(np.argwhere(passed.sum(axis=0).T > 1)):
        lines = np.flatnonzero(passed[:, row, column])
        cells[row][column] = sign_of(lines[turn % len(lines)], unicode=False)
    return cells


def sign_of(place: int, unicode: bool) -> Character:
    """The marker of the line at this place."""
    line = pen(place)
    return Character(line.marker if unicode else line.plain, line.terminal)


def _dots(x: Array, y: Array, width: int, height: int) -> Array:
    """Which dots a line passes through, (height, width). Its points are in dots, y downwards."""
    dots = np.zeros((height, width), bool)
    known = np.isfinite(x) & np.isfinite(y)
    dots[np.rint(y[known]).astype(int), np.rint(x[known]).astype(int)] = True
    joined = known[1:] & known[:-1]
    x0, y0, x1, y1 = x[:-1][joined], y[:-1][joined], x[1:][joined], y[1:][joined]
    counts = np.ceil(np.maximum(np.abs(x1 - x0), np.abs(y1 - y0))).astype(int) + 1
    segment = np.repeat(np.arange(len(counts)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    share = (np.arange(counts.sum()) - first) / np.maximum(counts - 1, 1)[segment]
    across = x0[segment] + share * (x1 - x0)[segment]
    downwards = y0[segment] + share * (y1 - y0)[segment]
    dots[np.rint(downwards).astype(int), np.rint(across).astype(int)] = True
    return dots
