"""The computational graph of a network with its objective: variables, operations, and how data flow between them.

It is drawn as in Goodfellow et al., Deep Learning, 6.5.1, and the lecture. The operands of an operation are the nodes
that lead to it, in order. Its result is the variable behind it, or an operand of the next operation.

    W⁽ᵏ⁾, h⁽ᵏ⁻¹⁾ → matmul;  matmul, b⁽ᵏ⁾ → + → a⁽ᵏ⁾ → f → h⁽ᵏ⁾;  ŷ, y → loss → L;  W⁽¹⁾, … → Ω → λ·;  L, λ· → + → J

The graph of a network is a ladder. Its spine runs from x to J. Weights and the regularizer are on the left; biases,
learned slopes and y on the right.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.network import Layer
from mlpcli.core.objective import Objective, half_sum_of_squares, sum_of_absolutes

VARIABLE, OPERATION = "variable", "operation"
SPINE, LEFT, RIGHT = "spine", "left", "right"
MOST_LAYERS = 5  # that are drawn individually
Shape = tuple[int, ...]  # (rows, columns) of a matrix, (n,) of a column, () of a number


class Node(NamedTuple):
    """A variable or an operation. The shape, value and gradient of an operation are those of its result."""

    id: str
    kind: str
    symbol: str  # the letter of a variable, the name of an operation
    layer: int | None
    shape: Shape
    side: str = SPINE  # of the ladder
    last: int | None = None  # layer, if one node represents all layers from `layer` to it
    constant: float | None = None  # λ, of the operation that multiplies by it
    value: Array | None = None  # (rows, columns); samples are columns, as in a = Wh + b
    gradient: Array | None = None  # ∂J/∂value, of the same shape

    @property
    def is_variable(self) -> bool:
        return self.kind == VARIABLE


class Edge(NamedTuple):
    """A value flows from one node, by its id, to another."""

    start: str
    end: str


class Graph(NamedTuple):
    """Nodes in the order in which they are computed; the edges into a node are in the order of its operands."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def operands(self, name: str) -> list[str]:
        """The ids of the nodes that lead to one."""
        return [edge.start for edge in self.edges if edge.end == name]

    def result_of(self, node: Node) -> Node | None:
        """The variable that holds the result of an operation, if one does."""
        after = {edge.end for edge in self.edges if edge.start == node.id}
        return next((other for other in self.nodes if other.id in after and other.is_variable), None)


class Scope(NamedTuple):
    """How much is drawn: a prediction ends at ŷ and needs no objective; biases may be left out."""

    biases: bool = True
    objective: bool = True


def computational_graph(
    layers: Sequence[Layer], objective: Objective, samples: int = 1, scope: Scope | None = None
) -> Graph:
    """The graph of J (or only of ŷ) for a number of samples, without values."""
    scope = scope or Scope()
    growing = _Growing([], [])
    y_hat = _prediction(growing, layers, samples, scope.biases)
    if scope.objective:
        _objective(growing, layers, objective, samples, y_hat)
    return Graph(tuple(growing.nodes), tuple(growing.edges))


class _Growing(NamedTuple):
    """A graph under construction."""

    nodes: list[Node]
    edges: list[Edge]

    def add(self, node: Node, *operands: str) -> str:
        """Adds a node behind its operands. Returns its id."""
        self.nodes.append(node)
        self.edges.extend(Edge(operand, node.id) for operand in operands)
        return node.id


def _columns(rows: int, samples: int) -> Shape:
    """The shape of one column for each sample."""
    return (rows,) if samples == 1 else (rows, samples)


class Stretch(NamedTuple):
    """A layer, or several of a deep network that are drawn as one operation."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """The end of the ids of its nodes."""
        return f"{self.first}" if self.first == self.last else f"{self.first}_{self.last}"


def stretches(layers: int) -> list[Stretch]:
    """One for each layer. Of a deep network, two for each end and one for all layers between them."""
    single = [Stretch(k, k) for k in range(1, layers + 1)]
    if layers <= MOST_LAYERS:
        return single
    return [*single[:2], Stretch(3, layers - 2), *single[-2:]]


def _prediction(growing: _Growing, layers: Sequence[Layer], samples: int, biases: bool) -> str:
    """From x to ŷ."""
    below = ""
    for stretch in stretches(len(layers)):
        part = layers[stretch.first - 1 : stretch.last]
        shape = _columns(part[-1].units, samples)
        W = _parameter(growing, "W", stretch, [(layer.units, layer.inputs) for layer in part])
        below = below or growing.add(Node("x", VARIABLE, "x", None, _columns(layers[0].inputs, samples)))
        draw = _layer if len(part) == 1 else _several_layers
        h = draw(growing, stretch, part, shape, (W, below), biases)
        last = stretch.last == len(layers)
        name, symbol, place = ("y_hat", "ŷ", None) if last else (f"h{stretch.last}", "h", stretch.last)
        below = growing.add(Node(name, VARIABLE, symbol, place, shape), h)
    return below


def _layer(
    growing: _Growing, stretch: Stretch, part: Sequence[Layer], shape: Shape, operands: tuple[str, ...], biases: bool
) -> str:
    """h = f(Wh + b)"""
    (layer,), k = part, stretch.first
    a = growing.add(Node(f"matmul{k}", OPERATION, "matmul", k, shape), *operands)
    if biases:
        b = _parameter(growing, "b", stretch, [(layer.units,)])
        a = growing.add(Node(f"plus{k}", OPERATION, "+", k, shape), a, b)
    a = growing.add(Node(f"a{k}", VARIABLE, "a", k, shape), a)
    return growing.add(Node(f"f{k}", OPERATION, layer.activation.name, k, shape), a, *_slopes(growing, stretch, part))


def _several_layers(
    growing: _Growing, stretch: Stretch, part: Sequence[Layer], shape: Shape, operands: tuple[str, ...], biases: bool
) -> str:
    """One operation for all of them."""
    if biases:
        operands += (_parameter(growing, "b", stretch, [(layer.units,) for layer in part]),)
    operands += (*_slopes(growing, stretch, part),)
    name = f"layers {stretch.first} to {stretch.last}"
    return growing.add(Node(f"f{stretch.name}", OPERATION, name, None, shape), *operands)


def _slopes(growing: _Growing, stretch: Stretch, part: Sequence[Layer]) -> list[str]:
    """The learned α, if there is one."""
    shapes: list[Shape] = [(layer.units,) for layer in part if layer.learns_alpha]
    return [_parameter(growing, "alpha", stretch, shapes)] if shapes else []


def _parameter(growing: _Growing, name: str, stretch: Stretch, shapes: Sequence[Shape]) -> str:
    """W, b or α; for several layers, all their numbers as one column."""
    single = stretch.first == stretch.last
    shape = shapes[0] if single else (sum(prod(shape) for shape in shapes),)
    symbol, side = name.replace("alpha", "α"), LEFT if name == "W" else RIGHT
    last = None if single else stretch.last
    return growing.add(Node(f"{name}{stretch.name}", VARIABLE, symbol, stretch.first, shape, side, last))


# ----- The objective ------------------------------------------------------------------------------------------------


class Penalty(NamedTuple):
    """A term λΩ(θ) of the objective."""

    name: str  # of λ in the objective
    operation: str  # on each part of θ
    measure: Callable[[Array], float]  # the result of that operation
    mark: str  # of its λ and Ω if there are both


PENALTIES = (
    Penalty("l1", "sum of absolute values", sum_of_absolutes, "₁"),
    Penalty("l2", "½ sum of squares", half_sum_of_squares, "₂"),
)


def penalties_of(objective: Objective) -> list[tuple[Penalty, float]]:
    """The penalties with λ ≠ 0, each with its λ."""
    all_of_them = [(penalty, getattr(objective, penalty.name)) for penalty in PENALTIES]
    return [(penalty, factor) for penalty, factor in all_of_them if factor]


def regularized_parts(objective: Objective, layers: int) -> list[str]:
    """The ids of the regularized parameters."""
    letters = ("W", "b") if objective.regularize_bias else ("W",)
    return [f"{letter}{stretch.name}" for stretch in stretches(layers) for letter in letters]


def _objective(growing: _Growing, layers: Sequence[Layer], objective: Objective, samples: int, y_hat: str) -> None:
    """From ŷ to J = L + λΩ; without a regularizer J is L."""
    y = growing.add(Node("y", VARIABLE, "y", None, _columns(layers[-1].units, samples), RIGHT))
    shape = () if samples == 1 else (1, samples)
    loss = growing.add(Node("loss", OPERATION, objective.loss.title, None, shape), y_hat, y)
    if samples > 1:
        loss = growing.add(Node("reduction", OPERATION, f"{objective.batch_reduction} over samples", None, ()), loss)
    penalties = penalties_of(objective)
    if not penalties:
        growing.add(Node("J", VARIABLE, "J", None, ()), loss)
        return
    terms = [growing.add(Node("L", VARIABLE, "L", None, ()), loss)]
    parts = regularized_parts(objective, len(layers))
    for penalty, factor in penalties:
        terms.append(_penalty(growing, penalty, factor, penalty.mark if len(penalties) > 1 else "", parts))
    growing.add(Node("J", VARIABLE, "J", None, ()), growing.add(Node("sum", OPERATION, "+", None, ()), *terms))


def _penalty(growing: _Growing, penalty: Penalty, factor: float, mark: str, parts: Iterable[str]) -> str:
    """λΩ(θ) of all parts together."""
    sides = {node.id: node.side for node in growing.nodes}
    terms = [
        growing.add(Node(f"{penalty.name}_{part}", OPERATION, penalty.operation, None, (), sides[part]), part)
        for part in parts
    ]
    if len(terms) > 1:
        terms = [growing.add(Node(f"{penalty.name}_sum", OPERATION, "+", None, (), LEFT), *terms)]
    omega = growing.add(Node(f"{penalty.name}_omega", VARIABLE, f"Ω{mark}", None, (), LEFT), *terms)
    times = Node(f"{penalty.name}_times", OPERATION, f"λ{mark}·", None, (), LEFT, constant=factor)
    return growing.add(times, omega)


# ----- Examples -----------------------------------------------------------------------------------------------------


class GraphExample(NamedTuple):
    """A graph of the lecture: a network of `sample_data/`, its objective, and how much of it the lecture draws."""

    name: str
    file: str
    scope: Scope
    description: str
    loss: str | None = None
    changes: Mapping[str, Any] = MappingProxyType({})  # of the objective


GRAPH_EXAMPLES = {
    row.name: row
    for row in (
        GraphExample("logistic-regression", "logistic-regression.json", Scope(objective=False), "ŷ = σ(Wx + b)"),
        GraphExample(
            "feed-forward", "feed-forward.json", Scope(biases=False, objective=False), "ŷ = softmax(W⁽²⁾ max(0, W⁽¹⁾x))"
        ),
        GraphExample(
            "l2",
            "lecture.json",
            Scope(),
            "one hidden layer, cross-entropy, L2 of both weight matrices",
            "cce",
            MappingProxyType({"l2": 0.01}),
        ),
    )
}
