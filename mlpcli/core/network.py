"""A network: its layers, and θ, all parameters as one flat vector of which W⁽ᵏ⁾, b⁽ᵏ⁾ and learned slopes are views."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array, aligned_empty
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import pick
from mlpcli.core.initializers import Initializer

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator


@dataclass(frozen=True)
class Layer:
    """The shape of a dense layer: a = Wh + b with W of shape (units, inputs), then h = f(a)."""

    inputs: int
    units: int
    activation: Activation

    @property
    def learns_alpha(self) -> bool:
        return self.activation.learned is not None

    @property
    def size(self) -> int:
        """How many numbers it has to learn."""
        return self.units * (self.inputs + 1 + self.learns_alpha)


class Parameters(NamedTuple):
    """One layer's part of θ (or of any vector like it: a gradient, a velocity), seen as W, b and α."""

    W: Array  # (units, inputs)
    b: Array  # (units,)
    alpha: Any  # learned: (units,), a view; else the activation's own constant, or None


@dataclass(frozen=True)
class Network:
    """Layers and the numbers that fill them."""

    layers: tuple[Layer, ...]
    theta: Array  # (p,)

    @cached_property
    def parameters(self) -> tuple[Parameters, ...]:
        return views(self.layers, self.theta)

    @property
    def inputs(self) -> int:
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        return self.layers[-1].units

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.theta.dtype

    def with_theta(self, theta: Array) -> "Network":
        """The same layers around other numbers."""
        return replace(self, theta=theta)


def views(layers: Sequence[Layer], flat: Array) -> tuple[Parameters, ...]:
    """A flat vector of p numbers, seen layer by layer: W⁽¹⁾ row by row, b⁽¹⁾, learned α⁽¹⁾, W⁽²⁾, …

    Nothing is copied. A leading axis of `flat` (several networks) stays a leading axis of every view.
    """
    found, start = [], 0
    for layer in layers:
        ends = np.cumsum([start, layer.units * layer.inputs, layer.units, layer.units * layer.learns_alpha])
        W, b, alpha = (flat[..., i:j] for i, j in pairwise(ends))
        W = W.reshape(*flat.shape[:-1], layer.units, layer.inputs)
        found.append(Parameters(W, b, alpha if layer.learns_alpha else layer.activation.alpha))
        start = ends[-1]
    return tuple(found)


def flattened(layers: Sequence[Layer], parameters: Sequence[Parameters]) -> Array:
    """The flat vector of which `views` makes these parameters."""
    letters = [("W", "b", "alpha") if layer.learns_alpha else ("W", "b") for layer in layers]
    pairs = zip(parameters, letters, strict=True)
    return np.concatenate([np.ravel(getattr(group, letter)) for group, names in pairs for letter in names])


def count(layers: Sequence[Layer]) -> int:
    """p, the number of parameters."""
    return sum(layer.size for layer in layers)


def chain(inputs: int, units: Sequence[int], activations: Sequence[Activation]) -> tuple[Layer, ...]:
    """Layers that follow each other: `chain(2, [2, 3], [relu, softmax])` is the lecture's 2-2-3 network."""
    widths = [inputs, *units]
    layers = tuple(Layer(*shape) for shape in zip(widths, units, activations, strict=False))
    check_layers(layers)
    return layers


def hidden_activations(text: str | None, layers: int) -> list[Activation]:
    """One function for all hidden layers, or one each: `relu,tanh`; None is ReLU.

    Raises ChoiceError for an unknown function and for another number of them.
    """
    names = ("relu" if text is None else text).split(",")
    if len(names) not in (1, layers):
        raise ChoiceError(f"--activation has {len(names)} functions for {layers} hidden layers; give one, or one each")
    return [pick(ACTIVATIONS, name, "activation") for name in (names * layers if len(names) == 1 else names)]


def check_layers(layers: Sequence[Layer]) -> None:
    """Raises MlpError where layers do not chain, a layer is empty, or softmax has nothing to choose from."""
    for k, layer in enumerate(layers, 1):
        if layer.units < 1 or layer.inputs < 1:
            raise MlpError(f"layer {k} has {layer.units} units and {layer.inputs} inputs: both must be 1 or more")
        if layer.activation.name == "softmax" and layer.units < 2:
            raise ChoiceError(f"layer {k}: softmax over one unit is always 1; use sigmoid, or two units")
        if k > 1 and layer.inputs != layers[k - 2].units:
            raise MlpError(f"layer {k} takes {layer.inputs} inputs, but layer {k - 1} has {layers[k - 2].units} units")


def empty(layers: tuple[Layer, ...], dtype: npt.DTypeLike) -> Network:
    """A network with room for its numbers and nothing in it yet."""
    return Network(layers, aligned_empty(count(layers), dtype))


def initialize(
    layers: tuple[Layer, ...], initializer: Initializer, generator: "Generator", dtype: npt.DTypeLike
) -> Network:
    """First weights. They are drawn in float64 whatever the dtype, so that both dtypes start from the same point."""
    network = empty(layers, dtype)
    for layer, parameters in zip(layers, network.parameters, strict=True):
        parameters.W[...] = initializer.draw(generator, layer.units, layer.inputs, initializer.parameters)
        parameters.b[...] = 0
        if layer.learns_alpha:
            parameters.alpha[...] = layer.activation.alpha
    return network


def cast(network: Network, dtype: npt.DTypeLike) -> Network:
    """A copy of the network in another dtype."""
    copy = empty(network.layers, dtype)
    copy.theta[...] = network.theta
    return copy


def why_it_cannot_learn(layers: Sequence[Layer]) -> list[str]:
    """A warning for each hidden layer that blocks learning, and for a stack that is linear as a whole."""
    hidden = layers[:-1]
    warnings = [
        f"hidden layer {k} is a binary {layer.activation.name}: {layer.activation.hidden}"
        for k, layer in enumerate(hidden, 1)
        if layer.activation.name == "step"
    ]
    if hidden and all(layer.activation.name == "linear" for layer in hidden):
        warnings.append(f"all hidden layers are linear: {hidden[0].activation.hidden}")
    return warnings
