"""What a function does to numbers, found by letting it: arrays that count the arithmetic they take part in.

An activation, a loss or an update rule is run once on a few such numbers, so each costs what its own code does and a
new row of a table needs no figure of its cost.

The convention: an operation on one number is 1 FLOP, be it a sum, a comparison or an exponential; a sum over so many
numbers is as many; a matrix product is 2 for each multiply–add. What only moves or chooses numbers is none. Each array
that an operation reads or writes is touched once by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array


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
