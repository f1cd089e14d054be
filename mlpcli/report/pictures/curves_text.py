"""Curves for a terminal: lines in Braille dots or ASCII between two axes with a few ticks."""

from collections.abc import Sequence

import numpy as np

from mlpcli.report.ascii_text import ascii_text
from mlpcli.report.pictures.axes import Axis, exact_axis, round_axis
from mlpcli.report.pictures.canvas import Cells, beside, dots_of, drawn, padded, place_of, text_of, words
from mlpcli.report.pictures.palette import pen
from mlpcli.report.pictures.records import Curves
from mlpcli.report.screen import Screen
from mlpcli.report.text import printable

WIDEST = 80  # columns; a wider terminal would only draw the lines out
LEAST = 20  # columns, which a narrower one breaks into several lines
NARROWEST = 34  # columns of a panel beside another
BETWEEN = 3  # columns between panels
HEIGHTS = (10, 11, 9, 12)  # rows of a canvas, the best first
TICKS = 5  # on the y axis, and two more where its ends are moved out to round numbers
COLUMNS_OF_TICK = 7  # on the x axis
SIGNS = {True: ("│", "┤", "└", "─", "┬"), False: ("|", "+", "+", "-", "+")}  # upright, tick, corner, flat, tick


def curves_text(panels: Sequence[Curves], screen: Screen) -> str:
    """Panels beside each other where there is room, else one below the other."""
    room = max(LEAST, min(screen.columns or WIDEST, WIDEST)) - 1  # some terminals add a line after a full one
    width = (room - BETWEEN * (len(panels) - 1)) // len(panels)
    if width >= NARROWEST or len(panels) == 1:
        rows = _even_rows([_upright(panel) for panel in panels])
        return text_of(beside([_panel(panel, width, rows, screen.unicode) for panel in panels], BETWEEN), screen.colour)
    blocks = [_panel(panel, room, _even_rows([_upright(panel)]), screen.unicode) for panel in panels]
    return "\n".join(text_of(block, screen.colour) for block in blocks)


def _upright(curves: Curves) -> Axis:
    return round_axis([line.y for line in curves.lines], TICKS)


def _even_rows(axes: Sequence[Axis]) -> int:
    """The height at which ticks stand equally far apart, on as many of the axes as can be."""
    return min(HEIGHTS, key=lambda rows: sum((rows - 1) % (len(axis.ticks) - 1) > 0 for axis in axes))


def _panel(curves: Curves, width: int, rows: int, unicode: bool) -> Cells:
    """Title and legend, the canvas between its axes, and what x is."""
    y_axis = _upright(curves)
    margin = max(len(y_axis.text(tick)) for tick in y_axis.ticks) + 1
    columns = width - margin - 1
    x_axis = exact_axis([line.x for line in curves.lines], max(1, columns // COLUMNS_OF_TICK), curves.counted)
    lines = [(x_axis.share(line.x), y_axis.share(line.y)) for line in curves.lines]
    down = dots_of(unicode)[1]
    labels = {place_of(1 - y_axis.share(np.array(tick)), rows, down): y_axis.text(tick) for tick in y_axis.ticks}
    upright, mark = SIGNS[unicode][:2]
    cells = _heading(curves, width, unicode)
    for number, row in enumerate(drawn(lines, columns, rows, unicode)):
        label = labels.get(number, "")
        cells.append([*words(f"{label.rjust(margin)}{mark if label else upright}"), *row])
    return cells + [padded(row, width) for row in _below(x_axis, curves.x_name, margin, columns, unicode)]


def _heading(curves: Curves, width: int, unicode: bool) -> Cells:
    """Title, and the lines with their markers, on as many rows as these take."""
    rows = [words(_written(curves.title, unicode))]
    for place, line in enumerate(curves.lines):
        shown = pen(place)
        entry = [
            *words(shown.marker if unicode else shown.plain, shown.terminal),
            *words(_written(f" {line.name}", unicode)),
        ]
        if len(rows[-1]) + 2 + len(entry) > width:
            rows.append(words(" "))
        rows[-1] += [*words("  "), *entry]
    return [padded(row, width) for row in rows]


def _below(x_axis: Axis, name: str, margin: int, columns: int, unicode: bool) -> Cells:
    """The x axis with its ticks, their texts, and what x is."""
    _, _, corner, flat, mark = SIGNS[unicode]
    line, texts = [flat] * columns, [" "] * (columns + margin + 1)
    for tick in x_axis.ticks:
        place = place_of(x_axis.share(np.array(tick)), columns, dots_of(unicode)[0])
        line[place] = mark
        text = x_axis.text(tick)
        start = min(margin + 1 + place - (len(text) - 1) // 2, len(texts) - len(text))
        texts[start : start + len(text)] = text
    centred = _written(name, unicode).center(columns).rstrip()
    return [words(" " * margin + corner + "".join(line)), words("".join(texts)), words(" " * (margin + 1) + centred)]


def _written(text: str, unicode: bool) -> str:
    return printable(text) if unicode else ascii_text(printable(text))
