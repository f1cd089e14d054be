"""Tables so small that holding out would leave too little are trained whole, and their columns may be left out."""

import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from cli_support import Run

from mlpcli.cli import parts as module
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import SplitOptions
from mlpcli.cli.parts import note_left_out, origin_of, split_parts, unit_of
from mlpcli.cli.sources import Source
from mlpcli.core.samples import Scaling
from mlpcli.core.tasks import TASKS
from mlpcli.data.dataset import Dataset
from mlpcli.data.targets import Coding

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


@pytest.mark.parametrize(
    "asked",
    [["--test", 0.3], ["--validation", 0.3], ["--validation-data", "v.csv"], ["--test", 0], ["--validation", 0]],
)
def test_few_rows_are_split_as_usual_where_any_part_is_asked_for(mlp: Run, tmp_path: Path, asked: list[object]) -> None:
    for name, rows in (("d.csv", 9), ("v.csv", 3)):
        (tmp_path / name).write_text("a,y\n" + "".join(f"{k},{k % 2}\n" for k in range(rows)))
    done = mlp("train", "--data", "d.csv", *asked, "--epochs", 1, "--format", "json")
    assert done.code == 0, done.err
    assert "none are held out" not in done.err
    usual = {"training", "validation", "test"}
    assert set(json.loads(done.out)["parts"]) == usual - ({asked[0][2:]} if asked[1] == 0 else set())


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


def test_many_classes_without_a_sample_in_some_part_are_counted(mlp: Run, tmp_path: Path) -> None:
    """30 classes of one sample each: each is in one part and lacks in another. The first five are named."""
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k}\n" for k in range(30)))
    done = mlp("train", "--data", "t.csv", "--task", "multiclass", "--epochs", 1, "--test", 0.2, "--validation", 0.2)
    named = [line for line in done.err.splitlines() if "has 1 sample, and none in" in line]
    assert len(named) == 5
    assert "mlp: 25 more classes have no sample in some part\n" in done.err


@pytest.mark.parametrize(("classes", "more"), [(5, []), (6, ["1 more classes have no sample in some part"])])
def test_the_classes_that_lack_in_a_part_are_named_with_where(classes: int, more: list[str]) -> None:
    """Class c0 is once in the training set; the others are twice in the validation set; `all` is in all three."""
    one_hot = np.eye(classes + 1)
    parts = {
        "training": one_hot[[0, classes]],
        "validation": one_hot[[*range(1, classes), *range(1, classes), classes]],
        "test": one_hot[[classes]],
    }
    said = list[str]()
    names = (*(f"c{k}" for k in range(classes)), "all")
    model = Mock(task=TASKS["multiclass"], output_activation="softmax", coding=Coding(names))
    note_left_out({name: Mock(y=y) for name, y in parts.items()}, model, Mock(note=said.append))
    assert said == [
        "class 'c0' has 1 sample, and none in validation and test",
        *(f"class 'c{k}' has 2 samples, and none in training and test" for k in range(1, 5)),
        *more,
    ]


@pytest.mark.parametrize(("rows", "whole"), [(49, True), (50, False)])
def test_fewer_than_fifty_rows_are_trained_whole_if_a_class_would_lose_its_only_one(rows: int, whole: bool) -> None:
    y = np.array([[f"c{k}"] for k in range(rows)])
    dataset = Dataset("d.csv", np.zeros((rows, 1)), y, ("a",), ("y",))
    coding = Coding(tuple(sorted(f"c{k}" for k in range(rows))))
    parts = split_parts(dataset, SplitOptions(), TASKS["multiclass"], coding, 1, Notes(quiet=True))
    assert [*parts] == (["training"] if whole else ["training", "validation", "test"])
    for asked in (SplitOptions(test=0.2), SplitOptions(validation=0.2), SplitOptions(fold="1/5")):
        found = split_parts(dataset, asked, TASKS["multiclass"], coding, 1, Notes(quiet=True))
        assert [*found] == ["training", "validation", "test"]
    with_test = replace(dataset, test=dataset)
    found = split_parts(with_test, SplitOptions(), TASKS["multiclass"], coding, 1, Notes(quiet=True))
    assert [*found] == ["training", "validation", "test"]


def test_predictions_leave_no_row_out(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k % 2}\n" for k in range(20)))
    mlp("train", "--data", "t.csv", "--epochs", 1, "--quiet")
    done = mlp("forward", "--weights", "w.json", "--data", "t.csv", "--missing", "drop")
    told = "--missing drop leaves rows without a prediction; use --missing mean"
    assert (done.code, done.err) == (2, f"mlp: error: {told}\n")


def test_data_of_the_training_that_have_moved_are_told(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{k % 2}\n" for k in range(20)))
    mlp("train", "--data", "t.csv", "--epochs", 1, "--quiet")
    (tmp_path / "t.csv").rename(tmp_path / "u.csv")
    done = mlp("evaluate", "--weights", "w.json")
    assert done.code == 1
    assert "t.csv: the data of the training run are not here" in done.err
    assert "give --data" in done.err
    assert mlp("evaluate", "--weights", "w.json", "--data", "u.csv").code == 0


@pytest.mark.parametrize("weight", ["x", "", "-1", "1e101", "nan"])
def test_a_weight_of_a_class_is_a_number_that_is_not_negative(mlp: Run, tmp_path: Path, weight: str) -> None:
    done = mlp("train", "--dataset", "xor", "--class-weight", f"0={weight}", "--epochs", 1)
    told = f"--class-weight: the weight of '0' is a number from 0 to 1e+100, not '{weight}'"
    assert (done.code, told in done.err) == (2, True)


@pytest.mark.parametrize(("test", "parts"), [(None, ["training", "test"]), (0.0, ["training"])])
def test_the_test_set_that_data_bring_along_may_be_left_out(test: float | None, parts: list[str]) -> None:
    own = Dataset("d.npz", np.ones((3, 1)), np.ones((3, 1)), ("a",), ("y",))
    dataset = replace(own, x=np.zeros((60, 1)), y=np.zeros((60, 1)), test=own)
    asked = SplitOptions(test=test, validation=0.0)
    found = split_parts(dataset, asked, TASKS["regression"], Coding(("y",)), 1, Notes(quiet=True))
    assert [*found] == parts
    assert len(found["training"]) == 60


def test_the_validation_set_is_a_fraction_of_what_the_test_set_leaves() -> None:
    """Of 100 rows half are for the test, and a tenth of the other 50 for validation."""
    dataset = Dataset("d.csv", np.zeros((100, 1)), np.zeros((100, 1)), ("a",), ("y",))
    asked = SplitOptions(test=0.5, validation=0.1)
    found = split_parts(dataset, asked, TASKS["regression"], Coding(("y",)), 1, Notes(quiet=True))
    assert {name: len(part) for name, part in found.items()} == {"training": 45, "validation": 5, "test": 50}


@pytest.mark.parametrize(
    ("asked", "parts", "own_test", "fractions"),
    [
        (SplitOptions(), ["training", "validation", "test"], False, (0.2, 0.2)),
        (SplitOptions(test=0.1, validation=0.3), ["training", "validation", "test"], False, (0.3, 0.1)),
        (SplitOptions(), ["training"], False, (0.0, 0.0)),
        (SplitOptions(), ["training", "validation", "test"], True, (0.2, 0.0)),
        (SplitOptions(), ["training", "validation"], True, (0.2, 0.0)),
        (SplitOptions(validation_data="v.csv"), ["training", "validation", "test"], False, (0.0, 0.2)),
        (SplitOptions(fold="1/5"), ["training", "validation", "test"], False, (0.0, 0.2)),
    ],
)
def test_a_network_remembers_the_fractions_that_were_held_out_of_its_data(
    asked: SplitOptions,
    parts: list[str],
    own_test: bool,
    fractions: tuple[float, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file, a fold and a test set that the data bring along are no fraction of them."""
    monkeypatch.setattr(module, "data_digest", lambda dataset, model: "digest")
    dataset = Dataset("d.csv", np.zeros((10, 1)), np.zeros((10, 1)), ("a",), ("y",))
    dataset = replace(dataset, test=dataset if own_test else None)
    origin = origin_of(Source(data="d.csv"), dataset, asked, 7, dict.fromkeys(parts, dataset), Mock())
    assert (origin.validation, origin.test) == fractions
    assert (origin.fold, origin.seed, origin.samples, origin.file) == (asked.fold, 7, 10, "d.csv")


def test_an_output_is_worth_one_unit_of_the_target_unless_it_is_scaled() -> None:
    assert unit_of(Coding(("y",))) == 1
    assert unit_of(Coding(("y",), Scaling(np.array([5.0]), np.array([2.5])))) == 2.5
