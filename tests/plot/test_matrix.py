"""Matrices and the numbers behind them: a confusion matrix, and a layer as a heat map or as images."""

import numpy as np
import pytest
from plot_pictures import PICTURES, PLAIN, evaluation

from mlpcli.core.errors import MlpError
from mlpcli.plot.forms import image
from mlpcli.plot.heat_map import HeatMap
from mlpcli.plot.matrix import Tiles, confusion_plot, pixels, weights_plot


def test_a_matrix_s_numbers_are_counts_and_shares() -> None:
    numbers = confusion_plot(evaluation(), "").numbers
    assert ("cat", "dog", 1, 0.25) in numbers.flat.rows
    assert ("_y", "_y", 1, 1.0) in numbers.flat.rows


def test_weights_come_whole() -> None:
    numbers = weights_plot(np.array([[0.1, -1 / 3]]), ("a", "b"), "").numbers
    assert numbers.flat.rows == ((1, "a", 0.1), (1, "b", -1 / 3))
    assert numbers.document["W"] == [[0.1, -1 / 3]]


@pytest.mark.parametrize(
    ("features", "size"),
    [
        ([f"pixel {r},{c}" for r in range(3) for c in range(2)], (3, 2)),
        ([f"pixel_{r}_{c}" for r in range(8) for c in range(8)], (8, 8)),  # scikit-learn's digits
        ([f"pixel{k}" for k in range(784)], (28, 28)),
        ([f"pixel{k}" for k in range(1, 785)], (28, 28)),  # OpenML's mnist_784 counts from 1
        ([f"pixel{k}" for k in range(783)], None),
        ([f"pixel {r},{c}" for c in range(2) for r in range(3)], None),  # column by column
        ([f"pixel 0,{k}" for k in (0, 2)], None),
        ([f"pixel 1,{k}" for k in (3, 4)], (1, 2)),
        (["pixel 0,0", "pixel 0,1", "pixel 1,0"], None),
        (["pixel 0,0", "pixel 0,0"], None),
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
    plot = weights_plot(np.array([[1e300, 1.0]]), ("a", "b"), "")
    assert plot.numbers.flat.rows[0][2] == 1e300
    for draw in (lambda: plot.picture.text(PLAIN), lambda: image(plot.picture, ".svg")):
        with pytest.raises(MlpError, match="too large for a picture"):
            draw()


def test_weights_that_are_all_0_have_no_shade() -> None:
    picture = weights_plot(np.zeros((2, 2)), ("a", "b"), "").picture
    assert isinstance(picture, HeatMap)
    assert not picture.shades.any()
