"""What the batches of an epoch have shown so far."""

from math import isfinite

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.losses import Output
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, mean_loss
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task, headline


class Seen:
    """The outputs of an epoch's batches, kept so that loss and metric cost one pass over all, not one per batch."""

    def __init__(self, network: Network, objective: Objective, task: Task, samples: Samples) -> None:
        self.activation = network.layers[-1].activation
        self.objective, self.task, self.unit = objective, task, samples.unit
        # unit by unit, since sums and maxima over few outputs then run along the samples
        self.a: Array = np.empty((network.outputs, len(samples)), network.dtype).T
        self.h: Array = np.empty_like(self.a)
        self.y: Array = np.empty_like(self.a)
        self.count = 0

    def expect(self, y: Array) -> int:
        """Takes the targets of the batches to come, and says at which row their outputs will start."""
        self.y[self.count : self.count + len(y)] = y
        return self.count

    def add(self, a: Array, h: Array) -> None:
        """What the last layer gave for a batch."""
        end = self.count + len(a)
        self.a[self.count : end] = a
        self.h[self.count : end] = h
        self.count = end

    def first_not_finite(self, start: int) -> int | None:
        """The first row from `start` on with an output that is not finite, or None."""
        finite = np.isfinite(self.a[start : self.count])
        return None if finite.all() else int(start + np.argmin(finite.all(axis=-1)))

    def first_batch_too_large(self, size: int) -> int | None:
        """The first batch, from 1, whose outputs are finite and whose loss is not, or None."""
        for number, first in enumerate(range(0, self.count, size), 1):
            rows = slice(first, min(first + size, self.count))
            output = Output(self.activation, self.a[rows], self.h[rows])
            if not isfinite(mean_loss(self.objective, output, self.y[rows])):
                return number
        return None

    def summary(self) -> tuple[float, float]:
        """Loss and headline metric of the samples seen so far."""
        a, y_hat, y = self.a[: self.count], self.h[: self.count], self.y[: self.count]
        loss = mean_loss(self.objective, Output(self.activation, a, y_hat), y)
        return loss, headline(self.task, self.activation.name, y, y_hat, self.unit)
