"""Characters on a plane: text with colors, lines that join where they meet, and matrices in brackets."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from math import ceil

from mlpcli.graph.cards import Card, Cells, Numbers
from mlpcli.report.screen import Screen
from mlpcli.report.text import columns_of, folded, text_width

Line = list[tuple[str, str]]  # text in pieces, each with its color
UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
STROKES = " │││─┘┐┤─└┌├─┴┬┼"  # by the directions in which lines leave a character
STEPS = {UP: (-1, 0), DOWN: (1, 0), LEFT: (0, -1), RIGHT: (0, 1)}
OPPOSITE = {UP: DOWN, DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}
ARROWS = {UP: "▲", DOWN: "▼", LEFT: "◀", RIGHT: "▶"}

# What stands for each sign of a drawing in ASCII: one for one, so that everything keeps its place.
ASCII = str.maketrans("│─┘┐┤└┌├┴┬┼▲▼◀▶⎡⎢⎣⎤⎥⎦×·−–…←█░", "|-+++++++++^v<>[[[]]]x*--~<#=")
COLORS = {
    "value": "38;5;32",
    "gradient": "38;5;166",
    "positive": "38;5;36",
    "negative": "38;5;132",
}  # the nearest to Okabe and Ito's that terminals have


class Plane:
    """A drawing that grows to the right and downwards."""

    def __init__(self) -> None:
        self.texts: dict[tuple[int, int], tuple[str, str]] = {}  # (row, column): character, color
        self.strokes: dict[tuple[int, int], int] = {}

    def write(self, row: int, column: int, line: Line) -> None:
        """Pieces of text one behind the other, from a column onwards."""
        for text, color in line:
            for character in text:
                columns = columns_of(character)
                if columns == 0 and (row, column - 1) in self.texts:  # an accent stays with what is before it
                    before, color_before = self.texts[row, column - 1]
                    self.texts[row, column - 1] = (before + character, color_before)
                for place in range(columns):  # the second one of a wide letter is empty
                    self.texts[row, column + place] = ("" if place else character, color)
                column += columns

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
        self.texts[last] = (ARROWS[ways[-1]], "")

    def append(self, lines: Iterable[Line]) -> None:
        """Lines below all that is there."""
        for row, line in enumerate(lines, self.height):
            self.write(row, 0, line)

    @property
    def width(self) -> int:
        """The length of the longest line."""
        return max((column for _, column in (*self.texts, *self.strokes)), default=-1) + 1

    @property
    def height(self) -> int:
        """How many lines there are."""
        return max((row for row, _ in (*self.texts, *self.strokes)), default=-1) + 1

    def text(self, screen: Screen) -> str:
        """The drawing line by line."""
        strokes = {place: (STROKES[ways], "") for place, ways in self.strokes.items()}
        cells = strokes | {place: cell for place, cell in self.texts.items() if cell[0] != " " or place not in strokes}
        columns = range(self.width)
        lines = ([cells.get((row, column), (" ", "")) for column in columns] for row in range(self.height))
        text = "".join(_line(line, screen.colour) + "\n" for line in lines)
        return text if screen.unicode else text.translate(ASCII)


def _way(one: tuple[int, int], two: tuple[int, int]) -> int:
    """The direction from one corner to the next."""
    if one[0] == two[0]:
        return DOWN if two[1] >= one[1] else UP
    return RIGHT if two[0] > one[0] else LEFT


def _line(cells: list[tuple[str, str]], color: bool) -> str:
    """The characters of a line, in runs of one color."""
    line = ""
    while cells and cells[-1][0] == " ":
        cells.pop()
    for name, run in groupby(cells, key=lambda cell: cell[1]):
        text = "".join(character for character, _ in run)
        line += f"\033[{COLORS[name]}m{text}\033[0m" if color and name else text
    return line


def uncolored(text: str) -> str:
    """A drawing without its colors."""
    return re.sub(r"\033\[[\d;]*m", "", text)


def length(line: Line) -> int:
    """How many columns a line takes."""
    return sum(text_width(text) for text, _ in line)


def legend_lines(value: str, gradient: str, screen: Screen) -> list[Line]:
    """`left: value   right: gradient of J`, in two lines if there is no room for one."""
    line = [(value, "value"), ("   ", ""), (gradient, "gradient")]
    return [line] if length(line) <= screen.room else [line[:1], line[2:]]


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


def in_parts(card: Card, room: int) -> list[Line]:
    """The value above its gradient, both in lines of at most `room` characters, if no number has more.

    A matrix that is wider stands there in groups of columns.
    """
    return [
        [piece]
        for numbers in card.numbers
        for part in _parts(numbers, room)
        for piece in _in_color(_folded(_lines(part, _widths(part.cells)), room), numbers.purpose)
    ]


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


def _parts(numbers: Numbers, room: int) -> list[Numbers]:
    """The numbers, or groups of the columns of a matrix that is too wide: the largest that have room."""
    groups, columns = [numbers], len(numbers.cells[0])
    for count in range(2, columns + 1):
        if all(sum(width + 1 for width in _widths(group.cells)) + 1 <= room for group in groups):
            break
        size = ceil(columns / count)
        groups = [_some_columns(numbers, start, min(start + size, columns)) for start in range(0, columns, size)]
    return groups


def _some_columns(numbers: Numbers, start: int, stop: int) -> Numbers:
    """Those from one to before another, named so."""
    which = f"column {stop}" if stop - start == 1 else f"columns {start + 1}–{stop}"
    cells = tuple(row[start:stop] for row in numbers.cells)
    return numbers._replace(title=f"{numbers.title} {which}".strip(), cells=cells)


def _folded(lines: Iterable[str], room: int) -> list[str]:
    """Lines that are too long go on in the next."""
    return [part for line in lines for part in (folded(line, room).split("\n") if len(line) > room else [line])]


def _in_color(lines: Sequence[str], color: str) -> Line:
    """The lines, all of one width, around their middle."""
    width = max(map(len, lines))
    return [(line.center(width), color) for line in lines]


def _joined(row: Iterable[tuple[str, str]], between: str) -> Line:
    line: Line = []
    for piece in row:
        line += [(between, ""), piece] if line else [piece]
    return line
