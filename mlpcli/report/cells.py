"""Pictures of characters: cells with their colors, in rows of one width, and the axes around a canvas."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from mlpcli.report.curves import Axis
from mlpcli.report.text import columns_of, written

SIGNS = {True: ("│", "┤", "└", "─", "┬"), False: ("|", "+", "+", "-", "+")}  # upright, tick, corner, flat, tick


class Character(NamedTuple):
    """A character, its color and that of its background, both among a terminal's 256."""

    text: str
    color: int | None = None
    ground: int | None = None


Cells = list[list[Character]]  # row by row
BLANK = Character(" ")
RESET = "\033[0m"


def words(text: str, color: int | None = None, ground: int | None = None) -> list[Character]:
    """One cell per column. The second cell of a wide letter is empty; an accent joins the letter before it."""
    cells: list[Character] = []
    for character in text:
        columns = columns_of(character)
        if columns == 0 and cells:
            cells[-1] = Character(cells[-1].text + character, color, ground)
            continue
        cells += [Character(character, color, ground), *[Character("", color, ground)] * (columns - 1)]
    return cells


def padded(row: list[Character], width: int) -> list[Character]:
    return row + [BLANK] * (width - len(row))


def beside(blocks: Sequence[Cells], gap: int) -> Cells:
    """Blocks from left to right, the shorter ones filled up with blanks."""
    height = max(len(block) for block in blocks)
    filled = [[*block, *[[BLANK] * len(block[0])] * (height - len(block))] for block in blocks]
    first, *others = filled
    return [[*first[k], *(cell for block in others for cell in ([BLANK] * gap + block[k]))] for k in range(height)]


def broken(row: list[Character], width: int) -> Cells:
    """A row in pieces of at most `width` columns: between words, or within a word that is longer."""
    pieces = []
    while len(row) > width:
        end = next((place for place in range(width, 0, -1) if row[place] == BLANK), 0)
        if not end:
            end = width if row[width].text else width - 1  # a wide letter stays in one piece
        pieces.append(row[:end])
        row = row[end + (row[end] == BLANK) :]
    return [*pieces, row]


def paragraph(text: str, width: int, unicode: bool) -> Cells:
    """A text from a file in rows of at most `width` columns."""
    return broken(words(written(text, unicode)), width)


def flowed(entries: Sequence[list[Character]], width: int) -> Cells:
    """Entries beside each other, on as many rows as they need; rows below the first are indented."""
    rows = broken(entries[0], width)
    for entry in entries[1:]:
        first, *others = broken(entry, width - 2)
        if len(rows[-1]) + 2 + len(first) > width:
            rows.append([])
        rows[-1] = [*rows[-1], BLANK, BLANK, *first]
        rows += [[BLANK, BLANK, *other] for other in others]
    return rows


def text_of(cells: Cells, color: bool) -> str:
    """The rows as lines, with codes that set colors if the terminal takes them."""
    return "".join(_line(row, color) + "\n" for row in cells)


def uncolored(text: str) -> str:
    """The text without these codes."""
    return re.sub(r"\033\[[\d;]*m", "", text)


def _line(row: list[Character], colored: bool) -> str:
    """A blank takes the color of the text before it, so that words have one code for all of them."""
    end = next((k for k in range(len(row), 0, -1) if row[k - 1].text != " " or (colored and row[k - 1].ground)), 0)
    line = ""
    style: tuple[int | None, int | None] = (None, None)
    for cell in row[:end]:
        wanted = (style[0] if cell.text == " " else cell.color, cell.ground) if colored else (None, None)
        if wanted != style:
            line += ("" if style == (None, None) else RESET) + _codes(*wanted)
            style = wanted
        line += cell.text
    return line if style == (None, None) else line + RESET


def _codes(color: int | None, ground: int | None) -> str:
    """The codes that set the colors of a character and of its background."""
    return ("" if ground is None else f"\033[48;5;{ground}m") + ("" if color is None else f"\033[38;5;{color}m")


# ----- Axes ---------------------------------------------------------------------------------------------------------


def dots_of(unicode: bool) -> tuple[int, int]:
    """How many dots a cell has across and down: those of Braille; one in ASCII."""
    return (2, 4) if unicode else (1, 1)


def place_of(share: float, cells: int, dots: int) -> int:
    """The cell in which this share of an axis lies, on a canvas of `cells` cells with `dots` dots each."""
    return round(share * (cells * dots - 1)) // dots


def with_axes(canvas: Cells, across: Axis, up: Axis, name: str, unicode: bool) -> Cells:
    """A canvas with the axis `up` on its left, and `across` with its name below it."""
    upright, mark = SIGNS[unicode][:2]
    down = dots_of(unicode)[1]
    labels = {place_of(1 - up.share(tick), len(canvas), down): up.text(tick) for tick in up.ticks}
    texts = [labels.get(number, "") for number in range(len(canvas))]
    rows = [
        [*words(f"{text.rjust(up.margin)}{mark if text else upright}"), *row]
        for text, row in zip(texts, canvas, strict=True)
    ]
    return [*rows, *x_axis_cells(across, name, up.margin, len(canvas[0]), unicode)]


def x_axis_cells(axis: Axis, name: str, margin: int, columns: int, unicode: bool) -> Cells:
    """The axis below a canvas, the texts of its ticks, and its name."""
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
    names = [_centered(row, margin + 1, columns) for row in broken(words(name), margin + 1 + columns)]
    return [words(" " * margin + corner + "".join(line)), words("".join(texts)), *names]


def _centered(row: list[Character], margin: int, columns: int) -> list[Character]:
    """The row below the middle of a canvas, or as close to it as possible."""
    before = min(margin + (columns - len(row)) // 2, margin + columns - len(row))
    return [BLANK] * before + row
