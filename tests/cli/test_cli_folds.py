"""`train --fold` and `--split-seed`: which samples train, and that `evaluate` finds them again."""

import json
from pathlib import Path

import pytest
from cli_support import SAMPLE_DATA, Run


def report(mlp: Run, *arguments: object) -> dict[str, object]:
    done = mlp("train", "--dataset", "iris", "--epochs", 2, "--format", "json", *arguments)
    assert done.code == 0, done.err
    document: dict[str, object] = json.loads(done.out)
    return document


def test_evaluate_finds_the_fold_again(mlp: Run) -> None:
    trained = report(mlp, "--fold", "2/3")["parts"]
    assert isinstance(trained, dict)
    assert [trained[part]["samples"] for part in ("training", "validation", "test")] == [80, 40, 30]
    for part, numbers in trained.items():
        done = mlp("evaluate", "-w", "w.json", "--part", part, "--format", "json")
        assert {**json.loads(done.out), **numbers} == json.loads(done.out)


def test_the_seed_of_the_split_leaves_initial_weights_and_order(mlp: Run) -> None:
    """With one and the same split, only --seed changes the network; with one --seed, only --split-seed the split."""
    one, same = report(mlp, "--seed", 1), report(mlp, "--seed", 1, "--split-seed", 1)
    other = report(mlp, "--seed", 1, "--split-seed", 2)
    assert one["parts"] == same["parts"] != other["parts"]
    done = mlp("evaluate", "-w", "w.json", "--part", "test", "--format", "json")
    assert json.loads(done.out)["loss"] == other["parts"]["test"]["loss"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--fold", "6/5"), "--fold takes a fold and the number of folds, such as 2/5, not '6/5'"),
        (("--fold", "1/5", "--validation", 0.1), "--fold and --validation: the fold is the validation set"),
        (("--fold", "1/5", "--validation-data", "v.csv"), "--fold and --validation-data: the fold is the validation"),
        (("--split-seed", -1), "--split-seed must be 0 or more, not -1"),
    ],
)
def test_what_a_fold_and_the_seed_of_a_split_cannot_be(mlp: Run, options: tuple[object, ...], words: str) -> None:
    done = mlp("train", "--dataset", "iris", *options)
    assert (done.code, words in done.err) == (2, True), done.err


@pytest.mark.parametrize(("name", "samples", "folds"), [("cars", 40, 4), ("xor", 4, 4)])
def test_sets_without_a_validation_set_of_their_own_have_folds(mlp: Run, name: str, samples: int, folds: int) -> None:
    """cars: 50 rows, 10 of them for the test. Each fold is the validation set once; nothing else was asked for."""
    options = ("--dataset", name, "--epochs", 2, "--format", "json", "-q")
    done = mlp("train", *options, "--fold", f"2/{folds}")
    assert done.code == 0, done.err
    parts = json.loads(done.out)["parts"]
    held_out = samples // folds
    assert (parts["training"]["samples"], parts["validation"]["samples"]) == (samples - held_out, held_out)
    swept = mlp("sweep", *options, "--folds", folds, "--vary", "hidden=2|3")
    assert swept.code == 0, swept.err
    assert [one["networks"] for one in json.loads(swept.out)["settings"]] == [folds, folds]


def test_a_set_without_a_validation_set_of_its_own_takes_a_file(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_bytes((SAMPLE_DATA / "cars.csv").read_bytes())
    done = mlp("train", "--dataset", "cars", "--validation-data", "v.csv", "--epochs", 2, "--format", "json", "-q")
    assert done.code == 0, done.err
    assert json.loads(done.out)["parts"]["validation"]["samples"] == 50
    refused = mlp("train", "--dataset", "cars", "--validation-data", "v.csv", "--validation", 0.1)
    assert "--validation and --validation-data: leave one out" in refused.err
