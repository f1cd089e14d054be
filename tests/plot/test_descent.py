"""Paths of gradient descent beside loops written by hand, and the surface beside brute force."""

import re
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from core_helpers import activation, random_network
from plot_pictures import PICTURES, drawn

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import optimizer_named
from mlpcli.plot import descent
from mlpcli.plot.descent import Descent, Surface, Way, check_work, descents, most_moved, surface_around
from mlpcli.plot.descent_plot import DescentPicture, _clipped, descent_plot, level_texts, levels_of
from mlpcli.plot.parameters import Parameter, Problem, parameter_at
from mlpcli.report.curves import pen
from mlpcli.report.text import Screen

G = np.random.default_rng(8)
X, Y = G.normal(size=(40, 1)), G.normal(size=(40, 1))
START = np.array([1.5, -2.0])


def line(l2: float = 0.0, scale: float = 1.0) -> Problem:
    """ŷ = wx + b with mse: J has no parameters but the two."""
    network = Network(chain(1, [1], [activation("linear")]), np.array([0.3, 0.1]))
    return Problem(network, objective_of(LOSSES["mse"], l2=l2), X * scale, Y, "line")


def pair_of(problem: Problem, one: int = 0, two: int = 1) -> tuple[Parameter, Parameter]:
    return parameter_at(problem.network, one), parameter_at(problem.network, two)


def way(optimizer: str = "sgd", batch: int | None = None, rate: float = 0.1) -> Way:
    return Way(optimizer_named(optimizer), batch, rate)


def path_of(problem: Problem, by: Way, updates: int = 25, seed: int = 1) -> Descent:
    (found,) = descents(problem, pair_of(problem), START, [by], updates, seed)
    return found


def gradient(theta: Array, x: Array = X, y: Array = Y) -> Array:
    """∂/∂(w, b) of mean (wx + b − y)²"""
    error = 2 * (theta[0] * x + theta[1] - y)
    return np.array([np.mean(error * x), np.mean(error)])


def sgd(theta: Array) -> Array:
    return theta - 0.1 * gradient(theta)


def momentum() -> Callable[[Array], Array]:
    v = np.zeros(2)

    def update(theta: Array) -> Array:
        v[...] = 0.9 * v - 0.1 * gradient(theta)
        return theta + v

    return update


def adam() -> Callable[[Array], Array]:
    m, v, t = np.zeros(2), np.zeros(2), [0]

    def update(theta: Array) -> Array:
        g = gradient(theta)
        t[0] += 1
        m[...] = 0.9 * m + 0.1 * g
        v[...] = 0.999 * v + 0.001 * g * g
        return theta - 0.1 * np.sqrt(1 - 0.999 ** t[0]) / (1 - 0.9 ** t[0]) * m / (np.sqrt(v) + 1e-7)

    return update


@pytest.mark.parametrize(("name", "update"), [("sgd", sgd), ("momentum", momentum()), ("adam", adam())])
def test_the_whole_batch_goes_as_a_loop_by_hand(name: str, update: Callable[[Array], Array]) -> None:
    found = path_of(line(), way(name))
    expected = [START]
    for _ in range(25):
        expected.append(update(expected[-1]))
    np.testing.assert_allclose(found.places, expected, atol=1e-12)
    assert found.gradients == 25 * 40
    for J, (w, b) in zip(found.objective, (expected[0], expected[-1]), strict=True):
        assert pytest.approx(np.mean((w * X + b - Y) ** 2)) == J


@pytest.mark.parametrize(("batch", "gradients"), [(1, 100), (16, 33 * 40 + 16), (30, 50 * 40)])
def test_batches_are_shuffled_as_in_training(batch: int, gradients: int) -> None:
    """In 100 updates, 40 samples make 33 epochs of 16 + 16 + 8 and one batch more, or 50 epochs of 30 + 10."""
    found = path_of(line(), way(batch=batch), 100, seed=3)
    generator, theta, expected = np.random.default_rng([3, 2]), START, [START]
    while len(expected) <= 100:
        order = generator.permutation(40)
        for first in range(0, 40, batch):
            rows = order[first : first + batch]
            theta = theta - 0.1 * gradient(theta, X[rows], Y[rows])
            expected.append(theta)
    np.testing.assert_allclose(found.places, expected[:101], atol=1e-12)
    assert found.gradients == gradients


def hidden() -> Problem:
    g = np.random.default_rng(2)
    network = random_network(2, [2, 1], ["tanh", "linear"], 7)
    return Problem(network, objective_of(LOSSES["mse"], l2=0.2), g.normal(size=(9, 2)), g.normal(size=(9, 1)), "2-2-1")


def loss_of(problem: Problem, theta: Array) -> float:
    """mean (W⁽²⁾ tanh(W⁽¹⁾x + b⁽¹⁾) + b⁽²⁾ − y)² + 0.1 ΣW²"""
    W, b, V, c = theta[:4].reshape(2, 2), theta[4:6], theta[6:8], theta[8]
    errors = np.tanh(problem.x @ W.T + b) @ V + c - problem.y[:, 0]
    return float(np.mean(errors**2) + 0.1 * (np.sum(W * W) + np.sum(V * V)))


def slopes(problem: Problem, theta: Array, places: list[int]) -> Array:
    """Central differences."""
    moved = np.eye(theta.size)[places] * 1e-5
    return np.array([(loss_of(problem, theta + d) - loss_of(problem, theta - d)) / 2e-5 for d in moved])


@pytest.mark.parametrize("name", ["sgd", "momentum"])
def test_only_two_are_trained(name: str) -> None:
    problem, places = hidden(), [1, 7]
    (found,) = descents(problem, pair_of(problem, *places), START, [way(name)], 20, 1)
    theta, v = problem.network.theta.copy(), np.zeros(2)
    theta[places] = START
    for place in found.places[1:]:
        v = (0.9 if name == "momentum" else 0) * v - 0.1 * slopes(problem, theta, places)
        theta[places] += v
        np.testing.assert_allclose(place, theta[places], atol=1e-8)


def test_the_two_that_move_most_are_those_of_training_all() -> None:
    problem = hidden()
    theta = problem.network.theta.copy()
    for _ in range(30):
        theta = theta - 0.1 * slopes(problem, theta, list(range(9)))
    expected = sorted(np.argsort(-np.abs(theta - problem.network.theta))[:2])
    before = problem.network.theta.copy()
    assert [parameter.number for parameter in most_moved(problem, way(), 30, 1)] == expected
    np.testing.assert_array_equal(problem.network.theta, before)


@pytest.mark.parametrize("at_once", [1, 1000, 2**16])  # one network, some, and all of them as a stack
def test_the_surface_is_the_objective_by_brute_force(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descent, "AT_ONCE", at_once)
    problem, places = hidden(), [2, 8]
    found = surface_around(problem, pair_of(problem, *places), [], ((-1, 3), (-2, 2)))
    assert (found.across[0], found.across[-1], found.up[0], found.up[-1]) == (-1, 3, -2, 2)
    for row, column in [(0, 0), (7, 31), (60, 60), (59, 2)]:
        theta = problem.network.theta.copy()
        theta[places] = found.across[column], found.up[row]
        assert found.objective[row, column] == pytest.approx(loss_of(problem, theta), rel=1e-12)


def test_the_surface_holds_the_paths_that_go_down_and_no_other() -> None:
    problem = line()
    paths = descents(problem, pair_of(problem), START, [way(), way(rate=5.0)], 25, 1)
    found = surface_around(problem, pair_of(problem), paths, None)
    for number, axis in enumerate((found.across, found.up)):
        assert axis[0] < paths[0].places[:, number].min()
        assert axis[-1] > paths[0].places[:, number].max()
    assert found.across[-1] - found.across[0] < 10
    alone = surface_around(problem, pair_of(problem), paths[1:], None)  # only the start is left
    assert (alone.across[0], alone.up[-1]) == pytest.approx((START[0] - 2, START[1] + 2))


@pytest.mark.parametrize(
    ("rate", "says"),
    [(0.1, "inside"), (5.0, "diverges from update"), (1e300, "diverged: not finite")],
)
def test_how_a_path_ends(rate: float, says: str) -> None:
    problem = line()
    paths = descents(problem, pair_of(problem), START, [way(), way(rate=rate)], 25, 1)
    surface = surface_around(problem, pair_of(problem), paths, None)
    plot = descent_plot(DescentPicture(problem, surface, tuple(paths)))
    assert plot.numbers.document["paths"][1]["ended"].startswith(says)
    assert plot.picture.text(Screen(80, color=True, unicode=True))
    assert rate > 5 or len(paths[1].places) == 26


def test_the_least_of_the_surface_is_near_the_solution_of_least_squares() -> None:
    problem = line()
    surface = surface_around(problem, pair_of(problem), [], ((-2, 2), (-2, 2)))
    path = path_of(problem, way())
    shown = descent_plot(DescentPicture(problem, surface, (path,))).picture.text(Screen(99, False, True))
    J, *found = map(float, re.findall(r"least L drawn: (.*) at .* = (.*), .* = (.*)\n", shown)[0])
    solution = np.linalg.lstsq(np.hstack([X, np.ones_like(X)]), Y, rcond=None)[0][:, 0]
    assert found == pytest.approx(solution, abs=4 / 60)
    assert pytest.approx(np.mean((found[0] * X + found[1] - Y) ** 2), rel=1e-4) == J


@pytest.mark.parametrize(
    ("w", "b", "border"),
    [(1.0, 0.0, False), (0.5, -0.5, False), (-1.0, 0.0, True), (9.0, 0.0, True), (1.0, -3.0, True), (1.0, 3.0, True)],
)
def test_a_least_on_one_of_the_four_borders_may_not_be_the_least(w: float, b: float, border: bool) -> None:
    """The minimum of (w − …)² + (b − …)² is on a place of the grid, or outside beyond one side only."""
    grid = np.meshgrid(np.linspace(0, 2, 5), np.linspace(-1, 1, 5))
    surface = Surface(pair_of(line()), grid[0][0], grid[1][:, 0], (grid[0] - w) ** 2 + (grid[1] - b) ** 2)
    plot = descent_plot(DescentPicture(line(), surface, (path_of(line(), way()),)))
    shown = " ".join(plot.picture.text(Screen(99, False, True)).split())
    there = min(max(w, 0), 2), min(max(b, -1), 1)
    told = f"at W⁽¹⁾ = {there[0]:g}, b⁽¹⁾ = {there[1]:g}"
    least = (there[0] - w) ** 2 + (there[1] - b) ** 2
    assert f"least L drawn: {least:g} {told}{', on the border; L may fall further outside' * border} W⁽¹⁾" in shown
    assert shown.endswith("W⁽¹⁾ and b⁽¹⁾: the network's only parameters")


@pytest.mark.parametrize(
    ("ways", "names"),
    [
        ([way(rate=1)], ["sgd"]),
        ([way(batch=1), way(batch=2), way()], ["batch 1", "batch 2", "batch all"]),
        ([way("adam", 1), way("sgd", 1, 2.0)], ["adam, η 0.1", "sgd, η 2"]),
    ],
)
def test_the_table_names_what_differs_between_the_paths(ways: list[Way], names: list[str]) -> None:
    problem = line()
    paths = tuple(descents(problem, pair_of(problem), START, ways, 2, 1))
    picture = descent_plot(DescentPicture(problem, surface_around(problem, pair_of(problem), [*paths], None), paths))
    shown = (
        picture.picture.text(Screen(110, color=False, unicode=True))
        .partition("Where the paths end")[2]
        .partition("least L")[0]
    )
    rows = [row for row in shown.splitlines() if row.endswith("inside") or "from update" in row]
    assert [re.split(r" {3,}", row.strip())[0] for row in rows] == names


@pytest.mark.parametrize("columns", [80, 130])
def test_paths_of_three_options_have_a_row_each_even_if_some_diverge(columns: int) -> None:
    """Of 8 paths, those of rate 50 end 10⁸ and more away; the others keep four decimals, and all fit 80 columns."""
    problem = line()
    names = ("momentum", "nesterov")
    paths = [way(name, batch, rate) for name in names for batch in (4, None) for rate in (0.001, 50)]
    found = tuple(descents(problem, pair_of(problem), START, paths, 12, 1))
    surface = surface_around(problem, pair_of(problem), [*found], None)
    shown = descent_plot(DescentPicture(problem, surface, found)).picture.text(Screen(columns, False, True))
    table = shown.partition("Where the paths end")[2].partition("least L")[0].splitlines()
    assert max(map(len, table)) < columns
    assert len([row for row in table if "diverges" in row]) == 4
    assert [row.split()[0] for row in table if row.startswith(("  mom", "  nes"))] == [
        f"{name}," for name in names for _ in range(4)
    ]
    assert {word for row in table for word in row.split() if re.fullmatch(r"-?\d+\.\d{5,}", word)} == set()
    inside = [row.split() for row in table if "inside" in row]
    assert len(inside) == 4
    assert all(sum(bool(re.fullmatch(r"-?\d\.\d{4}", word)) for word in row) == 3 for row in inside)


def unit_square(*paths: Descent) -> DescentPicture:
    """Paths over a flat surface from (0, 0) to (1, 1)."""
    ends = np.array([0.0, 1.0])
    return DescentPicture(line(), Surface(pair_of(line()), ends, ends, np.zeros((2, 2))), paths)


@pytest.mark.parametrize(
    ("places", "end", "says"),
    [
        ([[0.5, 0.5], [2, 0], [0.4, 0.4], [0.9, 1.1], [1.5, 1]], 0.5, "outside from update 3"),
        ([[0.5, 0.5], [0.5, 1.1]], 1.0, "outside from update 1"),  # J is the same
        ([[0.5, 0.5], [0.5, -0.1]], 1.1, "diverges from update 1"),
        ([[2, 2], [3, 3]], 0.5, "outside from update 0"),
        ([[2, 2], [0, 1]], 2.0, "inside"),  # in a corner
        ([[0.5, 0.5], [np.nan, 0.5]], 0.5, "diverged: not finite"),
        ([[0.5, 0.5], [0.4, 0.4]], np.inf, "diverged: not finite"),
    ],
)
def test_since_when_a_path_is_outside(places: list[list[float]], end: float, says: str) -> None:
    plot = descent_plot(unit_square(Descent(way(), np.array(places), 4, (1.0, end))))
    assert plot.numbers.document["paths"][0]["ended"] == says


def test_the_document_has_all_that_the_picture_shows() -> None:
    """Not finite is null; a batch without a number is all samples."""
    one = Descent(way("adam", 4, 0.5), np.array([[0.5, 0.25], [np.inf, 0.0]]), 8, (1.0, np.nan))
    two = Descent(way(), np.array([[0.5, 0.25], [0.125, 0.0], [0.75, 1.0]]), 80, (1.0, 0.5))
    numbers = descent_plot(unit_square(one, two)).numbers
    assert numbers.document == {
        "title": "L of line",
        "parameters": ["W1[1,1]", "b1[1]"],
        "fixed": 0,
        "objective": "loss",
        "surface": {"across": [0, 1], "up": [0, 1], "values": [[0, 0], [0, 0]]},
        "paths": [
            {"optimizer": "adam", "batch": 4, "learning_rate": 0.5, "updates": 1, "gradients": 8}
            | {"places": [[0.5, 0.25], [None, 0]], "objective": None, "ended": "diverged: not finite"},
            {"optimizer": "sgd", "batch": "all", "learning_rate": 0.1, "updates": 2, "gradients": 80}
            | {"places": [[0.5, 0.25], [0.125, 0], [0.75, 1]], "objective": 0.5, "ended": "inside"},
        ],
    }
    assert numbers.flat.columns == ("kind", "path", "update", "W1[1,1]", "b1[1]", "objective")
    assert numbers.flat.rows[1] == ("surface", None, None, 1, 0, 0)
    assert numbers.flat.rows[4:6] == (
        ("path", "adam, batch 4, η 0.5", 0, 0.5, 0.25, None),
        ("path", "adam, batch 4, η 0.5", 1, None, 0, None),
    )


def test_what_is_fixed_is_counted() -> None:
    """Of the nine numbers of 2-2-1, seven; J is a loss with its penalty."""
    problem = hidden()
    surface = surface_around(problem, pair_of(problem, 1, 7), [], ((-1, 1), (-1, 1)))
    path = Descent(way(), np.zeros((1, 2)), 0, (1.0, 1.0))
    plot = descent_plot(DescentPicture(problem, surface, (path,)))
    assert plot.numbers.document["title"] == "J of 2-2-1; 7 other parameters fixed"
    assert (plot.numbers.document["fixed"], plot.numbers.document["objective"]) == (7, "loss + penalty")
    shown = " ".join(plot.picture.text(Screen(99, False, True)).split())
    assert shown.endswith("w₁₂⁽¹⁾ and w₁₂⁽²⁾: only these two are trained; the other 7 stay fixed")


def table_of(picture: DescentPicture) -> list[list[str]]:
    """The title and the rows of where paths end, in cells."""
    shown = descent_plot(picture).picture.text(Screen(120, color=False, unicode=True))
    lines = shown[shown.index("Where the paths end") : shown.index("least L")].splitlines()
    return [re.split(r" {2,}", line.strip()) for line in lines if line.strip() and "──" not in line]


def test_a_table_says_how_many_updates_there_are_once_or_for_each_path() -> None:
    one, two = (Descent(way(rate=rate), np.full((4, 2), 0.5), 120, (1.0, 0.5)) for rate in (0.1, 0.2))
    assert table_of(unit_square(one, two))[:2] == [
        ["Where the paths end, after 3 updates"],
        ["path", "gradients", "W⁽¹⁾", "b⁽¹⁾", "L", "ended"],
    ]
    title, heads, *rows = table_of(unit_square(one, two._replace(places=two.places[:3], gradients=80)))
    assert title == ["Where the paths end"]
    assert heads == ["path", "updates", "gradients", "W⁽¹⁾", "b⁽¹⁾", "L", "ended"]
    assert [row[:3] for row in rows] == [["η 0.1", "3", "120"], ["η 0.2", "2", "80"]]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.25, "0.2500"),
        (0.9e-12, "0.0000"),  # what rounding leaves of 0, beside the 1 of the surface
        (-99999.0, "-99999.0000"),
        (-1e5, "-1.0e+05"),
        (np.nan, "n/a"),
        (np.inf, "n/a"),
    ],
)
def test_the_end_of_a_path_is_as_short_as_it_can_be(number: float, text: str) -> None:
    path = Descent(way(), np.array([[0.5, 0.5], [0.25, number]]), 1, (1.0, 0.5))
    row = table_of(unit_square(path))[2]
    assert (row[2], row[3]) == ("0.2500", text)


def test_the_largest_number_of_the_surface_or_of_the_path_tells_what_rounding_leaves_of_0() -> None:
    """A trillionth of it: of 100 on one side of the surface, or of a place at 10⁶."""
    path = Descent(way(), np.array([[0.5, 0.5], [0.25, 0.9e-10]]), 1, (1.0, 0.5))
    picture, hundred = unit_square(path), np.array([0.0, 100.0])
    for surface in (picture.surface._replace(across=hundred), picture.surface._replace(up=hundred)):
        assert table_of(picture._replace(surface=surface))[2][3] == "0.0000"
    assert table_of(picture)[2][3] != "0.0000"
    away = path._replace(places=np.array([[0.5, 0.5], [1e6, 0.5], [np.nan, 0.5], [0.25, 0.9e-6]]))
    assert table_of(unit_square(away))[2][3] == "0.0000"


def test_a_path_is_drawn_along_a_border_and_into_a_corner() -> None:
    """The start is at the lower left, and the ends of the paths in the other corners."""
    for unicode in (True, False):
        paths = [Descent(way(), np.array([[0.0, 0.0], end]), 1, (1.0, 0.5)) for end in ([0, 1], [1, 0], [1, 1])]
        text = unit_square(*paths).text(Screen(60, False, unicode))
        rows = [re.split("[│┤|+]", row, maxsplit=1)[1] for row in text.splitlines()[-24:-3]]  # 21, above the axis
        left, right = [[row[k] for row in rows] for k in (0, -1)]
        assert (left[-1], left[0], right[-1], right[0]) == (
            "S",
            *(getattr(pen(k), "marker" if unicode else "plain") for k in range(3)),
        )
        assert " " not in left
        assert " " not in rows[-1]


def test_a_path_ends_when_one_of_its_two_parameters_is_too_large_to_draw() -> None:
    """J is w² + b². Each update multiplies w by 1 − 2·10¹⁰: the 15th of them leads beyond 1e150."""
    problem = line()._replace(x=np.array([[1.0], [-1.0]]), y=np.zeros((2, 1)))
    (path,) = descents(problem, pair_of(problem), np.array([1.0, 0.0]), [way(rate=1e10)], 100, 1)
    assert len(path.places) - 1 == 15
    assert path.places[-1, 1] == 0


def test_the_work_of_all_paths_counts() -> None:
    """Two batches of 40 samples and two parameters are 160 products for each update."""
    check_work(line(), [way(), way()], 125_000_000)
    with pytest.raises(ChoiceError, match="use 125000000 or fewer"):
        check_work(line(), [way(), way()], 125_000_001)


def test_what_overflows_or_takes_too_long_is_refused() -> None:
    problem = line()
    with pytest.raises(MlpError, match="overflows"):
        surface_around(line(scale=1e200), pair_of(problem), [], ((1, 2), (1, 2)))
    partly = surface_around(problem, pair_of(problem), [], ((0, 1e200), (1, 2))).objective  # (1e200 x)² is too large
    assert np.isfinite(partly[:, 0]).all()
    assert not np.isfinite(partly[:, 1:]).any()
    many = problem._replace(x=np.zeros((20_000_000, 1)))
    with pytest.raises(ChoiceError, match=r"20,000,000 samples .* of 2 parameters, at most 17,361,111;"):
        check_work(many, [way()], 1)  # 2·10¹⁰ / 24² / 2
    check_work(problem._replace(x=many.x[:17_361_111]), [way(batch=1)], 1)
    check_work(problem, [way(batch=1)] * 8, 10_000)
    check_work(problem, [way(batch=10**9)], 2 * 10**10 // 80)  # a batch has 40 samples at most
    with pytest.raises(ChoiceError, match="--updates 250000001 is too many for these batches; use 250000000 or fewer"):
        check_work(problem, [way()], 250_000_001)
    check_work(problem._replace(x=X.repeat(10_000, axis=0)), [way()], 25_000)
    with pytest.raises(ChoiceError, match="use 25000 or fewer"):
        check_work(problem._replace(x=X.repeat(10_000, axis=0)), [way()], 25_001)


def test_levels_rise_from_the_least_without_the_highest() -> None:
    values = np.arange(1.0, 101).reshape(10, 10)
    values[0, 0], values[9, 9] = np.inf, 1e9
    found = levels_of(Surface(pair_of(line()), values[0], values[0], values), 4)
    assert all(low < high for low, high in pairwise(found))
    assert 2 < found[0] < 10 < found[-1] < 100


def test_levels_of_a_bowl_are_evenly_apart_up_to_98_percent_of_the_surface() -> None:
    """Of J = r² at 101 places with J from 0 to 100, r at three levels is a third, two thirds and all of √98."""
    values = np.arange(101.0).reshape(1, 101)
    found = levels_of(Surface(pair_of(line()), values[0], values[0], values + 5), 3)
    assert np.sqrt(found - 5) == pytest.approx(np.sqrt(98) * np.array([1 / 3, 2 / 3, 1]))


def test_around_the_paths_is_a_share_of_their_range_and_no_side_is_much_narrower_than_the_other() -> None:
    """From (0, 0) to (10, 1): 0.15 of 10 on the left and right; up, half of 10, in the middle of which is the 1.

    A path that ends above its start does not count, but its start does.
    """
    problem = line()
    down = Descent(way(), np.array([[0.0, 0.0], [10.0, 1.0]]), 1, (1.0, 1.0))
    up = Descent(way(), np.array([[0.0, 0.0], [-99.0, 99.0]]), 1, (1.0, 1.1))
    for paths in ([down], [down, up], [up, down]):
        found = surface_around(problem, pair_of(problem), paths, None)
        ends = found.across[0], found.across[-1], found.up[0], found.up[-1]
        assert ends == pytest.approx((-1.5, 11.5, 0.5 - 2.5, 0.5 + 2.5))


@pytest.mark.parametrize(("work", "places"), [(10**9, 60), (80 * 30**2, 30), (80 * 31**2 - 1, 30), (80, 24)])
def test_a_surface_that_takes_long_has_fewer_places(work: int, places: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 40 samples and two parameters, each place takes 80 products."""
    monkeypatch.setattr(descent, "USUAL_WORK", work)
    found = surface_around(line(), pair_of(line()), [], ((0, 1), (0, 1)))
    assert found.objective.shape == (places + 1, places + 1)


def test_a_path_is_clipped_where_it_leaves_the_square() -> None:
    """From the middle out at the right, (1, 0.75), around, and through the square from (0, 0.5) to (0.5, 1)."""
    path = np.array([[0.5, 0.5], [1.5, 1.0], [-0.5, 2.0], [-0.5, 0.0], [1.0, 1.5], [np.nan, 1]])
    found = _clipped(path)
    parts = found[np.isfinite(found).all(axis=1)]
    np.testing.assert_allclose(parts, [[0.5, 0.5], [1, 0.75], [0, 0.5], [0.5, 1]], atol=1e-12)
    still = np.array([[0.2, 0.3], [0.2, 0.3], [0.2, 2.3]])
    np.testing.assert_allclose(_clipped(still)[-3:-1], [[0.2, 0.3], [0.2, 1]], atol=1e-12)
    for border in (0.0, 1.0):
        along = np.array([[border, 0.2], [border, 0.8]])
        np.testing.assert_allclose(_clipped(along)[1:-1], along, atol=1e-12)
        np.testing.assert_allclose(_clipped(along[:, ::-1])[1:-1], along[:, ::-1], atol=1e-12)


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("unicode", [True, False])
def test_it_fits_the_terminal(columns: int, unicode: bool) -> None:
    problem = hidden()
    pair = pair_of(problem, 1, 7)
    paths = descents(problem, pair, START, [way(), way("adam", 4), way(rate=50)], 15, 1)
    plot = descent_plot(DescentPicture(problem, surface_around(problem, pair, paths, None), tuple(paths)))
    shown = plot.picture.text(Screen(columns, color=False, unicode=unicode))
    assert max(map(len, shown.splitlines())) <= columns
    assert unicode or shown.isascii()
    assert "S" in shown
    assert len([row for row in plot.numbers.flat.rows if row[0] == "path"]) == sum(len(path.places) for path in paths)


def test_levels_have_as_many_digits_as_tell_them_apart() -> None:
    assert level_texts(np.array([0.5, 1.25, 3.14159])) == ["0.5", "1.25", "3.14"]
    assert level_texts(np.array([0.003712, 0.003713, 0.0038])) == ["0.003712", "0.003713", "0.0038"]
    assert level_texts(np.array([1.0, 1.0])) == ["1", "1"]
    assert level_texts(np.nextafter([1.0, 1.0], [1, 2])) == ["1", "1.0000000000000002"]


def test_paths_that_diverge_lie_below_the_others() -> None:
    """Of sgd and adam, the rate 0.05 goes down, and 1e300 goes far up."""
    with drawn(PICTURES["descent"]) as figure:
        paths = [line for line in figure.axes[0].lines if line.get_marker() == "."]
        down, _, up = paths[:3]
        assert up.get_zorder() < down.get_zorder()


def test_an_image_of_a_descent_has_its_title_and_the_whole_surface() -> None:
    picture = PICTURES["descent"].picture  # type: ignore[attr-defined]
    surface = picture.surface
    with drawn(PICTURES["descent"]) as figure:
        (axes,) = figure.axes
        assert (axes.get_title(loc="left") or axes.get_title()).replace("\n", " ") == "L of line"
        assert axes.get_xlim() == (surface.across[0], surface.across[-1])
        assert axes.get_ylim() == (surface.up[0], surface.up[-1])
        assert (axes.get_xlabel(), axes.get_ylabel()) == tuple(p.symbol for p in surface.parameters)
