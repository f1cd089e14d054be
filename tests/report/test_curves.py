"""Curves before they have a form: markers, cuts at jumps, pens; axes with few and round ticks that stand apart."""

import numpy as np
import pytest

from mlpcli.core.training_records import History
from mlpcli.report.cells import (
    BLANK,
    Character,
    beside,
    broken,
    flowed,
    padded,
    place_of,
    text_of,
    uncolored,
    with_axes,
    words,
    x_axis_cells,
)
from mlpcli.report.curves import (
    PENS,
    Axis,
    Curve,
    alone,
    drawable,
    exact_axis,
    history_panels,
    legible_axis,
    limits,
    pen,
    round_axis,
)


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


def test_only_marks_that_can_be_drawn_count() -> None:
    """Of five, one has no y, one no x, and one is too large."""
    line = Curve("f", np.array([0, 1, np.nan, 3, 4, 5]), np.array([0, np.nan, 2, 2e150, 4, 5]), np.arange(5))
    assert line.marked(8, 0, 1).tolist() == [0, 4]
    assert line._replace(marks=None).marked(8, 0, 1).tolist() == [0, 4, 5]


def test_markers_of_three_lines_are_a_third_of_their_distance_apart() -> None:
    """Of 9 points and at most 3 to mark, every sixth; those of the second and third line begin at 2 and 4."""
    line = Curve("f", np.arange(9.0), np.zeros(9))
    assert [line.marked(3, place, 3).tolist() for place in range(3)] == [[0, 6], [2, 8], [4]]


def test_a_jump_of_a_quarter_of_the_range_is_none_and_a_larger_one_is_cut_after_it_begins() -> None:
    x, y = np.arange(5.0), np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    assert Curve("f", x, y).parted().x.tolist() == x.tolist()
    parted = Curve("f", x, np.array([0.0, 0.24, 0.5, 0.75, 1.0])).parted()
    assert parted.x.tolist() == [0, 1, 2, 2, 3, 4]
    np.testing.assert_array_equal(parted.y, [0, 0.24, np.nan, 0.5, 0.75, 1])
    assert parted.marks is None


def test_the_ninth_pen_has_the_first_color_and_the_second_shape() -> None:
    assert pen(7) == PENS[7]
    assert pen(8) == PENS[1]._replace(color=PENS[0].color, terminal=PENS[0].terminal)
    assert pen(17) == PENS[3]._replace(color=PENS[1].color, terminal=PENS[1].terminal)


def test_a_point_that_no_line_joins_has_gaps_on_both_sides() -> None:
    x = np.arange(7.0)
    assert alone(x, np.array([1, np.nan, 1, np.nan, 1, 1, np.inf])).tolist() == [0, 2]
    assert alone(np.array([1.0, np.nan, 2.0]), np.zeros(3)).tolist() == [0, 2]
    assert alone(x[:1], x[:1]).tolist() == [0]


def test_the_lowest_validation_loss_is_a_point_if_training_overfits() -> None:
    """It is lowest at epoch 4 of 40, and then rises steadily."""
    epochs = np.arange(1.0, 41)
    validation = np.concatenate([1 - 0.1 * np.arange(4), 0.7 + 0.05 * np.arange(1, 37)])
    history = History(epochs, 1 / epochs, validation, "", np.full(40, np.nan), np.full(40, np.nan))
    (loss,) = history_panels(history)
    *lines, lowest = loss.lines
    assert [line.name for line in lines] == ["training", "validation"]
    assert lowest.name == "lowest validation loss, epoch 4"
    assert (lowest.x.tolist(), lowest.y.tolist()) == ([4], [pytest.approx(0.7)])
    assert (loss.title, loss.x_name, loss.counted) == ("loss", "epoch", True)


def test_a_pen_has_its_signs_in_their_places() -> None:
    """Those of ASCII where there is nothing else, shapes that matplotlib knows for files, and a color of 256."""
    from matplotlib.colors import is_color_like
    from matplotlib.lines import Line2D

    for row in PENS:
        assert is_color_like(row.color)
        assert 16 <= row.terminal < 256
        assert len(row.marker) == len(row.plain) == 1
        assert row.plain.isascii()
        assert row.marker == "+" or not row.marker.isascii()
        assert {row.point, row.shape} <= set(Line2D.markers)
        assert (row.sample[:2].isascii(), row.sample[2:].isascii(), len(row.sample)) == (False, True, 4)
        assert row.texture[1].isascii()
        assert len(row.texture) == 2


def test_a_metric_that_is_known_has_a_panel() -> None:
    """Of training or of validation; one that is never known has none, and a name that people know."""
    epochs, known, none = np.arange(1.0, 4), np.array([0.5, np.nan, 0.75]), np.full(3, np.nan)
    for training, validation, lines in (
        (known, known, ["training", "validation"]),
        (known, none, ["training"]),
        (none, known, ["validation"]),
    ):
        loss, metric = history_panels(History(epochs, epochs, none, "mae", training, validation))
        assert [line.name for line in loss.lines] == ["training"]
        assert [line.name for line in metric.lines] == lines
        assert all(line.y is known for line in metric.lines)
        assert (metric.title, metric.x_name, metric.counted) == ("MAE", "epoch", True)
    assert len(history_panels(History(epochs, epochs, none, "mae", none, none))) == 1
    (loss,) = history_panels(History(epochs, none, none, "", none, none))
    assert [line.name for line in loss.lines] == ["training"]


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


def test_what_is_no_count_has_ticks_between_whole_numbers() -> None:
    assert 0.2 in legible_axis([np.array([0.0, 1.0])], 60, 7).ticks
    assert exact_axis([np.array([0.0, 1.0])], 5).ticks == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize(("columns", "ticks"), [(12, [0, 500, 1000]), (11, [0, 1000])])
def test_between_two_texts_are_two_columns(columns: int, ticks: list[float]) -> None:
    """The longest of 0, 500 and 1000 has 4: ticks are 6 columns apart."""
    assert legible_axis([np.array([0.0, 1000.0])], columns, 1).ticks == ticks


def test_the_margin_has_room_for_the_longest_tick_and_a_blank() -> None:
    assert Axis(0, 1000, 500).margin == 5
    assert Axis(-1, 0, 0.5).margin == 5


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
        (2e-5, 1e-5, "2e-05"),
        (2e-4, 1e-4, "0.0002"),
        (1500, 500, "1500"),
        (0.69314725, 2.5e-7, "0.69314725"),
        (0.6931474, 2e-7, "0.6931474"),
        (1.234e9, 1e6, "1.234e+09"),
        (2.5e6, 2.5e6, "2.5e+06"),
        (3 * 1e-7 - 3e-7, 1e-7, "0"),
        (1 / 3, 1e-20, "0.333333333333333"),  # no more than the 15 digits that are certain
        (-1e-4 * 1e-12, 1e-4, "0.0000"),
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
    assert limits([np.array([2.0, 2.0])]) == pytest.approx((1.8, 2.2))  # a tenth of it on each side
    assert limits([np.array([-2.0])]) == pytest.approx((-2.2, -1.8))
    assert limits([np.array([0.0, 1e-301])]) == limits([np.array([0.0, 1e-300])]) == (-0.1, 0.1)
    assert limits([np.array([0.0, 2e-300])]) == (0, 2e-300)
    assert limits([np.array([1e-300])]) == (-0.1, 0.1)  # a tenth of it would vanish
    assert limits([np.array([1e150, -1e150, 1.1e150])]) == (-1e150, 1e150)
    assert limits([np.array([1.0, 1 + 2e-9])]) == (1, 1 + 2e-9)
    assert limits([np.array([1.0, 1 + 5e-10])]) == pytest.approx((0.9, 1.1))  # the same, but for rounding
    np.testing.assert_array_equal(drawable(np.array([1e150, -1.1e150, np.inf, 2])), [1e150, np.nan, np.nan, 2])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("abc", ["abc"]),
        ("abcd", ["abc", "d"]),
        ("ab cde", ["ab", "cde"]),
        ("a bcd", ["a", "bcd"]),
        ("花花", ["花", "花"]),
    ],  # 花 takes two columns
)
def test_a_name_is_broken_between_words_or_letters_and_never_within_one(text: str, pieces: list[str]) -> None:
    assert broken(words(text), 3) == [words(piece) for piece in pieces]


def test_an_accent_joins_the_letter_before_it() -> None:
    """e and U+0301 are one column; without a letter before it, an accent has none."""
    cells = words("e\u0301x", 3)
    assert [(cell.text, cell.color) for cell in cells] == [("e\u0301", 3), ("x", 3)]


# ----- Cells --------------------------------------------------------------------------------------------------------


def lines_of(cells: list[list[Character]]) -> list[str]:
    return text_of(cells, color=False).splitlines()


def test_blocks_of_unlike_height_stand_beside_each_other() -> None:
    one, two = [words("ab"), words("c ")], [words("xyz")]
    assert lines_of(beside([one, two, one], 2)) == ["ab  xyz  ab", "c        c"]
    assert padded(words("a"), 3) == [*words("a"), BLANK, BLANK]


def test_entries_flow_and_what_continues_is_indented() -> None:
    """An entry goes on the same row if it fits with two blanks before it, to the last column."""
    entries = [words(text) for text in ("abc", "de", "fgh ijk", "l")]
    assert lines_of(flowed(entries, 7)) == ["abc  de", "  fgh", "  ijk", "  l"]
    assert lines_of(flowed(entries, 8)) == ["abc  de", "  fgh", "  ijk  l"]
    assert lines_of(flowed(entries[:2], 6)) == ["abc", "  de"]


def test_a_blank_has_the_color_of_the_word_before_it_and_a_row_ends_without_blanks() -> None:
    """A blank with a ground is seen, but only in color."""
    row = [*words("a ", 3), *words("b", 3), *words(" c", None, 7), *words(" ", None, 7), BLANK]
    assert text_of([row], color=True) == "\033[38;5;3ma b\033[0m\033[48;5;7m\033[38;5;3m \033[0m\033[48;5;7mc \033[0m\n"
    assert text_of([row], color=False) == "a b c\n"
    assert uncolored(text_of([row], color=True)) == "a b c \n"
    assert text_of([[BLANK]], color=True) == "\n"
    assert text_of([words("a"), words("花b", 3)], color=False) == "a\n花b\n"


@pytest.mark.parametrize(
    ("share", "cells", "dots", "place"), [(0, 9, 4, 0), (1, 9, 4, 8), (0.5, 9, 1, 4), (0.49, 5, 2, 2), (0.6, 5, 2, 2)]
)
def test_a_share_of_an_axis_lies_in_the_cell_of_its_dot(share: float, cells: int, dots: int, place: int) -> None:
    """Of 5 cells with 2 dots each, dots are numbered 0 to 9: 0.49 · 9 and 0.6 · 9 are nearest to 4 and 5."""
    assert place_of(share, cells, dots) == place


def test_axes_stand_around_a_canvas_by_hand() -> None:
    """Five rows from 0 to 1 and eleven columns from 0 to 10, in ASCII; the name is below the middle."""
    canvas = [words("*" * 11) for _ in range(5)]
    assert lines_of(with_axes(canvas, Axis(0, 10, 5), Axis(0, 1, 0.5), "name", unicode=False)) == [
        " 1.0+***********",
        "    |***********",
        " 0.5+***********",
        "    |***********",
        " 0.0+***********",
        "    ++----+----+",
        "     0    5   10",
        "        name",
    ]


def test_a_name_of_an_axis_may_begin_below_the_margin() -> None:
    """The margin, the corner and the canvas have room for 3 + 1 + 7 letters."""
    axis = Axis(0, 7, 7)
    assert lines_of(x_axis_cells(axis, "long enough", 3, 7, unicode=False))[2:] == ["long enough"]
    assert lines_of(x_axis_cells(axis, "not so short", 3, 7, unicode=False))[2:] == ["    not so", "     short"]


@pytest.mark.parametrize(("last", "texts"), [(103, "100 102"), (102, "100  102")])
def test_a_text_of_a_tick_that_would_run_into_the_one_before_it_is_left_out(last: int, texts: str) -> None:
    """Ticks are 2 or 3 columns apart; 3 are not enough for three digits and a blank."""
    rows = lines_of(x_axis_cells(Axis(100, last, 1), "x", 0, 7, unicode=False))
    assert rows[:2] == ["++-+-+-+" if last == 103 else "++--+--+", texts]
