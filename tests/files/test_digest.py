"""The digest of our own files: damage is noticed, a change of form is not, and a hand-written file needs none."""

import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from struct import pack
from typing import Any

import numpy as np
import pytest
from same_models import assert_same

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain, count, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.tasks import TASKS
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.data.text import sample_file
from mlpcli.files.digest import digest_of, digest_of_samples, meaning_of
from mlpcli.files.model import Model, Origin
from mlpcli.files.weights import WEIGHT_FILES, load_model, save_model

FLIPS = 300  # random bits of a larger file
EVERY = int(os.environ.get("MLP_FLIP_EVERY", "3"))  # odd, so that each bit of a byte is flipped somewhere


def network_of(widths: list[int], dtype: Any = np.float64) -> Model:
    """A classifier with some of everything that a file can hold."""
    layers = chain(2, widths, [ACTIVATIONS["prelu"]] * (len(widths) - 1) + [ACTIVATIONS["softmax"]])
    network = empty(layers, dtype)
    network.theta[...] = np.random.default_rng(1).normal(size=count(layers))
    return Model(
        network,
        objective_of(LOSSES["cce"], l2=0.01),
        TASKS["multiclass"],
        Preparation(("größe", "b"), Scaling(np.array([1.5, -2.0]), np.array([0.3, 7.0])), np.array([1.0, 2.0])),
        Coding(tuple(f"class {k}" for k in range(widths[-1]))),
        Origin("iris", None, ("species",), 0.2, 0.2, 2**60 + 1, 150),
        training={"epochs": 3, "learning_rate": 1e-3, "shuffled": True},
    )


@pytest.fixture(params=[np.float64, np.float32], ids=["float64", "float32"])
def model(request: pytest.FixtureRequest) -> Model:
    return network_of([3, 3], request.param)


def written(model: Model, folder: Path, suffix: str = ".json") -> Path:
    path = folder / f"w{suffix}"
    save_model(model, str(path))
    return path


def test_the_digest_is_that_of_keys_in_order_and_numbers_as_float64() -> None:
    """By hand: W = [[2]] and b = [0.5] are the bytes of these doubles, low end first."""
    document = {"layers": [{"weights": [[2]], "bias": [0.5], "activation": "linear"}], "l2": 1, "digest": "any"}
    b, W = (sha256(pack("<d", number)).hexdigest() for number in (0.5, 2.0))
    text = (
        '{"l2": 1.0, "layers": [{"activation": "linear", '
        f'"bias": {{"sha256": "{b}", "shape": [1.0]}}, "weights": {{"sha256": "{W}", "shape": [1.0, 1.0]}}}}]}}'
    )
    assert digest_of(meaning_of(document)) == "sha256:" + sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("number", "text"),
    [(2**53, "9007199254740992.0"), (-(2**53), "-9007199254740992.0"), (2**53 + 1, "9007199254740993")],
)
def test_a_whole_number_that_no_float64_is_keeps_its_digits(number: int, text: str) -> None:
    meaning = b"".join(meaning_of({"layers": [], "data": {"seed": [number, True]}}))
    assert meaning.decode() == f'{{"data": {{"seed": [{text}, true]}}, "layers": []}}'


X, Y = np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([[1.0], [0], [1]])
SAMPLES = Samples(X, Y, Scaling(np.array([0.5, 1]), np.array([2.0, 4])), np.array(1.0))


@pytest.mark.parametrize("weights", [None, np.array([1.0, 2, 0.5])])
def test_the_digest_of_samples_is_that_of_their_arrays_with_types_and_shapes(weights: Array | None) -> None:
    arrays = (X, Y, SAMPLES.scaling.mean, SAMPLES.scaling.scale, *(() if weights is None else (weights,)))
    shapes = ((3, 2), (3, 1), (2,), (2,), (3,))
    content = b"".join(
        f"<f8{shape}".encode() + pack(f"<{array.size}d", *array.ravel())
        for array, shape in zip(arrays, shapes, strict=False)
    )
    weighted = replace(SAMPLES, weights=weights)
    assert digest_of_samples(weighted) == sha256(content).hexdigest()


def test_the_place_of_samples_in_memory_makes_no_difference() -> None:
    wide = np.zeros((3, 4))
    wide[:, ::2] = X
    assert digest_of_samples(replace(SAMPLES, x=wide[:, ::2])) == digest_of_samples(SAMPLES)


def test_both_formats_carry_the_same_digest(model: Model, tmp_path: Path) -> None:
    in_json = json.loads(written(model, tmp_path).read_text())["digest"]
    with np.load(written(model, tmp_path, ".npz")) as archive:
        in_npz = json.loads(archive["mlp"].tobytes())["digest"]
    assert in_json == in_npz


def rearranged(document: dict[str, Any]) -> Iterator[str]:
    """The same document in other words."""
    yield json.dumps(document)
    yield json.dumps(document, indent="\t", sort_keys=True)
    yield json.dumps(dict(reversed(document.items())), ensure_ascii=False)
    yield json.dumps(document).replace(".0,", ",").replace(".0]", "]")
    yield json.dumps({**document, "layers": [dict(reversed(layer.items())) for layer in document["layers"]]})


def test_another_form_of_the_same_text_is_the_same_network(model: Model, tmp_path: Path) -> None:
    path = written(model, tmp_path)
    for text in rearranged(json.loads(path.read_text())):
        path.write_text(text)
        assert_same(model, load_model(str(path)))


def refusal(path: Path) -> str:
    with pytest.raises(MlpError) as caught:
        load_model(str(path))
    assert str(caught.value).startswith(f"{path}:")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edited(path: Path, *way: Any, to: Any) -> dict[str, Any]:
    """The document in a file with one value set."""
    document: dict[str, Any] = json.loads(path.read_text())
    place: Any = document
    for key in way[:-1]:
        place = place[key]
    place[way[-1]] = to
    path.write_text(json.dumps(document))
    return document


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("layers", 0, "weights", 1, 0), 0.125),
        (("layers", 1, "bias", 0), -0.0),
        (("layers", 0, "activation"), "tanh"),
        (("loss", "batch_reduction"), "sum"),
        (("features", 0), "grösse"),
        (("classes",), ["class 1", "class 0", "class 2"]),
        (("scaling", "mean", 0), 1.25),
        (("data", "seed"), 2**60 + 2),
        (("training", "shuffled"), 1),
        (("note",), "mine"),
    ],
    ids=str,
)
def test_what_was_edited_is_refused_until_the_digest_is_removed(tmp_path: Path, way: Any, value: Any) -> None:
    path = written(network_of([2, 3]), tmp_path)
    document = edited(path, *way, to=value)
    message = refusal(path)
    assert message.startswith(f"{path}: damaged or changed: ")
    assert "damaged" in message
    assert "remove the key 'digest'" in message
    del document["digest"]
    path.write_text(json.dumps(document))
    load_model(str(path))


def test_what_was_edited_in_an_archive_has_its_own_way_out(tmp_path: Path) -> None:
    path = written(network_of([3]), tmp_path, ".npz")
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["b1"] = arrays["b1"] + 1
    np.savez(path, **arrays)
    assert "np.savez, its array 'mlp' without the key 'digest'" in refusal(path)
    document = json.loads(arrays["mlp"].tobytes())
    del document["digest"]
    np.savez(path, **{**arrays, "mlp": np.frombuffer(json.dumps(document).encode(), np.uint8)})
    load_model(str(path))


@pytest.mark.parametrize("value", [None, 1, "", "sha256:", "md5:00", ["sha256:"]])
def test_a_digest_that_is_none_is_refused(tmp_path: Path, value: Any) -> None:
    path = written(network_of([3]), tmp_path)
    edited(path, "digest", to=value)
    assert "digest" in refusal(path).removeprefix(str(path))


@pytest.mark.parametrize("name", ["lecture.json", "mazur.json"])
def test_files_written_by_hand_need_none(name: str) -> None:
    assert "digest" not in json.loads(sample_file(name).read_text())
    load_model(str(sample_file(name)))


# ----- Flipped bits -------------------------------------------------------------------------------------------------


def assert_never_another(model: Model, path: Path, bits: Iterator[int]) -> None:
    """Each of the file's bits flipped by itself: the same network, or an error."""
    content = path.read_bytes()
    for bit in bits:
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            found = load_model(str(path))
        except MlpError as problem:
            assert str(problem).startswith(f"{path}")  # noqa: PT017  # nearly all of them
        else:
            assert_same(model, found)


def smallest() -> Model:
    """One weight and one bias, of a regression."""
    layers = chain(1, [1], [ACTIVATIONS["linear"]])
    network = empty(layers, np.float64)
    network.theta[...] = 0.1, -2.5
    scaling = Scaling(np.array([0.5]), np.array([2.0]))
    return Model(
        network, objective_of(LOSSES["mse"]), TASKS["regression"], Preparation(("x",), scaling), Coding(("y",))
    )


def test_no_bit_of_a_small_file_makes_it_another_network(tmp_path: Path) -> None:
    path = written(smallest(), tmp_path)
    assert_never_another(smallest(), path, iter(range(0, 8 * path.stat().st_size, EVERY)))


@pytest.mark.parametrize("suffix", WEIGHT_FILES)
def test_no_random_bit_of_a_larger_file_makes_it_another_network(model: Model, tmp_path: Path, suffix: str) -> None:
    path = written(model, tmp_path, suffix)
    draw = random.Random(suffix)
    assert_never_another(model, path, (draw.randrange(8 * path.stat().st_size) for _ in range(FLIPS)))
