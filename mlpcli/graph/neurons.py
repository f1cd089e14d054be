"""A network as its units and the weighted connections between them; of a large one, some of both.

A layer of more units than are drawn shows the first ones and the last one. A network of more layers shows the first
ones and the last ones. What all forms of the drawing say about units, and how wide a weight is, stands here too.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network
from mlpcli.core.propagation import forward
from mlpcli.core.tracing import StepTrace
from mlpcli.data.dataset import numbered
from mlpcli.files.model import Model
from mlpcli.graph.picture import FAINT, INK, TextLine
from mlpcli.report.notation import lowered, raised
from mlpcli.report.text import drawn_number, printable
from mlpcli.report.widths import clipped

MOST_UNITS = 8  # of a layer
MOST_LAYERS = 6  # the inputs and five layers
LONGEST_NAME = 24  # columns
MOST_LABELS = 24  # connections that have their weight written beside them


class Unit(NamedTuple):
    """An input, or a unit of a layer. Numbers count from 1, layers from 1, and the inputs are layer 0."""

    layer: int
    number: int
    name: str = ""  # of a feature, or of what an output stands for
    bias: float | None = None
    bias_gradient: float | None = None  # db
    value: float | None = None  # h; of an input x
    gradient: float | None = None  # dh; of an input dx


class UnitNames(NamedTuple):
    """What inputs and outputs are called, in order, or nothing."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def of_layer(self, layer: int, layers: int) -> tuple[str, ...]:
        """Those of a layer's units; hidden ones have none."""
        return {0: self.inputs, layers: self.outputs}.get(layer, ())


class Column(NamedTuple):
    """The units of a layer that are shown, and how many it has."""

    layer: int
    activation: str  # empty for the inputs
    units: tuple[Unit, ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.units)


class Connection(NamedTuple):
    """What a unit takes from another."""

    start: Unit
    end: Unit
    weight: float
    gradient: float | None = None


class Neurons(NamedTuple):
    """Columns from the inputs to the outputs, and the connections between those that follow each other."""

    columns: tuple[Column, ...]
    connections: tuple[Connection, ...]
    layers: int  # of the whole network

    @property
    def largest(self) -> float:
        """The largest absolute weight that is shown, for a scale."""
        return max((abs(connection.weight) for connection in self.connections), default=0.0)


class Activity(NamedTuple):
    """What one sample does to a network: by layer from the inputs on, and by matrix. Gradients are of J."""

    values: tuple[Array, ...] = ()  # x, h⁽¹⁾, …, ŷ
    gradients: tuple[Array, ...] = ()  # dx, dh⁽¹⁾, …, dŷ; none if there is no target
    weights: tuple[Array, ...] = ()  # dW⁽¹⁾, …
    biases: tuple[Array, ...] = ()  # db⁽¹⁾, …


def activity_of(network: Network, x: Array) -> Activity:
    """That of a sample without a target, x of shape (1, inputs)."""
    return Activity((x[0], *(layer.h[0] for layer in forward(network, x).layers)))


def activity_in(step: StepTrace) -> Activity:
    """That of a step with one sample."""
    return Activity(
        (step.x[0], *(layer.h[0] for layer in step.layers)),
        (step.dx[0], *(layer.dh[0] for layer in step.layers)),
        tuple(layer.d.W for layer in step.layers),
        tuple(layer.d.b for layer in step.layers),
    )


def neurons(network: Network, activity: Activity | None = None, names: UnitNames | None = None) -> Neurons:
    """The units and connections that are shown."""
    activity = activity or Activity()
    layers = shown(len(network.layers) + 1, MOST_LAYERS, MOST_LAYERS // 2)
    columns = tuple(_column(network, layer, activity, names or UnitNames()) for layer in layers)
    connections = (
        connection
        for left, right in pairwise(columns)
        if right.layer == left.layer + 1
        for connection in _connections(network, left, right, activity)
    )
    return Neurons(columns, tuple(connections), len(network.layers))


def shown(count: int, most: int, last: int) -> Sequence[int]:
    """Which of so many places, from 0: all, or the first ones and so many of the last."""
    return range(count) if count <= most else [*range(most - last), *range(count - last, count)]


def _column(network: Network, layer: int, activity: Activity, names: UnitNames) -> Column:
    """The inputs (layer 0) or the units of a layer."""
    own = None if layer == 0 else network.layers[layer - 1]
    total = network.inputs if own is None else own.units
    called = names.of_layer(layer, len(network.layers))

    def number(arrays: Sequence[Array], index: int, place: int) -> float | None:
        return float(arrays[index][place]) if arrays and index >= 0 else None

    biases = [parameters.b for parameters in network.parameters]
    units = tuple(
        Unit(
            layer,
            place + 1,
            called[place] if called else "",
            number(biases, layer - 1, place),
            number(activity.biases, layer - 1, place),
            number(activity.values, layer, place),
            number(activity.gradients, layer, place),
        )
        for place in shown(total, MOST_UNITS, 1)
    )
    return Column(layer, "" if own is None else own.activation.name, units, total)


def _connections(network: Network, left: Column, right: Column, activity: Activity) -> Iterator[Connection]:
    """Row by row, as the matrix has them."""
    W = network.parameters[right.layer - 1].W
    dW = activity.weights[right.layer - 1] if activity.weights else None
    for end in right.units:
        for start in left.units:
            place = end.number - 1, start.number - 1
            yield Connection(start, end, float(W[place]), None if dW is None else float(dW[place]))


# ----- Names and numbers --------------------------------------------------------------------------------------------


def unit_names(model: Model) -> UnitNames:
    """Features, and classes, labels or targets. The one output of a binary task is the probability of its second class.

    What stands for names if a file has none, x1 and 0 for instance, is none; but classes of data may be numbers.
    """
    features, classes = model.preparation.features, model.coding.names
    inputs = () if features == numbered(model.network.inputs) else features
    if classes == numbered(model.network.outputs, "y"):
        return UnitNames(inputs)
    if model.origin is None and classes == tuple(map(str, range(len(classes)))):
        return UnitNames(inputs)
    return UnitNames(inputs, classes[-model.network.outputs :])


def unit_name(unit: Unit, layers: int) -> str:
    """x₁, h₂⁽¹⁾, ŷ₃"""
    letter = {0: "x", layers: "ŷ"}.get(unit.layer)
    return (letter or "h") + lowered(unit.number) + ("" if letter else raised(unit.layer))


def name_beside(unit: Unit) -> str:
    """What an input or an output is called, made harmless, and not longer than there is room for."""
    return clipped(printable(unit.name), LONGEST_NAME)


def unit_id(unit: Unit) -> str:
    """As languages for graphs take it."""
    return f"n{unit.layer}_{unit.number}"


def heading(column: Column) -> str:
    """inputs; layer 1: relu"""
    return f"layer {column.layer}: {column.activation}" if column.layer else "inputs"


def count_text(column: Column) -> str:
    """2 units; 8 of 512 units"""
    kind = "unit" if column.layer else "input"
    number = f"{len(column.units)} of {column.total}" if column.left_out else str(column.total)
    return f"{number} {kind}" + ("" if column.total == 1 else "s")


def caption(column: Column) -> str:
    """2 inputs; layer 1: relu, 8 of 512 units"""
    return f"{heading(column)}, {count_text(column)}" if column.layer else count_text(column)


def left_out_text(left: Column, right: Column) -> str:
    """4 layers, if some between two columns are left out"""
    missing = right.layer - left.layer - 1
    return f"{missing} layers" if missing > 1 else f"{missing} layer"


def unit_numbers(unit: Unit, digits: int) -> list[TextLine]:
    """A unit's value and its gradient, as far as they are known."""
    both = ((unit.value, "value"), (unit.gradient, "gradient"))
    return [(drawn_number(value, digits), purpose) for value, purpose in both if value is not None]


def bias_numbers(unit: Unit, digits: int) -> list[TextLine]:
    """b 0.2, in the color of values if its gradient stands below it, and nothing for an input."""
    if unit.bias is None:
        return []
    bias = f"b {drawn_number(unit.bias, digits)}"
    if unit.bias_gradient is None:
        return [(bias, FAINT)]
    return [(bias, "value"), (f"db {drawn_number(unit.bias_gradient, digits)}", "gradient")]


def weight_numbers(connection: Connection, digits: int) -> list[TextLine]:
    """A weight, in the color of values if its gradient stands below it."""
    weight = drawn_number(connection.weight, digits)
    if connection.gradient is None:
        return [(weight, INK)]
    return [(weight, "value"), (drawn_number(connection.gradient, digits), "gradient")]


def has_labels(drawn: Neurons) -> bool:
    """Whether weights are few enough to be written beside their connections."""
    return len(drawn.connections) <= MOST_LABELS


def legend(drawn: Neurons) -> list[TextLine]:
    """What the numbers in units are, as far as there are any."""
    unit = drawn.columns[0].units[0]
    if unit.gradient is not None:
        return [("upper: value", "value"), ("lower: gradient of J", "gradient")]
    return [] if unit.value is None else [("value", "value")]


# ----- How a weight looks -------------------------------------------------------------------------------------------

# The larger, the wider. The two hues are those of Okabe and Ito (2008) that neither values nor gradients have.
ABOUT = ("the wider a line, the larger its weight", "dashed: negative weights")
NARROW, WIDE = 0.7, 4.2  # pixels, of a weight of 0 and of the largest
DASHES = (7.0, 4.0)  # pixels of a dash, and between dashes


def purpose_of(weight: float) -> str:
    """Which colors a connection has."""
    return "negative" if weight < 0 else "positive"


def width_of_weight(weight: float, largest: float) -> float:
    """How wide a connection is."""
    return NARROW + (WIDE - NARROW) * (abs(weight) / largest if largest else 0.0)
