"""The gradient check: it passes what is right, fails what is wrong, and knows a kink."""

from dataclasses import replace

import numpy as np
import pytest
from core_helpers import activation

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.checking import check_gradient, element_names
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, count
from mlpcli.core.objective import objective_of

X = np.random.default_rng(8).uniform(-1, 1, (3, 2))
Y = np.eye(3)[[0, 2, 1]]


def drawn(hidden: str, last: str) -> Network:
    layers = chain(2, [3, 3], [activation(hidden), activation(last)])
    return Network(layers, np.random.default_rng(4).uniform(-0.9, 0.9, count(layers)))


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("loss", ["cce", "kl", "ce-negatives", "bce", "mse", "half-sse"])
def test_a_right_gradient_passes(hidden: str, loss: str) -> None:
    checked = check_gradient(drawn(hidden, "softmax"), objective_of(LOSSES[loss], l2=0.1), X, Y)
    assert all(element.right for element in checked)
    assert max(abs(element.exact) for element in checked) > 1e-3  # there was something to check


def test_a_wrong_derivative_is_found() -> None:
    """tanh with the derivative of sigmoid, h (1 − h): a slip that one really makes."""
    wrong = replace(ACTIVATIONS["tanh"], backward=ACTIVATIONS["sigmoid"].backward)
    layers = chain(2, [3, 3], [wrong, activation("softmax")])
    network = Network(layers, np.random.default_rng(4).uniform(-0.9, 0.9, count(layers)))
    checked = check_gradient(network, objective_of(LOSSES["cce"]), X, Y)
    below = [element.right for element in checked if element.name.startswith(("W1", "b1"))]
    above = [element.right for element in checked if element.name.startswith(("W2", "b2"))]
    assert not any(below)
    assert all(above)  # the slip lies below them


def test_a_kink_is_named_as_the_cause() -> None:
    """A ReLU unit whose a is 0 exactly: from the left the derivative is 0, from the right 1."""
    layers = chain(1, [1, 1], [activation("relu"), activation("linear")])
    network = Network(layers, np.array([1.0, 0.0, 1.0, 0.0]))  # a = 1·x + 0 with x = 0
    checked = check_gradient(network, objective_of(LOSSES["mse"]), np.array([[0.0]]), np.array([[1.0]]))
    off = {element.name: element.kink for element in checked if not element.right}
    assert off == {"b1[1]": True}


def test_every_number_of_theta_has_a_name_of_its_own() -> None:
    network = drawn("prelu", "softmax")
    names = element_names(network)
    assert len(set(names)) == network.theta.size
    assert names[:3] == ["W1[1,1]", "W1[1,2]", "W1[2,1]"]
    assert "alpha1[3]" in names
