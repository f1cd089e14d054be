"""The table of named sets: what its rows promise is what loading gives."""

import os
import re
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
from numpy.random import RandomState
from sklearn.datasets import make_circles, make_moons

import mlpcli
from mlpcli.core.arrays import Array
from mlpcli.core.families import pick
from mlpcli.core.tasks import TASKS
from mlpcli.data.images import PARTS, find
from mlpcli.data.named import DATASETS, NamedSet, circles, generate, load_named, moons, spirals
from mlpcli.data.targets import guess_task, learn_coding
from mlpcli.data.text import sample_file

SMALL = {name: row for name, row in DATASETS.items() if row.images is None}
IMAGES = {name: row for name, row in DATASETS.items() if row.images is not None}
MLP_DATA = os.environ.get("MLP_DATA")


@pytest.mark.parametrize("row", SMALL.values(), ids=SMALL)
def test_counts_are_those_of_the_table(row: NamedSet) -> None:
    dataset = load_named(row)
    assert dataset.x.shape == (row.samples, row.features)
    assert dataset.y.shape == (row.samples, 1)
    assert len(dataset.features) == row.features
    assert dataset.name == row.name
    if row.classes:
        assert len(np.unique(dataset.y)) == row.classes
        assert len(learn_coding(dataset, TASKS[row.task]).names) == row.classes
    else:
        assert dataset.y.dtype.kind == "f"
        assert row.task == "regression"


@pytest.mark.parametrize("row", SMALL.values(), ids=SMALL)
def test_the_task_of_the_table_is_the_one_that_the_data_call_for(row: NamedSet) -> None:
    dataset = load_named(row)
    guessed, _ = guess_task(dataset)
    assert guessed == row.task or row.name in ("diabetes", "cars")  # quantities that happen to be whole
    learn_coding(dataset, TASKS[row.task])  # raises where they do not fit


@pytest.mark.parametrize("row", DATASETS.values(), ids=DATASETS)
def test_rows_are_found_by_their_name(row: NamedSet) -> None:
    assert pick(DATASETS, row.name.upper(), "data set") is row


def test_iris_is_that_of_scikit_learn_to_the_bit() -> None:
    ours, theirs = load_named(DATASETS["iris"]), sklearn.datasets.load_iris()
    assert ours.x.tobytes() == theirs.data.tobytes()
    assert learn_coding(ours, TASKS["multiclass"]).names == tuple(theirs.target_names)
    assert ours.y[:, 0].tolist() == [str(theirs.target_names[k]) for k in theirs.target]


def test_iris_2d_has_the_petals_of_iris() -> None:
    ours, theirs = load_named(DATASETS["iris-2d"]), sklearn.datasets.load_iris()
    assert ours.x.tolist() == theirs.data[:, 2:].tolist()
    assert ours.features == ("petal_length", "petal_width")


@pytest.mark.parametrize(
    ("name", "loader"),
    [("wine", "load_wine"), ("breast-cancer", "load_breast_cancer"), ("digits", "load_digits")],
)
def test_classes_of_scikit_learn_arrive_unchanged(name: str, loader: str) -> None:
    ours, theirs = load_named(DATASETS[name]), getattr(sklearn.datasets, loader)()
    assert ours.x.tobytes() == theirs.data.astype(np.float64).tobytes()
    assert ours.features == tuple(map(str, theirs.feature_names))
    assert ours.classes == tuple(map(str, theirs.target_names))
    assert ours.y[:, 0].tolist() == theirs.target.tolist()


def test_diabetes_arrives_unchanged() -> None:
    ours, theirs = load_named(DATASETS["diabetes"]), sklearn.datasets.load_diabetes()
    np.testing.assert_allclose(ours.x, theirs.data, rtol=0, atol=1e-15)  # scikit-learn scales them when it loads them
    assert ours.features == tuple(theirs.feature_names)
    assert ours.y[:, 0].tolist() == theirs.target.tolist()
    assert ours.classes is None


def test_the_sets_of_the_package_are_small_and_say_where_they_come_from() -> None:
    sets = [*sample_file(".").glob("*.npz"), sample_file("iris.csv"), sample_file("cars.csv")]
    assert len(sets) == 6
    assert sum(path.stat().st_size for path in sets) < 250_000
    sources = sample_file("SOURCES.md").read_text()
    assert all(f"`{path.name}`" in sources for path in sets)


@pytest.mark.parametrize("name", IMAGES)
def test_images_are_trained_with_the_options_of_the_lecture(name: str) -> None:
    """Those of the command in the manual, which are those of its slides in Keras."""
    manual = (Path(mlpcli.__file__).parent / "manual" / "lecture.md").read_text(encoding="utf-8")
    (options,) = re.findall(r"^mlp train --dataset mnist (--hidden .*)$", manual, re.MULTILINE)
    words = options.replace("--", "").split()
    settings = DATASETS[name].settings
    assert {option: str(value) for option, value in settings.items()} == dict(zip(words[::2], words[1::2], strict=True))


def test_xor_is_exclusive_or() -> None:
    dataset = load_named(DATASETS["xor"])
    assert [(int(a), int(b), int(y)) for (a, b), (y,) in zip(dataset.x, dataset.y, strict=True)] == [
        (a, b, a ^ b) for a in (0, 1) for b in (0, 1)
    ]


def test_cars_is_the_known_regression() -> None:
    """R's documentation of `cars` and its lm(dist ~ speed): distance = −17.579 + 3.932 speed"""
    dataset = load_named(DATASETS["cars"])
    slope, intercept = np.polyfit(dataset.x[:, 0], dataset.y[:, 0], 1)
    assert round(intercept, 3) == -17.579
    assert round(slope, 3) == 3.932


# ----- Image sets: small ones, made here -----------------------------------------------------------------------------


def put_idx(path: Path, array: np.ndarray) -> None:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(head + array.tobytes())


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with 20 training and 10 test images of 28×28."""
    random = np.random.default_rng(0)
    for name, file in PARTS.items():
        n = 20 if name.endswith("train") else 10
        array = random.integers(0, 256, (n, 28, 28)) if name.startswith("x") else np.arange(n) % 10
        put_idx(tmp_path / file, array.astype(np.uint8))
    return tmp_path


@pytest.mark.parametrize("row", IMAGES.values(), ids=IMAGES)
def test_image_sets_have_the_features_and_classes_of_the_table(row: NamedSet, made: Path) -> None:
    dataset = load_named(row, str(made))
    assert dataset.name == row.name
    assert dataset.x.shape == (20, row.features)
    assert dataset.x.dtype == np.uint8
    assert len(learn_coding(dataset, TASKS[row.task]).names) == row.classes
    assert dataset.test is not None
    assert dataset.test.x.shape == (10, row.features)
    assert row.where(str(made)) == str(made)


@pytest.mark.parametrize("row", IMAGES.values(), ids=IMAGES)
def test_the_real_image_sets_have_the_counts_of_the_table(row: NamedSet) -> None:
    assert row.images is not None
    if MLP_DATA is None or find(row.images, MLP_DATA) is None:
        pytest.skip("MLP_DATA names no folder with it")
    try:
        dataset = load_named(row, MLP_DATA)
    except Exception as problem:
        if "these files are" in str(problem):
            pytest.skip("MLP_DATA holds the other set of the same file names")
        raise
    assert dataset.test is not None
    assert len(dataset) + len(dataset.test) == row.samples
    assert (len(dataset), len(dataset.test)) == (60_000, 10_000)
    assert dataset.x.shape[1] == dataset.test.x.shape[1] == row.features
    assert len(np.unique(dataset.y)) == len(np.unique(dataset.test.y)) == row.classes


def test_where_a_set_lies_is_told_without_loading_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MLP_DATA", raising=False)
    assert DATASETS["iris"].where(None) == "in the package"
    assert DATASETS["mnist"].where(None) in (None, "/usr/share/datasets/mnist")


# ----- Toy sets: the geometry that their docstrings promise, and the same numbers for ever --------------------------

Toy = Callable[[RandomState, int], tuple[Array, Array]]
NOISE = {moons: 0.15, circles: 0.08, spirals: 0.05}


class NoNoise:
    """Stands in for RandomState where the noise is to be left out."""

    def standard_normal(self, shape: tuple[int, ...]) -> Array:
        return np.zeros(shape)


def bare(make: Toy, n: int = 200) -> Array:
    return make(NoNoise(), n)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("make", NOISE)
def test_two_classes_of_200_follow_each_other(make: Toy) -> None:
    dataset = generate("toy", make, ("one", "two"))
    assert dataset.x.shape == (400, 2)
    assert dataset.y[:, 0].tolist() == [0] * 200 + [1] * 200
    assert dataset.classes == ("one", "two")
    assert np.isfinite(dataset.x).all()


@pytest.mark.parametrize(("make", "sigma"), NOISE.items())
def test_the_noise_is_that_of_a_frozen_stream(make: Toy, sigma: float) -> None:
    """RandomState's normal deviates never change; so neither does the set, whatever else was drawn before."""
    np.random.seed(5)
    found = generate("toy", make, ("one", "two")).x
    noise = RandomState(0).standard_normal((400, 2))
    np.testing.assert_allclose(found - bare(make), sigma * noise, rtol=0, atol=1e-14)


def test_moons_are_those_of_scikit_learn() -> None:
    wanted, classes = make_moons(400, shuffle=False, noise=None)
    np.testing.assert_allclose(bare(moons), wanted, rtol=0, atol=1e-14)
    assert moons(RandomState(0), 200)[1].tolist() == classes.tolist()


def test_circles_are_those_of_scikit_learn() -> None:
    wanted, classes = make_circles(400, shuffle=False, noise=None, factor=0.5)
    np.testing.assert_allclose(bare(circles), wanted, rtol=0, atol=1e-14)
    assert circles(RandomState(0), 200)[1].tolist() == classes.tolist()


def test_spirals_wind_once_and_a_half_and_mirror_each_other() -> None:
    x = bare(spirals)
    first, second = x[:200], x[200:]
    np.testing.assert_array_equal(second, -first)
    radius = np.hypot(*first.T)
    turns = np.unwrap(np.arctan2(first[:, 1], first[:, 0])) / (2 * np.pi)
    np.testing.assert_allclose(turns[-1] - turns[0], 1.5 * (1 - 0.1), rtol=1e-12)  # the radius begins at a tenth
    np.testing.assert_allclose(radius / turns, 2 / 1.5, rtol=1e-12)


def test_the_classes_of_toy_sets_are_where_their_names_say() -> None:
    """The upper moon is higher, and the outer circle wider."""
    moons, circles = (load_named(DATASETS[name]) for name in ("moons", "circles"))
    high, radius = moons.x[:, 1], np.hypot(*circles.x.T)
    for dataset, size, more, less in ((moons, high, "upper", "lower"), (circles, radius, "outer", "inner")):
        assert dataset.classes is not None
        means = {name: size[dataset.y[:, 0] == k].mean() for k, name in enumerate(dataset.classes)}
        assert means[more] > means[less] + 0.4
