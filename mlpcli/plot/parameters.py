"""What plots of the loss share: J for some samples, and single parameters by their names in traces."""

import re
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.network import Network, views
from mlpcli.core.objective import Objective, batch_loss, penalty
from mlpcli.core.propagation import forward, output_of
from mlpcli.report.notation import SCRIPTS, Parameter, parameter_at
from mlpcli.report.text import listed

INDEXED = re.compile(r"(W|w|b|alpha)(\d{1,9})\[(\d{1,9})(?:,(\d{1,9}))?\]")  # W2[1,2]
SHORT = re.compile(r"(?:([Ww])(\d)(\d)|(b|alpha)(\d{1,9}))(?:\((\d{1,9})\))?")  # w12, b1, and w₁₂⁽²⁾ with plain digits


class Problem(NamedTuple):
    """J of a network for some samples."""

    network: Network  # in float64
    objective: Objective
    x: Array  # (n, inputs), scaled
    y: Array  # (n, outputs)
    title: str  # which network and which samples
    weights: Array | None = None  # (n,), if the samples have some

    @property
    def J(self) -> str:
        """The letter of the objective: L without a regularizer."""
        return "J" if self.objective.regularized else "L"

    def value(self, network: Network) -> Any:
        """J with the parameters of this network, (); for a stack (R,)."""
        loss = batch_loss(self.objective, output_of(network, forward(network, self.x)), self.y, self.weights)
        return np.reshape(penalty(self.objective, network), np.shape(loss)) + loss


def parameter_named(network: Network, text: str, layer: int | None, option: str) -> Parameter:
    """The parameter that a text names: w12, with its layer (1 for None), or W2[1,2].

    Raises ChoiceError for a text that is no name, and for a layer or an element that the network does not have.
    """
    letter, own_layer, indices = _parsed(text.strip(), option)
    if own_layer is not None and layer not in (None, own_layer):
        raise ChoiceError(f"{option} {text} names layer {own_layer}, and --layer is {layer}; leave --layer out")
    k = next((number for number in (own_layer, layer) if number is not None), 1)
    if not 1 <= k <= len(network.layers):
        raise ChoiceError(
            f"{option} {text}: there is no layer {k}; the network has the layers 1 to {len(network.layers)}"
        )
    if letter == "alpha" and not network.layers[k - 1].learns_alpha:
        raise ChoiceError(f"{option} {text}: layer {k} learns no α")
    shape = getattr(network.parameters[k - 1], letter).shape
    if len(indices) != len(shape) or not all(1 <= i <= size for i, size in zip(indices, shape, strict=True)):
        last = ",".join(map(str, shape))
        first = ",".join("1" for _ in shape)
        raise ChoiceError(f"{option} {text}: layer {k} has {letter}{k}[{first}] to {letter}{k}[{last}]")
    numbers = getattr(views(network.layers, np.arange(network.theta.size))[k - 1], letter)
    return parameter_at(network, int(numbers[tuple(i - 1 for i in indices)]))


def _parsed(text: str, option: str) -> tuple[str, int | None, tuple[int, ...]]:
    """Letter, layer and indices."""
    text = text.replace("α", "alpha").translate(SCRIPTS)
    if match := INDEXED.fullmatch(text):
        letter, layer, *indices = match.groups()
        return letter.replace("w", "W"), int(layer), tuple(int(index) for index in indices if index)
    if match := SHORT.fullmatch(text):
        W, i, j, other, k, layer = match.groups()
        return "W" if W else other, int(layer) if layer else None, (int(i), int(j)) if W else (int(k),)
    raise ChoiceError(
        f"{option} takes w12 (unit 1, input 2), b1, or with its layer W2[1,2] or b2[1], not '{text[:40]}'"
    )


def parameters_named(network: Network, text: str, layer: int | None, option: str) -> tuple[Parameter, Parameter]:
    """The two parameters in a text: `w11,b1` or `W1[1,2],W2[1,1]`. Raises ChoiceError like `parameter_named`."""
    names = re.split(r",(?![^\[]*\])", text)
    if len(names) != 2:
        raise ChoiceError(f"{option} takes two parameters, such as w11,b1, not {listed(names, 'and')}")
    one, two = (parameter_named(network, name, layer, option) for name in names)
    if one == two:
        raise ChoiceError(f"{option} {text} names one parameter twice; give two")
    return one, two
