"""A row is the only place: an activation, a loss, an optimizer and more, added here, run through every command.

Nothing else of the package is touched. What is added is checked by the numerical derivative, or by hand.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cli_support import Run

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.initializers import INITIALIZERS, Initializer
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.core.network import chain
from mlpcli.core.objective import check_pair, objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.outputs import Output
from mlpcli.core.tasks import TASKS, off_and_on, usual_pair
from mlpcli.files.weights import WEIGHT_FILES, WeightFile
from mlpcli.files.weights_json import encode_json, read_json

ROOT = math.sqrt(2 / math.pi)


def gelu(a: Array, alpha: object, out: Array) -> Array:
    """½ a (1 + tanh u), u = √(2/π)(a + 0.044715 a³): Hendrycks and Gimpel 2016, as in jax.nn.gelu"""
    out[...] = 0.5 * a * (1 + np.tanh(ROOT * (a + 0.044715 * a**3)))
    return out


def gelu_backward(dh: Array, a: Array, h: Array, alpha: object, out: Array) -> Array:
    t = np.tanh(ROOT * (a + 0.044715 * a**3))
    out[...] = dh * (0.5 * (1 + t) + 0.5 * a * (1 - t**2) * ROOT * (1 + 0.134145 * a**2))
    return out


U = "tanh(√(2/π) (a + 0.044715 a³))"
GELU = Activation(
    "gelu",
    gelu,
    gelu_backward,
    f"½ a (1 + {U})",
    f"½ (1 + {U}) + ½ a (1 − {U}²) √(2/π) (1 + 0.134145 a²)",
    "[−0.17, ∞)",
    "a smooth ReLU",
)


def relu6(a: Array, alpha: float, out: Array) -> Array:
    """min(c, max(0, a)), c = 6: Krizhevsky 2010"""
    out[...] = np.minimum(np.maximum(a, 0), alpha)
    return out


def relu6_backward(dh: Array, a: Array, h: Array, alpha: float, out: Array) -> Array:
    out[...] = dh * ((a > 0) & (a < alpha))
    return out


RELU6 = Activation(
    "relu6",
    relu6,
    relu6_backward,
    "min(c, max(0, a))",
    "(1 if c > a else 0) if a > 0 else 0",
    "[0, c]",
    "a ReLU that ends at c",
    parameters={"limit": 6.0},  # no Greek letter has this name
    letter="c",
    bent=True,
    ends=lambda limit: (0.0, limit),
)


def hard_sigmoid(a: Array, alpha: object, out: Array) -> Array:
    """min(1, max(0, a/6 + ½)), as in PyTorch"""
    out[...] = np.minimum(np.maximum(a / 6 + 0.5, 0), 1)
    return out


def hard_sigmoid_backward(dh: Array, a: Array, h: Array, alpha: object, out: Array) -> Array:
    out[...] = dh * (np.abs(a.real) < 3) / 6
    return out


HARD_SIGMOID = Activation(
    "hard-sigmoid",
    hard_sigmoid,
    hard_sigmoid_backward,
    "min(1, max(0, a/6 + ½))",
    "1/6 if 3 > |a| else 0",
    "[0, 1]",
    "a sigmoid of straight lines; it reaches 0, whose logarithm is infinite",
    output="probabilities",
    ends=lambda alpha: (0.0, 1.0),
)


def sign(a: Array, alpha: object, out: Array) -> Array:
    """1 if a > 0 else −1"""
    out[...] = np.where(np.real(a) > 0, 1, -1)
    return out


SIGN = Activation(
    "sign",
    sign,
    ACTIVATIONS["step"].backward,
    "1 if a > 0 else −1",
    "0",
    "{−1, 1}",
    "a perceptron's yes or no",
    hidden="no gradient passes the jump",
    output="",
    bent=True,
    ends=lambda alpha: (-1.0, 1.0),
)


def huber(output: Output, y: Array) -> Array:
    """½ d² for |d| ≤ 1, else |d| − ½, with d = ŷ − y"""
    d = output.y_hat - y
    size = np.where(np.real(d) < 0, -d, d)
    result: Array = np.where(np.real(size) > 1, size - 0.5, 0.5 * d**2)
    return result


def huber_gradient(y_hat: Array, y: Array) -> Array:
    result: Array = np.clip(y_hat - y, -1, 1)
    return result


HUBER = Loss(
    "huber",
    "Huber loss",
    huber,
    huber_gradient,
    "|ŷ − y| − ½ if |ŷ − y| > 1 else ½ (ŷ − y)²",
    "sign(ŷ − y) if |ŷ − y| > 1 else ŷ − y",
    "mean",
    "numbers",
    "squares near 0, and distances far away",
)


def pseudo_huber(output: Output, y: Array) -> Array:
    """√(1 + d²) − 1, with d = ŷ − y"""
    result: Array = np.sqrt(1 + (output.y_hat - y) ** 2) - 1
    return result


def pseudo_huber_gradient(y_hat: Array, y: Array) -> Array:
    result: Array = (y_hat - y) / np.sqrt(1 + (y_hat - y) ** 2)
    return result


PSEUDO_HUBER = Loss(
    "pseudo-huber",
    "smooth Huber loss",
    pseudo_huber,
    pseudo_huber_gradient,
    "r − 1",
    "(ŷ − y)/r",
    "mean",
    "numbers",
    "squares near 0, and distances far away",
    workings=(("r", "ₛᵢ", "√(1 + (ŷ − y)²)"),),
)


def adamw(
    theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, object], work: Array
) -> None:
    """θ ← (1 − ηλ)θ, then Adam: decoupled decay (Loshchilov and Hutter 2019)"""
    theta *= 1 - eta * p["decay"].value  # type: ignore[attr-defined]
    adam = OPTIMIZERS["adam"].rule
    assert adam is not None
    adam(theta, g, slots, eta, t, p, work)  # type: ignore[arg-type]


ADAM = OPTIMIZERS["adam"]
ADAMW = replace(
    ADAM,
    name="adamw",
    formula=f"θ ← (1 − ηλ)θ; {ADAM.formula}",
    rule=adamw,
    parameters={**ADAM.parameters, "decay": 0.01},
    letters=(*ADAM.letters, "λ"),
    moves_without_gradient=True,
)
HALF = Initializer("half", lambda g, units, inputs, p: np.full((units, inputs), 0.5), "½", "nobody's")
TEXT = WeightFile(
    ".txt",
    lambda document: b"  weights:" + encode_json(document),
    lambda start, stream, where: read_json(start.lstrip().removeprefix(b"weights:"), stream, where),
    lambda start: b"weights:" in start,  # no magic bytes: a predicate
    "remove the key 'digest'",
    "JSON behind a word",
)


@pytest.fixture(autouse=True)
def rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "gelu", GELU)
    monkeypatch.setitem(ACTIVATIONS, "relu6", RELU6)
    monkeypatch.setitem(ACTIVATIONS, "hard-sigmoid", HARD_SIGMOID)
    monkeypatch.setitem(ACTIVATIONS, "sign", SIGN)
    monkeypatch.setitem(LOSSES, "huber", HUBER)
    monkeypatch.setitem(LOSSES, "pseudo-huber", PSEUDO_HUBER)
    monkeypatch.setitem(OPTIMIZERS, "adamw", ADAMW)
    monkeypatch.setitem(INITIALIZERS, "half", HALF)
    monkeypatch.setitem(WEIGHT_FILES, ".txt", TEXT)


NEW = {
    "activation": ["--activation", "gelu", "--output-activation", "gelu"],
    "activation-with-a-limit": ["--activation", "relu6:2"],
    "loss": ["--loss", "huber"],
    "loss-with-a-working": ["--loss", "pseudo-huber"],
    "optimizer": ["--optimizer", "adamw", "--learning-rate", "0.01"],
    "initializer": ["--initializer", "half"],
}


def trained(mlp: Run, options: list[str], file: str = "w.json") -> None:
    found = mlp("train", "--dataset", "cars", "--hidden", "3", "--epochs", "3", *options, "--output", file, "--quiet")
    assert found.code == 0, found.err


@pytest.mark.parametrize("options", NEW.values(), ids=NEW)
def test_a_new_row_trains_and_is_evaluated(mlp: Run, options: list[str]) -> None:
    trained(mlp, options)
    for command in (["evaluate"], ["forward", "--x", "1"], ["graph"], ["graph", "--neurons"]):
        assert mlp(*command, "--weights", "w.json").code == 0, command


OPTIONS = {
    "activation": ["--layers", "2,3,2", "--activation", "gelu"],
    "activation-with-a-limit": ["--layers", "2,3,2", "--activation", "relu6:2"],
    "output": ["--layers", "2,3,2", "--output-activation", "gelu", "--loss", "mse"],
    "probabilities-without-logarithms": ["--layers", "2,3,2", "--output-activation", "hard-sigmoid"],
    "loss": ["--layers", "2,3,2", "--output-activation", "linear", "--loss", "huber"],
    "loss-with-a-working": ["--layers", "2,3,2", "--output-activation", "linear", "--loss", "pseudo-huber"],
    "optimizer": ["--optimizer", "adamw", "--steps", "2", "--learning-rate", "0.1"],
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_new_row_is_traced_checked_and_explained(mlp: Run, options: list[str]) -> None:
    assert mlp("backprop-trace", *options, "--check").code == 0  # every gradient beside the complex step
    for form in ("table", "json", "csv", "markdown", "latex", "html"):
        found = mlp("backprop-trace", *options, "--explain", "--format", form)
        assert found.code == 0, found.err


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_its_trace_agrees_with_itself_and_a_mistake_is_found(mlp: Run, tmp_path: Path, options: list[str]) -> None:
    document = json.loads(mlp("backprop-trace", *options, "--format", "json").out)
    mine = {"steps": document["steps"]}
    (tmp_path / "mine.json").write_text(json.dumps(mine))
    assert mlp("backprop-trace", *options, "--compare", tmp_path / "mine.json").code == 0
    last = mine["steps"][0]["layers"][-1]
    last["dW"] = (-np.array(last["dW"])).tolist()
    (tmp_path / "mine.json").write_text(json.dumps({"steps": [{"layers": [{}] * 1 + [{"dW": last["dW"]}]}]}))
    found = mlp("backprop-trace", *options, "--compare", tmp_path / "mine.json", "--only", "compare")
    assert found.code == 3
    assert "wrong sign" in found.out


def test_a_mistake_is_named_beside_a_working(mlp: Run, tmp_path: Path) -> None:
    """By hand: J is √(1 + d²) − 1, the mean over the two outputs; with d² for r − 1 it is mse."""
    options = OPTIONS["loss-with-a-working"]
    step = json.loads(mlp("backprop-trace", *options, "--format", "json").out)["steps"][0]
    d = np.array(step["layers"][-1]["h"]) - np.array(step["y"])
    assert step["loss"] == pytest.approx(np.mean(np.sqrt(1 + d**2) - 1))
    (tmp_path / "mine.json").write_text(json.dumps({"steps": [{"loss": float(np.mean(d**2))}]}))
    found = mlp("backprop-trace", *options, "--compare", tmp_path / "mine.json", "--only", "compare")
    assert found.code == 3
    assert "L is mse as a mean" in found.out


def test_two_assignments_to_theta_are_explained_one_after_the_other(mlp: Run) -> None:
    """By hand: 0.3 decays to (1 − 0.5·0.01)·0.3 = 0.2985, and Adam's first step adds η against the gradient."""
    out = mlp("backprop-trace", "--optimizer", "adamw", "--learning-rate", "0.5", "--explain", "--only", "update").out
    (decayed,) = [line for line in out.splitlines() if line.strip().startswith("w₁₁⁽²⁾ so far")]
    assert "(1 − 0.5·0.01)·0.3" in decayed
    assert float(decayed.split()[-1]) == 0.2985
    (new,) = [line for line in out.splitlines() if line.strip().startswith("new w₁₁⁽²⁾")]
    assert " 0.2985 − 0.5" in new
    assert float(new.split()[-1]) == pytest.approx(0.2985 + 0.5, abs=1e-3)  # dw₁₁ is negative


def test_frozen_biases_do_not_decay(mlp: Run) -> None:
    options = ["--optimizer", "adamw", "--freeze-bias", "--format", "json"]
    for layer in json.loads(mlp("backprop-trace", *options).out)["steps"][0]["layers"]:
        assert layer["b_new"] == layer["b"]
        assert layer["W_new"] != layer["W"]


def test_a_new_row_costs_and_is_looked_up(mlp: Run) -> None:
    asked = ["--samples", "100", "--batch", "10", "--layers", "4,3,2", "--no-measure"]
    for options in (
        ["--activation", "gelu"],
        ["--optimizer", "adamw"],
        ["--loss", "huber"],
        ["--loss", "pseudo-huber"],
    ):
        found = mlp("estimate-runtime", *asked, *options)
        assert found.code == 0, found.err
    assert "½ a (1 + tanh" in mlp("functions", "gelu").out
    assert "½ (ŷ − y)²" in mlp("functions", "huber").out
    assert ["c", "6"] in [line.split() for line in mlp("functions", "relu6").out.splitlines()]
    assert "√(1 + (ŷ − y)²)" in mlp("functions", "pseudo-huber").out
    assert "gelu" in mlp("functions").out


def test_probabilities_without_logarithms_are_not_paired_with_a_loss_of_logarithms(mlp: Run) -> None:
    for task in TASKS.values():
        for activation, loss in task.pairs:
            layers = chain(2, [1 if task.name == "binary" else 3], [ACTIVATIONS[activation]])
            check_pair(objective_of(LOSSES[loss]), layers)
        (line,) = [line for line in mlp("functions", task.name).out.splitlines() if "hard-sigmoid" in line]
        assert "mse" in line
        assert "bce" not in line
    found = mlp("train", "--dataset", "iris", "--output-activation", "hard-sigmoid", "--epochs", "2", "--quiet")
    assert found.code == 0, found.err
    found = mlp("train", "--dataset", "iris", "--output-activation", "hard-sigmoid", "--loss", "bce", "--quiet")
    assert found.code == 2


def test_the_usual_task_and_its_targets_follow_from_a_row() -> None:
    assert usual_pair("hard-sigmoid", 1) == ("binary", "mse")
    assert usual_pair("hard-sigmoid", 2) == ("multilabel", "mse")
    assert off_and_on("sign") == (-1, 1)
    assert [off_and_on(name) for name in ("hard-sigmoid", "relu6", "gelu")] == [(0, 1)] * 3


@pytest.mark.parametrize(("activation", "warned"), [("sign,relu", 1), ("relu,step", 2), ("relu,tanh", 0)])
def test_a_hidden_layer_that_lets_no_gradient_pass_is_warned_of(mlp: Run, activation: str, warned: int) -> None:
    found = mlp("train", "--dataset", "cars", "--hidden", "3,3", "--activation", activation, "--epochs", "1")
    assert found.code == 0, found.err
    layers = [k for k in (1, 2) if f"hidden layer {k} is a binary " in found.err]
    assert layers == [warned] * bool(warned)
    assert ("no gradient passes the jump" in found.err) == ("sign" in activation)


def test_a_weights_file_is_known_by_what_its_row_recognizes(mlp: Run, tmp_path: Path) -> None:
    trained(mlp, [], "w.txt")
    assert mlp("evaluate", "--weights", "w.txt").code == 0
