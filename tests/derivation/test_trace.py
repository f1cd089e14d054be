"""Traces: training's own step bit for bit, and the pieces of one step in their places."""

import numpy as np
import pytest
from core_helpers import activation

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, count
from mlpcli.core.objective import Objective, objective_of
from mlpcli.core.optimizers import OPTIMIZERS, begin
from mlpcli.core.propagation import backward, forward
from mlpcli.core.steps import GradientDescent
from mlpcli.derivation.trace import trace

SGD = OPTIMIZERS["sgd"]


def drawn(hidden: str, last: str, seed: int = 3) -> Network:
    layers = chain(3, [4, 3], [activation(hidden), activation(last)])
    return Network(layers, np.random.default_rng(seed).uniform(-0.8, 0.8, count(layers)))


def batch() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(5)
    return draw.uniform(-1, 1, (4, 3)), np.eye(3)[[0, 2, 1, 0]]


@pytest.mark.parametrize("biases", [False, True])
def test_the_regularisers_share_keeps_its_digits_beside_a_large_gradient(biases: bool) -> None:
    """0.1·w of a weight of the size of 1 lies below the last digit of a gradient of 10¹⁸."""
    objective = objective_of(LOSSES["mse"], l2=0.1, regularize_bias=biases)
    network = drawn("tanh", "linear")
    network.parameters[1].b[...] = 0.5
    (step,) = trace(network, objective, SGD, 1e-20, np.ones((1, 3)), np.full((1, 3), 1e18)).steps
    for layer in step.layers:
        np.testing.assert_array_equal(layer.share.W, 0.1 * layer.before.W)
        np.testing.assert_array_equal(layer.share.b, 0.1 * layer.before.b if biases else 0 * layer.before.b)


@pytest.mark.parametrize("optimizer", [row.name for row in OPTIMIZERS.values() if row.rule is not None])
@pytest.mark.parametrize("steps", [1, 3])
def test_the_new_weights_are_those_of_training_bit_for_bit(optimizer: str, steps: int) -> None:
    x, y = batch()
    objective = objective_of(LOSSES["cce"], l2=0.1)
    found = trace(drawn("tanh", "softmax"), objective, OPTIMIZERS[optimizer], 0.05, x, y, steps)
    network = drawn("tanh", "softmax")
    train = begin(OPTIMIZERS[optimizer], network, objective, np.random.default_rng(0))
    for _ in range(steps):
        train(x, y, 0.05)
    assert found.network.theta.tobytes() == network.theta.tobytes()
    assert isinstance(train, GradientDescent)
    for name, slot in train.slots.items():
        parts = [np.concatenate([part.W.ravel(), part.b]) for part in found.steps[-1].slots[name]]
        assert np.concatenate(parts).tobytes() == slot.tobytes()


@pytest.mark.parametrize("optimizer", [name for name, row in OPTIMIZERS.items() if row.rule is not None])
def test_every_optimizer_can_be_traced_and_leaves_the_network_alone(optimizer: str) -> None:
    layers = chain(3, [3], [activation("linear")])
    network = Network(layers, np.random.default_rng(1).uniform(-1, 1, count(layers)))
    before = network.theta.copy()
    x, y = batch()
    found = trace(network, objective_of(LOSSES["mse"]), OPTIMIZERS[optimizer], 0.05, x, y)
    assert (network.theta == before).all()
    assert found.steps[0].loss_after < found.steps[0].loss


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_dh_through_the_derivative_is_da(hidden: str) -> None:
    x, y = batch()
    (step,) = trace(drawn(hidden, "softmax"), objective_of(LOSSES["ce-negatives"]), SGD, 0.1, x, y).steps
    for layer in step.layers:
        if layer.activation.elementwise:
            expected = layer.dh * layer.derivative
        else:  # da_j = Σ_i dh_i ∂h_i/∂a_j
            expected = np.einsum("ni,nij->nj", layer.dh, layer.derivative)
        np.testing.assert_allclose(layer.da, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_gradient_is_the_mean_or_sum_of_each_samples_outer_product(reduction: str) -> None:
    x, y = batch()
    objective = objective_of(LOSSES["cce"], batch_reduction=reduction)
    (step,) = trace(drawn("tanh", "softmax"), objective, SGD, 0.1, x, y).steps
    below = [x, step.layers[0].h]
    for layer, h in zip(step.layers, below, strict=True):
        outer = np.einsum("ni,nj->nij", layer.da, h)
        np.testing.assert_allclose(layer.d.W, getattr(outer, reduction)(axis=0), rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(layer.d.b, getattr(layer.da, reduction)(axis=0), rtol=1e-10, atol=1e-14)


def test_the_regularisers_share_is_the_penaltys_gradient() -> None:
    x, y = batch()
    network = drawn("tanh", "softmax")
    objective = objective_of(LOSSES["cce"], l1=0.02, l2=0.3)
    (step,) = trace(network, objective, SGD, 0.1, x, y).steps
    for layer in step.layers:
        W = layer.before.W
        np.testing.assert_allclose(layer.share.W, 0.3 * W + 0.02 * np.sign(W), rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(layer.share.b, 0, atol=1e-15)
    squares = sum(np.sum(layer.before.W**2) for layer in step.layers)
    sizes = sum(np.sum(np.abs(layer.before.W)) for layer in step.layers)
    assert step.penalty == pytest.approx(0.15 * squares + 0.02 * sizes)
    assert step.objective == pytest.approx(step.loss + step.penalty)


def test_the_inputs_gradient_is_that_of_the_loss_by_differences() -> None:
    network, objective = drawn("tanh", "softmax"), objective_of(LOSSES["cce"])
    x, y = batch()
    (step,) = trace(network, objective, SGD, 0.1, x, y).steps
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += 1e-6
        down[index] -= 1e-6
        slope = (_loss(network, objective, up, y) - _loss(network, objective, down, y))[index[0]] / 2e-6
        assert step.dx[index] == pytest.approx(slope, abs=1e-8)


def _loss(network: Network, objective: Objective, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    assert objective.loss.name == "cce"
    return -np.sum(y * np.log(forward(network, x).y_hat), axis=1)


def test_frozen_biases_show_their_gradient_and_stay() -> None:
    x, y = batch()
    (step,) = trace(drawn("tanh", "softmax"), objective_of(LOSSES["cce"]), SGD, 0.1, x, y, freeze_bias=True).steps
    for layer in step.layers:
        assert (layer.d.b != 0).all()
        assert (layer.after.b == layer.before.b).all()


def test_backward_alone_agrees_with_the_trace() -> None:
    x, y = batch()
    network, objective = drawn("prelu", "softmax"), objective_of(LOSSES["cce"])
    (step,) = trace(network, objective, SGD, 0.1, x, y).steps
    alone = backward(network, forward(network, x), objective, y)
    for layer, expected in zip(step.layers, alone.layers, strict=True):
        assert layer.d.W.tobytes() == expected.d.W.tobytes()
    assert (step.layers[0].d.alpha != 0).any()
