"""What the tests of the core share: small networks and samples, and slopes by central differences."""

from collections.abc import Callable, Sequence

import numpy as np

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.core.network import Network, chain, empty, flattened
from mlpcli.core.objective import Objective, batch_loss, check_pair, objective_of, penalty
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.outputs import Output
from mlpcli.core.propagation import forward, output_of
from mlpcli.core.samples import Samples, unscaled
from mlpcli.derivation.hand_calculation import hand_calculation
from mlpcli.derivation.trace import LayerTrace, StepTrace, trace

LECTURE_THETA = [0.1, -0.2, 0.4, 0.6, 0.2, -0.3, 0.3, -0.3, 0.2, 0.1, 0.3, -0.2, -0.1, -0.5, -0.4]
XOR_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_Y = np.array([[0.0], [1.0], [1.0], [0.0]])


def activation(text: str) -> Activation:
    return pick(ACTIVATIONS, text, "activation")


def random_network(
    inputs: int, units: Sequence[int], names: Sequence[str], seed: int = 0, dtype: type = np.float64
) -> Network:
    """A network in which every number is drawn: weights, biases and learned slopes."""
    network = empty(chain(inputs, units, [activation(name) for name in names]), dtype)
    network.theta[...] = np.random.default_rng(seed).normal(0, 0.8, network.theta.size)
    return network


def lecture_network() -> Network:
    network = empty(chain(2, [2, 3], [activation("relu"), activation("softmax")]), np.float64)
    network.theta[...] = LECTURE_THETA
    return network


def samples_of(x: Array, y: Array) -> Samples:
    return Samples(np.asarray(x), np.asarray(y), unscaled(), np.array(1.0))


def random_targets(loss: Loss, samples: int, outputs: int, seed: int | list[int]) -> Array:
    """Targets of the kind that the loss takes."""
    g = np.random.default_rng(seed)
    if loss.targets == "one-hot":
        return np.eye(outputs)[g.integers(0, outputs, samples)]
    if loss.targets == "distribution":
        return g.dirichlet(np.ones(outputs), samples)
    return g.random((samples, outputs)) if loss.targets == "shares" else g.normal(size=(samples, outputs))


def goes_together(loss: str, name: str, outputs: int = 3) -> bool:
    try:
        check_pair(objective_of(LOSSES[loss]), chain(2, [outputs], [activation(name)]))
    except ChoiceError:
        return False
    return True


def output_from(name: str, a: Array) -> Output:
    """What a last layer with this activation gives for the pre-activations a."""
    function = activation(name)
    return Output(function, a, function.forward(a, function.alpha, np.empty_like(a)))


def objective_value(network: Network, objective: Objective, x: Array, y: Array) -> float:
    """J = L + λΩ(θ)."""
    return batch_loss(objective, output_of(network, forward(network, x)), y) + penalty(objective, network)


def central_differences(f: Callable[[Array], float], at: Array, h: float = 1e-5) -> Array:
    """(f(x + h) − f(x − h)) / 2h for each number in turn; the error is of the order h²."""
    slopes = np.empty_like(at)
    for i in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[i] += h
        down[i] -= h
        slopes[i] = (f(up) - f(down)) / (2 * h)
    return slopes


def step_by_hand(
    network: Network,
    objective: Objective,
    rate: float,
    x: Array,
    y: Array,
    rule: str,
    digits: int | None,
    freeze_bias: bool = False,
) -> StepTrace:
    """One update by a rule, rounded after each step."""
    with np.errstate(all="ignore"):
        exact = trace(network, objective, OPTIMIZERS["sgd"], rate, x, y, 1, freeze_bias)
    return hand_calculation(exact, rule, digits).steps[0]


def learned_names(layer: LayerTrace) -> tuple[str, ...]:
    """Which of W, b and α a layer learns."""
    return ("W", "b", "alpha") if layer.activation.learned is not None else ("W", "b")


def updated(network: Network, layers: Sequence[LayerTrace]) -> Network:
    """The network with the new parameters of its layers."""
    return network.with_theta(flattened(network.layers, [layer.after for layer in layers]))
