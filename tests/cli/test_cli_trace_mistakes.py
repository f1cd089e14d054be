"""What `mlp backprop-trace` cannot do: one line that says what was expected, exit 1, 2 or 3, and nothing is written."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli_support import LECTURE, Run, is_one_error_line, strict_json, train_in

ONE_HOT = ["--y", "1,0,0"]

# What was typed, the exit code, and what the message must contain.
MISTAKES: list[tuple[list[str], int, list[str]]] = [
    # samples
    *((["--x", bad, *ONE_HOT], 2, ["--x", "finite number"]) for bad in ("abc,1", "1,2,", "1,,2", "nan,1", "1e400,1")),
    (["--x", "١,٢", *ONE_HOT], 2, ["--x", "١", "finite number"]),
    (["--x", "1_0,2", *ONE_HOT], 2, ["--x", "1_0"]),
    (["--x", "1\x1b[31m,2", *ONE_HOT], 2, ["\\x1b[31m"]),
    *((["--x", nothing, *ONE_HOT], 2, ["--x is empty", "2 numbers"]) for nothing in ("", " ", ";")),
    (["--x", "1,2", "--y", ""], 2, ["--y is empty", "3 numbers"]),
    (["--x", "1,2; 3", "--y", "setosa; setosa"], 2, ["sample 2 of --x", "1 number,", "2 are expected"]),
    (["--x", "1,2; 3,4", "--y", "setosa; rose"], 2, ["'rose'", "versicolor"]),
    (["--x", "1,2", "--y", "[red]setosa[/red]"], 2, ["'[red]setosa[/red]'"]),
    (["--x", "1,2", "--y", "setosa\x1b[0m"], 2, ["setosa\\x1b[0m"]),
    (["--x", "1,2", "--y", "2,0,0"], 2, ["numbers from 0 to 1", "[2, 0, 0]"]),
    (["--x", "1,2; 3,4", "--y", "1,0,0; 0.2,0.2,0.2", "--loss", "kl"], 2, ["sum to 1", "sample 2"]),
    (["--loss", "hinge", "--y", "0.5,0.5,0"], 2, ["hinge", "single 1"]),
    (["--y", "1,0,0; 0,1,0"], 2, ["1 sample,", "2 targets"]),
    # the network
    *((["--layers", bad], 2, ["--layers"]) for bad in ("0", "", "٢,٣", "2,-3", "2,3,2,0", "2;3", "2.5,3")),
    (["--layers", "2,1", "--output-activation", "softmax"], 2, ["softmax of one unit"]),
    (["--layers", "2,3,2", "--activation", ""], 2, ["activation ''", "relu"]),
    (["--layers", "2,3,2", "--output-activation", ""], 2, ["--output-activation ''"]),
    (["--layers", "2,3,2", "--x", "1,2"], 2, ["--y"]),
    (["--layers", "2,3,1", "--x", "1,2", "--y", "yes"], 2, ["'yes'", "0, 1"]),
    (["--layers", "2,2", "--output-activation", "linear", "--loss", "cce"], 2, ["cce", "softmax"]),
    (["--layers", "300,300", "--steps", "1000"], 2, ["--steps", "90,300 parameters", "use 221 or fewer"]),
    (["--dataset", "iris", "--rows", "0:999999999"], 2, ["--rows 0:999999999", "0 to 149"]),
    (["--weights", ""], 2, ["--weights is empty"]),
    (["--weights", "."], 1, ["directory"]),
    # the update
    *((["--learning-rate", bad], 2, ["--learning-rate", bad]) for bad in ("nan", "inf", "-1")),
    (["--learning-rate", "1e308"], 3, ["overflows", "--learning-rate"]),
    (["--steps", "100", "--learning-rate", "1e300"], 3, ["overflows"]),
    *((["--steps", bad], 2, ["--steps"]) for bad in ("-1", "1001", "99999999999999999999", "1.5", "")),
    *((["--l2", bad], 2, ["l2", bad]) for bad in ("-1", "nan", "inf")),
    (["--l2", "1e308", "--l1", "1e308"], 1, ["overflows", "--l1"]),
    (["--optimizer", ""], 2, ["optimizer ''", "adam"]),
    (["--optimizer", "sgd:1"], 2, ["momentum must be", "below 1"]),
    (["--optimizer", "adam", "--momentum", "0.5"], 2, ["--momentum", "sgd", "not to adam"]),
    (["--momentum", "0.5", "--rule", "lecture"], 2, ["plain gradient descent", "momentum"]),
    (["--loss", ""], 2, ["loss ''"]),
    (["--output-reduction", "max"], 2, ["max", "mean"]),
    (["--seed", "-1"], 2, ["--seed", "-1"]),
    (["--layers", "2,3,2", "--seed", "-1"], 2, ["--seed", "-1"]),
    (["--rule", ""], 2, ["exact, lecture"]),
    (["--round-steps", "13"], 2, ["--round-steps", "13"]),
    # the output
    *((["--digits", bad], 2, ["--digits", bad]) for bad in ("-1", "51")),
    (["--format", ""], 2, ["--format", "json"]),
    (["more"], 2, ["more"]),
    (["--loss", "hinge"], 2, ["softmax with hinge"]),  # can be traced, but the file could not be read again
]


@pytest.mark.parametrize(("arguments", "code", "said"), MISTAKES)
def test_a_mistake_is_one_line_and_writes_nothing(
    mlp: Run, tmp_path: Path, arguments: list[str], code: int, said: list[str]
) -> None:
    found = mlp("backprop-trace", "-f", "json", "-o", "trace.json", "--save-weights", "new.json", *arguments)
    assert (found.code, found.out) == (code, "")
    assert is_one_error_line(found.err)
    assert [word for word in said if word not in found.err] == []
    assert list(tmp_path.iterdir()) == []


UNIT: dict[str, Any] = {"weights": [[1.5]]}

# name: what the file of weights says, and what the message must contain.
FILES: dict[str, tuple[str, list[str]]] = {
    "no number among the weights": ('{"layers": [{"weights": [[NaN]]}]}', ["w.json", "NaN"]),
    "infinity among the weights": ('{"layers": [{"weights": [[1e999]]}]}', ["layers[0].weights", "finite"]),
    "infinity among the biases": ('{"layers": [{"weights": [[1]], "bias": [-1e999]}]}', ["layers[0].bias", "finite"]),
    "a word among the weights": ('{"layers": [{"weights": [["1"]]}]}', ["layers[0].weights[0][0]", "'1'"]),
    "rows of different length": ('{"layers": [{"weights": [[1, 2], [3]]}]}', ["layers[0].weights[1]"]),
    "too many biases": ('{"layers": [{"weights": [[1]], "bias": [1, 2]}]}', ["layers[0].bias"]),
    "layers that do not chain": ('{"layers": [{"weights": [[1]]}, {"weights": [[1, 2]]}]}', ["layers[1].weights"]),
    "too long a sample": (json.dumps({"layers": [UNIT], "x": [1, 2], "y": [1]}), ["x", "1", "2"]),
    "an empty sample": (json.dumps({"layers": [UNIT], "x": [[]], "y": [1]}), ["x", "1×0"]),
    "nothing in the sample": (json.dumps({"layers": [UNIT], "x": [None], "y": [1]}), ["x[0]", "number"]),
    "a word for a target": (json.dumps({"layers": [UNIT], "x": [1], "y": "yes"}), ["y", "list"]),
    "no learning rate": (json.dumps({"layers": [UNIT], "x": [1], "y": [1], "learning_rate": 0}), ["learning_rate"]),
    "a rate below 0": (json.dumps({"layers": [UNIT], "x": [1], "y": [1], "learning_rate": -1}), ["learning_rate"]),
    "a target that is no distribution": (
        json.dumps({"layers": [{"weights": [[1], [1]], "activation": "softmax"}], "x": [1], "y": [0.5, 0.4]}),
        ["cce", "sum to 1", "[0.5, 0.4]"],
    ),
    "a loss that overflows": ('{"layers": [{"weights": [[1e160]]}], "x": [1], "y": [1]}', ["overflows", "weights"]),
    "data that are not here": (json.dumps({"layers": [UNIT], "data": {"file": "gone.csv"}}), ["gone.csv"]),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_one_line_and_nothing_is_written(mlp: Run, tmp_path: Path, name: str) -> None:
    content, said = FILES[name]
    (tmp_path / "w.json").write_text(content)
    found = mlp("backprop-trace", "-w", "w.json", "-o", "trace.json", "--save-weights", "new.json", "-f", "json")
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert [word for word in said if word not in found.err] == []
    assert [path.name for path in tmp_path.iterdir()] == ["w.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"layers": [UNIT]}, ["no sample", "--x", "--y"]),
        ({"layers": [UNIT], "x": [1]}, ["--y"]),
        ({"layers": [UNIT], "x": [[1], [2]], "y": [1]}, ["2 samples", "1"]),
        ({"layers": [UNIT], "data": {}}, ["does not say", "--data"]),
    ],
)
def test_a_missing_sample_is_asked_for(mlp: Run, tmp_path: Path, content: dict[str, Any], said: list[str]) -> None:
    (tmp_path / "w.json").write_text(json.dumps(content))
    found = mlp("backprop-trace", "-w", "w.json", "-o", "trace.txt")
    assert (found.code, found.out) == (2, "")
    assert is_one_error_line(found.err)
    assert [word for word in said if word not in found.err] == []
    assert [path.name for path in tmp_path.iterdir()] == ["w.json"]


SHEET = ["--exercise", "--format", "markdown"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-o", "w.json"], 2, ["--output", "weights file"]),
        (["-o", "./w.json"], 2, ["--output", "weights file"]),
        (["-o", "link.json"], 2, ["--output", "weights file"]),
        (["-o", "nowhere/t.txt"], 1, ["nowhere"]),
        (["-o", "."], 1, ["folder"]),
        (["-o", "/proc/no-file-can-be-made-here"], 1, ["/proc/no-file-can-be-made-here"]),
        (["-o", "/dev/full"], 1, ["/dev/full", "No space left"]),
        (["--save-weights", "nowhere/new.json"], 1, ["nowhere"]),
        (["--save-weights", "new.txt"], 2, ["new.txt", ".json", ".npz"]),
        (["--save-weights", ""], 2, ["--save-weights is empty"]),
        (["-o", ""], 2, ["--output is empty"]),
        *(
            (["-o", f"t{suffix}"], 2, [f"t{suffix}", ".txt, .json, .csv, .md, .tex, .html", "--format"])
            for suffix in (".pdf", ".docx", ".PDF", ".text")
        ),
        (["--save-weights", "notes.json"], 1, ["notes.json", "--force"]),
        (["--save-weights", "-"], 2, ["--save-weights", "--output", "standard output"]),
        (["--save-weights", "-", "-o", "-"], 2, ["--save-weights", "--output", "standard output"]),
        ([*SHEET, "-o", "t.md", "--solution", "-", "--save-weights", "-"], 2, ["--solution", "standard output"]),
        ([*SHEET, "-o", "t.md", "--solution", "t.md"], 2, ["--output and --solution are both t.md"]),
        ([*SHEET, "-o", "t.md", "--solution", "w.json"], 2, ["--solution", "weights file"]),
        (["--data", "rows.csv", "-o", "rows.csv"], 2, ["--output", "data file"]),
        ([*SHEET, "--data", "rows.csv", "-o", "t.md", "--solution", "./rows.csv"], 2, ["--solution", "data file"]),
        (["--compare", "notes.json", "-o", "notes.json"], 2, ["--output", "compared file"]),
        (["--compare", "w.json", "--save-weights", "./w.json"], 2, ["--save-weights", "compared file"]),
        (["--compare", ""], 2, ["--compare is empty"]),
        (["-w", "-", "--data", "-"], 2, ["--weights and --data", "standard input"]),
        (["-o", "t.json", "--save-weights", "./t.json"], 2, ["--output and --save-weights are both ./t.json"]),
    ],
)
def test_where_nothing_can_be_written_nothing_is(
    mlp: Run, tmp_path: Path, arguments: list[str], code: int, said: list[str]
) -> None:
    (tmp_path / "w.json").write_bytes(LECTURE.read_bytes())
    (tmp_path / "link.json").symlink_to("w.json")
    (tmp_path / "rows.csv").write_text("p,q,kind\n1.8,0.5,setosa\n")
    (tmp_path / "notes.json").write_text('{"remember": "the milk"}')
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    found = mlp("backprop-trace", "-w", "w.json", *arguments)
    assert (found.code, found.out) == (code, "")
    assert is_one_error_line(found.err)
    assert [word for word in said if word not in found.err] == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# ----- What looks like a mistake and is none ------------------------------------------------------------------------


def test_labels_are_given_as_numbers_since_several_may_hold(mlp: Run, tmp_path: Path) -> None:
    layers = [{"weights": [[1], [2]], "activation": "sigmoid"}]
    (tmp_path / "w.json").write_text(json.dumps({"layers": layers, "task": "multilabel", "classes": ["hot", "dry"]}))
    found = mlp("backprop-trace", "-w", "w.json", "--x", 1, "--y", "hot")
    assert found.code == 2
    assert is_one_error_line(found.err)
    assert mlp("backprop-trace", "-w", "w.json", "--x", 1, "--y", "1,0").code == 0


def test_the_target_of_the_first_training_sample_can_be_another(mlp: Run, tmp_path: Path) -> None:
    train_in(tmp_path, "--dataset", "iris", "--epochs", 1)
    own, other = (
        strict_json(mlp("backprop-trace", "-w", "w.json", "-f", "json", *target).out)["steps"][0]
        for target in ([], ["--y", "versicolor"])
    )
    assert own["x"] == other["x"]
    assert own["y"] != other["y"] == [[0, 1, 0]]


def test_the_target_in_a_file_is_scaled_as_one_on_the_command_line(mlp: Run, tmp_path: Path) -> None:
    content = {"layers": [UNIT], "target_scaling": {"mean": 10, "scale": 4}, "x": [1], "y": [12]}
    (tmp_path / "w.json").write_text(json.dumps(content))
    for sample in ([], ["--x", 1, "--y", 12]):
        step = strict_json(mlp("backprop-trace", "-w", "w.json", "-f", "json", *sample).out)["steps"][0]
        assert step["y"] == [[0.5]]  # (12 − 10)/4
        assert step["loss"] == 1  # (1.5 − 0.5)²


def test_an_infinite_loss_after_a_step_by_hand_is_no_number_in_json_and_csv(mlp: Run) -> None:
    """By the slide's rule every output is pushed up; the first becomes 1.0, but its target is 0.9."""
    asked = ["backprop-trace", "--rule", "lecture", "--round-steps", 1, "--lr", 30, "--y", "0.9,0,0.1"]
    assert strict_json(mlp(*asked, "-f", "json").out)["steps"][0]["loss_after"] is None
    assert "1,,loss_after,,,," in mlp(*asked, "-f", "csv").out.splitlines()
    assert "after the update L = inf" in mlp(*asked).out


@pytest.mark.parametrize("command", ["backprop-trace", "train"])
@pytest.mark.parametrize("option", ["--weights", "--data", "--output"])
def test_links_that_lead_round_in_a_circle_are_one_line(mlp: Run, tmp_path: Path, command: str, option: str) -> None:
    (tmp_path / "here.json").symlink_to("there.json")
    (tmp_path / "there.json").symlink_to("here.json")
    data = ["--dataset", "iris"] if option != "--data" else []
    found = mlp(command, *data, option, "here.json")
    assert (found.code, found.out) == (1, "")
    assert is_one_error_line(found.err)
    assert "here.json: Too many levels of symbolic links" in found.err
