"""A network as its units and the weighted connections between them; of a large one, some of both.

A layer of more units than are drawn shows the first ones and the last one, a network of more layers the first ones and
the last ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network
from mlpcli.core.propagation import forward
from mlpcli.core.tracing import StepTrace
from mlpcli.data.dataset import numbered
from mlpcli.files.model import Model

MOST_UNITS = 8  # of a layer
MOST_COLUMNS = 6  # the inputs and five layers


@dataclass(frozen=True)
class Unit:
    """An input, or a unit of a layer. Numbers count from 1, layers from 1, and the inputs are layer 0."""

    layer: int
    number: int
    name: str = ""  # of a feature, or of what an output stands for
    bias: float | None = None
    bias_gradient: float | None = None  # db
    value: float | None = None  # h; of an input x
    gradient: float | None = None  # dh; of an input dx


@dataclass(frozen=True)
class UnitNames:
    """What inputs and outputs are called, in order, or nothing."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def of_layer(self, layer: int, layers: int) -> tuple[str, ...]:
        """Those of a layer's units; hidden ones have none."""
        return {0: self.inputs, layers: self.outputs}.get(layer, ())


@dataclass(frozen=True)
class Column:
    """The units of a layer that are shown, and how many it has."""

    layer: int
    activation: str  # empty for the inputs
    units: tuple[Unit, ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.units)


@dataclass(frozen=True)
class Connection:
    """What a unit takes from another."""

    start: Unit
    end: Unit
    weight: float
    gradient: float | None = None


@dataclass(frozen=True)
class Neurons:
    """Columns from the inputs to the outputs, and the connections between those that follow each other."""

    columns: tuple[Column, ...]
    connections: tuple[Connection, ...]
    layers: int  # of the whole network

    @property
    def largest(self) -> float:
        """The largest absolute weight that is shown, for a scale."""
        return max((abs(connection.weight) for connection in self.connections), default=0.0)


@dataclass(frozen=True)
class Activity:
    """What one sample does to a network: by layer from the inputs on, and by matrix. Gradients are of J."""

    values: tuple[Array, ...]  # x, h⁽¹⁾, …, ŷ
    gradients: tuple[Array, ...] = ()  # dx, dh⁽¹⁾, …, dŷ; none where there is no target
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
    layers = shown(len(network.layers) + 1, MOST_COLUMNS, MOST_COLUMNS // 2)
    columns = tuple(_column(network, layer, activity or Activity(()), names or UnitNames()) for layer in layers)
    found = (
        connection
        for left, right in pairwise(columns)
        if right.layer == left.layer + 1
        for connection in _connections(network, left, right, activity)
    )
    return Neurons(columns, tuple(found), len(network.layers))


def shown(count: int, most: int, last: int) -> Sequence[int]:
    """Which of so many places, from 0: all, or the first ones and so many of the last."""
    if count <= most:
        return range(count)
    return [*range(most - last), *range(count - last, count)]


def _column(network: Network, layer: int, activity: Activity, names: UnitNames) -> Column:
    """The inputs (layer 0) or the units of a layer."""
    total = network.inputs if layer == 0 else network.layers[layer - 1].units
    biases = None if layer == 0 else network.parameters[layer - 1].b
    called = names.of_layer(layer, len(network.layers))
    d_biases = activity.biases[layer - 1] if layer > 0 and activity.biases else None
    units = tuple(
        Unit(
            layer,
            place + 1,
            called[place] if called else "",
            None if biases is None else float(biases[place]),
            None if d_biases is None else float(d_biases[place]),
            float(activity.values[layer][place]) if activity.values else None,
            float(activity.gradients[layer][place]) if activity.gradients else None,
        )
        for place in shown(total, MOST_UNITS, 1)
    )
    return Column(layer, "" if layer == 0 else network.layers[layer - 1].activation.name, units, total)


def _connections(network: Network, left: Column, right: Column, activity: Activity | None) -> Iterator[Connection]:
    """Row by row, as the matrix has them."""
    W = network.parameters[right.layer - 1].W
    dW = activity.weights[right.layer - 1] if activity is not None and activity.weights else None
    for end in right.units:
        for start in left.units:
            place = end.number - 1, start.number - 1
            yield Connection(start, end, float(W[place]), None if dW is None else float(dW[place]))


def unit_names(model: Model) -> UnitNames:
    """Features, and classes, labels or targets. The one output of a binary task is the probability of its second class.

    What stands for names where a file has none, x1 and 0 for instance, is none; but classes of data may be numbers.
    """
    features, classes = model.preparation.features, model.coding.names
    inputs = () if features == numbered(model.network.inputs) else features
    if classes == numbered(model.network.outputs, "y"):
        return UnitNames(inputs)
    if model.origin is None and classes == tuple(map(str, range(len(classes)))):
        return UnitNames(inputs)
    return UnitNames(inputs, classes[-model.network.outputs :])
