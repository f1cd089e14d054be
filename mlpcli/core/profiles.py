"""An activation or a loss by itself: its values and derivatives at chosen places, by the code that trains."""

from dataclasses import dataclass

import numpy as np

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import Loss, Output
from mlpcli.core.objective import objective_of, output_delta


@dataclass(frozen=True)
class Profile:
    """h = f(a) and f′(a) at each a, (n,); of units that depend on each other the Jacobian ∂hᵢ/∂aⱼ, (n, n)."""

    a: Array
    h: Array
    slope: Array


@dataclass(frozen=True)
class LossProfile:
    """L of a sample with target y at each ŷ = f(a), with ∂L/∂ŷ and ∂L/∂a; each (n,). Of a number ŷ, a is the same."""

    y: float
    y_hat: Array
    loss: Array
    d_y_hat: Array
    a: Array
    da: Array


def profile(activation: Activation, a: Array) -> Profile:
    """The function at each number of a; softmax takes a as one vector. Raises ChoiceError where it overflows."""
    with np.errstate(all="ignore"):
        h = activation.forward(a, activation.alpha, np.empty_like(a))
        slope = activation.slope(a, h, activation.alpha)
    _check_finite(activation.name, h, slope)
    return Profile(a, h, slope)


def loss_profile(loss: Loss, y_hat: Array, y: float) -> LossProfile:
    """The loss at each ŷ, from 0 to 1 without the ends where it takes probabilities, for y = 0 or 1.

    One output suffices where each stands for itself, a sigmoid's or a linear unit's. Where the targets of a sample hang
    together there are two, y and 1 − y: probabilities ŷ and 1 − ŷ of a softmax over a and 0, or scores ŷ and 0.
    Raises ChoiceError where the loss or its gradient overflows.
    """
    targets = np.array([y, 1 - y] if loss.couples_outputs else [y], np.float64)
    targets = np.broadcast_to(targets, (len(y_hat), len(targets)))
    places = np.log(y_hat / (1 - y_hat)) if loss.of_probabilities else y_hat
    a = np.zeros(targets.shape)
    a[:, 0] = places
    output = _output(loss, a)
    value: Array = loss.terms(output, targets).sum(axis=-1)
    with np.errstate(all="ignore"):
        gradient = loss.gradient(output.y_hat, targets)[:, 0]
    _check_finite(loss.name, value, gradient)
    if not loss.of_probabilities:
        return LossProfile(y, y_hat, value, gradient, places, gradient)
    da = output_delta(objective_of(loss), output.activation, a, output.y_hat, targets, np.empty_like(a))[:, 0]
    return LossProfile(y, y_hat, value, gradient, places, da)


def _check_finite(name: str, *values: Array) -> None:
    if not all(np.isfinite(array).all() for array in values):
        raise ChoiceError(f"{name} or its derivative overflows there; use places or parameters nearer to 1")


def _output(loss: Loss, a: Array) -> Output:
    name = "linear"
    if loss.of_probabilities:
        name = "softmax" if loss.couples_outputs else "sigmoid"
    activation = ACTIVATIONS[name]
    return Output(activation, a, activation.forward(a, activation.alpha, np.empty_like(a)))
