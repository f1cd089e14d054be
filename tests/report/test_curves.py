"""Curves before they have a form: markers, cuts at jumps, pens; axes with few and round ticks that stand apart."""

import numpy as np
import pytest

from mlpcli.report.cells import broken, words, x_axis_cells
from mlpcli.report.curves import PENS, Axis, Curve, exact_axis, legible_axis, limits, round_axis


def test_marks_stay_on_their_points_where_a_jump_is_cut() -> None:
    line = Curve("step", np.arange(6.0), np.array([0.0, 0, 0, 1, 1, 1]), np.array([2, 3, 5])).parted()
    assert line.marks is not None
    assert [(line.x[place], line.y[place]) for place in line.marks] == [(2, 0), (3, 1), (5, 1)]


def test_a_jump_is_a_share_of_the_range_and_not_of_the_numbers() -> None:
    """From 100 to 101 is all of the range; from 101 to 101.2 is a sixth of it."""
    line = Curve("step", np.arange(4.0), np.array([100.0, 101.0, 101.2, 101.2])).parted()
    assert np.isnan(line.y).tolist() == [False, True, False, False, False]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 50, 1000])
def test_of_many_marks_some_are_shown_and_those_of_two_lines_apart(count: int) -> None:
    line = Curve("loss", np.arange(count), np.ones(count))
    one, two = (line.marked(8, place, 2).tolist() for place in range(2))
    if count <= 8:
        assert one == two == list(range(count))
    else:
        assert 2 <= len(one) <= 4
        assert not set(one) & set(two)
        assert len(set(np.diff(one))) == 1


def test_no_two_pens_are_alike() -> None:
    for field in ("color", "terminal", "marker", "plain"):
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
    assert exact_axis([np.array([low, high])], most).ticks == pytest.approx(expected)


def test_a_count_has_no_tick_between_whole_numbers() -> None:
    assert exact_axis([np.array([1, 3])], 20, counted=True).ticks == [1, 2, 3]


def test_ends_go_out_to_the_next_ticks_and_stay_on_one() -> None:
    for ends, most in (((0.13, 0.29), 2), ((0.1, 0.3), 3)):
        axis = round_axis([np.array(ends)], most)
        assert (axis.low, axis.high, axis.step) == pytest.approx((0.1, 0.3, 0.1))


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
    assert Axis(0, 1, distance).text(value) == text


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


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("abcd", ["abc", "d"]), ("ab cd", ["ab", "cd"]), ("花花", ["花", "花"])],  # a wide letter takes two columns
)
def test_a_name_is_broken_between_words_or_letters_and_never_within_one(text: str, pieces: list[str]) -> None:
    assert broken(words(text), 3) == [words(piece) for piece in pieces]


def test_an_accent_joins_the_letter_before_it() -> None:
    """e and U+0301 are one column; without a letter before it, an accent has none."""
    cells = words("e\u0301x", 3)
    assert [(cell.text, cell.color) for cell in cells] == [("e\u0301", 3), ("x", 3)]
