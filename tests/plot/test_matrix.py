"""Matrices and the numbers behind them: a confusion matrix, and a layer as a heat map or as images."""

import re
from math import nan

import numpy as np
import pytest
from plot_pictures import PICTURES, PLAIN, evaluation, sketched

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.metrics import Evaluation
from mlpcli.plot.forms import image
from mlpcli.plot.heat_map import HeatMap
from mlpcli.plot.matrix import Tiles, confusion_plot, pixels, weights_plot
from mlpcli.report.cells import uncolored
from mlpcli.report.text import Screen


def test_a_matrix_s_numbers_are_counts_and_shares() -> None:
    numbers = confusion_plot(evaluation(), "").numbers
    assert ("cat", "dog", 1, 0.25) in numbers.flat.rows
    assert ("_y", "_y", 1, 1.0) in numbers.flat.rows
    assert numbers.flat.rows[1][:2] == ("cat", "dog")  # true, predicted
    assert numbers.flat.columns == ("class", "prediction", "count", "share")
    assert (numbers.document["classes"], numbers.document["confusion"][0]) == (
        ["cat", "dog", "$x$", "_y"],
        [3, 1, 0, 0],
    )


def test_a_matrix_is_shaded_by_shares_and_a_class_without_samples_is_white() -> None:
    counts = np.array([[3, 1, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]])
    picture = confusion_plot(Evaluation(7, 0.5, {}, evaluation().classes, counts), "t").picture
    assert isinstance(picture, HeatMap)
    assert picture.shades.tolist() == [[0.75, 0.25, 0, 0], [0, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 0, 1]]
    assert (picture.least, picture.scale, picture.signed) == (0, 1, False)
    assert picture.names == ("true class", "prediction")
    assert picture.measure == "share of the true class"


def test_weights_come_whole() -> None:
    numbers = weights_plot(np.array([[0.1, -1 / 3]]), ("a", "b"), "").numbers
    assert numbers.flat.rows == ((1, "a", 0.1), (1, "b", -1 / 3))
    assert numbers.document == {"title": "", "features": ["a", "b"], "image": None, "W": [[0.1, -1 / 3]]}
    assert numbers.flat.columns == ("unit", "input", "weight")


def test_inputs_that_are_pixels_are_told_as_such_but_one_row_of_them_is_no_image() -> None:
    for size, kind in (((2, 3), Tiles), ((1, 6), HeatMap), ((6, 1), HeatMap)):
        features = tuple(f"pixel {row},{column}" for row in range(size[0]) for column in range(size[1]))
        plot = weights_plot(np.ones((2, 6)), features, "t")
        assert isinstance(plot.picture, kind)
        assert plot.numbers.document["image"] == list(size)


def test_up_to_400_weights_are_written_into_their_cells() -> None:
    for shape, text in (((20, 20), "0.12"), ((1, 401), "")):
        picture = weights_plot(np.full(shape, 0.123), tuple(map(str, range(shape[1]))), "").picture
        assert isinstance(picture, HeatMap)
        assert {cell for row in picture.texts for cell in row} == {text}
        assert (picture.names, picture.least, picture.scale, picture.signed) == (("unit", "input"), 0, 0.123, True)


@pytest.mark.parametrize(
    ("features", "size"),
    [
        ([f"pixel {r},{c}" for r in range(3) for c in range(2)], (3, 2)),
        ([f"pixel_{r}_{c}" for r in range(8) for c in range(8)], (8, 8)),  # scikit-learn's digits
        ([f"pixel{k}" for k in range(784)], (28, 28)),
        ([f"pixel{k}" for k in range(1, 785)], (28, 28)),  # OpenML's mnist_784 counts from 1
        ([f"pixel{k}" for k in range(783)], None),
        (["pixel0", "b", "c", "pixel3"], None),
        ([f"pixel {r},{c}" for c in range(2) for r in range(3)], None),  # column by column
        ([f"pixel 0,{k}" for k in (0, 2)], None),
        ([f"pixel 1,{k}" for k in (3, 4)], (1, 2)),
        (["pixel 0,0", "pixel 0,1", "pixel 1,0"], None),
        (["pixel 0,0", "pixel 0,0"], None),
        (["pixel 0,1", "pixel 1,0"], None),  # from column 1 to column 0
        (["pixel 0,0", "pixel 3000000,3000000"], None),
        (["pixel 0,0", f"pixel {10**20},{10**20}"], None),
        (["sepal_length", "sepal_width"], None),
        ([f"x{k}" for k in range(784)], None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_pixels_are_known_by_their_names(features: list[str], size: tuple[int, int] | None) -> None:
    assert pixels(features) == size


def test_tiles_are_the_rows_of_w_as_images() -> None:
    picture = PICTURES["tiles"]
    assert isinstance(picture, Tiles)
    assert picture.images.shape == (3, 4, 4)
    assert picture.images[0, 0, 0] * picture.scale == -2
    assert np.abs(picture.images).max() == 1


def test_weights_beyond_all_bounds_are_refused_as_a_picture_and_given_as_numbers() -> None:
    squares = tuple(f"pixel {row},{column}" for row in range(2) for column in range(2))
    for features in (("a", "b"), squares):
        plot = weights_plot(np.array([[1e300, *[1.0] * (len(features) - 1)]]), features, "")
        assert plot.numbers.flat.rows[0][2] == 1e300
        for draw in (lambda plot=plot: plot.picture.text(PLAIN), lambda plot=plot: image(plot.picture, ".svg")):
            with pytest.raises(MlpError, match="too large for a picture"):
                draw()


def test_weights_that_are_all_0_have_no_shade() -> None:
    picture = weights_plot(np.zeros((2, 2)), ("a", "b"), "").picture
    assert isinstance(picture, HeatMap)
    assert not picture.shades.any()


# ----- Images of units ----------------------------------------------------------------------------------------------


def tiles(*images: object) -> Tiles:
    """Numbers up to 1, in as many images."""
    shades = np.array(images, np.float64)
    return Tiles("t", tuple(str(k) for k in range(1, len(shades) + 1)), shades, 1.0, "weight")


def test_in_a_file_images_stand_row_by_row_in_their_own_numbers() -> None:
    """Three units are two rows of two. Above an image of 4 by 4 pixels are 2 for its name, to its left ⌈0.22 · 4⌉."""
    picture, expected = PICTURES["tiles"], np.full((12, 9), nan)
    expected[2:6, :4], expected[2:6, 5:], expected[8:, :4] = np.linspace(-2, 1, 48).reshape(3, 4, 4)
    axes, bar = sketched(picture).axes
    (shown,) = axes.images
    np.testing.assert_allclose(np.ma.filled(shown.get_array(), nan), expected)
    assert shown.get_clim() == (-2, 2)
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3"]
    for text, (x, y) in zip(axes.texts, [(0, 2), (5, 2), (0, 8)], strict=True):
        left, below = text.get_position()
        assert left == x - 0.5  # the edge of the first pixel
        assert y - 2 < below < y - 0.5  # between the images
        assert text.get_va() == "bottom"
    assert (axes.get_title("left"), bar.get_ylabel()) == ("W⁽¹⁾ of w.json", "weight")
    assert not axes.axison
    assert picture.size == pytest.approx((2 * 0.95 + 1.2, 2 * 0.95 + 0.5))


@pytest.mark.parametrize(("height", "width", "above", "beside"), [(1, 1, 2, 1), (9, 9, 2, 2), (10, 5, 3, 2)])
def test_the_gaps_between_images_grow_with_them(height: int, width: int, above: int, beside: int) -> None:
    """22 hundredths, rounded up: of 9 1.98, of 10 2.2, of 5 1.1; at least 2 pixels above and 1 beside an image."""
    axes, _ = sketched(tiles(*np.ones((4, height, width)))).axes
    known = ~np.ma.getmaskarray(axes.images[0].get_array())
    assert known.shape == (2 * (above + height), 2 * width + beside)
    assert known[:, 0].tolist() == ([False] * above + [True] * height) * 2
    assert known[-1].tolist() == [True] * width + [False] * beside + [True] * width


@pytest.mark.parametrize(
    ("count", "told", "told_in_a_file", "size"),
    [
        (12, "", "", (4, 3)),
        (13, ", 12 of 13 units", "", (4, 4)),
        (100, ", 12 of 100 units", "", (10, 10)),
        (101, ", 12 of 101 units", ", 100 of 101 units", (10, 10)),
    ],
)
def test_of_many_units_the_first_are_shown_and_the_title_says_so(
    count: int, told: str, told_in_a_file: str, size: tuple[int, int]
) -> None:
    picture = tiles(*np.ones((count, 2, 2)))
    lines = picture.text(PLAIN).splitlines()
    assert lines[:2] == [f"t{told}", "# * + positive, % = - negative, up to 1"]
    names = [word for line in lines[2:] for word in line.split() if word.isdigit()]
    assert names == [str(k) for k in range(1, min(count, 12) + 1)]
    axes, _ = sketched(picture).axes
    assert axes.get_title("left") == f"t{told_in_a_file}"
    assert [text.get_text() for text in axes.texts] == [str(k) for k in range(1, min(count, 100) + 1)]
    assert picture.size == pytest.approx((size[0] * 0.95 + 1.2, size[1] * 0.95 + 0.5))


def test_as_many_images_as_fit_are_beside_each_other() -> None:
    """Three of 8 columns with 2 between them are 28 wide; the last column of a terminal stays free."""
    for columns, names in ((29, [["1", "2", "3"]]), (28, [["1", "2"], ["3"]])):
        lines = PICTURES["tiles"].text(Screen(columns, color=False, unicode=True)).splitlines()
        assert [words for line in lines if all(map(str.isdigit, words := line.split())) and words] == names


CHEQUERED = [[1, 1, -1, -1]] * 2 + [[-1, -1, 1, 1]]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (25, ["####%%%%", "####%%%%", "%%%%####"]),  # three images with two signs a pixel are 24 wide
        (24, ["##%%", "%%##"]),  # a sign for two pixels, one above the other; it is twice as high as wide
    ],
)
def test_a_pixel_has_two_signs_if_three_such_images_fit_and_else_a_part_of_one(columns: int, rows: list[str]) -> None:
    lines = tiles(CHEQUERED).text(Screen(columns, color=False, unicode=True)).splitlines()
    assert lines[-len(rows) :] == rows


def test_in_color_a_sign_has_two_pixels_one_above_the_other() -> None:
    """1 is 25 of a terminal's colors, −1 is 130, and below the last of three rows is white, 231."""
    lines = tiles(CHEQUERED).text(Screen(24, color=True, unicode=True)).splitlines()
    assert lines[-2:] == [
        "\033[48;5;25m\033[38;5;25m▀▀\033[0m\033[48;5;130m\033[38;5;130m▀▀\033[0m",
        "\033[48;5;231m\033[38;5;130m▀▀\033[0m\033[48;5;231m\033[38;5;25m▀▀\033[0m",
    ]


@pytest.mark.parametrize("color", [True, False])
def test_an_image_wider_than_the_terminal_is_in_means(color: bool) -> None:
    """40 by 40 pixels in 19 columns: three beside each other to a column, and six below each other to a row."""
    lines = tiles(np.ones((40, 40))).text(Screen(20, color, unicode=True)).splitlines()
    image_lines = [uncolored(line) for line in lines if re.fullmatch("▀+|#+", uncolored(line))]
    assert image_lines == [("▀" if color else "#") * 14] * 7


def test_the_columns_of_an_image_are_its_columns() -> None:
    """The left half of an image twice as high as wide is 1; the right half −1."""
    high: Array = np.repeat([[1.0, 1.0, -1.0, -1.0]], 8, axis=0)
    assert tiles(high).text(PLAIN).splitlines()[-8:] == ["####%%%%"] * 8
