"""The network that a command shows: of a file, the lecture's, or random; and what one must know to read its numbers."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from mlpcli.cli.network_options import ObjectiveOptions, RandomNetworkOptions
from mlpcli.cli.values import layer_widths
from mlpcli.cli.weighting import with_class_weights
from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Layer, Network, Parameters, chain, empty, hidden_activations
from mlpcli.core.objective import changed_objective, check_pair, objective_of
from mlpcli.core.samples import unscaled
from mlpcli.core.tasks import TASKS, usual_pair
from mlpcli.data.cells import first_few
from mlpcli.data.dataset import numbered
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.data.text import sample_file
from mlpcli.files.model import Example, Model
from mlpcli.files.weights import load_model
from mlpcli.report.notation import lowered
from mlpcli.report.sheet import Report
from mlpcli.report.text import listed

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator

LECTURE = "lecture.json"
MOST_WEIGHTS = 1_000_000
LEARNING_RATE = 0.5  # the lecture's
NEAR_KINK = 0.05  # a rounded step on the way could land on the other side
MOST_NAMED = 20  # features, or else columns, in a note


def network_of(weights: str | None) -> Model:
    """The network of a weights file, or else the lecture's."""
    return load_model(str(sample_file(LECTURE)) if weights is None else weights)


def with_objective(model: Model, asked: ObjectiveOptions) -> Model:
    """The network with what is asked for in its objective. Raises ChoiceError for a loss that does not fit it."""
    changed = changed_objective(model.objective, asked.loss, asked.settings)
    objective = with_class_weights(changed, asked.class_weight, model.task, model.coding.names)
    check_pair(objective, model.network.layers)
    return replace(model, objective=objective)


def random_or_read(random: RandomNetworkOptions, weights: str | None, seed: int) -> Model:
    """A random network, that of a weights file, or else the lecture's."""
    if random.layers is None:
        if random.activation is not None or random.output_activation is not None:
            raise ChoiceError(
                "--activation and --output-activation belong to --layers, not to a weights file; leave them out"
            )
        return network_of(weights)
    if weights is not None:
        raise ChoiceError("--layers makes a random network and --weights reads one; leave one out")
    return random_model(random, random.layers, seed)


# ----- What else one must know: which input is which, and what is scaled ----------------------------------------------


def scaling_note(model: Model, outputs: Sequence[str] = ("y",)) -> str:
    """Says that x, and a regression's `outputs` that are shown, are scaled; empty if they are not."""
    features, targets = model.preparation.scaling, model.coding.scaling
    names = ["x"] if features.mean.any() or (features.scale != 1).any() else []
    names += outputs if targets is not None else []
    if not names:
        return ""
    return (
        f"{listed(names, 'and')} {'is' if len(names) == 1 else 'are'} (value − mean)/scale, as the network was trained"
    )


def feature_names(model: Model) -> tuple[str, ...]:
    """The names of the inputs; none if they are only numbered."""
    names = model.preparation.features
    return () if names == numbered(len(names)) else names


def with_feature_names(report: Report, model: Model) -> Report:
    """The report with the names of the inputs in its document, if they have some."""
    names = feature_names(model)
    return report._replace(document={"features": [*names], **report.document}) if names else report


def features_note(model: Model) -> str:
    """Which input is which category or number; of many, the first and the last of each column.

    Empty if no column is categorical.
    """
    if not model.preparation.columns:
        return ""
    named = [f"x{lowered(number)} {name}" for number, name in enumerate(model.preparation.features, 1)]
    if len(named) > MOST_NAMED:
        ends = list(accumulate(len(column.features) for column in model.preparation.columns))
        spans = [named[start:end] for start, end in pairwise([0, *ends])]
        named = [" to ".join(dict.fromkeys((span[0], span[-1]))) for span in spans]
    return first_few(named, MOST_NAMED, "column")


def background(model: Model, trained: str = "") -> dict[str, str]:
    """What else one must know to read the numbers of a trace, by what it is about: how the network was `trained`, …"""
    facts = {"trained with": trained, "features": features_note(model), "scaling": scaling_note(model)}
    return {name: text for name, text in facts.items() if text}


# ----- Fresh exercises: the same for the same seed --------------------------------------------------------------------


def random_model(random: RandomNetworkOptions, layers: str, seed: int) -> Model:
    """Weights and biases from −1 to 1, x from −2 to 2, all with two decimals as on paper, and a target that fits."""
    widths = _widths(layers)
    activations = _activations(random, widths)
    name, loss = usual_pair(activations[-1].name, widths[-1])
    task = TASKS[name]
    network = empty(chain(widths[0], widths[1:], activations), np.float64)
    generator = np.random.default_rng([seed, 3])
    x = _fill(network, generator)
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


def _fill(network: Network, generator: "Generator") -> Array:
    """Fills θ and returns x, (1, inputs), so that the pass is worth practicing and has one right answer.

    No a is at a kink or near it. Of a layer of ReLUs at least one has f′(a) = 0 and at least half have not, so that
    gradients reach the layers below; a ReLU alone in its layer passes them on.
    """
    x = np.round(generator.uniform(-2, 2, (1, network.inputs)), 2)
    below = x
    for layer, own in zip(network.layers, network.parameters, strict=True):
        dead, fitting = -1, _dead_units(layer)
        while dead not in fitting:
            a = _random_a(layer, own, below, generator)
            h = layer.activation.forward(a, own.alpha, np.empty_like(a))
            flat = layer.activation.slope(a, h, own.alpha) == 0
            dead = int(np.count_nonzero(flat)) if _may_die(layer.activation) else 0
        below = h
    return x


def _random_a(layer: Layer, own: Parameters, below: Array, generator: "Generator") -> Array:
    """Fills the layer's parameters and returns a, (1, units). A unit near a kink gets other ones."""
    if layer.learns_alpha:
        own.alpha[...] = np.round(generator.uniform(-1, 1, layer.units), 2)
    again = np.ones(layer.units, bool)
    while again.any():
        own.W[again] = np.round(generator.uniform(-1, 1, (np.count_nonzero(again), layer.inputs)), 2)
        own.b[again] = np.round(generator.uniform(-1, 1, np.count_nonzero(again)), 2)
        a = below @ own.W.T + own.b
        again = (np.abs(a[0]) <= NEAR_KINK) & layer.activation.bent
    return a


def _dead_units(layer: Layer) -> range:
    """How many units of a layer may have f′(a) = 0."""
    return range(min(1, layer.units // 2), layer.units // 2 + 1) if _may_die(layer.activation) else range(1)


def _may_die(activation: Activation) -> bool:
    """Whether f′ is 0 on one side of the kink and not on the other, as a ReLU's is."""
    if not (activation.bent and activation.elementwise):
        return False
    a = np.array([-1.0, 1.0])
    slopes = activation.slope(a, activation.forward(a, activation.alpha, np.empty(2)), activation.alpha)
    return bool(slopes.any() and not slopes.all())


def _widths(text: str) -> list[int]:
    widths = layer_widths(text, "2,3,2")
    if sum(above * below for above, below in pairwise(widths)) > MOST_WEIGHTS:
        raise ChoiceError(f"--layers {text} has more than {MOST_WEIGHTS:,} weights, too many for an exercise")
    return widths


def _activations(random: RandomNetworkOptions, widths: list[int]) -> list[Activation]:
    usual = "softmax" if widths[-1] > 1 else "sigmoid"
    last = pick(
        ACTIVATIONS, usual if random.output_activation is None else random.output_activation, "output activation"
    )
    return [*hidden_activations(random.activation, len(widths) - 2), last]
