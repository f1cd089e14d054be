"""Formulas in numbers as lines of LaTeX, aligned at `&`, none wider than a page: symbol = formula = numbers = value."""

import re
from collections.abc import Iterable, Iterator, Sequence

from mlpcli.core.arrays import Array
from mlpcli.report.boxes import PAGE, RELATION, Box, box, computed_cells, factor_cells, known_cells, matrix, width
from mlpcli.report.notation import element
from mlpcli.report.sheet import Formula, Section, Sheet
from mlpcli.report.typesetting import typeset, typeset_cases, typeset_number

INDENT = 10  # points, of a line that goes on
BETWEEN = 20  # points, between what is given


def displays(section: Section, digits: int) -> Iterator[list[str] | Sheet]:
    """What is given, then each formula with its sums, as lines that belong together; and the tables."""
    known = [block for block in section.blocks if isinstance(block, Formula) and not block.formula]
    if known:
        yield known_lines(known, digits)
    for block in section.blocks:
        if isinstance(block, Sheet):
            yield block
        elif block.formula:
            yield formula_lines(block, digits) + sum_lines(block, digits)


def known_lines(formulas: Iterable[Formula], digits: int) -> list[str]:
    """What is given, as many beside each other as fit."""
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
    """symbol = formula = numbers put in = value, on as many lines as it takes."""
    left, *texts = f"{formula.symbol} = {formula.formula}".split(" = ")
    symbol = box(typeset(left))
    room = PAGE - symbol.width - RELATION - INDENT
    steps = [[box(typeset_cases(text))] for text in texts]
    if formula.inserted:
        steps.append(_factors(formula.inserted, digits, room))
    steps.append(matrix(computed_cells(formula.value, digits), room))
    return _lines(symbol, steps)


def sum_lines(formula: Formula, digits: int) -> list[str]:
    """Each number of the value as the sum it is."""
    lines = []
    for i, row in enumerate(formula.sums):
        for j, text in enumerate(row):
            parts = [box(typeset(part)) for part in _summands(text.replace("/", "∕"))]
            symbol = element(formula.symbol, formula.value.shape, i, j).replace("/", "∕")
            value = box(typeset_number(formula.value[i, j], digits))
            lines += _lines(box(typeset(symbol)), [parts, [value]])
    return lines


def _summands(text: str) -> list[str]:
    """The sum in parts that begin with + or −, but for sums under a root or in an exponent."""
    whole = re.sub(r"[√^]\([^()]*\)", lambda found: found[0].replace(" ", "\0"), text)
    return [part.replace("\0", " ") for part in re.split(r" (?=[+−] )", whole)]


def _lines(symbol: Box, steps: Sequence[Sequence[Box]]) -> list[str]:
    """Each step after a =, on the same line where it fits, else on the next; on several where it must."""
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
    """A matrix, or a number: in brackets where it is negative and follows a sign, or is what a function takes."""
    boxes = matrix(factor_cells(value, digits), room - width(typeset(signs)))
    negative, function = value.size == 1 and value.item() < 0, signs[-1:].isalpha()
    bracketed = value.size == 1 and (function or (negative and signs))
    return [box(f"({boxes[0].latex})")] if bracketed else boxes
