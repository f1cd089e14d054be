"""One update as you compute it by hand: rounded after each step, by the true rule or by the rule on the slide.

The steps are the numbers that the slide prints: a, h, J, dŷ, the activation's derivative, dW, db, and the new weights.
Numbers that are only used in a sum are rounded to twice as many decimals, so that a product of two rounded numbers
stays exact. These are the terms of L, L of one of several samples, the regularizer's part of a gradient, and da.
"""

from collections.abc import Iterator

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.network import Network, flattened
from mlpcli.core.objective import Objective
from mlpcli.derivation.evaluation import EvaluatedLines, Keep
from mlpcli.derivation.lines import Line, after, lines_of
from mlpcli.derivation.names import LETTERS
from mlpcli.derivation.quantities import GRADIENTS, View, before, constants_of, setting_of, shown_of, step_from
from mlpcli.derivation.setting import SLIDE, Quantity, Setting, changes_of
from mlpcli.derivation.trace import Trace
from mlpcli.report.numbers import counted
from mlpcli.report.sheet import Cell, Sheet

TINY = 1e-9  # more than the error of a binary fraction: 0.285 is stored as 0.28499999999999998


def rounded(values: Array, digits: int | None) -> Array:
    """Rounded to this many decimals, halves away from zero, as by hand; unchanged for None."""
    if digits is None:
        return values
    scale = 10.0**digits
    result: Array = np.sign(values) * np.floor(np.abs(values) * scale + 0.5 + TINY) / scale
    return result + 0.0  # no negative zero


def kept_by_hand(digits: int | None) -> Keep:
    """What the next lines use: rounded numbers; those that are only used in a sum have twice as many decimals."""

    def keep(line: Line, values: Array) -> Array:
        if line.frozen or digits is None:
            return values
        return rounded(values, 2 * digits if line.carried else digits)

    return keep


def hand_calculation(true: Trace, rule: str, digits: int | None) -> Trace:
    """The one update of a trace by gradient descent, by another rule or rounded after each step.

    Raises ChoiceError if the slide's rule cannot be used: it has no regularizer, no learned slopes, and no loss without
    logarithms. Raises MlpError if a probability is 0 or 1, so that a logarithm is infinite.
    """
    if rule == "lecture":
        _check_slide(true.network, true.objective)
    trace = true._replace(rule=rule, digits=digits)
    return _made(trace, setting_of(trace), digits)


def without_each_departure(trace: Trace) -> dict[str, Trace]:
    """The hand calculation without each of its departures from calculus, by the name of the departure."""
    others = {name: _made(trace, setting, trace.digits) for name, setting in _departures(trace).items()}
    if trace.digits is not None:
        others["rounding"] = _made(trace, setting_of(trace), None)
    return others


def _departures(trace: Trace) -> dict[str, Setting]:
    """Where the rule departs from calculus in this network, each with the setting of the rule without it."""
    setting = setting_of(trace)
    settings = {name: setting._replace(changes=changes_of(trace.rule, but=name)) for name in SLIDE}
    return {name: other for name, other in settings.items() if lines_of(other) != lines_of(setting)}


def _made(trace: Trace, setting: Setting, digits: int | None) -> Trace:
    """The trace with one step, computed by the lines of a setting."""
    lines, start = lines_of(setting), {**constants_of(trace), **before(trace)}
    evaluation = EvaluatedLines((*lines, *after(lines)), setting, start, kept_by_hand(digits))
    evaluation.all()
    if not np.isfinite(evaluation.kept[Quantity("L")]):
        raise MlpError(_why_infinite(digits))
    step = step_from(evaluation.kept, setting.layers, 1)
    network = trace.network.with_theta(flattened(setting.layers, [layer.after for layer in step.layers]))
    return trace._replace(steps=(step,), network=network)


def _check_slide(network: Network, objective: Objective) -> None:
    if objective.regularized:
        raise ChoiceError("--rule lecture: the slide has no regularizer; leave --l1 and --l2 out")
    if any(layer.learns_alpha for layer in network.layers):
        raise ChoiceError("--rule lecture: the slide has no learned slopes; use an activation other than prelu")
    loss = objective.loss
    if not loss.of_probabilities or loss.name == "kl":  # kl has y log y besides, which the slide does not have
        raise ChoiceError(f"--rule lecture: the slide's rule is for cross-entropies, not for {loss.name}")


def _why_infinite(digits: int | None) -> str:
    if digits is None:
        return "a probability is 0 or 1, and its logarithm, which the slide takes, is infinite; use --rule exact"
    return f"a probability is rounded to 0 or 1, and its logarithm is infinite; keep more than {digits} digits"


def spelled_rounding(digits: int) -> str:
    """Which steps are rounded to how many decimals."""
    steps = f"every step is rounded to {counted(digits, 'decimal')}, halves away from zero"
    return f"{steps}; the terms of L and da, which are only used in sums, to {2 * digits}"


# ----- Beside the truth -----------------------------------------------------------------------------------------------

MOST = 60  # numbers side by side
SIDE_BY_SIDE = ("J", "dh", "da", "dW̃", "W̃′", *GRADIENTS, *(f"{letter}′" for letter in LETTERS))
SAME = 1e-12  # relative and absolute difference of numbers that differ only by the rounding of floats
SLIDES_MISTAKE = (
    "the slide rounds 0.326 to 0.32 and not to 0.33, so four of its printed numbers are not those here: ŷ₂ 0.32, "
    "J 0.74, ∂L/∂ŷ₂ −1.47, dw₂₂⁽²⁾ −0.23"
)


def side_by_side(trace: Trace, true: Trace, view: View) -> Sheet:
    """J, all gradients and all new parameters, by the rule and by calculus; of many, those that differ most."""
    others = {reason: _numbers(other, view) for reason, other in without_each_departure(trace).items()}
    mine, truths = _numbers(trace, view), _numbers(true, view)
    names = list(mine)
    if len(names) > MOST and not view.whole:
        most = set(sorted(names, key=lambda name: -abs(mine[name] - truths[name]))[:MOST])
        names = [name for name in names if name in most]
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        changed = [reason for reason, other in others.items() if _differ(mine[name], other[name], trace.digits)]
        unlike = _differ(mine[name], truths[name], trace.digits)
        rows.append((name, mine[name], truths[name], (", ".join(changed) or "only in combination") if unlike else ""))
    how = "the slide's rule" if trace.rule == "lecture" else "exact rule"
    how += f", rounded to {trace.digits} decimals" if trace.digits is not None else ""
    columns = ("quantity", "by the rule", "true", "reason")
    return Sheet(f"Side by side: {how}, and the true gradient", columns, tuple(rows))


def _numbers(trace: Trace, view: View) -> dict[str, float]:
    """The numbers to show side by side, by name (dw₁₁⁽²⁾, dh₁⁽¹⁾[2]), in the order in which they are computed."""
    setting = setting_of(trace)
    return {
        shown.number(setting, index): float(np.asarray(shown.values)[index])
        for shown in shown_of(trace, 0, view.merged)
        if shown.quantity.symbol in SIDE_BY_SIDE and view.shows(shown.parts[0], shown.layer or None)
        for index in np.ndindex(np.shape(shown.values))
    }


def _differ(one: float, other: float, digits: int | None) -> bool:
    """Whether two numbers differ: by more than the last digits of a float, or after both are rounded."""
    if digits is None:
        return not np.isclose(one, other, rtol=SAME, atol=SAME)
    return float(rounded(np.array(one), digits)) != float(rounded(np.array(other), digits))


def confession(trace: Trace) -> Iterator[str]:
    """What the slide's rule is not."""
    yield f"this is not the gradient: the slide {', '.join(SLIDE[name].clause for name in _departures(trace))}"
    softmax = any(not layer.activation.elementwise for layer in trace.network.layers)
    if softmax and trace.digits is not None:
        yield "as on the slide, softmax's derivative comes from its rounded a, and not from its rounded h"
    if trace.objective.loss.name == "ce-negatives" and trace.network.layers[-1].activation.name == "softmax":
        yield "with the sign corrected, its shortcut is exactly ŷ − y, the gradient of categorical cross-entropy"
