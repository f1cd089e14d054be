"""Drawings for Mermaid, which GitHub and GitLab draw in Markdown.

Round boxes are variables and units, and square ones operations. Values are blue and gradients vermilion if the page
allows colors, and all have their names.

Labels have no double quotes, which would end them, and no semicolons, since Mermaid removes some of these.
"""

import re
from collections.abc import Iterable, Iterator

from mlpcli.graph.nodes import OPERATION, UNIT, Card, Edge, Graph, Numbers, cards, legend
from mlpcli.graph.shapes import DASHES, FAINT, INK, PURPOSES, TextLine, titled
from mlpcli.report.text import printable

AS_WIDE_AS_A_DIGIT = "\N{FIGURE SPACE}"
PLUS = "#43;"  # for Mermaid, a + begins a list in Markdown, which it rejects
ROOM = '%%{init: {"flowchart": {"rankSpacing": 120, "nodeSpacing": 24}}}%%'  # pixels between columns, and in them


def mermaid_text(graph: Graph, title: str, digits: int, note: str) -> str:
    """The drawing, with the meaning of its colors and the note below it."""
    nodes = {card.id: f"  {card.id}{_node(card)}\n" for card in cards(graph, digits)}
    if graph.columns:
        drawn = [f"{ROOM}\nflowchart LR\n"]
        for place, column in enumerate(graph.columns):
            units = "".join(nodes[unit.id] for unit in column.units)
            drawn.append(f"  subgraph c{place}[{_label([(column.caption, INK)])}]\n{units}  end\n")
        drawn += [_connection(edge, graph, digits) for edge in graph.edges]
        drawn += [_style(place, edge, graph) for place, edge in enumerate(graph.edges)]
    else:
        drawn = ["flowchart TD\n", *nodes.values(), *(f"  {edge.start} --> {edge.end}\n" for edge in graph.edges)]
    below = _below([*legend(graph), (note, FAINT)], graph.nodes[-1].id)
    return f"%% {printable(titled(title, note))}\n{''.join(drawn)}{below}"


# ----- Text in Mermaid ----------------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    """Text from a file: all but letters, digits and harmless signs become numbers, which Mermaid reads as entities.

    So there is no mark-up in it. An invisible word joiner breaks what would still be a formula between $$, a
    line break as \\n, or an icon behind fa:. It is not for lines in colors: Mermaid reads their style and what follows
    up to a semicolon as a statement, and takes that semicolon away.
    """
    apart = re.sub(r"[$\\:]", lambda sign: sign[0] + "\N{WORD JOINER}", text)
    return re.sub(r"[^\w .,()…-]", lambda sign: f"#{ord(sign[0])};", apart)


def _label(lines: Iterable[TextLine]) -> str:
    """Lines below each other, each in its color and never broken; those in ink have the color of the reader's page."""
    return '"' + "<br/>".join(_colored(*line) for line in lines if line[0]) + '"'


def _colored(text: str, purpose: str) -> str:
    if purpose == INK:
        return text
    unbroken = text.replace(" ", "\N{NO-BREAK SPACE}")
    return f"<span style='color:{PURPOSES[purpose].fill}'>{unbroken}</span>"


def _below(lines: Iterable[TextLine], last: str) -> str:
    """A node without an outline behind the last one, if there are lines."""
    text = _label(lines)
    if text == '""':
        return ""
    return f"  legend[{text}]\n  {last} ~~~ legend\n  style legend fill:none,stroke:none\n"


# ----- Nodes and edges ---------------------------------------------------------------------------------------------


def _node(card: Card) -> str:
    """A box for an operation, and a round one for a variable; less round if it has numbers, which need room."""
    name = f"{card.title} {escaped(card.note)}".rstrip() if card.kind == UNIT else card.head.replace("+", PLUS)
    head = [(name, INK)]
    text = _label([*head, *((line, shown.purpose) for shown in card.numbers for line in _numbers(shown))])
    if card.kind == OPERATION:
        return f"[{text}]"
    return f"({text})" if card.numbers else f"([{text}])"


def _numbers(numbers: Numbers) -> Iterator[str]:
    """x = [1.8 0.5]ᵀ on one line; each row of a matrix on its own line, with aligned columns."""
    if not numbers.is_matrix:
        yield f"{numbers.name} = ".removeprefix(" = ") + ", ".join(row[0] for row in numbers.cells)
    elif all(len(row) == 1 for row in numbers.cells):
        yield f"{numbers.name} = [{' '.join(row[0] for row in numbers.cells)}]ᵀ"
    else:
        yield f"{numbers.name} ="
        widths = [max(map(len, column)) for column in zip(*numbers.cells, strict=True)]
        for row in numbers.cells:
            aligned = (cell.rjust(width, AS_WIDE_AS_A_DIGIT) for cell, width in zip(row, widths, strict=True))
            yield f"[{' '.join(aligned)}]"


def _connection(edge: Edge, graph: Graph, digits: int) -> str:
    text = f"|{_label(edge.label(digits))}|" if graph.has_labels else ""
    return f"  {edge.start} -->{text} {edge.end}\n"


def _style(place: int, edge: Edge, graph: Graph) -> str:
    dashes = f",stroke-dasharray:{DASHES[0]} {DASHES[1]}" if edge.weight < 0 else ""
    return (
        f"  linkStyle {place} stroke:{PURPOSES[edge.purpose].stroke},stroke-width:{graph.width(edge):.2f}px{dashes}\n"
    )
