"""Drawn exercises: no unit that has nothing to compute, short figures, and the same for the same seed."""

import numpy as np
import pytest

from mlpcli.cli.drawing import Drawn, drawn_model
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.propagation import forward

HIDDEN = [row.name for row in ACTIVATIONS.values() if row.elementwise and not row.hidden]


@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("layers", ["2,3,2", "3,2,2,1"])
def test_every_hidden_unit_passes_a_gradient_on(layers: str, activation: str) -> None:
    for seed in range(40):
        model = drawn_model(Drawn(layers, activation, None, seed), layers)
        for layer, there in zip(
            model.network.layers[:-1], forward(model.network, model.example.x).layers, strict=False
        ):
            assert (layer.activation.slope(there.a, there.h, layer.activation.alpha) != 0).all()


def test_of_relu_that_means_that_every_unit_is_above_0() -> None:
    for seed in range(40):
        model = drawn_model(Drawn("2,3,2", "relu", None, seed), "2,3,2")
        assert model.example.x is not None
        W, b, _ = model.network.parameters[0]
        assert (W @ model.example.x[0] + b > 0).all()


def test_a_large_network_takes_its_best_draw() -> None:
    """Of 40 ReLUs half are alive in any draw, on average; of many draws the best has more."""
    model = drawn_model(Drawn("2,40,2", "relu", None, 1), "2,40,2")
    assert np.count_nonzero(forward(model.network, model.example.x).layers[0].h) > 20


def test_figures_are_short_and_the_same_for_the_same_seed() -> None:
    one, two = (drawn_model(Drawn("2,3,2", None, None, 5), "2,3,2") for _ in range(2))
    assert np.array_equal(one.network.theta, two.network.theta)
    assert np.array_equal(one.network.theta, np.round(one.network.theta, 2))
    assert one.example.x is not None
    assert np.array_equal(one.example.x, np.round(one.example.x, 2))
