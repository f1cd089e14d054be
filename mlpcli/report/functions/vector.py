"""One activation of a vector: softmax, each of whose outputs depends on every a."""

import numpy as np

from mlpcli.core.activations import Activation
from mlpcli.core.arrays import Array
from mlpcli.core.profiles import Profile, profile
from mlpcli.report.functions.activation import SPAN, STEPS, closing, facts_sheet
from mlpcli.report.functions.facts import activation_document
from mlpcli.report.notation import lowered
from mlpcli.report.pictures.records import Curves, Line, Panels
from mlpcli.report.pieces import column
from mlpcli.report.sheet import Formula, Report, Section, Sheet

DRAWN = 4  # units
MOST_TYPESET = 12  # places that a formula shows in a column


def vector_report(row: Activation, at: Array) -> Report:
    """h of the vector a, and the Jacobian there."""
    found = profile(row, at)
    pairs = list(zip(found.a.tolist(), found.h.tolist(), strict=True))
    slopes = found.slope.tolist()
    values = Sheet("Values", ("unit", "a", "h"), tuple((i, a, h) for i, (a, h) in enumerate(pairs, 1)))
    letters = [lowered(i) for i in range(1, len(pairs) + 1)]
    jacobian = Sheet(
        "Jacobian",
        ("", *(f"/∂a{letter}" for letter in letters)),
        tuple((f"∂h{letter}", *line) for letter, line in zip(letters, slopes, strict=True)),
    )
    flat = Sheet(
        "",
        ("unit", "a", "h", *(f"dh_da{j}" for j in range(1, len(pairs) + 1))),
        tuple((*line, *slope) for line, slope in zip(values.rows, slopes, strict=True)),
    )
    facts = facts_sheet(row)
    return Report(
        "function",
        {**activation_document(row), "a": found.a.tolist(), "h": found.h.tolist(), "jacobian": slopes},
        flat,
        (facts, values, jacobian),
        closing(row),
        (Section(row.name, (*(_formulas(row, found) or (values, jacobian)), facts)),),
        picture=Panels((_curves(row, at),)),
    )


def _formulas(row: Activation, found: Profile) -> tuple[Formula, ...]:
    if len(found.a) > MOST_TYPESET:
        return ()
    return (
        Formula("a", "", (), column(found.a)),
        Formula("h", f"{row.name}(a) = {row.formula}", (), column(found.h)),
        Formula("∂h/∂a", row.derivative, (), found.slope),
    )


def _curves(row: Activation, at: Array) -> Curves:
    """The first outputs while a₁ goes from left to right and the others stay."""
    end = max(SPAN, float(np.abs(at).max()))
    places = np.union1d(np.linspace(-end, end, STEPS + 1), at[:1])
    marks = np.searchsorted(places, at[:1])
    a = np.tile(at, (len(places), 1))
    a[:, 0] = places
    h = profile(row, a).h
    lines = tuple(Line(f"h{lowered(i + 1)}", places, h[:, i], marks) for i in range(min(DRAWN, len(at))))
    return Curves(row.name, "a₁, the others as given", lines)
