"""The values of a trace by the names that formulas have for them, and these names in symbols and in JSON."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Layer, Parameters
from mlpcli.derivation.formula import Name
from mlpcli.derivation.lines import Quantity, Setting, changes_of, learned_by
from mlpcli.derivation.trace import LayerTrace, StepTrace, Trace
from mlpcli.report.notation import raised

ATTRIBUTES = {"W": "W", "b": "b", "α": "alpha"}  # of `Parameters`
JSON = {
    "α": "alpha", "f′": "derivative", "ℓ": "terms", "L": "loss", "Ω": "penalty", "J": "objective", "dα": "dalpha",
    "W′": "W_new", "b′": "b_new", "α′": "alpha_new",
}  # fmt: skip

Values = dict[Quantity, Any]


def setting_of(trace: Trace) -> Setting:
    """What the lines of a trace depend on."""
    changes, samples = changes_of(trace.rule), len(trace.steps[0].x)
    return Setting(trace.network.layers, trace.objective, trace.optimizer, samples, trace.freeze_bias, changes)


def values_of(trace: Trace, number: int = 0) -> Values:
    """All that stands in the formulas of one of the steps (counted from 0), as training computed it."""
    step = trace.steps[number]
    found: Values = {**constants_of(trace), Quantity("t"): step.t, **before(trace, number)}
    found |= {
        Quantity("ℓ"): step.terms,
        Quantity("ℒ"): step.losses,
        Quantity("L"): step.loss,
        Quantity("Ω"): step.penalty,
    }
    found |= {Quantity("J"): step.objective, Quantity("dx"): step.dx}
    found |= {Quantity("L*"): step.loss_after, Quantity("Ω*"): step.penalty_after}
    found[Quantity("J*")] = step.loss_after + step.penalty_after
    for k, layer in enumerate(step.layers, 1):
        found |= {Quantity("a", k): layer.a, Quantity("h", k): layer.h, Quantity("dh", k): layer.dh}
        found |= {Quantity("f′", k): layer.derivative, Quantity("da", k): layer.da}
        for letter in learned_by(trace.network.layers[k - 1]):
            attribute = ATTRIBUTES[letter]
            found[Quantity(f"d{letter}", k)] = getattr(layer.d, attribute)
            found[Quantity(f"∂Ω.{letter}", k)] = getattr(layer.share, attribute)
            found[Quantity(f"{letter}′", k)] = getattr(layer.after, attribute)
            for slot, layers in step.slots.items():
                found[Quantity(f"{slot}.{letter}", k)] = getattr(layers[k - 1], attribute)
            if trace.optimizer.draws:
                found[Quantity(f"z.{letter}", k)] = drawn(
                    trace, getattr(layer.before, attribute), getattr(layer.after, attribute)
                )
    return found


def constants_of(trace: Trace) -> Values:
    """η, the constants of the optimizer, of the regulariser, and of activations that learn none."""
    objective, optimizer = trace.objective, trace.optimizer
    letters = dict(zip(optimizer.letters, optimizer.parameters.values(), strict=True))
    letters |= {"η": trace.learning_rate, "λ₁": objective.l1, "λ₂": objective.l2}
    found: Values = {Quantity(letter): value for letter, value in letters.items()}
    for k, layer in enumerate(trace.network.layers, 1):
        if layer.activation.alpha is not None and not layer.learns_alpha:
            found[Quantity("α", k)] = layer.activation.alpha
    return found


def optimizer_constants(trace: Trace) -> dict[str, float]:
    """η, the optimizer's constants by letter, and with what its running values begin."""
    optimizer = trace.optimizer
    letters = dict(zip(optimizer.letters, optimizer.parameters.values(), strict=True))
    return {"η": trace.learning_rate, **letters, **{f"{slot}₀": value for slot, value in optimizer.slots.items()}}


def before(trace: Trace, number: int = 0) -> Values:
    """What an update starts from: the samples, the parameters, and the optimizer's running values."""
    step = trace.steps[number]
    found: Values = {Quantity("x"): step.x, Quantity("y"): step.y}
    for k, (layer, now) in enumerate(zip(trace.network.layers, step.layers, strict=True), 1):
        for letter in learned_by(layer):
            found[Quantity(letter, k)] = getattr(now.before, ATTRIBUTES[letter])
            for slot, start in trace.optimizer.slots.items():
                there = trace.steps[number - 1].slots[slot][k - 1] if number else None
                like = found[Quantity(letter, k)]
                old = np.full_like(like, start) if there is None else getattr(there, ATTRIBUTES[letter])
                found[Quantity(f"{slot}₀.{letter}", k)] = old
    return found


def step_from(values: Mapping[Quantity, Any], layers: Sequence[Layer], t: int) -> StepTrace:
    """The record of a step from its values."""

    def of(symbol: str, k: int = 0) -> Any:
        return values[Quantity(symbol, k)]

    def parameters(form: str, k: int) -> Parameters:
        """W, b and α in one of their forms: {}, d{}, {}′, ∂Ω.{}. What has none there is as before, or 0 in Ω."""
        own: dict[str, Any] = {letter: values.get(Quantity(letter, k)) for letter in ATTRIBUTES}
        if form == "∂Ω.{}":
            own |= {letter: np.zeros_like(values) for letter, values in own.items() if np.ndim(values)}
        return Parameters(*(values.get(Quantity(form.format(letter), k), own[letter]) for letter in ATTRIBUTES))

    records = tuple(
        LayerTrace(
            layer.activation,
            parameters("{}", k),
            *(of(symbol, k) for symbol in ("a", "h", "f′", "dh", "da")),
            *(parameters(form, k) for form in ("d{}", "∂Ω.{}", "{}′")),
        )
        for k, layer in enumerate(layers, 1)
    )
    losses, numbers = values.get(Quantity("ℒ"), np.atleast_1d(of("L"))), [float(of(s)) for s in ("L", "Ω", "L*", "Ω*")]
    loss, penalty, loss_after, penalty_after = numbers
    x, y, terms, dx = (of(symbol) for symbol in ("x", "y", "ℓ", "dx"))
    return StepTrace(x, y, terms, losses, loss, penalty, records, dx, {}, t, loss_after, penalty_after)


def drawn(trace: Trace, old: Array, new: Array) -> Array:
    """What a search has added to each parameter, in units of η; 0 where it found nothing better."""
    result: Array = (new - old) / trace.learning_rate
    return result


OWN = {"Ω": "λΩ", "ℒ": "L"}  # symbols that differ on paper from those in formulas

# ----- Names --------------------------------------------------------------------------------------------------------


def json_name(quantity: Quantity) -> str:
    """The name in JSON: dW, W_new, v.alpha."""
    symbol, star, _ = quantity.symbol.partition("*")
    slot, dot, letter = symbol.rpartition(".")
    name = f"{slot}{dot}{ATTRIBUTES[letter]}" if dot else JSON.get(symbol, symbol)
    return f"{name}_after" if star else name


def symbol_of(quantity: Quantity, setting: Setting, sample: str = "") -> str:
    """The symbol on paper: dW⁽²⁾, a⁽¹⁾[2], f′(a⁽¹⁾), new b⁽²⁾, v of W⁽¹⁾."""
    symbol, k = quantity
    K, last = raised(k) if k else "", len(setting.layers)
    activation = setting.layers[k - 1].activation if k else None
    if symbol == "f′" and activation is not None:
        return f"f′(a{K}{sample})" if activation.elementwise else f"∂h{K}{sample}/∂a{K}{sample}"
    if symbol == "α" and activation is not None:
        return activation.letter + K
    if symbol == "h" and k == last:
        return f"ŷ{sample} = h{K}{sample}"
    if symbol == "dh" and k == last:
        return f"dŷ{sample} = dh{K}{sample}"
    slot, dot, letter = symbol.rpartition(".")
    if dot:
        return f"{slot} of {letter}{K}"
    if symbol.endswith("°"):  # of several assignments to θ, one that is not the last
        return f"{symbol.rstrip('°')}{K} so far"
    if symbol[-1] in "′*":
        return f"new {OWN.get(symbol[:-1], symbol[:-1])}{K}"
    return OWN.get(symbol, symbol) + K + sample


def in_formula(setting: Setting, sample: str) -> Callable[[Name], str]:
    """How a name stands inside a formula: h⁽¹⁾[2], ℓⱼ; of the optimizer's running values the letter alone."""

    def shown(name: Name) -> str:
        slot, dot, _ = name.symbol.rpartition(".")
        if dot:
            return slot.rstrip("₀")
        which = name.indices.replace("ₛ", "") + sample * ("ₛ" in name.indices)
        return symbol_of(Quantity(name.symbol, int(name.layer or 0)), setting, which).rpartition(" = ")[2]

    return shown
