"""Columns of X that are sums of others, and so leave a direction in which J is constant."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.gradient_free import least_squares, lengths_of
from mlpcli.derivation.gradient_free.normal_equations import Solution
from mlpcli.report.numbers import significant
from mlpcli.report.sheet import Cell, Sheet

VANISHES = 1e-8  # of the largest number beside it: a coefficient that rounding made
MOST_NAMED = 10  # columns in the table


class Dependence(NamedTuple):
    """A column that is a sum of others: x₃ = 2·x₁ + 1."""

    column: int
    of: Mapping[int, float]  # the coefficient of each of them


def dependences(found: Solution) -> list[Dependence]:
    """Each column that is a sum of those before it, where ones come first: as many as the rank is too low.

    The null space of A, whose rows are √c X and √Λ, is brought to echelon form from the last column on.
    """
    A = least_squares(found.system)[0]
    length = lengths_of(A)
    null: Array = np.linalg.svd(np.linalg.qr(A / length, mode="r"))[2][found.rank :].copy()
    made = list[int]()
    for column in reversed(range(found.x.shape[1])):
        rest = null[len(made) :]
        if not len(rest) or np.abs(rest[:, column]).max() < VANISHES:
            continue
        pivot = int(np.argmax(np.abs(rest[:, column])))
        rest[[0, pivot]] = rest[[pivot, 0]]
        null[len(made)] /= null[len(made), column]
        others = np.arange(len(null)) != len(made)
        null[others] -= np.outer(null[others, column], null[len(made)])
        made.append(column)
    return [
        _dependence(column, -row, length) for column, row in sorted(zip(made, null, strict=True), key=lambda p: p[0])
    ]


def _dependence(column: int, row: Array, length: Array) -> Dependence:
    """Of coefficients for columns of length 1, those for the columns as they are."""
    of = {k: float(row[k] * length[column] / length[k]) for k in range(len(row)) if k != column}
    return Dependence(column, {k: factor for k, factor in of.items() if abs(row[k]) > VANISHES})


def in_own_units(found: Solution, scaled: Dependence) -> Dependence:
    """A relation between scaled columns as one between the columns before scaling: x₃ = 10·x₁ for x₃ = x₁.

    Its constant is at the place of the column of ones, even if X has none.
    """
    inputs = found.x.shape[1]
    mean, scale = (np.broadcast_to(each, inputs) for each in (found.scalings.inputs.mean, found.scalings.inputs.scale))
    of = {k: factor * float(scale[scaled.column] / scale[k]) for k, factor in scaled.of.items() if k < inputs}
    terms = [float(mean[scaled.column]), float(scale[scaled.column]) * scaled.of.get(inputs, 0.0)]
    terms += [-factor * float(mean[k]) for k, factor in of.items()]
    constant = sum(terms)
    if abs(constant) > VANISHES * max(map(abs, terms)):
        of[inputs] = constant
    return Dependence(scaled.column, of)


def dependent_sheet(found: Solution, others: list[Dependence]) -> Sheet:
    """Each of these columns as a sum of others; if the inputs are scaled, also before scaling."""
    mean, scale = found.scalings.inputs.mean, found.scalings.inputs.scale
    scaled = bool(mean.any() or (scale != 1).any())
    rows: list[tuple[Cell, ...]] = [
        (found.names[each.column], _spelled(found, each), *[_spelled(found, in_own_units(found, each))] * scaled)
        for each in others[:MOST_NAMED]
    ]
    more = f"; {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    where = ("in the scaled samples", "before scaling") if scaled else ("in these samples",)
    return Sheet(f"Columns of X that depend on others{more}", ("column", *where), tuple(rows))


def _spelled(found: Solution, each: Dependence) -> str:
    """2·x1 − 3"""
    text = ""
    for k, factor in sorted(each.of.items()):
        sign = "−" if factor < 0 else "+"
        shown = significant(abs(factor))
        constant = k == found.x.shape[1]
        term = shown if constant else found.names[k] if shown == "1" else f"{shown}·{found.names[k]}"
        text += f" {sign} {term}" if text else f"{sign.strip('+')}{term}"
    return text or "0"
