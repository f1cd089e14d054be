"""The arithmetic of the functions of the tables, counted: arrays that count what is done to them.

Each activation, loss, regularizer and update rule runs once on a few such numbers. So it costs what its own code does,
and a new row of a table needs no number for its cost.

The convention: an operation on one number is 1 FLOP, also a comparison or an exponential; a sum over n numbers is n; a
matrix product is 2 for each multiply–add. To move or to choose numbers is none. An operation touches each array that it
reads or writes once.

A function of one table's row is counted as `(samples, units) -> Tally`; `quantities` makes the formula of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import FEW, Array
from mlpcli.core.memory import CountedNumber, Workload, quantity
from mlpcli.core.network import Layer, Network, chain, count
from mlpcli.core.objective import add_penalty_gradient, output_delta, penalty, sample_losses, skips_division
from mlpcli.core.outputs import Output
from mlpcli.core.steps import constants

Count = Callable[[int, int], "Tally"]


@dataclass
class Tally:
    """What has been counted so far."""

    flops: int = 0
    touched: int = 0  # numbers read and written

    def add(self, flops: int, *operands: Any) -> None:
        self.flops += flops
        self.touched += sum(np.size(operand) for operand in operands if np.ndim(operand) > 0)


class CountedArray(np.ndarray[Any, Any]):
    """An array whose operations, and those of all that comes from it, are counted in one tally."""

    tally: Tally

    def __array_finalize__(self, origin: object) -> None:
        self.tally = getattr(origin, "tally", None) or Tally()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (), **settings: Any) -> Any:
        plain = [_plain(x) for x in inputs]
        if out:
            settings["out"] = tuple(_plain(x) for x in out)
        result = getattr(ufunc, method)(*plain, **settings)
        self.tally.add(np.size(result if method == "__call__" else plain[0]), *plain, result)
        return out[0] if out else self._beside(result)

    def __array_function__(self, function: Any, types: Any, arguments: Any, settings: Any) -> Any:
        return self._beside(super().__array_function__(function, types, arguments, settings))

    def dot(self, other: Array) -> Any:  # type: ignore[override]
        """A matrix product: 2 FLOPs for each multiply–add."""
        result = np.dot(_plain(self), _plain(other))
        self.tally.add(2 * np.size(result) * self.shape[-1], self, other, result)
        return self._beside(result)

    def argmax(self, axis: int, out: None = None) -> Any:  # type: ignore[override]
        """As many comparisons as numbers."""
        self.tally.add(self.size, self)
        return np.argmax(_plain(self), axis=axis)

    def _beside(self, result: Any) -> Any:
        """A result that counts in the same tally."""
        if not isinstance(result, np.ndarray | np.generic):
            return result
        counted = np.asarray(result).view(CountedArray)
        counted.tally = self.tally
        return counted


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, CountedArray) else x


def count_of(function: Callable[..., object], *shapes: tuple[int, ...]) -> Tally:
    """What the function does to arrays of these shapes."""
    tally = Tally()
    arrays = []
    for shape in shapes:
        array = np.full(shape, 0.5).view(CountedArray)
        array.tally = tally
        arrays.append(array)
    with np.errstate(all="ignore"):
        function(*arrays)
    return tally


# ----- The functions of the tables ------------------------------------------------------------------------------------


def activation(layer: Layer) -> Count:
    """h = f(a)"""

    def forward(a: Array, h: Array) -> None:
        layer.activation.forward(a, _alpha(layer, a), h)

    return _of_arrays(forward, 2)


def slope(layer: Layer) -> Count:
    """da = dh through f′, and dα if α is learned"""

    def backward(dh: Array, a: Array, h: Array, da: Array) -> None:
        layer.activation.backward(dh, a, h, _alpha(layer, a), da)
        if layer.activation.learned is not None:
            layer.activation.learned(dh, a)

    return _of_arrays(backward, 4)


def output_gradient(workload: Workload) -> Count:
    """da of the last layer from ŷ and y: straight from logarithms, or dŷ through f′, and what each term counts in J"""
    objective, layer, factor = workload.objective, workload.layers[-1], np.array(1.0)

    def through_logarithms(a: Array, h: Array, y: Array, da: Array) -> None:
        output_delta(objective, layer.activation, a, h, y, da)
        np.multiply(da, factor, out=da)

    def through_slope(a: Array, h: Array, y: Array, da: Array) -> None:
        dh = np.multiply(objective.loss.gradient(h, y), factor)
        layer.activation.backward(dh, a, h, _alpha(layer, a), da)
        if layer.activation.learned is not None:
            layer.activation.learned(dh, a)

    return _of_arrays(through_logarithms if skips_division(objective, layer.activation) else through_slope, 4)


def loss(workload: Workload) -> Count:
    """L of each sample"""
    objective, function = workload.objective, workload.layers[-1].activation
    return _of_arrays(lambda a, h, y: sample_losses(objective, Output(function, a, h), y), 3)


def penalty_gradient(workload: Workload) -> Tally:
    """λ ∂Ω/∂w, for one weight"""
    return count_of(lambda w, gradient: add_penalty_gradient(workload.objective, w, gradient), (1,), (1,))


def penalty_value(workload: Workload) -> Tally:
    """λΩ(θ), for one weight: that of a network that has no more, and no bias that takes part"""
    objective = replace(workload.objective, regularize_bias=False)
    layers = chain(1, [1], [ACTIVATIONS["linear"]])
    return count_of(lambda theta: penalty(objective, Network(layers, theta)), (count(layers),))


def update(workload: Workload) -> Tally:
    """The update rule, for one parameter. What it does once in 64 updates to numbers that vanish is not counted."""
    rule, slots = workload.optimizer.rule, len(workload.optimizer.slots)
    settings = constants(workload.optimizer.parameters, np.float64)
    assert rule is not None, "only gradient rules are counted"

    def updated(theta: Array, gradient: Array, work: Array, *running: Array) -> None:
        rule(theta, gradient, running, 0.0, 1, settings, work)

    return count_of(updated, *[(1,)] * (3 + slots))


def quantities(counted: Count, n: CountedNumber, units: CountedNumber) -> tuple[CountedNumber, CountedNumber]:
    """FLOPs, and numbers read and written, for n samples of a layer: what each takes, and what is read once for all.

    Both are polynomials of the units: few units are summed as a product with a matrix of ones, so what a softmax costs
    grows with their square; many are summed with one column. So three layers with as few or as many units tell.
    """
    first = 2 if units.value <= FEW else FEW + 1
    one, two = ([counted(samples, first + more) for more in range(3)] for samples in (1, 2))
    flops, touched = (
        _growing([getattr(t, name) for t in one], [getattr(t, name) for t in two], first, n, units)
        for name in ("flops", "touched")
    )
    return flops, touched


def _growing(
    one: Sequence[int], two: Sequence[int], first: int, n: CountedNumber, units: CountedNumber
) -> CountedNumber:
    """(c₁ + c₂·units)·n·units + c₀·n + what is left, from the counts for one and for two samples."""
    each, shared = ([b - a for a, b in zip(one, two, strict=True)], [2 * a - b for a, b in zip(one, two, strict=True)])
    c0, c1, c2 = _quadratic(each, first)
    once = sum(c * units.value**k for k, c in enumerate(_quadratic(shared, first)))
    grows = (quantity(c1) + c2 * units if c2 else quantity(c1)) * n * units
    grows = grows + c0 * n if c0 else grows
    return grows + once if once else grows


def _quadratic(values: Sequence[int], first: int) -> tuple[int, int, int]:
    """c₀, c₁ and c₂ of c₀ + c₁x + c₂x², from its values at `first` and the next two x."""
    one, two, three = values
    c2 = (three - 2 * two + one) // 2
    c1 = two - one - c2 * (2 * first + 1)
    return one - c1 * first - c2 * first**2, c1, c2


def _of_arrays(function: Callable[..., object], arrays: int) -> Count:
    """The count of a function of `arrays` arrays with one number per sample and unit."""
    return lambda samples, units: count_of(function, *[(samples, units)] * arrays)


def _alpha(layer: Layer, a: Array) -> object:
    """The activation's parameter: one number per unit if it is learned."""
    return np.ones(a.shape[-1]) if layer.learns_alpha else layer.activation.alpha
