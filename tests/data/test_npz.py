"""NPZ archives as data: which arrays are taken, exactly, and which are refused."""

import gc
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data.npz import load_features, load_npz

X = np.arange(12.0).reshape(4, 3)
Y = np.array([0, 1, 1, 0])


def saved(folder: Path, **arrays: Any) -> str:
    path = folder / "d.npz"
    np.savez(path, **arrays)
    return str(path)


def refusal(path: str) -> str:
    with pytest.raises(MlpError) as caught:
        load_npz(path)
    gc.collect()  # a file left open is a ResourceWarning now, in the test that left it
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_x_and_y_are_read(tmp_path: Path) -> None:
    dataset = load_npz(saved(tmp_path, x=X, y=Y))
    assert dataset.x.tolist() == X.tolist()
    assert dataset.y.tolist() == [[0], [1], [1], [0]]
    assert dataset.features == ("x1", "x2", "x3")
    assert dataset.targets == ("y1",)
    assert dataset.test is None


def test_keras_names_give_a_test_part(tmp_path: Path) -> None:
    dataset = load_npz(saved(tmp_path, x_train=X, y_train=Y, x_test=X[:2] + 100, y_test=Y[:2]))
    assert dataset.test is not None
    assert dataset.x.tolist() == X.tolist()
    assert dataset.test.x.tolist() == (X[:2] + 100).tolist()


def test_images_are_flattened_row_by_row_and_stay_bytes(tmp_path: Path) -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    dataset = load_npz(saved(tmp_path, x=images, y=Y[:2]))
    assert dataset.x.dtype == np.uint8
    assert dataset.x.tolist() == [list(range(12)), list(range(12, 24))]


@pytest.mark.parametrize("dtype", ["?", "i1", ">i4", "u2", "f2", "<f4", ">f4", ">f8"])
def test_all_plain_number_types_are_taken_exactly(tmp_path: Path, dtype: str) -> None:
    values = np.array([[0, 1], [1, 0], [1, 1], [0, 0]]).astype(dtype)
    dataset = load_npz(saved(tmp_path, x=values, y=Y))
    assert dataset.x.dtype == np.float64
    assert dataset.x.tolist() == [[0, 1], [1, 0], [1, 1], [0, 0]]


def test_half_precision_keeps_its_values(tmp_path: Path) -> None:
    values = np.array([[0.1], [65504], [6e-8], [-0.3]], np.float16)
    assert load_npz(saved(tmp_path, x=values, y=Y)).x.tolist() == [[float(v)] for v in values[:, 0]]


def test_fortran_order_and_compression_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez_compressed(path, x=np.asfortranarray(X), y=Y)
    assert load_npz(str(path)).x.tolist() == X.tolist()


def test_class_names_may_be_text(tmp_path: Path) -> None:
    assert load_npz(saved(tmp_path, x=X, y=np.array(["a", "b", "ä", "a"]))).y[:, 0].tolist() == ["a", "b", "ä", "a"]


def structured() -> np.ndarray:
    return np.zeros((4, 2), dtype=[("a", "f4"), ("b", "i4")])


WRONG = {
    # name: (arrays, words)
    "no y": ({"x": X}, "'y'"),
    "no x": ({"y": Y}, "'x'"),
    "foreign names": ({"weights": X, "bias": Y}, "'x'"),
    "x_test without y_test": ({"x_train": X, "y_train": Y, "x_test": X}, "'y_test'"),
    "lengths": ({"x": X, "y": Y[:3]}, "(4, 3)"),
    "x flat": ({"x": Y, "y": Y}, "(4,)"),
    "x 0-d": ({"x": np.array(1.0), "y": Y}, "()"),
    "y 0-d": ({"x": X, "y": np.array(1)}, "()"),
    "y 3-d": ({"x": X, "y": np.zeros((4, 1, 1))}, "(4, 1, 1)"),
    "no samples": ({"x": X[:0], "y": Y[:0]}, "(0, 3)"),
    "no features": ({"x": X[:, :0], "y": Y}, "(4, 0)"),
    "no targets": ({"x": X, "y": np.zeros((4, 0))}, "(4, 0)"),
    "complex": ({"x": X * 1j, "y": Y}, "complex128"),
    "dates": ({"x": X.astype("M8[s]"), "y": Y}, "datetime64"),
    "text features": ({"x": X.astype("U"), "y": Y}, "<U"),
    "bytes as targets": ({"x": X, "y": Y.astype("S")}, "|S"),
    "structured": ({"x": structured(), "y": Y}, "x has type"),
    "void": ({"x": np.zeros((4, 2), "V8"), "y": Y}, "|V8"),
    "NaN": ({"x": np.where(X == 7, np.nan, X), "y": Y}, "x[2, 1]"),
    "infinite target": ({"x": X, "y": np.array([0, np.inf, 1, 0])}, "y[1, 0]"),
    "test part of another width": ({"x_train": X, "y_train": Y, "x_test": X[:, :2], "y_test": Y}, "x_test"),
    "test part with other targets": ({"x_train": X, "y_train": Y, "x_test": X, "y_test": np.ones((4, 2))}, "y_test"),
}


@pytest.mark.parametrize(("arrays", "words"), WRONG.values(), ids=WRONG)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    assert words in refusal(saved(tmp_path, **arrays))


@pytest.mark.parametrize("number", [2**54 + 1, -(2**60) - 1, 2**63 - 1])
def test_integers_far_beyond_what_float64_holds_exactly_are_refused(tmp_path: Path, number: int) -> None:
    words = f"x[1, 0] = {number} is not exact in float64; save x.astype(float) if it is a measurement"
    assert refusal(saved(tmp_path, x=np.array([[2**60], [number]]), y=Y[:2])).endswith(words)


@pytest.mark.parametrize("lost", ["", " NA ", "?"])
def test_a_target_that_is_missing_is_told_with_its_place(tmp_path: Path, lost: str) -> None:
    words = f"y[2, 1] is '{lost.strip()}': the target is missing; remove the sample"
    assert refusal(saved(tmp_path, x=X, y=np.array([["u", "v"], ["u", "w"], ["t", lost], ["u", "u"]]))).endswith(words)


class Canary:
    """Pickled, it asks whoever unpickles it to create a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_pickles_do_not_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    path = saved(tmp_path, x=np.array([[Canary(canary)]], object), y=Y[:1])
    assert refusal(path).endswith("x: pickled objects are never read; save plain numbers")
    assert not canary.exists()
    np.load(path, allow_pickle=True)["x"]  # it would have sung
    assert canary.exists()


def member(header: str, data: bytes = b"") -> bytes:
    """An .npy member with a header of one's own."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


HEADERS = [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (4, 99), }",  # more than there is
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 3), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-4, -3), }",  # as many bytes as there are
    "{'descr': '<f8', 'fortran_order': False, 'shape': (True, 3), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (4, 3), }",
    "{'descr': '<f8', 'fortran_order': False, }",
    "{'descr': 'nonsense', 'fortran_order': False, 'shape': (4, 3), }",
    "{'descr': __import__('os').abort(), 'fortran_order': False, 'shape': (4, 3), }",
    "{",
    "\xff",
]


@pytest.mark.parametrize("header", HEADERS)
def test_members_with_a_wrong_header_are_refused(tmp_path: Path, header: str) -> None:
    path = tmp_path / "d.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", member(header, X.tobytes()))
        archive.writestr("y.npy", member("{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }", Y.tobytes()))
    told = refusal(str(path))
    assert "declares the shape" in told or "-" not in header


def test_a_version_of_the_format_that_nobody_knows_is_told(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x09\x07" + bytes(40))
        archive.writestr("y.npy", member("{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }", Y.tobytes()))
    assert "unknown version 9.7 of the format" in refusal(str(path))


def test_files_that_are_no_archive_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np_array = io.BytesIO()
    np.save(np_array, X)
    for content in (b"", b"PK", b"x,y\n1,2\n", b"PK\x03\x04" + bytes(100), np_array.getvalue(), b"\x80\x04K\x01."):
        path.write_bytes(content)
        assert "NPZ" in refusal(str(path))


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    path = Path(saved(tmp_path, x=X, y=Y))
    whole = path.read_bytes()
    for size in range(0, len(whole), 13):
        path.write_bytes(whole[:size])
        refusal(str(path))


def test_a_damaged_number_is_noticed(tmp_path: Path) -> None:
    path = Path(saved(tmp_path, x=X, y=Y))
    content = bytearray(path.read_bytes())
    content[content.index(np.float64(7).tobytes()) + 7] ^= 1
    path.write_bytes(content)
    assert "CRC" in refusal(str(path))


def test_members_are_as_many_as_the_last_record_says(tmp_path: Path) -> None:
    """Its 22 bytes have their number behind a signature, three numbers of disks and of what is on this one."""
    path = Path(saved(tmp_path, x=X, y=Y))
    content = bytearray(path.read_bytes())
    content[len(content) - 22 + 10] = 3
    path.write_bytes(content)
    assert "2 members, but 3 recorded" in refusal(str(path))


def test_an_array_that_is_there_twice_is_told_by_60_letters_of_its_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr(name := "n" * 70 + ".npy", b"")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(name, b"")
    assert refusal(str(tmp_path / "d.npz")).endswith(f"d.npz: {'n' * 60} occurs twice")


def test_a_missing_file_and_a_folder_are_told_in_the_systems_words(tmp_path: Path) -> None:
    assert refusal(str(tmp_path / "none.npz")).endswith("No such file or directory")
    assert refusal(str(tmp_path)).endswith("Is a directory")


def test_only_what_is_data_is_read(tmp_path: Path) -> None:
    assert load_npz(saved(tmp_path, x=X, y=Y, notes=np.array([{}], object))).x.tolist() == X.tolist()


def test_an_array_has_the_weights_of_the_samples(tmp_path: Path) -> None:
    path = saved(tmp_path, x=X, y=Y, cost=np.array([1, 0, 2, 5]))
    weights = load_npz(path, "cost").weights
    assert weights is not None
    assert weights.tolist() == [1, 0, 2, 5]
    assert load_npz(path).weights is None


def test_with_keras_names_each_part_has_its_weights(tmp_path: Path) -> None:
    arrays = {"x_train": X, "y_train": Y, "x_test": X[:2], "y_test": Y[:2]}
    weights = {"w_train": np.arange(4.0)[:, None], "w_test": np.array([3, 4], np.uint8)}
    dataset = load_npz(saved(tmp_path, **arrays, **weights), "w")
    assert dataset.test is not None
    assert [part.weights.tolist() for part in (dataset, dataset.test) if part.weights is not None] == [
        [0, 1, 2, 3],
        [3, 4],
    ]
    with pytest.raises(MlpError, match="no array 'w_test'; add it, or leave --sample-weight out"):
        load_npz(saved(tmp_path, **arrays, w_train=np.ones(4)), "w")


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (None, "no array 'w'; add it"),
        (np.ones(3), "w has shape (3,); give one weight for each of 4 samples"),
        (np.ones((4, 2)), "w has shape (4, 2); give one weight for each of 4 samples"),
        (np.array([1, 1, -2, 1]), "w[2]: the weight -2 is negative; give a number from 0 to 1e100"),
        (np.array([1, 1e101, 1, 1]), "w[1]: the weight 1e+101 is too large"),
        (np.zeros(4), "w: all weights are 0; give one above 0"),
        (np.array(["a", "b", "c", "d"]), "w has type <U1"),
        (np.array([1, np.nan, 1, 1]), "w[1, 0] = nan is not finite"),
    ],
)
def test_arrays_that_are_no_weights_are_refused(tmp_path: Path, weights: np.ndarray | None, words: str) -> None:
    path = saved(tmp_path, x=X, y=Y, **({} if weights is None else {"w": weights}))
    with pytest.raises(MlpError) as caught:
        load_npz(path, "w")
    assert str(caught.value).startswith(f"{path}: {words}")


@pytest.mark.parametrize("name", ["x", "y", "y_train"])
def test_features_and_targets_are_no_weights(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, x=X, y=Y, w=np.arange(4))
    with pytest.raises(MlpError, match=f"--sample-weight {name} names features or targets; give another array"):
        load_npz(path, name)


@pytest.mark.parametrize("name", ["x", "x_test"])
def test_features_alone_need_no_targets(tmp_path: Path, name: str) -> None:
    assert load_features(saved(tmp_path, **{name: X})).tolist() == X.tolist()


def test_images_alone_are_flattened_and_stay_bytes(tmp_path: Path) -> None:
    found = load_features(saved(tmp_path, x=np.arange(24, dtype=np.uint8).reshape(2, 3, 4)))
    assert found.dtype == np.uint8
    assert found.tolist() == [list(range(12)), list(range(12, 24))]


@pytest.mark.parametrize(
    "arrays",
    [{"y": Y}, {"x": X * 1j}, {"x": X[:0]}, {"x": X[:, :0]}, {"x": np.array(1.0)}, {"x": np.where(X == 7, np.inf, X)}],
    ids=["no x", "complex", "no samples", "no features", "0-d", "infinite"],
)
def test_features_that_are_no_rows_of_numbers_are_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    path = saved(tmp_path, **arrays)
    with pytest.raises(MlpError) as caught:
        load_features(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_text_that_is_all_numbers_is_numbers_as_in_a_table(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.eye(3), y=np.array(["1", " 2.5", "-1e1"]))
    assert load_npz(str(tmp_path / "d.npz")).y.tolist() == [[1.0], [2.5], [-10.0]]


@pytest.mark.parametrize("name", ["x", "y"])
def test_a_small_integer_beside_one_that_no_float64_is_does_not_hide_it(tmp_path: Path, name: str) -> None:
    arrays = {"x": np.array([[1, 2], [3, 4]]), "y": np.array([[0, 1], [1, 0]])}
    arrays[name] = np.array([[1, 2], [1, 2**53 + 1]])
    what = f"{name}[1, 1] = 9007199254740993 is not exact in float64; save {name}.astype(float) if it is a measurement"
    assert what in refusal(saved(tmp_path, **arrays))
    arrays[name] = arrays[name].astype(float)  # the advice works
    assert len(load_npz(saved(tmp_path, **arrays))) == 2


@pytest.mark.parametrize(("cell", "words"), [("1e400", "not finite"), ("9007199254740993", "not exact in float64")])
def test_text_with_a_number_that_no_float64_is_is_refused(tmp_path: Path, cell: str, words: str) -> None:
    assert f"y[1, 0] = {cell} is {words}" in refusal(saved(tmp_path, x=np.eye(3), y=np.array(["1", cell, "2"])))
