"""A computational graph as a picture: variables round, operations in boxes, data flow downwards.

With figures, a value stands on the left in blue and its gradient beside it in vermilion, or below it where the two are
wide.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from mlpcli.graph.graph import Graph
from mlpcli.graph.graph_cards import Card, Figure, cards
from mlpcli.graph.layered.layout import Layout, layout
from mlpcli.graph.layered.vertices import Measures
from mlpcli.graph.picture import FAINT, INK, Picture, Rectangle, Shape, Stroke, Words, width_of

MEASURES = Measures(gap=26, lane=14, leaving=0, arriving=14)
MARGIN = 24
LETTER, NAME, FIGURE, NOTE = 17.0, 14.0, 12.5, 12.0  # sizes of text
BASELINE = 0.35  # of a size: how far below its middle text stands
LINE = 17.0  # of a matrix
WIDEST = 600.0  # that a value and its gradient are beside each other
BESIDE, BELOW = 14.0, 8.0  # what is between them
STEP, SLANT = 30.0, 0.1  # between ranks: at least, and more for edges that go far aside
STEEP, HEAD = 4.0, 9.0  # straight ends of an edge, and the length of its arrowhead


@dataclass(frozen=True)
class Box:
    """The room that a node takes."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def graph_picture(graph: Graph, title: str, digits: int) -> Picture:
    """The picture."""
    operands = Counter(edge.end for edge in graph.edges)
    found = {card.id: _Node(card, operands[card.id]) for card in cards(graph, digits)}
    plan = layout({name: node.width for name, node in found.items()}, graph.edges, MEASURES)
    bands = _bands(plan, found)
    boxes = _boxes(plan, found, bands)
    shapes: list[Shape] = [shape for number in range(len(graph.edges)) for shape in _edge(plan, number, bands, boxes)]
    for name, node in found.items():
        shapes.extend(node.shapes(boxes[name]))
    height = bands[-1][1] + MARGIN
    legend = _legend([node.card for node in found.values()], height)
    if legend:
        height += MARGIN
        shapes.extend(legend)
    return Picture(plan.width + 2 * MARGIN, height, title, tuple(shapes))


# ----- Nodes --------------------------------------------------------------------------------------------------------


class _Node:
    """A card, and how much room it takes."""

    def __init__(self, card: Card, operands: int) -> None:
        self.card = card
        self.figures = [
            _Matrix(figure, purpose)
            for figure, purpose in ((card.value, "value"), (card.gradient, "gradient"))
            if figure is not None
        ]
        self.size = LETTER if card.is_variable else NAME
        head = width_of(card.title, self.size) + (width_of(f" {card.note}", NOTE) if card.note else 0)
        if card.is_variable and self.figures:
            head = 0
        self.body = _body(self.figures)
        self.width = (
            round(max(head + 24, self.body.width + 24, 2 * MEASURES.arriving * max(operands - 1, 1) + 20) / 2) * 2
        )
        self.head = 0.0 if card.is_variable and self.figures else 34.0 if card.is_variable else 28.0
        self.height = self.head + (self.body.height + self._padding if self.figures else 0)

    @property
    def _padding(self) -> float:
        """Above and below figures; a title above them needs none but its own."""
        return 4 if self.head else 12

    def shapes(self, box: Box) -> Iterator[Shape]:
        """The outline, the title, and the figures."""
        variable = self.card.is_variable
        radius = min(box.height / 2, 17.0) if variable else 4.0
        yield Rectangle("variable" if variable else "operation", box.x, box.y, box.width, box.height, radius)
        if self.head:
            yield from self._title(box.middle, box.y + self.head / 2)
        left, top = box.middle - self.body.width / 2, box.y + (self.head - 2 if self.head else self._padding / 2)
        for matrix, (x, y) in zip(self.figures, self.body.corners, strict=True):
            yield from matrix.shapes(left + x, top + y)

    def _title(self, middle: float, y: float) -> Iterator[Shape]:
        """The title, with the note behind it."""
        note = f" {self.card.note}" if self.card.note else ""
        title, behind = width_of(self.card.title, self.size), width_of(note, NOTE)
        centre = middle - behind / 2
        yield Words(INK, centre, y + BASELINE * self.size, self.card.title, self.size, leaning=self.card.is_variable)
        if note:
            yield Words(FAINT, centre + title / 2 + 5, y + BASELINE * NOTE, self.card.note, NOTE, "start")


class _Matrix:
    """A value or a gradient: its letter, and numbers in columns between brackets."""

    def __init__(self, figure: Figure, purpose: str) -> None:
        self.figure, self.purpose = figure, purpose
        columns = range(len(figure.cells[0]))
        self.columns = [max(width_of(row[j], FIGURE) for row in figure.cells) for j in columns]
        self.inside = sum(self.columns) + 8 * (len(self.columns) - 1)
        self.head = 20.0 if figure.title else 0.0
        self.width = max(self.inside + (14 if figure.is_matrix else 0), width_of(figure.title, LETTER - 2))
        self.height = self.head + LINE * len(figure.cells) + 2

    def shapes(self, x: float, y: float) -> Iterator[Shape]:
        """From the left upper corner."""
        middle = x + self.width / 2
        if self.figure.title:
            yield Words(self.purpose, middle, y + 15, self.figure.title, LETTER - 2, leaning=True)
        top = y + self.head + 1
        end = middle - self.inside / 2
        for j, width in enumerate(self.columns):
            end += width
            for i, row in enumerate(self.figure.cells):
                baseline = top + LINE * (i + 0.5) + BASELINE * FIGURE
                if self.figure.is_matrix:
                    yield Words(self.purpose, end, baseline, row[j], FIGURE, "end")
                else:
                    yield Words(self.purpose, middle, baseline, row[j], FIGURE)
            end += 8
        if self.figure.is_matrix:
            bottom = top + LINE * len(self.figure.cells)
            for edge, inwards in ((middle - self.inside / 2 - 5, 4.0), (middle + self.inside / 2 + 5, -4.0)):
                yield _bracket(self.purpose, edge, inwards, top, bottom)


class _Body(NamedTuple):
    """How much room the figures of a node take together, and the left upper corner of each in it."""

    width: float
    height: float
    corners: tuple[tuple[float, float], ...]


def _body(matrices: Sequence[_Matrix]) -> _Body:
    """A value and its gradient beside each other, or below where that is too wide."""
    beside = _beside(matrices)
    return beside if beside.width <= WIDEST else _below(matrices)


def _beside(matrices: Sequence[_Matrix]) -> _Body:
    starts = list(accumulate((matrix.width + BESIDE for matrix in matrices), initial=0.0))
    height = max((matrix.height for matrix in matrices), default=0.0)
    return _Body(starts[-1] - BESIDE, height, tuple((x, 0.0) for x in starts[:-1]))


def _below(matrices: Sequence[_Matrix]) -> _Body:
    starts = list(accumulate((matrix.height + BELOW for matrix in matrices), initial=0.0))
    width = max(matrix.width for matrix in matrices)
    corners = tuple(((width - matrix.width) / 2, y) for matrix, y in zip(matrices, starts, strict=False))
    return _Body(width, starts[-1] - BELOW, corners)


def _bracket(purpose: str, x: float, inwards: float, top: float, bottom: float) -> Stroke:
    corners = ((x + inwards, top), (x, top), (x, bottom), (x + inwards, bottom))
    return Stroke(f"{purpose}-line", tuple(("L" if i else "M", corner) for i, corner in enumerate(corners)), 1.2)


def _legend(shown: Sequence[Card], y: float) -> list[Shape]:
    """What the colours mean that are there."""
    shapes: list[Shape] = []
    x = float(MARGIN)
    kinds = (("value", any(card.value for card in shown)), ("gradient of J", any(card.gradient for card in shown)))
    for text, is_there in kinds:
        if is_there:
            shapes.append(Rectangle(text.split()[0], x, y - 9, 9, 9, 2))
            shapes.append(Words(INK, x + 14, y, text, NOTE, "start"))
            x += 34 + width_of(text, NOTE)
    return shapes


# ----- Where everything stands --------------------------------------------------------------------------------------


def _bands(plan: Layout, nodes: Mapping[str, _Node]) -> list[tuple[float, float]]:
    """Top and bottom of each rank. Between two there is the more room the farther an edge goes aside."""
    aside = [0.0] * len(plan.ranks)
    rank_of = {vertex: rank for rank, vertices in enumerate(plan.ranks) for vertex in vertices}
    for number in range(len(plan.paths)):
        for _, begins, end, ends in plan.segments(number):
            aside[rank_of[end]] = max(aside[rank_of[end]], abs(ends - begins))
    found, y = [], float(MARGIN)
    for rank, vertices in enumerate(plan.ranks):
        y += STEP + SLANT * aside[rank] if rank else 0
        height = max((nodes[vertex].height for vertex in vertices if isinstance(vertex, str)), default=0.0)
        found.append((y, y + height))
        y += height
    return found


def _boxes(plan: Layout, nodes: Mapping[str, _Node], bands: Sequence[tuple[float, float]]) -> dict[str, Box]:
    """Nodes stand in the middle of their rank's height."""
    found = {}
    for (top, bottom), vertices in zip(bands, plan.ranks, strict=True):
        for vertex in vertices:
            if isinstance(vertex, str):
                node = nodes[vertex]
                x, y = MARGIN + plan.place[vertex] - node.width / 2, (top + bottom - node.height) / 2
                found[vertex] = Box(x, y, node.width, node.height)
    return found


def _edge(
    plan: Layout, number: int, bands: Sequence[tuple[float, float]], boxes: Mapping[str, Box]
) -> Iterator[Stroke]:
    """An edge goes aside only between ranks, and straight down where it passes one, so that it meets no node."""
    path = plan.paths[number]
    rank_of = {vertex: rank for rank, vertices in enumerate(plan.ranks) for vertex in vertices}
    start, end = boxes[str(path[0])], boxes[str(path[-1])]
    x = MARGIN + plan.place[path[0]] + plan.ports[number][0]
    steps: list[tuple[str, tuple[float, ...]]] = [("M", (x, start.y + start.height))]
    for _, begins, vertex, ends in plan.segments(number):
        rank = rank_of[vertex]
        x, aside = MARGIN + begins, MARGIN + ends
        top, bottom = bands[rank - 1][1] + STEEP, bands[rank][0] - STEEP - HEAD
        if aside != x:
            middle = (top + bottom) / 2
            steps += [("L", (x, top)), ("C", (x, middle, aside, middle, aside, bottom))]
        x = aside
    steps.append(("L", (x, end.y - HEAD + 1)))
    yield Stroke("edge", tuple(steps))
    yield Stroke(
        "arrow", (("M", (x, end.y)), ("L", (x - 4.5, end.y - HEAD)), ("L", (x + 4.5, end.y - HEAD)), ("Z", ()))
    )
