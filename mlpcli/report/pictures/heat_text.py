"""A matrix for a terminal: its numbers on shades where there is room for them, else a sign for each shade."""

from collections.abc import Sequence

import numpy as np

from mlpcli.report.pictures.canvas import Cell, Cells, flowed, text_of, words
from mlpcli.report.pictures.records import Heat
from mlpcli.report.pictures.shades import meaning, shade
from mlpcli.report.screen import Screen, written
from mlpcli.report.widths import left, right, text_width

WIDEST = 80  # columns where there is no terminal
LEAST = 24


def text(heat: Heat, screen: Screen) -> str:
    """Columns by their names, else by their numbers with a list of the names; else only signs."""
    room = max(LEAST, screen.columns or WIDEST) - 1
    columns = [written(name, screen.unicode) for name in heat.columns]
    rows = [written(name, screen.unicode) for name in heat.rows]
    numbers = [str(place) for place in range(1, len(columns) + 1)]
    title = [words(written(heat.title, screen.unicode)), words("")]
    if _fits(heat, rows, columns, room):
        return text_of(title + _table(heat, rows, columns), screen.colour)
    if _fits(heat, rows, numbers, room):
        names = [words(f"{number} {name}") for number, name in zip(numbers, columns, strict=True)]
        return text_of([*title, *_table(heat, rows, numbers), words(""), *flowed(names, room)], screen.colour)
    return text_of(title + _signs(heat, rows, room, screen.colour), screen.colour)


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


def _signs(heat: Heat, rows: Sequence[str], room: int, colour: bool) -> Cells:
    """A sign for each number, or for the mean of several where they are too many."""
    margin = _margin(heat, rows)
    several = -(-heat.shades.shape[1] // (room - margin))
    starts = np.arange(0, heat.shades.shape[1], several)
    sizes = np.diff([*starts, heat.shades.shape[1]])
    means = np.add.reduceat(heat.shades, starts, axis=1) / sizes
    of = f", each sign the mean of {several}" if several > 1 else ""
    cells = [words(f"{heat.names[1]} 1 to {heat.shades.shape[1]}{of}: {meaning(heat.scale, colour)}")]
    for name, values in zip(rows, means.tolist(), strict=True):
        cells.append([*words(right(name, margin - 1) + " "), *(sign_cell(value, colour) for value in values)])
    return cells


def sign_cell(value: float, colour: bool) -> Cell:
    """A shade, or its sign where there are no colours."""
    found = shade(value)
    return Cell(" " if colour else found.sign, ground=found.ground)
