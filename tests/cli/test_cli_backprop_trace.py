"""`mlp backprop-trace` as a user runs it: the lecture, own samples, formats, checks, and mistakes."""

import re
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from cli_support import Run, csv_rows, strict_json, train_in

from mlpcli.cli.tracing import _trained, check_steps
from mlpcli.core.errors import ChoiceError
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.data.text import sample_file
from mlpcli.files.weights import load_model


def test_alone_it_walks_through_the_lecture(mlp: Run) -> None:
    found = mlp("backprop-trace")
    assert found.code == 0
    assert found.err == ""
    for figure in ("0.2800", "0.7200", "-0.2320", "0.3752", "-2.6655", "1.4840", "0.2344", "0.4353", "L = 1.7299"):
        assert figure in found.out  # the lecture's network in float64, rounded


def test_json_and_csv_have_the_same_numbers(mlp: Run) -> None:
    step = strict_json(mlp("backprop-trace", "-f", "json").out)["steps"][0]
    rows = csv_rows(mlp("backprop-trace", "-f", "csv").out)
    for name in ("W", "b", "a", "h", "da", "dW", "db", "W_new", "b_new"):
        for k, layer in enumerate(step["layers"], 1):
            numbers = [float(row["value"]) for row in rows if (row["layer"], row["quantity"]) == (str(k), name)]
            assert numbers == np.ravel(layer[name]).tolist()


def test_the_new_weights_have_less_loss_when_they_are_used(mlp: Run) -> None:
    step = strict_json(mlp("backprop-trace", "-f", "json").out)["steps"][0]
    assert step["loss_after"] < step["loss"]
    h = np.array(step["x"])
    for layer in step["layers"]:
        a = h @ np.array(layer["W_new"]).T + np.array(layer["b_new"])
        h = np.maximum(a, 0) if layer["activation"] == "relu" else np.exp(a) / np.exp(a).sum()
    y = np.array(step["y"])
    assert -np.sum(y * np.log(h) + (1 - y) * np.log(1 - h)) == pytest.approx(step["loss_after"], rel=1e-12)


def test_the_check_passes_and_says_so(mlp: Run) -> None:
    found = mlp("backprop-trace", "--check", "-f", "json")
    check = strict_json(found.out)["check"]
    assert found.code == 0
    assert check["right"] is True
    assert len(check["elements"]) == 15  # 2·2 + 2 + 3·2 + 3


def test_a_gradient_at_a_kink_fails_the_check_and_is_explained(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "kink.json").write_text(
        '{"layers": [{"weights": [[1.0]], "activation": "relu"}, {"weights": [[1.0]]}]}'
    )
    found = mlp("backprop-trace", "-w", "kink.json", "--x", 0, "--y", 1, "--check")
    assert found.code == 3
    assert "kink" in found.err
    assert found.err.count("\n") == 1


def test_the_check_is_made_on_the_gradients_that_are_shown(mlp: Run) -> None:
    """The slide prints dW⁽²⁾₂₁ = −0.09, rounded; the derivative of its loss is 0.143754."""
    found = mlp("backprop-trace", "--rule", "lecture", "--check", "-f", "json")
    assert found.code == 3
    assert "the lecture's rule does not give the gradient" in found.err
    document = strict_json(found.out)
    assert document["check"]["right"] is False
    elements = {element["name"]: element for element in document["check"]["elements"]}
    layers = document["steps"][0]["layers"]
    for k, layer in enumerate(layers, 1):
        for (i, j), value in np.ndenumerate(layer["dW"]):
            assert elements[f"W{k}[{i + 1},{j + 1}]"]["gradient"] == value
    assert elements["W2[2,1]"]["gradient"] == pytest.approx(-0.09, abs=0.005)
    assert elements["W2[2,1]"]["numerical"] == pytest.approx(0.143754, abs=5e-7)


@pytest.mark.parametrize("rule", ["exact", "lecture"])
def test_rounded_figures_are_not_checked_to_the_last_digit(mlp: Run, rule: str) -> None:
    found = mlp("backprop-trace", "--round-steps", 2, "--rule", rule, "--check")
    assert (found.code, found.out) == (2, "")
    assert "--round-steps" in found.err


def test_of_several_steps_the_check_says_that_it_is_of_the_first(mlp: Run) -> None:
    assert "check of step 1: all 15" in mlp("backprop-trace", "--steps", 3, "--check").out
    assert "\ncheck: all 15" in mlp("backprop-trace", "--check").out


def test_a_trained_network_starts_from_its_first_training_sample(mlp: Run, tmp_path: Path) -> None:
    train_in(tmp_path, "--dataset", "iris", "--epochs", 2)
    step = strict_json(mlp("backprop-trace", "-w", "w.json", "-f", "json").out)["steps"][0]
    assert sorted(step["y"][0]) == [0, 0, 1]
    assert step["layers"][0]["W"] == load_model(str(tmp_path / "w.json")).network.parameters[0].W.tolist()
    named = mlp("backprop-trace", "-w", "w.json", "--x", "5.1,3.5,1.4,0.2", "--y", "setosa", "-f", "json")
    assert strict_json(named.out)["steps"][0]["y"] == [[1, 0, 0]]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--x", "1,2,3", "--y", "1,0,0"], 2, "--x has 3 numbers, but 2 are expected"),
        (["--x", "1,2", "--y", "1,0"], 2, "--y has 2 numbers, but 3 are expected"),
        (["--x", "1,2"], 2, "--y"),
        (["--x", "1,2; 3,4", "--y", "1,0,0"], 2, "2 samples"),
        (["--x", "1,2", "--y", "setosaa"], 2, "did you mean 'setosa'"),
        (["--x", "1,2", "--y", "0.5,0.5,0.5", "--loss", "cce"], 2, "sum to 1"),
        (["--learning-rate", "0"], 2, "greater than 0"),
        (["--learning-rate", "1e308"], 3, "the update overflows; try a smaller --learning-rate"),
        (["--class-weight", "balanced"], 2, "name the weights: setosa=1,versicolor=1"),
        (["--steps", "0"], 2, "--steps"),
        (["--weights", "gone.json"], 1, "gone.json"),
        (["--optimizer", "normal-equations"], 2, "2 layers"),
        (["--merge-bias", "--freeze-bias"], 2, "leave --freeze-bias out"),
        (["--merge-bias", "--optimizer", "random-search"], 2, "--merge-bias: random search"),
    ],
)
def test_mistakes_are_one_line(mlp: Run, arguments: list[str], code: int, words: str) -> None:
    found = mlp("backprop-trace", *arguments)
    assert (found.code, found.out) == (code, "")
    assert found.err.startswith("mlp: error: ")
    assert found.err.count("\n") == 1
    assert words in found.err


@pytest.mark.parametrize("form", ["table", "markdown", "latex", "html", "csv"])
def test_a_merged_bias_is_written_in_every_form(mlp: Run, form: str) -> None:
    options = ["--merge-bias", "--l2", "0.1", "--optimizer", "adam", "--x", "1.8,0.5;1,2", "--y", "1,0,0;0,1,0"]
    found = mlp("backprop-trace", *options, "--format", form)
    assert (found.code, found.err) == (0, "")
    marks = {"csv": ["dW_tilde", "m.W_tilde"], "latex": [r"\tilde W^{(1)}"], "markdown": [r"\tilde h^{(1)}[1]"]}
    assert all(mark in found.out for mark in marks.get(form, ["W̃", "h̃", "x̃"]))


def test_own_numbers_with_a_merged_bias_are_told_what_to_write(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"layers": [{"layer": 1, "dW_tilde": [[1, 2, 3], [4, 5, 6]]}]}')
    found = mlp("backprop-trace", "--compare", tmp_path / "mine.json")
    assert found.code == 1
    assert "'dW_tilde': write W and b, as a trace without --merge-bias has them" in found.err


def test_a_drawn_exercise_is_the_same_for_the_same_seed(mlp: Run) -> None:
    one, again = (mlp("backprop-trace", "--layers", "2,3,2", "--activation", "sigmoid", "--seed", 7) for _ in range(2))
    other = mlp("backprop-trace", "--layers", "2,3,2", "--activation", "sigmoid", "--seed", 8)
    assert one.code == 0
    assert one == again
    assert one.out != other.out


@pytest.mark.parametrize("last", ["softmax", "sigmoid", "linear", "tanh"])
def test_a_drawn_exercise_is_right_with_every_output(mlp: Run, last: str) -> None:
    found = mlp("backprop-trace", "--layers", "2,3,2", "--output-activation", last, "--check", "-f", "json")
    assert strict_json(found.out)["check"]["right"] is True


def test_mazurs_network_and_the_updated_one_are_files(mlp: Run, tmp_path: Path) -> None:
    network = str(sample_file("mazur.json"))
    found = mlp(
        "backprop-trace", "-w", network, "--freeze-bias", "-f", "json", "-o", "t.json", "--save-weights", "new.json"
    )
    assert (found.code, found.out) == (0, "")
    step = strict_json((tmp_path / "t.json").read_text())["steps"][0]
    assert step["loss_after"] == pytest.approx(0.291027774, abs=5e-10)  # Mazur prints 0.291027924, which is a slip
    new = load_model(str(tmp_path / "new.json")).network
    assert [p.W.tolist() for p in new.parameters] == [layer["W_new"] for layer in step["layers"]]
    again = strict_json(mlp("backprop-trace", "-w", "new.json", "-f", "json").out)["steps"][0]
    assert again["loss"] == step["loss_after"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--layers", "2"], "2,3,2"),
        (["--layers", "2,0,2"], "whole numbers from 1"),
        (["--layers", "9999,9999"], "too many for an exercise"),
        (["--layers", "2,2", "--weights", "w.json"], "leave one out"),
        (["--activation", "relu"], "belong to --layers"),
        (["--layers", "2,3,2", "--activation", "relu,tanh,relu"], "3 names, but the number of hidden layers is 1"),
        (["-o", "t.json", "--save-weights", "t.json"], "--output and --save-weights are both t.json"),
    ],
)
def test_contradictions_are_usage_errors_and_write_nothing(
    mlp: Run, tmp_path: Path, arguments: list[str], words: str
) -> None:
    found = mlp("backprop-trace", *arguments)
    assert (found.code, found.out) == (2, "")
    assert words in found.err
    assert list(tmp_path.iterdir()) == []


def test_the_slides_rule_says_that_it_is_not_the_gradient(mlp: Run) -> None:
    found = mlp("backprop-trace", "--rule", "lecture", "--round-steps", 2, "--digits", 2)
    assert found.code == 0
    for figure in ("-2.63", "-0.17", "-0.44", "0.39", "-0.08", "0.25", "0.34"):  # as printed on the slide
        assert figure in found.out
    assert "this is not the gradient" in found.out
    assert "exactly ŷ − y" in found.out


def test_rounding_goes_with_the_true_rule_too(mlp: Run) -> None:
    found = mlp("backprop-trace", "--round-steps", 2, "-f", "json")
    document = strict_json(found.out)
    assert (document["rule"], document["round_steps"]) == ("exact", 2)
    assert document["steps"][0]["layers"][1]["dh"] == [[-2.63, 1.49, 1.43]]  # −1/0.38, 1/0.67, 1/0.70


@pytest.mark.parametrize("way", [["--rule", "lecture"], ["--round-steps", 2]], ids=str)
@pytest.mark.parametrize("arguments", [["--steps", 2], ["--optimizer", "adam"]], ids=str)
def test_by_hand_names_the_option_that_is_in_the_way(mlp: Run, way: list[object], arguments: list[object]) -> None:
    found = mlp("backprop-trace", *way, *arguments)
    assert (found.code, found.out) == (2, "")
    assert f"{way[0]}" in found.err
    assert str(arguments[-1]) in found.err
    assert [option for option in ("--steps", "--optimizer", "--freeze-bias") if option in found.err] == arguments[:1]


@pytest.mark.parametrize("arguments", [["--l2", 0.1], ["--loss", "mse"], ["--loss", "kl"], ["--freeze-bias"]], ids=str)
def test_rounding_goes_with_every_network_and_the_slides_rule_with_what_it_has(
    mlp: Run, arguments: list[object]
) -> None:
    assert mlp("backprop-trace", "--round-steps", 2, *arguments).code == 0
    found = mlp("backprop-trace", "--rule", "lecture", *arguments)
    assert found.code == (0 if arguments == ["--freeze-bias"] else 2)
    assert str(arguments[-1] if arguments[0] == "--loss" else arguments[0]) in found.err or found.code == 0


def test_frozen_biases_stay_in_a_step_by_hand(mlp: Run) -> None:
    found = mlp("backprop-trace", "--round-steps", 2, "--freeze-bias", "-f", "json")
    for layer in strict_json(found.out)["steps"][0]["layers"]:
        assert layer["b_new"] == layer["b"]
        assert layer["W_new"] != layer["W"]


@pytest.mark.parametrize("arguments", [["--rule", "slide"], ["--round-steps", 0]], ids=str)
def test_there_is_no_such_rule_or_rounding(mlp: Run, arguments: list[object]) -> None:
    assert mlp("backprop-trace", *arguments).code == 2


@pytest.mark.parametrize("form", ["table", "markdown", "latex", "html"])
def test_what_is_not_rounded_is_shown_with_the_digits_that_it_has(mlp: Run, form: str) -> None:
    """da₁ = −2.63·0.23 = −0.6049, and −0.6049·0.72 = −0.4355 → −0.44; −0.60·0.72 would be −0.43."""
    asked = ["backprop-trace", "--rule", "lecture", "--round-steps", 2, "--digits", 2]
    text = mlp(*asked, "-f", form).out.replace("−", "-")
    for figure in ("-0.6049", "-0.3278", "-0.3003", "0.4202", "0.1739", "0.1549", "-2.63", "-0.44", "0.75"):
        assert figure in text
    assert "rounded to 2 decimals, halves away from zero; the terms of L and da" in text


def test_a_network_that_was_trained_otherwise_says_so(mlp: Run) -> None:
    """Training took adam; the trace takes sgd unless it is told."""
    mlp("train", "--dataset", "iris", "--epochs", 1, "-q")
    trained = "trained with   adam, learning rate 0.001"
    assert trained in mlp("backprop-trace", "--weights", "w.json").out
    same = ["--optimizer", "adam", "--learning-rate", 0.001]
    assert "trained with" not in mlp("backprop-trace", "--weights", "w.json", *same).out


def test_the_defaults_that_the_help_names_are_those_of_a_trace(mlp: Run, tmp_path: Path) -> None:
    """sgd, at the rate that the file has beside its sample; without one at the optimizer's own, Keras' 0.001."""
    help_text = " ".join(mlp("backprop-trace", "--help").out.split())
    assert "--optimizer OPTIMIZER Update rule [default: sgd]" in help_text
    assert "[default: adam]" not in help_text
    assert "η = 0.5" in mlp("backprop-trace").out
    (tmp_path / "plain.json").write_text('{"layers": [{"weights": [[0.1, 0.2]], "activation": "linear"}]}')
    given = ["--weights", "plain.json", "--x", "1,2", "--y", "3", "--optimizer", "rmsprop"]
    assert "with        η = 0.001, ρ = 0.9" in mlp("backprop-trace", *given).out


def test_figures_that_are_scaled_are_said_to_be(mlp: Run) -> None:
    """Iris is standardised, and so are the prices of a regression; the lecture's figures stand as they are."""
    assert mlp("train", "--dataset", "iris", "--epochs", 1, "-q").code == 0
    assert "x is (value − mean)/scale" in mlp("backprop-trace", "--weights", "w.json").out
    assert mlp("train", "--dataset", "cars", "--epochs", 1, "-q", "-o", "cars.json").code == 0
    assert "x and y are (value − mean)/scale" in mlp("backprop-trace", "--weights", "cars.json").out
    assert "mean)/scale" not in mlp("backprop-trace").out


# ----- Side by side -------------------------------------------------------------------------------------------------

LOG, SIGN, DIAGONAL, ROUNDING = (
    "log₁₀ for ln", "sign of (1 − y)/(1 − ŷ)", "softmax's diagonal alone", "rounding"
)  # fmt: skip


def reasons(text: str) -> dict[str, str]:
    """The reason beside each figure."""
    table = text.partition("Side by side")[2].split("\n\n")[1]
    lines = [re.split(r"\s{2,}", line.strip()) for line in table.splitlines()[2:]]
    return {line[0]: line[3] if len(line) > 3 else "" for line in lines}


def test_beside_a_figure_stand_all_reasons_that_matter_for_it(mlp: Run) -> None:
    """By hand from the slide's figures; 1/(1 − 0.326154) = 1.484 where 1/(1 − 0.33) = 1.49."""
    found = reasons(mlp("backprop-trace", "--rule", "lecture", "--round-steps", 2).out)
    assert found["J"] == LOG
    assert found["dŷ₁"] == ROUNDING  # −1/0.38 = −2.63 where −1/0.375167 = −2.67
    assert found["dŷ₂"] == f"{SIGN}, {ROUNDING}"
    assert found["dŷ₃"] == SIGN  # 1/(1 − 0.298679) = 1.4259 is 1.43 too
    assert found["dw₁₁⁽²⁾"] == DIAGONAL  # −0.6248·0.28 = −0.17494 is −0.17 too
    assert DIAGONAL in found["dh₁⁽¹⁾"]
    assert SIGN in found["dh₁⁽¹⁾"]
    names = [f"{d}{i}{k}" for k, units in (("⁽¹⁾", "₁₂"), ("⁽²⁾", "₁₂₃")) for i in units for d in ("da", "db", "new b")]
    assert [name for name in names if name not in found] == []


def test_where_a_loss_has_no_second_term_no_sign_is_a_reason(mlp: Run) -> None:
    found = mlp("backprop-trace", "--rule", "lecture", "--loss", "cce")
    assert "(1 − y)/(1 − ŷ)" not in found.out
    given = reasons(found.out)
    assert given["J"] == LOG
    assert {given[f"dŷ{i}"] for i in "₁₂₃"} == {""}  # −y/ŷ is the true one
    assert given["da₂⁽²⁾"] == DIAGONAL  # 0 where calculus has ŷ₂


def test_by_the_exact_rule_rounding_alone_is_a_reason(mlp: Run) -> None:
    given = reasons(mlp("backprop-trace", "--round-steps", 2).out)
    assert set(given.values()) == {ROUNDING, ""}
    assert given["dŷ₁"] == ROUNDING


def test_softmax_in_a_hidden_layer_is_confessed_too(mlp: Run, tmp_path: Path) -> None:
    drawn = ["--layers", "2,3,2", "--activation", "softmax", "--output-activation", "sigmoid"]
    found = mlp("backprop-trace", *drawn, "--rule", "lecture")
    assert "off-diagonal" in found.out.splitlines()[-1]
    plain = mlp("backprop-trace", "--layers", "2,3,2", "--activation", "tanh", *drawn[4:], "--rule", "lecture")
    assert "off-diagonal" not in plain.out


def test_side_by_side_follows_the_view_and_is_never_endless(mlp: Run) -> None:
    large = ["backprop-trace", "--layers", "20,30,3", "--rule", "lecture"]
    assert len(reasons(mlp(*large).out)) == 60
    assert len(reasons(mlp(*large, "--whole").out)) > 1000
    layer = reasons(mlp("backprop-trace", "--rule", "lecture", "--layer", 1).out)
    assert layer
    assert all("⁽¹⁾" in name for name in layer)


@pytest.mark.parametrize(
    ("steps", "parameters", "words"),
    [
        (1000, 15, ""),
        (0, 15, "--steps must be from 1 to 1000, not 0"),
        (1001, 15, "--steps must be from 1 to 1000, not 1001"),
        (20, 10**6, ""),
        (21, 10**6, "--steps 21: 1,000,000 parameters in each are too many to keep; use 20 or fewer"),
        (3, 6_666_667, "--steps 3: 6,666,667 parameters in each are too many to keep; use 2 or fewer"),
        (1, 10**9, ""),
        (2, 10**9, "--steps 2: 1,000,000,000 parameters in each are too many to keep; use 1 or fewer"),
    ],
)
def test_a_trace_has_as_many_steps_as_can_be_kept(steps: int, parameters: int, words: str) -> None:
    """A thousand, and twenty million parameters in all."""
    if not words:
        check_steps(steps, parameters)
    else:
        with pytest.raises(ChoiceError) as caught:
            check_steps(steps, parameters)
        assert str(caught.value) == words


@pytest.mark.parametrize(("decimals", "taken"), [(0, False), (1, True), (12, True), (13, False)])
def test_steps_are_rounded_to_1_to_12_decimals(mlp: Run, decimals: int, taken: bool) -> None:
    found = mlp("backprop-trace", "--round-steps", decimals)
    error = f"mlp: error: --round-steps must be from 1 to 12, not {decimals}\n"
    assert (found.code, found.err) == ((0, "") if taken else (2, error))


@pytest.mark.parametrize(
    ("training", "told"),
    [
        ({"optimizer": "sgd", "learning_rate": 0.5}, ""),
        ({"optimizer": "sgd", "learning_rate": 0.25}, "sgd, learning rate 0.25; this trace uses other settings"),
        ({"optimizer": "adam", "learning_rate": 0.5}, "adam, learning rate 0.5; this trace uses other settings"),
        ({"optimizer": "a" * 81, "learning_rate": 1}, f"{'a' * 80}, learning rate 1; this trace uses other settings"),
        ({"optimizer": "sgd"}, ""),
        ({"optimizer": 3, "learning_rate": 0.25}, ""),
    ],
)
def test_how_a_network_was_trained_is_told_where_the_trace_updates_otherwise(
    training: dict[str, object], told: str
) -> None:
    assert _trained(Mock(training=training), OPTIMIZERS["sgd"], 0.5) == told
