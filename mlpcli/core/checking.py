"""Proof that a gradient is right: a numerical derivative beside every element, in float64.

Where all functions from a parameter to J are analytic, by the complex step Im J(θ + iε)/ε with ε = 10⁻²⁰⁰: nothing is
subtracted, so it is exact to rounding (Squire and Trapp 1998). Elsewhere by central differences,
(J(θ + ε) − J(θ − ε))/2ε with ε = ∛(machine precision) · max(1, |θ|), which balances the error of the formula (∝ ε²)
against that of rounding (∝ 1/ε); Nocedal and Wright, Numerical Optimization, 8.1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, cast, views
from mlpcli.core.objective import Objective, penalty, sample_losses
from mlpcli.core.propagation import ForwardPass, backward, forward, output_of

CENTRAL_STEP = float(np.finfo(np.float64).eps) ** (1 / 3)
COMPLEX_STEP = 1e-200


@dataclass(frozen=True)
class Method:
    """A way to measure a derivative, and how near it comes.

    A wrong formula is off by percents. `floor` is where the relative error becomes an absolute one, in units of the
    largest gradient (and of 1 at least): what is smaller than that, rounding alone may change.
    """

    name: str
    tolerance: float
    floor: float


COMPLEX = Method("complex step", 1e-9, 1e-6)
CENTRAL = Method("central difference", 1e-6, 1e-4)


@dataclass(frozen=True)
class Element:
    """One element of the gradient, computed and measured."""

    name: str  # W⁽¹⁾₂₁ is "W1[2,1]"
    layer: int  # from 1
    exact: float
    numerical: float
    error: float  # |exact − numerical| relative to the larger of the two (and to the method's floor at least)
    method: Method
    kink: bool  # whether a function has a corner between θ − ε and θ + ε

    @property
    def right(self) -> bool:
        return self.error <= self.method.tolerance


def check_gradient(network: Network, objective: Objective, x: Array, y: Array) -> tuple[Element, ...]:
    """All elements of ∂J/∂θ for these samples, in the order of θ."""
    exact = cast(network, np.float64)
    x, y = x.astype(np.float64), y.astype(np.float64)
    gradient = backward(exact, forward(exact, x), objective, y).dtheta
    scale = max(1.0, float(np.abs(gradient).max()))
    first = _first_analytic_layer(network, objective)
    found = []
    for place, (name, layer) in enumerate(_elements(network)):
        measure = _complex_step if layer >= first else _central_difference
        numerical, method, kink = measure(exact, objective, x, y, place)
        value = float(gradient[place])
        size = max(abs(value), abs(numerical), method.floor * scale)
        found.append(Element(name, layer, value, numerical, abs(value - numerical) / size, method, kink))
    return tuple(found)


def worst_of(checked: Sequence[Element]) -> Element:
    """The element that comes nearest to its method's tolerance, or exceeds it most."""
    return max(checked, key=lambda element: element.error / element.method.tolerance)


def element_names(network: Network) -> list[str]:
    """The name of each number of θ: W1[1,1], W1[1,2], …, b1[1], …, alpha1[1], …"""
    return [name for name, _ in _elements(network)]


def _elements(network: Network) -> list[tuple[str, int]]:
    """The name of each number of θ, and its layer."""
    places = views(network.layers, np.arange(network.theta.size))
    found = [("", 0)] * network.theta.size
    for k, (layer, parameters) in enumerate(zip(network.layers, places, strict=True), 1):
        for letter, values in zip(("W", "b", "alpha"), parameters, strict=True):
            if letter == "alpha" and not layer.learns_alpha:
                continue
            for index in np.ndindex(values.shape):
                found[values[index]] = f"{letter}{k}[{','.join(str(i + 1) for i in index)}]", k
    return found


def _first_analytic_layer(network: Network, objective: Objective) -> int:
    """From this layer on (of 1, 2, …, and one more than there are), J is analytic in all parameters."""
    if objective.loss.corners is not None or objective.l1:
        return len(network.layers) + 1
    bent = [k for k, layer in enumerate(network.layers, 1) if layer.activation.bent]
    return max(bent, default=0) + 1


def _complex_step(network: Network, objective: Objective, x: Array, y: Array, place: int) -> tuple[float, Method, bool]:
    """Im J(θ + iε)/ε, or the central difference where that overflows."""
    moved = cast(network, np.complex128)
    moved.theta[place] += 1j * COMPLEX_STEP
    with np.errstate(all="ignore"):
        derivative = float(np.imag(_value(moved, forward(moved, x), objective, y))) / COMPLEX_STEP
    if np.isfinite(derivative):
        return derivative, COMPLEX, False
    return _central_difference(network, objective, x, y, place)


def _central_difference(
    network: Network, objective: Objective, x: Array, y: Array, place: int
) -> tuple[float, Method, bool]:
    """(J(θ + ε) − J(θ − ε))/2ε, and whether something changes its side of a corner on the way."""
    step = CENTRAL_STEP * max(1.0, abs(float(network.theta[place])))
    values, sides, ends = [], [], []
    for shifted in (network.theta[place] + step, network.theta[place] - step):
        moved = network.with_theta(network.theta.copy())
        moved.theta[place] = shifted
        passed = forward(moved, x)
        values.append(_value(moved, passed, objective, y))
        sides.append(np.concatenate([np.ravel(corner > 0) for corner in _corners(moved, passed, objective, y)]))
        ends.append(float(shifted))
    return float((values[0] - values[1]) / (ends[0] - ends[1])), CENTRAL, bool((sides[0] != sides[1]).any())


def _value(network: Network, passed: ForwardPass, objective: Objective, y: Array) -> Any:
    """J, real or complex as θ is."""
    losses = sample_losses(objective, output_of(network, passed), y)
    return losses.sum() * objective.batch_factor(len(y)) + penalty(objective, network)


def _corners(network: Network, passed: ForwardPass, objective: Objective, y: Array) -> Iterator[Array]:
    """Whatever has a corner of J where it passes 0."""
    yield np.zeros(0)
    for layer, computed in zip(network.layers, passed.layers, strict=True):
        if layer.activation.bent:
            yield computed.a
    if objective.loss.corners is not None:
        yield objective.loss.corners(passed.y_hat, y)
    if objective.l1:
        yield from (W for W, _, _ in network.parameters)
    if objective.l1 and objective.regularize_bias:
        yield from (b for _, b, _ in network.parameters)
