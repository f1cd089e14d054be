"""A computational graph in characters, in the first of its forms that the screen has room for."""

from collections.abc import Sequence
from dataclasses import replace

from mlpcli.graph.canvas import Canvas, Line
from mlpcli.graph.figure_lines import side_by_side, stacked
from mlpcli.graph.figure_list import figure_list
from mlpcli.graph.graph import Graph
from mlpcli.graph.graph_cards import Card, Figure, cards
from mlpcli.graph.layered_text import layered_text
from mlpcli.graph.operation_list import operation_list
from mlpcli.graph.text_legend import value_and_gradient
from mlpcli.report.screen import Screen, written


def graph_text(graph: Graph, digits: int, screen: Screen) -> Canvas:
    """The drawing. A pipe has room for all of it; where a terminal has too little for a number, it is the narrowest."""
    for form in FORMS:
        canvas = form(graph, digits, screen)
        if canvas.width <= screen.room:
            break
    return canvas


def gradients_beside(graph: Graph, digits: int, screen: Screen) -> Canvas:
    """All in one: a value stands on the left of its gradient."""
    shown = _cards(graph, digits, screen)
    canvas = layered_text(shown, graph.edges, side_by_side)
    canvas.append(_legend(shown, "left: value", "right: gradient of J", screen))
    return canvas


def gradients_below(graph: Graph, digits: int, screen: Screen) -> Canvas:
    """All in one: a value stands above its gradient."""
    shown = _cards(graph, digits, screen)
    canvas = layered_text(shown, graph.edges, stacked)
    canvas.append(_legend(shown, "above: value", "below: gradient of J", screen))
    return canvas


def drawing_and_figures(graph: Graph, digits: int, screen: Screen) -> Canvas:
    """Names and shapes are drawn, and the figures follow as a list."""
    canvas = gradients_beside(_without_figures(graph), digits, screen)
    canvas.append(_figures(graph, digits, screen))
    return canvas


def operations_and_figures(graph: Graph, digits: int, screen: Screen) -> Canvas:
    """Nothing is drawn: operations are a list, and then the figures."""
    canvas = Canvas()
    named = _cards(_without_figures(graph), digits, screen)
    canvas.append([(line, "")] for line in operation_list(graph, named, screen))
    canvas.append(_figures(graph, digits, screen))
    return canvas


FORMS = (gradients_beside, gradients_below, drawing_and_figures, operations_and_figures)  # from wide to narrow


def _without_figures(graph: Graph) -> Graph:
    return replace(graph, nodes=tuple(replace(node, value=None, gradient=None) for node in graph.nodes))


def _figures(graph: Graph, digits: int, screen: Screen) -> list[Line]:
    """The list of figures, with what its order means."""
    shown = _cards(graph, digits, screen)
    return [*figure_list(graph, shown, screen), *_legend(shown, "first: value", "then: gradient of J", screen)]


def _legend(shown: Sequence[Card], value: str, gradient: str, screen: Screen) -> list[Line]:
    """Where each stands, below a blank line."""
    if not any(card.gradient for card in shown):
        return []
    return [[], *value_and_gradient(value, gradient, screen)]


def _cards(graph: Graph, digits: int, screen: Screen) -> list[Card]:
    """What is said at each node, in letters that the screen has."""
    return [_spelled(card, screen.unicode) for card in cards(graph, digits)]


def _spelled(card: Card, unicode: bool) -> Card:
    value, gradient = (_figure_spelled(figure, unicode) for figure in (card.value, card.gradient))
    title, note = written(card.title, unicode), written(card.note, unicode)
    return replace(card, title=title, note=note, value=value, gradient=gradient)


def _figure_spelled(figure: Figure | None, unicode: bool) -> Figure | None:
    """Its title; numbers have signs that a canvas replaces one by one."""
    return figure and replace(figure, title=written(figure.title, unicode))
