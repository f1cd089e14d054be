"""HeatMap maps as images: no name covers another, numbers stand in their cells, and text on a shade is legible."""

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox
from plot_pictures import LARGE, LAYERS, MATRICES, PICTURES, drawn, svg_texts

from mlpcli.plot.matrix import HeatMap
from mlpcli.plot.matrix_image import SIGNED, UNSIGNED, text_on
from mlpcli.report.curves import PENS


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
