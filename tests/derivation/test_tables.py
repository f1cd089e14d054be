"""The tables of a trace: what is given, and titles that state the formulas by which the numbers come out."""

import re

import numpy as np
import pytest
from core_helpers import random_network
from report_helpers import TRACES, drawn_trace, formulas_of, lecture_trace

from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.paper import paper
from mlpcli.derivation.quantities import EVERYTHING, View
from mlpcli.derivation.report import trace_report
from mlpcli.derivation.tables import given_factors, given_loss, given_samples, given_sheet, step_sheets
from mlpcli.derivation.trace import Trace, trace
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


# ----- What is too large for a screen ---------------------------------------------------------------------------------


def sized(samples: int, inputs: int, units: int) -> Trace:
    """A trace of a single layer."""
    network = random_network(inputs, [units], ["sigmoid"])
    x, y = np.random.default_rng(1).normal(size=(samples, inputs)), np.full((samples, units), 0.5)
    return trace(network, objective_of(LOSSES["bce"]), OPTIMIZERS["sgd"], 0.1, x, y)


@pytest.mark.parametrize(
    ("samples", "inputs", "units", "summarized"),
    [(4, 10, 12, False), (5, 1, 1, True), (1, 11, 1, True), (1, 1, 13, True)],
)
def test_up_to_4_samples_10_inputs_and_12_units_are_shown_number_by_number(
    samples: int, inputs: int, units: int, summarized: bool
) -> None:
    found = sized(samples, inputs, units)
    titles = [sheet.title for sheet in step_sheets(found, 0, EVERYTHING)]
    assert (titles == ["Summary; --whole shows every number"]) is summarized
    assert "New parameters, layer 1" in [sheet.title for sheet in step_sheets(found, 0, View(whole=True))]
    assert bool(trace_report(found, View(typeset=True)).sections) is not summarized


@pytest.mark.parametrize("units", [(13, 2), (2, 13), (11, 2)])
def test_one_large_layer_is_enough_for_a_summary(units: tuple[int, ...]) -> None:
    """13 units are too many, and so are the 11 inputs of the second layer."""
    titles = [sheet.title for sheet in sheets(drawn_trace(("tanh", "linear"), "mse", units=units))]
    assert titles == ["Summary; --whole shows every number"]


def test_a_summary_has_the_shape_the_ends_and_the_mean_size_of_each_tensor() -> None:
    found = drawn_trace(samples=5)
    (sheet,) = step_sheets(found, 0, EVERYTHING)
    assert sheet.columns == ("layer", "tensor", "shape", "least", "greatest", "mean |value|")
    assert sheet.keys == 2
    rows = {row[:2]: row[2:] for row in sheet.rows}
    step = found.steps[0]
    second = step.layers[1]
    tensors = {("", "x"): step.x, ("", "dx"): step.dx, ("2", "derivative"): second.derivative, ("2", "dW"): second.d.W}
    tensors |= {("1", "b"): step.layers[0].before.b, ("2", "W_new"): second.after.W, ("", "terms"): step.terms}
    for key, values in tensors.items():
        shape, *numbers = rows[key]
        assert shape == "×".join(map(str, values.shape))
        assert numbers == pytest.approx([np.min(values), np.max(values), np.mean(np.abs(values))], rel=1e-12)
    assert ("", "loss") not in rows  # a single number is in the lines below


@pytest.mark.parametrize(("samples", "numbers", "each"), [(4, 12, True), (4, 13, False), (5, 1, False), (1, 13, False)])
def test_up_to_4_samples_of_up_to_12_numbers_are_given_one_by_one(samples: int, numbers: int, each: bool) -> None:
    """Of more, the shape and the ends are told."""
    x = np.arange(samples * numbers, dtype=float).reshape(samples, numbers) / 4
    y = np.ones((samples, 1))
    rows = list(given_samples(x, y, whole=False))
    if each:
        assert [name for name, _ in rows] == ["x[1]", "x[2]", "x[3]", "x[4]", "y[1]", "y[2]", "y[3]", "y[4]"]
        assert rows[1][1] == ", ".join(f"{value:g}" for value in x[1])
    else:
        assert rows[0] == ("x", f"{samples}×{numbers} numbers from 0 to {x.max():g}")
    assert next(name for name, _ in given_samples(x, y, whole=True)) == ("x[1]" if samples > 1 else "x")
    assert len(list(given_samples(x, y, whole=True))) == 2 * samples


@pytest.mark.parametrize(("count", "each"), [(2, True), (4, True), (5, False)])
def test_up_to_4_weights_of_samples_are_given_one_by_one(count: int, each: bool) -> None:
    rows = list(given_factors(np.linspace(0.25, 1, count), whole=False))
    assert rows[0] == (("ω[1]", "0.25") if each else ("ω", "5 factors from 0.25 to 1"))
    assert len(rows) == (count if each else 1)


@pytest.mark.parametrize(
    ("loss", "settings", "shape", "weighted", "text"),
    [
        ("mse", {}, (1, 1), False, "mse"),
        ("mse", {}, (2, 1), False, "mse, mean over 2 samples"),
        ("mse", {"output_reduction": "sum"}, (1, 2), False, "mse, sum over 2 outputs"),
        ("cce", {"batch_reduction": "sum"}, (2, 3), False, "cce, sum over 3 outputs, sum over 2 samples"),
        ("mse", {}, (3, 1), True, "mse, weighted mean over 3 samples, ω = w/Σw"),
        ("mse", {"batch_reduction": "sum"}, (1, 1), True, "mse, weighted sum over 1 sample, ω = w"),
        ("mse", {"l1": 0.25, "l2": 0.5}, (1, 1), False, "mse, λ₁ = 0.25, λ₂ = 0.5"),
    ],
)
def test_the_loss_is_given_with_what_it_sums_or_averages(
    loss: str, settings: dict[str, object], shape: tuple[int, int], weighted: bool, text: str
) -> None:
    assert given_loss(objective_of(LOSSES[loss], **settings), *shape, weighted) == text


# ----- What is in the columns -----------------------------------------------------------------------------------------


def test_an_update_follows_from_its_row_and_its_title() -> None:
    """Adam's second step: √(1 − 0.999²)/(1 − 0.9²) = 0.0447102/0.19 = 0.235317, and θ ← θ − η·0.235317·m/(√v + ε)."""
    found = drawn_trace(optimizer="adam", steps=2, l2=0.1, regularize_bias=True)
    sheet = next(s for s in step_sheets(found, 1, EVERYTHING) if "Update, layer 2" in s.title)
    assert sheet.title.endswith(", √(1 − β₂ᵗ)/(1 − β₁ᵗ) = 0.235317")
    assert sheet.columns == ("parameter", "old", "gradient", "of which λΩ", "m", "v", "√v + ε", "new")
    layer = found.steps[1].layers[1]
    assert [row[0] for row in sheet.rows] == [*(f"w{i}{j}" for i in "₁₂₃" for j in "₁₂₃₄"), "b₁", "b₂", "b₃"]
    for name, parameters in (("old", layer.before), ("gradient", layer.d), ("new", layer.after)):
        np.testing.assert_array_equal(column(sheet, name), [*parameters.W.ravel(), *parameters.b])
    np.testing.assert_allclose(column(sheet, "of which λΩ"), 0.1 * column(sheet, "old"), rtol=1e-12)
    np.testing.assert_allclose(column(sheet, "√v + ε"), np.sqrt(column(sheet, "v")) + 1e-7, rtol=1e-12)
    step = 0.05 * 0.235317 * column(sheet, "m") / column(sheet, "√v + ε")
    np.testing.assert_allclose(column(sheet, "new"), column(sheet, "old") - step, atol=1e-6)


def test_without_a_regularizer_no_share_of_the_gradient_is_shown() -> None:
    found = drawn_trace(optimizer="momentum")
    assert titled(found, "Update, layer 1").columns == ("parameter", "old", "gradient", "v", "new")
    assert titled(found, "Update, layer 1").title == "Update, layer 1: v ← μv − ηg; θ ← θ + v"


def test_each_sample_has_its_columns_and_each_sample_its_jacobian() -> None:
    found = drawn_trace(samples=2)
    step = found.steps[0]
    first, second = step.layers
    weights = ("w·₁", "w·₂", "w·₃", "w·₄", "b")
    expected = {
        "Forward, layer 2": ("unit", *weights, "a[1]", "a[2]", "h[1]", "h[2]"),
        "Loss": ("output", "ŷ[1]", "ŷ[2]", "y[1]", "y[2]", "ℓ[1]", "ℓ[2]"),
        "Backward, layer 2: dŷ": ("unit", "dh[1]", "dh[2]", "da[1]", "da[2]", *(f"d{name}" for name in weights)),
        "Backward, input": ("input", "dx[1]", "dx[2]"),
        "New parameters, layer 2": ("unit", *weights),
    }
    for title, columns in expected.items():
        assert titled(found, title).columns == columns
    jacobians = [sheet for sheet in sheets(found) if sheet.title.startswith("Backward, layer 2: ∂h")]
    for n, sheet in enumerate(jacobians):
        assert sheet.title == f"Backward, layer 2: ∂h⁽²⁾[{n + 1}]/∂a⁽²⁾[{n + 1}] = hᵢ (δᵢⱼ − hⱼ)"
        assert sheet.columns == ("", "/∂a₁", "/∂a₂", "/∂a₃")
        assert [row[0] for row in sheet.rows] == ["∂h₁", "∂h₂", "∂h₃"]
        assert [list(row[1:]) for row in sheet.rows] == second.derivative[n].tolist()
    assert len(jacobians) == 2
    by_name = {"f′(a)": first.derivative, "da": first.da, "dh": first.dh}
    for name, values in by_name.items():
        for n in (0, 1):
            np.testing.assert_array_equal(column(titled(found, "Backward, layer 1"), f"{name}[{n + 1}]"), values[n])
    for name, values in {"ŷ": second.h, "y": step.y, "ℓ": step.terms}.items():
        np.testing.assert_array_equal(column(titled(found, "Loss"), f"{name}[2]"), values[1])
    np.testing.assert_array_equal(column(titled(found, "New parameters, layer 2"), "w·₄"), second.after.W[:, 3])
    assert [row[0] for row in titled(found, "Forward, layer 1").rows] == [1, 2, 3, 4]
