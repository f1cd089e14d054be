"""`train --fold` and `--split-seed`: which samples train, and that `evaluate` finds them again."""

import json

import pytest
from cli_support import Run


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
        (("--fold", "6/5"), "--fold takes a fold and the number of folds, 2/5 for instance, not '6/5'"),
        (("--fold", "1/5", "--validation", 0.1), "--fold and --validation: the fold is the validation set"),
        (("--fold", "1/5", "--validation-data", "v.csv"), "--fold and --validation-data: the fold is the validation"),
        (("--split-seed", -1), "--split-seed must be 0 or more, not -1"),
    ],
)
def test_what_a_fold_and_the_seed_of_a_split_cannot_be(mlp: Run, options: tuple[object, ...], words: str) -> None:
    done = mlp("train", "--dataset", "iris", *options)
    assert (done.code, words in done.err) == (2, True), done.err
