"""Proof that a gradient is right: a numerical derivative beside every element, in float64.

The complex step Im J(θ + iε)/ε with ε = 10⁻²⁰⁰ computes it. Nothing is subtracted, so it is exact to rounding, however
large J is (Squire and Trapp 1998). Between their corners, all functions here are analytic. NumPy compares the real
parts of complex numbers first, so each number stays on its side of a corner, however near the corner is.

At a corner, the real parts are equal and NumPy compares the imaginary parts. So θ + iε and θ − iε are on different
sides. If J changes differently on the two sides, there is no derivative. In this case, and if complex arithmetic
overflows, the central difference (J(θ + ε) − J(θ − ε))/2ε is used. Its step is ε = ∛(machine precision) · max(1, |θ|).
This balances the error of the formula (∝ ε²) against that of rounding (∝ |J|/ε); see Nocedal and Wright, Numerical
Optimization, 8.1.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, cast
from mlpcli.core.objective import Objective, penalty, sample_losses
from mlpcli.core.propagation import ForwardPass, forward, output_of
from mlpcli.derivation.quantities import View
from mlpcli.report.notation import parameter_at
from mlpcli.report.sheet import Rows, Sheet

EPSILON = float(np.finfo(np.float64).eps)
CENTRAL_STEP = EPSILON ** (1 / 3)
COMPLEX_STEP = 1e-200
ValueOf = Callable[[Network], Any]  # J of a network
ROUNDINGS = 8  # rounding error of J, in units of its last place
MOST, WORST = 40, 10  # all elements are shown up to MOST; of more, the WORST with the largest error


class Method(NamedTuple):
    """A numerical derivative, and its accuracy.

    `tolerance` is the largest relative error of a right gradient; a wrong formula is off by percents. Numbers smaller
    than `floor` are compared by their absolute error, since rounding alone may change them. The unit of `floor` is the
    largest of 1, the largest gradient, and the largest x times the largest y.
    """

    name: str
    tolerance: float
    floor: float


COMPLEX = Method("complex step", 1e-9, 1e-6)
CENTRAL = Method("central difference", 1e-6, 1e-4)


class Derivative(NamedTuple):
    """A numerical derivative, its method, and the largest absolute error that rounding alone may cause."""

    value: float
    method: Method
    noise: float = 0.0
    kink: bool = False  # whether the derivatives from left and right differ, since a function is at its corner


class Element(NamedTuple):
    """One element of the gradient, beside its numerical derivative."""

    name: str  # W⁽¹⁾₂₁ is "W1[2,1]"
    layer: int  # from 1
    exact: float
    numerical: float
    error: float  # |exact − numerical| relative to the larger of the two, or to the floor of the method
    method: Method
    kink: bool

    @property
    def right(self) -> bool:
        return self.error <= self.method.tolerance

    @property
    def verdict(self) -> str:
        return "right" if self.right else "at a kink" if self.kink else "WRONG"


class Check(tuple[Element, ...]):
    """All elements of a gradient, in the order of θ, and what came out."""

    @property
    def worst(self) -> Element:
        """The element with the largest error, relative to the tolerance of its method."""
        return max(self, key=lambda element: element.error / element.method.tolerance)

    @property
    def wrong(self) -> "Check":
        """Those that are not right."""
        return Check(element for element in self if not element.right)

    def sheet(self, view: View) -> Sheet:
        """All elements, or those with the largest error if there are many."""
        shown = [element for element in self if view.layer in (None, element.layer)]
        if not view.whole and len(shown) > MOST:
            shown = sorted(shown, key=lambda element: -element.error)[:WORST]
        rows: Rows = tuple((e.name, e.exact, e.numerical, e.error, e.method.name, e.verdict) for e in shown)
        columns = ("parameter", "gradient", "numerical", "relative error", "method", "verdict")
        return Sheet("Check: the gradient beside a numerical derivative", columns, rows)

    def line(self, several_steps: bool) -> str:
        """How many elements are right, and the worst one."""
        worst, wrong = self.worst, len(self.wrong)
        verdict = f"{wrong} of {len(self)} elements are off" if wrong else f"all {len(self)} elements are right"
        which = "check of step 1" if several_steps else "check"
        allowed = f"where the {worst.method.name} allows {worst.method.tolerance:g}"
        return f"{which}: {verdict}; worst {worst.name}, relative error {worst.error:.1e} {allowed}"

    def failure(self, rule: str = "exact") -> str:
        """How many elements are wrong, the worst one, and perhaps the cause; empty if all are right."""
        if not self.wrong:
            return ""
        worst = self.wrong.worst
        cause = "; a unit is at its kink, where there is no derivative" if worst.kink else ""
        if rule == "lecture":
            cause = "; the lecture's rule does not give the gradient"
        return (
            f"{len(self.wrong)} of {len(self)} gradients are wrong; worst {worst.name}: {worst.exact:.8g} where a "
            f"{worst.method.name} gives {worst.numerical:.8g}{cause}"
        )

    @property
    def document(self) -> dict[str, Any]:
        """All elements, for programs."""
        elements = [
            {
                "name": e.name,
                "gradient": e.exact,
                "numerical": e.numerical,
                "error": e.error,
                "method": e.method.name,
                "tolerance": e.method.tolerance,
                "kink": e.kink,
            }
            for e in self
        ]
        return {"right": not self.wrong, "elements": elements}


def check_gradient(
    gradient: Array, network: Network, objective: Objective, x: Array, y: Array, factors: Array | None = None
) -> Check:
    """All elements of a gradient, (p,), beside ∂J/∂θ for these samples.

    `factors` are those of the samples' losses in L, (n,); None if no sample has a weight.
    """
    exact = cast(network, np.float64)
    x, y = x.astype(np.float64), y.astype(np.float64)
    scale = max(_largest(gradient), _largest(x) * _largest(y))  # dW is of the size of (ŷ − y) x before it cancels
    cornered = any((corner == 0).any() for corner in _corners(exact, forward(exact, x), objective, y))
    steps = (COMPLEX_STEP, -COMPLEX_STEP) if cornered else (COMPLEX_STEP,)

    def J(moved: Network) -> Any:
        return _value(moved, forward(moved, x), objective, y, factors)

    elements = []
    for place, value in enumerate(gradient.tolist()):
        measured, of = _numerical(exact, J, place, steps), parameter_at(network, place)
        method, off = measured.method, abs(value - measured.value)
        size = max(abs(value), abs(measured.value), method.floor * scale, measured.noise / method.tolerance)
        elements.append(Element(of.key, of.layer, value, measured.value, off / size, method, measured.kink))
    return Check(elements)


def _largest(values: Array) -> float:
    """The largest absolute value, but at least 1."""
    return max(1.0, float(np.abs(values).max()))


def _numerical(network: Network, J: ValueOf, place: int, steps: tuple[float, ...]) -> Derivative:
    """Im J(θ + iε)/ε for each of the steps ε. The central difference if these differ, or if J jumps or overflows."""
    ends = [_sideways(network, J, place, step) for step in steps]
    slopes = np.array([end.imag / step for end, step in zip(ends, steps, strict=True)])
    values, finite = np.array([end.real for end in ends]), bool(np.isfinite(slopes).all())
    if finite and all(np.allclose(each, each[0], rtol=COMPLEX.tolerance, atol=0) for each in (slopes, values)):
        return Derivative(float(slopes[0]), COMPLEX)
    return _central_difference(network, J, place)._replace(kink=finite)


def _sideways(network: Network, J: ValueOf, place: int, step: float) -> Any:
    """J(θ + iε)"""
    moved = cast(network, np.complex128)
    moved.theta[place] += 1j * step
    with np.errstate(all="ignore"):
        return J(moved)


def _central_difference(network: Network, J: ValueOf, place: int) -> Derivative:
    """(J(θ + ε) − J(θ − ε))/2ε. Each J has a rounding error of a few units in its last place."""
    step = CENTRAL_STEP * max(1.0, abs(float(network.theta[place])))
    values, ends = [], []
    for shifted in (network.theta[place] + step, network.theta[place] - step):
        moved = network.with_theta(network.theta.copy())
        moved.theta[place] = shifted
        values.append(float(J(moved)))
        ends.append(float(shifted))
    noise = ROUNDINGS * EPSILON * max(map(abs, values)) / step
    return Derivative((values[0] - values[1]) / (ends[0] - ends[1]), CENTRAL, noise)


def _value(network: Network, passed: ForwardPass, objective: Objective, y: Array, factors: Array | None) -> Any:
    """J, which is complex if θ is."""
    losses = sample_losses(objective, output_of(network, passed), y)
    loss = losses.sum() * objective.batch_factor(len(y)) if factors is None else (losses * factors).sum()
    return loss + penalty(objective, network)


def _corners(network: Network, passed: ForwardPass, objective: Objective, y: Array) -> Iterator[Array]:
    """The arrays whose sign changes are corners of J."""
    for layer, computed in zip(network.layers, passed.layers, strict=True):
        if layer.activation.bent:
            yield computed.a
    if objective.loss.corners is not None:
        yield objective.loss.corners(passed.y_hat, y)
    if objective.l1:
        for W, b, _ in network.parameters:
            yield from (W, b) if objective.regularize_bias else (W,)
