"""Formulas for a page: matrices in drawn brackets, whose computed numbers link to their sums."""

import re
from collections.abc import Iterator
from math import isnan
from typing import NamedTuple

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.report.html_text import exact, mathematics, number, plain, significant, typed
from mlpcli.report.notation import element
from mlpcli.report.sheet import Formula

EQUALS = '<span class="sign">=</span>'
BREAKS = ("+", "−", "⊙")  # a long line may continue below before these
Key = tuple[tuple[int, ...], bytes]


class Target(NamedTuple):
    """The line of a number: its id, and the name of the number for screen readers."""

    line: str
    name: str


Targets = list[list[Target]]  # of the shape of a matrix: the line that each number links to


class Origins:
    """For each number inside a formula, the line further up on the page that computes it."""

    def __init__(self) -> None:
        self.known: dict[Key, list[tuple[str, Targets]]] = {}  # symbols, by their numbers, in their order
        self.named: set[str] = set()

    def add(self, formula: Formula, name: str, part: str) -> Targets:
        """The lines of a formula with sums: `name-1-2` is that of row 1, column 2.

        If a number has the same name as one before it, the part of the page is added.
        """
        shape = formula.value.shape
        names = [[element(formula.symbol, shape, i, j) for j in range(shape[1])] for i in range(shape[0])]
        lines = [
            [Target(f"{name}-{i}-{j}", f"{own}, {part}" if own in self.named else own) for j, own in enumerate(row, 1)]
            for i, row in enumerate(names, 1)
        ]
        self.named.update(own for row in names for own in row)
        self.known.setdefault(_key(formula.value), []).append((formula.symbol, lines))
        return lines

    def of(self, matrix: Array, text: str) -> Targets | None:
        """The lines of the last value with these numbers, upright or transposed, whose symbol is in the formula."""
        for found, turned in ((matrix, False), (matrix.T, True)):
            for symbol, lines in reversed(self.known.get(_key(found), [])):
                if _spoken_of(symbol, text):
                    return [list(column) for column in zip(*lines, strict=True)] if turned else lines
        return None


def _key(matrix: Array) -> Key:
    return matrix.shape, matrix.tobytes()


def _spoken_of(symbol: str, text: str) -> bool:
    """Whether a formula has the symbol: `new W⁽¹⁾` is W⁽¹⁾ in the next step, `h⁽¹⁾[2]` is one of h⁽¹⁾[s]."""
    parts = (part.removeprefix("new ").partition(" of ")[0].partition("[")[0] for part in symbol.split(" = "))
    return any(part in text for part in parts)


# ----- A formula ----------------------------------------------------------------------------------------------------


def formula_html(formula: Formula, name: str, part: str, digits: int, origins: Origins) -> str:
    """symbol = formula = inserted numbers = value, and below it each number of the value as a sum.

    `name` is unique on the page, `part` its heading, and `origins` has the formulas above this one.
    """
    head = mathematics(formula.symbol) + (f" = {mathematics(formula.formula)}" if formula.formula else "")
    parts = [f'<div class="part"><span>{head}</span></div>']
    if formula.inserted:
        parts.append(f'<div class="part inserted">{EQUALS}{_inserted(formula, digits, origins)}</div>')
    lines = origins.add(formula, name, part) if formula.sums else None
    value = _matrix(formula.value, digits, plain(formula.symbol), lines, given=not formula.formula)
    parts.append(f'<div class="part value">{EQUALS}{value}</div>')
    kind = "formula" if formula.formula else "formula given-value"
    line = "\n".join(parts)
    return f'<div class="{kind}">\n<div class="line">\n{line}\n</div>\n{_sums(formula, lines)}</div>\n'


# ----- Numbers ------------------------------------------------------------------------------------------------------


def _inserted(formula: Formula, digits: int, origins: Origins) -> str:
    """Matrices and the signs between them, in groups that stay on one line."""
    groups = [""]
    for piece, takes in zip(formula.inserted, _shares(formula), strict=True):
        if isinstance(piece, str):
            groups += [""] if piece.startswith(BREAKS) else []
            groups[-1] += f'<span class="sign">{mathematics(piece)}</span>'
        else:
            label = f"{piece.shape[0]} × {piece.shape[1]} matrix"
            groups[-1] += _matrix(piece, digits, label, origins.of(piece, formula.formula), takes)
    return "".join(f'<div class="group">{group}</div>' for group in groups if group)


def _shares(formula: Formula) -> Iterator[str]:
    """What one number of the value depends on in each piece: a row, a column, the number at its place, or all.

    In a product of matrices that is a row of the first and a column of the second.
    """
    pieces = formula.inserted
    for before, piece, after in zip(("", *pieces), pieces, (*pieces[1:], ""), strict=False):
        if isinstance(piece, str):
            yield ""
        elif not isinstance(after, str):
            yield "row"
        elif not isinstance(before, str):
            yield "column"
        else:
            alone = before not in ACTIVATIONS or ACTIVATIONS[before].elementwise
            yield "cell" if alone and piece.shape == formula.value.shape else "all"


def _matrix(values: Array, digits: int, label: str, lines: Targets | None, takes: str = "", given: bool = False) -> str:
    """A table in brackets, with links for numbers that have lines of their own; a single number has no brackets."""
    shown = (typed(values) if given else []) or [
        [_shown(value, digits, label) for value in row] for row in values.tolist()
    ]
    if takes and values.size == 1:  # a factor or a summand
        shown = [[significant(values.item(), digits)]]
    if lines is not None:
        shown = [
            [_linked(text, target) for text, target in zip(*row, strict=True)] for row in zip(shown, lines, strict=True)
        ]
    share = f' data-takes="{takes}"' if takes else ""
    if values.size == 1:
        return f'<span class="scalar"{_whole(values.item())}{share}>{shown[0][0]}</span>'
    rows = "".join(
        "<tr>" + "".join(f"<td{_whole(value)}>{text}</td>" for value, text in zip(*row, strict=True)) + "</tr>"
        for row in zip(values.tolist(), shown, strict=True)
    )
    return f'<table class="matrix" aria-label="{label}"{share}>{rows}</table>'


def _shown(value: float, digits: int, label: str) -> str:
    """A number, or a blank to fill in on paper or here."""
    if isnan(value):
        return f'<input class="blank" size="7" aria-label="{label}">'
    return number(value, digits)


def _whole(value: float) -> str:
    """The number with all its digits, shown under the pointer."""
    return "" if isnan(value) else f' title="{value!r}"'


def _linked(text: str, target: Target) -> str:
    """A number that links to its line. A screen reader reads its name after it."""
    spoken = re.sub("<[^>]*>", "", text)
    return f'<a class="number" href="#{target.line}" aria-label="{spoken}, {plain(target.name)}">{text}</a>'


# ----- Sums ---------------------------------------------------------------------------------------------------------


def _sums(formula: Formula, lines: Targets | None) -> str:
    """The lines that the numbers link to."""
    if lines is None:
        return ""
    targets = (target for row in lines for target in row)
    items = "".join(
        f'<li id="{target.line}">{mathematics(f"{name} = {text}")} =&nbsp;{exact(value)}</li>\n'
        for target, (name, text, value) in zip(targets, formula.written_out, strict=True)
    )
    return f'<details class="sums" open>\n<summary>each number as a sum</summary>\n<ul>\n{items}</ul>\n</details>\n'
