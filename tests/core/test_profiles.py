"""Functions by themselves: what the tables state of formula, derivative and range holds for the functions."""

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from core_helpers import activation

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.families import Row, pick
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.core.profiles import loss_profile, profile

PLACES = np.array([-3.0, -1.2, -0.4, 0.7, 1.0, 2.5])
SHARES = np.array([0.02, 0.3, 0.5, 0.8, 0.97])
WIDE = np.concatenate([np.linspace(-30, 30, 6001), [-600.0, 600.0]])
OTHER_ALPHA = {"leaky-relu": "leaky-relu:0.3", "prelu": "prelu:0.4", "elu": "elu:1.7", "swish": "swish:0.6"}
ELEMENTWISE = [activation(OTHER_ALPHA.get(row.name, row.name)) for row in ACTIVATIONS.values() if row.elementwise]
FORMULAS = [row for row in LOSSES.values() if "≠" not in row.formula]  # hinge's is half in words
TARGETS = (0, 1)


def by_name(row: Row) -> str:
    return row.name


def reading(formula: str) -> Callable[..., float]:
    """A formula of the tables as Python reads it, for one number of each letter."""
    text = re.split(r", α learned|; ", formula)[0]
    text = text.replace("eᵃ", "exp(a)").replace("e⁻ᵃ", "exp(-a)").replace("²", "**2").replace("½", "0.5")
    text = re.sub(r"\|(.*?)\|", r"abs(\1)", text).replace("−", "-")
    text = re.sub(r"log ŷ", "log(ŷ)", text)
    text = re.sub(r"([αβ])([ah])", r"\1*\2", text)  # αa
    text = re.sub(r"([\dαβahŷy)]) (?=[σ(]|log|exp)", r"\1*", text)  # a product has a gap: h (1 − h), a σ(βa), y log ŷ
    text = re.sub(r"\) \(", ")*(", text)
    names = {"exp": math.exp, "log": math.log, "abs": abs, "max": max, "sign": np.sign, "σ": sigma}
    return lambda **letters: float(eval(text, {"__builtins__": {}, **names, **letters}))


def sigma(a: float) -> float:
    return 1 / (1 + math.exp(-a))


@pytest.mark.parametrize("row", ELEMENTWISE, ids=by_name)
def test_formula_and_derivative_of_an_activation_say_what_it_computes(row: Activation) -> None:
    found = profile(row, PLACES)
    for a, h, slope in zip(found.a, found.h, found.slope, strict=True):
        letters = {"a": float(a), "h": float(h), "α": row.alpha, "β": row.alpha}
        assert reading(row.formula)(**letters) == pytest.approx(h, rel=1e-12)
        assert reading(row.derivative)(**letters) == pytest.approx(slope, rel=1e-12)


def test_formula_and_derivative_of_softmax_say_what_it_computes() -> None:
    row, powers = ACTIVATIONS["softmax"], [math.exp(a) for a in PLACES]
    found = profile(row, PLACES)
    assert row.formula == "e^aᵢ / Σⱼ e^aⱼ"  # as the next line computes it
    np.testing.assert_allclose(found.h, [power / sum(powers) for power in powers], rtol=1e-12)
    assert row.derivative == "hᵢ (δᵢⱼ − hⱼ)"
    expected = [[one * ((i == j) - two) for j, two in enumerate(found.h)] for i, one in enumerate(found.h)]
    np.testing.assert_allclose(found.slope, expected, rtol=1e-12)


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
    assert LOSSES["hinge"].formula == "max(0, ŷⱼ − ŷ_y + 1) for j ≠ y"
    wrong, right = (loss_profile(LOSSES["hinge"], PLACES, y) for y in TARGETS)
    np.testing.assert_allclose(wrong.loss, [max(0, s - 0 + 1) for s in PLACES])  # the right class has the score 0
    np.testing.assert_allclose(right.loss, [max(0, 0 - s + 1) for s in PLACES])  # the wrong class has it
    assert LOSSES["hinge"].derivative == "1 inside the margin for j ≠ y; minus their number for y"
    assert wrong.d_y_hat.tolist() == [1 if s > -1 else 0 for s in PLACES]
    assert right.d_y_hat.tolist() == [-1 if s < 1 else 0 for s in PLACES]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=by_name)
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
