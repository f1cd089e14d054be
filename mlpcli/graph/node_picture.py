"""A node of a picture: a round variable or unit, or an operation in a box, with its numbers.

A value is blue. Its gradient is vermilion and beside it, or below it if the two are wide.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from mlpcli.graph.layout import Size, Spot
from mlpcli.graph.nodes import OPERATION, VARIABLE, Card, Numbers
from mlpcli.graph.shapes import FAINT, INK, Rectangle, Shape, Stroke, TextShape, width_of

LETTER, NAME, FIGURE, NOTE = 17.0, 14.0, 12.5, 12.0  # sizes of text
LINE = 17.0  # of a matrix
WIDEST = 600.0  # of a value and its gradient side by side
BESIDE, BELOW = 14.0, 8.0  # between a value and its gradient
BASELINE = 0.35  # of a size: from the middle of a line down to its baseline


class DrawnNode:
    """A card, and the room that it takes."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.is_box = card.kind == OPERATION
        self.letter = NAME if self.is_box else LETTER
        self.matrices = [_DrawnMatrix(numbers) for numbers in card.numbers]
        self.body_width, body_height, self.corners = _body(self.matrices)
        self.title = width_of(card.title, self.letter) if card.head else 0.0
        self.note = width_of(f" {card.note}", NOTE) if card.head and card.note else 0.0
        self.head = 0.0 if not card.head else 28.0 if self.is_box else 34.0
        self.padding = 4 if self.head else 12  # above and below numbers; less below a title
        height = self.head + (body_height + self.padding if card.numbers else 0)
        width = round(max(self.title + self.note, self.body_width) / 2) * 2 + 24
        self.size = Size(width, round(height), round(height) // 2, width)

    def shapes(self, spot: Spot) -> Iterator[Shape]:
        """The outline, the title, and the numbers."""
        x, y, middle = spot.left, spot.top, spot.left + spot.size.width / 2
        radius = 4.0 if self.is_box else min(spot.size.height / 2, 17.0)
        yield Rectangle(OPERATION if self.is_box else VARIABLE, x, y, spot.size.width, spot.size.height, radius)
        if self.head:
            yield from self._title(middle - self.note / 2, y + self.head / 2)
        left, top = middle - self.body_width / 2, y + (self.head - 2 if self.head else self.padding / 2)
        for matrix, (across, down) in zip(self.matrices, self.corners, strict=True):
            yield from matrix.shapes(left + across, top + down)

    def _title(self, centre: float, y: float) -> Iterator[Shape]:
        """The title, with the note behind it."""
        yield TextShape(INK, centre, y + BASELINE * self.letter, self.card.title, self.letter, leaning=not self.is_box)
        if self.note:
            yield TextShape(FAINT, centre + self.title / 2 + 5, y + BASELINE * NOTE, self.card.note, NOTE, "start")


class _DrawnMatrix:
    """A value or a gradient: its letter, and numbers in columns between brackets."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.columns = [max(width_of(cell, FIGURE) for cell in column) for column in zip(*numbers.cells, strict=True)]
        self.inside = sum(self.columns) + 8 * (len(self.columns) - 1)
        self.head = 20.0 if numbers.title else 0.0
        self.width = max(self.inside + (14 if numbers.is_matrix else 0), width_of(numbers.title, LETTER - 2))
        self.height = self.head + LINE * len(numbers.cells) + 2

    def shapes(self, x: float, y: float) -> Iterator[Shape]:
        """From the left upper corner."""
        purpose, middle, top = self.numbers.purpose, x + self.width / 2, y + self.head + 1
        if self.numbers.title:
            yield TextShape(purpose, middle, y + 15, self.numbers.title, LETTER - 2, leaning=True)
        ends = accumulate(self.columns, lambda end, width: end + 8 + width, initial=middle - self.inside / 2 - 8)
        for column, end in zip(zip(*self.numbers.cells, strict=True), list(ends)[1:], strict=True):
            place = (end, "end") if self.numbers.is_matrix else (middle, "middle")
            for i, cell in enumerate(column):
                yield TextShape(purpose, place[0], top + LINE * (i + 0.5) + BASELINE * FIGURE, cell, FIGURE, place[1])
        if self.numbers.is_matrix:
            bottom = top + LINE * len(self.numbers.cells)
            for edge, inwards in ((middle - self.inside / 2 - 5, 4.0), (middle + self.inside / 2 + 5, -4.0)):
                yield _bracket(purpose, edge, inwards, top, bottom)


def _body(matrices: Sequence[_DrawnMatrix]) -> tuple[float, float, list[tuple[float, float]]]:
    """Width, height, and the left upper corner of each: side by side, or below each other if that is too wide."""
    width = sum(matrix.width for matrix in matrices) + BESIDE * max(len(matrices) - 1, 0)
    if width <= WIDEST:
        starts = accumulate((matrix.width + BESIDE for matrix in matrices), initial=0.0)
        corners = [(x, 0.0) for x, _ in zip(starts, matrices, strict=False)]
        return width, max((matrix.height for matrix in matrices), default=0.0), corners
    width = max(matrix.width for matrix in matrices)
    tops = list(accumulate((matrix.height + BELOW for matrix in matrices), initial=0.0))
    return width, tops[-1] - BELOW, [((width - m.width) / 2, y) for m, y in zip(matrices, tops, strict=False)]


def _bracket(purpose: str, x: float, inwards: float, top: float, bottom: float) -> Stroke:
    corners = ((x + inwards, top), (x, top), (x, bottom), (x + inwards, bottom))
    return Stroke(f"{purpose}-line", tuple(("L" if i else "M", corner) for i, corner in enumerate(corners)), 1.2)
