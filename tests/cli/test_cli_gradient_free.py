"""`mlp backprop-trace` with random search and the normal equations: which samples, which options, what is saved."""

from pathlib import Path

import numpy as np
import pytest
from cli_support import Run, csv_rows, is_one_error_line, strict_json, train_in

from mlpcli.files.weights import load_model

SEARCH = ["--optimizer", "random-search"]
LINE = ["--layers", "2,1", "--output-activation", "linear", "--x", "1,2;3,4;5,6;0,7", "--y", "1;2;3;4"]
SOLVED = [*LINE, "--optimizer", "normal-equations"]


@pytest.mark.parametrize("options", [SEARCH, SOLVED], ids=["search", "solution"])
@pytest.mark.parametrize(
    "refused",
    [
        ["--check"],
        ["--compare", "mine.json"],
        ["--round-steps", 2],
        ["--rule", "lecture"],
        ["--only", "update"],
        ["--layer", 1],
        ["--exercise", "--format", "markdown"],
    ],
)
def test_options_of_gradients_are_refused(mlp: Run, tmp_path: Path, options: list[str], refused: list[object]) -> None:
    (tmp_path / "mine.json").write_text("{}")
    found = mlp("backprop-trace", *options, *refused)
    assert (found.code, found.out) == (2, "")
    assert is_one_error_line(found.err)
    assert str(refused[0]) in found.err
    assert mlp("backprop-trace", *options).code == 0  # the option left out


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
