"""A computational graph in Graphviz's language, DOT: ellipses for variables, boxes for operations."""

from html import escape

from mlpcli.core.graph import Graph
from mlpcli.report.graphs.graph_cards import Card, Figure, cards
from mlpcli.report.graphs.picture import PURPOSES
from mlpcli.report.text import printable

HEAD = """digraph mlp {
  graph [fontname="Helvetica", tooltip="%s"]
  node [fontname="Helvetica", fontsize=12, margin="0.12,0.06"]
  edge [arrowsize=0.7, color="%s"]
"""


def graph_dot(graph: Graph, title: str, digits: int) -> str:
    """The graph; values are blue, gradients vermilion."""
    nodes = "".join(f"  {card.id} [{_attributes(card)}]\n" for card in cards(graph, digits))
    edges = "".join(f"  {start} -> {end}\n" for start, end in graph.edges)
    return HEAD % (_quoted(title), PURPOSES["edge"].stroke) + nodes + edges + "}\n"


def _attributes(card: Card) -> str:
    if not card.is_variable:
        fill = PURPOSES["operation"]
        return f'shape=box, style=filled, fillcolor="{fill.fill}", color="{fill.stroke}", label={_label(card)}'
    if card.value is None:
        return f"shape=ellipse, label={_label(card)}"
    return f"shape=box, style=rounded, label={_label(card)}"


def _label(card: Card) -> str:
    """In DOT's own mark-up, which is like HTML's."""
    figures = [
        f"<TD>{_figure(figure, purpose)}</TD>"
        for figure, purpose in ((card.value, "value"), (card.gradient, "gradient"))
        if figure is not None
    ]
    note = f' <FONT COLOR="{PURPOSES["faint"].fill}">{_plain(card.note)}</FONT>' if card.note else ""
    title = f"{_plain(card.title)}{note}"
    if not figures:
        return f"<{title}>"
    head = "" if card.is_variable else f'<TR><TD COLSPAN="{len(figures)}">{title}</TD></TR>'
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{head}<TR>{"".join(figures)}</TR></TABLE>>'


def _figure(figure: Figure, purpose: str) -> str:
    rows = [figure.title] if figure.title else []
    rows += ["  ".join(row) for row in figure.cells]
    text = "<BR/>".join(map(_plain, rows))
    return f'<FONT COLOR="{PURPOSES[purpose].fill}">{text}</FONT>'


def _plain(text: str) -> str:
    return escape(printable(text))


def _quoted(text: str) -> str:
    return printable(text).replace("\\", "\\\\").replace('"', '\\"')
