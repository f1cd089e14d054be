"""A network as its units and weighted connections. Of a large network, only some are drawn.

A layer of more units than are drawn shows the first ones and the last one. A network of more layers shows the first
ones and the last ones.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network
from mlpcli.core.propagation import forward
from mlpcli.data.dataset import numbered
from mlpcli.derivation.trace import Trace
from mlpcli.files.model import Model
from mlpcli.graph.nodes import UNIT, Edge, Graph, Node, UnitColumn
from mlpcli.report.notation import lowered

MOST_UNITS = 8  # of a layer
MOST_LAYERS = 6  # the inputs and five layers


class UnitNames(NamedTuple):
    """The names of inputs and outputs, in order, or nothing."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class Sample(NamedTuple):
    """One sample in a network: x, and its first update if there is a target."""

    x: Array  # (1, inputs)
    traced: Trace | None = None


def neurons(network: Network, sample: Sample | None = None, names: UnitNames | None = None) -> Graph:
    """The units and connections that are shown; with a sample, their values and gradients."""
    drawn = _Units(network, sample, names or UnitNames())
    layers = shown(len(network.layers) + 1, MOST_LAYERS, MOST_LAYERS // 2)
    columns = tuple(drawn.column(layer) for layer in layers)
    edges = (edge for left, right in pairwise(columns) for edge in drawn.connections(left, right))
    return Graph(tuple(unit for column in columns for unit in column.units), tuple(edges), columns)


def shown(count: int, most: int, last: int) -> Sequence[int]:
    """The places that are shown, from 0: all, or the first ones and the given number of last ones."""
    return range(count) if count <= most else [*range(most - last), *range(count - last, count)]


class _Units:
    """The units of a network by layer, the inputs being layer 0, with the numbers of a sample."""

    def __init__(self, network: Network, sample: Sample | None, names: UnitNames) -> None:
        self.network = network
        traced = sample.traced if sample else None
        self.step = traced.steps[0] if traced else None
        self.values = [sample.x, *(layer.h for layer in forward(network, sample.x).layers)] if sample else []
        self.gradients = list[Array]()
        if traced and self.step:
            own = (self.step.dx, *(layer.dh for layer in self.step.layers))  # of the sample's own loss
            self.gradients = [traced.sample_factors * gradient for gradient in own]
        last = len(network.layers)
        self.names = {0: names.inputs, last: names.outputs}
        self.letters = {0: "x", last: "ŷ"}

    def column(self, layer: int) -> UnitColumn:
        """The inputs (layer 0) or the units of a layer."""
        own = self.network.layers[layer - 1] if layer else None
        total = own.units if own else self.network.inputs
        units = tuple(self._unit(layer, place) for place in shown(total, MOST_UNITS, 1))
        return UnitColumn(layer, own.activation.name if own else "", units, total)

    def _unit(self, layer: int, place: int) -> Node:
        """Its id, as h₂⁽¹⁾ is n1_2, and its numbers."""
        names = self.names.get(layer)
        return Node(
            f"n{layer}_{place + 1}",
            UNIT,
            self.letters.get(layer, "h") + lowered(place + 1),
            None if layer in self.letters else layer,
            value=self.values[layer][:, [place]] if self.values else None,
            gradient=self.gradients[layer][:, [place]] if self.gradients else None,
            name=names[place] if names else "",
            bias=self._bias(layer, place) if layer else None,
        )

    def _bias(self, layer: int, place: int) -> tuple[float, float | None]:
        db = float(self.step.layers[layer - 1].d.b[place]) if self.step else None
        return float(self.network.parameters[layer - 1].b[place]), db

    def connections(self, left: UnitColumn, right: UnitColumn) -> Iterator[Edge]:
        """Row by row, as in the matrix; none if layers between the two are left out."""
        if right.layer != left.layer + 1:
            return
        W = self.network.parameters[left.layer].W
        dW = self.step.layers[left.layer].d.W if self.step else None
        for i, end in zip(shown(right.total, MOST_UNITS, 1), right.units, strict=True):
            for j, start in zip(shown(left.total, MOST_UNITS, 1), left.units, strict=True):
                yield Edge(start.id, end.id, float(W[i, j]), None if dW is None else float(dW[i, j]))


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
