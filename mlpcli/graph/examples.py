"""The lecture's computational graphs: the table behind `mlp graph --example`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mlpcli.graph.graph import Scope


@dataclass(frozen=True)
class GraphExample:
    """One row: a network of `sample_data/`, its objective, and how much of it the lecture draws."""

    name: str
    file: str
    scope: Scope
    description: str
    loss: str | None = None
    changes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))  # of the objective


GRAPH_EXAMPLES = {
    row.name: row
    for row in (
        GraphExample("logistic-regression", "logistic-regression.json", Scope(objective=False), "ŷ = σ(Wx + b)"),
        GraphExample(
            "feed-forward",
            "feed-forward.json",
            Scope(biases=False, objective=False),
            "ŷ = softmax(W⁽²⁾ max(0, W⁽¹⁾x))",
        ),
        GraphExample(
            "l2",
            "lecture.json",
            Scope(),
            "one hidden layer, cross-entropy, L2 of both weight matrices",
            "cce",
            MappingProxyType({"l2": 0.01}),
        ),
    )
}
