"""A computational graph for Mermaid, which GitHub and GitLab draw in Markdown: round variables, square operations."""

from mlpcli.core.graph import Graph
from mlpcli.report.graphs.graph_cards import Card, Figure, cards
from mlpcli.report.graphs.picture import PURPOSES
from mlpcli.report.text import printable


def graph_mermaid(graph: Graph, title: str, digits: int) -> str:
    """The graph; values are blue, gradients vermilion where the page allows colours."""
    nodes = "".join(f"  {card.id}{_shape(card)}\n" for card in cards(graph, digits))
    edges = "".join(f"  {start} --> {end}\n" for start, end in graph.edges)
    return f"%% {printable(title)}\nflowchart TD\n{nodes}{edges}"


def _shape(card: Card) -> str:
    text = f'"{_label(card)}"'
    return f"([{text}])" if card.is_variable else f"[{text}]"


def _label(card: Card) -> str:
    """The title, the value and the gradient below each other."""
    figures = [
        _figure(figure, purpose)
        for figure, purpose in ((card.value, "value"), (card.gradient, "gradient"))
        if figure is not None
    ]
    head = [] if card.is_variable and figures else [f"{card.title} {card.note}".strip()]
    return "<br/>".join(head + figures)


def _figure(figure: Figure, purpose: str) -> str:
    """W = [[0.1 −0.2] [0.4 0.6]], x = [1.8 0.5]ᵀ, in its colour; without semicolons, which Mermaid takes away."""
    rows = [" ".join(row) for row in figure.cells]
    text = " ".join(rows)
    if figure.is_matrix:
        is_column = all(len(row) == 1 for row in figure.cells)
        text = f"[{text}]ᵀ" if is_column else "[" + " ".join(f"[{row}]" for row in rows) + "]"
    return f"<span style='color:{PURPOSES[purpose].fill}'>{figure.title or purpose} = {text}</span>"
