"""Decision boundaries: regions, samples and legends in characters and as images."""

import re

import numpy as np
import pytest
from plot_pictures import MAPS, PICTURES, PLAIN, drawn, halves, many_classes, plane, svg_texts

from mlpcli.plot.forms import image
from mlpcli.report.curves import PENS, pen
from mlpcli.report.screen import Screen


def test_text_in_svg_is_text() -> None:
    found = svg_texts(PICTURES["map"])
    assert {"halves", "width", "height", "one", "two", "misclassified: 1 of 4"} <= set(found)


def test_regions_and_samples_lie_where_they_belong() -> None:
    rows = halves().text(PLAIN).splitlines()
    body = [re.split(r"[|+]", row, maxsplit=1)[1] for row in rows if re.match(r"^ *[\d.]*[|+](?![-+])", row)]
    assert len(body) == 21
    top, bottom = body[0], body[-1]
    assert top.startswith(".")
    assert top.count(".") == pytest.approx(len(top.ljust(75)) * 0.55, abs=4)
    assert bottom == top
    low, high = body[18], body[2]
    assert low.index("o") < 15
    assert low.rindex("O") > 60  # misclassified
    assert high.rindex("x") > 60


def test_the_legend_counts_the_misclassified() -> None:
    assert "  O misclassified: 1 of 4\n" in halves().text(PLAIN)


def test_misclassified_samples_that_share_a_place_are_counted_as_such() -> None:
    """Three of class one in the half of class two, two of them at one place; in a file as on a terminal."""
    samples = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.5], [0.2, 0.5]])
    regions = halves().decision_regions._replace(x=samples, truth=np.zeros(4, int), predicted=np.array([1, 1, 1, 0]))
    shared = halves()._replace(regions=regions)
    assert "O misclassified: 3 of 4, in 2 places" in shared.text(PLAIN)
    assert "misclassified: 3 of 4, in 2 places" in svg_texts(shared)
    narrow = shared.text(Screen(24, color=False, unicode=False)).splitlines()
    assert max(map(len, narrow)) < 24
    assert "misclassified: 3 of 4, in 2 places" in " ".join(map(str.strip, narrow))


def test_no_two_of_many_classes_look_alike_if_there_are_colors() -> None:
    pens = [pen(place) for place in range(20)]
    for look in ("sample", "shape", "texture"):
        assert len({(shown.color, getattr(shown, look)) for shown in pens}) == len(pens)
    assert "signs for 8 classes" in many_classes().text(PLAIN)
    assert "signs for 8 classes" not in many_classes().text(Screen(80, color=True, unicode=False))
    assert "signs for 8 classes" not in halves().text(PLAIN)


@pytest.mark.parametrize("name", MAPS)
def test_the_legends_of_a_map_stand_beside_it(name: str) -> None:
    with drawn(MAPS[name]) as figure:
        axes = figure.axes[0]
        one, two = (legend.get_window_extent() for legend in figure.legends)
        assert not one.overlaps(two)
        assert min(one.x0, two.x0) > axes.get_window_extent().x1


def test_a_map_says_that_its_colors_repeat() -> None:
    for classes in (len(PENS), len(PENS) + 1):
        assert (b"repeat" in image(plane(classes), ".svg")) == (classes > len(PENS))
