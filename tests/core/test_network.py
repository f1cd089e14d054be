"""Networks: θ as one flat vector, its views, and layers that fit together."""

from dataclasses import replace

import numpy as np
import pytest
from core_helpers import activation, random_network

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.network import (
    Layer,
    Network,
    are_biases,
    cast,
    chain,
    check_layers,
    count,
    empty,
    flattened,
    hidden_activations,
    initialize,
    views,
)
from mlpcli.core.network import why_it_cannot_learn as warnings_about

LAYERS = chain(2, [3, 4, 2], [activation(name) for name in ("prelu", "tanh", "softmax")])
# prelu: 3·2 weights, 3 biases, 3 slopes; tanh: 4·3 + 4; softmax: 2·4 + 2
SIZE = 12 + 16 + 10


def test_count_adds_weights_biases_and_learned_slopes() -> None:
    assert count(LAYERS) == SIZE
    assert [layer.size for layer in LAYERS] == [12, 16, 10]


def test_views_follow_each_other_row_by_row() -> None:
    (W1, b1, alpha1), (W2, b2, _), (W3, b3, _) = views(LAYERS, np.arange(SIZE))
    assert W1.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert b1.tolist() == [6, 7, 8]
    assert alpha1.tolist() == [9, 10, 11]
    assert W2.tolist() == [[12, 13, 14], [15, 16, 17], [18, 19, 20], [21, 22, 23]]
    assert b2.tolist() == [24, 25, 26, 27]
    assert W3.tolist() == [[28, 29, 30, 31], [32, 33, 34, 35]]
    assert b3.tolist() == [36, 37]


def test_views_flattened_are_the_vector_again() -> None:
    assert flattened(LAYERS, views(LAYERS, np.arange(SIZE))).tolist() == list(range(SIZE))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_alpha_is_a_view_where_it_is_learned_else_the_constant(name: str) -> None:
    network = random_network(2, [3, 2], [name, "linear"])
    alpha = network.parameters[0].alpha
    if ACTIVATIONS[name].learned:
        assert np.shares_memory(alpha, network.theta)
        assert alpha.shape == (3,)
    else:
        assert alpha == ACTIVATIONS[name].alpha


def test_biases_lie_behind_the_weights_of_their_layer() -> None:
    """Of 2-2-3, four weights and two biases, then six weights and three biases; a learned slope is none."""
    layers = chain(2, [2, 3], [ACTIVATIONS["prelu"], ACTIVATIONS["softmax"]])
    assert np.flatnonzero(are_biases(layers)).tolist() == [4, 5, 8 + 6, 8 + 7, 8 + 8]


def test_views_share_the_memory_of_theta() -> None:
    network = random_network(2, [3, 4, 2], ["prelu", "tanh", "softmax"])
    for W, b, _ in network.parameters:
        assert np.shares_memory(W, network.theta)
        assert np.shares_memory(b, network.theta)
    network.parameters[1].W[2, 1] = 77
    assert network.theta[12 + 2 * 3 + 1] == 77
    network.theta[6] = -5
    assert network.parameters[0].b[0] == -5


def test_a_leading_axis_of_several_networks_stays() -> None:
    stack = np.random.default_rng(0).normal(size=(5, SIZE))
    together = views(LAYERS, stack)
    assert together[0].W.shape == (5, 3, 2)
    for i, theta in enumerate(stack):
        for many, one in zip(together, views(LAYERS, theta), strict=True):
            assert np.array_equal(many.W[i], one.W)
            assert np.array_equal(many.b[i], one.b[None])
    assert together[0].alpha.shape == (5, 1, 3)
    assert all(np.shares_memory(part, stack) for p in together for part in (p.W, p.b))
    together[2].b[4, 0, 1] = 9
    assert stack[4, -1] == 9


def test_with_theta_sees_the_other_numbers() -> None:
    network = random_network(2, [2], ["linear"])
    assert network.parameters[0].W.shape == (2, 2)
    other = network.with_theta(np.arange(6.0))
    assert other.parameters[0].W.tolist() == [[0, 1], [2, 3]]
    assert other.parameters[0].b.tolist() == [4, 5]
    assert other.layers is network.layers


def test_a_chain_hands_its_units_on_as_inputs() -> None:
    assert [(layer.inputs, layer.units) for layer in LAYERS] == [(2, 3), (3, 4), (4, 2)]
    network = Network(LAYERS, np.zeros(SIZE, np.float32))
    assert (network.inputs, network.outputs, network.dtype) == (2, 2, np.float32)


@pytest.mark.parametrize("units", [[0], [3, 0], [-1]])
def test_an_empty_layer_is_refused(units: list[int]) -> None:
    with pytest.raises(MlpError, match=f"layer {len(units)} "):
        chain(2, units, [activation("tanh")] * len(units))


def test_a_network_without_inputs_is_refused() -> None:
    with pytest.raises(MlpError, match="layer 1 "):
        chain(0, [2], [activation("tanh")])


def test_softmax_over_one_unit_is_refused() -> None:
    with pytest.raises(ChoiceError, match="layer 2: softmax"):
        chain(2, [3, 1], [activation("tanh"), activation("softmax")])


def test_layers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(MlpError, match="layer 2 takes 4 inputs, but layer 1 has 3 units"):
        check_layers([Layer(2, 3, activation("tanh")), Layer(4, 1, activation("tanh"))])


@pytest.mark.parametrize("name", INITIALIZERS)
def test_first_weights_are_drawn_biases_0_and_slopes_at_their_start(name: str) -> None:
    network = initialize(LAYERS, INITIALIZERS[name], np.random.default_rng(7), np.float64)
    g = np.random.default_rng(7)
    for layer, (W, b, _) in zip(LAYERS, network.parameters, strict=True):
        drawn = INITIALIZERS[name].draw(g, layer.units, layer.inputs, INITIALIZERS[name].parameters)
        assert np.array_equal(W, drawn)
        assert not b.any()
    assert network.parameters[0].alpha.tolist() == [0.25] * 3


@pytest.mark.parametrize("name", INITIALIZERS)
def test_both_dtypes_start_from_the_same_point(name: str) -> None:
    single, double = (
        initialize(LAYERS, INITIALIZERS[name], np.random.default_rng(7), dtype) for dtype in (np.float32, np.float64)
    )
    assert single.dtype == np.float32
    assert np.array_equal(single.theta, double.theta.astype(np.float32))


def test_cast_is_a_copy() -> None:
    network = random_network(2, [3, 4, 2], ["prelu", "tanh", "softmax"])
    copy = cast(network, np.float32)
    assert np.array_equal(copy.theta, network.theta.astype(np.float32))
    copy.theta[...] = 0
    assert network.theta.all()
    assert not np.shares_memory(cast(network, np.float64).theta, network.theta)


def test_an_empty_network_has_room_for_all_its_numbers() -> None:
    assert empty(LAYERS, np.float32).theta.shape == (SIZE,)


def test_a_distribution_of_one_unit_is_refused_by_what_its_row_states() -> None:
    other = replace(ACTIVATIONS["softmax"], name="softmin")
    with pytest.raises(ChoiceError, match="layer 1: softmin of one unit is always 1"):
        chain(2, [1], [other])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["step", "sigmoid"], ["hidden layer 1 is a binary step"]),
        (["tanh", "step", "linear"], ["hidden layer 2 is a binary step"]),
        (["step", "step", "linear"], ["hidden layer 1", "hidden layer 2"]),
        (["linear", "linear", "softmax"], ["all hidden layers are linear"]),
        (["linear", "tanh", "softmax"], []),
        (["tanh", "linear", "sigmoid"], []),
        (["linear"], []),
        (["step"], []),
    ],
)
def test_layers_that_block_learning_are_named(names: list[str], words: list[str]) -> None:
    found = warnings_about(chain(2, [2] * len(names), [activation(name) for name in names]))
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("text", "layers", "names"),
    [
        (None, 0, []),
        (None, 2, ["relu", "relu"]),
        ("tanh", 3, ["tanh"] * 3),
        ("tanh,elu:0.5", 2, ["tanh", "elu"]),
        ("tanh,elu", 1, "--activation has 2 names, but the number of hidden layers is 1; give one, or one each"),
        ("tanh,elu", 3, "--activation has 2 names, but the number of hidden layers is 3; give one, or one each"),
        ("tanh", 0, "--activation is for hidden layers, and there are none; leave it out"),
    ],
)
def test_hidden_layers_have_one_activation_for_all_or_one_each(
    text: str | None, layers: int, names: list[str] | str
) -> None:
    if isinstance(names, list):
        assert [row.name for row in hidden_activations(text, layers)] == names
    else:
        with pytest.raises(ChoiceError, match=f"^{names}$"):
            hidden_activations(text, layers)


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([(2, 3), (3, 0)], "layer 2 has 0 units and 3 inputs; both must be 1 or more"),
        ([(2, 3), (4, 1)], "layer 2 takes 4 inputs, but layer 1 has 3 units"),
        ([(2, 3), (3, 4), (3, 1)], "layer 3 takes 3 inputs, but layer 2 has 4 units"),
    ],
)
def test_what_does_not_fit_is_told_in_numbers(layers: list[tuple[int, int]], told: str) -> None:
    with pytest.raises(MlpError, match=f"^{told}$"):
        check_layers([Layer(*shape, activation("tanh")) for shape in layers])


def test_useless_hidden_layers_are_named_with_the_reason() -> None:
    step, linear, relu = (activation(name) for name in ("step", "linear", "relu"))
    assert warnings_about(chain(2, [2, 2, 2], [relu, step, relu])) == [
        f"hidden layer 2 is a binary step: {step.hidden}"
    ]
    assert warnings_about(chain(2, [2, 2, 2], [linear, linear, relu])) == [
        f"all hidden layers are linear: {linear.hidden}"
    ]
    other = replace(linear, name="identity", hidden="another reason")
    (found,) = warnings_about(chain(2, [2, 2, 2], [linear, other, relu]))
    assert found == f"all hidden layers are linear or identity: {linear.hidden}"
    assert warnings_about(chain(2, [2, 2, 2], [linear, step, relu])) == [
        f"hidden layer 2 is a binary step: {step.hidden}"
    ]
