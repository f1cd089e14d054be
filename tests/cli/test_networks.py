"""Networks that `--layers` draws: something to practise, and nothing that rounding could turn round."""

from unittest.mock import Mock

import numpy as np
import pytest
from cli_support import Run, strict_json

from mlpcli.cli.network_options import ObjectiveOptions, RandomNetworkOptions
from mlpcli.cli.networks import _widths, features_note, random_model, random_or_read, scaling_note, with_objective
from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.propagation import forward
from mlpcli.core.samples import Scaling, unscaled
from mlpcli.data.categories import Column
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding

SMOOTH = [row.name for row in ACTIVATIONS.values() if row.elementwise and not row.hidden and row.name != "relu"]
BENT = [name for name, row in ACTIVATIONS.items() if row.bent]
TYPESET = ["markdown", "latex", "html"]


def drawn_a(activation: str, layers: str, seed: int, last: str | None = None) -> list[Array]:
    """a of each layer, from the weights, the biases and x that were drawn."""
    model = random_model(RandomNetworkOptions(layers, activation, last), layers, seed)
    assert model.example.x is not None
    return [layer.a[0] for layer in forward(model.network, model.example.x).layers]


@pytest.mark.parametrize("activation", BENT)
@pytest.mark.parametrize("layers", ["2,3,2", "3,4,3,2", "2,1,1", "2,40,2"])
def test_no_a_is_near_a_kink(activation: str, layers: str) -> None:
    for seed in range(100):
        assert all((np.abs(a) > 0.05).all() for a in drawn_a(activation, layers, seed)[:-1]), seed


@pytest.mark.parametrize("layers", ["2,3,2", "2,2,2", "3,4,3,2"])
def test_some_relus_are_dead_and_half_of_each_layer_lives(layers: str) -> None:
    for seed in range(200):
        for a in drawn_a("relu", layers, seed)[:-1]:
            assert 1 <= np.count_nonzero(a < 0) <= len(a) / 2, seed


def test_a_relu_alone_in_its_layer_lives() -> None:
    assert all(drawn_a("relu", "2,1,1", seed)[0][0] > 0 for seed in range(200))


def test_a_relu_that_is_an_output_is_not_near_its_kink() -> None:
    assert all((np.abs(drawn_a("tanh", "2,2,2", seed, "relu")[-1]) > 0.05).all() for seed in range(200))


def test_a_seed_draws_the_same_numbers_again_and_another_seed_others() -> None:
    one, again, other = (drawn_a("relu", "2,3,2", seed)[0].tolist() for seed in (7, 7, 8))
    assert one == again != other


@pytest.mark.parametrize("activation", SMOOTH)
@pytest.mark.parametrize("layers", ["2,3,2", "3,2,2,1"])
def test_every_hidden_unit_passes_a_gradient_on(layers: str, activation: str) -> None:
    """But for ReLUs, some of which are dead on purpose."""
    for seed in range(40):
        model = random_model(RandomNetworkOptions(layers, activation), layers, seed)
        hidden = zip(model.network.layers[:-1], forward(model.network, model.example.x).layers, strict=False)
        for layer, there in hidden:
            assert (layer.activation.slope(there.a, there.h, layer.activation.alpha) != 0).all()


def test_figures_are_short_and_the_same_for_the_same_seed() -> None:
    one, two = (random_model(RandomNetworkOptions(), "2,3,2", 5) for _ in range(2))
    assert np.array_equal(one.network.theta, two.network.theta)
    assert np.array_equal(one.network.theta, np.round(one.network.theta, 2))
    assert one.example.x is not None
    assert np.array_equal(one.example.x, np.round(one.example.x, 2))


@pytest.mark.parametrize("form", TYPESET)
def test_what_is_given_is_as_short_as_it_was_drawn(mlp: Run, form: str) -> None:
    """Two decimals, and no zeros behind them."""
    asked = ["backprop-trace", "--layers", "2,3,2", "--seed", 7]
    step = strict_json(mlp(*asked, "-f", "json").out)["steps"][0]
    sheet = mlp(*asked, "--exercise", "-f", form, "--digits", 6).out
    given = [*step["x"][0], *(w for layer in step["layers"] for row in layer["W"] for w in row)]
    given += [b for layer in step["layers"] for b in layer["b"]]
    assert len(given) == 2 + 6 + 6 + 3 + 2
    for number in given:
        assert f"{abs(number):g}" in sheet
        assert f"{abs(number):.4f}" not in sheet


@pytest.mark.parametrize("form", TYPESET)
def test_an_exercise_whose_steps_are_rounded_asks_for_as_many_decimals(mlp: Run, form: str) -> None:
    sheet = mlp("backprop-trace", "--exercise", "--round-steps", 2, "-f", form).out
    assert "Write each number to 2 decimals." in sheet
    assert "halves away from zero" in sheet
    heading = {"markdown": "## Given\n", "latex": r"\subsection*{Given}", "html": "<h2>Given</h2>"}[form]
    assert heading in sheet


@pytest.mark.parametrize(
    ("layers", "fits"), [("1000,1000", True), ("1000,1001", False), ("1000,500,1000", True), ("1000,501,1000", False)]
)
def test_an_exercise_has_a_million_weights_at_most(layers: str, fits: bool) -> None:
    if fits:
        assert _widths(layers) == [int(width) for width in layers.split(",")]
    else:
        words = rf"^--layers {layers} has more than 1,000,000 weights, too many for an exercise$"
        with pytest.raises(ChoiceError, match=words):
            _widths(layers)


@pytest.mark.parametrize(("activation", "last"), [("tanh", None), (None, "linear"), ("tanh", "linear")])
def test_activations_without_a_random_network_are_refused(activation: str | None, last: str | None) -> None:
    words = "^--activation and --output-activation belong to --layers, not to a weights file; leave them out$"
    with pytest.raises(ChoiceError, match=words):
        random_or_read(RandomNetworkOptions(None, activation, last), None, 1)


def test_a_loss_that_cannot_take_the_output_is_refused() -> None:
    """A cross-entropy takes logarithms, and tanh gives numbers below 0."""
    model = random_model(RandomNetworkOptions("2,3,2", None, "tanh"), "2,3,2", 1)
    assert with_objective(model, ObjectiveOptions(loss="mse", l2=0.5)).objective.loss.name == "mse"
    with pytest.raises(ChoiceError, match=r"^cce takes the logarithm of the outputs, .*use softmax instead of tanh"):
        with_objective(model, ObjectiveOptions(loss="cce"))


def test_numbers_are_drawn_from_their_whole_range() -> None:
    """Weights and biases from −1 to 1, x from −2 to 2; each output is the target of some seed, and of no other."""
    models = [random_model(RandomNetworkOptions(), "2,3,3", seed) for seed in range(60)]
    theta, x = (np.array(rows) for rows in zip(*((m.network.theta, m.example.x[0]) for m in models), strict=True))
    assert 0.98 < theta.max() <= 1
    assert -1 <= theta.min() < -0.98
    assert 1.9 < x.max() <= 2
    assert -2 <= x.min() < -1.9
    y = np.array([m.example.y[0] for m in models])
    assert (y.sum(axis=1) == 1).all()
    assert set(y.argmax(axis=1)) == {0, 1, 2}
    assert {m.example.learning_rate for m in models} == {0.5}


def test_each_unit_of_a_prelu_has_a_slope_of_its_own_from_minus_1_to_1() -> None:
    models = [random_model(RandomNetworkOptions("2,3,2", "prelu"), "2,3,2", seed) for seed in range(60)]
    alpha = np.array([model.network.parameters[0].alpha for model in models])
    assert alpha.shape == (60, 3)
    assert np.array_equal(alpha, np.round(alpha, 2))
    assert 0.95 < alpha.max() <= 1
    assert -1 <= alpha.min() < -0.95
    assert all(len(set(row)) > 1 for row in alpha.tolist())


@pytest.mark.parametrize(
    ("layers", "output", "last", "task", "names"),
    [
        ("2,3,2", None, "softmax", "multiclass", ("0", "1")),
        ("2,3,1", None, "sigmoid", "binary", ("0", "1")),
        ("2,3,3", "linear", "linear", "regression", ("y1", "y2", "y3")),
    ],
)
def test_the_outputs_of_an_exercise_suit_their_number(
    layers: str, output: str | None, last: str, task: str, names: tuple[str, ...]
) -> None:
    model = random_model(RandomNetworkOptions(layers, None, output), layers, 1)
    assert (model.output_activation, model.task.name, model.coding.names) == (last, task, names)


def noted(*columns: Column) -> str:
    features = tuple(feature for column in columns for feature in column.features)
    return features_note(Mock(preparation=Preparation(features, unscaled(), None, columns)))


def test_twenty_features_are_named_and_of_more_the_ends_of_each_column() -> None:
    sizes = Column("size", ("s", "m", "l"))
    numbers = [Column(f"n{k}") for k in range(18)]
    short = noted(sizes, *numbers[:17]).split(", ")
    assert len(short) == 20
    assert short[:4] == ["x₁ size=s", "x₂ size=m", "x₃ size=l", "x₄ n0"]
    long = noted(sizes, *numbers).split(", ")
    assert (len(long), long[:2], long[-1]) == (19, ["x₁ size=s to x₃ size=l", "x₄ n0"], "x₂₁ n17")


@pytest.mark.parametrize(("columns", "more"), [(20, ""), (21, " and 1 more column"), (24, " and 4 more columns")])
def test_twenty_columns_are_named(columns: int, more: str) -> None:
    found = noted(*(Column(f"c{k}", ("s", "m", "l")) for k in range(columns)))
    assert found.endswith(f"x₅₈ c19=s to x₆₀ c19=l{more}")
    assert found.count(" to ") == 20


def test_what_is_scaled_is_said() -> None:
    def scaled(mean: float, scale: float, targets: bool, *outputs: str) -> str:
        scaling = Scaling(np.array([0.0, mean]), np.array([1.0, scale]))
        coding = Coding(("y1",), unscaled() if targets else None)
        model = Mock(preparation=Preparation(("a", "b"), scaling), coding=coding)
        return scaling_note(model, *([outputs] if outputs else []))

    as_trained = "(value − mean)/scale, as the network was trained"
    assert scaled(0, 1, False) == ""
    assert scaled(3, 1, False) == f"x is {as_trained}"
    assert scaled(0, 2, False) == f"x is {as_trained}"
    assert scaled(0, 1, True) == f"y is {as_trained}"
    assert scaled(3, 2, True, "ŷ", "y") == f"x, ŷ and y are {as_trained}"
