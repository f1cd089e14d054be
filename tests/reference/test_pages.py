"""The page of an activation or a loss, and what the table states of formula and range holds for the function."""

import math

import numpy as np
import pytest
from core_helpers import activation

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.reference.pages import activation_report, loss_profile, loss_report, profile
from mlpcli.report.curves import Curve
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Formula, Report

PLACES = np.array([-3.0, -1.2, -0.4, 0.7, 1.0, 2.5])
THREE_PLACES = np.array([-1.0, 0.0, 2.0])
WIDE = np.concatenate([np.linspace(-30, 30, 6001), [-600.0, 600.0]])
OTHER_ALPHA = {"leaky-relu": "leaky-relu:0.3", "prelu": "prelu:0.4", "elu": "elu:1.7", "swish": "swish:0.6"}
ELEMENTWISE = [activation(OTHER_ALPHA.get(row.name, row.name)) for row in ACTIVATIONS.values() if row.elementwise]


def test_formula_and_derivative_of_softmax_say_what_it_computes() -> None:
    row, powers = ACTIVATIONS["softmax"], [math.exp(a) for a in PLACES]
    found = profile(row, PLACES)
    assert row.formula == "e^aᵢ / Σⱼ e^aⱼ"  # as the next line computes it
    np.testing.assert_allclose(found.h, [power / sum(powers) for power in powers], rtol=1e-12)
    assert row.derivative == "hᵢ (δᵢⱼ − hⱼ)"
    expected = [[one * ((i == j) - two) for j, two in enumerate(found.h)] for i, one in enumerate(found.h)]
    np.testing.assert_allclose(found.slope, expected, rtol=1e-12)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_range_is_where_the_values_lie_and_how_far_they_go(row: Activation) -> None:
    h, low, high, text = profile(row, WIDE).h, *ends(row)
    assert row.bounds == pytest.approx((low, high), abs=1e-4)  # −0.2785 has four digits
    if text.startswith("{"):
        assert set(h.tolist()) == {low, high}
        return
    room = 1e-4 / abs(row.alpha or 1)  # the digits that −0.2785/β leaves out
    for end, reached in ((low, -h.min()), (-high, h.max())):
        assert reached >= (500 * min(1, row.alpha or 1) if math.isinf(end) else -end - room)
        assert reached <= -end + room
    inside = profile(row, np.linspace(-15, 15, 301)).h  # where rounding does not yet reach an end that h never does
    assert (inside > low).all() or text.startswith("[")
    assert (inside < high).all()


@pytest.mark.parametrize("text", ["leaky-relu:0", "leaky-relu:-0.5", "elu:3", "elu:0", "elu:-2", "swish:-1", "swish:0"])
def test_bounds_follow_the_parameter(text: str) -> None:
    row = pick(ACTIVATIONS, text, "activation")
    h = profile(row, WIDE).h
    for bound, reached, other in zip(row.bounds, (h.min(), h.max()), (-math.inf, math.inf), strict=True):
        assert abs(reached) >= 300 if bound == other else reached == pytest.approx(bound, abs=1e-4)


def ends(row: Activation) -> tuple[float, float, str]:
    """The ends of the stated range, with the row's own parameter."""
    text = row.range.partition(" for ")[0].replace("−", "-").replace("∞", "inf")
    low, high = text.strip("()[]{}").split(",")
    names = {"α": row.alpha, "β": row.alpha, "inf": math.inf}
    return *(float(eval(end, {"__builtins__": {}, **names})) for end in (low, high)), row.range  # type: ignore[return-value]


def test_range_of_softmax() -> None:
    assert ACTIVATIONS["softmax"].range == "(0, 1), sum 1"
    h = profile(ACTIVATIONS["softmax"], PLACES).h
    assert ((h > 0) & (h < 1)).all()
    assert h.sum() == pytest.approx(1, abs=1e-15)
    assert profile(ACTIVATIONS["softmax"], np.array([40.0, 0.0])).h.tolist() == pytest.approx([1, 0])


def test_values_are_those_at_the_places_asked_for() -> None:
    # σ(0) = ½ with slope ¼; σ(−1) = 1 − σ(1); ReLU is flat at −1 and at 0, and the identity at 2
    sigmoid = activation_report(ACTIVATIONS["sigmoid"], np.array([-1.0, 0.0, 1.0])).flat.rows
    assert sigmoid[1] == (0.0, 0.5, 0.25)
    assert sigmoid[0][1] == pytest.approx(1 - sigmoid[2][1])  # type: ignore[operator]
    relu = activation_report(ACTIVATIONS["relu"], THREE_PLACES).flat.rows
    assert relu == ((-1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (2.0, 2.0, 1.0))


def test_programs_get_the_values_by_name() -> None:
    """ReLU of −1, 0 and 2; and (ŷ − y)² with its slope 2(ŷ − y) at ŷ = 3, for y = 0 and 1; −ln ¼ with its logit."""
    relu = activation_report(ACTIVATIONS["relu"], THREE_PLACES)
    assert relu.document["values"] == [
        {"a": -1, "h": 0, "derivative": 0},
        {"a": 0, "h": 0, "derivative": 0},
        {"a": 2, "h": 2, "derivative": 1},
    ]
    assert (relu.flat.columns, relu.sheets[1].columns) == (("a", "h", "derivative"), ("a", "f(a)", "f′(a)"))
    assert loss_report(LOSSES["mse"], np.array([3.0])).document["values"] == [
        {"y": 0, "y_hat": 3, "loss": 9, "gradient": 6},
        {"y": 1, "y_hat": 3, "loss": 4, "gradient": 4},
    ]
    bce = loss_report(LOSSES["bce"], np.array([0.25]))
    assert bce.document["values"][1] == {
        "y": 1,
        "y_hat": 0.25,
        "loss": pytest.approx(math.log(4)),
        "gradient": pytest.approx(-4),
        "a": pytest.approx(math.log(1 / 3)),
        "da": pytest.approx(-0.75),
    }
    assert bce.flat.columns == ("y", "y_hat", "loss", "gradient", "a", "da")


def test_values_are_one_table_where_formulas_are_typeset() -> None:
    """−1, 0 and 2, with ReLU and its slope beside each."""
    report = activation_report(ACTIVATIONS["relu"], THREE_PLACES)
    rows = RENDERERS["markdown"].render(report, 0).splitlines()
    start = rows.index("| a | f(a) | f′(a) |")
    assert rows[start + 2 : start + 5] == ["| -1 | 0 | 0 |", "| 0 | 0 | 0 |", "| 2 | 2 | 1 |"]


def test_softmax_of_the_lecture_s_example() -> None:
    """softmax([2.0, 1.0, 0.1]) = [0.7, 0.2, 0.1], as the slide prints it."""
    report = activation_report(ACTIVATIONS["softmax"], np.array([2.0, 1.0, 0.1]))
    assert [round(h, 1) for h in report.document["h"]] == [0.7, 0.2, 0.1]
    jacobian = np.array(report.document["jacobian"])
    np.testing.assert_allclose(jacobian.sum(axis=0), 0, atol=1e-15)  # the outputs always sum to 1
    np.testing.assert_allclose(jacobian, jacobian.T)


def test_a_jump_is_no_steep_line() -> None:
    curve = activation_report(ACTIVATIONS["step"], THREE_PLACES).picture[0].lines[0]
    gaps = np.flatnonzero(np.isnan(curve.y))
    assert len(gaps) == 1
    assert (curve.y[gaps - 1], curve.y[gaps + 1]) == ([0], [1])
    smooth = activation_report(ACTIVATIONS["sigmoid"], THREE_PLACES).picture[0]
    assert all(np.isfinite(line.y).all() for line in smooth.lines)


def marked(curve: Curve) -> list[float]:
    """The numbers at which a curve has a marker."""
    assert curve.marks is not None
    return curve.x[curve.marks].tolist()


@pytest.mark.parametrize(
    ("at", "end"),
    [(None, 4), ([0.3, -1.0, 0.3], 4), ([-6.0, 2.0], 6), ([5.0], 5)],
)
def test_a_curve_goes_from_minus_4_to_4_or_as_far_as_one_asks_with_a_mark_at_each_number(
    at: list[float] | None, end: float
) -> None:
    asked = [-2, -1, 0, 1, 2] if at is None else sorted(set(at))
    report = activation_report(ACTIVATIONS["tanh"], None if at is None else np.array(at))
    assert [row[0] for row in report.flat.rows] == (asked if at is None else at)
    (curves,) = report.picture
    assert (curves.title, curves.x_name, [line.name for line in curves.lines]) == ("tanh", "a", ["f(a)", "f′(a)"])
    value, slope = curves.lines
    assert (value.x[0], value.x[-1]) == (-end, end)
    assert 0 in value.x  # where functions bend
    assert np.diff(value.x).max() == pytest.approx(2 * end / 400)
    np.testing.assert_allclose(value.y, np.tanh(value.x), rtol=1e-14)
    np.testing.assert_allclose(slope.y, 1 - np.tanh(value.x) ** 2, rtol=1e-9, atol=1e-12)
    assert marked(value) == marked(slope) == asked


def test_outputs_of_a_vector_are_drawn_over_its_first_number_and_no_more_than_four() -> None:
    """h₂ of (x, 1, 0, 0, −1) is e/(eˣ + e + 1 + 1 + e⁻¹)."""
    (curves,) = activation_report(ACTIVATIONS["softmax"], np.array([-5.0, 1.0, 0.0, 0.0, -1.0])).picture
    assert (curves.title, curves.x_name) == ("softmax", "a₁, the others as given")
    assert [line.name for line in curves.lines] == ["h₁", "h₂", "h₃", "h₄"]
    x, second = curves.lines[0].x, curves.lines[1].y
    np.testing.assert_allclose(second, math.e / (np.exp(x) + math.e + 2 + math.exp(-1)), rtol=1e-12)
    assert (x[0], x[-1], marked(curves.lines[0])) == (-5, 5, [-5])
    (two,) = activation_report(ACTIVATIONS["softmax"], np.array([0.0, 1.0])).picture
    assert [line.name for line in two.lines] == ["h₁", "h₂"]


@pytest.mark.parametrize(("units", "formulas"), [(2, 3), (12, 3), (13, 0), (100, 0)])
def test_a_vector_of_up_to_a_hundred_numbers_has_a_table_and_up_to_twelve_a_column(units: int, formulas: int) -> None:
    """Of equal numbers, each output is 1/n, and ∂hᵢ/∂aⱼ = hᵢ(δᵢⱼ − hⱼ) = (δᵢⱼ − 1/n)/n."""
    report = activation_report(ACTIVATIONS["softmax"], np.full(units, 0.5))
    (section,) = report.sections
    assert [isinstance(block, Formula) for block in section.blocks].count(True) == formulas
    _, values, jacobian = report.sheets
    assert section.blocks[-1].title == "Activation softmax"  # type: ignore[union-attr]
    assert formulas or section.blocks[:2] == (values, jacobian)
    assert (values.columns, values.rows[1]) == (("unit", "a", "h"), (2, 0.5, pytest.approx(1 / units)))
    expected = [(float(k == 1) - 1 / units) / units for k in range(units)]
    name, *row = jacobian.rows[1]
    assert (name, jacobian.columns[:3]) == ("∂h₂", ("", "/∂a₁", "/∂a₂"))
    assert row == pytest.approx(expected)
    assert report.flat.columns[:5] == ("unit", "a", "h", "dh_da1", "dh_da2")
    assert report.flat.rows[1] == (2, 0.5, pytest.approx(1 / units), *(pytest.approx(each) for each in expected))


@pytest.mark.parametrize("units", [0, 1, 101])
def test_another_number_of_units_is_refused(units: int) -> None:
    with pytest.raises(ChoiceError, match=f"softmax is one vector of 2 to 100 numbers, not {units}$"):
        activation_report(ACTIVATIONS["softmax"], np.zeros(units))


def facts_of(report: Report) -> dict[str, str]:
    return {str(name): str(value) for name, value in report.sheets[0].rows}


def test_the_facts_of_an_activation_are_those_of_its_row_and_of_the_tasks() -> None:
    assert facts_of(activation_report(ACTIVATIONS["prelu"], None)) == {
        "f(a)": "a if a > 0 else αa",
        "f′(a)": "1 if a > 0 else α",
        "∂h/∂α": "min(0, a)",
        "range": "(−∞, ∞) for α > 0",
        "α": "0.25",
        "hidden layers": "yes",
        "output, regression": "with mse, mae, half-sse",
        "output, binary": "with mse, mae, half-sse",
        "output, multiclass": "with hinge, mse, mae, half-sse",
        "output, multilabel": "with mse, mae, half-sse",
    }
    swish = facts_of(activation_report(pick(ACTIVATIONS, "swish:0.5", "activation"), None))
    assert (swish["β"], "∂h/∂α" in swish) == ("0.5", False)
    softmax = facts_of(activation_report(ACTIVATIONS["softmax"], None))
    assert (softmax["∂hᵢ/∂aⱼ"], softmax["hidden layers"]) == ("hᵢ (δᵢⱼ − hⱼ)", "rarely")
    assert softmax["output, multiclass"].startswith("with cce (the usual pair), kl, ")
    assert facts_of(activation_report(ACTIVATIONS["linear"], None))["hidden layers"] == "no"


def test_a_function_is_described_and_if_it_is_useless_in_hidden_layers_that_is_said() -> None:
    sigmoid, step = (activation_report(ACTIVATIONS[name], None).closing for name in ("sigmoid", "step"))
    assert sigmoid == (f"sigmoid: {ACTIVATIONS['sigmoid'].about}",)
    assert step == (
        f"step: {ACTIVATIONS['step'].about}",
        f"step is not for hidden layers: {ACTIVATIONS['step'].hidden}",
    )


@pytest.mark.parametrize("text", ["relu", "leaky-relu", "prelu", "elu:0.5", "elu:3"])
def test_only_a_function_with_a_corner_is_drawn_in_parts(text: str) -> None:
    """f′ of ReLU jumps from 0 to 1, of ELU from α to 1; of a steep tanh, neighbors differ as much without a jump."""
    value, slope = activation_report(pick(ACTIVATIONS, text, "activation"), None).picture[0].lines
    assert np.isfinite(value.y).all()
    assert np.isnan(slope.y).sum() == 1
    far = activation_report(ACTIVATIONS["tanh"], np.array([300.0])).picture[0].lines[0]
    assert np.abs(np.diff(far.y)).max() > 0.25 * 2
    assert np.isfinite(far.y).all()


@pytest.mark.parametrize(("text", "at"), [("leaky-relu:1e308", -100.0), ("swish:1e308", 5.0)])
def test_what_overflows_is_refused_by_its_name(text: str, at: float) -> None:
    row = pick(ACTIVATIONS, text, "activation")
    with pytest.raises(ChoiceError, match=f"^{row.name} or its derivative overflows there; use values or parameters"):
        activation_report(row, np.array([1.0, at]))


# ----- A loss ---------------------------------------------------------------------------------------------------------

SHARES = np.array([0.02, 0.3, 0.5, 0.8, 0.97])
TARGETS = (0, 1)


def test_formula_and_derivative_of_hinge_say_what_it_computes() -> None:
    assert LOSSES["hinge"].formula == "(1 − y) max(0, ŷ − ŷ_y + 1)"
    wrong, right = (loss_profile(LOSSES["hinge"], PLACES, y) for y in TARGETS)
    np.testing.assert_allclose(wrong.loss, [max(0, s - 0 + 1) for s in PLACES])  # the right class has the score 0
    np.testing.assert_allclose(right.loss, [max(0, 0 - s + 1) for s in PLACES])  # the wrong class has it
    assert LOSSES["hinge"].derivative == "c − y Σⱼ cⱼ"  # c = 1 − y inside the margin, else 0
    assert wrong.d_y_hat.tolist() == [1 if s > -1 else 0 for s in PLACES]
    assert right.d_y_hat.tolist() == [-1 if s < 1 else 0 for s in PLACES]


@pytest.mark.parametrize("row", LOSSES.values(), ids=lambda row: row.name)
def test_range_of_a_loss(row: Loss) -> None:
    assert row.range == "[0, ∞)"
    y_hat = np.linspace(0.001, 0.999, 999) if row.of_probabilities else np.linspace(-1000, 1000, 2001)
    found = np.concatenate([loss_profile(row, y_hat, y).loss for y in TARGETS])
    assert (found >= 0).all()
    assert found.min() == pytest.approx(0, abs=2e-3)
    nearly_wrong = loss_profile(row, np.array([1e-300 if row.of_probabilities else -1e6]), 1).loss
    assert nearly_wrong > (690 if row.of_probabilities else 1e5)  # −log 10⁻³⁰⁰ = 690.8


@pytest.mark.parametrize("y", TARGETS)
@pytest.mark.parametrize("row", [row for row in LOSSES.values() if row.of_probabilities], ids=lambda row: row.name)
def test_gradient_at_the_logit_is_that_by_differences_and_is_y_hat_less_y(row: Loss, y: int) -> None:
    found = loss_profile(row, SHARES, y)

    def loss(a: Array) -> Array:
        return loss_profile(row, 1 / (1 + np.exp(-a)), y).loss

    np.testing.assert_allclose(found.da, (loss(found.a + 1e-5) - loss(found.a - 1e-5)) / 2e-5, rtol=1e-7)
    np.testing.assert_allclose(found.da, (SHARES - y), rtol=1e-12)


def test_a_loss_is_shown_for_both_targets() -> None:
    rows = loss_report(LOSSES["bce"], np.array([0.5])).flat.rows
    assert [row[:2] for row in rows] == [(0, 0.5), (1, 0.5)]
    assert [row[2] for row in rows] == pytest.approx([np.log(2)] * 2)  # −log ½
    assert [row[3] for row in rows] == pytest.approx([2, -2])  # (1 − y)/(1 − ŷ) and −y/ŷ


@pytest.mark.parametrize("name", LOSSES)
def test_it_is_said_where_the_gradient_is_not_the_slope_of_the_loss_shown(name: str) -> None:
    """By differences of the column L over ŷ: they are ∂L/∂ŷ, or the report says why not."""
    places = np.array([0.3 - 1e-6, 0.3, 0.3 + 1e-6])
    report = loss_report(LOSSES[name], places)
    found = np.array([row[2:4] for row in report.flat.rows], float).reshape(2, 3, 2)
    slopes = (found[:, 2, 0] - found[:, 0, 0]) / 2e-6
    agree = np.allclose(slopes, found[:, 1, 1], atol=1e-6)
    assert agree != any("held fixed" in line for line in report.closing)


@pytest.mark.parametrize("name", LOSSES)
def test_curves_of_a_loss_are_its_value_and_its_derivative_for_both_targets(name: str) -> None:
    """Numbers from −2 to 3, probabilities from 0.01 to 0.99, whose derivative is drawn over the logit."""
    loss = LOSSES[name]
    at = [0.005, 0.5, 0.25] if loss.of_probabilities else [-1.0, 5.0, 0.5]
    value, slope = loss_report(loss, np.array(at)).picture
    assert (value.title, value.x_name) == ("L", "ŷ")
    assert (slope.title, slope.x_name) == (("∂L/∂a", "a") if loss.of_probabilities else ("∂L/∂ŷ", "ŷ"))
    low, high = (0.005, 0.99) if loss.of_probabilities else (-2, 5)
    for y, curve, other in zip(TARGETS, value.lines, slope.lines, strict=True):
        assert curve.name == other.name == f"y = {y}"
        assert (curve.x[0], curve.x[-1]) == (low, high)
        assert marked(curve) == sorted(at)
        found = loss_profile(loss, curve.x, y)
        assert np.array_equal(curve.y, found.loss)
        ends = [math.log(end / (1 - end)) if loss.of_probabilities else end for end in (low, high)]
        assert [other.x[0], other.x[-1]] == pytest.approx(ends)
        kept = np.isfinite(other.y)
        assert np.array_equal(other.y[kept], found.da)
        assert (~kept).sum() == (loss.corners is not None)
    smallest = loss_report(loss, np.array([0.5])).picture[0].lines[0].x
    assert (smallest[0], smallest[-1]) == ((0.01, 0.99) if loss.of_probabilities else (-2, 3))
    assert np.diff(smallest).max() == pytest.approx((smallest[-1] - smallest[0]) / 400)


def test_without_places_of_ones_own_a_loss_is_shown_at_round_ones() -> None:
    assert [row[1] for row in loss_report(LOSSES["mae"], None).flat.rows] == [-2, -1, 0, 1, 2] * 2
    assert [row[1] for row in loss_report(LOSSES["bce"], None).flat.rows] == [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99] * 2


@pytest.mark.parametrize(
    ("name", "title", "columns"),
    [
        ("mse", "Values", ("y", "ŷ", "L", "∂L/∂ŷ")),
        ("hinge", "Values for two outputs, ŷ and a score of 0, with targets y and 1 − y", ("y", "ŷ", "L", "∂L/∂ŷ")),
        ("bce", "Values", ("y", "ŷ", "L", "∂L/∂ŷ", "a", "∂L/∂a")),
        (
            "cce",
            "Values for two outputs, ŷ and 1 − ŷ, with targets y and 1 − y",
            ("y", "ŷ", "L", "∂L/∂ŷ", "a", "∂L/∂a"),
        ),
    ],
)
def test_values_of_a_loss_are_named_with_the_other_output_if_there_is_one(
    name: str, title: str, columns: tuple[str, ...]
) -> None:
    sheet = loss_report(LOSSES[name], np.array([0.25])).sheets[1]
    assert (sheet.title, sheet.columns, sheet.keys) == (title, columns, 2)
    assert [len(row) for row in sheet.rows] == [len(columns)] * 2


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.1, 1.1])
def test_a_place_that_is_no_probability_is_refused_for_a_loss_of_probabilities(wrong: float) -> None:
    with pytest.raises(ChoiceError, match=r"^--at for kl takes probabilities ŷ, above 0 and below 1$"):
        loss_report(LOSSES["kl"], np.array([0.5, wrong]))
    assert len(loss_report(LOSSES["mse"], np.array([0.5, wrong])).flat.rows) == 4


def test_the_facts_of_a_loss_are_those_of_its_row_and_of_the_tasks() -> None:
    assert facts_of(loss_report(LOSSES["hinge"], None)) == {
        "term": "(1 − y) max(0, ŷ − ŷ_y + 1)",
        "∂/∂ŷ": "c − y Σⱼ cⱼ",
        "ŷ_y": "Σⱼ yⱼ ŷⱼ",
        "c": "1 − y if ŷ − ŷ_y + 1 > 0 else 0",
        "a sample's L": "sum of terms",
        "range": "[0, ∞)",
        "targets": "a single 1 for the right class and 0 for the others",
        "ŷ": "any number",
        "multiclass": "with linear, tanh, relu, leaky-relu, prelu, elu, swish",
    }
    bce = facts_of(loss_report(LOSSES["bce"], None))
    assert (bce["ŷ"], bce["a sample's L"]) == ("between 0 and 1", "mean of terms")
    assert (bce["binary"], bce["multiclass"]) == ("with sigmoid (the usual pair)", "with softmax, sigmoid")


def test_a_loss_that_overflows_is_refused_by_its_name() -> None:
    """1/ŷ is 10³¹⁰ there, more than a float can hold."""
    with pytest.raises(ChoiceError, match=r"^bce or its derivative overflows there"):
        loss_report(LOSSES["bce"], np.array([0.5, 1e-310]))


def test_softmax_is_shown_for_the_lectures_vector() -> None:
    """Of e², e¹ and e^0.1, the shares are 0.66, 0.24 and 0.10."""
    report = activation_report(ACTIVATIONS["softmax"], None)
    assert report.document["a"] == [2, 1, 0.1]
    assert np.round(report.document["h"], 2).tolist() == [0.66, 0.24, 0.10]
    formulas = [block for block in report.sections[0].blocks if isinstance(block, Formula)]
    assert [each.symbol for each in formulas] == ["a", "h", "∂h/∂a"]
    assert formulas[-1].formula == ACTIVATIONS["softmax"].derivative


@pytest.mark.parametrize(
    ("name", "at", "low", "high"),
    [
        ("softmax", [2.0, 1.0], -4, 4),
        ("softmax", [1.0, 9.0], -9, 9),
        ("tanh", [-6.0, 1.0], -6, 6),
        ("mse", [0.5], -2, 3),
        ("mse", [-10.0, 0.5, 20.0], -10, 20),
        ("bce", [0.5], 0.01, 0.99),
    ],
)
def test_a_curve_goes_in_even_steps_from_end_to_end(name: str, at: list[float], low: float, high: float) -> None:
    places = np.array(at)
    report = loss_report(LOSSES[name], places) if name in LOSSES else activation_report(ACTIVATIONS[name], places)
    x = report.picture[0].lines[0].x
    assert (x[0], x[-1]) == pytest.approx((low, high))
    assert np.diff(x).max() == pytest.approx((high - low) / 400)
