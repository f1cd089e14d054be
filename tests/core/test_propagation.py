"""Forward and backward: the lecture's figures, a published example, and every gradient against central differences."""

from collections.abc import Iterator
from itertools import product
from math import log10

import numpy as np
import pytest
from core_helpers import (
    activation,
    central_differences,
    goes_together,
    lecture_network,
    objective_value,
    random_network,
    random_targets,
)

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, cast, chain, empty
from mlpcli.core.objective import REDUCTIONS, Objective, batch_loss, objective_of
from mlpcli.core.propagation import BackwardPass, backward, forward, output_of, room_for_backward, room_for_forward

SAMPLES = 3
BOTH_REDUCTIONS = list(product(REDUCTIONS, REDUCTIONS))
PAIRS = [(name, loss) for name in ACTIVATIONS for loss in LOSSES if goes_together(loss, name)]
REGULARISERS: list[dict[str, object]] = [
    {},
    {"l1": 0.03},
    {"l2": 0.05},
    {"l1": 0.03, "l2": 0.05},
    {"l2": 0.05, "regularize_bias": True},
    {"l1": 0.03, "l2": 0.05, "regularize_bias": True},
]


def gradient_of(network: Network, objective: Objective, x: Array, y: Array) -> BackwardPass:
    return backward(network, forward(network, x), objective, y)


# ----- The lecture --------------------------------------------------------------------------------------------------

X, Y = np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]])


def printed(array: Array, digits: int = 6) -> list[str]:
    return [f"{value:.{digits}f}" for value in np.ravel(array)]


def test_forward_pass_of_the_lecture() -> None:
    (a1, h1), (a2, y_hat) = forward(lecture_network(), X).layers
    assert printed(a1, 2) == printed(h1, 2) == ["0.28", "0.72"]
    assert printed(a2, 3) == ["-0.232", "-0.372", "-0.460"]
    assert printed(y_hat) == ["0.375167", "0.326154", "0.298679"]


@pytest.mark.parametrize(("loss", "value"), [("ce-negatives", "1.729929"), ("cce", "0.980385")])
def test_loss_of_the_lecture(loss: str, value: str) -> None:
    network = lecture_network()
    found = batch_loss(objective_of(LOSSES[loss]), output_of(network, forward(network, X)), Y)
    assert f"{found:.6f}" == value


def test_loss_printed_in_the_lecture_is_the_logarithm_to_base_10() -> None:
    assert f"{-(log10(0.38) + log10(1 - 0.32) + log10(1 - 0.30)):.4f}" == "0.7426"


def test_gradient_of_the_lectures_outputs() -> None:
    network = lecture_network()
    passed = forward(network, X)
    dy_hat = LOSSES["ce-negatives"].gradient(passed.y_hat, Y)
    # −1/0.37516660 = −2.66548249, 1/(1 − 0.32615417) = 1.48401898, 1/(1 − 0.29867923) = 1.42588106
    assert printed(dy_hat, 8) == ["-2.66548250", "1.48401898", "1.42588106"]
    a, h = passed.layers[-1]
    jacobian = network.layers[-1].activation.slope(a, h, None)[0]
    assert printed(np.diagonal(jacobian)) == ["0.234417", "0.219778", "0.209470"]


def test_backward_pass_of_the_lecture_with_its_own_loss() -> None:
    network = lecture_network()
    _, last = gradient_of(network, objective_of(LOSSES["ce-negatives"]), X, Y).layers
    assert printed(last.d.W) == ["-0.270535", "-0.695662", "0.143754", "0.369652", "0.126782", "0.326010"]
    new_W = network.parameters[1].W - 0.5 * last.d.W
    assert printed(new_W) == ["0.435268", "0.047831", "0.128123", "-0.084826", "0.236609", "-0.363005"]


def test_backward_pass_of_the_lecture_with_categorical_cross_entropy() -> None:
    network = lecture_network()
    passed = forward(network, X)
    first, last = backward(network, passed, objective_of(LOSSES["cce"]), Y).layers
    assert printed(last.da) == ["-0.624833", "0.326154", "0.298679"]
    np.testing.assert_allclose(last.da, passed.layers[-1].h - Y, rtol=1e-15)
    assert printed(last.d.W) == ["-0.174953", "-0.449880", "0.091323", "0.234831", "0.083630", "0.215049"]
    assert printed(first.d.W) == ["-0.058708", "-0.016308", "0.288593", "0.080165"]


def test_the_lectures_shortcut_with_its_sign_put_right_is_the_gradient_of_cce() -> None:
    """(−y/ŷ + (1 − y)/(1 − ŷ)) times the diagonal ŷ(1 − ŷ) alone is ŷ − y."""
    network = lecture_network()
    passed = forward(network, X)
    dy_hat = LOSSES["ce-negatives"].gradient(passed.y_hat, Y)
    y_hat = passed.layers[-1].h
    da = gradient_of(network, objective_of(LOSSES["cce"]), X, Y).layers[-1].da
    np.testing.assert_allclose(dy_hat * y_hat * (1 - y_hat), da, rtol=1e-14)


def test_published_example_of_mazur() -> None:
    """M. Mazur, A step by step backpropagation example (2015): 2-2-2, sigmoid, ½Σ(ŷ − y)², learning rate 0.5."""
    network = empty(chain(2, [2, 2], [activation("sigmoid")] * 2), np.float64)
    network.theta[...] = [0.15, 0.20, 0.25, 0.30, 0.35, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60]
    x, y, objective = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]]), objective_of(LOSSES["half-sse"])
    (_, h1), (_, y_hat) = forward(network, x).layers
    np.testing.assert_allclose(h1, [[0.593269992, 0.596884378]], rtol=1e-9)
    np.testing.assert_allclose(y_hat, [[0.75136507, 0.772928465]], rtol=1e-8)
    assert objective_value(network, objective, x, y) == pytest.approx(0.298371109, abs=5e-10)
    first, last = gradient_of(network, objective, x, y).layers
    new_W2 = network.parameters[1].W - 0.5 * last.d.W
    np.testing.assert_allclose(new_W2, [[0.35891648, 0.408666186], [0.511301270, 0.561370121]], rtol=1e-8)
    new_W1 = network.parameters[0].W - 0.5 * first.d.W
    np.testing.assert_allclose(new_W1, [[0.149780716, 0.19956143], [0.24975114, 0.29950229]], rtol=2e-8)


# ----- Central differences ------------------------------------------------------------------------------------------


def kinks(network: Network, objective: Objective, x: Array, y: Array) -> Iterator[Array]:
    """Distances from the places where a derivative jumps."""
    passed = forward(network, x)
    for layer in passed.layers:
        yield layer.a
    if network.layers[-1].activation.name == "step":
        return  # its outputs do not move, so that a kink of the loss does not matter
    if objective.loss.name == "mae":
        yield passed.y_hat - y
    if objective.loss.name == "hinge":
        yield passed.y_hat - np.sum(y * passed.y_hat, axis=-1, keepdims=True) + 1


def example(names: list[str], units: list[int], objective: Objective, inputs: int = 2) -> tuple[Network, Array, Array]:
    """A network, samples and targets of the first seed at which no derivative jumps nearby."""
    for seed in range(1000):
        network = random_network(inputs, units, names, seed)
        x = np.random.default_rng([seed, 1]).normal(size=(SAMPLES, inputs))
        y = random_targets(objective.loss, SAMPLES, units[-1], [seed, 2])
        if min(np.abs(distance).min() for distance in kinks(network, objective, x, y)) > 0.01:
            return network, x, y
    raise AssertionError("no seed keeps away from the kinks")


def check_gradient(names: list[str], units: list[int], objective: Objective) -> None:
    network, x, y = example(names, units, objective)
    found = gradient_of(network, objective, x, y).dtheta
    expected = central_differences(
        lambda theta: objective_value(network.with_theta(theta), objective, x, y), network.theta
    )
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=2e-8)


@pytest.mark.parametrize(("name", "loss"), PAIRS)
def test_gradient_with_both_reductions(name: str, loss: str) -> None:
    for outputs, batch in BOTH_REDUCTIONS:
        objective = objective_of(LOSSES[loss], output_reduction=outputs, batch_reduction=batch)
        check_gradient(["tanh", name], [2, 3], objective)


@pytest.mark.parametrize("settings", REGULARISERS, ids=lambda s: " ".join(s) or "none")
def test_gradient_with_regularisers(settings: dict[str, object]) -> None:
    for name, loss in (("softmax", "cce"), ("prelu", "mse")):
        check_gradient(["swish", name], [2, 3], objective_of(LOSSES[loss], **settings))


def test_gradient_with_all_regularisers_at_once() -> None:
    for name, loss in PAIRS:
        check_gradient(["swish", name], [2, 3], objective_of(LOSSES[loss], **REGULARISERS[-1]))


@pytest.mark.parametrize(("name", "loss"), PAIRS)
def test_gradient_of_a_single_layer(name: str, loss: str) -> None:
    check_gradient([name], [4], objective_of(LOSSES[loss], l2=0.1))


@pytest.mark.parametrize(
    ("last", "loss"), [("linear", "mse"), ("softmax", "cce"), ("sigmoid", "bce"), ("prelu", "mae")]
)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradient_below_each_hidden_activation(name: str, last: str, loss: str) -> None:
    for depth in (1, 3):
        check_gradient([name] * depth + [last], [3] * depth + [2], objective_of(LOSSES[loss]))


@pytest.mark.parametrize("text", ["leaky-relu:0.3", "prelu:-0.5", "elu:1.7", "swish:2.5", "swish:-1"])
def test_gradient_with_other_parameters_of_the_activation(text: str) -> None:
    check_gradient([text, text], [3, 2], objective_of(LOSSES["mse"]))


def test_gradient_of_all_hidden_activations_in_one_network() -> None:
    names = [name for name in ACTIVATIONS if name != "step"]  # which would hide the layers below it
    check_gradient([*names, "softmax"], [2] * len(names) + [3], objective_of(LOSSES["kl"], l1=0.01, l2=0.02))


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_gradient_with_one_output_unit(loss: str) -> None:
    check_gradient(["tanh", "sigmoid"], [3, 1], objective_of(LOSSES[loss]))


def test_learned_slopes_have_a_gradient_and_no_penalty() -> None:
    plain, regularised = objective_of(LOSSES["mse"]), objective_of(LOSSES["mse"], l1=1.0, l2=1.0, regularize_bias=True)
    network, x, y = example(["prelu", "prelu"], [3, 2], plain)
    slopes = [layer.d.alpha for layer in gradient_of(network, plain, x, y).layers]
    assert all(slope.any() for slope in slopes)
    again = [layer.d.alpha for layer in gradient_of(network, regularised, x, y).layers]
    assert all(np.array_equal(one, other) for one, other in zip(slopes, again, strict=True))


# ----- What the records hold ----------------------------------------------------------------------------------------


def readable_backward(network: Network, x: Array, y: Array) -> list[tuple[Array, Array, Array, Array]]:
    """dh, da, dW, db of each layer of a tanh network with half-sse, sample by sample with outer products."""
    (a1, h1), (_, h2) = forward(network, x).layers
    W2 = network.parameters[1].W
    dh2 = (h2 - y) / len(x)
    da2 = dh2 * (1 - h2**2)
    dh1 = np.array([W2.T @ da for da in da2])
    da1 = dh1 * (1 - np.tanh(a1) ** 2)
    sums = [sum(np.outer(da, h) for da, h in zip(*rows, strict=True)) for rows in ((da1, x), (da2, h1))]
    return [(dh1, da1, sums[0], da1.sum(0)), (dh2, da2, sums[1], da2.sum(0))]


def test_every_record_of_a_backward_pass() -> None:
    network = random_network(2, [4, 3], ["tanh", "tanh"])
    g = np.random.default_rng(8)
    x, y = g.normal(size=(5, 2)), g.normal(size=(5, 3))
    layers = gradient_of(network, objective_of(LOSSES["half-sse"]), x, y).layers
    for layer, expected in zip(layers, readable_backward(network, x, y), strict=True):
        for found, value in zip((layer.dh, layer.da, layer.d.W, layer.d.b), expected, strict=True):
            np.testing.assert_allclose(found, value, rtol=1e-12, atol=1e-15)


def test_forward_is_sample_by_sample_what_the_definition_says() -> None:
    network = random_network(3, [4, 2], ["sigmoid", "linear"])
    x = np.random.default_rng(1).normal(size=(5, 3))
    passed = forward(network, x)
    (W1, b1, _), (W2, b2, _) = network.parameters
    for i, row in enumerate(x):
        h1 = 1 / (1 + np.exp(-(W1 @ row + b1)))
        np.testing.assert_allclose(passed.layers[0].h[i], h1, rtol=1e-14)
        np.testing.assert_allclose(passed.layers[1].a[i], W2 @ h1 + b2, rtol=1e-13)
    assert passed.x is x
    assert np.array_equal(passed.layers[1].h, passed.layers[1].a)


def test_dtheta_holds_all_gradients_as_views() -> None:
    network = random_network(2, [3, 2], ["prelu", "softmax"])
    found = gradient_of(network, objective_of(LOSSES["cce"]), np.ones((2, 2)), np.eye(2))
    (first, last) = found.layers
    pieces = [first.d.W, first.d.b, first.d.alpha, last.d.W, last.d.b]
    assert np.array_equal(found.dtheta, np.concatenate([piece.ravel() for piece in pieces]))
    assert all(np.shares_memory(piece, found.dtheta) for piece in pieces)


@pytest.mark.parametrize(
    ("name", "loss"), [("softmax", "cce"), ("sigmoid", "bce"), ("linear", "mse"), ("prelu", "mae")]
)
def test_room_that_was_used_before_gives_the_same_numbers(name: str, loss: str) -> None:
    network, objective = random_network(2, [3, 2], ["prelu", name]), objective_of(LOSSES[loss], l1=0.1, l2=0.2)
    g, y = np.random.default_rng(2), np.eye(2)[[0, 1, 1]]
    room, back = room_for_forward(network, 3), room_for_backward(network, objective, 3)
    for _ in range(3):
        x = g.normal(size=(3, 2))
        found = backward(network, forward(network, x, room), objective, y, back)
        assert found is back
        assert np.array_equal(found.dtheta, gradient_of(network, objective, x, y).dtheta)


def test_a_batch_is_the_mean_of_its_samples() -> None:
    network, objective = random_network(2, [4, 3], ["tanh", "softmax"]), objective_of(LOSSES["cce"])
    x, y = np.random.default_rng(3).normal(size=(6, 2)), np.eye(3)[[0, 1, 2, 2, 1, 0]]
    alone = [gradient_of(network, objective, x[i : i + 1], y[i : i + 1]).dtheta for i in range(6)]
    np.testing.assert_allclose(gradient_of(network, objective, x, y).dtheta, np.mean(alone, axis=0), rtol=1e-12)


@pytest.mark.parametrize(("name", "loss"), PAIRS)
def test_single_precision_agrees_with_double(name: str, loss: str) -> None:
    objective = objective_of(LOSSES[loss], l2=0.1)
    network, x, y = example(["tanh", name], [4, 3], objective)
    single = cast(network, np.float32)
    found = gradient_of(single, objective, x.astype(np.float32), y.astype(np.float32)).dtheta
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, gradient_of(network, objective, x, y).dtheta, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "loss"), PAIRS)
def test_backward_leaves_network_and_forward_pass_alone(name: str, loss: str) -> None:
    network, objective = random_network(2, [3, 3], ["prelu", name]), objective_of(LOSSES[loss], l1=0.1, l2=0.1)
    x, y = np.random.default_rng(4).normal(size=(3, 2)), np.eye(3)
    passed = forward(network, x)
    arrays = [network.theta, x, y, *(array for layer in passed.layers for array in layer)]
    kept = [array.copy() for array in arrays]
    backward(network, passed, objective, y)
    assert all(np.array_equal(array, copy) for array, copy in zip(arrays, kept, strict=True))
