"""Tables so small that holding out would leave too little are trained whole, and their columns may be left out."""

import json
from pathlib import Path

import pytest
from cli_support import Run

XOR = "a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n"


@pytest.mark.parametrize("words", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_xor_is_learned_from_its_four_lines(mlp: Run, tmp_path: Path, words: bool, seed: int) -> None:
    content = XOR.replace("0", "F").replace("1", "T") if words else XOR
    (tmp_path / "xor.csv").write_text(content)
    done = mlp("train", "--data", "xor.csv", "--seed", seed, "--format", "json")
    assert done.code == 0, done.err
    parts = json.loads(done.out)["parts"]
    assert list(parts) == ["training"]
    assert (parts["training"]["samples"], parts["training"]["accuracy"]) == (4, 1)
    assert "mlp: with 4 rows, none are held out (--test 0 --validation 0 --learning-rate 0.01)\n" in done.err
    assert mlp("evaluate", "--weights", "w.json", "--part", "all").code == 0


def test_what_is_asked_for_is_held_out(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,y\n" + "".join(f"{k},{k % 2}\n" for k in range(9)))
    done = mlp("train", "--data", "d.csv", "--test", 0.3, "--epochs", 1, "--format", "json")
    assert json.loads(done.out)["parts"]["test"]["samples"] == 3
    done = mlp("train", "--data", "d.csv", "--epochs", 1, "--format", "json")
    assert list(json.loads(done.out)["parts"]) == ["training"]


@pytest.mark.parametrize(("rows", "whole"), [(9, True), (10, False)])
def test_ten_rows_are_split(mlp: Run, tmp_path: Path, rows: int, whole: bool) -> None:
    (tmp_path / "d.csv").write_text("a,y\n" + "".join(f"{k * k % 7},{k}.5\n" for k in range(rows)))
    done = mlp("train", "--data", "d.csv", "--epochs", 1, "--format", "json")
    assert (list(json.loads(done.out)["parts"]) == ["training"]) is whole


def test_a_class_keeps_its_only_rows(mlp: Run, tmp_path: Path) -> None:
    """Of twelve classes with a row each, the test set would take some, but not the one row of a rare class."""
    (tmp_path / "d.csv").write_text("a,y\n" + "".join(f"{k * k % 7},c{k}\n" for k in range(12)))
    done = mlp("train", "--data", "d.csv", "--task", "multiclass", "--epochs", 1, "--format", "json")
    assert list(json.loads(done.out)["parts"]) == ["training"]
    assert "mlp: none are held out, since class 'c" in done.err
    assert "' would lose its only rows (--test 0 --validation 0)\n" in done.err
    (tmp_path / "d.csv").write_text("a,y\n" + "".join(f"{k * k % 7},{'uv'[k % 2]}\n" for k in range(15)) + "3,rare\n")
    done = mlp("train", "--data", "d.csv", "--epochs", 1, "--format", "json")
    assert list(json.loads(done.out)["parts"]) == ["training", "validation", "test"]


def test_a_later_file_may_lack_what_was_ignored(mlp: Run, tmp_path: Path) -> None:
    rows = "".join(f"{k},n{k},{k * k % 7},{k % 3},{'uv'[k % 2]}\n" for k in range(1, 31))
    (tmp_path / "d.csv").write_text("Id,name,a,b,y\n" + rows)
    done = mlp("train", "--data", "d.csv", "--ignore", "name", "--epochs", 3)
    assert done.code == 0, done.err
    assert (
        "mlp: d.csv: 'Id' counts the rows; it is left out, as with --ignore Id; --features can include it\n" in done.err
    )
    assert mlp("evaluate", "--weights", "w.json").code == 0
    (tmp_path / "new.csv").write_text("b,a\n1,2\n")
    bare = mlp("forward", "--weights", "w.json", "--data", "new.csv")
    (tmp_path / "new.csv").write_text("b,other,Id,a\n1,zzz,999,2\n")
    assert mlp("forward", "--weights", "w.json", "--data", "new.csv").out == bare.out
    done = mlp("train", "--data", "d.csv", "--features", "a,b", "--epochs", 3, "--output", "same.json")
    assert done.code == 0, done.err
    one, other = (json.loads((tmp_path / name).read_text()) for name in ("w.json", "same.json"))
    assert one["layers"] == other["layers"]


def test_without_a_header_columns_are_left_out_by_number(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("".join(f"n{k},{k * k % 7},{k % 3},{k % 2}\n" for k in range(30)))
    assert mlp("train", "--data", "d.csv", "--ignore", 1, "--epochs", 3).code == 0
    assert mlp("evaluate", "--weights", "w.json").code == 0
    (tmp_path / "new.csv").write_text("n0,1,2\n")
    with_name = mlp("forward", "--weights", "w.json", "--data", "new.csv")
    (tmp_path / "new.csv").write_text("1,2\n")
    without = mlp("forward", "--weights", "w.json", "--data", "new.csv")
    assert (with_name.code, without.code) == (0, 0)
    assert with_name.out == without.out


@pytest.mark.parametrize("option", ["--features", "--ignore", "--categories"])
def test_columns_are_of_tables_only(mlp: Run, option: str) -> None:
    found = mlp("train", "--dataset", "iris", option, "petal_length")
    assert found.code == 2
    assert found.err.startswith(f"mlp: error: {option} belongs to tables")
    assert found.err.endswith("; iris is a named data set\n")
