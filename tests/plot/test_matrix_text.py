"""Matrices in characters: counts in their cells, names or numbers for columns, and shades."""

from math import nan

import numpy as np
import pytest
from plot_pictures import PICTURES, PLAIN, weights

from mlpcli.core.metrics import ClassReport, Evaluation
from mlpcli.plot.matrix import HeatMap, confusion_plot, weights_plot
from mlpcli.plot.matrix_text import SHADES, shade
from mlpcli.report.text import Screen


def test_wide_letters_take_two_columns() -> None:
    """Each of the CJK letters below stands on two columns of a terminal, so that bars and columns stay in line."""
    names = ("猫", "dog", "うさぎ")
    classes = tuple(ClassReport(name, None, None, None, 0) for name in names)
    found = Evaluation(9, 0.5, {}, classes, np.array([[3, 1, 0], [0, 2, 0], [1, 0, 1]]))
    rows = confusion_plot(found, "").picture.text(Screen(80, color=False, unicode=True)).splitlines()
    assert {sum(2 if letter in "猫うさぎ" else 1 for letter in row) for row in rows[4:]} == {11 + 3 * 8 - 1}


def test_counts_stand_in_the_cells() -> None:
    rows = PICTURES["confusion"].text(PLAIN).splitlines()
    assert [row.split() for row in rows[4:]] == [
        ["cat", "3", "1", "0", "0"],
        ["dog", "0", "2", "0", "0"],
        ["$x$", "1", "0", "1", "0"],
        ["_y", "0", "0", "0", "1"],
    ]


def test_names_that_do_not_fit_are_numbered_and_listed() -> None:
    found = weights(tuple(f"a long name {k}" for k in range(8)), 2).text(PLAIN)
    assert "8 a long name 7" in found
    assert max(map(len, found.splitlines())) < 80


def test_shades_without_their_numbers_have_their_names_all_the_same() -> None:
    """13 inputs have 5 of 79 columns each, which −0.45 and two blanks exceed; 30 have 2, in which 30 has no room."""
    for inputs, heads in ((13, [str(k) for k in range(1, 14)]), (30, [str(k) for k in range(2, 31, 2)])):
        rows = weights(tuple(f"name {k}" for k in range(1, inputs + 1))).text(PLAIN).splitlines()
        assert rows[3].split() == heads
        assert f"{inputs} name {inputs}" in rows[-1]


def test_images_stand_beside_each_other() -> None:
    """Three units of 4 by 4 pixels, with two signs a pixel, are 28 columns wide."""
    lines = [line.split() for line in PICTURES["tiles"].text(PLAIN).splitlines()]
    assert ["1", "2", "3"] in lines


def test_a_number_stands_above_its_column() -> None:
    """The only weight that is not 0 is the tenth of 30."""
    W = np.zeros((1, 30))
    W[0, 9] = 1
    picture = weights_plot(W, tuple(f"name {k}" for k in range(30)), "").picture
    assert picture is not None
    heads, line = picture.text(PLAIN).splitlines()[3:5]
    assert heads.index("10") == line.index("#")


def test_classes_with_long_names_are_numbered_and_listed_on_a_narrow_terminal() -> None:
    classes = tuple(ClassReport(f"a class with quite a long name {k}", None, None, None, 0) for k in range(1, 6))
    found = Evaluation(9, 0.5, {}, classes, np.eye(5, dtype=int))
    text = confusion_plot(found, "").picture.text(Screen(30, color=False, unicode=False))
    assert [row.split() for row in text.splitlines()[4:9]] == [
        ["1", "1", "0", "0", "0", "0"],
        ["2", "0", "1", "0", "0", "0"],
        ["3", "0", "0", "1", "0", "0"],
        ["4", "0", "0", "0", "1", "0"],
        ["5", "0", "0", "0", "0", "1"],
    ]
    assert "5 a class with quite a long name 5" in " ".join(text.split())


def test_a_mean_leaves_out_what_is_missing() -> None:
    """200 columns share 77 of a terminal, three to a sign; a sweep has no mean for a setting that diverged."""
    shades = np.tile([0.9, nan, 0.9], (1, 67))[:, :200]
    shades[0, 3:6] = nan
    names = tuple(map(str, range(1, 201)))
    heat = HeatMap("", ("a",), names, ("", "x"), shades, 0.0, 1.0, "mean", (("",) * 200,), signed=False)
    text = heat.text(PLAIN)
    assert "each sign the mean of 3" in " ".join(text.split())
    assert text.splitlines()[-1] == f"a #?{65 * '#'}"


@pytest.mark.parametrize(
    ("value", "sign"),
    [(1, "#"), (0.75, "#"), (0.5, "*"), (0.2, "+"), (0, " "), (-0.15, " "), (-0.2, "-"), (-0.5, "="), (-1, "%")],
)
def test_signs_go_from_minus_one_to_one(value: float, sign: str) -> None:
    assert shade(value).sign == sign
    assert len({row.sign for row in SHADES}) == len(SHADES)
