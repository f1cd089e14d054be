"""`mlp backprop-trace` narrowed down with --only and --layer."""

import pytest
from cli_support import Run, csv_rows, strict_json

KEYS = {
    "forward": {"W", "b", "a", "h"},
    "backward": {"derivative", "dh", "da", "dW", "db"},
    "update": {"W_new", "b_new"},
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
    assert {row["layer"] for row in rows} == {"2"}
    assert {row["quantity"] for row in rows} == {"dh", "da", "dW", "db"}


def test_large_layers_are_summarised_part_by_part(mlp: Run) -> None:
    text = mlp("backprop-trace", "--layers", "20,30,3", "--only", "backward", "--layer", 2).out
    tensors = {line.split()[1] for line in text.splitlines() if line.split()[:1] == ["2"]}
    assert tensors == {"derivative", "dh", "da", "dW", "db"}


def test_the_check_is_narrowed_to_the_layer(mlp: Run) -> None:
    text = mlp("backprop-trace", "--check", "--layer", 2).out
    assert "W2[1,1]" in text
    assert "W1[1,1]" not in text
    assert "all 15 elements are right" in text


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
