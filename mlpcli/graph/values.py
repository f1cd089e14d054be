"""Values and gradients for the nodes of a computational graph, by the code that trains.

The gradient of a node is ∂J/∂node, with the share of each sample in the batch. Samples are columns, as in a = Wh + b.
An operation has the value and the gradient of its result.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, Parameters
from mlpcli.core.propagation import forward
from mlpcli.derivation.trace import Trace
from mlpcli.graph.graph import penalties_of, regularized_parts, stretches
from mlpcli.graph.nodes import Graph

Figures = Iterator[tuple[str, Array]]  # by the id of the node


def with_values(graph: Graph, network: Network, x: Array) -> Graph:
    """The graph with the value of each node up to ŷ for the samples x, (n, inputs)."""
    values = dict(_values(network, x))
    return graph._replace(nodes=tuple(node._replace(value=values.get(node.id)) for node in graph.nodes))


def with_gradients(graph: Graph, traced: Trace) -> Graph:
    """The graph that has its values up to ŷ with those of the objective, and all gradients of the first update.

    y and ω have no gradient.
    """
    values = {node.id: node.value for node in graph.nodes if node.value is not None}
    values |= dict(_of_objective(traced, values))
    gradients = dict(_gradients(traced))
    nodes = (node._replace(value=values[node.id], gradient=gradients.get(node.id)) for node in graph.nodes)
    return graph._replace(nodes=tuple(nodes))


def _values(network: Network, x: Array) -> Figures:
    """From x to ŷ."""
    passed = forward(network, x).layers
    yield from _of_parameters(network.parameters)
    yield "x", x.T
    below = x
    for k, ((a, h), (W, _, _)) in enumerate(zip(passed, network.parameters, strict=True), 1):
        yield f"matmul{k}", W @ below.T
        yield from ((name, a.T) for name in (f"plus{k}", f"a{k}"))
        yield from ((name, h.T) for name in (f"f{k}", f"h{k}"))
        below = h
    yield from ((f"f{stretch.name}", passed[stretch.last - 1].h.T) for stretch in stretches(len(passed)))
    yield "y_hat", below.T


def _of_objective(traced: Trace, values: dict[str, Array]) -> Figures:
    """From ŷ and y to J. `values` has those of the parameters."""
    objective, step = traced.objective, traced.steps[0]
    yield "y", step.y.T
    yield "factors", traced.sample_factors[None, :]
    yield "loss", step.losses[None, :]
    yield from ((name, _number(step.loss)) for name in ("reduction", "L"))
    for penalty, factor in penalties_of(objective):
        parts = regularized_parts(objective, len(step.layers))
        measures = {part: penalty.measure(values[part]) for part in parts}
        total = sum(measures.values())
        yield from ((f"{penalty.name}_{part}", _number(measure)) for part, measure in measures.items())
        yield from ((f"{penalty.name}_{name}", _number(total)) for name in ("sum", "omega"))
        yield f"{penalty.name}_times", _number(factor * total)
    yield from ((name, _number(step.objective)) for name in ("sum", "J"))


def _gradients(traced: Trace) -> Figures:
    """From J back to x: 1 along every sum, λ behind λ·. The trace has dh and da of each sample's own loss."""
    objective, step, share = traced.objective, traced.steps[0], traced.sample_factors
    layers = step.layers
    yield from ((name, _number(1)) for name in ("reduction", "L", "sum", "J"))
    for penalty, factor in penalties_of(objective):
        yield f"{penalty.name}_times", _number(1)
        names = ("omega", "sum", *regularized_parts(objective, len(layers)))
        yield from ((f"{penalty.name}_{name}", _number(factor)) for name in names)
    yield "loss", share[None, :]
    yield "y_hat", share * layers[-1].dh.T
    for k, layer in enumerate(layers, 1):
        yield from ((f"{name}{k}", share * layer.dh.T) for name in ("f", "h"))
        yield from ((f"{name}{k}", share * layer.da.T) for name in ("matmul", "plus", "a"))
    yield from ((f"f{stretch.name}", share * layers[stretch.last - 1].dh.T) for stretch in stretches(len(layers)))
    yield from _of_parameters([layer.d for layer in layers])
    yield "x", share * step.dx.T


def _of_parameters(layers: Sequence[Parameters]) -> Figures:
    """W, b and α, or their gradients; of layers that are drawn as one operation, each as one column of numbers."""
    for stretch in stretches(len(layers)):
        part = layers[stretch.first - 1 : stretch.last]
        yield f"W{stretch.name}", part[0].W if len(part) == 1 else _column([layer.W for layer in part])
        yield f"b{stretch.name}", _column([layer.b for layer in part])
        yield f"alpha{stretch.name}", _column([layer.alpha for layer in part if isinstance(layer.alpha, np.ndarray)])


def _column(arrays: Sequence[Array]) -> Array:
    """All their numbers as one column."""
    return np.concatenate([*(array.ravel() for array in arrays), np.empty(0)])[:, None]


def _number(value: float) -> Array:
    return np.array([[float(value)]])
