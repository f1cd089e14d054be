"""The layered layout: ranks, order, places, on graphs of networks and on graphs of any kind."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpcli.graph.layered.layout import Layout, layout
from mlpcli.graph.layered.ordering import crossings, ordered
from mlpcli.graph.layered.placing import placed
from mlpcli.graph.layered.ranks import ranks
from mlpcli.graph.layered.vertices import Bend, Measures

MEASURES = Measures(gap=3, lane=1, leaving=2, arriving=0)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Any graph without cycles: nodes in an order that edges follow, with widths."""
    count = draw(st.integers(1, 12))
    names = [f"n{number}" for number in range(count)]
    pairs = list(combinations(names, 2))
    links = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=20)) if pairs else []
    return {name: draw(st.integers(1, 9)) for name in names}, links


def half(drawn: Layout, widths: dict[str, int], vertex: object) -> float:
    return (MEASURES.lane if isinstance(vertex, Bend) else widths[str(vertex)]) / 2


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_everything_has_room_and_every_edge_goes_down(graph: tuple[dict[str, int], list[tuple[str, str]]]) -> None:
    widths, links = graph
    drawn = layout(widths, links, MEASURES)
    rank = {vertex: number for number, level in enumerate(drawn.ranks) for vertex in level}
    assert set(widths) <= set(rank)
    for path, (start, end) in zip(drawn.paths, links, strict=True):
        assert (path[0], path[-1]) == (start, end)
        assert [rank[vertex] for vertex in path] == list(range(rank[start], rank[end] + 1))
    for level in drawn.ranks:
        for left, right in pairwise(level):
            room = half(drawn, widths, left) + half(drawn, widths, right) + MEASURES.gap
            assert drawn.place[right] - drawn.place[left] >= room
    for vertex, place in drawn.place.items():
        assert place - half(drawn, widths, vertex) + 0.5 >= 0
        assert place + half(drawn, widths, vertex) <= drawn.width + 0.5


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_the_same_graph_has_the_same_drawing(graph: tuple[dict[str, int], list[tuple[str, str]]]) -> None:
    assert layout(*graph, MEASURES) == layout(*graph, MEASURES)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_edges_end_within_their_nodes(graph: tuple[dict[str, int], list[tuple[str, str]]]) -> None:
    widths, links = graph
    drawn = layout(widths, links, Measures(gap=3, lane=1, leaving=2, arriving=2))
    for (leaving, arriving), (start, end) in zip(drawn.ports, links, strict=True):
        assert abs(leaving) <= widths[start] / 2
        assert abs(arriving) <= widths[end] / 2


def test_parameters_stand_beside_what_needs_them() -> None:
    """By hand: x → f → g → h, with w into h only, right before it; v behind w as early as it can be."""
    nodes = ["x", "w", "f", "g", "h", "v", "end"]
    links = [("x", "f"), ("f", "g"), ("g", "h"), ("w", "h"), ("w", "v"), ("h", "end"), ("v", "end")]
    assert ranks(nodes, links) == {"x": 0, "f": 1, "g": 2, "w": 2, "h": 3, "v": 3, "end": 4}


def test_what_can_be_drawn_without_crossings_is() -> None:
    """Two rows whose links cross in the order given, and need not: a–d, b–c."""
    order = ordered([["a", "b"], ["c", "d"]], [("a", "d"), ("b", "c")])
    assert crossings(order, {"a": ["d"], "b": ["c"]}) == 0


def test_crossings_that_are_there_are_counted() -> None:
    """All of two by three: of the pairs of links, C(2,2)·C(3,2) = 3 cross."""
    assert crossings([["a", "b"], ["c", "d", "e"]], {"a": ["c", "d", "e"], "b": ["c", "d", "e"]}) == 3


def test_places_are_the_wanted_ones_where_there_is_room() -> None:
    assert placed([0, 10, 20], [1, 1, 1], [5, 5]) == [0, 10, 20]


def test_places_that_want_the_same_share_the_way() -> None:
    """Both want 0 and must be 4 apart: −2 and 2 is the least-squares answer; with weights 3 and 1, −1 and 3."""
    assert placed([0, 0], [1, 1], [4]) == pytest.approx([-2, 2])
    assert placed([0, 0], [3, 1], [4]) == pytest.approx([-1, 3])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 10), st.floats(0, 9)), min_size=2, max_size=6),
    st.integers(0, 5),
    st.floats(-1, 1),
)
def test_no_other_places_are_nearer_to_the_wanted(
    cells: list[tuple[float, float, float]], which: int, step: float
) -> None:
    wanted, weights, distances = [c[0] for c in cells], [c[1] for c in cells], [c[2] for c in cells[1:]]
    places = placed(wanted, weights, distances)
    assert all(b - a >= d - 1e-9 for a, b, d in zip(places, places[1:], distances, strict=False))

    def cost(found: list[float]) -> float:
        return sum(w * (p - want) ** 2 for p, want, w in zip(found, wanted, weights, strict=True))

    # From the best places, a step of all from one on (the order is kept) cannot be a gain; nor of all up to it.
    at = which % len(cells)
    later = [place + abs(step) * (number >= at) for number, place in enumerate(places)]
    earlier = [place - abs(step) * (number <= at) for number, place in enumerate(places)]
    assert min(cost(later), cost(earlier)) >= cost(places) - 1e-6 * (1 + cost(places))
