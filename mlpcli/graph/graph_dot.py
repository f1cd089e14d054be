"""A computational graph in Graphviz's language, DOT: ellipses for variables, boxes for operations.

With figures, a node is a table: the value on the left in blue, its gradient beside it in vermilion.
"""

from mlpcli.graph.dot_text import below, coloured, plain, quoted
from mlpcli.graph.drawing_notes import titled
from mlpcli.graph.graph import Graph
from mlpcli.graph.graph_cards import Card, Figure, cards
from mlpcli.graph.picture import FAINT, PURPOSES

HEAD = """digraph mlp {
  graph [fontname="Helvetica", fontsize=12, ordering=in, tooltip=%s]
  node [fontname="Helvetica", fontsize=12, margin="0.12,0.06"]
  edge [arrowsize=0.7, color="%s"]
"""
TABLE = '<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="%d">%s</TABLE>'


def graph_dot(graph: Graph, title: str, digits: int, note: str) -> str:
    """The graph, with what its colours mean and the note below it."""
    shown = cards(graph, digits)
    head = HEAD % (quoted(titled(title, note)), PURPOSES["edge"].stroke)
    nodes = "".join(f"  {card.id} [{_attributes(card)}]\n" for card in shown)
    edges = "".join(f"  {start} -> {end}\n" for start, end in graph.edges)
    return head + below((_legend(shown), coloured(note, FAINT))) + nodes + edges + "}\n"


def _legend(shown: tuple[Card, ...]) -> str:
    """What is a value and what a gradient, where there are both."""
    if not any(card.gradient for card in shown):
        return ""
    return coloured("left: value", "value") + "   " + coloured("right: gradient of J", "gradient")


def _attributes(card: Card) -> str:
    if not card.is_variable:
        fill = PURPOSES["operation"]
        return f'shape=box, style=filled, fillcolor="{fill.fill}", color="{fill.stroke}", label=<{_label(card)}>'
    return f"shape={'box, style=rounded' if card.value else 'ellipse'}, label=<{_label(card)}>"


def _label(card: Card) -> str:
    """The title, and below it the figures, whose letters are the title of a variable."""
    title = plain(card.title) + (" " + coloured(card.note, FAINT) if card.note else "")
    named = ((card.value, "value"), (card.gradient, "gradient"))
    figures = [f"<TD>{_figure(figure, purpose)}</TD>" for figure, purpose in named if figure is not None]
    if not figures:
        return title
    head = "" if card.is_variable else f'<TR><TD COLSPAN="{len(figures)}">{title}</TD></TR>'
    return TABLE % (6, f"{head}<TR>{''.join(figures)}</TR>")


def _figure(figure: Figure, purpose: str) -> str:
    """Its letter, or what it is, above its numbers, which stand in columns."""
    head = coloured(figure.title or purpose, purpose)
    rows = [[coloured(cell, purpose) for cell in row] for row in figure.cells]
    if not figure.is_matrix:
        return TABLE % (2, "".join(f"<TR><TD>{text}</TD></TR>" for text in (head, *(row[0] for row in rows))))
    cells = ["".join(f'<TD ALIGN="RIGHT">{text}</TD>' for text in row) for row in rows]
    cells[0] = _bracket("LTB", len(rows), purpose) + cells[0] + _bracket("RTB", len(rows), purpose)
    heading = f'<TR><TD COLSPAN="{len(rows[0]) + 2}">{head}</TD></TR>'
    return TABLE % (3, heading + "".join(f"<TR>{row}</TR>" for row in cells))


def _bracket(sides: str, rows: int, purpose: str) -> str:
    """A cell as high as the matrix, of which three sides are drawn."""
    colour = PURPOSES[purpose].fill
    return f'<TD ROWSPAN="{rows}" WIDTH="6" BORDER="1" SIDES="{sides}" COLOR="{colour}" CELLPADDING="0"></TD>'
