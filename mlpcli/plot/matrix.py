"""Matrices in shades: the confusion matrix, and the first layer's weights as a heat map or as an image per unit."""

import re
from collections.abc import Sequence
from math import isqrt
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.metrics import Evaluation
from mlpcli.plot.forms import Drawable, Plot
from mlpcli.report.curves import LARGEST
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import Screen

PLACED = re.compile(r"pixel[ _]?(\d{1,9})[,_x](\d{1,9})")  # row and column: ours, and scikit-learn's
COUNTED = re.compile(r"pixel[ _]?(\d+)")  # row by row
MOST_TEXTS = 400  # weights, at most, that are written into their cells


class HeatMap(NamedTuple):
    """A matrix whose numbers are shades: from 0 to 1, or from −1 to 1 if it is signed. NaN is a cell without one."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    names: tuple[str, str]  # of rows and columns
    shades: Array  # (rows, columns)
    least: float  # the number that has the shade 0
    scale: float  # the number that has the shade 1
    measure: str  # the meaning of the numbers
    texts: tuple[tuple[str, ...], ...]  # in the cells
    signed: bool

    @property
    def size(self) -> tuple[float, float]:
        from mlpcli.plot.matrix_image import heat_size

        return heat_size(self)

    def text(self, screen: Screen) -> str:
        from mlpcli.plot.matrix_text import heat_text

        _check_scale(self)
        return heat_text(self, screen)

    def draw(self, figure: Any) -> None:
        from mlpcli.plot.matrix_image import draw_heat

        _check_scale(self)
        draw_heat(figure, self)


class Tiles(NamedTuple):
    """Small images side by side, in shades from −1 to 1."""

    title: str
    names: tuple[str, ...]
    images: Array  # (n, height, width)
    scale: float  # the number that has the shade 1
    measure: str  # the meaning of the numbers

    @property
    def size(self) -> tuple[float, float]:
        from mlpcli.plot.matrix_image import tiles_size

        return tiles_size(self)

    def text(self, screen: Screen) -> str:
        from mlpcli.plot.matrix_text import tiles_text

        _check_scale(self)
        return tiles_text(self, screen)

    def draw(self, figure: Any) -> None:
        from mlpcli.plot.matrix_image import draw_tiles

        _check_scale(self)
        draw_tiles(figure, self)


def _check_scale(picture: HeatMap | Tiles) -> None:
    """Raises MlpError for numbers too large for a scale of shades."""
    if not picture.scale <= LARGEST:
        raise MlpError(f"a {picture.measure} of {picture.scale:g} is too large for a picture; --format csv has it")


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
) -> Drawable:
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
