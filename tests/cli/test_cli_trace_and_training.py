"""The new weights of a trace are those that `mlp train` makes of the same sample, to the bit, with every optimizer."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_support import Run, strict_json, write_csv

from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.data.dataset import split
from mlpcli.files.weights import load_model

STEPS = 3
STEPWISE = [row.name for row in OPTIMIZERS.values() if row.rule is not None]


@dataclass(frozen=True)
class Start:
    """A network to start from, and a sample as both commands take it."""

    layers: list[dict[str, Any]]
    more: dict[str, Any]  # of the file of weights
    header: list[str]
    target: str
    row: list[Any]
    x: str
    y: str
    options: list[str]


CLASSES = Start(
    [
        {"weights": [[0.3, -0.7], [0.9, 0.2], [-0.4, 0.6]], "bias": [0.1, -0.2, 0.3], "activation": "prelu"},
        {"weights": [[0.5, -0.1, 0.8], [-0.6, 0.4, 0.7]], "bias": [0.2, 0.1], "activation": "softmax"},
    ],
    {"classes": ["no", "yes"]},
    ["p", "q", "answer"],
    "answer",
    [0.3, -1.2, "yes"],
    "0.3,-1.2",
    "yes",
    ["--l2", "0.1", "--loss", "cce"],
)
NUMBERS = Start(
    [
        {"weights": [[0.3, -0.7], [0.9, 0.2]], "activation": "tanh"},
        {"weights": [[0.5, -0.1], [0.4, 0.8]], "bias": [0.2, 0.1], "activation": "linear"},
    ],
    {"targets": ["u", "v"]},
    ["p", "q", "u", "v"],
    "u,v",
    [0.3, -1.2, 0.7, -0.25],
    "0.3,-1.2",
    "0.7,-0.25",
    ["--l1", "0.01", "--regularize-bias", "--loss", "half-sse"],
)
LINE = replace(NUMBERS, layers=NUMBERS.layers[1:], options=["--l2", "0.1"])


def started(folder: Path, start: Start) -> None:
    """`start.json` and `one.csv` in the folder."""
    features = {"features": start.header[:2]}
    (folder / "start.json").write_text(json.dumps({"layers": start.layers, **features, **start.more}))
    write_csv(folder / "one.csv", start.header, [start.row])


def trained(mlp: Run, folder: Path, start: Start, *options: object) -> bytes:
    """θ after training on the one sample."""
    data = ["--data", "one.csv", "--target", start.target, "--validation", 0, "--test", 0]
    done = mlp("train", "-w", "start.json", *data, *start.options, *options, "-q", "-o", "trained.json")
    assert done.code == 0, done.err
    return load_model(str(folder / "trained.json")).network.theta.tobytes()


def traced(mlp: Run, start: Start, *options: object) -> list[dict[str, Any]]:
    """The steps of a trace on the one sample; the network after the last lies in `traced.json`."""
    steps: list[dict[str, Any]] = document(mlp, start, *options)["steps"]
    return steps


def document(mlp: Run, start: Start, *options: object) -> dict[str, Any]:
    asked = ["--x", start.x, "--y", start.y, *start.options, *options]
    done = mlp("backprop-trace", "-w", "start.json", *asked, "-f", "json", "--save-weights", "traced.json")
    assert done.code == 0, done.err
    found: dict[str, Any] = strict_json(done.out)
    return found


def new_weights(step: dict[str, Any]) -> bytes:
    """θ after a step, as JSON has it: W⁽¹⁾, b⁽¹⁾, learned α⁽¹⁾, W⁽²⁾, …"""
    names = ("W_new", "b_new", "alpha_new")
    parts = [np.ravel(layer[name]) for layer in step["layers"] for name in names if name in layer]
    return np.concatenate(parts).tobytes()


@pytest.mark.parametrize("start", [CLASSES, NUMBERS], ids=["classes", "numbers"])
@pytest.mark.parametrize("optimizer", STEPWISE)
def test_steps_are_epochs_to_the_bit(mlp: Run, tmp_path: Path, optimizer: str, start: Start) -> None:
    started(tmp_path, start)
    options = ["--optimizer", optimizer, "--learning-rate", 0.05]
    steps = traced(mlp, start, *options, "--steps", STEPS)
    for epochs in (1, STEPS):
        assert new_weights(steps[epochs - 1]) == trained(
            mlp, tmp_path, start, *options, "--epochs", epochs, "--batch", "all"
        )
    assert new_weights(steps[0]) != new_weights(steps[-1])
    assert load_model(str(tmp_path / "traced.json")).network.theta.tobytes() == new_weights(steps[-1])


def test_the_solution_is_that_of_training_to_the_bit(mlp: Run, tmp_path: Path) -> None:
    started(tmp_path, LINE)
    options = ["--optimizer", "normal-equations"]
    found = document(mlp, LINE, *options)
    W, b = np.transpose(found["theta"][:-1]), found["theta"][-1]
    theta = load_model(str(tmp_path / "traced.json")).network.theta.tobytes()
    assert theta == np.concatenate([np.ravel(W), b]).tobytes() == trained(mlp, tmp_path, LINE, *options)


@pytest.mark.parametrize("start", [CLASSES, NUMBERS], ids=["classes", "numbers"])
def test_the_tries_of_a_search_are_those_of_training_to_the_bit(mlp: Run, tmp_path: Path, start: Start) -> None:
    """As many kept tries as training makes in three epochs with batches of one sample."""
    started(tmp_path, start)
    x = [(0.3, -1.2), (1.5, 0.4), (-0.8, 0.9)]
    write_csv(tmp_path / "one.csv", start.header, [[*each, *start.row[2:]] for each in x])
    order = split(len(x), 0, 0, 1).training  # in which training numbers the rows
    start = replace(start, x="; ".join(f"{x[k][0]},{x[k][1]}" for k in order), y="; ".join([start.y] * 3))
    options = ["--optimizer", "random-search", "--learning-rate", 0.05]
    epochs = trained(mlp, tmp_path, start, *options, "--epochs", STEPS, "--batch", 1)
    found = document(mlp, start, *options, "--steps", 300)["tries"]
    parameters = len(load_model(str(tmp_path / "start.json")).network.theta)
    weights = [each["try"] for k, each in enumerate(found) if k == 0 or other_weight(each, found[k - 1])]
    last = weights[STEPS * 3 * parameters] - 2  # the last try of the third epoch
    kept = sum(each["kept"] for each in found[: last + 1])
    assert 0 < kept < 300
    document(mlp, start, *options, "--steps", kept)
    assert load_model(str(tmp_path / "traced.json")).network.theta.tobytes() == epochs


def other_weight(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return any(one[name] != other[name] for name in ("sample", "layer", "quantity", "row", "column"))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_frozen_biases_are_frozen_in_both(mlp: Run, tmp_path: Path, optimizer: str) -> None:
    started(tmp_path, NUMBERS)
    options = ["--optimizer", optimizer, "--learning-rate", 0.05, "--freeze-bias"]
    (step,) = traced(mlp, NUMBERS, *options)
    assert new_weights(step) == trained(mlp, tmp_path, NUMBERS, *options, "--epochs", 1)
    assert [layer["b_new"] for layer in step["layers"]] == [layer["b"] for layer in step["layers"]]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_several_samples_are_one_batch(mlp: Run, tmp_path: Path, reduction: str) -> None:
    """Training takes them in another order, so that sums may differ in the last digit."""
    started(tmp_path, CLASSES)
    rows = [[0.3, -1.2, "yes"], [1.5, 0.4, "no"], [-0.8, 0.9, "no"], [0.1, 0.2, "yes"]]
    write_csv(tmp_path / "one.csv", CLASSES.header, rows)
    x, y = "; ".join(f"{p},{q}" for p, q, _ in rows), "; ".join(answer for *_, answer in rows)
    many = replace(CLASSES, x=x, y=y)
    options = ["--optimizer", "momentum", "--learning-rate", 0.05, "--batch-reduction", reduction]
    steps = traced(mlp, many, *options, "--steps", STEPS)
    expected = np.frombuffer(trained(mlp, tmp_path, many, *options, "--epochs", STEPS, "--batch", "all"))
    np.testing.assert_allclose(np.frombuffer(new_weights(steps[-1])), expected, rtol=1e-12, atol=1e-15)


def test_what_was_saved_goes_on_where_the_trace_ended(mlp: Run, tmp_path: Path) -> None:
    started(tmp_path, CLASSES)
    (first,) = traced(mlp, CLASSES, "--learning-rate", 0.05)
    (tmp_path / "traced.json").rename(tmp_path / "start.json")
    (second,) = traced(mlp, CLASSES, "--learning-rate", 0.05)
    assert second["objective"] == first["loss_after"] + first["penalty_after"]
    for before, after in zip(second["layers"], first["layers"], strict=True):
        assert (before["W"], before["b"]) == (after["W_new"], after["b_new"])
