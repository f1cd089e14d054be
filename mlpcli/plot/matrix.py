"""The confusion matrix as a heat map, and the first layer's weights as a heat map or as an image per unit."""

import re
from collections.abc import Sequence
from math import ceil, isqrt, sqrt
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.metrics import Evaluation
from mlpcli.plot.forms import Plot, label, set_title
from mlpcli.plot.heat_map import SIGNED, HeatMap, check_scale, means, shade, shaded, signed_scale
from mlpcli.report.cells import Cells, Character, beside, broken, padded, text_of, words
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import LEAST, WIDEST, Screen, written

PLACED = re.compile(r"pixel[ _]?(\d{1,9})[,_x](\d{1,9})")  # row and column: ours, and scikit-learn's
COUNTED = re.compile(r"pixel[ _]?(\d+)")  # row by row
MOST_TEXTS = 400  # weights, at most, that are written into their cells


def confusion_plot(evaluation: Evaluation, title: str) -> Plot:
    """The confusion matrix of an evaluation, shaded by shares of each true class."""
    counts = evaluation.confusion
    assert counts is not None
    names = tuple(report.name for report in evaluation.classes)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    texts = tuple(tuple(map(str, row)) for row in counts.tolist())
    axes, measure = ("true class", "prediction"), "share of the true class"
    picture = HeatMap(title, names, names, axes, shares, 0.0, 1.0, measure, texts, signed=False)
    rows: list[tuple[Cell, ...]] = [
        (true, predicted, count, share)
        for true, row, part in zip(names, counts.tolist(), shares.tolist(), strict=True)
        for predicted, count, share in zip(names, row, part, strict=True)
    ]
    document = {"title": title, "classes": list(names), "confusion": counts.tolist()}
    flat = Sheet("", ("class", "prediction", "count", "share"), tuple(rows))
    return Plot(picture, Report("confusion", document, flat, ()))


def weights_plot(W: Array, features: tuple[str, ...], title: str) -> Plot:
    """W by unit and input: an image per unit if the inputs are pixels, else a heat map."""
    units = tuple(str(unit) for unit in range(1, len(W) + 1))
    rows = tuple(
        (unit, feature, weight)
        for unit, row in enumerate(W.tolist(), 1)
        for feature, weight in zip(features, row, strict=True)
    )
    size = pixels(features)
    document = {"title": title, "features": list(features), "image": list(size) if size else None, "W": W.tolist()}
    flat = Sheet("", ("unit", "input", "weight"), rows)
    return Plot(_layer(W, units, features, size, title), Report("first-layer", document, flat, ()))


def _layer(
    W: Array, units: tuple[str, ...], features: tuple[str, ...], size: tuple[int, int] | None, title: str
) -> "HeatMap | Tiles":
    """Weights as shares of the largest, so that a shade means the same weight everywhere."""
    largest = float(np.abs(W).max()) or 1.0
    if size is not None and min(size) > 1:
        return Tiles(title, units, (W / largest).reshape(-1, *size), largest, "weight")
    few = W.size <= MOST_TEXTS
    texts = tuple(tuple(f"{weight:.2f}" if few else "" for weight in row) for row in W)
    return HeatMap(title, units, features, ("unit", "input"), W / largest, 0.0, largest, "weight", texts, signed=True)


def pixels(features: Sequence[str]) -> tuple[int, int] | None:
    """Height and width of an image with these pixels, row by row; None if they are not pixels."""
    places = [PLACED.fullmatch(name) for name in features]
    if all(places):
        corners = [(int(place[1]), int(place[2])) for place in places if place]
        (top, left), (bottom, right) = corners[0], corners[-1]
        width = right - left + 1
        # as many as features, since names in a file may claim an image of any size
        expected = [(top + place // width, left + place % width) for place in range(len(corners))] if width > 0 else []
        return (bottom - top + 1, width) if corners == expected else None
    side = isqrt(len(features))
    counted = all(COUNTED.fullmatch(name) for name in features) and side * side == len(features)
    return (side, side) if counted else None


# ----- Small images: a character is twice as high as wide -----------------------------------------------------------

MOST_IN_TEXT = 12  # images; a file shows more
BETWEEN = 2  # columns between images
SEVERAL = 3
TILE = 0.95  # inches of an image in a file
BAR_ROOM, TITLE_ROOM = 1.2, 0.5  # inches
GAP = 0.22  # of a tile, above it for its name, and to its left
MOST_TILES = 100


class Tiles(NamedTuple):
    """Small images side by side, in shades from −1 to 1."""

    title: str
    names: tuple[str, ...]
    images: Array  # (n, height, width)
    scale: float  # the number that has the shade 1
    measure: str  # the meaning of the numbers

    @property
    def size(self) -> tuple[float, float]:
        """Inches."""
        rows, columns = _grid(self)
        return columns * TILE + BAR_ROOM, rows * TILE + TITLE_ROOM

    def text(self, screen: Screen) -> str:
        """The first images, each below its name, as many side by side as fit."""
        check_scale(self.scale, self.measure)
        room = max(LEAST, screen.columns or WIDEST) - 1
        first = zip(self.names[:MOST_IN_TEXT], self.images[:MOST_IN_TEXT], strict=True)
        blocks = [_tile(name, image, room, screen) for name, image in first]
        in_row = max(1, (room + BETWEEN) // (len(blocks[0][0]) + BETWEEN))
        shown = "" if len(self.names) <= MOST_IN_TEXT else f", {MOST_IN_TEXT} of {len(self.names)} units"
        heading = (written(self.title, screen.unicode) + shown, signed_scale(self.scale, screen.color))
        cells = [row for line in heading for row in broken(words(line), room)]
        for start in range(0, len(blocks), in_row):
            cells += [[], *beside(blocks[start : start + in_row], BETWEEN)]
        return text_of(cells, screen.color)

    def draw(self, figure: Any) -> None:
        """The images row by row on one pair of axes, each below its name, and the bar."""
        from matplotlib.colors import LinearSegmentedColormap

        check_scale(self.scale, self.measure)
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        colors = LinearSegmentedColormap.from_list("shades", SIGNED)
        mosaic, corners = _mosaic(self)
        shown = axes.imshow(mosaic, colors, vmin=-self.scale, vmax=self.scale, interpolation="nearest")
        for name, (x, y) in zip(self.names, corners, strict=False):
            axes.text(x - 0.5, y - 0.8, label(name), size=7, va="bottom")
        count = f", {MOST_TILES} of {len(self.names)} units" if len(self.names) > MOST_TILES else ""
        set_title(axes, self.title + count, self.size[0])
        axes.set_axis_off()
        figure.colorbar(shown, label=self.measure, shrink=0.8).outline.set_visible(False)


def _tile(name: str, image: Array, room: int, screen: Screen) -> Cells:
    """Two signs per pixel if SEVERAL such images fit beside each other; else two pixels or more per sign."""
    step = -(-image.shape[1] // room)
    if SEVERAL * 2 * image.shape[1] <= room:
        rows = shaded(np.repeat(image, 2, axis=1), screen.color)
    elif screen.color and screen.unicode:
        rows = _halves(means(means(image, step, 0), step, 1))
    else:
        rows = shaded(means(means(image, 2 * step, 0), step, 1), screen.color)
    width = max(len(rows[0]), len(name))
    return [padded(row, width) for row in [words(name), *rows]]


def _halves(values: Array) -> Cells:
    """Two rows in one: the upper half of a character has its color, the lower half that of its background."""
    if len(values) % 2:
        values = np.vstack([values, np.zeros(values.shape[1])])
    grounds = [[shade(value).ground for value in row] for row in values.tolist()]
    return [
        [Character("▀", above, below) for above, below in zip(*pair, strict=True)]
        for pair in zip(grounds[::2], grounds[1::2], strict=True)
    ]


def _grid(tiles: Tiles) -> tuple[int, int]:
    """Rows and columns of a square, or nearly."""
    count = min(MOST_TILES, len(tiles.names))
    columns = ceil(sqrt(count))
    return ceil(count / columns), columns


def _mosaic(tiles: Tiles) -> tuple[Array, list[tuple[int, int]]]:
    """One array with all tiles and NaN between them, and the upper left corner of each, (x, y)."""
    _, height, width = tiles.images.shape
    rows, columns = _grid(tiles)
    above, beside = max(2, ceil(GAP * height)), max(1, ceil(GAP * width))
    mosaic = np.full((rows * (height + above), columns * (width + beside) - beside), np.nan)
    corners = []
    for place, image in enumerate(tiles.images[:MOST_TILES] * tiles.scale):
        row, column = divmod(place, columns)
        x, y = column * (width + beside), row * (height + above) + above
        mosaic[y : y + height, x : x + width] = image
        corners.append((x, y))
    return mosaic, corners
