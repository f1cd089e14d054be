"""The tables of a trace: what is given, and titles that state the formulas by which the numbers come out."""

import re

import numpy as np
import pytest
from report_helpers import TRACES, drawn_trace, formulas_of, lecture_trace

from mlpcli.derivation.paper import paper
from mlpcli.derivation.quantities import EVERYTHING
from mlpcli.derivation.tables import given_factors, given_sheet, step_sheets
from mlpcli.derivation.trace import Trace
from mlpcli.report.sheet import Sheet

EACH = pytest.mark.parametrize("found", TRACES.values(), ids=TRACES.keys())


def sheets(found: Trace) -> list[Sheet]:
    return list(step_sheets(found, 0, EVERYTHING))


def titled(found: Trace, start: str) -> Sheet:
    return next(sheet for sheet in sheets(found) if start in sheet.title)


@pytest.mark.parametrize(("steps", "starts"), [(1, ("",)), (2, ("Step 1. ", "Step 2. ")), (3, ("Step 1. ",))])
def test_titles_say_which_of_several_steps_they_show(steps: int, starts: tuple[str, ...]) -> None:
    found = drawn_trace(steps=steps)
    for number, start in enumerate(starts):
        titles = [sheet.title for sheet in step_sheets(found, number, EVERYTHING)]
        assert all(title.startswith(start) for title in titles)
        assert start or not any(title.startswith("Step") for title in titles)


@EACH
def test_a_title_has_the_formula_that_is_typeset(found: Trace) -> None:
    """Of several samples, the formula of the first one, for all of them."""
    formulas = [formula for formula in formulas_of(paper(found)) if not re.search(r"\[[2-9]\]", formula.symbol)]
    titles = [sheet.title for sheet in sheets(found)]
    for symbol in ("dh", "dW", "db"):
        of_symbol = [formula for formula in formulas if re.match(f"(dŷ.* = )?{symbol}⁽", formula.symbol)]
        assert len(of_symbol) == len(found.steps) * len(found.steps[0].layers)
        for formula in of_symbol:
            equation = f"{formula.symbol} = {formula.formula}".replace("[1]", "[s]")
            assert any(equation in title for title in titles)


def test_the_title_of_a_mean_with_a_regulariser_is_how_the_numbers_come_out() -> None:
    """dW = ½ (da[1] xᵀ[1] + da[2] xᵀ[2]) + λ₂ W, worked out here from what the same table and W show."""
    found = drawn_trace(samples=2, l2=0.1)
    sheet, step = titled(found, "Backward, layer 1"), found.steps[0]
    assert sheet.title.endswith("dW⁽¹⁾ = 1/2 Σₛ da⁽¹⁾[s] x[s]ᵀ + λ₂ W⁽¹⁾, db⁽¹⁾ = 1/2 Σₛ da⁽¹⁾[s]")
    column = {name: np.array([row[k] for row in sheet.rows], float) for k, name in enumerate(sheet.columns)}
    outer = np.outer(column["da[1]"], step.x[0]) + np.outer(column["da[2]"], step.x[1])
    dW = np.column_stack([column[f"dw·{j}"] for j in "₁₂₃"])
    np.testing.assert_allclose(dW, 0.5 * outer + 0.1 * step.layers[0].before.W, rtol=1e-12)
    np.testing.assert_allclose(column["db"], 0.5 * (column["da[1]"] + column["da[2]"]), rtol=1e-12)


def test_the_title_of_the_loss_has_both_reductions_and_the_regulariser() -> None:
    """mse is a mean over 3 outputs, and here the sum over 2 samples."""
    found = drawn_trace(("tanh", "linear"), "mse", samples=2, batch_reduction="sum", l1=0.02)
    assert titled(found, "Loss").title == (
        "Loss, mse: ℓ[s] = (ŷ − y)², L[s] = 1/3 Σⱼ ℓⱼ[s], L = Σₛ L[s], λΩ = λ₁ Σ |w|, J = L + λΩ"
    )


def column(sheet: Sheet, name: str) -> np.ndarray:
    return np.array([row[sheet.columns.index(name)] for row in sheet.rows], float)


def test_a_frozen_bias_is_marked_in_the_update() -> None:
    labels = [str(row[0]) for row in titled(drawn_trace(freeze_bias=True), "Update, layer 2").rows]
    assert labels[-3:] == ["b₁, frozen", "b₂, frozen", "b₃, frozen"]
    assert not any("frozen" in label for label in labels[:-3])


def test_h_of_a_learned_slope_can_be_computed_from_its_row() -> None:
    """h = a if a > 0 else αa"""
    sheet = titled(drawn_trace(("prelu", "softmax")), "Forward, layer 1")
    a, alpha, h = (column(sheet, name) for name in ("a", "α", "h"))
    assert (a < 0).any()
    np.testing.assert_array_equal(h, np.where(a > 0, a, alpha * a))


def test_a_shared_slope_stands_in_the_title() -> None:
    assert titled(drawn_trace(("leaky-relu:0.3", "softmax")), "Forward, layer 1").title.endswith(", α = 0.3")


def test_the_way_down_ends_at_the_input() -> None:
    """dx = W⁽¹⁾ᵀ da⁽¹⁾, from what the tables of the layer show"""
    found = drawn_trace(("relu", "softmax"))
    W = np.column_stack([column(titled(found, "Forward, layer 1"), f"w·{j}") for j in "₁₂₃"])
    da = column(titled(found, "Backward, layer 1"), "da")
    np.testing.assert_allclose(column(titled(found, "Backward, input"), "dx"), W.T @ da, rtol=1e-12)


# ----- What is given: with it and the forward tables, an update can be computed again ---------------------------------


def given(found: Trace, whole: bool = False, **background: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in given_sheet(found, whole, background).rows}


def test_the_lectures_slide_is_given() -> None:
    assert given(lecture_trace()) == {
        "x": "1.8, 0.5",
        "y": "1, 0, 0",
        "loss": "ce-negatives, sum over 3 outputs",
        "optimizer": "sgd: θ ← θ − ηg",
        "with": "η = 0.5",
    }


def test_both_reductions_the_regulariser_and_every_constant_are_given() -> None:
    """Keras' constants of Adam, whose means start at 0."""
    found = given(drawn_trace(("tanh", "linear"), "mse", "adam", samples=2, l2=0.1))
    assert found["loss"] == "mse, mean over 3 outputs, mean over 2 samples, λ₂ = 0.1"
    assert found["with"] == "η = 0.05, β₁ = 0.9, β₂ = 0.999, ε = 1e-07, m₀ = 0, v₀ = 0"
    assert {"x[1]", "x[2]", "y[1]", "y[2]"} <= set(found)


def test_an_update_follows_from_what_is_given() -> None:
    """dW⁽¹⁾ of one sample is da xᵀ; the new W is W − η dW."""
    trace = lecture_trace()
    x, eta = np.array(given(trace)["x"].split(", "), float), float(given(trace)["with"].removeprefix("η = "))
    layer = trace.steps[0].layers[0]
    np.testing.assert_allclose(layer.before.W - eta * np.outer(layer.da[0], x), layer.after.W, rtol=1e-12)


def test_many_samples_are_told_in_short() -> None:
    trace = drawn_trace(samples=6)
    assert given(trace)["x"].startswith("6×3 numbers from ")
    assert "x[6]" in given(trace, whole=True)


def test_how_the_network_was_trained_is_told() -> None:
    assert "trained with" not in given(lecture_trace())
    assert given(lecture_trace(), trained="adam, learning rate 0.001")["trained"] == "adam, learning rate 0.001"


def test_the_weights_of_many_samples_are_told_by_their_ends() -> None:
    factors = np.linspace(0.5, 2, 40)
    assert list(given_factors(factors, whole=False)) == [("ω", "40 factors from 0.5 to 2")]
    every = list(given_factors(factors, whole=True))
    assert (len(every), every[0], every[-1]) == (40, ("ω[1]", "0.5"), ("ω[40]", "2"))
    assert list(given_factors(factors[:1], whole=False)) == [("ω", "0.5")]
    assert list(given_factors(None, whole=True)) == []
