"""Samples: features as they are stored, their scaling, and targets as the network's outputs; and their batches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import Array, aligned_empty

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator

# Scaled x, y, and the weights if there are some.
Block = tuple[Array, Array, Array | None]

# Numbers gathered at once. Small data sets are shuffled in one call instead of one per batch, large ones in blocks that
# stay in the cache until the first layer reads them.
BLOCK = 131_072


@dataclass(frozen=True)
class Scaling:
    """x ↦ (x − mean)/scale, with a mean and a scale per feature, or one for all."""

    mean: Array  # (features,) or ()
    scale: Array  # (features,) or ()

    def apply(self, x: Array, out: Array) -> Array:
        """Writes the scaled x, (n, features), into `out`, rounded to its dtype after each of the two steps."""
        if self.mean.ndim == 0:  # one number for all features; it gets the dtype of `out`, not float64
            np.copyto(out, x, casting="same_kind")
            if self.mean:
                np.subtract(out, float(self.mean), out=out)
            return out if self.scale == 1 else np.divide(out, float(self.scale), out=out)
        np.subtract(x, self.mean, out=out, casting="same_kind")
        return np.divide(out, self.scale, out=out, casting="same_kind")


def unscaled() -> Scaling:
    """The scaling that does not change x."""
    return Scaling(np.array(0.0), np.array(1.0))


@dataclass(frozen=True)
class Samples:
    """n samples, and the scaling of their features."""

    x: Array  # (n, features), as stored and not yet scaled: images may be bytes
    y: Array  # (n, outputs)
    scaling: Scaling
    unit: Array  # (outputs,) or (): the size of 1 of a scaled target in the target's own unit
    weights: Array | None = None  # (n,): how much each sample counts; None for 1 each

    def __len__(self) -> int:
        return len(self.x)


def pooled(sets: Sequence[Samples], dtype: npt.DTypeLike) -> tuple[Samples, Array]:
    """Sets of n samples for the networks of a stack, each set once, and the row at which a network's begin, (R, 1).

    All sets have weights, or none has. Features that each have their own mean and scale are scaled here, once. Units
    get the leading axis of the stack.
    """
    first, distinct = sets[0], {id(each): each for each in sets}
    number = {key: i for i, key in enumerate(distinct)}
    starts = np.array([[number[id(each)] * len(first)] for each in sets])
    x, y = (np.concatenate([getattr(each, name) for each in distinct.values()]) for name in "xy")
    weights = [each.weights for each in distinct.values() if each.weights is not None]
    scaling = first.scaling
    if scaling.mean.ndim:  # one number for all features is the same for all networks
        stored, x, scaling = x.reshape(-1, *first.x.shape), np.empty(x.shape, dtype), unscaled()
        for each, raw, scaled in zip(distinct.values(), stored, x.reshape(stored.shape), strict=True):
            each.scaling.apply(raw, scaled)
    units = np.stack([each.unit for each in sets]).reshape(len(sets), 1, -1)
    return Samples(x, y, scaling, units, np.concatenate(weights) if weights else None), starts


def rows_together(batch: int, features: int) -> int:
    """The number of samples gathered at once: whole batches, at least one."""
    return batch * max(1, BLOCK // (batch * features))


class ShuffledBatches:
    """The samples in random order, in blocks of whole batches; the last block has the rest.

    `shape` is that of an order: (n,) for all samples, and (R, n) for a stack whose networks choose from the samples.
    """

    def __init__(
        self,
        samples: Samples,
        batch: int,
        dtype: npt.DTypeLike,
        shape: tuple[int, ...] | None = None,
        empty: Callable[..., Array] = aligned_empty,
    ) -> None:
        self.samples, self.batch = samples, batch
        *leading, count = (len(samples),) if shape is None else shape
        features = samples.x.shape[-1]
        self._rows = rows_together(batch, features * prod(leading))
        block = (*leading, min(self._rows, count), features)
        self._raw = aligned_empty(block, samples.x.dtype)
        self._scaled = empty(block, dtype)

    def blocks(self, generator: "Generator") -> Iterator[Block]:
        """Scaled x, y and weights of all samples in a new order, several batches at a time.

        The next block overwrites x.
        """
        return self.in_order(generator.permutation(len(self.samples)))

    def in_order(self, order: Array) -> Iterator[Block]:
        """The same in the order given. For a stack, blocks have the leading axis of `order`."""
        for start in range(0, order.shape[-1], self._rows):
            chosen = order[..., start : start + self._rows]
            weights = None if self.samples.weights is None else self.samples.weights[chosen]
            yield self.x(order, start), np.take(self.samples.y, chosen, axis=0), weights

    def x(self, order: Array, start: int) -> Array:
        """Scaled x of the block with this first row."""
        return self.gather(order, start, self._scaled)

    def gather(self, order: Array, start: int, scaled: Array) -> Array:
        """Writes the x of a block into `scaled`, which may have room for more."""
        chosen = order[..., start : start + self._rows]
        rows = (..., slice(chosen.shape[-1]), slice(None))
        raw = np.take(self.samples.x, chosen, axis=0, out=self._raw[rows], mode="clip")  # "clip" needs no buffer
        return self.samples.scaling.apply(raw, scaled[rows])


def blocks(x: Array, scaling: Scaling, rows: int, dtype: npt.DTypeLike) -> Iterator[tuple[slice, Array]]:
    """Scaled x in order, in blocks of exactly `rows`, and the range of samples of each; the last is padded with zeros.

    A matrix product may round a row differently if there are more or fewer rows. In blocks of a stable size (see
    `stable_block`), each row has the same result to the bit, in whatever blocks the rows arrive.
    """
    *leading, samples, features = x.shape
    block: npt.NDArray[Any] = np.zeros((*leading, rows, features), dtype)
    for start in range(0, samples, rows):
        place = slice(start, min(start + rows, samples))
        n = place.stop - start
        scaling.apply(x[..., place, :], block[..., :n, :])
        block[..., n:, :] = 0
        yield place, block
