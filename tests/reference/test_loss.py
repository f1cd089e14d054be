"""The page of a loss, and what the table states of formula, derivative and range holds for the function."""

import numpy as np
import pytest
from formula_reading import by_name, reading

from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.reference.loss import loss_profile, loss_report

PLACES = np.array([-3.0, -1.2, -0.4, 0.7, 1.0, 2.5])
SHARES = np.array([0.02, 0.3, 0.5, 0.8, 0.97])
FORMULAS = [row for row in LOSSES.values() if not row.workings]  # hinge's has further letters
TARGETS = (0, 1)


@pytest.mark.parametrize("row", FORMULAS, ids=by_name)
def test_formula_and_derivative_of_a_loss_say_what_it_computes(row: Loss) -> None:
    for y in (0.25, 0.75):
        found = loss_profile(row, SHARES, y)
        for y_hat, loss, gradient in zip(SHARES.tolist(), found.loss, found.d_y_hat, strict=True):
            value = reading(row.formula)(ŷ=y_hat, y=y)
            if row.couples_outputs:
                value += reading(row.formula)(ŷ=1 - y_hat, y=1 - y)
            assert value == pytest.approx(loss, rel=1e-12)
            assert reading(row.derivative)(ŷ=y_hat, y=y) == pytest.approx(gradient, rel=1e-12)


def test_formula_and_derivative_of_hinge_say_what_it_computes() -> None:
    assert LOSSES["hinge"].formula == "(1 − y) max(0, ŷ − ŷ_y + 1)"
    wrong, right = (loss_profile(LOSSES["hinge"], PLACES, y) for y in TARGETS)
    np.testing.assert_allclose(wrong.loss, [max(0, s - 0 + 1) for s in PLACES])  # the right class has the score 0
    np.testing.assert_allclose(right.loss, [max(0, 0 - s + 1) for s in PLACES])  # the wrong class has it
    assert LOSSES["hinge"].derivative == "c − y Σⱼ cⱼ"  # c = 1 − y inside the margin, else 0
    assert wrong.d_y_hat.tolist() == [1 if s > -1 else 0 for s in PLACES]
    assert right.d_y_hat.tolist() == [-1 if s < 1 else 0 for s in PLACES]


@pytest.mark.parametrize("row", LOSSES.values(), ids=by_name)
def test_range_of_a_loss(row: Loss) -> None:
    assert row.range == "[0, ∞)"
    y_hat = np.linspace(0.001, 0.999, 999) if row.of_probabilities else np.linspace(-1000, 1000, 2001)
    found = np.concatenate([loss_profile(row, y_hat, y).loss for y in TARGETS])
    assert (found >= 0).all()
    assert found.min() == pytest.approx(0, abs=2e-3)
    nearly_wrong = loss_profile(row, np.array([1e-300 if row.of_probabilities else -1e6]), 1).loss
    assert nearly_wrong > (690 if row.of_probabilities else 1e5)  # −log 10⁻³⁰⁰ = 690.8


@pytest.mark.parametrize("y", TARGETS)
@pytest.mark.parametrize("row", [row for row in LOSSES.values() if row.of_probabilities], ids=by_name)
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
