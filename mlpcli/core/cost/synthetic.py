"""Samples to measure with, of the right shape and kind; their values do not matter to the clock."""

import numpy as np
from numpy.random import Generator

from mlpcli.core.arrays import Array
from mlpcli.core.cost.workload import Workload
from mlpcli.core.gradient_descent import SLICE
from mlpcli.core.samples import Samples, Scaling

FULL_BYTE = 255.0


def synthetic_samples(workload: Workload, count: int, generator: Generator) -> Samples:
    """Bytes as images have them, scaled by one number, or numbers with a mean and a scale for each feature."""
    inputs = workload.inputs
    x = np.empty((count, inputs), workload.stored)
    if workload.pixels:
        _fill(x, generator.integers(0, 256, min(x.size, SLICE)))
        scaling = Scaling(np.array(0.0), np.array(FULL_BYTE))
    else:
        _fill(x, generator.standard_normal(min(x.size, SLICE)))
        scaling = Scaling(generator.normal(0, 0.01, inputs), np.ones(inputs))
    return Samples(x, _targets(workload, count), scaling, np.array(1.0))


def _fill(x: Array, drawn: Array) -> None:
    """The same few numbers again and again, so that no second array of this size is needed."""
    flat = x.reshape(-1)
    for start in range(0, flat.size, drawn.size):
        part = flat[start : start + drawn.size]
        part[...] = drawn[: part.size]


def _targets(workload: Workload, count: int) -> Array:
    """One 1 in each row, in turn: what every loss and every task takes."""
    y = np.zeros((count, workload.outputs), workload.dtype)
    y[np.arange(count), np.arange(count) % workload.outputs] = 1
    return y
