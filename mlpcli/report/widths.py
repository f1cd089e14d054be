"""Widths of LaTeX mathematics: estimates in points at 10 pt, more often too wide than too narrow."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from mlpcli.report.typesetting import BLANK

PAGE = 452  # points: a little less than the width of A4 between margins of 25 mm


class Box(NamedTuple):
    """A piece of mathematics in LaTeX, and its width in points."""

    latex: str
    width: float


def box(latex: str) -> Box:
    """Mathematics without matrices."""
    return Box(latex, width(latex))


_PIECE = re.compile(r"\\[a-zA-Z]+ ?| [-+=<>] |.", re.DOTALL)
SILENT = {r"\text", r"\mathrm", r"\hat", r"\tilde", r"\left", r"\right", r"\Bigl", r"\Bigr", " ", "\n", "}"}
RELATIONS = {r"\cdot", r"\odot", r"\leftarrow", r"\ne", "+", "-", "=", "<", ">"}
WIDTHS = {
    **dict.fromkeys("0123456789", 5), **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZmw&%@", 8),
    ".": 2.8, ",": 4.5, "(": 4, ")": 4, "[": 3, "]": 3, "-": 7.8, r"\sqrt": 9, r"\quad": 10, r"\sum": 16,
    r"\tanh": 24, r"\max": 21, r"\min": 19, r"\log": 16,
}  # fmt: skip
LETTER, RELATION, SCRIPT = 5.5, 13.5, 0.75  # points; of a script, the share of its size


@lru_cache(maxsize=1024)  # numbers of long tables repeat
def width(latex: str) -> float:
    """An estimate in points at 10 pt, more often too wide than too narrow."""
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
