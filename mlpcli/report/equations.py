"""Formulas with numbers as LaTeX: symbol = formula = numbers = value.

Lines are aligned at `&`, and fit on a page by an estimate of their widths.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.report.numbers import significant, typed
from mlpcli.report.sheet import Formula, Section, Sheet
from mlpcli.report.typesetting import BLANK, in_powers, typeset, typeset_cases, typeset_number

PAGE = 452  # points: a little less than the width of A4 between margins of 25 mm
INDENT = 10  # points, of a line that continues
BETWEEN = 20  # points, between given numbers
GAP, BRACKETS = 10, 20  # points, at 10 pt: between columns, and around a matrix

Cells = list[list[str]]


class Box(NamedTuple):
    """A piece of mathematics in LaTeX, and its width in points."""

    latex: str
    width: float


def box(latex: str) -> Box:
    """Mathematics without matrices."""
    return Box(latex, width(latex))


def displays(section: Section, digits: int) -> Iterator[list[str] | Sheet]:
    """Given numbers, then each formula with its sums, as lines that belong together; and the tables."""
    known = [block for block in section.blocks if isinstance(block, Formula) and not block.formula]
    if known:
        yield known_lines(known, digits)
    for block in section.blocks:
        if isinstance(block, Sheet):
            yield block
        elif block.formula:
            yield formula_lines(block, digits) + ([] if _is_its_sum(block, digits) else sum_lines(block, digits))


def _is_its_sum(formula: Formula, digits: int) -> bool:
    """Whether the formula with its numbers is the sum already, as it is for a loss."""
    if not formula.inserted or formula.value.size > 1 or not formula.sums:
        return False
    inserted = "".join(part.latex for part in _factors(formula.inserted, digits, PAGE))
    return inserted.replace(" ", "") == typeset(formula.sums[0][0]).replace(" ", "")


def known_lines(formulas: Iterable[Formula], digits: int) -> list[str]:
    """Given numbers, as many on a line as fit."""
    lines: list[str] = []
    free = 0.0
    for formula in formulas:
        symbol = box(typeset(formula.symbol) + " =")
        first, *rest = matrix(known_cells(formula.value, digits), PAGE - symbol.width)
        needed = symbol.width + first.width + BETWEEN
        if needed > free:
            lines.append(f"&{symbol.latex} {first.latex}")
            free = PAGE
        else:
            lines[-1] += rf" \qquad {symbol.latex} {first.latex}"
        lines += [rf"&\quad {part.latex}" for part in rest]
        free = 0 if rest else free - needed
    return lines


def formula_lines(formula: Formula, digits: int) -> list[str]:
    """symbol = formula = inserted numbers = value, on as many lines as necessary."""
    left, *texts = f"{formula.symbol} = {formula.formula}".split(" = ")
    symbol = box(typeset(left))
    room = PAGE - symbol.width - RELATION - INDENT
    steps = [[box(typeset_cases(text))] for text in texts]
    if formula.inserted:
        steps.append(_factors(formula.inserted, digits, room))
    steps.append(matrix(computed_cells(formula.value, digits), room))
    return _lines(symbol, steps)


def sum_lines(formula: Formula, digits: int) -> list[str]:
    """Each number of the value as a sum."""
    lines = []
    for symbol, text, value in formula.written_out:
        parts = [box(typeset(part)) for part in _summands(text.replace("/", "∕"))]
        lines += _lines(box(typeset(symbol.replace("/", "∕"))), [parts, [box(typeset_number(value, digits))]])
    return lines


def _summands(text: str) -> list[str]:
    """The sum in parts that begin with + or −, except sums under a root or in an exponent."""
    whole = re.sub(r"[√^]\([^()]*\)", lambda found: found[0].replace(" ", "\0"), text)
    return [part.replace("\0", " ") for part in re.split(r" (?=[+−] )", whole)]


def _lines(symbol: Box, steps: Sequence[Sequence[Box]]) -> list[str]:
    """Each step after a =, on the same line if it fits, else on the next one, or on several lines."""
    room = PAGE - symbol.width
    lines, free = [f"{symbol.latex} &="], room - RELATION
    for place, boxes in enumerate(steps):
        if place > 0 and RELATION + sum(part.width for part in boxes) > free:
            lines.append("&=")
            free = room - RELATION
        elif place > 0:
            lines[-1] += " ="
            free -= RELATION
        for part in boxes:
            if part.width > free and not lines[-1].endswith("="):
                lines.append(r"&\quad")
                free = room - INDENT
            lines[-1] += " " + part.latex
            free -= part.width
    return lines


def _factors(pieces: Sequence[Array | str], digits: int, room: float) -> list[Box]:
    """Matrices and numbers, each with the signs before it. Brackets around matrices are large."""
    large = any(not isinstance(piece, str) and piece.size > 1 for piece in pieces)
    boxes: list[Box] = []
    signs = closing = ""
    for piece in pieces:
        if isinstance(piece, str):
            if piece.startswith(")"):
                boxes[-1] = _beside(boxes[-1], box(closing or ")"))
                closing = ""
            signs = piece.removeprefix(")").strip()
            continue
        opening = typeset(signs)
        if large and opening.endswith("("):
            opening, closing = opening.removesuffix("(") + r"\Bigl(", r"\Bigr)"
        first, *rest = _operand(piece, digits, room, signs)
        first = _beside(box(opening), first)
        if signs == "·" and "matrix" not in boxes[-1].latex:  # a number stays with its matrix
            first = _beside(boxes.pop(), first)
        boxes += [first, *rest]
        signs = ""
    return boxes


def _beside(one: Box, two: Box) -> Box:
    return Box(f"{one.latex} {two.latex}".strip(), one.width + two.width)


def _operand(value: Array, digits: int, room: float, signs: str) -> list[Box]:
    """A matrix, or a number: in brackets if it is negative and follows a sign, or is the operand of a function."""
    boxes = matrix(factor_cells(value, digits), room - width(typeset(signs)))
    negative, function = value.size == 1 and value.item() < 0, signs[-1:].isalpha()
    bracketed = value.size == 1 and (function or (negative and signs))
    return [box(f"({boxes[0].latex})")] if bracketed else boxes


# ----- Matrices -----------------------------------------------------------------------------------------------------


def known_cells(values: Array, digits: int) -> Cells:
    """Given numbers, as typed if they are short, so that they lose no digit."""
    return _typed(values) or computed_cells(values, digits)


def factor_cells(values: Array, digits: int) -> Cells:
    """Inserted numbers: as typed if that is no longer than a computed number, or is in powers of ten, like 1e-07.

    A single computed number has as many digits as in a sum: with fewer, the sum would not give its value.
    """
    texts = [text for row in _typed(values) for text in row]
    short = all("^" not in text and len(text.partition(".")[2]) <= digits for text in texts)
    if texts and (short or (len(texts) == 1 and "^" in texts[0])):
        return _typed(values)
    if values.size > 1 or not math.isfinite(values.item()):
        return computed_cells(values, digits)
    return [[in_powers(significant(values.item(), digits))]]


def computed_cells(values: Array, digits: int) -> Cells:
    """Numbers with this many decimals."""
    return [[typeset_number(value, digits) for value in row] for row in values.tolist()]


def _typed(values: Array) -> Cells:
    return [[in_powers(text) for text in row] for row in typed(values.tolist())]


def matrix(cells: Cells, room: float) -> list[Box]:
    """A matrix in round brackets, in several parts if it is too wide. A number has no brackets."""
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


# ----- Widths ---------------------------------------------------------------------------------------------------------

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
