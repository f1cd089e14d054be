"""A network before it is trained: its size, and the quantities that its outputs are to reach."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock

import numpy as np
import pytest
from cli_support import Run, is_one_error_line
from core_helpers import activation, random_network

from mlpcli.cli import building
from mlpcli.cli.building import Bench, _check_memory, _check_quantities, _check_size
from mlpcli.core.errors import MlpError, ShortOfMemory
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.memory import Workload, training_memory
from mlpcli.core.network import Layer, chain, initialize
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import Scaling
from mlpcli.core.tasks import TASKS
from mlpcli.files import machine
from mlpcli.files.weights import load_model


@pytest.mark.parametrize(("itemsize", "inputs"), [(8, 2**14 - 1), (4, 2**15 - 1)])
def test_a_network_may_need_16_gib_in_training(itemsize: int, inputs: int) -> None:
    """Four arrays of 2¹⁵·(inputs + 1) numbers: parameters, gradient and Adam's averages."""
    linear = [activation("linear")]
    _check_size(chain(inputs, [2**15], linear), itemsize)
    one_more = chain(inputs, [2**15 + 1], linear)
    many = f"{(2**15 + 1) * (inputs + 1):,}"
    with pytest.raises(MlpError, match=rf"^{many} parameters need 16\.0 GiB in training; use smaller layers$"):
        _check_size(one_more, itemsize)


def checked(name: str, y: list[list[float]], scaling: Scaling | None = None) -> list[tuple[str, str]]:
    """What is said of these targets of a network with this output."""
    said = list[tuple[str, str]]()
    notes = Mock(note=lambda text: said.append(("note", text)), warn=lambda text: said.append(("warning", text)))
    network = random_network(2, [len(y[0])], [name])
    model = Mock(network=network, objective=objective_of(LOSSES["mse"]), coding=Mock(scaling=scaling))
    _check_quantities(model, np.array(y), "do this", notes)
    return said


@pytest.mark.parametrize(
    ("name", "y", "said"),
    [
        ("sigmoid", [[0.0], [1.0]], []),  # its ends count as reached
        ("sigmoid", [[0.5], [1.1], [-0.1]], ["2 of 3 targets cannot be reached: outputs of sigmoid are from 0 to 1"]),
        ("relu", [[0.0], [9e9]], []),
        ("relu", [[-1.0], [2.0]], ["1 of 2 targets cannot be reached: outputs of relu are 0 or more"]),
        ("tanh", [[0.0, -2.0], [1.0, 1.0]], ["1 of 2 targets cannot be reached: outputs of tanh are from -1 to 1"]),
        ("linear", [[-1e9], [1e9]], []),
        ("elu:0", [[-1.0]], ["1 of 1 targets cannot be reached: outputs of elu are 0 or more"]),  # and not -0
    ],
)
def test_targets_that_no_output_reaches_are_counted(name: str, y: list[list[float]], said: list[str]) -> None:
    assert checked(name, y) == [("warning", f"{text}; do this") for text in said]


def test_targets_that_are_scaled_into_the_range_are_noted() -> None:
    text = "targets are scaled to 0.25 … 0.75, since outputs of sigmoid are from 0 to 1"
    assert checked("sigmoid", [[0.25], [0.75]], Scaling(np.zeros(1), np.ones(1))) == [("note", text)]
    assert checked("linear", [[0.25], [0.75]], Scaling(np.zeros(1), np.ones(1))) == []


def test_targets_whose_squares_overflow_are_refused() -> None:
    """The gradient's square is 4y²: of 6e153 it is 1.4e308, and of 7e153 beyond all floats, 1.8e308."""
    assert checked("linear", [[6e153]]) == []
    with pytest.raises(MlpError, match=r"^mse overflows for targets as large as 7e\+153 in float64; do this$"):
        checked("linear", [[1.0], [-7e153]])


def test_the_squares_of_several_targets_are_added() -> None:
    """Each is 2.5e307, four times one is 1e308, and four times both are 2e308."""
    assert checked("linear", [[5e153]]) == []
    with pytest.raises(MlpError, match="overflows"):
        checked("linear", [[5e153], [5e153]])


@pytest.mark.parametrize(("size", "most"), [(1, 50), (2**21 - 1, 16), (3 * 2**20 - 1, 10), (2**25, 4), (2**40, 4)])
def test_what_is_kept_for_the_next_network_takes_32_mib_or_four_parts(
    monkeypatch: pytest.MonkeyPatch, size: int, most: int
) -> None:
    """Of 2 MiB, 16 parts are kept, and of 3 MiB, 10; one more, and all begins anew."""
    monkeypatch.setattr(building, "read", lambda *_: Mock(x=Mock(nbytes=size)))
    bench, made = Bench(Mock(), Mock(), None), list[int]()

    def part(key: int) -> int:
        return bench.once(key, lambda: made.append(key) or -key)  # type: ignore[func-returns-value]

    keys = list(range(1, most + 1))
    assert [part(key) for key in keys + keys] == [-key for key in keys + keys]
    assert made == keys
    if size > 1:  # of such small ones, there is room for millions
        part(most + 1)
        part(1)
        assert made == [*keys, most + 1, 1]
    assert bench.__getstate__() == {**vars(bench), "_kept": {}}


def needs(network: tuple[Layer, ...], batch: int, name: str = "adam") -> None:
    """Raises ShortOfMemory if ten samples, and one each for validation and test, do not fit."""
    parts: dict[str, Any] = {"training": MagicMock(x=np.zeros(1)), "validation": [0], "test": [0]}
    parts["training"].__len__.return_value = 10
    model = Mock(network=Mock(layers=network, dtype=np.dtype(float)), objective=objective_of(LOSSES["mse"]))
    model.task = TASKS["regression"]
    _check_memory(model, parts, Mock(batch=batch, epochs=3, optimizer=OPTIMIZERS[name]))


@pytest.mark.parametrize(("units", "batch"), [((1000,), 998), ((1, 1), 499_998)])
def test_a_million_numbers_are_looked_at(monkeypatch: pytest.MonkeyPatch, units: tuple[int, ...], batch: int) -> None:
    """1000·2 parameters and 998·1000 outputs are a million, as are 2 + 2 parameters and 499,998·2 outputs."""
    monkeypatch.setattr(machine, "free_memory", lambda: 0)
    layers = chain(1, units, [activation("linear")] * len(units))
    needs(layers, batch - 1)
    needs(layers, 10**9, "normal-equations")
    with pytest.raises(ShortOfMemory, match=r"but 0 B are free; use smaller layers$"):
        needs(layers, batch)


def test_training_may_take_all_memory_that_is_free_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parameters and the data are there already. A batch has no more samples than there are."""
    layers = chain(3, [100_000, 1], [activation("relu"), activation("linear")])
    counts = (10, 1, 1, 10, 3)  # samples in training, validation, test and batch; epochs
    numbers = np.dtype(float)
    work = Workload(
        layers, objective_of(LOSSES["mse"]), TASKS["regression"], OPTIMIZERS["adam"], numbers, numbers, *counts
    )
    sizes = {part.name: part.size.value for part in training_memory(work)}
    there = sizes.pop("parameters") + sizes.pop("data set")
    assert there > 0
    for free in (sum(sizes.values()), None):
        monkeypatch.setattr(machine, "free_memory", lambda free=free: free)
        needs(layers, 10)
        needs(layers, 10**6)
    monkeypatch.setattr(machine, "free_memory", lambda: sum(sizes.values()) - 1)
    most = max(sizes, key=lambda name: sizes[name])
    with pytest.raises(ShortOfMemory, match=f"^training needs .* of memory, most of it for {most}, but"):
        needs(layers, 10)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Two features and a target of words, in twelve rows."""
    lines = [f"{k},{k * k % 7},{'no' if k % 2 else 'yes'}" for k in range(12)]
    (tmp_path / "d.csv").write_text("\n".join(["p,q,y", *lines]) + "\n")
    return tmp_path


DATA = ("train", "--data", "d.csv", "--epochs", 1, "--quiet")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--optimizer", "normal-equations"], "--optimizer normal-equations: "),
        (["--loss", "hinge"], "binary cannot use hinge"),
        (["--output-activation", "softmax"], "binary cannot use softmax"),
        (["--activation", "rel"], "unknown activation 'rel'"),
        (["--initializer", "glorot"], "unknown initializer 'glorot'"),
        (["--weights", "w.json", "--hidden", 3], "--hidden and --weights: the file already sets this; leave one out"),
        (["--weights", "w.json", "--scaling", "none"], "--scaling and --weights: the file already sets this"),
        (["--weights", "w.json", "--loss", "hinge"], "binary cannot use "),
    ],
)
def test_a_network_that_does_not_fit_is_refused_before_it_is_trained(
    mlp: Run, rows: Path, options: list[object], words: str
) -> None:
    assert mlp(*DATA).code == 0
    before = (rows / "w.json").read_bytes()
    found = mlp(*DATA, *options)
    assert found.code == 2
    assert is_one_error_line(found.err)
    assert words in found.err
    assert (rows / "w.json").read_bytes() == before


def test_a_network_is_trained_further_with_its_own_target_and_type(mlp: Run, rows: Path) -> None:
    """The target is not the last column, and --dtype changes the numbers that are saved."""
    assert mlp(*DATA, "--target", "q", "--task", "regression", "--dtype", "float32").code == 0
    assert mlp(*DATA, "--weights", "w.json", "--output", "more.json").code == 0
    assert mlp(*DATA, "--weights", "w.json", "--output", "double.json", "--dtype", "float64").code == 0
    models = [load_model(str(rows / name)) for name in ("w.json", "more.json", "double.json")]
    assert [model.network.dtype.name for model in models] == ["float32", "float32", "float64"]
    assert [model.coding.names for model in models] == [("q",)] * 3
    assert [model.preparation.features for model in models] == [("p", "y=yes")] * 3


def test_other_data_lack_a_feature_of_the_network(mlp: Run, rows: Path) -> None:
    assert mlp(*DATA).code == 0
    (rows / "other.csv").write_text("p,r,y\n" + "".join(f"{k},{k},{'no' if k % 2 else 'yes'}\n" for k in range(12)))
    np.savez(rows / "other.npz", x=np.ones((12, 3)), y=np.array(["no", "yes"] * 6))
    for data, words in (("other.csv", "no column 'q'; the network takes p, q"), ("other.npz", "3 columns, but the ")):
        found = mlp("train", "--weights", "w.json", "--data", data, "--epochs", 1)
        assert (found.code, found.out) == (1, "")
        assert found.err.splitlines()[-1].startswith(f"mlp: error: {data}: {words}")
    found = mlp("train", "--weights", "w.json", "--dataset", "cars", "--epochs", 1)  # nor has it the classes
    assert (found.code, found.err) == (1, "mlp: error: cars: no column 'p'; the network takes p, q\n")


def test_a_network_that_was_not_trained_here_is_trained_further(mlp: Run, rows: Path) -> None:
    """Its file does not know any data; the target is that of the table."""
    layers = [{"weights": [[1, -1]], "bias": [0], "activation": "sigmoid"}]
    document = {"layers": layers, "features": ["p", "q"], "classes": ["no", "yes"]}
    (rows / "hand.json").write_text(json.dumps(document))
    assert mlp(*DATA, "--weights", "hand.json").code == 0
    assert load_model(str(rows / "w.json")).coding.names == ("no", "yes")


def test_a_new_network_has_the_usual_parts(mlp: Run, rows: Path) -> None:
    """16 hidden units with relu, Glorot's uniform weights by the seed, and Adam."""
    assert mlp(*DATA, "--lr", 1e-300, "--seed", 7).code == 0  # too small a rate to change a weight
    model = load_model(str(rows / "w.json"))
    first, last = model.network.layers
    assert (first.inputs, first.units, first.activation.name) == (2, 16, "relu")
    assert (last.units, last.activation.name, model.objective.loss.name) == (1, "sigmoid", "bce")
    assert model.training["optimizer"] == "adam"
    drawn = initialize(model.network.layers, INITIALIZERS["glorot-uniform"], np.random.default_rng([7, 1]), "float64")
    assert model.network.theta == pytest.approx(drawn.theta, abs=1e-200)


def test_images_are_trained_in_single_precision(mlp: Run, tmp_path: Path) -> None:
    numbers = np.random.default_rng(1).integers(0, 256, (12, 4))
    for dtype, expected in ((np.uint8, "float32"), (np.float64, "float64")):
        np.savez(tmp_path / "d.npz", x=numbers.astype(dtype), y=np.arange(12) % 2)
        assert mlp("train", "--data", "d.npz", "--epochs", 1, "--quiet").code == 0
        assert load_model(str(tmp_path / "w.json")).network.dtype.name == expected
