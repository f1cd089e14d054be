"""The ladder: nodes stand apart, edges run straight from node to node, and meet only where they join or cross."""

from itertools import combinations, pairwise

import pytest
from drawing_helpers import Net, Room, nets
from hypothesis import example, given
from hypothesis import strategies as st

from mlpcli.graph.graph import Scope, computational_graph
from mlpcli.graph.layout import Measures, Positions, Size, Spot, ladder
from mlpcli.graph.nodes import LEFT, RIGHT, SPINE, VARIABLE, Edge
from mlpcli.graph.shapes import arrow

PIXELS = Measures(down=30, apart=16, bend=14, lane=16, head=24, line=0)
CHARACTERS = Measures(down=1, apart=1, bend=1, lane=2, head=2, line=1)
ALL = Net((3, 2, 2), "prelu", 0.1, 0.1, True)
DEEP = Net((2,) * 10, "prelu", 0.1, 0.1, True)
MEASURES = pytest.mark.parametrize("measures", [PIXELS, CHARACTERS], ids=["pixels", "characters"])


def layout(net: Net, measures: Measures = PIXELS, odd: int = 1) -> Positions:
    """With nodes of many sizes."""
    graph = net.graph
    sizes = {}
    for number, node in enumerate(graph.nodes):
        width, height = 9 + 4 * (number * odd % 5), 1 + number * odd % 7
        sizes[node.id] = Size(width, height, height // 2, width - 2 * (number % 2))
    return ladder(graph, sizes, measures)


def room(spot: Spot) -> Room:
    return Room(spot.left, spot.top, spot.left + spot.size.width, spot.bottom)


@given(nets(samples=3), st.sampled_from([PIXELS, CHARACTERS]), st.integers(1, 20))
@example(ALL, CHARACTERS, 1)
@example(DEEP, CHARACTERS, 1)
def test_nodes_stand_apart_and_no_edge_meets_one_that_is_not_its_own(net: Net, measures: Measures, odd: int) -> None:
    found = layout(net, measures, odd)
    rooms = {name: room(spot) for name, spot in found.spots.items()}
    page = Room(0, 0, found.width, found.height)
    assert all(page.holds(one) for one in rooms.values())
    assert not [pair for pair in combinations(rooms.values(), 2) if pair[0].meets(pair[1])]
    for edge, wire in zip(net.graph.edges, found.wires, strict=True):
        assert all((x1 == x2 and y1 < y2) != (y1 == y2 and x1 != x2) for (x1, y1), (x2, y2) in pairwise(wire))
        assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in wire)
        others = [one for name, one in rooms.items() if name not in (edge.start, edge.end)]
        for (x1, y1), (x2, y2) in pairwise(wire):
            x, y = min(x1, x2) + measures.line / 2, min(y1, y2) + measures.line / 2
            line = Room(x - 0.1, y - 0.1, x + abs(x2 - x1) + 0.1, y + abs(y2 - y1) + 0.1)
            assert not [one for one in others if one.meets(line)]


@MEASURES
@pytest.mark.parametrize("net", [ALL, DEEP, Net(l2=1), Net((2, 2), l1=1)], ids=["all", "deep", "l2", "one layer"])
def test_each_edge_leads_from_its_first_node_to_its_second(net: Net, measures: Measures) -> None:
    found = layout(net, measures)
    for edge, wire in zip(net.graph.edges, found.wires, strict=True):
        for name, (x, y) in zip((edge.start, edge.end), (wire[0], wire[-1]), strict=True):
            spot = found.spots[name]
            sides = [(spot.edge(side), spot.port) for side in (LEFT, RIGHT)]
            assert (x, y) in [*sides, (spot.middle, spot.top), (spot.middle, spot.bottom)]


@MEASURES
@pytest.mark.parametrize("net", [ALL, DEEP], ids=["all", "deep"])
def test_edges_that_run_in_one_line_have_a_node_in_common(net: Net, measures: Measures) -> None:
    """So that where lines become one, it is a fork, or a way to one sum."""
    found = layout(net, measures)
    pieces = [
        (edge, piece) for edge, wire in zip(net.graph.edges, found.wires, strict=True) for piece in pairwise(wire)
    ]
    for (one, (a, b)), (two, (c, d)) in combinations(pieces, 2):
        for along, across in ((0, 1), (1, 0)):
            if a[across] == b[across] == c[across] == d[across]:
                start, end = (max(min(p[along], q[along]) for p, q in ((a, b), (c, d))),
                              min(max(p[along], q[along]) for p, q in ((a, b), (c, d))))  # fmt: skip
                assert end <= start or {one.start, one.end} & {two.start, two.end}


@MEASURES
@pytest.mark.parametrize("net", [ALL, DEEP, Net(l1=1, l2=1)], ids=["all", "deep", "two penalties"])
def test_lines_that_run_down_beside_each_other_are_a_lane_apart(net: Net, measures: Measures) -> None:
    found = layout(net, measures)
    down = [
        (edge, x, *sorted((top, bottom)))
        for edge, wire in zip(net.graph.edges, found.wires, strict=True)
        for (x, top), (other, bottom) in pairwise(wire)
        if x == other
    ]
    for (one, x, top, bottom), (two, y, begin, end) in combinations(down, 2):
        if max(top, begin) <= min(bottom, end) and x != y:
            assert abs(x - y) >= measures.lane, (one, two)


@MEASURES
def test_nodes_of_one_column_are_closer_without_an_arrow_between_them(measures: Measures) -> None:
    """The spine is not stretched if its sides have room; a term of the regularizer is close below its parameter."""
    net = Net(l2=1)
    sizes = {node.id: Size(9, 3, 1, 9) for node in net.graph.nodes}
    apart = measures._replace(down=7, apart=2)
    spots = ladder(net.graph, sizes, apart).spots
    spine = [spots[node.id] for node in net.graph.nodes if node.side == SPINE]
    assert {two.top - one.bottom for one, two in pairwise(spine)} == {7}
    assert spots["l2_W1"].top - spots["W1"].bottom == 2
    assert spots["l2_times"].top - spots["l2_omega"].bottom == spots["l2_omega"].top - spots["l2_sum"].bottom == 7


@MEASURES
def test_a_drawing_without_a_right_side_ends_with_its_spine(measures: Measures) -> None:
    net = Net()
    graph = computational_graph(net.network.layers, net.objective, 1, Scope(biases=False, objective=False))
    found = ladder(graph, {node.id: Size(9, 3, 1, 9) for node in graph.nodes}, measures)
    assert found.width == max(room(spot).right for spot in found.spots.values()) == room(found.spots["x"]).right


@pytest.mark.parametrize("net", [ALL, DEEP, Net()], ids=["all", "deep", "plain"])
def test_weights_stand_on_the_left_and_biases_on_the_right_of_a_straight_spine(net: Net) -> None:
    graph, found = net.graph, layout(net)
    middles = {side: {found.spots[n.id].middle for n in graph.nodes if n.side == side} for side in (LEFT, SPINE, RIGHT)}
    (left,), (spine,), (right,) = middles.values()
    assert left < spine < right
    tops = [found.spots[node.id].top for node in graph.nodes if node.side == SPINE]
    assert tops == sorted(tops)
    for node in graph.nodes:
        if node.symbol in "Wbαy" and node.kind == VARIABLE:
            assert node.side == (LEFT if node.symbol == "W" else RIGHT)
        elif node.symbol in "xahŷLJ" or node.symbol in ("matmul", "softmax"):
            assert node.side == SPINE


def test_a_parameter_stands_beside_the_operation_that_takes_it() -> None:
    spots = layout(ALL).spots
    for one, two in (("W1", "matmul1"), ("b1", "plus1"), ("alpha1", "f1"), ("W2", "matmul2"), ("y", "loss")):
        assert spots[one].port == spots[two].port
    assert spots["l2_times"].port == spots["sum"].port


@MEASURES
def test_a_line_runs_from_the_inner_side_of_a_parameter_to_the_near_side_of_its_operation(measures: Measures) -> None:
    spots, wires = (found := layout(ALL, measures)).spots, dict(zip(ALL.graph.edges, found.wires, strict=True))
    for edge, side, other in ((("W1", "matmul1"), LEFT, RIGHT), (("b1", "plus1"), RIGHT, LEFT)):
        wire = wires[Edge(*edge)]
        assert (wire[0], wire[-1]) == tuple(
            (spots[name].edge(end), spots[name].port) for name, end in zip(edge, (other, side), strict=True)
        )


@MEASURES
@pytest.mark.parametrize("net", [ALL, DEEP, Net(l2=1), Net((2, 2)), Net((2, 2), l1=1)])
def test_the_drawing_ends_where_its_outermost_node_or_line_does(net: Net, measures: Measures) -> None:
    found = layout(net, measures)
    rooms = [room(spot) for spot in found.spots.values()]
    lines = [point for wire in found.wires for point in wire]
    assert min(min(one.left for one in rooms), min(x for x, _ in lines)) == 0
    assert max(max(one.right for one in rooms), max(x for x, _ in lines) + measures.line) == found.width
    assert min(one.top for one in rooms) == 0
    assert max(one.bottom for one in rooms) == found.height
    moved = found.moved(3, 5)
    assert (moved.width, moved.height) == (found.width + 3, found.height + 5)
    assert moved.wires[0] == tuple((x + 3, y + 5) for x, y in found.wires[0])
    assert [(spot.middle, spot.top) for spot in moved.spots.values()] == [
        (spot.middle + 3, spot.top + 5) for spot in found.spots.values()
    ]


def test_an_arrow_has_round_bends_and_its_head_at_the_end() -> None:
    """Across, down and across again: bends have a radius of 10, or half of a shorter piece; the head is 9 long."""
    line, head = arrow([(0, 0), (100, 0), (100, 12), (200, 12)])
    assert (line.purpose, head.purpose) == ("edge", "arrow")
    assert line.steps == (
        ("M", (0, 0)),
        ("L", (94, 0)), ("C", (100, 0, 100, 0, 100, 6)),
        ("L", (100, 6)), ("C", (100, 12, 100, 12, 106, 12)),
        ("L", (192, 12)),
    )  # fmt: skip
    assert head.steps == (("M", (200, 12)), ("L", (191, 7.5)), ("L", (191, 16.5)), ("Z", ()))
    line, head = arrow([(0, 0), (100, 0), (100, -50)])
    assert line.steps[1:3] == (("L", (90, 0)), ("C", (100, 0, 100, 0, 100, -10)))
    assert head.steps == (("M", (100, -50)), ("L", (95.5, -41)), ("L", (104.5, -41)), ("Z", ()))
