"""Data of one's own: several labels, several targets, gaps, headers, delimiters, archives, a file for validation."""

import json
import os
import random
from pathlib import Path

import numpy as np
import pytest
from cli_support import SAMPLE_DATA, Run, Trained, csv_rows, figures_of, strict_json, train_in, write_csv

from mlpcli.files.weights import load_model

LINE = ["--hidden", "0", "--optimizer", "normal-equations", "--test", "0.2", "--validation", "0"]


def draws(count: int) -> list[tuple[float, float]]:
    draw = random.Random(7)
    return [(round(draw.uniform(-2, 2), 3), round(draw.uniform(-2, 2), 3)) for _ in range(count)]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Label `right` holds where a > 0, label `up` where b > 0."""
    return write_csv(
        tmp_path / "labels.csv", ("a", "b", "right", "up"), [(a, b, +(a > 0), +(b > 0)) for a, b in draws(200)]
    )


def test_several_labels_are_learned_and_measured(mlp: Run, labels: Path, tmp_path: Path) -> None:
    report = train_in(tmp_path, "--data", labels, "--target", "right,up", "--lr", 0.02).report
    test = report["parts"]["test"]
    assert (report["task"], report["loss"], report["layers"][-1]["activation"]) == ("multilabel", "bce", "sigmoid")
    assert test["accuracy"] >= 0.9  # guessing: 0.5
    assert test["exact_match"] <= test["accuracy"]
    assert figures_of(strict_json(mlp("evaluate", "-w", "w.json", "-f", "json").out)) == test


def test_labels_are_predicted_by_name(mlp: Run, labels: Path, tmp_path: Path) -> None:
    train_in(tmp_path, "--data", labels, "--target", "right,up", "--lr", 0.02)
    rows = csv_rows(
        mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin="a,b\n2,2\n-2,2\n2,-2\n-2,-2\n").out
    )
    assert [row["prediction"] for row in rows] == ["right;up", "up", "right", ""]
    assert [float(row["right"]) > 0.5 for row in rows] == [True, False, True, False]


def test_the_task_that_was_guessed_is_told(mlp: Run, labels: Path) -> None:
    found = mlp("train", "--data", labels, "--target", "right,up", "--epochs", 1)
    assert "--task multilabel" in found.err


def test_a_tanh_output_tells_two_classes_apart(mlp: Run, points: Path, tmp_path: Path) -> None:
    arguments = ["--output-activation", "tanh", "--loss", "mse", "--lr", 0.05, "--epochs", 60]
    report = train_in(tmp_path, "--data", points, "--target", "side", *arguments).report
    assert report["task"] == "binary"
    assert report["parts"]["test"]["accuracy"] >= 0.9
    assert (
        figures_of(strict_json(mlp("evaluate", "-w", "w.json", "--data", points, "-f", "json").out))
        == report["parts"]["test"]
    )
    high, low = csv_rows(mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin="p,q\n0.5,0\n9.5,0\n").out)
    assert (high["prediction"], low["prediction"]) == ("low", "high")
    (column,) = set(high) - {"prediction"}
    assert {float(high[column]) > 0.8, float(low[column]) > 0.8} == {True, False}
    assert {float(high[column]) < -0.8, float(low[column]) < -0.8} == {True, False}  # targets are −1 and 1


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Two targets that are exactly linear: s = 3a + 2b − 4, d = a − 5b + 100."""
    rows = [(a, b, 3 * a + 2 * b - 4, a - 5 * b + 100) for a, b in draws(60)]
    return write_csv(tmp_path / "lines.csv", ("a", "b", "s", "d"), rows)


def test_normal_equations_find_linear_targets_exactly(mlp: Run, lines: Path, tmp_path: Path) -> None:
    report = train_in(tmp_path, "--data", lines, "--target", "s,d", *LINE).report
    assert report["task"] == "regression"
    assert report["parts"]["test"]["r2"] == pytest.approx(1, abs=1e-9)
    (row,) = csv_rows(mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin="a,b\n10,1\n").out)
    assert {name: float(value) for name, value in row.items()} == pytest.approx({"s": 28, "d": 105}, rel=1e-9)


def test_errors_of_a_regression_are_in_the_target_s_own_unit(mlp: Run, lines: Path, tmp_path: Path) -> None:
    train_in(tmp_path, "--data", lines, "--target", "s,d", *LINE)
    rows = [(a, b, s, d) for a, b, s, d in (line.split(",") for line in lines.read_text().splitlines()[1:])]
    shifted = [(a, b, float(s) + 1, float(d) - 1) for a, b, s, d in rows]
    write_csv(tmp_path / "off_by_one.csv", ("a", "b", "s", "d"), shifted)
    found = strict_json(mlp("evaluate", "-w", "w.json", "--data", "off_by_one.csv", "-f", "json").out)
    assert (found["mae"], found["rmse"]) == pytest.approx((1, 1), rel=1e-9)


def test_least_squares_of_cars_is_the_textbook_s(mlp: Run, tmp_path: Path) -> None:
    train_in(tmp_path, "--dataset", "cars", "--hidden", 0, "--optimizer", "normal-equations", "--test", 0)
    low, high = csv_rows(mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin="speed\n0\n10\n").out)
    assert float(low["distance"]) == pytest.approx(-17.579095, abs=1e-6)  # R: lm(dist ~ speed), intercept
    assert float(high["distance"]) == pytest.approx(-17.579095 + 39.324088, abs=1e-6)  # … and slope 3.9324088


def test_class_names_may_be_numbers(mlp: Run, tmp_path: Path) -> None:
    rows = [(a, {True: 7, False: 3}[a > 0]) for a, _ in draws(60)]
    write_csv(tmp_path / "n.csv", ("a", "y"), rows)
    assert train_in(tmp_path, "--data", "n.csv", "--lr", 0.05).report["task"] == "binary"
    found = csv_rows(mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin="a\n-2\n2\n").out)
    assert [row["prediction"] for row in found] == ["3", "7"]


@pytest.fixture
def gaps(tmp_path: Path) -> Path:
    """Eight full rows and two without q; the mean of q is 4."""
    rows: list[tuple[object, ...]] = [(k, 2 * (k % 2) + 3, "hi" if k > 4 else "lo") for k in range(8)]
    return write_csv(tmp_path / "gaps.csv", ("p", "q", "y"), [*rows, (8, "", "hi"), (0, "NA", "lo")])


def test_rows_with_gaps_are_dropped_when_asked(mlp: Run, gaps: Path) -> None:
    found = mlp("train", "--data", gaps, "--missing", "drop", "--test", 0, "--validation", 0, "--format", "json")
    assert strict_json(found.out)["parts"]["training"]["samples"] == 8
    assert "2 of 10 rows" in found.err


def test_gaps_are_filled_with_the_training_mean_when_asked(mlp: Run, gaps: Path, tmp_path: Path) -> None:
    report = train_in(tmp_path, "--data", gaps, "--missing", "mean", "--test", 0, "--validation", 0).report
    assert report["parts"]["training"]["samples"] == 10
    gap, mean, other = csv_rows(
        mlp("forward", "-w", "w.json", "--data", "-", "--missing", "mean", "-f", "csv", stdin="p,q\n6,\n6,4\n6,9\n").out
    )
    assert gap == mean
    assert gap != other


def test_gaps_that_are_filled_are_counted_at_training_and_later(mlp: Run, tmp_path: Path) -> None:
    """Eight rows; q lacks two values, and the word r one."""
    words = ["u", "v", "u", "?", "u", "v", "u", "v"]
    rows = [(k * k, "" if k in (2, 5) else k, words[k], "hi" if k > 3 else "lo") for k in range(8)]
    write_csv(tmp_path / "gaps.csv", ("p", "q", "r", "y"), rows)
    note = "missing values become the mean or most frequent category of the training set: 2 in 'q', 1 in 'r'"
    done = mlp("train", "--data", "gaps.csv", "--missing", "mean", "--epochs", 1)
    assert f"mlp: gaps.csv: {note}\n" in done.err
    commands = [
        "evaluate --part all",
        "plot confusion --part all",
        "forward --data gaps.csv",
    ]
    for command in commands:
        assert mlp(*command.split(), "-w", "w.json").err == f"mlp: gaps.csv: {note}\n"
    later = mlp("forward", "-w", "w.json", "--data", "-", stdin="p,q,r\n1,,u\n2,3,v\n")
    assert later.err == "mlp: standard input: missing values become the mean of the training set: 1 in 'q'\n"
    assert mlp("forward", "-w", "w.json", "--data", "-", stdin="p,q,r\n1,2,u\n").err == ""
    assert mlp("forward", "-w", "w.json", "--data", "gaps.csv", "--quiet").err == ""


def test_gaps_do_not_hide_the_parts_from_evaluate(mlp: Run, gaps: Path, tmp_path: Path) -> None:
    report = train_in(tmp_path, "--data", gaps, "--missing", "drop", "--validation", 0).report
    found = mlp("evaluate", "--weights", "w.json", "--missing", "drop", "--format", "json")
    assert figures_of(strict_json(found.out)) == report["parts"]["test"]


@pytest.mark.parametrize(("option", "samples"), [("--header", 20), ("--no-header", 21)])
def test_whether_the_first_row_is_a_header_can_be_said(mlp: Run, tmp_path: Path, option: str, samples: int) -> None:
    write_csv(tmp_path / "d.csv", ("1", "2", "0"), [(a, b, +(a > 0)) for a, b in draws(20)])
    found = mlp("train", "--data", "d.csv", option, "--epochs", 1, "--test", 0, "--validation", 0, "-f", "json")
    assert strict_json(found.out)["parts"]["training"]["samples"] == samples


@pytest.mark.parametrize(
    ("mark", "option"), [(";", None), ("\t", None), ("|", None), ("#", "#"), ("\t", "tab"), (" ", " ")]
)
def test_other_delimiters_are_found_or_said(mlp: Run, points: Path, tmp_path: Path, mark: str, option: str) -> None:
    plain = train_in(tmp_path, "--data", points, "--epochs", 2).report["parts"]
    (tmp_path / "other.txt").write_text(points.read_text().replace(",", mark))
    said = ["--delimiter", option] if option else []
    assert train_in(tmp_path, "--data", "other.txt", "--epochs", 2, *said).report["parts"] == plain


def test_another_file_has_its_own_delimiter_and_no_column_of_weights(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;w;y\n" + "".join(f"{k};{k % 3};{2 * k}.5\n" for k in range(9)))
    train_in(tmp_path, "--data", "t.csv", "--delimiter", ";", "--sample-weight", "w", "--epochs", 1)
    done = mlp("evaluate", "-w", "w.json", "--data", "-", "-f", "json", stdin="a,y\n1,2.5\n2,4.5\n")
    assert done.code == 0, done.err
    assert strict_json(done.out)["samples"] == 2


def test_the_target_may_be_any_column_by_name_or_number(mlp: Run, points: Path, tmp_path: Path) -> None:
    expected = train_in(tmp_path, "--data", points, "--target", "side", "--epochs", 2).report["parts"]
    for number in ("3", "-1"):
        assert train_in(tmp_path, "--data", points, "--target", number, "--epochs", 2).report["parts"] == expected


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    rows = np.array(draws(80))
    np.savez(tmp_path / "d.npz", x=rows, y=(rows[:, 0] > rows[:, 1]).astype(int))
    return tmp_path / "d.npz"


def test_archives_are_trained_on_and_evaluated(mlp: Run, archive: Path, tmp_path: Path) -> None:
    report = train_in(tmp_path, "--data", archive, "--lr", 0.02, "--epochs", 60).report
    assert report["parts"]["test"]["accuracy"] >= 0.8
    assert figures_of(strict_json(mlp("evaluate", "-w", "w.json", "-f", "json").out)) == report["parts"]["test"]
    found = csv_rows(mlp("forward", "-w", "w.json", "--data", archive, "-f", "csv").out)
    assert len(found) == 80


def test_an_archive_has_weights_of_its_samples(mlp: Run, tmp_path: Path) -> None:
    """The same numbers as a table with the weights in a column."""
    rows = [(a, b, k % 3 + 0.5, int(a > b)) for k, (a, b) in enumerate(draws(80))]
    write_csv(tmp_path / "d.csv", ("a", "b", "w", "y"), rows)
    table = np.array(rows)
    np.savez(tmp_path / "d.npz", x=table[:, :2], y=table[:, 3].astype(int), w=table[:, 2])
    arguments = ("--sample-weight", "w", "--epochs", 5)
    from_table = train_in(tmp_path, "--data", "d.csv", *arguments).report["parts"]
    plain = mlp("evaluate", "-w", "w.json", "-f", "json").out
    assert train_in(tmp_path, "--data", "d.npz", *arguments).report["parts"] == from_table
    assert figures_of(strict_json(mlp("evaluate", "-w", "w.json", "-f", "json").out)) == figures_of(strict_json(plain))
    assert "samples by their weights" in mlp("evaluate", "-w", "w.json", "-f", "json").out


def test_an_archive_without_targets_can_be_predicted(mlp: Run, archive: Path, tmp_path: Path) -> None:
    train_in(tmp_path, "--data", archive, "--epochs", 1)
    np.savez(tmp_path / "x_only.npz", x=np.array(draws(80)))
    alone = mlp("forward", "-w", "w.json", "--data", "x_only.npz", "-f", "csv")
    assert (alone.code, alone.err) == (0, "")
    assert alone.out == mlp("forward", "-w", "w.json", "--data", archive, "-f", "csv").out


def test_a_file_may_watch_over_training(mlp: Run, points: Path, tmp_path: Path) -> None:
    rows = points.read_text().splitlines()[1:11]
    (tmp_path / "watch.csv").write_text("p,q,side\n" + "\n".join(rows) + "\n")
    parts = train_in(
        tmp_path, "--data", points, "--validation-data", "watch.csv", "--epochs", 2, "--history", "h.csv"
    ).report["parts"]
    assert [parts[name]["samples"] for name in ("training", "validation", "test")] == [64, 10, 16]
    last = csv_rows((tmp_path / "h.csv").read_text())[-1]
    assert float(last["validation_loss"]) == pytest.approx(parts["validation"]["loss"], rel=1e-12)


def test_a_file_that_watches_over_training_need_not_have_all_categories(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("c,y\n" + "".join(f"{'uvw'[k % 3]},{k}.5\n" for k in range(12)))
    (tmp_path / "watch.csv").write_text("c,y\nu,1.5\nw,2.5\n")
    parts = train_in(tmp_path, "--data", "t.csv", "--validation-data", "watch.csv", "--epochs", 1).report["parts"]
    assert parts["validation"]["samples"] == 2


def test_what_is_said_about_tables_is_taken_by_the_one_that_watches_over_a_named_set(tmp_path: Path) -> None:
    """Where # stands between cells, nobody finds that out. The target is known by its name, here in column 1."""
    header = (SAMPLE_DATA / "iris.csv").read_text().splitlines()[0]
    rows = (header, "5,3,1,0.2,setosa", "6,3,4,1.3,versicolor", "7,3,6,2,virginica")
    (tmp_path / "watch.csv").write_text("\n".join("#".join(row.split(",")[::-1]) for row in rows))
    parts = train_in(
        tmp_path, "--dataset", "iris", "--validation-data", "watch.csv", "--delimiter", "#", "--epochs", 1
    ).report["parts"]
    assert parts["validation"]["samples"] == 3


def test_gaps_that_training_filled_say_nothing_about_a_named_set(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "gap.csv").write_text((SAMPLE_DATA / "iris.csv").read_text() + ",3,4,1.3,versicolor\n")
    train_in(tmp_path, "--data", "gap.csv", "--missing", "mean", "--epochs", 1, "--test", 0, "--validation", 0)
    assert mlp("evaluate", "-w", "w.json", "--part", "all").code == 0
    assert mlp("evaluate", "-w", "w.json", "--dataset", "iris").code == 0


def test_standard_input_can_be_trained_on(mlp: Run, points: Path, tmp_path: Path) -> None:
    piped = mlp("train", "--data", "-", "--epochs", 2, "-f", "json", stdin=points.read_bytes())
    expected = train_in(tmp_path, "--data", points, "--epochs", 2).report["parts"]
    assert strict_json(piped.out)["parts"] == expected


@pytest.mark.parametrize("name", [b"caf\xe9.csv", b"a\nb.csv", b"[red] :warning:.csv"])
def test_any_file_name_is_good_enough(tmp_path: Path, points: Path, name: bytes) -> None:
    path = Path(os.fsdecode(name))
    (tmp_path / path).write_bytes(points.read_bytes())
    assert train_in(tmp_path, "--data", path, "--epochs", 1, "-o", "w.json").weights.exists()


def test_evaluate_measures_other_data_completely(mlp: Run, halves: Trained, points: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("".join(line + "\n" for line in points.read_text().splitlines()[:21]))
    found = strict_json(mlp("evaluate", "-w", halves.weights, "--data", "new.csv", "-f", "json").out)
    assert found["samples"] == 20


def test_evaluate_drops_the_rows_that_training_dropped(mlp: Run, tmp_path: Path) -> None:
    rows = [(a if k else "", b, round(a + b, 3)) for k, (a, b) in enumerate(draws(40))]
    write_csv(tmp_path / "gap.csv", ("a", "b", "sum"), rows)
    train_in(tmp_path, "--data", "gap.csv", "--missing", "drop", "--epochs", 1)
    assert mlp("evaluate", "-w", "w.json", "-f", "json").code == 0


def test_forward_fills_the_gaps_that_training_filled(mlp: Run, tmp_path: Path) -> None:
    rows = [(a if k else "", b, round(a + b, 3)) for k, (a, b) in enumerate(draws(40))]
    write_csv(tmp_path / "gap.csv", ("a", "b", "sum"), rows)
    train_in(tmp_path, "--data", "gap.csv", "--missing", "mean", "--test", 0, "--validation", 0, "--epochs", 1)
    mean = sum(a for a, _, _ in rows[1:]) / 39
    whole = mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin=f"a,b\n{mean!r},1\n").out
    gap = mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin="a,b\n,1\n").out
    assert float(csv_rows(gap)[0]["sum"]) == pytest.approx(float(csv_rows(whole)[0]["sum"]), rel=1e-12)


@pytest.fixture
def one_hot(mlp: Run, tmp_path: Path) -> Run:
    """`mlp` beside `w.json`, trained on the one-hot columns a, b, c of three clusters along p and q, in `d.csv`."""
    centres, jitter = [(0, 0), (6, 0), (0, 6)], random.Random(3)
    rows = [
        (centres[k][0] + jitter.uniform(-1, 1), centres[k][1] + jitter.uniform(-1, 1), *np.eye(3, dtype=int)[k])
        for k in (j % 3 for j in range(60))
    ]
    write_csv(tmp_path / "d.csv", ("p", "q", "a", "b", "c"), rows)
    assert mlp("train", "--data", "d.csv", "--target", "a,b,c", "--lr", 0.05, "--epochs", 40, "-q").code == 0
    return mlp


def test_one_hot_columns_are_found_by_name_in_whatever_order(one_hot: Run) -> None:
    found = [
        strict_json(one_hot("evaluate", "-w", "w.json", "--target", t, "-f", "json").out) for t in ("a,b,c", "c,b,a")
    ]
    assert found[0]["accuracy"] == 1
    assert found[0] == found[1]


READERS_OF_TARGETS = {
    "evaluate": ("evaluate", "-w", "w.json", "--data"),
    "train": ("train", "-w", "w.json", "-o", "v.json", "--data"),
    "validation": ("train", "--data", "d.csv", "--target", "a,b,c", "--epochs", 1, "-o", "v.json", "--validation-data"),
    "trace": ("backprop-trace", "-w", "w.json", "--rows", "0:2", "--data"),
    "graph": ("graph", "-w", "w.json", "--rows", "0:2", "--data"),
    "boundary": ("plot", "boundary", "-w", "w.json", "--data"),
    "confusion": ("plot", "confusion", "-w", "w.json", "--data"),
}


@pytest.mark.parametrize("row", ["0,0,0", "0.2,7,-3", "1,1,0"])
@pytest.mark.parametrize("command", READERS_OF_TARGETS)
def test_every_command_refuses_a_row_that_is_no_class(one_hot: Run, tmp_path: Path, command: str, row: str) -> None:
    (tmp_path / "new.csv").write_text(f"p,q,a,b,c\n0,0,1,0,0\n0,6,{row}\n")
    target = [] if command == "validation" else ["--target", "a,b,c"]
    found = one_hot(*READERS_OF_TARGETS[command], "new.csv", *target)
    assert (found.code, found.out) == (1, "")
    assert f"new.csv:3: the targets are {row.replace(',', ', ')}; each row needs a single 1" in found.err


def test_shares_of_classes_are_measured_as_they_are(one_hot: Run, tmp_path: Path) -> None:
    """The cross-entropy of ŷ for shares y is −Σ y log ŷ, with ŷ from `forward`."""
    (tmp_path / "new.csv").write_text("p,q,c,b,a\n3,0,0,0.5,0.5\n3,1,0.1,0.2,0.7\n")
    (tmp_path / "x.csv").write_text("p,q\n3,0\n3,1\n")
    rows = csv_rows(one_hot("forward", "-w", "w.json", "--data", "x.csv", "-f", "csv").out)
    y_hat = [[float(row[name]) for name in "abc"] for row in rows]
    wanted = -np.mean(np.sum([[0.5, 0.5, 0], [0.7, 0.2, 0.1]] * np.log(y_hat), axis=1))
    found = strict_json(one_hot("evaluate", "-w", "w.json", "--data", "new.csv", "-f", "json").out)
    assert found["loss"] == pytest.approx(wanted, rel=1e-9)


def test_the_loss_that_a_trace_is_asked_for_decides_whether_shares_are_targets(one_hot: Run, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("p,q,a,b,c\n3,0,0.5,0.5,0\n")
    for command in ("backprop-trace", "graph"):
        assert one_hot(command, "-w", "w.json", "--data", "new.csv").code == 0
        found = one_hot(command, "-w", "w.json", "--data", "new.csv", "--loss", "mse")
        assert (found.code, found.out) == (1, "")
        assert "new.csv:2: the targets are 0.5, 0.5, 0; mse takes only 0 and 1" in found.err


def test_targets_of_another_width_are_refused(one_hot: Run, halves: Trained, tmp_path: Path) -> None:
    np.savez(tmp_path / "wide.npz", x=np.zeros((4, 2)), y=np.eye(4))
    np.savez(tmp_path / "three.npz", x=np.zeros((3, 2)), y=np.eye(3))
    for weights, data, words in (
        ("w.json", "wide.npz", "the network predicts a, b, c; the target columns are y1, y2, y3, y4"),
        (halves.weights, "three.npz", "binary takes one target column, not y1, y2, y3"),
    ):
        found = one_hot("evaluate", "-w", weights, "--data", data)
        assert (found.code, found.out) == (1, "")
        assert words in found.err


@pytest.mark.parametrize("command", [("evaluate",), ("plot", "confusion")])
def test_new_data_without_the_target_of_training_say_so(
    halves: Trained, mlp: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "new.csv").write_text("x,y,kind\n1,2,left\n")
    missing = mlp(*command, "-w", halves.weights, "--data", "new.csv")
    assert (missing.code, missing.out) == (1, "")
    advice = "name it with --target, or predict without targets: mlp forward"
    assert f"new.csv: no target column 'side'; {advice}" in missing.err
    misspelled = mlp(*command, "-w", halves.weights, "--data", "new.csv", "--target", "knid")
    assert "unknown column 'knid'" in misspelled.err
    assert "kind" in misspelled.err


def test_multilabel_values_are_checked_under_weights_as_at_training(mlp: Run, labels: Path, tmp_path: Path) -> None:
    train_in(tmp_path, "--data", labels, "--target", "right,up", "--epochs", 1)
    (tmp_path / "new.csv").write_text("a,b,right,up\n1,1,1,1\n1,1,5,-2\n")
    found = mlp("evaluate", "-w", "w.json", "--data", "new.csv")
    assert (found.code, found.out) == (1, "")
    assert "new.csv:3: the targets are 5, -2; each label is 0 or 1" in found.err


def test_classes_that_look_like_one_number_stay_two(mlp: Run, tmp_path: Path) -> None:
    rows = [(a, "01" if a > 0 else "1") for a, _ in draws(60)]
    write_csv(tmp_path / "d.csv", ("a", "y"), rows)
    assert train_in(tmp_path, "--data", "d.csv", "--lr", 0.05).report["parts"]["test"]["accuracy"] >= 0.9
    write_csv(tmp_path / "new.csv", ("a", "y"), [(2, "01"), (-2, "1"), (1.5, "01")])
    assert strict_json(mlp("evaluate", "-w", "w.json", "--data", "new.csv", "-f", "json").out)["accuracy"] == 1
    found = csv_rows(mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin="a\n-2\n2\n").out)
    assert [row["prediction"] for row in found] == ["1", "01"]


@pytest.fixture
def cut(mlp: Run, tmp_path: Path) -> Run:
    """`mlp` beside `w.json`, trained on 40 rows of `d.csv`, of which 8 are the test part."""
    write_csv(tmp_path / "d.csv", ("a", "b", "y"), [(a, b, "r" if a > 0 else "l") for a, b in draws(40)])
    assert mlp("train", "--data", "d.csv", "--epochs", 1, "-q").code == 0
    return mlp


def reordered(path: Path, columns: slice, rows: slice) -> None:
    header, *lines = [line.split(",")[columns] for line in path.read_text().splitlines()]
    write_csv(path, header, lines[rows])


def test_parts_of_a_shuffled_file_are_refused_and_the_advice_works(cut: Run, tmp_path: Path) -> None:
    reordered(tmp_path / "d.csv", slice(None), slice(None, None, -1))
    for arguments in (["evaluate"], ["evaluate", "--part", "training"], ["backprop-trace"], ["plot", "confusion"]):
        found = cut(*arguments, "-w", "w.json")
        assert (found.code, found.out) == (1, "")
        assert "d.csv has other rows than in training, or in another order" in found.err
        assert "give --data d.csv (and no --part)" in found.err
    found = cut("evaluate", "-w", "w.json", "--data", "d.csv", "-f", "json")
    assert strict_json(found.out)["samples"] == 40
    assert "d.csv has changed since training" in found.err
    assert cut("evaluate", "-w", "w.json", "--data", "d.csv", "--part", "test").code == 1


def test_training_data_are_known_by_their_rows_wherever_they_come_from(cut: Run, tmp_path: Path) -> None:
    """Of the 40 rows the network has not seen 8, whatever path they are read from."""
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "other.csv").write_bytes((tmp_path / "d.csv").read_bytes())
    for part, samples in (("test", 8), ("training", 26), ("all", 40)):
        found = cut("evaluate", "-w", "w.json", "--data", "copy/other.csv", "--part", part, "-f", "json")
        assert (found.code, strict_json(found.out)["samples"]) == (0, samples)
    assert strict_json(cut("evaluate", "-w", "w.json", "--data", "copy/other.csv", "-f", "json").out)["samples"] == 8
    reordered(tmp_path / "copy" / "other.csv", slice(None), slice(None, None, -1))
    found = cut("evaluate", "-w", "w.json", "--data", "copy/other.csv", "-f", "json")
    assert (found.code, strict_json(found.out)["samples"], found.err) == (0, 40, "")


def test_columns_in_another_order_are_the_same_data(cut: Run, tmp_path: Path) -> None:
    before = cut("evaluate", "-w", "w.json", "-f", "json").out
    reordered(tmp_path / "d.csv", slice(None, None, -1), slice(None))
    assert cut("evaluate", "-w", "w.json", "--target", "y", "-f", "json").out == before
    assert strict_json(before)["samples"] == 8


def test_a_named_set_is_taken_in_the_order_of_the_network(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text((SAMPLE_DATA / "iris.csv").read_text())
    reordered(tmp_path / "mine.csv", slice(None, None, -1), slice(None))
    assert mlp("train", "--data", "mine.csv", "--target", 1, "--epochs", 1, "-q").code == 0
    mine, named = (
        strict_json(mlp("evaluate", "-w", "w.json", *data, "--part", "all", "-f", "json").out)
        for data in (["--data", "mine.csv"], ["--dataset", "iris"])
    )
    assert named["loss"] == pytest.approx(mine["loss"], rel=1e-12)


def test_weights_without_a_digest_of_the_data_know_the_number_of_rows(cut: Run, tmp_path: Path) -> None:
    document = strict_json((tmp_path / "w.json").read_text())
    del document["digest"], document["data"]["digest"]
    (tmp_path / "w.json").write_text(json.dumps(document))
    reordered(tmp_path / "d.csv", slice(None), slice(None, None, -1))
    assert strict_json(cut("evaluate", "-w", "w.json", "-f", "json").out)["samples"] == 8
    reordered(tmp_path / "d.csv", slice(None), slice(1, None))
    found = cut("evaluate", "-w", "w.json")
    assert (found.code, found.out) == (1, "")
    assert "39 samples, in training it had 40" in found.err


def test_a_test_part_of_its_own_belongs_to_the_data(mlp: Run, tmp_path: Path) -> None:
    x, y = np.array(draws(20)), np.arange(20) % 2
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y, x_test=x[:4], y_test=y[:4])
    assert mlp("train", "--data", "d.npz", "--epochs", 1, "-q").code == 0
    assert mlp("evaluate", "-w", "w.json").code == 0
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y, x_test=x[4:8], y_test=y[4:8])
    assert mlp("evaluate", "-w", "w.json").code == 1


def test_weights_do_not_make_mlp_read_outside_of_the_folder_unasked(cut: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    place = tmp_path / "elsewhere" / "d.csv"
    place.write_bytes((tmp_path / "d.csv").read_bytes())
    document = strict_json((tmp_path / "w.json").read_text())
    del document["digest"]
    for path in ("/etc/passwd", "../../d.csv"):
        (tmp_path / "v.json").write_text(json.dumps({**document, "data": {**document["data"], "file": path}}))
        for command in (["evaluate"], ["backprop-trace"], ["graph", "--row", 0], ["plot", "boundary"]):
            found = cut(*command, "-w", "v.json")
            assert (found.code, found.out) == (2, "")
            assert f"add --data {path} to read it" in found.err
    (tmp_path / "v.json").write_text(json.dumps({**document, "data": {**document["data"], "file": str(place)}}))
    assert cut("evaluate", "-w", "v.json").code == 0  # an absolute path into this folder


def test_a_part_without_a_class_is_told(mlp: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "d.csv", ("a", "y"), [*((a, "l" if a < 0 else "r") for a, _ in draws(40)), (9, "once")])
    found = mlp("train", "--data", "d.csv", "--epochs", 1)
    assert "mlp: class 'once' has 1 sample, and none in " in found.err
    assert "class 'l'" not in found.err
    assert "none in" not in mlp("train", "--data", "d.csv", "--epochs", 1, "--test", 0, "--validation", 0).err


def test_too_few_samples_are_told_with_their_file(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("a,y\n1,2.5\n")
    found = mlp("train", "--data", "one.csv", "-q", "--test", 0.2)
    assert (found.code, found.out) == (1, "")
    assert found.err.startswith("mlp: error: one.csv: 1 sample leaves none for test (--test 0.2, --validation 0.2); ")


def test_names_with_commas_and_quotes_are_found_again(mlp: Run, tmp_path: Path) -> None:
    """A weights file remembers them; on the command line they stand in quotes, as in CSV."""
    rows = [(k % 5, 1 + k % 2, 2 * k, k * k) for k in range(20)]
    write_csv(tmp_path / "t.csv", ("x", "w, kg", "y, cm", 'the "best", of all'), rows)
    targets = '"y, cm","the ""best"", of all"'
    done = mlp("train", "--data", "t.csv", "--target", targets, "--sample-weight", '"w, kg"', "--epochs", 1, "--quiet")
    assert (done.code, done.err) == (0, "")
    assert load_model(str(tmp_path / "w.json")).coding.names == ("y, cm", 'the "best", of all')
    for again in (["evaluate", "-w", "w.json"], ["backprop-trace", "-w", "w.json", "--row", 1]):
        found = mlp(*again, "--format", "json")
        assert (found.code, "error" in found.err) == (0, False)
    unquoted = mlp("train", "--data", "t.csv", "--target", targets, "--sample-weight", "w, kg", "--epochs", 1, "-q")
    assert (unquoted.code, unquoted.err) == (0, "")


def test_a_class_with_a_comma_has_a_weight(mlp: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", ("x", "y"), [(k, ("a,b", "c")[k % 2]) for k in range(20)])
    for text in ('"a,b"=2,c=3', "a,b=2,c=3"):
        mlp("train", "--data", "t.csv", "--class-weight", text, "--epochs", 1, "--quiet")
        assert load_model(str(tmp_path / "w.json")).objective.class_weights == (2, 3)
