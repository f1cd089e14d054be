"""Heat maps and small images: on a terminal, and as images in which no name covers another and text is legible."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import nan

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox
from plot_pictures import LARGE, LAYERS, MATRICES, PICTURES, PLAIN, drawn, sketched, svg_texts, weights

from mlpcli.core.errors import MlpError
from mlpcli.core.metrics import ClassReport, Evaluation
from mlpcli.plot.heat_map import ABSENT, SHADES, SIGNED, UNSIGNED, HeatMap, check_scale, means, shade, text_on
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


def test_means_of_neighbors_go_along_one_axis_and_the_last_may_be_of_fewer() -> None:
    values = np.array([[1.0, 3, 8], [5, nan, nan]])
    np.testing.assert_array_equal(means(values, 2, 1), [[2, 8], [5, nan]])
    np.testing.assert_array_equal(means(values, 2, 0), [[3, 3, 8]])
    np.testing.assert_array_equal(means(values, 1, 0), values)


def test_the_largest_scale_is_still_drawn() -> None:
    check_scale(1e150, "weight")
    with pytest.raises(MlpError, match=r"a weight of 1.1e\+150 is too large for a picture; --format csv has it"):
        check_scale(1.1e150, "weight")


def labelled(rows: int, columns: int, text: str, signed: bool = False, least: float = 0.0) -> HeatMap:
    """Shades from 0 to 1 with this text in each cell."""
    shades = np.linspace(0, 1, rows * columns).reshape(rows, columns)
    names = tuple(tuple(f"{letter}{k}" for k in range(count)) for letter, count in (("r", rows), ("c", columns)))
    return HeatMap("t", *names, ("down", "across"), shades, least, 3.0, "m", ((text,) * columns,) * rows, signed)


@pytest.mark.parametrize(
    ("heat", "size"),
    [
        (labelled(2, 2, "1"), (2.2, 1.7)),  # at the least
        (labelled(10, 10, "12"), (4.2, 4.2)),  # 0.42 for a cell
        (labelled(10, 10, "1234"), (5.2, 4.2)),  # 0.2 + 4 · 0.08 for a wide one
        (labelled(33, 33, "12"), (13.86, 13.86)),
        (labelled(34, 20, "12"), (3.2, 5.44)),  # more than 14 inches with their numbers, so 0.16 for a cell without
        (labelled(20, 34, "12"), (5.44, 3.2)),
        (labelled(90, 90, ""), (14, 14)),  # at most
    ],
)
def test_a_plane_is_as_large_as_its_cells_need(heat: HeatMap, size: tuple[float, float]) -> None:
    assert heat.size == pytest.approx(size)


@pytest.mark.parametrize("texts", [(("", ""), ("1", "2222")), (("1", ""), ("", "2222")), (("1", "2222"), ("", ""))])
def test_an_image_has_its_numbers_wherever_the_cells_without_one_are(texts: tuple[tuple[str, ...], ...]) -> None:
    """A cell is as wide as the longest of them needs: 0.2 inches and 0.08 for each of its signs."""
    heat = labelled(2, 2, "")._replace(texts=texts)
    assert {text.get_text() for text in sketched(heat).axes[0].texts} == {"", "1", "2222"}
    wide = heat._replace(shades=np.zeros((2, 8)), texts=tuple((*row, *[""] * 6) for row in texts))
    assert wide.size == pytest.approx((8 * (0.2 + 4 * 0.08), 1.7))


def test_shades_begin_behind_the_longest_name() -> None:
    heat = labelled(2, 30, "")._replace(rows=("a", "bbb"), shades=np.ones((2, 30)))
    one, two = heat.text(PLAIN).split("\n\n")[1].splitlines()[-2:]
    assert (one, two) == (f"  a {'# ' * 30}".rstrip(), f"bbb {'# ' * 30}".rstrip())


@pytest.mark.parametrize(
    ("signed", "least", "limits", "numbers"),
    [(True, 0.0, (-3, 3), [0, 1, 2, 3]), (False, 0.0, (0, 3), [0, 1, 2, 3]), (False, -3.0, (-3, 3), [-3, -1, 1, 3])],
)
def test_shades_are_the_numbers_of_the_bar(
    signed: bool, least: float, limits: tuple[float, float], numbers: list[float]
) -> None:
    """A shade of 0 is the least number, and of 1 the scale; those of signed numbers lie around 0."""
    axes, bar = sketched(labelled(1, 4, "", signed, least)).axes
    (shown,) = axes.images
    assert shown.get_clim() == limits
    assert shown.get_array().ravel().tolist() == pytest.approx(numbers)
    assert (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel()) == ("across", "down", "m")
    assert axes.get_title("left") == "t"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["c0", "c1", "c2", "c3"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["r0"]


def test_of_names_too_close_together_every_second_is_left_out() -> None:
    """150 rows share 14 inches, so that two have the 0.16 that a name needs between them, and one has not."""
    axes = sketched(labelled(150, 1, "")).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == [f"r{k}" for k in range(0, 150, 2)]
    axes = sketched(labelled(87, 1, "")).axes[0]  # 87 · 0.16 are 13.92 inches
    assert len(axes.get_yticklabels()) == 87


def test_the_first_cells_of_a_table_are_below_the_meaning_of_its_columns() -> None:
    """A name of two letters and a blank on each side are four columns; below `down` there is a margin of five."""
    assert labelled(2, 3, "7").text(PLAIN).splitlines() == [
        "t",
        "",
        "      across",
        "down  c0  c1  c2",
        "r0     7   7   7",
        "r1     7   7   7",
    ]


def test_a_table_that_just_fits_has_its_names_and_a_narrower_terminal_their_numbers() -> None:
    """Three columns of four letters, two blanks each, and five before them are 23; one column stays free."""
    heat = labelled(2, 3, "7")._replace(columns=("four", "five", "nine"))
    assert heat.text(Screen(24, False, False)).splitlines()[3] == "down  four  five  nine"
    assert heat.text(Screen(23, False, False)).splitlines()[3] == "down  1  2  3"


@pytest.mark.parametrize(
    ("columns", "heads", "row"),
    [
        (11, "   1     2     3     4     5     6     7     8     9     10    11", 6),  # six columns each at most
        (15, None, 5),
        (76, None, 1),
    ],
)
def test_without_numbers_a_cell_is_as_wide_as_there_is_room(columns: int, heads: str | None, row: int) -> None:
    """Three of 79 columns are the rows' names and a blank; of a cell's signs the last is blank if it has several."""
    heat = labelled(1, columns, "")._replace(
        shades=np.ones((1, columns)), columns=tuple(map(str, range(1, columns + 1)))
    )
    lines = heat.text(PLAIN).splitlines()
    assert lines[2] == f"down by across 1 to {columns}: blank + * # is the m, 0 to 3"
    assert heads is None or lines[3] == heads
    assert lines[-1] == f"r0 {('#' * max(1, row - 1) + ' ' * (row > 1)) * columns}".rstrip()


@pytest.mark.parametrize(("columns", "last"), [(70, 65), (71, 70)])
def test_every_fifth_of_many_columns_is_numbered_above_it(columns: int, last: int) -> None:
    """A number of two digits and a blank need three columns of one sign; that of the last would stand out of them."""
    heat = labelled(1, columns, "")._replace(columns=tuple(map(str, range(1, columns + 1))))
    heads = heat.text(PLAIN).splitlines()[3]
    expected = [str(k) for k in range(5, last + 1, 5)]
    assert heads.split() == expected
    assert [heads[3 + k - 1 : 3 + k + 1].strip() for k in range(5, last + 1, 5)] == expected


@pytest.mark.parametrize(
    ("heat", "color", "meaning"),
    [
        (labelled(1, 80, "", signed=True), False, "# * + positive, % = - negative, up to 3"),
        (labelled(1, 80, "", signed=True), True, "blue is positive, orange negative, up to 3"),
        (labelled(1, 80, "", least=-0.5), False, "blank + * # is the m, -0.5 to 3"),
        (labelled(1, 80, ""), True, "white to blue is the m, 0 to 3"),
    ],
)
def test_what_shades_mean_is_above_them(heat: HeatMap, color: bool, meaning: str) -> None:
    """80 columns share 76, two to a sign."""
    shown = heat.text(Screen(80, color, unicode=False)).split("\n\n")[1].split("r0 ")[0]
    assert " ".join(shown.split()) == f"down by across 1 to 80, each sign the mean of 2: {meaning}"


def test_text_on_a_terminal_s_shades_is_read_too() -> None:
    """Of the 256 colors, 16 to 231 are a cube of 0, 95, 135, 175, 215 and 255; from 232 on there are grays."""
    levels = (0, 95, 135, 175, 215, 255)

    def rgb(code: int) -> tuple[float, ...]:
        if code >= 232:
            return ((8 + 10 * (code - 232)) / 255,) * 3
        return tuple(levels[(code - 16) // size % 6] / 255 for size in (36, 6, 1))

    for row in (*SHADES, ABSENT):
        assert contrast(rgb(row.text), rgb(row.ground)) >= 3
    blues, oranges = ([rgb(row.ground) for row in rows] for rows in (SHADES[:3], SHADES[4:]))
    assert all(red < green <= blue for red, green, blue in blues)
    assert all(red > green > blue for red, green, blue in oranges)
    assert rgb(SHADES[3].ground) == (1, 1, 1)


@pytest.mark.parametrize(
    ("value", "sign"),
    [(1, "#"), (0.75, "#"), (0.74, "*"), (0.45, "*"), (0.44, "+"), (0.15, "+"), (0.14, " "), (-0.15, " "), (-0.16, "-"),
     (-0.45, "-"), (-0.46, "="), (-0.75, "="), (-0.76, "%"), (-1, "%"), (nan, "?")],
)  # fmt: skip
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
    assert text_on((0.04, 0.04, 0.04)) == "white"


def test_every_pen_is_seen_on_white_paper() -> None:
    """The yellow of the palette has a contrast of 1.3 there; each pen has 2 at the least."""
    from matplotlib.colors import to_rgb

    for shown in PENS:
        assert contrast(to_rgb(shown.color), (1, 1, 1)) >= 2, shown.color
