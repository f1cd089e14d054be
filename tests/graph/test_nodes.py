"""Which nodes of a graph carry figures: each quantity stands in one place, and none is left out."""

import re

import numpy as np
import pytest
from drawing_helpers import Net

from mlpcli.graph.nodes import FAINT, OPERATION, UNIT, VARIABLE, Edge, Graph, Node, UnitColumn, cards, legend


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


def units(layer: int, shown: int, total: int, activation: str = "") -> UnitColumn:
    return UnitColumn(layer, activation, tuple(Node(f"n{layer}_{k}", UNIT, "h", layer) for k in range(shown)), total)


def test_a_line_is_as_wide_as_its_weight_is_large() -> None:
    """From 0.7 pixels of 0 to 4.2 of the largest; half of it lies in the middle, at 2.45."""
    graph = Graph((), tuple(Edge("a", "b", weight) for weight in (0.0, -8.0, 4.0)))
    assert [graph.width(edge) for edge in graph.edges] == pytest.approx([0.7, 4.2, 2.45])
    assert Graph((), (Edge("a", "b"),)).width(Edge("a", "b")) == 0.7
    assert Graph((), ()).largest == 0


@pytest.mark.parametrize(("edges", "labels"), [(24, True), (25, False)])
def test_up_to_24_weights_stand_beside_their_lines(edges: int, labels: bool) -> None:
    lines = (Edge("a", "b", 1.0),) * edges
    assert Graph((), lines, (units(0, 1, 1),)).has_labels is labels
    assert not Graph((), lines).has_labels  # a ladder has no weights


@pytest.mark.parametrize(
    ("column", "caption"),
    [
        (units(0, 1, 1), "1 input"),
        (units(0, 2, 2), "2 inputs"),
        (units(0, 8, 9), "8 of 9 inputs"),
        (units(1, 1, 1, "tanh"), "layer 1: tanh, 1 unit"),
        (units(2, 8, 512, "relu"), "layer 2: relu, 8 of 512 units"),
    ],
)
def test_a_column_says_what_it_is(column: UnitColumn, caption: str) -> None:
    assert column.caption == caption


def test_layers_between_two_columns_are_counted() -> None:
    one = units(1, 2, 2)
    assert [units(k, 2, 2).layers_after(one) for k in (2, 3, 5)] == ["", "… 1 layer", "… 3 layers"]


def test_a_label_has_the_weight_and_below_it_its_gradient() -> None:
    assert Edge("a", "b", -0.25).label(2) == [("−0.25", "ink")]
    assert Edge("a", "b", -0.25, 0.5).label(1) == [("−0.2", "value"), ("0.5", "gradient")]
    assert [Edge("a", "b", weight).purpose for weight in (-1.0, 0.0, 1.0)] == ["negative", "positive", "positive"]


def test_the_legend_has_only_what_is_drawn() -> None:
    value = np.zeros((1, 1))
    plain, known = Node("x", VARIABLE, "x", None), Node("x", VARIABLE, "x", None, value=value)
    both = [("value", "value"), ("gradient of J", "gradient")]
    assert legend(Graph((plain,), ())) == []
    assert legend(Graph((plain, known), ())) == both[:1]
    assert legend(Graph((plain, known._replace(gradient=value)), ())) == both
    assert [text for text, _ in legend(Graph((plain,), (), (units(0, 1, 1),)))] == [
        "the wider a line, the larger its weight", "positive", "negative, dashed"
    ]  # fmt: skip


def test_the_numbers_of_a_unit_are_above_those_of_its_bias() -> None:
    """A bias without a sample is faint; one without a gradient has none below that of the unit."""
    half = np.array([[0.5]])
    plain = Node("n1_1", UNIT, "h₁", 1, bias=(-0.25, None))
    nodes = (plain, plain._replace(value=half, gradient=half / 2, bias=(-0.25, 0.125)))
    one, two = cards(Graph(nodes, ()), 3)
    assert [(n.purpose, n.name, n.cells) for n in one.numbers] == [(FAINT, "", (("b −0.250",),))]
    assert [(n.purpose, n.name, n.cells) for n in two.numbers] == [
        ("value", "value", (("0.500",), ("b −0.250",))),
        ("gradient", "gradient", (("0.250",), ("db 0.125",))),
    ]


@pytest.mark.parametrize(
    ("node", "title", "note"),
    [
        (Node("W1", VARIABLE, "W", 1, (2, 3)), "W⁽¹⁾", "2×3"),
        (Node("W3_6", VARIABLE, "W", 3, (16,), last=6), "W⁽³⁾…W⁽⁶⁾", "16"),
        (Node("f1", OPERATION, "relu", 1), "relu", ""),
        (Node("times", OPERATION, "λ·", None, constant=0.25), "λ·", "λ = 0.25"),
        (Node("x", VARIABLE, "x", None, (2,), value=np.zeros((2, 1))), "x", ""),
        (Node("n0_1", UNIT, "x₁", None, name="n" * 24), "x₁", "n" * 24),
        (Node("n0_1", UNIT, "x₁", None, name="n" * 25), "x₁", "n" * 23 + "…"),
    ],
)
def test_beside_its_letter_a_node_has_its_shape_its_constant_or_its_name(node: Node, title: str, note: str) -> None:
    (card,) = cards(Graph((node,), ()), 4)
    assert (card.title, card.note) == (title, note)


@pytest.mark.parametrize(("shape", "whole"), [((8, 8), True), ((9, 8), False), ((8, 9), False)])
def test_a_matrix_of_up_to_8_by_8_is_shown(shape: tuple[int, int], whole: bool) -> None:
    value = np.arange(float(np.prod(shape))).reshape(shape) - 1
    (card,) = cards(Graph((Node("W1", VARIABLE, "W", 1, shape, value=value),), ()), 0)
    (numbers,) = card.numbers
    assert (numbers.is_matrix, numbers.purpose, numbers.title) == (whole, "value", "W⁽¹⁾")
    if whole:
        assert [[float(cell.replace("−", "-")) for cell in row] for row in numbers.cells] == value.tolist()
    else:
        assert numbers.cells == ((f"{shape[0]}×{shape[1]}",), (f"−1 … {value.max():g}",))
