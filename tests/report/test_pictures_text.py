"""Curves in characters: every point in its cell, ticks at round numbers, no line wider than the screen."""

import re

import numpy as np
import pytest

from mlpcli.report.ascii_text import ascii_text
from mlpcli.report.pictures.axes import legible_axis, limits, round_axis, round_ends, step, tick_text, ticks
from mlpcli.report.pictures.canvas import BRAILLE, drawn, x_axis_cells
from mlpcli.report.pictures.curves_text import text
from mlpcli.report.pictures.palette import PENS
from mlpcli.report.pictures.records import Curves, Line, Panels
from mlpcli.report.screen import Screen

RISING = Line("up", np.array([0.0, 1.0]), np.array([0.0, 1.0]))
FALLING = Line("down", np.array([0.0, 1.0]), np.array([1.0, 0.0]))


def curves(*lines: Line) -> Curves:
    return Curves("curve", "x", lines)


def shown(*panels: Curves, columns: int | None = 80, colour: bool = False, unicode: bool = True) -> str:
    return text(Panels(panels), Screen(columns, colour, unicode))


def canvas(line: Line, columns: int, rows: int) -> list[str]:
    return ["".join(cell.text for cell in row) for row in drawn([(line.x, line.y)], columns, rows, unicode=False)]


# ----- The canvas ---------------------------------------------------------------------------------------------------


def test_a_line_goes_from_corner_to_corner() -> None:
    assert canvas(RISING, 3, 3) == ["  *", " * ", "*  "]
    assert canvas(FALLING, 4, 2) == ["** ", "  **"] or canvas(FALLING, 4, 2) == ["**  ", "  **"]


def test_each_braille_dot_is_the_one_of_its_place() -> None:
    """U+2801 has the dot at the top left, U+2880 the one at the bottom right (Unicode chart of Braille patterns)."""
    for x, y, code in ((0, 1, 0x01), (0, 0, 0x40), (1, 1, 0x08), (1, 0, 0x80), (0, 2 / 3, 0x02), (1, 1 / 3, 0x20)):
        lines = [(np.array([float(x)]), np.array([y])), (np.array([0.0]), np.array([np.nan]))]
        cells = drawn(lines, 1, 1, unicode=True)
        assert cells[0][0].text in (chr(BRAILLE + code), PENS[0].marker)
    two = drawn([(np.array([0.0, 1.0]), np.array([1.0, 1.0]))] * 2, 20, 1, unicode=True)
    assert {cell.text for cell in two[0]} == {chr(BRAILLE + 0x09)}


def test_a_gap_is_not_bridged() -> None:
    x = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    assert canvas(Line("", x, np.array([0.0, 0.0, np.nan, 0.0, 0.0])), 9, 1) == ["***   ***"]


def test_a_point_between_gaps_is_drawn() -> None:
    assert canvas(Line("", np.array([0.0, 0.5, 1.0]), np.array([np.nan, 0.0, np.nan])), 3, 1) == [" * "]


def test_lines_are_told_apart_by_marker_too() -> None:
    for unicode, sign in ((True, "marker"), (False, "plain")):
        text = shown(curves(RISING, FALLING), unicode=unicode)
        body = text.split("\n", 1)[1]
        for pen in PENS[:2]:
            assert getattr(pen, sign) in body


def places(text: str, marker: str) -> list[int]:
    """The columns with a marker in the canvas, of which each row begins with its y axis."""
    rows = [re.split("[│┤]", row, maxsplit=1)[1] for row in text.splitlines()[1:] if re.search("[│┤]", row)]
    return sorted(place for row in rows for place, sign in enumerate(row) if sign == marker)


def test_markers_stand_on_the_points() -> None:
    """Four epochs on a canvas of 73 columns lie 24 columns apart; the second has no number, the third is infinite."""
    epochs = np.arange(1.0, 5.0)
    line = Line("loss", epochs, np.array([1.0, 0.5, 0.75, 0.0]))
    assert places(shown(curves(line), columns=80), PENS[0].marker) == [0, 24, 48, 72]
    gaps = Line("loss", epochs, np.array([1.0, np.nan, np.inf, 0.0]))
    assert places(shown(curves(gaps), columns=80), PENS[0].marker) == [0, 72]


def test_only_the_points_that_were_asked_for_are_marked() -> None:
    """0.25 and 0.5 of the way over 73 columns."""
    x = np.linspace(0, 1, 401)
    line = Line("f", x, x, np.array([100, 200]))
    assert places(shown(curves(line), columns=80), PENS[0].marker) == [18, 36]


def test_marks_stay_on_their_points_where_a_jump_is_cut() -> None:
    line = Line("step", np.arange(6.0), np.array([0.0, 0, 0, 1, 1, 1]), np.array([2, 3, 5])).parted()
    assert line.marks is not None
    assert [(line.x[place], line.y[place]) for place in line.marks] == [(2, 0), (3, 1), (5, 1)]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 50, 1000])
def test_of_many_marks_some_are_shown_and_those_of_two_lines_apart(count: int) -> None:
    line = Line("loss", np.arange(count), np.ones(count))
    one, two = (line.marked(8, place, 2).tolist() for place in range(2))
    if count <= 8:
        assert one == two == list(range(count))
    else:
        assert 2 <= len(one) <= 4
        assert not set(one) & set(two)
        assert len(set(np.diff(one))) == 1


def test_markers_that_meet_take_turns() -> None:
    x = np.arange(1.0, 5.0)
    text = shown(curves(Line("one", x, x), Line("two", x, x)), columns=80)
    assert [places(text, PENS[k].marker) for k in range(2)] == [[0, 50], [25, 75]]  # over 76 columns


def test_lines_that_coincide_take_turns_in_ascii() -> None:
    """A row, a rising line and an upright one: each of two that are the same line has every other cell."""
    for x, y, columns, rows in (([0, 1], [0, 0], 6, 1), ([0, 1], [0, 1], 4, 4), ([0, 0], [0, 1], 1, 6)):
        line = (np.array(x, float), np.array(y, float))
        cells = [cell.text for row in drawn([line, line], columns, rows, unicode=False) for cell in row]
        assert cells.count(PENS[0].plain) == cells.count(PENS[1].plain) == max(columns, rows) / 2


def test_where_lines_part_each_has_its_own_sign_in_ascii() -> None:
    flat = (np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    cells = drawn([(RISING.x, RISING.y), flat], 5, 5, unicode=False)
    assert "".join(cell.text for cell in cells[-1][1:]) == PENS[1].plain * 4
    assert [cells[4 - k][k].text for k in range(1, 5)] == [PENS[0].plain] * 4


def test_no_two_pens_are_alike() -> None:
    for field in ("colour", "terminal", "marker", "plain"):
        assert len({getattr(pen, field) for pen in PENS}) == len(PENS)


# ----- Axes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 5, [0, 0.25, 0.5, 0.75, 1]),
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-4, 4, 5, [-4, -2, 0, 2, 4]),
        (0.13, 0.29, 4, [0.15, 0.2, 0.25]),
        (1e-7, 9e-7, 5, [2e-7, 4e-7, 6e-7, 8e-7]),
        (0, 60000, 4, [0, 20000, 40000, 60000]),
    ],
)
def test_ticks_are_few_and_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, step(low, high, most)) == pytest.approx(expected)


def test_a_count_has_no_tick_between_whole_numbers() -> None:
    assert ticks(1, 3, step(1, 3, 20, counted=True)) == [1, 2, 3]


def test_ends_go_out_to_the_next_ticks_and_stay_on_one() -> None:
    assert round_ends(0.13, 0.29, 0.1) == pytest.approx((0.1, 0.3))
    assert round_ends(0.1, 0.3, 0.1) == pytest.approx((0.1, 0.3))


@pytest.mark.parametrize(
    ("value", "distance", "text"),
    [
        (75.0, 25.0, "75"),
        (500.0, 250.0, "500"),
        (0.25, 0.05, "0.25"),
        (0.5, 0.25, "0.50"),
        (2.5, 2.5, "2.5"),
        (0.3, 0.1, "0.3"),
        (-2, 2, "-2"),
        (0.0, 0.5, "0.0"),
        (2e-7, 2e-7, "2e-07"),
        (1500, 500, "1500"),
        (0.69314725, 2.5e-7, "0.69314725"),
        (0.6931474, 2e-7, "0.6931474"),
        (1.234e9, 1e6, "1.234e+09"),
        (2.5e6, 2.5e6, "2.5e+06"),
        (3 * 1e-7 - 3e-7, 1e-7, "0"),
    ],
)
def test_a_tick_has_the_decimals_of_its_step(value: float, distance: float, text: str) -> None:
    assert tick_text(value, distance) == text


@pytest.mark.parametrize(("middle", "apart"), [(0.693147, 1e-7), (1e9, 1e6), (-3.5, 1e-9), (0.0, 1e-9), (1e-7, 1e-12)])
def test_ticks_that_differ_are_written_differently(middle: float, apart: float) -> None:
    """As the loss of a training that has nearly come to rest."""
    axis = round_axis([np.array([middle - apart, middle + apart])], 5)
    assert len({axis.text(tick) for tick in axis.ticks}) == len(axis.ticks) > 2
    assert [float(axis.text(tick)) for tick in axis.ticks] == pytest.approx(axis.ticks, rel=1e-12, abs=apart * 1e-6)


@pytest.mark.parametrize("columns", [12, 20, 33, 50, 74])
@pytest.mark.parametrize("ends", [(999999.85, 1000000.12), (-1e6, 1e6), (0, 1), (1e-9, 3e-9), (-1234567.0, -1234566.0)])
def test_the_texts_of_an_axis_stand_apart(ends: tuple[float, float], columns: int) -> None:
    """Each is written as a whole, and only the last one, which stands at the edge, may find no room."""
    axis = legible_axis([np.array(ends)], columns, 7)
    row = "".join(cell.text for cell in x_axis_cells(axis, "x", 8, columns, unicode=True)[1])
    assert len(row) == columns + 9
    texts = [axis.text(tick) for tick in axis.ticks]
    assert row.split() in (texts, texts[:-1])
    assert row.split()


def test_limits_leave_out_what_is_not_finite() -> None:
    assert limits([np.array([np.nan, 1.0, np.inf]), np.array([3.0])]) == (1, 3)
    assert limits([np.array([np.nan])]) == (0, 1)
    low, high = limits([np.array([2.0, 2.0])])
    assert low < 2 < high


# ----- Panels -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("columns", [20, 34, 50, 80, 200])
def test_no_line_is_wider_than_the_screen(columns: int, unicode: bool) -> None:
    text = shown(curves(RISING, FALLING), curves(FALLING), columns=columns, unicode=unicode)
    assert max(map(len, text.splitlines())) < columns
    assert text.isascii() or unicode


def test_panels_stand_beside_each_other_where_there_is_room() -> None:
    assert sum("curve" in line for line in shown(curves(RISING), curves(FALLING), columns=80).splitlines()) == 1
    assert sum("curve" in line for line in shown(curves(RISING), curves(FALLING), columns=50).splitlines()) == 2


@pytest.mark.parametrize(
    "y",
    [
        [0.5],
        [np.nan],
        [np.nan, np.nan],
        [0.0, 0.0],
        [1e300, -1e300],
        [np.inf, 1.0],
        [1e308, -1e308],
        [0.0, 5e-324],
        [1e-323],
    ],
)
def test_any_numbers_can_be_drawn(y: list[float]) -> None:
    line = Line("odd", np.arange(1.0, len(y) + 1), np.array(y))
    assert "odd" in shown(Curves("curve", "epoch", (line,), counted=True))


def test_numbers_longer_than_a_narrow_terminal_leave_room_for_a_line() -> None:
    y = -1.23456789e-100 + np.array([0.0, 1e-108])
    assert "●" in shown(curves(Line("far", np.array([0.0, 1.0]), y)), columns=20)


@pytest.mark.parametrize("end", [1e6, 999999.0, 123456.75])
@pytest.mark.parametrize("columns", [20, 34, 80])
def test_texts_of_ticks_stand_apart_and_on_the_screen(end: float, columns: int) -> None:
    rows = shown(curves(Line("far", np.array([-end, end]), np.array([0.0, 1.0]))), columns=columns).splitlines()
    texts = rows[-2].split()
    assert max(map(len, rows)) < columns
    assert texts
    assert all(abs(float(text)) <= end for text in texts)
    assert [float(text) for text in texts] == sorted(map(float, texts))


def test_a_point_without_x_is_left_out() -> None:
    x = np.array([1.0, np.nan, 3.0])
    assert "odd" in shown(Curves("curve", "epoch", (Line("odd", x, np.array([1.0, 2.0, 3.0])),)))


def test_colours_are_set_only_where_they_are_wanted_and_put_back() -> None:
    assert "\033" not in shown(curves(RISING))
    coloured = shown(curves(RISING), colour=True)
    assert f"\033[38;5;{PENS[0].terminal}m" in coloured
    assert all(line.rfind("\033[0m") >= line.rfind("\033[") for line in coloured.splitlines())


# ----- ASCII --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a if a > 0 else α (eᵃ − 1)", "a if a > 0 else alpha (e^a - 1)"),
        ("βh + σ(βa) (1 − βh)", "beta*h + sigma(beta*a) (1 - beta*h)"),
        ("W⁽²⁾ h⁽¹⁾ᵀ", "W(2) h(1)^T"),
        ("½ (ŷ − y)²", "1/2 (y^ - y)^2"),
        ("hᵢ (δᵢⱼ − hⱼ)", "h_i (delta_ij - h_j)"),
        ("⌈n/B⌉, ⌊e/k⌋, 3–4 µs", "ceil(n/B), floor(e/k), 3-4 us"),
        ("iris, test part", "iris, test part"),
    ],
)
def test_notation_is_spelled_in_ascii(text: str, expected: str) -> None:
    assert ascii_text(text) == expected


def test_foreign_letters_stay() -> None:
    assert ascii_text("größe α") == "größe alpha"
