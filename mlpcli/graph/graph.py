"""The computational graph of a network with its objective: variables, operations, and how data flow between them.

It is drawn as in Goodfellow et al., Deep Learning, 6.5.1, and the lecture. The operands of an operation are the nodes
that lead to it, in order. Its result is the variable behind it, or an operand of the next operation.

    W⁽ᵏ⁾, h⁽ᵏ⁻¹⁾ → matmul;  matmul, b⁽ᵏ⁾ → + → a⁽ᵏ⁾ → f → h⁽ᵏ⁾;  ŷ, y → loss → L;  W⁽¹⁾, … → Ω → λ·;  L, λ· → + → J

If samples have weights, L is Σₛ ωₛ ℒₛ as in a trace, and the factors ω are operands.

The graph of a network is a ladder. Its spine runs from x to J. Weights and the regularizer are on the left; biases,
learned slopes, y and ω on the right.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.network import Layer
from mlpcli.core.objective import Objective, half_sum_of_squares, sum_of_absolutes
from mlpcli.graph.nodes import LEFT, OPERATION, RIGHT, VARIABLE, Edge, Graph, Node, Shape

MOST_LAYERS = 5  # that are drawn individually


class Scope(NamedTuple):
    """How much is drawn: a prediction ends at ŷ and needs no objective; biases may be left out."""

    biases: bool = True
    objective: bool = True
    weighted: bool = False  # whether samples have weights


def computational_graph(
    layers: Sequence[Layer], objective: Objective, samples: int = 1, scope: Scope | None = None
) -> Graph:
    """The graph of J (or only of ŷ) for a number of samples, without values."""
    scope = scope or Scope()
    growing = _Growing(layers, samples, scope.biases)
    y_hat = growing.prediction()
    if scope.objective:
        _objective(growing, objective, y_hat, scope.weighted)
    return Graph(tuple(growing.nodes), tuple(growing.edges))


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


class _Growing:
    """A graph under construction."""

    def __init__(self, layers: Sequence[Layer], samples: int, biases: bool) -> None:
        self.layers, self.samples, self.biases = layers, samples, biases
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def add(self, node: Node, *operands: str) -> str:
        """Adds a node behind its operands. Returns its id."""
        self.nodes.append(node)
        self.edges.extend(Edge(operand, node.id) for operand in operands)
        return node.id

    def columns(self, rows: int) -> Shape:
        """The shape of one column for each sample."""
        return (rows,) if self.samples == 1 else (rows, self.samples)

    def prediction(self) -> str:
        """From x to ŷ."""
        below = ""
        for stretch in stretches(len(self.layers)):
            part = self.layers[stretch.first - 1 : stretch.last]
            shape = self.columns(part[-1].units)
            W = self._parameter("W", stretch, [(layer.units, layer.inputs) for layer in part])
            below = below or self.add(Node("x", VARIABLE, "x", None, self.columns(self.layers[0].inputs)))
            h = (self._layer if len(part) == 1 else self._several_layers)(stretch, part, shape, W, below)
            last = stretch.last == len(self.layers)
            name, symbol, place = ("y_hat", "ŷ", None) if last else (f"h{stretch.last}", "h", stretch.last)
            below = self.add(Node(name, VARIABLE, symbol, place, shape), h)
        return below

    def _layer(self, stretch: Stretch, part: Sequence[Layer], shape: Shape, W: str, below: str) -> str:
        """h = f(Wh + b)"""
        k = stretch.first
        a = self.add(Node(f"matmul{k}", OPERATION, "matmul", k, shape), W, below)
        for b in self._biases(stretch, part):
            a = self.add(Node(f"plus{k}", OPERATION, "+", k, shape), a, b)
        a = self.add(Node(f"a{k}", VARIABLE, "a", k, shape), a)
        f = Node(f"f{k}", OPERATION, part[0].activation.name, k, shape)
        return self.add(f, a, *self._slopes(stretch, part))

    def _several_layers(self, stretch: Stretch, part: Sequence[Layer], shape: Shape, W: str, below: str) -> str:
        """One operation for all of them."""
        f = Node(f"f{stretch.name}", OPERATION, f"layers {stretch.first} to {stretch.last}", None, shape)
        return self.add(f, W, below, *self._slopes(stretch, part), *self._biases(stretch, part))

    def _biases(self, stretch: Stretch, part: Sequence[Layer]) -> list[str]:
        """b, unless biases are left out."""
        return [self._parameter("b", stretch, [(layer.units,) for layer in part])] if self.biases else []

    def _slopes(self, stretch: Stretch, part: Sequence[Layer]) -> list[str]:
        """The learned α, if there is one."""
        shapes: list[Shape] = [(layer.units,) for layer in part if layer.learns_alpha]
        return [self._parameter("alpha", stretch, shapes)] if shapes else []

    def _parameter(self, name: str, stretch: Stretch, shapes: Sequence[Shape]) -> str:
        """W, b or α; for several layers, all their numbers as one column."""
        single = stretch.first == stretch.last
        shape = shapes[0] if single else (sum(prod(shape) for shape in shapes),)
        symbol, side = name.replace("alpha", "α"), LEFT if name == "W" else RIGHT
        last = None if single else stretch.last
        return self.add(Node(f"{name}{stretch.name}", VARIABLE, symbol, stretch.first, shape, side, last))


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


def _objective(growing: _Growing, objective: Objective, y_hat: str, weighted: bool) -> None:
    """From ŷ to J = L + λΩ; without a regularizer J is L."""
    add, samples = growing.add, growing.samples
    y = add(Node("y", VARIABLE, "y", None, growing.columns(growing.layers[-1].units), RIGHT))
    shape = (1, samples)
    loss = add(Node("loss", OPERATION, objective.loss.title, None, shape), y_hat, y)
    reduction = f"{objective.batch_reduction} over samples"
    if weighted:
        factors = add(Node("factors", VARIABLE, "ω", None, shape, RIGHT))
        loss = add(Node("reduction", OPERATION, f"weighted {reduction}", None), loss, factors)
    elif samples > 1:
        loss = add(Node("reduction", OPERATION, reduction, None), loss)
    penalties = penalties_of(objective)
    if penalties:
        terms = [add(Node("L", VARIABLE, "L", None), loss)]
        parts = regularized_parts(objective, len(growing.layers))
        for penalty, factor in penalties:
            terms.append(_penalty(growing, penalty, factor, penalty.mark if len(penalties) > 1 else "", parts))
        loss = add(Node("sum", OPERATION, "+", None), *terms)
    add(Node("J", VARIABLE, "J", None), loss)


def _penalty(growing: _Growing, penalty: Penalty, factor: float, mark: str, parts: Iterable[str]) -> str:
    """λΩ(θ) of all parts together."""
    add, name = growing.add, penalty.name
    sides = {node.id: node.side for node in growing.nodes}
    terms = [add(Node(f"{name}_{part}", OPERATION, penalty.operation, None, (), sides[part]), part) for part in parts]
    if len(terms) > 1:
        terms = [add(Node(f"{name}_sum", OPERATION, "+", None, (), LEFT), *terms)]
    omega = add(Node(f"{name}_omega", VARIABLE, f"Ω{mark}", None, (), LEFT), *terms)
    return add(Node(f"{name}_times", OPERATION, f"λ{mark}·", None, (), LEFT, constant=factor), omega)


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
