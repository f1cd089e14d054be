"""One loss: its values and gradients over ŷ for the targets 0 and 1, and their curves."""

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.losses import TARGETS, Loss
from mlpcli.core.profiles import LossProfile, loss_profile
from mlpcli.report.functions.facts import loss_document, partners_by_task
from mlpcli.report.pictures.records import Curves, Line, Panels
from mlpcli.report.sheet import Cell, Mathematics, Report, Sheet

TARGETS_SHOWN = (0, 1)
SPAN = 2.0  # the curves of a loss of numbers go so far to both sides of the targets
STEPS = 400
NEAREST = 0.01  # that the curves of a loss of probabilities come to 0 and to 1


def loss_report(loss: Loss, at: Array) -> Report:
    """The loss, its gradient, and both at each ŷ; for probabilities also by the logit a."""
    rows = tuple(row for y in TARGETS_SHOWN for row in _rows(loss, loss_profile(loss, at, y)))
    columns = ("y", "ŷ", "L", "∂L/∂ŷ", *(("a", "∂L/∂a") if loss.of_probabilities else ()))
    values = Sheet("Values" + _outputs(loss), columns, rows, keys=2)
    names = ("y", "y_hat", "loss", "gradient", *(("a", "da") if loss.of_probabilities else ()))
    flat = Sheet("", names, values.rows)
    document = {**loss_document(loss), "values": [dict(zip(names, row, strict=True)) for row in values.rows]}
    closing = (f"{loss.name}: {loss.about}", *_other_output(loss))
    return Report("function", document, flat, (_facts(loss), values), closing, picture=Panels(_curves(loss, at)))


def _facts(loss: Loss) -> Sheet:
    """What the table says, and the outputs that it goes with."""
    rows: list[tuple[Cell, ...]] = [
        ("term", Mathematics(loss.formula)),
        (Mathematics("∂/∂ŷ"), Mathematics(loss.derivative)),
        ("a sample's L", f"{loss.output_reduction} of terms"),
        ("range", Mathematics(loss.range)),
        ("targets", TARGETS[loss.targets][0]),
        (Mathematics("ŷ"), "between 0 and 1" if loss.of_probabilities else "any number"),
    ]
    rows += partners_by_task(1, loss.name)
    return Sheet(f"Loss {loss.name}", ("property", "value"), tuple(rows))


def _outputs(loss: Loss) -> str:
    """What is to be said of the other output, where there is one."""
    if not loss.couples_outputs:
        return ""
    second = "1 − ŷ" if loss.of_probabilities else "a score of 0"
    return f" for two outputs, ŷ and {second}, with targets y and 1 − y"


def _other_output(loss: Loss) -> tuple[str, ...]:
    """Why the column ∂L/∂ŷ is not the slope of the column L, where both outputs change from row to row."""
    if not (loss.couples_outputs and loss.of_probabilities):
        return ()
    return (
        "∂L/∂ŷ is a partial derivative: the other output, 1 − ŷ, is held fixed, while L is shown for both. "
        "∂L/∂a has the change of both in it",
    )


def _rows(loss: Loss, found: LossProfile) -> list[tuple[Cell, ...]]:
    columns = [found.y_hat, found.loss, found.d_y_hat, *([found.a, found.da] if loss.of_probabilities else [])]
    return [(int(found.y), *numbers) for numbers in zip(*(column.tolist() for column in columns), strict=True)]


def _curves(loss: Loss, at: Array) -> tuple[Curves, ...]:
    """L over ŷ; and its derivative, of probabilities by the logit, where it is bounded."""
    low, high = (NEAREST, 1 - NEAREST) if loss.of_probabilities else (-SPAN, 1 + SPAN)
    y_hat = np.union1d(np.linspace(min(low, at.min()), max(high, at.max()), STEPS + 1), at)
    marks = np.searchsorted(y_hat, np.unique(at))
    profiles = [(f"y = {y}", loss_profile(loss, y_hat, y)) for y in TARGETS_SHOWN]
    value = Curves("L", "ŷ", tuple(Line(name, found.y_hat, found.loss, marks) for name, found in profiles))
    lines = tuple(Line(name, found.a, found.da, marks) for name, found in profiles)
    if loss.corners is not None:
        lines = tuple(line.parted() for line in lines)
    letter = "a" if loss.of_probabilities else "ŷ"
    return value, Curves(f"∂L/∂{letter}", letter, lines)
