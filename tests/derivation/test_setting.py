"""Lines of one layer: which of them are replaced, and where the names in their formulas belong."""

import pytest
from report_helpers import drawn_trace, lecture_trace

from mlpcli.derivation.formula import Name, names
from mlpcli.derivation.names import json_name, symbol_of
from mlpcli.derivation.quantities import setting_of
from mlpcli.derivation.setting import SLIDE, Quantity, changed, changes_of, placed

SETTING = setting_of(lecture_trace())
BATCH = setting_of(drawn_trace(["prelu", "swish", "softmax"], optimizer="momentum", samples=2, units=(4, 2, 3)))


@pytest.mark.parametrize(("only", "replaced"), [(None, [1, 2, 0]), ((2,), [2]), ((1, 2), [1, 2]), ((), [])])
def test_a_line_is_replaced_in_all_layers_or_in_some(only: tuple[int, ...] | None, replaced: list[int]) -> None:
    setting = SETTING._replace(changes={"a": "2 □"}, only=only)
    assert [k for k in (1, 2, 0) if setting.text("a", k, "b") == "2 (b)"] == replaced
    assert {setting.text("h", k, "b") for k in (0, 1, 2)} == {"b"}


def test_names_belong_to_the_layer_of_the_line_and_its_neighbours() -> None:
    """Below the first layer h is x; samples and letters without indices belong to no layer."""

    def layers(text: str, k: int) -> dict[str, str | int]:
        return {name.symbol: name.layer for name in names(placed(text, k))}

    assert layers("bᵢ + Σⱼ Wᵢⱼ h⁻ₛⱼ", 1) == {"b": 1, "W": 1, "x": 0}
    assert layers("bᵢ + Σⱼ Wᵢⱼ h⁻ₛⱼ", 2) == {"b": 2, "W": 2, "h": 1}
    assert layers("Σⱼ W⁺ⱼᵢ da⁺ₛⱼ", 1) == {"W": 2, "da": 2}
    assert layers("η daₛᵢ + ωₛ uₛ yₛᵢ", 2) == {"η": 0, "da": 2, "ω": 0, "u": 0, "y": 0}
    assert layers("Σⱼ W̃ᵢⱼ h̃⁻ₛⱼ", 1) == {"W̃": 1, "x̃": 0}
    assert next(names(placed("h⁻ₛⱼ", 1))) == Name("x", "ₛⱼ", 0)


def test_the_slide_replaces_three_lines_and_the_exact_rule_none() -> None:
    assert changes_of("exact") == {}
    assert changes_of("lecture").keys() == {"ℓ", "dŷ", "∂h/∂a"}
    for name, row in SLIDE.items():
        assert changes_of("lecture", but=name).keys() == {"ℓ", "dŷ", "∂h/∂a"} - row.changes.keys()
        assert len(row.changes) == 1


@pytest.mark.parametrize(
    ("quantity", "sample", "symbol", "name"),
    [
        (Quantity("x"), "[2]", "x[2]", "x"),
        (Quantity("dW", 2), "", "dW⁽²⁾", "dW"),
        (Quantity("a", 1), "[2]", "a⁽¹⁾[2]", "a"),
        (Quantity("h", 1), "[2]", "h⁽¹⁾[2]", "h"),
        (Quantity("h", 3), "[2]", "ŷ[2] = h⁽³⁾[2]", "h"),
        (Quantity("dh", 2), "", "dh⁽²⁾", "dh"),
        (Quantity("dh", 3), "", "dŷ = dh⁽³⁾", "dh"),
        (Quantity("f′", 1), "[1]", "f′(a⁽¹⁾[1])", "derivative"),
        (Quantity("f′", 3), "[1]", "∂h⁽³⁾[1]/∂a⁽³⁾[1]", "derivative"),
        (Quantity("α", 1), "", "α⁽¹⁾", "alpha"),
        (Quantity("α", 2), "", "β⁽²⁾", "alpha"),  # swish's letter
        (Quantity("W′", 1), "", "new W⁽¹⁾", "W_new"),
        (Quantity("α′", 1), "", "new α⁽¹⁾", "alpha_new"),
        (Quantity("v.W", 1), "", "v of W⁽¹⁾", "v.W"),
        (Quantity("v.α", 1), "", "v of α⁽¹⁾", "v.alpha"),
        (Quantity("W°", 1), "", "W⁽¹⁾ so far", ""),
        (Quantity("ℓ"), "[1]", "ℓ[1]", "terms"),
        (Quantity("ℒ"), "[1]", "L[1]", ""),
        (Quantity("L"), "", "L", "loss"),
        (Quantity("Ω"), "", "λΩ", "penalty"),
        (Quantity("L*"), "", "new L", "loss_after"),
        (Quantity("Ω*"), "", "new λΩ", "penalty_after"),
        (Quantity("ω"), "[2]", "ω[2]", "sample_factors"),
        (Quantity("v₀.W", 1), "", "v₀ of W⁽¹⁾", ""),
        (Quantity("∂Ω.W", 1), "", "∂Ω of W⁽¹⁾", ""),
    ],
)
def test_a_quantity_has_a_symbol_on_paper_and_perhaps_a_name_in_documents(
    quantity: Quantity, sample: str, symbol: str, name: str
) -> None:
    assert symbol_of(quantity, BATCH, sample) == symbol
    assert json_name(quantity) == name


def test_what_only_a_loss_needs_is_in_no_document() -> None:
    assert [json_name(Quantity(symbol)) for symbol in ("c", "ŷ_y")] == ["", ""]


@pytest.mark.parametrize(
    ("right", "change", "text"),
    [
        ("θ ← θ − ηg", "η → η²", "θ ← θ − η²g"),  # a Greek letter stands beside others
        ("max(0, a)", "a → h", "max(0, h)"),  # a Latin one may be a part of a word
        ("a + b", "a → b, b → a", "b + a"),
        ("Σⱼ ℓₛⱼ + 1", "+ 1 → ", "Σⱼ ℓₛⱼ "),
    ],
)
def test_a_letter_is_exchanged_where_it_stands_for_itself(right: str, change: str, text: str) -> None:
    assert changed(right, change) == text


@pytest.mark.parametrize(("merged", "letters"), [(False, ("W", "b", "α")), (True, ("W̃", "α"))])
def test_a_merged_layer_learns_its_slopes_too(merged: bool, letters: tuple[str, ...]) -> None:
    setting = setting_of(drawn_trace(("prelu", "softmax")), merged)
    assert setting.learned(1) == letters
    assert setting.learned(2) == letters[:-1]
