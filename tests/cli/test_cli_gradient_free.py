"""`mlp backprop-trace` with random search and the normal equations: which samples, which options, what is saved."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from cli_support import Run, csv_rows, is_one_error_line, strict_json, train_in

from mlpcli.files.weights import load_model
from mlpcli.report.renderers import RENDERERS

SEARCH = ["--optimizer", "random-search"]
LINE = ["--layers", "2,1", "--output-activation", "linear", "--x", "1,2;3,4;5,6;0,7", "--y", "1;2;3;4"]
SOLVED = [*LINE, "--optimizer", "normal-equations"]


OF_UPDATES: list[list[object]] = [
    ["--compare", "mine.json"],
    ["--tolerance", 0.1],
    ["--round-steps", 2],
    ["--rule", "lecture"],
    ["--only", "update"],
    ["--layer", 1],
    ["--merge-bias"],
]


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        *((SEARCH, refused) for refused in [*OF_UPDATES, ["--check"], ["--exercise"], ["--explain"]]),
        *((SOLVED, refused) for refused in OF_UPDATES),
    ],
)
def test_options_of_updates_are_refused_with_the_reason(
    mlp: Run, tmp_path: Path, options: list[str], refused: list[object]
) -> None:
    (tmp_path / "mine.json").write_text("{}")
    found = mlp("backprop-trace", *options, *refused)
    assert (found.code, found.out) == (2, "")
    assert is_one_error_line(found.err)
    assert re.match(f"mlp: error: {refused[0]}[: ].{{20,}}; leave it out$", found.err)
    assert mlp("backprop-trace", *options).code == 0  # the option left out


@pytest.mark.parametrize("frozen", [[], ["--freeze-bias"]])
def test_the_gradient_at_the_solution_is_checked(mlp: Run, frozen: list[str]) -> None:
    """Each element of dθ beside a numerical derivative of J: both are 0, but for that of a frozen bias."""
    found = mlp("backprop-trace", *SOLVED, *frozen, "--check")
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines()[-1].startswith("check: all 3 elements are right; worst ")
    table = found.out.partition("Check: the gradient beside a numerical derivative")[2]
    assert re.findall(r"^  (\S+) .* right$", table, re.MULTILINE) == ["W1[1,1]", "W1[1,2]", "b1[1]"]
    elements = strict_json(mlp("backprop-trace", *SOLVED, *frozen, "--check", "-f", "json").out)["check"]["elements"]
    assert [element["name"] for element in elements] == ["W1[1,1]", "W1[1,2]", "b1[1]"]
    for element in elements[: 2 if frozen else 3]:
        assert element["numerical"] == pytest.approx(0, abs=1e-12)
        assert element["gradient"] == pytest.approx(0, abs=1e-12)
    if frozen:  # the mean of 2 (ŷ − y), with the b that the network began with
        assert abs(elements[2]["numerical"]) > 0.01


def test_a_wrong_gradient_at_the_solution_ends_with_3(mlp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlpcli.derivation import check

    right = check.check_gradient
    monkeypatch.setattr(check, "check_gradient", lambda gradient, *others: right(gradient + 0.5, *others))
    found = mlp("backprop-trace", *SOLVED, "--check")
    assert (found.code, is_one_error_line(found.err)) == (3, True)
    assert "3 of 3 gradients are wrong" in found.err


@pytest.mark.parametrize("form", ["markdown", "latex", "html"])
def test_the_equations_are_an_exercise(mlp: Run, tmp_path: Path, form: str) -> None:
    """The line through (1, 1), (2, 2), (4, 3): w = 9/14 and b = 1/2 are in the solution only, X in both."""
    line = ["--layers", "1,1", "--output-activation", "linear", "--x", "1;2;4", "--y", "1;2;3", *SOLVED[-2:]]
    suffix = RENDERERS[form].suffix
    sheet = mlp("backprop-trace", *line, "--exercise", "--format", form, "--solution", f"answers{suffix}")
    assert (sheet.code, "the normal equations by hand" in sheet.out) == (0, True)
    answers = (tmp_path / f"answers{suffix}").read_text()
    for number in ("0.6429", "21.0000", "14.0000"):
        assert (number in sheet.out, number in answers) == (False, True)
    assert "forward pass" not in sheet.out


def test_an_exercise_needs_few_samples(mlp: Run) -> None:
    eleven = ";".join(map(str, range(11)))
    line = ["--layers", "1,1", "--output-activation", "linear", *SOLVED[-2:], "--exercise", "--format", "latex"]
    found = mlp("backprop-trace", *line, "--x", eleven, "--y", eleven)
    assert (found.code, found.out, is_one_error_line(found.err)) == (2, "", True)
    assert "at most 10 samples" in found.err
    assert mlp("backprop-trace", *line, "--x", eleven[:-3], "--y", eleven[:-3]).code == 0


@pytest.mark.parametrize(("option", "value"), [("--steps", 2), ("--learning-rate", 0.1)])
def test_equations_are_solved_at_once(mlp: Run, option: str, value: object) -> None:
    found = mlp("backprop-trace", *SOLVED, option, value)
    assert (found.code, is_one_error_line(found.err)) == (2, True)
    assert option in found.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "2 layers"),
        (["--layers", "2,1"], "sigmoid is not linear"),
        ([*LINE, "--loss", "mae"], "the loss is mae"),
        ([*LINE, "--l1", 0.1], "l1"),
    ],
)
def test_another_network_gets_the_reason_and_what_to_do(mlp: Run, options: list[object], words: str) -> None:
    found = mlp("backprop-trace", *options, "--optimizer", "normal-equations")
    assert (found.code, found.out, is_one_error_line(found.err)) == (2, "", True)
    assert words in found.err
    assert found.err.endswith("; mlp plot slice shows the minima over one weight\n")


def test_a_trained_network_is_solved_for_all_its_training_samples(mlp: Run, tmp_path: Path) -> None:
    """So the solution is the network that training has found."""
    train_in(tmp_path, "--dataset", "cars", "--hidden", 0, "--optimizer", "normal-equations")
    found = strict_json(mlp("backprop-trace", "-w", "w.json", "--optimizer", "normal-equations", "-f", "json").out)
    theta = load_model(str(tmp_path / "w.json")).network.theta
    assert np.ravel(np.transpose(found["theta"])) == pytest.approx(theta, rel=1e-12, abs=1e-12)
    assert (len(found["X"]), found["columns"]) == (40, ["speed", "1"])
    one = strict_json(
        mlp("backprop-trace", "-w", "w.json", "--row", 3, "--optimizer", "normal-equations", "-f", "json").out
    )
    assert (len(one["X"]), one["rank"]) == (1, 1)


@pytest.mark.parametrize("network", [["-w", "w.json"], ["--layers", "1,1", "--output-activation", "linear"]])
def test_named_data_are_solved_for_all_their_rows(mlp: Run, tmp_path: Path, network: list[object]) -> None:
    """y = 2x + 1 in each row but the last: least squares of five points, by hand.

    x̄ = 2, ȳ = (1 + 3 + 5 + 7 + 4)/5 = 4, Σ(x − x̄)(y − ȳ) = 6 + 1 + 0 + 3 + 0 = 10, Σ(x − x̄)² = 10.
    """
    (tmp_path / "five.csv").write_text("x,y\n0,1\n1,3\n2,5\n3,7\n4,4\n")
    plain = ["--data", "five.csv", "--target", "y", "--task", "regression"]
    train_in(tmp_path, *plain, "--hidden", 0, "--epochs", 1, "--test", 0, "--validation", 0, "--scaling", "none")
    asked = ["backprop-trace", *network, *plain[:4], "--optimizer", "normal-equations", "-f", "json"]
    found = strict_json(mlp(*asked).out)
    assert np.ravel(found["theta"]) == pytest.approx([1, 2])
    assert strict_json(mlp(*asked, "--rows", "0:5").out)["theta"] == found["theta"]
    assert len(strict_json(mlp(*asked, "--row", 1).out)["X"]) == 1


def test_the_network_after_the_search_is_saved(mlp: Run, tmp_path: Path) -> None:
    done = mlp("backprop-trace", *SEARCH, "--steps", 4, "--save-weights", "after.json", "-f", "csv")
    kept = [row for row in csv_rows(done.out) if row["kept"] == "yes"]
    after = load_model(str(tmp_path / "after.json")).network
    assert len(kept) == 4
    for row in kept:
        own = getattr(after.parameters[int(row["layer"]) - 1], row["quantity"])
        place = (int(row["row"]) - 1, *([int(row["column"]) - 1] if row["column"] else []))
        assert own[place] == float(row["new"])


@pytest.mark.parametrize(("options", "y"), [(SEARCH, "1e200,1,1"), (SOLVED[:4] + SOLVED[-2:], "1e200")])
def test_numbers_that_overflow_are_one_error(mlp: Run, options: list[str], y: str) -> None:
    found = mlp("backprop-trace", *options, "--x", "1e200,1e200", "--y", y, "--loss", "mse")
    assert (found.code, found.out, is_one_error_line(found.err)) == (1, "", True)
    assert "overflows" in found.err


@pytest.mark.parametrize(
    "options",
    [
        [*SOLVED[:-4], "--y", "1e200;1;2;3", *SOLVED[-2:]],  # its square is too large, and the equations are not
        [*SEARCH, "-w", "large.json", "--x", "0,0", "--y", "1", "--l2", 1],  # the loss is 1, and the penalty too large
    ],
)
def test_a_part_of_the_objective_that_overflows_is_one_error(mlp: Run, tmp_path: Path, options: list[object]) -> None:
    layer = {"weights": [[1e155, 1e155]], "bias": [0], "activation": "linear"}
    (tmp_path / "large.json").write_text(json.dumps({"layers": [layer]}))
    found = mlp("backprop-trace", *options)
    assert (found.code, found.out, is_one_error_line(found.err)) == (1, "", True)
    assert "overflows" in found.err


@pytest.mark.parametrize("steps", [-1, 0, 1001])
def test_a_search_takes_one_to_a_thousand_steps(mlp: Run, steps: int) -> None:
    found = mlp("backprop-trace", *SEARCH, "--steps", steps)
    assert (found.code, found.out) == (2, "")
    assert f"--steps must be from 1 to 1000, not {steps}" in found.err


@pytest.mark.parametrize(
    ("trained", "asked"),
    [
        (["--hidden", 0, "--class-weight", "no=2"], SEARCH),
        (["--hidden", 0], [*SEARCH, "--data", "d.csv", "--target", "b", "--sample-weight", "w", "--row", 0]),
        (
            ["--task", "regression", "--hidden", 0],
            [*SOLVED[-2:], "--data", "d.csv", "--target", "b", "--sample-weight", "w"],
        ),
    ],
)
def test_weights_of_classes_and_samples_are_refused(
    mlp: Run, tmp_path: Path, trained: list[object], asked: list[str]
) -> None:
    numbers = "regression" in trained
    rows = [f"{k},{1 + k % 3},{k % 2 if numbers else 'yes' if k % 2 else 'no'}" for k in range(12)]
    (tmp_path / "d.csv").write_text("\n".join(["a,w,b", *rows]) + "\n")
    train_in(tmp_path, "--data", "d.csv", "--target", "b", "--ignore", "w", "--epochs", 1, *trained)
    found = mlp("backprop-trace", "-w", "w.json", *asked)
    assert (found.code, found.out) == (2, "")
    assert "takes no class or sample weights; use --optimizer sgd, or train without weights" in found.err


def test_the_outputs_of_the_equations_have_their_names(mlp: Run, tmp_path: Path) -> None:
    """Those of the targets; two classes have one output, without a name of its own."""
    (tmp_path / "d.csv").write_text("x,p,q,c\n0,1,2,no\n1,3,1,yes\n2,5,4,yes\n3,7,3,no\n")
    classes = ["--target", "c", "--output-activation", "linear", "--loss", "mse"]
    for options, names in ((["--target", "p,q"], ["p", "q"]), (classes, ["y1"])):
        trained = ["--features", "x", "--hidden", 0, "--optimizer", "normal-equations"]
        train_in(tmp_path, "--data", "d.csv", *options, *trained)
        found = mlp("backprop-trace", "-w", "w.json", "--optimizer", "normal-equations", "-f", "json")
        assert strict_json(found.out)["outputs"] == names


def test_a_column_in_another_unit_is_told_in_both(mlp: Run, tmp_path: Path) -> None:
    """Standardized, centimeters and millimeters are equal; before scaling, mm = 10·cm and f = 1.8·c + 32."""
    rows = [(1.5, -3.0, 2.0), (2.5, 7.0, 3.0), (4.0, 11.0, 1.0), (7.0, 30.0, 5.0), (6.5, 21.0, 4.0)]
    lines = [f"{cm},{10 * cm},{c},{1.8 * c + 32},{y}" for cm, c, y in rows]
    (tmp_path / "units.csv").write_text("\n".join(["cm,mm,c,f,y", *lines]) + "\n")
    data = ["--data", "units.csv", "--target", "y", "--task", "regression"]
    train_in(tmp_path, *data, "--hidden", 0, "--optimizer", "normal-equations", "--test", 0, "--validation", 0)
    found = mlp("backprop-trace", "-w", "w.json", "--optimizer", "normal-equations").out
    table = found[found.index("Columns of X that depend on others") :].splitlines()
    assert re.split(" {2,}", table[2].strip()) == ["column", "in the scaled samples", "before scaling"]
    assert [re.split(" {2,}", line.strip()) for line in table[4:6]] == [["mm", "cm", "10·cm"], ["f", "c", "1.8·c + 32"]]
    document = strict_json(mlp("backprop-trace", "-w", "w.json", "--optimizer", "normal-equations", "-f", "json").out)
    assert document["dependent_columns"][0] == {"column": "mm", "of": {"cm": pytest.approx(1)}}


def test_the_gradient_at_the_solution_is_rounding_beside_the_largest_sum(mlp: Run) -> None:
    """Σ xy is 0.1·0.7 − 0.1·0.7 + 0.3·0.2 − 0.3·0.2 = 0, and Σ y is 1.8."""
    line = ["--layers", "1,1", "--output-activation", "linear", "--x", "0.1;-0.1;0.3;-0.3", "--y", "0.7;0.7;0.2;0.2"]
    found = mlp("backprop-trace", *line, "--optimizer", "normal-equations")
    assert re.search(r"the largest \|dθ\| is \S+, 0 except for rounding$", found.out, re.MULTILINE), found.out
