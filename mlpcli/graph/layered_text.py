"""A computational graph laid out in characters: data flow downwards, and operations stand in brackets."""

from collections.abc import Callable, Mapping, Sequence

from mlpcli.graph.canvas import Canvas, Line
from mlpcli.graph.graph import Edge
from mlpcli.graph.graph_cards import Card
from mlpcli.graph.layered.layout import Layout, layout
from mlpcli.graph.layered.vertices import Measures, Vertex
from mlpcli.graph.wires import draw_wires

MEASURES = Measures(gap=3, lane=1, leaving=2, arriving=0)


def layered_text(cards: Sequence[Card], edges: Sequence[Edge], figures: Callable[[Card], list[Line]]) -> Canvas:
    """The drawing; `figures` says how a node's value and gradient stand."""
    blocks = {card.id: _Block(card, figures) for card in cards}
    places = layout({name: block.width for name, block in blocks.items()}, edges, MEASURES)
    canvas, top = Canvas(), 0
    for rank, vertices in enumerate(places.ranks):
        if rank:
            top = draw_wires(canvas, top, places, rank)
        height = max((blocks[vertex].height for vertex in vertices if isinstance(vertex, str)), default=1)
        for vertex in vertices:
            _stand(canvas, top, height, places, vertex, blocks)
        top += height
    return canvas


def title_line(card: Card) -> str:
    """The title with its note; of an operation in brackets."""
    title = f"{card.title} {card.note}".rstrip()
    return title if card.is_variable else f"[{title}]"


class _Block:
    """A node as lines of text. A variable's figures bring its title along."""

    def __init__(self, card: Card, figures: Callable[[Card], list[Line]]) -> None:
        title: list[Line] = [] if card.is_variable and card.value else [[(title_line(card), "")]]
        self.lines = [*title, *(figures(card) if card.value else [])]
        width = max(map(_length, self.lines))
        self.width = width + 1 - width % 2  # odd, so that there is a middle
        self.height = len(self.lines)


def _stand(canvas: Canvas, top: int, height: int, places: Layout, vertex: Vertex, blocks: Mapping[str, _Block]) -> None:
    """A node in its rank, with what its edges go on as below it; an edge that passes, all the way.

    What an arrow leads to stands at the top; what nothing leads to at the bottom, where its own edges begin.
    """
    middle, used = places.place[vertex], 0
    if isinstance(vertex, str):
        block = blocks[vertex]
        used = block.height if any(path[-1] == vertex for path in places.paths) else height
        for row, line in enumerate(block.lines, top + used - block.height):
            canvas.write_line(row, middle - _length(line) // 2, line)
    for number, path in enumerate(places.paths):
        if vertex in path[:-1]:
            leaving = places.ports[number][0] if vertex == path[0] else 0
            canvas.down(middle + leaving, top + used, top + height)


def _length(line: Line) -> int:
    return sum(len(text) for text, _ in line)
