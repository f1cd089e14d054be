"""Proof that a gradient is right: a numerical derivative beside every element.

Central differences, (J(θ + ε) − J(θ − ε))/2ε, in float64 with ε = ∛(machine precision) · max(1, |θ|), which balances
the error of the formula (∝ ε²) against that of rounding (∝ 1/ε); Nocedal and Wright, Numerical Optimization, 8.1.
"""

from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, cast, views
from mlpcli.core.objective import Objective, batch_loss, penalty
from mlpcli.core.propagation import backward, forward, output_of

TOLERANCE = 1e-6  # of the relative error; a wrong formula is off by percents, rounding by 1e-9
FLOOR = 1e-4  # gradients below this are compared by their difference, which cannot be smaller than rounding
STEP = float(np.finfo(np.float64).eps) ** (1 / 3)


@dataclass(frozen=True)
class Element:
    """One element of the gradient, computed and measured."""

    name: str  # W⁽¹⁾₂₁ is "W1[2,1]"
    exact: float
    numerical: float
    kink: bool  # whether an activation has a corner between θ − ε and θ + ε

    @property
    def error(self) -> float:
        """|exact − numerical| relative to the larger of the two (and to FLOOR at least)."""
        return abs(self.exact - self.numerical) / max(abs(self.exact), abs(self.numerical), FLOOR)

    @property
    def right(self) -> bool:
        return self.error <= TOLERANCE


def check_gradient(network: Network, objective: Objective, x: Array, y: Array) -> tuple[Element, ...]:
    """All elements of ∂J/∂θ for these samples, in the order of θ."""
    exact = cast(network, np.float64)
    x, y = x.astype(np.float64), y.astype(np.float64)
    gradient = backward(exact, forward(exact, x), objective, y).dtheta
    return tuple(
        Element(name, float(gradient[k]), *_measured(exact, objective, x, y, k))
        for k, name in enumerate(element_names(network))
    )


def element_names(network: Network) -> list[str]:
    """The name of each number of θ: W1[1,1], W1[1,2], …, b1[1], …, alpha1[1], …"""
    places = views(network.layers, np.arange(network.theta.size))
    names = [""] * network.theta.size
    for k, (layer, parameters) in enumerate(zip(network.layers, places, strict=True), 1):
        for letter, values in zip(("W", "b", "alpha"), parameters, strict=True):
            if letter == "alpha" and not layer.learns_alpha:
                continue
            for index in np.ndindex(values.shape):
                names[values[index]] = f"{letter}{k}[{','.join(str(i + 1) for i in index)}]"
    return names


def _measured(network: Network, objective: Objective, x: Array, y: Array, place: int) -> tuple[float, bool]:
    """The central difference at one number of θ, and whether a unit changes its side of 0 on the way."""
    step = STEP * max(1.0, abs(float(network.theta[place])))
    values, sides = [], []
    for shifted in (network.theta[place] + step, network.theta[place] - step):
        theta = network.theta.copy()
        theta[place] = shifted
        moved = network.with_theta(theta)
        passed = forward(moved, x)
        values.append(batch_loss(objective, output_of(moved, passed), y) + penalty(objective, moved))
        sides.append([layer.a > 0 for layer in passed.layers])
    crossed = any((one != other).any() for one, other in zip(*sides, strict=True))
    distance = (network.theta[place] + step) - (network.theta[place] - step)
    return (values[0] - values[1]) / float(distance), crossed
