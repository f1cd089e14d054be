"""Steps by hand: the slide's printed figures, all but the four that hang on its slip, and the way back to the truth."""

import numpy as np
import pytest
from test_tracing import LECTURE, SGD, X, Y, lecture

from mlpcli.core.by_hand import rounded, step_by_hand
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.tracing import trace

CE = objective_of(LOSSES["ce-negatives"])

# As printed on the slide. It rounds 0.326 to 0.32; what hangs on that stands in SLIPS with what follows from 0.33.
PRINTED = {
    "a1": [[0.28, 0.72]],
    "h1": [[0.28, 0.72]],
    "a2": [[-0.23, -0.37, -0.46]],
    "y_hat": [[0.38, 0.32, 0.30]],
    "J": 0.74,
    "dy_hat": [[-2.63, -1.47, -1.43]],
    "derivative": [0.23, 0.22, 0.21],
    "dW2": [[-0.17, -0.44], [-0.09, -0.23], [-0.08, -0.22]],
    "W2": [[0.39, -0.08], [0.25, 0.22], [0.34, -0.09]],
}
SLIPS = {("y_hat", (0, 1)): 0.33, ("J", ()): 0.75, ("dy_hat", (0, 1)): -1.49, ("dW2", (1, 1)): -0.24}


def figures() -> dict[str, np.ndarray]:
    step = step_by_hand(lecture(), CE, 0.5, X, Y, "lecture", 2)
    first, second = step.layers
    return {
        "a1": first.a,
        "h1": first.h,
        "a2": second.a,
        "y_hat": second.h,
        "J": np.array(step.loss),
        "dy_hat": second.dh,
        "derivative": np.diagonal(second.derivative[0]),
        "dW2": second.d.W,
        "W2": second.after.W,
    }


def test_every_printed_figure_comes_out_but_the_four_that_hang_on_the_slip() -> None:
    found = figures()
    differing = {}
    for name, printed in PRINTED.items():
        for index, figure in np.ndenumerate(np.array(printed)):
            if round(float(found[name][index]), 10) != figure:
                differing[name, index] = round(float(found[name][index]), 10)
    assert differing == SLIPS


def test_with_its_sign_put_right_the_shortcut_is_the_gradient_of_categorical_cross_entropy() -> None:
    step = step_by_hand(lecture(), CE, 0.5, X, Y, "lecture", None)
    signs = np.where(Y == 1, 1, -1)
    (exact,) = trace(lecture(), objective_of(LOSSES["cce"]), SGD, 0.5, X, Y).steps
    np.testing.assert_allclose(step.layers[1].da * signs, exact.layers[1].da, rtol=1e-12)


def test_the_loss_to_base_10_is_the_natural_one_divided() -> None:
    step = step_by_hand(lecture(), CE, 0.5, X, Y, "lecture", None)
    assert step.loss == pytest.approx(1.729929 / np.log(10), abs=5e-7)


@pytest.mark.parametrize("loss", ["ce-negatives", "cce", "bce"])
def test_the_exact_rule_without_rounding_is_the_trace(loss: str) -> None:
    objective = objective_of(LOSSES[loss])
    step = step_by_hand(lecture(), objective, 0.5, X, Y, "exact", None)
    (exact,) = trace(lecture(), objective, SGD, 0.5, X, Y).steps
    assert step.loss == pytest.approx(exact.loss, rel=1e-12)
    assert step.loss_after == pytest.approx(exact.loss_after, rel=1e-12)
    for one, two in zip(step.layers, exact.layers, strict=True):
        np.testing.assert_allclose(one.d.W, two.d.W, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(one.after.b, two.after.b, rtol=1e-10)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", ["cce", "bce"])
def test_several_samples_by_hand_are_the_batch_of_the_trace(loss: str, reduction: str) -> None:
    x, y = np.array([[1.8, 0.5], [-0.3, 1.1], [0.6, -2.0]]), np.eye(3)[[0, 2, 1]]
    objective = objective_of(LOSSES[loss], batch_reduction=reduction)
    step = step_by_hand(lecture(), objective, 0.5, x, y, "exact", None)
    (exact,) = trace(lecture(), objective, SGD, 0.5, x, y).steps
    assert step.loss == pytest.approx(exact.loss, rel=1e-12)
    assert step.loss_after == pytest.approx(exact.loss_after, rel=1e-12)
    np.testing.assert_allclose(step.dx, exact.dx, rtol=1e-10, atol=1e-14)
    for one, two in zip(step.layers, exact.layers, strict=True):
        for name in ("a", "h", "derivative", "dh", "da"):
            np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-10, atol=1e-14, err_msg=name)
        for part in ("d", "after"):
            for values, others in zip(getattr(one, part)[:2], getattr(two, part)[:2], strict=True):
                np.testing.assert_allclose(values, others, rtol=1e-10, atol=1e-14, err_msg=part)


@pytest.mark.parametrize(
    ("value", "wanted"), [(0.125, 0.13), (-0.125, -0.13), (0.285, 0.29), (0.284, 0.28), (-0.004, 0.0), (2.675, 2.68)]
)
def test_halves_go_away_from_zero_whatever_the_binary_fraction(value: float, wanted: float) -> None:
    assert rounded(np.array(value), 2) == pytest.approx(wanted, abs=1e-12)


def test_what_the_slide_has_not_is_refused() -> None:
    with pytest.raises(ChoiceError, match="regulariser"):
        step_by_hand(lecture(), objective_of(LOSSES["cce"], l2=0.1), 0.5, X, Y, "lecture", 2)
    with pytest.raises(ChoiceError, match="cross-entropies"):
        step_by_hand(lecture(), objective_of(LOSSES["mse"]), 0.5, X, Y, "lecture", 2)


def test_a_probability_that_rounds_to_zero_is_told() -> None:
    far = lecture().with_theta(np.array(LECTURE) * 30)
    with pytest.raises(MlpError, match="rounded to 0 or 1"):
        step_by_hand(far, CE, 0.5, X, Y, "exact", 1)


def test_the_printed_derivative_holds_for_shares_too() -> None:
    """−(y/ŷ + (1 − y)/(1 − ŷ)) with both terms there, as the slide prints it."""
    y = np.array([[0.25, 0.5, 1.0]])
    step = step_by_hand(lecture(), CE, 0.5, X, y, "lecture", None)
    y_hat = step.layers[1].h
    np.testing.assert_allclose(step.layers[1].dh, -(y / y_hat + (1 - y) / (1 - y_hat)), rtol=1e-12)


def test_kl_has_a_term_that_the_slide_has_not() -> None:
    with pytest.raises(ChoiceError, match="not for kl"):
        step_by_hand(lecture(), objective_of(LOSSES["kl"]), 0.5, X, Y, "lecture", 2)
