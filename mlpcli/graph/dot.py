"""Drawings in Graphviz's language, DOT.

Ellipses are variables and units, and boxes operations. With numbers, a node is a table: the value on the left in blue,
its gradient beside it in vermilion. Units are in columns, joined by lines as wide as their weights are large.
"""

from collections.abc import Iterable, Mapping
from html import escape

from mlpcli.graph.nodes import OPERATION, RIGHT, SPINE, Card, Edge, Graph, Numbers, cards, legend
from mlpcli.graph.shapes import FAINT, PURPOSES, TextLine, titled
from mlpcli.report.text import printable

HEADS = {
    False: f"""\
  graph [fontname="Helvetica", fontsize=12, tooltip=%s]
  node [fontname="Helvetica", fontsize=12, margin="0.12,0.06"]
  edge [arrowsize=0.7, color="{PURPOSES["edge"].stroke}"]
""",
    True: """\
  graph [rankdir=LR, ranksep=1.2, fontname="Helvetica", fontsize=12, tooltip=%s]
  node [fontname="Helvetica", fontsize=12, margin="0.06,0.03"]
  edge [arrowsize=0.6, fontname="Helvetica", fontsize=10]
""",
}  # of a ladder, and of units
TABLE = '<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="%d">%s</TABLE>'


def dot_text(graph: Graph, title: str, digits: int, note: str) -> str:
    """The drawing, with the meaning of its colors and the note below it."""
    nodes = {card.id: f"  {card.id} [{_attributes(card)}]\n" for card in cards(graph, digits)}
    sides = {node.id: node.side for node in graph.nodes}
    if graph.columns:
        drawn = [
            _column(place, column.caption, [nodes[unit.id] for unit in column.units])
            for place, column in enumerate(graph.columns)
        ]
        drawn += [_connection(edge, graph, digits) for edge in graph.edges]
    else:
        drawn = [*nodes.values(), *(_edge(edge, sides) for edge in graph.edges)]
    head = HEADS[bool(graph.columns)] % _quoted(titled(title, note))
    below = _below((_lines(legend(graph), "   "), _colored(note, FAINT)))
    return f"digraph mlp {{\n{head}{below}{''.join(drawn)}}}\n"


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


# ----- Nodes and edges -----------------------------------------------------------------------------------


def _edge(edge: Edge, sides: Mapping[str, str]) -> str:
    """An edge. A parameter beside the spine has the rank of its operation; on the right, DOT needs it reversed."""
    if sides[edge.start] == sides[edge.end]:
        return f"  {edge.start} -> {edge.end}{' [weight=9]' if sides[edge.start] == SPINE else ''}\n"
    way = f"{edge.end} -> {edge.start} [dir=back]" if sides[edge.start] == RIGHT else f"{edge.start} -> {edge.end}"
    return f"  {{rank=same; {way}}}\n"


def _attributes(card: Card) -> str:
    if card.kind == OPERATION:
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
    head = _colored(numbers.name, purpose)
    rows = [[_colored(cell, purpose) for cell in row] for row in numbers.cells]
    if not numbers.is_matrix:
        return TABLE % (2, "".join(f"<TR><TD>{text}</TD></TR>" for text in (head, *(row[0] for row in rows)) if text))
    cells = ["".join(f'<TD ALIGN="RIGHT">{text}</TD>' for text in row) for row in rows]
    left, right = (
        f'<TD ROWSPAN="{len(rows)}" WIDTH="6" BORDER="1" SIDES="{side}TB" COLOR="{PURPOSES[purpose].fill}"'
        f' CELLPADDING="0"></TD>'
        for side in "LR"
    )  # a cell as high as the matrix, of which three sides are drawn
    cells[0] = left + cells[0] + right
    heading = f'<TR><TD COLSPAN="{len(rows[0]) + 2}">{head}</TD></TR>'
    return TABLE % (3, heading + "".join(f"<TR>{row}</TR>" for row in cells))


def _column(place: int, caption: str, units: Iterable[str]) -> str:
    """Units in a cluster without a border, with their heading."""
    head = f"    peripheries=0\n    label={_quoted(caption)}\n"
    return f"  subgraph cluster_{place} {{\n{head}{''.join(units)}  }}\n"


def _connection(edge: Edge, graph: Graph, digits: int) -> str:
    attributes = [
        f'color="{PURPOSES[edge.purpose].stroke}"',
        f"penwidth={graph.width(edge):.2f}",
        f'style="{"dashed" if edge.weight < 0 else "solid"}"',
        f"tooltip={_quoted(edge.label(digits)[0][0])}",
    ]
    if graph.has_labels:
        attributes.append(f"label=<{_lines(edge.label(digits), '<BR/>')}>")
    return f"  {edge.start} -> {edge.end} [{', '.join(attributes)}]\n"
