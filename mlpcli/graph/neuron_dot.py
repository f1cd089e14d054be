"""Units and weighted connections in Graphviz's language, DOT."""

from collections.abc import Iterable

from mlpcli.graph.dot_text import below, coloured, quoted
from mlpcli.graph.drawing_notes import titled
from mlpcli.graph.neuron_names import (
    bias_figures,
    caption,
    has_labels,
    legend,
    name_beside,
    unit_figures,
    unit_id,
    unit_name,
    weight_figures,
)
from mlpcli.graph.neuron_scale import ABOUT, purpose_of, width_of_weight
from mlpcli.graph.neurons import Column, Connection, Neurons, Unit
from mlpcli.graph.picture import FAINT, INK, PURPOSES, TextLine
from mlpcli.report.text import drawn_number

HEAD = """digraph mlp {
  graph [rankdir=LR, ranksep=1.2, fontname="Helvetica", fontsize=12, tooltip=%s]
  node [shape=circle, fontname="Helvetica", fontsize=12, margin="0.03,0.03"]
  edge [arrowsize=0.6, fontname="Helvetica", fontsize=10]
"""


def neuron_dot(drawn: Neurons, title: str, digits: int, note: str) -> str:
    """The drawing, with what its lines and colours mean and the note below it; negative weights are dashed."""
    columns = "".join(_column(column, drawn.layers, digits) for column in drawn.columns)
    edges = "".join(_edge(connection, drawn, digits) for connection in drawn.connections)
    lines = (*(coloured(line, FAINT) for line in ABOUT), _lines(legend(drawn), "   "), coloured(note, FAINT))
    return HEAD % quoted(titled(title, note)) + columns + edges + below(lines) + "}\n"


def _column(column: Column, layers: int, digits: int) -> str:
    """A column is a cluster that has no border, with its heading and count."""
    units = "".join(f"    {unit_id(unit)} [{_attributes(unit, layers, digits)}]\n" for unit in column.units)
    head = f"    peripheries=0\n    label={quoted(caption(column))}\n"
    return f"  subgraph cluster_{column.layer} {{\n{head}{units}  }}\n"


def _attributes(unit: Unit, layers: int, digits: int) -> str:
    """A circle, or where a name may be long an ellipse, which is less high."""
    label = f"label=<{_label(unit, layers, digits)}>"
    return f"shape=ellipse, {label}" if unit.name else label


def _label(unit: Unit, layers: int, digits: int) -> str:
    """Letter and name, value and gradient, and the bias."""
    lines = [
        (unit_name(unit, layers), INK),
        (name_beside(unit), INK),
        *unit_figures(unit, digits),
        *bias_figures(unit, digits),
    ]
    return _lines(lines, "<BR/>")


def _edge(connection: Connection, drawn: Neurons, digits: int) -> str:
    purpose = purpose_of(connection.weight)
    attributes = [
        f'color="{PURPOSES[purpose].stroke}"',
        f"penwidth={width_of_weight(connection.weight, drawn.largest):.2f}",
        f'style="{"dashed" if purpose == "negative" else "solid"}"',
        f"tooltip={quoted(drawn_number(connection.weight, digits))}",
    ]
    if has_labels(drawn):
        attributes.append(f"label=<{_lines(weight_figures(connection, digits), '<BR/>')}>")
    return f"  {unit_id(connection.start)} -> {unit_id(connection.end)} [{', '.join(attributes)}]\n"


def _lines(lines: Iterable[TextLine], between: str) -> str:
    """Texts in their colours, in mark-up."""
    return between.join(coloured(*line) for line in lines if line[0])
