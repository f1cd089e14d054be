"""A graph as a picture: nodes, with arrows along the ladder or lines between units."""

from collections.abc import Iterator, Sequence

from mlpcli.graph.layout import Measures, Positions, ladder
from mlpcli.graph.node_picture import NOTE, DrawnNode
from mlpcli.graph.nodes import Graph, cards, legend
from mlpcli.graph.shapes import FAINT, INK, Picture, Rectangle, Shape, Stroke, TextLine, TextShape, titled, width_of
from mlpcli.graph.unit_picture import HEADING, unit_columns, unit_shapes

LADDER = Measures(down=30, apart=16, bend=14, lane=16, head=24, line=0)
MARGIN = 24  # around a picture
HEAD, HALF_HEAD, BEND = 9.0, 4.5, 10.0  # of an arrowhead, and the radius of a line's bends


def graph_picture(graph: Graph, title: str, digits: int, note: str) -> Picture:
    """The picture, with the meaning of its colors and the note below it."""
    drawn = {card.id: DrawnNode(card) for card in cards(graph, digits)}
    sizes = {name: node.size for name, node in drawn.items()}
    if graph.columns:
        placed = unit_columns(graph, sizes).moved(MARGIN, MARGIN + HEADING)
        shapes = list(unit_shapes(graph, placed, digits))
    else:
        placed = ladder(graph, sizes, LADDER).moved(MARGIN, MARGIN)
        shapes = list(_arrows(placed))
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


# ----- Arrows -------------------------------------------------------------------------------------------------------


def _arrows(placed: Positions) -> Iterator[Stroke]:
    """Lines with arrowheads. Their bends are round, which shows where one joins another."""
    for wire in placed.wires:
        corners: list[tuple[float, float]] = list(wire)
        end = corners[-1]
        corners[-1] = _toward(end, corners[-2], HEAD - 1)
        steps: list[tuple[str, tuple[float, ...]]] = [("M", corners[0])]
        for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
            bend = min(BEND, _distance(before, corner) / 2, _distance(corner, after) / 2)
            steps.append(("L", _toward(corner, before, bend)))
            steps.append(("C", (*corner, *corner, *_toward(corner, after, bend))))
        yield Stroke("edge", (*steps, ("L", corners[-1])))
        x, y = _toward(end, corners[-2], HEAD)
        across = (0.0, HALF_HEAD) if y == end[1] else (HALF_HEAD, 0.0)
        sides = ((x - across[0], y - across[1]), (x + across[0], y + across[1]))
        yield Stroke("arrow", (("M", end), ("L", sides[0]), ("L", sides[1]), ("Z", ())))


def _distance(one: tuple[float, float], two: tuple[float, float]) -> float:
    """The length of a line that runs straight across or down."""
    return abs(one[0] - two[0]) + abs(one[1] - two[1])


def _toward(start: tuple[float, float], end: tuple[float, float], by: float) -> tuple[float, float]:
    """The point at this distance on the way from one to the other."""
    share = by / (_distance(start, end) or 1)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
