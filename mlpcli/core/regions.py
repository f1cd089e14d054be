"""The plane of two features as a network sees it: its class at every place of a grid, and that of samples."""

from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.network import Network
from mlpcli.core.predicting import predict
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task, decide, off_and_on

STEPS = 200  # of the grid, from side to side
LARGEST = 1e150  # feature
MARGIN = 0.06  # of the samples' range, beyond them on each side


@dataclass(frozen=True)
class Regions:
    """Places are in the features' own units; classes are numbers."""

    across: Array  # (columns,)
    up: Array  # (rows,)
    classes: Array  # (rows, columns)
    margins: Array  # (classes, rows, columns): how far each class leads the best of the others; its region is > 0
    x: Array  # (n, 2): samples
    truth: Array  # (n,)
    predicted: Array  # (n,)

    @property
    def wrong(self) -> Array:
        """Which samples are misclassified, (n,)."""
        result: Array = self.truth != self.predicted
        return result


def regions(network: Network, task: Task, samples: Samples) -> Regions:
    """The classes on a grid around the samples. The network has two inputs, the task classes of which one is right.

    Raises MlpError where there are no samples, where features are too large for the differences between them, and where
    outputs overflow.
    """
    if not len(samples):
        raise MlpError("a plane is drawn around samples, and there are none")
    if not np.abs(samples.x).max() <= LARGEST:
        raise MlpError(f"a feature beyond {LARGEST:g} leaves no room for a plane around the samples")
    activation = network.layers[-1].activation.name
    across, up = (_steps(column) for column in samples.x.T.astype(np.float64))
    grid = np.stack(np.meshgrid(across, up), axis=-1)
    _, outputs = predict(network, grid.reshape(-1, 2), samples.scaling)
    _, predicted = predict(network, samples.x, samples.scaling)
    if not (np.isfinite(outputs).all() and np.isfinite(predicted).all()):
        raise MlpError(
            "ŷ overflows on the plane of the samples, where it has no class: features or weights are too large"
        )
    shape = grid.shape[:2]
    return Regions(
        across,
        up,
        decide(task, activation, outputs).reshape(shape),
        _margins(task, activation, outputs).T.reshape(-1, *shape),
        samples.x,
        decide(task, activation, samples.y),
        decide(task, activation, predicted),
    )


def _steps(x: Array) -> Array:
    low, high = x.min(), x.max()
    room = MARGIN * (high - low) or max(1.0, MARGIN * abs(high))
    return np.linspace(low - room, high + room, STEPS + 1)


def _margins(task: Task, activation: str, outputs: Array) -> Array:
    """How far each class leads, (n, classes): over the largest of the others, or over the middle between no and yes."""
    if task.name == "binary":
        lead = outputs - sum(off_and_on(activation)) / 2
        return np.hstack([-lead, lead])
    ordered = np.sort(outputs, axis=-1)
    best_other = np.where(outputs == ordered[:, -1:], ordered[:, -2:-1], ordered[:, -1:])
    result: Array = outputs - best_other
    return result
