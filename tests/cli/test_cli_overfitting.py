"""Overfitting is named after training, with advice that works, in an evaluation of all parts, and in plots."""

import re
from pathlib import Path
from typing import Any

import pytest
from cli_support import Run, csv_rows, strict_json, train_in, write_csv

from mlpcli.core.training_records import History
from mlpcli.plot.history import read_history
from mlpcli.report.curves import history_panels

NOTE = re.compile(r"^mlp: (overfitting: .*)$", re.MULTILINE)
TURNED = re.compile(
    r"lowest in epoch (\d+) \((\S+)\), and is (\S+) now: try --patience (\d+), or mlp sweep with --vary (l2=\S+)$"
)


def note(err: str) -> str:
    found = NOTE.findall(err)
    return found[0] if found else ""


@pytest.mark.parametrize("data", ["iris", "diabetes"])
def test_the_advice_leads_to_a_lower_validation_loss(mlp: Run, tmp_path: Path, data: str) -> None:
    """The patience to that of the epoch that is named, with its weights; the best penalty to one below the last."""
    plain = train_in(tmp_path, "--dataset", data, "--history", "h.csv")
    turned = TURNED.search(note(plain.err))
    assert turned is not None
    epoch, lowest, last, patience, penalties = turned.groups()
    history = read_history(str(tmp_path / "h.csv"))
    assert f"{min(history.validation_loss):.4g}" == lowest == f"{history.validation_loss[int(epoch) - 1]:.4g}"
    assert f"{history.validation_loss[-1]:.4g}" == last
    stopped = train_in(tmp_path, "--dataset", data, "--patience", patience)
    assert f"the weights are those of epoch {epoch}\n" in stopped.err
    assert stopped.report["parts"]["validation"]["loss"] == pytest.approx(min(history.validation_loss))
    assert note(stopped.err) == ""
    swept = strict_json(mlp("sweep", "--dataset", data, "--vary", penalties, "-f", "json").out)
    assert swept["settings"][0]["loss"] < plain.report["parts"]["validation"]["loss"]


def test_an_accuracy_that_chance_does_not_explain_is_named(mlp: Run, tmp_path: Path) -> None:
    options = ["--dataset", "digits", "--test", 0.8]
    done = train_in(tmp_path, *options)
    assert note(done.err) == "overfitting: accuracy 1.000 in training, 0.943 in the test: try --l2 0.001"
    assert done.report["overfitting"] == {"lowest_validation_loss": None, "accuracy_above_chance": True}
    found = mlp("evaluate", "-w", "w.json", "--part", "all", "-f", "json")
    assert note(found.err) == note(done.err)
    assert strict_json(found.out)["parts"] == done.report["parts"]
    assert strict_json(found.out)["overfitting"] == done.report["overfitting"]
    again = train_in(tmp_path, *options, "--l2", 0.001)
    assert note(again.err).endswith(": try --l2 0.01")
    assert again.report["parts"]["test"]["accuracy"] > done.report["parts"]["test"]["accuracy"]


def test_both_signs_share_a_line(mlp: Run, tmp_path: Path) -> None:
    """Labels that say nothing: what the network learns of them is of no use elsewhere."""
    rows = [
        [k % 17, (k * 7) % 23, (k * 31 + k * k) % 19, "no" if (k * k * 7 + k) % 13 < 6 else "yes"] for k in range(300)
    ]
    write_csv(tmp_path / "noise.csv", ("p", "q", "r", "answer"), rows)
    done = train_in(tmp_path, "--data", "noise.csv", "--target", "answer", "--hidden", 64, "--lr", 0.01)
    assert re.fullmatch(
        r"overfitting: accuracy 0\.\d{3} in training, 0\.\d{3} in the test; "
        r"validation loss was lowest in epoch \d+ \(\S+\), and is \S+ now: "
        r"try --patience \d+, or mlp sweep with --vary \S+",
        note(done.err),
    )


def test_without_a_sign_nothing_is_said(mlp: Run, tmp_path: Path) -> None:
    done = train_in(tmp_path, "--dataset", "iris", "--epochs", 60)
    assert (note(done.err), done.report["overfitting"]) == ("", None)
    assert "overfitting" not in mlp("train", "--dataset", "iris", "--quiet").err
    assert "overfitting" not in mlp("train", "--dataset", "iris", "--validation", 0).err


def test_an_evaluation_of_all_parts_shows_them_side_by_side(mlp: Run, tmp_path: Path) -> None:
    done = train_in(tmp_path, "--dataset", "iris", "--epochs", 20)
    found: dict[str, Any] = strict_json(mlp("evaluate", "-w", "w.json", "--part", "all", "-f", "json").out)
    assert found["parts"] == done.report["parts"]
    assert found["samples"] == 150 == sum(part["samples"] for part in found["parts"].values())
    assert found["overfitting"] is None
    rows = csv_rows(mlp("evaluate", "-w", "w.json", "--part", "all", "-f", "csv").out)
    losses = {row["part"]: float(row["value"]) for row in rows if row["metric"] == "loss"}
    assert losses == {"all": found["loss"], **{name: part["loss"] for name, part in found["parts"].items()}}
    counts = [row for row in rows if row["metric"] == "confusion"]
    assert len(counts) == 4 * 9  # three classes, in all and in each part
    table = mlp("evaluate", "-w", "w.json", "--part", "all").out
    assert re.findall(r"^  (training|validation|test) ", table, re.MULTILINE) == [*found["parts"]]


def test_other_data_have_no_parts(mlp: Run, tmp_path: Path) -> None:
    train_in(tmp_path, "--dataset", "iris", "--epochs", 20)
    rows = [[5.1, 3.5, 1.4, 0.2, "setosa"], [7.0, 3.2, 4.7, 1.4, "versicolor"]]
    header = ("sepal_length", "sepal_width", "petal_length", "petal_width", "species")
    write_csv(tmp_path / "two.csv", header, rows)
    found = mlp("evaluate", "-w", "w.json", "--data", "two.csv", "--target", "species", "--part", "all", "-f", "json")
    assert strict_json(found.out)["samples"] == 2
    assert "parts" not in strict_json(found.out)


def test_a_plot_marks_the_lowest_validation_loss(mlp: Run, tmp_path: Path) -> None:
    train_in(tmp_path, "--dataset", "iris", "--history", "h.csv")
    history: History = read_history(str(tmp_path / "h.csv"))
    *_, mark = history_panels(history)[0].lines
    assert (mark.name, mark.x.tolist(), mark.y.tolist()) == (
        "lowest validation loss, epoch 234",
        [234],
        [min(history.validation_loss)],
    )
    assert "▲ lowest validation loss, epoch 234" in mlp("plot", "history", "h.csv").out
    train_in(tmp_path, "--dataset", "iris", "--epochs", 60, "--history", "h.csv")
    assert "lowest" not in mlp("plot", "history", "h.csv").out
