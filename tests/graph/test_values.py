"""Figures in computational graphs: each is what the graph itself computes, and each gradient a slope of J there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from core_helpers import activation, random_network, random_targets

from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.trace import Trace, trace
from mlpcli.graph.graph import Scope, computational_graph
from mlpcli.graph.nodes import VARIABLE, Graph
from mlpcli.graph.values import with_gradients, with_values


@dataclass(frozen=True)
class Case:
    """A network with an objective."""

    hidden: str
    last: str
    loss: str
    samples: int = 1
    changes: Mapping[str, object] = field(default_factory=dict)
    units: tuple[int, ...] = (4, 3)
    weights: tuple[float, ...] | None = None  # of the samples

    def build(self) -> tuple[Graph, Network, Trace]:
        names = [self.hidden] * (len(self.units) - 1) + [self.last]
        network = random_network(2, self.units, names, seed=4)
        objective = objective_of(LOSSES[self.loss], **self.changes)
        x = np.random.default_rng(5).normal(size=(self.samples, 2))
        y = random_targets(LOSSES[self.loss], self.samples, self.units[-1], 6)
        weights = None if self.weights is None else np.array(self.weights)
        traced = trace(network, objective, OPTIMIZERS["sgd"], 0.1, x, y, weights=weights)
        scope = Scope(weighted=traced.factors is not None)
        return computational_graph(network.layers, objective, self.samples, scope), network, traced


CASES = {
    "one sample": Case("tanh", "softmax", "cce"),
    "batch, l2": Case("sigmoid", "softmax", "cce", 3, {"l2": 0.3}),
    "batch, sum, both": Case("tanh", "linear", "mse", 3, {"batch_reduction": "sum", "l1": 0.2, "l2": 0.1}),
    "learned slopes, biases regularised": Case(
        "prelu", "sigmoid", "bce", 2, {"l1": 0.2, "l2": 0.1, "regularize_bias": True}
    ),
    "weights of samples": Case("tanh", "softmax", "cce", 3, weights=(1, 0.5, 3)),
    "weights of samples and classes": Case(
        "tanh", "softmax", "cce", 3, {"class_weights": (2, 1, 5)}, weights=(1, 2, 3)
    ),
    "summed weights": Case("tanh", "sigmoid", "bce", 3, {"batch_reduction": "sum"}, (1,), (1, 0, 3)),
    "one summed weight": Case("tanh", "linear", "mse", 1, {"batch_reduction": "sum", "l2": 0.1}, (2, 1), (3,)),
    "one layer": Case("tanh", "sigmoid", "half-sse", units=(1,), changes={"l2": 1.0}),
}

# What each loss is of one column of ŷ and one of y, written as in the lecture.
LOSS_OF: dict[str, Callable[[Array, Array], float]] = {
    "cross-entropy": lambda p, y: float(-np.sum(y * np.log(p))),
    "binary cross-entropy": lambda p, y: float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))),
    "mean squared error": lambda p, y: float(np.mean((p - y) ** 2)),
    "½ sum of squared errors": lambda p, y: float(0.5 * np.sum((p - y) ** 2)),
}


def apply(symbol: str, constant: float | None, operands: list[Array]) -> Array:
    """What an operation gives. Samples are columns."""
    first = operands[0]
    if symbol == "matmul":
        return first @ operands[1]
    if symbol == "+":
        return sum(operands[1:], first)
    if constant is not None:
        return constant * first
    if symbol in LOSS_OF:
        pairs = zip(first.T, operands[1].T, strict=True)
        return np.array([[LOSS_OF[symbol](p, y) for p, y in pairs]])
    if symbol.startswith("weighted "):
        return np.array([[np.sum(first * operands[1])]])
    if symbol.endswith(" over samples"):
        return np.array([[getattr(np, symbol.split()[0])(first)]])
    if symbol == "½ sum of squares":
        return np.array([[0.5 * np.sum(first**2)]])
    if symbol == "sum of absolute values":
        return np.array([[np.sum(np.abs(first))]])
    function = activation(symbol)
    alpha = operands[1].T if len(operands) > 1 else function.alpha
    a = np.ascontiguousarray(first.T)
    return function.forward(a, alpha, np.empty_like(a)).T


def run(graph: Graph, values: Mapping[str, Array], changed: str = "", to: Array | None = None) -> dict[str, Array]:
    """The graph, node by node, from the values of those that nothing leads to. One may be held at another value."""
    found: dict[str, Array] = {}
    for node in graph.nodes:
        operands = [found[edge.start] for edge in graph.edges if edge.end == node.id]
        if node.id == changed and to is not None:
            found[node.id] = to
        elif not operands:
            found[node.id] = values[node.id]
        else:
            found[node.id] = operands[0] if node.kind == VARIABLE else apply(node.symbol, node.constant, operands)
    return found


def figures(case: Case) -> Graph:
    graph, network, traced = case.build()
    return with_gradients(with_values(graph, network, traced.steps[0].x), traced)


@pytest.mark.parametrize("name", CASES)
def test_each_value_is_what_the_graph_computes(name: str) -> None:
    graph = figures(CASES[name])
    values = {node.id: node.value for node in graph.nodes if node.value is not None}
    assert len(values) == len(graph.nodes)
    for node, value in run(graph, values).items():
        np.testing.assert_allclose(values[node], value, rtol=1e-12, atol=1e-14, err_msg=node)


@pytest.mark.parametrize("name", CASES)
def test_each_gradient_is_the_slope_of_j_at_its_node(name: str) -> None:
    graph = figures(CASES[name])
    values = {node.id: node.value for node in graph.nodes if node.value is not None}
    for node in graph.nodes:
        if node.id in ("y", "factors"):
            assert node.gradient is None
            continue
        assert node.gradient is not None
        assert node.value is not None
        assert node.gradient.shape == node.value.shape
        for place in np.ndindex(node.value.shape):
            up, down = node.value.copy(), node.value.copy()
            up[place] += 1e-5
            down[place] -= 1e-5
            above = run(graph, values, node.id, up)["J"].item()
            below = run(graph, values, node.id, down)["J"].item()
            slope = (above - below) / 2e-5
            assert node.gradient[place] == pytest.approx(slope, rel=1e-5, abs=1e-8), node.id


def test_figures_are_those_of_the_trace_to_the_bit() -> None:
    case = Case("relu", "softmax", "cce")
    (*_, traced), found = case.build(), {node.id: node for node in figures(case).nodes}
    step = traced.steps[0]
    for k, layer in enumerate(step.layers, 1):
        np.testing.assert_array_equal(found[f"W{k}"].gradient, layer.d.W)
        np.testing.assert_array_equal(found[f"a{k}"].value, layer.a.T)
        np.testing.assert_array_equal(found[f"a{k}"].gradient, layer.da.T)
    assert found["J"].value is not None
    assert found["J"].value.item() == step.objective


def test_a_prediction_has_values_and_no_gradients() -> None:
    _, network, traced = Case("relu", "softmax", "cce", 3).build()
    step = traced.steps[0]
    graph = computational_graph(network.layers, traced.objective, 3, Scope(objective=False))
    found = {node.id: node for node in with_values(graph, network, step.x).nodes}
    np.testing.assert_array_equal(found["y_hat"].value, step.layers[-1].h.T)
    assert all(node.gradient is None for node in found.values())


def test_layers_drawn_as_one_hold_all_their_numbers() -> None:
    case = Case("prelu", "softmax", "cce", 2, {"l2": 0.5}, units=(2, 3, 2, 4, 2, 3, 3))
    (_, network, traced), found = case.build(), {node.id: node for node in figures(case).nodes}
    step = traced.steps[0]
    middle = network.parameters[2:5]
    for name, arrays in (("W3_5", [p.W for p in middle]), ("b3_5", [p.b for p in middle])):
        np.testing.assert_array_equal(found[name].value, np.concatenate([a.ravel() for a in arrays])[:, None])
    gradients = [layer.d.alpha for layer in step.layers[2:5]]
    np.testing.assert_array_equal(found["alpha3_5"].gradient, np.concatenate(gradients)[:, None])
    np.testing.assert_array_equal(found["f3_5"].value, step.layers[4].h.T)
    np.testing.assert_array_equal(found["f3_5"].gradient, step.layers[4].dh.T / 2)  # J is the mean of two samples
    assert found["l2_W3_5"].value is not None
    assert found["l2_W3_5"].value.item() == pytest.approx(sum(0.5 * float(np.sum(p.W**2)) for p in middle))
    omega = sum(0.5 * float(np.sum(p.W**2)) for p in network.parameters)
    assert found["l2_omega"].value is not None
    assert found["l2_omega"].value.item() == pytest.approx(omega)
    assert all(node.value is not None and node.value.shape[0] == (node.shape or (1,))[0] for node in found.values())
