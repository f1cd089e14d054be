"""The page of a loss: its values and gradients over ŷ for the targets 0 and 1, by the code that trains, and curves."""

from typing import NamedTuple

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import TARGETS, Loss
from mlpcli.core.objective import objective_of, output_delta
from mlpcli.core.outputs import Output
from mlpcli.reference.facts import check_finite, loss_document, partners_by_task
from mlpcli.report.curves import Curve, Curves, Panels
from mlpcli.report.sheet import Cell, Mathematics, Report, Sheet

NUMBERS = (-2.0, -1.0, 0.0, 1.0, 2.0)
PROBABILITIES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
SHOWN_TARGETS = (0, 1)
SPAN = 2.0  # of the curves of a loss of numbers, on both sides of the targets
STEPS = 400
NEAREST = 0.01  # to 0 and 1, of the curves of a loss of probabilities


class LossProfile(NamedTuple):
    """L of a sample with target y at each ŷ = f(a), with ∂L/∂ŷ and ∂L/∂a; each (n,). For a number ŷ, a is the same."""

    y: float
    y_hat: Array
    loss: Array
    d_y_hat: Array
    a: Array
    da: Array


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
    check_finite(loss.name, value, gradient)
    da = gradient
    if loss.of_probabilities:
        da = output_delta(objective_of(loss), output.activation, a, output.y_hat, targets, np.empty_like(a))[:, 0]
    return LossProfile(y, y_hat, value, gradient, a[:, 0], da)


def _output(loss: Loss, a: Array) -> Output:
    name = "linear"
    if loss.of_probabilities:
        name = "softmax" if loss.couples_outputs else "sigmoid"
    activation = ACTIVATIONS[name]
    return Output(activation, a, activation.forward(a, activation.alpha, np.empty_like(a)))


def loss_report(loss: Loss, at: Array | None = None) -> Report:
    """The loss, its gradient, and both at each ŷ; for probabilities also by the logit a.

    Raises ChoiceError for a ŷ that is no probability if the loss takes probabilities.
    """
    if at is None:
        at = np.array(PROBABILITIES if loss.of_probabilities else NUMBERS)
    if loss.of_probabilities and not ((at > 0) & (at < 1)).all():
        raise ChoiceError(f"--at for {loss.name} takes probabilities ŷ, above 0 and below 1")
    rows = tuple(row for y in SHOWN_TARGETS for row in _rows(loss, loss_profile(loss, at, y)))
    columns = ("y", "ŷ", "L", "∂L/∂ŷ", *(("a", "∂L/∂a") if loss.of_probabilities else ()))
    names = ("y", "y_hat", "loss", "gradient", *(("a", "da") if loss.of_probabilities else ()))
    return Report(
        "function",
        {**loss_document(loss), "values": [dict(zip(names, row, strict=True)) for row in rows]},
        Sheet("", names, rows),
        (_facts(loss), Sheet("Values" + _outputs(loss), columns, rows, keys=2)),
        (f"{loss.name}: {loss.about}", *_other_output(loss)),
        picture=Panels(_curves(loss, at)),
    )


def _rows(loss: Loss, values: LossProfile) -> list[tuple[Cell, ...]]:
    columns = [values.y_hat, values.loss, values.d_y_hat, *([values.a, values.da] if loss.of_probabilities else [])]
    return [(int(values.y), *numbers) for numbers in zip(*(column.tolist() for column in columns), strict=True)]


def _facts(loss: Loss) -> Sheet:
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


def _curves(loss: Loss, at: Array) -> tuple[Curves, ...]:
    """L over ŷ, and its derivative; for probabilities, over the logit, where it is bounded."""
    low, high = (NEAREST, 1 - NEAREST) if loss.of_probabilities else (-SPAN, 1 + SPAN)
    y_hat = np.union1d(np.linspace(min(low, at.min()), max(high, at.max()), STEPS + 1), at)
    marks = np.searchsorted(y_hat, np.unique(at))
    profiles = [(f"y = {y}", loss_profile(loss, y_hat, y)) for y in SHOWN_TARGETS]
    value = Curves("L", "ŷ", tuple(Curve(name, values.y_hat, values.loss, marks) for name, values in profiles))
    lines = tuple(Curve(name, values.a, values.da, marks) for name, values in profiles)
    if loss.corners is not None:
        lines = tuple(line.parted() for line in lines)
    letter = "a" if loss.of_probabilities else "ŷ"
    return value, Curves(f"∂L/∂{letter}", letter, lines)
