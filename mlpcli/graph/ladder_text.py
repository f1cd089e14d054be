"""A computational graph in characters: a drawing with its numbers, or on a narrow screen one without, and tables.

A drawing is a plane of characters: text with colors, lines that join where they meet, and matrices in brackets.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from textwrap import wrap

from mlpcli.graph.layout import Measures, Size, ladder
from mlpcli.graph.nodes import OPERATION, Card, Cells, Graph, Numbers, cards, legend
from mlpcli.report.cells import BLANK, Character, text_of, words
from mlpcli.report.numbers import WithUnit
from mlpcli.report.sheet import Sheet
from mlpcli.report.terminal import sheet_text
from mlpcli.report.text import Screen, text_width, written

MEASURES = Measures(down=1, apart=1, bend=1, lane=2, head=2, line=1)
HELD = "\N{NO-BREAK SPACE}"  # between a variable and its shape, and behind an arrow, where no line ends
Line = list[tuple[str, str]]  # text in pieces, each with its purpose, which gives its color


# ----- Characters on a plane ----------------------------------------------------------------------------------------

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
STROKES = " │││─┘┐┤─└┌├─┴┬┼"  # by the directions in which lines leave a character
STEPS = {DOWN: (1, 0), LEFT: (0, -1), RIGHT: (0, 1)}  # no line runs up
OPPOSITE = {DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}
ARROWS = {DOWN: "▼", LEFT: "◀", RIGHT: "▶"}
COLORS = {"value": 32, "gradient": 166}  # of a terminal's 256, the nearest to those of Okabe and Ito

# What replaces each sign of a drawing in ASCII: one for one, so that everything keeps its place.
ASCII = str.maketrans("│─┘┐┤└┌├┴┬┼▼◀▶⎡⎢⎣⎤⎥⎦×·−–…", "|-+++++++++v<>[[[]]]x*--~")


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
        return DOWN
    return RIGHT if two[0] > one[0] else LEFT


def length(line: Line) -> int:
    """How many columns a line takes."""
    return sum(text_width(text) for text, _ in line)


# ----- The ladder ---------------------------------------------------------------------------------------------------


def ladder_text(graph: Graph, digits: int, screen: Screen) -> str:
    """The first form that the screen has room for. A pipe has room for all of it."""
    shown = _cards(graph, digits, screen)
    for numbers, value, gradient in (
        (side_by_side, "left: value", "right: gradient of J"),
        (stacked, "above: value", "below: gradient of J"),
    ):
        plane = _drawing(graph, shown, numbers)
        if len(legend(graph)) > 1:
            plane.write(plane.height + 1, 0, [(value, "value"), ("   ", ""), (gradient, "gradient")])
        if plane.width <= screen.room:
            return plane.text(screen)
    without_numbers = graph._replace(nodes=tuple(node._replace(value=None, gradient=None) for node in graph.nodes))
    named = _cards(without_numbers, digits, screen)
    plane = _drawing(graph, named, side_by_side)
    drawn = plane.text(screen) if plane.width <= screen.room else _operations(graph, named, screen)
    return "\n".join([drawn, *(sheet_text(sheet, digits, screen) for sheet in _number_sheets(graph, shown))])


def _cards(graph: Graph, digits: int, screen: Screen) -> tuple[Card, ...]:
    """The text of each node, in letters that the screen has. The plane replaces signs in numbers one by one."""
    return tuple(card.spelled(lambda text: written(text, screen.unicode)) for card in cards(graph, digits))


def _drawing(graph: Graph, shown: Sequence[Card], numbers: Callable[[Card], list[Line]]) -> Plane:
    """The ladder; `numbers` arranges the value and the gradient of a node."""
    blocks = {card.id: _block(card, numbers) for card in shown}
    sizes = {card.id: _size(card, blocks[card.id]) for card in shown}
    layout, plane = ladder(graph, sizes, MEASURES), Plane()
    for wire in layout.wires:
        plane.arrow(wire)
    for name, spot in layout.spots.items():
        for row, line in enumerate(blocks[name], spot.top):
            plane.write(row, spot.middle - length(line) // 2, line)
    return plane


def _block(card: Card, numbers: Callable[[Card], list[Line]]) -> list[Line]:
    """A node as lines: its title, in brackets for an operation, and its numbers."""
    return [*([[(_titled(card), "")]] if card.head else []), *(numbers(card) if card.numbers else [])]


def _size(card: Card, lines: Sequence[Line]) -> Size:
    """With a blank on either side. Lines meet an operation at its title, and a variable in the middle."""
    port = 0 if card.kind == OPERATION else len(lines) // 2
    width = max(map(length, lines))
    text = "".join(piece for piece, _ in lines[port])
    blank = min(len(text) - len(text.lstrip()), len(text) - len(text.rstrip()))  # on both sides of centered text
    return Size(width + 3 - width % 2, len(lines), port, length(lines[port]) + 2 - 2 * blank)


def _titled(card: Card) -> str:
    return f"[{card.head}]" if card.kind == OPERATION else card.head


# ----- On a narrow screen -------------------------------------------------------------------------------------------


def _operations(graph: Graph, named: Sequence[Card], screen: Screen) -> str:
    """Operations in order, each between its operands and its result. A variable has its shape at its first place.

    W⁽¹⁾ 2×2, x 2 → [matmul]
    [matmul], b⁽¹⁾ 2 → [+] → a⁽¹⁾ 2
    """
    new = {card.id: _titled(card) if card.kind == OPERATION else _titled(card).replace(" ", HELD) for card in named}
    known, arrow = _short_titles(named), f" {written('→', screen.unicode)}{HELD}"
    lines: list[str] = []
    for node in graph.nodes:
        if node.kind == OPERATION:
            text = graph.operation(node, lambda name: new.pop(name, known[name]), arrow)
            lines += wrap(text, screen.room, subsequent_indent="  ", break_on_hyphens=False)
    return "".join(f"{line.replace(HELD, ' ')}\n" for line in lines)


def _short_titles(shown: Sequence[Card]) -> dict[str, str]:
    """Names without shapes, by the id of the node."""
    return {card.id: f"[{card.title}]" if card.kind == OPERATION else card.title for card in shown}


def _number_sheets(graph: Graph, shown: Sequence[Card]) -> Iterator[Sheet]:
    """A table for each node with numbers: the columns of its value, and then those of its gradient."""
    titles = _short_titles(shown)
    for node, card in zip(graph.nodes, shown, strict=True):
        if not card.numbers:
            continue
        title = graph.operation(node, titles.__getitem__) if card.kind == OPERATION else card.title
        heads = [head for numbers in card.numbers for head in _heads(numbers)]
        rows = [[*chain(*rows)] for rows in zip(*(numbers.cells for numbers in card.numbers), strict=True)]
        if card.numbers[0].is_matrix:
            yield Sheet(title, ("", *heads), tuple((i, *map(WithUnit, row)) for i, row in enumerate(rows, 1)))
        else:
            yield Sheet(title, tuple(heads), tuple(map(tuple, rows)), keys=0)


def _heads(numbers: Numbers) -> list[str]:
    """What the columns of a value or a gradient are called."""
    columns = len(numbers.cells[0])
    return [numbers.purpose] if columns == 1 else [f"{numbers.purpose} {column}" for column in range(1, columns + 1)]


# ----- Values and gradients as lines --------------------------------------------------------------------------------

BRACKETS = {"only": ("[", "]"), "first": ("⎡", "⎤"), "middle": ("⎢", "⎥"), "last": ("⎣", "⎦")}


def side_by_side(card: Card) -> list[Line]:
    """The value on the left of its gradient."""
    between = " " if any(numbers.is_matrix for numbers in card.numbers) else "  "  # brackets separate like a blank
    columns = [_in_color(_lines(numbers, _widths(numbers.cells)), numbers.purpose) for numbers in card.numbers]
    return [[piece for number in row for piece in ((between, ""), number)][1:] for row in zip(*columns, strict=True)]


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
