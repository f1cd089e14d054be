"""Units and weighted connections in Graphviz's language, DOT."""

from mlpcli.core.neurons import Column, Connection, Neurons, Unit
from mlpcli.report.graphs.neuron_names import caption, figure, has_labels, unit_id, unit_name, weight_text
from mlpcli.report.graphs.neuron_scale import purpose_of, width_of_weight
from mlpcli.report.graphs.picture import PURPOSES
from mlpcli.report.text import printable

HEAD = """digraph mlp {
  graph [rankdir=LR, ranksep=1.2, fontname="Helvetica", tooltip="%s"]
  node [shape=circle, fontname="Helvetica", fontsize=12, margin="0.03,0.03"]
  edge [arrowsize=0.6, fontname="Helvetica", fontsize=10]
"""


def neuron_dot(drawn: Neurons, title: str, digits: int) -> str:
    """The drawing; negative weights are dashed."""
    columns = "".join(_column(column, drawn.layers, digits) for column in drawn.columns)
    edges = "".join(_edge(connection, drawn, digits) for connection in drawn.connections)
    return HEAD % printable(title).replace('"', "'") + columns + edges + "}\n"


def _column(column: Column, layers: int, digits: int) -> str:
    """A column is a cluster that has no border, with its heading and count."""
    units = "".join(f"    {unit_id(unit)} [label=<{_label(unit, layers, digits)}>]\n" for unit in column.units)
    return f'  subgraph cluster_{column.layer} {{\n    peripheries=0\n    label="{caption(column)}"\n{units}  }}\n'


def _label(unit: Unit, layers: int, digits: int) -> str:
    lines = [unit_name(unit, layers)]
    for value, purpose in ((unit.value, "value"), (unit.gradient, "gradient")):
        if value is not None:
            lines.append(f'<FONT COLOR="{PURPOSES[purpose].fill}">{figure(value, digits)}</FONT>')
    return "<BR/>".join(lines)


def _edge(connection: Connection, drawn: Neurons, digits: int) -> str:
    purpose = purpose_of(connection.weight)
    attributes = [
        f'color="{PURPOSES[purpose].stroke}"',
        f"penwidth={width_of_weight(connection.weight, drawn.largest):.2f}",
        f'style="{"dashed" if purpose == "negative" else "solid"}"',
        f'tooltip="{weight_text(connection, digits)}"',
    ]
    if has_labels(drawn):
        attributes.append(f'label="{weight_text(connection, digits)}"')
    return f"  {unit_id(connection.start)} -> {unit_id(connection.end)} [{', '.join(attributes)}]\n"
