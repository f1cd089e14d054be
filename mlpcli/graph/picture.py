"""A graph as a picture: nodes with their numbers, with arrows along the ladder or lines between units.

A value is blue. Its gradient is vermilion and beside it, or below it if the two are wide. Units are in columns from
left to right, joined by lines as wide as their weights are large.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

from mlpcli.graph.layout import Measures, Point, Positions, Size, Spot, ladder
from mlpcli.graph.nodes import LEFT, OPERATION, RIGHT, VARIABLE, Card, Graph, Numbers, cards, legend
from mlpcli.graph.shapes import (
    DASHES,
    FAINT,
    INK,
    PAPER,
    Picture,
    Rectangle,
    Shape,
    Stroke,
    TextLine,
    TextShape,
    arrow,
    titled,
    width_of,
)

LADDER = Measures(down=30, apart=16, bend=14, lane=16, head=24, line=0)
MARGIN = 24  # around a picture


def graph_picture(graph: Graph, title: str, digits: int, note: str) -> Picture:
    """The picture, with the meaning of its colors and the note below it."""
    drawn = {card.id: DrawnNode(card) for card in cards(graph, digits)}
    sizes = {name: node.size for name, node in drawn.items()}
    if graph.columns:
        placed = unit_columns(graph, sizes).moved(MARGIN, MARGIN + HEADING)
        shapes = list(unit_shapes(graph, placed, digits))
    else:
        placed = ladder(graph, sizes, LADDER).moved(MARGIN, MARGIN)
        shapes = [part for wire in placed.wires for part in arrow(wire)]
    for name, spot in placed.spots.items():
        shapes.extend(drawn[name].shapes(spot))
    width, height = float(placed.width + MARGIN), float(placed.height + MARGIN)
    for line in filter(None, (legend(graph), [(note, FAINT)] if note else [])):
        marks, end = _key(line, height)
        shapes.extend(marks)
        width, height = max(width, end + MARGIN), height + 24
    return Picture(width, height, titled(title, note), tuple(shapes), graph.described())


def _key(entries: Sequence[TextLine], y: float) -> tuple[list[Shape], float]:
    """A line of text, with a small square of each color. Returns also where it ends."""
    shapes: list[Shape] = []
    x = float(MARGIN)
    for text, purpose in entries:
        if purpose == FAINT:
            shapes.append(TextShape(FAINT, x, y, text, NOTE, "start"))
            x += 20 + width_of(text, NOTE)
        else:
            shapes.append(Rectangle(purpose, x, y - 9, 9, 9, 2))
            shapes.append(TextShape(INK, x + 14, y, text, NOTE, "start"))
            x += 34 + width_of(text, NOTE)
    return shapes, x - 20


# ----- A node -------------------------------------------------------------------------------------------------------

LETTER, NAME, FIGURE, NOTE = 17.0, 14.0, 12.5, 12.0  # sizes of text
LINE = 17.0  # of a matrix
WIDEST = 600.0  # of a value and its gradient side by side
BESIDE, BELOW = 14.0, 8.0  # between a value and its gradient
BASELINE = 0.35  # of a size: from the middle of a line down to its baseline


class DrawnNode:
    """A card, and the room that it takes."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.is_box = card.kind == OPERATION
        self.letter = NAME if self.is_box else LETTER
        self.matrices = [_DrawnMatrix(numbers) for numbers in card.numbers]
        self.body_width, body_height, self.corners = _body(self.matrices)
        self.title = width_of(card.title, self.letter) if card.head else 0.0
        self.note = width_of(f" {card.note}", NOTE) if card.head and card.note else 0.0
        self.head = 0.0 if not card.head else 28.0 if self.is_box else 34.0
        self.padding = 4 if self.head else 12  # above and below numbers; less below a title
        height = self.head + (body_height + self.padding if card.numbers else 0)
        width = round(max(self.title + self.note, self.body_width) / 2) * 2 + 24
        self.size = Size(width, round(height), round(height) // 2, width)

    def shapes(self, spot: Spot) -> Iterator[Shape]:
        """The outline, the title, and the numbers."""
        x, y, middle = spot.left, spot.top, spot.left + spot.size.width / 2
        radius = 4.0 if self.is_box else min(spot.size.height / 2, 17.0)
        yield Rectangle(OPERATION if self.is_box else VARIABLE, x, y, spot.size.width, spot.size.height, radius)
        if self.head:
            yield from self._title(middle - self.note / 2, y + self.head / 2)
        left, top = middle - self.body_width / 2, y + (self.head - 2 if self.head else self.padding / 2)
        for matrix, (across, down) in zip(self.matrices, self.corners, strict=True):
            yield from matrix.shapes(left + across, top + down)

    def _title(self, centre: float, y: float) -> Iterator[Shape]:
        """The title, with the note behind it."""
        yield TextShape(INK, centre, y + BASELINE * self.letter, self.card.title, self.letter, leaning=not self.is_box)
        if self.note:
            yield TextShape(FAINT, centre + self.title / 2 + 5, y + BASELINE * NOTE, self.card.note, NOTE, "start")


class _DrawnMatrix:
    """A value or a gradient: its letter, and numbers in columns between brackets."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.columns = [max(width_of(cell, FIGURE) for cell in column) for column in zip(*numbers.cells, strict=True)]
        self.inside = sum(self.columns) + 8 * (len(self.columns) - 1)
        self.head = 20.0 if numbers.title else 0.0
        self.width = max(self.inside + (14 if numbers.is_matrix else 0), width_of(numbers.title, LETTER - 2))
        self.height = self.head + LINE * len(numbers.cells) + 2

    def shapes(self, x: float, y: float) -> Iterator[Shape]:
        """From the left upper corner."""
        purpose, middle, top = self.numbers.purpose, x + self.width / 2, y + self.head + 1
        if self.numbers.title:
            yield TextShape(purpose, middle, y + 15, self.numbers.title, LETTER - 2, leaning=True)
        ends = accumulate(self.columns, lambda end, width: end + 8 + width, initial=middle - self.inside / 2 - 8)
        for column, end in zip(zip(*self.numbers.cells, strict=True), list(ends)[1:], strict=True):
            place = (end, "end") if self.numbers.is_matrix else (middle, "middle")
            for i, cell in enumerate(column):
                yield TextShape(purpose, place[0], top + LINE * (i + 0.5) + BASELINE * FIGURE, cell, FIGURE, place[1])
        if self.numbers.is_matrix:
            bottom = top + LINE * len(self.numbers.cells)
            for edge, inwards in ((middle - self.inside / 2 - 5, 4.0), (middle + self.inside / 2 + 5, -4.0)):
                corners = ((edge + inwards, top), (edge, top), (edge, bottom), (edge + inwards, bottom))
                yield Stroke(f"{purpose}-line", tuple(zip("MLLL", corners, strict=True)), 1.2)


def _body(matrices: Sequence[_DrawnMatrix]) -> tuple[float, float, list[tuple[float, float]]]:
    """Width, height, and the left upper corner of each: side by side, or below each other if that is too wide."""
    width = sum(matrix.width for matrix in matrices) + BESIDE * max(len(matrices) - 1, 0)
    if width <= WIDEST:
        starts = accumulate((matrix.width + BESIDE for matrix in matrices), initial=0.0)
        corners = [(x, 0.0) for x, _ in zip(starts, matrices, strict=False)]
        return width, max((matrix.height for matrix in matrices), default=0.0), corners
    width = max(matrix.width for matrix in matrices)
    tops = list(accumulate((matrix.height + BELOW for matrix in matrices), initial=0.0))
    return width, tops[-1] - BELOW, [((width - m.width) / 2, y) for m, y in zip(matrices, tops, strict=False)]


# ----- Units --------------------------------------------------------------------------------------------------------

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
        ends = placed.spots[left.units[0].id].edge(RIGHT)  # as all units of a column
        begins = placed.spots[right.units[0].id].edge(LEFT)
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
