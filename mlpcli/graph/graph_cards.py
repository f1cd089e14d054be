"""What a drawing says at a node of a computational graph: a title, and figures as small matrices."""

from dataclasses import dataclass
from itertools import islice

from mlpcli.core.arrays import Array
from mlpcli.graph.graph import Graph, Node
from mlpcli.report.notation import raised
from mlpcli.report.text import column_of, drawn_number

MOST_ROWS, MOST_COLUMNS = 8, 8  # of a matrix that is shown; of a larger one its shape and range
Cells = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A value or a gradient."""

    title: str  # its letter; empty at an operation, whose result has none
    cells: Cells
    is_matrix: bool = True  # and no number, nor a summary

    @property
    def is_number(self) -> bool:
        return not self.is_matrix and len(self.cells) == 1


@dataclass(frozen=True)
class Card:
    """A node as it is shown."""

    id: str
    title: str
    is_variable: bool
    note: str  # its shape, or λ
    value: Figure | None = None
    gradient: Figure | None = None


def cards(graph: Graph, digits: int) -> tuple[Card, ...]:
    """A card for each node.

    What an operation gives stands at the variable behind it, as a behind +, and not twice; only what goes straight into
    the next operation, as from matmul into + and from λ· into the sum, stands at the operation itself.
    """
    return tuple(_card(node, graph.result_of(node) is None or node.is_variable, digits) for node in graph.nodes)


def _card(node: Node, has_figures: bool, digits: int) -> Card:
    title = title_of(node)
    note = f"λ = {node.constant:g}" if node.constant is not None else ""
    if node.value is None:
        return Card(node.id, title, node.is_variable, note or (shape_text(node) if node.is_variable else ""))
    if not has_figures:
        return Card(node.id, title, node.is_variable, note)
    value = _figure(title if node.is_variable else "", node.value, digits)
    gradient = None
    if node.gradient is not None:
        gradient = _figure(f"d{title}" if node.is_variable else "", node.gradient, digits)
    return Card(node.id, title, node.is_variable, note, value, gradient)


def title_of(node: Node) -> str:
    """W⁽¹⁾, ŷ, matmul, cross-entropy"""
    if node.layer is None or not node.is_variable:
        return node.symbol
    first = node.symbol + raised(node.layer)
    return first if node.last is None else f"{first}…{node.symbol}{raised(node.last)}"


def shape_text(node: Node) -> str:
    """3×2 of a matrix, 3 of a column, nothing of a number."""
    return "×".join(map(str, node.shape))


def _figure(title: str, matrix: Array, digits: int) -> Figure:
    if matrix.size == 1:
        return Figure(title, ((drawn_number(matrix.item(), digits),),), is_matrix=False)
    rows, columns = matrix.shape
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        extent = f"{drawn_number(matrix.min(), digits)} … {drawn_number(matrix.max(), digits)}"
        return Figure(title, ((f"{rows}×{columns}",), (extent,)), is_matrix=False)
    texts = (text.replace("-", "−") for text in column_of((matrix + 0.0).ravel().tolist(), digits))
    return Figure(title, tuple(tuple(islice(texts, columns)) for _ in range(rows)))
