"""What the options of training do, seen from outside: history, schedules, penalties, patience, starts, seeds."""

import json
import math
import os
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from cli_support import (
    Run,
    Trained,
    csv_rows,
    figures_of,
    is_one_error_line,
    strict_json,
    train_in,
    write_csv,
)

from mlpcli.cli.training import _warn_of_gaps
from mlpcli.files import machine
from mlpcli.files.weights import load_model

IRIS = ["--dataset", "iris"]
COLUMNS = {"epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate"}


def history(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    """The records of a training's epochs."""
    train_in(folder, *arguments, "--history", "h.jsonl")
    return [strict_json(line) for line in (folder / "h.jsonl").read_text().splitlines()]


def layers(folder: Path) -> list[dict[str, Any]]:
    """The layers of the weights file in a folder."""
    found: list[dict[str, Any]] = strict_json((folder / "w.json").read_text())["layers"]
    return found


def test_history_has_a_record_per_epoch_in_both_forms(tmp_path: Path) -> None:
    records = history(tmp_path, *IRIS, "--epochs", 7)
    train_in(tmp_path, *IRIS, "--epochs", 7, "--history", "h.csv")
    rows = csv_rows((tmp_path / "h.csv").read_text())
    assert [record["epoch"] for record in records] == [1, 2, 3, 4, 5, 6, 7]
    assert set(records[0]) >= COLUMNS
    assert set(rows[0]) == set(records[0])
    for name in COLUMNS:  # all digits in both, and the same training
        assert [float(row[name]) for row in rows] == [record[name] for record in records]


def test_history_of_a_regression_has_its_error(tmp_path: Path) -> None:
    records = history(tmp_path, "--dataset", "cars", "--epochs", 3, "--validation", 0.2)
    assert set(records[0]) >= {"loss", "mae", "validation_loss", "validation_mae"}


def test_without_validation_its_figures_are_empty(tmp_path: Path) -> None:
    records = history(tmp_path, *IRIS, "--epochs", 2, "--validation", 0)
    assert [record["validation_loss"] for record in records] == [None, None]
    train_in(tmp_path, *IRIS, "--epochs", 2, "--validation", 0, "--history", "h.csv")
    assert [row["validation_loss"] for row in csv_rows((tmp_path / "h.csv").read_text())] == ["", ""]


def test_the_last_record_is_what_is_measured_in_the_end(tmp_path: Path) -> None:
    report = train_in(tmp_path, *IRIS, "--epochs", 4, "--history", "h.csv").report
    last = csv_rows((tmp_path / "h.csv").read_text())[-1]
    assert float(last["validation_loss"]) == pytest.approx(report["parts"]["validation"]["loss"], rel=1e-12)
    assert float(last["validation_accuracy"]) == report["parts"]["validation"]["accuracy"]


@pytest.mark.parametrize(
    ("schedule", "rate"),
    [
        ("constant", lambda k: 0.4),
        ("step:every=2:factor=0.1", lambda k: 0.4 * 0.1 ** (k // 2)),
        ("step:2:0.1", lambda k: 0.4 * 0.1 ** (k // 2)),
        ("exponential:factor=0.5", lambda k: 0.4 * 0.5**k),
        ("exponential", lambda k: 0.4 * 0.95**k),
        ("cosine", lambda k: 0.4 * (1 + math.cos(math.pi * k / 6)) / 2),
    ],
)
def test_schedules_set_the_rate_of_each_epoch(tmp_path: Path, schedule: str, rate: Any) -> None:
    records = history(tmp_path, *IRIS, "--epochs", 6, "--lr", 0.4, "--optimizer", "sgd", "--schedule", schedule)
    assert [record["learning_rate"] for record in records] == pytest.approx([rate(k) for k in range(6)], rel=1e-12)


def test_on_a_plateau_the_rate_is_halved(tmp_path: Path) -> None:
    arguments = ["--lr", 0.1, "--schedule", "plateau:patience=1:factor=0.5", "--hidden", 64]
    records = history(tmp_path, *IRIS, "--epochs", 60, *arguments)
    best, rate, expected = math.inf, 0.1, []
    for record in records:
        expected.append(rate)
        rate *= 0.5 if record["validation_loss"] >= best else 1
        best = min(best, record["validation_loss"])
    assert [record["learning_rate"] for record in records] == pytest.approx(expected, rel=1e-12)
    assert expected[-1] < 0.1  # it did stand still at times


def test_patience_stops_and_puts_the_best_weights_back(tmp_path: Path) -> None:
    train_in(tmp_path, *IRIS, "--lr", 0.05, "--hidden", 64, "--patience", 5, "--epochs", 500, "--history", "h.jsonl")
    losses = [json.loads(line)["validation_loss"] for line in (tmp_path / "h.jsonl").read_text().splitlines()]
    assert len(losses) < 500
    assert losses.index(min(losses)) == len(losses) - 6
    report = train_in(tmp_path, *IRIS, "--lr", 0.05, "--hidden", 64, "--patience", 5, "--epochs", 500).report
    assert report["parts"]["validation"]["loss"] == pytest.approx(min(losses), rel=1e-12)
    assert report["training"]["epochs_run"] == len(losses)


@pytest.mark.parametrize(
    ("options", "penalty"),
    [
        (["--l2", "0.1"], lambda w, b: 0.1 / 2 * sum(value**2 for value in w)),
        (["--l1", "0.1"], lambda w, b: 0.1 * sum(map(abs, w))),
        (["--l2", "0.1", "--regularize-bias"], lambda w, b: 0.1 / 2 * sum(value**2 for value in w + b)),
        (["--l1", "0.2", "--l2", "0.1"], lambda w, b: 0.2 * sum(map(abs, w)) + 0.05 * sum(value**2 for value in w)),
    ],
)
def test_penalties_are_those_of_the_formula(tmp_path: Path, options: list[str], penalty: Any) -> None:
    (record,) = history(tmp_path, *IRIS, "--epochs", 1, "--lr", 0.05, *options)
    weights = [value for layer in layers(tmp_path) for row in layer["weights"] for value in row]
    biases = [value for layer in layers(tmp_path) for value in layer["bias"]]
    assert record["penalty"] == pytest.approx(penalty(weights, biases), rel=1e-12)


def test_a_penalty_makes_weights_smaller(tmp_path: Path) -> None:
    sizes = []
    for l2 in (0, 1):
        train_in(tmp_path, *IRIS, "--epochs", 20, "--l2", l2)
        sizes.append(sum(v**2 for layer in layers(tmp_path) for row in layer["weights"] for v in row))
    assert sizes[1] < sizes[0]


def test_a_penalty_also_applies_to_a_training_that_is_continued(iris: Trained, tmp_path: Path) -> None:
    train_in(tmp_path, *IRIS, "--epochs", 30, "--weights", iris.weights)
    plain = layers(tmp_path)
    train_in(tmp_path, *IRIS, "--epochs", 30, "--weights", iris.weights, "--l2", 1)
    assert layers(tmp_path) != plain


def test_frozen_biases_stay_as_they_were(tmp_path: Path, iris: Trained) -> None:
    train_in(tmp_path, *IRIS, "--epochs", 3, "--freeze-bias")
    assert {value for layer in layers(tmp_path) for value in layer["bias"]} == {0.0}
    train_in(tmp_path, *IRIS, "--epochs", 3, "--freeze-bias", "--weights", iris.weights)
    assert [layer["bias"] for layer in layers(tmp_path)] == [layer["bias"] for layer in layers(iris.folder)]
    assert [layer["weights"] for layer in layers(tmp_path)] != [layer["weights"] for layer in layers(iris.folder)]
    train_in(tmp_path, *IRIS, "--epochs", 3)
    assert 0.0 not in {value for layer in layers(tmp_path) for value in layer["bias"]}


def test_training_goes_on_from_a_weights_file(tmp_path: Path, iris: Trained) -> None:
    start = ["--weights", iris.weights, "--optimizer", "sgd", "--lr", 1e-12, "--epochs", 1]
    after = train_in(tmp_path, *IRIS, *start).report["parts"]["test"]
    before = iris.report["parts"]["test"]
    assert after["loss"] == pytest.approx(before["loss"], rel=1e-6)
    assert after["confusion"] == before["confusion"]


@pytest.mark.parametrize("options", [["--batch", "1"], ["--batch", "all"], ["--batch", "100000"]])
def test_any_size_of_batch_trains(tmp_path: Path, options: list[str]) -> None:
    records = history(tmp_path, *IRIS, "--epochs", 15, "--lr", 0.01, *options)
    assert records[-1]["loss"] < records[0]["loss"]


@pytest.mark.parametrize(
    "optimizer", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "random-search", "adam:beta1=0.8"]
)
def test_every_way_to_update_lowers_the_loss(tmp_path: Path, optimizer: str) -> None:
    arguments = ["--optimizer", optimizer, "--epochs", 5, "--batch", 48, "--hidden", 4]
    records = history(tmp_path, *IRIS, *arguments)
    assert records[-1]["loss"] < records[0]["loss"]


def test_the_report_says_how_it_was_trained(tmp_path: Path) -> None:
    arguments = ["--epochs", 2, "--optimizer", "nesterov", "--momentum", 0.8, "--lr", 0.3, "--batch", 7, "--seed", 5]
    training = train_in(tmp_path, *IRIS, *arguments).report["training"]
    assert training["optimizer"] == "nesterov:momentum=0.8"
    assert (training["learning_rate"], training["batch"], training["seed"]) == (0.3, 7, 5)
    assert training["epochs_run"] == 2


@pytest.mark.parametrize(
    ("options", "optimizer"),
    [
        (["--momentum", 0.9], "momentum"),
        (["--optimizer", "sgd:momentum=0.9", "--nesterov"], "nesterov"),
        (["--nesterov", "--momentum", 0.5], "nesterov:momentum=0.5"),
        (["--optimizer", "sgd"], "sgd"),
    ],
)
def test_a_momentum_alone_is_that_of_sgd_with_its_rate(tmp_path: Path, options: list[object], optimizer: str) -> None:
    """Also where a named set has a rate for another optimizer, as xor has."""
    training = train_in(tmp_path, "--dataset", "xor", "--epochs", 2, *options).report["training"]
    assert (training["optimizer"], training["learning_rate"]) == (optimizer, 0.01)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--activation", "step"], ["warning", "step", "gradient"]),
        (["--hidden", "4,4", "--activation", "relu,step"], ["warning", "hidden layer 2", "step"]),
        (["--hidden", "8,4", "--activation", "linear"], ["warning", "linear"]),
    ],
)
def test_networks_that_cannot_learn_are_warned_of(mlp: Run, options: list[str], words: list[str]) -> None:
    found = mlp("train", *IRIS, "--epochs", 1, *options)
    assert found.code == 0
    assert [word for word in words if word not in found.err] == []


@pytest.mark.parametrize("options", [[], ["--hidden", "8,4", "--activation", "linear,relu"], ["--hidden", "0"]])
def test_networks_that_can_learn_are_not_warned_of(mlp: Run, options: list[str]) -> None:
    assert "warning" not in mlp("train", *IRIS, "--epochs", 1, *options).err


def test_dtype_is_saved_with_the_network(tmp_path: Path) -> None:
    single = train_in(tmp_path, *IRIS, "--epochs", 20, "--dtype", "float32").report["parts"]["test"]
    assert strict_json((tmp_path / "w.json").read_text())["dtype"] == "float32"
    double = train_in(tmp_path, *IRIS, "--epochs", 20).report["parts"]["test"]
    assert strict_json((tmp_path / "w.json").read_text())["dtype"] == "float64"
    assert single["loss"] == pytest.approx(double["loss"], rel=1e-3)
    assert single["loss"] != double["loss"]


@pytest.mark.parametrize(("least", "code"), [(0.5, 0), (1, 3)])
def test_a_minimum_accuracy_sets_the_exit_code(mlp: Run, iris: Trained, least: float, code: int) -> None:
    assert 0.5 < iris.report["parts"]["test"]["accuracy"] < 1
    found = mlp("evaluate", "--weights", iris.weights, "--min-accuracy", least, "--format", "json")
    assert found.code == code
    assert figures_of(strict_json(found.out)) == iris.report["parts"]["test"]
    assert ("--min-accuracy" in found.err) == (code == 3)


LINE = {"layers": [{"weights": [[1]], "bias": [0], "activation": "linear"}], "features": ["x"]}
SIDES = {
    "layers": [{"weights": [[1, 0], [0, 1]], "bias": [0, 0], "activation": "softmax"}],
    "features": ["p", "q"],
    "classes": ["a", "b"],
}
LINE_ROWS = [(1, 1), (2, 2), (3, 3), (4, 6)]  # errors 0, 0, 0, 2: mse 1; R² 1 − 4/14
SIDE_ROWS = [(2, 1, "a"), (2, 1, "b"), (1, 2, "b"), (1, 2, "b")]  # F1 2/3 of a and 4/5 of b; 3 of 4 are right


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--max-loss", 1, "--min-r2", 1 - 4 / 14 - 1e-9], 0, []),
        (["--max-loss", 1 - 1e-9], 3, ["the loss is 1", "higher than --max-loss 0.999999999"]),
        (["--min-r2", 0.72, "--max-loss", 0.5], 3, ["R² is 0.7143, lower than --min-r2 0.72", "loss is 1, higher"]),
        (["--min-r2", 0.7142857143], 3, ["R² is 0.714285714285714", "lower"]),
        (["--min-f1", 11 / 15 - 1e-9, "--min-accuracy", 0.75], 0, []),
        (["--min-f1", 0.74], 3, ["F1 is 0.7333, lower than --min-f1 0.74"]),
        (["--min-accuracy", 0.76, "--min-f1", 0.7], 3, ["the accuracy is 0.75, lower than --min-accuracy 0.76"]),
    ],
)
def test_limits_set_the_exit_code(mlp: Run, tmp_path: Path, options: list[object], code: int, words: list[str]) -> None:
    classes = {"--min-f1", "--min-accuracy"} & set(options)
    (tmp_path / "w.json").write_text(json.dumps(SIDES if classes else LINE))
    header, rows = (("p", "q", "side"), SIDE_ROWS) if classes else (("x", "y"), LINE_ROWS)
    found = mlp("evaluate", "--weights", "w.json", "--data", write_csv(tmp_path / "d.csv", header, rows), *options)
    assert found.code == code
    assert [word for word in words if word not in found.err] == []


def test_an_undefined_figure_keeps_to_no_limit(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text(json.dumps(LINE))
    write_csv(tmp_path / "d.csv", ("x", "y"), [(1, 2), (2, 2)])
    found = mlp("evaluate", "--weights", "w.json", "--data", "d.csv", "--min-r2", -5)
    assert found.code == 3
    assert "R² is undefined" in found.err


@pytest.mark.parametrize("rate", ["1e9", "1e300"])
@pytest.mark.parametrize("epochs", [1, 50])
def test_a_training_that_diverges_exits_with_3_and_keeps_the_last_finite_weights(
    mlp: Run, tmp_path: Path, rate: str, epochs: int
) -> None:
    arguments = ["--optimizer", "sgd", "--loss", "mse", "--lr", rate, "--epochs", epochs, "--validation", 0.2]
    files = ["--history", "h.jsonl", "--checkpoint", "run.ckpt"]
    found = mlp("train", "--dataset", "cars", *arguments, "--batch", 1, "-q", *files)
    assert found.code == 3
    assert found.err.startswith("mlp: error: ")
    assert found.err.endswith("; no checkpoint yet, since no epoch is finished\n")
    assert found.err.count("\n") == 1
    assert "diverged" in found.err
    assert "--learning-rate" in found.err
    assert "weights: w.json (the last finite ones, after epoch 1, batch " in found.err
    assert os.listdir(tmp_path) == ["w.json"]  # and no other file, as no epoch was whole
    written = strict_json((tmp_path / "w.json").read_text())
    assert f"diverged at {written['training']['diverged']}: " in found.err
    load_model(str(tmp_path / "w.json"))  # which refuses infinite weights


@pytest.mark.parametrize("form", ["table", "json"])
def test_numbers_that_overflow_at_the_very_end_are_a_divergence_too(mlp: Run, tmp_path: Path, form: str) -> None:
    arguments = ["--optimizer", "sgd", "--lr", "1e200", "--epochs", 1, "--batch", "all", "-q", "--format", form]
    found = mlp("train", "--dataset", "cars", *arguments)
    assert found.code == 3
    assert found.err.startswith("mlp: error: ")
    assert found.err.count("\n") == 1
    assert "nan" not in found.out.lower()
    assert "diverged at epoch 1: the loss or a metric overflows" in found.err
    assert found.err.endswith("; weights: w.json\n")
    load_model(str(tmp_path / "w.json"))  # which refuses infinite weights


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_metric_that_overflows_is_a_gap_in_the_history_and_told(mlp: Run, tmp_path: Path, suffix: str) -> None:
    """An output of 5 standard deviations is 2e308 in the target's own unit, beyond all floats; its loss is 12."""
    rows = [(k, (-1) ** k * 4e307) for k in range(30)]
    write_csv(tmp_path / "huge.csv", ("x", "y"), rows)
    fast = ("--task", "regression", "--lr", 3, "--test", 0, "--epochs", 6, "--history", f"h.{suffix}")
    done = mlp("train", "--data", "huge.csv", *fast)
    assert "mlp: warning: the mae overflows in epoch " in done.err
    assert f"history: h.{suffix}" in done.err
    text = (tmp_path / f"h.{suffix}").read_text()
    assert text.count("\n") == 6 + (suffix == "csv")
    assert "inf" not in text.lower()
    drawn = mlp("plot", "history", f"h.{suffix}", "--format", "csv")
    assert [row["epoch"] for row in csv_rows(drawn.out)] == list("123456")


@pytest.mark.parametrize("text", ["20", "2e1"])
def test_epochs_are_counted_as_samples_are(mlp: Run, text: str) -> None:
    assert mlp("train", "--dataset", "iris", "--epochs", text, "-q").out.splitlines()[-2].startswith("20 epochs in ")


@pytest.mark.parametrize(("batch", "epochs"), [(5, 100), (7, 137), (75, 500)])
def test_epochs_are_as_many_as_make_3000_updates_and_500_at_most(tmp_path: Path, batch: int, epochs: int) -> None:
    """150 samples are 30, 22 (the last one small) or 2 updates an epoch: 3000/30 = 100, 3000/22 = 136.4, 3000/2."""
    report = train_in(tmp_path, *IRIS, "--validation", 0, "--test", 0, "--batch", batch).report
    assert report["training"]["epochs_run"] == epochs


def test_a_training_that_does_not_fit_is_refused_by_what_its_layers_give(
    mlp: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """400,003 parameters of 8 bytes, with gradients and Adam's averages, are 12 MiB; a and h of 50,003 units for 256
    samples that are predicted together are 195 MiB; a, h, da and dh for 32 samples of a batch are 49 MiB."""
    wide = ("train", "--dataset", "iris", "--epochs", 1, "--hidden", "50000", "-q")
    monkeypatch.setattr(machine, "free_memory", lambda: 150 * 2**20)
    done = mlp(*wide)
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert "most of it for block to predict, but 150 MiB are free" in done.err
    monkeypatch.setattr(machine, "free_memory", lambda: 300 * 2**20)
    assert mlp(*wide).code == 0


def test_counts_of_train_are_read_as_those_of_estimate_runtime(tmp_path: Path) -> None:
    """1e1 and 1_000 are 10 units and 1,000 samples per update."""
    report = train_in(tmp_path, *IRIS, "--hidden", "1e1,4", "--batch", "1_000", "--epochs", 1).report
    assert [layer["units"] for layer in report["layers"]] == [10, 4, 3]
    assert report["training"]["batch"] == 1_000


@pytest.mark.parametrize(("epochs", "more"), [([3], ""), ([3, 5], " and in 1 more"), ([2, 4, 5], " and in 2 more")])
def test_the_first_epoch_without_a_finite_metric_is_warned_of(epochs: list[int], more: str) -> None:
    """Of the training set or of the validation set."""
    said = list[str]()
    run = [
        Mock(number=k, metric=math.inf if k in epochs[:1] else 1.0, validation_metric=math.nan if k in epochs else None)
        for k in range(1, 7)
    ]
    _warn_of_gaps(run, "mae", Mock(warn=said.append))
    assert said == [f"the mae overflows in epoch {epochs[0]}{more}; a history leaves it empty there"]
    _warn_of_gaps([Mock(metric=1.0, validation_metric=2.0)], "mae", Mock(warn=said.append))
    assert len(said) == 1
