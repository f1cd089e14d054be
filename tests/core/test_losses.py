"""Loss functions: values by hand, from scikit-learn and scipy, gradients by differences, exact at large logits."""

from decimal import Decimal, localcontext
from itertools import product
from math import exp, log

import numpy as np
import pytest
from core_helpers import activation, central_differences, output_from, random_targets
from scipy import stats
from sklearn import metrics as sk

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES, TARGETS, Loss
from mlpcli.core.network import chain, empty
from mlpcli.core.objective import batch_loss, check_targets, objective_of
from mlpcli.core.outputs import Output
from mlpcli.core.propagation import backward, forward

SCORES = np.random.default_rng(0).normal(0, 2, (6, 3))
CLASSES = np.array([0, 2, 1, 1, 0, 2])
ONE_HOT = np.eye(3)[CLASSES]
SHARES = np.random.default_rng(1).dirichlet(np.ones(3), 6)


def by_name(row: Loss) -> str:
    return row.name


def loss_of(name: str, output: Output, y: Array) -> float:
    """L with the loss's own reduction over the outputs, and the mean over the samples."""
    return batch_loss(objective_of(LOSSES[name]), output, y)


def linear(values: list[list[float]]) -> Output:
    return output_from("linear", np.array(values))


# ŷ = [[1, 3], [0, −1]], y = [[2, 1], [0, 1]]: ŷ − y = [[−1, 2], [0, −2]]
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mse", 2.25),  # ((1 + 4)/2 + (0 + 4)/2)/2
        ("mae", 1.25),  # ((1 + 2)/2 + (0 + 2)/2)/2
        ("half-sse", 2.25),  # (½(1 + 4) + ½(0 + 4))/2
    ],
)
def test_distances_by_hand(name: str, value: float) -> None:
    assert loss_of(name, linear([[1, 3], [0, -1]]), np.array([[2.0, 1.0], [0.0, 1.0]])) == value


def test_half_sse_does_not_depend_on_the_number_of_outputs() -> None:
    # ½(1 + 4 + 9) = 7, where the mean of three squares is 14/3
    y_hat, y = linear([[1, 2, 3]]), np.zeros((1, 3))
    assert loss_of("half-sse", y_hat, y) == 7
    assert loss_of("mse", y_hat, y) == pytest.approx(14 / 3)


def test_cross_entropies_by_hand() -> None:
    # softmax(ln [1, 2, 5]) = [1/8, 2/8, 5/8]
    output, y = output_from("softmax", np.log([[1.0, 2.0, 5.0]])), np.array([[0.0, 1.0, 0.0]])
    assert loss_of("cce", output, y) == pytest.approx(-log(2 / 8), rel=1e-14)
    both_sides = -(log(7 / 8) + log(2 / 8) + log(3 / 8))
    assert loss_of("ce-negatives", output, y) == pytest.approx(both_sides, rel=1e-14)
    assert loss_of("bce", output, y) == pytest.approx(both_sides / 3, rel=1e-14)


def test_bce_of_one_output_by_hand() -> None:
    # σ(ln 3) = 3/4, σ(0) = 1/2
    output = output_from("sigmoid", np.array([[log(3)], [0.0]]))
    expected = (-log(1 / 4) - log(1 / 2)) / 2
    assert loss_of("bce", output, np.array([[0.0], [1.0]])) == pytest.approx(expected, rel=1e-14)
    soft = -(0.3 * log(3 / 4) + 0.7 * log(1 / 4))
    first = output_from("sigmoid", np.array([[log(3)]]))
    assert loss_of("bce", first, np.array([[0.3]])) == pytest.approx(soft, rel=1e-14)


def test_kl_by_hand() -> None:
    # 0.5 ln(0.5/(1/8)) + 0.5 ln(0.5/(5/8)) + 0 ln 0
    output, y = output_from("softmax", np.log([[1.0, 2.0, 5.0]])), np.array([[0.5, 0.0, 0.5]])
    assert loss_of("kl", output, y) == pytest.approx(0.5 * log(4) + 0.5 * log(0.8), rel=1e-14)


def test_hinge_is_the_published_example_of_cs231n() -> None:
    """cs231n, linear classification: scores −2.85, 0.86, 0.28 and right class 2 cost 0 + 1.58."""
    y = np.array([[0.0, 0.0, 1.0]])
    assert loss_of("hinge", linear([[-2.85, 0.86, 0.28]]), y) == pytest.approx(1.58)
    # its other scores, with a margin of 1: max(0, −7 − 13 + 1) + max(0, 11 − 13 + 1) = 0; for class 2, 13 − 11 + 1 = 3
    assert loss_of("hinge", linear([[13, -7, 11]]), np.array([[1.0, 0.0, 0.0]])) == 0
    assert loss_of("hinge", linear([[13, -7, 11]]), y) == 3


def test_hinge_of_two_classes_is_that_of_scikit_learn() -> None:
    """With one wrong class the sum and the largest are the same."""
    output, right = output_from("linear", SCORES[:, :2]), np.array([0, 1, 1, 0, 0, 1])
    expected = sk.hinge_loss(right, SCORES[:, 1] - SCORES[:, 0])
    assert loss_of("hinge", output, np.eye(2)[right]) == pytest.approx(expected)


def test_distances_are_those_of_scikit_learn() -> None:
    y = np.random.default_rng(2).normal(size=SCORES.shape)
    output = output_from("linear", SCORES)
    assert loss_of("mse", output, y) == pytest.approx(sk.mean_squared_error(y, SCORES), rel=1e-13)
    assert loss_of("mae", output, y) == pytest.approx(sk.mean_absolute_error(y, SCORES), rel=1e-13)


def test_cce_is_the_log_loss_of_scikit_learn() -> None:
    output = output_from("softmax", SCORES)
    assert loss_of("cce", output, ONE_HOT) == pytest.approx(sk.log_loss(CLASSES, output.y_hat), rel=1e-12)


def test_bce_is_the_mean_log_loss_of_each_label() -> None:
    output = output_from("sigmoid", SCORES)
    each = [sk.log_loss(ONE_HOT[:, k], output.y_hat[:, k]) for k in range(3)]
    assert loss_of("bce", output, ONE_HOT) == pytest.approx(np.mean(each), rel=1e-12)
    assert loss_of("ce-negatives", output, ONE_HOT) == pytest.approx(np.sum(each), rel=1e-12)


def test_kl_is_the_relative_entropy_of_scipy() -> None:
    output = output_from("softmax", SCORES)
    expected = np.mean(stats.entropy(SHARES, output.y_hat, axis=-1))
    assert loss_of("kl", output, SHARES) == pytest.approx(expected, rel=1e-12)
    surprise = np.mean(stats.entropy(SHARES, axis=-1))  # cross-entropy = entropy + divergence
    assert loss_of("cce", output, SHARES) == pytest.approx(surprise + expected, rel=1e-12)


@pytest.mark.parametrize("row", LOSSES.values(), ids=by_name)
def test_gradient_is_the_derivative_of_the_sum_of_terms(row: Loss) -> None:
    y = random_targets(row, 4, 3, seed=3)
    if row.of_probabilities:
        y_hat = np.random.default_rng(4).uniform(0.05, 0.95, y.shape)
    else:
        y_hat = np.random.default_rng(4).normal(0, 2, y.shape)

    def total(y_hat: Array) -> float:
        a = np.log(y_hat / (1 - y_hat)) if row.of_probabilities else y_hat
        return float(np.sum(row.terms(output_from("sigmoid" if row.of_probabilities else "linear", a), y)))

    np.testing.assert_allclose(row.gradient(y_hat, y), central_differences(total, y_hat, 1e-6), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("row", [row for row in LOSSES.values() if row.log_weights], ids=by_name)
def test_weights_of_the_logarithms_give_the_same_gradient(row: Loss) -> None:
    """L = −Σ (u log ŷ + v log(1 − ŷ)), so ∂L/∂ŷ = −u/ŷ + v/(1 − ŷ)."""
    y, y_hat = random_targets(row, 4, 3, seed=5), np.random.default_rng(6).uniform(0.05, 0.95, (4, 3))
    assert row.log_weights is not None
    u, v = row.log_weights(y)
    expected = -u / y_hat + (0 if v is None else v / (1 - y_hat))
    np.testing.assert_allclose(row.gradient(y_hat, y), expected, rtol=1e-13)


@pytest.mark.parametrize("row", LOSSES.values(), ids=by_name)
def test_a_perfect_prediction_costs_nothing_and_any_other_more(row: Loss) -> None:
    y = np.eye(3)
    name = "softmax" if row.of_probabilities else "linear"
    right, wrong = 1000 * y, -1000 * y  # as logits: probabilities 1 and 0 to every digit
    assert loss_of(row.name, output_from(name, right if row.of_probabilities or row.name == "hinge" else y), y) == 0
    assert loss_of(row.name, output_from(name, wrong), y) > 0


def test_gradients_at_equal_numbers_and_on_the_margin_are_0() -> None:
    y = np.array([[1.0, 0.0]])
    assert LOSSES["mae"].gradient(y, y).tolist() == [[0, 0]]
    assert LOSSES["hinge"].gradient(np.array([[2.0, 1.0]]), y).tolist() == [[0, 0]]


def test_a_term_without_weight_has_no_gradient_even_where_it_would_be_infinite() -> None:
    y_hat, y = np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]])
    assert LOSSES["cce"].gradient(y_hat, y).tolist() == [[-1, 0]]
    assert LOSSES["bce"].gradient(y_hat, y).tolist() == [[-1, 1]]


# ----- Logits of ±10⁴ -----------------------------------------------------------------------------------------------

EXTREME = [
    [1e4, -1e4, 0.0],
    [-1e4, 1e4, 0.0],
    [0.0, -1e4, 1e4],
    [-1e4, -1e4, -1e4],
    [1e4, 1e4, -1e4],
    [1e4, 9999.0, 9998.5],
    [-1e4, -1e4, -9999.0],
    [40.0, -40.0, 1e4],
    [800.0, 0.0, -800.0],
]
TARGETS_OF_THREE = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.25, 0.5, 0.25]]


def exact_softmax(logits: list[float], u: list[float], v: list[float]) -> tuple[Decimal, list[Decimal]]:
    """−Σ (uᵢ ln hᵢ + vᵢ ln(1 − hᵢ)) and its derivatives, with 60 digits and without a subtraction that could lose them.

    With S = Σⱼ e^aⱼ and Sᵢ the same sum without i: ln hᵢ = aᵢ − ln S and ln(1 − hᵢ) = ln Sᵢ − ln S.
    """
    e = [Decimal(a).exp() for a in logits]
    others = [sum((e[j] for j in range(len(e)) if j != i), Decimal(0)) for i in range(len(e))]
    S, U, V = sum(e), [Decimal(x) for x in u], [Decimal(x) for x in v]
    value = -sum(U[i] * (Decimal(a) - S.ln()) + V[i] * (others[i].ln() - S.ln()) for i, a in enumerate(logits))
    slopes = [
        sum(U) * e[j] / S
        - U[j]
        + sum(V) * e[j] / S
        - sum((V[i] * e[j] / others[i] for i in range(len(e)) if i != j), Decimal(0))
        for j in range(len(e))
    ]
    return value, slopes


def exact_sigmoid(logits: list[float], u: list[float], v: list[float]) -> tuple[Decimal, list[Decimal]]:
    """The same for σ(a) = e^a/(e^a + 1), which is a softmax over a and 0."""
    pairs = [exact_softmax([a, 0.0], [x, 0.0], [y, 0.0]) for a, x, y in zip(logits, u, v, strict=True)]
    return sum((value for value, _ in pairs), Decimal(0)), [slopes[0] for _, slopes in pairs]


def value_and_gradient(name: str, loss: str, logits: list[float], y: list[float]) -> tuple[float, list[float]]:
    """Through the whole of `forward` and `backward`: one layer with weight 0, so that a = b and da = db."""
    network = empty(chain(1, [len(logits)], [activation(name)]), np.float64)
    network.theta[...] = 0
    network.parameters[0].b[...] = logits
    objective, target = objective_of(LOSSES[loss], output_reduction="sum"), np.array([y])
    passed = forward(network, np.ones((1, 1)))
    value = batch_loss(objective, Output(network.layers[0].activation, *passed.layers[0]), target)
    return value, backward(network, passed, objective, target).layers[0].d.b.tolist()


@pytest.mark.parametrize(
    ("name", "loss"),
    [(name, loss) for name in ("softmax", "sigmoid") for loss in ("cce", "kl", "bce", "ce-negatives")],
)
def test_loss_and_gradient_are_exact_at_large_logits(name: str, loss: str) -> None:
    for logits, y in product(EXTREME, TARGETS_OF_THREE):
        v = [1 - share if loss in ("bce", "ce-negatives") else 0.0 for share in y]
        with localcontext(prec=60):
            expected, slopes = (exact_softmax if name == "softmax" else exact_sigmoid)(logits, y, v)
            if loss == "kl":
                expected += sum((Decimal(p) * Decimal(p).ln() for p in y if p), Decimal(0))
        value, gradient = value_and_gradient(name, loss, logits, y)
        np.testing.assert_allclose(value, float(expected), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(gradient, [float(slope) for slope in slopes], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", [row.name for row in LOSSES.values() if row.of_probabilities])
def test_a_shift_of_all_logits_costs_softmax_no_digits(loss: str) -> None:
    """Powers of 2 and these logits are added without rounding, so that loss and gradient are the same to the bit."""
    for shift, y in product((2.0**20, 2.0**40), TARGETS_OF_THREE):
        value, gradient = value_and_gradient("softmax", loss, [0.5, -0.25, -1.0], y)
        shifted_value, shifted_gradient = value_and_gradient("softmax", loss, [0.5 + shift, shift - 0.25, shift - 1], y)
        np.testing.assert_allclose(shifted_value, value, rtol=1e-14)
        np.testing.assert_allclose(shifted_gradient, gradient, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["softmax", "sigmoid"])
@pytest.mark.parametrize("row", [row for row in LOSSES.values() if row.of_probabilities], ids=by_name)
def test_a_confidently_wrong_output_costs_its_logit(row: Loss, name: str, dtype: type) -> None:
    """−ln σ(−10⁴) = 10⁴ to every digit, where a clipped loss stops at 16 or 100."""
    a, y = np.array([[-1e4, 0.0]], dtype), np.array([[1.0, 0.0]], dtype)
    cost = float(row.terms(output_from(name, a), y)[0, 0])
    assert cost == 1e4


# ----- Targets ------------------------------------------------------------------------------------------------------

GOOD = {
    "numbers": [[[1e9, -3.0]], [[0.0, 0.0]]],
    "shares": [[[0.0, 1.0]], [[1.0, 1.0]], [[0.5, 0.2]]],
    "distribution": [[[0.0, 1.0]], [[0.25, 0.75]], [[0.1 + 0.2, 0.7]]],
    "one-hot": [[[0.0, 1.0]], [[1.0, 0.0]]],
}
BAD = {
    "numbers": [],
    "shares": [[-0.1, 0.5], [0.5, 1.1]],
    "distribution": [[-0.5, 1.5], [0.2, 0.2], [0.0, 0.0], [1.0, 1.0]],
    "one-hot": [[0.5, 0.5], [1.0, 1.0], [0.0, 0.0], [2.0, -1.0]],
}


@pytest.mark.parametrize("row", LOSSES.values(), ids=by_name)
def test_targets_that_the_loss_takes_pass(row: Loss) -> None:
    for y in GOOD[row.targets]:
        check_targets(objective_of(row), np.array(y))


def test_shares_may_miss_1_by_what_rounding_of_a_file_makes() -> None:
    for off, holds in ((9e-7, True), (-9e-7, True), (1.05e-6, False), (-1.05e-6, False)):
        if holds:
            check_targets(objective_of(LOSSES["kl"]), np.array([[0.5, 0.5 + off]]))
        else:
            with pytest.raises(MlpError, match="numbers from 0 to 1 that sum to 1; sample 1 has "):
                check_targets(objective_of(LOSSES["kl"]), np.array([[0.5, 0.5 + off]]))


def test_of_a_wrong_sample_ten_numbers_are_shown() -> None:
    for outputs in (3, 10, 11):
        y = np.full((2, outputs), 0.25)
        y[1, 0] = 2
        shown = ", ".join(["2", *["0.25"] * (min(outputs, 10) - 1)])
        with pytest.raises(MlpError) as caught:
            check_targets(objective_of(LOSSES["bce"]), y)
        assert str(caught.value) == f"bce takes targets that are numbers from 0 to 1; sample 2 has [{shown}]"


@pytest.mark.parametrize(("name", "wrong"), [(row.name, y) for row in LOSSES.values() for y in BAD[row.targets]])
def test_a_wrong_target_is_refused_with_the_number_of_its_sample(name: str, wrong: list[float]) -> None:
    y = np.array([[0.0, 1.0], [1.0, 0.0], wrong, [0.0, 1.0]])
    with pytest.raises(MlpError, match=rf"^{name} takes targets .*sample 3 ") as caught:
        check_targets(objective_of(LOSSES[name]), y)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", [[np.nan, 0.0], [np.inf, 0.0], [np.inf, -np.inf]])
@pytest.mark.parametrize("row", LOSSES.values(), ids=by_name)
def test_a_target_that_is_not_finite_is_refused_without_a_warning(row: Loss, wrong: list[float]) -> None:
    with pytest.raises(MlpError, match="sample 1 "):
        check_targets(objective_of(row), np.array([wrong]))


def test_log_is_the_natural_one() -> None:
    output = output_from("sigmoid", np.array([[-log(exp(1) - 1)]]))  # σ = 1/e
    assert loss_of("bce", output, np.array([[1.0]])) == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_only_a_loss_with_a_second_term_looks_at_outputs_whose_target_is_0(name: str) -> None:
    """−y log ŷ is 0 at y = 0 whatever ŷ; −(1 − y) log(1 − ŷ) is not. Losses without logarithms have no such term."""
    slope = LOSSES[name].gradient(np.array([[0.3, 0.7]]), np.array([[1.0, 0.0]]))[0, 1]
    assert LOSSES[name].two_sided == (LOSSES[name].of_probabilities and slope != 0)


def test_titles_tell_losses_apart() -> None:
    assert len({loss.title for loss in LOSSES.values()}) == len(LOSSES)


@pytest.mark.parametrize("row", LOSSES.values(), ids=by_name)
def test_targets_that_depend_on_each_other_cannot_all_be_1(row: Loss) -> None:
    _, holds = TARGETS[row.targets]
    assert row.couples_outputs == (not holds(np.ones((1, 2))).all())
