"""Somebody's figures beside a trace: where they begin to differ, why, and what merely follows."""

from collections.abc import Mapping
from math import log
from typing import Any

import numpy as np
import pytest
from core_helpers import activation, lecture_network, random_network, random_targets, step_by_hand, updated

from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.compare import comparing
from mlpcli.derivation.compare.case import Case
from mlpcli.derivation.compare.comparing import Comparison, Difference, compare
from mlpcli.derivation.compare.given import Given, Place, Style, as_given, numbers_of
from mlpcli.derivation.compare.mistakes import MISTAKES
from mlpcli.derivation.compare.readings import EXACTLY, Variant
from mlpcli.derivation.trace import Trace, trace

SGD = OPTIMIZERS["sgd"]
X, Y = np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]])


def written(values: Any, decimals: int | None = None, transposed: bool = False) -> Given:
    """Figures with all their digits, or rounded; of a matrix that was written transposed, as it is read."""

    def text(value: float) -> str:
        return repr(float(value)) if decimals is None else f"{value:.{decimals}f}"

    return as_given(np.vectorize(text, otypes=[object])(np.asarray(values, np.float64)), transposed)


def lecture(loss: str = "ce-negatives") -> Trace:
    return trace(lecture_network(), objective_of(LOSSES[loss]), SGD, 0.5, X, Y)


def mazur(freeze_bias: bool = True) -> Trace:
    """Matt Mazur's published network."""
    layers = chain(2, [2, 2], [activation("sigmoid"), activation("sigmoid")])
    theta = np.array([0.15, 0.20, 0.25, 0.30, 0.35, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60])
    x, y = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
    return trace(Network(layers, theta), objective_of(LOSSES["half-sse"]), SGD, 0.5, x, y, freeze_bias=freeze_bias)


def batch(optimizer: str = "sgd", steps: int = 1, **changes: Any) -> Trace:
    """Four samples through 3-4-3, so that no two axes are alike but by meaning."""
    network = random_network(3, [5, 2], ["tanh", "sigmoid"], seed=4)
    draw = np.random.default_rng(8)
    objective = objective_of(LOSSES["bce"], **changes)
    y = random_targets(LOSSES["bce"], 4, 2, 1)
    return trace(network, objective, OPTIMIZERS[optimizer], 0.1, draw.normal(size=(4, 3)), y, steps)


def names(difference: Difference) -> list[str]:
    return [cause.name for cause in difference.causes]


def verdicts(comparison: Comparison) -> dict[Place, str]:
    return {
        verdict.place: "agrees" if verdict.agrees else "follows" if verdict.follows else "differs"
        for verdict in comparison.verdicts
    }


# ----- Mazur --------------------------------------------------------------------------------------------------------

LOSS_AFTER = Place(1, 0, "loss_after")


def test_mazurs_published_loss_comes_from_weights_that_were_updated_too_early() -> None:
    (first,) = compare(mazur(), {LOSS_AFTER: as_given(np.array("0.291027924", dtype=object))}).differences
    assert (first.place, names(first)) == (LOSS_AFTER, ["updated-weights"])


def test_mazurs_right_loss_agrees_to_its_digits() -> None:
    comparison = compare(mazur(), {LOSS_AFTER: as_given(np.array("0.291027774", dtype=object))})
    assert comparison.agrees
    assert comparison.verdicts[0].precision == "to 9 decimals"


def test_mazurs_frozen_biases_are_told_where_they_should_learn() -> None:
    comparison = compare(mazur(freeze_bias=False), {LOSS_AFTER: as_given(np.array("0.291027774", dtype=object))})
    assert "biases-frozen" in names(comparison.differences[0])


# ----- The lecture --------------------------------------------------------------------------------------------------

# As printed on the slide, with the diagonal of its softmax derivative.
PRINTED: dict[Place, list[Any]] = {
    Place(1, 1, "h"): [[0.28, 0.72]],
    Place(1, 2, "h"): [[0.38, 0.32, 0.30]],
    Place(1, 0, "loss"): 0.74,  # type: ignore[dict-item]
    Place(1, 2, "dh"): [[-2.63, -1.47, -1.43]],
    Place(1, 2, "derivative"): [[[0.23, 0, 0], [0, 0.22, 0], [0, 0, 0.21]]],
    Place(1, 2, "dW"): [[-0.17, -0.44], [-0.09, -0.23], [-0.08, -0.22]],
    Place(1, 2, "W_new"): [[0.39, -0.08], [0.25, 0.22], [0.34, -0.09]],
}


def test_the_printed_figures_of_the_lecture_show_its_slips_one_by_one() -> None:
    comparison = compare(lecture(), {place: written(values, 2) for place, values in PRINTED.items()})
    found = {difference.place.name: names(difference) for difference in comparison.differences}
    assert found == {
        "h": ["cut off"],  # 0.326 → 0.32
        "loss": ["log10"],
        "dh": ["second-sign"],
        "derivative": ["softmax-diagonal"],
    }
    judged = verdicts(comparison)
    assert judged[Place(1, 1, "h")] == "agrees"
    assert judged[Place(1, 2, "dW")] == judged[Place(1, 2, "W_new")] == "follows"


@pytest.mark.parametrize(
    ("name", "causes"),
    [
        ("h", ["cut off"]),
        ("loss", ["log10"]),
        ("dh", ["second-sign"]),
        ("derivative", ["softmax-diagonal"]),
        ("dW", ["slide"]),
        ("W_new", ["slide"]),
    ],
)
def test_a_printed_figure_alone_is_explained_too(name: str, causes: list[str]) -> None:
    place = next(place for place in PRINTED if place.name == name and place.layer != 1)
    (first,) = compare(lecture(), {place: written(PRINTED[place], 2)}).differences
    assert names(first) == causes


@pytest.mark.parametrize("left_out", [(), ("a", "derivative")])
def test_by_the_slides_rule_the_printed_figures_hang_on_one_that_is_cut_off(left_out: tuple[str, ...]) -> None:
    """Without the derivative that the slide prints, dW₂₂ = −1.47·0.22·0.72 = −0.23 follows from ŷ₂ all the same."""
    objective = objective_of(LOSSES["ce-negatives"])
    step = step_by_hand(lecture_network(), objective, 0.5, X, Y, "lecture", 2)
    by_hand = Trace(objective, SGD, 0.5, (step,), updated(lecture_network(), step.layers), "lecture", 2)
    printed = {place: written(values, 2) for place, values in PRINTED.items() if place.name not in left_out}
    comparison = compare(by_hand, printed)
    assert [(d.place, names(d)) for d in comparison.differences] == [(Place(1, 2, "h"), ["cut off"])]


def test_true_figures_are_told_where_the_trace_follows_the_slide() -> None:
    objective = objective_of(LOSSES["ce-negatives"])
    step = step_by_hand(lecture_network(), objective, 0.5, X, Y, "lecture", None)
    by_hand = Trace(objective, SGD, 0.5, (step,), updated(lecture_network(), step.layers), "lecture", None)
    true = numbers_of(lecture())
    comparison = compare(by_hand, {Place(1, 2, "dW"): written(true[Place(1, 2, "dW")])})
    assert names(comparison.differences[0]) == ["rule"]


def test_each_number_is_judged_by_its_own_decimals() -> None:
    """dW⁽¹⁾ of the lecture is −0.09241, −0.02567, 0.45115, 0.12532, as finite differences in test_tracing confirm."""
    texts = np.array([["-0.092", "-0.0257"], ["0.451", "0.125"]], dtype=object)
    assert compare(lecture(), {Place(1, 1, "dW"): as_given(texts)}).agrees


def test_mazurs_published_weights_agree() -> None:
    published = np.array([["0.149780716", "0.19956143"], ["0.24975114", "0.29950229"]], dtype=object)
    assert compare(mazur(), {Place(1, 1, "W_new"): as_given(published)}).agrees


# ----- Rounding -----------------------------------------------------------------------------------------------------


def rounded_by_hand(decimals: int) -> dict[Place, np.ndarray]:
    """Figures of the lecture's network with cross-entropy, rounded after each step, in plain Python."""

    def cut(values: Any) -> np.ndarray:
        return np.round(np.asarray(values, float), decimals)

    W2 = np.array([[0.3, -0.3], [0.2, 0.1], [0.3, -0.2]])
    h1 = cut([[0.28, 0.72]])
    a2 = cut(h1 @ W2.T + [-0.1, -0.5, -0.4])
    p = cut(np.exp(a2) / np.exp(a2).sum())
    return {Place(1, 2, "a"): a2, Place(1, 2, "h"): p, Place(1, 0, "loss"): cut(-np.log(p[0, 0]))}


def test_what_follows_from_rounded_figures_is_rounding() -> None:
    figures = rounded_by_hand(2)  # −log 0.38 = 0.97, where the trace has 0.98
    comparison = compare(lecture("cce"), {place: written(values, 2) for place, values in figures.items()})
    (first,) = comparison.differences
    assert (first.place.name, names(first)) == ("loss", ["rounding"])
    assert verdicts(comparison)[Place(1, 0, "loss")] == "follows"


def test_what_was_written_is_used_in_place_of_what_the_trace_has() -> None:
    """h₁ is written as 0.31, and h₂ is missing: a⁽²⁾ = W⁽²⁾ (0.31, 0.72) + b⁽²⁾ = −0.223, −0.366, −0.451, by hand."""
    h = as_given(np.array([["0.31", ""]], dtype=object))
    a = written([[-0.223, -0.366, -0.451]])
    comparison = compare(lecture("cce"), {Place(1, 1, "h"): h, Place(1, 2, "a"): a})
    assert verdicts(comparison) == {Place(1, 1, "h"): "differs", Place(1, 2, "a"): "follows"}


@pytest.mark.parametrize("decimals", [2, 3])
def test_rounding_at_every_step_is_found_from_the_last_figure_alone(decimals: int) -> None:
    loss = Place(1, 0, "loss")
    figure = -np.log(rounded_by_hand(decimals)[Place(1, 2, "h")][0, 0])
    (first,) = compare(lecture("cce"), {loss: written(figure, decimals)}).differences or (None,)
    if first is None:  # the rounded figure is the right one
        assert round(figure, decimals) == round(0.980385, decimals)
    else:
        assert names(first) == ["rounding"]


def test_a_difference_in_the_last_places_may_be_single_precision() -> None:
    true = numbers_of(batch())[Place(1, 1, "dW")]
    noisy = true * (1 + 3e-7 * np.random.default_rng(0).normal(size=true.shape))
    (first,) = compare(batch(), {Place(1, 1, "dW"): written(noisy)}).differences
    assert [(cause.description, cause.sure) for cause in first.causes] == [
        ("it was computed in single precision", False)
    ]


def test_what_single_precision_cannot_make_has_no_cause() -> None:
    """1e-5 more in every gradient, all with 16 digits, is a relative error of 6e-5."""
    true = numbers_of(batch())
    figures = {place: written(true[place] + 1e-5) for place in true if place.name in ("dW", "db")}
    assert all(difference.causes == () for difference in compare(batch(), figures).differences)


def test_what_rounding_in_between_may_make_is_a_guess() -> None:
    """dW⁽²⁾ from an h that is off by 0.0004, beside an a that has three decimals."""
    true = numbers_of(batch())
    h = true[Place(1, 1, "h")] + 0.0004 * np.sign(np.random.default_rng(3).normal(size=(4, 5)))
    wrong = true[Place(1, 2, "da")].T @ h / 4
    rounded = {Place(1, 1, "a"): written(true[Place(1, 1, "a")], 3), Place(1, 2, "dW"): written(wrong)}
    (first,) = compare(batch(), rounded).differences
    assert first.causes[0].description == "intermediate results are rounded to 3 decimals"
    assert not first.causes[0].sure
    exact = {Place(1, 1, "a"): written(true[Place(1, 1, "a")]), Place(1, 2, "dW"): written(wrong)}
    assert compare(batch(), exact).differences[0].causes == ()


def test_one_unit_more_in_the_last_place_may_be_rounding() -> None:
    true = numbers_of(batch())[Place(1, 1, "a")]
    wrong = np.round(true, 3) + [[0.001] + [0.0] * 4] * 4
    (first,) = compare(batch(), {Place(1, 1, "a"): written(wrong, 3)}).differences
    assert [(cause.description, cause.sure) for cause in first.causes] == [
        ("the last digit is rounded differently, or intermediate results are rounded", False)
    ]


@pytest.mark.parametrize("name", ["x", "y", "W", "b"])
def test_what_is_given_is_not_blamed_on_rounding(name: str) -> None:
    true = numbers_of(batch())
    place = next(place for place in true if place.name == name)
    (first,) = compare(batch(), {place: written(true[place] + 1e-6)}).differences
    assert names(first) == ["given"]


# ----- Right figures, and figures without a cause -------------------------------------------------------------------


def everything(found: Trace, decimals: int | None = None) -> dict[Place, Given]:
    return {place: written(values, decimals) for place, values in numbers_of(found).items()}


@pytest.mark.parametrize("optimizer", [row.name for row in OPTIMIZERS.values() if row.rule is not None])
@pytest.mark.parametrize("decimals", [None, 8, 3])
def test_right_figures_agree(optimizer: str, decimals: int | None) -> None:
    found = batch(optimizer, 2, l1=0.01, l2=0.1)
    comparison = compare(found, everything(found, decimals))
    assert comparison.agrees
    assert len(comparison.verdicts) == len(numbers_of(found))


@pytest.mark.parametrize("name", ["a", "dh", "da", "dW", "db", "W_new", "loss", "loss_after", "dx"])
def test_noise_has_no_usual_cause(name: str) -> None:
    found = batch()
    figures = everything(found)
    place = next(place for place in figures if place.name == name)
    true = numbers_of(found)[place]
    figures[place] = written(true + np.random.default_rng(1).normal(0, 0.1, true.shape))
    first = compare(found, figures).differences[0]
    assert (first.place, first.causes) == (place, ())


def test_the_worst_number_is_named_with_its_place() -> None:
    found = batch()
    place = Place(1, 1, "dW")
    wrong = np.array(numbers_of(found)[place])
    wrong[3, 1] += 0.7
    wrong[0, 0] += 0.2
    (first,) = compare(found, {place: written(wrong)}).differences
    assert (first.index, first.mine - first.true) == ((3, 1), pytest.approx(0.7))
    assert compare(found, {place: written(wrong)}).verdicts[0].off == 2


def test_later_figures_that_follow_from_a_mistake_are_no_mistakes() -> None:
    """da⁽²⁾ without the derivative, and all else right from there on."""
    found = batch()
    true = numbers_of(found)
    da2 = true[Place(1, 2, "dh")]
    W2, h1, a1 = (true[Place(1, *rest)] for rest in ((2, "W"), (1, "h"), (1, "a")))
    dh1 = da2 @ W2
    da1 = dh1 * (1 - np.tanh(a1) ** 2)
    figures = {
        Place(1, 2, "dh"): da2,
        Place(1, 2, "da"): da2,
        Place(1, 2, "dW"): da2.T @ h1 / 4,
        Place(1, 1, "dh"): dh1,
        Place(1, 1, "da"): da1,
        Place(1, 1, "dW"): da1.T @ true[Place(1, 0, "x")] / 4,
    }
    comparison = compare(found, {place: written(values) for place, values in figures.items()})
    assert [(d.place, names(d)) for d in comparison.differences] == [(Place(1, 2, "da"), ["no-derivative"])]
    assert list(verdicts(comparison).values()) == ["agrees", "differs", *["follows"] * 4]


def test_two_mistakes_are_two() -> None:
    found = batch()
    true = numbers_of(found)
    figures = {
        Place(1, 0, "loss"): written(true[Place(1, 0, "loss")] / np.log(10)),
        Place(1, 2, "da"): written(true[Place(1, 2, "da")]),
        Place(1, 2, "dW"): written(4 * true[Place(1, 2, "dW")]),
    }
    found_names = [names(difference) for difference in compare(found, figures).differences]
    assert found_names == [["log10"], ["batch-sum", "dW-sum"]]  # without db these cannot be told apart


def test_a_mistake_in_one_layer_is_said_to_be_there_alone() -> None:
    found = batch()
    true = numbers_of(found)
    figures: Mapping[Place, Any] = {
        Place(1, 2, "dh"): true[Place(1, 2, "dh")],
        Place(1, 2, "da"): true[Place(1, 2, "da")],
        Place(1, 1, "da"): true[Place(1, 1, "dh")],  # without f′
    }
    (first,) = compare(found, {place: written(values) for place, values in figures.items()}).differences
    assert names(first) == ["no-derivative"]
    assert "only in layer 1" in first.causes[0].description


def test_a_mistake_runs_through_several_updates() -> None:
    """Without the learning rate at every step: only the loss after the third update is given."""
    found = batch(steps=3)
    before = found.steps[0].layers
    theta = [(np.array(layer.before.W), np.array(layer.before.b)) for layer in before]
    x, y = found.steps[0].x, found.steps[0].y
    for _ in range(3):
        (W1, b1), (W2, b2) = theta
        h = np.tanh(x @ W1.T + b1)
        p = 1 / (1 + np.exp(-(h @ W2.T + b2)))
        da2 = (p - y) / 2
        da1 = da2 @ W2 * (1 - h**2)
        gradients = [(da1.T @ x / 4, da1.mean(axis=0)), (da2.T @ h / 4, da2.mean(axis=0))]
        theta = [(W - dW, b - db) for (W, b), (dW, db) in zip(theta, gradients, strict=True)]
    (W1, b1), (W2, b2) = theta
    p = 1 / (1 + np.exp(-(np.tanh(x @ W1.T + b1) @ W2.T + b2)))
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    (first,) = compare(found, {Place(3, 0, "loss_after"): written(loss)}).differences
    assert names(first) == ["no-rate"]


# ----- Transposed ---------------------------------------------------------------------------------------------------


def test_a_matrix_of_another_shape_is_shown_by_its_shape() -> None:
    place = Place(1, 2, "dW")
    true = numbers_of(lecture())[place]
    (first,) = compare(lecture(), {place: written(true, transposed=True)}).differences
    assert (first.shapes, names(first)) == (((2, 3), (3, 2)), ["transposed"])
    (both,) = compare(lecture(), {place: written(-true, transposed=True)}).differences
    assert "it is transposed, and dŷ has the wrong sign" in both.causes[0].description
    (more,) = compare(
        lecture(), {place: written(true + np.random.default_rng(0).normal(size=true.shape), transposed=True)}
    ).differences
    assert "differ, too" in more.causes[0].description


def test_a_square_matrix_is_shown_by_a_number_that_differs() -> None:
    place = Place(1, 1, "dW")
    true = numbers_of(lecture())[place]
    (first,) = compare(lecture(), {place: written(true.T)}).differences
    assert first.shapes is None
    assert first.index in ((0, 1), (1, 0))
    assert (first.mine, first.true) == (true.T[first.index], true[first.index])


# ----- Zeros --------------------------------------------------------------------------------------------------------


def test_zeros_that_no_rounding_makes_are_left_out() -> None:
    """The lecture's dW⁽²⁾ has −0.6957 in it."""
    place = Place(1, 2, "dW")
    (first,) = compare(lecture(), {place: as_given(np.full((3, 2), "0", dtype=object))}).differences
    assert [cause.description for cause in first.causes] == ["dW is left out"]


def test_zeros_that_rounding_makes_agree() -> None:
    """Mazur's dW⁽¹⁾: 0.0004, 0.0009, 0.0005, 0.001, so that round(…, 2) is 0.0."""
    place = Place(1, 1, "dW")
    assert compare(mazur(), {place: as_given(np.full((2, 2), "0.0", dtype=object))}).agrees
    to_four = as_given(np.full((2, 2), "0.0", dtype=object), style=Style(usual=4))
    assert names(compare(mazur(), {place: to_four}).differences[0]) == ["left-out"]


# ----- Another learning rate ----------------------------------------------------------------------------------------


def descended(found: Trace, rate: float) -> dict[Place, np.ndarray]:
    """θ − ηg of all layers."""
    true = numbers_of(found)
    return {
        Place(1, k, f"{letter}_new"): true[Place(1, k, letter)] - rate * true[Place(1, k, f"d{letter}")]
        for k in (1, 2)
        for letter in ("W", "b")
    }


@pytest.mark.parametrize(("rate", "decimals"), [(0.1, None), (0.1, 4), (0.01, 6), (1.0, 3), (0.25, None)])
def test_another_learning_rate_is_named(rate: float, decimals: int | None) -> None:
    """The lecture's is 0.5."""
    given = {place: written(values, decimals) for place, values in descended(lecture("cce"), rate).items()}
    comparison = compare(lecture("cce"), given)
    assert comparison.differences
    for difference in comparison.differences:
        assert difference.causes[0].name == "other-rate"
        assert difference.causes[0].description == f"the learning rate is {rate:g}, not 0.5"
        assert difference.causes[0].sure


def test_another_learning_rate_is_named_for_adam() -> None:
    """The first step of Adam is η·g/(|g| + ε′), whatever g."""
    found = batch("adam")
    true = numbers_of(found)
    place = Place(1, 2, "W_new")
    step = (true[place] - true[Place(1, 2, "W")]) * 0.003 / 0.1
    (first,) = compare(found, {place: written(true[Place(1, 2, "W")] + step)}).differences
    assert first.causes[0].description == "the learning rate is 0.003, not 0.1"


@pytest.mark.parametrize(("length", "words"), [(0.73218, "0.7322"), (0.2468, "0.2468")])
def test_a_step_of_an_odd_length_is_no_learning_rate(length: float, words: str) -> None:
    """Learning rates that people choose have up to three significant digits; 0.5 · 0.2468 has four."""
    given = {place: written(values) for place, values in descended(lecture("cce"), 0.5 * length).items()}
    (first, *_) = compare(lecture("cce"), given).differences
    assert first.causes[0].description == f"the step is {words} times as long as it should be"


def test_a_single_new_weight_fits_any_rate() -> None:
    place = Place(1, 2, "b_new")
    found = lecture("cce")
    (first,) = compare(found, {place: as_given(np.array(["", "0.1273", ""], dtype=object))}).differences
    assert not any(cause.name == "other-rate" and cause.sure for cause in first.causes)


# ----- What cannot be told apart ------------------------------------------------------------------------------------


def test_slips_that_make_the_same_figures_are_all_named() -> None:
    """New weights alone do not show whether dŷ or the update has the wrong sign."""
    found = lecture("cce")
    place = Place(1, 2, "W_new")
    (first,) = compare(found, {place: written(descended(found, -0.5)[place])}).differences
    assert names(first)[:2] == ["uphill", "gradient-negative"]


def test_what_tells_them_apart_does() -> None:
    found = lecture("cce")
    place, gradient = Place(1, 2, "W_new"), Place(1, 2, "dW")
    right, wrong = numbers_of(found)[gradient], descended(found, -0.5)[place]
    (first,) = compare(found, {gradient: written(right), place: written(wrong)}).differences
    assert names(first) == ["uphill"]
    (first,) = compare(found, {gradient: written(-right), place: written(wrong)}).differences
    assert names(first) == ["gradient-negative"]


def test_one_slip_for_all_wrong_figures_wins_over_different_ones() -> None:
    """f′ is forgotten in the hidden layer: W_new alone could also come of dW with dh, b_new tells that it does not."""
    found = batch()
    true = numbers_of(found)
    rate, x, dh = 0.1, true[Place(1, 0, "x")], true[Place(1, 1, "dh")]
    figures = descended(found, rate)
    figures[Place(1, 1, "W_new")] = true[Place(1, 1, "W")] - rate * dh.T @ x / 4
    figures[Place(1, 1, "b_new")] = true[Place(1, 1, "b")] - rate * dh.mean(axis=0)
    comparison = compare(found, {place: written(values) for place, values in figures.items()})
    assert [(d.place.name, names(d)) for d in comparison.differences] == [
        ("W_new", ["no-derivative"]),
        ("b_new", ["no-derivative"]),
    ]


@pytest.mark.parametrize(
    ("wrong", "words"), [((1, 2), "(in the hidden layers)"), ((1,), "(only in layer 1)"), ((2,), "(only in layer 2)")]
)
def test_a_slip_in_some_hidden_layers_is_said_to_be_there(wrong: tuple[int, ...], words: str) -> None:
    """2-3-3-2, tanh: da = dh in these layers and dh (1 − h²) in the others, da = ŷ − y at the last."""
    network = random_network(2, [3, 3, 2], ["tanh", "tanh", "softmax"], seed=2)
    x, y = np.array([[0.4, -0.7]]), np.array([[0.0, 1.0]])
    found = trace(network, objective_of(LOSSES["cce"]), SGD, 0.1, x, y)
    true = numbers_of(found)
    da = true[Place(1, 3, "h")] - y
    figures = {Place(1, 3, "db"): da[0]}
    for k in (2, 1):
        da = da @ true[Place(1, k + 1, "W")] * (1 if k in wrong else 1 - true[Place(1, k, "h")] ** 2)
        figures[Place(1, k, "db")] = da[0]
    first = compare(found, {place: written(values) for place, values in figures.items()}).differences[0]
    assert names(first) == ["no-derivative"]
    assert first.causes[0].description.endswith(words)


def test_no_update_is_named_alone() -> None:
    """These weights have one decimal, so that tiny gradients would fit as well."""
    place = Place(1, 2, "W_new")
    (first,) = compare(lecture("cce"), {place: written(numbers_of(lecture())[Place(1, 2, "W")], 1)}).differences
    assert names(first) == ["no-update"]


# ----- Slips of the pen ---------------------------------------------------------------------------------------------


def wrong_at_one_place(found: Trace, place: Place, wrong: Any) -> Difference:
    figures = everything(found)
    figures[place] = written(wrong)
    return compare(found, figures).differences[0]


SQUARE = Place(1, 2, "W_new")


def test_slips_of_the_pen_are_named() -> None:
    found = mazur()
    true = numbers_of(found)[SQUARE]
    one_sign = np.array(true)
    one_sign[1, 0] *= -1
    point = np.array(true)
    point[0, 1] *= 10
    for wrong, name in (
        (-true, "sign"),
        (one_sign, "sign"),
        (true.T, "transposed"),
        (true[::-1], "order"),
        (3.7 * true, "constant factor"),
        (point, "decimal point 10"),
    ):
        difference = wrong_at_one_place(found, SQUARE, wrong)
        assert (difference.place, names(difference)) == (SQUARE, [name])


def test_a_wrong_sign_in_one_quantity_is_not_one_in_dy_hat() -> None:
    """With y − ŷ for ŷ − y, db would have the other sign as well."""
    true = numbers_of(mazur())
    figures = {place: written(values, 6) for place, values in true.items() if place.name in ("dW", "db")}
    figures[Place(1, 2, "dW")] = written(-true[Place(1, 2, "dW")], 6)
    (first,) = compare(mazur(), figures).differences
    assert (first.place, names(first)) == (Place(1, 2, "dW"), ["sign"])


FACTORS = [
    ("½", 0.5),
    ("1/outputs", 0.5),
    ("n", 4),
    ("1/n", 0.25),
    ("η", 0.1),
    ("n·outputs", 8),
    ("1/(n·outputs)", 1 / 8),
]
FACTORS += [("ln 10", log(10)), ("1/ln 10", 1 / log(10)), ("ln 2", log(2)), ("1/ln 2", 1 / log(2))]
FACTORS += [("−η", -0.1), ("1/η", 10), ("−1/η", -10)]


@pytest.mark.parametrize(("symbol", "factor"), FACTORS)
def test_factors_are_named_by_what_they_are(symbol: str, factor: float) -> None:
    """In dx, which no formula of the table scales; with 4 samples, 2 outputs and η = 0.1."""
    found = batch()
    place = Place(1, 0, "dx")
    difference = wrong_at_one_place(found, place, factor * numbers_of(found)[place])
    wanted = "½" if factor == 0.5 else symbol  # 1/outputs is ½ here, and the first of the table counts
    assert names(difference) == [f"factor {wanted}"]
    assert wanted in difference.causes[0].description


def test_a_mistake_is_tried_in_ten_updates_up_to_the_wrong_number_and_ten_after_it() -> None:
    found = batch(steps=30)
    case = Case(found, {Place(30, 1, "W_new"): written(numbers_of(found)[Place(30, 1, "W_new")])})
    numbers = case.numbers(Variant(MISTAKES["no-update"], EXACTLY), 15)
    assert {place.step for place in numbers} == {*range(6, 26)}


def test_a_constant_factor_says_how_large_it_is() -> None:
    found = batch()
    place = Place(1, 0, "dx")
    difference = wrong_at_one_place(found, place, 3.2 * numbers_of(found)[place])
    assert "3.2" in difference.causes[0].description


def test_a_single_figure_is_no_multiple() -> None:
    """Every number is some multiple of another, so that says nothing."""
    found = batch()
    place = Place(1, 0, "loss")
    assert wrong_at_one_place(found, place, 3.217 * numbers_of(found)[place]).causes == ()


# ----- How many differences, and what follows -------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [8, 9])
def test_causes_of_up_to_8_differences_are_searched(monkeypatch: pytest.MonkeyPatch, wrong: int) -> None:
    monkeypatch.setattr(comparing, "causes_of", lambda question: ())
    found = batch()
    computed = [place for place in numbers_of(found) if not place.is_given][:wrong]
    given = {place: written(numbers_of(found)[place] + 10 + n) for n, place in enumerate(computed)}
    comparison = compare(found, given)
    assert [verdict.off for verdict in comparison.verdicts] == [verdict.size for verdict in comparison.verdicts]
    assert [difference.place for difference in comparison.differences] == computed[:8]


def line(w: float) -> Trace:
    """One linear unit with x = 1 and b = 0: a is w."""
    network = Network(chain(1, [1], [activation("linear")]), np.array([w, 0.0]))
    return trace(network, objective_of(LOSSES["mse"]), SGD, 0.1, np.ones((1, 1)), np.ones((1, 1)))


@pytest.mark.parametrize(
    ("w", "a", "verdict"),
    [
        ("3.006", "3.02", "follows"),  # 0.014, where three halves of 0.01 are allowed
        ("3.004", "3.02", "differs"),  # 0.016
        ("2", "2.01", "differs"),  # no mistake before it, so half of 0.01 is all
        ("2.004", "2.00", "agrees"),
    ],
)
def test_after_a_mistake_a_number_may_miss_what_follows_by_three_halves(
    monkeypatch: pytest.MonkeyPatch, w: str, a: str, verdict: str
) -> None:
    """w is 2, and a is the w that was written."""
    monkeypatch.setattr(comparing, "causes_of", lambda question: ())
    texts = {Place(1, 1, "W"): w, Place(1, 1, "a"): a}
    comparison = compare(line(2.0), {p: as_given(np.array([[text]], dtype=object)) for p, text in texts.items()})
    assert comparison.verdicts[-1].word == verdict
    assert len(comparison.differences) == (w != "2") + (verdict == "differs")
