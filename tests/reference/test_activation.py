"""The page of an activation, and what the table states of formula, derivative and range holds for the function."""

import math

import numpy as np
import pytest
from core_helpers import activation
from formula_reading import by_name, reading

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.families import pick
from mlpcli.reference.activation import activation_report, profile
from mlpcli.report.renderers import RENDERERS

PLACES = np.array([-3.0, -1.2, -0.4, 0.7, 1.0, 2.5])
THREE_PLACES = np.array([-1.0, 0.0, 2.0])
WIDE = np.concatenate([np.linspace(-30, 30, 6001), [-600.0, 600.0]])
OTHER_ALPHA = {"leaky-relu": "leaky-relu:0.3", "prelu": "prelu:0.4", "elu": "elu:1.7", "swish": "swish:0.6"}
ELEMENTWISE = [activation(OTHER_ALPHA.get(row.name, row.name)) for row in ACTIVATIONS.values() if row.elementwise]


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
    curve = activation_report(ACTIVATIONS["step"], THREE_PLACES).picture.curves[0].lines[0]
    gaps = np.flatnonzero(np.isnan(curve.y))
    assert len(gaps) == 1
    assert (curve.y[gaps - 1], curve.y[gaps + 1]) == ([0], [1])
    smooth = activation_report(ACTIVATIONS["sigmoid"], THREE_PLACES).picture.curves[0]
    assert all(np.isfinite(line.y).all() for line in smooth.lines)
