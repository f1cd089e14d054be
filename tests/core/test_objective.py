"""The objective: both reductions and the regulariser written out as loops, and what a loss refuses."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from core_helpers import activation, goes_together, output_from, random_network, random_targets
from sklearn.utils.class_weight import compute_class_weight

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.core.network import chain
from mlpcli.core.objective import (
    REDUCTIONS,
    Objective,
    add_penalty_gradient,
    balanced_weights,
    batch_loss,
    changed_objective,
    check_pair,
    objective_of,
    penalty,
    sample_losses,
)

BOTH_REDUCTIONS = list(product(REDUCTIONS, REDUCTIONS))
A = np.random.default_rng(0).normal(size=(5, 3))


def reduced(numbers: list[float], how: str) -> float:
    return sum(numbers) / len(numbers) if how == "mean" else sum(numbers)


@pytest.mark.parametrize(("outputs", "batch"), BOTH_REDUCTIONS)
@pytest.mark.parametrize("name", LOSSES)
def test_loss_is_reduced_over_outputs_and_over_samples(name: str, outputs: str, batch: str) -> None:
    objective = objective_of(LOSSES[name], output_reduction=outputs, batch_reduction=batch)
    output, y = output_from("softmax", A), random_targets(LOSSES[name], 5, 3, seed=1)
    terms = LOSSES[name].terms(output, y).tolist()
    samples = [reduced(row, outputs) for row in terms]
    np.testing.assert_allclose(sample_losses(objective, output, y), samples, rtol=1e-13)
    assert batch_loss(objective, output, y) == pytest.approx(reduced(samples, batch), rel=1e-13)


def test_each_loss_has_the_reduction_of_its_convention() -> None:
    """The mean over outputs as in Keras, or the sum as in textbooks."""
    found = {name: row.output_reduction for name, row in LOSSES.items()}
    assert {name for name, how in found.items() if how == "mean"} == {"mse", "mae", "bce"}
    assert {name for name, how in found.items() if how == "sum"} == {"cce", "kl", "hinge", "ce-negatives", "half-sse"}
    for name, row in LOSSES.items():
        assert objective_of(row).output_reduction == found[name]
        assert objective_of(row).batch_reduction == "mean"


def test_settings_that_are_none_leave_the_convention() -> None:
    assert objective_of(LOSSES["cce"], output_reduction=None, l1=None) == objective_of(LOSSES["cce"])
    assert objective_of(LOSSES["cce"], output_reduction="mean", l2=0.5) == Objective(LOSSES["cce"], "mean", l2=0.5)


def regulariser(parts: list[Array], l1: float, l2: float) -> float:
    return sum(0.5 * l2 * w**2 + l1 * abs(w) for part in parts for w in part.ravel().tolist())


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.1, 0.0), (0.0, 0.3), (0.1, 0.3)])
def test_penalty_is_half_the_squares_and_the_absolute_values(l1: float, l2: float, biases: bool) -> None:
    """Of the weights, of the biases only when asked, of learned slopes never."""
    network = random_network(2, [3, 2], ["prelu", "linear"])
    objective = objective_of(LOSSES["mse"], l1=l1, l2=l2, regularize_bias=biases)
    parts = [part for p in network.parameters for part in ((p.W, p.b) if biases else (p.W,))]
    assert penalty(objective, network) == pytest.approx(regulariser(parts, l1, l2), rel=1e-13)
    assert objective.regularized == (l1 + l2 > 0)


def test_penalty_gradient_by_hand() -> None:
    # 0.5·w + 0.1·sign(w), added to what is there; sign(0) = 0
    for l1, l2, expected in (
        (0.1, 0.5, [2.1, -1.1, 1.0]),
        (0.1, 0.0, [1.1, 0.9, 1.0]),
        (0.0, 0.5, [2.0, -1.0, 1.0]),
        (0.0, 0.0, [1.0, 1.0, 1.0]),
    ):
        gradient = np.array([1.0, 1.0, 1.0])
        add_penalty_gradient(objective_of(LOSSES["mse"], l1=l1, l2=l2), np.array([2.0, -4.0, 0.0]), gradient)
        np.testing.assert_allclose(gradient, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("l1", -0.1),
        ("l2", -1e-9),
        ("l1", np.nan),
        ("l2", np.inf),
        ("output_reduction", "max"),
        ("batch_reduction", "none"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting: str, value: object) -> None:
    with pytest.raises(ChoiceError, match=setting.replace("_", " ")):
        objective_of(LOSSES["mse"], **{setting: value})


def test_only_losses_of_probabilities_are_choosy() -> None:
    """A logarithm needs outputs between 0 and 1, which sigmoid and softmax give and no other activation."""
    for name, loss in product(ACTIVATIONS, LOSSES):
        probabilities = name in ("sigmoid", "softmax")
        assert goes_together(loss, name) == (probabilities or loss not in ("bce", "cce", "kl", "ce-negatives"))


@pytest.mark.parametrize("loss", [LOSSES["hinge"], replace(LOSSES["hinge"], name="margin")], ids=["hinge", "margin"])
def test_a_loss_of_one_right_class_needs_two(loss: Loss) -> None:
    with pytest.raises(
        ChoiceError, match=f"^{loss.name} compares .* two outputs; for one output use bce with sigmoid$"
    ):
        check_pair(objective_of(loss), chain(2, [1], [activation("linear")]))
    check_pair(objective_of(loss), chain(2, [2], [activation("linear")]))
    check_pair(objective_of(LOSSES["bce"]), chain(2, [1], [activation("sigmoid")]))


@pytest.mark.parametrize(("units", "advised"), [(1, "sigmoid"), (2, "softmax"), (3, "softmax")])
def test_refusal_says_what_to_use(units: int, advised: str) -> None:
    relu, cce = activation("relu"), objective_of(LOSSES["cce"])
    with pytest.raises(ChoiceError, match=rf"cce takes the logarithm.*use {advised} instead of relu, or the loss mse$"):
        check_pair(cce, chain(2, [units], [relu]))
    check_pair(cce, chain(2, [units], [activation(advised)]))
    check_pair(objective_of(LOSSES["mse"]), chain(2, [units], [relu]))


def test_a_changed_objective_keeps_what_was_not_changed() -> None:
    old = objective_of(LOSSES["cce"], output_reduction="mean", batch_reduction="sum", l1=0.5, regularize_bias=True)
    assert changed_objective(old, None, {}) == old
    assert changed_objective(old, "cce", {"l1": 0.25}) == replace(old, l1=0.25)
    other = changed_objective(old, "half-sse", {"l2": 2.0})
    assert (other.loss.name, other.output_reduction, other.batch_reduction) == ("half-sse", "sum", "sum")
    assert (other.l1, other.l2, other.regularize_bias) == (0.5, 2.0, True)
    with pytest.raises(ChoiceError, match="unknown loss"):
        changed_objective(old, "no loss", {})


def test_what_is_refused_is_named_with_its_value() -> None:
    for settings, told in (
        ({"output_reduction": "m" * 41}, f"output reduction is mean or sum, not '{'m' * 40}'"),
        ({"batch_reduction": "max"}, "batch reduction is mean or sum, not 'max'"),
        ({"l2": -0.25}, "l2 must be 0 or more and finite, not -0.25"),
    ):
        with pytest.raises(ChoiceError) as caught:
            objective_of(LOSSES["mse"], **settings)
        assert str(caught.value) == told


def test_the_factor_of_a_term_is_that_of_its_sample_times_that_of_its_batch() -> None:
    """Of 5 outputs and weights that sum to 4; weights that are all 0 leave J at 0."""
    for outputs, batch, factors in (
        ("mean", "mean", (1 / 20, 1 / 5)),
        ("mean", "sum", (1 / 5, 1 / 5)),
        ("sum", "mean", (1 / 4, 1)),
        ("sum", "sum", (1, 1)),
    ):
        objective = objective_of(LOSSES["mse"], output_reduction=outputs, batch_reduction=batch)
        assert (objective.factor(4, 5), objective.factor(0, 5)) == pytest.approx(factors)


@pytest.mark.parametrize("counts", [[6, 2, 4], [1, 1], [7], [6, 0, 2, 4], [0, 0, 3]])
def test_balanced_weights_are_those_of_scikit_learn_for_the_classes_that_have_samples(counts: list[int]) -> None:
    """Of 6, 2 and 4 samples, 12/(3·6), 12/(3·2) and 12/(3·4); a class without any has 1, whatever the others."""
    labels = np.repeat(np.arange(len(counts)), counts)
    there = np.unique(labels)
    expected = np.ones(len(counts))
    expected[there] = compute_class_weight("balanced", classes=there, y=labels)
    np.testing.assert_allclose(balanced_weights(np.array(counts)), expected, rtol=1e-14)
