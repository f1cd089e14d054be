"""`mlp backprop-trace` narrowed down with --only and --layer."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_support import Run, csv_rows, strict_json

KEYS = {
    "forward": {"W", "b", "a", "h"},
    "backward": {"derivative", "dh", "da", "dW", "db"},
    "update": {"dW", "db", "W_new", "b_new"},  # an update is made with its gradient
    "loss": set(),
}


@pytest.mark.parametrize("part", KEYS)
def test_json_has_only_the_part(mlp: Run, part: str) -> None:
    step = strict_json(mlp("backprop-trace", "--only", part, "-f", "json").out)["steps"][0]
    for layer in step["layers"]:
        assert set(layer) == KEYS[part] | {"layer", "activation"}
    assert ("loss" in step) == (part == "loss")
    assert ("loss_after" in step) == (part == "update")


@pytest.mark.parametrize("part", KEYS)
def test_tables_and_formulas_have_only_the_part(mlp: Run, part: str) -> None:
    titles = {"forward": "Forward, layer", "backward": "Backward, layer", "update": "Update, layer", "loss": "Loss, "}
    for form in ("table", "markdown", "latex", "html"):
        text = mlp("backprop-trace", "--only", part, "-f", form).out
        for name, title in titles.items():
            assert (title in text) == (name == part), (form, name)


def test_a_layer_has_the_numbers_of_the_whole_trace(mlp: Run) -> None:
    whole = strict_json(mlp("backprop-trace", "-f", "json").out)["steps"][0]["layers"]
    second = strict_json(mlp("backprop-trace", "--layer", 2, "-f", "json").out)["steps"][0]["layers"]
    assert second == whole[1:]
    rows = csv_rows(mlp("backprop-trace", "--layer", 2, "--only", "backward", "-f", "csv").out)
    assert {row["layer"] for row in rows} == {"", "2"}  # x and y have none
    assert {row["quantity"] for row in rows} == {"x", "y", "dh", "derivative", "da", "dW", "db"}


def test_large_layers_are_summarised_part_by_part(mlp: Run) -> None:
    text = mlp("backprop-trace", "--layers", "20,30,3", "--only", "backward", "--layer", 2).out
    tensors = {line.split()[1] for line in text.splitlines() if line.split()[:1] == ["2"]}
    assert tensors == {"derivative", "dh", "da", "dW", "db"}


def test_a_summary_of_a_part_is_never_empty(mlp: Run) -> None:
    """The loss has its terms, and an update its gradient: without them neither can be followed."""
    large = ["backprop-trace", "--layers", "20,30,3", "--optimizer", "momentum"]
    loss, update = (mlp(*large, "--only", part).out for part in ("loss", "update"))
    assert re.search(r"^ +terms +1×3 ", loss, re.MULTILINE)
    for layer in "12":
        names = re.findall(rf"^  {layer} +(\S+)", update, re.MULTILINE)
        assert set(names) == {"dW", "db", "v.W", "v.b", "W_new", "b_new"}


@pytest.mark.parametrize("arguments", [[], ["--optimizer", "adam", "--x", "1,2; 3,4", "--y", "setosa; virginica"]])
def test_json_and_csv_have_the_same_figures(mlp: Run, arguments: list[str]) -> None:
    rows = csv_rows(mlp("backprop-trace", "--l2", 0.1, *arguments, "-f", "csv").out)
    (step,) = strict_json(mlp("backprop-trace", "--l2", 0.1, *arguments, "-f", "json").out)["steps"]
    layers, slots = step.pop("layers"), step.pop("slots")
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        found.setdefault((row["layer"], row["quantity"]), []).append(float(row["value"]))
    wanted = {("", name): flat(values) for name, values in step.items()}
    for layer in layers:
        wanted |= {
            (str(layer["layer"]), name): flat(values)
            for name, values in layer.items()
            if name not in ("layer", "activation")
        }
    for slot, parts in slots.items():
        wanted |= {(str(part["layer"]), f"{slot}.{letter}"): flat(part[letter]) for part in parts for letter in "Wb"}
    assert found == wanted


def test_a_jacobian_in_csv_has_sample_row_and_column(mlp: Run) -> None:
    """That of softmax is symmetric, and its rows sum to 0, since the outputs sum to 1 whatever the logits are."""
    text = mlp("backprop-trace", "--x", "1,2; 3,4", "--y", "setosa; virginica", "-f", "csv").out
    rows = [row for row in csv_rows(text) if (row["layer"], row["quantity"]) == ("2", "derivative")]
    cells = {tuple(int(row[key]) for key in ("sample", "row", "column")): float(row["value"]) for row in rows}
    assert len(cells) == 2 * 3 * 3
    for sample, i in product((1, 2), (1, 2, 3)):
        assert sum(cells[sample, i, j] for j in (1, 2, 3)) == pytest.approx(0, abs=1e-12)
        assert all(cells[sample, i, j] == pytest.approx(cells[sample, j, i]) for j in (1, 2, 3))


def flat(values: Any) -> list[float]:
    return [float(value) for value in np.ravel(values)]


def test_the_check_is_narrowed_to_the_layer(mlp: Run) -> None:
    text = mlp("backprop-trace", "--check", "--layer", 2).out
    assert "W2[1,1]" in text
    assert "W1[1,1]" not in text
    assert "all 15 elements are right" in text


def test_proofs_stand_only_beside_what_they_prove(mlp: Run) -> None:
    """The check has gradients, and side by side stands what is shown of the rest; a forward pass has no rule."""
    for part in ("forward", "loss", "update"):
        text = mlp("backprop-trace", "--check", "--only", part).out
        assert "numerical" not in text
        assert "all 15 elements are right" in text
    assert "numerical" in mlp("backprop-trace", "--check", "--only", "backward").out
    lecture = ["backprop-trace", "--rule", "lecture"]
    assert "Side by side" not in mlp(*lecture, "--only", "forward", "--layer", 1).out
    assert "Side by side" in mlp(*lecture, "--layer", 1).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--layer", 0], "the layers 1 to 2"),
        (["--layer", 3], "the layers 1 to 2"),
        (["--only", "forwards"], "did you mean 'forward'"),
        (["--only", "loss", "--layer", 1], "belongs to no layer"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(mlp: Run, arguments: list[object], words: str) -> None:
    done = mlp("backprop-trace", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("form", ["table", "markdown", "latex", "html"])
@pytest.mark.parametrize(("digits", "loss", "after"), [(2, "1.73", "0.88"), (8, "1.72992893", "0.87803061")])
def test_the_lines_below_a_trace_have_the_decimals_that_were_asked_for(
    mlp: Run, form: str, digits: int, loss: str, after: str
) -> None:
    assert f"L = {loss}; after the update L = {after}" in mlp("backprop-trace", "--digits", digits, "-f", form).out


def test_what_rounding_leaves_of_a_sum_does_not_hide_the_numbers_beside_it(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text(
        '{"layers": [{"weights": [[0.1], [1]], "bias": [-0.3, 0.25]}], "x": [3], "y": [0, 1], "learning_rate": 0.5}'
    )
    forward = mlp("backprop-trace", "-w", "w.json", "--only", "forward").out
    rest = f"{0.1 * 3 - 0.3:.4e}"  # 5.5511e-17
    assert [line.split()[-1] for line in forward.splitlines() if line.split()[:1] in (["1"], ["2"])] == [rest, "3.2500"]
