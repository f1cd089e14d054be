"""Arrays: their type, their place in memory, and sums over units that cost little."""

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

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


def magnitude(x: Array) -> Array:
    """|x| = max(x, −x), which is analytic on each side of 0, as the modulus of a complex number is not."""
    result: Array = np.maximum(x, -x) + 0.0  # no negative zero
    return result


def total_of(x: Array) -> Array:
    """Σ over the last axis, the units: (..., units) with the same sum for each unit, or (..., 1) for more than FEW.

    NumPy adds short rows one by one, which takes ten times as long as a product with ones. A result with the shape of x
    needs no broadcasting, which halves the cost of the next operation on small arrays.
    """
    result: Array = x.dot(_ones(x.shape[-1], x.dtype))
    return result


@lru_cache(maxsize=32)
def _ones(units: int, dtype: np.dtype[Any]) -> Array:
    return np.ones((units, units if units <= FEW else 1), dtype)


def largest_of(a: Array) -> Array:
    """max over the last axis, (..., 1)"""
    return np.maximum.reduce(a, axis=-1, keepdims=True)
