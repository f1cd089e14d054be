"""The page of an activation or a loss, and what the table states of formula and range holds for the function."""

import math

import numpy as np
import pytest
from core_helpers import activation

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.reference.pages import activation_report, loss_profile, loss_report, profile
from mlpcli.report.renderers import RENDERERS

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
