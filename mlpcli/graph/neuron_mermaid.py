"""Units and weighted connections for Mermaid."""

from mlpcli.graph.drawing_notes import titled
from mlpcli.graph.mermaid_text import escaped, label, legend_node
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
from mlpcli.graph.neuron_scale import ABOUT, DASHES, purpose_of, width_of_weight
from mlpcli.graph.neurons import Column, Connection, Neurons, Unit
from mlpcli.graph.picture import FAINT, INK, PURPOSES
from mlpcli.report.text import printable

ROOM = '%%{init: {"flowchart": {"rankSpacing": 120, "nodeSpacing": 24}}}%%'  # pixels between columns, and in them


def neuron_mermaid(drawn: Neurons, title: str, digits: int, note: str) -> str:
    """The drawing; negative weights are dashed. Units are boxes, since Mermaid's circles do not hold several lines."""
    columns = "".join(_column(column, drawn.layers, digits) for column in drawn.columns)
    edges = "".join(_edge(connection, drawn, digits) for connection in drawn.connections)
    styles = "".join(_style(place, connection, drawn) for place, connection in enumerate(drawn.connections))
    lines = [*((line, FAINT) for line in ABOUT), *legend(drawn), (note, FAINT)]
    below = legend_node(lines, unit_id(drawn.columns[-1].units[-1]))
    return f"%% {printable(titled(title, note))}\n{ROOM}\nflowchart LR\n{columns}{edges}{styles}{below}"


def _column(column: Column, layers: int, digits: int) -> str:
    units = "".join(f"    {unit_id(unit)}({_label(unit, layers, digits)})\n" for unit in column.units)
    return f"  subgraph c{column.layer}[{label([(caption(column), INK)])}]\n{units}  end\n"


def _label(unit: Unit, layers: int, digits: int) -> str:
    """Letter and name, value and gradient, and the bias."""
    name = f"{unit_name(unit, layers)} {escaped(name_beside(unit))}".rstrip()
    return label([(name, INK), *unit_figures(unit, digits), *bias_figures(unit, digits)])


def _edge(connection: Connection, drawn: Neurons, digits: int) -> str:
    text = f"|{label(weight_figures(connection, digits))}|" if has_labels(drawn) else ""
    return f"  {unit_id(connection.start)} -->{text} {unit_id(connection.end)}\n"


def _style(place: int, connection: Connection, drawn: Neurons) -> str:
    purpose = purpose_of(connection.weight)
    width = f"{width_of_weight(connection.weight, drawn.largest):.2f}px"
    dashes = f",stroke-dasharray:{DASHES[0]} {DASHES[1]}" if purpose == "negative" else ""
    return f"  linkStyle {place} stroke:{PURPOSES[purpose].stroke},stroke-width:{width}{dashes}\n"
