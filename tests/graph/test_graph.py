"""The computational graphs of the lecture, listed by hand from its drawings and formulas, and the rules behind them."""

import pytest
from core_helpers import activation, lecture_network

from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Layer, chain
from mlpcli.core.objective import objective_of
from mlpcli.graph.graph import MOST_LAYERS, Scope, computational_graph
from mlpcli.graph.nodes import OPERATION, RIGHT, VARIABLE, Graph

CCE = objective_of(LOSSES["cce"])


def layers_of(*widths: int, hidden: str = "relu", last: str = "softmax") -> tuple[Layer, ...]:
    names = [hidden] * (len(widths) - 2) + [last]
    return chain(widths[0], widths[1:], [activation(name) for name in names])


def named(graph: Graph) -> set[str]:
    """Edges as one writes them down: by symbol and layer, so that W⁽¹⁾ is W1. Names are unique in these graphs."""
    names = {node.id: f"{node.symbol}{node.layer or ''}" for node in graph.nodes}
    return {f"{names[start]} > {names[end]}" for start, end in pairs(graph)}


def pairs(graph: Graph) -> list[tuple[str, str]]:
    return [(edge.start, edge.end) for edge in graph.edges]


def edges(text: str) -> set[str]:
    return {line.strip() for line in text.strip().splitlines()}


def test_logistic_regression() -> None:
    """ŷ = σ(wᵀx + b): x and w into the product, with b into the sum, through σ to ŷ."""
    graph = computational_graph(layers_of(2, 1, last="sigmoid"), CCE, scope=Scope(objective=False))
    assert named(graph) == edges("""
        W1 > matmul1
        x > matmul1
        matmul1 > +1
        b1 > +1
        +1 > a1
        a1 > sigmoid1
        sigmoid1 > ŷ
    """)


def test_feed_forward() -> None:
    """ŷ = softmax(W⁽²⁾ max(0, W⁽¹⁾x)), without biases, as the lecture writes it."""
    graph = computational_graph(layers_of(2, 2, 3), CCE, scope=Scope(biases=False, objective=False))
    assert named(graph) == edges("""
        W1 > matmul1
        x > matmul1
        matmul1 > a1
        a1 > relu1
        relu1 > h1
        W2 > matmul2
        h1 > matmul2
        matmul2 > a2
        a2 > softmax2
        softmax2 > ŷ
    """)


def test_the_closing_exercise() -> None:
    """One hidden layer, cross-entropy, and L2 of both weight matrices: J = L(ŷ, y) + λ(½‖W⁽¹⁾‖² + ½‖W⁽²⁾‖²)."""
    graph = computational_graph(lecture_network().layers, objective_of(LOSSES["cce"], l2=0.01))
    by_id = {f"{start} > {end}" for start, end in pairs(graph)}
    assert by_id == edges("""
        W1 > matmul1
        x > matmul1
        matmul1 > plus1
        b1 > plus1
        plus1 > a1
        a1 > f1
        f1 > h1
        W2 > matmul2
        h1 > matmul2
        matmul2 > plus2
        b2 > plus2
        plus2 > a2
        a2 > f2
        f2 > y_hat
        y_hat > loss
        y > loss
        loss > L
        W1 > l2_W1
        W2 > l2_W2
        l2_W1 > l2_sum
        l2_W2 > l2_sum
        l2_sum > l2_omega
        l2_omega > l2_times
        l2_times > sum
        L > sum
        sum > J
    """)
    symbols = {node.id: node.symbol for node in graph.nodes}
    operations = {node.id: node.symbol for node in graph.nodes if node.kind == OPERATION}
    assert symbols["J"] == "J"
    assert symbols["l2_omega"] == "Ω"
    assert {name: operations[name] for name in ("f1", "f2", "loss", "l2_W1", "l2_times")} == {
        "f1": "relu",
        "f2": "softmax",
        "loss": "cross-entropy",
        "l2_W1": "½ sum of squares",
        "l2_times": "λ·",
    }
    assert next(node.constant for node in graph.nodes if node.id == "l2_times") == 0.01


def test_without_a_regulariser_the_loss_is_the_objective() -> None:
    graph = computational_graph(layers_of(2, 3), CCE)
    assert ("loss", "J") in pairs(graph)
    assert not {"L", "sum"} & {node.id for node in graph.nodes}


def test_operands_are_in_the_order_of_the_formula() -> None:
    graph = computational_graph(layers_of(2, 2, 3), CCE)
    into = [edge.start for edge in graph.edges if edge.end == "matmul2"]
    assert into == ["W2", "h1"]  # W⁽²⁾h⁽¹⁾, and not h⁽¹⁾W⁽²⁾
    assert [edge.start for edge in graph.edges if edge.end == "plus2"] == ["matmul2", "b2"]


def test_a_product_s_shapes_fit() -> None:
    graph = computational_graph(layers_of(4, 5, 3), CCE, samples=7)
    shapes = {node.id: node.shape for node in graph.nodes}
    for k in (1, 2):
        W, h = (shapes[edge.start] for edge in graph.edges if edge.end == f"matmul{k}")
        assert W[1] == h[0]
        assert shapes[f"matmul{k}"] == (W[0], h[1])
    assert shapes["J"] == ()


def test_several_samples_have_a_loss_each_and_one_mean() -> None:
    graph = computational_graph(layers_of(2, 3), CCE, samples=4)
    found = {node.id: node for node in graph.nodes}
    assert found["loss"].shape == (1, 4)
    assert found["reduction"].symbol == "mean over samples"
    assert {("loss", "reduction"), ("reduction", "J")} <= set(pairs(graph))


def test_the_factors_of_samples_stand_on_the_right_and_go_into_the_sum() -> None:
    graph = computational_graph(layers_of(2, 3), CCE, 2, Scope(weighted=True))
    found = {node.id: node for node in graph.nodes}
    factors = found["factors"]
    assert (factors.kind, factors.symbol, factors.layer, factors.shape, factors.side) == (
        VARIABLE, "ω", None, (1, 2), RIGHT
    )  # fmt: skip
    assert found["reduction"].symbol == "weighted mean over samples"
    assert [edge.start for edge in graph.edges if edge.end == "reduction"] == ["loss", "factors"]


def test_both_regularisers_have_their_own_lambda() -> None:
    graph = computational_graph(layers_of(2, 3), objective_of(LOSSES["cce"], l1=0.5, l2=0.25, regularize_bias=True))
    found = {node.id: node for node in graph.nodes}
    assert (found["l1_times"].symbol, found["l1_times"].constant) == ("λ₁·", 0.5)
    assert (found["l2_times"].symbol, found["l2_times"].constant) == ("λ₂·", 0.25)
    assert [edge.start for edge in graph.edges if edge.end == "sum"] == ["L", "l1_times", "l2_times"]
    assert {"l1_W1", "l1_b1", "l2_W1", "l2_b1"} <= set(found)


def test_a_learned_slope_is_a_variable() -> None:
    graph = computational_graph(layers_of(2, 4, 3, hidden="prelu"), CCE)
    assert ("alpha1", "f1") in pairs(graph)
    assert [(node.symbol, node.shape) for node in graph.nodes if node.id == "alpha1"] == [("α", (4,))]


@pytest.mark.parametrize("depth", [1, 2, 5, 6, 9])
def test_each_node_is_computed_before_it_is_used_and_leads_somewhere(depth: int) -> None:
    graph = computational_graph(layers_of(*[2] * (depth + 1)), objective_of(LOSSES["cce"], l1=1, l2=1))
    place = {node.id: number for number, node in enumerate(graph.nodes)}
    assert len(place) == len(graph.nodes)
    assert all(place[start] < place[end] for start, end in pairs(graph))
    assert {node.id for node in graph.nodes} - {edge.start for edge in graph.edges} == {"J"}
    assert len(set(graph.edges)) == len(graph.edges)


def test_a_deep_network_has_one_operation_for_its_middle() -> None:
    depth = MOST_LAYERS + 3
    graph = computational_graph(layers_of(3, *[2] * depth), objective_of(LOSSES["cce"], l2=1))
    found = {node.id: node for node in graph.nodes}
    assert [name for name in found if name.startswith("matmul")] == ["matmul1", "matmul2", "matmul7", "matmul8"]
    assert found["f3_6"].symbol == "layers 3 to 6"
    assert {("W3_6", "f3_6"), ("h2", "f3_6"), ("b3_6", "f3_6"), ("f3_6", "h6"), ("h6", "matmul7")} <= set(pairs(graph))
    assert found["W3_6"].shape == (4 * 2 * 2,)
    assert found["b3_6"].shape == (4 * 2,)
    assert ("W3_6", "l2_W3_6") in pairs(graph)
