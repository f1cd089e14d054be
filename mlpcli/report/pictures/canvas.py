"""A picture in characters. With Unicode each cell of the canvas has 2 × 4 Braille dots, in ASCII it is one dot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.pictures.axes import Axis
from mlpcli.report.pictures.palette import pen
from mlpcli.report.widths import columns_of

BRAILLE = 0x2800
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a cell, row by row
SIGNS = {True: ("│", "┤", "└", "─", "┬"), False: ("|", "+", "+", "-", "+")}  # upright, tick, corner, flat, tick


@dataclass(frozen=True)
class Cell:
    """A character, its colour among a terminal's 256, and that of its ground."""

    text: str
    colour: int | None = None
    ground: int | None = None


def dots_of(unicode: bool) -> tuple[int, int]:
    """How many dots a cell has across and down."""
    return (2, 4) if unicode else (1, 1)


Cells = list[list[Cell]]  # row by row, all of one width
BLANK = Cell(" ")


def words(text: str, colour: int | None = None, ground: int | None = None) -> list[Cell]:
    """A cell for each column. The second one of a wide letter is empty; an accent stays with what is before it."""
    cells: list[Cell] = []
    for character in text:
        columns = columns_of(character)
        if columns == 0 and cells:
            cells[-1] = Cell(cells[-1].text + character, colour, ground)
            continue
        cells += [Cell(character, colour, ground), *[Cell("", colour, ground)] * (columns - 1)]
    return cells


def padded(row: list[Cell], width: int) -> list[Cell]:
    return row + [BLANK] * (width - len(row))


def beside(blocks: Sequence[Cells], gap: int) -> Cells:
    """Blocks from left to right, the lower ones filled up with blanks."""
    height = max(len(block) for block in blocks)
    rows: Cells = [[] for _ in range(height)]
    for place, block in enumerate(blocks):
        width = len(block[0])
        for number, row in enumerate(rows):
            row += [BLANK] * (gap if place else 0) + (block[number] if number < len(block) else [BLANK] * width)
    return rows


def text_of(cells: Cells, colour: bool) -> str:
    """The rows as lines, with the codes that set colours where the terminal takes them."""
    return "".join(_line(row, colour) + "\n" for row in cells)


def _line(row: list[Cell], colour: bool) -> str:
    line, style = "", ""
    for cell in row:
        wanted = _style(cell) if colour else ""
        if wanted != style:
            line += f"\033[0m{wanted}" if style else wanted
            style = wanted
        line += cell.text
    return line + "\033[0m" if style else line.rstrip()


def _style(cell: Cell) -> str:
    """The codes that set a cell's colours; a blank has none but its ground."""
    ground = "" if cell.ground is None else f"\033[48;5;{cell.ground}m"
    return ground if cell.colour is None or cell.text == " " else f"{ground}\033[38;5;{cell.colour}m"


def place_of(share: float, cells: int, dots: int) -> int:
    """The cell in which this share of an axis lies, of so many cells with so many dots each."""
    return round(share * (cells * dots - 1)) // dots


def broken(row: list[Cell], width: int) -> Cells:
    """A row in pieces of at most so many columns: between words, or within a word that is longer than that."""
    pieces = []
    while len(row) > width:
        end = next((place for place in range(width, 0, -1) if row[place] == BLANK), 0)
        if not end:
            end = width if row[width].text else width - 1  # a wide letter stays whole
        pieces.append(row[:end])
        row = row[end + (row[end] == BLANK) :]
    return [*pieces, row]


def flowed(entries: Sequence[list[Cell]], width: int) -> Cells:
    """Entries beside each other, on as many rows as they take; those below the first row are set in a little."""
    rows = broken(entries[0], width)
    for entry in entries[1:]:
        first, *others = broken(entry, width - 2)
        if len(rows[-1]) + 2 + len(first) > width:
            rows.append([])
        rows[-1] = [*rows[-1], BLANK, BLANK, *first]
        rows += [[BLANK, BLANK, *other] for other in others]
    return rows


# ----- Axes ---------------------------------------------------------------------------------------------------------


def y_axis_cells(axis: Axis, canvas: Cells, margin: int, unicode: bool) -> Cells:
    """The canvas with the axis on its left: margin, and a column for the axis itself."""
    down = dots_of(unicode)[1]
    labels = {place_of(1 - axis.share(tick), len(canvas), down): axis.text(tick) for tick in axis.ticks}
    upright, mark = SIGNS[unicode][:2]
    rows = []
    for number, row in enumerate(canvas):
        label = labels.get(number, "")
        rows.append([*words(f"{label.rjust(margin)}{mark if label else upright}"), *row])
    return rows


def x_axis_cells(axis: Axis, name: str, margin: int, columns: int, unicode: bool) -> Cells:
    """The axis below a canvas, the texts of its ticks, and what it is."""
    _, _, corner, flat, mark = SIGNS[unicode]
    line, texts, used = [flat] * columns, [" "] * (columns + margin + 1), -1
    for tick in axis.ticks:
        place = place_of(axis.share(tick), columns, dots_of(unicode)[0])
        line[place] = mark
        text = axis.text(tick)
        start = max(0, min(margin + 1 + place - (len(text) - 1) // 2, len(texts) - len(text)))
        if start > used:  # or it would run into the text before it
            texts[start : start + len(text)] = text
            used = start + len(text)
    names = [_centred(row, margin + 1, columns) for row in broken(words(name), margin + 1 + columns)]
    return [words(" " * margin + corner + "".join(line)), words("".join(texts)), *names]


def _centred(row: list[Cell], margin: int, columns: int) -> list[Cell]:
    """The row below the middle of a canvas, or so near to that as it has room."""
    before = min(margin + (columns - len(row)) // 2, margin + columns - len(row))
    return [BLANK] * before + row


# ----- Lines --------------------------------------------------------------------------------------------------------


def drawn(lines: Sequence[tuple[Array, Array]], columns: int, rows: int, unicode: bool) -> Cells:
    """Lines on a canvas of so many cells, each in its own colour; in ASCII all of a line is made of its marker.

    A line is (x, y): shares of the canvas from 0 to 1, y upwards. Where y is NaN there is a gap.
    """
    across, down = dots_of(unicode)
    dots = np.array([_dots(x * (columns * across - 1), (1 - y) * (rows * down - 1), columns * across, rows * down)
                     for x, y in lines])  # fmt: skip
    blocks = dots.reshape(-1, rows, down, columns, across).transpose(0, 1, 3, 2, 4)
    passed: Array = np.any(blocks, (3, 4))
    cells = _in_braille((blocks * DOTS).sum((3, 4)), passed) if unicode else _in_ascii(passed)
    mark(cells, [_alone(*line) for line in lines], unicode)
    return cells


def mark(cells: Cells, points: Sequence[tuple[Array, Array]], unicode: bool) -> None:
    """Puts markers on the points of each line, (x, y) as shares. Lines whose markers meet in a cell take turns."""
    across, down = dots_of(unicode)
    found: dict[tuple[int, int], list[int]] = {}
    for place, (x, y) in enumerate(points):
        for at, up in zip(x.tolist(), y.tolist(), strict=True):
            cell = place_of(at, len(cells[0]), across), place_of(1 - up, len(cells), down)
            found.setdefault(cell, []).append(place)
    turn = 0
    for (c, r), there in sorted(found.items()):
        cells[r][c] = _sign(there[turn % len(there)], unicode)
        turn += len(there) > 1


def _in_braille(codes: Array, passed: Array) -> Cells:
    """The dots of all lines, (lines, rows, columns), in the colour of the last one that passes through a cell."""
    cells = [[BLANK] * passed.shape[2] for _ in range(passed.shape[1])]
    together = np.bitwise_or.reduce(codes)
    for place, r, c in np.argwhere(passed):
        cells[r][c] = Cell(chr(BRAILLE + together[r, c]), pen(place).terminal)
    return cells


def _in_ascii(passed: Array) -> Cells:
    """The sign of the line that passes through a cell, (lines, rows, columns); lines that share cells take turns."""
    cells = [[BLANK] * passed.shape[2] for _ in range(passed.shape[1])]
    for place, r, c in np.argwhere(passed):
        cells[r][c] = _sign(place, unicode=False)
    for turn, (c, r) in enumerate(np.argwhere(passed.sum(axis=0).T > 1)):
        there = np.flatnonzero(passed[:, r, c])
        cells[r][c] = _sign(there[turn % len(there)], unicode=False)
    return cells


def _sign(place: int, unicode: bool) -> Cell:
    """The marker of the line at this place."""
    shown = pen(place)
    return Cell(shown.marker if unicode else shown.plain, shown.terminal)


def _dots(x: Array, y: Array, width: int, height: int) -> Array:
    """Which dots a line passes through, (height, width). Its points are in dots, y downwards."""
    found = np.zeros((height, width), bool)
    alone = np.isfinite(x) & np.isfinite(y)
    found[np.rint(y[alone]).astype(int), np.rint(x[alone]).astype(int)] = True
    joined = alone[1:] & alone[:-1]
    x0, y0, x1, y1 = x[:-1][joined], y[:-1][joined], x[1:][joined], y[1:][joined]
    counts = np.ceil(np.maximum(np.abs(x1 - x0), np.abs(y1 - y0))).astype(int) + 1
    segment = np.repeat(np.arange(len(counts)), counts)
    share = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) / np.maximum(counts - 1, 1)[
        segment
    ]
    across = x0[segment] + share * (x1 - x0)[segment]
    downwards = y0[segment] + share * (y1 - y0)[segment]
    found[np.rint(downwards).astype(int), np.rint(across).astype(int)] = True
    return found


def _alone(x: Array, y: Array) -> tuple[Array, Array]:
    """The points with a gap on both sides, of which a single dot would hardly be seen."""
    there = np.concatenate([[False], np.isfinite(x) & np.isfinite(y), [False]])
    places = np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:])
    return x[places], y[places]
