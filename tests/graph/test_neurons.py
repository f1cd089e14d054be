"""Units and connections: which are shown, and whose numbers they carry."""

import numpy as np
import pytest
from core_helpers import lecture_network, random_network

from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.propagation import forward
from mlpcli.derivation.trace import trace
from mlpcli.graph.neurons import MOST_LAYERS, MOST_UNITS, Sample, UnitNames, neurons, shown


def number(unit: str) -> int:
    """2 of n1_2"""
    return int(unit.partition("_")[2])


def test_the_lecture_s_network_has_seven_units_and_ten_connections() -> None:
    drawn = neurons(lecture_network())
    assert [len(column.units) for column in drawn.columns] == [2, 2, 3]
    assert [column.activation for column in drawn.columns] == ["", "relu", "softmax"]
    assert len(drawn.edges) == 2 * 2 + 2 * 3
    # W⁽²⁾ = [[0.3, −0.3], [0.2, 0.1], [0.3, −0.2]] on the slide: row = unit, column = its input.
    weights = {(number(c.end), number(c.start)): c.weight for c in drawn.edges if c.end.startswith("n2")}
    assert weights == {(1, 1): 0.3, (1, 2): -0.3, (2, 1): 0.2, (2, 2): 0.1, (3, 1): 0.3, (3, 2): -0.2}
    assert drawn.largest == 0.6
    assert [unit.bias for unit in drawn.columns[1].units] == [(0.2, None), (-0.3, None)]


def test_figures_are_those_of_the_trace() -> None:
    network = lecture_network()
    x, y = np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]])
    traced = trace(network, objective_of(LOSSES["cce"]), OPTIMIZERS["sgd"], 0.5, x, y)
    drawn, step = neurons(network, Sample(x, traced)), traced.steps[0]
    assert [unit.value for unit in drawn.columns[0].units] == [[[1.8]], [[0.5]]]
    assert [unit.gradient.item() for unit in drawn.columns[1].units] == step.layers[0].dh[0].tolist()
    biases = [unit.bias[1] for unit in drawn.columns[2].units]
    assert biases == step.layers[1].d.b.tolist()
    gradients = [c.gradient for c in drawn.edges if c.end.startswith("n1")]
    assert gradients == step.layers[0].d.W.ravel().tolist()


def test_the_gradients_of_a_sample_that_counts_three_times_are_three_times_as_large() -> None:
    """With the sum over samples, J = wL; with the mean, J = wL/w."""
    network = lecture_network()
    x, y = np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]])

    def gradients(reduction: str, weight: float) -> list[float]:
        objective = objective_of(LOSSES["cce"], batch_reduction=reduction)
        traced = trace(network, objective, OPTIMIZERS["sgd"], 0.5, x, y, weights=np.array([weight]))
        drawn = neurons(network, Sample(x, traced))
        units = [unit.gradient.item() for column in drawn.columns for unit in column.units]
        return [*units, *(edge.gradient for edge in drawn.edges)]

    assert gradients("sum", 3.0) == pytest.approx([3 * g for g in gradients("sum", 1.0)], rel=1e-12)
    assert gradients("mean", 3.0) == pytest.approx(gradients("sum", 1.0), rel=1e-12)


def test_without_a_target_there_are_values_only() -> None:
    network = random_network(3, [4, 2], ["tanh", "softmax"])
    x = np.array([[0.5, -1.0, 2.0]])
    drawn = neurons(network, Sample(x))
    assert [unit.value.item() for unit in drawn.columns[-1].units] == forward(network, x).y_hat[0].tolist()
    assert all(unit.gradient is None for column in drawn.columns for unit in column.units)
    assert all(connection.gradient is None for connection in drawn.edges)


def test_of_a_wide_layer_the_first_units_and_the_last_are_shown() -> None:
    drawn = neurons(random_network(20, [MOST_UNITS, MOST_UNITS + 1], ["relu", "softmax"]))
    inputs, hidden, outputs = drawn.columns
    assert [number(unit.id) for unit in inputs.units] == [1, 2, 3, 4, 5, 6, 7, 20]
    assert (inputs.total, inputs.left_out) == (20, 12)
    assert (hidden.left_out, outputs.left_out) == (0, 1)
    assert len(drawn.edges) == 2 * MOST_UNITS * MOST_UNITS
    last = next(c for c in drawn.edges if number(c.start) == 20 and number(c.end) == 3)
    assert last.weight == random_network(20, [8, 9], ["relu", "softmax"]).parameters[0].W[2, 19]


def test_each_connection_has_the_weight_between_its_units() -> None:
    network = random_network(20, [MOST_UNITS + 3, MOST_UNITS + 1], ["relu", "softmax"])
    for edge in neurons(network).edges:
        layer = int(edge.end[1 : edge.end.index("_")])
        assert edge.weight == network.parameters[layer - 1].W[number(edge.end) - 1, number(edge.start) - 1]


def test_inputs_and_outputs_have_their_names_and_hidden_units_none() -> None:
    names = UnitNames(tuple(f"feature {k}" for k in range(1, 21)), ("cat", "dog"))
    inputs, hidden, outputs = neurons(random_network(20, [3, 2], ["relu", "softmax"]), names=names).columns
    assert [unit.name for unit in inputs.units] == [f"feature {k}" for k in (1, 2, 3, 4, 5, 6, 7, 20)]
    assert [unit.name for unit in hidden.units] == ["", "", ""]
    assert [unit.name for unit in outputs.units] == ["cat", "dog"]


def test_of_a_deep_network_the_first_layers_and_the_last_are_shown() -> None:
    depth = MOST_LAYERS + 2
    drawn = neurons(random_network(2, [2] * depth, ["relu"] * (depth - 1) + ["softmax"]))
    assert [column.layer for column in drawn.columns] == [0, 1, 2, depth - 2, depth - 1, depth]
    assert {(c.start[:2], c.end[:2]) for c in drawn.edges} == {
        ("n0", "n1"), ("n1", "n2"), ("n6", "n7"), ("n7", "n8"),
    }  # fmt: skip


@pytest.mark.parametrize("count", range(1, 12))
def test_all_are_shown_that_have_room(count: int) -> None:
    found = list(shown(count, 8, 1))
    assert found == (list(range(count)) if count <= 8 else [0, 1, 2, 3, 4, 5, 6, count - 1])
