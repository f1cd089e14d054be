"""Steps by hand: the slide's printed figures, all but the four that hang on its slip, and the way back to the truth."""

import numpy as np
import pytest
from core_helpers import (
    LECTURE_THETA,
    activation,
    goes_together,
    learned_names,
    lecture_network,
    random_network,
    random_targets,
    step_by_hand,
    updated,
)

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.hand_calculation import (
    confession,
    hand_calculation,
    rounded,
    side_by_side,
    spelled_rounding,
    without_each_departure,
)
from mlpcli.derivation.quantities import View
from mlpcli.derivation.trace import Trace, trace

SGD, CE = OPTIMIZERS["sgd"], objective_of(LOSSES["ce-negatives"])
X, Y = np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]])

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
    step = step_by_hand(lecture_network(), CE, 0.5, X, Y, "lecture", 2)
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
    step = step_by_hand(lecture_network(), CE, 0.5, X, Y, "lecture", None)
    signs = np.where(Y == 1, 1, -1)
    (exact,) = trace(lecture_network(), objective_of(LOSSES["cce"]), SGD, 0.5, X, Y).steps
    np.testing.assert_allclose(step.layers[1].da * signs, exact.layers[1].da, rtol=1e-12)


@pytest.mark.parametrize(
    ("last", "loss", "clauses"),
    [
        ("softmax", "ce-negatives", ["log₁₀ for ln", "sign before (1 − y)/(1 − ŷ)", "off-diagonal"]),
        ("softmax", "cce", ["log₁₀ for ln", "off-diagonal"]),
        ("sigmoid", "bce", ["log₁₀ for ln", "sign before (1 − y)/(1 − ŷ)"]),
        ("sigmoid", "cce", ["log₁₀ for ln"]),
    ],
)
def test_the_slide_admits_what_it_gets_wrong_in_this_network(last: str, loss: str, clauses: list[str]) -> None:
    network = random_network(2, [2, 3], ["relu", last])
    true = trace(network, objective_of(LOSSES[loss]), SGD, 0.5, X, Y)
    first = next(confession(hand_calculation(true, "lecture", None)))
    assert first.startswith("this is not the gradient: the slide ")
    parts = first.split(", ")
    assert len(parts) == len(clauses)
    assert all(clause in part for clause, part in zip(clauses, parts, strict=True))


def test_the_loss_to_base_10_is_the_natural_one_divided() -> None:
    step = step_by_hand(lecture_network(), CE, 0.5, X, Y, "lecture", None)
    assert step.loss == pytest.approx(1.729929 / np.log(10), abs=5e-7)


@pytest.mark.parametrize("loss", ["ce-negatives", "cce", "bce"])
def test_the_exact_rule_without_rounding_is_the_trace(loss: str) -> None:
    objective = objective_of(LOSSES[loss])
    step = step_by_hand(lecture_network(), objective, 0.5, X, Y, "exact", None)
    (exact,) = trace(lecture_network(), objective, SGD, 0.5, X, Y).steps
    assert step.t == exact.t == 1
    assert type(step.loss) is type(step.penalty) is type(step.loss_after) is float
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
    step = step_by_hand(lecture_network(), objective, 0.5, x, y, "exact", None)
    (exact,) = trace(lecture_network(), objective, SGD, 0.5, x, y).steps
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
    result = rounded(np.array(value), 2)
    assert result == pytest.approx(wanted, abs=1e-12)
    assert np.signbit(result) == (wanted < 0)  # a zero has no sign


def test_what_the_slide_has_not_is_refused_with_its_rule_alone() -> None:
    for objective, words in ((objective_of(LOSSES["cce"], l2=0.1), "--l2"), (objective_of(LOSSES["mse"]), "mse")):
        with pytest.raises(ChoiceError, match=words):
            step_by_hand(lecture_network(), objective, 0.5, X, Y, "lecture", 2)
        step_by_hand(lecture_network(), objective, 0.5, X, Y, "exact", 2)
    slopes = random_network(2, [2, 3], ["prelu", "softmax"])
    with pytest.raises(ChoiceError, match="prelu"):
        step_by_hand(slopes, CE, 0.5, X, Y, "lecture", 2)
    step_by_hand(slopes, CE, 0.5, X, Y, "exact", 2)


PAIRS = [  # of a hidden and the last activation
    *((hidden, last) for hidden in ACTIVATIONS for last in ("softmax", "linear")),
    *(("tanh", last) for last in ACTIVATIONS),
]


@pytest.mark.parametrize("loss", LOSSES)
def test_rounded_to_ten_decimals_every_network_comes_out_as_it_is(loss: str) -> None:
    """Half a unit of the tenth decimal at each step is far less than a millionth in the end."""
    for hidden, last in (pair for pair in PAIRS if goes_together(loss, pair[1])):
        network = random_network(3, [4, 3], [hidden, last], seed=5)
        x, y = np.random.default_rng(6).normal(size=(2, 3)), random_targets(LOSSES[loss], 2, 3, 7)
        objective = objective_of(LOSSES[loss], l1=0.02, l2=0.1, regularize_bias=True)
        step = step_by_hand(network, objective, 0.5, x, y, "exact", 10, freeze_bias=hidden == "tanh")
        (exact,) = trace(network, objective, SGD, 0.5, x, y, freeze_bias=hidden == "tanh").steps
        for name in ("terms", "losses", "loss", "penalty", "objective", "dx", "loss_after", "penalty_after"):
            np.testing.assert_allclose(getattr(step, name), getattr(exact, name), rtol=1e-6, atol=1e-6, err_msg=name)
        for one, two in zip(step.layers, exact.layers, strict=True):
            for name in ("a", "h", "derivative", "dh", "da"):
                np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-6, atol=1e-6, err_msg=name)
            for part in ("d", "share", "after"):
                for letter in learned_names(two):
                    values, others = (getattr(getattr(layer, part), letter) for layer in (one, two))
                    np.testing.assert_allclose(values, others, rtol=1e-6, atol=1e-6, err_msg=part + letter)


def test_a_step_is_rounded_and_what_goes_on_into_a_sum_keeps_what_a_product_has() -> None:
    """One unit: a = 1.2·0.8 + 0.02 = 0.98, σ(a) = 0.7271 → 0.73, f′ = 0.73·0.27 = 0.1971 → 0.20, dŷ = 0.73 − 1."""
    network = Network(chain(1, [1], [activation("sigmoid")]), np.array([1.2, 0.02]))
    step = step_by_hand(network, objective_of(LOSSES["half-sse"]), 0.5, np.array([[0.8]]), np.ones((1, 1)), "exact", 2)
    (layer,) = step.layers
    found = [layer.a, layer.h, layer.derivative, layer.dh, layer.da, layer.d.W, layer.d.b, layer.after.W, layer.after.b]
    # da = −0.27·0.20 = −0.054; dw = −0.054·0.8 = −0.0432 → −0.04; db = −0.05; w = 1.2 + 0.02; b = 0.02 + 0.025 → 0.05
    wanted = [0.98, 0.73, 0.20, -0.27, -0.054, -0.04, -0.05, 1.22, 0.05]
    assert [float(values.item()) for values in found] == pytest.approx(wanted, abs=1e-12)
    assert step.terms.item() == pytest.approx(0.0365, abs=1e-12)  # ½·0.27² = 0.03645, to 4 decimals
    assert step.loss == 0.04


def test_by_the_exact_rule_the_jacobian_comes_from_the_rounded_probabilities() -> None:
    """0.38·0.62 = 0.2356, 0.33·0.67 = 0.2211, 0.30·0.70 = 0.21; the slide's 0.23 comes from a."""
    step = step_by_hand(lecture_network(), CE, 0.5, X, Y, "exact", 2)
    assert np.diagonal(step.layers[1].derivative[0]) == pytest.approx([0.24, 0.22, 0.21], abs=1e-12)


def test_a_probability_that_rounds_to_zero_is_told() -> None:
    far = lecture_network().with_theta(np.array(LECTURE_THETA) * 30)
    with pytest.raises(MlpError, match="rounded to 0 or 1"):
        step_by_hand(far, CE, 0.5, X, Y, "exact", 1)


def test_a_probability_that_vanishes_without_rounding_is_told_without_a_word_of_digits() -> None:
    far = lecture_network().with_theta(np.array(LECTURE_THETA) * 1000)
    with pytest.raises(MlpError, match="is 0 or 1, and its logarithm") as caught:
        step_by_hand(far, CE, 0.5, X, Y, "lecture", None)
    assert "None" not in str(caught.value)


def test_the_printed_derivative_holds_for_shares_too() -> None:
    """−(y/ŷ + (1 − y)/(1 − ŷ)) with both terms there, as the slide prints it."""
    y = np.array([[0.25, 0.5, 1.0]])
    step = step_by_hand(lecture_network(), CE, 0.5, X, y, "lecture", None)
    y_hat = step.layers[1].h
    np.testing.assert_allclose(step.layers[1].dh, -(y / y_hat + (1 - y) / (1 - y_hat)), rtol=1e-12)


def test_kl_has_a_term_that_the_slide_has_not() -> None:
    with pytest.raises(ChoiceError, match="not for kl"):
        step_by_hand(lecture_network(), objective_of(LOSSES["kl"]), 0.5, X, Y, "lecture", 2)


def test_without_each_departure_what_is_left_is_one_nearer_to_calculus() -> None:
    """Without log₁₀ J is the natural one; without the sign dŷ is the true one; without the diagonal, dŷ the slide's."""
    step = step_by_hand(lecture_network(), CE, 0.5, X, Y, "lecture", None)
    slide = Trace(CE, SGD, 0.5, (step,), updated(lecture_network(), step.layers), "lecture")
    found = without_each_departure(slide)
    assert list(found) == ["log₁₀ for ln", "sign of (1 − y)/(1 − ŷ)", "softmax's diagonal alone"]
    natural, signed, whole = (other.steps[0] for other in found.values())
    assert natural.loss == pytest.approx(1.729929, abs=5e-7)
    np.testing.assert_allclose(signed.layers[1].dh, [[-2.665482, 1.484019, 1.425881]], atol=1e-6)
    np.testing.assert_allclose(signed.layers[1].da, [[-0.624833, 0.326154, 0.298679]], atol=5e-7)  # ŷ − y
    np.testing.assert_allclose(whole.layers[1].dh, step.layers[1].dh, rtol=1e-15)
    assert (whole.layers[1].derivative[0] != 0).all()


def test_of_many_numbers_those_that_differ_most_stand_side_by_side_in_their_order() -> None:
    network = random_network(2, [5, 3], ["tanh", "softmax"], seed=3)
    true = trace(network, CE, SGD, 0.5, X, Y)
    by_rule = hand_calculation(true, "lecture", None)
    every, most = (side_by_side(by_rule, true, View(whole=whole)).rows for whole in (True, False))
    assert (len(every), len(most)) == (1 + 3 + 3 + 18 + 5 + 5 + 15 + 33, 60)  # J, dŷ, da, dW and db, ..., new W and b
    assert [row for row in every if row in most] == list(most)
    off = {row[0]: abs(float(row[1]) - float(row[2])) for row in every}  # type: ignore[arg-type]
    shown = [row[0] for row in most]
    assert min(off[name] for name in shown) >= max(size for name, size in off.items() if name not in shown)
    unchanged = {row[0] for row in every if not row[3]}
    assert unchanged == {name for name, size in off.items() if size < 1e-12}


@pytest.mark.parametrize(
    ("rule", "digits", "how"),
    [
        ("lecture", None, "the slide's rule"),
        ("lecture", 2, "the slide's rule, rounded to 2 decimals"),
        ("exact", 3, "exact rule, rounded to 3 decimals"),
    ],
)
def test_side_by_side_says_which_rule_it_is(rule: str, digits: int | None, how: str) -> None:
    true = trace(lecture_network(), CE, SGD, 0.5, X, Y)
    sheet = side_by_side(hand_calculation(true, rule, digits), true, View())
    assert sheet.title == f"Side by side: {how}, and the true gradient"
    assert sheet.columns == ("quantity", "by the rule", "true", "reason")


SOFTMAX_ROUNDED = "as on the slide, softmax's derivative comes from its rounded a, and not from its rounded h"
SHORTCUT = "with the sign corrected, its shortcut is exactly ŷ − y, the gradient of categorical cross-entropy"


@pytest.mark.parametrize(
    ("activations", "loss", "digits", "lines"),
    [
        (["relu", "softmax"], "ce-negatives", 2, [SOFTMAX_ROUNDED, SHORTCUT]),
        (["relu", "softmax"], "ce-negatives", None, [SHORTCUT]),
        (["relu", "softmax"], "cce", 2, [SOFTMAX_ROUNDED]),
        (["softmax", "sigmoid"], "bce", 2, [SOFTMAX_ROUNDED]),
        (["relu", "sigmoid"], "ce-negatives", 2, []),
    ],
)
def test_what_else_is_the_slides_own_is_said_only_where_it_is(
    activations: list[str], loss: str, digits: int | None, lines: list[str]
) -> None:
    true = trace(random_network(2, [2, 3], activations), objective_of(LOSSES[loss]), SGD, 0.5, X, Y)
    assert [*confession(hand_calculation(true, "lecture", digits))][1:] == lines


def test_a_rounding_is_spelled_with_the_decimals_of_both_kinds_of_numbers() -> None:
    one, three = map(spelled_rounding, (1, 3))
    end = "halves away from zero; the terms of L and da, which are only used in sums, to"
    assert one == f"every step is rounded to 1 decimal, {end} 2"
    assert three == f"every step is rounded to 3 decimals, {end} 6"


def test_what_no_departure_alone_has_changed_comes_of_several() -> None:
    """With one decimal, da₂⁽²⁾ is 0.0 by the slide, and so it is without each departure; by calculus it is 0.08."""
    true = trace(random_network(2, [2, 3], ["relu", "softmax"], seed=13), CE, SGD, 0.5, X, Y)
    by_rule = hand_calculation(true, "lecture", 1)
    others = [other.steps[0].layers[1].da[0, 1] for other in without_each_departure(by_rule).values()]
    assert len(others) == 4
    assert np.round([by_rule.steps[0].layers[1].da[0, 1], *others], 1).tolist() == [0] * 5
    assert true.steps[0].layers[1].da[0, 1] == pytest.approx(0.08, abs=0.005)
    reasons = {row[0]: row[3] for row in side_by_side(by_rule, true, View()).rows}
    assert reasons["da₂⁽²⁾"] == "only in combination"
