"""Forward and backward propagation, the two functions that training, prediction and traces share.

Goodfellow et al., Deep Learning, algorithms 6.3 and 6.4 (the lecture's), with samples as rows:
a⁽ᵏ⁾ = h⁽ᵏ⁻¹⁾W⁽ᵏ⁾ᵀ + b⁽ᵏ⁾ and dh⁽ᵏ⁻¹⁾ = da⁽ᵏ⁾W⁽ᵏ⁾ are the lecture's formulas, transposed.

In memory a hidden layer is stored unit by unit, with all samples of a unit side by side, and its products are computed
as aᵀ = W hᵀ, the lecture's form: for 784 inputs and 512 units that takes a tenth less time than a = h Wᵀ. The last
layer is stored sample by sample, since softmax, losses and metrics go through the outputs of one sample after another.

A stack of R networks is propagated at once: every array below then has a leading axis of R.
"""

from typing import NamedTuple

import numpy as np
from numpy import add, multiply

from mlpcli.core.activations import Activation, Alpha
from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, Parameters, views
from mlpcli.core.objective import (
    Objective,
    add_penalty_gradient,
    loss_weights,
    output_delta,
    sample_factors,
    skips_division,
)
from mlpcli.core.outputs import Output


class LayerForward(NamedTuple):
    """The results of a layer for n samples."""

    a: Array  # (n, units)
    h: Array  # (n, units)


class ForwardPass(NamedTuple):
    """The results of all layers for the samples x, (n, inputs)."""

    x: Array
    layers: tuple[LayerForward, ...]

    @property
    def y_hat(self) -> Array:
        """ŷ, the last layer's h, (n, outputs)."""
        return self.layers[-1].h


class LayerBackward(NamedTuple):
    """Gradients of the objective at one layer: by h and a of each of n samples, and by the parameters."""

    dh: Array | None  # (n, units); None in a last layer that does not need it (`skips_division`)
    da: Array  # (n, units)
    d: Parameters  # dW, db and dα, views of dtheta


class BackwardPass(NamedTuple):
    """The gradient of the objective: per layer, and as the flat vector for the optimizer."""

    dtheta: Array
    layers: tuple[LayerBackward, ...]
    ones: Array  # (n,), in a stack (1, n): a product with them takes half the time of a sum over the samples
    factor: Array  # (): the factor of each term of a sample's loss in J


def room_for_forward(network: Network, samples: int) -> tuple[LayerForward, ...]:
    """Arrays for a forward pass of this many samples."""
    return tuple(
        LayerForward(_rows(network, k, samples), _rows(network, k, samples)) for k in range(len(network.layers))
    )


def room_for_backward(
    network: Network, objective: Objective, samples: int, dtheta: Array | None = None
) -> BackwardPass:
    """Arrays for a backward pass of this many samples, with views of `dtheta` if it is given."""
    flat = network.array(network.theta.shape) if dtheta is None else dtheta
    layers = [
        LayerBackward(_rows(network, k, samples), _rows(network, k, samples), d)
        for k, d in enumerate(views(network.layers, flat))
    ]
    if skips_division(objective, network.layers[-1].activation):
        layers[-1] = layers[-1]._replace(dh=None)
    factor = np.array(objective.factor(samples, network.outputs), network.dtype)
    ones = np.ones((*(1 for _ in network.leading), samples), network.dtype)
    return BackwardPass(flat, tuple(layers), ones, factor)


def _rows(network: Network, k: int, samples: int) -> Array:
    """An array for one number per sample and unit of a layer, (samples, units)."""
    units = network.layers[k].units
    if k == len(network.layers) - 1:
        return network.array((*network.leading, samples, units))
    return network.array((*network.leading, units, samples)).mT


def forward(
    network: Network, x: Array, room: tuple[LayerForward, ...] | None = None, layers: range | None = None
) -> ForwardPass:
    """a⁽ᵏ⁾ = h⁽ᵏ⁻¹⁾W⁽ᵏ⁾ᵀ + b⁽ᵏ⁾ and h⁽ᵏ⁾ = f(a⁽ᵏ⁾), from h⁽⁰⁾ = x, shape (n, inputs), to ŷ, shape (n, outputs).

    The results are written into `room` (see `room_for_forward`) if it is given, else into new arrays. With `layers`,
    only these are computed, from what is in `room` already.
    """
    if room is None:
        room = room_for_forward(network, x.shape[-2])
    below, last, product = x, len(room) - 1, network.product
    if layers is None:
        layers = range(last + 1)
    elif layers.start:
        below = room[layers.start - 1].h
    for k in layers:
        (W, b, alpha), (a, h) = network.parameters[k], room[k]
        if k < last:
            product(W, below.mT, out=a.mT)
        else:
            product(below, W.mT, out=a)
        add(a, b, out=a)
        below = network.layers[k].activation.forward(a, alpha, h)
    return ForwardPass(x, room)


def backward(
    network: Network,
    passed: ForwardPass,
    objective: Objective,
    y: Array,
    room: BackwardPass | None = None,
    weights: Array | None = None,
) -> BackwardPass:
    """The gradient of the objective for the samples of a forward pass and their targets y, shape (n, outputs).

    See `output_gradient` and `layer_gradients`.
    """
    room = room_for_backward(network, objective, y.shape[-2]) if room is None else room
    output_gradient(network, passed, objective, y, room, weights)
    layer_gradients(network, passed, objective, room, range(len(network.layers) - 1, -1, -1))
    return room


def output_gradient(
    network: Network, passed: ForwardPass, objective: Objective, y: Array, room: BackwardPass, weights: Array | None
) -> None:
    """The gradients at the last layer: dŷ, unless it is not needed (`skips_division`), da, db, and dα if it is learned.

    The factor of a sample in the batch (1/n for the mean; with weights wᵢ/Σw) is in them from the start.
    """
    factor, (a, h), (dh, da, d) = room.factor, passed.layers[-1], room.layers[-1]
    if weights is not None or objective.class_weights is not None:
        factor = _weighted_factor(network, objective, y, weights)
    if dh is None:
        multiply(output_delta(objective, network.layers[-1].activation, a, h, y, da), factor, out=da)
    else:
        multiply(objective.loss.gradient(h, y), factor, out=dh)
        _through_activation(
            network.layers[-1].activation, network.parameters[-1].alpha, passed.layers[-1], room.layers[-1]
        )
    network.product(room.ones, da, out=d.b)


def layer_gradients(
    network: Network, passed: ForwardPass, objective: Objective, room: BackwardPass, layers: range
) -> None:
    """The gradients of these layers, from the last one's da or a hidden one's dh on.

    db⁽ᵏ⁾ = Σ da⁽ᵏ⁾ and dW⁽ᵏ⁾ = da⁽ᵏ⁾ᵀh⁽ᵏ⁻¹⁾ over the samples, plus the gradient of the regularizer; and below,
    dh⁽ᵏ⁻¹⁾ = da⁽ᵏ⁾W⁽ᵏ⁾, if there is room for it. The gradient at the input is not computed.
    """
    last, regularized, product = len(network.layers) - 1, objective.regularized, network.product
    for k in layers:
        (W, b, alpha), (_, da, d) = network.parameters[k], room.layers[k]
        if k < last:
            _through_activation(network.layers[k].activation, alpha, passed.layers[k], room.layers[k])
            product(room.ones, da, out=d.b)
        product(da.mT, passed.layers[k - 1].h if k else passed.x, out=d.W)
        if regularized:
            add_penalty_gradient(objective, W, d.W)
            if objective.regularize_bias:
                add_penalty_gradient(objective, b, d.b)
        if k and (below := room.layers[k - 1].dh) is not None:
            product(W.mT, da.mT, out=below.mT)


def _through_activation(activation: Activation, alpha: Alpha, passed: LayerForward, room: LayerBackward) -> None:
    """da = dh ⊙ f′(a) (softmax: its Jacobian), and dα of a learned slope."""
    (a, h), (dh, da, d) = passed, room
    assert dh is not None, "only the last layer may lack it"
    activation.backward(dh, a, h, alpha, da)
    if activation.learned is not None:
        d.alpha[...] = activation.learned(dh, a).reshape(d.alpha.shape)


def _weighted_factor(network: Network, objective: Objective, y: Array, weights: Array | None) -> Array:
    """The factor of each term of a weighted sample's loss in J, (n, 1); for a stack (R, n, 1)."""
    w = loss_weights(objective, network.layers[-1].activation, y, weights)
    assert w is not None
    factors = sample_factors(objective, w) * objective.output_factor(network.outputs)
    return factors.astype(network.dtype)[..., None]


def output_of(network: Network, passed: ForwardPass) -> Output:
    """The last layer's a and ŷ, in the form that losses take."""
    return Output(network.layers[-1].activation, *passed.layers[-1])
