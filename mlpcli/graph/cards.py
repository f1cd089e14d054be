"""The text of a node in a drawing of a graph: a title, and its value and gradient as small matrices."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.graph.graph import Graph, Node
from mlpcli.graph.picture import TextLine
from mlpcli.report.notation import raised
from mlpcli.report.numbers import column_of, drawn_number

MOST_ROWS, MOST_COLUMNS = 8, 8  # of a matrix that is shown; a larger one has its shape and range
Cells = tuple[tuple[str, ...], ...]


class Numbers(NamedTuple):
    """A value or a gradient in its final text."""

    purpose: str  # value or gradient, which gives its color
    title: str  # its letter; empty for an operation, whose result has none
    cells: Cells
    is_matrix: bool  # rather than a number, or the shape and range of a large matrix

    @property
    def is_number(self) -> bool:
        return not self.is_matrix and len(self.cells) == 1

    @property
    def heads(self) -> list[str]:
        """What its columns are called in a table."""
        columns = len(self.cells[0])
        return [self.purpose] if columns == 1 else [f"{self.purpose} {column}" for column in range(1, columns + 1)]


class Card(NamedTuple):
    """A node in its final text."""

    id: str
    title: str
    is_variable: bool
    note: str  # its shape, or λ
    numbers: tuple[Numbers, ...] = ()  # the value, and the gradient

    @property
    def head(self) -> str:
        """The title with its note. A variable with numbers needs none, since they have its letter."""
        return "" if self.is_variable and self.numbers else f"{self.title} {self.note}".rstrip()

    def spelled(self, spell: Callable[[str], str]) -> "Card":
        """The card in other letters, except its numbers."""
        numbers = tuple(shown._replace(title=spell(shown.title)) for shown in self.numbers)
        return self._replace(title=spell(self.title), note=spell(self.note), numbers=numbers)


def cards(graph: Graph, digits: int) -> tuple[Card, ...]:
    """A card for each node.

    The result of an operation is shown at the variable behind it, such as a behind +, and not twice. Only if it goes
    straight into the next operation, as from matmul into + and from λ· into the sum, it is shown at the operation.
    """
    return tuple(_card(node, node.is_variable or graph.result_of(node) is None, digits) for node in graph.nodes)


def legend(shown: Iterable[Card]) -> list[TextLine]:
    """The meaning of the colors of numbers, if there are any."""
    purposes = {numbers.purpose for card in shown for numbers in card.numbers}
    return [(text, text.split()[0]) for text in ("value", "gradient of J") if text.split()[0] in purposes]


def _card(node: Node, has_numbers: bool, digits: int) -> Card:
    title = title_of(node)
    note = f"λ = {node.constant:g}" if node.constant is not None else ""
    if node.value is None:
        shape = "×".join(map(str, node.shape)) if node.is_variable else ""
        return Card(node.id, title, node.is_variable, note or shape)
    letter = title if node.is_variable else ""
    both = (("value", letter, node.value), ("gradient", letter and f"d{letter}", node.gradient))
    numbers = tuple(_numbers(*one, digits) for one in both if one[2] is not None) if has_numbers else ()
    return Card(node.id, title, node.is_variable, note, numbers)


def title_of(node: Node) -> str:
    """W⁽¹⁾, ŷ, matmul, cross-entropy"""
    if node.layer is None or not node.is_variable:
        return node.symbol
    first = node.symbol + raised(node.layer)
    return first if node.last is None else f"{first}…{node.symbol}{raised(node.last)}"


def _numbers(purpose: str, title: str, matrix: Array | None, digits: int) -> Numbers:
    assert matrix is not None
    if matrix.size == 1:
        return Numbers(purpose, title, ((drawn_number(matrix.item(), digits),),), is_matrix=False)
    rows, columns = matrix.shape
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        extent = f"{drawn_number(matrix.min(), digits)} … {drawn_number(matrix.max(), digits)}"
        return Numbers(purpose, title, ((f"{rows}×{columns}",), (extent,)), is_matrix=False)
    texts = (text.replace("-", "−") for text in column_of((matrix + 0.0).ravel().tolist(), digits))
    return Numbers(purpose, title, tuple(tuple(islice(texts, columns)) for _ in range(rows)), is_matrix=True)


def in_words(graph: Graph) -> str:
    """A description for screen readers: each operation between its operands and its result."""
    titles = {node.id: title_of(node) for node in graph.nodes}
    lines = []
    for node in graph.nodes:
        if not node.is_variable:
            result = graph.result_of(node)
            after = [] if result is None else [titles[result.id]]
            lines.append(" → ".join([", ".join(map(titles.__getitem__, graph.operands(node.id))), node.symbol, *after]))
    return "; ".join(lines)
