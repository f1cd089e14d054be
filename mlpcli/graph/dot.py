"""Drawings in Graphviz's language, DOT.

Of a graph, ellipses are variables and boxes operations; with numbers, a node is a table: the value on the left in blue,
its gradient beside it in vermilion. Units are circles in columns, joined by lines as wide as their weights are large.
"""

from collections.abc import Iterable, Mapping
from html import escape

from mlpcli.graph.cards import Card, Numbers, cards, legend
from mlpcli.graph.graph import RIGHT, SPINE, Edge, Graph
from mlpcli.graph.neurons import ABOUT, Column, Connection, Neurons, Unit
from mlpcli.graph.picture import FAINT, INK, PURPOSES, TextLine, titled
from mlpcli.report.numbers import drawn_number
from mlpcli.report.text import printable

GRAPH_HEAD = f"""\
  graph [fontname="Helvetica", fontsize=12, tooltip=%s]
  node [fontname="Helvetica", fontsize=12, margin="0.12,0.06"]
  edge [arrowsize=0.7, color="{PURPOSES["edge"].stroke}"]
"""
UNITS_HEAD = """\
  graph [rankdir=LR, ranksep=1.2, fontname="Helvetica", fontsize=12, tooltip=%s]
  node [shape=circle, fontname="Helvetica", fontsize=12, margin="0.03,0.03"]
  edge [arrowsize=0.6, fontname="Helvetica", fontsize=10]
"""
TABLE = '<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="%d">%s</TABLE>'


def dot_text(shown: Graph | Neurons, title: str, digits: int, note: str) -> str:
    """The drawing, with the meaning of its colors and the note below it."""
    body = _units(shown, digits, note) if isinstance(shown, Neurons) else _graph(shown, digits, note)
    head = UNITS_HEAD if isinstance(shown, Neurons) else GRAPH_HEAD
    return f"digraph mlp {{\n{head % _quoted(titled(title, note))}{body}}}\n"


def _graph(graph: Graph, digits: int, note: str) -> str:
    shown = cards(graph, digits)
    nodes = "".join(f"  {card.id} [{_attributes(card)}]\n" for card in shown)
    edges = "".join(_edge(edge, {node.id: node.side for node in graph.nodes}) for edge in graph.edges)
    return _below((_lines(legend(shown), "   "), _colored(note, FAINT))) + nodes + edges


def _units(drawn: Neurons, digits: int, note: str) -> str:
    """Negative weights are dashed."""
    columns = "".join(_column(column, digits) for column in drawn.columns)
    edges = "".join(_connection(connection, drawn, digits) for connection in drawn.connections)
    lines = (*(_colored(line, FAINT) for line in ABOUT), _lines(drawn.legend, "   "), _colored(note, FAINT))
    return columns + edges + _below(lines)


# ----- Text in DOT --------------------------------------------------------------------------------------------------


def _colored(text: str, purpose: str) -> str:
    """Text in its color, in DOT's mark-up, which resembles HTML."""
    return f'<FONT COLOR="{PURPOSES[purpose].fill}">{escape(printable(text))}</FONT>' if text else ""


def _lines(lines: Iterable[TextLine], between: str) -> str:
    """Texts in their colors."""
    return between.join(_colored(*line) for line in lines if line[0])


def _quoted(text: str) -> str:
    """Text as a string."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _below(lines: Iterable[str]) -> str:
    """The attribute of a graph that writes lines, in mark-up, below it."""
    text = "".join(f'{line}<BR ALIGN="LEFT"/>' for line in lines if line)
    return f"  graph [labelloc=b, labeljust=l, label=<{text}>]\n" if text else ""


# ----- Nodes and edges of a graph -----------------------------------------------------------------------------------


def _edge(edge: Edge, sides: Mapping[str, str]) -> str:
    """An edge. A parameter beside the spine has the rank of its operation; on the right, DOT needs it reversed."""
    if sides[edge.start] == sides[edge.end]:
        return f"  {edge.start} -> {edge.end}{' [weight=9]' if sides[edge.start] == SPINE else ''}\n"
    way = f"{edge.end} -> {edge.start} [dir=back]" if sides[edge.start] == RIGHT else f"{edge.start} -> {edge.end}"
    return f"  {{rank=same; {way}}}\n"


def _attributes(card: Card) -> str:
    if not card.is_variable:
        fill = PURPOSES["operation"]
        return f'shape=box, style=filled, fillcolor="{fill.fill}", color="{fill.stroke}", label=<{_label(card)}>'
    return f"shape={'box, style=rounded' if card.numbers else 'ellipse'}, label=<{_label(card)}>"


def _label(card: Card) -> str:
    """The title and the numbers below it. A variable with numbers has its letter there."""
    title = escape(printable(card.title)) + (" " + _colored(card.note, FAINT) if card.note else "")
    numbers = "".join(f"<TD>{_numbers(shown)}</TD>" for shown in card.numbers)
    if not numbers:
        return title
    head = f'<TR><TD COLSPAN="{len(card.numbers)}">{title}</TD></TR>' if card.head else ""
    return TABLE % (6, f"{head}<TR>{numbers}</TR>")


def _numbers(numbers: Numbers) -> str:
    """Its letter or purpose above the numbers, in columns between brackets."""
    purpose = numbers.purpose
    head = _colored(numbers.title or purpose, purpose)
    rows = [[_colored(cell, purpose) for cell in row] for row in numbers.cells]
    if not numbers.is_matrix:
        return TABLE % (2, "".join(f"<TR><TD>{text}</TD></TR>" for text in (head, *(row[0] for row in rows))))
    cells = ["".join(f'<TD ALIGN="RIGHT">{text}</TD>' for text in row) for row in rows]
    left, right = (
        f'<TD ROWSPAN="{len(rows)}" WIDTH="6" BORDER="1" SIDES="{side}TB" COLOR="{PURPOSES[purpose].fill}"'
        f' CELLPADDING="0"></TD>'
        for side in "LR"
    )  # a cell as high as the matrix, of which three sides are drawn
    cells[0] = left + cells[0] + right
    heading = f'<TR><TD COLSPAN="{len(rows[0]) + 2}">{head}</TD></TR>'
    return TABLE % (3, heading + "".join(f"<TR>{row}</TR>" for row in cells))


# ----- Units --------------------------------------------------------------------------------------------------------


def _column(column: Column, digits: int) -> str:
    """A column: a cluster without a border, with its heading and count."""
    units = "".join(f"    {unit.id} [{_unit(unit, digits)}]\n" for unit in column.units)
    head = f"    peripheries=0\n    label={_quoted(column.caption)}\n"
    return f"  subgraph cluster_{column.layer} {{\n{head}{units}  }}\n"


def _unit(unit: Unit, digits: int) -> str:
    """Letter and name, value and gradient, and the bias. With a name, which may be long, it is an ellipse."""
    names = [(unit.letter, INK), (unit.beside, INK)]
    label = _lines([*names, *unit.numbers(digits), *unit.biases(digits)], "<BR/>")
    return f"{'shape=ellipse, ' if unit.name else ''}label=<{label}>"


def _connection(connection: Connection, drawn: Neurons, digits: int) -> str:
    attributes = [
        f'color="{PURPOSES[connection.purpose].stroke}"',
        f"penwidth={drawn.width(connection.weight):.2f}",
        f'style="{"dashed" if connection.purpose == "negative" else "solid"}"',
        f"tooltip={_quoted(drawn_number(connection.weight, digits))}",
    ]
    if drawn.has_labels:
        attributes.append(f"label=<{_lines(connection.numbers(digits), '<BR/>')}>")
    return f"  {connection.start.id} -> {connection.end.id} [{', '.join(attributes)}]\n"
