"""What the tests of plots share: a picture of each kind, simple, large and odd."""

import gc
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from mlpcli.core.metrics import ClassReport, Evaluation
from mlpcli.plot.boundary import Boundary, DecisionRegions
from mlpcli.plot.forms import STYLE, Drawable, image
from mlpcli.plot.history import CurvesPicture
from mlpcli.plot.matrix import confusion_plot, weights_plot
from mlpcli.report.curves import Curve, Curves, Panels
from mlpcli.report.screen import Screen

PLAIN = Screen(80, color=False, unicode=False)


def halves() -> Boundary:
    """The left half is of class one, the right half of class two; the third of four samples is misclassified."""
    across, up = np.linspace(0, 1, 11), np.linspace(0, 1, 11)
    lead = np.tile(across - 0.55, (11, 1))
    samples = np.array([[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.2, 0.5]])
    found = DecisionRegions(
        across,
        up,
        (lead > 0).astype(int),
        np.stack([-lead, lead]),
        samples,
        np.array([0, 1, 0, 0]),
        np.array([0, 1, 1, 0]),
    )
    return Boundary("halves", ("width", "height"), ("one", "two"), found)


def many_classes() -> Boundary:
    picture = halves()
    margins = np.concatenate([picture.decision_regions.margins, np.full((9, 11, 11), -1.0)])
    names = tuple(f"class {place}" for place in range(11))
    return picture._replace(classes=names, decision_regions=picture.decision_regions._replace(margins=margins))


def evaluation() -> Evaluation:
    names = tuple(ClassReport(name, None, None, None, 0) for name in ("cat", "dog", "$x$", "_y"))
    return Evaluation(9, 0.5, {}, names, np.array([[3, 1, 0, 0], [0, 2, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]]))


def weights(features: tuple[str, ...], units: int = 3) -> Drawable:
    W = np.linspace(-2, 1, units * len(features)).reshape(units, -1)
    return weights_plot(W, features, "W⁽¹⁾ of w.json").picture


def one_epoch(loss: float) -> Curves:
    return Curves("loss", "epoch", (Curve("training", np.array([1.0]), np.array([loss])),), True)


CURVE = Curves("loss", "epoch", (Curve("training", np.arange(1.0, 4), np.array([3.0, np.nan, 1.0])),), counted=True)
PICTURES: dict[str, Drawable] = {
    "curves": CurvesPicture(Panels((CURVE,))),
    "one epoch": CurvesPicture(Panels((one_epoch(0.5),))),
    "nothing finite": CurvesPicture(Panels((one_epoch(np.nan),))),
    "map": halves(),
    "many classes": many_classes(),
    "confusion": confusion_plot(evaluation(), "iris, test part").picture,
    "heat": weights(("a", "b", "größe")),
    "wide heat": weights(tuple(f"x{k}" for k in range(500))),
    "tiles": weights(tuple(f"pixel {row},{column}" for row in range(4) for column in range(4))),
    "many tiles": weights(tuple(f"pixel {row},{column}" for row in range(30) for column in range(30)), 120),
}


def svg_texts(picture: Drawable) -> list[str]:
    root = ET.fromstring(image(picture, ".svg"))
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


LONG = "a name that is quite long, number {}"
WIDE = "WWWWWWWW {}"  # the widest letter


def matrix(classes: int, name: str) -> Drawable:
    names = tuple(ClassReport(name.format(place), None, None, None, 0) for place in range(classes))
    counts = np.eye(classes, dtype=int) * 1000
    return confusion_plot(Evaluation(9, 0.5, {}, names, counts), f"{name} " * 8).picture


def layer(inputs: int, units: int, largest: float) -> Drawable:
    W = np.linspace(-largest, largest, inputs * units).reshape(units, inputs)
    return weights_plot(W, tuple(LONG.format(place) for place in range(inputs)), "W⁽¹⁾ of w.json").picture


def plane(classes: int) -> Boundary:
    """Every class has a sample, all in the half of the second."""
    found, truth = halves().decision_regions, np.arange(classes)
    samples = np.stack([np.full(classes, 0.9), truth / classes], axis=1)
    margins = np.concatenate([found.margins, np.full((classes - 2, *found.classes.shape), -1.0)])
    regions = DecisionRegions(found.across, found.up, found.classes, margins, samples, truth, np.ones(classes, int))
    return Boundary(LONG, ("width", "height"), tuple(LONG.format(place) for place in range(classes)), regions)


SIZES = [(2, LONG), (3, WIDE), (12, LONG), (12, WIDE), (40, LONG), (120, WIDE)]
MATRICES = {f"{classes} {name}": matrix(classes, name) for classes, name in SIZES}
SHAPES = [(1, 1), (1, 90), (4, 16), (13, 1), (13, 16), (30, 90), (400, 16)]
LAYERS = {f"{inputs}-{units}": layer(inputs, units, 0.9) for inputs, units in SHAPES}
LARGE = {"large weights": layer(8, 3, 123456.0)}
MAPS = {f"{classes} classes": plane(classes) for classes in (2, 9, 14, 15, 40)}


@contextmanager
def drawn(picture: Drawable) -> Iterator[Figure]:
    """The picture on a figure, while matplotlib has our style."""
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **STYLE}):
        figure = Figure(picture.size)
        picture.draw(figure)
        figure.canvas.draw()
        yield figure
        figure.clear()
    del figure
    gc.collect()  # a large one has 100 MB of pixels, in a circle of references; forks of the tests copy them all
