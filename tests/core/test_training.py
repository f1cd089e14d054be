"""The training loop: against a plain NumPy loop, the same bits for a seed, patience, divergence, prediction."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from core_helpers import XOR_X, XOR_Y, objective_value, random_network, random_targets, samples_of
from numpy.random import default_rng
from sklearn import metrics as sk

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, cast
from mlpcli.core.objective import Objective, batch_loss, objective_of, penalty
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.predicting import BLOCK_SIZES, evaluate_samples, measure, predict, stable_block
from mlpcli.core.propagation import forward, output_of
from mlpcli.core.samples import Samples, Scaling, ShuffledBatches, unscaled
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS, headline
from mlpcli.core.training import Diverged, Plan, Run, Training
from mlpcli.core.training_records import Epoch

G = default_rng(0)
CLASSES = samples_of(G.normal(size=(22, 3)), np.eye(3)[G.integers(0, 3, 22)])
NUMBERS = samples_of(G.normal(size=(22, 3)), G.normal(size=(22, 2)))
XOR = samples_of(XOR_X, XOR_Y)


def plan_of(text: str, rate: float, epochs: int, batch: int = 1000, schedule: str = "constant", **more: object) -> Plan:
    optimizer, row = pick(OPTIMIZERS, text, "optimizer"), pick(SCHEDULES, schedule, "schedule")
    return Plan(optimizer, rate, row, epochs, batch, **more)  # type: ignore[arg-type]


def fit(
    network: Network,
    task: str,
    loss: str | Objective,
    samples: Samples,
    plan: Plan,
    validation: Samples | None = None,
    seed: int = 7,
    after: Callable[[Epoch], None] = lambda epoch: None,
) -> list[Epoch]:
    """Trains to the end and calls `after` at each epoch."""
    objective = objective_of(LOSSES[loss]) if isinstance(loss, str) else loss
    epochs = []
    for epoch in Training(Run(network, objective, TASKS[task], samples, validation, plan, default_rng(seed))).epochs():
        epochs.append(epoch)
        after(epoch)
    return epochs


# ----- It learns ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "rate"), [("adam", 0.05), ("sgd", 0.5), ("momentum", 0.1), ("rmsprop", 0.02)])
def test_xor_is_learned(text: str, rate: float) -> None:
    network = random_network(2, [6, 1], ["tanh", "sigmoid"], seed=1)
    epochs = fit(network, "binary", "bce", XOR, plan_of(text, rate, 800))
    assert epochs[-1].loss < 0.1
    assert epochs[-1].metric == 1
    y_hat = predict(network, XOR_X, unscaled())[1]
    assert ((y_hat > 0.5) == (XOR_Y == 1)).all()


def readable_epoch(parts: list[Array], batches: list[tuple[Array, Array]], eta: float, l2: float) -> list[float]:
    """One epoch of SGD for tanh and softmax with cross-entropy, as in a textbook; gives the loss of each sample."""
    W1, b1, W2, b2 = parts
    losses: list[float] = []
    for x, y in batches:
        h1 = np.tanh(x @ W1.T + b1)
        e = np.exp(h1 @ W2.T + b2)
        y_hat = e / e.sum(axis=1, keepdims=True)
        losses += (-np.log((y * y_hat).sum(axis=1))).tolist()
        da2 = (y_hat - y) / len(x)
        da1 = da2 @ W2 * (1 - h1**2)
        W2 -= eta * (da2.T @ h1 + l2 * W2)
        b2 -= eta * da2.sum(axis=0)
        W1 -= eta * (da1.T @ x + l2 * W1)
        b1 -= eta * da1.sum(axis=0)
    return losses


@pytest.mark.parametrize("batch", [1, 5, 22])
def test_epochs_of_sgd_are_those_of_a_plain_loop(batch: int) -> None:
    network = random_network(3, [4, 3], ["tanh", "softmax"])
    parts = [part.copy() for p in network.parameters for part in (p.W, p.b)]
    objective = objective_of(LOSSES["cce"], l2=0.01)
    drawn, generator = ShuffledBatches(CLASSES, batch, np.float64), default_rng(7)

    def check(epoch: Epoch) -> None:
        ((x, y, _),) = drawn.blocks(generator)  # the order of the same seed
        batches = [(x[i : i + batch], y[i : i + batch]) for i in range(0, len(x), batch)]
        losses = readable_epoch(parts, batches, 0.1, 0.01)
        np.testing.assert_allclose(network.theta, np.concatenate([part.ravel() for part in parts]), rtol=1e-11)
        assert epoch.loss == pytest.approx(np.mean(losses), rel=1e-12)
        assert epoch.penalty == pytest.approx(0.005 * sum((W**2).sum() for W in parts[::2]), rel=1e-12)

    assert len(fit(network, "multiclass", objective, CLASSES, plan_of("sgd", 0.1, 3, batch), after=check)) == 3


def test_normal_equations_are_done_after_one_epoch() -> None:
    network = random_network(3, [2], ["linear"])
    (epoch,) = fit(network, "regression", "mse", NUMBERS, plan_of("normal-equations", 1.0, 1, 22))
    wide = np.column_stack([NUMBERS.x, np.ones(22)])
    expected = np.linalg.lstsq(wide, NUMBERS.y)[0]
    W, b, _ = network.parameters[0]
    np.testing.assert_allclose(np.vstack([W.T, b]), expected, rtol=1e-9)
    assert (epoch.number, epoch.best) == (1, True)


def test_an_optimizer_that_cannot_serve_the_network_is_refused() -> None:
    network = random_network(3, [4, 2], ["tanh", "linear"])
    with pytest.raises(ChoiceError, match="2 layers"):
        fit(network, "regression", "mse", NUMBERS, plan_of("normal-equations", 1.0, 1))


def test_single_precision_learns_what_double_learns() -> None:
    double = random_network(3, [4, 3], ["tanh", "softmax"])
    single = cast(double, np.float32)
    plan = plan_of("adam", 0.01, 5, 4)
    losses = [[e.loss for e in fit(net, "multiclass", "cce", CLASSES, plan)] for net in (double, single)]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)
    assert single.dtype == np.float32


# ----- What an epoch says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS)
def test_loss_and_metric_of_a_full_batch_are_those_before_its_update(task: str) -> None:
    for name, loss in TASKS[task].pairs:
        outputs = 1 if task == "binary" else 3
        network, objective = random_network(3, [4, outputs], ["tanh", name], seed=3), objective_of(LOSSES[loss])
        y = np.eye(3)[G.integers(0, 3, 12)][:, :outputs]
        samples = samples_of(G.normal(size=(12, 3)), y)
        output = output_of(network, forward(network, samples.x))
        before = batch_loss(objective, output, y)
        metric = headline(TASKS[task], name, y, output.y_hat, np.array(1.0))
        (epoch,) = fit(network, task, loss, samples, plan_of("sgd", 0.1, 1))
        assert epoch.loss == pytest.approx(before, rel=1e-12)
        assert epoch.metric == pytest.approx(metric, rel=1e-12)


def test_validation_is_measured_after_the_epoch_and_learns_nothing() -> None:
    network, alone = (random_network(3, [4, 3], ["tanh", "softmax"]) for _ in range(2))
    held_out = samples_of(G.normal(size=(9, 3)), np.eye(3)[G.integers(0, 3, 9)])
    objective = objective_of(LOSSES["cce"], l2=0.1)

    def check(epoch: Epoch) -> None:
        output = output_of(network, forward(network, held_out.x))
        assert epoch.validation_loss == pytest.approx(batch_loss(objective, output, held_out.y), rel=1e-12)
        right = output.y_hat.argmax(1) == held_out.y.argmax(1)
        assert epoch.validation_metric == pytest.approx(right.mean())
        assert epoch.penalty == pytest.approx(penalty(objective, network))

    plan = plan_of("sgd", 0.3, 4, 5)
    fit(network, "multiclass", objective, CLASSES, plan, held_out, after=check)
    without = fit(alone, "multiclass", objective, CLASSES, plan)
    assert np.array_equal(network.theta, alone.theta)
    assert [(e.validation_loss, e.validation_metric) for e in without] == [(None, None)] * 4


def test_epochs_are_numbered_and_the_best_are_marked() -> None:
    epochs = fit(
        random_network(3, [4, 2], ["tanh", "linear"]), "regression", "mse", NUMBERS, plan_of("sgd", 0.5, 30, 3)
    )
    assert [epoch.number for epoch in epochs] == list(range(1, 31))
    losses = [epoch.loss for epoch in epochs]
    assert [epoch.best for epoch in epochs] == [loss < min([np.inf, *losses[:i]]) for i, loss in enumerate(losses)]
    assert {epoch.best for epoch in epochs} == {True, False}
    assert all(epoch.penalty == 0 for epoch in epochs)
    assert all(epoch.seconds >= 0 for epoch in epochs)


def test_watch_is_called_after_each_batch_with_the_figures_so_far() -> None:
    network, calls = random_network(3, [4, 3], ["tanh", "softmax"]), []
    training = Training(
        Run(
            network,
            objective_of(LOSSES["cce"]),
            TASKS["multiclass"],
            CLASSES,
            None,
            plan_of("sgd", 0.1, 2, 10),
            default_rng(0),
        )
    ).epochs(lambda epoch, done, figures: calls.append((epoch, done, *figures())))
    epochs = list(training)
    assert [call[:2] for call in calls] == [(1, 10), (1, 20), (1, 22), (2, 10), (2, 20), (2, 22)]
    assert calls[2][2:] == (epochs[0].loss, epochs[0].metric)
    assert calls[5][2:] == (epochs[1].loss, epochs[1].metric)
    assert calls[0][2] != calls[1][2]


@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_no_epochs_leave_the_network_as_it_is(task: str) -> None:
    network = random_network(3, [3], ["linear"])
    theta = network.theta.copy()
    assert fit(network, task, "mse", CLASSES, plan_of("adam", 0.1, 0, patience=2)) == []
    assert np.array_equal(network.theta, theta)


# ----- Randomness ---------------------------------------------------------------------------------------------------


def trained(text: str, seed: int, freeze_bias: bool = False) -> Array:
    names = ["linear"] if text == "normal-equations" else ["prelu", "linear"]
    network = random_network(3, [4, 2][-len(names) :], names)
    fit(network, "regression", "mse", NUMBERS, plan_of(text, 0.05, 3, 5, freeze_bias=freeze_bias), seed=seed)
    return network.theta


@pytest.mark.parametrize("text", OPTIMIZERS)
def test_same_seed_gives_the_same_bits(text: str) -> None:
    assert trained(text, 7).tobytes() == trained(text, 7).tobytes()


@pytest.mark.parametrize("text", [row.name for row in OPTIMIZERS.values() if not row.solves])
def test_another_seed_takes_another_way(text: str) -> None:
    assert not np.array_equal(trained(text, 7), trained(text, 8))


@pytest.mark.parametrize("text", OPTIMIZERS)
def test_frozen_biases_keep_every_bit(text: str) -> None:
    names = ["linear"] if text == "normal-equations" else ["prelu", "linear"]
    network, before = (random_network(3, [4, 2][-len(names) :], names) for _ in range(2))
    objective = objective_of(LOSSES["mse"], l2=0.1, regularize_bias=True)
    fit(network, "regression", objective, NUMBERS, plan_of(text, 0.05, 4, 5, freeze_bias=True))
    for now, then in zip(network.parameters, before.parameters, strict=True):
        assert now.b.tobytes() == then.b.tobytes()
        assert (now.W != then.W).any()


# ----- Schedules and patience ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("constant", [0.2, 0.2, 0.2, 0.2]),
        ("step:every=2:factor=0.1", [0.2, 0.2, 0.02, 0.02]),
        ("exponential:0.5", [0.2, 0.1, 0.05, 0.025]),
        # (1 + cos(π·k/4))/2 for k = 0, 1, 2, 3
        ("cosine", [0.2, 0.1 * (1 + np.sqrt(0.5)), 0.1, 0.1 * (1 - np.sqrt(0.5))]),
    ],
)
def test_rate_follows_the_schedule_and_is_the_one_used(schedule: str, rates: list[float]) -> None:
    network, by_hand = (random_network(3, [2], ["linear"]) for _ in range(2))
    plan = plan_of("sgd", 0.2, 4, schedule=schedule)
    assert [e.learning_rate for e in fit(network, "regression", "mse", NUMBERS, plan)] == pytest.approx(rates)
    for rate in rates:  # a full batch: the order of the samples does not matter
        fit(by_hand, "regression", "mse", NUMBERS, plan_of("sgd", rate, 1))
    np.testing.assert_allclose(network.theta, by_hand.theta, rtol=1e-11)


@pytest.mark.parametrize("held_out", [True, False])
def test_plateau_lowers_the_rate_when_the_watched_loss_stands_still(held_out: bool) -> None:
    """A binary step has no gradient, so that its loss stays the same to the bit; the first epoch is the best."""
    network = random_network(2, [1], ["step"])
    plan = plan_of("sgd", 0.8, 8, schedule="plateau:patience=2:factor=0.5")
    epochs = fit(network, "binary", "mse", XOR, plan, XOR if held_out else None)
    assert [epoch.learning_rate for epoch in epochs] == [0.8, 0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.1]


def test_patience_stops_and_puts_the_best_weights_back() -> None:
    network = random_network(3, [16, 2], ["tanh", "linear"])
    held_out, thetas = samples_of(G.normal(size=(10, 3)), G.normal(size=(10, 2))), []
    plan = plan_of("adam", 0.05, 500, 5, patience=4)
    epochs = fit(
        network, "regression", "mse", NUMBERS, plan, held_out, after=lambda e: thetas.append(network.theta.copy())
    )
    losses = [epoch.validation_loss for epoch in epochs]
    best = int(np.argmin(np.array(losses, float)))
    assert len(epochs) == best + 1 + 4 < 500
    assert np.array_equal(network.theta, thetas[best])
    assert not np.array_equal(network.theta, thetas[-1])
    after = measure(network, objective_of(LOSSES["mse"]), TASKS["regression"], held_out)[0]
    assert after == losses[best]


def test_patience_that_is_not_used_up_still_puts_the_best_weights_back() -> None:
    network = random_network(3, [16, 2], ["tanh", "linear"])
    held_out = samples_of(G.normal(size=(10, 3)), G.normal(size=(10, 2)))
    epochs = fit(network, "regression", "mse", NUMBERS, plan_of("adam", 0.05, 40, 5, patience=1000), held_out)
    losses = [epoch.validation_loss for epoch in epochs if epoch.validation_loss is not None]
    assert len(epochs) == 40
    assert min(losses) < losses[-1]
    assert measure(network, objective_of(LOSSES["mse"]), TASKS["regression"], held_out)[0] == min(losses)


def test_patience_watches_the_training_loss_where_nothing_is_held_out() -> None:
    network = random_network(2, [1], ["step"])  # stands still from the first epoch on
    epochs = fit(network, "binary", "mse", XOR, plan_of("sgd", 0.1, 50, patience=3))
    assert [epoch.best for epoch in epochs] == [True, False, False, False]


def test_without_patience_the_last_weights_stay() -> None:
    network, last = random_network(3, [16, 2], ["tanh", "linear"]), []
    held_out = samples_of(G.normal(size=(10, 3)), G.normal(size=(10, 2)))
    plan = plan_of("adam", 0.05, 60, 5)
    epochs = fit(
        network, "regression", "mse", NUMBERS, plan, held_out, after=lambda e: last.append(network.theta.copy())
    )
    assert not epochs[-1].best
    assert np.array_equal(network.theta, last[-1])


# ----- Divergence ---------------------------------------------------------------------------------------------------


def line(w: float, b: float, dtype: type = np.float64) -> Network:
    network = cast(random_network(1, [1], ["linear"]), dtype)
    network.theta[...] = [w, b]
    return network


def ones(n: int) -> Samples:
    return samples_of(np.ones((n, 1)), np.zeros((n, 1)))


@pytest.mark.parametrize("n", [5, 3, 2])
def test_divergence_names_epoch_and_batch(n: int) -> None:
    """x = 1, y = 0, w = 1, b = 0, η = 10²⁰⁰, one sample a batch: a = 1, so w and b fall to −2·10²⁰⁰; then a = −4·10²⁰⁰,
    and a step of 10²⁰⁰·8·10²⁰⁰ is no number: it is the second, whether a third batch sees infinity or the end does."""
    with pytest.raises(ConditionError, match=r"epoch 1, batch 2\b.*learning-rate"):
        fit(line(1, 0), "regression", "mse", ones(n), plan_of("sgd", 1e200, 3, 1))


def test_divergence_is_found_in_a_later_epoch() -> None:
    """Each epoch multiplies a by 1 − 4η = −10⁶⁰: 1, 10⁶⁰, 10¹²⁰, and then 10¹⁸⁰, whose square is no number."""
    epochs: list[Epoch] = []
    with pytest.raises(ConditionError, match=r"epoch [34]\b"):
        fit(line(1, 0), "regression", "mse", ones(1), plan_of("sgd", 2.5e59, 9), after=epochs.append)
    assert [epoch.loss for epoch in epochs[:2]] == pytest.approx([1, 1e120])
    assert [epoch.number for epoch in epochs] == list(range(1, len(epochs) + 1))


def test_divergence_advises_a_rate_below_that_of_its_epoch() -> None:
    """The factors 1 − 4η of a are about −10⁶⁰, −½·10⁶⁰ and −¼·10⁶⁰, so that a² is infinite in the fourth epoch."""
    plan = plan_of("sgd", 2.5e59, 9, schedule="exponential:0.5")
    with pytest.raises(ConditionError) as caught:
        fit(line(1, 0), "regression", "mse", ones(1), plan)
    assert re.sub(", batch 1", "", str(caught.value)) == (
        "training diverged at epoch 4: a number is no longer finite; try a --learning-rate smaller than 3.125e+58"
    )


@pytest.mark.parametrize("x", [1.0, 1e3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loss_that_overflows_is_divergence_and_no_warning(dtype: type, x: float) -> None:
    """a grows by a factor of 1 − 2η(x² + 1) = −10 an epoch: long before a, its square is no longer a number."""
    epochs: list[Epoch] = []
    samples, rate = samples_of(np.array([[x]]), np.zeros((1, 1))), 5.5 / (x * x + 1)
    with pytest.raises(ConditionError, match="diverged"):
        fit(line(1, 0, dtype), "regression", "mse", samples, plan_of("sgd", rate, 400), after=epochs.append)
    assert epochs
    assert all(np.isfinite([epoch.loss, epoch.metric]).all() for epoch in epochs)


@pytest.mark.parametrize(("dtype", "large"), [(np.float32, 3e19), (np.float64, 3e154)])
def test_large_weights_are_no_divergence(dtype: type, large: float) -> None:
    """Beyond the root of the largest number (1.8·10¹⁹, 1.3·10¹⁵⁴), θ·θ overflows, and each weight is finite. tanh is
    ±1 there: the outputs are small, and the large weights have no gradient."""
    network = random_network(3, [4, 2], ["tanh", "linear"], dtype=dtype)
    network.parameters[0].W[...] = large
    epochs = fit(network, "regression", "mse", NUMBERS, plan_of("sgd", 0.01, 3))
    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    np.testing.assert_array_equal(network.parameters[0].W, dtype(large))
    assert epochs[-1].loss < epochs[0].loss


def test_a_loss_that_overflows_names_its_batch() -> None:
    """The square of 10¹⁶⁰ is no number, while η times its gradient is one: outputs and weights stay finite."""
    samples = samples_of(np.ones((6, 1)), np.array([[0.0], [0], [0], [1e160], [0], [0]]))
    batch = default_rng(7).permutation(6).tolist().index(3) // 2 + 1  # the order of the same seed, two at a time
    with pytest.raises(ConditionError, match=rf"epoch 1, batch {batch}:"):
        fit(line(1, 0), "regression", "mse", samples, plan_of("sgd", 1e-300, 3, 2))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_penalty_that_overflows_is_divergence_and_no_warning(dtype: type) -> None:
    """w ← w − η·l2·w = −99 w, while the loss has no gradient: x is 0."""
    samples, objective = samples_of(np.zeros((1, 1)), np.zeros((1, 1))), objective_of(LOSSES["mse"], l2=100.0)
    epochs: list[Epoch] = []
    with pytest.raises(ConditionError, match="diverged"):
        fit(line(1, 0, dtype), "regression", objective, samples, plan_of("sgd", 1.0, 400), after=epochs.append)
    assert epochs
    assert all(np.isfinite(epoch.penalty) for epoch in epochs)


@pytest.mark.parametrize("x", [[[1e300, 0.0]], [[1.5e308, 1.5e308]]])
def test_a_validation_loss_that_is_no_number_is_never_the_best_and_no_warning(x: list[list[float]]) -> None:
    """10³⁰⁰ squared is infinite, and 15·10³⁰⁸ − 15·10³⁰⁸ is not a number."""
    network = random_network(2, [1], ["linear"])
    network.theta[...] = [10, -10, 0]
    held_out, epochs = samples_of(np.array(x), np.zeros((1, 1))), []
    try:
        fit(network, "regression", "mse", XOR, plan_of("sgd", 1e-3, 3), held_out, after=epochs.append)
    except ConditionError:
        return  # this would be an answer, too
    assert not any(epoch.best for epoch in epochs if not np.isfinite(epoch.validation_loss or 0.0))


# ----- Prediction ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_prediction_is_the_forward_pass(name: str) -> None:
    network, x = random_network(3, [5, 4], ["tanh", name]), G.normal(size=(300, 3))
    last = forward(network, x).layers[-1]
    a, h = predict(network, x, unscaled())
    np.testing.assert_allclose(a, last.a, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(h, last.h, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("inputs", "units", "names"),
    [
        (4, [8, 3], ["tanh", "softmax"]),
        (2, [5, 1], ["swish", "sigmoid"]),
        (7, [1], ["linear"]),
        (200, [33, 10], ["relu", "softmax"]),
        (3, [3, 3], ["softmax", "elu"]),
        (300, [300, 10], ["sigmoid", "softmax"]),
        (64, [128, 33], ["tanh", "softmax"]),
    ],
)
def test_prediction_does_not_depend_on_how_rows_are_cut(
    inputs: int, units: list[int], names: list[str], dtype: str
) -> None:
    network, x = cast(random_network(inputs, units, names), dtype), G.normal(size=(520, inputs))
    size = stable_block(network)
    whole = predict(network, x, unscaled(), size)
    for rows in (9, 64, 255, 256, 257, 519):
        pieces = [predict(network, x[i : i + rows], unscaled(), size) for i in range(0, 520, rows)]
        for together, parts in zip(whole, zip(*pieces, strict=True), strict=True):
            assert np.concatenate(parts).tobytes() == together.tobytes()
    for i in (0, 1, 2, 3, 130, 188, 189, 255, 256, 519):  # alone
        assert predict(network, x[i : i + 1], unscaled(), size)[1].tobytes() == whole[1][i].tobytes()


def test_a_stable_block_is_as_large_as_it_may_be() -> None:
    """Two numbers can be added in one order only, up to the sign of nothing: the largest size serves."""
    assert stable_block(random_network(1, [2], ["linear"])) == BLOCK_SIZES[0]
    assert BLOCK_SIZES[-1] == 1


def test_prediction_scales_the_features() -> None:
    network, scaling = random_network(3, [2], ["linear"]), Scaling(np.array([1.0, 2, 3]), np.array([2.0, 4, 8]))
    x = G.normal(size=(5, 3))
    W, b, _ = network.parameters[0]
    np.testing.assert_allclose(predict(network, x, scaling)[0], (x - [1, 2, 3]) / [2, 4, 8] @ W.T + b, rtol=1e-12)


def test_measure_is_the_loss_without_the_regulariser() -> None:
    network, objective = random_network(3, [4, 3], ["tanh", "softmax"]), objective_of(LOSSES["cce"], l1=1.0, l2=1.0)
    loss, accuracy = measure(network, objective, TASKS["multiclass"], CLASSES)
    y_hat = forward(network, CLASSES.x).layers[-1].h
    truth = CLASSES.y.argmax(1)
    assert loss == pytest.approx(sk.log_loss(truth, y_hat), rel=1e-12)
    assert accuracy == pytest.approx(sk.accuracy_score(truth, y_hat.argmax(1)))
    assert objective_value(network, objective, CLASSES.x, CLASSES.y) > loss
    found = evaluate_samples(network, objective, TASKS["multiclass"], CLASSES, ("a", "b", "c"))
    assert (found.loss, found.metrics["accuracy"], found.samples) == (loss, accuracy, 22)
    assert np.array_equal(found.confusion, sk.confusion_matrix(truth, y_hat.argmax(1)))


def test_evaluation_that_overflows_gives_no_infinite_figure_and_no_warning() -> None:
    """JSON has no infinity: a feature of 10³⁰⁰, whose error squared is no number, is an error or a figure left out."""
    network, samples = random_network(1, [1], ["linear"]), samples_of(np.array([[1e300], [1.0]]), np.ones((2, 1)))
    with suppress(MlpError):
        found = evaluate_samples(network, objective_of(LOSSES["mse"]), TASKS["regression"], samples, ())
        figures = [found.loss, *found.metrics.values()]
        assert all(figure is None or np.isfinite(figure) for figure in figures)


def test_errors_of_a_scaled_target_are_in_its_own_unit() -> None:
    network, scaled = random_network(3, [2], ["linear"]), replace(NUMBERS, unit=np.array([10.0, 2.0]))
    (epoch,) = fit(network, "regression", "mse", scaled, plan_of("sgd", 0.0, 1), scaled)
    errors = np.abs(forward(network, NUMBERS.x).layers[-1].h - NUMBERS.y) * [10, 2]
    assert epoch.metric == pytest.approx(errors.mean())
    assert epoch.validation_metric == pytest.approx(errors.mean())


def test_random_targets_fit_their_losses() -> None:
    """The helper of these tests keeps what `check_targets` asks for."""
    for row in LOSSES.values():
        y = random_targets(row, 4, 3, 0)
        assert y.shape == (4, 3)
        assert row.targets == "numbers" or ((y >= 0) & (y <= 1)).all()


# ----- Stops, seconds, and the last update of an epoch --------------------------------------------------------------


def training_with(plan: Plan, samples: Samples = NUMBERS) -> Training:
    network, objective = random_network(3, [2], ["linear"]), objective_of(LOSSES["mse"])
    return Training(Run(network, objective, TASKS["regression"], samples, None, plan, default_rng(7)))


@pytest.mark.parametrize("numbers", [1, 60, 10**6])
@pytest.mark.parametrize("batches", [1, 2, 3, 5])
def test_a_stop_ends_the_epoch_after_the_current_batch(
    monkeypatch: pytest.MonkeyPatch, batches: int, numbers: int
) -> None:
    """Of 22 samples in batches of 4; one, five or all batches of 4 · 3 numbers are gathered at once."""
    monkeypatch.setattr("mlpcli.core.samples.BLOCK", numbers)
    training, seen = training_with(plan_of("sgd", 0.01, 3, 4)), list[int]()
    epochs = training.epochs(lambda number, done, summary: seen.append(done), lambda: len(seen) == batches)
    assert list(epochs) == []
    assert seen == [4 * (batch + 1) for batch in range(batches)]
    assert training.state().t == batches
    assert training.place == "in epoch 1 of 3"


def test_the_seconds_of_an_epoch_are_those_from_its_start_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlpcli.core.training.perf_counter", iter([100.0, 102.5, 200.0, 201.0]).__next__)
    assert [epoch.seconds for epoch in training_with(plan_of("sgd", 0.01, 2)).epochs()] == [2.5, 1.0]


def test_a_last_update_that_is_too_large_is_named_with_its_batch() -> None:
    """The rate of the second epoch is 10³⁰⁸ times as large. Its outputs come before the update, and are finite."""
    plan = plan_of("sgd", 0.1, 9, schedule="exponential:1e308", patience=5)
    training = training_with(plan, samples_of(NUMBERS.x, 1e3 * NUMBERS.y))
    with pytest.raises(Diverged) as caught:
        list(training.epochs())
    assert (caught.value.at, caught.value.weights) == ("epoch 2, batch 1", "the best, of epoch 1")


def test_the_first_batch_with_an_infinite_output_is_named_where_the_best_weights_are_kept() -> None:
    training = training_with(plan_of("sgd", 0.1, 9, 4, schedule="exponential:1e120", patience=5))
    infinite = list[tuple[int, int]]()

    def watch(number: int, done: int, summary: object) -> None:
        if not np.isfinite(training._outputs.a[:done]).all():
            infinite.append((number, -(-done // 4)))

    with pytest.raises(Diverged) as caught:
        list(training.epochs(watch))
    epoch, batch = infinite[0]
    assert (epoch, batch > 1) == (2, True)
    assert caught.value.at == f"epoch {epoch}, batch {batch}"


def test_weights_of_samples_count_on_the_way_to_the_last_finite_update() -> None:
    training = training_with(plan_of("sgd", 1e100, 9, 4), replace(NUMBERS, weights=1 + np.arange(22.0)))
    thetas = [training.network.theta.copy()]
    with pytest.raises(Diverged) as caught:
        list(training.epochs(lambda number, done, summary: thetas.append(training.network.theta.copy())))
    finite = [theta for theta in thetas if np.isfinite(theta).all()]
    assert caught.value.weights == f"the last finite ones, after epoch 1, batch {len(finite) - 1}"
    assert len(finite) > 2
    assert np.array_equal(training.network.theta, finite[-1])


def test_a_validation_loss_that_overflows_is_a_divergence_of_the_epoch() -> None:
    """Its metric, an error of 10²⁰⁰, does not overflow."""
    network = random_network(3, [2], ["linear"])
    held_out = samples_of(np.full((1, 3), 1e200), np.zeros((1, 2)))
    with pytest.raises(Diverged) as caught:
        fit(network, "regression", "mse", NUMBERS, plan_of("sgd", 0.01, 3, 4), held_out)
    assert caught.value.at == "epoch 1"
    assert np.isfinite(network.theta).all()


def test_where_training_is_is_told_in_words() -> None:
    training, other = (training_with(plan_of("sgd", 0.01, 3, 1)) for _ in "12")
    assert training.place == ""
    calls = iter([False, True, True])
    assert list(training.epochs(stop=lambda: next(calls))) == []
    assert training.place == "in epoch 1 of 3"  # after one sample
    next(other.epochs())
    assert other.place == "after epoch 1 of 3"
    training.restore(other.state())
    assert training.place == "after epoch 1 of 3"
    assert training.state().epoch == 1


@pytest.mark.parametrize("failure", [MemoryError, OSError])
def test_a_failure_of_the_machine_leaves_the_weights_of_the_epoch_before(failure: type[Exception]) -> None:
    training, once = (training_with(plan_of("adam", 0.01, 3, 4)) for _ in "12")
    next(once.epochs())

    def fail(number: int, done: int, summary: object) -> None:
        if (number, done) == (2, 8):
            raise failure

    with pytest.raises(failure):
        list(training.epochs(fail))
    assert np.array_equal(training.network.theta, once.network.theta)
    assert training.place == "after epoch 1 of 3"
    assert [epoch.loss for epoch in training.epochs()] == [epoch.loss for epoch in once.epochs()]
