"""Block sizes in which a sample's outputs do not depend on its place among other samples.

A library for matrix products may sum in another order at the edge of a block than within it: OpenBLAS 0.3.31 does so
in float32 on processors with AVX2 (at 256 samples, 3 orders), and in float64 on those with AVX-512 at 300 units. Which
sizes are steady is tried out, since nobody promises any; a block of one sample has no places to differ.
"""

import numpy as np

from mlpcli.core.network import Network
from mlpcli.core.propagation import forward, room_for_forward

SIZES = (256, 192, 1)  # 192 is a multiple of the 12, 16 and 24 samples that kernels take at a time
TRIED = 4  # samples: two orders of summing may agree on one of them by chance


def steady_block(network: Network) -> int:
    """The first of these sizes with the same outputs, to the bit, at all places of a block."""
    return next(rows for rows in SIZES if rows == 1 or _steady(network, rows))


def _steady(network: Network, rows: int) -> bool:
    room = room_for_forward(network, rows)
    block = np.empty((rows, network.inputs), network.dtype)
    for sample in np.random.default_rng(0).standard_normal((TRIED, network.inputs)):
        block[...] = sample
        with np.errstate(all="ignore"):
            passed = forward(network, block, room)
        if any((layer.a != layer.a[0]).any() for layer in passed.layers):
            return False
    return True
