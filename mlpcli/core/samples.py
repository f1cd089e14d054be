"""Samples: features as they were stored, how a batch of them is scaled, and targets as the network's outputs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import Array, aligned_empty

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator

# Numbers gathered at once. Small data sets are shuffled in one call instead of one for each batch, large ones in pieces
# that stay in the cache until the first layer reads them.
BLOCK = 131_072


@dataclass(frozen=True)
class Scaling:
    """x ↦ (x − mean)/scale, with one mean and one scale per feature or for all of them."""

    mean: Array  # (features,) or ()
    scale: Array  # (features,) or ()

    def apply(self, x: Array, out: Array) -> Array:
        """The scaled features, written into `out` and rounded to its dtype at each of the two steps."""
        if self.mean.ndim == 0:  # one number for all features has the dtype of `out`, which saves a detour by float64
            np.copyto(out, x, casting="same_kind")
            if self.mean:
                np.subtract(out, float(self.mean), out=out)
            return np.divide(out, float(self.scale), out=out)
        np.subtract(x, self.mean, out=out, casting="same_kind")
        return np.divide(out, self.scale, out=out, casting="same_kind")


def unscaled() -> Scaling:
    """x as it is."""
    return Scaling(np.array(0.0), np.array(1.0))


@dataclass(frozen=True)
class Samples:
    """n samples, of which the scaling is the network's business and not the file's."""

    x: Array  # (n, features), as stored: images may stay bytes
    y: Array  # (n, outputs)
    scaling: Scaling
    unit: Array  # (outputs,) or (): what one unit of a (scaled) target is worth in the target's own unit

    def __len__(self) -> int:
        return len(self.x)


def rows_together(batch: int, features: int) -> int:
    """How many samples are gathered at once: whole batches, one at least."""
    return batch * max(1, BLOCK // (batch * features))


class ShuffledBatches:
    """The samples in random order, in blocks that hold a whole number of batches; the last takes what remains."""

    def __init__(self, samples: Samples, batch: int, dtype: npt.DTypeLike) -> None:
        self.samples, self.batch = samples, batch
        features = samples.x.shape[-1]
        self._rows = rows_together(batch, features)
        block = (min(self._rows, len(samples)), features)
        self._raw = aligned_empty(block, samples.x.dtype)
        self._scaled = aligned_empty(block, dtype)

    def blocks(self, generator: "Generator") -> Iterator[tuple[Array, Array]]:
        """x, scaled, and y of all samples in a new order, several batches together. The next block overwrites x."""
        order = generator.permutation(len(self.samples))
        for start in range(0, len(order), self._rows):
            places = order[start : start + self._rows]
            n = len(places)
            np.take(self.samples.x, places, axis=0, out=self._raw[:n], mode="clip")  # "clip" needs no buffer
            x = self.samples.scaling.apply(self._raw[:n], self._scaled[:n])
            yield x, self.samples.y[places]


def blocks(x: Array, scaling: Scaling, rows: int, dtype: npt.DTypeLike) -> Iterator[tuple[slice, Array]]:
    """x, scaled, in order and in blocks of exactly `rows`; the last is filled up with zeros.

    A matrix product may round a row differently when there are more or fewer. In blocks of one size that is steady
    (`stable_block`) each row comes out the same to the bit, however the rows were cut before.
    """
    block: npt.NDArray[Any] = np.zeros((rows, x.shape[-1]), dtype)
    for start in range(0, len(x), rows):
        part = x[start : start + rows]
        scaling.apply(part, block[: len(part)])
        block[len(part) :] = 0
        yield slice(start, start + len(part)), block
