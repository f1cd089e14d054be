"""Paths of gradient descent beside loops written by hand, and the surface beside brute force."""

import re
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from core_helpers import activation, random_network

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


def test_a_least_on_the_border_may_not_be_the_least() -> None:
    """J = w + 2b falls towards the lower left corner of the picture; (w − 1)² + b² has its minimum inside."""
    w, b = np.meshgrid(np.linspace(0, 2, 5), np.linspace(-1, 1, 5))
    for values, outside in ((w + 2 * b, True), ((w - 1) ** 2 + b**2, False)):
        surface = Surface(pair_of(line()), w[0], b[:, 0], values)
        plot = descent_plot(DescentPicture(line(), surface, (path_of(line(), way()),)))
        shown = plot.picture.text(Screen(99, False, True))
        assert ("on the border; L may fall further outside" in shown) == outside


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


def test_since_when_a_path_is_outside() -> None:
    surface = Surface(pair_of(line()), np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.zeros((2, 2)))
    places = np.array([[0.5, 0.5], [2, 0], [0.4, 0.4], [0.9, 1.1], [1.5, 1]])
    plot = descent_plot(DescentPicture(line(), surface, (Descent(way(), places, 4, (1.0, 0.5)),)))
    assert plot.numbers.document["paths"][0]["ended"] == "outside from update 3"


def test_what_overflows_or_takes_too_long_is_refused() -> None:
    problem = line()
    with pytest.raises(MlpError, match="overflows"):
        surface_around(line(scale=1e200), pair_of(problem), [], ((1, 2), (1, 2)))
    partly = surface_around(problem, pair_of(problem), [], ((0, 1e200), (1, 2))).objective  # (1e200 x)² is too large
    assert np.isfinite(partly[:, 0]).all()
    assert not np.isfinite(partly[:, 1:]).any()
    many = problem._replace(x=np.zeros((20_000_000, 1)))
    with pytest.raises(ChoiceError, match="too many for a surface"):
        check_work(many, [way()], 1)
    check_work(problem, [way(batch=1)] * 8, 10_000)
    check_work(problem._replace(x=X.repeat(10_000, axis=0)), [way()], 25_000)
    with pytest.raises(ChoiceError, match="use 25000 or fewer"):
        check_work(problem._replace(x=X.repeat(10_000, axis=0)), [way()], 25_001)


def test_levels_rise_from_the_least_without_the_highest() -> None:
    values = np.arange(1.0, 101).reshape(10, 10)
    values[0, 0], values[9, 9] = np.inf, 1e9
    found = levels_of(Surface(pair_of(line()), values[0], values[0], values), 4)
    assert all(low < high for low, high in pairwise(found))
    assert 2 < found[0] < 10 < found[-1] < 100


def test_a_path_is_clipped_where_it_leaves_the_square() -> None:
    """From the middle out at the right, (1, 0.75), around, and through the square from (0, 0.5) to (0.5, 1)."""
    path = np.array([[0.5, 0.5], [1.5, 1.0], [-0.5, 2.0], [-0.5, 0.0], [1.0, 1.5], [np.nan, 1]])
    found = _clipped(path)
    parts = found[np.isfinite(found).all(axis=1)]
    np.testing.assert_allclose(parts, [[0.5, 0.5], [1, 0.75], [0, 0.5], [0.5, 1]], atol=1e-12)
    still = np.array([[0.2, 0.3], [0.2, 0.3], [0.2, 2.3]])
    np.testing.assert_allclose(_clipped(still)[-3:-1], [[0.2, 0.3], [0.2, 1]], atol=1e-12)


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
