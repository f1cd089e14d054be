"""Characters on a plane: text with colors, lines that join where they meet, and matrices in brackets."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from mlpcli.graph.nodes import Card, Cells, Numbers
from mlpcli.report.cells import BLANK, Character, text_of, words
from mlpcli.report.text import Screen, text_width

Line = list[tuple[str, str]]  # text in pieces, each with its purpose, which gives its color
UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
STROKES = " │││─┘┐┤─└┌├─┴┬┼"  # by the directions in which lines leave a character
STEPS = {UP: (-1, 0), DOWN: (1, 0), LEFT: (0, -1), RIGHT: (0, 1)}
OPPOSITE = {UP: DOWN, DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}
ARROWS = {UP: "▲", DOWN: "▼", LEFT: "◀", RIGHT: "▶"}
COLORS = {"value": 32, "gradient": 166}  # of a terminal's 256, the nearest to those of Okabe and Ito

# What replaces each sign of a drawing in ASCII: one for one, so that everything keeps its place.
ASCII = str.maketrans("│─┘┐┤└┌├┴┬┼▲▼◀▶⎡⎢⎣⎤⎥⎦×·−–…", "|-+++++++++^v<>[[[]]]x*--~")


class Plane:
    """A drawing that grows to the right and downwards."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], Character] = {}  # by row and column
        self.strokes: dict[tuple[int, int], int] = {}

    def write(self, row: int, column: int, line: Line) -> None:
        """Pieces of text one behind the other, from a column onwards."""
        cells = [cell for text, purpose in line for cell in words(text, COLORS.get(purpose))]
        self.cells |= {(row, place): cell for place, cell in enumerate(cells, column)}

    def arrow(self, corners: Sequence[tuple[int, int]]) -> None:
        """A line through (column, row) of its corners, with an arrowhead at its end.

        Corners lie on the borders of what a line connects: it begins and ends in the last character before them.
        """
        ways = [_way(one, two) for one, two in pairwise(corners)]
        (column, row), (last_column, last_row) = corners[0], corners[-1]
        column -= ways[0] == LEFT
        last = last_row - (ways[-1] == DOWN), last_column - (ways[-1] == RIGHT)
        place = (row, column)
        for way, (x, y) in zip(ways, corners[1:], strict=True):
            goal = last if (x, y) == corners[-1] else (y, x)
            while place != goal:
                self.strokes[place] = self.strokes.get(place, 0) | way
                place = place[0] + STEPS[way][0], place[1] + STEPS[way][1]
                self.strokes[place] = self.strokes.get(place, 0) | OPPOSITE[way]
        self.cells[last] = Character(ARROWS[ways[-1]])

    @property
    def width(self) -> int:
        """The length of the longest line."""
        return max((column for _, column in (*self.cells, *self.strokes)), default=-1) + 1

    @property
    def height(self) -> int:
        """The number of lines."""
        return max((row for row, _ in (*self.cells, *self.strokes)), default=-1) + 1

    def text(self, screen: Screen) -> str:
        """The drawing line by line."""
        strokes = {place: Character(STROKES[ways]) for place, ways in self.strokes.items()}
        cells = strokes | {
            place: cell for place, cell in self.cells.items() if cell.text != " " or place not in strokes
        }
        columns = range(self.width)
        text = text_of([[cells.get((row, k), BLANK) for k in columns] for row in range(self.height)], screen.color)
        return text if screen.unicode else text.translate(ASCII)


def _way(one: tuple[int, int], two: tuple[int, int]) -> int:
    """The direction from one corner to the next."""
    if one[0] == two[0]:
        return DOWN if two[1] >= one[1] else UP
    return RIGHT if two[0] > one[0] else LEFT


def length(line: Line) -> int:
    """How many columns a line takes."""
    return sum(text_width(text) for text, _ in line)


# ----- Values and gradients as lines --------------------------------------------------------------------------------

BRACKETS = {"only": ("[", "]"), "first": ("⎡", "⎤"), "middle": ("⎢", "⎥"), "last": ("⎣", "⎦")}


def side_by_side(card: Card) -> list[Line]:
    """The value on the left of its gradient."""
    between = " " if any(numbers.is_matrix for numbers in card.numbers) else "  "  # brackets separate like a blank
    columns = [_in_color(_lines(numbers, _widths(numbers.cells)), numbers.purpose) for numbers in card.numbers]
    return [_joined(row, between) for row in zip(*columns, strict=True)]


def stacked(card: Card) -> list[Line]:
    """The value above its gradient, digits below digits."""
    if all(numbers.is_number for numbers in card.numbers):
        return _numbers_in_columns(card.numbers)
    widths = _widths([row for numbers in card.numbers for row in numbers.cells])
    return [[piece] for numbers in card.numbers for piece in _in_color(_lines(numbers, widths), numbers.purpose)]


def _lines(numbers: Numbers, widths: Sequence[int]) -> list[str]:
    """A number beside its letter, or a matrix below it."""
    if numbers.is_number:
        ((text,),) = numbers.cells
        return [f"{numbers.title} = {text}" if numbers.title else text]
    rows = _bracketed(numbers.cells, widths) if numbers.is_matrix else [row[0] for row in numbers.cells]
    return [numbers.title, *rows] if numbers.title else rows


def _bracketed(cells: Cells, widths: Sequence[int]) -> list[str]:
    lines = []
    for i, row in enumerate(cells):
        place = "only" if len(cells) == 1 else "first" if i == 0 else "last" if i == len(cells) - 1 else "middle"
        left, right = BRACKETS[place]
        lines.append(left + " ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + right)
    return lines


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Of each column."""
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _numbers_in_columns(shown: Sequence[Numbers]) -> list[Line]:
    """`b = 0.1` above `db = −0.2`, with letters and digits below each other."""
    title_width = max(len(numbers.title) for numbers in shown)
    width = max(len(numbers.cells[0][0]) for numbers in shown)
    equals = " = " if title_width else ""
    return [
        [(f"{numbers.title.rjust(title_width)}{equals}{numbers.cells[0][0].rjust(width)}", numbers.purpose)]
        for numbers in shown
    ]


def _in_color(lines: Sequence[str], purpose: str) -> Line:
    """The lines, all of one width, around their middle."""
    width = max(map(len, lines))
    return [(line.center(width), purpose) for line in lines]


def _joined(row: Iterable[tuple[str, str]], between: str) -> Line:
    line: Line = []
    for piece in row:
        line += [(between, ""), piece] if line else [piece]
    return line
