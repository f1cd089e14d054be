"""W̃ = [W, b] and h̃ = [h; 1]: the same numbers as without them, put beside each other by NumPy."""

from typing import Any

import numpy as np
import pytest
from random_updates import random_updates
from report_helpers import TRACES, drawn_trace, evaluated_pieces, evaluated_sum, formulas_of, lecture_trace

from mlpcli.core.arrays import Array
from mlpcli.derivation.hand_calculation import EvaluatedLines
from mlpcli.derivation.lines import lines_of
from mlpcli.derivation.paper import paper
from mlpcli.derivation.quantities import View, before, constants_of, setting_of, shown_of, values_of
from mlpcli.derivation.report import trace_report
from mlpcli.derivation.setting import Quantity
from mlpcli.derivation.tables import step_sheets
from mlpcli.derivation.trace import Trace
from mlpcli.report.sheet import Formula

MERGED = View(merged=True, sums=True)
LEARNING = {name: found for name, found in TRACES.items() if not found.freeze_bias}
EACH = pytest.mark.parametrize("found", LEARNING.values(), ids=LEARNING)


def beside(one: Any, other: Any) -> Array:
    return np.column_stack([one, other])


def merged_formulas(found: Trace) -> dict[str, Formula]:
    return {formula.symbol: formula for formula in formulas_of(paper(found, MERGED))}


def test_every_line_gives_what_training_computes() -> None:
    """The lines are evaluated from W, b and x; training's own numbers are put beside each other."""
    count = 0
    for found in random_updates(60, 41):
        if found.freeze_bias:
            continue
        setting, true = setting_of(found, merged=True), values_of(found, merged=True)
        given = {**constants_of(found), **before(found), Quantity("t"): 1}
        given |= {quantity: values for quantity, values in true.items() if quantity.symbol.endswith("₀.W̃")}
        evaluation = EvaluatedLines(lines_of(setting), setting, given, lambda line, values: values)
        evaluation.all()
        for quantity in (quantity for quantity in evaluation.computed if "\N{COMBINING TILDE}" in quantity.symbol):
            expected = true[quantity]
            room = 1e-9 * max(1.0, np.abs(expected).max())
            np.testing.assert_allclose(evaluation.computed[quantity], expected, rtol=1e-9, atol=room)
            count += 1
    assert count > 300


@EACH
def test_numbers_are_those_without_it(found: Trace) -> None:
    for number in range(len(found.steps)):
        plain = {(s.layer, s.name): s.values for s in shown_of(found, number)}
        for shown in shown_of(found, number, merged=True):
            if "_tilde" not in shown.name:
                expected = plain[shown.layer, shown.name]
            elif shown.name in ("x_tilde", "h_tilde"):
                numbers = plain[shown.layer, shown.name[0]]
                expected = beside(numbers, np.ones(len(numbers)))
            else:
                W, b = (shown.name.replace("W_tilde", letter) for letter in ("W", "b"))
                expected = beside(plain[shown.layer, W], plain[shown.layer, b])
            np.testing.assert_array_equal(shown.values, expected)


@EACH
def test_formulas_with_their_numbers_give_the_value(found: Trace) -> None:
    """The matrices that are inserted, and each number as the sum that is written for it, to its printed digits."""
    checked = 0
    for formula in formulas_of(paper(found, MERGED)):
        if formula.symbol.startswith(("dW̃", "a⁽")) and formula.inserted:
            np.testing.assert_allclose(evaluated_pieces(formula.inserted), formula.value, rtol=1e-9, atol=1e-12)
            checked += 1
        if formula.symbol.startswith(("dW̃", "a⁽", "new W̃")):
            sums = [evaluated_sum(text) for row in formula.sums for text in row]
            np.testing.assert_allclose(sums, np.ravel(formula.value), rtol=1e-4, atol=1e-4)
    assert checked >= 2 * len(found.network.layers)


def test_the_lecture_is_written_with_one_matrix_per_layer() -> None:
    """By hand: the last column of dW̃ is da · 1. dW⁽²⁾ is (−0.966198, 0.513405, 0.452792) times (0.28, 0.72)."""
    formulas = merged_formulas(lecture_trace())
    texts = {symbol: formula.formula for symbol, formula in formulas.items()}
    assert texts["W̃⁽¹⁾"] == "[W⁽¹⁾, b⁽¹⁾]"
    assert (texts["x̃"], texts["h̃⁽¹⁾"]) == ("[x; 1]", "[h⁽¹⁾; 1]")
    assert (texts["a⁽¹⁾"], texts["a⁽²⁾"]) == ("W̃⁽¹⁾ x̃", "W̃⁽²⁾ h̃⁽¹⁾")
    assert (texts["dW̃⁽¹⁾"], texts["dW̃⁽²⁾"]) == ("da⁽¹⁾ x̃ᵀ", "da⁽²⁾ h̃⁽¹⁾ᵀ")
    assert texts["new W̃⁽¹⁾"] == "W̃⁽¹⁾ − η dW̃⁽¹⁾"
    assert texts["dh⁽¹⁾"] == "W⁽²⁾ᵀ da⁽²⁾"  # nothing flows back into the constant 1
    expected = [[-0.270535, -0.695662], [0.143754, 0.369652], [0.126782, 0.326010]]
    np.testing.assert_allclose(formulas["dW̃⁽²⁾"].value[:, :2], expected, atol=1e-6)
    np.testing.assert_array_equal(formulas["dW̃⁽²⁾"].value[:, 2:], formulas["da⁽²⁾"].value)
    assert formulas["a⁽¹⁾"].sums[0][0] == "0.1·1.8 + (−0.2)·0.5 + 0.2·1"  # W̃ has 0.1, −0.2 and b = 0.2
    assert not {"dW⁽¹⁾", "db⁽¹⁾", "new W⁽¹⁾", "new b⁽¹⁾"} & formulas.keys()


def test_the_regularizer_leaves_the_last_column_alone() -> None:
    formula = merged_formulas(drawn_trace(l2=0.1, l1=0.02))["dW̃⁽²⁾"]
    assert formula.formula.endswith(" + [λ₂ W⁽²⁾ + λ₁ sign(W⁽²⁾), 0]")
    assert all(row[-1].endswith("·1 + 0") for row in formula.sums)
    of_all = merged_formulas(drawn_trace(l2=0.1, regularize_bias=True))["dW̃⁽²⁾"]
    assert of_all.formula.endswith(" + λ₂ W̃⁽²⁾")


def test_tables_have_a_column_for_the_bias_and_name_both() -> None:
    found = drawn_trace(("prelu", "linear"), "mse", "momentum", samples=2)
    sheets = {sheet.title.partition(":")[0]: sheet for sheet in step_sheets(found, 0, MERGED)}
    assert "W̃⁽²⁾ = [W⁽²⁾, b⁽²⁾], h̃⁽¹⁾[s] = [h⁽¹⁾[s]; 1], a⁽²⁾[s] = W̃⁽²⁾ h̃⁽¹⁾[s]," in str(
        [sheet.title for sheet in step_sheets(found, 0, MERGED)]
    )
    assert sheets["Forward, layer 1"].columns[1:5] == ("w̃·₁", "w̃·₂", "w̃·₃", "w̃·₄")
    assert sheets["Backward, layer 1"].columns[-5:] == ("dw̃·₁", "dw̃·₂", "dw̃·₃", "dw̃·₄", "dα")
    update = sheets["Update, layer 1"]
    assert [row[0] for row in update.rows[:4]] == ["w̃₁₁", "w̃₁₂", "w̃₁₃", "w̃₁₄"]
    assert update.columns == ("parameter", "old", "gradient", "v", "new")
    np.testing.assert_array_equal([row[1] for row in update.rows[3:16:4]], found.steps[0].layers[0].before.b)


def test_a_document_has_the_merged_names_and_what_is_given() -> None:
    found = drawn_trace(optimizer="adam")
    document = trace_report(found, MERGED).document
    layer, slots = document["steps"][0]["layers"][0], document["steps"][0]["slots"]
    old = found.steps[0].layers[0]
    np.testing.assert_array_equal(layer["dW_tilde"], beside(old.d.W, old.d.b))
    np.testing.assert_array_equal(layer["W_tilde_new"], beside(old.after.W, old.after.b))
    assert {"W", "b", "W_tilde", "h_tilde"} <= layer.keys()
    assert not {"dW", "db", "W_new", "b_new"} & layer.keys()
    assert [sorted(part) for part in slots["m"]] == [["W_tilde", "layer"]] * 2
