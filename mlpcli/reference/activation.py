"""The page of an activation: its values and derivatives, by the code that trains, and their curves."""

from typing import NamedTuple

import numpy as np

from mlpcli.core.activations import Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.reference.facts import activation_document, check_finite, for_hidden, partners_by_task, why_not_hidden
from mlpcli.report.curves import Curve, Curves, Panels
from mlpcli.report.notation import lowered
from mlpcli.report.sheet import Cell, Formula, Mathematics, Report, Section, Sheet

NUMBERS = (-2.0, -1.0, 0.0, 1.0, 2.0)
VECTOR = (2.0, 1.0, 0.1)  # the lecture's example of a softmax
SPAN = 4.0  # the curves go from −4 to 4, or to the numbers of the user
STEPS = 400  # of a curve, an even number so that it has a point at 0
DRAWN_UNITS = 4
MOST_UNITS = 100  # of a vector, and rows and columns of its Jacobian
MOST_TYPESET = 12  # units in the column of a formula


class Profile(NamedTuple):
    """h = f(a) and f′(a) at each a, (n,); for softmax the Jacobian ∂hᵢ/∂aⱼ, (n, n)."""

    a: Array
    h: Array
    slope: Array


def profile(activation: Activation, a: Array) -> Profile:
    """The function at each number of a; softmax takes a as one vector. Raises ChoiceError if it overflows."""
    with np.errstate(all="ignore"):
        h = activation.forward(a, activation.alpha, np.empty_like(a))
        slope = activation.slope(a, h, activation.alpha)
    check_finite(activation.name, h, slope)
    return Profile(a, h, slope)


def activation_report(row: Activation, at: Array | None = None) -> Report:
    """The function and its derivative, and the values of both: at each number, or for one vector."""
    if row.elementwise:
        return _elementwise_report(row, np.array(NUMBERS) if at is None else at)
    return _vector_report(row, np.array(VECTOR) if at is None else at)


def _elementwise_report(row: Activation, at: Array) -> Report:
    values = profile(row, at)
    lines = tuple(zip(values.a.tolist(), values.h.tolist(), values.slope.tolist(), strict=True))
    names = ("a", "h", "derivative")
    return Report(
        "function",
        {**activation_document(row), "values": [dict(zip(names, line, strict=True)) for line in lines]},
        Sheet("", names, lines),
        (_facts(row), Sheet("Values", ("a", "f(a)", "f′(a)"), lines)),
        _closing(row),
        picture=Panels((_elementwise_curves(row, at),)),
    )


def _elementwise_curves(row: Activation, at: Array) -> Curves:
    """f and f′, each in parts if it jumps."""
    numbers = np.union1d(_points(at), at)
    values, marks = profile(row, numbers), np.searchsorted(numbers, np.unique(at))
    lines = (Curve("f(a)", values.a, values.h, marks), Curve("f′(a)", values.a, values.slope, marks))
    return Curves(row.name, "a", tuple(line.parted() for line in lines) if row.bent else lines)


def _vector_report(row: Activation, at: Array) -> Report:
    """h of the vector a, and the Jacobian there. Raises ChoiceError for too few or too many units."""
    if not 2 <= len(at) <= MOST_UNITS:
        raise ChoiceError(f"--at for {row.name} is one vector of 2 to {MOST_UNITS} numbers, not {len(at)}")
    vector = profile(row, at)
    slopes = vector.slope.tolist()
    lines = tuple(zip(range(1, len(at) + 1), vector.a.tolist(), vector.h.tolist(), strict=True))
    letters = [lowered(unit) for unit, _, _ in lines]
    facts, values = _facts(row), Sheet("Values", ("unit", "a", "h"), lines)
    jacobian = Sheet(
        "Jacobian",
        ("", *(f"/∂a{letter}" for letter in letters)),
        tuple((f"∂h{letter}", *slope) for letter, slope in zip(letters, slopes, strict=True)),
    )
    flat = Sheet(
        "",
        ("unit", "a", "h", *(f"dh_da{unit}" for unit, _, _ in lines)),
        tuple((*line, *slope) for line, slope in zip(lines, slopes, strict=True)),
    )
    return Report(
        "function",
        {**activation_document(row), "a": vector.a.tolist(), "h": vector.h.tolist(), "jacobian": slopes},
        flat,
        (facts, values, jacobian),
        _closing(row),
        (Section(row.name, (*(_formulas(row, vector) or (values, jacobian)), facts)),),
        picture=Panels((_vector_curves(row, at),)),
    )


def _formulas(row: Activation, vector: Profile) -> tuple[Formula, ...]:
    """a, h and the Jacobian, or nothing if they are too long."""
    if len(vector.a) > MOST_TYPESET:
        return ()
    return (
        Formula("a", "", (), vector.a[:, None]),
        Formula("h", f"{row.name}(a) = {row.formula}", (), vector.h[:, None]),
        Formula("∂h/∂a", row.derivative, (), vector.slope),
    )


def _vector_curves(row: Activation, at: Array) -> Curves:
    """The first outputs over a₁, with the other inputs fixed."""
    numbers = np.union1d(_points(at), at[:1])
    marks = np.searchsorted(numbers, at[:1])
    a = np.tile(at, (len(numbers), 1))
    a[:, 0] = numbers
    h = profile(row, a).h
    lines = tuple(Curve(f"h{lowered(i + 1)}", numbers, h[:, i], marks) for i in range(min(DRAWN_UNITS, len(at))))
    return Curves(row.name, "a₁, the others as given", lines)


def _points(at: Array) -> Array:
    """The a of a curve."""
    end = max(SPAN, float(np.abs(at).max()))
    return np.linspace(-end, end, STEPS + 1)


def _facts(row: Activation) -> Sheet:
    """The facts of the table, and the losses for each task."""
    rows: list[tuple[Cell, ...]] = [
        (Mathematics("f(a)"), Mathematics(row.formula)),
        (Mathematics("f′(a)" if row.elementwise else "∂hᵢ/∂aⱼ"), Mathematics(row.derivative)),
        *(((Mathematics("∂h/∂α"), Mathematics(row.learned_derivative)),) if row.learned_derivative else ()),
        ("range", Mathematics(row.range)),
        *((Mathematics(row.letter), f"{value:g}") for value in row.parameters.values()),
        ("hidden layers", for_hidden(row)),
    ]
    rows += [(f"output, {task}", losses) for task, losses in partners_by_task(0, row.name)]
    return Sheet(f"Activation {row.name}", ("property", "value"), tuple(rows))


def _closing(row: Activation) -> tuple[str, ...]:
    """A sentence about the function, and why it is not for hidden layers, if so."""
    about = f"{row.name}: {row.about}"
    return (about, why_not_hidden(row)) if row.hidden else (about,)
