"""Named data sets: the table behind `--dataset` and `mlp datasets`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.random import RandomState

from mlpcli.core.arrays import Array
from mlpcli.core.families import table
from mlpcli.data.dataset import Dataset
from mlpcli.data.images import FASHION_MNIST, MNIST, ImageSet, Web, find, load_images
from mlpcli.data.layout import Settings
from mlpcli.data.table import load_table
from mlpcli.data.text import sample_file

Load = Callable[[], Dataset]


@dataclass(frozen=True)
class NamedSet:
    """One row. The counts are those of the loaded set (a test checks them); `settings` train it well in seconds."""

    name: str
    data: Load | ImageSet  # images are found on this machine, or downloaded
    task: str
    samples: int
    features: int
    classes: int  # 0 for a regression
    source: str
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def images(self) -> ImageSet | None:
        return self.data if isinstance(self.data, ImageSet) else None

    def where(self, data_dir: str | None) -> str | None:
        """Where it comes from: the folder of an image set (None if it needs a download), else its source."""
        if self.images is None:
            return self.source
        folder = find(self.images, data_dir)
        return str(folder) if folder else None


def load_named(named: NamedSet, data_dir: str | None = None, web: Web | None = None) -> Dataset:
    """The data set, under its name. Raises MlpError if it cannot be loaded."""
    dataset = load_images(named.data, data_dir, web) if isinstance(named.data, ImageSet) else named.data()
    return replace(dataset, name=named.name, lines=None)


def _csv(file: str) -> Load:
    return lambda: load_table(str(sample_file(file)), Settings())


def _iris_2d() -> Dataset:
    """Petal length and width, the two features of the lecture's walk-through"""
    iris = _csv("iris.csv")()
    return replace(iris, x=iris.x[:, 2:], features=iris.features[2:])


def _npz(file: str, target: str) -> Load:
    """A data set from scikit-learn as an archive: x, y, features, and classes (none for a regression)."""

    def load() -> Dataset:
        with np.load(sample_file(file)) as arrays:
            classes = tuple(arrays["classes"].tolist())
            x, y = arrays["x"].astype(np.float64, order="C"), arrays["y"].astype(np.int64 if classes else np.float64)
            return Dataset(file, x, y[:, None], tuple(arrays["features"].tolist()), (target,), classes or None)

    return load


def _toy(make: Callable[..., object], first: str, second: str) -> Load:
    return lambda: generate(make.__name__, make, (first, second))  # type: ignore[arg-type]


# ----- Toy sets -----------------------------------------------------------------------------------------------------
# Computed instead of stored. They are the same on every machine and for every seed of a training run: RandomState's
# streams are frozen, a Generator's may change with NumPy (NEP 19).

SAMPLES = 400


def moons(random: RandomState, n: int) -> tuple[Array, Array]:
    """Two interleaving half circles, with noise of σ = 0.15"""
    angle = np.linspace(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return _two(upper, lower, random, 0.15)


def circles(random: RandomState, n: int) -> tuple[Array, Array]:
    """A circle of radius ½ inside one of radius 1, with noise of σ = 0.08"""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    outer = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _two(outer, outer / 2, random, 0.08)


def spirals(random: RandomState, n: int) -> tuple[Array, Array]:
    """Two arms that wind around each other one and a half times, with noise of σ = 0.05"""
    radius = np.linspace(0.1, 1, n)
    angle = 3 * np.pi * radius
    arm = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) * 2
    return _two(arm, -arm, random, 0.05)


def generate(name: str, make: Callable[[RandomState, int], tuple[Array, Array]], classes: tuple[str, str]) -> Dataset:
    """400 samples: 200 of the first class, then 200 of the second."""
    x, y = make(RandomState(0), SAMPLES // 2)
    return Dataset(name, x, y[:, None], ("x1", "x2"), ("class",), classes)


def _two(first: Array, second: Array, random: RandomState, noise: float) -> tuple[Array, Array]:
    x = np.concatenate([first, second])
    return x + noise * random.standard_normal(x.shape), np.repeat([0, 1], len(first))


# ----- The table ----------------------------------------------------------------------------------------------------

PACKAGE, COMPUTED = "in the package", "computed"
AS_THE_LECTURE = {"hidden": "512", "optimizer": "rmsprop", "batch": "128", "epochs": 5}

DATASETS = table(
    [
        NamedSet("iris", _csv("iris.csv"), "multiclass", 150, 4, 3, PACKAGE),
        NamedSet("iris-2d", _iris_2d, "multiclass", 150, 2, 3, PACKAGE),
        NamedSet(
            "xor",
            _csv("xor.csv"),
            "binary",
            4,
            2,
            2,
            PACKAGE,
            {"hidden": "8", "activation": "tanh", "learning_rate": 0.05, "epochs": 300, "test": 0, "validation": 0},
        ),
        NamedSet("cars", _csv("cars.csv"), "regression", 50, 1, 0, PACKAGE, {"validation": 0, "learning_rate": 0.01}),
        NamedSet("wine", _npz("wine.npz", "class"), "multiclass", 178, 13, 3, PACKAGE),
        NamedSet("breast-cancer", _npz("breast-cancer.npz", "class"), "binary", 569, 30, 2, PACKAGE),
        NamedSet("digits", _npz("digits.npz", "digit"), "multiclass", 1797, 64, 10, PACKAGE, {"hidden": "64"}),
        NamedSet("diabetes", _npz("diabetes.npz", "progression"), "regression", 442, 10, 0, PACKAGE),
        NamedSet("moons", _toy(moons, "upper", "lower"), "binary", 400, 2, 2, COMPUTED, {"learning_rate": 0.01}),
        NamedSet("circles", _toy(circles, "outer", "inner"), "binary", 400, 2, 2, COMPUTED, {"learning_rate": 0.01}),
        NamedSet(
            "spirals",
            _toy(spirals, "first", "second"),
            "binary",
            400,
            2,
            2,
            COMPUTED,
            {"hidden": "32,32", "activation": "tanh", "learning_rate": 0.01, "epochs": 200},
        ),
        NamedSet("mnist", MNIST, "multiclass", 70_000, 784, 10, "Keras' mnist.npz", AS_THE_LECTURE),
        NamedSet(
            "fashion-mnist", FASHION_MNIST, "multiclass", 70_000, 784, 10, "Keras' four IDX files", AS_THE_LECTURE
        ),
    ]
)
