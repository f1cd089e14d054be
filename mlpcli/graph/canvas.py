"""Characters on a plane: text with colours, and lines that join where they meet."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from mlpcli.report.screen import Screen
from mlpcli.report.widths import columns_of, text_width

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
Line = list[tuple[str, str]]  # text in pieces, each with its colour
STROKES = " ││││┘┐┤─└┌├─┴┬┼"  # by the directions that a stroke goes in
ARROW = "▼"

# What stands for each sign of a drawing where there is only ASCII: one for one, so that everything keeps its place.
ASCII = str.maketrans("│─┘┐┤└┌├┴┬┼▼⎡⎢⎣⎤⎥⎦×·−–…←█░", "|-+++++++++v[[[]]]x*--~<#=")
COLOURS = {
    "value": "38;5;32",
    "gradient": "38;5;166",
    "positive": "38;5;36",
    "negative": "38;5;132",
}  # the nearest to Okabe and Ito's that terminals have


@dataclass
class Canvas:
    """A drawing that grows to the right and downwards."""

    texts: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)  # (row, column): character, colour
    strokes: dict[tuple[int, int], int] = field(default_factory=dict)

    def write(self, row: int, column: int, text: str, colour: str = "") -> None:
        """Text from a column onwards."""
        for character in text:
            columns = columns_of(character)
            if columns == 0 and (row, column - 1) in self.texts:  # an accent stays with what is before it
                before, colour_before = self.texts[row, column - 1]
                self.texts[row, column - 1] = (before + character, colour_before)
            for place in range(columns):  # the second one of a wide letter is empty
                self.texts[row, column + place] = ("" if place else character, colour)
            column += columns

    def write_line(self, row: int, column: int, line: Line) -> None:
        """Pieces of text one behind the other."""
        for text, colour in line:
            self.write(row, column, text, colour)
            column += text_width(text)

    def arrow(self, row: int, column: int) -> None:
        """The head of an arrow that points down."""
        self.write(row, column, ARROW)

    def down(self, column: int, top: int, bottom: int, *, begins: bool = False, ends: bool = False) -> None:
        """A line from one row to before another. Where it begins or ends at a line across, it joins that."""
        for row in range(top, bottom):
            self._stroke(row, column, (0 if begins and row == top else UP) | DOWN)
        if ends:
            self._stroke(bottom, column, UP)

    def across(self, row: int, left: int, right: int) -> None:
        """A line from one column to another."""
        for column in range(left, right + 1):
            self._stroke(row, column, (LEFT if column > left else 0) | (RIGHT if column < right else 0))

    def _stroke(self, row: int, column: int, directions: int) -> None:
        self.strokes[row, column] = self.strokes.get((row, column), 0) | directions

    def append(self, lines: Iterable[Line]) -> None:
        """Lines below all that is there."""
        for row, line in enumerate(lines, self.height):
            self.write_line(row, 0, line)

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
        cells = {place: (STROKES[directions], "") for place, directions in self.strokes.items()} | self.texts
        columns = range(self.width)
        lines = ([cells.get((row, column), (" ", "")) for column in columns] for row in range(self.height))
        found = "".join(_line(line, screen.colour) + "\n" for line in lines)
        return found if screen.unicode else found.translate(ASCII)


def uncoloured(text: str) -> str:
    """A drawing without its colours."""
    return re.sub(r"\033\[[\d;]*m", "", text)


def _line(cells: list[tuple[str, str]], colour: bool) -> str:
    """The characters of a line, in runs of one colour."""
    found = ""
    while cells and cells[-1][0] == " ":
        cells.pop()
    for name, run in groupby(cells, key=lambda cell: cell[1]):
        text = "".join(character for character, _ in run)
        found += f"\033[{COLOURS[name]}m{text}\033[0m" if colour and name else text
    return found
