"""Units and weighted connections for Mermaid."""

from mlpcli.core.neurons import Column, Connection, Neurons, Unit
from mlpcli.report.graphs.neuron_names import caption, figure, has_labels, unit_id, unit_name, weight_text
from mlpcli.report.graphs.neuron_scale import DASHES, purpose_of, width_of_weight
from mlpcli.report.graphs.picture import PURPOSES
from mlpcli.report.text import printable


def neuron_mermaid(drawn: Neurons, title: str, digits: int) -> str:
    """The drawing; negative weights are dashed."""
    columns = "".join(_column(column, drawn.layers, digits) for column in drawn.columns)
    edges = "".join(_edge(connection, drawn, digits) for connection in drawn.connections)
    styles = "".join(_style(place, connection, drawn) for place, connection in enumerate(drawn.connections))
    return f"%% {printable(title)}\nflowchart LR\n{columns}{edges}{styles}"


def _column(column: Column, layers: int, digits: int) -> str:
    units = "".join(f'    {unit_id(unit)}(("{_label(unit, layers, digits)}"))\n' for unit in column.units)
    return f'  subgraph c{column.layer}["{caption(column)}"]\n{units}  end\n'


def _label(unit: Unit, layers: int, digits: int) -> str:
    lines = [unit_name(unit, layers)]
    for value, purpose in ((unit.value, "value"), (unit.gradient, "gradient")):
        if value is not None:
            lines.append(f"<span style='color:{PURPOSES[purpose].fill}'>{figure(value, digits)}</span>")
    return "<br/>".join(lines)


def _edge(connection: Connection, drawn: Neurons, digits: int) -> str:
    label = f'|"{weight_text(connection, digits)}"|' if has_labels(drawn) else ""
    return f"  {unit_id(connection.start)} -->{label} {unit_id(connection.end)}\n"


def _style(place: int, connection: Connection, drawn: Neurons) -> str:
    purpose = purpose_of(connection.weight)
    width = f"{width_of_weight(connection.weight, drawn.largest):.2f}px"
    dashes = f",stroke-dasharray:{DASHES[0]} {DASHES[1]}" if purpose == "negative" else ""
    return f"  linkStyle {place} stroke:{PURPOSES[purpose].stroke},stroke-width:{width}{dashes}\n"
