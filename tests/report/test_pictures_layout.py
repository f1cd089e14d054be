"""The layout of image files: nothing is cut off, no name covers another, and what is written on a shade is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import combinations, pairwise
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox
from test_pictures import PICTURES, halves

from mlpcli.core.metrics import ClassReport, Evaluation
from mlpcli.core.regions import Regions
from mlpcli.report.pictures import heat_image, map_image
from mlpcli.report.pictures.confusion import confusion_report
from mlpcli.report.pictures.drawing import picture_image
from mlpcli.report.pictures.images import STYLE
from mlpcli.report.pictures.palette import PENS
from mlpcli.report.pictures.records import Heat, Map, Picture
from mlpcli.report.pictures.shades import SIGNED, UNSIGNED, text_on
from mlpcli.report.pictures.weights import weights_report

LONG = "a name that is quite long, number {}"
WIDE = "WWWWWWWW {}"  # the widest letter


def matrix(classes: int, name: str) -> Picture:
    names = tuple(ClassReport(name.format(place), None, None, None, 0) for place in range(classes))
    counts = np.eye(classes, dtype=int) * 1000
    picture = confusion_report(Evaluation(9, 0.5, {}, names, counts), f"{name} " * 8).picture
    assert picture is not None
    return picture


def layer(inputs: int, units: int, largest: float) -> Picture:
    W = np.linspace(-largest, largest, inputs * units).reshape(units, inputs)
    picture = weights_report(W, tuple(LONG.format(place) for place in range(inputs)), "W⁽¹⁾ of w.json").picture
    assert picture is not None
    return picture


def plane(classes: int) -> Map:
    """Every class has a sample, all in the half of the second."""
    found, truth = halves().regions, np.arange(classes)
    samples = np.stack([np.full(classes, 0.9), truth / classes], axis=1)
    margins = np.concatenate([found.margins, np.full((classes - 2, *found.classes.shape), -1.0)])
    regions = Regions(found.across, found.up, found.classes, margins, samples, truth, np.ones(classes, int))
    return Map(LONG, ("width", "height"), tuple(LONG.format(place) for place in range(classes)), regions)


SIZES = [(2, LONG), (3, WIDE), (12, LONG), (12, WIDE), (40, LONG), (120, WIDE)]
MATRICES = {f"{classes} {name}": matrix(classes, name) for classes, name in SIZES}
SHAPES = [(1, 1), (1, 90), (4, 16), (13, 1), (13, 16), (30, 90), (400, 16)]
LAYERS = {f"{inputs}-{units}": layer(inputs, units, 0.9) for inputs, units in SHAPES}
LARGE = {"large weights": layer(8, 3, 123456.0)}
MAPS = {f"{classes} classes": plane(classes) for classes in (2, 9, 14, 15, 40)}


@contextmanager
def drawn(module: Any, picture: Picture) -> Iterator[Figure]:
    """The picture on a figure, while matplotlib has our style."""
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **STYLE}):
        figure = Figure(module.size(picture))
        module.draw(figure, picture)
        figure.canvas.draw()
        yield figure


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


@pytest.mark.parametrize("name", [*PICTURES, *MATRICES, *LAYERS, *LARGE, *MAPS])
def test_nothing_is_cut_off_at_the_edge(name: str) -> None:
    """The margin is 0.1 inches, 15 dots, and it is white on each side."""
    page = imread(BytesIO(picture_image({**PICTURES, **MATRICES, **LAYERS, **LARGE, **MAPS}[name], ".png")))[..., :3]
    for edge in (page[:12], page[-12:], page[:, :12], page[:, -12:]):
        assert (edge == 1).all()
    assert (page[12:-12, 12:-12] < 1).any()


@pytest.fixture(scope="module", params=[*MATRICES, *LAYERS, *LARGE])
def heat(request: pytest.FixtureRequest) -> Iterator[Figure]:
    """Drawn once for all that is measured in it."""
    with drawn(heat_image, {**MATRICES, **LAYERS, **LARGE}[request.param]) as figure:
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
        assert isinstance(picture, Heat)
        with drawn(heat_image, picture) as figure:
            assert len(figure.axes[0].texts) == (picture.shades.size if picture.shades.shape[0] <= 12 else 0), name


def test_weights_are_written_with_the_minus_of_the_bar() -> None:
    with drawn(heat_image, LAYERS["4-16"]) as figure:
        axes, bar = figure.axes
        assert "−0.90" in {text.get_text() for text in axes.texts}
        for text in (*axes.texts, *bar.get_yticklabels()):
            assert "-" not in text.get_text()


@pytest.mark.parametrize("name", MAPS)
def test_the_legends_of_a_map_stand_beside_it(name: str) -> None:
    with drawn(map_image, MAPS[name]) as figure:
        axes = figure.axes[0]
        one, two = (legend.get_window_extent() for legend in figure.legends)
        assert not one.overlaps(two)
        assert min(one.x0, two.x0) > axes.get_window_extent().x1


def test_a_map_says_that_its_colours_come_again() -> None:
    for classes in (len(PENS), len(PENS) + 1):
        assert (b"come again" in picture_image(plane(classes), ".svg")) == (classes > len(PENS))


# ----- Contrast -----------------------------------------------------------------------------------------------------


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("shades", [SIGNED, UNSIGNED])
def test_a_number_is_read_on_every_shade(shades: tuple[str, ...]) -> None:
    """WCAG 2.1 asks for a contrast of 3 at the least; and on the blue and the vermillion themselves text is white."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    colours = LinearSegmentedColormap.from_list("", shades)
    for share in np.linspace(0, 1, 101):
        ground = colours(share)[:3]
        assert contrast(to_rgb(text_on(ground)), ground) >= 3
    assert text_on(to_rgb("#0072B2")) == text_on(to_rgb("#D55E00")) == "white"
    assert text_on(to_rgb("#8FC3E3")) == "black"


def test_every_pen_is_seen_on_white_paper() -> None:
    """The yellow of the palette has a contrast of 1.3 there; each pen has 2 at the least."""
    from matplotlib.colors import to_rgb

    for shown in PENS:
        assert contrast(to_rgb(shown.colour), (1, 1, 1)) >= 2, shown.colour
