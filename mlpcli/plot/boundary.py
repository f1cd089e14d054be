"""The decision boundary over two features: the class at each place of a grid, and the samples around which it lies."""

from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.network import Network
from mlpcli.core.predicting import predict
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task, decide, off_and_on
from mlpcli.plot.forms import Plot
from mlpcli.report.curves import LARGEST
from mlpcli.report.screen import Screen
from mlpcli.report.sheet import Cell, Report, Sheet

STEPS = 200  # of the grid, from side to side
MARGIN = 0.06  # of the samples' range, beyond them on each side


class Regions(NamedTuple):
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


def decision_regions(network: Network, task: Task, samples: Samples) -> Regions:
    """The classes on a grid around the samples. The network has two inputs, the task is binary or multiclass.

    Raises MlpError if there are no samples, if features are too large to be subtracted, and if outputs overflow.
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


# ----- The plot -----------------------------------------------------------------------------------------------------


class Boundary(NamedTuple):
    """Regions with the names of their axes and classes."""

    title: str
    features: tuple[str, str]
    classes: tuple[str, ...]
    regions: Regions

    @property
    def size(self) -> tuple[float, float]:
        """Inches of the plane, the same for any number of classes."""
        return 4.8, 3.8

    def text(self, screen: Screen) -> str:
        from mlpcli.plot.boundary_picture import boundary_text

        return boundary_text(self, screen)

    def draw(self, figure: Any) -> None:
        from mlpcli.plot.boundary_picture import draw_boundary

        draw_boundary(figure, self)

    def misclassified(self, places: int) -> str:
        """How many samples are, and in how many places of the picture if several share one."""
        wrong, samples = int(self.regions.wrong.sum()), len(self.regions.truth)
        shared = f", in {places} place" + "s" * (places > 1) if places < wrong else ""
        return f"misclassified: {wrong} of {samples}{shared}"

    @property
    def missed(self) -> list[int]:
        """The classes with misclassified samples."""
        classes: list[int] = np.unique(self.regions.truth[self.regions.wrong]).tolist()
        return classes


def boundary_plot(boundary: Boundary) -> Plot:
    """The picture; the class at every place of the grid; and each sample with its class and the network's."""
    regions, names = boundary.regions, boundary.classes
    across, up = regions.across.tolist(), regions.up.tolist()
    rows: list[tuple[Cell, ...]] = [
        ("grid", x, y, None, names[place])
        for y, classes in zip(up, regions.classes.tolist(), strict=True)
        for x, place in zip(across, classes, strict=True)
    ]
    samples = list(zip(regions.x.tolist(), regions.truth.tolist(), regions.predicted.tolist(), strict=True))
    rows += [("sample", x, y, names[truth], names[predicted]) for (x, y), truth, predicted in samples]
    document = {
        "title": boundary.title,
        "features": list(boundary.features),
        "classes": list(names),
        "grid": {"x": across, "y": up, "predictions": regions.classes.tolist()},
        "samples": [{"x": x, "class": names[truth], "prediction": names[predicted]} for x, truth, predicted in samples],
    }
    flat = Sheet("", ("kind", *boundary.features, "class", "prediction"), tuple(rows))
    return Plot(boundary, Report("boundary", document, flat, ()))
