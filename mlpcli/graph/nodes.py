"""What is drawn: nodes and edges with their numbers; and the cards of nodes, their text in all formats."""

from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.graph.shapes import FAINT, INK, TextLine
from mlpcli.report.notation import raised
from mlpcli.report.numbers import column_of, counted, drawn_number
from mlpcli.report.text import clipped, printable

VARIABLE, OPERATION, UNIT = "variable", "operation", "unit"
SPINE, LEFT, RIGHT = "spine", "left", "right"
MOST_ROWS, MOST_COLUMNS = 8, 8  # of a matrix that is shown; a larger one has its shape and range
LONGEST_NAME = 24  # columns
MOST_LABELS = 24  # edges, at most, with their weights beside them
NARROW, WIDE = 0.7, 4.2  # pixels, of a weight of 0 and of the largest
Shape = tuple[int, ...]  # (rows, columns) of a matrix, (n,) of a column, () of a number


class Node(NamedTuple):
    """A variable, an operation, or a unit. The shape, value and gradient of an operation are those of its result."""

    id: str
    kind: str
    symbol: str  # the letter of a variable, with the number of a unit; the name of an operation
    layer: int | None
    shape: Shape = ()
    side: str = SPINE  # of the ladder
    last: int | None = None  # layer, if one node represents all layers from `layer` to it
    constant: float | None = None  # λ, of the operation that multiplies by it
    value: Array | None = None  # (rows, columns); samples are columns, as in a = Wh + b
    gradient: Array | None = None  # ∂J/∂value, of the same shape
    name: str = ""  # of a unit: its feature, class, label or target
    bias: tuple[float, float | None] | None = None  # of a unit: b, and db if that is known

    @property
    def title(self) -> str:
        """W⁽¹⁾, W⁽³⁾…W⁽⁶⁾, ŷ, h₂⁽¹⁾, matmul"""
        if self.layer is None or self.kind == OPERATION:
            return self.symbol
        first = self.symbol + raised(self.layer)
        return first if self.last is None else f"{first}…{self.symbol}{raised(self.last)}"


class Edge(NamedTuple):
    """A value flows from one node, by its id, to another; between units with a weight, and its gradient if known."""

    start: str
    end: str
    weight: float = 0.0
    gradient: float | None = None

    @property
    def purpose(self) -> str:
        """The colors of a weight: two hues of Okabe and Ito (2008) that no number has. Negative weights are dashed."""
        return "negative" if self.weight < 0 else "positive"

    def label(self, digits: int) -> list[TextLine]:
        """The weight, in the color of values if its gradient is below it."""
        weight = drawn_number(self.weight, digits)
        if self.gradient is None:
            return [(weight, INK)]
        return [(weight, "value"), (drawn_number(self.gradient, digits), "gradient")]


class UnitColumn(NamedTuple):
    """The inputs or the units of a layer: those that are shown, and the number of all."""

    layer: int  # 0 for the inputs
    activation: str
    units: tuple[Node, ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.units)

    @property
    def caption(self) -> str:
        """2 inputs; layer 1: relu, 8 of 512 units"""
        kind = ("unit" if self.layer else "input") + ("" if self.total == 1 else "s")
        size = f"{len(self.units)} of {self.total} {kind}" if self.left_out else f"{self.total} {kind}"
        return f"layer {self.layer}: {self.activation}, {size}" if self.layer else size

    def layers_after(self, other: "UnitColumn") -> str:
        """… 4 layers, if some between another column and this one are left out"""
        missing = self.layer - other.layer - 1
        return f"… {counted(missing, 'layer')}" if missing else ""


class Graph(NamedTuple):
    """Nodes in the order in which they are computed; the edges into a node are in the order of its operands."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    columns: tuple[UnitColumn, ...] = ()  # of units; without them, the graph is a ladder

    def operands(self, name: str) -> list[str]:
        """The ids of the nodes that lead to one."""
        return [edge.start for edge in self.edges if edge.end == name]

    def result_of(self, node: Node) -> Node | None:
        """The variable that holds the result of an operation, if one does."""
        after = {edge.end for edge in self.edges if edge.start == node.id}
        return next((other for other in self.nodes if other.id in after and other.kind == VARIABLE), None)

    def operation(self, node: Node, title: Callable[[str], str], arrow: str = " → ") -> str:
        """An operation between its operands and its result, each by the title of its id."""
        operands, result = ", ".join(map(title, self.operands(node.id))), self.result_of(node)
        return arrow.join([operands, title(node.id), *([] if result is None else [title(result.id)])])

    @property
    def largest(self) -> float:
        """The largest absolute weight."""
        return max((abs(edge.weight) for edge in self.edges), default=0.0)

    def width(self, edge: Edge) -> float:
        """The width of a line between units in pixels: the larger its weight, the wider."""
        return NARROW + (WIDE - NARROW) * (abs(edge.weight) / self.largest if self.largest else 0.0)

    @property
    def has_labels(self) -> bool:
        """Whether its edges have weights, and there are few enough to write them beside their lines."""
        return bool(self.columns) and len(self.edges) <= MOST_LABELS

    def described(self) -> str:
        """A description for screen readers: the layers, or each operation between its operands and its result."""
        if self.columns:
            return "; ".join(column.caption for column in self.columns)
        titles = {node.id: node.title for node in self.nodes}
        return "; ".join(self.operation(node, titles.__getitem__) for node in self.nodes if node.kind == OPERATION)


# ----- The text of nodes --------------------------------------------------------------------------------------------

Cells = tuple[tuple[str, ...], ...]


class Numbers(NamedTuple):
    """A value or a gradient in its final text."""

    purpose: str  # value or gradient, which gives its color; FAINT for a bias without a sample
    title: str  # its letter; empty for an operation, whose result has none, and for a unit
    cells: Cells
    is_matrix: bool = False  # rather than a number, a unit's two, or the shape and range of a large matrix

    @property
    def name(self) -> str:
        """The letter, or else value or gradient; a bias alone has its letter in its text."""
        return self.title or ("" if self.purpose == FAINT else self.purpose)

    @property
    def is_number(self) -> bool:
        return not self.is_matrix and len(self.cells) == 1


class Card(NamedTuple):
    """A node in its final text."""

    id: str
    kind: str
    title: str
    note: str  # its shape, λ, or the name of a unit
    numbers: tuple[Numbers, ...] = ()  # the value, and the gradient

    @property
    def head(self) -> str:
        """The title with its note. A variable with numbers needs none, since they have its letter."""
        return "" if self.kind == VARIABLE and self.numbers else f"{self.title} {self.note}".rstrip()

    def spelled(self, spell: Callable[[str], str]) -> "Card":
        """The card in other letters, except its numbers."""
        numbers = tuple(shown._replace(title=spell(shown.title)) for shown in self.numbers)
        return self._replace(title=spell(self.title), note=spell(self.note), numbers=numbers)


def cards(graph: Graph, digits: int) -> tuple[Card, ...]:
    """A card for each node.

    The result of an operation is shown at the variable behind it, such as a behind +, and not twice. Only if it goes
    straight into the next operation, as from matmul into + and from λ· into the sum, it is shown at the operation.
    """
    return tuple(
        Card(node.id, node.kind, node.title, _note(node), _numbers_of(node, digits))
        if node.kind != OPERATION or graph.result_of(node) is None
        else Card(node.id, node.kind, node.title, _note(node))
        for node in graph.nodes
    )


def legend(graph: Graph) -> list[TextLine]:
    """The meaning of the colors of lines and numbers, if there are any."""
    lines = [
        ("the wider a line, the larger its weight", FAINT),
        ("positive", "positive"),
        ("negative, dashed", "negative"),
    ]
    values = [("value", "value")] if any(node.value is not None for node in graph.nodes) else []
    gradients = [("gradient of J", "gradient")] if any(node.gradient is not None for node in graph.nodes) else []
    return [*(lines if graph.columns else []), *values, *gradients]


def _note(node: Node) -> str:
    """λ; the shape of a variable without numbers; the name of a unit, harmless and not too long."""
    if node.constant is not None:
        return f"λ = {node.constant:g}"
    if node.kind == VARIABLE and node.value is None:
        return "×".join(map(str, node.shape))
    return clipped(printable(node.name), LONGEST_NAME)


def _numbers_of(node: Node, digits: int) -> tuple[Numbers, ...]:
    """The value and the gradient; of a unit with those of its bias below."""
    letter = node.title if node.kind == VARIABLE else ""
    both = (("value", letter, node.value), ("gradient", letter and f"d{letter}", node.gradient))
    shown = tuple(_numbers(purpose, title, matrix, digits) for purpose, title, matrix in both if matrix is not None)
    if node.bias is None:
        return shown
    shown = shown or (Numbers(FAINT, "", ()),)
    biases = zip(shown, ("b", "db"), node.bias, strict=False)
    return tuple(
        numbers._replace(cells=(*numbers.cells, (f"{name} {drawn_number(bias or 0.0, digits)}",)))
        for numbers, name, bias in biases
    )


def _numbers(purpose: str, title: str, matrix: Array, digits: int) -> Numbers:
    if matrix.size == 1:
        return Numbers(purpose, title, ((drawn_number(matrix.item(), digits),),))
    rows, columns = matrix.shape
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        extent = f"{drawn_number(matrix.min(), digits)} … {drawn_number(matrix.max(), digits)}"
        return Numbers(purpose, title, ((f"{rows}×{columns}",), (extent,)))
    texts = (text.replace("-", "−") for text in column_of(matrix.ravel().tolist(), digits))
    return Numbers(purpose, title, tuple(tuple(islice(texts, columns)) for _ in range(rows)), is_matrix=True)
