"""The page of an activation or a loss: its facts, its values by the code that trains, and their curves."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import TARGETS, Loss
from mlpcli.core.objective import objective_of, output_delta
from mlpcli.core.outputs import Output
from mlpcli.reference.facts import activation_document, for_hidden, loss_document, partners_by_task, why_not_hidden
from mlpcli.report.curves import Curve, Curves
from mlpcli.report.notation import lowered
from mlpcli.report.sheet import Cell, Formula, Mathematics, Report, Section, Sheet

NUMBERS = (-2.0, -1.0, 0.0, 1.0, 2.0)
VECTOR = (2.0, 1.0, 0.1)  # the lecture's example of a softmax
PROBABILITIES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
STEPS = 400  # of a curve, an even number so that it has a point at 0
SPAN = 4.0  # curves of activations go from −4 to 4, or to the numbers of the user
AROUND = 2.0  # of the curves of a loss of numbers, on both sides of the targets
NEAREST = 0.01  # to 0 and 1, of the curves of a loss of probabilities
SHOWN_TARGETS = (0, 1)
DRAWN_UNITS = 4
MOST_UNITS = 100  # of a vector, and rows and columns of its Jacobian
MOST_TYPESET = 12  # units in the column of a formula


def _points(low: float, high: float, at: Array) -> tuple[Array, Array]:
    """The numbers over which a curve is drawn, and the places of the user's among them."""
    numbers = np.union1d(np.linspace(low, high, STEPS + 1), at)
    return numbers, np.searchsorted(numbers, np.unique(at))


def _check_finite(name: str, *values: Array) -> None:
    """Raises ChoiceError for values or derivatives that overflow."""
    if not all(np.isfinite(array).all() for array in values):
        raise ChoiceError(f"{name} or its derivative overflows there; use values or parameters closer to 1")


# ----- An activation --------------------------------------------------------------------------------------------------


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
    _check_finite(activation.name, h, slope)
    return Profile(a, h, slope)


def activation_report(row: Activation, at: Array | None) -> Report:
    """The function and its derivative, and the values of both: at each number, or for one vector."""
    if at is None:
        at = np.array(NUMBERS if row.elementwise else VECTOR)
    return _elementwise_report(row, at) if row.elementwise else _vector_report(row, at)


def _elementwise_report(row: Activation, at: Array) -> Report:
    values = profile(row, at)
    lines = tuple(zip(values.a.tolist(), values.h.tolist(), values.slope.tolist(), strict=True))
    names = ("a", "h", "derivative")
    return Report(
        "function",
        {**activation_document(row), "values": [dict(zip(names, line, strict=True)) for line in lines]},
        Sheet("", names, lines),
        (_activation_facts(row), Sheet("Values", ("a", "f(a)", "f′(a)"), lines)),
        _closing(row),
        picture=(_elementwise_curves(row, at),),
    )


def _elementwise_curves(row: Activation, at: Array) -> Curves:
    """f and f′, each in parts if it jumps."""
    numbers, marks = _points(-_end(at), _end(at), at)
    values = profile(row, numbers)
    lines = (Curve("f(a)", values.a, values.h, marks), Curve("f′(a)", values.a, values.slope, marks))
    return Curves(row.name, "a", tuple(line.parted() for line in lines) if row.bent else lines)


def _end(at: Array) -> float:
    """The largest number of a curve with these marks."""
    return max(SPAN, float(np.abs(at).max()))


def _vector_report(row: Activation, at: Array) -> Report:
    """h of the vector a, and the Jacobian there. Raises ChoiceError for too few or too many units."""
    if not 2 <= len(at) <= MOST_UNITS:
        raise ChoiceError(f"--at for {row.name} is one vector of 2 to {MOST_UNITS} numbers, not {len(at)}")
    vector = profile(row, at)
    slopes = vector.slope.tolist()
    lines = tuple(zip(range(1, len(at) + 1), vector.a.tolist(), vector.h.tolist(), strict=True))
    letters = [lowered(unit) for unit, _, _ in lines]
    facts, values = _activation_facts(row), Sheet("Values", ("unit", "a", "h"), lines)
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
        picture=(_vector_curves(row, at),),
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
    numbers, marks = _points(-_end(at), _end(at), at[:1])
    a = np.tile(at, (len(numbers), 1))
    a[:, 0] = numbers
    h = profile(row, a).h
    lines = tuple(Curve(f"h{lowered(i + 1)}", numbers, h[:, i], marks) for i in range(min(DRAWN_UNITS, len(at))))
    return Curves(row.name, "a₁, the others as given", lines)


def _activation_facts(row: Activation) -> Sheet:
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


# ----- A loss ---------------------------------------------------------------------------------------------------------


class LossProfile(NamedTuple):
    """L of a sample with target y at each ŷ = f(a), with ∂L/∂ŷ and ∂L/∂a; each (n,). For a number ŷ, a is the same."""

    y_hat: Array
    loss: Array
    d_y_hat: Array
    a: Array
    da: Array

    @property
    def rows(self) -> Iterator[tuple[float, ...]]:
        """The numbers at each ŷ."""
        return zip(*(column.tolist() for column in self), strict=True)


def loss_profile(loss: Loss, y_hat: Array, y: float) -> LossProfile:
    """The loss at each ŷ, between 0 and 1 if it takes probabilities, for y = 0 or 1.

    One output suffices if each stands for itself, a sigmoid's or a linear unit's. If the targets of a sample depend on
    each other there are two, y and 1 − y: probabilities ŷ and 1 − ŷ of a softmax over a and 0, or scores ŷ and 0.
    Raises ChoiceError if the loss or its gradient overflows.
    """
    targets = np.array([y, 1 - y] if loss.couples_outputs else [y], np.float64)
    targets = np.broadcast_to(targets, (len(y_hat), len(targets)))
    a = np.zeros(targets.shape)
    a[:, 0] = np.log(y_hat / (1 - y_hat)) if loss.of_probabilities else y_hat
    output = _output(loss, a)
    value: Array = loss.terms(output, targets).sum(axis=-1)
    with np.errstate(all="ignore"):
        gradient = loss.gradient(output.y_hat, targets)[:, 0]
    _check_finite(loss.name, value, gradient)
    da = gradient
    if loss.of_probabilities:
        da = output_delta(objective_of(loss), output.activation, a, output.y_hat, targets, np.empty_like(a))[:, 0]
    return LossProfile(y_hat, value, gradient, a[:, 0], da)


def _output(loss: Loss, a: Array) -> Output:
    name = "linear"
    if loss.of_probabilities:
        name = "softmax" if loss.couples_outputs else "sigmoid"
    activation = ACTIVATIONS[name]
    return Output(activation, a, activation.forward(a, activation.alpha, np.empty_like(a)))


def loss_report(loss: Loss, at: Array | None) -> Report:
    """The loss, its gradient, and both at each ŷ; for probabilities also by the logit a.

    Raises ChoiceError for a ŷ that is no probability if the loss takes probabilities.
    """
    if at is None:
        at = np.array(PROBABILITIES if loss.of_probabilities else NUMBERS)
    if loss.of_probabilities and not ((at > 0) & (at < 1)).all():
        raise ChoiceError(f"--at for {loss.name} takes probabilities ŷ, above 0 and below 1")
    columns = ("y", "ŷ", "L", "∂L/∂ŷ", *(("a", "∂L/∂a") if loss.of_probabilities else ()))
    names = ("y", "y_hat", "loss", "gradient", *(("a", "da") if loss.of_probabilities else ()))
    rows = tuple((y, *row)[: len(names)] for y in SHOWN_TARGETS for row in loss_profile(loss, at, y).rows)
    return Report(
        "function",
        {**loss_document(loss), "values": [dict(zip(names, row, strict=True)) for row in rows]},
        Sheet("", names, rows),
        (_loss_facts(loss), Sheet("Values" + _outputs(loss), columns, rows, keys=2)),
        (f"{loss.name}: {loss.about}", *_other_output(loss)),
        picture=_loss_curves(loss, at),
    )


def _loss_facts(loss: Loss) -> Sheet:
    """The facts of the table, and the outputs for each task."""
    rows: list[tuple[Cell, ...]] = [
        ("term", Mathematics(loss.formula)),
        (Mathematics("∂/∂ŷ"), Mathematics(loss.derivative)),
        *((Mathematics(symbol), Mathematics(text)) for symbol, _, text in loss.workings),
        ("a sample's L", f"{loss.output_reduction} of terms"),
        ("range", Mathematics(loss.range)),
        ("targets", TARGETS[loss.targets][0]),
        (Mathematics("ŷ"), "between 0 and 1" if loss.of_probabilities else "any number"),
    ]
    rows += partners_by_task(1, loss.name)
    return Sheet(f"Loss {loss.name}", ("property", "value"), tuple(rows))


def _outputs(loss: Loss) -> str:
    """The other output, if there is one."""
    if not loss.couples_outputs:
        return ""
    second = "1 − ŷ" if loss.of_probabilities else "a score of 0"
    return f" for two outputs, ŷ and {second}, with targets y and 1 − y"


def _other_output(loss: Loss) -> tuple[str, ...]:
    """Why the column ∂L/∂ŷ is not the slope of the column L if both outputs change from row to row."""
    if not (loss.couples_outputs and loss.of_probabilities):
        return ()
    return (
        "∂L/∂ŷ is a partial derivative: the other output, 1 − ŷ, is held fixed. "
        "L and ∂L/∂a include the change of both outputs",
    )


def _loss_curves(loss: Loss, at: Array) -> tuple[Curves, ...]:
    """L over ŷ, and its derivative; for probabilities, over the logit, where it is bounded."""
    low, high = (NEAREST, 1 - NEAREST) if loss.of_probabilities else (-AROUND, 1 + AROUND)
    y_hat, marks = _points(min(low, at.min()), max(high, at.max()), at)
    profiles = [(f"y = {y}", loss_profile(loss, y_hat, y)) for y in SHOWN_TARGETS]
    value = Curves("L", "ŷ", tuple(Curve(name, values.y_hat, values.loss, marks) for name, values in profiles))
    lines = tuple(Curve(name, values.a, values.da, marks) for name, values in profiles)
    if loss.corners is not None:
        lines = tuple(line.parted() for line in lines)
    letter = "a" if loss.of_probabilities else "ŷ"
    return value, Curves(f"∂L/∂{letter}", letter, lines)
