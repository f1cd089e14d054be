"""What is written out is what it says: every sum, evaluated, gives the value beside it."""

import math

import numpy as np
import pytest

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, count
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.tracing import trace
from mlpcli.report.explaining import explained

FUNCTIONS = {"relu": lambda a: max(0.0, a), "tanh": math.tanh, "sigmoid": lambda a: 1 / (1 + math.exp(-a))}


def evaluated(text: str) -> float:
    """The sum as Python computes it."""
    plain = text.replace("·", "*").replace("−", "-").replace("e^", "E**")
    return float(eval(plain, {"__builtins__": {}, "E": math.e, **FUNCTIONS}))


@pytest.mark.parametrize("hidden", sorted(FUNCTIONS))
@pytest.mark.parametrize("samples", [1, 3])
def test_every_sum_gives_its_value(hidden: str, samples: int) -> None:
    draw = np.random.default_rng(6)
    layers = chain(2, [3, 3], [ACTIVATIONS[hidden], ACTIVATIONS["softmax"]])
    network = Network(layers, draw.uniform(-1, 1, count(layers)))
    x, y = draw.uniform(-1, 1, (samples, 2)), np.eye(3)[np.arange(samples) % 3]
    objective = objective_of(LOSSES["cce"], l2=0.1)
    found = trace(network, objective, OPTIMIZERS["sgd"], 0.5, x, y)
    rows = explained(found, found.steps[0]).rows
    checked = 0
    for name, text, value in rows:
        if " at ŷ" in str(text):
            continue
        checked += 1
        sum_of_it = str(text).removesuffix(", frozen or with no gradient")  # the bias of a dead ReLU
        assert evaluated(sum_of_it) == pytest.approx(value, rel=1e-4, abs=1e-5), name  # factors show six digits
    forward, gradients = samples * (3 + 3 + 3 + 3), 2 * 3 + 3 + 3 * 3 + 3
    assert checked == forward + samples * (3 + 3 + 3) + 2 * gradients  # da, dh, da; dW, db and the new ones


def test_a_frozen_bias_is_not_said_to_move() -> None:
    layers = chain(1, [1], [ACTIVATIONS["linear"]])
    objective = objective_of(LOSSES["mse"])
    x = np.array([[1.0]])
    frozen = trace(Network(layers, np.array([0.5, 0.25])), objective, OPTIMIZERS["sgd"], 0.1, x, x, freeze_bias=True)
    rows = explained(frozen, frozen.steps[0]).rows
    assert [text for name, text, _ in rows if str(name).startswith("new b")] == ["0.25, frozen or with no gradient"]
