"""A computational graph for Mermaid, which GitHub and GitLab draw in Markdown: variables round, operations in boxes."""

from collections.abc import Iterator

from mlpcli.graph.drawing_notes import titled
from mlpcli.graph.graph import Graph
from mlpcli.graph.graph_cards import Card, Cells, Figure, cards
from mlpcli.graph.mermaid_text import label, legend_node
from mlpcli.graph.picture import FAINT, INK, TextLine
from mlpcli.report.text import printable

AS_WIDE_AS_A_DIGIT = "\N{FIGURE SPACE}"
PLUS = "#43;"  # as Mermaid writes it where a label would be a list in Markdown, which it refuses


def graph_mermaid(graph: Graph, title: str, digits: int, note: str) -> str:
    """The graph; values are blue, gradients vermilion where the page allows colours, and all have their names."""
    shown = cards(graph, digits)
    nodes = "".join(f"  {card.id}{_shape(card)}\n" for card in shown)
    edges = "".join(f"  {start} --> {end}\n" for start, end in graph.edges)
    below = legend_node([*_colours(shown), (note, FAINT)], shown[-1].id)
    return f"%% {printable(titled(title, note))}\nflowchart TD\n{nodes}{edges}{below}"


def _colours(shown: tuple[Card, ...]) -> list[TextLine]:
    """What is a value and what a gradient, where there are both."""
    has_both = any(card.gradient for card in shown)
    return [("value", "value"), ("gradient of J", "gradient")] if has_both else []


def _shape(card: Card) -> str:
    """A box for an operation, and a round one for a variable; with figures less round, so that these have room."""
    text = label(_lines(card))
    if not card.is_variable:
        return f"[{text}]"
    return f"([{text}])" if card.value is None else f"({text})"


def _lines(card: Card) -> Iterator[TextLine]:
    """The title, the value and the gradient below each other."""
    if card.value is None or not card.is_variable:
        yield f"{card.title} {card.note}".strip().replace("+", PLUS), INK
    for figure, purpose in ((card.value, "value"), (card.gradient, "gradient")):
        if figure is not None:
            yield from ((text, purpose) for text in _figure(figure, figure.title or purpose))


def _figure(figure: Figure, name: str) -> list[str]:
    """x = [1.8 0.5]ᵀ on one line; of a matrix each row on its own."""
    if not figure.is_matrix:
        return [f"{name} = {', '.join(row[0] for row in figure.cells)}"]
    if all(len(row) == 1 for row in figure.cells):
        return [f"{name} = [{' '.join(row[0] for row in figure.cells)}]ᵀ"]
    return [f"{name} =", *_rows(figure.cells)]


def _rows(cells: Cells) -> Iterator[str]:
    """Each in brackets, with columns below each other."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        aligned = (cell.rjust(width, AS_WIDE_AS_A_DIGIT) for cell, width in zip(row, widths, strict=True))
        yield f"[{' '.join(aligned)}]"
