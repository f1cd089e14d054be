"""A forward pass in every detail, and predictions for all rows of a file."""

import json
from pathlib import Path

import numpy as np
import pytest
from cli_support import LECTURE, Run, Trained, csv_rows, iris_rows, is_one_error_line, run_in, strict_json, write_csv

from mlpcli.report.renderers import RENDERERS

# The lecture's network, typed in from the slide.
W1, B1 = np.array([[0.1, -0.2], [0.4, 0.6]]), np.array([0.2, -0.3])
W2, B2 = np.array([[0.3, -0.3], [0.2, 0.1], [0.3, -0.2]]), np.array([-0.1, -0.5, -0.4])


def by_hand(x: list[float]) -> list[np.ndarray]:
    """a and h of both layers as the lecture computes them."""
    a1 = W1 @ x + B1
    h1 = np.where(a1 > 0, a1, 0)
    a2 = W2 @ h1 + B2
    return [a1, h1, a2, np.exp(a2) / np.exp(a2).sum()]


def passes(mlp: Run, x: str) -> list[list[list[float]]]:
    """a and h of both layers for each sample, as the command finds them."""
    document = strict_json(mlp("forward", "--weights", LECTURE, "--x", x, "--format", "json").out)
    return [[layer[key] for layer in sample["layers"] for key in ("a", "h")] for sample in document["samples"]]


def test_the_lecture_s_figures_appear(mlp: Run) -> None:
    (found,) = passes(mlp, "1.8,0.5")
    printed = [[0.28, 0.72], [0.28, 0.72], [-0.232, -0.372, -0.46], [0.375167, 0.326154, 0.298679]]
    for values, expected in zip(found, printed, strict=True):
        assert values == pytest.approx(expected, abs=5e-7)


def test_json_has_every_digit(mlp: Run) -> None:
    (found,) = passes(mlp, "1.8,0.5")
    for values, expected in zip(found, by_hand([1.8, 0.5]), strict=True):
        assert values == pytest.approx(expected, rel=1e-14)


def test_the_table_shows_the_lecture_s_figures(mlp: Run) -> None:
    words = mlp("forward", "--weights", LECTURE, "--x", "1.8,0.5").out.split()
    for figure in ("0.2800", "0.7200", "-0.2320", "-0.3720", "-0.4600", "0.3752", "0.3262", "0.2987"):
        assert figure in words


@pytest.mark.parametrize("x", ["1.8,0.5; 0.3,1.2; -1,2", "1.8 0.5;0.3 1.2;-1 2;", "1.8, 0.5 ;0.3, 1.2;-1,2e0"])
def test_several_samples_are_passed_each_by_itself(mlp: Run, x: str) -> None:
    found = passes(mlp, x)
    assert len(found) == 3
    for values, sample in zip(found, ([1.8, 0.5], [0.3, 1.2], [-1, 2]), strict=True):
        for value, expected in zip(values, by_hand(list(sample)), strict=True):
            assert value == pytest.approx(expected, rel=1e-13)


def test_a_sample_may_begin_with_a_minus(mlp: Run) -> None:
    (found,) = passes(mlp, "-1,2")
    assert found[0] == pytest.approx([-0.3, 0.5])  # 0.1·(−1) − 0.2·2 + 0.2; 0.4·(−1) + 0.6·2 − 0.3


@pytest.mark.parametrize(
    ("x", "said"),
    [
        ("1", "1"),
        ("1,2,3", "3"),
        ("1,2; 3", "sample 2"),
        ("1,x", "'x'"),
        ("1,nan", "nan"),
        ("1,1e999", "1e999"),
        ("1,1_0", "1_0"),
        ("1,٣", "٣"),
        ("1,,2", ""),
        ("", ""),
    ],
)
def test_a_sample_that_does_not_fit_is_a_usage_error(mlp: Run, x: str, said: str) -> None:
    found = mlp("forward", "--weights", LECTURE, "--x", x)
    assert found.code == 2
    assert found.out == ""
    assert found.err.startswith("mlp: error: ")
    assert found.err.count("\n") == 1
    assert "--x" in found.err
    assert said in found.err


def test_predictions_of_a_file_equal_those_of_each_sample(mlp: Run, iris_file: Trained) -> None:
    rows = csv_rows(
        mlp("forward", "-w", iris_file.weights, "--data", iris_file.folder / "flowers.csv", "--format", "csv").out
    )
    assert len(rows) == 150
    some = [0, 51, 149]
    x = ";".join(",".join(iris_rows()[k][:4]) for k in some)
    single = strict_json(mlp("forward", "--weights", iris_file.weights, "--x", x, "--format", "json").out)["samples"]
    for k, sample in zip(some, single, strict=True):
        assert rows[k]["prediction"] == sample["prediction"]
        shares = [float(rows[k][name]) for name in ("setosa", "versicolor", "virginica")]
        assert shares == pytest.approx(sample["layers"][-1]["h"], abs=1e-12)
        assert sum(shares) == pytest.approx(1, abs=1e-12)


def test_predictions_agree_with_the_measured_accuracy(mlp: Run, iris: Trained) -> None:
    predicted = csv_rows(mlp("forward", "--weights", iris.weights, "--dataset", "iris", "--format", "csv").out)
    right = sum(row["prediction"] == truth[4] for row, truth in zip(predicted, iris_rows(), strict=True))
    measured = strict_json(mlp("evaluate", "-w", iris.weights, "--part", "all", "--format", "json").out)
    assert measured["accuracy"] == right / 150


def test_standard_input_gives_the_same_as_the_file(mlp: Run, halves: Trained, predicted: str, points: Path) -> None:
    found = mlp("forward", "-w", halves.weights, "--data", "-", "-f", "csv", stdin=points.read_bytes())
    assert (found.out, found.err) == (predicted, "")
    assert predicted.count("\n") == 81


def columns(points: Path, target: Path, order: str) -> Path:
    """The points with other columns: p, q, side, n (a number) and t (a text)."""
    rows = [{"p": p, "q": q, "side": s, "n": "7", "t": "text"} for p, q, s in _cells(points)]
    return write_csv(target, list(order.split()), [[row[name] for name in order.split()] for row in rows])


def _cells(points: Path) -> list[list[str]]:
    return [line.split(",") for line in points.read_text().splitlines()[1:]]


@pytest.fixture(scope="module")
def predicted(halves: Trained) -> str:
    """The predictions of the points."""
    return run_in(halves.folder, "forward", "--weights", "w.json", "--data", "points.csv", "--format", "csv").stdout


@pytest.fixture(scope="module")
def measured(halves: Trained) -> str:
    """The figures of all points."""
    return run_in(halves.folder, "evaluate", "--weights", "w.json", "--part", "all", "--format", "csv").stdout


@pytest.mark.parametrize("order", ["q p", "q p side", "side p t q n", "q n p"])
def test_features_are_found_by_name(
    mlp: Run, halves: Trained, predicted: str, points: Path, tmp_path: Path, order: str
) -> None:
    other = columns(points, tmp_path / "other.csv", order)
    assert mlp("forward", "--weights", halves.weights, "--data", other, "--format", "csv").out == predicted


def test_a_missing_feature_is_named(mlp: Run, halves: Trained, points: Path, tmp_path: Path) -> None:
    other = columns(points, tmp_path / "other.csv", "p n")
    found = mlp("forward", "--weights", halves.weights, "--data", other)
    assert (found.code, found.out) == (1, "")
    assert "'q'" in found.err


@pytest.mark.parametrize("form", RENDERERS)
def test_nothing_is_printed_where_no_row_can_be_predicted(mlp: Run, halves: Trained, form: str) -> None:
    found = mlp("forward", "--weights", halves.weights, "--data", "gone.csv", "--format", form)
    assert (found.code, found.out) == (1, "")


def test_without_a_header_features_go_by_their_order(
    mlp: Run, halves: Trained, predicted: str, points: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.csv"
    bare.write_text("".join(f"{p},{q}\n" for p, q, _ in _cells(points)))
    found = mlp("forward", "--weights", halves.weights, "--data", bare, "--format", "csv")
    assert found.out == predicted
    assert found.err.count("\n") == 1
    assert "bare.csv" in found.err
    assert "in this order: p, q" in found.err


@pytest.mark.parametrize("said", ["--quiet", "--no-header"])
def test_an_order_that_was_asked_for_is_not_noted(
    mlp: Run, halves: Trained, points: Path, tmp_path: Path, said: str
) -> None:
    (tmp_path / "bare.csv").write_text("".join(f"{p},{q}\n" for p, q, _ in _cells(points)))
    found = mlp("forward", "-w", halves.weights, "--data", "bare.csv", said)
    assert (found.code, found.err) == (0, "")


NAMES_LIKE_NUMBERED_ONES = {"layers": [{"weights": [[1, -1]]}], "features": ["x1", "x2"]}  # x1 − x2


@pytest.mark.parametrize(
    ("rows", "result", "note"),
    [
        ("x1,x2\n5,3\n", "2.0", ""),
        ("x2,x1\n3,5\n", "2.0", ""),
        ("x2,other,x1\n3,7,5\n", "2.0", ""),
        ("p,q\n5,3\n", "2.0", "in this order: p, q"),
        ("5,3\n", "2.0", "in this order: x1, x2"),
    ],
)
def test_columns_called_x1_and_x2_are_found_by_name_too(
    mlp: Run, tmp_path: Path, rows: str, result: str, note: str
) -> None:
    (tmp_path / "w.json").write_text(json.dumps(NAMES_LIKE_NUMBERED_ONES))
    found = mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin=rows)
    assert found.out.splitlines()[1] == result
    assert note in found.err
    assert bool(note) == bool(found.err)


@pytest.mark.parametrize("order", ["q p side", "side q p", "q p n side"])
def test_evaluate_finds_features_by_name(
    mlp: Run, halves: Trained, measured: str, points: Path, tmp_path: Path, order: str
) -> None:
    other = columns(points, tmp_path / "other.csv", order)
    words = ["evaluate", "--weights", halves.weights, "--data", other, "--part", "all", "--format", "csv"]
    assert mlp(*words).out == measured


def test_evaluate_refuses_a_file_without_a_feature(mlp: Run, halves: Trained, points: Path, tmp_path: Path) -> None:
    other = columns(points, tmp_path / "other.csv", "p n side")
    found = mlp("evaluate", "--weights", halves.weights, "--data", other)
    assert (found.code, found.out) == (1, "")
    assert "'q'" in found.err


def test_validation_data_find_features_by_name(mlp: Run, points: Path, tmp_path: Path) -> None:
    columns(points, tmp_path / "same.csv", "p q side")
    columns(points, tmp_path / "other.csv", "q p side")
    same, other = (
        strict_json(
            mlp(
                "train", "--data", points, "--target", "side", "--epochs", 20, "--validation-data", name, "-f", "json"
            ).out
        )["parts"]["validation"]
        for name in ("same.csv", "other.csv")
    )
    assert same["samples"] == 80
    assert other == same


def test_the_delimiter_may_be_called_tab(
    mlp: Run, halves: Trained, predicted: str, points: Path, tmp_path: Path
) -> None:
    (tmp_path / "points.tsv").write_text(points.read_text().replace(",", "\t"))
    found = mlp("forward", "-w", halves.weights, "--data", "points.tsv", "--delimiter", "tab", "-f", "csv")
    assert (found.out, found.err) == (predicted, "")


def test_a_delimiter_of_two_characters_is_a_usage_error(mlp: Run, halves: Trained, points: Path) -> None:
    found = mlp("forward", "--weights", halves.weights, "--data", points, "--delimiter", "::")
    assert (found.code, found.out, found.err.count("\n")) == (2, "", 1)
    assert "--delimiter" in found.err


@pytest.mark.parametrize("command", [["evaluate"], ["forward", "--x", "1,2"], ["train", "--dataset", "iris"]])
def test_a_missing_weights_file_is_named(mlp: Run, tmp_path: Path, command: list[str]) -> None:
    found = mlp(*command, "--weights", "gone.json")
    assert (found.code, found.out, found.err.count("\n")) == (1, "", 1)
    assert "gone.json" in found.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", RENDERERS)
def test_class_names_cannot_steer_the_terminal(mlp: Run, tmp_path: Path, form: str) -> None:
    names = ["\x1b[31mred", "a\u202eb", "c\x9b2Jd", "e\rf"]
    layer = {"weights": np.eye(4).tolist(), "bias": [0] * 4, "activation": "softmax"}
    evil = {"layers": [layer], "classes": names, "features": ["p", "q", "r", "s"]}
    (tmp_path / "evil.json").write_text(json.dumps(evil))
    write_csv(tmp_path / "evil.csv", ("p", "q", "r", "s", "y"), [(1, 2, 3, 4, names[0]), (2, 1, 0, 0, names[1])])
    x = "1,0,0,0; 0,1,0,0; 0,0,1,0; 0,0,0,1"
    for arguments in (["forward", "--x", x], ["forward", "--data", "evil.csv"], ["evaluate", "--data", "evil.csv"]):
        found = mlp(*arguments, "--weights", "evil.json", "--format", form)
        assert found.code == 0
        assert [c for c in found.out + found.err if not (c.isprintable() or c == "\n")] == []


def test_markup_in_a_file_name_is_shown_literally(mlp: Run) -> None:
    found = mlp("train", "--data", "q[/x][red]:warning:.csv")
    assert found.code == 1
    assert "q[/x][red]:warning:.csv" in found.err


@pytest.mark.parametrize("table", ["p,q,r,\n1,2,3,\n", ",r,q,p\n17,3,2,1\n", "p,q,r,,\n1,2,3,,x\n"])
def test_columns_without_a_name_do_not_keep_the_others_from_being_found(mlp: Run, tmp_path: Path, table: str) -> None:
    """ŷ = 100p + 10q + r, and the columns are found by name among others."""
    network = {"layers": [{"weights": [[100, 10, 1]]}], "features": ["p", "q", "r"]}
    (tmp_path / "w.json").write_text(json.dumps(network))
    done = mlp("forward", "--weights", "w.json", "--data", "-", "--format", "csv", stdin=table)
    assert (done.code, done.out.split(), done.err) == (0, ["y1", "123.0"], "")


# ----- L and J ------------------------------------------------------------------------------------------------------

AIMED = ["forward", "-w", LECTURE, "--x", "1.8,0.5; 0.3,1.2", "--y", "1,0,0; 0,1,0", "--l1", 0.01, "--l2", 0.1]
WEIGHTS = np.concatenate([W1.ravel(), W2.ravel()])
OMEGA = 0.1 * np.sum(WEIGHTS**2) / 2 + 0.01 * np.sum(np.abs(WEIGHTS))


def losses_by_hand(loss: str) -> list[float]:
    """L of both samples, whose classes are the first and the second."""
    y_hats = [by_hand([1.8, 0.5])[-1], by_hand([0.3, 1.2])[-1]]
    right = [-np.log(y_hat[k]) for k, y_hat in enumerate(y_hats)]
    if loss == "cce":
        return right
    return [L - np.sum(np.log(1 - np.delete(y_hat, k))) for k, (L, y_hat) in enumerate(zip(right, y_hats, strict=True))]


@pytest.mark.parametrize(("arguments", "loss"), [([], "ce-negatives"), (["--loss", "cce"], "cce")])
def test_with_targets_a_pass_ends_with_its_loss_and_objective(mlp: Run, arguments: list[str], loss: str) -> None:
    losses = losses_by_hand(loss)
    J = sum(losses) / 2 + OMEGA
    document = strict_json(mlp(*AIMED, *arguments, "-f", "json").out)
    assert [sample["loss"] for sample in document["samples"]] == pytest.approx(losses, rel=1e-13)
    assert [sample["y"] for sample in document["samples"]] == [[1, 0, 0], [0, 1, 0]]
    found = [document[key] for key in ("loss", "penalty", "objective")]
    assert found == pytest.approx([sum(losses) / 2, OMEGA, J], rel=1e-13)
    rows = csv_rows(mlp(*AIMED, *arguments, "-f", "csv").out)
    assert [float(row["loss"]) for row in rows] == pytest.approx(np.repeat(losses, 5), rel=1e-13)
    assert [float(row["objective"]) for row in rows] == pytest.approx([J] * 10, rel=1e-13)
    for form in ("table", "markdown", "latex", "html"):
        text = mlp(*AIMED, *arguments, "-f", form, "--digits", 6).out
        for value in (*losses, sum(losses) / 2, OMEGA, J):
            assert f"{value:.6f}" in text, form


def test_without_a_regulariser_j_is_l(mlp: Run) -> None:
    """The lecture's own forward pass."""
    out = mlp("forward", "-w", LECTURE, "--x", "1.8,0.5", "--y", "setosa", "--digits", 6).out
    assert "y = [1, 0, 0]" in out
    assert [line.split() for line in out.splitlines()[-2:]] == [["L", "Σⱼ", "ℓⱼ", "1.729929"], ["J", "L", "1.729929"]]


def test_a_pass_and_a_trace_have_the_same_loss(mlp: Run, iris: Trained) -> None:
    asked = ["-w", iris.weights, "--x", "5.1,3.5,1.4,0.2", "--y", "virginica", "--l2", 0.2, "-f", "json"]
    found, traced = (strict_json(mlp(command, *asked).out) for command in ("forward", "backprop-trace"))
    for key in ("loss", "objective"):
        assert found[key] == pytest.approx(traced["steps"][0][key], rel=1e-13)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--data", "f.csv", "--y", "1,0,0"], 2, "mlp evaluate"),
        (["--x", "1,2", "--loss", "cce"], 2, "--loss: the loss needs the target of each sample; give --x and --y"),
        (["--x", "1,2", "--l2", 0.1, "--l1", 0.1], 2, "--l1 and --l2"),
        (["--x", "1,2", "--y", "1,0"], 2, "--y has 2 numbers, but 3 are expected"),
        (["--x", "1,2; 3,4", "--y", "1,0,0"], 2, "2 samples, but 1 target; give one target for each sample"),
        (["--x", "1,2", "--y", "setsa"], 2, "did you mean 'setosa'"),
        (["--x", "1,2", "--y", "2,0,0"], 2, "sample 1"),
        (["--x", "1,2", "--y", "1,0,0", "--l2", -1], 2, "error: --l2 must be 0 or more"),
        (["--x", "1,2", "--y", "1,0,0", "--l2", 1.7e308, "--l1", 1.7e308], 1, "the loss overflows"),
    ],
    ids=str,
)
def test_targets_that_do_not_fit_are_one_line(mlp: Run, arguments: list[object], code: int, words: str) -> None:
    found = mlp("forward", "-w", LECTURE, *arguments)
    assert (found.code, found.out) == (code, "")
    assert is_one_error_line(found.err)
    assert words in found.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--sheet", "one"), "--sheet belongs to "),
        (("--decimal", ";"), "--decimal takes a point or a comma, not ';'"),
        (("--threads", 0), "--threads "),
    ],
)
def test_options_of_predictions_are_checked(
    mlp: Run, halves: Trained, points: Path, options: tuple[object, ...], words: str
) -> None:
    done = mlp("forward", "--weights", halves.weights, "--data", points, *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"mlp: error: {words}")
