"""The decision boundary over two features: the class at each place of a grid, samples, and their pictures."""

from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.network import Network
from mlpcli.core.predicting import predict
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task, decide, off_and_on
from mlpcli.report.curves import LARGEST

STEPS = 200  # of the grid, from side to side
MARGIN = 0.06  # of the range of the samples, on each side of them


class DecisionRegions(NamedTuple):
    """Classes on a grid, by number, and samples. Places are in the units of the features."""

    across: Array  # (columns,)
    up: Array  # (rows,)
    classes: Array  # (rows, columns)
    margins: Array  # (classes, rows, columns): the lead of each class over the best other; its region is > 0
    x: Array  # (n, 2): samples
    truth: Array  # (n,)
    predicted: Array  # (n,)

    @property
    def wrong(self) -> Array:
        """Which samples are misclassified, (n,)."""
        result: Array = self.truth != self.predicted
        return result


def decision_regions(network: Network, task: Task, samples: Samples) -> DecisionRegions:
    """The classes on a grid around the samples. The network has two inputs, the task is binary or multiclass.

    Raises MlpError if there are no samples, if features are too large to be subtracted, and if outputs overflow.
    """
    if not len(samples):
        raise MlpError("there are no samples to draw")
    if not np.abs(samples.x).max() <= LARGEST:
        raise MlpError(f"a feature beyond {LARGEST:g} is too large to draw")
    across, up = (places_around(column, STEPS) for column in samples.x.T.astype(np.float64))
    _, outputs = predict(network, places_in(across, up), samples.scaling)
    _, predicted = predict(network, samples.x, samples.scaling)
    activation = network.layers[-1].activation.name
    return regions_of(task, activation, (across, up), outputs, samples.x, samples.y, predicted)


def places_around(x: Array, steps: int) -> Array:
    """Places from below the smallest number to above the largest, evenly spread."""
    low, high = x.min(), x.max()
    room = MARGIN * (high - low) or max(1.0, MARGIN * abs(high))
    return np.linspace(low - room, high + room, steps + 1)


def places_in(across: Array, up: Array) -> Array:
    """All places of a grid, (rows · columns, 2), row by row."""
    return np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)


def regions_of(
    task: Task, activation: str, axes: tuple[Array, Array], outputs: Array, x: Array, y: Array, predicted: Array
) -> DecisionRegions:
    """The regions from ŷ at all places of a grid, and samples x, (n, 2), with their targets y and their own ŷ.

    Raises MlpError for an ŷ that is not finite.
    """
    if not (np.isfinite(outputs).all() and np.isfinite(predicted).all()):
        raise MlpError("ŷ overflows near the samples: features or weights are too large")
    shape = len(axes[1]), len(axes[0])
    margins = _margins(task, activation, outputs).T.reshape(-1, *shape)
    truth, decided = decide(task, activation, y), decide(task, activation, predicted)
    return DecisionRegions(*axes, decide(task, activation, outputs).reshape(shape), margins, x, truth, decided)


def _margins(task: Task, activation: str, outputs: Array) -> Array:
    """The lead of each class, (n, classes), over the best other class, or over the middle between no and yes."""
    if task.name == "binary":
        lead = outputs - sum(off_and_on(activation)) / 2
        return np.hstack([-lead, lead])
    ordered = np.sort(outputs, axis=-1)
    best_other = np.where(outputs == ordered[:, -1:], ordered[:, -2:-1], ordered[:, -1:])
    result: Array = outputs - best_other
    return result
