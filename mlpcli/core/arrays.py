"""Arrays: their type, their place in memory, and sums over units that cost little."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.mixins import NDArrayOperatorsMixin

Array: TypeAlias = npt.NDArray[Any]

CACHE_LINE = 64  # bytes
FEW = 32  # units


def aligned_empty(shape: int | tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """A new array that starts on a cache line.

    NumPy aligns to 16 bytes only. An element-wise operation takes twice as long on two arrays that are not aligned to
    cache lines, and an update of 400,000 parameters is nine such operations.
    """
    bytes_needed = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.empty(bytes_needed + CACHE_LINE, dtype=np.uint8)
    offset = -raw.ctypes.data % CACHE_LINE
    return raw[offset : offset + bytes_needed].view(dtype).reshape(shape)


def samples_first(x: Array) -> Array:
    """(n, units) as it is, and (R, n, units) as (n, R, units); and back. Nothing is copied."""
    return x.swapaxes(0, -2)


class PerNetwork(NDArrayOperatorsMixin):
    """A number for each network of a stack, in arithmetic what a Python float is for one network.

    Among themselves and with numbers they are float64; an array that they meet decides the dtype, as it does for a
    float. So a rule or a penalty that is written for one number gives each network the same bits as alone.
    """

    def __init__(self, values: Array) -> None:
        self.values = values  # float64, (R, 1) or (R, 1, 1): as many axes as the arrays that they meet

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self.values, dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        arrays = [x.dtype for x in inputs if isinstance(x, np.ndarray)]
        dtype = np.result_type(*arrays) if arrays else np.dtype(np.float64)
        numbers = [x.values.astype(dtype, copy=False) if isinstance(x, PerNetwork) else x for x in inputs]
        if arrays:
            return getattr(ufunc, method)(*numbers, **settings)
        if ufunc is np.power:  # NumPy's own rounds other than the C library's, which Python uses
            ufunc = np.frompyfunc(pow, 2, 1)
        return PerNetwork(np.asarray(ufunc(*numbers), np.float64))


def per_network(values: Sequence[float], axes: int) -> Any:
    """These numbers for arrays with so many axes after the leading one; one number if all are equal."""
    if len(set(values)) == 1:
        return values[0]
    return PerNetwork(np.array(values, np.float64).reshape(-1, *[1] * axes))


def magnitude(x: Array) -> Array:
    """|x| = max(x, −x), which is analytic on each side of 0, as the modulus of a complex number is not."""
    result: Array = np.maximum(x, -x) + 0.0  # no negative zero
    return result


def total_of(x: Array) -> Array:
    """Σ over the last axis, the units: (..., units) with the same sum for each unit, or (..., 1) for more than FEW.

    NumPy adds short rows one by one, which takes ten times as long as a product with ones. A result with the shape of x
    needs no broadcasting, which halves the cost of the next operation on small arrays.
    """
    ones = _ones(x.shape[-1], x.dtype)
    result: Array = x.dot(ones) if x.ndim < 3 else np.matmul(x, ones)
    return result


@lru_cache(maxsize=32)
def _ones(units: int, dtype: np.dtype[Any]) -> Array:
    return np.ones((units, units if units <= FEW else 1), dtype)


def largest_of(a: Array) -> Array:
    """max over the last axis, (..., 1)

    NumPy goes through short rows one by one, which takes up to ten times as long as to turn them into columns first.
    """
    if a.shape[-1] > FEW:
        largest: Array = np.maximum.reduce(a, axis=-1, keepdims=True)
        return largest
    largest = np.maximum.reduce(a.T.copy(), axis=0)
    return largest.T[..., None]
