"""`mlp plot` and `mlp train --plot` as users run them: drawn, as files, as numbers, and what is refused."""

import json
import re
import sys
from pathlib import Path
from unittest.mock import Mock, call

import matplotlib.backends.backend_agg
import matplotlib.backends.backend_pdf
import matplotlib.backends.backend_svg  # noqa: F401  # loaded here, they need not be in every child
import pytest
from cli_support import (
    ESCAPE_SEQUENCE,
    Run,
    Trained,
    csv_rows,
    is_one_error_line,
    on_terminal,
    run_in,
    strict_json,
    train_in,
    write_csv,
)

from mlpcli.cli.descending import _ways
from mlpcli.cli.network_options import DescentOptions
from mlpcli.cli.plotting import plot_place, range_of
from mlpcli.core.errors import ChoiceError

STARTS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.fixture(scope="module")
def moons(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A network of two features with its history."""
    folder = tmp_path_factory.mktemp("moons")
    return train_in(folder, "--dataset", "moons", "--epochs", 10, "--history", "h.csv")


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A regression of two features."""
    folder = tmp_path_factory.mktemp("line")
    write_csv(folder / "line.csv", ("p", "q", "y"), [(k % 7, k % 5, k % 7 + 0.5 * (k % 5)) for k in range(40)])
    return train_in(folder, "--data", "line.csv", "--target", "y", "--epochs", 3, "--task", "regression")


# ----- After training -----------------------------------------------------------------------------------------------


def test_training_on_a_terminal_ends_with_its_curves(tmp_path: Path) -> None:
    found = ESCAPE_SEQUENCE.sub("", on_terminal(tmp_path, 80, "train", "--dataset", "iris", "--epochs", 5, "-q"))
    after = found[found.index("Results") :]
    assert re.search(r"loss  ● training  × validation +accuracy  ● training  × validation", after)
    assert after.index("● training") < after.index("weights: w.json")


def test_no_curves_in_a_pipe_nor_of_one_epoch_nor_in_other_forms(tmp_path: Path, mlp: Run) -> None:
    assert "┤" not in mlp("train", "--dataset", "iris", "--epochs", 5).out
    for more in (["--epochs", 1], ["--epochs", 2, "--format", "json"]):
        assert "┤" not in on_terminal(tmp_path, 80, "train", "--dataset", "iris", "-q", *more)


def test_a_page_of_a_training_has_its_curves_wherever_it_goes(mlp: Run) -> None:
    page = mlp("train", "--dataset", "iris", "--epochs", 5, "--format", "html").out
    assert page.count('aria-label="training, validation over epoch"') == 2  # of the loss, and of the accuracy


@pytest.mark.parametrize("suffix", STARTS)
def test_training_writes_its_curves_as_a_file(mlp: Run, tmp_path: Path, suffix: str) -> None:
    assert mlp("train", "--dataset", "iris", "--epochs", 3, "--plot", f"h.{suffix}").code == 0
    assert (tmp_path / f"h.{suffix}").read_bytes().startswith(STARTS[suffix])


@pytest.mark.parametrize(
    ("path", "code"), [("h.jpg", 2), ("nowhere/h.svg", 1), ("w.json", 2), (".", 1), ("folder.svg", 1)]
)
def test_a_plot_that_cannot_be_written_is_told_before_training(mlp: Run, tmp_path: Path, path: str, code: int) -> None:
    (tmp_path / "folder.svg").mkdir()
    found = mlp("train", "--dataset", "iris", "--plot", path)
    assert (found.code, found.out) == (code, "")
    assert is_one_error_line(found.err)
    assert not (tmp_path / "w.json").exists()


# ----- Each picture -------------------------------------------------------------------------------------------------

WHAT = [
    ["history", "h.csv"],
    *([kind, "-w", "w.json"] for kind in ("boundary", "weights", "confusion", "slice", "layers")),
    ["descent", "-w", "w.json", "--updates", "20"],
]


@pytest.mark.parametrize("what", WHAT, ids=lambda what: what[0])
def test_each_picture_is_drawn_on_a_terminal_and_in_a_pipe(moons: Trained, what: list[str]) -> None:
    piped = run_in(moons.folder, "plot", *what)
    assert (piped.returncode, piped.stderr) == (0, "")
    assert "\x1b" not in piped.stdout
    shown = on_terminal(moons.folder, 50, "plot", *what)
    assert "\x1b[" in shown
    assert max(map(len, ESCAPE_SEQUENCE.sub("", shown).splitlines())) < 50


@pytest.mark.parametrize("quiet", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colors_gets_none(moons: Trained, quiet: dict[str, str]) -> None:
    for what in (["history", "h.csv"], ["weights", "-w", "w.json"]):
        assert "\x1b" not in on_terminal(moons.folder, 80, "plot", *what, **quiet)


@pytest.mark.parametrize(
    ("what", "suffix"),
    [(WHAT[1], "svg"), *((WHAT[0], suffix) for suffix in STARTS)],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_picture_is_a_file_by_its_suffix(moons: Trained, tmp_path: Path, what: list[str], suffix: str) -> None:
    target = tmp_path / f"p.{suffix}"
    done = run_in(moons.folder, "plot", *what, "--output", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_bytes().startswith(STARTS[suffix])
    assert [path.name for path in tmp_path.iterdir()] == [target.name]  # no temporary file is left


@pytest.mark.parametrize("what", WHAT, ids=lambda what: what[0])
def test_each_picture_is_also_numbers(moons: Trained, tmp_path: Path, what: list[str]) -> None:
    """On standard output, or in a file by its suffix."""
    document = strict_json(run_in(moons.folder, "plot", *what, "--format", "json").stdout)
    assert document["format"].startswith("mlpcli-")
    done = run_in(moons.folder, "plot", *what, "--output", tmp_path / "n.csv")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert csv_rows((tmp_path / "n.csv").read_text())
    assert [path.name for path in tmp_path.iterdir()] == ["n.csv"]  # no temporary file is left


def test_numbers_go_into_a_file_by_its_suffix_or_by_their_form(mlp: Run, moons: Trained, tmp_path: Path) -> None:
    for form in ("json", "csv"):
        history = ["plot", "history", str(moons.folder / "h.csv")]
        shown = mlp(*history, "--format", form).out
        for name, more in ((f"n.{form}", []), ("n.txt", ["--format", form])):
            assert mlp(*history, "--output", name, *more).code == 0
            assert (tmp_path / name).read_text() == shown


@pytest.mark.parametrize(
    ("name", "form", "agree"),
    [
        ("b.json", "csv", False),
        ("b.CSV", "json", False),
        ("b.svg", "json", False),
        ("b.csv", "table", False),
        ("b.json", "json", True),
        ("b.svg", "table", True),
        ("b.out", "csv", True),
    ],
)
def test_a_suffix_and_a_form_that_disagree_are_refused(
    mlp: Run, moons: Trained, tmp_path: Path, name: str, form: str, agree: bool
) -> None:
    """A suffix that names no form at all leaves it to --format."""
    done = mlp("plot", "history", str(moons.folder / "h.csv"), "-o", name, "-f", form)
    assert (done.code, (tmp_path / name).exists()) == ((0, True) if agree else (2, False))
    said = f"--output {name} and --format {form} disagree; leave out --format or change the suffix\n"
    assert done.err.endswith("" if agree else said)
    assert agree or is_one_error_line(done.err)


@pytest.mark.parametrize(
    ("what", "file"),
    [(["history", "h.csv"], "h.csv"), (["weights", "-w", "w.json"], "./w.json"), (["sweep", "h.csv"], "h.csv")],
)
def test_a_picture_never_takes_the_place_of_what_it_is_drawn_from(
    mlp: Run, tmp_path: Path, what: list[str], file: str
) -> None:
    assert mlp("train", "--dataset", "iris", "--epochs", 2, "-q", "--history", "h.csv").code == 0
    before = (tmp_path / file).read_bytes()
    done = mlp("plot", *what, "--output", file)
    assert (done.code, done.err) == (
        2,
        f"mlp: error: --output would overwrite the input file {file}; choose another file\n",
    )
    assert (tmp_path / file).read_bytes() == before


def test_a_dash_is_standard_output(mlp: Run, moons: Trained) -> None:
    history = str(moons.folder / "h.csv")
    assert mlp("plot", "history", history, "-o", "-") == mlp("plot", "history", history)
    assert mlp("plot", "history", history, "-o", "-", "-f", "csv") == mlp("plot", "history", history, "-f", "csv")


def test_epochs_are_whole_numbers(mlp: Run, moons: Trained) -> None:
    history = str(moons.folder / "h.csv")
    assert [row["epoch"] for row in csv_rows(mlp("plot", "history", history, "-f", "csv").out)] == [
        str(number) for number in range(1, 11)
    ]
    assert '"epoch": [\n    1,' in mlp("plot", "history", history, "-f", "json").out


def test_the_history_s_numbers_are_those_of_the_file(moons: Trained) -> None:
    rows = csv_rows(run_in(moons.folder, "plot", "history", "h.csv", "--format", "csv").stdout)
    expected = csv_rows((moons.folder / "h.csv").read_text())
    assert [float(row["validation_accuracy"]) for row in rows] == [float(r["validation_accuracy"]) for r in expected]
    piped = run_in(moons.folder, "plot", "history", "h.csv").stdout
    with open(moons.folder / "h.csv") as file:
        assert file.read(5) == "epoch"
    assert "accuracy" in piped


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ("1,0.5", ""),
        ("1,nan,inf", "mlp: the losses of 2 epochs are not finite and not drawn\n"),
        ("1,nan,2", "mlp: the loss of 1 epoch is not finite and not drawn\n"),
    ],
)
def test_epochs_that_are_not_drawn_are_counted(mlp: Run, tmp_path: Path, losses: str, said: str) -> None:
    write_csv(tmp_path / "h.csv", ("loss",), [(loss,) for loss in losses.split(",")])
    done = mlp("plot", "history", "h.csv")
    assert (done.code, done.err) == (0, said)


def test_a_history_of_two_runs_is_drawn_as_one_with_a_note(mlp: Run) -> None:
    done = mlp("plot", "history", "-", "-f", "csv", stdin=b"epoch,loss\n0,6\n1,5\n0,4\n")
    assert done.err == "mlp: epochs begin again at 0 after 1; the plot continues the count\n"
    assert [row["epoch"] for row in csv_rows(done.out)] == ["0", "1", "2"]


def test_a_history_comes_through_a_pipe(mlp: Run, moons: Trained) -> None:
    assert "loss" in mlp("plot", "history", "-", stdin=(moons.folder / "h.csv").read_bytes()).out


def test_the_confusion_matrix_is_that_of_evaluate(moons: Trained) -> None:
    expected = json.loads(run_in(moons.folder, "evaluate", "-w", "w.json", "--format", "json").stdout)
    found = json.loads(run_in(moons.folder, "plot", "confusion", "-w", "w.json", "--format", "json").stdout)
    assert found["confusion"] == expected["confusion"]


def test_the_misclassified_of_a_map_are_those_that_evaluate_counts(moons: Trained) -> None:
    counted = json.loads(run_in(moons.folder, "evaluate", "-w", "w.json", "--part", "all", "-f", "json").stdout)
    confusion = counted["confusion"]
    rows = csv_rows(run_in(moons.folder, "plot", "boundary", "-w", "w.json", "-f", "csv").stdout)
    samples = [row for row in rows if row["kind"] == "sample"]
    assert len(samples) == counted["samples"]
    assert sum(row["class"] != row["prediction"] for row in samples) == confusion[0][1] + confusion[1][0]


def test_the_weights_are_those_of_the_file(moons: Trained) -> None:
    document = json.loads((moons.folder / "w.json").read_text())
    found = json.loads(run_in(moons.folder, "plot", "weights", "-w", "w.json", "-f", "json").stdout)
    assert found["W"] == document["layers"][0]["weights"]


def test_ascii_where_nothing_else_can_be_written(moons: Trained) -> None:
    """Whether each picture has a form in ASCII, the tests of plots see."""
    found = run_in(moons.folder, "plot", "boundary", "-w", "w.json", PYTHONIOENCODING="ascii").stdout
    assert found.isascii()
    assert "\\u" not in found


# ----- What is refused ----------------------------------------------------------------------------------------------


def test_a_boundary_needs_two_features_and_classes(iris: Trained, line: Trained) -> None:
    four = run_in(iris.folder, "plot", "boundary", "-w", "w.json")
    assert (four.returncode, four.stdout) == (2, "")
    assert "takes 4 features" in four.stderr
    numbers = run_in(line.folder, "plot", "boundary", "-w", "w.json")
    assert (numbers.returncode, numbers.stdout) == (2, "")
    assert "regression" in numbers.stderr
    assert is_one_error_line(numbers.stderr)


def test_a_descent_begins_as_training_does(tmp_path: Path) -> None:
    """All parameters of a 1-1 network are trained, so that the path is that of `mlp train`."""
    same = ["--dataset", "cars", "--hidden", 0, "--seed", 5]
    options = ["--optimizer", "momentum", "--batch", 16, "--learning-rate", 0.05]
    trained = run_in(tmp_path, "train", *same, *options, "--epochs", 4, "--output", "w.json")
    assert trained.returncode == 0
    (layer,) = json.loads((tmp_path / "w.json").read_text())["layers"]
    found = strict_json(run_in(tmp_path, "plot", "descent", *same, *options, "--updates", 12, "-f", "json").stdout)
    assert found["parameters"] == ["W1[1,1]", "b1[1]"]  # 40 training samples, three batches
    assert found["paths"][0]["places"][-1] == [layer["weights"][0][0], layer["bias"][0]]


def test_a_descent_reads_a_table_as_training_does(mlp: Run, tmp_path: Path) -> None:
    rows = "".join(f"{k};n{k};{k % 3},5;{k % 4};{'' if k == 7 else k % 5};{k % 2}\n" for k in range(1, 31))
    (tmp_path / "t.txt").write_text("Id;name;size;kind;gap;y\n" + rows)
    said = ("--data", "t.txt", "--ignore", "name", "--categories", "kind", "--missing", "mean", "--decimal", ",")
    trained = mlp("train", *said, "--hidden", 2, "--epochs", 1)
    assert trained.code == 0, trained.err
    drawn = mlp("plot", "descent", *said, "--hidden", 2, "--updates", 2, "--format", "json")
    assert drawn.code == 0, drawn.err
    assert [line for line in drawn.err.splitlines() if "t.txt" in line] == [
        line for line in trained.err.splitlines() if "t.txt" in line
    ]
    assert "network 6-2-1, t.txt, training set" in drawn.out  # size, four kinds, gap


def test_several_optimizers_are_drawn_without_more_options(mlp: Run) -> None:
    """Three sizes of batch for each would be nine paths, more than a picture shows."""
    done = mlp(
        "plot", "descent", "--dataset", "cars", "--hidden", 0, "--optimizer", "sgd,momentum,adam", "--updates", 5
    )
    assert (done.code, done.err) == (0, "")
    assert all(name in done.out for name in ("sgd", "momentum", "adam"))


def test_equal_batches_share_a_path_and_are_noted(mlp: Run) -> None:
    """The lecture's network has one sample."""
    done = mlp("plot", "descent", "--batch", "1,16,all", "--updates", 2, "--format", "json")
    assert len(json.loads(done.out)["paths"]) == 1
    assert (
        done.err == "mlp: --batch 1,16,all: sizes of 1 sample or more are the whole batch; equal sizes share a path\n"
    )
    assert mlp("plot", "descent", "--batch", "1", "--updates", 2).err == ""


def test_an_unknown_optimizer_is_offered_those_that_descend(mlp: Run) -> None:
    done = mlp("plot", "descent", "--optimizer", "foo")
    assert (done.code, "choose from sgd, momentum" in done.err, "random-search" in done.err) == (2, True, False)


def test_a_path_that_diverges_is_told_and_drawn(tmp_path: Path) -> None:
    done = run_in(
        tmp_path, "plot", "descent", "--dataset", "cars", "--hidden", 0, "--lr", "0.1,1e300", "--batch", "all"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "diverged: not finite" in done.stdout


def test_layers_need_classes_but_not_two_features(iris: Trained, line: Trained) -> None:
    assert "component 2 of 4" in run_in(iris.folder, "plot", "layers", "-w", "w.json").stdout
    refused = run_in(line.folder, "plot", "layers", "-w", "w.json")
    assert (refused.returncode, is_one_error_line(refused.stderr)) == (2, True)


def test_a_regression_has_a_history_and_weights_but_no_confusion(line: Trained) -> None:
    run_in(
        line.folder, "train", "--data", "line.csv", "--target", "y", "--epochs", 3, "--history", "h.jsonl", "--force"
    )
    assert "MAE" in run_in(line.folder, "plot", "history", "h.jsonl").stdout
    assert run_in(line.folder, "plot", "weights", "-w", "w.json").returncode == 0
    refused = run_in(line.folder, "plot", "confusion", "-w", "w.json")
    assert (refused.returncode, is_one_error_line(refused.stderr)) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["histroy", "h.csv"], 2),
        (["history"], 2),
        (["history", "none.csv"], 1),
        (["history", "."], 1),
        (["history", "h.csv", "--output", "h.gif"], 2),
        (["history", "h.csv", "--output", "nowhere/h.json"], 1),
        (["history", "h.csv", "--output", "nowhere/h.svg"], 1),
        (["history", "h.csv", "--output", "h.svg", "--format", "csv"], 2),
        (["history", "h.csv", "--format", "latex"], 2),
        (["boundary"], 2),
        (["boundary", "-w", "none.json"], 1),
        (["boundary", "-w", "w.json", "--part", "most"], 2),
        (["confusion", "-w", "w.json", "--threads", "0"], 2),
        (["weights", "-w", "h.csv"], 1),
        (["slice", "-w", "w.json", "--weight", "w99"], 2),
        (["slice", "-w", "w.json", "--range", "2,1"], 2),
        (["slice", "-w", "w.json", "--row", "1", "--part", "test"], 2),
        (["slice", "--rows", "0:4"], 2),
        (["descent", "-w", "w.json", "--hidden", "3"], 2),
        (["descent", "-w", "w.json", "--test", "0"], 2),
        (["descent", "--over", "w11"], 2),
        (["descent", "--over", "w11,w11"], 2),
        (["descent", "--start", "1"], 2),
        (["descent", "--optimizer", "random-search"], 2),
        (["descent", "--optimizer", "sgd,adam", "--learning-rate", "1,2,3,4,5"], 2),
        (["descent", "--learning-rate", "0"], 2),
        (["descent", "--batch", "some"], 2),
        (["descent", "--updates", "0"], 2),
        (["descent", "--updates", "10001"], 2),
        (["descent", "--dataset", "digits", "--hidden", "500", "--updates", "10000"], 2),
        (["descent", "--range", "1,2,3"], 2),
        (["descent", "--seed", "-1"], 2),
        (["layers"], 2),
        (["layers", "-w", "none.json"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_one_line(moons: Trained, arguments: list[str], code: int) -> None:
    done = run_in(moons.folder, "plot", *arguments)
    assert (done.returncode, done.stdout) == (code, "") or arguments == []
    assert is_one_error_line(done.stderr)


def test_the_range_of_updates_has_no_example_outside_it(tmp_path: Path) -> None:
    done = run_in(tmp_path, "plot", "descent", "--updates", 0)
    assert done.stderr == "mlp: error: --updates takes a whole number from 1 to 10,000, not '0'\n"


def test_rows_of_no_data_are_told_with_what_to_give(tmp_path: Path) -> None:
    done = run_in(tmp_path, "plot", "slice", "--rows", "0:4")
    assert "--rows 0:4 takes rows of data; give --dataset or --data, or the --weights" in done.stderr


@pytest.mark.parametrize("name", ["iris", "xor"])  # other columns, and other classes
def test_a_slice_of_data_that_do_not_fit_the_lectures_network_says_so(moons: Trained, name: str) -> None:
    done = run_in(moons.folder, "plot", "slice", "--dataset", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert is_one_error_line(done.stderr)
    assert "the lecture's network" in done.stderr
    assert "add the --weights" in done.stderr
    assert "lecture" not in run_in(moons.folder, "plot", "slice", "--dataset", "iris", "-w", "w.json").stderr


def test_without_the_extra_the_error_names_its_installation(moons: Trained, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['matplotlib'] = None\n")
    without = {"PYTHONPATH": str(tmp_path)}
    for arguments in (["plot", "history", "h.csv", "-o", "x.svg"], ["train", "--dataset", "iris", "--plot", "x.svg"]):
        done = run_in(moons.folder, *arguments, **without)
        assert (done.returncode, done.stdout) == (1, "")
        assert is_one_error_line(done.stderr)
        assert "pip install '.[plot]'" in done.stderr
    assert run_in(moons.folder, "plot", "history", "h.csv", **without).returncode == 0  # a terminal needs no extra


def test_each_kind_of_picture_has_its_help(mlp: Run) -> None:
    for what in WHAT:
        found = mlp("plot", what[0], "--help")
        assert found.code == 0
        assert "Example: mlp plot" in found.out
        assert not re.search(r"[{}]", found.out.replace("{FILE}", ""))


def test_each_parameter_of_a_descent_may_have_a_range_of_its_own(tmp_path: Path) -> None:
    done = run_in(tmp_path, "plot", "descent", "--range=-1,1,-20,30", "-f", "json")
    surface = strict_json(done.stdout)["surface"]
    ends = [pytest.approx((min(surface[axis]), max(surface[axis]))) for axis in ("across", "up")]
    assert ends == [(-1, 1), (-20, 30)]


def test_eight_paths_are_drawn_at_most() -> None:
    """Two optimizers, two sizes of batch and two rates; equal sizes share a path, and all samples are the largest."""
    asked = DescentOptions(optimizer="sgd,adam", batch="4,8,16,all", learning_rate="0.1,1")
    ways = [(way.optimizer.name, way.batch, way.learning_rate) for way in _ways(asked, 8)]
    assert ways == [(name, size, rate) for name in ("sgd", "adam") for size in (4, None) for rate in (0.1, 1)]
    with pytest.raises(ChoiceError, match=r"--learning-rate make 12 paths; draw at most 8$"):
        _ways(asked, 9)
    with pytest.raises(ChoiceError, match=r"make 9 paths; draw at most 8$"):
        _ways(asked._replace(optimizer="sgd,adam,rmsprop", batch="4", learning_rate="0.1,1,2"), 9)
    with pytest.raises(ChoiceError, match=r"^--learning-rate takes numbers greater than 0, not -1$"):
        _ways(asked._replace(learning_rate="0.1,-1"), 9)


@pytest.mark.parametrize(
    ("optimizer", "rates", "sizes"),
    [("sgd", "0.1", [1, 16, None]), ("sgd", "0.1,1", [None, None]), ("sgd,adam", "0.1", [None, None])],
)
def test_one_optimizer_with_one_rate_is_drawn_with_three_sizes_of_batch(
    optimizer: str, rates: str, sizes: list[int | None]
) -> None:
    found = _ways(DescentOptions(optimizer=optimizer, learning_rate=rates), 17)
    assert [way.batch for way in found] == sizes


@pytest.mark.parametrize("start", ["1", "1,2,3"])
def test_a_descent_starts_at_two_numbers(tmp_path: Path, start: str) -> None:
    done = run_in(tmp_path, "plot", "descent", "--over", "w11,w12", "--start", start)
    many = len(start.split(","))
    words = f"--start takes a number for each of the two weights, such as -2,2, not {many}"
    assert (done.returncode, done.stderr) == (2, f"mlp: error: {words}\n")


def test_a_descent_starts_where_it_is_told_with_as_many_updates(mlp: Run) -> None:
    """Or at the lecture's 0.1 and −0.2. An optimizer may be spelled in several ways."""
    asked = ["plot", "descent", "--over", "w11,w12", "--updates", 7, "--optimizer", "ADAM:beta1=0.5", "--batch", 1]
    (path,) = strict_json(mlp(*asked, "--start", "0.25,-3", "-f", "json").out)["paths"]
    assert (path["places"][0], len(path["places"])) == ([0.25, -3], 8)
    assert strict_json(mlp(*asked, "-f", "json").out)["paths"][0]["places"][0] == [0.1, -0.2]


def test_a_descent_moves_the_two_weights_that_the_first_of_its_paths_moves_most(mlp: Run) -> None:
    asked = ["plot", "descent", "--updates", 3, "-f", "json", "--batch", "all"]

    def parameters(*optimizers: str) -> list[str]:
        names: list[str] = strict_json(mlp(*asked, "--optimizer", ",".join(optimizers)).out)["parameters"]
        return names

    assert parameters("sgd", "adam") == parameters("sgd") != parameters("adam") == parameters("adam", "sgd")


@pytest.mark.parametrize("text", ["1", "2,1", "1,1", "1,2,3", "-1e150,1", "0,1e150", "1,2" * 20])
def test_a_range_is_two_numbers_the_smaller_first(text: str) -> None:
    with pytest.raises(ChoiceError, match=rf"the smaller first, such as -4,4, not '{text[:40]}'$"):
        range_of(text)
    assert range_of("-1,1.5") == (-1, 1.5)
    assert range_of("-9e149,9e149") == (-9e149, 9e149)


def test_a_boundary_over_one_feature_is_refused_with_its_number(mlp: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "one.csv", ("p", "side"), [(k, "high" if k > 9 else "low") for k in range(20)])
    assert mlp("train", "--data", "one.csv", "--epochs", 1).code == 0
    done = mlp("plot", "boundary", "-w", "w.json")
    assert done.err == "mlp: error: a boundary is drawn over two features, and w.json takes 1 feature\n"


@pytest.mark.parametrize("kind", ["boundary", "confusion", "slice", "layers"])
def test_a_plot_notes_the_gaps_that_it_fills_unless_it_is_quiet(mlp: Run, tmp_path: Path, kind: str) -> None:
    rows = [("" if k == 3 else k, k % 5, "high" if k > 9 else "low") for k in range(20)]
    write_csv(tmp_path / "gap.csv", ("p", "q", "side"), rows)
    assert mlp("train", "--data", "gap.csv", "--missing", "mean", "--epochs", 1, "--test", 0).code == 0
    loud, quiet = (mlp("plot", kind, "-w", "w.json", "--part", "all", *more) for more in ([], ["--quiet"]))
    assert (loud.code, loud.out) == (0, quiet.out)
    assert "1 in 'p'" in loud.err
    assert quiet.err == ""


def test_a_quiet_descent_and_a_quiet_plot_of_a_sweep_have_no_notes(mlp: Run) -> None:
    assert mlp("plot", "descent", "--batch", "1,16,all", "--updates", 2, "--quiet").err == ""
    varied = ("--vary", "loss=cce|kl", "--epochs", 1, "--output", "s.jsonl", "-q")
    assert mlp("sweep", "--dataset", "iris", *varied).code == 0
    asked = ("plot", "sweep", "s.jsonl", "--rank", "loss")
    for more in ([], ["--best", 1]):
        assert mlp(*asked, *more).err.startswith("mlp: warning: ")
        assert mlp(*asked, *more, "--quiet").err == ""


def test_a_descent_has_the_seed_1_unless_another_is_given(mlp: Run) -> None:
    asked = ("plot", "descent", "--dataset", "cars", "--hidden", 0, "--updates", 2, "--batch", 16, "-f", "json")
    assert mlp(*asked).out == mlp(*asked, "--seed", 1).out != mlp(*asked, "--seed", 2).out


@pytest.mark.parametrize("kind", ["boundary", "confusion", "slice", "layers"])
def test_network_and_data_cannot_both_come_from_standard_input(mlp: Run, kind: str) -> None:
    done = mlp("plot", kind, "-w", "-", "--data", "-")
    assert (done.code, done.err) == (
        2,
        "mlp: error: --weights and --data: standard input can be only one of them\n",
    )


def test_a_slice_names_its_network(mlp: Run, moons: Trained) -> None:
    assert mlp("plot", "slice").out.startswith("L of the lecture's network ")
    assert run_in(moons.folder, "plot", "slice", "-w", "w.json").stdout.startswith("L of w.json, moons, ")


@pytest.mark.parametrize(("form", "programs"), [(None, 0), ("table", 0), ("json", 1), ("csv", 1)])
def test_numbers_of_a_plot_are_in_utf_8_for_programs(
    monkeypatch: pytest.MonkeyPatch, form: str | None, programs: int
) -> None:
    monkeypatch.setattr(sys, "stdout", stdout := Mock())
    plot_place(None, form)
    assert stdout.reconfigure.call_args_list == [call(encoding="utf-8")] * programs
