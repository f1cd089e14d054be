"""A trace of samples with weights: the numbers by NumPy from the formula J = Σ wL / Σ w, and what is shown of them."""

import re
from dataclasses import replace

import numpy as np
import pytest
from report_helpers import evaluated_pieces, evaluated_sum

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, count
from mlpcli.core.objective import Objective, objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.check import check_gradient
from mlpcli.derivation.hand_calculation import hand_calculation
from mlpcli.derivation.paper import explained, paper
from mlpcli.derivation.quantities import EVERYTHING, View
from mlpcli.derivation.report import trace_report
from mlpcli.derivation.trace import Trace, trace
from mlpcli.report.sheet import Formula

G = np.random.default_rng(3)
X, CLASSES, W = G.normal(size=(3, 2)), np.array([0, 2, 1]), np.array([0.5, 3, 1.5])
Y = np.eye(3)[CLASSES]
LAYERS = chain(2, [4, 3], [ACTIVATIONS["tanh"], ACTIVATIONS["softmax"]])
NETWORK = Network(LAYERS, G.normal(size=count(LAYERS)))
SGD = OPTIMIZERS["sgd"]


def traced(weights: object = W, x: np.ndarray = X, y: np.ndarray = Y, **settings: object) -> Trace:
    objective = objective_of(LOSSES["cce"], **settings)
    own = None if weights is None else np.asarray(weights, float)
    return trace(NETWORK, objective, SGD, 0.5, x, y, weights=own)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_numbers_by_numpy(reduction: str) -> None:
    found = traced(batch_reduction=reduction)
    step, (W1, b1, _), (W2, b2, _) = found.steps[0], *NETWORK.parameters
    h = np.tanh(X @ W1.T + b1)
    e = np.exp(h @ W2.T + b2)
    y_hat = e / e.sum(axis=1, keepdims=True)
    omega = W / 5 if reduction == "mean" else W  # 0.5 + 3 + 1.5 = 5
    assert found.factors is not None
    np.testing.assert_allclose(found.factors, omega, rtol=1e-15)
    assert step.loss == pytest.approx(omega @ -np.log((y_hat * Y).sum(axis=1)), rel=1e-12)
    da = y_hat - Y  # of each sample's own loss
    np.testing.assert_allclose(step.layers[1].da, da, rtol=1e-10)
    np.testing.assert_allclose(step.layers[1].d.W, (omega[:, None] * da).T @ h, rtol=1e-10)
    np.testing.assert_allclose(step.layers[0].d.b, omega @ (da @ W2 * (1 - h**2)), rtol=1e-10)
    np.testing.assert_allclose(step.layers[1].after.b, b2 - 0.5 * omega @ da, rtol=1e-10)


def test_class_weights_are_weights_of_their_samples() -> None:
    objective = replace(objective_of(LOSSES["cce"]), class_weights=(2.0, 1.0, 0.25))
    by_class = trace(NETWORK, objective, SGD, 0.5, X, Y)
    by_sample = traced([2.0, 0.25, 1.0])
    np.testing.assert_array_equal(by_class.network.theta, by_sample.network.theta)
    assert by_class.steps[0].loss == by_sample.steps[0].loss


def test_the_check_finds_weights_that_were_forgotten() -> None:
    found, objective = traced(l2=0.1), objective_of(LOSSES["cce"], l2=0.1)
    for gradient_of, right in ((found, True), (traced(None, l2=0.1), False)):
        gradient = np.concatenate([np.ravel(p) for layer in gradient_of.steps[0].layers for p in layer.d[:2]])
        checked = check_gradient(gradient, NETWORK, objective, X, Y, found.factors)
        assert all(element.right for element in checked) is right


@pytest.mark.parametrize(("samples", "settings"), [(3, {}), (3, {"batch_reduction": "sum", "l2": 0.1}),
                                                   (1, {"batch_reduction": "sum"})])  # fmt: skip
def test_every_sum_gives_its_value(samples: int, settings: dict[str, object]) -> None:
    found = traced(W[:samples], X[:samples], Y[:samples], **settings)
    rows = {str(name): (str(text), value) for name, text, value in explained(found, 0).rows}
    for name, (text, value) in rows.items():
        assert evaluated_sum(text) == pytest.approx(value, rel=1e-3, abs=1e-5), name
    first = "0.5·" if settings else "0.1·"
    assert all(rows[name][0].startswith(first) for name in ("L", "dw₁₁⁽²⁾", "db₁⁽¹⁾"))


def test_one_sample_with_a_mean_has_no_factor() -> None:
    found = traced(W[:1], X[:1], Y[:1])
    assert found.factors is None
    assert found.steps[0].loss == traced(None, X[:1], Y[:1]).steps[0].loss


@pytest.mark.parametrize("merged", [False, True])
def test_formulas_have_the_factor(merged: bool) -> None:
    sections = paper(traced(), EVERYTHING._replace(merged=merged))
    formulas = {f.symbol: f for section in sections for f in section.blocks if isinstance(f, Formula)}
    assert [formulas[f"ω[{n}]"].value.item() for n in (1, 2, 3)] == pytest.approx([0.1, 0.6, 0.3])
    assert formulas["L"].formula == "Σₛ ω[s] L[s]"
    assert formulas["dW̃⁽²⁾" if merged else "dW⁽²⁾"].formula.startswith("Σₛ ω[s] da⁽²⁾[s] h")
    numbers = [piece for piece in formulas["L"].inserted if not isinstance(piece, str)]
    assert np.dot(np.ravel(numbers[::2]), np.ravel(numbers[1::2])) == pytest.approx(formulas["L"].value.item())


def test_tables_and_the_document_have_the_factors() -> None:
    report = trace_report(traced(), View())
    given = {str(row[0]): row[1] for row in report.sheets[0].rows}
    assert (given["ω[1]"], given["ω[2]"], given["ω[3]"]) == ("0.1", "0.6", "0.3")
    assert given["loss"] == "cce, sum over 3 outputs, weighted mean over 3 samples, ω = w/Σw"
    assert report.document["steps"][0]["sample_factors"] == pytest.approx([0.1, 0.6, 0.3])
    assert any(re.search(r"dW⁽²⁾ = Σₛ ω\[s\] da", sheet.title) for sheet in report.sheets)


def test_a_hand_calculation_keeps_the_factors() -> None:
    true = traced()
    by_hand = hand_calculation(true, "exact", 6)
    assert by_hand.steps[0].loss == pytest.approx(true.steps[0].loss, abs=1e-5)
    np.testing.assert_allclose(by_hand.network.theta, true.network.theta, atol=1e-5)


def test_an_objective_without_weights_has_no_factors() -> None:
    assert traced(None).factors is None
    assert Objective(LOSSES["mse"], "mean").class_weights is None


@pytest.mark.parametrize(("reduction", "factor"), [("mean", 1 / 3), ("sum", 1)])
def test_without_weights_each_sample_counts_alike(reduction: str, factor: float) -> None:
    found = traced(None, batch_reduction=reduction)
    assert found.factors is None
    assert found.sample_factors == pytest.approx([factor] * 3)
    assert traced(batch_reduction="sum").sample_factors.tolist() == W.tolist()


@pytest.mark.parametrize(
    ("found", "signs"),
    [(traced(), "# · # + # · # + # · #"), (traced([3.0], X[:1], Y[:1], batch_reduction="sum"), "# · ( # + # + # )")],
)
def test_each_loss_is_put_in_with_its_factor(found: Trace, signs: str) -> None:
    (L,) = (block for s in paper(found) for block in s.blocks if isinstance(block, Formula) and block.symbol == "L")
    assert " ".join(piece if isinstance(piece, str) else "#" for piece in L.inserted) == signs
    np.testing.assert_allclose(evaluated_pieces(L.inserted), L.value, rtol=1e-12)
