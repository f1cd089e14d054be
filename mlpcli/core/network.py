"""A network: its layers and θ, the flat vector of all parameters. W⁽ᵏ⁾, b⁽ᵏ⁾ and learned slopes are views of θ."""

from collections.abc import Callable, Sequence
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
    """The shape of a dense layer: a = Wh + b of the h below it, W of shape (units, inputs); then its own h = f(a)."""

    inputs: int
    units: int
    activation: Activation

    @property
    def learns_alpha(self) -> bool:
        """Whether each unit learns the parameter of its activation."""
        return self.activation.learned is not None

    @property
    def size(self) -> int:
        """The number of its parameters."""
        return self.units * (self.inputs + 1 + self.learns_alpha)


class Parameters(NamedTuple):
    """One layer's part of θ, or of a vector of the same size such as a gradient, as W, b and α."""

    W: Array  # (units, inputs)
    b: Array  # (units,)
    alpha: Any  # learned: (units,), a view; else the activation's constant, or None


@dataclass(frozen=True)
class Network:
    """Layers and their parameters; or a stack of R networks with the same layers, each array with a leading axis."""

    layers: tuple[Layer, ...]
    theta: Array  # (p,), or (R, p)

    @cached_property
    def parameters(self) -> tuple[Parameters, ...]:
        """W, b and α of each layer, as views of θ."""
        return views(self.layers, self.theta)

    @cached_property
    def product(self) -> Callable[..., Array]:
        """The matrix product; of a stack, network by network, with the same bits as alone.

        np.matmul takes both, but costs 0.4 µs more for each of the seven products of an Iris-sized step of 25 µs.
        """
        return np.ndarray.dot if self.theta.ndim == 1 else np.matmul

    @property
    def leading(self) -> tuple[int, ...]:
        """The leading axes of its arrays: none, or that of a stack, (R,)."""
        return self.theta.shape[:-1]

    @property
    def inputs(self) -> int:
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        return self.layers[-1].units

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.theta.dtype

    def array(self, shape: int | tuple[int, ...]) -> Array:
        """A new array for numbers of this network, with anything in it."""
        return aligned_empty(shape, self.dtype)

    def with_theta(self, theta: Array) -> "Network":
        """The same layers with other parameters."""
        return replace(self, theta=theta)


def views(layers: Sequence[Layer], flat: Array) -> tuple[Parameters, ...]:
    """A flat vector of p numbers, layer by layer: W⁽¹⁾ row by row, b⁽¹⁾, learned α⁽¹⁾, W⁽²⁾, …

    Nothing is copied. A leading axis of `flat`, that of a stack, is the leading axis of every view: W is
    (R, units, inputs), and b and α are (R, 1, units), as arrays of (R, n, units) need them.
    """
    groups, start = [], 0
    for layer in layers:
        ends = np.cumsum([start, layer.units * layer.inputs, layer.units, layer.units * layer.learns_alpha])
        W, b, alpha = (flat[..., i:j] for i, j in pairwise(ends))
        W = W.reshape(*flat.shape[:-1], layer.units, layer.inputs)
        if flat.ndim > 1:
            b, alpha = b[..., None, :], alpha[..., None, :]
        groups.append(Parameters(W, b, alpha if layer.learns_alpha else layer.activation.alpha))
        start = ends[-1]
    return tuple(groups)


def are_biases(layers: Sequence[Layer]) -> Array:
    """Which numbers of θ are biases, (p,)."""
    marks = np.zeros(count(layers), dtype=bool)
    for parameters in views(layers, marks):
        parameters.b[...] = True
    return marks


def flattened(layers: Sequence[Layer], parameters: Sequence[Parameters]) -> Array:
    """The flat vector of which `views` returns these parameters."""
    letters = [("W", "b", "alpha") if layer.learns_alpha else ("W", "b") for layer in layers]
    pairs = zip(parameters, letters, strict=True)
    return np.concatenate([np.ravel(getattr(group, letter)) for group, names in pairs for letter in names])


def count(layers: Sequence[Layer]) -> int:
    """p, the number of parameters."""
    return sum(layer.size for layer in layers)


def chain(inputs: int, units: Sequence[int], activations: Sequence[Activation]) -> tuple[Layer, ...]:
    """Layers one after the other: `chain(2, [2, 3], [relu, softmax])` is the lecture's 2-2-3 network.

    Raises MlpError like `check_layers`.
    """
    widths = [inputs, *units]
    layers = tuple(Layer(*shape) for shape in zip(widths, units, activations, strict=False))
    check_layers(layers)
    return layers


def hidden_activations(text: str | None, layers: int) -> list[Activation]:
    """The activations of the hidden layers from one name for all or one each: `relu,tanh`; None is ReLU.

    Raises ChoiceError for an unknown name and for another number of names.
    """
    if text is not None and not layers:
        raise ChoiceError("--activation is for hidden layers, and there are none; leave it out")
    names = ("relu" if text is None else text).split(",")
    if len(names) not in (1, layers):
        raise ChoiceError(
            f"--activation has {len(names)} names, but the number of hidden layers is {layers}; give one, or one each"
        )
    return [pick(ACTIVATIONS, name, "activation") for name in (names * layers if len(names) == 1 else names)]


def check_layers(layers: Sequence[Layer]) -> None:
    """Raises MlpError for an empty layer, inputs other than the units of the layer before, or a single softmax unit."""
    for k, layer in enumerate(layers, 1):
        if layer.units < 1 or layer.inputs < 1:
            raise MlpError(f"layer {k} has {layer.units} units and {layer.inputs} inputs; both must be 1 or more")
        if layer.activation.output == "distribution" and layer.units < 2:
            raise ChoiceError(f"layer {k}: {layer.activation.name} of one unit is always 1; use sigmoid, or two units")
        if k > 1 and layer.inputs != layers[k - 2].units:
            raise MlpError(f"layer {k} takes {layer.inputs} inputs, but layer {k - 1} has {layers[k - 2].units} units")


def empty(layers: tuple[Layer, ...], dtype: npt.DTypeLike) -> Network:
    """A network with room for its numbers and nothing in it yet."""
    return Network(layers, aligned_empty(count(layers), dtype))


def initialize(
    layers: tuple[Layer, ...], initializer: Initializer, generator: "Generator", dtype: npt.DTypeLike
) -> Network:
    """A network with random initial weights, drawn in float64, so that both dtypes start from the same point."""
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
    """A warning for each hidden layer that lets no gradient pass, or else for hidden layers that are all useless."""
    useless = {k: layer.activation for k, layer in enumerate(layers[:-1], 1) if layer.activation.hidden}
    blocking = {k: activation for k, activation in useless.items() if activation.derivative == "0"}
    warnings = [f"hidden layer {k} is a binary {row.name}: {row.hidden}" for k, row in blocking.items()]
    if useless and not blocking and len(useless) == len(layers) - 1:
        names = " or ".join(dict.fromkeys(activation.name for activation in useless.values()))
        warnings.append(f"all hidden layers are {names}: {useless[1].hidden}")
    return warnings
