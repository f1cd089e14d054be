"""Activation functions: values from the definitions, derivatives by differences, nothing lost at large logits."""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from core_helpers import activation, central_differences
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.logarithms import softplus

POINTS = np.array([-6.0, -2.5, -1.0, -0.3, 0.2, 0.9, 3.0, 7.0])
GRID = np.array([[[-2.0, 0.5, 1.2, -0.4], [0.3, -1.1, 2.2, 0.7]], [[1.0, 3.0, -2.0, 0.1], [-0.6, 0.4, 0.9, -3.0]]])
LOGARITHMIC = [row for row in ACTIVATIONS.values() if row.logarithms]
ELEMENTWISE = [row for row in ACTIVATIONS.values() if row.elementwise]

# The definitions, for one number, with another α than the default where there is one.
DEFINITIONS: dict[str, Callable[[float], float]] = {
    "step": lambda a: 1.0 if a > 0 else 0.0,
    "linear": lambda a: a,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "tanh": lambda a: (math.exp(a) - math.exp(-a)) / (math.exp(a) + math.exp(-a)),
    "relu": lambda a: max(0.0, a),
    "leaky-relu:0.3": lambda a: a if a > 0 else 0.3 * a,
    "prelu:0.4": lambda a: a if a > 0 else 0.4 * a,
    "elu:1.7": lambda a: a if a > 0 else 1.7 * (math.exp(a) - 1),
    "swish:0.6": lambda a: a / (1 + math.exp(-0.6 * a)),
}


def by_name(row: Activation) -> str:
    return row.name


def forward(row: Activation, a: Array) -> Array:
    return row.forward(a, row.alpha, np.empty_like(a))


def backward(row: Activation, dh: Array, a: Array) -> Array:
    return row.backward(dh, a, forward(row, a), row.alpha, np.empty_like(a))


@pytest.mark.parametrize("text", DEFINITIONS)
def test_value_is_that_of_the_definition(text: str) -> None:
    expected = [DEFINITIONS[text](a) for a in POINTS.tolist()]
    np.testing.assert_allclose(forward(activation(text), POINTS), expected, rtol=1e-14)


def test_default_parameters_are_those_of_the_cited_libraries() -> None:
    assert ACTIVATIONS["leaky-relu"].alpha == 0.01  # PyTorch
    assert ACTIVATIONS["prelu"].alpha == 0.25  # He et al. 2015, PyTorch
    assert ACTIVATIONS["elu"].alpha == 1  # Clevert et al. 2016
    assert ACTIVATIONS["swish"].alpha == 1  # SiLU


def test_sigmoid_and_softmax_are_those_of_scipy() -> None:
    np.testing.assert_allclose(forward(ACTIVATIONS["sigmoid"], GRID), special.expit(GRID), rtol=1e-14)
    np.testing.assert_allclose(forward(ACTIVATIONS["softmax"], GRID), special.softmax(GRID, axis=-1), rtol=1e-14)


def test_softmax_of_logarithms_of_1_2_5_is_their_share() -> None:
    h = forward(ACTIVATIONS["softmax"], np.log([[1.0, 2.0, 5.0]]))
    np.testing.assert_allclose(h, [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-15)


@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=by_name)
def test_backward_is_the_transposed_derivative_times_dh(row: Activation) -> None:
    dh = np.random.default_rng(3).normal(size=GRID.shape)
    expected = central_differences(lambda a: float(np.sum(dh * forward(row, a))), GRID)
    np.testing.assert_allclose(backward(row, dh, GRID), expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=by_name)
def test_slope_is_the_derivative_at_each_place(row: Activation) -> None:
    found = row.slope(GRID, forward(row, GRID), row.alpha)
    expected = (forward(row, GRID + 1e-5) - forward(row, GRID - 1e-5)) / 2e-5
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("row", [r for r in ACTIVATIONS.values() if not r.elementwise], ids=by_name)
def test_slope_of_units_that_depend_on_each_other_is_the_jacobian(row: Activation) -> None:
    found = row.slope(GRID, forward(row, GRID), row.alpha)
    for j in range(GRID.shape[-1]):
        step = 1e-5 * np.eye(GRID.shape[-1])[j]
        column = (forward(row, GRID + step) - forward(row, GRID - step)) / 2e-5  # ∂h/∂aⱼ
        np.testing.assert_allclose(found[..., :, j], column, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("row", [r for r in ACTIVATIONS.values() if r.learned], ids=by_name)
def test_gradient_of_a_learned_slope_is_that_by_differences(row: Activation) -> None:
    a, alpha = GRID[0], np.array([0.25, -0.5, 0.1, 2.0])
    dh = np.random.default_rng(4).normal(size=a.shape)
    expected = central_differences(lambda s: float(np.sum(dh * row.forward(a, s, np.empty_like(a)))), alpha)
    assert row.learned is not None
    np.testing.assert_allclose(row.learned(dh, a), expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=by_name)
def test_leading_axes_only_repeat_the_work(row: Activation) -> None:
    dh = np.random.default_rng(5).normal(size=GRID.shape)
    np.testing.assert_allclose(forward(row, GRID), [forward(row, a) for a in GRID], rtol=1e-15)
    one_by_one = [backward(row, d, a) for d, a in zip(dh, GRID, strict=True)]
    np.testing.assert_allclose(backward(row, dh, GRID), one_by_one, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=by_name)
def test_results_lie_in_out_and_the_arguments_stay(row: Activation, dtype: type) -> None:
    a = GRID.astype(dtype)
    h, da, dh = np.empty_like(a), np.empty_like(a), np.ones_like(a)
    assert row.forward(a, row.alpha, h) is h
    kept = h.copy()
    assert row.backward(dh, a, h, row.alpha, da) is da
    assert np.array_equal(a, GRID.astype(dtype))
    assert np.array_equal(h, kept)
    assert np.array_equal(dh, np.ones_like(a))


@pytest.mark.parametrize(
    ("text", "derivative"),
    [("relu", 0), ("step", 0), ("leaky-relu:0.3", 0.3), ("prelu:0.4", 0.4), ("elu:1.7", 1.7), ("linear", 1)],
)
def test_derivative_at_a_kink_is_the_one_from_the_left(text: str, derivative: float) -> None:
    zero = np.zeros((1, 2))
    assert backward(activation(text), np.ones((1, 2)), zero).tolist() == [[derivative, derivative]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=by_name)
def test_large_logits_give_finite_numbers_and_no_warning(row: Activation, dtype: type) -> None:
    a = np.array([[1e4, -1e4, 0.0, 800.0], [-800.0, -1e4, -100.0, -1e4], [1e4, 1e4, 1e4, 1e4]], dtype)
    assert np.isfinite(forward(row, a)).all()
    assert np.isfinite(backward(row, np.ones_like(a), a)).all()


@pytest.mark.parametrize("row", LOGARITHMIC, ids=by_name)
def test_probabilities_at_logits_of_ten_thousand_are_0_and_1(row: Activation) -> None:
    assert forward(row, np.array([[1e4, -1e4]])).tolist() == [[1.0, 0.0]]


@settings(derandomize=True)
@given(arrays(np.float64, (3, 5), elements=st.floats(-1e4, 1e4)))
def test_softmax_sums_to_1_and_keeps_the_order(a: Array) -> None:
    h = forward(ACTIVATIONS["softmax"], a)
    np.testing.assert_allclose(h.sum(axis=-1), 1, rtol=1e-14)
    assert (h >= 0).all()
    assert (np.diff(np.take_along_axis(h, np.argsort(a), -1)) >= 0).all()


@settings(derandomize=True)
@given(arrays(np.float64, 4, elements=st.integers(-1000, 1000)), st.integers(-1000, 1000))
def test_softmax_does_not_see_a_shift_of_all_logits(a: Array, shift: int) -> None:
    softmax = ACTIVATIONS["softmax"]
    assert np.array_equal(forward(softmax, a), forward(softmax, a + shift))  # integers are shifted without rounding


def test_logarithms_are_those_of_scipy() -> None:
    sigmoid, softmax = ACTIVATIONS["sigmoid"].logarithms, ACTIVATIONS["softmax"].logarithms
    assert sigmoid is not None
    assert softmax is not None
    np.testing.assert_allclose(sigmoid.log(GRID), special.log_expit(GRID), rtol=1e-14)
    np.testing.assert_allclose(sigmoid.log_complement(GRID), special.log_expit(-GRID), rtol=1e-14)
    np.testing.assert_allclose(softmax.log(GRID), special.log_softmax(GRID, axis=-1), rtol=1e-14)
    np.testing.assert_allclose(softmax.log_complement(GRID), np.log1p(-special.softmax(GRID, axis=-1)), rtol=1e-13)


@pytest.mark.parametrize("row", LOGARITHMIC, ids=by_name)
def test_backward_of_logarithms_is_the_derivative_by_differences(row: Activation) -> None:
    logarithms, g = row.logarithms, np.random.default_rng(6)
    assert logarithms is not None
    u, v = g.random(GRID.shape), g.random(GRID.shape)

    def loss(a: Array) -> float:
        return -float(np.sum(u * logarithms.log(a) + v * logarithms.log_complement(a)))

    def da(v: Array | None) -> Array:
        return logarithms.backward(u, v, GRID, forward(row, GRID), np.empty_like(GRID))

    np.testing.assert_allclose(da(v), central_differences(loss, GRID), rtol=1e-8, atol=1e-9)
    without = central_differences(lambda a: -float(np.sum(u * logarithms.log(a))), GRID)
    np.testing.assert_allclose(da(None), without, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("x", [-1e4, -745.0, -40.0, -1.0, 0.0, 1e-3, 36.0, 1e4])
def test_softplus_is_exact(x: float) -> None:
    with localcontext(prec=60):
        expected = (1 + Decimal(x).exp()).ln() if x > -100 else Decimal(x).exp()  # ln(1 + z) = z − z²/2 + …
    np.testing.assert_allclose(softplus(np.array([x])), float(expected), rtol=1e-14)


def test_softplus_stays_analytic() -> None:
    """f(x + ih) = f(x) + ihf′(x) to every digit for tiny h, and softplus′ = σ."""
    found = softplus(POINTS + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(found, special.expit(POINTS), rtol=1e-14)


CONFIDENT = [[40.0, 0.0, -40.0], [0.0, 300.0, -1.0], [30.0, 30.0, -20.0], [5.0, 4.5, 4.9], [37.0, 0.0, -700.0]]


@pytest.mark.parametrize("logits", CONFIDENT)
def test_the_logarithm_of_a_probability_next_to_1_keeps_its_digits(logits: list[float]) -> None:
    softmax = ACTIVATIONS["softmax"].logarithms
    assert softmax is not None
    with localcontext(prec=400):
        total = sum(Decimal(a).exp() for a in logits)
        expected = [float((Decimal(a).exp() / total).ln()) for a in logits]
    np.testing.assert_allclose(softmax.log(np.array([logits]))[0], expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("alpha", [1.0, 1.7])
def test_the_slope_of_elu_keeps_its_digits_where_h_is_flat(alpha: float) -> None:
    a = np.array([-700.0, -38.0, -20.0, -1.0, 0.5])
    row = activation(f"elu:{alpha}")
    with localcontext(prec=60):
        expected = [1.0 if x > 0 else float(Decimal(alpha) * Decimal(x).exp()) for x in a.tolist()]
    np.testing.assert_allclose(row.slope(a, forward(row, a), row.alpha), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0, -0.5, -2.0])
def test_the_bound_of_swish_is_its_least_or_its_largest_value(beta: float) -> None:
    """a σ(βa) has one extremum, at a = −1.2785/β."""
    row, a = activation(f"swish:{beta}"), np.linspace(-20, 20, 400_001)
    h = a / (1 + np.exp(-beta * a))
    low, high = row.bounds
    assert (low if beta > 0 else high) == pytest.approx(h.min() if beta > 0 else h.max(), rel=1e-8)
    assert abs(high if beta > 0 else low) == np.inf


@pytest.mark.parametrize("text", [*ACTIVATIONS, "leaky-relu:-0.5", "prelu:0", "elu:2", "elu:-1"])
def test_outputs_come_close_to_both_bounds_and_not_beyond(text: str) -> None:
    """Of softmax the first of two units, whose other logit is 0."""
    row, a = activation(text), np.array([[x, 0.0] for x in (-1e4, *np.linspace(-20, 20, 4001).tolist(), 1e4)])
    h, (low, high) = forward(row, a)[:, 0], row.bounds
    assert low - 1e-12 <= h.min() <= h.max() <= high + 1e-12
    for end, bound in ((h.min(), low), (h.max(), high)):
        assert (abs(end) >= 100) if np.isinf(bound) else end == pytest.approx(bound, abs=1e-4)
