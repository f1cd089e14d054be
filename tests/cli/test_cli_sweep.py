"""`mlp sweep`: its networks are those of `mlp train`, its file is resumed, its winner is measured once."""

import json
import os
import random
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from cli_support import MLP, Run, csv_rows, iris_rows, is_one_error_line, on_terminal, write_csv

from mlpcli.cli import merging
from mlpcli.cli.merging import _merged, _missing_shards
from mlpcli.cli.retraining import check_chosen, chosen_networks
from mlpcli.cli.sweep_command import SweepOptions
from mlpcli.cli.sweeping import _kept
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.files.runs import Record, Runs, RunsFile, line_of, read_runs
from mlpcli.sweep.pool import Pool
from mlpcli.sweep.report import train_words

KILLS = int(os.environ.get("MLP_KILLS", "2"))
SMALL = ("--dataset", "iris", "--epochs", 5, "--quiet")
GRID = ("--vary", "hidden=3|5", "--vary", "learning-rate=0.01|0.1", "--vary", "seed=1:3")


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody asks for more: to start another takes longer than all these networks."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)


def swept(mlp: Run, *arguments: object) -> Any:
    """The report of a sweep."""
    done = mlp("sweep", *arguments, "--format", "json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def lines(path: Path) -> dict[int, Record]:
    """What a file has of each network, without the time that it took."""
    return {record["network"]: {**record, "seconds": None} for record in read_runs(str(path)).records}


# ----- The networks of mlp train ------------------------------------------------------------------------------------

SAMPLES = (
    ("--dataset iris", "hidden=4|3,2|0 optimizer=adam|sgd:0.5|rmsprop seed=1:2"),
    (
        "--dataset iris",
        "activation=relu|tanh|leaky-relu:0.1 initializer=he-normal|glorot-uniform dtype=float32|float64",
    ),
    ("--dataset iris", "schedule=constant|cosine|step:every=2 patience=1|3 l1=0|0.01 l2=0|0.1 learning-rate=0.01|0.5"),
    ("--dataset iris", "loss=cce|mse|ce-negatives batch=7|16|all epochs=1|3 regularize-bias=true|false l2=0.1"),
    ("--dataset iris --folds 3", "hidden=4|5 seed=1|2"),
    ("--dataset iris --folds 2 --split-seed 7 --test 0.5", "momentum=0.5|0.9 nesterov=true|false seed=1|2"),
    ("--dataset xor --test 0 --validation 0", "hidden=2|4 seed=1:3"),
    (
        "--data flowers.csv --target 1 --validation 0.1",
        "hidden=4 output-activation=linear|sigmoid loss=mse|mae seed=1:2",
    ),
    ("--dataset iris", "learning-rate=0.1|1e200"),
    ("--dataset iris", "class-weight=balanced|setosa=2 seed=1:2"),
    (
        "--data weighed.csv --target species --sample-weight weight",
        "class-weight=balanced|none batch-reduction=mean|sum seed=1|2 lr=0.01",
    ),
)


@pytest.mark.parametrize(("fixed", "vary"), SAMPLES)
def test_every_network_is_the_one_of_train(mlp: Run, tmp_path: Path, fixed: str, vary: str) -> None:
    """The whole file of weights, byte by byte, of a sample of the networks."""
    write_csv(tmp_path / "flowers.csv", ("sl", "sw", "pl", "pw"), [row[:4] for row in iris_rows()])
    weighed = [(k % 3, *row) for k, row in enumerate(iris_rows())]
    write_csv(tmp_path / "weighed.csv", ("weight", "sl", "sw", "pl", "pw", "species"), weighed)
    epochs = () if "epochs=" in vary else ("--epochs", "3")
    options = [word for one in vary.split() for word in ("--vary", one)]
    done = mlp("sweep", *fixed.split(), *options, *epochs, "--keep-all", "all", "-o", "r.jsonl", "-q")
    assert done.code == 0, done.err
    runs = read_runs(str(tmp_path / "r.jsonl"))
    assert len(runs.records) == runs.header["networks"] > 1
    for record in random.Random(1).sample(runs.records, 5 if len(runs.records) > 5 else 2):
        words = [word for name, value in record["settings"].items() for word in _option(name, value)]
        words += ["--seed", record["seed"], *(["--fold", record["fold"]] if record["fold"] else [])]
        fixed_words = [word for word in _without(fixed.split(), "--folds")]
        trained = mlp("train", *fixed_words, *epochs, *words, "-o", "w.json", "--history", "h.jsonl", "-q", "--force")
        assert trained.code == (0 if record["diverged"] is None else 3), trained.err
        assert (tmp_path / "w.json").read_bytes() == (tmp_path / "all" / f"{record['network']}.json").read_bytes()
        _compare_history(record, tmp_path / "h.jsonl")


def _option(name: str, value: object) -> list[object]:
    return [f"--{name}"] * bool(value) if isinstance(value, bool) else [f"--{name}", value]


def _without(words: list[str], option: str) -> list[str]:
    place = words.index(option) if option in words else len(words)
    return words[:place] + words[place + 2 :]


def _compare_history(record: Record, path: Path) -> None:
    if record["diverged"] is not None:
        return
    epochs = [json.loads(line) for line in path.read_text().splitlines()]
    assert record["epochs"] == len(epochs)
    kept = [epoch for epoch in epochs if epoch["best"]][-1] if "patience" in record["settings"] else epochs[-1]
    assert {key: record[key] for key in record.keys() & kept.keys() - {"seconds"}}.items() <= kept.items()


@pytest.mark.parametrize("weights", [("--sample-weight", "weight"), ("--class-weight", "balanced"), ()])
def test_the_loss_of_the_best_network_has_the_name_that_train_gives_it(
    mlp: Run, tmp_path: Path, weights: tuple[str, ...]
) -> None:
    weighed = [(1 + k % 3, *row) for k, row in enumerate(iris_rows())]
    write_csv(tmp_path / "w.csv", ("weight", "sl", "sw", "pl", "pw", "species"), weighed)
    data = ("--data", "w.csv", *weights, "--hidden", 0, "-q")
    name = "loss (weighted cce)" if weights else "loss (cce)"
    assert name in mlp("train", *data, "--epochs", 1).out
    assert name in mlp("sweep", *data, "--vary", "epochs=1|2").out


def test_the_command_line_that_the_report_gives_is_that_of_the_best_network(mlp: Run, tmp_path: Path) -> None:
    done = mlp("sweep", *SMALL, *GRID, "--vary", "activation=relu|tanh", "--weights", "best.json", "-o", "r.jsonl")
    line = next(line for line in done.out.splitlines() if line.startswith("the best: mlp train"))
    assert f"the best: {swept(mlp, '--merge', 'r.jsonl')['command']}" == line
    assert mlp(*shlex.split(line)[3:]).code == 0
    assert (tmp_path / "w.json").read_bytes() == (tmp_path / "best.json").read_bytes()


def test_that_command_line_has_every_digit_and_the_columns(mlp: Run, tmp_path: Path) -> None:
    """Six digits of a learning rate are another network's; without --ignore, the names are too many categories."""
    rows = [(f"plant {k}", *row) for k, row in enumerate(iris_rows())]
    write_csv(tmp_path / "f.csv", ("name", "sl", "sw", "pl", "pw", "species"), rows)
    sweep = ("--data", "f.csv", "--ignore", "name", "--l2", 0.0123456789, "--vary", "lr=0.0123456789|0.0123456788")
    done = mlp("sweep", *sweep, "--epochs", 2, "--weights", "best.json", "-q")
    line = next(line for line in done.out.splitlines() if line.startswith("the best: mlp train"))
    assert mlp(*shlex.split(line)[3:]).code == 0
    assert (tmp_path / "w.json").read_bytes() == (tmp_path / "best.json").read_bytes()
    assert {"0.0123456789", "0.0123456788"} <= set(done.out.split())


def test_that_command_line_leaves_out_a_switch_that_is_off_but_not_that_of_the_header(mlp: Run, tmp_path: Path) -> None:
    """There is a --no-header, and no --no-regularize-bias."""
    write_csv(tmp_path / "f.csv", iris_rows()[0], iris_rows()[1:])
    sweep = ("--data", "f.csv", "--no-header", "--l2", 0.1, "--vary", "regularize-bias=false", "--epochs", 1)
    done = mlp("sweep", *sweep, "--weights", "best.json", "-q")
    line = next(line for line in done.out.splitlines() if line.startswith("the best: mlp train"))
    assert "--no-header" in line
    assert mlp(*shlex.split(line)[3:]).code == 0
    assert (tmp_path / "w.json").read_bytes() == (tmp_path / "best.json").read_bytes()


@pytest.mark.parametrize("options", [("--workers", 3), ("--shard", "1/1")])
def test_the_engine_changes_no_number(mlp: Run, tmp_path: Path, options: tuple[object, ...]) -> None:
    mlp("sweep", *SMALL, *GRID, "-o", "one.jsonl")
    assert mlp("sweep", *SMALL, *GRID, "-o", "other.jsonl", *options).code == 0
    assert lines(tmp_path / "one.jsonl") == lines(tmp_path / "other.jsonl")


@pytest.mark.parametrize(("workers", "processes"), [(2, 2), (50, 12)])
def test_there_are_no_more_processes_than_workers_or_networks(
    mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, processes: int
) -> None:
    pool_of = Pool.__init__

    def noted(pool: Pool, work: Any, count: int, warn: Any) -> None:
        (tmp_path / "count").write_text(str(count))
        pool_of(pool, work, count, warn)

    monkeypatch.setattr(Pool, "__init__", noted)
    assert mlp("sweep", *SMALL, *GRID, "--workers", workers).code == 0
    assert (tmp_path / "count").read_text() == str(processes)


# ----- Ranking ------------------------------------------------------------------------------------------------------


def test_means_deviations_and_effects_are_those_of_the_lines(mlp: Run, tmp_path: Path) -> None:
    report = swept(mlp, *SMALL, *GRID, "-o", "r.jsonl")
    records = read_runs(str(tmp_path / "r.jsonl")).records
    for setting in report["settings"]:
        numbers = [one["validation_accuracy"] for one in records if one["settings"] == setting["values"]]
        assert setting["mean"] == pytest.approx(np.mean(numbers))
        assert setting["deviation"] == pytest.approx(np.std(numbers, ddof=1))
    assert [one["mean"] for one in report["settings"]] == sorted(
        (one["mean"] for one in report["settings"]), reverse=True
    )
    for value in report["effects"]["hidden"]:
        numbers = [
            one["validation_accuracy"] for one in records if one["settings"]["hidden"] == value["values"]["hidden"]
        ]
        assert (value["mean"], len(numbers)) == (pytest.approx(np.mean(numbers)), 6)


@pytest.mark.parametrize(
    ("options", "title"),
    [
        ("--vary hidden=3|4", "2 settings, the best first"),
        ("--vary hidden=3|4 --vary seed=1:2", "2 settings, the best first: mean ± standard deviation over seeds"),
        ("--vary seed=1:2 --folds 2", "Setting: mean ± standard deviation over seeds and folds"),
    ],
)
def test_the_title_says_what_means_are_over(mlp: Run, options: str, title: str) -> None:
    assert title in mlp("sweep", "--dataset", "iris", "--epochs", 1, *options.split(), "--quiet").out.splitlines()


def test_the_table_has_the_ten_best_settings(mlp: Run) -> None:
    sweep = ("sweep", "--dataset", "iris", "--epochs", 1, "--vary", "hidden=2:13", "--rank", "loss", "--quiet")
    all_of_them = [row["hidden"] for row in csv_rows(mlp(*sweep, "--format", "csv").out)]
    table = mlp(*sweep).out.partition("\n\nNetwork")[0].splitlines()
    assert len(all_of_them) == 12
    assert table[0] == "Best 10 of 12 settings"
    assert [row.split()[0] for row in table[4:]] == all_of_them[:10]


def test_the_effect_of_an_option_has_its_best_twenty_values(mlp: Run) -> None:
    """In their order. Ranked by the loss, so that no two are equal."""
    vary = ("--vary", "hidden=1:22", "--vary", "lr=0.1|0.2")
    sweep = ("--dataset", "iris", "--epochs", 1, *vary, "--rank", "loss", "--quiet")
    means = {effect["values"]["hidden"]: effect["mean"] for effect in swept(mlp, *sweep)["effects"]["hidden"]}
    table = mlp("sweep", *sweep).out.partition("Effect of hidden, its best 20 values\n")[2].partition("\n\nEffect")[0]
    best = sorted(means, key=lambda hidden: means[hidden])[:20]
    assert [row.split()[0] for row in table.splitlines()[3:]] == [str(hidden) for hidden in means if hidden in best]


def test_effects_are_in_the_order_of_the_values(mlp: Run, tmp_path: Path) -> None:
    """The networks of a sample have the epochs in any order."""
    vary = ("--vary", "hidden=3|4", "--vary", "optimizer=sgd|adam", "--vary", "epochs=1:9", "--vary", "batch=100|20")
    report = swept(mlp, "--dataset", "iris", *vary, "--sample", 12, "-o", "r.jsonl", "-q")
    records = sorted(read_runs(str(tmp_path / "r.jsonl")).records, key=lambda record: int(record["network"]))
    appeared = list(dict.fromkeys(record["settings"]["epochs"] for record in records))
    assert appeared != sorted(appeared)
    order = {name: [one["values"][name] for one in values] for name, values in report["effects"].items()}
    assert order["epochs"] == sorted(appeared)
    assert (order["hidden"], order["optimizer"], order["batch"]) == (["3", "4"], ["sgd", "adam"], ["20", "100"])
    drawn = json.loads(mlp("plot", "sweep", "r.jsonl", "--over", "epochs", "--format", "json").out)
    assert [str(one["epochs"]) for one in drawn["values"]] == sorted(appeared)


def test_the_rank_may_be_the_loss(mlp: Run) -> None:
    report = swept(mlp, *SMALL, *GRID, "--rank", "loss")
    means = [one["mean"] for one in report["settings"]]
    assert report["rank"] == "validation_loss"
    assert means == sorted(means)


def test_an_error_is_better_if_it_is_lower(mlp: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", ("sl", "sw", "pl", "pw"), [row[:4] for row in iris_rows()])
    report = swept(mlp, "--data", "f.csv", "--epochs", 3, "--quiet", *GRID)
    means = [one["mean"] for one in report["settings"]]
    assert (report["rank"], means) == ("validation_mae", sorted(means))


def test_the_test_set_is_measured_for_the_winner_alone(mlp: Run, tmp_path: Path) -> None:
    """Its numbers are those of evaluate; no line of the file has any of them."""
    report = swept(mlp, *SMALL, *GRID, "--weights", "b.json", "-o", "r.jsonl")
    content = (tmp_path / "r.jsonl").read_text()
    evaluated = json.loads(mlp("evaluate", "-w", "b.json", "--part", "test", "--format", "json").out)
    assert evaluated.items() >= report["parts"]["test"].items()
    assert all(str(evaluated[name]) not in content for name in ("loss", "f1"))


def test_weights_for_standard_output_come_alone(mlp: Run, tmp_path: Path) -> None:
    done = mlp("sweep", *SMALL[:-1], "--vary", "seed=1:2", "--weights", "/dev/stdout")
    mlp("sweep", *SMALL, "--vary", "seed=1:2", "--weights", "b.json")
    assert done.out == (tmp_path / "b.json").read_text()
    assert done.err.endswith("weights: standard output\n")
    assert mlp("sweep", *SMALL, "--vary", "seed=1:2", "--weights", "-").err == ""


def test_what_diverged_is_told_and_comes_last(mlp: Run) -> None:
    done = mlp("sweep", *SMALL, "--vary", "optimizer=sgd", "--vary", "learning-rate=0.1|1e200", "--vary", "seed=1:2")
    assert done.code == 0
    row = done.out.split("Diverged\n")[1].splitlines()[3]
    assert row.split() == ["sgd", "1e+200", "2", "2", "epoch", "1,", "batch", "2"]  # its h is some 1e200, and a 1e400
    report = swept(mlp, *SMALL, "--vary", "optimizer=sgd", "--vary", "learning-rate=1e200|0.1", "--vary", "seed=1:2")
    assert [one["values"]["learning-rate"] for one in report["settings"]] == [0.1, 1e200]
    assert [one["diverged"] for one in report["settings"]] == [0, 2]


def test_a_sweep_of_divergences_has_no_winner(mlp: Run) -> None:
    files = ("--weights", "b.json", "-o", "r.jsonl")
    done = mlp("sweep", *SMALL, "--optimizer", "sgd", "--vary", "learning-rate=1e200|1e250", *files)
    assert done.code == 3
    assert is_one_error_line(done.err)
    assert "every network diverged" in done.err
    for curves in ((), ("--best", 1)):
        nothing = mlp("plot", "sweep", "r.jsonl", *curves)
        why = "no network is trained to the end, so there is nothing to plot; try a smaller --learning-rate"
        assert (nothing.code, nothing.err) == (1, f"mlp: error: r.jsonl: {why}\n")


@pytest.mark.parametrize("form", ["csv", "markdown", "latex", "html"])
def test_every_form_has_the_settings(mlp: Run, form: str) -> None:
    done = mlp("sweep", *SMALL, *GRID, "--format", form)
    assert done.code == 0
    assert "hidden" in done.out
    assert ("±" in done.out, r"$\pm$" in done.out, "U+" in done.out) == (
        form in ("markdown", "html"),
        form == "latex",
        False,
    )


@pytest.mark.parametrize(
    ("option", "value", "name"), [("--keep-all", "all", "all/2.json"), ("--weights", "w.json", "w.json")]
)
def test_a_foreign_file_is_not_overwritten(mlp: Run, tmp_path: Path, option: str, value: str, name: str) -> None:
    """sweep has no --force, so it names none; train has one, which works."""
    (tmp_path / "all").mkdir()
    (tmp_path / name).write_text('{"my": "json"}')
    done = mlp("sweep", *SMALL, "--vary", "seed=1:2", option, value)
    what = f"{name}: exists and is not an mlp weights file; choose another {option}"
    assert (done.code, done.err) == (1, f"mlp: error: {what}\n")
    trained = mlp("train", *SMALL, "--output", name)
    assert (trained.code, "choose another --output, or --force to overwrite it" in trained.err) == (1, True)
    assert (tmp_path / name).read_text() == '{"my": "json"}'
    assert mlp("train", *SMALL, "--output", name, "--force").code == 0
    assert mlp("sweep", *SMALL, "--vary", "seed=1:2", option, value).code == 0


def test_all_networks_are_kept_when_a_sweep_is_resumed(mlp: Run, tmp_path: Path) -> None:
    """Those with a line are trained once more, unless the folder has their weights; the lines stay."""
    vary = (*SMALL[:-1], *BESIDE)
    mlp("sweep", *vary, "-o", "r.jsonl", "--keep-all", "first", "-q")
    content = (tmp_path / "r.jsonl").read_bytes()
    (tmp_path / "r.jsonl").write_bytes(content[: content.rindex(b"\n", 0, -1) + 1])
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "5.json").write_bytes((tmp_path / "first" / "6.json").read_bytes())
    done = mlp("sweep", *vary, "-o", "r.jsonl", "--keep-all", "second", "--resume")
    assert "mlp: training 3 networks once more, since second lacks their weights\n" in done.err
    assert "1 network trained" in done.out
    assert lines(tmp_path / "r.jsonl").keys() == set(range(1, 9))
    for number in (5, 6, 7, 8):
        paths = [tmp_path / folder / f"{number}.json" for folder in ("first", "second")]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    again = mlp("sweep", *vary, "-o", "r.jsonl", "--keep-all", "second", "--resume")
    assert ("once more" in again.err, "0 networks trained" in again.out) == (False, True)


@pytest.mark.parametrize(
    ("vary", "what"),
    [
        ("loss=cce|mse", "loss varies"),
        ("class-weight=none|balanced", "class-weight varies"),
        ("output-activation=softmax|sigmoid", "output-activation varies"),
        ("loss=mse", ""),
        ("batch-reduction=mean|sum", ""),  # reports the mean, whatever the update takes
    ],
)
def test_different_losses_are_not_compared_without_a_word(mlp: Run, vary: str, what: str) -> None:
    words = ("--dataset", "iris", "--epochs", 1, "--vary", vary, "--vary", "hidden=3|4", "-o", "r.jsonl")
    text = f"--rank loss compares different losses, since {what}; use --rank metric"
    warning = f"mlp: warning: {text}\n" if what else ""
    done = mlp("sweep", *words, "--rank", "loss", "--format", "json")
    assert done.err == warning
    assert ("hidden" in json.loads(done.out)["effects"]) == (not what)
    assert mlp("sweep", "--merge", "r.jsonl", "--rank", "loss").err == warning
    assert mlp("plot", "sweep", "r.jsonl", "--over", "hidden", "--rank", "loss").err == warning
    merged = mlp("sweep", "--merge", "r.jsonl", "--format", "json")
    assert merged.err == ""
    effects = json.loads(merged.out)["effects"]
    assert [one["loss"] is None for one in effects["hidden"]] == [bool(what)] * 2
    assert None not in [one["loss"] for one in effects[vary.partition("=")[0]]]
    table = mlp("sweep", "--merge", "r.jsonl").out.split("Effect of hidden\n\n")[1].splitlines()[0]
    assert table.split()[-1] == ("±" if what else "loss")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("--vary loss=mse|cce --vary epochs=1|2 --rank loss", "epochs option"),
        ("--vary epochs=1|2", "epochs option"),
        ("--vary loss=mse|cce --validation 0", "loss option"),
    ],
)
def test_every_column_has_a_name_of_its_own(mlp: Run, options: str, name: str) -> None:
    """Or readers such as csv.DictReader lose one of two columns. An option keeps its name elsewhere."""
    words = ("--dataset", "iris", "-q", *options.split(), *(() if "epochs" in options else ("--epochs", 1)))
    tables = [
        mlp("sweep", *words, "--format", "csv", "-o", "r.jsonl").out,
        mlp("plot", "sweep", "r.jsonl", "--best", 2, "--format", "csv", "-q").out,
    ]
    for text in tables:
        columns = text.splitlines()[0].split(",")
        assert len(set(columns)) == len(columns), columns
    assert name in tables[0]
    table = mlp("sweep", *words).out.split("the best first")[1].split("\n\n")[1].splitlines()[0]
    headings = re.split(r"  +", table.strip())
    assert len(set(headings)) == len(headings), headings


# ----- Options that contradict each other ---------------------------------------------------------------------------

BESIDE = ("--vary", "hidden=0|4", "--vary", "activation=relu|tanh", "--vary", "seed=1:2")


def test_networks_whose_options_contradict_each_other_are_not_trained_and_the_others_are(
    mlp: Run, tmp_path: Path
) -> None:
    done = mlp("sweep", *SMALL[:-1], *BESIDE, "-o", "r.jsonl", "--keep-all", "all", "--format", "json")
    why = "--activation is for hidden layers, and there are none; leave it out"
    assert done.err == f"mlp: warning: networks with hidden=0 activation=relu are not trained: {why}\n"
    report = json.loads(done.out)
    assert [(one["values"]["hidden"], one["networks"]) for one in report["settings"]] == [("4", 2), ("4", 2)]
    assert report["invalid"] == [
        {"values": {"hidden": "0", "activation": name}, "networks": 2, "reason": why} for name in ("relu", "tanh")
    ]
    assert (report["networks"], report["trained"], report["diverged"]) == (8, 4, 0)
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["5.json", "6.json", "7.json", "8.json"]
    alone = swept(mlp, *SMALL, "--hidden", 4, "--vary", "activation=relu|tanh", "--vary", "seed=1:2")
    assert [one["mean"] for one in report["settings"]] == [one["mean"] for one in alone["settings"]]
    content = (tmp_path / "r.jsonl").read_bytes()
    again = mlp("sweep", *SMALL[:-1], *BESIDE, "-o", "r.jsonl", "--resume")
    assert "0 networks trained" in again.out
    assert (tmp_path / "r.jsonl").read_bytes() == content
    shown = mlp("sweep", "--merge", "r.jsonl").out
    assert re.search(rf"Not trained\n\n.*\n.*\n  0 +relu +2 +{why}\n", shown)
    assert re.search(r"\n0 +[│|] +not trained\n", mlp("plot", "sweep", "r.jsonl", "--over", "hidden").out)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--vary optimizer=adam --vary momentum=0.5|0.9", "optimizer=adam momentum=0.5: --momentum belongs to"),
        ("--vary optimizer=adam|foo --vary momentum=0.5", "optimizer=foo: unknown optimizer 'foo'"),
        (
            "--vary hidden=4|0 --activation tanh",
            "hidden=0: --activation is for hidden layers, and there are none; with",
        ),
        ("--hidden 0 --vary activation=relu|tanh", "activation=relu: --activation is for hidden layers"),
        ("--optimizer adam --vary momentum=0.5|0.9 --vary seed=1:3", "momentum=0.5: --momentum belongs to"),
    ],
)
def test_a_value_that_no_network_can_have_is_an_error(mlp: Run, tmp_path: Path, options: str, words: str) -> None:
    done = mlp("sweep", *SMALL, *options.split(), "-o", "r.jsonl")
    assert (done.code, done.err.startswith(f"mlp: error: {words}")) == (2, True), done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("outputs", ["linear|sigmoid", "sigmoid|linear"])
@pytest.mark.parametrize("losses", ["cce|bce", "bce|cce"])
def test_the_order_of_values_decides_nothing(mlp: Run, outputs: str, losses: str) -> None:
    """Three classes: of the four pairs, only sigmoid with bce is one. Each value alone has a loss or output."""
    report = swept(mlp, *SMALL, "--vary", f"output-activation={outputs}", "--vary", f"loss={losses}")
    assert [one["values"] for one in report["settings"]] == [{"output-activation": "sigmoid", "loss": "bce"}]
    assert len(report["invalid"]) == 3


CARS = ("--dataset", "cars", "--test", "0.1", "--quiet")  # no network has a test set of its own


@pytest.mark.parametrize(
    ("fixed", "vary", "words", "options"),
    [
        (
            "--epochs 3",
            "optimizer=normal-equations|momentum hidden=0|3",
            "optimizer=normal-equations hidden=0: --epochs does not apply to normal-equations, which solves "
            "in one step",
            "--vary epochs=3",
        ),
        (
            "--activation tanh",
            "hidden=0|3 epochs=2",
            "hidden=0: --activation is for hidden layers, and there are none",
            "--vary activation=tanh",
        ),
    ],
)
def test_a_value_that_contradicts_an_option_of_all_networks_names_this_option(
    mlp: Run, fixed: str, vary: str, words: str, options: str
) -> None:
    """The advice works: the other networks are trained, and none of them has lost the option."""
    varied = [word for one in vary.split() for word in ("--vary", one)]
    done = mlp("sweep", *CARS, *varied, *fixed.split())
    remedy = f"with {options} instead, only such networks are left out"
    assert (done.code, done.err) == (2, f"mlp: error: {words}; {remedy}\n")
    report = swept(mlp, *CARS, *varied, *options.split())
    name = fixed.split()[0].removeprefix("--")
    assert {str(one["values"][name]) for one in report["settings"]} == {fixed.split()[1]}
    assert {one["values"]["hidden"] for one in report["settings"]} >= {"3"}
    assert report["invalid"]


def test_a_value_may_need_one_of_another_option(mlp: Run) -> None:
    """The normal equations take no hidden layer, and a new network has one."""
    vary = ("--vary", "optimizer=normal-equations|sgd", "--vary", "hidden=4|0")
    warned = mlp("sweep", "--dataset", "cars", *vary, "--dry-run").err
    assert warned.startswith("mlp: warning: networks with optimizer=normal-equations hidden=4 are not trained: ")
    report = swept(mlp, "--dataset", "cars", *vary, "-q")
    assert [one["values"] for one in report["invalid"]] == [{"optimizer": "normal-equations", "hidden": "4"}]
    assert len(report["settings"]) == 3


def test_a_value_may_need_those_of_three_other_options(mlp: Run) -> None:
    """The normal equations take one linear layer with mse, while a new network for Iris has two, softmax and cce."""
    varied = ("optimizer=normal-equations|sgd", "hidden=4|0", "loss=cce|mse", "output-activation=softmax|linear")
    grid = [word for one in (*varied, "seed=1:2") for word in ("--vary", one)]
    done = mlp("sweep", "--dataset", "iris", *grid, "--dry-run", "--format", "json")
    assert done.code == 0, done.err
    # of each seed: sgd with 2 times cce and softmax, mse and softmax, mse and linear; the normal equations once
    assert json.loads(done.out)["networks"] == 2 * (2 * 3 + 1)


def test_a_dry_run_counts_what_can_be_trained(mlp: Run) -> None:
    document = json.loads(mlp("sweep", *SMALL, *BESIDE, "--dry-run", "--format", "json").out)
    assert [(group["network"], group["networks"]) for group in document["groups"]] == [("4-4-3", 2)] * 2
    assert document["blocks"] == 2  # of each kind one; the blocks of kinds that are not trained do not count


# ----- The file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [2, 3])
def test_shards_are_merged_to_the_whole_and_share_no_network(mlp: Run, tmp_path: Path, total: int) -> None:
    whole = swept(mlp, *SMALL, *GRID, "-o", "whole.jsonl")
    shards = [f"{number}.jsonl" for number in range(1, total + 1)]
    for number, shard in enumerate(shards, 1):
        assert mlp("sweep", *SMALL, *GRID, "--shard", f"{number}/{total}", "-o", shard).code == 0
    assert sum(len(lines(tmp_path / shard)) for shard in shards) == 12
    merged = swept(mlp, "--merge", *shards, "-o", "merged.jsonl")
    assert lines(tmp_path / "merged.jsonl") == lines(tmp_path / "whole.jsonl")
    assert merged["settings"] == whole["settings"]


def test_a_merge_names_the_best_network_and_warns_once_of_other_weights(mlp: Run, tmp_path: Path) -> None:
    done = mlp("sweep", *SMALL, *GRID, "-o", "one.jsonl")
    best = next(line for line in done.out.splitlines() if line.startswith("the best: mlp train"))
    header, records = read_runs(str(tmp_path / "one.jsonl"))[:2]
    other = [header, *({**record, "weights": "other", "loss": 7.0} for record in records[1:])]
    (tmp_path / "two.jsonl").write_bytes(b"".join(map(line_of, other)))
    merged = mlp("sweep", "--merge", "one.jsonl", "two.jsonl", "-o", "both.jsonl")
    assert best in merged.out.splitlines()
    first = records[1]["network"]
    what = f"two.jsonl: other weights for 11 networks, the first is {first}; the weights of the earlier files are kept"
    assert merged.err == f"mlp: warning: {what}\n"
    assert lines(tmp_path / "both.jsonl") == lines(tmp_path / "one.jsonl")


def test_the_best_network_of_another_machine_is_trained_once_more_with_a_warning(mlp: Run, tmp_path: Path) -> None:
    mlp("sweep", *SMALL, "-o", "r.jsonl")
    header, records = read_runs(str(tmp_path / "r.jsonl"))[:2]
    (tmp_path / "r.jsonl").write_bytes(b"".join(map(line_of, [header, {**records[0], "weights": "other"}])))
    done = mlp("sweep", *SMALL[:-1], "-o", "r.jsonl", "--resume", "--weights", "best.json")
    assert done.code == 0
    assert "mlp: warning: the best network has other weights when it is trained on this machine" in done.err
    mlp("train", *SMALL)
    assert (tmp_path / "best.json").read_bytes() == (tmp_path / "w.json").read_bytes()


def test_what_a_merge_lacks_is_told_and_trained_by_resume(mlp: Run, tmp_path: Path) -> None:
    swept(mlp, *SMALL, *GRID, "-o", "whole.jsonl")
    mlp("sweep", *SMALL, *GRID, "--shard", "2/3", "-o", "2.jsonl")
    done = mlp("sweep", "--merge", "2.jsonl", "-o", "merged.jsonl")
    have = lines(tmp_path / "2.jsonl").keys()
    missing = [network for network in range(1, 13) if network not in have]
    assert f"warning: {len(missing)} of 12 networks are missing, the first is {missing[0]};" in done.err
    assert mlp("sweep", *SMALL, *GRID, "-o", "merged.jsonl", "--resume").code == 0
    assert lines(tmp_path / "merged.jsonl") == lines(tmp_path / "whole.jsonl")


def test_a_merge_names_the_shards_without_a_file_and_advice_that_works(mlp: Run, tmp_path: Path) -> None:
    for number in (2, 4):
        mlp("sweep", *SMALL, *GRID, "--shard", f"{number}/4", "-o", f"{number}.jsonl")
    done = mlp("sweep", "--merge", "2.jsonl", "4.jsonl")
    assert "the first is 1; no file has shard 1/4 or 3/4; merge with --output FILE, and --resume with the" in done.err
    done = mlp("sweep", "--merge", "2.jsonl", "4.jsonl", "-o", "all.jsonl")
    assert "no file has shard 1/4 or 3/4; --resume with all.jsonl as --output trains them\n" in done.err
    assert mlp("sweep", *SMALL, *GRID, "-o", "all.jsonl", "--resume").code == 0
    assert lines(tmp_path / "all.jsonl").keys() == set(range(1, 13))
    content = (tmp_path / "all.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "part.jsonl").write_bytes(b"".join(content[:4]))
    done = mlp("sweep", "--merge", "part.jsonl")
    assert "part.jsonl: 3 networks, shard 1/1\n" in done.err
    assert "no file has shard" not in done.err


def test_a_merge_names_ten_shards_without_a_file_and_counts_the_others(mlp: Run) -> None:
    mlp("sweep", *SMALL, *GRID, "--shard", "1/14", "-o", "1.jsonl")
    words = mlp("sweep", "--merge", "1.jsonl").err.partition("no file has shard ")[2]
    assert re.findall(r"\d+/14", words) == [f"{number}/14" for number in range(2, 12)]
    assert "11/14 and 3 more; " in words


@pytest.mark.parametrize(
    ("total", "last"), [(10, "9/10 or 10/10; "), (11, "10/11 or 11/11; "), (12, "11/12 and 1 more; ")]
)
def test_of_shards_without_a_file_no_more_than_ten_are_named(total: int, last: str) -> None:
    header: Record = {"shard": f"1/{total}", "networks": total}
    record, notes = {"network": 1}, Mock()
    closing = _merged(header, {"1.jsonl": Runs(header, [record], 0)}, [record], SweepOptions(), notes)
    assert closing == ["1 network from 1 file"]
    notes.note.assert_called_once_with(f"1.jsonl: 1 network, shard 1/{total}")
    (said,) = notes.warn.call_args.args
    assert said.startswith(
        f"{total - 1} of {total} networks are missing, the first is 2; no file has shard 2/{total}, "
    )
    assert last in said


def test_where_a_merge_goes_is_looked_at_before_the_shards_and_told(mlp: Run, tmp_path: Path) -> None:
    assert mlp("sweep", *SMALL, "-o", "one.jsonl").code == 0
    found = mlp("sweep", "--merge", "none.jsonl", "-o", "all.csv")
    assert (found.code, found.out) == (2, "")
    assert "--output all.csv: must be a file with the suffix .jsonl" in found.err
    found = mlp("sweep", "--merge", "none.jsonl", "-o", "one.jsonl")
    assert (found.code, found.out, found.err) == (1, "", "mlp: error: one.jsonl: exists; choose another --output\n")
    assert "networks: all.jsonl" in mlp("sweep", "--merge", "one.jsonl", "-o", "all.jsonl").out.splitlines()


def test_shards_of_two_sweeps_are_not_merged(mlp: Run) -> None:
    mlp("sweep", *SMALL, *GRID, "-o", "a.jsonl")
    mlp("sweep", *SMALL, *GRID, "--l2", 0.1, "-o", "b.jsonl")
    done = mlp("sweep", "--merge", "a.jsonl", "b.jsonl")
    assert (done.code, is_one_error_line(done.err)) == (1, True)
    assert "b.jsonl: belongs to another sweep than a.jsonl (option l2 differs)" in done.err


def test_another_order_of_vary_is_another_sweep(mlp: Run, tmp_path: Path) -> None:
    """Networks have numbers in the order of --vary: with hidden=3|5 first, network 2 is 3 units with seed 2."""
    hidden, seed = ("--vary", "hidden=3|5"), ("--vary", "seed=1:2")
    assert mlp("sweep", *SMALL, *hidden, *seed, "--shard", "1/2", "-o", "a.jsonl").code == 0
    assert mlp("sweep", *SMALL, *seed, *hidden, "--shard", "2/2", "-o", "b.jsonl").code == 0
    content = (tmp_path / "a.jsonl").read_bytes()
    done = mlp("sweep", *SMALL, *seed, *hidden, "-o", "a.jsonl", "--resume")
    why = "a.jsonl: is the file of another sweep (--vary in the order hidden, seed)"
    assert (done.code, done.err) == (1, f"mlp: error: {why}; give its options, or choose another --output\n")
    assert (tmp_path / "a.jsonl").read_bytes() == content
    merged = mlp("sweep", "--merge", "a.jsonl", "b.jsonl")
    why = "b.jsonl: belongs to another sweep than a.jsonl (--vary in the order seed, hidden)"
    assert (merged.code, merged.err) == (1, f"mlp: error: {why}; leave it out\n")
    assert mlp("sweep", *SMALL, *hidden, *seed, "-o", "a.jsonl", "--resume").code == 0
    assert [(one["settings"]["hidden"], one["seed"]) for _, one in sorted(lines(tmp_path / "a.jsonl").items())] == [
        ("3", 1), ("3", 2), ("5", 1), ("5", 2)
    ]  # fmt: skip


@pytest.mark.parametrize("content", [None, b'{"my": "json"}\n', b""])
def test_a_merge_overwrites_no_file(mlp: Run, tmp_path: Path, content: bytes | None) -> None:
    """Neither a foreign one, nor one of the sweep itself, which another process may be writing."""
    mlp("sweep", *SMALL, "--vary", "seed=1:2", "-o", "one.jsonl")
    there = tmp_path / "all.jsonl"
    there.write_bytes((tmp_path / "one.jsonl").read_bytes() if content is None else content)
    before = there.read_bytes()
    done = mlp("sweep", "--merge", "one.jsonl", "-o", "all.jsonl")
    assert (done.code, done.err) == (1, "mlp: error: all.jsonl: exists; choose another --output\n")
    assert there.read_bytes() == before


def test_folds_are_named_by_the_option_that_the_user_writes(mlp: Run) -> None:
    mlp("sweep", *SMALL, "--vary", "hidden=3|4", "-o", "r.jsonl")
    done = mlp("sweep", *SMALL, "--vary", "hidden=3|4", "--folds", 3, "-o", "r.jsonl", "--resume")
    assert "is the file of another sweep (--folds differs)" in done.err
    done = mlp("sweep", *SMALL, "--folds", 200)
    assert done.err == "mlp: error: fold 1/200: iris: 120 samples cannot be split into 200 folds; use fewer folds\n"


def test_how_data_are_read_is_part_of_a_sweep(mlp: Run, tmp_path: Path) -> None:
    """The same file under another name is the same sweep; read otherwise, it is another."""
    for name in ("a.csv", "b.csv"):
        write_csv(tmp_path / name, ("sl", "sw", "pl", "pw"), [row[:4] for row in iris_rows()])
    options = ("--vary", "seed=1:2", "--epochs", 1, "-o", "r.jsonl", "--resume", "-q")
    assert mlp("sweep", "--data", "a.csv", "--target", "pw", *options).code == 0
    assert mlp("sweep", "--data", "b.csv", "--target", "pw", *options).code == 0
    done = mlp("sweep", "--data", "b.csv", "--target", "sl", *options)
    assert (done.code, "r.jsonl: is the file of another sweep" in done.err) == (1, True)


def test_a_sample_can_be_resumed(mlp: Run, tmp_path: Path) -> None:
    options = (*SMALL, "--vary", "hidden=1:9", "--vary", "seed=1:9", "--sample", 7, "-o", "r.jsonl")
    swept(mlp, *options)
    whole = lines(tmp_path / "r.jsonl")
    kept = (tmp_path / "r.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "r.jsonl").write_bytes(b"".join(kept[:3]) + kept[3][:40])
    swept(mlp, *options, "--resume")
    assert (len(whole), lines(tmp_path / "r.jsonl")) == (7, whole)


# ----- Curves -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ("--dataset", "iris", "--epochs", 4, "--folds", 3, "--vary", "hidden=3|4", "--vary", "seed=1:2"),
        ("--data", "f.csv", "--target", "sl", "--epochs", 3, "--l2", 0.01, "--vary", "lr=0.1|0.01", "--test", 0.1),
        (
            "--dataset",
            "iris",
            "--validation",
            0,
            "--lr",
            0.1,
            "--vary",
            "patience=2|3",
            "--vary",
            "optimizer=adam|sgd:0.5",
        ),
    ],
    ids=str,
)
def test_curves_are_the_histories_of_mlp_train(mlp: Run, tmp_path: Path, options: tuple[object, ...]) -> None:
    write_csv(tmp_path / "f.csv", ("sl", "sw", "pl", "pw"), [row[:4] for row in iris_rows()])
    assert mlp("sweep", *options, "-o", "r.jsonl", "-q").code == 0
    header, records = read_runs(str(tmp_path / "r.jsonl"))[:2]
    for record in records[:: len(records) - 1]:
        done = mlp("plot", "sweep", "r.jsonl", "--network", record["network"], "--format", "json")
        assert done.err == "mlp: training 1 network once more, since r.jsonl has no curves\n"
        (network,) = json.loads(done.out)["networks"]
        assert {name: network[name] for name in ("network", "settings", "seed", "fold")}.items() <= record.items()
        assert mlp(*train_words(header, record)[1:], "--history", "h.jsonl", "-q").code == 0
        epochs = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text().splitlines()]
        assert network["epoch"] == [epoch["epoch"] for epoch in epochs]
        for name in ("loss", "validation_loss", header["metric"], f"validation_{header['metric']}"):
            assert network.get(name, [None] * len(epochs)) == [epoch[name] for epoch in epochs]


def test_the_best_curves_are_those_of_the_best_networks_of_the_best_settings(mlp: Run, tmp_path: Path) -> None:
    report = swept(mlp, *SMALL, *GRID, "-o", "r.jsonl", "--rank", "loss")
    words = ("plot", "sweep", "r.jsonl", "--rank", "loss", "-q", "--format", "json", "--best")
    networks = json.loads(mlp(*words, 2).out)["networks"]
    assert networks[0]["network"] == report["best"]["network"]
    assert [one["settings"] for one in networks] == [one["values"] for one in report["settings"][:2]]
    records = read_runs(str(tmp_path / "r.jsonl")).records
    for chosen in networks:
        alike = [one["validation_loss"] for one in records if one["settings"] == chosen["settings"]]
        assert chosen["validation_loss"][-1] == min(alike)
    every = [one["network"] for one in json.loads(mlp(*words, 12).out)["networks"]]
    assert (sorted(every), every[:2]) == (list(range(1, 13)), [one["network"] for one in networks])


def test_a_network_that_diverged_has_the_curve_until_then(mlp: Run) -> None:
    swept(mlp, *SMALL, "--optimizer", "sgd", "--vary", "lr=0.1|1e200", "-o", "r.jsonl")
    found = json.loads(mlp("plot", "sweep", "r.jsonl", "--network", "2,1", "-q", "--format", "json").out)["networks"]
    assert [(one["network"], len(one["epoch"])) for one in found] == [(2, 0), (1, 5)]
    rows = csv_rows(mlp("plot", "sweep", "r.jsonl", "--network", "1,2", "-q", "--format", "csv").out)
    assert [(row["network"], row["learning-rate"], row["epoch"]) for row in rows] == [
        ("1", "0.1", str(k)) for k in range(1, 6)
    ]
    assert [float(row["validation_loss"]) for row in rows] == found[1]["validation_loss"]
    assert "network 1: learning-rate=0.1 seed=1, of r.jsonl" in mlp("plot", "sweep", "r.jsonl", "--network", 1).out
    empty = mlp("plot", "sweep", "r.jsonl", "--network", 2)
    why = "r.jsonl: network 2 diverged in the first epoch, so there is no curve; choose another --network"
    assert (empty.code, empty.out, empty.err) == (1, "", f"mlp: error: {why}\n")


def test_curves_are_those_of_the_data_of_the_sweep(mlp: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", ("sl", "sw", "pl", "pw"), [row[:4] for row in iris_rows()])
    assert mlp("sweep", "--data", "f.csv", "--epochs", 1, "--vary", "seed=1:2", "-o", "r.jsonl", "-q").code == 0
    write_csv(tmp_path / "f.csv", ("sl", "sw", "pl", "pw"), [row[:4] for row in iris_rows()[1:]])
    done = mlp("plot", "sweep", "r.jsonl", "--best", 1, "-q")
    assert done.err == "mlp: error: f.csv: has changed since the sweep r.jsonl; train the sweep again\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--best 0", "--best takes 1 to 20 networks, not 0"),
        ("--best 2 --network 1", "--best and --network: leave one out"),
        ("--network 3 --over hidden", "--network and --over: leave one out"),
        ("--network 13", "--network 13: r.jsonl has no such network; its numbers are 1 to 4"),
        ("--network x", "--network x: r.jsonl has no such network"),
        ("--network 1", "--network 1 is not trained: --activation is for hidden layers"),
    ],
)
def test_curves_that_cannot_be_drawn(mlp: Run, options: str, words: str) -> None:
    mlp("sweep", *SMALL, "--vary", "hidden=0|4", "--vary", "activation=relu|tanh", "-o", "r.jsonl")
    done = mlp("plot", "sweep", "r.jsonl", *options.split())
    assert (done.code, words in done.err, is_one_error_line(done.err)) == (2, True, True), done.err


def test_networks_are_chosen_by_their_numbers_in_their_order() -> None:
    records: list[Record] = [{"network": 2}, {"network": 3}, {"network": 4, "invalid": "why"}]

    def chosen(numbers: str, known: list[Record] = records) -> list[int]:
        return [record["network"] for record in chosen_networks(Runs({}, known, 0), None, numbers, "metric", "r.jsonl")]

    assert chosen("3, 2,3") == [3, 2]
    for numbers, words in (
        ("2,5", "--network 5: r.jsonl has no such network; its numbers are 2 to 4"),
        ("0", "--network 0: r.jsonl has no such network; its numbers are 2 to 4"),
        ("x" * 50, f"--network {'x' * 40}: r.jsonl has no such network; its numbers are 2 to 4"),
        ("4", "--network 4 is not trained: why"),
    ):
        with pytest.raises(ChoiceError, match=f"^{words}$"):
            chosen(numbers)
    with pytest.raises(ChoiceError, match=r"^--network 1: r.jsonl has no such network$"):
        chosen("1", [])


def test_networks_without_an_epoch_have_no_curve(mlp: Run) -> None:
    assert mlp("sweep", *SMALL, "--optimizer", "sgd", "--vary", "lr=1e200|1e201", "-o", "r.jsonl").code == 3
    for options, words in (
        ("--network=1,2", "networks 1 and 2 diverged in the first epoch, so there is no curve; choose another"),
        ("--best=1", "no network is trained to the end, so there is nothing to plot; try a smaller --learning-rate"),
    ):
        done = mlp("plot", "sweep", "r.jsonl", options)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"mlp: error: r.jsonl: {words}")


# ----- Usage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--vary hiden=3", "unknown option for --vary 'hiden': did you mean 'hidden'?"),
        ("--vary learning-rate=0.1|x", "--vary learning-rate: 'x' is not a number"),
        ("--vary learning-rate=0.1|-1", "learning-rate=-1: --learning-rate must be a finite number greater than 0"),
        ("--vary optimizer=adam|foo", "optimizer=foo: unknown optimizer 'foo'"),
        ("--vary lr=0.1,0.01", "'0.1,0.01' is not a number; put | between values: --vary 'learning-rate=0.1|0.01'"),
        ("--vary nesterov=maybe", "--vary nesterov: 'maybe' is not true or false"),
        ("--output-activation softmax --vary loss=cce|hinge", "loss=hinge: multiclass cannot use softmax with hinge"),
        ("--hidden 3 --vary hidden=8|9", "--hidden and --vary hidden: leave one out"),
        ("--vary fold=1/3|2/3", "--vary fold: give --folds K, which varies the fold"),
        ("--vary task=multiclass", "--vary task: all networks of a sweep share it; give --task"),
        ("--vary test=0.1|0.2", "--vary test: all networks of a sweep share it; give --test"),
        ("--vary seed=1:99999999999999999999", "1:99999999999999999999 is not a:b with whole numbers up to 10^18"),
        ("--vary hidden=1:x", "--vary hidden: 1:x is not a:b with whole numbers up to 10^18, lin:a:b:n or log:a:b:n"),
        ("--vary lr=log:1e-3:1e-1", "log:1e-3:1e-1 is not log:a:b:n with numbers a and b above 0 and n from 2"),
        ("--vary batch=lin:8", "--vary batch: lin:8 is not lin:a:b:n with numbers a and b and n from 2"),
        (
            "--vary lr=0.1:0.3",
            "'0.1:0.3' is not a number; a range is lin:a:b:n or log:a:b:n, from a to b with n values",
        ),
        ("--folds 1", "--folds must be 2 or more, not 1"),
        ("--folds 3 --validation 0.1", "--folds and --validation: each fold is the validation set once"),
        ("--resume", "--resume needs --output FILE"),
        ("--output runs.csv", "must be a file with the suffix .jsonl"),
        ("--shard 9/8", "--shard takes a shard and the number of shards"),
        ("--workers 0", "--workers must be 1 or more, not 0"),
        ("--scheduler head", "--scheduler takes an address such as tcp://head:8786, not 'head'"),
        ("--scheduler tcp://head:8786 --workers 2", "--scheduler and --workers: the cluster has its own workers"),
        ("--sample 0", "--sample must be 1 or more, not 0"),
        ("--rank f1", "unknown --rank 'f1'"),
        ("--merge", "--merge needs the files of the shards"),
        ("--merge a.jsonl", "--merge and --dataset: merging trains nothing"),
        ("a.jsonl", "only --merge takes files"),
        ("--vary seed=1:100000 --vary hidden=1:10000", "the grid has 1,000,000,000 networks"),
        ("--weights best.txt", "a weights file ends in .json or .npz"),
    ],
)
def test_mistakes_on_the_command_line(mlp: Run, tmp_path: Path, options: str, words: str) -> None:
    done = mlp("sweep", "--dataset", "iris", *options.split())
    assert (done.code, words in done.err) == (2, True), done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "option", ["--hidden 3", "--vary hidden=1", "--folds 5", "--shard 1/2", "--epochs 4", "--target y"]
)
def test_merging_takes_no_option_of_a_training(mlp: Run, option: str) -> None:
    done = mlp("sweep", "--merge", "a.jsonl", *option.split())
    assert done.code == 2
    assert f"--merge and {option.split()[0]}: merging trains nothing; leave one out" in done.err


def test_a_comma_between_values_is_noted(mlp: Run) -> None:
    """8,16 is one network of two hidden layers."""
    done = mlp("sweep", "--dataset", "iris", "--vary", "hidden=8,16", "--dry-run")
    assert done.err == "mlp: --vary hidden=8,16 is one value; --vary 'hidden=8|16' gives several\n"
    assert mlp("sweep", "--dataset", "iris", "--vary", "hidden=8,16|4", "--dry-run").err == ""


def test_a_dry_run_trains_nothing_and_counts(mlp: Run, tmp_path: Path) -> None:
    done = mlp("sweep", *SMALL, *GRID, "--dry-run", "-o", "r.jsonl", "--format", "json")
    document = json.loads(done.out)
    assert (document["networks"], [group["networks"] for group in document["groups"]]) == (12, [6, 6])
    assert document["seconds"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_that_resumes_counts_what_is_left(mlp: Run, tmp_path: Path) -> None:
    mlp("sweep", *SMALL, *GRID, "-o", "r.jsonl")
    content = (tmp_path / "r.jsonl").read_bytes()
    for lines_left, networks in ((5, 8), (13, 0)):
        kept = b"".join(content.splitlines(keepends=True)[:lines_left]) + b'{"half'
        (tmp_path / "r.jsonl").write_bytes(kept)
        done = mlp("sweep", *SMALL, *GRID, "-o", "r.jsonl", "--resume", "--dry-run", "--format", "json")
        assert (done.code, json.loads(done.out)["networks"]) == (0, networks)
        assert (tmp_path / "r.jsonl").read_bytes() == kept
    done = mlp("sweep", *SMALL, *GRID, "-o", "r.jsonl", "--dry-run", "--format", "json")  # of another run
    assert json.loads(done.out)["networks"] == 12
    done = mlp("sweep", *SMALL, *GRID, "-o", "r.jsonl", "--resume", "--dry-run")
    assert done.out == "no network is left to train\n"
    done = mlp("sweep", *SMALL, *GRID, "--l2", 0.1, "-o", "r.jsonl", "--resume", "--dry-run")
    assert (done.code, "is the file of another sweep (option l2 differs)" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((20, None, None), ""),
        ((21, None, None), "--best takes 1 to 20 networks, not 21"),
        ((None, ",".join(["1"] * 20), None), ""),
        ((None, ",".join(["1"] * 21), None), "--network takes 1 to 20 networks, not 21"),
    ],
)
def test_twenty_curves_are_drawn_at_most(options: tuple[int | None, str | None, str | None], words: str) -> None:
    if not words:
        check_chosen(*options)
    else:
        with pytest.raises(ChoiceError, match=f"^{words}$"):
            check_chosen(*options)


def test_a_sweep_may_have_a_sample_of_one_setting_and_two_folds(mlp: Run) -> None:
    words = ("--dataset", "iris", "--epochs", 1, "--vary", "hidden=3|4", "--sample", 1, "--folds", 2)
    assert json.loads(mlp("sweep", *words, "--dry-run", "--format", "json").out)["networks"] == 2


def test_class_weights_of_a_fold_are_named_so(mlp: Run) -> None:
    """Each fold has its own; 40 of 120 samples in each class make all weights 1 but for rounding of the folds."""
    options = ("--dataset", "iris", "--epochs", 1, "--class-weight", "balanced")
    assert "mlp: class weights of fold 1/3: setosa " in mlp("sweep", *options, "--folds", 3).err
    assert "mlp: class weights: setosa " in mlp("train", *options).err


def test_a_terminal_has_a_bar_and_a_pipe_has_none(mlp: Run, tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, 100, "sweep", *SMALL[:-1], *GRID)
    assert "0/12 networks" in shown
    assert re.search(r"12/12 networks .* best 0\.\d{4}", shown)
    assert mlp("sweep", *SMALL[:-1], *GRID).err == ""


# ----- Kills --------------------------------------------------------------------------------------------------------

LONG = [*map(str, ("--dataset", "iris", "--epochs", 40, "--vary", "hidden=4|5", "--vary", "seed=1:16"))]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Record]:
    """The lines of a sweep that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert _ended(folder) == 0
    return lines(folder / "r.jsonl")


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    words = [*MLP, "sweep", *LONG, "-o", "r.jsonl", "--resume", "--workers", "2", "--quiet"]
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _ended(folder: Path) -> int:
    process = _start(folder)
    process.communicate()
    return process.returncode


def _count(results: Path) -> int:
    return results.read_bytes().count(b"\n") if results.exists() else 0


def _wait_for(results: Path, many: int, process: "subprocess.Popen[bytes]") -> None:
    """Until the file has so many lines, or the sweep has ended."""
    while process.poll() is None and _count(results) < many:
        time.sleep(0.005)


def _children(process: int) -> list[int]:
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(word) for word in path.read_text().split()] if path.exists() else []


@pytest.mark.parametrize("victim", ["main", "worker"])
def test_nothing_is_lost_or_repeated_in_kills(
    tmp_path: Path, undisturbed: dict[int, Record], victim: str, tried: Any
) -> None:
    """A process of a sweep is killed soon after some line, again and again; each time the sweep is resumed."""
    results = tmp_path / "r.jsonl"
    draw = random.Random(f"{victim} {os.environ.get('MLP_FUZZ_SEED', '1')}")
    killed = 0
    while killed < (KILLS if victim == "main" else KILLS // 2):
        results.unlink(missing_ok=True)
        for _ in range(2):
            process = _start(tmp_path)
            _wait_for(results, _count(results) + draw.randint(0, 8), process)
            time.sleep(draw.uniform(0, 0.05))
            targets = [process.pid] if victim == "main" else _children(process.pid)
            if process.poll() is None and targets:
                os.kill(draw.choice(targets), signal.SIGKILL)
                killed += 1
            process.communicate()
        code = _ended(tmp_path)
        assert (code, lines(results), _count(results)) == (0, undisturbed, 1 + len(undisturbed))
    tried("kills of a sweep", killed)


def test_an_interrupted_sweep_keeps_what_is_done(tmp_path: Path, undisturbed: dict[int, Record]) -> None:
    results = tmp_path / "r.jsonl"
    for number in (signal.SIGINT, signal.SIGTERM):
        process = _start(tmp_path)
        _wait_for(results, max(_count(results), 1) + 1, process)  # a header, and one network more
        process.send_signal(number)
        _, err = process.communicate()
        assert process.returncode in (128 + number, 0)
        if process.returncode:
            many = (
                r"\d+ of 32 networks are in r\.jsonl(, \d+ in training (is|are) lost)?, and --resume trains the others"
            )
            assert re.fullmatch(rf"mlp: interrupted; {many}\n", err.decode())
    assert _ended(tmp_path) == 0
    assert lines(results) == undisturbed


def test_a_signal_after_the_last_network_interrupts_nothing(mlp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    append = RunsFile.append

    def append_and_signal(file: RunsFile, records: list[Record]) -> None:
        append(file, records)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(RunsFile, "append", append_and_signal)
    done = mlp("sweep", *SMALL, "--vary", "seed=1:2", "-o", "r.jsonl")
    assert (done.code, done.err, "2 networks trained in" in done.out) == (0, "", True)


@pytest.mark.parametrize(
    ("lost", "in_work"), [(0, ""), (1, ", 1 in training is lost"), (1200, ", 1,200 in training are lost")]
)
def test_what_an_early_end_loses_is_counted(lost: int, in_work: str) -> None:
    sweep = Mock(options=Mock(output="r.jsonl"), blocks=[[1, 2], [3]])
    assert _kept([{}], sweep, lost) == [f"1 of 3 networks are in r.jsonl{in_work}, and --resume trains the others"]


def test_a_setting_is_blamed_only_for_its_own_faults(mlp: Run) -> None:
    of_all = mlp("sweep", "--dataset", "iris", "--vary", "seed=1:3", "--epochs", "0")
    assert (of_all.code, of_all.err[:20]) == (2, "mlp: error: --epochs")
    of_one = mlp("sweep", "--dataset", "iris", "--vary", "batch=8|0", "--epochs", "1")
    assert of_one.err.startswith("mlp: error: batch=0: --batch takes")


def test_a_device_without_end_is_no_sweep(mlp: Run) -> None:
    found = mlp("sweep", "--merge", "/dev/zero", "--output", "all.jsonl")
    assert (found.code, found.err) == (1, "mlp: error: /dev/zero: is not a sweep file; mlp sweep --output writes one\n")


def test_the_folder_for_all_networks_is_no_file(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "all").write_text("")
    done = mlp("sweep", "--dataset", "xor", "--vary", "seed=1:2", "--keep-all", "all")
    assert (done.code, done.err) == (2, "mlp: error: --keep-all all: is a file; give a folder\n")


def test_validation_data_are_part_of_the_data_of_a_sweep(mlp: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "d.csv", ("a", "y"), [(k, k % 2) for k in range(20)])
    words = ("sweep", "--data", "d.csv", "--validation-data", "v.csv", "--vary", "seed=1:2", "--epochs", 1, "--resume")
    for change, code in ((0, 0), (0, 0), (1, 1)):
        write_csv(tmp_path / "v.csv", ("a", "y"), [(k + change, k % 2) for k in range(4)])
        done = mlp(*words, "--output", "r.jsonl", "--quiet")
        assert done.code == code
    assert "r.jsonl: is the file of another sweep (data differs)" in done.err


def test_a_block_that_fails_tells_what_the_file_has(mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: RunsFile, records: list[Record]) -> None:
        raise MlpError("r.jsonl: No space left on device")

    monkeypatch.setattr(RunsFile, "append", full)
    done = mlp("sweep", "--dataset", "xor", "--vary", "seed=1:2", "--epochs", 1, "-o", "r.jsonl", "-q")
    kept = "0 of 2 networks are in r.jsonl, and --resume trains the others"
    assert (done.code, done.err) == (1, f"mlp: error: r.jsonl: No space left on device; {kept}\n")
    done = mlp("sweep", "--dataset", "xor", "--vary", "seed=1:2", "--epochs", 1, "-q", "--workers", 1)
    assert done.code == 0


def test_shards_that_are_missing_are_not_listed_for_an_absurd_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor for more shards than a sweep may have networks, here 3."""
    runs = [Runs({"shard": shard}, [], 0) for shard in ("1/3", "3/3")]
    assert _missing_shards(runs) == ["2/3"]
    assert _missing_shards([Runs({"shard": "1/1000000000000000"}, [], 0)]) == []
    assert _missing_shards([*runs, Runs({"shard": "1/4"}, [], 0)]) == []
    monkeypatch.setattr(merging, "MOST_NETWORKS", 3)
    assert _missing_shards(runs) == ["2/3"]
    assert _missing_shards([Runs({"shard": "1/4"}, [], 0)]) == []


@pytest.mark.parametrize("again", ["train", "draw"])
def test_other_weights_on_this_machine_are_told(mlp: Run, tmp_path: Path, again: str) -> None:
    """The file was written where the same training gave other last digits."""
    words = ("sweep", "--dataset", "xor", "--vary", "seed=1:2", "--epochs", 2, "-o", "r.jsonl", "-q")
    assert mlp(*words, "--keep-all", "all").code == 0
    runs = read_runs(str(tmp_path / "r.jsonl"))
    changed = [{**runs.records[0], "weights": "0" * 64}, runs.records[1]]
    (tmp_path / "r.jsonl").write_bytes(b"".join(map(line_of, [runs.header, *changed])))
    if again == "train":
        done = mlp(*words[:-1], "--keep-all", "all", "--resume")
    else:
        done = mlp("plot", "sweep", "r.jsonl", "--network", "1,2")
    told = [line for line in done.err.splitlines() if "has other weights on this machine" in line]
    assert (done.code, len(told)) == (0, 1)
    assert "network 1 has other weights on this machine; the last digits may differ" in told[0]


def test_a_sweep_notes_what_training_notes(mlp: Run, tmp_path: Path) -> None:
    """Of a table of few rows with a gap and a rare class, whether options contradict each other or not."""
    rows = [(k, "" if k == 3 else k % 4, "abc"[k % 2 + (k == 7)]) for k in range(9)]
    write_csv(tmp_path / "t.csv", ("a", "b", "y"), rows)
    words = ("--data", "t.csv", "--missing", "mean", "--epochs", 1)
    trained = [line for line in mlp("train", *words).err.splitlines() if line.startswith("mlp: ")]
    assert len(trained) >= 4
    for vary in (("seed=1:2",), ("loss=cce|bce",)):
        swept = mlp("sweep", *words, "--vary", *vary).err.splitlines()
        assert [line for line in swept if line.startswith("mlp: ") and "not trained" not in line] == trained
