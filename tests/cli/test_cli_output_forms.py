"""What the commands print: forms, streams, and files."""

import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from cli_support import LECTURE, Run, Trained, csv_rows, figures_of, run_in, strict_json

from mlpcli.report.renderers import RENDERERS

COMMANDS = {
    "train": ["train", "--dataset", "iris", "--epochs", "3"],
    "evaluate": ["evaluate", "--weights", "{iris}"],
    "forward": ["forward", "--weights", str(LECTURE), "--x", "1.8,0.5"],
    "predict": ["forward", "--weights", "{iris}", "--dataset", "iris"],
    "inspect": ["inspect", "{iris}"],
    "datasets": ["datasets"],
}


Printed = Callable[[str, str], "subprocess.CompletedProcess[str]"]


def filled(name: str, iris: Trained) -> list[str]:
    """The words of a command."""
    return [str(iris.weights) if word == "{iris}" else word for word in COMMANDS[name]]


@pytest.fixture(scope="module")
def printed(iris: Trained, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """What a command prints in a form, into a pipe, where the environment says that all is colourful and narrow."""
    folder = tmp_path_factory.mktemp("printed")

    @cache
    def run(name: str, form: str) -> "subprocess.CompletedProcess[str]":
        return run_in(folder, *filled(name, iris), "--format", form, FORCE_COLOR="1", COLUMNS="20")

    return run


@pytest.mark.parametrize("name", COMMANDS)
def test_json_is_one_document_with_format_and_version(printed: Printed, name: str) -> None:
    document = strict_json(printed(name, "json").stdout)
    assert document["format"].startswith("mlpcli-")
    assert document["version"] == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_csv_is_one_even_table_with_unique_columns(printed: Printed, name: str) -> None:
    text = printed(name, "csv").stdout
    rows = csv_rows(text)
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)
    header = text.splitlines()[0].split(",")
    assert len(set(header)) == len(header)


@pytest.mark.parametrize("name", COMMANDS)
def test_markdown_is_a_table(printed: Printed, name: str) -> None:
    tables = re.split(r"\n(?!\|)", printed(name, "markdown").stdout)
    lines = [line for table in tables for line in table.splitlines() if line.startswith("|")]
    assert any(re.fullmatch(r"\|( -{3,}:? \|)+", line) for line in lines)
    for table in tables:
        assert len({line.count("|") for line in table.splitlines() if line.startswith("|")}) <= 1


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_pipe_gets_plain_text(printed: Printed, name: str, form: str) -> None:
    found = printed(name, form)
    assert found.returncode == 0
    assert found.stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f…]", found.stdout + found.stderr)


def test_csv_and_json_have_the_same_figures(printed: Printed, iris: Trained) -> None:
    rows = csv_rows(printed("evaluate", "csv").stdout)
    flat = {row["metric"]: float(row["value"]) for row in rows if not row["class"]}
    test = iris.report["parts"]["test"]
    assert flat == {name: test[name] for name in flat}
    assert {"loss", "accuracy", "precision", "recall", "f1"} <= set(flat)
    recalls = {row["class"]: float(row["value"]) for row in rows if row["metric"] == "recall" and row["class"]}
    assert recalls == {report["name"]: report["recall"] for report in test["classes"]}


def test_training_figures_are_the_same_as_csv_and_as_json(mlp: Run, iris: Trained) -> None:
    rows = csv_rows(mlp("train", "--dataset", "iris", "--format", "csv").out)
    accuracies = {row["part"]: float(row["accuracy"]) for row in rows}
    assert accuracies == {name: part["accuracy"] for name, part in iris.report["parts"].items()}


def test_digits_set_the_decimals_of_tables(mlp: Run) -> None:
    out = mlp("forward", "--weights", LECTURE, "--x", "1.8,0.5", "--digits", 2).out
    assert {"0.28", "0.72", "-0.23", "-0.37", "-0.46", "0.38", "0.33", "0.30"} <= set(out.split())
    assert not re.search(r"\d\.\d{3}", out)


def test_weights_on_standard_output_are_alone_there(mlp: Run) -> None:
    found = mlp("train", "--dataset", "iris", "--epochs", 3, "-o", "-")
    document = strict_json(found.out)
    assert [len(layer["weights"]) for layer in document["layers"]] == [16, 3]
    assert "accuracy" in found.err


def test_weights_travel_through_a_pipe(mlp: Run, tmp_path: Path) -> None:
    weights = mlp("train", "--dataset", "iris", "--epochs", 3, "-o", "-").out
    found = strict_json(mlp("evaluate", "--weights", "-", "--format", "json", stdin=weights).out)
    (tmp_path / "w.json").write_text(weights)
    assert found == strict_json(mlp("evaluate", "--weights", "w.json", "--format", "json").out)
    assert found["samples"] == 30


def test_npz_holds_plain_arrays_and_the_same_network(mlp: Run, iris: Trained, tmp_path: Path) -> None:
    assert mlp("train", "--dataset", "iris", "-q", "-o", "w.npz").code == 0
    with np.load(tmp_path / "w.npz", allow_pickle=False) as archive:
        shapes = {name: archive[name].shape for name in ("W1", "b1", "W2", "b2")}
    assert shapes == {"W1": (16, 4), "b1": (16,), "W2": (3, 16), "b2": (3,)}
    found = strict_json(mlp("evaluate", "--weights", "w.npz", "--format", "json").out)
    assert figures_of(found) == iris.report["parts"]["test"]


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_quiet_leaves_standard_error_empty(mlp: Run, iris: Trained, name: str) -> None:
    found = mlp(*filled(name, iris), "--quiet")
    assert found.code == 0
    assert found.err == ""
    assert "accuracy" in found.out


def test_quiet_leaves_standard_error_empty_with_weights_on_standard_output(mlp: Run) -> None:
    found = mlp("train", "--dataset", "iris", "--epochs", 1, "--quiet", "-o", "-")
    assert "layers" in strict_json(found.out)
    assert found.err == ""


@pytest.mark.parametrize("epochs", [1, 7, 11, 19, 333])
def test_progress_in_a_pipe_is_ten_lines_at_the_most(mlp: Run, epochs: int) -> None:
    lines = mlp("train", "--dataset", "xor", "--epochs", epochs).err.splitlines()
    told = [line for line in lines if line.startswith("epoch ")]
    assert 1 <= len(told) <= 10
    assert told[-1].startswith(f"epoch {epochs}/{epochs}")
    assert all("loss: " in line and "accuracy: " in line for line in told)


def test_training_tells_the_network_the_results_and_where_the_weights_went(mlp: Run) -> None:
    found = mlp("train", "--dataset", "iris", "--epochs", 2, "-o", "net.json")
    words = found.out.split()
    assert {"relu", "softmax", "80", "51", "training", "validation", "test", "net.json"} <= set(words)
    assert "131 parameters" in found.out  # 16·4 + 16 + 3·16 + 3


def test_a_foreign_file_is_not_overwritten(mlp: Run, tmp_path: Path) -> None:
    notes = tmp_path / "notes.json"
    notes.write_text('{"my": "notes"}')
    found = mlp("train", "--dataset", "iris", "--epochs", 1, "-o", "notes.json")
    assert found.code == 1
    assert "notes.json" in found.err
    assert "--force" in found.err
    assert notes.read_text() == '{"my": "notes"}'


def test_a_foreign_file_is_no_history(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("my,notes\n")
    words = ["train", "--dataset", "xor", "--epochs", 1, "--quiet", "--history", "notes.csv"]
    found = mlp(*words)
    told = "notes.csv: exists and is not a history; choose another --history, or --force to overwrite it"
    assert (found.code, found.err) == (1, f"mlp: error: {told}\n")
    assert (tmp_path / "notes.csv").read_text() == "my,notes\n"
    assert mlp(*words, "--force").code == 0
    assert csv_rows((tmp_path / "notes.csv").read_text())[0]["epoch"] == "1"


def test_force_overwrites_a_foreign_file(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text('{"my": "notes"}')
    assert mlp("train", "--dataset", "iris", "--epochs", 1, "-o", "notes.json", "--force").code == 0
    assert "layers" in strict_json((tmp_path / "notes.json").read_text())


@pytest.mark.parametrize("name", ["own.json", "own.npz"])
def test_weights_of_an_earlier_training_are_overwritten(mlp: Run, tmp_path: Path, name: str) -> None:
    arguments = ["train", "--dataset", "xor", "--epochs", 1, "-q", "-o", name]
    assert mlp(*arguments).code == 0
    first = (tmp_path / name).read_bytes()
    assert mlp(*arguments, "--seed", 2).code == 0
    assert (tmp_path / name).read_bytes() != first


@pytest.mark.parametrize("name", ["own.json", "own.npz"])
@pytest.mark.parametrize("command", ["backprop-trace", "graph", "plot slice"])
def test_no_report_replaces_the_weights_of_a_network(mlp: Run, tmp_path: Path, command: str, name: str) -> None:
    mlp("train", "--dataset", "xor", "--epochs", 1, "-q", "-o", name)
    before = (tmp_path / name).read_bytes()
    form = {"backprop-trace": ("-f", "json"), "graph": ("-f", "svg"), "plot slice": ("-f", "json")}[command]
    done = mlp(*command.split(), *form, "-o", name)
    told = f"mlp: error: {name}: has the weights of a network; choose another --output, or remove it\n"
    assert (done.code, done.out, done.err) == (1, "", told)
    assert (tmp_path / name).read_bytes() == before
    if command == "backprop-trace" and name == "own.json":
        assert mlp(command, *form, "-o", name, "--force").code == 0
        assert strict_json((tmp_path / name).read_text())["format"] == "mlpcli-trace"
        assert mlp(command, *form, "-o", name).code == 0  # a report replaces a report


def test_the_data_are_not_overwritten_by_the_weights(mlp: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.eye(10), y=np.arange(10) % 2)
    before = (tmp_path / "d.npz").read_bytes()
    found = mlp("train", "--data", "d.npz", "-o", "d.npz", "--force", "-q")
    assert found.code == 2
    assert (tmp_path / "d.npz").read_bytes() == before


def test_the_validation_data_are_not_overwritten_by_the_history(mlp: Run, points: Path, tmp_path: Path) -> None:
    held_out = tmp_path / "held_out.csv"
    held_out.write_bytes(points.read_bytes())
    found = mlp("train", "--data", points, "--validation-data", "held_out.csv", "--history", "held_out.csv", "-q")
    assert held_out.read_bytes() == points.read_bytes()
    assert found.code == 2
