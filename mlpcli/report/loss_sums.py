"""The terms of a loss and their derivatives as the sums they are, with the numbers of one sample put in."""

from collections.abc import Callable

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.by_hand import spelled_loss
from mlpcli.core.tracing import StepTrace, Trace
from mlpcli.report.notation import factor
from mlpcli.report.pieces import Sums
from mlpcli.report.substitution import substituted


def sums_of_terms(trace: Trace, step: StepTrace, n: int) -> Sums:
    """ℓⱼ of each output; of hinge max(0, ŷⱼ − ŷ_y + 1), and 0 for the right class."""
    y_hat, y = step.layers[-1].h[n], step.y[n]
    formula, _ = spelled_loss(trace.objective.loss, trace.rule)
    if _of_margins(formula):
        return _for_classes(y, lambda j: f"max(0, {_margin(y_hat, y, j)})", "0")
    return _for_outputs(formula, y_hat, y)


def sums_of_output_derivative(trace: Trace, step: StepTrace, n: int) -> Sums:
    """dŷⱼ of each output: the derivative of a term, and what the term counts; of hinge 0, 1, or minus their sum."""
    y_hat, y = step.layers[-1].h[n], step.y[n]
    if not _of_margins(spelled_loss(trace.objective.loss, trace.rule)[0]):
        return _for_outputs(output_derivative(trace, step), y_hat, y)
    inside = [f"{int(y_hat[j] - y_hat[np.argmax(y)] + 1 > 0)}" for j in range(len(y)) if not y[j]]
    texts = _for_classes(y, lambda j: f"1 if {_margin(y_hat, y, j)} > 0 else 0", f"−({' + '.join(inside)})")
    share = trace.objective.output_factor(len(y))
    return texts if share == 1 else tuple(f"1/{len(y)}·({text})" for text in texts)


def output_derivative(trace: Trace, step: StepTrace) -> str:
    """The formula of dŷ: the derivative of a term, and what the term counts."""
    _, derivative = spelled_loss(trace.objective.loss, trace.rule)
    outputs = step.y.shape[1]
    return derivative if trace.objective.output_factor(outputs) == 1 else f"1/{outputs} ({derivative})"


def _of_margins(formula: str) -> bool:
    """Whether a term compares an output with that of the right class, as hinge does; else each has its own."""
    return "ⱼ" in formula


def _for_outputs(formula: str, y_hat: Array, y: Array) -> Sums:
    return tuple(
        substituted(_without_vanishing(formula, float(one), float(target)), {"ŷ": one, "y": target})
        for one, target in zip(y_hat, y, strict=True)
    )


def _without_vanishing(formula: str, y_hat: float, y: float) -> str:
    """Where ŷ is 0 or 1 to the last digit, what y gives no weight is left out: it would be 0/0, or 0 log 0."""
    if y_hat == y == 1:
        return formula.replace(" + (1 − y)/(1 − ŷ)", "").replace(" + (1 − y) log(1 − ŷ)", "")
    if y_hat == y == 0:
        return formula.replace("−y/ŷ + ", "").replace("y log ŷ + ", "").replace("−y/ŷ", "0").replace("−y log ŷ", "0")
    return formula


def _for_classes(y: Array, wrong: Callable[[int], str], right: str) -> Sums:
    return tuple(right if y[j] else wrong(j) for j in range(len(y)))


def _margin(y_hat: Array, y: Array, j: int) -> str:
    """ŷⱼ − ŷ_y + 1"""
    return f"{factor(y_hat[j])} − {factor(y_hat[int(np.argmax(y))])} + 1"
