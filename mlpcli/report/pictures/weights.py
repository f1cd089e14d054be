"""The first layer's weights as a picture: an image for each unit where the inputs are pixels, else a heat map."""

import re
from collections.abc import Sequence
from math import isqrt

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.report.pictures.records import Heat, Picture, Tiles
from mlpcli.report.sheet import Report, Sheet

PLACED = re.compile(r"pixel[ _]?(\d{1,9})[,_x](\d{1,9})")  # row and column: ours, and scikit-learn's
COUNTED = re.compile(r"pixel[ _]?(\d+)")  # row by row
MEASURE = "weight"
MOST_TEXTS = 400  # weights that are written into their cells


def weights_report(W: Array, features: tuple[str, ...], title: str) -> Report:
    """Every weight by unit and input, and the picture of them."""
    units = tuple(str(unit) for unit in range(1, len(W) + 1))
    rows = tuple(
        (unit, feature, weight)
        for unit, row in enumerate(W.tolist(), 1)
        for feature, weight in zip(features, row, strict=True)
    )
    size = pixels(features)
    document = {"title": title, "features": list(features), "image": list(size) if size else None, "W": W.tolist()}
    flat = Sheet("", ("unit", "input", "weight"), rows, keys=2)
    return Report("first-layer", document, flat, (), picture=_picture(W, units, features, size, title))


def pixels(features: Sequence[str]) -> tuple[int, int] | None:
    """Height and width of the image whose pixels these are, row by row; None where they are something else."""
    places = [PLACED.fullmatch(name) for name in features]
    if all(places):
        found = [(int(place[1]), int(place[2])) for place in places if place]
        (top, left), (bottom, right) = found[0], found[-1]
        width = right - left + 1
        # by the number of features, since names in a file may claim an image of any size
        expected = [(top + place // width, left + place % width) for place in range(len(found))] if width > 0 else []
        return (bottom - top + 1, width) if found == expected else None
    side = isqrt(len(features))
    counted = all(COUNTED.fullmatch(name) for name in features) and side * side == len(features)
    return (side, side) if counted else None


def _picture(
    W: Array, units: tuple[str, ...], features: tuple[str, ...], size: tuple[int, int] | None, title: str
) -> Picture:
    """Weights as shares of the largest, so that one colour means one weight in the whole picture."""
    largest = float(np.abs(W).max()) or 1.0
    if size is not None and min(size) > 1:
        return Tiles(title, units, (W / largest).reshape(-1, *size), largest, MEASURE)
    few = W.size <= MOST_TEXTS
    texts = tuple(tuple(f"{weight:.2f}" if few else "" for weight in row) for row in W)
    return Heat(title, units, features, ("unit", "input"), W / largest, largest, MEASURE, texts, signed=True)
