"""The figures of a computational graph below each other, node by node, for screens that have no room in the drawing."""

from collections.abc import Iterator, Sequence

from mlpcli.graph.canvas import Line
from mlpcli.graph.figure_lines import in_parts, side_by_side, stacked
from mlpcli.graph.graph import Graph
from mlpcli.graph.graph_cards import Card
from mlpcli.graph.operation_list import operation_lines, short_titles
from mlpcli.report.screen import Screen


def figure_list(graph: Graph, cards: Sequence[Card], screen: Screen) -> Iterator[Line]:
    """The lines, a blank one before each node. An operation is named with its operands."""
    titles = short_titles(cards)
    for node, card in zip(graph.nodes, cards, strict=True):
        if card.value is None:
            continue
        yield []
        if not card.is_variable:
            yield from ([(line, "")] for line in operation_lines(graph, node, titles.__getitem__, screen))
        yield from _fitting(card, screen.room)


def _fitting(card: Card, room: int) -> list[Line]:
    """The figures of one node, in the first of their forms that has room."""
    wider = (form(card) for form in (side_by_side, stacked))
    fits = (lines for lines in wider if all(sum(len(text) for text, _ in line) <= room for line in lines))
    return next(fits, None) or in_parts(card, room)
