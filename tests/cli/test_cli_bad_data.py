"""Data that cannot be used: exit 1 and one line with file and line, and nothing is written."""

from pathlib import Path

import numpy as np
import pytest
from cli_support import Run, Trained, is_one_error_line

GOOD = "a,b,y\n1,2,u\n3,4,v\n"

# name: the file's bytes, and what the message must contain.
FILES: dict[str, tuple[bytes, list[str]]] = {
    "a word among numbers": (b"a,b,y\n1,2,u\n3,x7,v\n", ["data.csv:3", "b", "x7"]),
    "a word behind a blank line": (b"a,b,y\n\n1,2,u\n\n3,x7,v\n", ["data.csv:5", "x7"]),
    "too many cells": (b"a,b,y\n1,2,u\n3,4,v,5\n", ["data.csv:3", "4", "3"]),
    "too few cells": (b"a,b,y\n1,2,u\n3\n", ["data.csv:3"]),
    "an empty cell": (b"a,b,y\n1,2,u\n,4,v\n", ["data.csv:3", "a", "--missing"]),
    "a cell NA": (b"a,b,y\n1,NA,u\n3,4,v\n", ["data.csv:2", "NA", "--missing"]),
    "not a number": (b"a,b,y\n1,2,u\n3,nan,v\n", ["data.csv:3", "nan"]),
    "infinity": (b"a,b,y\n1,2,u\n3,inf,v\n", ["data.csv:3", "inf"]),
    "too large a number": (b"a,b,y\n1,2,u\n3,1e400,v\n", ["data.csv:3", "1e400"]),
    "an underscore": (b"a,b,y\n1,2,u\n3,1_000,v\n", ["data.csv:3", "1_000"]),
    "Arabic digits": ("a,b,y\n1,2,u\n3,٣,v\n".encode(), ["data.csv:3"]),
    "an unclosed quote": (b'a,b,y\n1,2,u\n3,4,"v\n5,6,u\n7,8,v\n', ["data.csv:3", "quote"]),
    "Latin-1": (b"a,b,y\n1,2,u\n3,4,caf\xe9\n", ["data.csv:3", "UTF-8"]),
    "a NUL byte": (b"a,b,y\n1,2,u\n3,4\0,v\n", ["data.csv:3", "NUL"]),
    "a name twice": (b"a,a,y\n1,2,u\n3,4,v\n", ["data.csv:1", "'a'"]),
    "nothing": (b"", ["data.csv", "no data rows"]),
    "blank lines": (b"\n\n\n", ["data.csv", "no data rows"]),
    "a header alone": (b"a,b,y\n", ["data.csv", "no data rows"]),
    "one class": (b"a,b,y\n1,2,u\n3,4,u\n5,6,u\n7,8,u\n", ["data.csv", "'u'"]),
    "no target in a row": (b"a,b,y\n1,2,u\n3,4,\n5,6,v\n", ["data.csv:3", "y"]),
    "a single column": (b"y\nu\nv\n", ["data.csv"]),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xffKL\xd2I", ["data.csv"]),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_one_line_with_its_place(mlp: Run, tmp_path: Path, name: str) -> None:
    content, said = FILES[name]
    (tmp_path / "data.csv").write_bytes(content)
    found = mlp("train", "--data", "data.csv", "--target", "y", "--task", "multiclass", "-q")
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert [word for word in said if word not in found.err] == []
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_a_missing_target_column_lists_the_columns(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(GOOD)
    found = mlp("train", "--data", "data.csv", "--target", "z", "-q")
    assert found.code == 1
    assert is_one_error_line(found.err)
    assert "'z'" in found.err
    assert "a, b, y" in found.err


@pytest.mark.parametrize("path", ["gone.csv", ".", "gone.npz"])
def test_a_file_that_cannot_be_read_is_named(mlp: Run, path: str) -> None:
    found = mlp("train", "--data", path)
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert path in found.err


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"a": np.eye(3)}, "'x'"),
        ({"x": np.eye(3)}, "'y'"),
        ({"x": np.eye(3), "y": np.arange(2)}, "shape"),
        ({"x": np.array([[1.0, np.nan], [2, 3]]), "y": np.arange(2)}, "finite"),
        ({"x": np.eye(2) * 1j, "y": np.arange(2)}, "complex"),
    ],
)
def test_a_bad_archive_is_one_line(mlp: Run, tmp_path: Path, arrays: dict[str, np.ndarray], said: str) -> None:
    np.savez(tmp_path / "data.npz", **arrays)  # type: ignore[arg-type]
    found = mlp("train", "--data", "data.npz", "-q")
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert "data.npz" in found.err
    assert said in found.err


def test_pickled_objects_are_never_read(mlp: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.array([{}, {}], dtype=object), y=np.arange(2))
    found = mlp("train", "--data", "data.npz", "-q")
    assert found.code == 1
    assert is_one_error_line(found.err)


def test_the_line_of_a_bad_row_is_told_on_standard_input(mlp: Run, halves: Trained) -> None:
    found = mlp("forward", "--weights", halves.weights, "--data", "-", "-f", "csv", stdin="p,q\n1,2\n1,zz\n")
    assert found.code == 1
    assert is_one_error_line(found.err)
    assert ":3" in found.err
    assert "zz" in found.err


def test_empty_standard_input_is_an_error(mlp: Run, halves: Trained) -> None:
    found = mlp("forward", "--weights", halves.weights, "--data", "-", stdin="")
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)


def test_a_class_that_training_did_not_see_is_named(mlp: Run, halves: Trained, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("p,q,side\n1,2,low\n7,1,middle\n")
    found = mlp("evaluate", "--weights", halves.weights, "--data", "new.csv")
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert "'middle'" in found.err


def test_a_file_that_changed_since_training_is_noticed(mlp: Run, tmp_path: Path, points: Path) -> None:
    (tmp_path / "d.csv").write_bytes(points.read_bytes())
    assert mlp("train", "--data", "d.csv", "--epochs", 1, "-q").code == 0
    with open(tmp_path / "d.csv", "a") as file:
        file.write("1,2,low\n")
    found = mlp("evaluate", "--weights", "w.json")
    assert (found.code, found.out) == (1, "")
    assert "81" in found.err
    assert "80" in found.err


def test_other_features_than_those_of_the_weights_are_refused(mlp: Run, iris: Trained) -> None:
    found = mlp("evaluate", "--weights", iris.weights, "--dataset", "moons")
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"PK\x03\x04", b"\x80\x04K\x01.", b'{"layers": []}'])
def test_a_file_that_is_no_network_is_refused(mlp: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    found = mlp("forward", "--weights", "bad.json", "--x", "1")
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert "bad.json" in found.err


def test_a_line_feed_in_a_file_name_is_an_escape_like_other_control_characters(mlp: Run) -> None:
    found = mlp("train", "--data", "a\nb\tc\x1bd.csv")
    assert found.err == "mlp: error: a\\nb\\tc\\x1bd.csv: No such file or directory\n"
