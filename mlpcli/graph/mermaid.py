"""Drawings for Mermaid, which GitHub and GitLab draw in Markdown.

Of a graph, round boxes are variables and square ones operations. Units are boxes too, since Mermaid's circles cannot
hold several lines. Values are blue and gradients vermilion if the page allows colors, and all have their names.

Labels have no double quotes, which would end them, and no semicolons, since Mermaid removes some of these.
"""

import re
from collections.abc import Iterable, Iterator

from mlpcli.graph.cards import Card, Numbers, cards, legend
from mlpcli.graph.graph import Graph
from mlpcli.graph.neurons import ABOUT, DASHES, Column, Connection, Neurons
from mlpcli.graph.picture import FAINT, INK, PURPOSES, TextLine, titled
from mlpcli.report.text import printable

AS_WIDE_AS_A_DIGIT = "\N{FIGURE SPACE}"
PLUS = "#43;"  # for Mermaid, a + begins a list in Markdown, which it rejects
ROOM = '%%{init: {"flowchart": {"rankSpacing": 120, "nodeSpacing": 24}}}%%'  # pixels between columns, and in them


def mermaid_text(shown: Graph | Neurons, title: str, digits: int, note: str) -> str:
    """The drawing, with the meaning of its colors and the note below it."""
    body = _units(shown, digits, note) if isinstance(shown, Neurons) else _graph(shown, digits, note)
    return f"%% {printable(titled(title, note))}\n{body}"


def _graph(graph: Graph, digits: int, note: str) -> str:
    shown = cards(graph, digits)
    nodes = "".join(f"  {card.id}{_node(card)}\n" for card in shown)
    edges = "".join(f"  {start} --> {end}\n" for start, end in graph.edges)
    return f"flowchart TD\n{nodes}{edges}{_below([*legend(shown), (note, FAINT)], shown[-1].id)}"


def _units(drawn: Neurons, digits: int, note: str) -> str:
    """Negative weights are dashed."""
    columns = "".join(_column(column, digits) for column in drawn.columns)
    edges = "".join(_connection(connection, drawn, digits) for connection in drawn.connections)
    styles = "".join(_style(place, connection, drawn) for place, connection in enumerate(drawn.connections))
    below = _below([*((line, FAINT) for line in ABOUT), *drawn.legend, (note, FAINT)], drawn.columns[-1].units[-1].id)
    return f"{ROOM}\nflowchart LR\n{columns}{edges}{styles}{below}"


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


# ----- Nodes of a graph ---------------------------------------------------------------------------------------------


def _node(card: Card) -> str:
    """A box for an operation, and a round one for a variable; less round if it has numbers, which need room."""
    head = [(card.head.replace("+", PLUS), INK)]
    text = _label([*head, *((line, shown.purpose) for shown in card.numbers for line in _numbers(shown))])
    if not card.is_variable:
        return f"[{text}]"
    return f"({text})" if card.numbers else f"([{text}])"


def _numbers(numbers: Numbers) -> Iterator[str]:
    """x = [1.8 0.5]ᵀ on one line; each row of a matrix on its own line, with aligned columns."""
    name = numbers.title or numbers.purpose
    if not numbers.is_matrix:
        yield f"{name} = {', '.join(row[0] for row in numbers.cells)}"
    elif all(len(row) == 1 for row in numbers.cells):
        yield f"{name} = [{' '.join(row[0] for row in numbers.cells)}]ᵀ"
    else:
        yield f"{name} ="
        widths = [max(map(len, column)) for column in zip(*numbers.cells, strict=True)]
        for row in numbers.cells:
            aligned = (cell.rjust(width, AS_WIDE_AS_A_DIGIT) for cell, width in zip(row, widths, strict=True))
            yield f"[{' '.join(aligned)}]"


# ----- Units --------------------------------------------------------------------------------------------------------


def _column(column: Column, digits: int) -> str:
    """Letter and name, value and gradient, and the bias of each unit."""
    units = ""
    for unit in column.units:
        name = f"{unit.letter} {escaped(unit.beside)}".rstrip()
        units += f"    {unit.id}({_label([(name, INK), *unit.numbers(digits), *unit.biases(digits)])})\n"
    return f"  subgraph c{column.layer}[{_label([(column.caption, INK)])}]\n{units}  end\n"


def _connection(connection: Connection, drawn: Neurons, digits: int) -> str:
    text = f"|{_label(connection.numbers(digits))}|" if drawn.has_labels else ""
    return f"  {connection.start.id} -->{text} {connection.end.id}\n"


def _style(place: int, connection: Connection, drawn: Neurons) -> str:
    width = f"{drawn.width(connection.weight):.2f}px"
    dashes = f",stroke-dasharray:{DASHES[0]} {DASHES[1]}" if connection.purpose == "negative" else ""
    return f"  linkStyle {place} stroke:{PURPOSES[connection.purpose].stroke},stroke-width:{width}{dashes}\n"
