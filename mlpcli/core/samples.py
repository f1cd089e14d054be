"""Samples: features as they are stored, their scaling, and targets as the network's outputs; and their batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import Array, aligned_empty

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator

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
            return np.divide(out, float(self.scale), out=out)
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

    def __len__(self) -> int:
        return len(self.x)


def rows_together(batch: int, features: int) -> int:
    """The number of samples gathered at once: whole batches, at least one."""
    return batch * max(1, BLOCK // (batch * features))


class ShuffledBatches:
    """The samples in random order, in blocks of whole batches; the last block has the rest."""

    def __init__(self, samples: Samples, batch: int, dtype: npt.DTypeLike) -> None:
        self.samples, self.batch = samples, batch
        features = samples.x.shape[-1]
        self._rows = rows_together(batch, features)
        block = (min(self._rows, len(samples)), features)
        self._raw = aligned_empty(block, samples.x.dtype)
        self._scaled = aligned_empty(block, dtype)

    def blocks(self, generator: "Generator") -> Iterator[tuple[Array, Array]]:
        """Scaled x and y of all samples in a new order, several batches at a time. The next block overwrites x."""
        order = generator.permutation(len(self.samples))
        for start in range(0, len(order), self._rows):
            chosen = order[start : start + self._rows]
            n = len(chosen)
            np.take(self.samples.x, chosen, axis=0, out=self._raw[:n], mode="clip")  # "clip" needs no buffer
            x = self.samples.scaling.apply(self._raw[:n], self._scaled[:n])
            yield x, self.samples.y[chosen]


def blocks(x: Array, scaling: Scaling, rows: int, dtype: npt.DTypeLike) -> Iterator[tuple[slice, Array]]:
    """Scaled x in order, in blocks of exactly `rows`, and the range of samples of each; the last is padded with zeros.

    A matrix product may round a row differently if there are more or fewer rows. In blocks of a stable size (see
    `stable_block`), each row has the same result to the bit, in whatever blocks the rows arrive.
    """
    block: npt.NDArray[Any] = np.zeros((rows, x.shape[-1]), dtype)
    for start in range(0, len(x), rows):
        part = x[start : start + rows]
        scaling.apply(part, block[: len(part)])
        block[len(part) :] = 0
        yield slice(start, start + len(part)), block
