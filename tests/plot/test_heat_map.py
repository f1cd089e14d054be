"""Heat maps and small images: on a terminal, and as images in which no name covers another and text is legible."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import nan

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox
from plot_pictures import LARGE, LAYERS, MATRICES, PICTURES, PLAIN, drawn, svg_texts, weights

from mlpcli.core.metrics import ClassReport, Evaluation
from mlpcli.plot.heat_map import SHADES, SIGNED, UNSIGNED, HeatMap, shade, text_on
from mlpcli.plot.matrix import confusion_plot, weights_plot
from mlpcli.report.curves import PENS
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


def test_names_are_shown_as_they_are() -> None:
    """matplotlib would set $x$ as mathematics, and leave _y out of a legend."""
    assert {"$x$", "_y", "3", "2"} <= set(svg_texts(PICTURES["confusion"]))


def upright(text: Text) -> Bbox:
    """The box of a text as it stands on the page turned back by the text's angle about the page's corner."""
    angle = text.get_rotation()
    corners = Affine2D().rotate_deg(-angle)
    x, y = corners.transform(text.get_transform().transform(text.get_position()))
    text.set_rotation(0)
    there = text.get_transform().transform(text.get_position())
    box = text.get_window_extent().translated(x - there[0], y - there[1])
    text.set_rotation(angle)
    return box


@pytest.fixture(scope="module", params=[*MATRICES, *LAYERS, *LARGE])
def heat(request: pytest.FixtureRequest) -> Iterator[Figure]:
    """Drawn once for all that is measured in it."""
    with drawn({**MATRICES, **LAYERS, **LARGE}[request.param]) as figure:
        yield figure


class TestHeat:
    def test_no_name_covers_another(self, heat: Figure) -> None:
        axes, bar = heat.axes
        for names in (axes.get_xticklabels(), axes.get_yticklabels()):
            assert len(names) > 0
            assert not any(one.overlaps(two) for one, two in pairwise(map(upright, names)))
        outside = [axes.title, axes.xaxis.label, *bar.get_yticklabels(), bar.yaxis.label]
        boxes = [text.get_window_extent() for text in outside]
        assert not any(one.overlaps(two) for one, two in combinations(boxes, 2))

    def test_a_name_ends_below_its_column(self, heat: Figure) -> None:
        """Within a line's height of it, 20 pixels at 100 to the inch."""
        axes = heat.axes[0]
        for text in axes.get_xticklabels():
            column, box = axes.transData.transform((text.get_position()[0], 0))[0], text.get_window_extent()
            end = box.x1 if text.get_rotation() else (box.x0 + box.x1) / 2
            assert abs(end - column) < 20

    def test_a_number_stands_within_its_cell(self, heat: Figure) -> None:
        axes = heat.axes[0]
        for text in axes.texts:
            x, y = text.get_position()
            (left, top), (right, bottom) = axes.transData.transform([(x - 0.5, y - 0.5), (x + 0.5, y + 0.5)])
            box = text.get_window_extent()
            assert left < box.x0 < box.x1 < right
            assert bottom < box.y0 < box.y1 < top


def test_small_matrices_have_their_numbers_and_large_ones_only_shades() -> None:
    for name, picture in MATRICES.items():
        assert isinstance(picture, HeatMap)
        with drawn(picture) as figure:
            assert len(figure.axes[0].texts) == (picture.shades.size if picture.shades.shape[0] <= 12 else 0), name


def test_weights_are_written_with_the_minus_of_the_bar() -> None:
    with drawn(LAYERS["4-16"]) as figure:
        axes, bar = figure.axes
        assert "−0.90" in {text.get_text() for text in axes.texts}
        for text in (*axes.texts, *bar.get_yticklabels()):
            assert "-" not in text.get_text()


# ----- Contrast -----------------------------------------------------------------------------------------------------


def luminance(color: tuple[float, ...]) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("shades", [SIGNED, UNSIGNED])
def test_a_number_is_read_on_every_shade(shades: tuple[str, ...]) -> None:
    """WCAG 2.1 asks for a contrast of 3 at the least; and on the blue and the vermillion themselves text is white."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    colors = LinearSegmentedColormap.from_list("", shades)
    for share in np.linspace(0, 1, 101):
        ground = colors(share)[:3]
        assert contrast(to_rgb(text_on(ground)), ground) >= 3
    assert text_on(to_rgb("#0072B2")) == text_on(to_rgb("#D55E00")) == "white"
    assert text_on(to_rgb("#8FC3E3")) == "black"


def test_every_pen_is_seen_on_white_paper() -> None:
    """The yellow of the palette has a contrast of 1.3 there; each pen has 2 at the least."""
    from matplotlib.colors import to_rgb

    for shown in PENS:
        assert contrast(to_rgb(shown.color), (1, 1, 1)) >= 2, shown.color
