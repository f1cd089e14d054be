"""What the tests of plots share: a picture of each kind, simple, large and odd."""

import gc
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
import numpy as np
from core_helpers import lecture_network, random_network, samples_of
from matplotlib.figure import Figure

from mlpcli.core.losses import LOSSES
from mlpcli.core.metrics import ClassReport, Evaluation
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.tasks import TASKS
from mlpcli.core.training_records import History
from mlpcli.files.runs import Runs
from mlpcli.plot.boundary import DecisionRegions
from mlpcli.plot.boundary_plot import Boundary
from mlpcli.plot.descent import Way, descents, surface_around
from mlpcli.plot.descent_plot import DescentPicture, descent_plot
from mlpcli.plot.forms import STYLE, Drawable, image
from mlpcli.plot.history import CurvesPicture
from mlpcli.plot.layers import layer_planes, layers_plot
from mlpcli.plot.matrix import confusion_plot, weights_plot
from mlpcli.plot.parameters import Problem, parameter_at
from mlpcli.plot.slice import slice_of
from mlpcli.plot.slice_plot import slice_plot
from mlpcli.plot.sweep import sweep_plot
from mlpcli.plot.sweep_curves import curves_plot
from mlpcli.report.curves import Curve, Curves
from mlpcli.report.text import Screen

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


def slice_of_the_lecture() -> Drawable:
    network, objective = lecture_network(), objective_of(LOSSES["cce"], l2=0.1)
    x, y, w = np.array([[1.8, 0.5], [-1.0, 2.0]]), np.eye(3)[:2], parameter_at(network, 2)
    problem = Problem(network, objective, x, y, "$x$")
    return slice_plot(slice_of(problem, w, (-3, 3))).picture


def layers_of_a_line() -> Drawable:
    network, names = random_network(2, [3, 2, 1], ["relu", "tanh", "sigmoid"], 1), ("one", "größe")
    given = samples_of(np.random.default_rng(1).normal(size=(9, 2)), np.eye(2)[np.arange(9) % 2, :1])
    return layers_plot(layer_planes(network, TASKS["binary"], given, ("_x", "$y$"), names), "title").picture


def descent_of_two() -> Drawable:
    network = random_network(1, [1], ["linear"], 1)
    problem = Problem(network, objective_of(LOSSES["mse"]), np.arange(5.0)[:, None], np.ones((5, 1)), "line")
    pair = parameter_at(network, 0), parameter_at(network, 1)
    ways = [Way(OPTIMIZERS[name], 2, rate) for name in ("sgd", "adam") for rate in (0.05, 1, 1e300)]
    paths = descents(problem, pair, np.array([1.0, -1.0]), ways, 9, 1)
    surface = surface_around(problem, pair, paths, None)
    return descent_plot(DescentPicture(problem, surface, tuple(paths))).picture


def curves_of_a_sweep() -> Drawable:
    """Twelve networks of three epochs each, with long settings; the last one diverged at once."""
    epochs, name = np.arange(1.0, 4), "activation"
    losses = [(12 - k) / (1 + epochs) if k < 11 else np.array([]) for k in range(12)]
    histories = [History(epochs[: len(y)], y, y / 2, "accuracy", 1 - y / 20, 1 - y / 30) for y in losses]
    records = [
        {
            "network": k + 1,
            "settings": {name: "leaky-relu:0.01", "learning-rate": 0.1234567},
            "seed": k,
            "fold": f"{k + 1}/12",
            "validation_accuracy": 0.5,
            "validation_loss": 1.0,
            "epochs": len(losses[k]),
        }
        for k in range(12)
    ]
    return curves_plot(list(zip(records, histories, strict=True)), True, "_$x$.jsonl").picture


def runs_of_a_sweep() -> Runs:
    """Hidden 4 and 8, learning rates 0.1 and 1, two seeds each: accuracies 0.1 to 0.7, and a divergence."""
    header = {
        "vary": {"hidden": "4|8", "learning-rate": "0.1|1", "seed": "1:2"},
        "validated": True,
        "metric": "accuracy",
    }
    records = [
        {
            "network": k + 1,
            "settings": {"hidden": "48"[k // 4], "learning-rate": (0.1, 1.0)[k // 2 % 2]},
            "seed": k % 2 + 1,
            "fold": None,
            "validation_accuracy": (k + 1) / 10 if k < 7 else None,
            "validation_loss": 1.0,
        }
        for k in range(8)
    ]
    return Runs(header, records, 0)


CURVE = Curves("loss", "epoch", (Curve("training", np.arange(1.0, 4), np.array([3.0, np.nan, 1.0])),), counted=True)
PICTURES: dict[str, Drawable] = {
    "curves": CurvesPicture((CURVE,)),
    "one epoch": CurvesPicture((one_epoch(0.5),)),
    "nothing finite": CurvesPicture((one_epoch(np.nan),)),
    "map": halves(),
    "many classes": many_classes(),
    "confusion": confusion_plot(evaluation(), "iris, test part").picture,
    "heat": weights(("a", "b", "größe")),
    "wide heat": weights(tuple(f"x{k}" for k in range(500))),
    "slice": slice_of_the_lecture(),
    "layers": layers_of_a_line(),
    "descent": descent_of_two(),
    "sweep": sweep_plot(runs_of_a_sweep(), ["hidden"], "metric", "_$x$.jsonl").picture,
    "curves of a sweep": curves_of_a_sweep(),
    "sweep over two": sweep_plot(runs_of_a_sweep(), [], "metric", "runs.jsonl").picture,
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


SIZES = [(2, LONG), (3, WIDE), (12, LONG), (40, LONG), (120, WIDE)]
MATRICES = {f"{classes} {name}": matrix(classes, name) for classes, name in SIZES}
SHAPES = [(1, 1), (1, 90), (4, 16), (13, 1), (400, 16)]
LAYERS = {f"{inputs}-{units}": layer(inputs, units, 0.9) for inputs, units in SHAPES}
LARGE = {"large weights": layer(8, 3, 123456.0)}
MAPS = {f"{classes} classes": plane(classes) for classes in (2, 9, 14, 15, 40)}


def sketched(picture: Drawable) -> Figure:
    """The picture on a figure of which nothing is rendered, for what needs no letters' widths."""
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **STYLE}):
        figure = Figure(picture.size)
        picture.draw(figure)
    return figure


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
