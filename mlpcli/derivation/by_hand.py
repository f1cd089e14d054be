"""One update as one computes it by hand: rounded after each step, and by the true rule or by the one on the slide.

A step is what the slide prints: a, h, J, dŷ, the activation's derivative, dW, db, and the new weights. What only goes
on into a sum (the terms of L, L of one of several samples, the regulariser's share, and da, which is a product of two
printed factors) is kept to twice as many decimals: so a product of two rounded numbers keeps all it has.
"""

from dataclasses import replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.network import Network, flattened
from mlpcli.core.objective import Objective
from mlpcli.derivation.evaluation import Evaluation
from mlpcli.derivation.lines import FROZEN, SLIDE, Line, Quantity, Setting, after, changes_of, lines_of
from mlpcli.derivation.quantities import before, constants_of, setting_of, step_from
from mlpcli.derivation.trace import StepTrace, Trace

RULES = ("exact", "lecture")
ROUNDING = "rounding"
TINY = 1e-9  # what binary fractions lack of a decimal one: 0.285 is stored as 0.28499999999999998


def rounded(values: Array, digits: int | None) -> Array:
    """To so many decimals, halves away from zero, as one does by hand; unchanged for None."""
    if digits is None:
        return values
    scale = 10.0**digits
    result: Array = np.sign(values) * np.floor(np.abs(values) * scale + 0.5 + TINY) / scale
    return result + 0.0  # no negative zero


def carried(values: Array, digits: int | None) -> Array:
    """What only goes on into a sum, where steps are rounded to so many decimals: to twice as many."""
    return rounded(values, None if digits is None else 2 * digits)


def by_hand(true: Trace, rule: str, digits: int | None) -> Trace:
    """The one update of a trace by gradient descent, by another rule or rounded after each step.

    Raises ChoiceError for what the slide's rule does not have: a regulariser, learned slopes, a loss without
    logarithms; and MlpError where a probability is 0 or 1, whose logarithm cannot be taken.
    """
    if rule == "lecture":
        _check_slide(true.network, true.objective)
    setting = setting_of(replace(true, rule=rule))
    step = _step(true, setting, digits)
    network = true.network.with_theta(flattened(true.network.layers, [layer.after for layer in step.layers]))
    return replace(true, steps=(step,), network=network, rule=rule, digits=digits)


def without_each_departure(trace: Trace) -> dict[str, StepTrace]:
    """For each departure from calculus of a trace by hand the step that is made without it."""
    setting = setting_of(trace)
    found = {}
    for name in SLIDE:
        changes = changes_of(trace.rule, but=name)
        if lines_of(setting._replace(changes=changes)) != lines_of(setting):
            found[name] = _step(trace, setting._replace(changes=changes), trace.digits)
    if trace.digits is not None:
        found[ROUNDING] = _step(trace, setting, None)
    return found


def _step(trace: Trace, setting: Setting, digits: int | None) -> StepTrace:
    def keep(line: Line, values: Array) -> Array:
        if line.words == FROZEN:
            return values
        return carried(values, digits) if line.carried else rounded(values, digits)

    given = {**constants_of(trace), **before(trace)}
    lines = lines_of(setting)
    evaluation = Evaluation((*lines, *after(lines)), setting, given, keep)
    evaluation.all()
    if not np.isfinite(evaluation.kept[Quantity("L")]):
        raise MlpError(_why_infinite(digits))
    return step_from(evaluation.kept, setting.layers, 1)


def _check_slide(network: Network, objective: Objective) -> None:
    if objective.regularized:
        raise ChoiceError("--rule lecture: the slide has no regulariser; leave --l1 and --l2 out")
    if any(layer.learns_alpha for layer in network.layers):
        raise ChoiceError("--rule lecture: the slide has no learned slopes; use another activation than prelu")
    loss = objective.loss
    if not loss.of_probabilities or loss.name == "kl":  # kl has y log y besides, which the slide does not have
        raise ChoiceError(f"--rule lecture: the slide's rule is one for cross-entropies, not for {loss.name}")


def _why_infinite(digits: int | None) -> str:
    if digits is None:
        return "a probability is 0 or 1 to all digits, and the slide takes its logarithm, which is infinite"
    return f"a probability is rounded to 0 or 1, and its logarithm is infinite; keep more than {digits} digits"


def spelled_rounding(digits: int) -> str:
    """Which steps are rounded to how many decimals."""
    decimals = f"{digits} decimal{'s' if digits > 1 else ''}, halves away from zero"
    return f"every step rounded to {decimals}; the terms of L and da, which only go on into sums, to {2 * digits}"
