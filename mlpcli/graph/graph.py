"""The computational graph of a network with its objective: variables, operations, and the way that data take.

It is drawn as in Goodfellow et al., Deep Learning, 6.5.1, and the lecture: an operation's operands are the nodes that
lead to it, in their order, and what it gives is the variable behind it (or goes straight into the next operation).

    W⁽ᵏ⁾, h⁽ᵏ⁻¹⁾ → matmul;  matmul, b⁽ᵏ⁾ → + → a⁽ᵏ⁾ → f → h⁽ᵏ⁾;  ŷ, y → loss → L;  W⁽¹⁾, … → Ω → λ·;  L, λ· → + → J
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.network import Layer
from mlpcli.core.objective import Objective, half_sum_of_squares, sum_of_absolutes

VARIABLE, OPERATION = "variable", "operation"
MOST_LAYERS = 5  # that are drawn one by one
Shape = tuple[int, ...]  # (rows, columns) of a matrix, (n,) of a column, () of a number


@dataclass(frozen=True)
class Node:
    """A variable, or an operation. What an operation's shape, value and gradient tell is that of its result."""

    id: str
    kind: str
    symbol: str  # of a variable its letter, of an operation its name in words
    layer: int | None
    shape: Shape
    last: int | None = None  # layer, where one node stands for those from `layer` on
    constant: float | None = None  # λ, of the operation that multiplies by it
    value: Array | None = None  # (rows, columns); samples are columns, as in a = Wh + b
    gradient: Array | None = None  # ∂J/∂value, of the same shape

    @property
    def is_variable(self) -> bool:
        return self.kind == VARIABLE


class Edge(NamedTuple):
    """The way of a value from one node, by its id, to another."""

    start: str
    end: str


@dataclass(frozen=True)
class Graph:
    """Nodes in the order in which they are computed, and edges; those into a node are in the order of its operands."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def result_of(self, node: Node) -> Node | None:
        """The variable that holds what an operation gives, if one does."""
        after = {edge.end for edge in self.edges if edge.start == node.id}
        return next((other for other in self.nodes if other.id in after and other.is_variable), None)


@dataclass(frozen=True)
class Scope:
    """How much is drawn: a prediction ends at ŷ and needs no objective; networks may be written without biases."""

    biases: bool = True
    objective: bool = True


def computational_graph(
    layers: Sequence[Layer], objective: Objective, samples: int = 1, scope: Scope | None = None
) -> Graph:
    """The graph of J (or only of ŷ) for so many samples, without figures."""
    scope = scope or Scope()
    growing = _Growing()
    y_hat = _prediction(growing, layers, samples, scope.biases)
    if scope.objective:
        _objective(growing, layers, objective, samples, y_hat)
    return Graph(tuple(growing.nodes), tuple(growing.edges))


@dataclass
class _Growing:
    """A graph while it is built. Each method returns the id of the node that it adds."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def variable(
        self,
        name: str,
        symbol: str,
        layer: int | None,
        shape: Shape,
        source: str | None = None,
        last: int | None = None,
    ) -> str:
        """A variable, behind the operation that gives it where there is one."""
        self.nodes.append(Node(name, VARIABLE, symbol, layer, shape, last))
        if source is not None:
            self.edges.append(Edge(source, name))
        return name

    def operation(
        self,
        name: str,
        symbol: str,
        layer: int | None,
        shape: Shape,
        operands: Iterable[str],
        constant: float | None = None,
    ) -> str:
        """An operation on its operands."""
        self.nodes.append(Node(name, OPERATION, symbol, layer, shape, constant=constant))
        self.edges.extend(Edge(operand, name) for operand in operands)
        return name


def _columns(rows: int, samples: int) -> Shape:
    """The shape of one column for each sample."""
    return (rows,) if samples == 1 else (rows, samples)


class Stretch(NamedTuple):
    """A layer, or several of a deep network that are drawn as one operation."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """What the ids of its nodes end with."""
        return f"{self.first}" if self.first == self.last else f"{self.first}_{self.last}"


def stretches(layers: int) -> list[Stretch]:
    """All layers by themselves, or of a deep network the two at either end, and what lies between them as one."""
    single = [Stretch(k, k) for k in range(1, layers + 1)]
    if layers <= MOST_LAYERS:
        return single
    return [*single[:2], Stretch(3, layers - 2), *single[-2:]]


def _prediction(growing: _Growing, layers: Sequence[Layer], samples: int, biases: bool) -> str:
    """From x to ŷ."""
    below = ""
    for stretch in stretches(len(layers)):
        part = layers[stretch.first - 1 : stretch.last]
        W = _parameter(growing, "W", "W", stretch, [(layer.units, layer.inputs) for layer in part])
        below = below or growing.variable("x", "x", None, _columns(layers[0].inputs, samples))
        draw = _layer if len(part) == 1 else _several_layers
        h = draw(growing, stretch, part, W, below, samples, biases)
        last = stretch.last == len(layers)
        name, symbol, place = ("y_hat", "ŷ", None) if last else (f"h{stretch.last}", "h", stretch.last)
        below = growing.variable(name, symbol, place, _columns(part[-1].units, samples), h)
    return below


def _layer(
    growing: _Growing, stretch: Stretch, part: Sequence[Layer], W: str, below: str, samples: int, biases: bool
) -> str:
    """h = f(Wh + b)"""
    (layer,), k = part, stretch.first
    shape = _columns(layer.units, samples)
    a = growing.operation(f"matmul{k}", "matmul", k, shape, (W, below))
    if biases:
        b = _parameter(growing, "b", "b", stretch, [(layer.units,)])
        a = growing.operation(f"plus{k}", "+", k, shape, (a, b))
    operands = [growing.variable(f"a{k}", "a", k, shape, a), *_slopes(growing, stretch, part)]
    return growing.operation(f"f{k}", layer.activation.name, k, shape, operands)


def _several_layers(
    growing: _Growing, stretch: Stretch, part: Sequence[Layer], W: str, below: str, samples: int, biases: bool
) -> str:
    """One operation for all of them."""
    operands = [W, below]
    if biases:
        operands.append(_parameter(growing, "b", "b", stretch, [(layer.units,) for layer in part]))
    operands += _slopes(growing, stretch, part)
    name = f"layers {stretch.first} to {stretch.last}"
    return growing.operation(f"f{stretch.name}", name, None, _columns(part[-1].units, samples), operands)


def _slopes(growing: _Growing, stretch: Stretch, part: Sequence[Layer]) -> list[str]:
    """The learned α, where there is one."""
    shapes: list[Shape] = [(layer.units,) for layer in part if layer.learns_alpha]
    return [_parameter(growing, "alpha", "α", stretch, shapes)] if shapes else []


def _parameter(growing: _Growing, name: str, symbol: str, stretch: Stretch, shapes: Sequence[Shape]) -> str:
    """W, b or α; of several layers all their numbers as one column."""
    shape = shapes[0] if stretch.first == stretch.last else (sum(prod(shape) for shape in shapes),)
    last = None if stretch.first == stretch.last else stretch.last
    return growing.variable(f"{name}{stretch.name}", symbol, stretch.first, shape, last=last)


# ----- The objective ------------------------------------------------------------------------------------------------


class Penalty(NamedTuple):
    """A term λΩ(θ) of the objective."""

    name: str  # of λ among the objective's fields
    operation: str  # on each part of θ
    measure: Callable[[Array], float]  # what that operation gives
    mark: str  # of its λ and Ω where there are both


PENALTIES = (
    Penalty("l1", "sum of absolute values", sum_of_absolutes, "₁"),
    Penalty("l2", "½ sum of squares", half_sum_of_squares, "₂"),
)


def penalties_of(objective: Objective) -> list[tuple[Penalty, float]]:
    """Those that count, each with its λ."""
    found = [(penalty, getattr(objective, penalty.name)) for penalty in PENALTIES]
    return [(penalty, factor) for penalty, factor in found if factor]


def regularized_parts(objective: Objective, layers: int) -> list[str]:
    """The ids of what Ω is taken of."""
    letters = ("W", "b") if objective.regularize_bias else ("W",)
    return [f"{letter}{stretch.name}" for stretch in stretches(layers) for letter in letters]


def _objective(growing: _Growing, layers: Sequence[Layer], objective: Objective, samples: int, y_hat: str) -> None:
    """From ŷ to J = L + λΩ; without a regulariser J is L."""
    y = growing.variable("y", "y", None, _columns(layers[-1].units, samples))
    loss = growing.operation("loss", objective.loss.title, None, () if samples == 1 else (1, samples), (y_hat, y))
    if samples > 1:
        loss = growing.operation("reduction", f"{objective.batch_reduction} over samples", None, (), (loss,))
    penalties = penalties_of(objective)
    if not penalties:
        growing.variable("J", "J", None, (), loss)
        return
    terms = [growing.variable("L", "L", None, (), loss)]
    for penalty, factor in penalties:
        mark = penalty.mark if len(penalties) > 1 else ""
        terms.append(_penalty(growing, penalty, factor, mark, objective, len(layers)))
    growing.variable("J", "J", None, (), growing.operation("sum", "+", None, (), terms))


def _penalty(growing: _Growing, penalty: Penalty, factor: float, mark: str, objective: Objective, layers: int) -> str:
    """λΩ(θ), of all parts together."""
    parts = [
        growing.operation(f"{penalty.name}_{part}", penalty.operation, None, (), (part,))
        for part in regularized_parts(objective, layers)
    ]
    if len(parts) > 1:
        parts = [growing.operation(f"{penalty.name}_sum", "+", None, (), parts)]
    omega = growing.variable(f"{penalty.name}_omega", f"Ω{mark}", None, (), parts[0])
    return growing.operation(f"{penalty.name}_times", f"λ{mark}·", None, (), (omega,), factor)
