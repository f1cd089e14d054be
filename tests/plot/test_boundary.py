"""The plane of two features: classes as the network decides them, margins that change sign at the borders."""

import re

import numpy as np
import pytest
from core_helpers import activation, samples_of
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.contour import QuadContourSet
from plot_pictures import MAPS, PICTURES, PLAIN, drawn, halves, many_classes, plane, sketched, svg_texts

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.network import Network, chain
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.tasks import TASKS
from mlpcli.plot.boundary import MARGIN, STEPS, DecisionRegions, decision_regions, places_around, regions_of
from mlpcli.plot.boundary_plot import boundary_plot, on_canvas, plane_axes
from mlpcli.plot.forms import image
from mlpcli.report.curves import PENS, pen
from mlpcli.report.text import Screen

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def right_of_half() -> Network:
    """σ(10 (x₁ − ½)): the second class where x₁ > ½."""
    return Network(chain(2, [1], [activation("sigmoid")]), np.array([10.0, 0.0, -5.0]))


def quadrants() -> Network:
    """softmax of x₁, x₂ and ½: the class of the larger feature, the third where both are below ½."""
    return Network(chain(2, [3], [activation("softmax")]), np.array([1.0, 0, 0, 1, 0, 0, 0, 0, 0.5]))


def binary() -> DecisionRegions:
    return decision_regions(
        right_of_half(), TASKS["binary"], samples_of(SQUARE, np.array([[0.0], [1.0], [0.0], [0.0]]))
    )


def test_an_image_fits_between_the_margins_of_a_page() -> None:
    """Of A4 with 25 mm on both sides, 160 mm are left, in which the plane is wider than high."""
    width, height = PICTURES["map"].size
    assert height <= width <= 160 / 25.4


def test_the_grid_goes_beyond_the_samples_on_each_side() -> None:
    found = binary()
    assert len(found.across) == len(found.up) == STEPS + 1
    assert (found.across[0], found.across[-1]) == pytest.approx((-MARGIN, 1 + MARGIN))


def test_classes_are_those_on_their_side_of_the_border() -> None:
    found = binary()
    assert np.array_equal(found.classes, np.tile(found.across > 0.5, (STEPS + 1, 1)))


def test_rows_are_the_second_feature_and_columns_the_first() -> None:
    found = decision_regions(quadrants(), TASKS["multiclass"], samples_of(SQUARE, np.eye(3)[[2, 0, 1, 0]]))
    x, y = np.meshgrid(found.across, found.up)
    expected = np.where(np.maximum(x, y) < 0.5, 2, np.where(x >= y, 0, 1))
    assert np.mean(found.classes == expected) > 0.99  # places on a border may fall to either side


def test_misclassified_samples_are_found() -> None:
    found = binary()
    assert found.truth.tolist() == [0, 1, 0, 0]
    assert found.predicted.tolist() == [0, 1, 0, 1]
    assert found.wrong.tolist() == [False, False, False, True]


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_class_leads_exactly_where_its_region_is(task: str) -> None:
    found = binary()
    if task == "multiclass":
        found = decision_regions(quadrants(), TASKS["multiclass"], samples_of(SQUARE, np.eye(3)[[2, 0, 1, 0]]))
    for place, margins in enumerate(found.margins):
        clear = np.abs(margins) > 1e-9
        assert np.array_equal((margins > 0)[clear], (found.classes == place)[clear])


def test_the_border_of_a_tanh_is_at_0_and_that_of_a_sigmoid_at_a_half() -> None:
    network = Network(chain(2, [1], [activation("tanh")]), np.array([1.0, 0.0, 0.0]))
    found = decision_regions(
        network, TASKS["binary"], samples_of(SQUARE - 0.5, np.array([[-1.0], [1.0], [-1.0], [1.0]]))
    )
    assert np.array_equal(found.classes[0], found.across > 0)


def test_places_are_in_the_features_own_units() -> None:
    """With x ↦ (x − 100)/10 the border x₁ = ½ of the network lies at 105."""
    scaling = Scaling(np.array([100.0, 100.0]), np.array([10.0, 10.0]))
    samples = Samples(SQUARE * 10 + 100, np.zeros((4, 1)), scaling, np.array(1.0))
    found = decision_regions(right_of_half(), TASKS["binary"], samples)
    assert np.array_equal(found.classes[0], found.across > 105)


def test_no_samples_have_no_plane() -> None:
    with pytest.raises(MlpError, match="no samples to draw"):
        decision_regions(right_of_half(), TASKS["binary"], samples_of(np.empty((0, 2)), np.empty((0, 1))))


def test_features_beyond_all_bounds_are_refused() -> None:
    """A product of two that are 1e150 is finite."""
    with pytest.raises(MlpError, match=r"a feature beyond 1e\+150 is too large to draw"):
        decision_regions(right_of_half(), TASKS["binary"], samples_of(SQUARE * -1.1e150, np.zeros((4, 1))))
    found = decision_regions(right_of_half(), TASKS["binary"], samples_of(SQUARE * 1e150, np.zeros((4, 1))))
    assert found.predicted.tolist() == [0, 1, 0, 1]


def test_outputs_that_overflow_have_no_class() -> None:
    """softmax of ∞ − ∞ is no number, and none of them is the largest."""
    network = Network(chain(2, [2, 2], [activation("linear"), activation("softmax")]), np.full(12, 1e308))
    with pytest.raises(MlpError, match="overflows"):
        decision_regions(network, TASKS["multiclass"], samples_of(SQUARE, np.eye(2)[[0, 1, 0, 1]]))


@pytest.mark.parametrize(("outputs", "predicted"), [((0.25, np.nan), (0.5, 0.5)), ((0.25, 0.5), (np.inf, 0.5))])
def test_one_output_that_overflows_is_enough(outputs: tuple[float, float], predicted: tuple[float, float]) -> None:
    """At a place of the plane, or at a sample."""
    axes, column = (np.arange(2.0), np.arange(1.0)), np.array([[0.0], [1.0]])
    with pytest.raises(MlpError, match="overflows"):
        regions_of(TASKS["binary"], "sigmoid", axes, np.array([outputs]).T, SQUARE[:2], column, np.array([predicted]).T)


@pytest.mark.parametrize(("last", "leads"), [("sigmoid", [-0.25, 0.25]), ("tanh", [0.25, 0.75])])
def test_a_lead_is_the_distance_from_the_middle_between_no_and_yes(last: str, leads: list[float]) -> None:
    """Of 0.25 and 0.75 from ½ for a sigmoid, and from 0 for tanh."""
    outputs, column = np.array([[0.25], [0.75]]), np.array([[0.0], [1.0]])
    axes = (np.arange(2.0), np.arange(1.0))
    found = regions_of(TASKS["binary"], last, axes, outputs, SQUARE[:2], column, outputs)
    assert found.margins[1].ravel().tolist() == leads
    assert found.margins[0].ravel().tolist() == [-lead for lead in leads]


@pytest.mark.parametrize("value", [0.0, 1.0, -1e20])
def test_a_feature_that_never_changes_still_has_a_plane(value: float) -> None:
    found = decision_regions(right_of_half(), TASKS["binary"], samples_of(np.full((3, 2), value), np.ones((3, 1))))
    assert found.across[0] < value < found.across[-1]


@pytest.mark.parametrize(
    ("x", "ends"),
    [([0, 50], (-3, 53)), ([50], (47, 53)), ([2], (1, 3)), ([-50], (-53, -47)), ([0], (-1, 1))],
)
def test_around_samples_is_a_share_of_their_range_and_else_of_the_number_but_1_at_least(
    x: list[float], ends: tuple[float, float]
) -> None:
    """MARGIN of 50 is 3."""
    assert MARGIN == 0.06
    np.testing.assert_allclose(places_around(np.array(x, np.float64), 4), np.linspace(*ends, 5), atol=1e-12)


def test_margins_are_how_far_a_class_leads_the_best_of_the_others() -> None:
    """A probability above the middle of no and yes, or above the largest of the others, at each place."""
    found = binary()
    lead = 1 / (1 + np.exp(-10 * (found.across - 0.5))) - 0.5
    for margins, expected in zip(found.margins, (-lead, lead), strict=True):
        np.testing.assert_allclose(margins, np.tile(expected, (STEPS + 1, 1)), atol=1e-12)
    found = decision_regions(quadrants(), TASKS["multiclass"], samples_of(SQUARE, np.eye(3)[[2, 0, 1, 0]]))
    x, y = np.meshgrid(found.across, found.up)
    e = np.exp([x, y, np.full(x.shape, 0.5)])
    one, two, three = e / e.sum(axis=0)
    np.testing.assert_allclose(found.margins[0], one - np.maximum(two, three), atol=1e-12)
    np.testing.assert_allclose(found.margins[1], two - np.maximum(one, three), atol=1e-12)
    np.testing.assert_allclose(found.margins[2], three - np.maximum(one, two), atol=1e-12)


def test_a_map_s_numbers_are_its_grid_and_its_samples() -> None:
    numbers = boundary_plot(halves()).numbers
    assert numbers.document["grid"]["predictions"] == halves().decision_regions.classes.tolist()
    assert numbers.document["samples"][2] == {"x": [0.9, 0.1], "class": "one", "prediction": "two"}
    assert numbers.flat.rows[0] == ("grid", 0.0, 0.0, None, "one")
    assert len(numbers.flat.rows) == 11 * 11 + 4


def test_a_map_s_document_names_its_axes_and_classes() -> None:
    document, flat = boundary_plot(halves()).numbers.document, boundary_plot(halves()).numbers.flat
    assert (document["title"], document["features"], document["classes"]) == (
        "halves", ["width", "height"], ["one", "two"],
    )  # fmt: skip
    assert (document["grid"]["x"], document["grid"]["y"]) == (halves().decision_regions.across.tolist(),) * 2
    assert flat.columns == ("kind", "width", "height", "class", "prediction")
    assert flat.rows[10] == ("grid", 1, 0, None, "two")
    assert flat.rows[-2:] == (("sample", 0.9, 0.1, "one", "two"), ("sample", 0.2, 0.5, "one", "one"))


# ----- Pictures -----------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("unicode", [True, False])
def test_the_legend_has_the_signs_of_the_map_and_counts_the_misclassified(unicode: bool) -> None:
    _, _, legend, _, *plane = halves().text(Screen(80, color=False, unicode=unicode)).splitlines()
    found = re.fullmatch(r"(.) one \[(.)\2\2\]  (.) two \[   \]  (.) misclassified: 1 of 4", legend)
    assert found is not None
    one, texture, two, missed = found.groups()
    shown = "".join(re.split(r"[│┤|+]", row, maxsplit=1)[-1] for row in plane[1:22])
    assert [shown.count(sign) for sign in (one, two, missed)] == [2, 1, 1]
    assert shown.count(texture) == pytest.approx(21 * 75 * 0.55, rel=0.05)


def test_misclassified_samples_that_share_a_place_are_counted_as_such() -> None:
    """Three of class one in the half of class two, two of them at one place; in a file as on a terminal."""
    samples = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.5], [0.2, 0.5]])
    regions = halves().decision_regions._replace(x=samples, truth=np.zeros(4, int), predicted=np.array([1, 1, 1, 0]))
    shared = halves()._replace(decision_regions=regions)
    assert "O misclassified: 3 of 4, in 2 places" in shared.text(PLAIN)
    assert "misclassified: 3 of 4, in 2 places" in svg_texts(shared)
    narrow = shared.text(Screen(24, color=False, unicode=False)).splitlines()
    assert max(map(len, narrow)) < 24
    assert "misclassified: 3 of 4, in 2 places" in " ".join(map(str.strip, narrow))


def test_misclassified_samples_at_one_place_are_counted_in_it() -> None:
    samples = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.5]])
    regions = halves().decision_regions._replace(x=samples, truth=np.zeros(3, int), predicted=np.array([1, 1, 0]))
    shared = halves()._replace(decision_regions=regions)
    assert "O misclassified: 2 of 3, in 1 place\n" in shared.text(PLAIN)
    assert halves().misclassified(1) == "misclassified: 1 of 4"


def test_no_two_of_many_classes_look_alike_if_there_are_colors() -> None:
    pens = [pen(place) for place in range(20)]
    for look in ("sample", "shape", "texture"):
        assert len({(shown.color, getattr(shown, look)) for shown in pens}) == len(pens)
    assert "the classes share 8 signs" in many_classes().text(PLAIN)
    assert "share 8 signs" not in many_classes().text(Screen(80, color=True, unicode=False))
    assert ["share 8 signs" in plane(classes).text(PLAIN) for classes in (2, 8, 9)] == [False, False, True]


def test_samples_in_corners_stand_in_corners_and_a_misclassified_one_over_others() -> None:
    """A plane from 0 to 1 in 21 rows: (0, 0) is below on the left, and a sample in the middle of it in the eleventh."""
    samples = np.array([[0.0, 0.0], [1, 1], [0, 1], [1, 0], [0.5, 0.5], [0.5, 0.5]])
    truth, predicted = np.array([0, 1, 0, 1, 1, 0]), np.array([0, 1, 1, 1, 0, 0])
    regions = halves().decision_regions._replace(x=samples, truth=truth, predicted=predicted)
    rows = halves()._replace(decision_regions=regions).text(PLAIN).splitlines()
    plane_rows = [re.split("[|+]", row, maxsplit=1)[1] for row in rows[-24:-3]]
    first, middle, last = plane_rows[0], plane_rows[10], plane_rows[20]
    assert (first[0], first[-1], last[0], last[-1]) == ("O", "x", "o", "x")
    assert middle.strip(".").strip() == "X"
    assert middle.index("X") == round((len(first) - 1) / 2)


@pytest.mark.parametrize(("rows", "ticks"), [(21, 6), (20, 3)])
def test_a_plane_has_half_as_many_ticks_up_if_it_is_less_high(rows: int, ticks: int) -> None:
    """From 0 to 1: at most 7 ticks are a fifth apart, and at most 3 a half; the axis takes 4 columns and its line."""
    unit = np.array([0.0, 1.0])
    across, up, columns = plane_axes(unit, unit, 80, rows)
    assert (len(up.ticks), columns, up.margin) == (ticks, 80 - 4 - 1, 4)
    assert (across.low, across.high) == (0, 1)
    assert plane_axes(unit, unit, 3, rows)[2] == 1


def test_lines_of_a_grid_are_over_regions_and_under_samples() -> None:
    """From corner to corner, in signs # without Unicode; the samples at both ends stay."""
    samples = np.array([[0.0, 0.0], [1, 1]])
    regions = halves().decision_regions._replace(x=samples, truth=np.array([0, 1]), predicted=np.array([0, 1]))
    lined = halves()._replace(decision_regions=regions, grid=np.array([[[0.0, 0.0], [1.0, 1.0]]]))
    rows = [re.split("[|+]", row, maxsplit=1)[1] for row in lined.text(PLAIN).splitlines()[-24:-3]]
    assert (rows[0][-1], rows[-1][0]) == ("x", "o")
    assert all("#" in row for row in rows)
    starts = [row.index("#") for row in rows]
    assert starts == sorted(starts, reverse=True)
    assert "#" not in halves().text(PLAIN)
    braille = lined.text(Screen(80, color=True, unicode=True))
    assert "\033[38;5;245m" in braille  # gray


def test_a_canvas_of_a_grid_begins_above_and_has_its_four_corners() -> None:
    """Of 5 rows by 4 columns, a canvas of 3 by 2 has the first, the middle and the last row, the last one above."""
    grid = np.arange(20).reshape(5, 4)
    assert on_canvas(grid, 3, 2).tolist() == [[16, 19], [8, 11], [0, 3]]
    assert on_canvas(grid, 5, 4).tolist() == grid[::-1].tolist()


def contours(margins: list[Array]) -> tuple[list[QuadContourSet], list[QuadContourSet]]:
    """Fillings and lines in the plane of classes with these leads, (11, 11) each."""
    regions = halves().decision_regions._replace(margins=np.array(margins))
    axes = sketched(halves()._replace(decision_regions=regions)).axes[0]
    found = [drawing for drawing in axes.collections if isinstance(drawing, QuadContourSet)]
    return [each for each in found if each.filled], [each for each in found if not each.filled]


def test_a_region_is_filled_in_the_color_of_its_class_and_ends_in_a_line() -> None:
    """A class that leads nowhere has no region, and one that leads everywhere no border."""
    one, two = halves().decision_regions.margins
    filled, lines = contours([one, two, np.full((11, 11), -1.0)])
    assert [to_hex(each.get_facecolor()[0]) for each in filled] == [PENS[0].color.lower(), PENS[1].color.lower()]
    assert [each.levels.tolist() for each in lines] == [[0], [0]]
    filled, lines = contours([np.full((11, 11), 0.1), np.full((11, 11), -0.1)])
    assert (len(filled), len(lines)) == (1, 0)


@pytest.mark.parametrize("scale", [0.1, 1, 10])
def test_a_region_has_no_hole_where_its_class_leads_most(scale: float) -> None:
    for each, margins in zip(contours(list(scale * halves().decision_regions.margins))[0], (0.55, 0.45), strict=True):
        assert each.levels[0] == 0
        assert each.levels[-1] > scale * margins


def test_the_axes_of_an_image_are_the_features_and_end_where_the_grid_does() -> None:
    """Samples are hollow if they are classified correctly, and filled, in the color of their class, if not."""
    regions = halves().decision_regions._replace(up=np.linspace(2, 4, 11))
    axes = sketched(halves()._replace(decision_regions=regions)).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title("left")) == ("width", "height", "halves")
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 1), (2, 4))
    samples = [each for each in axes.collections if isinstance(each, PathCollection)]
    assert [each.get_offsets().tolist() for each in samples] == [[[0.1, 0.1], [0.2, 0.5]], [[0.9, 0.9]], [[0.9, 0.1]]]
    assert [to_hex(each.get_facecolor()[0]) for each in samples] == ["#ffffff", "#ffffff", PENS[0].color.lower()]
    assert [to_hex(each.get_edgecolor()[0]) for each in samples] == [PENS[k].color.lower() for k in (0, 1, 0)]


@pytest.mark.parametrize("name", MAPS)
def test_the_legends_of_a_map_stand_beside_it(name: str) -> None:
    with drawn(MAPS[name]) as figure:
        axes = figure.axes[0]
        one, two = (legend.get_window_extent() for legend in figure.legends)
        assert not one.overlaps(two)
        assert min(one.x0, two.x0) > axes.get_window_extent().x1
        rows, letters = min(int(name.split()[0]), 14), 10 * figure.dpi / 72
        assert rows * letters < figure.legends[0].get_window_extent().height < (rows + 1) * 2 * letters


def test_a_map_says_that_its_colors_repeat() -> None:
    for classes in (len(PENS), len(PENS) + 1):
        assert (b"repeat" in image(plane(classes), ".svg")) == (classes > len(PENS))
