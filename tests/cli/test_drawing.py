"""Drawn exercises: no unit that has nothing to compute, short figures, and the same for the same seed."""

import numpy as np
import pytest

from mlpcli.cli.networks import random_model
from mlpcli.cli.options.network import RandomNetworkOptions
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.propagation import forward

SMOOTH = [row.name for row in ACTIVATIONS.values() if row.elementwise and not row.hidden and row.name != "relu"]


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("layers", ["2,3,2", "3,2,2,1"])
def test_every_hidden_unit_passes_a_gradient_on(layers: str, activation: str) -> None:
    """But for ReLUs, some of which are dead on purpose (test_drawn_exercises)."""
    for seed in range(40):
        model = random_model(RandomNetworkOptions(layers, activation), layers, seed)
        hidden = zip(model.network.layers[:-1], forward(model.network, model.example.x).layers, strict=False)
        for layer, there in hidden:
            assert (layer.activation.slope(there.a, there.h, layer.activation.alpha) != 0).all()


def test_figures_are_short_and_the_same_for_the_same_seed() -> None:
    one, two = (random_model(RandomNetworkOptions(), "2,3,2", 5) for _ in range(2))
    assert np.array_equal(one.network.theta, two.network.theta)
    assert np.array_equal(one.network.theta, np.round(one.network.theta, 2))
    assert one.example.x is not None
    assert np.array_equal(one.example.x, np.round(one.example.x, 2))
