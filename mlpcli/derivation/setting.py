"""What the lines of an update depend on, and the text of a line as a formula of one layer.

`bᵢ + Σⱼ Wᵢⱼ h⁻ₛⱼ` of layer 2 speaks of b⁽²⁾, W⁽²⁾ and h⁽¹⁾. The rows of activations and losses leave out the indices
that all their names share. A line can be replaced by another text. A mistake does this, and so does the slide's rule.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from mlpcli.core.activations import Activation
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Layer
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import Optimizer
from mlpcli.derivation.formula import SAMPLE, Name, Node, parse, renamed
from mlpcli.report.notation import TILDE

# What replaces the right text of a line. In it, □ is the right formula, and … all of an optimizer's rule up to the last
# `θ ← ` (□ is then what follows). `η → η², a → h` exchanges parts of the right text.
Change = str


def changed(right: str, change: Change) -> str:
    """The text of a line after a change."""
    if " → " in change:
        parts = dict(part.split(" → ") for part in change.split(", "))
        return re.sub("|".join(map(_alone, parts)), lambda found: parts[found[0]], right)
    if "…" in change:
        start, arrow, last = right.rpartition("θ ← ")
        return change.replace("…", start + arrow).replace("□", f"({last})") if arrow else right
    return change.replace("□", f"({right})")


def _alone(part: str) -> str:
    """The pattern of a part of a formula: `a`, but not the one in max."""
    return f"(?<![A-Za-z]){part}(?![A-Za-z])" if part.isascii() and part.isalpha() else re.escape(part)


class Quantity(NamedTuple):
    """What a line computes, such as dW of layer 2. Layer 0 holds what belongs to the whole step, such as x."""

    symbol: str
    layer: int = 0


Values = dict[Quantity, Any]


def quantity_of(name: Name) -> Quantity:
    """The quantity of a name in the formula of a layer."""
    return Quantity(name.symbol, int(name.layer or 0))


def learned_by(layer: Layer) -> tuple[str, ...]:
    """The parameters of a layer."""
    return ("W", "b", "α") if layer.learns_alpha else ("W", "b")


class Setting(NamedTuple):
    """What the lines of an update depend on. `changes` are the replaced lines, in all layers or `only` in some."""

    layers: tuple[Layer, ...]
    objective: Objective
    optimizer: Optimizer
    samples: int
    freeze_bias: bool = False
    changes: Mapping[str, Change] = MappingProxyType({})
    only: tuple[int, ...] | None = None
    weighted: bool = False  # whether samples have weights, so that L is Σₛ ωₛ ℒₛ with given factors ω
    merged: bool = False  # whether W and b are one matrix, W̃ = [W, b], and h̃ = [h; 1]

    @property
    def last(self) -> int:
        return len(self.layers)

    def learned(self, k: int) -> tuple[str, ...]:
        """The parameters of layer k."""
        letters = learned_by(self.layers[k - 1])
        return ("W̃", *letters[2:]) if self.merged else letters

    def text(self, symbol: str, k: int, right: str) -> str:
        """The text of a line of layer k, or of the whole step for k = 0: the right one, or its replacement."""
        here = symbol in self.changes and (self.only is None or k in self.only)
        return changed(right, self.changes[symbol]) if here else right


# ----- In its place ---------------------------------------------------------------------------------------------------

INDICES = {"W": "ᵢⱼ", "b": "ᵢ", "α": "ᵢ", "W̃": "ᵢⱼ"}
OF_OUTPUTS = {"ŷ": "ₛᵢ", "y": "ₛᵢ", "a": "ₛᵢ"}  # indices of the names in the rows of losses, beside `workings`
OF_UNITS = {"a": "ₛᵢ", "h": "ₛᵢ", "w": "ₛᵢ"}  # and of activations; w is f(h), which only mistakes use
OF_THE_STEP = ("x", "y", "ℓ", "ℒ", "ω", "u")  # names with indices that belong to no layer


def workings() -> dict[str, str]:
    """The parts of the losses' formulas, each with its indices: c of hinge. They are in no document."""
    return {symbol: indices for row in LOSSES.values() for symbol, indices, _ in row.workings}


@lru_cache(maxsize=4096)
def placed(text: str, k: int) -> Node:
    """The formula for layer k: each name gets the number of its layer. Below the first layer h is x."""

    def change(name: Name) -> Name:
        layer = k + {"⁻": -1, "⁺": 1}.get(str(name.layer), 0)
        if layer == 0 and name.layer == "⁻":
            return name._replace(symbol="x" + TILDE * (TILDE in name.symbol), layer=0)
        return name._replace(layer=layer if name.indices and name.symbol not in OF_THE_STEP else 0)

    return renamed(parse(text), change)


def of_units(text: str, activation: Activation, k: int) -> Node:
    """The formula of an activation's row for layer k."""
    alpha = INDICES["α"] if activation.learned is not None else ""
    axes = {**OF_UNITS, "α": alpha, activation.letter: alpha}
    return _of_row(text, k, tuple(axes.items()), (activation.letter, "α"))


def of_outputs(text: str, last: int) -> Node:
    """The formula of a loss's row, where ŷ is h of the last layer."""
    return _of_row(text, last, tuple({**OF_OUTPUTS, **workings()}.items()), ("ŷ", "h"))


@lru_cache(maxsize=4096)
def _of_row(text: str, k: int, axes: tuple[tuple[str, str], ...], renaming: tuple[str, str]) -> Node:
    """The formula with all indices: rows leave out the sample's, and the unit's if it is the line's own."""
    usual, (old, new) = dict(axes), renaming

    def change(name: Name) -> Name:
        symbol, indices = new if name.symbol == old else name.symbol, usual.get(name.symbol, name.indices)
        if name.indices and indices.startswith(SAMPLE):
            indices = SAMPLE + name.indices
        return Name(symbol, indices, k if symbol == "α" or symbol in OF_UNITS else 0)

    return renamed(parse(text), change)


# ----- The slide ----------------------------------------------------------------------------------------------------


class Departure(NamedTuple):
    """One row: what the slide does, in a clause, and the lines that replace ours."""

    clause: str
    changes: Mapping[str, Change]


# How the rule on the lecture's slide departs from calculus, each by a short description.
SLIDE = {
    "log₁₀ for ln": Departure("takes log₁₀ for ln", {"ℓ": "log → log₁₀"}),  # which scales the loss by 1/ln 10
    "sign of (1 − y)/(1 − ŷ)": Departure(
        "has the wrong sign before (1 − y)/(1 − ŷ)",
        {"dŷ": "−y/ŷ + (1 − y)/(1 − ŷ) → −(y/ŷ + (1 − y)/(1 − ŷ))"},
    ),
    "softmax's diagonal alone": Departure(  # although every output depends on every logit
        "drops softmax's off-diagonal derivatives",
        {"∂h/∂a": "δᵢⱼ e^aᵢ (Σₖ e^aₖ − e^aᵢ) / (Σₖ e^aₖ)²"},  # from a, not from a rounded h
    ),
}


def changes_of(rule: str, but: str = "") -> Mapping[str, Change]:
    """The lines that a rule replaces, all but one: none for exact, those of the slide for lecture."""
    if rule == "exact":
        return {}
    return {line: text for name, row in SLIDE.items() if name != but for line, text in row.changes.items()}
