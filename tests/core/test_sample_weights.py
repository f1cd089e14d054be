"""Weights of classes and samples: by differences, by repeating samples, by hand, and against scikit-learn."""

from dataclasses import replace
from inspect import signature
from itertools import product

import numpy as np
import pytest
from core_helpers import activation, central_differences, goes_together, random_network, random_targets, samples_of
from numpy.random import default_rng
from sklearn import metrics as sk
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neural_network import MLPClassifier

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import pick
from mlpcli.core.gradient_free import RandomSearch
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain, empty
from mlpcli.core.objective import (
    REDUCTIONS,
    Objective,
    batch_loss,
    changed_objective,
    loss_weights,
    mean_loss,
    objective_of,
    sample_losses,
)
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.outputs import Output
from mlpcli.core.predicting import EpochOutputs, check_weights, evaluate_samples, measure
from mlpcli.core.propagation import backward, forward, output_of
from mlpcli.core.samples import Samples, ShuffledBatches
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS
from mlpcli.core.training import Plan, Run, Training

G = default_rng(5)
N = 12
X = G.normal(size=(N, 3))
WHOLE = G.integers(0, 4, N)  # weights that are numbers of copies, some of them 0
W = G.uniform(0.1, 3, N)
CLASSES = np.arange(N) % 3
ONE_HOT = np.eye(3)[CLASSES]
TASK_OUTPUTS = {
    "regression": ("linear", "mse", G.normal(size=(N, 2))),
    "binary": ("sigmoid", "bce", (CLASSES[:, None] > 0).astype(float)),
    "multiclass": ("softmax", "cce", ONE_HOT),
    "multilabel": ("sigmoid", "bce", (G.random((N, 3)) < 0.5).astype(float)),
}


def weighted(x: Array, y: Array, weights: Array | None) -> Samples:
    return replace(samples_of(x, y), weights=None if weights is None else np.asarray(weights, float))


# ----- The loss and its gradient ------------------------------------------------------------------------------------


def test_loss_by_hand() -> None:
    """ŷ = (0.5, 0.25, 0.8), y = (1, 0, 1), weights (1, 3, 4): L = ln 2, ln 4/3, ln 5/4.

    Σ wL = 0.693147 + 3·0.287682 + 4·0.223144 = 2.448768; Σ w = 8.
    """
    h = np.array([[0.5], [0.25], [0.8]])
    output = Output(activation("sigmoid"), np.log(h / (1 - h)), h)
    y, w = np.array([[1.0], [0.0], [1.0]]), np.array([1.0, 3.0, 4.0])
    mean, total = (objective_of(LOSSES["bce"], batch_reduction=name) for name in REDUCTIONS)
    assert batch_loss(mean, output, y, w) == pytest.approx(2.448768 / 8, abs=1e-6)
    assert batch_loss(total, output, y, w) == pytest.approx(2.448768, abs=1e-6)
    assert mean_loss(total, output, y, w) == pytest.approx(2.448768 / 8, abs=1e-6)
    # class weights 2 for 0 and 0.5 for 1: w = 0.5, 6, 2, and Σ wL = 0.346574 + 1.726092 + 0.446287 = 2.518953
    classes = replace(mean, class_weights=(2.0, 0.5))
    assert batch_loss(classes, output, y, w) == pytest.approx(2.518953 / 8.5, abs=1e-6)


def test_the_class_of_a_target() -> None:
    objective = Objective(LOSSES["mse"], "mean", class_weights=(2.0, 5.0))
    for name, y in (("tanh", [[-1.0], [1.0]]), ("sigmoid", [[0.0], [1.0]])):
        assert loss_weights(objective, activation(name), np.array(y), None).tolist() == [2.0, 5.0]  # type: ignore[union-attr]
    shares = np.array([[0.2, 0.8], [0.7, 0.3]])
    found = loss_weights(objective, activation("softmax"), shares, np.array([10.0, 100.0]))
    assert found is not None
    assert found.tolist() == [50.0, 200.0]
    assert loss_weights(Objective(LOSSES["mse"], "mean"), activation("tanh"), shares, None) is None


PAIRS = [(name, loss) for name in ("linear", "sigmoid", "softmax", "tanh") for loss in LOSSES]


@pytest.mark.parametrize(("name", "loss"), [pair for pair in PAIRS if goes_together(pair[1], pair[0])])
@pytest.mark.parametrize("classes", [None, (0.5, 2.0, 0.0)])
def test_gradient_is_that_of_differences(name: str, loss: str, classes: tuple[float, ...] | None) -> None:
    for k, (outputs, batch) in enumerate(product(REDUCTIONS, REDUCTIONS)):
        row = LOSSES[loss]
        network = random_network(3, [4, 3], ["prelu", name], seed=k)
        objective = objective_of(row, output_reduction=outputs, batch_reduction=batch, l2=0.05)
        objective = replace(objective, class_weights=classes)
        y = random_targets(row, N, 3, [k, 9])
        w = W * (1 if classes is None else np.array(classes)[np.argmax(y, axis=1)])

        def value(theta: Array) -> float:
            """Σ wL / Σ w + λΩ."""
            moved = network.with_theta(theta)  # noqa: B023
            losses = sample_losses(objective, output_of(moved, forward(moved, X)), y)  # noqa: B023
            total = np.dot(w, losses) / (w.sum() if batch == "mean" else 1)  # noqa: B023
            return float(total + 0.025 * sum((p.W**2).sum() for p in moved.parameters))

        found = backward(network, forward(network, X), objective, y, weights=W).dtheta
        np.testing.assert_allclose(found, central_differences(value, network.theta), rtol=2e-5, atol=2e-8)


@pytest.mark.parametrize("batch", REDUCTIONS)
def test_whole_weights_are_copies_of_samples(batch: str) -> None:
    network = random_network(3, [4, 3], ["tanh", "softmax"])
    objective = objective_of(LOSSES["cce"], batch_reduction=batch)
    x, y = np.repeat(X, WHOLE, axis=0), np.repeat(ONE_HOT, WHOLE, axis=0)
    copies, once = (backward(network, forward(network, a), objective, b, weights=w).dtheta
                    for a, b, w in ((x, y, None), (X, ONE_HOT, WHOLE.astype(float))))  # fmt: skip
    np.testing.assert_allclose(once, copies, rtol=1e-12, atol=1e-15)


def test_keras_divides_by_the_number_of_samples() -> None:
    """Its loss, Σ wL / n, is Σw/n times ours; as a sum with the learning rate η/n, the step is the same."""
    network = random_network(3, [4, 3], ["tanh", "softmax"])
    passed = forward(network, X)
    keras = float(np.mean(W * -np.log((passed.y_hat * ONE_HOT).sum(axis=1))))
    mean, total = (objective_of(LOSSES["cce"], batch_reduction=name) for name in REDUCTIONS)
    output = output_of(network, passed)
    assert batch_loss(mean, output, ONE_HOT, W) * W.sum() / N == pytest.approx(keras, rel=1e-12)
    assert batch_loss(total, output, ONE_HOT, W) / N == pytest.approx(keras, rel=1e-12)


def test_a_batch_without_weight_moves_nothing() -> None:
    network = random_network(3, [4, 3], ["tanh", "softmax"])
    passed, objective = forward(network, X), objective_of(LOSSES["cce"])
    assert not backward(network, passed, objective, ONE_HOT, weights=np.zeros(N)).dtheta.any()
    assert batch_loss(objective, output_of(network, passed), ONE_HOT, np.zeros(N)) == 0


def test_another_loss_keeps_the_class_weights() -> None:
    objective = replace(objective_of(LOSSES["cce"]), class_weights=(1.0, 2.0))
    assert changed_objective(objective, "mse", {}).class_weights == (1.0, 2.0)


# ----- Training -----------------------------------------------------------------------------------------------------


def plan(name: str, rate: float, epochs: int, batch: int = 1000) -> Plan:
    return Plan(pick(OPTIMIZERS, name, "optimizer"), rate, SCHEDULES["constant"], epochs, batch)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.skipif("sample_weight" not in signature(MLPClassifier.fit).parameters, reason="scikit-learn before 1.7")
@pytest.mark.parametrize("by_class", [False, True])
def test_training_is_scikit_learns(by_class: bool) -> None:
    """MLPClassifier takes `sample_weight` since 1.7; all samples are one batch, since the orders differ."""
    network = random_network(3, [4, 3], ["tanh", "softmax"], seed=3)
    w = np.array([0.5, 1.0, 4.0])[CLASSES] if by_class else W
    theirs = MLPClassifier(
        (4,), "tanh", solver="sgd", alpha=0, batch_size=N, learning_rate_init=0.3, momentum=0, warm_start=True,
        max_iter=1, shuffle=False, n_iter_no_change=1000,
    )  # fmt: skip
    theirs.fit(X, CLASSES)
    (W1, b1, _), (W2, b2, _) = network.parameters
    theirs.coefs_, theirs.intercepts_ = [W1.T.copy(), W2.T.copy()], [b1.copy(), b2.copy()]
    losses = []
    for _ in range(5):
        theirs.fit(X, CLASSES, sample_weight=w)
        losses.append(theirs.loss_)
    objective = replace(objective_of(LOSSES["cce"]), class_weights=(0.5, 1.0, 4.0) if by_class else None)
    samples = weighted(X, ONE_HOT, None if by_class else W)
    epochs = list(
        Training(
            Run(network, objective, TASKS["multiclass"], samples, samples, plan("sgd", 0.3, 5), default_rng(1))
        ).epochs()
    )
    np.testing.assert_allclose([epoch.loss for epoch in epochs], losses, rtol=1e-10)
    np.testing.assert_allclose(W1.T, theirs.coefs_[0], rtol=1e-9)
    np.testing.assert_allclose(b2, theirs.intercepts_[1], rtol=1e-9)
    expected = sk.log_loss(CLASSES, theirs.predict_proba(X), sample_weight=w)
    assert epochs[-1].validation_loss == pytest.approx(expected, rel=1e-9)
    assert epochs[-1].validation_metric == pytest.approx(theirs.score(X, CLASSES, None if by_class else W))


def test_batches_have_the_weights_of_their_samples() -> None:
    samples = weighted(X, ONE_HOT, X[:, 0])
    for x, _, w in ShuffledBatches(samples, 5, np.float64).blocks(default_rng(1)):
        assert w is not None
        assert np.array_equal(x[:, 0], w)


def test_the_loss_of_an_epoch_is_the_weighted_mean_over_its_batches() -> None:
    """With a learning rate near 0, the network stays as it is."""
    network = random_network(3, [4, 3], ["tanh", "softmax"])
    objective, samples = objective_of(LOSSES["cce"]), weighted(X, ONE_HOT, W)
    (epoch,) = Training(
        Run(network, objective, TASKS["multiclass"], samples, None, plan("sgd", 1e-300, 1, batch=5), default_rng(1))
    ).epochs()
    y_hat = forward(network, X).y_hat
    assert epoch.loss == pytest.approx(np.average(-np.log((y_hat * ONE_HOT).sum(axis=1)), weights=W), rel=1e-12)
    assert epoch.metric == pytest.approx(np.average(y_hat.argmax(axis=1) == CLASSES, weights=W), rel=1e-12)
    assert (epoch.loss, epoch.metric) == pytest.approx(measure(network, objective, TASKS["multiclass"], samples))


def test_an_infinite_loss_is_found_in_its_batch() -> None:
    network = random_network(3, [2], ["linear"])
    outputs = EpochOutputs(network, objective_of(LOSSES["mse"]), TASKS["regression"], 4, np.array(1.0))
    outputs.expect(np.zeros((4, 2)), np.ones(4))
    a = np.array([[1.0, 1], [1, 1], [1, 1e200], [1, 1]])
    with np.errstate(over="ignore"):
        outputs.add(a, a)
        assert outputs.first_batch_too_large(2) == 2


@pytest.mark.parametrize(
    ("rows", "size", "batch"),
    [
        ([1.0, 1, 1, 1, 1e200], 2, 3),
        ([1.0, 1e200, 1, 1e200, 1], 2, 1),
        ([1.0, 1, 1e200, 1, 1], 5, 1),
        ([1.0] * 5, 2, None),
    ],
)
@pytest.mark.parametrize("weights", [None, [1.0, 2, 3, 4, 5], [1.0, 2, 0, 4, 5]], ids=str)
def test_the_batch_with_an_infinite_loss_is_counted_from_1(
    rows: list[float], size: int, batch: int | None, weights: list[float] | None
) -> None:
    """Also in the last batch, which has the rest. (10²⁰⁰)² is infinite, and no number if its weight is 0."""
    network = random_network(3, [1], ["linear"])
    outputs = EpochOutputs(network, objective_of(LOSSES["mse"]), TASKS["regression"], 5, np.array(1.0))
    outputs.expect(np.zeros((5, 1)), None if weights is None else np.array(weights))
    a = np.array(rows)[:, None]
    with np.errstate(all="ignore"):
        outputs.add(a, a)
        assert outputs.first_batch_too_large(size) == batch


@pytest.mark.parametrize("task", TASKS)
def test_batches_of_weight_0_have_no_loss_and_no_metric_yet(task: str) -> None:
    """A progress bar shows both from the first batch on."""
    name, loss, y = TASK_OUTPUTS[task]
    outputs = EpochOutputs(
        random_network(3, [y.shape[1]], [name]), objective_of(LOSSES[loss]), TASKS[task], N, np.array(1.0)
    )
    outputs.expect(y[:2], np.zeros(2))
    outputs.add(1 - y[:2], 1 - y[:2])
    assert outputs.summary() == (0, 0)


def test_normal_equations_are_weighted_least_squares() -> None:
    y = TASK_OUTPUTS["regression"][2]
    for l2 in (0.0, 0.3):
        network, objective = random_network(3, [2], ["linear"]), objective_of(LOSSES["mse"], l2=l2)
        samples, once = weighted(X, y, W), plan("normal-equations", 1, 1)
        list(Training(Run(network, objective, TASKS["regression"], samples, None, once, default_rng(1))).epochs())
        # J = Σ w ‖ŷ − y‖²/2 / Σ w + l2/2 ‖W‖² is Ridge's Σ w ‖ŷ − y‖² + α‖W‖², times 1/(2Σ w), with α = l2 Σ w
        theirs = Ridge(l2 * W.sum()) if l2 else LinearRegression()
        theirs.fit(X, y, sample_weight=W)
        np.testing.assert_allclose(network.parameters[0].W, theirs.coef_, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(network.parameters[0].b, theirs.intercept_, rtol=1e-9, atol=1e-12)


def test_random_search_lowers_the_weighted_loss() -> None:
    network = random_network(3, [3], ["softmax"])
    objective = objective_of(LOSSES["cce"])
    search = RandomSearch(network, objective, {"tries": 3}, default_rng(1))
    tries = list(search.tries(X, ONE_HOT, 0.1, W))
    y_hat = forward(network, X).y_hat
    expected = np.average(-np.log((y_hat * ONE_HOT).sum(axis=1)), weights=W)
    assert [made.after for made in tries if made.kept][-1] == pytest.approx(expected, rel=1e-12)


# ----- Metrics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_metrics_count_a_sample_as_often_as_its_weight_says(task: str) -> None:
    name, loss, y = TASK_OUTPUTS[task]
    outputs = y.shape[1]
    network = empty(chain(3, [outputs], [activation(name)]), np.float64)
    network.theta[...] = default_rng(2).normal(size=network.theta.size)
    names = tuple("abc"[: max(2, outputs)])
    sets = weighted(X, y, WHOLE), weighted(np.repeat(X, WHOLE, axis=0), np.repeat(y, WHOLE, axis=0), None)
    once, copies = (evaluate_samples(network, objective_of(LOSSES[loss]), TASKS[task], s, names) for s in sets)
    assert once.loss == pytest.approx(copies.loss, rel=1e-12)
    assert once.metrics == pytest.approx(copies.metrics, rel=1e-12)
    for one, other in zip(once.classes, copies.classes, strict=True):
        assert (one.precision, one.recall, one.f1) == pytest.approx((other.precision, other.recall, other.f1))
    if once.confusion is not None:
        assert once.confusion.sum() == N
    assert [report.support for report in once.classes] == (
        [] if task == "regression" else y.sum(axis=0).tolist() if outputs > 1 else [4, 8]
    )


def test_metrics_are_those_of_scikit_learn() -> None:
    network = random_network(3, [4, 3], ["tanh", "softmax"], seed=8)
    found = evaluate_samples(
        network, objective_of(LOSSES["cce"]), TASKS["multiclass"], weighted(X, ONE_HOT, W), ("a", "b", "c")
    )
    y_hat = forward(network, X).y_hat
    predicted = y_hat.argmax(axis=1)
    precision, recall, f1, _ = sk.precision_recall_fscore_support(
        CLASSES, predicted, average="macro", sample_weight=W, zero_division=0
    )
    accuracy = sk.accuracy_score(CLASSES, predicted, sample_weight=W)
    expected = {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1}
    assert found.metrics == pytest.approx(expected, rel=1e-12)
    assert found.loss == pytest.approx(sk.log_loss(CLASSES, y_hat, sample_weight=W), rel=1e-12)
    y, line = TASK_OUTPUTS["regression"][2], random_network(3, [2], ["linear"])
    other = evaluate_samples(line, objective_of(LOSSES["mse"]), TASKS["regression"], weighted(X, y, W), ("p", "q"))
    y_hat = forward(line, X).y_hat
    assert other.metrics["mae"] == pytest.approx(sk.mean_absolute_error(y, y_hat, sample_weight=W), rel=1e-12)
    assert other.loss == pytest.approx(sk.mean_squared_error(y, y_hat, sample_weight=W), rel=1e-12)
    assert other.metrics["rmse"] == pytest.approx(other.loss**0.5, rel=1e-12)
    assert other.metrics["r2"] == pytest.approx(sk.r2_score(y, y_hat, sample_weight=W), rel=1e-12)


def test_class_weights_are_in_the_loss_and_not_in_the_metrics() -> None:
    network, samples = random_network(3, [4, 3], ["tanh", "softmax"], seed=8), samples_of(X, ONE_HOT)
    plain = objective_of(LOSSES["cce"])
    objective, names = replace(plain, class_weights=(0.5, 1.0, 4.0)), ("a", "b", "c")
    found, without = (evaluate_samples(network, o, TASKS["multiclass"], samples, names) for o in (objective, plain))
    w = np.array([0.5, 1.0, 4.0])[CLASSES]
    assert found.loss == pytest.approx(sk.log_loss(CLASSES, forward(network, X).y_hat, sample_weight=w), rel=1e-12)
    assert found.metrics == without.metrics


def test_samples_without_any_weight_have_no_loss() -> None:
    network, samples = random_network(3, [4, 3], ["tanh", "softmax"]), weighted(X, ONE_HOT, np.zeros(N))
    with pytest.raises(MlpError, match=r"^all 12 samples have weight 0; change the weights or the split$"):
        evaluate_samples(network, objective_of(LOSSES["cce"]), TASKS["multiclass"], samples, ("a", "b", "c"))


def test_a_part_without_any_weight_is_named() -> None:
    """Weights of classes count too: here only the second class has one, and no sample of it is in the part."""
    network = random_network(3, [4, 3], ["tanh", "softmax"])
    objective = objective_of(LOSSES["cce"], class_weights=(0.0, 1.0, 0.0))
    with pytest.raises(MlpError, match=r"^all 2 samples held out have weight 0; change the weights or the split$"):
        check_weights(network, objective, weighted(X[:2], np.eye(3)[[0, 2]], np.ones(2)), " held out")
    check_weights(network, objective, weighted(X[:2], np.eye(3)[[0, 1]], np.ones(2)))
    check_weights(network, objective_of(LOSSES["cce"]), weighted(X[:2], np.eye(3)[[0, 2]], np.array([0.0, 0.1])))
