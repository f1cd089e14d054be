"""One activation of single numbers: its values and slopes at chosen places, and the curves of f and f′."""

import numpy as np

from mlpcli.core.activations import Activation
from mlpcli.core.arrays import Array
from mlpcli.core.profiles import profile
from mlpcli.report.functions.facts import (
    activation_document,
    for_hidden,
    own_formula,
    partners_by_task,
    why_not_hidden,
)
from mlpcli.report.pictures.records import Curves, Line, Panels
from mlpcli.report.sheet import Cell, Mathematics, Report, Sheet
from mlpcli.report.typesetting import GREEK

SPAN = 4.0  # the curves go from −4 to 4, and as far as the places that were asked for
STEPS = 400  # of a curve, an even number so that 0 is a place
LETTERS = {name: letter for letter, name in GREEK.items()}


def activation_report(row: Activation, at: Array) -> Report:
    """The function, its derivative, and both at each place."""
    found = profile(row, at)
    lines = list(zip(found.a.tolist(), found.h.tolist(), found.slope.tolist(), strict=True))
    facts, values = facts_sheet(row), Sheet("Values", ("a", "f(a)", "f′(a)"), tuple(lines))
    entries = [{"a": a, "h": h, "derivative": slope} for a, h, slope in lines]
    flat = Sheet("", ("a", "h", "derivative"), values.rows)
    return Report(
        "function",
        {**activation_document(row), "values": entries},
        flat,
        (facts, values),
        closing(row),
        picture=Panels((_curves(row, at),)),
    )


def facts_sheet(row: Activation) -> Sheet:
    """What the table says, and the losses that it goes with as an output."""
    rows: list[tuple[Cell, ...]] = [
        (Mathematics("f(a)"), Mathematics(own_formula(row))),
        (Mathematics("f′(a)" if row.elementwise else "∂hᵢ/∂aⱼ"), Mathematics(row.derivative)),
        ("range", Mathematics(row.range)),
        *((Mathematics(LETTERS[name]), f"{value:g}") for name, value in row.parameters.items()),
        ("hidden layers", for_hidden(row)),
    ]
    rows += [(f"output, {task}", losses) for task, losses in partners_by_task(0, row.name)]
    return Sheet(f"Activation {row.name}", ("property", "value"), tuple(rows))


def closing(row: Activation) -> tuple[str, ...]:
    """What there is to know, and why it is not for hidden layers where that is so."""
    about = f"{row.name}: {row.about}"
    return (about, why_not_hidden(row)) if row.hidden else (about,)


def _curves(row: Activation, at: Array) -> Curves:
    """f and f′, each in parts where it jumps."""
    end = max(SPAN, float(np.abs(at).max()))
    places = np.union1d(np.linspace(-end, end, STEPS + 1), at)
    found, marks = profile(row, places), np.searchsorted(places, np.unique(at))
    lines = (Line("f(a)", found.a, found.h, marks), Line("f′(a)", found.a, found.slope, marks))
    return Curves(row.name, "a", tuple(line.parted() for line in lines) if row.bent else lines)
