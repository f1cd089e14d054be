"""What a script may ask of an evaluation, and how its report names samples that have weights."""

import json
import subprocess
from pathlib import Path

import pytest
from cli_support import MLP, Run, strict_json, write_csv

LINE = {"layers": [{"weights": [[1]], "bias": [0], "activation": "linear"}], "features": ["x"], "targets": ["y"]}
SIDES = {
    "layers": [{"weights": [[1, 0], [0, 1]], "bias": [0, 0], "activation": "softmax"}],
    "features": ["p", "q"],
    "classes": ["a", "b"],
}
WEIGHTED = [(1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 3, 6)]  # errors 0, 0, 0, 2: mse 4/4, and by the weights 12/6


@pytest.fixture
def files(tmp_path: Path) -> None:
    (tmp_path / "line.json").write_text(json.dumps(LINE))
    (tmp_path / "sides.json").write_text(json.dumps(SIDES))
    write_csv(tmp_path / "line.csv", ("x", "w", "y"), WEIGHTED)
    write_csv(tmp_path / "sides.csv", ("p", "q", "side"), [(2, 1, "a"), (1, 2, "a"), (1, 2, "b")])


@pytest.mark.parametrize(
    ("option", "network", "within", "beyond", "words"),
    [
        ("--max-loss", "line", ["0", "1e9"], ["-0.001", "inf", "nan"], "0 or more"),
        ("--max-loss", "sides", ["0"], ["-1"], "0 or more"),
        ("--min-r2", "line", ["1", "-1e9"], ["1.001", "-inf", "nan"], "at most 1"),
        ("--min-accuracy", "sides", ["0", "1"], ["-0.001", "1.001", "nan"], "from 0 to 1"),
        ("--min-f1", "sides", ["0", "1"], ["-0.001", "1.001", "nan"], "from 0 to 1"),
    ],
)
def test_a_limit_may_be_as_large_as_its_metric(
    mlp: Run, files: None, option: str, network: str, within: list[str], beyond: list[str], words: str
) -> None:
    """The metrics are neither perfect nor the worst, so that one end of the range holds and the other does not."""
    evaluate = ["evaluate", "-w", f"{network}.json", "--data", f"{network}.csv", "--quiet", option]
    codes = {limit: mlp(*evaluate, limit).code for limit in within}
    hard = "0" if option == "--max-loss" else "1"
    assert codes == {limit: 3 if limit == hard else 0 for limit in within}
    for limit in beyond:
        found = mlp(*evaluate, limit)
        assert (found.code, found.out) == (2, "")
        assert found.err == f"mlp: error: {option} must be {words}, not {limit}\n"


def test_a_value_at_the_limit_keeps_to_it(mlp: Run, files: None) -> None:
    """Two of three are right: F1 is 2/3 for a (1 of 2 found, none wrongly) and for b (1 of 1 found, 1 wrongly)."""
    evaluate = ["evaluate", "-w", "sides.json", "--data", "sides.csv", "--quiet"]
    assert mlp(*evaluate, "--min-accuracy", 2 / 3, "--min-f1", 2 / 3).code == 0
    assert mlp("evaluate", "-w", "line.json", "--data", "line.csv", "--max-loss", 1).code == 0


def test_in_a_log_the_report_stands_before_the_limit_that_it_breaks(files: None, tmp_path: Path) -> None:
    words = [*MLP, "evaluate", "-w", "sides.json", "--data", "sides.csv", "--quiet", "--min-accuracy", "1"]
    done = subprocess.run(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 3
    assert done.stdout.startswith("sides.csv, all samples\n")
    assert done.stdout.splitlines()[-1].startswith("mlp: error: the accuracy is 0.6667")


def test_limits_that_do_not_fit_the_task_are_named_with_those_that_do(mlp: Run, files: None) -> None:
    found = mlp("evaluate", "-w", "sides.json", "--data", "sides.csv", "--min-r2", 0.5)
    fitting = "--max-loss, --min-accuracy or --min-f1"
    assert (found.code, found.out) == (2, "")
    assert found.err == f"mlp: error: --min-r2 does not fit the task multiclass; use {fitting}\n"


def test_only_one_file_can_be_standard_input(mlp: Run, files: None) -> None:
    found = mlp("evaluate", "--weights", "-", "--data", "-", stdin=json.dumps(LINE))
    assert found.code == 2
    assert "--weights and --data: standard input can be only one of them" in found.err


def test_a_number_of_threads_that_is_none_is_refused(mlp: Run, files: None) -> None:
    found = mlp("evaluate", "-w", "line.json", "--data", "line.csv", "--threads", 0)
    assert (found.code, found.out) == (2, "")
    assert "--threads" in found.err


def test_quiet_leaves_out_the_notes_that_are_said_otherwise(mlp: Run, files: None, tmp_path: Path) -> None:
    write_csv(tmp_path / "gap.csv", ("x", "y"), [(1, 1), ("", 2), (3, 3)])
    evaluate = ["evaluate", "-w", "line.json", "--data", "gap.csv", "--missing", "drop"]
    assert mlp(*evaluate, "--quiet").err == ""
    assert mlp(*evaluate).err != ""


@pytest.mark.parametrize(
    ("options", "loss", "where", "name"),
    [
        ([], 1, "line.csv, all samples", "mse"),
        (["--sample-weight", "w"], 2, "line.csv, all samples, samples by their weights", "weighted mse"),
    ],
)
def test_the_report_tells_whether_samples_have_weights(
    mlp: Run, files: None, options: list[str], loss: float, where: str, name: str
) -> None:
    evaluate = ["evaluate", "-w", "line.json", "--data", "line.csv", *options]
    found = mlp(*evaluate).out
    assert found.startswith(f"{where}\n")
    assert ("weighted mse" in found) == (name == "weighted mse")
    assert "mse" in found
    assert strict_json(mlp(*evaluate, "--format", "json").out)["loss"] == pytest.approx(loss)


@pytest.mark.parametrize(
    ("held_out", "parts"),
    [
        ([], []),
        (["--test", 0.25], ["training", "test"]),
        (["--test", 0.25, "--validation", 0.25], ["training", "validation", "test"]),
    ],
)
@pytest.mark.parametrize("weight", [None, "w"])
def test_the_parts_of_training_are_shown_if_there_are_two(
    mlp: Run, tmp_path: Path, held_out: list[object], parts: list[str], weight: str | None
) -> None:
    header, rows = ("x", "y", "w"), [(k, 2 * k, 1 + k % 2) for k in range(16)]
    write_csv(tmp_path / "d.csv", header if weight else header[:2], [row if weight else row[:2] for row in rows])
    weights = [] if weight is None else ["--sample-weight", weight]
    split = ["--test", 0, "--validation", 0, *held_out]  # of an option that is given twice, the last counts
    assert mlp("train", "--data", "d.csv", "--target", "y", *weights, "--epochs", 1, *split).code == 0
    evaluate = ["evaluate", "-w", "w.json", "--part", "all"]
    assert [*strict_json(mlp(*evaluate, "-f", "json").out).get("parts", {})] == parts
    table = mlp(*evaluate).out
    assert ("Parts" in table) == bool(parts)
    counts = (table.count("weighted mse"), table.count("mse"))
    headings = 2 if parts else 1  # of all samples, and of the parts
    assert counts == (headings if weight else 0, headings)
    single = strict_json(mlp("evaluate", "-w", "w.json", "--part", "training", "-f", "json").out)
    assert "parts" not in single
