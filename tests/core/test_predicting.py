"""What a network outputs for samples, in blocks of any size, and the outputs of an epoch, batch by batch."""

from math import inf, nan

import numpy as np
import pytest
from core_helpers import random_network, samples_of
from scipy.special import softmax
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, r2_score

from mlpcli.core import predicting
from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network
from mlpcli.core.objective import objective_of
from mlpcli.core.predicting import (
    EpochOutputs,
    Room,
    check_weights,
    evaluate_samples,
    measure,
    predict,
    room_to_measure,
    stable_block,
)
from mlpcli.core.propagation import ForwardPass, forward, room_for_forward
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.tasks import TASKS

G = np.random.default_rng(0)
MSE = objective_of(LOSSES["mse"])
REGRESSION = TASKS["regression"]


def identity() -> Network:
    """ŷ = x, for two features."""
    network = random_network(2, [2], ["linear"])
    network.theta[...] = [1, 0, 0, 1, 0, 0]
    return network


@pytest.mark.parametrize("samples", [1, 6, 7, 9])
@pytest.mark.parametrize("rows", [1, 3, 256])
@pytest.mark.parametrize("has_room", [True, False])
def test_outputs_are_those_of_all_samples_at_once(samples: int, rows: int, has_room: bool) -> None:
    network, x = random_network(3, [4, 2], ["tanh", "softmax"]), G.normal(size=(samples, 3))
    scaling = Scaling(np.array([1.0, 2, 3]), np.array([2.0, 0.5, 1]))
    room = room_for_forward(network, rows) if has_room else None
    a, h = predict(network, x, scaling, rows, room)
    last = forward(network, (x - scaling.mean) / scaling.scale).layers[-1]
    np.testing.assert_allclose(a, last.a, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(h, last.h, rtol=1e-13)


@pytest.mark.parametrize("weights", [None, [1.0, 0, 3]])
def test_samples_are_measured_in_the_unit_of_their_target(weights: list[float] | None) -> None:
    """The errors of each sample have the mean squares 1, 2 and 9, and the mean magnitudes 1, 1 and 3."""
    y = np.array([[0.0, 1], [1, 1], [1, 0]])
    x = np.add(y, [[1, 1], [2, 0], [3, -3]])
    counts = np.ones(3) if weights is None else np.array(weights)
    samples = Samples(x, y, Scaling(np.array(0.0), np.array(1.0)), np.array(10.0), weights and counts)
    loss, metric = measure(identity(), MSE, REGRESSION, samples, room_to_measure(identity(), samples))
    assert loss == pytest.approx(np.average([1, 2, 9], weights=counts))
    assert metric == pytest.approx(10 * np.average([1, 1, 3], weights=counts))
    found = evaluate_samples(identity(), MSE, REGRESSION, samples, ())
    assert (found.loss, found.metrics["mae"]) == (pytest.approx(loss), pytest.approx(metric))


def test_targets_and_outputs_are_not_taken_for_each_other() -> None:
    """R² divides by the spread of the targets, a cross-entropy takes the logarithm of the outputs."""
    x, y = G.normal(size=(9, 2)), G.normal(size=(9, 2))
    found = evaluate_samples(identity(), MSE, REGRESSION, samples_of(x, y), ())
    assert found.metrics["r2"] == pytest.approx(r2_score(y, x))
    network = random_network(2, [2], ["softmax"])
    network.theta[...] = identity().theta
    classes, h = np.array([0, 0, 0, 1, 1, 0, 1, 1, 1]), softmax(x, axis=1)
    samples, objective, task = samples_of(x, np.eye(2)[classes]), objective_of(LOSSES["cce"]), TASKS["multiclass"]
    loss, metric = measure(network, objective, task, samples)
    assert (loss, metric) == pytest.approx((log_loss(classes, h), accuracy_score(classes, h.argmax(axis=1))))
    outputs = EpochOutputs(network, objective, task, 9, np.array(1.0))
    outputs.expect(samples.y)
    outputs.add(x, h)
    assert outputs.summary() == pytest.approx((loss, metric))
    report = evaluate_samples(network, objective, task, samples, ("p", "q"))
    assert report.confusion is not None
    assert report.confusion.tolist() == confusion_matrix(classes, h.argmax(axis=1)).tolist()
    assert (report.loss, [each.name for each in report.classes]) == (pytest.approx(loss), ["p", "q"])


def test_no_validation_set_needs_no_room() -> None:
    assert room_to_measure(identity(), None) is None


@pytest.mark.parametrize(("samples", "rows"), [(3, 3), (256, 256), (257, 256)])
def test_the_room_to_measure_is_one_block(samples: int, rows: int) -> None:
    room = room_to_measure(identity(), samples_of(np.ones((samples, 2)), np.ones((samples, 2))))
    assert room is not None
    assert room[0].a.shape == (rows, 2)


@pytest.mark.parametrize("x", [[[1e200, 0]], [[nan, 0]], [[inf, 0]]])
def test_an_evaluation_that_overflows_is_refused(x: list[list[float]]) -> None:
    with pytest.raises(MlpError, match=r"^the loss or a metric overflows: outputs or targets are too large$"):
        evaluate_samples(identity(), MSE, REGRESSION, samples_of(np.array(x), np.zeros((1, 2))), ())


def test_samples_that_do_not_count_are_refused() -> None:
    samples = Samples(np.ones((2, 2)), np.ones((2, 2)), Scaling(np.array(0.0), np.array(1.0)), np.array(1.0))
    check_weights(identity(), MSE, samples)
    check_weights(identity(), MSE, _weighted(samples, [0, 1e-9]))
    with pytest.raises(MlpError) as caught:
        check_weights(identity(), MSE, _weighted(samples, [0, 0]), " of the test part")
    assert str(caught.value) == "all 2 samples of the test part have weight 0; change the weights or the split"
    with pytest.raises(MlpError, match=r"^all 2 samples have weight 0; "):
        evaluate_samples(identity(), MSE, REGRESSION, _weighted(samples, [0, 0]), ())


def test_samples_of_a_class_that_does_not_count_are_refused() -> None:
    network, y = random_network(2, [1], ["sigmoid"]), np.array([[1.0], [1.0]])
    for weights, counts in (((0.0, 1.0), True), ((1.0, 0.0), False)):
        objective = objective_of(LOSSES["bce"], class_weights=weights)
        if counts:
            check_weights(network, objective, samples_of(np.ones((2, 2)), y))
        else:
            with pytest.raises(MlpError, match=r"^all 2 samples have weight 0; "):
                check_weights(network, objective, samples_of(np.ones((2, 2)), y))


def _weighted(samples: Samples, weights: list[float]) -> Samples:
    return Samples(samples.x, samples.y, samples.scaling, samples.unit, np.array(weights))


@pytest.mark.parametrize(("unstable", "block"), [((), 256), ((256,), 192), ((256, 192), 1), ((192,), 256)])
@pytest.mark.parametrize("layer", [0, 1])
def test_a_block_is_stable_if_no_row_is_rounded_differently(
    monkeypatch: pytest.MonkeyPatch, unstable: tuple[int, ...], block: int, layer: int
) -> None:
    def rounding(network: Network, x: Array, room: Room) -> ForwardPass:
        passed = forward(network, x, room)
        if len(x) in unstable:  # one sample at the edge of the block
            passed.layers[layer].a[-1, 0] *= 1 + 1e-15
        return passed

    monkeypatch.setattr(predicting, "forward", rounding)
    assert stable_block(random_network(2, [3, 2], ["tanh", "softmax"])) == block


# ----- An epoch -----------------------------------------------------------------------------------------------------


def outputs_for(samples: int) -> EpochOutputs:
    return EpochOutputs(identity(), MSE, REGRESSION, samples, np.array(10.0))


@pytest.mark.parametrize("together", [0.5, 1, 2, 3, 4])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("has_units", [True, False])
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_the_summary_of_a_stack_is_that_of_each_network(
    monkeypatch: pytest.MonkeyPatch, task: str, has_units: bool, weighted: bool, together: float
) -> None:
    """Of three networks with two outputs for four samples: in 64 bytes are the targets of one."""
    monkeypatch.setattr(predicting, "SUMMARY_BLOCK", int(64 * together))
    name, loss = ("softmax", "cce") if task == "multiclass" else ("linear", "mse")
    network = random_network(2, [2], [name])
    a, y = G.normal(size=(3, 4, 2)), np.eye(2)[G.integers(0, 2, (3, 4))]
    h = a if task == "regression" else np.exp(a) / np.exp(a).sum(axis=-1, keepdims=True)
    of_classes = ((1.0, 2.0), (3.0, 0.5), (0.25, 1.0)) if weighted and task == "multiclass" else None
    weights = G.random((3, 4)) if weighted else None
    units = np.array([[[1.0, 2]], [[3, 4]], [[5, 6]]]) if has_units else np.array(7.0)
    objective = objective_of(LOSSES[loss], class_weights=of_classes)
    outputs = EpochOutputs(network.with_theta(np.zeros((3, 6))), objective, TASKS[task], 4, units)
    for rows in (slice(0, 3), slice(3, 4)):
        outputs.expect(y[:, rows], None if weights is None else weights[:, rows])
        outputs.add(a[:, rows].swapaxes(0, 1), h[:, rows].swapaxes(0, 1))
    losses, metrics = outputs.summary()
    assert (len(losses), len(metrics)) == (3, 3)
    for r, found in enumerate(zip(losses, metrics, strict=True)):
        own = objective_of(LOSSES[loss], class_weights=of_classes and of_classes[r])
        alone = EpochOutputs(network, own, TASKS[task], 4, units[r, 0] if has_units else units)
        alone.expect(y[r], None if weights is None else weights[r])
        alone.add(a[r], h[r])
        assert found == pytest.approx(alone.summary(), rel=1e-14)


@pytest.mark.parametrize("weights", [None, [1.0, 0, 3]])
def test_the_summary_of_an_epoch_is_that_of_the_batches_so_far(weights: list[float] | None) -> None:
    """Mean squares of the samples 1, 2 and 9, mean magnitudes 1, 1 and 3."""
    y = np.array([[0.0, 1], [1, 1], [1, 0]])
    a = np.add(y, [[1, 1], [2, 0], [3, -3]])
    counts = np.ones(3) if weights is None else np.array(weights)
    outputs = outputs_for(3)
    for first, rows in ((0, slice(0, 2)), (2, slice(2, 3))):
        assert outputs.expect(y[rows], weights and counts[rows]) == first
        outputs.add(a[rows], a[rows])
        so_far = counts[: outputs.count]
        loss, metric = outputs.summary()
        assert loss == pytest.approx(np.average([1, 2, 9][: len(so_far)], weights=so_far))
        assert metric == pytest.approx(10 * np.average([1, 1, 3][: len(so_far)], weights=so_far))


@pytest.mark.parametrize(("large", "batch"), [(None, None), (0, 1), (1, 1), (2, 2), (4, 3)])
@pytest.mark.parametrize("weights", [None, np.full(5, 0.5)])
def test_the_first_batch_whose_loss_is_too_large(large: int | None, batch: int | None, weights: Array | None) -> None:
    """Of 2, 2 and 1 samples; 10²⁰⁰ is a number, and its square is none."""
    a, outputs = np.zeros((5, 2)), outputs_for(5)
    if large is not None:
        a[large] = 1e200
    with np.errstate(all="ignore"):
        outputs.expect(np.zeros((5, 2)), weights)
        outputs.add(a, a)
        assert outputs.first_batch_too_large(2) == batch


def test_a_large_number_that_an_activation_takes_away_is_no_large_loss() -> None:
    network, a = random_network(1, [2], ["relu"]), np.array([[-1e200, 1.0]])
    outputs = EpochOutputs(network, MSE, REGRESSION, 1, np.array(1.0))
    outputs.expect(np.zeros((1, 2)))
    outputs.add(a, np.maximum(a, 0))
    assert outputs.first_batch_too_large(1) is None


@pytest.mark.parametrize(
    ("rows", "start", "first"),
    [
        ([[1, 2], [3, 4]], 0, None),
        ([[1e308, 1e308], [1e308, 0]], 0, None),  # their sum is not finite
        ([[1, 2], [3, inf], [nan, 0], [0, 0]], 0, 1),
        ([[1, 2], [3, inf], [nan, 0], [0, 0]], 2, 2),
        ([[1, 2], [3, inf], [nan, 0], [0, 0]], 3, None),
        ([[inf, -inf], [1, nan]], 1, 1),
    ],
)
def test_the_first_output_that_is_not_finite(rows: list[list[float]], start: int, first: int | None) -> None:
    network, a = random_network(1, [2], ["linear"]), np.array(rows, float)
    outputs = EpochOutputs(network, objective_of(LOSSES["mse"]), TASKS["regression"], len(a), np.array(1.0))
    outputs.add(a, a)
    with np.errstate(all="ignore"):
        assert outputs.first_not_finite(start) == first
