"""The array type, and where arrays lie in memory."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

CACHE_LINE = 64  # bytes


def aligned_empty(shape: int | tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """A new array that starts on a cache line.

    NumPy aligns to 16 bytes only. An element-wise operation on two arrays that straddle cache lines took twice the
    time of the same operation on aligned ones, and the update of 400,000 parameters is nine of those.
    """
    bytes_needed = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.empty(bytes_needed + CACHE_LINE, dtype=np.uint8)
    offset = -raw.ctypes.data % CACHE_LINE
    return raw[offset : offset + bytes_needed].view(dtype).reshape(shape)


def magnitude(x: Array) -> Array:
    """|x| = max(x, −x), which is analytic on each side of 0, as the modulus of a complex number is not."""
    result: Array = np.maximum(x, -x) + 0.0  # no negative zero
    return result
