"""Units in a picture: columns from left to right, joined by lines as wide as their weights are large."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from mlpcli.graph.layout import Point, Positions, Size, Spot
from mlpcli.graph.node_picture import BASELINE, NOTE
from mlpcli.graph.nodes import LEFT, RIGHT, Graph
from mlpcli.graph.shapes import DASHES, FAINT, INK, PAPER, Rectangle, Shape, Stroke, TextLine, TextShape, width_of

HEADING = 30  # the room for the headings of columns
ACROSS, DOWN = 230, 36  # between columns, and between the units of one
LABEL, LABEL_LINE = 11.0, 14.0  # the size of a label's text, and the height of its lines
TRIED = tuple(0.5 + sign * step / 60 for step in range(25) for sign in (-1, 1))  # shares of a line, the middle first
ROOM = (12.0, 8.0, 5.0, 2.0, 0.0)  # around a label, the most that is possible
Segment = tuple[Point, Point]


def unit_columns(graph: Graph, sizes: Mapping[str, Size]) -> Positions:
    """Columns of units of one size, each in the middle of the height, with room for those left out before the last."""
    rows = [len(column.units) + (column.left_out > 0) for column in graph.columns]
    step = max(size.height for size in sizes.values()) + DOWN
    spots: dict[str, Spot] = {}
    x = 0
    for column, count in zip(graph.columns, rows, strict=True):
        size = Size(*map(max, zip(*(sizes[unit.id] for unit in column.units), strict=True)))
        width = max(round(width_of(column.caption, NOTE)), size.width)
        for place, unit in enumerate(column.units):
            row = place + (column.left_out > 0 and place == len(column.units) - 1)
            spots[unit.id] = Spot(x + width // 2, (2 * row + max(rows) - count) * step // 2, size)
        x += width + ACROSS
    spots_of = ((spots[edge.start], spots[edge.end]) for edge in graph.edges)
    wires = tuple(((start.edge(RIGHT), start.port), (end.edge(LEFT), end.port)) for start, end in spots_of)
    return Positions(spots, wires, x - ACROSS, max(rows) * step - DOWN)


def unit_shapes(graph: Graph, placed: Positions, digits: int) -> Iterator[Shape]:
    """Headings, dots for what is left out, and connections."""
    lines = list(zip(graph.edges, placed.wires, strict=True))
    for edge, wire in lines:
        dashes = DASHES if edge.weight < 0 else None
        yield Stroke(edge.purpose, (("M", wire[0]), ("L", wire[1])), graph.width(edge), dashes)
    top = min(spot.top for spot in placed.spots.values())
    for column in graph.columns:
        spots = [placed.spots[unit.id] for unit in column.units]
        yield TextShape(INK, spots[0].middle, top - HEADING + BASELINE * NOTE, column.caption, NOTE)
        if column.left_out:
            middle = (spots[-2].bottom + spots[-1].top) / 2
            yield TextShape(FAINT, spots[0].middle, middle + BASELINE * 20, "⋮", 20)
    for left, right in pairwise(graph.columns):
        ends = max(placed.spots[unit.id].edge(RIGHT) for unit in left.units)
        begins = min(placed.spots[unit.id].edge(LEFT) for unit in right.units)
        if left_out := right.layers_after(left):
            y = (top + placed.height) / 2
            yield TextShape(FAINT, (ends + begins) / 2, y, left_out, NOTE)
        elif graph.has_labels:
            names = {unit.id for unit in left.units}
            own = [(edge.label(digits), (wire[0], wire[1])) for edge, wire in lines if edge.start in names]
            yield from _labels(own, ends, begins)


def _labels(connections: Sequence[tuple[list[TextLine], Segment]], start: float, end: float) -> Iterator[Shape]:
    """Weights on the lines between two columns, if all of them have room."""
    texts, lines = [text for text, _ in connections], [line for _, line in connections]
    sizes = [(max(width_of(number, LABEL) for number, _ in text) + 6, LABEL_LINE * len(text) + 2) for text in texts]
    for box, text in zip(labels_on(lines, sizes, start, end), texts, strict=False):
        yield box
        for place, (number, purpose) in enumerate(text):
            middle = box.y + 1 + LABEL_LINE * (place + 0.5)
            yield TextShape(purpose, box.x + box.width / 2, middle + BASELINE * LABEL, number, LABEL)


def labels_on(
    lines: Sequence[Segment], sizes: Sequence[tuple[float, float]], start: float, end: float
) -> list[Rectangle]:
    """A place on each line for its label, between x = start and end, apart from other lines and labels.

    Nothing if one has none.
    """
    labels: list[Rectangle] = []
    for number, (((x1, y1), (x2, y2)), (width, height)) in enumerate(zip(lines, sizes, strict=True)):
        others = [*lines[:number], *lines[number + 1 :]]
        tried = [
            Rectangle(PAPER, x1 + s * (x2 - x1) - width / 2, y1 + s * (y2 - y1) - height / 2, width, height, 3)
            for s in TRIED
        ]
        between = [label for label in tried if start <= label.x and label.x + width <= end]
        free = (label for room in ROOM for label in between if _is_free(label, room, others, labels))
        label = next(free, None)
        if label is None:
            return []
        labels.append(label)
    return labels


def _is_free(label: Rectangle, room: float, lines: Sequence[Segment], others: Sequence[Rectangle]) -> bool:
    left, right = label.x - room, label.x + label.width + room
    top, bottom = label.y - room, label.y + label.height + room
    apart = all(
        right < other.x or other.x + other.width < left or bottom < other.y or other.y + other.height < top
        for other in others
    )
    return apart and not any(crosses(line, left, top, right, bottom) for line in lines)


def crosses(line: Segment, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether a line goes through a rectangle: not all of its corners are on one side of the line."""
    (x1, y1), (x2, y2) = line
    above = {(x2 - x1) * (y - y1) > (y2 - y1) * (x - x1) for x in (left, right) for y in (top, bottom)}
    return len(above) == 2
