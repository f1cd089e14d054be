"""Fresh exercises: a drawn network with a drawn sample, the same for the same seed; else one that is read."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from mlpcli.cli.values import whole_numbers
from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.propagation import forward
from mlpcli.core.samples import unscaled
from mlpcli.core.tasks import TASKS, Task, usual_pair
from mlpcli.data.dataset import numbered
from mlpcli.data.preparation import Preparation
from mlpcli.data.sample_files import sample_file
from mlpcli.data.targets import Coding
from mlpcli.files.model import Example, Model
from mlpcli.files.weights import load_model

LECTURE = "lecture.json"
MOST_WEIGHTS = 1_000_000
LEARNING_RATE = 0.5  # the lecture's
MOST_DRAWS, MOST_REDRAWN = 100, 1000  # draws, and parameters of a network that is drawn again


@dataclass(frozen=True)
class Drawn:
    """What was asked for: `layers` is inputs, hidden units, outputs."""

    layers: str | None
    activation: str | None
    output_activation: str | None
    seed: int


def drawn_or_read(drawn: Drawn, weights: str | None) -> Model:
    """The network that was drawn, read, or else the lecture's."""
    if drawn.layers is None:
        if drawn.activation is not None or drawn.output_activation is not None:
            raise ChoiceError("--activation and --output-activation belong to --layers; a weights file has its own")
        return load_model(str(sample_file(LECTURE)) if weights is None else weights)
    if weights is not None:
        raise ChoiceError("--layers draws a network and --weights reads one; leave one out")
    return drawn_model(drawn, drawn.layers)


def drawn_model(drawn: Drawn, layers: str) -> Model:
    """Weights and biases from −1 to 1, x from −2 to 2, all with two decimals as on paper, and a target that fits."""
    widths = _widths(layers)
    activations = _activations(drawn, widths)
    task, loss = _task_and_loss(activations[-1].name, widths[-1])
    network = empty(chain(widths[0], widths[1:], activations), np.float64)
    generator = np.random.default_rng([drawn.seed, 3])
    x = _draw(network, generator)
    y = np.zeros((1, widths[-1]))
    y[0, generator.integers(widths[-1])] = 1
    names = numbered(widths[-1], "y") if task.name == "regression" else tuple(map(str, range(max(2, widths[-1]))))
    return Model(
        network,
        objective_of(LOSSES[loss]),
        task,
        Preparation(numbered(widths[0]), unscaled()),
        Coding(names),
        example=Example(x, y, LEARNING_RATE),
    )


def _draw(network: Network, generator: Generator) -> Array:
    """Fills θ and returns x: of some draws the first in which every hidden unit passes a gradient on, or the best.

    A unit with f′(a) = 0 is dead: everything behind it is 0, and there is nothing to practise.
    """
    draws = MOST_DRAWS if network.theta.size <= MOST_REDRAWN else 1
    best: tuple[int, Array, Array] = (-1, network.theta, network.theta)
    for _ in range(draws):
        network.theta[...] = np.round(generator.uniform(-1, 1, network.theta.size), 2)
        x = np.round(generator.uniform(-2, 2, (1, network.inputs)), 2)
        alive, units = _alive(network, x)
        if alive > best[0]:
            best = alive, network.theta.copy(), x
        if alive == units:
            break
    network.theta[...] = best[1]
    return best[2]


def _alive(network: Network, x: Array) -> tuple[int, int]:
    """How many of the hidden units have f′(a) ≠ 0, and how many there are."""
    passed = forward(network, x).layers[:-1]
    hidden = zip(network.layers, network.parameters, passed, strict=False)
    slopes = [layer.activation.slope(there.a, there.h, own.alpha) for layer, own, there in hidden]
    return sum(int(np.count_nonzero(slope)) for slope in slopes), sum(slope.size for slope in slopes)


def _widths(text: str) -> list[int]:
    widths = whole_numbers(text, "--layers")
    if len(widths) < 2:
        raise ChoiceError(f"--layers takes inputs, hidden units and outputs, 2,3,2 for instance, not '{text}'")
    if sum(above * below for above, below in pairwise(widths)) > MOST_WEIGHTS:
        raise ChoiceError(f"--layers {text} has more than {MOST_WEIGHTS:,} weights; that is no exercise")
    return widths


def _activations(drawn: Drawn, widths: list[int]) -> list[Activation]:
    usual = "softmax" if widths[-1] > 1 else "sigmoid"
    last = pick(ACTIVATIONS, usual if drawn.output_activation is None else drawn.output_activation, "output activation")
    names, hidden = ("relu" if drawn.activation is None else drawn.activation).split(","), len(widths) - 2
    if len(names) not in (1, hidden):
        raise ChoiceError(f"--activation has {len(names)} functions for {hidden} hidden layers; give one, or one each")
    names = names * hidden if len(names) == 1 else names
    return [*(pick(ACTIVATIONS, name, "activation") for name in names), last]


def _task_and_loss(activation: str, outputs: int) -> tuple[Task, str]:
    name, loss = usual_pair(activation)
    return TASKS["binary" if name == "multilabel" and outputs == 1 else name], loss
