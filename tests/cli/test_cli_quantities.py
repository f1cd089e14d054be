"""Targets of a regression: brought into the range of the output, and of any size."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_support import Run, csv_rows, strict_json, write_csv

DRAWN = np.random.default_rng(7).uniform(-1, 1, (200, 2))
SLOPES = np.array([2.0, -1.0])


def curve(size: float = 1.0) -> list[list[float]]:
    """y = 20 + 10 tanh(2a − b), which is above 0 and far from standardised."""
    return [[*row, float(20 + 10 * np.tanh(row @ SLOPES)) * size] for row in DRAWN]


def train(mlp: Run, *arguments: object) -> tuple[dict[str, Any], str]:
    """The report of a training, and what stood on stderr."""
    found = mlp("train", *arguments, "--format", "json")
    assert found.code == 0, found.err
    return strict_json(found.out), found.err


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "d.csv", ("a", "b", "y"), curve())


@pytest.mark.parametrize(
    ("activation", "ends"),
    [("linear", None), ("sigmoid", (0.1, 0.9)), ("tanh", (-0.8, 0.8)), ("relu", None), ("swish:-1", None)],
)
def test_any_output_reaches_its_targets(
    mlp: Run, data: Path, tmp_path: Path, activation: str, ends: tuple[float, float] | None
) -> None:
    report, err = train(mlp, "--data", data, "--output-activation", activation, "--lr", 0.01)
    assert report["parts"]["test"]["r2"] > 0.97  # 0.45 and less where half of the targets are out of reach
    scaling = json.loads((tmp_path / "w.json").read_text())["target_scaling"]
    assert report["target_scaling"] == scaling
    assert ("targets are scaled to" in err) == (activation != "linear")
    if ends is not None:
        assert f"targets are scaled to {ends[0]} … {ends[1]}" in err
    _agree(mlp, report["parts"]["test"], scaling)


def _agree(mlp: Run, test: dict[str, float], scaling: dict[str, list[float]]) -> None:
    """What evaluate, forward and backprop-trace say of the saved network."""
    evaluated = strict_json(mlp("evaluate", "-w", "w.json", "-f", "json").out)
    assert {key: evaluated[key] for key in test} == test
    a, b, y = curve()[3]
    (row,) = csv_rows(mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin=f"a,b\n{a},{b}\n").out)
    assert float(row["y"]) == pytest.approx(y, abs=1.5)
    traced = strict_json(mlp("backprop-trace", "-w", "w.json", "--row", 3, "--check", "-f", "json").out)
    step = traced["steps"][0]
    mean, scale = scaling["mean"][0], scaling["scale"][0]
    assert step["y"][0][0] * scale + mean == pytest.approx(y, rel=1e-9)
    assert step["layers"][-1]["h"][0][0] * scale + mean == pytest.approx(float(row["y"]), rel=1e-9)


def test_targets_that_stay_out_of_reach_are_told_of_with_advice_that_helps(mlp: Run, data: Path) -> None:
    command = ("--data", data, "--output-activation", "sigmoid", "--epochs", 2)
    _, err = train(mlp, *command, "--scaling", "none")
    assert "128 of 128 targets cannot be reached: outputs of sigmoid are from 0 to 1" in err
    assert "leave --scaling none out" in err
    _, again = train(mlp, "--data", data, "--epochs", 2, "--weights", "w.json")
    assert "train a new network, which scales them" in again
    assert "out of reach" not in train(mlp, *command)[1]


def test_a_file_whose_targets_were_standardised_still_loads(mlp: Run, data: Path, tmp_path: Path) -> None:
    """As files were before: a sigmoid with the mean and deviation of its targets."""
    train(mlp, "--data", data, "--output-activation", "sigmoid", "--epochs", 2)
    document = json.loads((tmp_path / "w.json").read_text())
    del document["digest"]
    document["target_scaling"] = {"mean": [20.0], "scale": [6.0]}
    (tmp_path / "w.json").write_text(json.dumps(document))
    (row,) = csv_rows(mlp("forward", "-w", "w.json", "--data", "-", "-f", "csv", stdin="a,b\n0,0\n").out)
    assert 20 <= float(row["y"]) <= 26


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e156, 1e300])
def test_targets_of_any_size_are_learned_alike(mlp: Run, tmp_path: Path, size: float) -> None:
    write_csv(tmp_path / "d.csv", ("a", "b", "y"), curve())
    usual = train(mlp, "--data", "d.csv", "--epochs", 20)[0]["parts"]["test"]
    write_csv(tmp_path / "d.csv", ("a", "b", "y"), curve(size))
    report, err = train(mlp, "--data", "d.csv", "--epochs", 20)
    found = report["parts"]["test"]
    assert "Warning" not in err
    assert (found["loss"], found["r2"]) == pytest.approx((usual["loss"], usual["r2"]), rel=1e-6)
    assert found["rmse"] / size == pytest.approx(usual["rmse"], rel=1e-6)
    assert found["mae"] / size == pytest.approx(usual["mae"], rel=1e-6)


def test_huge_targets_in_float32_are_scaled_before_they_are_rounded(mlp: Run, tmp_path: Path) -> None:
    write_csv(tmp_path / "d.csv", ("a", "b", "y"), curve(1e200))
    report, err = train(mlp, "--data", "d.csv", "--epochs", 60, "--lr", 0.01, "--dtype", "float32")
    assert report["parts"]["test"]["r2"] > 0.9
    assert "Warning" not in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "mse overflows for targets as large as 2.99056e+201 in float64; leave --scaling none out"),
        (("--dtype", "float32"), "is too large for float32; divide the targets by 2.9"),
    ],
)
def test_what_overflows_is_no_divergence(mlp: Run, tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    write_csv(tmp_path / "d.csv", ("a", "b", "y"), curve(1e200))
    found = mlp("train", "--data", "d.csv", "--scaling", "none", *options)
    assert (found.code, message in found.err) == (1, True), found.err
    assert "Warning" not in found.err
    assert "--learning-rate" not in found.err
    assert mlp("train", "--data", "d.csv", "--epochs", 1, *options).code == 0
    divided = write_csv(tmp_path / "divided.csv", ("a", "b", "y"), curve())
    assert mlp("train", "--data", divided, "--scaling", "none", "--epochs", 1, "--force", *options).code == 0
