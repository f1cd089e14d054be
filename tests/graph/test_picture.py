"""Units in columns, and the labels of their connections: each on its own line, apart from other lines and labels."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from drawing_helpers import Net, meeting, nodes_of, room_of
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.graph.forms import Drawing
from mlpcli.graph.layout import Size
from mlpcli.graph.neurons import neurons
from mlpcli.graph.picture import labels_on, unit_columns
from mlpcli.graph.shapes import FAINT, INK, PAPER, Picture, Rectangle, Stroke, TextShape, width_of

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


# ----- What stands in the middle of what ----------------------------------------------------------------------------


def texts(picture: Picture) -> list[TextShape]:
    return [shape for shape in picture.shapes if isinstance(shape, TextShape)]


def middle_of(text: TextShape) -> float:
    """Of digits and small letters, a third of their size above the line."""
    return text.y - 0.35 * text.size


def test_the_lines_of_a_label_are_in_its_middle() -> None:
    picture = Drawing(Net((2, 2), figures=True).neurons, "", 2).picture()
    labels = [k for k, shape in enumerate(picture.shapes) if isinstance(shape, Rectangle) and shape.purpose == PAPER]
    assert len(labels) == 4
    for k in labels:
        box, weight, gradient = picture.shapes[k : k + 3]
        assert isinstance(box, Rectangle)
        assert isinstance(weight, TextShape)
        assert isinstance(gradient, TextShape)
        assert (weight.purpose, gradient.purpose) == ("value", "gradient")
        assert weight.x == gradient.x == box.x + box.width / 2
        assert middle_of(gradient) - middle_of(weight) == pytest.approx(14)
        assert (middle_of(gradient) + middle_of(weight)) / 2 == pytest.approx(box.y + box.height / 2)
        assert box.width == pytest.approx(max(width_of(text.text, text.size) for text in (weight, gradient)) + 6)


def test_what_is_left_out_is_told_in_the_middle_of_its_gap() -> None:
    """Of nine units one, as dots before the last one; of nine layers four, between the third column and the fourth."""
    net = Net((2, 9, *[2] * 8))
    picture, columns = Drawing(net.neurons, "", 2).picture(), net.neurons.columns
    units = dict(zip((unit.id for unit in net.neurons.nodes), nodes_of(picture), strict=True))
    (dots,) = [text for text in texts(picture) if text.text == "⋮"]
    before, last = (units[unit.id] for unit in columns[1].units[-2:])
    assert dots.x == pytest.approx((last.left + last.right) / 2)
    assert middle_of(dots) == pytest.approx((before.bottom + last.top) / 2)
    (layers,) = [text for text in texts(picture) if text.text == "… 4 layers"]
    left, right = (units[columns[k].units[0].id] for k in (2, 3))
    assert layers.x == pytest.approx((left.right + right.left) / 2)
    top, bottom = min(room.top for room in units.values()), max(room.bottom for room in units.values())
    assert layers.y == pytest.approx((top + bottom) / 2, abs=20)


@pytest.mark.parametrize("net", [Net(figures=True), Net((1, 2, 2), l2=0.5, figures=True), Net((2, 9, 2), figures=True)])
def test_letters_and_numbers_are_in_the_middle_of_their_node(net: Net) -> None:
    """And as far from its lower edge as from its upper one, within a few pixels."""
    for drawing in (Drawing(net.graph, "", 4), Drawing(net.neurons, "", 4)):
        picture = drawing.picture()
        inside = {node: [text for text in texts(picture) if node.meets(room_of(text))] for node in nodes_of(picture)}
        labels = [room_of(shape) for shape in picture.shapes if isinstance(shape, Rectangle) and shape.purpose == PAPER]
        for node, held in inside.items():
            rooms = [room_of(text) for text in held if not any(label.meets(room_of(text)) for label in labels)]
            left, right = (f(side) for f, side in ((min, [r.left for r in rooms]), (max, [r.right for r in rooms])))
            top, bottom = (f(side) for f, side in ((min, [r.top for r in rooms]), (max, [r.bottom for r in rooms])))
            assert (left + right) / 2 == pytest.approx((node.left + node.right) / 2, abs=3)
            assert (top + bottom) / 2 == pytest.approx((node.top + node.bottom) / 2, abs=6)
            assert node.right - node.left <= right - left + 50


def test_brackets_stand_around_their_numbers() -> None:
    """Five pixels away, as high as the rows, which are 17 apart; each turns inwards above and below."""
    picture = Drawing(Net(figures=True).graph, "", 4).picture()
    brackets = [shape for shape in picture.shapes if isinstance(shape, Stroke) and shape.purpose.endswith("-line")]
    numbers = [text for text in texts(picture) if text.anchor == "end"]
    assert len(brackets) % 2 == 0
    for one, two in zip(brackets[::2], brackets[1::2], strict=True):
        (left, top), (right, bottom) = one.steps[1][1], two.steps[2][1]
        held = [text for text in numbers if left < text.x < right and top < middle_of(text) < bottom]
        rooms = [room_of(text) for text in held]
        assert min(room.left for room in rooms) == pytest.approx(left + 5)
        assert max(text.x for text in held) == pytest.approx(right - 5)
        rows = sorted({round(middle_of(text), 6) for text in held})
        assert np.diff(rows) == pytest.approx(17)
        assert bottom - top == pytest.approx(17 * len(rows))
        assert (rows[0] + rows[-1]) / 2 == pytest.approx((top + bottom) / 2)
        assert {letter for letter, _ in one.steps[1:]} == {"L"}
        for bracket, inwards in ((one, 4), (two, -4)):
            xs, ys = zip(*(point for _, point in bracket.steps), strict=True)
            assert (xs[0], xs[3]) == pytest.approx((xs[1] + inwards,) * 2)
            assert ys == pytest.approx((top, top, bottom, bottom))


def test_the_legend_is_below_the_drawing_with_a_square_of_each_color() -> None:
    """Each text has its square on its left, and a note has a line of its own; all have the page's margin."""
    picture = Drawing(Net(figures=True).neurons, "", 4, "a note").picture()
    bottom = max(room.bottom for room in nodes_of(picture))
    squares = [shape for shape in picture.shapes if isinstance(shape, Rectangle) and shape.width == shape.height == 9]
    assert [square.purpose for square in squares] == ["positive", "negative", "value", "gradient"]
    keys = [text for text in texts(picture) if text.anchor == "start" and text.y > bottom]
    wider, *named, note = keys
    assert [key.text for key in named] == ["positive", "negative, dashed", "value", "gradient of J"]
    for square, key in zip(squares, named, strict=True):
        assert (key.x - square.x, key.purpose) == (14, INK)
        assert middle_of(key) == pytest.approx(square.y + 4.5, abs=0.5)
    ends = [room_of(key).right for key in (wider, *named)]
    assert [square.x - end for square, end in zip(squares, ends, strict=False)] == pytest.approx([20] * 4)
    assert (wider.x, note.x, note.text, note.purpose) == (24, 24, "a note", FAINT)
    assert note.y - wider.y == picture.height - note.y == 24
    assert wider.y - bottom == 24
    assert picture.width >= ends[-1] + 24


def test_a_page_is_as_wide_as_its_legend_needs() -> None:
    """A network of one input and one output is narrower than the five entries below it."""
    picture = Drawing(Net((1, 2)).graph, "", 4, "a note that is much wider than the drawing " * 4).picture()
    (note,) = [text for text in texts(picture) if text.text.startswith("a note")]
    assert picture.width == pytest.approx(room_of(note).right + 24)


def test_a_page_ends_a_margin_behind_its_units_or_its_legend() -> None:
    for net in (Net((2, 2, 2, 2), figures=True), Net((1, 2))):
        picture = Drawing(net.neurons, "", 4).picture()
        keys = [room_of(text) for text in texts(picture) if text.anchor == "start"]
        assert picture.width == pytest.approx(max(room.right for room in (*nodes_of(picture), *keys)) + 24)


@pytest.mark.parametrize("net", [Net(l2=0.5, figures=True), Net((1, 2))])
def test_corners_are_no_rounder_than_half_of_the_height(net: Net) -> None:
    for drawing in (Drawing(net.graph, "", 4), Drawing(net.neurons, "", 4)):
        for shape in drawing.picture().shapes:
            if isinstance(shape, Rectangle):
                assert 0 < shape.radius <= min(shape.width, shape.height) / 2


def test_only_letters_of_formulas_lean() -> None:
    """Those of variables and above matrices; not the names of operations, and not the legend."""
    shown = texts(Drawing(Net(figures=True).graph, "", 4).picture())
    assert {text.text for text in shown if text.leaning} >= {"W⁽¹⁾", "dW⁽¹⁾", "ŷ", "J"}
    assert not any(text.leaning for text in shown if text.text in ("matmul", "relu", "value", "gradient of J"))


def test_a_weight_of_0_has_no_dashes() -> None:
    net = Net((1, 2))
    network = net.network.with_theta(np.array([0.0, -1.0, 0.0, 0.0]))
    lines = [shape for shape in Drawing(neurons(network), "", 2).picture().shapes if isinstance(shape, Stroke)]
    assert [line.dashes is None for line in lines] == [True, False]
