"""A computational graph in characters: data flow downwards, operations stand in brackets, figures below their node."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mlpcli.core.graph import Graph
from mlpcli.report.ascii_text import ascii_text
from mlpcli.report.graphs.canvas import Canvas
from mlpcli.report.graphs.graph_cards import Card, Figure, cards
from mlpcli.report.graphs.layered.layout import Layout, layout
from mlpcli.report.graphs.layered.vertices import Measures, Vertex
from mlpcli.report.graphs.wires import draw_wires
from mlpcli.report.screen import Screen

MEASURES = Measures(gap=3, lane=1, leaving=2, arriving=0)
BRACKETS = {"only": ("[", "]"), "first": ("⎡", "⎤"), "middle": ("⎢", "⎥"), "last": ("⎣", "⎦")}


def graph_text(graph: Graph, digits: int, screen: Screen) -> Canvas:
    """The drawing. A value stands on the left of its gradient, and each has a colour of its own."""
    shown = cards(graph, digits)
    blocks = {card.id: _Block(card, screen) for card in shown}
    places = layout({name: block.width for name, block in blocks.items()}, graph.edges, MEASURES)
    canvas, top = Canvas(), 0
    for rank, vertices in enumerate(places.ranks):
        if rank:
            top = draw_wires(canvas, top, places, rank)
        height = max((blocks[vertex].height for vertex in vertices if isinstance(vertex, str)), default=1)
        for vertex in vertices:
            _stand(canvas, top, height, places, vertex, blocks)
        top += height
    if any(card.gradient for card in shown):
        canvas.write(top + 1, 0, "left: value", "value")
        canvas.write(top + 1, 14, "right: gradient of J", "gradient")
    return canvas


class _Block:
    """A card as lines of text, each line in pieces with their colour."""

    def __init__(self, card: Card, screen: Screen) -> None:
        self.lines = _lines(card if screen.unicode else _spelled(card))
        width = max(sum(len(text) for text, _ in line) for line in self.lines)
        self.width = width + 1 - width % 2  # odd, so that there is a middle
        self.height = len(self.lines)


def _spelled(card: Card) -> Card:
    """The card with letters that ASCII has."""
    title, note = ascii_text(card.title), ascii_text(card.note)
    value, gradient = (
        figure and replace(figure, title=ascii_text(figure.title)) for figure in (card.value, card.gradient)
    )
    return replace(card, title=title, note=note, value=value, gradient=gradient)


Line = list[tuple[str, str]]  # text and colour


def _lines(card: Card) -> list[Line]:
    """The title, and below it the figures side by side."""
    note = f" {card.note}" if card.note else ""
    if card.value is None:
        return [[(card.title + note if card.is_variable else f"[{card.title}{note}]", "")]]
    figures = [(figure, colour) for figure, colour in ((card.value, "value"), (card.gradient, "gradient")) if figure]
    between = " " if card.value.is_matrix else "  "  # brackets part as well as a blank
    columns = [_figure_lines(figure, colour) for figure, colour in figures]
    body = [_joined(row, between) for row in zip(*columns, strict=True)]
    return body if card.is_variable else [[(f"[{card.title}{note}]", "")], *body]


def _joined(row: Iterable[tuple[str, str]], between: str) -> Line:
    line: Line = []
    for piece in row:
        line += [(between, ""), piece] if line else [piece]
    return line


def _figure_lines(figure: Figure, colour: str) -> list[tuple[str, str]]:
    """A number beside its letter, or a matrix below it."""
    if not figure.is_matrix and len(figure.cells) == 1:
        text = figure.cells[0][0]
        return [(f"{figure.title} = {text}" if figure.title else text, colour)]
    rows = _bracketed(figure.cells) if figure.is_matrix else [row[0] for row in figure.cells]
    lines = [figure.title, *rows] if figure.title else rows
    width = max(map(len, lines))
    return [(line.center(width), colour) for line in lines]


def _bracketed(cells: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[j]) for row in cells) for j in range(len(cells[0]))]
    found = []
    for i, row in enumerate(cells):
        place = "only" if len(cells) == 1 else "first" if i == 0 else "last" if i == len(cells) - 1 else "middle"
        left, right = BRACKETS[place]
        found.append(left + " ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + right)
    return found


def _stand(canvas: Canvas, top: int, height: int, places: Layout, vertex: Vertex, blocks: Mapping[str, _Block]) -> None:
    """A node at the top of its rank, with what its edges go on as below it; an edge that passes, all the way."""
    middle, used = places.place[vertex], 0
    if isinstance(vertex, str):
        used = blocks[vertex].height
        for row, line in enumerate(blocks[vertex].lines):
            column = middle - sum(len(text) for text, _ in line) // 2
            for text, colour in line:
                canvas.write(top + row, column, text, colour)
                column += len(text)
    for number, path in enumerate(places.paths):
        if vertex in path[:-1]:
            leaving = places.ports[number][0] if vertex == path[0] else 0
            canvas.down(middle + leaving, top + used, top + height)
