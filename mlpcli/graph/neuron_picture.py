"""A network as a picture of its units: circles in columns from left to right, wide connections for large weights."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import hypot
from typing import NamedTuple

from mlpcli.graph.neurons import DASHES, Column, Connection, Neurons, Unit, left_out_text, purpose_of
from mlpcli.graph.picture import (
    BASELINE,
    FAINT,
    INK,
    MARGIN,
    PAPER,
    Picture,
    Rectangle,
    Shape,
    Stroke,
    Words,
    key,
    width_of,
)
from mlpcli.report.numbers import drawn_number

SMALLEST = 21.0  # radius of a unit
BESIDE = 26.0  # between units of a column
ACROSS, BROKEN = 210.0, 120.0  # between columns: with connections, and with layers left out between them
HEAD, FOOT = 26.0, 18.0  # room for headings, and for counts
BIAS, LEADING = 18.0, 14.0  # room below a unit for its bias, and for the gradient of that
LETTER, FIGURE, NOTE, LABEL = 16.0, 12.0, 12.5, 11.0  # sizes of text
BELOW_NAME, BELOW_FIGURE = 19.0, 15.0  # from a baseline to the next: an index hangs below a name
CAPITAL = 0.72  # of a size: the height of a letter
NAME_GAP = 8.0  # between a circle and the name beside it
PADDING = 4.0  # between a circle and its texts
TRIED = tuple(0.5 + sign * step / 60 for step in range(25) for sign in (-1, 1))  # shares of a line, the middle first
ROOM = (12.0, 8.0, 5.0, 2.0, 0.0)  # around a label, the most that is possible
Point = tuple[float, float]
Segment = tuple[Point, Point]


class _Places(NamedTuple):
    """The middle of each unit, and the size of units."""

    units: Mapping[Unit, Point]
    radius: float
    below: float  # a unit: room for its bias
    columns: tuple[float, ...]
    bottom: float

    def start(self, connection: Connection) -> Point:
        """Where a connection leaves its start."""
        x, y = self.units[connection.start]
        return x + self.radius, y

    def end(self, connection: Connection) -> Point:
        x, y = self.units[connection.end]
        return x - self.radius, y


def neuron_picture(drawn: Neurons, title: str, digits: int) -> Picture:
    """The picture."""
    plan = _plan(drawn, digits)
    shapes: list[Shape] = [_connection(connection, drawn, plan) for connection in drawn.connections]
    if drawn.has_labels:
        shapes.extend(_labels(drawn, plan, digits))
    for column, x in zip(drawn.columns, plan.columns, strict=True):
        shapes.extend(_column(column, x, drawn, plan, digits))
    shapes.extend(_left_out(drawn, plan))
    y = plan.bottom + plan.below + FOOT + MARGIN
    marks, width = _legend(drawn, y)
    right = max(plan.columns[-1] + _half_width(drawn.columns[-1], plan.radius), width)
    words = "; ".join(column.caption for column in drawn.columns)
    return Picture(right + MARGIN, y + MARGIN / 2, title, (*shapes, *marks), words)


def _plan(drawn: Neurons, digits: int) -> _Places:
    """Columns from left to right, each in the middle of the height."""
    radius = max(_radius(unit, digits) for column in drawn.columns for unit in column.units)
    most_lines = max(len(unit.biases(digits)) for column in drawn.columns for unit in column.units)
    below = BIAS + LEADING * max(most_lines - 1, 0)
    step = 2 * radius + BESIDE + below
    most = max(len(column.units) + (column.left_out > 0) for column in drawn.columns)
    middle = MARGIN + HEAD + radius + (most - 1) * step / 2
    columns = [MARGIN + _half_width(drawn.columns[0], radius)]
    for left, right in pairwise(drawn.columns):
        columns.append(columns[-1] + 2 * radius + (ACROSS if right.layer == left.layer + 1 else BROKEN))
    units = {}
    for column, x in zip(drawn.columns, columns, strict=True):
        places = len(column.units) + (column.left_out > 0)
        for place, unit in enumerate(column.units):
            row = place + (column.left_out > 0 and place == len(column.units) - 1)
            units[unit] = (x, middle + (row - (places - 1) / 2) * step)
    return _Places(units, radius, below, tuple(columns), middle + (most - 1) * step / 2 + radius)


def _half_width(column: Column, radius: float) -> float:
    """From the middle of a column to the end of its texts: headings, and names beside its units."""
    heads = max(width_of(column.heading, NOTE), width_of(column.size_text, NOTE)) / 2
    names = max(width_of(unit.beside, NOTE) for unit in column.units)
    return max(radius + (NAME_GAP + names if names else 0.0), heads)


def _radius(unit: Unit, digits: int) -> float:
    """The radius: a circle holds the name and numbers of a unit, and is as wide as the bias below it."""
    inside = (
        hypot(width_of(text, size) / 2, max(abs(baseline), abs(baseline - CAPITAL * size)))
        for text, _, size, baseline in _lines(unit, digits)
    )
    below = (width_of(text, LABEL) / 2 for text, _ in unit.biases(digits))
    return max(SMALLEST, max(inside) + PADDING, *below)


class _Placed(NamedTuple):
    """A line of text in a unit."""

    text: str
    purpose: str
    size: float
    baseline: float  # below the middle of the circle


def _lines(unit: Unit, digits: int) -> list[_Placed]:
    """The name, and below it value and gradient; together they are in the middle."""
    numbers = unit.numbers(digits)
    last = BELOW_NAME + BELOW_FIGURE * (len(numbers) - 1) if numbers else 0.0
    first = (CAPITAL * LETTER - last) / 2
    name = _Placed(unit.letter, INK, LETTER, first)
    baselines = (first + BELOW_NAME + BELOW_FIGURE * place for place in range(len(numbers)))
    return [name, *(_Placed(*line, FIGURE, baseline) for line, baseline in zip(numbers, baselines, strict=True))]


# ----- Units --------------------------------------------------------------------------------------------------------


def _column(column: Column, x: float, drawn: Neurons, plan: _Places, digits: int) -> Iterator[Shape]:
    """Heading, units, dots for those left out, and the number of units."""
    yield Words(INK, x, MARGIN + BASELINE * NOTE, column.heading, NOTE)
    for unit in column.units:
        yield from _unit(unit, drawn, plan, digits)
    if column.left_out:
        above, below = (plan.units[unit][1] for unit in column.units[-2:])
        for offset in (-9.0, 0.0, 9.0):
            yield Rectangle(FAINT, x - 2, (above + below) / 2 + offset - 2, 4, 4, 2)
    yield Words(FAINT, x, plan.bottom + plan.below + FOOT + BASELINE * NOTE, column.size_text, NOTE)


def _unit(unit: Unit, drawn: Neurons, plan: _Places, digits: int) -> Iterator[Shape]:
    """Its circle with name, value and gradient, and its bias below."""
    (x, y), radius = plan.units[unit], plan.radius
    yield Rectangle("variable", x - radius, y - radius, 2 * radius, 2 * radius, radius)
    for line in _lines(unit, digits):
        yield Words(line.purpose, x, y + line.baseline, line.text, line.size, leaning=line.purpose == INK)
    if unit.name:
        beside, anchor = (x - radius - NAME_GAP, "end") if unit.layer == 0 else (x + radius + NAME_GAP, "start")
        yield Words(INK, beside, y + BASELINE * NOTE, unit.beside, NOTE, anchor)
    for place, (text, purpose) in enumerate(unit.biases(digits)):
        yield Words(purpose, x, y + radius + 14 + LEADING * place, text, LABEL)


def _left_out(drawn: Neurons, plan: _Places) -> Iterator[Shape]:
    """Dots for layers that are left out, and their number."""
    for (left, right), (x, z) in zip(pairwise(drawn.columns), pairwise(plan.columns), strict=True):
        if right.layer > left.layer + 1:
            y = (MARGIN + HEAD + plan.bottom) / 2
            for offset in (-9.0, 0.0, 9.0):
                yield Rectangle(FAINT, (x + z) / 2 + offset - 2, y - 2, 4, 4, 2)
            yield Words(FAINT, (x + z) / 2, y + 20, left_out_text(left, right), NOTE)


# ----- Connections --------------------------------------------------------------------------------------------------


def _connection(connection: Connection, drawn: Neurons, plan: _Places) -> Stroke:
    steps = (("M", plan.start(connection)), ("L", plan.end(connection)))
    dashes = DASHES if connection.purpose == "negative" else None
    return Stroke(connection.purpose, steps, drawn.width(connection.weight), dashes)


def _labels(drawn: Neurons, plan: _Places, digits: int) -> Iterator[Shape]:
    """Weights on their connections: those of a column if all of them have room."""
    size = 2 * plan.radius
    units = [
        Rectangle(PAPER, x - plan.radius, y - plan.radius, size, size + plan.below, 0) for x, y in plan.units.values()
    ]
    for left in drawn.columns[:-1]:
        connections = [connection for connection in drawn.connections if connection.start in left.units]
        lines = [(plan.start(connection), plan.end(connection)) for connection in connections]
        texts = [connection.numbers(digits) for connection in connections]
        sizes = [(max(width_of(text, LABEL) for text, _ in lines) + 6, 14.0 * len(lines) + 2) for lines in texts]
        for label, text in zip(labels_on(lines, sizes, units), texts, strict=False):
            yield label
            for place, (number, purpose) in enumerate(text):
                middle = label.y + 1 + 14 * (place + 0.5)
                yield Words(purpose, label.x + label.width / 2, middle + BASELINE * LABEL, number, LABEL)


def labels_on(
    lines: Sequence[Segment], sizes: Sequence[tuple[float, float]], taken: Sequence[Rectangle]
) -> list[Rectangle]:
    """A place on each line for its label, apart from other lines and taken places; nothing if one has none."""
    labels: list[Rectangle] = []
    for number, (line, (width, height)) in enumerate(zip(lines, sizes, strict=True)):
        others = [other for place, other in enumerate(lines) if place != number]
        tried = [
            Rectangle(
                PAPER,
                line[0][0] + share * (line[1][0] - line[0][0]) - width / 2,
                line[0][1] + share * (line[1][1] - line[0][1]) - height / 2,
                width,
                height,
                3,
            )
            for share in TRIED
        ]
        free = (
            label for room in ROOM for label in tried if not _touches(_grown(label, room), others, (*taken, *labels))
        )
        label = next(free, None)
        if label is None:
            return []
        labels.append(label)
    return labels


def _grown(label: Rectangle, by: float) -> Rectangle:
    size = label.width + 2 * by, label.height + 2 * by
    return Rectangle(label.purpose, label.x - by, label.y - by, *size, label.radius)


def _touches(label: Rectangle, lines: Sequence[Segment], others: Sequence[Rectangle]) -> bool:
    return any(overlap(label, other) for other in others) or any(crosses(line, label) for line in lines)


def overlap(one: Rectangle, two: Rectangle) -> bool:
    """Whether two rectangles have a point in common."""
    across = one.x <= two.x + two.width and two.x <= one.x + one.width
    return across and one.y <= two.y + two.height and two.y <= one.y + one.height


def crosses(line: Segment, box: Rectangle) -> bool:
    """Whether a line goes through a rectangle (Liang and Barsky 1984)."""
    (x1, y1), (x2, y2) = line
    first, last = 0.0, 1.0
    for start, step, low, high in ((x1, x2 - x1, box.x, box.x + box.width), (y1, y2 - y1, box.y, box.y + box.height)):
        if step == 0:
            if not low <= start <= high:
                return False
            continue
        enter, leave = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, enter), min(last, leave)
    return first <= last


def _legend(drawn: Neurons, y: float) -> tuple[list[Shape], float]:
    """A legend of widths and hues. Returns also where it ends."""
    shapes: list[Shape] = []
    shapes.append(Words(INK, MARGIN, y + BASELINE * LABEL, "weight", LABEL, "start"))
    x = MARGIN + width_of("weight", LABEL) + 10
    for weight in (drawn.largest, drawn.largest / 2, -drawn.largest / 2, -drawn.largest):
        purpose = purpose_of(weight)
        width, dashes = drawn.width(weight), DASHES if purpose == "negative" else None
        shapes.append(Stroke(purpose, (("M", (x, y)), ("L", (x + 30, y))), width, dashes))
        text = drawn_number(weight, 2)
        shapes.append(Words(INK, x + 36, y + BASELINE * LABEL, text, LABEL, "start"))
        x += 36 + width_of(text, LABEL) + 16
    marks, end = key(drawn.legend, x, y + BASELINE * LABEL)
    return [*shapes, *marks], end if marks else x - 16
