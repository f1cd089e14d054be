"""Places along a rank: as near as may be to where the neighbours want them, and far enough from each other.

In one rank that is a least-squares problem with an order to be kept, which pooling adjacent violators solves exactly
(Barlow et al. 1972).
"""

from collections.abc import Sequence


def placed(wanted: Sequence[float], weights: Sequence[float], distances: Sequence[float]) -> list[float]:
    """Places p that make Σ weight·(p − wanted)² least, each at least its distance behind the one before.

    `distances` has one entry less than `wanted`.
    """
    offsets = [0.0]
    for distance in distances:
        offsets.append(offsets[-1] + distance)
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, weight, offset in zip(wanted, weights, offsets, strict=False):
        block = (want - offset, weight, 1)
        while blocks and blocks[-1][0] >= block[0]:
            block = _pooled(blocks.pop(), block)
        blocks.append(block)
    places = [mean for mean, _, count in blocks for _ in range(count)]
    return [place + offset for place, offset in zip(places, offsets, strict=False)]


def _pooled(one: tuple[float, float, int], two: tuple[float, float, int]) -> tuple[float, float, int]:
    """Two blocks that touch, at their common mean."""
    weight = one[1] + two[1]
    return (one[0] * one[1] + two[0] * two[1]) / weight, weight, one[2] + two[2]
