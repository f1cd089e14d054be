"""The lines of an update, evaluated; and an update as you compute it by hand, by the true rule or by the slide's.

A hand calculation rounds after each step. The steps are the numbers that the slide prints: a, h, J, dŷ, the
activation's derivative, dW, db, and the new weights. Numbers that are only used in a sum are rounded to twice as many
decimals, so that a product of two rounded numbers stays exact. These are the terms of L, L of one of several samples,
the regularizer's part of a gradient, and da.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.network import Network, flattened
from mlpcli.core.objective import Objective
from mlpcli.derivation.formula import SAMPLE, Name, Node, names
from mlpcli.derivation.lines import Line, after, lines_of
from mlpcli.derivation.quantities import GRADIENTS, View, before, constants_of, setting_of, shown_of, step_from
from mlpcli.derivation.setting import SLIDE, Quantity, Setting, Values, changes_of, quantity_of
from mlpcli.derivation.trace import Trace
from mlpcli.derivation.values import value
from mlpcli.report.notation import LETTERS, TILDE
from mlpcli.report.numbers import counted
from mlpcli.report.sheet import Cell, Sheet

TINY = 1e-9  # more than the error of a binary fraction: 0.285 is stored as 0.28499999999999998
Keep = Callable[[Line, Array], Array]  # the value that the next lines use instead of the computed one


class EvaluatedLines:
    """The value of each line that was asked for (`computed`), and the value that the next lines use (`kept`).

    `given` holds the quantities that no line computes. A mistake may make a line use a later one, such as dh with the
    new weights. `like` is another evaluation with the same `given` and `keep`. Lines that depend on the same formulas
    in both are copied from it. This saves time: a search for mistakes evaluates hundreds of lists with one other line.
    """

    def __init__(
        self,
        lines: Iterable[Line],
        setting: Setting,
        given: Mapping[Quantity, Any],
        keep: Keep,
        like: "EvaluatedLines | None" = None,
    ) -> None:
        self.lines = {line.quantity: line for line in lines}
        self.setting, self.keep, self.like = setting, keep, like
        self.computed: Values = {}
        self.kept: Values = dict(given)
        self._same: dict[Quantity, bool] = {}

    def all(self) -> None:
        """Evaluates every line that is shown. Raises ValueError if shapes do not fit, KeyError for an unknown name."""
        self.compute([line.quantity for line in self.lines.values() if not line.hidden])

    def compute(self, wanted: Iterable[Quantity]) -> None:
        """Evaluates these quantities, and what they need before them, in the order of the lines."""
        needed, waiting = set[Quantity](), [quantity for quantity in wanted if quantity in self.lines]
        while waiting:
            quantity = waiting.pop()
            if quantity not in needed and quantity not in self.computed:
                needed.add(quantity)
                line = self.lines[quantity]
                if self.like is None or not self._is_same(line):
                    waiting += [each for each in needs(line.formula) if each in self.lines]
        with np.errstate(all="ignore"):
            for quantity in [each for each in self.lines if each in needed]:
                self._line(quantity)

    def _line(self, quantity: Quantity) -> None:
        if quantity in self.computed:
            return
        line = self.lines[quantity]
        if self.like is not None and self._is_same(line):
            if quantity not in self.like.computed:
                self.like.compute([quantity])
            self.computed[quantity], self.kept[quantity] = self.like.computed[quantity], self.like.kept[quantity]
            return
        result = value(line.formula, line.indices, self._value, shape_of(line, self.setting))
        self.computed[quantity], self.kept[quantity] = result, self.keep(line, result)

    def _value(self, name: Name) -> Any:
        quantity = quantity_of(name)
        if quantity in self.lines:
            self._line(quantity)
        return self.kept[quantity]

    def _is_same(self, line: Line) -> bool:
        """Whether the other evaluation has the same formula here, and the same for all quantities in it."""
        quantity = line.quantity
        if quantity not in self._same:
            assert self.like is not None
            other = self.like.lines.get(quantity)
            self._same[quantity] = other is not None and other.formula == line.formula
            if self._same[quantity]:
                below = [self.lines[each] for each in needs(line.formula) if each in self.lines]
                self._same[quantity] = all(map(self._is_same, below))
        return self._same[quantity]


@lru_cache(maxsize=4096)
def needs(formula: Node) -> tuple[Quantity, ...]:
    """The quantities in a formula."""
    return tuple(dict.fromkeys(quantity_of(name) for name in names(formula) if name.symbol != "δ"))


def shape_of(line: Line, setting: Setting) -> tuple[int, ...]:
    """The shape of the value of a line."""
    layer = setting.layers[(line.quantity.layer or setting.last) - 1]
    inputs = setting.layers[0].inputs if line.quantity.layer == 0 else layer.inputs
    sizes = {SAMPLE: setting.samples, "ᵢ": layer.units, "ⱼ": layer.units if line.indices == "ₛᵢⱼ" else inputs}
    *before, last = [sizes[index] for index in line.indices] or [0]
    return (*before, last + (TILDE in line.quantity.symbol)) if line.indices else ()


# ----- By hand --------------------------------------------------------------------------------------------------------


def rounded(values: Array, digits: int) -> Array:
    """Rounded to this many decimals, halves away from zero, as by hand."""
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
    chosen = list(mine)
    if not view.whole:
        most = set(sorted(chosen, key=lambda name: -abs(mine[name] - truths[name]))[:MOST])
        chosen = [name for name in chosen if name in most]
    rows: list[tuple[Cell, ...]] = []
    for name in chosen:
        changed = [reason for reason, other in others.items() if _differ(mine[name], other[name], trace.digits)]
        unlike = _differ(mine[name], truths[name], trace.digits)
        rows.append((name, mine[name], truths[name], (", ".join(changed) or "only in combination") if unlike else ""))
    how = "the slide's rule" if trace.rule == "lecture" else "exact rule"
    how += f", rounded to {counted(trace.digits, 'decimal')}" if trace.digits is not None else ""
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
