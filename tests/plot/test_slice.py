"""A slice: J and its derivative over one parameter, and where the derivative is 0, beside hand calculation."""

import re

import numpy as np
import pytest
from core_helpers import activation, lecture_network, random_network

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain
from mlpcli.core.objective import Objective, objective_of
from mlpcli.derivation.check import check_gradient
from mlpcli.plot.parameters import Problem, parameter_named, parameters_named
from mlpcli.plot.slice import CORNER, END, FLAT, Slice, slice_of, stationary, usual_range
from mlpcli.plot.slice_plot import slice_plot
from mlpcli.report.notation import parameter_at
from mlpcli.report.text import Screen

X, Y = np.array([[0.5, -0.5], [0.5, 2.0], [-0.5, 1.5]]), np.eye(3)[[1, 0, 0]]
W21 = 2  # its place in the lecture's θ
NEGATIVES = objective_of(LOSSES["ce-negatives"])


def sliced(network: Network, objective: Objective, x: Array, y: Array, place: int, ends: tuple[float, float]) -> Slice:
    return slice_of(Problem(network, objective, x, y, "some samples"), parameter_at(network, place), ends)


def lecture_slice(place: int, x: Array, y: Array, low: float = -6, high: float = 6) -> Slice:
    return sliced(lecture_network(), NEGATIVES, x, y, place, (low, high))


def loss_by_hand(w21: float) -> float:
    """L of the lecture's network with another w₂₁⁽¹⁾, in plain NumPy."""
    a = X @ np.array([[0.1, -0.2], [w21, 0.6]]).T + [0.2, -0.3]
    z = np.maximum(a, 0) @ np.array([[0.3, -0.3], [0.2, 0.1], [0.3, -0.2]]).T + [-0.1, -0.5, -0.4]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return float(-(Y * np.log(p) + (1 - Y) * np.log(1 - p)).sum(axis=1).mean())


def linear(w: float, b: float) -> Network:
    return Network(chain(1, [1], [activation("linear")]), np.array([w, b]))


def test_two_minima_and_the_corner_between_them() -> None:
    """By hand: at −0.3 samples 2 and 3, both of class 1, have the same a₂ = 0.75, and their gradients cancel.

    At 1.2, a₂ of sample 1 is 0.5·1.2 − 0.6·0.5 − 0.3 = 0, the kink of ReLU.
    """
    found = lecture_slice(W21, X, Y)
    kinds = [row.kind.partition(":")[0] for row in found.stationary]
    assert kinds == [END, "minimum", f"{CORNER}, maximum", "minimum", END]
    one, corner, two = found.stationary[1:-1]
    assert (one.start, corner.start) == pytest.approx((-0.3, 1.2), abs=1e-12)
    fine = np.linspace(2, 6, 400_001)[::40]
    assert two.start == pytest.approx(fine[np.argmin([loss_by_hand(w) for w in fine])], abs=4e-4)
    assert found.stationary[found.least] is two
    for row in found.stationary:
        assert row.objective == pytest.approx(loss_by_hand(row.start), rel=1e-12)


def test_the_curve_is_the_loss_and_its_slope() -> None:
    found = lecture_slice(W21, X, Y)
    np.testing.assert_allclose(found.objective, [loss_by_hand(w) for w in found.w], rtol=1e-12)
    away = np.abs(found.w - 1.2) > 0.02  # from the corners: at −1.8, too, a₂ of sample 2 is 0
    away &= np.abs(found.w + 1.8) > 0.02
    central = [(loss_by_hand(w + 1e-6) - loss_by_hand(w - 1e-6)) / 2e-6 for w in found.w[away]]
    np.testing.assert_allclose(found.derivative[away], central, atol=1e-8)


def test_a_dead_unit_is_flat_up_to_its_kink() -> None:
    """a₁ = 0.2 + 1.8 w₁₁ − 0.2·0.5 is 0 at w₁₁ = −1/18. L then falls to the end of the range."""
    found = lecture_slice(0, np.array([[1.8, 0.5]]), np.array([[1.0, 0, 0]]), -3.9, 4.1)
    _, flat, end = found.stationary
    assert (flat.kind, flat.start, flat.end) == (FLAT, -3.9, pytest.approx(-1 / 18, abs=1e-12))
    assert found.stationary[found.least] is end


@pytest.mark.parametrize(("low", "high", "further"), [(0.5, 2.5, "-1.5,2.5"), (-3, -2, "-3,-1")])
def test_beyond_the_end_where_j_is_least_a_wider_range_is_suggested(low: float, high: float, further: str) -> None:
    """(w − 0.25)² is least at 0.25, below the one range and above the other."""
    network, mse = linear(1.0, 0.0), objective_of(LOSSES["mse"])
    found = sliced(network, mse, np.ones((1, 1)), np.array([[0.25]]), 0, (low, high))
    assert [row.kind for row in found.stationary] == [END, END]
    shown = slice_plot(found).picture.text(Screen(99, False, True))
    assert f"--range {further} goes further" in shown
    assert f"nowhere from {low:g} to {high:g}" in shown


def test_a_loss_that_falls_forever_ends_the_advice() -> None:
    """log(1 + e^−b) of a sigmoid falls for every b: the usual range, 8 wide, is doubled once."""
    network, bce = Network(chain(1, [1], [activation("sigmoid")]), np.array([0.0, 0.0])), objective_of(LOSSES["bce"])
    for high, words in (
        (4, "--range -4,12 goes further"),
        (8, "it may fall forever"),
        (12, "to the end of the range; it may fall forever"),
    ):
        found = sliced(network, bce, np.ones((1, 1)), np.ones((1, 1)), 1, (-4, high))
        shown = slice_plot(found).picture.text(Screen(99, False, True))
        assert words in shown


def test_the_usual_range_has_the_present_value_in_its_middle() -> None:
    assert usual_range(0.5) == (-3.5, 4.5)
    assert usual_range(-10) == (-30, 10)


@pytest.mark.parametrize("l2", [0.0, 0.7])
@pytest.mark.parametrize("w", [-3.0, 0.0, 2.5])
def test_a_linear_unit_has_the_one_minimum_of_least_squares(l2: float, w: float) -> None:
    """mean (wx + b − y)² + λw²/2: w* = Σx(y − b)/(Σx² + λn/2)"""
    g = np.random.default_rng(3)
    x, y, b = g.normal(size=(20, 1)), g.normal(size=(20, 1)), 0.3
    found = sliced(linear(w, b), objective_of(LOSSES["mse"], l2=l2), x, y, 0, usual_range(w))
    expected = (x * (y - b)).sum() / ((x * x).sum() + l2 * 20 / 2)
    (row,) = found.stationary[1:-1]
    assert (row.kind, row.start) == ("minimum", pytest.approx(expected, abs=1e-12))
    J = np.mean((expected * x + b - y) ** 2) + l2 * expected**2 / 2
    assert row.objective == pytest.approx(J)


@pytest.mark.parametrize(("slope", "kind"), [(0.1, f"{CORNER}, minimum: -1 to 0.1"), (1e-7, "minimum")])
def test_a_corner_has_both_derivatives_above_a_millionth_of_the_larger_one(slope: float, kind: str) -> None:
    """dJ/dw is −1 on the left of 0."""
    _, found, _ = stationary(
        lambda w: (max(-w, slope * w), -1.0 if w < 0 else slope),
        np.array([-1.0, 1.0]),
        np.array([1.0, slope]),
        np.array([-1.0, slope]),
    )
    assert found.kind == kind


def test_l1_has_its_minimum_at_a_corner() -> None:
    """(w − 0.1)² + |w| is least at 0, where the derivative jumps from −1.2 to 0.8."""
    objective = objective_of(LOSSES["mse"], l1=1.0)
    found = sliced(linear(1.0, 0.0), objective, np.ones((1, 1)), np.array([[0.1]]), 0, (-3.1, 4.0))
    (row,) = found.stationary[1:-1]
    assert (row.kind, row.start) == (f"{CORNER}, minimum: -1.2 to 0.8", pytest.approx(0, abs=1e-12))
    assert np.isnan(row.derivative)


def test_steps_are_flat_parts_of_different_losses() -> None:
    """step(w·1 + 0): ŷ is 0 below 0 and 1 from there on, the target."""
    network = Network(chain(1, [1], [activation("step")]), np.array([1.0, 0.0]))
    found = sliced(network, objective_of(LOSSES["mse"]), np.ones((1, 1)), np.ones((1, 1)), 0, (-1, 2))
    one, two = found.stationary[1:-1]
    assert (one.kind, one.start, one.objective) == (FLAT, -1, 1)
    assert (two.kind, two.end, two.objective) == (FLAT, 2, 0)
    assert one.end == pytest.approx(0, abs=1e-9)
    assert found.stationary[found.least] is two
    shown = slice_plot(found).picture.text(Screen(99, False, True))
    assert re.search(r"L is least at W⁽¹⁾ = \S+ … 2, in this range", shown)
    assert "depend" not in shown


@pytest.mark.parametrize(
    ("power", "factor", "kind"),
    [(2, 1.0, "minimum"), (2, -1.0, "maximum"), (3, 1.0, "inflection"), (3, -1.0, "inflection")],
)
@pytest.mark.parametrize("low", [-1.0, -1.5])
def test_a_zero_is_told_by_the_signs_around_it(power: int, factor: float, kind: str, low: float) -> None:
    """At 0, which is one of the places, or lies between two of them, where w³ has no change of sign to be found."""
    w = np.array([low, low + 1, low + 2])
    _, *found, _ = stationary(
        lambda w: (factor * w**power, power * factor * w ** (power - 1)),
        w,
        factor * w**power,
        power * factor * w ** (power - 1),
    )
    expected = [] if kind == "inflection" and low != -1 else [kind]
    assert [row.kind for row in found] == expected
    assert [row.start for row in found] == pytest.approx([0] * len(expected), abs=1e-9)


def test_what_rounding_leaves_of_0_is_flat() -> None:
    """A millionth of a millionth of J over the range: 10⁻¹²·10⁶/2, beside which 10⁻⁸ is 0."""
    w, same = np.array([0.0, 1.0, 2.0]), np.full(3, 1e6)
    found = stationary(lambda w: (1e6, 1e-8), w, same, np.full(3, 1e-8))
    assert [(row.kind, row.start, row.end) for row in found[1:-1]] == [(FLAT, 0, 2)]
    assert len(stationary(lambda w: (1e6, 1e-6), w, same, np.full(3, 1e-6))) == 2


def test_where_an_end_is_no_lower_than_a_zero_the_least_is_the_zero() -> None:
    """w² from 0 to 2 has its zero at the end; of two equal minima, the first one is the least."""
    found = sliced(linear(1.0, 0.0), objective_of(LOSSES["mse"]), np.ones((1, 1)), np.zeros((1, 1)), 0, (0, 2))
    least = found.stationary[found.least]
    assert (least.kind, least.start) == (FLAT, 0)


def test_as_many_samples_as_a_minute_has_time_for_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two parameters, 200 steps with three samples take 1200 products."""
    monkeypatch.setattr("mlpcli.plot.slice.MOST_WORK", 1200)
    mse = objective_of(LOSSES["mse"])
    assert len(sliced(linear(1.0, 0.0), mse, np.ones((3, 1)), np.ones((3, 1)), 0, (0, 1)).w) == 1001
    with pytest.raises(ChoiceError, match=r"^4 samples are too many for a slice of this network; .* --rows 0:3$"):
        sliced(linear(1.0, 0.0), mse, np.ones((4, 1)), np.ones((4, 1)), 0, (0, 1))


@pytest.mark.parametrize("seed", range(6))
def test_every_change_of_sign_of_a_finer_brute_force_is_found(seed: int) -> None:
    g = np.random.default_rng(seed)
    network = random_network(2, [3, 1], ["tanh", "linear"], seed)
    x, y = g.normal(size=(5, 2)), g.normal(size=(5, 1))
    place = int(g.integers(6))

    def loss(w: float) -> float:
        theta = network.theta.copy()
        theta[place] = w
        h = np.tanh(x @ theta[:6].reshape(3, 2).T + theta[6:9])
        return float(np.mean((h @ theta[9:12, None] + theta[12] - y) ** 2))

    found = sliced(network, objective_of(LOSSES["mse"]), x, y, place, (-5, 5))
    fine = np.linspace(-5, 5, 4001)
    values = np.array([loss(w) for w in fine])
    turns = fine[1:-1][np.diff(np.sign(np.diff(values))) != 0]
    np.testing.assert_allclose([row.start for row in found.stationary[1:-1]], turns, atol=0.0026)


def test_what_overflows_everywhere_is_refused_and_elsewhere_left_out() -> None:
    mse = objective_of(LOSSES["mse"])
    with pytest.raises(MlpError, match="overflows"):
        sliced(linear(1.0, 0.0), mse, np.full((1, 1), 1e200), np.zeros((1, 1)), 0, (1, 2))
    found = sliced(linear(1.0, 0.0), mse, np.full((1, 1), 1e154), np.zeros((1, 1)), 0, (-3, 3))
    assert 0 < np.isfinite(found.objective).sum() < len(found.w)
    assert found.stationary[found.least].start == pytest.approx(0, abs=1e-6)


def test_too_many_samples_are_refused() -> None:
    """10¹⁰ products, 200 steps and 2 parameters are 25 million samples."""
    with pytest.raises(ChoiceError, match=r"60,000,000 samples are too many .* --rows 0:25000000$"):
        sliced(linear(1.0, 0.0), NEGATIVES, np.zeros((60_000_000, 1)), np.zeros((1, 1)), 0, (0, 1))


@pytest.mark.parametrize(("work", "points"), [(10**9, 1001), (6 * 300, 301), (6 * 301 - 1, 301), (6, 201)])
def test_a_slice_that_takes_long_has_fewer_points(work: int, points: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three samples and two parameters, each takes 6 products."""
    monkeypatch.setattr("mlpcli.plot.slice.USUAL_WORK", work)
    mse = objective_of(LOSSES["mse"])
    assert len(sliced(linear(1.0, 0.0), mse, np.ones((3, 1)), np.ones((3, 1)), 0, (0, 1)).w) == points


@pytest.mark.parametrize("columns", [80, 40])
def test_its_tables_are_the_lecture_s_four_steps(columns: int) -> None:
    plot = slice_plot(lecture_slice(W21, X, Y))
    shown = plot.picture.text(Screen(columns, color=False, unicode=True))
    assert max(map(len, shown.splitlines())) <= columns
    assert "-0.3; 1.2 (jumps); 3.34899" in " ".join(shown.split()) or columns == 40
    assert " ".join(shown.split()).endswith("all other parameters fixed")
    assert plot.numbers.document["stationary"][3]["least"]


def test_the_four_steps_and_all_w_star_by_hand() -> None:
    """J = |w| at w = 2, with one other parameter: its slope is −1 on the left of 0, 1 on the right, and 0 there."""
    network, mae = linear(2.0, 0.0), objective_of(LOSSES["mae"])
    found = sliced(network, mae, np.ones((1, 1)), np.zeros((1, 1)), 0, (-1, 3))
    shown = slice_plot(found).picture.text(Screen(None, False, True))
    tables = [re.split(r" {2,}", line.strip()) for line in shown[shown.index("The analytical") :].splitlines() if line]
    assert [row for row in tables if "──" not in row[0]] == [
        ["The analytical approach, for one weight"],
        ["step", "what", "result"],
        ["1", "choose a weight", "W⁽¹⁾ = 2; 1 other parameter fixed"],
        ["2", "dL/dW⁽¹⁾ as a function", "da⁽¹⁾ x, at 1001 points"],
        ["3", "where it is 0", "0"],
        ["4", "the least L", "0 at 0, minimum"],
        ["L at each W*"],
        ["W*", "L", "dL/dW", "kind"],
        ["-1", "1.0000", "-1.0000", "end of the range"],
        ["0", "0.0000", "0.0000", "minimum ← least"],
        ["3", "3.0000", "1.0000", "end of the range"],
        ["L is least at W⁽¹⁾ = 0, in this range, all other parameters fixed"],
    ]


def test_the_curves_of_a_slice_have_a_marker_at_the_present_value_and_points_where_w_may_be_least() -> None:
    network, mse = linear(2.0, 0.0), objective_of(LOSSES["mse"])
    for ends, marked in (((-1, 3), True), ((-1, 1), False)):
        picture = slice_plot(sliced(network, mse, np.ones((1, 1)), np.zeros((1, 1)), 0, ends)).picture
        one, two = picture.picture.panels
        assert (one.title, one.x_name, two.title) == ("L of some samples", "W⁽¹⁾", "dL/dW⁽¹⁾")
        assert [line.name for line in one.lines] == ["L" + ", now at 2" * marked, "W*"]
        assert [line.name for line in two.lines] == ["derivative", "W*"]
        for panel, at_2 in ((one, 4), (two, 4)):  # w² and 2w
            line, star = panel.lines
            assert line.x[line.marks] == pytest.approx([2] * marked)
            assert line.y[line.marks] == pytest.approx([at_2] * marked)
            np.testing.assert_allclose([star.x, star.y], [[0, np.nan], [0, np.nan]], atol=1e-9)


def test_the_document_of_a_slice_has_its_curve_and_its_stationary_places() -> None:
    network, mse = linear(2.0, 0.5), objective_of(LOSSES["mse"], l2=0.5)
    numbers = slice_plot(sliced(network, mse, np.ones((3, 1)), np.full((3, 1), 0.5), 0, (-1, 3))).numbers
    curve, places = numbers.document.pop("curve"), numbers.document.pop("stationary")
    assert numbers.document == {
        "title": "some samples", "parameter": "W1[1,1]", "value": 2, "objective": "loss + penalty", "samples": 3
    }  # fmt: skip
    w = np.linspace(-1, 3, 1001)
    np.testing.assert_allclose(curve["w"], w)
    np.testing.assert_allclose(curve["objective"], 1.25 * w**2)  # w² + 0.5 w²/2
    np.testing.assert_allclose(curve["derivative"], 2.5 * w, atol=1e-12)
    assert [place["kind"] for place in places] == [END, "minimum", END]
    assert [place["least"] for place in places] == [False, True, False]
    columns, rows = numbers.flat.columns, numbers.flat.rows
    assert columns == ("kind", "from", "to", "objective", "derivative", "least")
    assert rows[0] == ("curve", -1, -1, pytest.approx(1.25), pytest.approx(-2.5), "")
    assert [(row[0], row[-1]) for row in rows[1001:]] == [(END, ""), ("minimum", "least"), (END, "")]


@pytest.mark.parametrize(
    ("plain", "samples", "settings", "formula"),
    [
        ("W1[2,1]", 1, {}, "da₂⁽¹⁾ x₁"),
        ("W2[3,2]", 4, {"l2": 0.1}, "1/n Σ da₃⁽²⁾ h₂⁽¹⁾ + λ₂ w₃₂⁽²⁾"),
        ("W2[3,2]", 4, {"l1": 0.1, "batch_reduction": "sum"}, "Σ da₃⁽²⁾ h₂⁽¹⁾ + λ₁ sign(w₃₂⁽²⁾)"),
        ("b2[1]", 4, {"l2": 0.1}, "1/n Σ da₁⁽²⁾"),
        ("b2[1]", 4, {"l1": 0.1}, "1/n Σ da₁⁽²⁾"),
        ("b2[1]", 1, {"l2": 0.1, "regularize_bias": True}, "da₁⁽²⁾ + λ₂ b₁⁽²⁾"),
        ("b2[1]", 1, {"l1": 0.1, "regularize_bias": True}, "da₁⁽²⁾ + λ₁ sign(b₁⁽²⁾)"),
    ],
)
def test_the_derivative_is_also_a_formula(plain: str, samples: int, settings: dict[str, float], formula: str) -> None:
    """With the a, h and da of these samples, it is the number that the slice has at the present value."""
    network, objective = lecture_network(), objective_of(LOSSES["cce"], **settings)
    x, y = np.random.default_rng(1).normal(size=(samples, 2)) + 1, np.eye(3)[np.arange(samples) % 3]
    w = parameter_named(network, plain, None, "--weight")
    now = float(network.theta[w.number])
    found = sliced(network, objective, x, y, w.number, (now - 1, now + 1))
    shown = slice_plot(found).picture.text(Screen(100, color=False, unicode=True))
    assert f" {formula}, at 1001 points" in shown
    values = by_hand(network, x, y)
    factors = formula.split("Σ ")[-1].split(" + ")[0].split()
    gradient = np.prod([values[factor] for factor in factors], axis=0).sum() / (samples if "1/n" in formula else 1)
    penalty = 0.1 * now * ("λ₂" in formula) + 0.1 * np.sign(now) * ("λ₁" in formula)
    assert found.derivative[500] == pytest.approx(gradient + penalty)


@pytest.mark.parametrize(("weights", "of_classes"), [((1.0, 2.0, 3.0), None), (None, (2.0, 1.0, 1.0))])
def test_the_derivative_has_the_factors_of_weighted_samples(
    weights: tuple[float, ...] | None, of_classes: tuple[float, ...] | None
) -> None:
    objective = objective_of(LOSSES["cce"], class_weights=of_classes)
    problem = Problem(lecture_network(), objective, X, Y, "", None if weights is None else np.array(weights))
    found = slice_of(problem, parameter_at(problem.network, W21), (-1, 1))
    assert " Σ ω da₂⁽¹⁾ x₁, at" in slice_plot(found).picture.text(Screen(99, False, True))


def by_hand(network: Network, x: Array, y: Array) -> dict[str, Array]:
    """x, h⁽¹⁾, da⁽¹⁾ and da⁽²⁾ = ŷ − y of the lecture's network with cross-entropy, by name, (n,) each."""
    (W1, b1, _), (W2, b2, _) = network.parameters
    a1 = x @ W1.T + b1
    h1 = np.maximum(a1, 0)
    e = np.exp(h1 @ W2.T + b2)
    da2 = e / e.sum(axis=1, keepdims=True) - y
    da1 = (da2 @ W2) * (a1 > 0)
    named = {"x{}": x, "h{}⁽¹⁾": h1, "da{}⁽¹⁾": da1, "da{}⁽²⁾": da2}
    return {name.format("₁₂₃"[k]): column for name, values in named.items() for k, column in enumerate(values.T)}


# ----- Names --------------------------------------------------------------------------------------------------------


def test_names_are_those_of_a_check() -> None:
    network = random_network(2, [3, 12], ["prelu", "softmax"])
    x, y = np.ones((1, 2)), np.eye(12)[:1]
    checked = check_gradient(np.zeros(network.theta.size), network, objective_of(LOSSES["cce"]), x, y)
    for place, element in enumerate(checked):
        found = parameter_at(network, place)
        assert (found.number, found.key) == (place, element.name)
        assert parameter_named(network, element.name, None, "--weight") == found
        if all(int(number) < 10 for number in re.findall(r"\d+", element.name)):
            assert parameter_named(network, found.symbol, None, "--weight") == found


@pytest.mark.parametrize(
    ("text", "layer", "plain"),
    [("w22(2)", 2, "W2[2,2]"),
     ("w12", None, "W1[1,2]"), ("w12", 2, "W2[1,2]"), ("W12", 2, "W2[1,2]"), ("b3", 2, "b2[3]"),
     ("w₃₁⁽²⁾", None, "W2[3,1]"), ("W2[3,1]", 2, "W2[3,1]"), (" b1 ", None, "b1[1]")],
)  # fmt: skip
def test_a_name_may_be_short(text: str, layer: int | None, plain: str) -> None:
    assert parameter_named(lecture_network(), text, layer, "--weight").key == plain


@pytest.mark.parametrize(
    ("text", "layer", "says"),
    [("w", None, "takes w12"), ("v11", None, r"--weight takes w12 \(unit 1, input 2\), b1, .* not 'v11'$"),
     ("w" * 41, None, f"not '{'w' * 40}'$"), ("w13", None, r"^--weight w13: layer 1 has W1\[1,1\] to W1\[2,2\]$"),
     ("w11", 3, "^--weight w11: there is no layer 3; the network has the layers 1 to 2$"), ("w01", None, "has W1"),
     ("W2[1,1]", 1, r"^--weight W2\[1,1\] names layer 2, and --layer is 1; leave --layer out$"),
     ("w10", None, "has W1"),
     ("w21(1)", 2, "names layer 1"), ("b3", None, r"has b1\[1\] to b1\[2\]"), ("b0", None, "has b1"),
     ("b1[1,1]", None, r"has b1"), ("W1[1]", None, "has W1"), ("alpha1", None, "learns no"),
     ("W0[1,1]", None, "no layer 0")],
)  # fmt: skip
def test_a_name_that_the_network_does_not_have_is_refused(text: str, layer: int | None, says: str) -> None:
    with pytest.raises(ChoiceError, match=says):
        parameter_named(lecture_network(), text, layer, "--weight")


def test_two_names_may_have_commas_of_their_own() -> None:
    one, two = parameters_named(lecture_network(), "W2[1,2],b1", None, "--over")
    assert (one.key, two.key) == ("W2[1,2]", "b1[1]")
    for text, says in (
        ("w11", "^--over takes two parameters, such as w11,b1, not w11$"),
        ("w11,w12,w21", "^--over takes two parameters, such as w11,b1, not w11, w12 and w21$"),
        ("w11,w1₁", "^--over w11,w1₁ names one parameter twice; give two$"),
    ):
        with pytest.raises(ChoiceError, match=says):
            parameters_named(lecture_network(), text, None, "--over")


def test_a_parameter_without_effect_is_told() -> None:
    """Unit 1 of the lecture's network with both weights 0 and b = −9 is dead, so w₁₁ of layer 2 changes nothing."""
    network = lecture_network()
    network.parameters[0].W[0], network.parameters[0].b[0] = 0, -9
    found = sliced(network, NEGATIVES, X, Y, 6, (-1, 1))
    assert [row.kind for row in found.stationary] == [END, FLAT, END]
    assert "does not depend on w₁₁⁽²⁾ in this range" in slice_plot(found).picture.text(Screen(99, False, True))


def test_the_derivative_of_a_learned_slope_is_in_the_legend() -> None:
    network = random_network(2, [2, 1], ["prelu", "linear"])
    alpha = network.layers[0].units * 3  # after W and b of the first layer
    found = sliced(network, objective_of(LOSSES["mse"]), X, Y[:, :1], alpha, (-1, 1))
    assert "1/n Σ ∂h/∂α dh₁⁽¹⁾" in slice_plot(found).picture.text(Screen(99, False, True))
