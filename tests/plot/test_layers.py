"""The planes of layers, beside NumPy: steps by hand, principal components by SVD, regions by brute force."""

import numpy as np
import pytest
from core_helpers import random_network, samples_of
from plot_pictures import drawn

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.network import Network
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.tasks import TASKS
from mlpcli.plot.layers import MOST_LAYERS, LayerPlane, layer_planes, layers_plot, projection_of
from mlpcli.report.numbers import share
from mlpcli.report.text import Screen

BINARY, MULTICLASS = TASKS["binary"], TASKS["multiclass"]
NAMES = ("p", "q")


def samples(inputs: int = 2, classes: int = 2, n: int = 30) -> Samples:
    g = np.random.default_rng(5)
    truth = g.integers(0, classes, n)
    y = truth[:, None].astype(float) if classes == 2 else np.eye(classes)[truth]
    scaling = Scaling(np.arange(1.0, inputs + 1), np.arange(2.0, inputs + 2))
    return Samples(g.normal(3, 2, (n, inputs)), y, scaling, np.array(1.0))


def planes_of(network: Network, given: Samples, classes: int = 2) -> tuple[LayerPlane, ...]:
    names = tuple(f"class {k}" for k in range(classes))
    features = tuple(f"x{k}" for k in range(network.inputs)) if network.inputs != 2 else NAMES
    return layer_planes(network, BINARY if classes == 2 else MULTICLASS, given, features, names)


def two_two_one() -> tuple[Network, Samples, tuple[LayerPlane, ...]]:
    network, given = random_network(2, [2, 1], ["tanh", "sigmoid"], 1), samples()
    return network, given, planes_of(network, given)


def by_hand(network: Network, x: Array) -> list[Array]:
    """x scaled, a⁽¹⁾, h⁽¹⁾, a⁽²⁾ and ŷ of a 2-2-1 network with tanh and sigmoid."""
    (W1, b1, _), (W2, b2, _) = network.parameters
    scaled = (x - [1, 2]) / [2, 3]
    a1 = scaled @ W1.T + b1
    a2 = np.tanh(a1) @ W2.T + b2
    return [scaled, a1, np.tanh(a1), a2, 1 / (1 + np.exp(-a2))]


def places(plane: LayerPlane) -> Array:
    regions = plane.boundary.decision_regions
    return np.array([(x, y) for y in regions.up for x in regions.across])


def test_two_units_are_their_own_axes() -> None:
    network, given, planes = two_two_one()
    assert [plane.step.symbol for plane in planes] == ["x", "a⁽¹⁾", "h⁽¹⁾", "a⁽²⁾", "ŷ"]
    assert [plane.step.formula for plane in planes[1:]] == [
        "W⁽¹⁾ x + b⁽¹⁾", "tanh(a⁽¹⁾)", "W⁽²⁾ h⁽¹⁾ + b⁽²⁾", "sigmoid(a⁽²⁾)"
    ]  # fmt: skip
    assert planes[0].boundary.features == NAMES
    assert planes[2].boundary.features == ("h₁⁽¹⁾", "h₂⁽¹⁾")
    hand = by_hand(network, given.x)
    np.testing.assert_array_equal(planes[0].boundary.decision_regions.x, given.x)
    for plane, values in zip(planes[1:3], hand[1:3], strict=True):
        np.testing.assert_allclose(plane.boundary.decision_regions.x, values, atol=1e-14)


def test_the_grid_is_straight_in_x_and_goes_through_the_same_steps() -> None:
    network, given, planes = two_two_one()
    lines = planes[0].boundary.grid
    low, high = given.x.min(axis=0), given.x.max(axis=0)
    corners = low - 0.06 * (high - low), high + 0.06 * (high - low)  # the first nine lines go across, the others up
    np.testing.assert_allclose(lines[[0, 8, 9, 17], [0, -1, 0, -1]], [*corners, *corners])
    np.testing.assert_allclose(np.diff(lines, 2, axis=1), 0, atol=1e-12)
    assert len({tuple(np.round(line[0], 6)) for line in lines}) == len(lines) - 1  # two start in one corner
    hand = by_hand(network, lines.reshape(-1, 2))
    for plane, values in zip(planes[1:3], hand[1:3], strict=True):
        np.testing.assert_allclose(plane.boundary.grid, values.reshape(lines.shape), atol=1e-14)


def test_one_unit_is_a_line_with_a_row_for_each_class() -> None:
    network, given, planes = two_two_one()
    for plane, values in zip(planes[3:], by_hand(network, given.x)[3:], strict=True):
        found = plane.boundary.decision_regions
        np.testing.assert_allclose(found.x, np.column_stack([values, given.y]), atol=1e-14)
        assert len(plane.boundary.grid) == 0
        middle = 0.5 if plane.step.symbol == "ŷ" else 0
        assert np.array_equal(found.classes, np.tile(found.across > middle, (len(found.up), 1)))


def test_regions_are_what_the_rest_of_the_network_decides() -> None:
    network, _, (x, a, h, *_) = two_two_one()
    W, b, _ = network.parameters[1]
    for plane, values in ((x, by_hand(network, places(x))[2]), (a, np.tanh(places(a))), (h, places(h))):
        decided = (values @ W.T + b > 0).ravel()
        assert 0.05 < decided.mean() < 0.95
        assert np.array_equal(plane.boundary.decision_regions.classes.ravel(), decided)


@pytest.mark.parametrize("units", [3, 7])
def test_more_units_are_their_principal_components(units: int) -> None:
    values = np.random.default_rng(units).normal(size=(40, units)) * np.arange(1, units + 1) + 2
    found = projection_of(values)
    centered = values - values.mean(axis=0)
    _, s, vectors = np.linalg.svd(centered, full_matrices=False)
    assert found.shares == pytest.approx((s**2 / (s**2).sum())[:2])
    for own, expected in zip(found.components, vectors, strict=False):
        sign = np.sign(expected[np.abs(expected).argmax()])
        np.testing.assert_allclose(own, sign * expected, atol=1e-10)
    np.testing.assert_allclose(found.onto(values), centered @ found.components.T, atol=1e-12)


def test_three_outputs_lie_in_a_plane_whose_regions_are_exact() -> None:
    """softmax sums to 1: two components hold all of the variance, and a place of the plane is its own ŷ."""
    network, given = random_network(2, [3], ["softmax"], 2), samples(classes=3)
    plane = planes_of(network, given, 3)[-1]
    assert sum(plane.projection.shares) == pytest.approx(1)
    found = plane.boundary.decision_regions
    np.testing.assert_allclose(plane.projection.values(found.x), plane.step.samples, atol=1e-12)
    values = plane.projection.mean + places(plane) @ plane.projection.components
    assert np.array_equal(found.classes.ravel(), values.argmax(axis=1))


def test_other_inputs_than_two_have_samples_and_no_grid() -> None:
    planes = planes_of(random_network(4, [2, 1], ["relu", "sigmoid"], 1), samples(4))
    assert [len(plane.boundary.grid) for plane in planes] == [0] * 5
    assert planes[0].boundary.features[0].startswith("component 1 of 4, ")
    assert planes_of(random_network(1, [2, 1], ["relu", "sigmoid"], 1), samples(1))[0].boundary.features[0] == "x0"


def test_units_that_never_change_are_drawn() -> None:
    network = random_network(2, [3, 1], ["relu", "sigmoid"], 1)
    network.parameters[0].W[...], network.parameters[0].b[...] = 0, -1
    assert planes_of(network, samples())[2].projection.shares == (0, 0)


def test_what_cannot_be_drawn_is_refused() -> None:
    network = random_network(2, [2, 1], ["linear", "sigmoid"], 1)
    with pytest.raises(MlpError, match="no samples"):
        planes_of(network, samples_of(np.empty((0, 2)), np.empty((0, 1))))
    network.theta[:] = 1e200
    with pytest.raises(MlpError, match="too large to draw"):
        planes_of(network, samples())
    many = samples_of(np.zeros((8_000_000, 2)), np.zeros((1, 1)))
    with pytest.raises(ChoiceError, match=r"^8,000,000 samples .*, at most 6,250,000; use --part test$"):
        planes_of(network, many)  # 5·10⁷ numbers, of which each has 2 in x and 3 in each of a and h
    deep = random_network(2, [2] * MOST_LAYERS + [1], ["tanh"] * MOST_LAYERS + ["sigmoid"])
    with pytest.raises(ChoiceError, match=r"^13 layers are too many for one picture; at most 12 are drawn$"):
        planes_of(deep, samples())
    deepest = random_network(2, [2] * (MOST_LAYERS - 1) + [1], ["tanh"] * (MOST_LAYERS - 1) + ["sigmoid"])
    assert len(planes_of(deepest, samples())) == 25


def test_the_step_whose_numbers_are_too_large_to_draw_is_named() -> None:
    """a⁽¹⁾ is ten times as large as x."""
    network = random_network(2, [1], ["sigmoid"], 1)
    network.theta[:] = [10, 0, 0]
    for largest, name in ((1e149, "a⁽¹⁾"), (1e150, "x")):  # the grid of x goes a little further than 1e150
        given = samples_of(np.array([[largest, 0.0], [0, 1]]), np.array([[1.0], [0.0]]))
        with pytest.raises(MlpError, match=rf"^{name} is beyond 1e\+150 or not finite, which is too large to draw$"):
            planes_of(network, given)


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("unicode", [True, False])
def test_panels_are_beside_each_other_if_they_fit(columns: int, unicode: bool) -> None:
    plot = layers_plot(two_two_one()[2], "title")
    shown = plot.picture.text(Screen(columns, color=False, unicode=unicode))
    assert max(map(len, shown.splitlines())) < columns
    assert unicode or shown.isascii()
    titles = [line for line in shown.splitlines() if " = " in line]
    assert [line.count(" = ") for line in titles] == ([2, 2] if columns == 80 else [1] * 4)


def test_numbers_are_the_grid_and_the_samples_of_each_step() -> None:
    network, given, planes = two_two_one()
    numbers = layers_plot(planes, "title").numbers
    last = [row for row in numbers.flat.rows if row[:2] == ("h⁽¹⁾", "sample")]
    np.testing.assert_allclose([row[3:5] for row in last], by_hand(network, given.x)[2], atol=1e-14)
    assert len(numbers.flat.rows) == 3 * planes[0].boundary.grid[..., 0].size + 5 * 30
    assert [step["units"] for step in numbers.document["steps"]] == [2, 2, 2, 1, 1]


def test_the_document_has_the_plane_of_each_step() -> None:
    """A plane is mean + p C; the two units of a layer, and a single one, are their own axes."""
    network, given = random_network(2, [3, 1], ["tanh", "sigmoid"], 1), samples()
    planes = planes_of(network, given)
    document = layers_plot(planes, "t").numbers.document
    names = ["class 0", "class 1"]
    assert (document["title"], document["classes"]) == ("t", names)
    assert document["class"] == [names[int(y)] for y in given.y[:, 0]]
    (W1, b1, _), (W2, b2, _) = network.parameters
    a1 = (given.x - [1, 2]) / [2, 3] @ W1.T + b1
    assert document["prediction"] == [names[int(y)] for y in (np.tanh(a1) @ W2.T + b2 > 0)[:, 0]]
    x, a, h, a2, y_hat = document["steps"]
    assert [(step["step"], step["formula"]) for step in (x, a, h, a2, y_hat)] == [
        ("x", None), ("a⁽¹⁾", "W⁽¹⁾ x + b⁽¹⁾"), ("h⁽¹⁾", "tanh(a⁽¹⁾)"),
        ("a⁽²⁾", "W⁽²⁾ h⁽¹⁾ + b⁽²⁾"), ("ŷ", "sigmoid(a⁽²⁾)"),
    ]  # fmt: skip
    for step, exact in ((x, True), (a, False), (h, False), (a2, True)):
        assert (step["mean"] is None, step["components"] is None, step["variance"] is None) == (exact,) * 3
    assert a["mean"] == pytest.approx(a1.mean(axis=0))
    assert sum(a["variance"]) == pytest.approx(1)  # three units of two inputs lie in a plane
    np.testing.assert_allclose(np.array(a["samples"]) @ a["components"] + a["mean"], a1, atol=1e-12)
    assert a["axes"] == [f"component {k} of 3, {share(part)}" for k, part in enumerate(a["variance"], 1)]
    assert (a2["axes"], y_hat["axes"]) == (["a⁽²⁾", "class, from 0"], ["ŷ", "class, from 0"])
    assert np.array(x["grid"]).shape == (2 * 9, 61, 2)


def test_rows_are_lines_of_the_grid_and_then_samples_with_their_classes() -> None:
    planes = two_two_one()[2]
    flat = layers_plot(planes, "t").numbers.flat
    assert flat.columns == ("step", "kind", "number", "x", "y", "class", "prediction")
    regions = planes[0].boundary.decision_regions
    names = [("class 0", "class 1")[k] for k in regions.truth]
    assert flat.rows[0] == ("x", "grid", 1, *planes[0].boundary.grid[0, 0], None, None)
    assert flat.rows[61][2] == 2  # the second line
    first = flat.rows[18 * 61]
    assert first[:6] == ("x", "sample", 1, *regions.x[0], names[0])
    assert {row[0] for row in flat.rows} == {"x", "a⁽¹⁾", "h⁽¹⁾", "a⁽²⁾", "ŷ"}


def test_the_plane_of_principal_components_is_explained_only_where_there_is_one() -> None:
    plain = layers_plot(two_two_one()[2], "title").picture.text(Screen(80, False, True))
    wide = layers_plot(planes_of(random_network(2, [3, 1], ["tanh", "sigmoid"], 1), samples()), "title").picture
    assert "principal" not in plain
    assert "regions are those in this plane" in " ".join(wide.text(Screen(80, False, True)).split())


def test_two_panels_of_34_columns_fit_on_a_terminal_of_72() -> None:
    """With three between them; the last column stays free."""
    plot = layers_plot(two_two_one()[2], "title")
    for columns, beside in ((72, True), (71, False)):
        lines = plot.picture.text(Screen(columns, False, True)).splitlines()
        assert any(line.count(" = ") == 2 for line in lines) is beside
        assert max(map(len, lines)) < columns


def test_an_image_has_two_panels_for_each_layer_and_the_legend_beside_that_of_x() -> None:
    """Lines across and up are thin and gray; a single unit has a tick for each class."""
    picture = layers_plot(two_two_one()[2], "a title").picture
    assert picture.size == pytest.approx((2 * 3.9, 3 * 3.1))
    with drawn(picture) as figure:
        shown = [axes for axes in figure.axes if axes.axison]
        places = [(round(axes.get_position().x0, 2), round(axes.get_position().y1, 2)) for axes in shown]
        assert [axes.get_title("left").partition(" ")[0] for axes in shown] == ["x", "a⁽¹⁾", "h⁽¹⁾", "a⁽²⁾", "ŷ"]
        assert [x > 0.4 for x, _ in places] == [False, False, True, False, True]
        assert places[0][1] > places[1][1] == places[2][1] > places[3][1] == places[4][1]
        assert [len(axes.lines) for axes in shown] == [18, 18, 18, 0, 0]
        assert [tick for tick in shown[3].get_yticks() if -0.5 < tick < 1.5] == [0, 1]
        assert figure.get_suptitle() == "a title"
        free = next(axes for axes in figure.axes if not axes.axison).get_window_extent()
        upper, lower = (legend.get_window_extent() for legend in figure.legends)
        assert free.y1 == pytest.approx(upper.y1, abs=2)
        assert free.y0 == pytest.approx(lower.y0, abs=2)
        assert (upper.x0, lower.x0) == pytest.approx((free.x0, free.x0), abs=2)
