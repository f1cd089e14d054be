"""Values and gradients for the nodes of a computational graph, from a trace, which has those of training.

The gradient of a node is ∂J/∂node, with the share of each sample in the batch. Samples are columns, as in a = Wh + b.
An operation has the value and the gradient of its result.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, Parameters
from mlpcli.core.objective import Objective
from mlpcli.core.propagation import forward
from mlpcli.derivation.trace import StepTrace
from mlpcli.graph.graph import Graph, penalties_of, regularized_parts, stretches

Figures = Iterator[tuple[str, Array]]  # by the id of the node


class _Layer(NamedTuple):
    """A layer after the forward pass."""

    parameters: Parameters
    a: Array  # (n, units)
    h: Array


def with_values(graph: Graph, network: Network, x: Array) -> Graph:
    """The graph of a prediction for the samples x, (n, inputs), with the value of each node."""
    passed = forward(network, x)
    layers = [_Layer(parameters, *found) for parameters, found in zip(network.parameters, passed.layers, strict=True)]
    values = dict(_forward_values(x, layers))
    return graph._replace(nodes=tuple(node._replace(value=values[node.id]) for node in graph.nodes))


def with_figures(graph: Graph, objective: Objective, step: StepTrace) -> Graph:
    """The graph of an objective with the value and the gradient of each node; y has no gradient."""
    layers = [_Layer(layer.before, layer.a, layer.h) for layer in step.layers]
    values = dict(_forward_values(step.x, layers))
    values |= dict(_objective_values(objective, step, values))
    gradients = dict(_backward_gradients(objective, step)) | dict(_objective_gradients(objective, step))
    nodes = (node._replace(value=values[node.id], gradient=gradients.get(node.id)) for node in graph.nodes)
    return graph._replace(nodes=tuple(nodes))


def _forward_values(x: Array, layers: list[_Layer]) -> Figures:
    """From x to ŷ."""
    yield "x", x.T
    below = x
    for k, ((W, b, alpha), a, h) in enumerate(layers, 1):
        yield f"W{k}", W
        yield f"matmul{k}", W @ below.T
        yield f"b{k}", _column(b)
        yield from ((name, a.T) for name in (f"plus{k}", f"a{k}"))
        yield f"alpha{k}", _column(alpha)
        yield from ((name, h.T) for name in (f"f{k}", f"h{k}"))
        below = h
    yield from _of_several([layer.parameters for layer in layers])
    yield from ((f"f{stretch.name}", layers[stretch.last - 1].h.T) for stretch in stretches(len(layers)))
    yield "y_hat", below.T


def _objective_values(objective: Objective, step: StepTrace, values: Mapping[str, Array]) -> Figures:
    """From ŷ and y to J. `values` has those of the parameters."""
    yield "y", step.y.T
    yield "loss", step.losses[None, :]
    yield from ((name, _number(step.loss)) for name in ("reduction", "L"))
    for penalty, factor in penalties_of(objective):
        total = 0.0
        for part in regularized_parts(objective, len(step.layers)):
            measure = penalty.measure(values[part])
            total += measure
            yield f"{penalty.name}_{part}", _number(measure)
        yield from ((f"{penalty.name}_{name}", _number(total)) for name in ("sum", "omega"))
        yield f"{penalty.name}_times", _number(factor * total)
    yield from ((name, _number(step.objective)) for name in ("sum", "J"))


def _backward_gradients(objective: Objective, step: StepTrace) -> Figures:
    """From ŷ back to x. The trace has dh and da of each sample's own loss."""
    share = objective.batch_factor(len(step.x))
    yield "x", share * step.dx.T
    for k, layer in enumerate(step.layers, 1):
        yield from ((f"W{k}", layer.d.W), (f"b{k}", _column(layer.d.b)), (f"alpha{k}", _column(layer.d.alpha)))
        yield from ((f"{name}{k}", share * layer.da.T) for name in ("matmul", "plus", "a"))
        yield from ((f"{name}{k}", share * layer.dh.T) for name in ("f", "h"))
    yield from _of_several([layer.d for layer in step.layers])
    layers = stretches(len(step.layers))
    yield from ((f"f{stretch.name}", share * step.layers[stretch.last - 1].dh.T) for stretch in layers)
    yield "y_hat", share * step.layers[-1].dh.T


def _objective_gradients(objective: Objective, step: StepTrace) -> Figures:
    """From J back to ŷ and to the parts of Ω: 1 along every sum, λ behind λ·"""
    yield "loss", np.full((1, len(step.x)), objective.batch_factor(len(step.x)))
    yield from ((name, _number(1)) for name in ("reduction", "L", "sum", "J"))
    for penalty, factor in penalties_of(objective):
        yield f"{penalty.name}_times", _number(1)
        names = ("omega", "sum", *regularized_parts(objective, len(step.layers)))
        yield from ((f"{penalty.name}_{name}", _number(factor)) for name in names)


def _of_several(layers: Sequence[Parameters]) -> Figures:
    """W, b and α of layers that are drawn as one operation, each as one column of numbers."""
    for stretch in stretches(len(layers)):
        part = layers[stretch.first - 1 : stretch.last]
        if len(part) > 1:
            yield f"W{stretch.name}", _column(np.concatenate([layer.W.ravel() for layer in part]))
            yield f"b{stretch.name}", _column(np.concatenate([layer.b for layer in part]))
            slopes = [layer.alpha for layer in part if isinstance(layer.alpha, np.ndarray)]
            yield f"alpha{stretch.name}", _column(np.concatenate([*slopes, np.empty(0)]))


def _column(vector: object) -> Array:
    """A vector as a column; the constant of a function that learns nothing as a number."""
    return np.atleast_1d(np.asarray(vector, np.float64))[:, None]


def _number(value: float) -> Array:
    return np.array([[float(value)]])
