"""Curves in characters: every point in its cell, ticks at round numbers, no line wider than the screen."""

import re

import numpy as np
import pytest

from mlpcli.report.cells import x_axis_cells
from mlpcli.report.curves import PENS, Axis, Curve, Curves
from mlpcli.report.curves_text import BRAILLE, curves_text, line_cells
from mlpcli.report.text import Screen

RISING = Curve("up", np.array([0.0, 1.0]), np.array([0.0, 1.0]))
FALLING = Curve("down", np.array([0.0, 1.0]), np.array([1.0, 0.0]))


def curves(*lines: Curve) -> Curves:
    return Curves("curve", "x", lines)


def shown(*panels: Curves, columns: int | None = 80, color: bool = False, unicode: bool = True) -> str:
    return curves_text(panels, Screen(columns, color, unicode))


def canvas(line: Curve, columns: int, rows: int) -> list[str]:
    return ["".join(cell.text for cell in row) for row in line_cells([(line.x, line.y)], columns, rows, unicode=False)]


# ----- The canvas ---------------------------------------------------------------------------------------------------


def test_a_line_goes_from_corner_to_corner() -> None:
    assert canvas(RISING, 3, 3) == ["  *", " * ", "*  "]
    assert canvas(FALLING, 4, 2) == ["** ", "  **"] or canvas(FALLING, 4, 2) == ["**  ", "  **"]


def test_each_braille_dot_is_the_one_of_its_place() -> None:
    """U+2801 has the dot at the top left, U+2880 the one at the bottom right (Unicode chart of Braille patterns)."""
    for x, y, code in (
        (0, 1, 0x01),
        (0, 0, 0x40),
        (1, 1, 0x08),
        (1, 0, 0x80),
        (0, 2 / 3, 0x02),
        (1, 1 / 3, 0x20),
        (1, 2 / 3, 0x10),
        (0, 1 / 3, 0x04),
    ):
        still = (np.array([x, x], float), np.array([y, y], float))
        assert line_cells([still], 1, 1, unicode=True)[0][0].text == chr(BRAILLE + code)
    two = line_cells([(np.array([0.0, 1.0]), np.array([1.0, 1.0]))] * 2, 20, 1, unicode=True)
    assert {cell.text for cell in two[0]} == {chr(BRAILLE + 0x09)}


@pytest.mark.parametrize(("columns", "rows"), [(9, 4), (4, 9), (7, 6), (6, 7)])
def test_a_straight_line_has_one_sign_per_column_or_row_in_ascii(columns: int, rows: int) -> None:
    """Whichever are more."""
    drawn = canvas(RISING, columns, rows)
    part = canvas(Curve("", np.array([0.25, 1.0]), RISING.y), 9, 4)  # from the third of nine columns on
    assert [line.count("*") for line in zip(*part, strict=True)] == [0, 0, *[1] * 7]
    assert [line.count("*") for line in (drawn if rows > columns else zip(*drawn, strict=True))] == [1] * max(
        rows, columns
    )


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("columns", range(21, 40))
def test_a_tick_stands_below_the_points_of_its_number(columns: int, unicode: bool) -> None:
    line = x_axis_cells(Axis(0, 9, 1), "x", 0, columns, unicode)[0][1:]
    for tick in range(10):
        (row,) = line_cells([(np.array([tick, tick]) / 9, np.zeros(2))], columns, 1, unicode)
        assert [cell.text in "┬+" for cell, dot in zip(line, row, strict=True) if dot.text != " "] == [True]


def test_a_gap_is_not_bridged() -> None:
    x = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    assert canvas(Curve("", x, np.array([0.0, 0.0, np.nan, 0.0, 0.0])), 9, 1) == ["***   ***"]


def test_a_point_between_gaps_has_a_marker() -> None:
    """A single dot would hardly be seen."""
    point = (np.array([0.0, 0.5, 1.0]), np.array([np.nan, 0.0, np.nan]))
    assert [cell.text for cell in line_cells([point], 3, 1, unicode=True)[0]] == [" ", PENS[0].marker, " "]
    assert canvas(Curve("", np.array([0.0, 0.5, 1.0]), np.array([np.nan, 0.0, np.nan])), 3, 1) == [" * "]


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
    line = Curve("loss", epochs, np.array([1.0, 0.5, 0.75, 0.0]))
    assert places(shown(curves(line), columns=80), PENS[0].marker) == [0, 24, 48, 72]
    gaps = Curve("loss", epochs, np.array([1.0, np.nan, np.inf, 0.0]))
    assert places(shown(curves(gaps), columns=80), PENS[0].marker) == [0, 72]


def test_a_marker_stands_at_the_height_of_its_point() -> None:
    """Of nine rows, the first is 4 and the last 0; 3 and 1 are a quarter of the way from there."""
    x = np.arange(5.0)
    rows = shown(curves(Curve("loss", x, np.array([4.0, 3.0, 0.0, 1.0, 2.0])))).splitlines()[1:10]
    body = [re.split("[│┤]", row, maxsplit=1)[1] for row in rows]
    found = [(row.index(PENS[0].marker), k) for k, row in enumerate(body) if PENS[0].marker in row]
    assert [k for _, k in sorted(found)] == [0, 2, 8, 6, 4]


def test_only_the_points_that_were_asked_for_are_marked() -> None:
    """0.25 and 0.5 of the way over 73 columns."""
    x = np.linspace(0, 1, 401)
    line = Curve("f", x, x, np.array([100, 200]))
    assert places(shown(curves(line), columns=80), PENS[0].marker) == [18, 36]


def test_markers_that_meet_take_turns() -> None:
    x = np.arange(1.0, 5.0)
    text = shown(curves(Curve("one", x, x), Curve("two", x, x)), columns=80)
    assert [places(text, PENS[k].marker) for k in range(2)] == [[0, 50], [25, 75]]  # over 76 columns


def test_markers_take_turns_only_where_they_meet() -> None:
    """Between two cells in which both have markers is one with that of the first line alone."""
    x = np.arange(5.0)
    text = shown(curves(Curve("one", x, x), Curve("two", x, np.array([0, np.nan, 2, np.nan, 4]))), columns=80)
    assert [places(text, PENS[k].marker) for k in range(2)] == [[0, 19, 56, 75], [38]]  # over 76 columns


def test_a_line_of_one_point_is_drawn_over_the_others() -> None:
    """Wherever the point is on the two lines below it, its marker shows."""
    x = np.linspace(0, 1, 30)
    for place in range(30):
        lines = (Curve("one", x, x), Curve("two", x, x), Curve("lowest", x[[place]], x[[place]]))
        assert shown(curves(*lines)).count("▲") == 2  # in the legend, and in the picture


def test_lines_that_coincide_take_turns_in_ascii() -> None:
    """A row, a rising line and an upright one: each of two that are the same line has every other cell."""
    for x, y, columns, rows in (([0, 1], [0, 0], 6, 1), ([0, 1], [0, 1], 4, 4), ([0, 0], [0, 1], 1, 6)):
        line = (np.array(x, float), np.array(y, float))
        cells = [cell.text for row in line_cells([line, line], columns, rows, unicode=False) for cell in row]
        assert cells.count(PENS[0].plain) == cells.count(PENS[1].plain) == max(columns, rows) / 2


def test_where_only_one_line_passes_the_others_turn_does_not_pass_in_ascii() -> None:
    """Two lines on one row, of which the second has a gap at the fourth of eight columns."""
    one, two = (np.array([0, 1.0]), np.zeros(2)), (np.array([0, 2 / 7, np.nan, 4 / 7, 1]), np.zeros(5))
    (row,) = line_cells([one, two], 8, 1, unicode=False)
    assert "".join(cell.text for cell in row) == "*x**x*x*"


@pytest.mark.parametrize("seed", range(20))
def test_a_line_between_any_two_points_has_no_gap(seed: int) -> None:
    """There is a sign in each column, or if these are fewer each row, from the cell of one end to that of the other."""
    ends = np.random.default_rng(seed).uniform(0, 1, (2, 2))
    columns, rows = (np.sort(np.rint(ends[k] * (size - 1)).astype(int)) for k, size in ((0, 30), (1, 12)))
    drawn, flat = canvas(Curve("", *ends), 30, 12)[::-1], np.ptp(columns) >= np.ptp(rows)
    first, last = columns if flat else rows
    assert ["*" in line for line in (zip(*drawn, strict=True) if flat else drawn)] == [
        first <= k <= last for k in range(30 if flat else 12)
    ]


def test_where_lines_part_each_has_its_own_sign_in_ascii() -> None:
    flat = (np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    cells = line_cells([(RISING.x, RISING.y), flat], 5, 5, unicode=False)
    assert "".join(cell.text for cell in cells[-1][1:]) == PENS[1].plain * 4
    assert [cells[4 - k][k].text for k in range(1, 5)] == [PENS[0].plain] * 4


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


@pytest.mark.parametrize(("columns", "titles"), [(72, 1), (71, 2)])
def test_two_panels_of_34_columns_and_3_between_them_just_fit(columns: int, titles: int) -> None:
    """One column stays free: 2 · 34 + 3 + 1 = 72."""
    text = shown(curves(RISING), curves(FALLING), columns=columns)
    assert sum("curve" in line for line in text.splitlines()) == titles


@pytest.mark.parametrize("ends", [(1, 1.3), (1.7, 2.2), (3.1, 7), (0.9, 4.5), (4.5, 3.1)])
def test_ticks_of_panels_beside_each_other_are_each_evenly_apart(ends: tuple[float, float]) -> None:
    panels = [curves(Curve("", np.array([0.0, 1.0]), np.array([0.0, end]))) for end in ends]
    rows = [re.findall("[│┤]", row) for row in shown(*panels).splitlines()]
    for panel in range(2):
        places = [k for k, signs in enumerate(rows) if len(signs) == 2 and signs[panel] == "┤"]
        assert len(places) >= 2
        assert len(set(np.diff(places))) == 1


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
def test_any_numbers_can_be_line_cells(y: list[float]) -> None:
    line = Curve("odd", np.arange(1.0, len(y) + 1), np.array(y))
    assert "odd" in shown(Curves("curve", "epoch", (line,), counted=True))


def test_numbers_longer_than_a_narrow_terminal_leave_room_for_a_line() -> None:
    y = -1.23456789e-100 + np.array([0.0, 1e-108])
    assert "●" in shown(curves(Curve("far", np.array([0.0, 1.0]), y)), columns=20)


@pytest.mark.parametrize("end", [1e6, 999999.0, 123456.75])
@pytest.mark.parametrize("columns", [20, 34, 80])
def test_texts_of_ticks_stand_apart_and_on_the_screen(end: float, columns: int) -> None:
    rows = shown(curves(Curve("far", np.array([-end, end]), np.array([0.0, 1.0]))), columns=columns).splitlines()
    texts = rows[-2].split()
    assert max(map(len, rows)) < columns
    assert texts
    assert all(abs(float(text)) <= end for text in texts)
    assert [float(text) for text in texts] == sorted(map(float, texts))


def test_numbers_that_are_no_counts_have_ticks_between_whole_ones() -> None:
    assert "0.2" in shown(curves(RISING)).splitlines()[-2].split()
    assert shown(curves(RISING)._replace(counted=True)).splitlines()[-2].split() == ["0", "1"]


def test_a_point_without_x_is_left_out() -> None:
    x = np.array([1.0, np.nan, 3.0])
    assert "odd" in shown(Curves("curve", "epoch", (Curve("odd", x, np.array([1.0, 2.0, 3.0])),)))


def test_colors_are_set_only_where_they_are_wanted_and_put_back() -> None:
    assert "\033" not in shown(curves(RISING))
    colored = shown(curves(RISING), color=True)
    assert f"\033[38;5;{PENS[0].terminal}m" in colored
    assert all(line.rfind("\033[0m") >= line.rfind("\033[") for line in colored.splitlines())
