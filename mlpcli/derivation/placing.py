"""Formulas in their place: the text of a row or of a line, for one layer of a network.

`bᵢ + Σⱼ Wᵢⱼ h⁻ₛⱼ` of layer 2 speaks of b⁽²⁾, W⁽²⁾ and h⁽¹⁾. The rows of activations and losses leave out the indices
that all their names share.
"""

from collections.abc import Mapping
from functools import lru_cache

from mlpcli.core.activations import Activation
from mlpcli.derivation.formula import Name, Node, parse, renamed

INDICES = {"W": "ᵢⱼ", "b": "ᵢ", "α": "ᵢ"}
OF_OUTPUTS = {"ŷ": "ₛᵢ", "y": "ₛᵢ", "c": "ₛᵢ", "ŷ_y": "ₛ", "a": "ₛᵢ"}  # indices of the names in the rows of losses
OF_UNITS = {"a": "ₛᵢ", "h": "ₛᵢ", "w": "ₛᵢ"}  # and of activations; w is f(h), which only a mistake has in it
OF_THE_STEP = ("x", "y", "ℓ", "ℒ", "u")  # what has indices and belongs to no layer


@lru_cache(maxsize=4096)
def placed(text: str, k: int) -> Node:
    """The formula for layer k: each name gets the number of its layer. Below the first layer h is x."""

    def change(name: Name) -> Name:
        layer = k + {"⁻": -1, "⁺": 1}.get(str(name.layer), 0)
        if layer == 0 and name.layer == "⁻":
            return name._replace(symbol="x", layer=0)
        return name._replace(layer=layer if name.indices and name.symbol not in OF_THE_STEP else 0)

    return renamed(parse(text), change)


def of_units(text: str, activation: Activation, k: int) -> Node:
    """The formula of an activation's row for layer k."""
    return _of_units(text, activation.letter, INDICES["α"] if activation.learned is not None else "", k)


@lru_cache(maxsize=4096)
def _of_units(text: str, letter: str, parameter: str, k: int) -> Node:
    def change(name: Name) -> Name:
        if name.symbol in (letter, "α"):
            return Name("α", parameter, k)
        return Name(name.symbol, _own(name, OF_UNITS), k if name.symbol in OF_UNITS else 0)

    return renamed(parse(text), change)


@lru_cache(maxsize=1024)
def of_outputs(text: str, last: int) -> Node:
    """The formula of a loss's row, where ŷ is h of the last layer."""

    def change(name: Name) -> Name:
        indices = _own(name, OF_OUTPUTS)
        symbol = {"ŷ": "h"}.get(name.symbol, name.symbol)
        return Name(symbol, indices, last if symbol in OF_UNITS else 0)

    return renamed(parse(text), change)


def _own(name: Name, axes: Mapping[str, str]) -> str:
    """The indices of a name in a row, which leaves the sample out, and the unit where it is that of the line."""
    usual = axes.get(name.symbol, name.indices)
    return f"ₛ{name.indices}" if name.indices and usual.startswith("ₛ") else usual
