"""What is to be trained: the network, how, and on how many samples of which kind."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpcli.core.network import Layer, count
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import Optimizer
from mlpcli.core.tasks import Task


@dataclass(frozen=True)
class Workload:
    """All that the cost of a training depends on, without a single weight or sample."""

    layers: tuple[Layer, ...]
    objective: Objective
    task: Task
    optimizer: Optimizer  # a gradient rule
    dtype: np.dtype[Any]
    stored: np.dtype[Any]  # of features as they were read: images stay bytes
    training: int  # samples
    validation: int
    test: int
    batch: int  # at most as many as training samples
    epochs: int

    @property
    def pixels(self) -> bool:
        """Whether features are images, scaled by one number; others have a mean and a scale each."""
        return self.stored == np.uint8

    @property
    def inputs(self) -> int:
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        return self.layers[-1].units

    @property
    def parameters(self) -> int:
        return count(self.layers)

    @property
    def updates_per_epoch(self) -> int:
        """⌈samples / batch⌉: the last batch takes what remains."""
        return -(-self.training // self.batch)

    @property
    def updates(self) -> int:
        return self.epochs * self.updates_per_epoch

    @property
    def last_batch(self) -> int:
        """Samples of the last batch of an epoch."""
        return self.training - (self.updates_per_epoch - 1) * self.batch
