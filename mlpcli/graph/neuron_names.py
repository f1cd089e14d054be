"""What units are called, and what is said about a column of them: for all forms of drawings alike."""

from mlpcli.graph.neurons import Column, Connection, Neurons, Unit
from mlpcli.graph.picture import FAINT, INK, TextLine
from mlpcli.report.notation import lowered, raised
from mlpcli.report.text import drawn_number, printable
from mlpcli.report.widths import clipped

MOST_COLUMNS = 24  # of a name
MOST_LABELS = 24  # connections that have their weight written beside them


def unit_name(unit: Unit, layers: int) -> str:
    """x₁, h₂⁽¹⁾, ŷ₃"""
    if unit.layer == 0:
        return "x" + lowered(unit.number)
    if unit.layer == layers:
        return "ŷ" + lowered(unit.number)
    return "h" + lowered(unit.number) + raised(unit.layer)


def name_beside(unit: Unit) -> str:
    """What an input or an output is called, without harm, and not longer than there is room for."""
    return clipped(printable(unit.name), MOST_COLUMNS)


def unit_id(unit: Unit) -> str:
    """As languages for graphs take it."""
    return f"n{unit.layer}_{unit.number}"


def heading(column: Column) -> str:
    """inputs; layer 1: relu"""
    return f"layer {column.layer}: {column.activation}" if column.layer else "inputs"


def count_text(column: Column) -> str:
    """2 units; 8 of 512 units"""
    kind = "input" if column.layer == 0 else "unit"
    number = f"{len(column.units)} of {column.total}" if column.left_out else str(column.total)
    return f"{number} {kind}" + ("" if column.total == 1 else "s")


def caption(column: Column) -> str:
    """2 inputs; layer 1: relu, 8 of 512 units"""
    return f"{heading(column)}, {count_text(column)}" if column.layer else count_text(column)


def left_out_text(left: Column, right: Column) -> str:
    """⋯ 4 layers, where some between two columns are left out"""
    missing = right.layer - left.layer - 1
    return f"{missing} layers" if missing > 1 else f"{missing} layer"


def unit_figures(unit: Unit, digits: int) -> list[TextLine]:
    """A unit's value and its gradient, as far as they are known."""
    found = ((unit.value, "value"), (unit.gradient, "gradient"))
    return [(drawn_number(value, digits), purpose) for value, purpose in found if value is not None]


def bias_figures(unit: Unit, digits: int) -> list[TextLine]:
    """b 0.2, in the colour of values where its gradient stands below it, and nothing for an input."""
    if unit.bias is None:
        return []
    bias = f"b {drawn_number(unit.bias, digits)}"
    if unit.bias_gradient is None:
        return [(bias, FAINT)]
    return [(bias, "value"), (f"db {drawn_number(unit.bias_gradient, digits)}", "gradient")]


def has_labels(drawn: Neurons) -> bool:
    """Whether weights are few enough to be written beside their connections."""
    return len(drawn.connections) <= MOST_LABELS


def weight_figures(connection: Connection, digits: int) -> list[TextLine]:
    """A weight, in the colour of values where its gradient stands below it."""
    weight = drawn_number(connection.weight, digits)
    if connection.gradient is None:
        return [(weight, INK)]
    return [(weight, "value"), (drawn_number(connection.gradient, digits), "gradient")]


def legend(drawn: Neurons) -> list[TextLine]:
    """What figures in units are, as far as there are any."""
    unit = drawn.columns[0].units[0]
    if unit.gradient is not None:
        return [("upper: value", "value"), ("lower: gradient of J", "gradient")]
    return [] if unit.value is None else [("value", "value")]
