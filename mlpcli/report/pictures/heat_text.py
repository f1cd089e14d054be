"""A matrix for a terminal: its numbers on shades where there is room for them, else a sign for each shade."""

from collections.abc import Sequence

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.pictures.canvas import BLANK, Cell, Cells, broken, flowed, text_of, words
from mlpcli.report.pictures.records import Heat
from mlpcli.report.pictures.shades import meaning, shade
from mlpcli.report.screen import Screen, written
from mlpcli.report.widths import left, right, text_width

WIDEST = 80  # columns where there is no terminal
LEAST = 20
WIDEST_SHADE = 6  # columns of a cell without its number
STEPS = (1, 2, 5, 10, 20, 50, 100)  # between columns that are numbered


def text(heat: Heat, screen: Screen) -> str:
    """Numbers in columns with names, or with the names listed below; else shades."""
    room = max(LEAST, screen.columns or WIDEST) - 1
    columns = [written(name, screen.unicode) for name in heat.columns]
    rows = [written(name, screen.unicode) for name in heat.rows]
    numbers = [str(place) for place in range(1, len(columns) + 1)]
    short = numbers if rows == columns else rows
    cells = [*broken(words(written(heat.title, screen.unicode)), room), words("")]
    listed = [words(""), *flowed([words(f"{k} {name}") for k, name in enumerate(columns, 1)], room)]
    if _fits(heat, rows, columns, room):
        return text_of([*cells, *_table(heat, rows, columns)], screen.colour)
    for heads in (rows, short):
        if _fits(heat, heads, numbers, room):
            return text_of([*cells, *_table(heat, heads, numbers), *listed], screen.colour)
    return text_of([*cells, *_shades(heat, short, room, listed, screen.colour)], screen.colour)


def _margin(heat: Heat, rows: Sequence[str]) -> int:
    """Of the names of the rows, with a blank after them."""
    return 1 + max(map(text_width, (*rows, heat.names[0])))


def _width(heat: Heat, columns: Sequence[str]) -> int:
    """Of a cell, with a blank on each side."""
    return 2 + max(map(text_width, (*columns, *(part for row in heat.texts for part in row))))


def _fits(heat: Heat, rows: Sequence[str], columns: Sequence[str], room: int) -> bool:
    return any(heat.texts[0]) and _margin(heat, rows) + len(columns) * _width(heat, columns) <= room


def _table(heat: Heat, rows: Sequence[str], columns: Sequence[str]) -> Cells:
    """What the columns are, their heads, and a line for each row."""
    margin, room = _margin(heat, rows), _width(heat, columns) - 1
    cells = [words(" " * (margin + 1) + heat.names[1])]
    cells.append(words(left(heat.names[0], margin) + "".join(right(name, room) + " " for name in columns)))
    for name, texts, values in zip(rows, heat.texts, heat.shades.tolist(), strict=True):
        line = words(left(name, margin))
        for part, value in zip(texts, values, strict=True):
            found = shade(value)
            line += words(right(part, room) + " ", found.text, found.ground)
        cells.append(line)
    return cells


def _shades(heat: Heat, rows: Sequence[str], room: int, listed: Cells, colour: bool) -> Cells:
    """What they mean, a line of them for each row, and the names; or of means, where the columns are too many."""
    margin, columns = 1 + max(map(text_width, rows)), heat.shades.shape[1]
    several = -(-columns // (room - margin))
    about = f"{heat.names[0]} by {heat.names[1]} 1 to {columns}"
    if several > 1:
        about += f", each sign the mean of {several}"
    heading = broken(words(f"{about}: {_meaning(heat, colour)}"), room)
    if several > 1:
        starts = np.arange(0, columns, several)
        means = np.add.reduceat(heat.shades, starts, axis=1) / np.diff([*starts, columns])
        return [*heading, *_lines(rows, means, 1, colour)]
    width = min(WIDEST_SHADE, (room - margin) // columns)
    numbers = words(" " * margin + _numbers(columns, width))
    return [*heading, numbers, *_lines(rows, heat.shades, width, colour), *listed]


def _numbers(columns: int, width: int) -> str:
    """The number of each column above it, or of every so many."""
    step = next(step for step in STEPS if step * width > len(str(columns)))
    numbers = ((k, str(k)) for k in range(step, columns + 1, step))
    texts = [left(text, step * width) for k, text in numbers if (k - 1) * width + len(text) <= columns * width]
    return " " * ((step - 1) * width) + "".join(texts).rstrip()


def _lines(rows: Sequence[str], shades: Array, width: int, colour: bool) -> Cells:
    """A row's name, right above that of the next, and its shades, so many columns each."""
    return [
        [*words(name), *(cell for value in values for cell in _shade(value, width, colour))]
        for name, values in zip(_aligned(rows), shades.tolist(), strict=True)
    ]


def _aligned(names: Sequence[str]) -> list[str]:
    """The names, of one width, with a blank after each."""
    width = max(map(text_width, names))
    return [right(name, width) + " " for name in names]


def _meaning(heat: Heat, colour: bool) -> str:
    """What shades or signs stand for."""
    if heat.signed:
        return meaning(heat.scale, colour)
    return f"{'blue' if colour else '+ * #'} is the {heat.measure}, up to {heat.scale:.3g}"


def _shade(value: float, width: int, colour: bool) -> list[Cell]:
    """A shade of so many columns; of signs the last one is a blank."""
    cell = sign_cell(value, colour)
    return [cell] * width if colour or width == 1 else [*[cell] * (width - 1), BLANK]


def sign_cell(value: float, colour: bool) -> Cell:
    """A shade, or its sign where there are no colours."""
    found = shade(value)
    return Cell(" " if colour else found.sign, ground=found.ground)
