"""What stands beside a trace: the numerical derivatives, or the truth beside the slide's rule."""

from collections.abc import Iterator

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Parameters
from mlpcli.derivation.by_hand import rounded, without_each_departure
from mlpcli.derivation.check import Element
from mlpcli.derivation.trace import LayerTrace, StepTrace, Trace, parameter_names
from mlpcli.derivation.view import View
from mlpcli.report.notation import element, raised
from mlpcli.report.sheet import Cell, Sheet

MOST = 60  # figures side by side
SLIDES_SLIP = (
    "the slide rounds 0.326 to 0.32 and not to 0.33, so four of its printed numbers are not those here: ŷ₂ 0.32, "
    "J 0.74, ∂L/∂ŷ₂ −1.47, dw₂₂⁽²⁾ −0.23"
)
SAME = 1e-12  # of two figures that differ by rounding of floats only


def check_sheet(checked: tuple[Element, ...], view: View) -> Sheet:
    """All elements, or of many those with the largest error."""
    checked = tuple(element for element in checked if view.layer in (None, element.layer))
    shown = checked if view.whole or len(checked) <= 40 else sorted(checked, key=lambda e: -e.error)[:10]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (e.name, e.exact, e.numerical, e.error, e.method.name, _verdict(e)) for e in shown
    )
    return Sheet(
        "Check: the gradient beside a numerical derivative",
        ("parameter", "gradient", "numerical", "relative error", "method", "verdict"),
        rows,
    )


def side_by_side(trace: Trace, true: Trace, view: View) -> Sheet:
    """J, every gradient and every new parameter by the rule and in truth; of many those that differ most."""
    mine, exact = trace.steps[0], true.steps[0]
    others = {reason: _figures(step, view) for reason, step in without_each_departure(trace).items()}
    figures, truths = _figures(mine, view), _figures(exact, view)
    names = list(figures)
    if len(names) > MOST and not view.whole:
        most = set(sorted(names, key=lambda name: -abs(figures[name] - truths[name]))[:MOST])
        names = [name for name in names if name in most]
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        changed = [reason for reason, other in others.items() if _differ(figures[name], other[name], trace.digits)]
        unlike = _differ(figures[name], truths[name], trace.digits)
        reason = ", ".join(changed) or "none of it alone, but together" if unlike else ""
        rows.append((name, figures[name], truths[name], reason))
    how = "the slide's rule" if trace.rule == "lecture" else "exact rule"
    how += f", rounded to {trace.digits} decimals" if trace.digits is not None else ""
    columns = ("quantity", "by the rule", "true", "reason")
    return Sheet(f"Side by side: {how}, and the true gradient", columns, tuple(rows))


def _figures(step: StepTrace, view: View) -> dict[str, float]:
    """What is set side by side, in the order in which it is computed, by its name: dw₁₁⁽²⁾, dh₁⁽¹⁾[2]."""
    found = {"J": step.objective} if view.shows("loss") else {}
    for k, layer in reversed(list(enumerate(step.layers, 1))):
        if view.shows("backward", k):
            found |= _each_sample("dŷ" if k == len(step.layers) else f"dh{raised(k)}", layer.dh)
            found |= _each_sample(f"da{raised(k)}", layer.da)
            found |= _parameters(layer, layer.d, "d", k)
    for k, layer in enumerate(step.layers, 1):
        if view.shows("update", k):
            found |= _parameters(layer, layer.after, "new ", k)
    return found


def _each_sample(symbol: str, values: Array) -> dict[str, float]:
    """What belongs to a sample, whose number follows where there are several."""
    found: dict[str, float] = {}
    for n, each in enumerate(values, 1):
        found |= _named(f"{symbol}[{n}]" if len(values) > 1 else symbol, each)
    return found


def _parameters(layer: LayerTrace, values: Parameters, prefix: str, k: int) -> dict[str, float]:
    """Those of one layer: dW and db, new W and b, and of learned slopes too."""
    found: dict[str, float] = {}
    for letter in parameter_names(layer):
        found |= _named(f"{prefix}{letter.replace('alpha', 'α')}{raised(k)}", getattr(values, letter))
    return found


def _named(symbol: str, values: Array) -> dict[str, float]:
    """Each number by its name."""
    matrix = values if values.ndim == 2 else values[:, None]
    shape = (matrix.shape[0], matrix.shape[1])
    return {element(symbol, shape, i, j): float(matrix[i, j]) for i, j in np.ndindex(shape)}


def _differ(one: float, other: float, digits: int | None) -> bool:
    """Whether two figures are unlike: by more than the last digits of a float, or when both are rounded."""
    if digits is None:
        return not np.isclose(one, other, rtol=SAME, atol=SAME)
    return float(rounded(np.array(one), digits)) != float(rounded(np.array(other), digits))


def confession(trace: Trace) -> Iterator[str]:
    """What the slide's rule is not."""
    slips, softmax = ["takes log₁₀ for ln"], any(not layer.activation.elementwise for layer in trace.steps[0].layers)
    if trace.objective.loss.two_sided:
        slips.append("has the wrong sign before (1 − y)/(1 − ŷ)")
    if softmax:
        slips.append("drops softmax's off-diagonal derivatives")
    yield f"this is not the gradient: the slide {', '.join(slips)}"
    if softmax and trace.digits is not None:
        yield "as on the slide, softmax's derivative comes from its rounded a, and not from its rounded h"
    if trace.objective.loss.name == "ce-negatives" and trace.steps[0].layers[-1].activation.name == "softmax":
        yield "with its sign put right, its shortcut is exactly ŷ − y, the gradient of categorical cross-entropy"


def _verdict(element: Element) -> str:
    if element.right:
        return "right"
    return "at a kink" if element.kink else "WRONG"
