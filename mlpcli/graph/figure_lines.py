"""A node's value and gradient as lines of characters: beside each other, below each other, or in parts."""

from collections.abc import Iterable, Sequence
from math import ceil

from mlpcli.graph.canvas import Line
from mlpcli.graph.graph_cards import Card, Cells, Figure
from mlpcli.report.folding import folded

BRACKETS = {"only": ("[", "]"), "first": ("⎡", "⎤"), "middle": ("⎢", "⎥"), "last": ("⎣", "⎦")}


def side_by_side(card: Card) -> list[Line]:
    """The value on the left of its gradient."""
    shown = _figures(card)
    between = " " if any(figure.is_matrix for figure, _ in shown) else "  "  # brackets part as well as a blank
    columns = [_coloured(_lines(figure, _widths(figure.cells)), colour) for figure, colour in shown]
    return [_joined(row, between) for row in zip(*columns, strict=True)]


def stacked(card: Card) -> list[Line]:
    """The value above its gradient, digits below digits."""
    shown = _figures(card)
    if all(figure.is_number for figure, _ in shown):
        return _numbers_in_columns(shown)
    widths = _widths([row for figure, _ in shown for row in figure.cells])
    return [line for figure, colour in shown for line in _rows(_coloured(_lines(figure, widths), colour))]


def in_parts(card: Card, room: int) -> list[Line]:
    """The value above its gradient, both in lines of at most `room` characters, if a number has no more.

    A matrix that is wider stands there in groups of columns.
    """
    return [
        line
        for figure, colour in _figures(card)
        for part in _parts(figure, room)
        for line in _rows(_coloured(_folded(_lines(part, _widths(part.cells)), room), colour))
    ]


def _figures(card: Card) -> list[tuple[Figure, str]]:
    """What is there of them, each with its colour."""
    both = ((card.value, "value"), (card.gradient, "gradient"))
    return [(figure, colour) for figure, colour in both if figure is not None]


def _lines(figure: Figure, widths: Sequence[int]) -> list[str]:
    """A number beside its letter, or a matrix below it."""
    if figure.is_number:
        ((text,),) = figure.cells
        return [f"{figure.title} = {text}" if figure.title else text]
    rows = _bracketed(figure.cells, widths) if figure.is_matrix else [row[0] for row in figure.cells]
    return [figure.title, *rows] if figure.title else rows


def _bracketed(cells: Cells, widths: Sequence[int]) -> list[str]:
    found = []
    for i, row in enumerate(cells):
        place = "only" if len(cells) == 1 else "first" if i == 0 else "last" if i == len(cells) - 1 else "middle"
        left, right = BRACKETS[place]
        found.append(left + " ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + right)
    return found


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Of each column."""
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _numbers_in_columns(shown: Sequence[tuple[Figure, str]]) -> list[Line]:
    """`b = 0.1` above `db = −0.2`, with letters and digits below each other."""
    titles, texts = [figure.title for figure, _ in shown], [figure.cells[0][0] for figure, _ in shown]
    title_width, text_width = max(map(len, titles)), max(map(len, texts))
    equals = " = " if title_width else ""
    return [
        [(f"{title.rjust(title_width)}{equals}{text.rjust(text_width)}", colour)]
        for title, text, (_, colour) in zip(titles, texts, shown, strict=True)
    ]


def _parts(figure: Figure, room: int) -> list[Figure]:
    """The figure, or where it is a matrix that is too wide groups of its columns: the largest that have room."""
    groups, columns = [figure], len(figure.cells[0])
    for count in range(2, columns + 1):
        if all(_bracketed_width(group.cells) <= room for group in groups):
            break
        size = ceil(columns / count)
        groups = [_some_columns(figure, start, min(start + size, columns)) for start in range(0, columns, size)]
    return groups


def _bracketed_width(cells: Cells) -> int:
    """With blanks between the columns, and two brackets."""
    return sum(width + 1 for width in _widths(cells)) + 1


def _some_columns(figure: Figure, start: int, stop: int) -> Figure:
    """Those from one to before another, named so."""
    which = f"column {stop}" if stop - start == 1 else f"columns {start + 1}–{stop}"
    return Figure(f"{figure.title} {which}".strip(), tuple(row[start:stop] for row in figure.cells))


def _folded(lines: Iterable[str], room: int) -> list[str]:
    """Lines that are too long go on in the next."""
    return [part for line in lines for part in (folded(line, room).split("\n") if len(line) > room else [line])]


def _coloured(lines: Sequence[str], colour: str) -> list[tuple[str, str]]:
    """The lines, all of one width, around their middle."""
    width = max(map(len, lines))
    return [(line.center(width), colour) for line in lines]


def _rows(pieces: Iterable[tuple[str, str]]) -> list[Line]:
    return [[piece] for piece in pieces]


def _joined(row: Iterable[tuple[str, str]], between: str) -> Line:
    line: Line = []
    for piece in row:
        line += [(between, ""), piece] if line else [piece]
    return line
