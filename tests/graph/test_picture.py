"""Units in columns, and the labels of their connections: each on its own line, apart from other lines and labels."""

from itertools import combinations, pairwise

import numpy as np
from drawing_helpers import Net, meeting, room_of
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.graph.layout import Size
from mlpcli.graph.picture import labels_on, unit_columns

ENDS = st.integers(0, 400)


@given(st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=6, unique=True), st.integers(8, 60), st.integers(8, 30))
def test_a_label_is_on_the_middle_of_its_line_and_meets_no_other(
    ends: list[tuple[int, int]], width: int, height: int
) -> None:
    lines = [((50, one), (280, two)) for one, two in ends]
    labels = labels_on(lines, [(width, height)] * len(lines), 60, 270)
    assert len(labels) in (0, len(lines))
    assert not meeting([room_of(label) for label in labels])
    for number, label in enumerate(labels):
        assert 60 <= label.x <= label.x + label.width <= 270
        x, y = label.x + label.width / 2, label.y + label.height / 2
        (_, y1), (_, y2) = lines[number]
        assert abs(y - (y1 + (y2 - y1) * (x - 50) / 230)) < 1e-9
        for (_, z1), (_, z2) in lines[:number] + lines[number + 1 :]:
            there = np.linspace(label.x, label.x + label.width, 50)
            heights = z1 + (z2 - z1) * (there - 50) / 230
            assert not ((label.y < heights) & (heights < label.y + label.height)).any()


def test_a_line_alone_has_its_label_in_the_middle_and_lines_without_room_have_none() -> None:
    (label,) = labels_on([((0, 0), (200, 100))], [(40, 10)], 0, 200)
    assert (label.x + 20, label.y + 5) == (100, 50)
    assert labels_on([((0, 0), (200, 0)), ((0, 4), (200, 4))], [(40, 10)] * 2, 0, 200) == []


def test_units_are_in_columns_of_one_middle_with_room_for_those_left_out() -> None:
    graph = Net((20, 3, 2)).neurons  # 8 of 20 inputs
    placed = unit_columns(graph, {unit.id: Size(41, 21, 10, 41) for unit in graph.nodes})
    middles = []
    for column in graph.columns:
        spots = [placed.spots[unit.id] for unit in column.units]
        assert len({spot.middle for spot in spots}) == 1
        steps = [two.top - one.top for one, two in pairwise(spots)]
        assert len(set(steps[: len(steps) - (column.left_out > 0)])) <= 1
        if column.left_out:
            assert steps[-1] == 2 * steps[0]
        middles.append((spots[0].top + spots[-1].bottom) / 2)
    assert max(middles) - min(middles) <= 1  # a pixel of rounding
    assert all(
        two - one > 100 for one, two in combinations([placed.spots[c.units[0].id].middle for c in graph.columns], 2)
    )
