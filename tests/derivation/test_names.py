"""What a quantity is called in documents and on paper."""

import pytest
from report_helpers import drawn_trace

from mlpcli.derivation.names import json_name, symbol_of
from mlpcli.derivation.quantities import setting_of
from mlpcli.derivation.setting import Quantity


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("a", "a"),
        ("f′", "derivative"),
        ("dW", "dW"),
        ("dα", "dalpha"),
        ("W′", "W_new"),
        ("W̃′", "W_tilde_new"),
        ("v.W", "v.W"),
        ("v.α", "v.alpha"),
        ("L", "loss"),
        ("L*", "loss_after"),
        ("h*", "h_after"),
        ("ω", "sample_factors"),
        # Those that no document has: the state before, an assignment that is not the last, and what sums are made of.
        ("v₀.W", ""),
        ("W°", ""),
        ("ℒ", ""),
        ("∂Ω.W", ""),
        ("c", ""),  # parts of the formula of hinge
        ("ŷ_y", ""),
    ],
)
def test_a_quantity_has_its_name_in_documents(symbol: str, name: str) -> None:
    assert json_name(Quantity(symbol, 1)) == name


@pytest.mark.parametrize(
    ("symbol", "k", "text"),
    [
        ("a", 1, "a⁽¹⁾[2]"),
        ("h", 1, "h⁽¹⁾[2]"),
        ("h", 2, "ŷ[2] = h⁽²⁾[2]"),
        ("dh", 2, "dŷ[2] = dh⁽²⁾[2]"),
        ("f′", 1, "f′(a⁽¹⁾[2])"),
        ("f′", 2, "∂h⁽²⁾[2]/∂a⁽²⁾[2]"),
        ("α", 1, "β⁽¹⁾"),  # of swish
        ("v.W", 1, "v of W⁽¹⁾"),
        ("W°°", 1, "W⁽¹⁾ so far"),
        ("W̃′", 1, "new W̃⁽¹⁾"),
        ("Ω*", 0, "new λΩ"),
    ],
)
def test_a_quantity_has_its_symbol_on_paper(symbol: str, k: int, text: str) -> None:
    """In layers with swish and softmax, for the second sample."""
    assert symbol_of(Quantity(symbol, k), setting_of(drawn_trace(("swish", "softmax"))), "[2]") == text
