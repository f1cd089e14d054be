"""Whole models, out to a file and in again: equal bit for bit, in every format."""

import errno
import io
import os
import string
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from same_models import assert_same, bits

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain, count, empty
from mlpcli.core.objective import REDUCTIONS, objective_of
from mlpcli.core.samples import Scaling, unscaled
from mlpcli.core.tasks import TASKS
from mlpcli.data.categories import Column
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.files.model import Example, Model, Origin
from mlpcli.files.weights import (
    LOOKED_AT,
    WEIGHT_FILES,
    check_no_weights,
    is_weights,
    load_model,
    save_model,
    weight_file,
)

HIDDEN = [*ACTIVATIONS, "leaky-relu:alpha=0.3", "prelu:alpha=0.1", "elu:alpha=0.7", "swish:beta=1.5"]
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SIZES = st.floats(1e-6, 1e6)


def different(n: int, names: st.SearchStrategy[str] = NAMES) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(names, min_size=n, max_size=n, unique=True).map(tuple)


def vector(n: int, elements: st.SearchStrategy[float] = FINITE) -> st.SearchStrategy[Array]:
    return arrays(np.float64, n, elements=elements)


def scalings(n: int) -> st.SearchStrategy[Scaling]:
    single = st.builds(lambda mean, scale: Scaling(np.array(mean), np.array(scale)), FINITE, SIZES)
    return st.just(unscaled()) | single | st.builds(Scaling, vector(n), vector(n, SIZES))


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Anything that training could produce, and more."""
    task = TASKS[draw(st.sampled_from(sorted(TASKS)))]
    output, loss = draw(st.sampled_from(task.pairs))
    least = 2 if task.name == "multiclass" or output == "softmax" or loss == "hinge" else 1
    outputs = 1 if task.name == "binary" else draw(st.integers(least, 4))
    inputs, depth = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    hidden = [draw(st.sampled_from(HIDDEN)) for _ in range(depth)]
    widths = [draw(st.integers(2 if name == "softmax" else 1, 4)) for name in hidden]
    activations = [pick(ACTIVATIONS, name, "activation") for name in (*hidden, output)]
    layers = chain(inputs, [*widths, outputs], activations)
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    network = empty(layers, dtype)
    bits = 32 if dtype is np.float32 else 64
    numbers = st.floats(allow_nan=False, allow_infinity=False, width=bits)
    network.theta[...] = draw(arrays(dtype, count(layers), elements=numbers))
    return Model(
        network,
        objective_of(
            LOSSES[loss],
            output_reduction=draw(st.sampled_from(REDUCTIONS)),
            batch_reduction=draw(st.sampled_from(REDUCTIONS)),
            l1=draw(st.just(0.0) | SIZES),
            l2=draw(st.just(0.0) | SIZES),
            regularize_bias=draw(st.booleans()),
        ),
        task,
        Preparation(draw(different(inputs)), draw(scalings(inputs)), draw(st.none() | vector(inputs))),
        draw(codings(task.name, outputs)),
        draw(st.none() | origins()),
        draw(examples(inputs, outputs)),
        draw(st.just({}) | st.dictionaries(NAMES, NAMES | st.integers(0, 2**60) | FINITE | st.booleans(), min_size=1)),
    )


@st.composite
def codings(draw: st.DrawFn, task: str, outputs: int) -> Coding:
    names = draw(different(2 if task == "binary" else outputs))
    vectors = st.builds(Scaling, vector(outputs), vector(outputs, SIZES))
    return Coding(names, draw(st.none() | vectors) if task == "regression" else None)


@st.composite
def origins(draw: st.DrawFn) -> Origin:
    name, named = draw(NAMES), draw(st.booleans())
    shares = st.floats(0, 1, exclude_max=True)
    return Origin(
        dataset=name if named else None,
        file=None if named else name,
        header=draw(st.none() | st.booleans()),
        delimiter=draw(st.sampled_from([None, ";", "\t", ":"])),
        targets=draw(different(draw(st.integers(1, 3)))),
        validation=draw(shares),
        test=draw(shares),
        seed=draw(st.integers(0, 2**70)),
        samples=draw(st.integers(0, 10**9)),
    )


@st.composite
def examples(draw: st.DrawFn, inputs: int, outputs: int) -> Example:
    n = draw(st.integers(1, 3))
    x, y = (draw(st.none() | arrays(np.float64, (n, columns), elements=FINITE)) for columns in (inputs, outputs))
    return Example(x, y, draw(st.none() | SIZES))


@given(model=models())
def test_a_saved_model_is_the_same_again_in_every_format(
    tmp_path_factory: pytest.TempPathFactory, model: Model
) -> None:
    for suffix in WEIGHT_FILES:
        path = tmp_path_factory.getbasetemp() / f"same{suffix}"
        save_model(model, str(path))
        content = path.read_bytes()
        loaded = load_model(str(path))
        assert_same(model, loaded)
        save_model(loaded, str(path))
        assert path.read_bytes() == content


def small_model(features: tuple[str, ...] = ("a", "b"), **changes: Any) -> Model:
    layers = chain(len(features), [2], [ACTIVATIONS["softmax"]])
    network = empty(layers, np.float64)
    network.theta[...] = np.linspace(-1, 1, count(layers))
    model = Model(
        network,
        objective_of(LOSSES["cce"]),
        TASKS["multiclass"],
        Preparation(features, unscaled()),
        Coding(("yes", "no")),
    )
    return replace(model, **changes)


@pytest.mark.parametrize("hidden", [0, 1, 2, 3])
def test_the_output_activation_is_that_of_the_last_layer(hidden: int) -> None:
    activations = [*[ACTIVATIONS["relu"]] * hidden, ACTIVATIONS["softmax"]]
    network = empty(chain(2, [2] * (hidden + 1), activations), np.float64)
    assert small_model(network=network).output_activation == "softmax"


@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("suffix", WEIGHT_FILES)
def test_every_activation_is_kept_with_its_parameters(tmp_path: Path, suffix: str, activation: str) -> None:
    row = pick(ACTIVATIONS, activation, "activation")
    network = empty(chain(2, [3, 2], [row, ACTIVATIONS["softmax"]]), np.float64)
    network.theta[...] = np.linspace(-1, 1, network.theta.size)
    path = str(tmp_path / f"w{suffix}")
    save_model(small_model(network=network), path)
    loaded = load_model(path).network
    assert loaded.layers[0].activation == row
    assert dict(loaded.layers[0].activation.parameters) == dict(row.parameters)
    assert bits(loaded.theta) == bits(network.theta)


@pytest.mark.parametrize("suffix", WEIGHT_FILES)
def test_many_named_columns_keep_their_names(tmp_path: Path, suffix: str) -> None:
    """Unscaled too (--scaling none): without names, the columns of a new file could not be told apart."""
    features = tuple(f"gene {k}" for k in range(100))
    path = str(tmp_path / f"w{suffix}")
    save_model(small_model(features, preparation=Preparation(features, unscaled())), path)
    assert load_model(path).preparation.features == features


@pytest.mark.parametrize("suffix", WEIGHT_FILES)
def test_a_data_file_whose_name_is_not_utf_8_is_kept(tmp_path: Path, suffix: str) -> None:
    """Python writes such bytes of a name as lone surrogates. The model has been trained by then: it must be saved."""
    name = os.fsdecode(b"caf\xe9.csv")
    origin = Origin(
        dataset=None,
        file=name,
        header=None,
        delimiter=None,
        targets=("y",),
        validation=0.2,
        test=0.2,
        seed=0,
        samples=9,
    )
    path = str(tmp_path / f"w{suffix}")
    save_model(small_model(origin=origin), path)
    assert load_model(path).origin == origin


@pytest.mark.parametrize("suffix", WEIGHT_FILES)
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_file_that_could_not_be_read_again_is_not_written(tmp_path: Path, suffix: str, number: float) -> None:
    model = small_model()
    model.network.theta[0] = number
    path = tmp_path / f"w{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(MlpError):
        save_model(model, str(path))
    assert path.read_bytes() == b"old"


# ----- Which format -------------------------------------------------------------------------------------------------


def test_the_suffix_chooses_the_format(tmp_path: Path) -> None:
    save_model(small_model(), str(tmp_path / "W.JSON"))
    save_model(small_model(), str(tmp_path / "w.npz"))
    assert (tmp_path / "W.JSON").read_bytes().startswith(b"{")
    assert (tmp_path / "w.npz").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("path", ["w.txt", "w", "w.pt", "w.json.bak", ".json/w"])
def test_other_suffixes_are_refused_with_the_choices(path: str) -> None:
    with pytest.raises(ChoiceError, match=r"\.json or \.npz"):
        weight_file(path)


def test_a_message_on_a_suffix_names_the_option_that_gave_the_path() -> None:
    for option, start in (("--output", "--output w.txt"), ("", "w.txt")):
        with pytest.raises(ChoiceError) as caught:
            weight_file("w.txt", option)
        assert str(caught.value) == f"{start}: a weights file ends in .json or .npz"


def test_a_folder_has_the_format_of_its_suffix(tmp_path: Path) -> None:
    """Only what takes any bytes, a device or a pipe, gets JSON whatever it is called."""
    (tmp_path / "w.npz").mkdir()
    assert weight_file(str(tmp_path / "w.npz")).suffix == ".npz"
    with pytest.raises(ChoiceError, match="a weights file ends in"):
        weight_file(str(tmp_path))


TOWN = (Column("town", ("A", "B", "C")),)


@pytest.mark.parametrize(
    ("fill", "columns", "missing", "rule"),
    [
        (None, (), "mean", None),  # it was trained without gaps
        ([1.0], (), None, "mean"),
        ([1.0], (), "drop", "mean"),
        ([1.0], TOWN, "mean", "mean"),
        ([1.0], TOWN, "drop", None),  # the most frequent category is there, but was not used
        ([1.0], TOWN, None, None),
        ([1.0], TOWN, "no origin", "mean"),  # a file written by hand
    ],
)
def test_a_network_fills_gaps_as_it_was_trained(
    fill: list[float] | None, columns: tuple[Column, ...], missing: str | None, rule: str | None
) -> None:
    preparation = Preparation(("a", "b"), unscaled(), None if fill is None else np.array(fill), columns)
    origin = None if missing == "no origin" else Origin(None, "d.csv", ("y",), 0.2, 0.2, 0, 9, missing=missing)
    assert small_model(preparation=preparation, origin=origin).fill_rule == rule


def test_devices_and_pipes_get_json_whatever_they_are_called(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert weight_file("/dev/null").suffix == weight_file(str(tmp_path / "pipe")).suffix == ".json"


@pytest.mark.parametrize(("written", "named"), [(".json", "w.npz"), (".npz", "w.json"), (".npz", "w")])
def test_loading_goes_by_the_content(tmp_path: Path, written: str, named: str) -> None:
    save_model(small_model(), str(tmp_path / f"a{written}"))
    (tmp_path / f"a{written}").rename(tmp_path / named)
    assert_same(small_model(), load_model(str(tmp_path / named)))


@pytest.mark.parametrize("suffix", WEIGHT_FILES)
def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    save_model(small_model(), str(tmp_path / f"w{suffix}"))
    content = (tmp_path / f"w{suffix}").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert_same(small_model(), load_model("-"))


def test_standard_output_gets_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_model(small_model(), str(tmp_path / "w.json"))
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    save_model(small_model(), "-")
    assert out.getvalue() == (tmp_path / "w.json").read_bytes()


def refusal(path: Path) -> str:
    with pytest.raises(MlpError) as caught:
        load_model(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x80\x04K\x01.", b"\x89HDF\r\n", b"[1]", b"\xff" * 99])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w.json").write_bytes(content)
    assert "not an mlp weights file" in refusal(tmp_path / "w.json")


def test_blanks_before_a_document_may_be_many(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text(" \n" * 10_000 + '{"layers": [{"weights": [[1.5]]}]}' + " \n" * 10_000)
    assert load_model(str(tmp_path / "w.json")).network.theta.tolist() == [1.5, 0]
    (tmp_path / "w.json").write_text(" \n" * 10_000)
    with pytest.raises(MlpError) as blank:
        load_model(str(tmp_path / "w.json"))
    assert "10001:1: not valid JSON (the file may be cut off)" in str(blank.value)


@pytest.mark.parametrize("comment", ["// mine", "# mine", "/* mine */"])
def test_a_comment_before_a_document_is_called_one(tmp_path: Path, comment: str) -> None:
    (tmp_path / "w.json").write_text(f'{comment}\n{{"layers": [{{"weights": [[1.5]]}}]}}')
    assert refusal(tmp_path / "w.json").endswith(": starts with a comment; remove it, since JSON has no comments")


def test_what_cannot_be_opened_is_told_in_the_systems_words(tmp_path: Path) -> None:
    assert "No such file or directory" in refusal(tmp_path / "none.json")
    assert "Is a directory" in refusal(tmp_path)


def test_a_disk_that_fails_is_told_in_the_systems_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("mlpcli.files.weights.open_bytes", lambda path: Failing())
    assert refusal(tmp_path / "w.json") == f"{tmp_path / 'w.json'}: {os.strerror(errno.EIO)}"


@pytest.mark.parametrize("suffix", WEIGHT_FILES)
def test_own_weights_show_what_they_are_in_their_first_bytes(tmp_path: Path, suffix: str) -> None:
    many = tuple(f"{letter}{k}" for letter in string.ascii_letters for k in range(50))
    path = tmp_path / f"w{suffix}"
    save_model(small_model(many), str(path))
    assert is_weights(path.read_bytes()[:LOOKED_AT])


@pytest.mark.parametrize("suffix", WEIGHT_FILES)
def test_a_report_does_not_take_the_place_of_weights(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w{suffix}"
    save_model(small_model(), str(path))
    with pytest.raises(MlpError) as caught:
        check_no_weights(str(path), "--report")
    assert str(caught.value) == f"{path}: has the weights of a network; choose another --report, or remove it"


def test_a_report_may_take_any_other_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in (("r.html", "<!doctype html>"), ("own.json", '{"layers": []}'), ("empty", "")):
        (tmp_path / name).write_text(content)
    save_model(small_model(), str(tmp_path / "w.json"))
    (tmp_path / "w.json").rename(tmp_path / "-")  # a dash is standard output all the same
    os.mkfifo(tmp_path / "pipe")
    for path in (None, "-", "r.html", "own.json", "empty", "none.html", ".", "pipe"):
        check_no_weights(path, "--report")


def test_only_the_first_2000_bytes_show_whether_a_file_has_weights(tmp_path: Path) -> None:
    name = b"mlpcli-weights"
    (tmp_path / "r.html").write_bytes(b" " * (2001 - len(name)) + name)
    check_no_weights(str(tmp_path / "r.html"), "--report")
    (tmp_path / "r.html").write_bytes(b" " * (2000 - len(name)) + name)
    with pytest.raises(MlpError, match="has the weights of a network"):
        check_no_weights(str(tmp_path / "r.html"), "--report")


def test_a_folder_is_told_in_the_systems_words(tmp_path: Path) -> None:
    with pytest.raises(MlpError, match=": Is a directory"):
        load_model(str(tmp_path))
