"""Pieces of mathematics that stay on one line, with their estimated widths; matrices wider than a line in parts."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.report.typesetting import BLANK, typeset_number, typeset_significant, typeset_typed

PAGE = 452  # points: a little less than A4 has between margins of 25 mm
GAP, BRACKETS = 10, 20  # points, at 10 pt: between columns, and around a matrix
CONSTANT = 4  # significant digits of a constant, at most

Cells = list[list[str]]


class Box(NamedTuple):
    """A piece of mathematics in LaTeX, and its width in points."""

    latex: str
    width: float


def box(latex: str) -> Box:
    """Mathematics without matrices."""
    return Box(latex, width(latex))


# ----- Widths -------------------------------------------------------------------------------------------------------

_PIECE = re.compile(r"\\[a-zA-Z]+ ?| [-+=<>] |.", re.DOTALL)
SILENT = {r"\text", r"\mathrm", r"\hat", r"\left", r"\right", r"\Bigl", r"\Bigr", " ", "\n", "}"}
RELATIONS = {r"\cdot", r"\odot", r"\leftarrow", r"\ne", "+", "-", "=", "<", ">"}
WIDTHS = {
    **dict.fromkeys("0123456789", 5), **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZmw&%@", 8),
    ".": 2.8, ",": 4.5, "(": 4, ")": 4, "[": 3, "]": 3, "-": 7.8, r"\sqrt": 9, r"\quad": 10, r"\sum": 16,
    r"\tanh": 24, r"\max": 21, r"\min": 19, r"\log": 16,
}  # fmt: skip
LETTER, RELATION, SCRIPT = 5.5, 13.5, 0.75  # points; of a script, the share of its size


def width(latex: str) -> float:
    """An estimate in points at 10 pt, rather too wide."""
    return _width_up_to_brace(_PIECE.finditer(latex.replace(BLANK, "x" * 8)))


def _width_up_to_brace(pieces: Iterator[re.Match[str]]) -> float:
    total = 0.0
    for piece in pieces:
        if piece[0] == "}":
            break
        total += _width(piece[0], pieces)
    return total


def _width(piece: str, pieces: Iterator[re.Match[str]]) -> float:
    """The width of one sign, with the groups that belong to it."""
    sign = piece.strip() or " "
    if sign == "{":
        return _width_up_to_brace(pieces)
    if sign in ("^", "_"):
        return SCRIPT * _group(pieces)
    if sign in (r"\frac", r"\tfrac"):
        return max(_group(pieces), _group(pieces)) + 3
    if sign in RELATIONS and piece != "-":
        return RELATION
    return 0 if sign in SILENT else WIDTHS.get(sign, LETTER)


def _group(pieces: Iterator[re.Match[str]]) -> float:
    following = next(pieces, None)
    return _width(following[0], pieces) if following else 0


# ----- Matrices -----------------------------------------------------------------------------------------------------


def known_cells(values: Array, digits: int) -> Cells:
    """Numbers that are given: as typed, where they were, so that they lose no digit."""
    return _typed(values) or computed_cells(values, digits)


def factor_cells(values: Array, digits: int) -> Cells:
    """Numbers that are put in: as typed, where that is no longer than a computed number, or a constant like 0.999.

    A single computed number has as many digits as in a sum: with fewer, what is added would not give what it gives.
    """
    typed = _typed(values)
    texts = [text for row in typed for text in row]
    short = all("^" not in text and len(text.partition(".")[2]) <= digits for text in texts)
    constant = len(texts) == 1 and _significant(texts[0]) <= CONSTANT
    if typed and (short or constant):
        return typed
    return [[typeset_significant(values.item(), digits)]] if values.size == 1 else computed_cells(values, digits)


def _significant(text: str) -> int:
    """How many digits of a number count: 3 in 0.0125, and 1 in a power of ten."""
    return 1 if "^" in text else len(text.replace(".", "").lstrip("-0"))


def computed_cells(values: Array, digits: int) -> Cells:
    """Numbers with so many decimals."""
    return [[typeset_number(value, digits) for value in row] for row in values.tolist()]


def _typed(values: Array) -> Cells:
    """All of them as a person types them, or nothing."""
    found = [[typeset_typed(value) for value in row] for row in values.tolist()]
    return [[text for text in row if text] for row in found] if all(all(row) for row in found) else []


def matrix(cells: Cells, room: float) -> list[Box]:
    """In round brackets; in several parts, column by column, where it is wider than the room. A number stands bare."""
    if len(cells) == len(cells[0]) == 1:
        return [box(cells[0][0])]
    widths = [max(map(width, column)) + GAP for column in zip(*cells, strict=True)]
    if sum(widths) + BRACKETS <= room:
        return [Box(_environment("pmatrix", cells), sum(widths) + BRACKETS)]
    return list(_parts(cells, widths, room - BRACKETS))


def _parts(cells: Cells, widths: list[float], room: float) -> Iterator[Box]:
    """The bracket opens before the first part and closes after the last."""
    start = 0
    while start < len(widths):
        end = start + 1
        while end < len(widths) and sum(widths[start : end + 1]) <= room:
            end += 1
        left = r"\left(" if start == 0 else r"\left."
        right = r"\right)" if end == len(widths) else r"\right."
        inner = _environment("matrix", [row[start:end] for row in cells])
        yield Box(f"{left}{inner}{right}", sum(widths[start:end]) + BRACKETS)
        start = end


def _environment(name: str, cells: Cells) -> str:
    """Rows on lines of their own, as GitHub needs them."""
    rows = " \\\\\n".join(" & ".join(row) for row in cells)
    return f"\\begin{{{name}}}\n{rows}\n\\end{{{name}}}"
