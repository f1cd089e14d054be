"""The JSON of a trace as programs read it: its keys, rows that are samples, every digit, sums that come out.

From x, y, W and b in the document every other number of it is computed again here.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_support import Run, strict_json

from mlpcli.core.optimizers import OPTIMIZERS

Array = np.ndarray
Document = dict[str, Any]

TOP = {"format", "version", "rule", "loss", "optimizer", "steps"}
STEP = {"x", "y", "loss", "objective", "layers", "loss_after"}
LAYER = {"activation", "W", "b", "a", "h", "derivative", "dh", "da", "dW", "db", "W_new", "b_new"}
BATCH = ["--x", "1.8,0.5; 0.3,-1.2; -0.4,0.9; 2,1", "--y", "setosa; virginica; versicolor; setosa"]

FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda a: np.maximum(a, 0),
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "linear": lambda a: a,
    "softmax": lambda a: np.exp(a) / np.exp(a).sum(axis=1, keepdims=True),
}


def traced(mlp: Run, *arguments: object) -> Document:
    found = mlp("backprop-trace", *arguments, "-f", "json")
    assert (found.code, found.err) == (0, "")
    return strict_json(found.out)  # type: ignore[no-any-return]


@pytest.mark.parametrize("optimizer", [row.name for row in OPTIMIZERS.values() if row.rule is not None])
def test_keys_are_those_that_programs_rely_on(mlp: Run, optimizer: str) -> None:
    document = traced(mlp, "--optimizer", optimizer, "--steps", 2, "--l2", 0.1)
    assert {*document} >= TOP
    assert (document["format"], document["version"], document["rule"]) == ("mlpcli-trace", 1, "exact")
    assert document["loss"] == {"name": "ce-negatives", "output_reduction": "sum", "batch_reduction": "mean"}
    assert document["optimizer"]["name"] == optimizer
    assert document["optimizer"]["learning_rate"] == 0.5
    assert {*OPTIMIZERS[optimizer].parameters} <= {*document["optimizer"]}
    assert len(document["steps"]) == 2
    for step in document["steps"]:
        assert {*step} >= STEP
        assert [layer["activation"] for layer in step["layers"]] == ["relu", "softmax"]
        assert all({*layer} >= LAYER for layer in step["layers"])


@pytest.mark.parametrize("sample", [[], BATCH], ids=["1 sample", "4 samples"])
def test_rows_are_samples_and_weights_have_a_row_for_each_unit(mlp: Run, sample: list[str]) -> None:
    (step,) = traced(mlp, *sample)["steps"]
    n = 4 if sample else 1
    assert (np.shape(step["x"]), np.shape(step["y"])) == ((n, 2), (n, 3))
    for layer, inputs, units in zip(step["layers"], (2, 2), (2, 3), strict=True):
        assert all(np.shape(layer[name]) == (units, inputs) for name in ("W", "dW", "W_new"))
        assert all(np.shape(layer[name]) == (units,) for name in ("b", "db", "b_new"))
        assert all(np.shape(layer[name]) == (n, units) for name in ("a", "h", "dh", "da"))
        assert np.shape(layer["derivative"]) == ((n, 3, 3) if layer["activation"] == "softmax" else (n, units))


def test_a_learned_slope_stands_beside_weights_and_biases(mlp: Run) -> None:
    (step,) = traced(mlp, "--layers", "2,3,2", "--activation", "prelu")["steps"]
    first, last = step["layers"]
    assert all(np.shape(first[name]) == (3,) for name in ("alpha", "dalpha", "alpha_new"))
    assert first["alpha_new"] == (np.array(first["alpha"]) - 0.5 * np.array(first["dalpha"])).tolist()
    assert not any("alpha" in name for name in last)


@pytest.mark.parametrize("arguments", [[], BATCH, ["--optimizer", "adam", "--steps", "5"], ["--layers", "3,4,2"]])
def test_every_number_has_all_its_digits(mlp: Run, arguments: list[str]) -> None:
    """Each is written as the shortest text that reads as the same float64."""
    found = mlp("backprop-trace", *arguments, "-f", "json")
    written: list[str] = []
    json.loads(found.out, parse_float=written.append)
    assert len(written) > 50
    assert [text for text in written if repr(float(text)) != text] == []
    assert max(len(text) for text in written) >= 17  # and none was rounded for people


def test_what_is_not_finite_is_null(mlp: Run, tmp_path: Path) -> None:
    """ŷ = σ(−1000) is 0 in float64, and dŷ = −1/ŷ is not finite; da = ŷ − y = −1 and the loss, 1000, are."""
    layers = [{"weights": [[-1000.0]], "activation": "sigmoid"}]
    (tmp_path / "far.json").write_text(json.dumps({"layers": layers, "x": [1], "y": [1]}))
    (step,) = traced(mlp, "-w", "far.json")["steps"]
    (layer,) = step["layers"]
    assert (layer["dh"], layer["da"], step["loss"]) == ([[None]], [[-1]], 1000)


# ----- Every number again -------------------------------------------------------------------------------------------

NETS = {
    "lecture": [],
    "lecture, cce, a batch": [*BATCH, "--loss", "cce"],
    "summed, with both penalties": [*BATCH, "--batch-reduction", "sum", "--l1", "0.02", "--l2", "0.3"],
    "biases penalised": ["--layers", "2,3,2", "--l1", "0.02", "--l2", "0.3", "--regularize-bias"],
    "three layers of tanh": ["--layers", "3,4,3,2", "--activation", "tanh", "--output-activation", "linear"],
    "sigmoids, a mean over outputs": ["--layers", "2,3,2", "--activation", "sigmoid", "--output-activation", "sigmoid"],
    "half-sse": ["--layers", "2,2,2", "--activation", "sigmoid", "--output-activation", "tanh", "--loss", "half-sse"],
}


def terms(loss: str, p: Array, y: Array) -> tuple[Array, Array]:
    """The summands of L, and their derivatives."""
    if loss in ("mse", "half-sse"):
        half = 1.0 if loss == "mse" else 0.5
        return half * (p - y) ** 2, 2 * half * (p - y)
    if loss == "cce":
        return -y * np.log(p), -y / p
    assert loss in ("bce", "ce-negatives")
    return -y * np.log(p) - (1 - y) * np.log(1 - p), -y / p + (1 - y) / (1 - p)


def forward(step: Document, weights: str, bias: str) -> list[tuple[Array, Array]]:
    """a and h of all layers."""
    found, h = [], np.array(step["x"])
    for layer in step["layers"]:
        a = h @ np.array(layer[weights]).T + np.array(layer[bias])
        h = FUNCTIONS[layer["activation"]](a)
        found.append((a, h))
    return found


def derivative(function: str, a: Array, h: Array) -> Array:
    """f′(a), or hᵢ(δᵢⱼ − hⱼ) of each sample."""
    if function == "softmax":
        return np.array([np.diag(row) - np.outer(row, row) for row in h])
    return {"relu": 1.0 * (a > 0), "tanh": 1 - h**2, "sigmoid": h * (1 - h), "linear": np.ones_like(a)}[function]


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.array(found, float), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("net", NETS)
def test_every_number_follows_from_x_y_w_and_b(mlp: Run, net: str) -> None:
    document = traced(mlp, *NETS[net])
    (step,), loss, penalty = document["steps"], document["loss"], document["regularizer"]
    x, y, rate = np.array(step["x"]), np.array(step["y"]), document["optimizer"]["learning_rate"]
    of_sample = 1 / y.shape[1] if loss["output_reduction"] == "mean" else 1.0
    of_batch = 1 / len(x) if loss["batch_reduction"] == "mean" else 1.0
    passed = forward(step, "W", "b")
    values, dh = terms(loss["name"], passed[-1][1], y)
    close(step["terms"], values)
    close(step["loss"], values.sum() * of_sample * of_batch)
    close(step["objective"] - step["loss"], omega(step, penalty, "W", "b"))
    dh = dh * of_sample
    for k in reversed(range(len(passed))):
        layer, (a, h) = step["layers"][k], passed[k]
        slope = derivative(layer["activation"], a, h)
        da = np.einsum("ni,nij->nj", dh, slope) if slope.ndim == 3 else dh * slope
        W, b = np.array(layer["W"]), np.array(layer["b"])
        dW = of_batch * da.T @ (passed[k - 1][1] if k else x) + penalty["l2"] * W + penalty["l1"] * np.sign(W)
        db = of_batch * da.sum(axis=0) + penalty["biases"] * (penalty["l2"] * b + penalty["l1"] * np.sign(b))
        expected = {"a": a, "h": h, "derivative": slope, "dh": dh, "da": da, "dW": dW, "db": db}
        for name, figure in expected.items():
            close(layer[name], figure)
        close(layer["W_new"], W - rate * dW)
        close(layer["b_new"], b - rate * db)
        dh = da @ W
    close(step["dx"], dh)
    after, _ = terms(loss["name"], forward(step, "W_new", "b_new")[-1][1], y)
    close(step["loss_after"], after.sum() * of_sample * of_batch)
    close(step["penalty_after"], omega(step, penalty, "W_new", "b_new"))


def omega(step: Document, penalty: Document, weights: str, bias: str) -> float:
    """λΩ(θ)"""
    names = (weights, bias) if penalty["biases"] else (weights,)
    values = np.concatenate([np.ravel(layer[name]) for layer in step["layers"] for name in names])
    return float(penalty["l2"] * np.sum(values**2) / 2 + penalty["l1"] * np.sum(np.abs(values)))
