"""Which nodes of a graph carry figures: each quantity stands in one place, and none is left out."""

import pytest
from drawing_helpers import Net

from mlpcli.report.graphs.graph_cards import cards


@pytest.mark.parametrize(
    ("net", "operations"),
    [
        (Net(figures=True), {"matmul1", "matmul2"}),
        (Net(figures=True, samples=3), {"matmul1", "matmul2", "loss"}),  # losses of samples go into their mean
        (Net(figures=True, l2=0.1), {"matmul1", "matmul2", "l2_W1", "l2_W2", "l2_times"}),
        (Net((2, 3), figures=True, l2=0.1), {"matmul1", "l2_times"}),  # one ½‖W‖² is Ω itself
    ],
    ids=["plain", "batch", "l2", "one layer, l2"],
)
def test_an_operation_has_figures_where_no_variable_behind_it_has_them(net: Net, operations: set[str]) -> None:
    with_value, with_gradient = (
        {card.id for card in cards(net.graph, 4) if figure(card) is not None}
        for figure in (lambda card: card.value, lambda card: card.gradient)
    )
    variables = {node.id for node in net.graph.nodes if node.is_variable}
    assert with_value == variables | operations
    assert with_gradient == (variables | operations) - {"y"}
