"""A network as its units and weighted connections. Of a large network, only some are drawn.

A layer of more units than are drawn shows the first ones and the last one. A network of more layers shows the first
ones and the last ones. The texts of a unit and the width of a weight are the same in all forms.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network
from mlpcli.core.propagation import forward
from mlpcli.data.dataset import numbered
from mlpcli.derivation.trace import StepTrace
from mlpcli.files.model import Model
from mlpcli.graph.picture import FAINT, INK, TextLine
from mlpcli.report.notation import lowered, raised
from mlpcli.report.numbers import drawn_number
from mlpcli.report.text import clipped, printable

MOST_UNITS = 8  # of a layer
MOST_LAYERS = 6  # the inputs and five layers
LONGEST_NAME = 24  # columns
MOST_LABELS = 24  # connections, at most, with their weights beside them
NARROW, WIDE = 0.7, 4.2  # pixels, of a weight of 0 and of the largest
DASHES = (7.0, 4.0)  # pixels of a dash, and between dashes
ABOUT = ("the wider a line, the larger its weight", "dashed: negative weights")


class Unit(NamedTuple):
    """An input, or a unit of a layer. Numbers count from 1, layers from 1, and the inputs are layer 0."""

    layer: int
    number: int
    letter: str  # x₁, h₂⁽¹⁾, ŷ₃
    name: str = ""  # of a feature, class, label or target
    bias: float | None = None
    bias_gradient: float | None = None  # db
    value: float | None = None  # h; of an input x
    gradient: float | None = None  # dh; of an input dx

    @property
    def id(self) -> str:
        """The id in graph languages."""
        return f"n{self.layer}_{self.number}"

    @property
    def beside(self) -> str:
        """The name, harmless and not too long."""
        return clipped(printable(self.name), LONGEST_NAME)

    def numbers(self, digits: int) -> list[TextLine]:
        """The value and its gradient, if they are known."""
        both = ((self.value, "value"), (self.gradient, "gradient"))
        return [(drawn_number(value, digits), purpose) for value, purpose in both if value is not None]

    def biases(self, digits: int) -> list[TextLine]:
        """b 0.2, in the color of values if its gradient is below it; nothing for an input."""
        if self.bias is None:
            return []
        bias = f"b {drawn_number(self.bias, digits)}"
        if self.bias_gradient is None:
            return [(bias, FAINT)]
        return [(bias, "value"), (f"db {drawn_number(self.bias_gradient, digits)}", "gradient")]


class UnitNames(NamedTuple):
    """The names of inputs and outputs, in order, or nothing."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def of_layer(self, layer: int, layers: int) -> tuple[str, ...]:
        """The names of the units of a layer; hidden ones have none."""
        return {0: self.inputs, layers: self.outputs}.get(layer, ())


class Column(NamedTuple):
    """The units of a layer that are shown, and the number of all."""

    layer: int
    activation: str  # empty for the inputs
    units: tuple[Unit, ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.units)

    @property
    def heading(self) -> str:
        """inputs; layer 1: relu"""
        return f"layer {self.layer}: {self.activation}" if self.layer else "inputs"

    @property
    def size_text(self) -> str:
        """2 units; 8 of 512 units"""
        kind = "unit" if self.layer else "input"
        number = f"{len(self.units)} of {self.total}" if self.left_out else str(self.total)
        return f"{number} {kind}" + ("" if self.total == 1 else "s")

    @property
    def caption(self) -> str:
        """2 inputs; layer 1: relu, 8 of 512 units"""
        return f"{self.heading}, {self.size_text}" if self.layer else self.size_text


class Connection(NamedTuple):
    """The weight from one unit to another. Its two hues are those of Okabe and Ito (2008) that no number has."""

    start: Unit
    end: Unit
    weight: float
    gradient: float | None = None

    @property
    def purpose(self) -> str:
        """Its colors."""
        return purpose_of(self.weight)

    def numbers(self, digits: int) -> list[TextLine]:
        """The weight, in the color of values if its gradient is below it."""
        weight = drawn_number(self.weight, digits)
        if self.gradient is None:
            return [(weight, INK)]
        return [(weight, "value"), (drawn_number(self.gradient, digits), "gradient")]


class Neurons(NamedTuple):
    """Columns from the inputs to the outputs, and the connections between neighboring layers."""

    columns: tuple[Column, ...]
    connections: tuple[Connection, ...]

    @property
    def largest(self) -> float:
        """The largest absolute weight that is shown."""
        return max((abs(connection.weight) for connection in self.connections), default=0.0)

    def width(self, weight: float) -> float:
        """The width of a line in pixels: the larger its weight, the wider."""
        return NARROW + (WIDE - NARROW) * (abs(weight) / self.largest if self.largest else 0.0)

    @property
    def has_labels(self) -> bool:
        """Whether there are few enough weights to write them beside their connections."""
        return len(self.connections) <= MOST_LABELS

    @property
    def legend(self) -> list[TextLine]:
        """The meaning of the numbers in units, if there are any."""
        unit = self.columns[0].units[0]
        if unit.gradient is not None:
            return [("upper: value", "value"), ("lower: gradient of J", "gradient")]
        return [] if unit.value is None else [("value", "value")]


def purpose_of(weight: float) -> str:
    """The purpose of a weight, which gives its colors; negative weights are dashed."""
    return "negative" if weight < 0 else "positive"


def left_out_text(left: Column, right: Column) -> str:
    """4 layers, if some between two columns are left out"""
    missing = right.layer - left.layer - 1
    return f"{missing} layers" if missing > 1 else f"{missing} layer"


class Activity(NamedTuple):
    """One sample in a network: values and gradients of J, by layer from the inputs on, and by matrix."""

    values: tuple[Array, ...] = ()  # x, h⁽¹⁾, …, ŷ
    gradients: tuple[Array, ...] = ()  # dx, dh⁽¹⁾, …, dŷ; none if there is no target
    weights: tuple[Array, ...] = ()  # dW⁽¹⁾, …
    biases: tuple[Array, ...] = ()  # db⁽¹⁾, …


def activity_of(network: Network, x: Array) -> Activity:
    """The activity for a sample without a target, x of shape (1, inputs)."""
    return Activity((x[0], *(layer.h[0] for layer in forward(network, x).layers)))


def activity_in(step: StepTrace) -> Activity:
    """The activity in a step with one sample."""
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
    return Neurons(columns, tuple(connections))


def shown(count: int, most: int, last: int) -> Sequence[int]:
    """The places that are shown, from 0: all, or the first ones and the given number of last ones."""
    return range(count) if count <= most else [*range(most - last), *range(count - last, count)]


def _column(network: Network, layer: int, activity: Activity, names: UnitNames) -> Column:
    """The inputs (layer 0) or the units of a layer."""
    own = None if layer == 0 else network.layers[layer - 1]
    total = network.inputs if own is None else own.units
    called = names.of_layer(layer, len(network.layers))
    letter, index = {0: ("x", ""), len(network.layers): ("ŷ", "")}.get(layer, ("h", raised(layer)))

    def number(arrays: Sequence[Array], index: int, place: int) -> float | None:
        return float(arrays[index][place]) if arrays and index >= 0 else None

    biases = [parameters.b for parameters in network.parameters]
    units = tuple(
        Unit(
            layer,
            place + 1,
            letter + lowered(place + 1) + index,
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
    """Row by row, as in the matrix."""
    W = network.parameters[right.layer - 1].W
    dW = activity.weights[right.layer - 1] if activity.weights else None
    for end in right.units:
        for start in left.units:
            place = end.number - 1, start.number - 1
            yield Connection(start, end, float(W[place]), None if dW is None else float(dW[place]))


def unit_names(model: Model) -> UnitNames:
    """Features, and classes, labels or targets. The output of a binary task is the probability of its second class.

    Substitutes for missing names, such as x1 and 0, are left out; but classes of data may be numbers.
    """
    features, classes = model.preparation.features, model.coding.names
    inputs = () if features == numbered(model.network.inputs) else features
    if classes == numbered(model.network.outputs, "y"):
        return UnitNames(inputs)
    if model.origin is None and classes == tuple(map(str, range(len(classes)))):
        return UnitNames(inputs)
    return UnitNames(inputs, classes[-model.network.outputs :])
