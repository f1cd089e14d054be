"""What stands beside a trace: the numerical derivatives, or the truth beside the slide's rule."""

from collections.abc import Iterator

import numpy as np

from mlpcli.core.checking import Element
from mlpcli.core.tracing import Trace
from mlpcli.report.notation import lowered
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.trace_view import View


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


def side_by_side(trace: Trace, true: Trace) -> Sheet:
    """What the rule gives and what is true, where they differ in kind: J, dŷ, da and dW of the last layer."""
    mine, exact = trace.steps[0], true.steps[0]
    last, other = mine.layers[-1], exact.layers[-1]
    slide = trace.rule == "lecture"
    two_sided = trace.objective.loss.two_sided and (mine.y < 1).any()
    rows: list[tuple[Cell, ...]] = [("J", mine.loss, exact.loss, "log10 instead of ln" if slide else "")]
    for name, one, two in (("dŷ", last.dh, other.dh), ("da", last.da, other.da), ("dw", last.d.W, other.d.W)):
        for index in np.ndindex(one.shape):
            places = index if name == "dw" or len(one) > 1 else index[1:]
            reason = ""
            if slide and one[index] * two[index] < 0 and two_sided:
                reason = "sign of (1 − y)/(1 − ŷ)"
            elif slide and name != "dŷ" and not last.activation.elementwise:
                reason = "off-diagonal terms of softmax dropped"
            label = name + "".join(lowered(i + 1) for i in places)
            rows.append((label, float(one[index]), float(two[index]), reason))
    how = "the slide's rule" if slide else "exact rule"
    how += f", rounded to {trace.digits} decimals" if trace.digits is not None else ""
    return Sheet(
        f"Side by side: {how}, and the true gradient", ("quantity", "by the rule", "true", "reason"), tuple(rows)
    )


def confession(trace: Trace) -> Iterator[str]:
    """What the slide's rule is not."""
    slips = ["takes log10"]
    if trace.objective.loss.two_sided:
        slips.append("misses a sign")
    if not trace.steps[0].layers[-1].activation.elementwise:
        slips.append("drops softmax's off-diagonal derivatives")
    yield f"this is not the gradient: the slide {', '.join(slips)}"
    if trace.objective.loss.name == "ce-negatives" and trace.steps[0].layers[-1].activation.name == "softmax":
        yield "with its sign put right, its shortcut is exactly ŷ − y, the gradient of categorical cross-entropy"


def _verdict(element: Element) -> str:
    if element.right:
        return "right"
    return "at a kink" if element.kink else "WRONG"
