"""Which nodes of a graph carry figures: each quantity stands in one place, and none is left out."""

import re

import numpy as np
import pytest
from drawing_helpers import Net

from mlpcli.graph.nodes import VARIABLE, Graph, Node, cards


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
        {card.id for card in cards(net.graph, 4) for numbers in card.numbers if numbers.purpose == purpose}
        for purpose in ("value", "gradient")
    )
    variables = {node.id for node in net.graph.nodes if node.kind == VARIABLE}
    assert with_value == variables | operations
    assert with_gradient == (variables | operations) - {"y"}


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ([0.5, -0.25], r"−?\d\.\d{4}"),  # nothing vanishes in four decimals
        ([0.5, 0.000029], r"−?\d\.\d{6}"),  # six show two figures of 0.000029
        ([0.5, -2.9e-20], r"−?\d\.\d{4}(e−\d\d)?"),  # too many for decimals: it stands in powers of ten alone
    ],
)
def test_a_matrix_has_the_notation_of_a_column(values: list[float], shape: str) -> None:
    value = np.array([values, values[::-1]])
    (card,) = cards(Graph((Node("W1", VARIABLE, "W", 1, (2, 2), value=value),), ()), 4)
    (numbers,) = card.numbers
    texts = [text for row in numbers.cells for text in row]
    assert all(re.fullmatch(shape, text) for text in texts)
    assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(value.ravel().tolist(), rel=1e-4)
