"""The quantities of an update: their values in a trace, and which of them a report shows."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Layer, Parameters
from mlpcli.derivation.formula import SAMPLE
from mlpcli.derivation.lines import lines_of
from mlpcli.derivation.names import OF_A_LAYER, OF_THE_STEP, json_name, symbol_of
from mlpcli.derivation.setting import Quantity, Setting, Values, changes_of, learned_by
from mlpcli.derivation.trace import LayerTrace, StepTrace, Trace
from mlpcli.report.notation import LETTERS, element

FORMS = {"{}": "before", "d{}": "d", "∂Ω.{}": "share", "{}′": "after"}  # of W, b and α -> attribute of `LayerTrace`
GRADIENTS = tuple(f"d{letter}" for letter in LETTERS)
INPUTS = ("x̃", "dx")  # of no layer, but shown with layer 1
MOST_ROUNDING = 12  # decimals of each step


def setting_of(trace: Trace, merged: bool = False) -> Setting:
    """What the lines of a trace depend on."""
    changes, samples = changes_of(trace.rule), len(trace.steps[0].x)
    setting = Setting(trace.network.layers, trace.objective, trace.optimizer, samples, trace.freeze_bias, changes)
    return setting._replace(merged=merged, weighted=trace.factors is not None)


# ----- Values ---------------------------------------------------------------------------------------------------------


def values_of(trace: Trace, number: int = 0, merged: bool = False) -> Values:
    """All quantities in the formulas of one of the steps (counted from 0), as training computed them.

    If W and b are `merged`, also those with a tilde: W̃ = [W, b] in all its forms, h̃ = [h; 1] and x̃ = [x; 1].
    """
    step = trace.steps[number]
    values: Values = {**constants_of(trace), Quantity("t"): step.t, **before(trace, number), Quantity("ℒ"): step.losses}
    values |= {Quantity(symbol): getattr(step, name) for symbol, name in OF_THE_STEP.items()}
    values[Quantity("J*")] = step.loss_after + step.penalty_after
    for k, layer in enumerate(step.layers, 1):
        values |= {Quantity(symbol, k): getattr(layer, name) for symbol, name in OF_A_LAYER.items()}
        for letter in learned_by(trace.network.layers[k - 1]):
            of = LETTERS[letter]
            values |= {Quantity(f.format(letter), k): getattr(getattr(layer, group), of) for f, group in FORMS.items()}
            values |= {Quantity(f"{slot}.{letter}", k): getattr(all[k - 1], of) for slot, all in step.slots.items()}
    return values | _merged(values, setting_of(trace)) if merged else values


def _merged(values: Values, setting: Setting) -> Values:
    """The quantities with a tilde."""
    forms = (*FORMS, *(f"{slot}{start}.{{}}" for slot in setting.optimizer.slots for start in ("", "₀")))
    own: Values = {
        Quantity(form.format("W̃"), k): np.column_stack([values[Quantity(form.format(part), k)] for part in "Wb"])
        for form, k in product(forms, range(1, setting.last + 1))
    }
    ones = np.ones(setting.samples)
    own[Quantity("x̃")] = np.column_stack([values[Quantity("x")], ones])
    hidden = {Quantity("h̃", k): np.column_stack([values[Quantity("h", k)], ones]) for k in range(1, setting.last)}
    return own | hidden


def constants_of(trace: Trace) -> Values:
    """η, and the constants of the optimizer, the regularizer and the activations. A learned α is not a constant."""
    letters = {**optimizer_constants(trace), "λ₁": trace.objective.l1, "λ₂": trace.objective.l2}
    values: Values = {Quantity(letter): value for letter, value in letters.items()}
    for k, layer in enumerate(trace.network.layers, 1):
        if layer.activation.alpha is not None and not layer.learns_alpha:
            values[Quantity("α", k)] = layer.activation.alpha
    return values


def optimizer_constants(trace: Trace) -> dict[str, float]:
    """η, the optimizer's constants by letter, and the initial values of its state."""
    optimizer = trace.optimizer
    letters = dict(zip(optimizer.letters, optimizer.parameters.values(), strict=True))
    return {"η": trace.learning_rate, **letters, **{f"{slot}₀": value for slot, value in optimizer.slots.items()}}


def before(trace: Trace, number: int = 0) -> Values:
    """What an update starts from: the samples, the parameters, and the optimizer state."""
    step = trace.steps[number]
    values: Values = {Quantity("x"): step.x, Quantity("y"): step.y}
    if trace.factors is not None:
        values[Quantity("ω")] = trace.factors
    for k, (layer, now) in enumerate(zip(trace.network.layers, step.layers, strict=True), 1):
        for letter in learned_by(layer):
            values[Quantity(letter, k)] = old = getattr(now.before, LETTERS[letter])
            for slot, start in trace.optimizer.slots.items():
                running = np.full_like(old, start)
                if number:
                    running = getattr(trace.steps[number - 1].slots[slot][k - 1], LETTERS[letter])
                values[Quantity(f"{slot}₀.{letter}", k)] = running
    return values


def step_from(values: Mapping[Quantity, Any], layers: Sequence[Layer], t: int) -> StepTrace:
    """The record of a step from its values."""

    def parameters(form: str, k: int) -> Parameters:
        """W, b and α in one of their forms. A missing one is unchanged, or 0 in the gradient of Ω."""
        own: dict[str, Any] = {letter: values.get(Quantity(letter, k)) for letter in LETTERS}
        if form == "∂Ω.{}":
            own |= {letter: np.zeros_like(array) for letter, array in own.items() if np.ndim(array)}
        return Parameters(*(values.get(Quantity(form.format(letter), k), own[letter]) for letter in LETTERS))

    def record(k: int, layer: Layer) -> LayerTrace:
        own: dict[str, Any] = {name: values[Quantity(symbol, k)] for symbol, name in OF_A_LAYER.items()}
        own |= {group: parameters(form, k) for form, group in FORMS.items()}
        return LayerTrace(activation=layer.activation, **own)

    records = tuple(record(k, layer) for k, layer in enumerate(layers, 1))
    own = {name: values[Quantity(symbol)] for symbol, name in OF_THE_STEP.items() if symbol != "J"}
    own |= {name: float(value) for name, value in own.items() if np.ndim(value) == 0}
    losses = values.get(Quantity("ℒ"), np.atleast_1d(values[Quantity("L")]))
    return StepTrace(**own, losses=losses, layers=records, slots={}, t=t)


# ----- What is shown --------------------------------------------------------------------------------------------------

PARTS = ("forward", "loss", "backward", "update")


class Shown(NamedTuple):
    """A quantity of an update, as a document has it."""

    quantity: Quantity
    values: Array | float
    parts: tuple[str, ...]  # those of PARTS that show it, its own first
    per_sample: bool  # whether its first axis counts the samples

    @property
    def layer(self) -> int:
        return self.quantity.layer

    @property
    def name(self) -> str:
        return json_name(self.quantity)

    @property
    def is_over_inputs(self) -> bool:
        """Whether its last axis counts the inputs of the network: x, its gradient, and matrices of the first layer."""
        if not self.layer:
            return self.quantity.symbol in ("x", *INPUTS)
        return self.layer == 1 and not self.per_sample and np.ndim(self.values) == 2

    def number(self, setting: Setting, index: tuple[int, ...]) -> str:
        """The name of one of its numbers on paper: dw₂₁⁽¹⁾, or a₂⁽¹⁾[3] if there are several samples."""
        symbol, shape = symbol_of(self.quantity, setting).partition(" = ")[0], np.shape(self.values)
        if not self.per_sample:
            return element(symbol, (*shape, 1, 1)[:2], *(*index, 0, 0)[:2])
        sample = f"[{index[0] + 1}]" if setting.samples > 1 else ""
        return element(symbol, (*shape, 1)[1:3], *(*index, 0)[1:3]) + sample


def shown_of(trace: Trace, number: int = 0, merged: bool = False) -> Iterator[Shown]:
    """The quantities of a step: given, forward, loss, backward from the last layer down, update, loss after it."""
    setting, values = setting_of(trace, merged), values_of(trace, number, merged)
    layers = enumerate(trace.network.layers, 1)
    parameters = [Quantity(letter, k) for k, layer in layers for letter in learned_by(layer)]
    given = (Quantity("x"), Quantity("y"), *(Quantity("ω"),) * setting.weighted)
    yield from (Shown(q, values[q], PARTS, True) for q in given)
    yield from (Shown(q, values[q], ("forward",), False) for q in parameters)
    for line in lines_of(setting):
        quantity = line.quantity
        if not line.hidden and json_name(quantity):
            gradient = quantity.symbol in (*GRADIENTS, "dW̃")  # shown with the update too
            parts = ("backward", "update") if gradient else (line.section,)
            yield Shown(quantity, values[quantity], parts, line.indices.startswith(SAMPLE))
    yield from (Shown(q, values[q], ("update",), False) for q in (Quantity("L*"), Quantity("Ω*")))


class View(NamedTuple):
    """Which parts of a trace are shown, and how. Without options, everything."""

    whole: bool = False  # large layers number by number too
    explain: bool = False  # each number written out as a sum
    typeset: bool = False  # as formulas too, for forms that can show them
    sums: bool = False  # and every number of a formula as a sum
    only: str | None = None  # of PARTS
    layer: int | None = None
    digits: int = 4  # decimals of the lines below the tables
    merged: bool = False  # W and b as one matrix, W̃ = [W, b]

    @property
    def narrowed(self) -> bool:
        """Whether a part is left out."""
        return self.only is not None or self.layer is not None

    def shows(self, part: str, layer: int | None = None) -> bool:
        """Whether to show a part of this layer; with None, of quantities that belong to no single layer."""
        return self.only in (None, part) and self.layer in (None, layer)

    def sections(self, last: int) -> Iterator[tuple[str, int]]:
        """The parts of a step that are shown, each with its layer (0 for the loss), in the order of calculation."""
        layers = range(1, last + 1)
        forward, update = (product((part,), layers) for part in ("forward", "update"))
        backward = product(("backward",), reversed(layers))
        for part, k in (*forward, ("loss", 0), *backward, *update):
            if self.shows(part, k or None):
                yield part, k

    def shown_of(self, trace: Trace, number: int) -> Iterator[Shown]:
        """The quantities of a step that this view shows. It always shows the samples, and dx with layer 1."""
        for shown in shown_of(trace, number, self.merged):
            layer = 1 if shown.quantity.symbol in INPUTS else shown.layer or None
            if shown.quantity.symbol in ("x", "y", "ω") or any(self.shows(part, layer) for part in shown.parts):
                yield shown


EVERYTHING = View(sums=True)
