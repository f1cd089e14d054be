"""The gradient check: it passes what is right, fails what is wrong, and knows a kink."""

from dataclasses import replace

import numpy as np
import pytest
from core_helpers import activation, goes_together

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, count, empty
from mlpcli.core.objective import Objective, objective_of
from mlpcli.core.propagation import backward, forward
from mlpcli.derivation.check import CENTRAL, COMPLEX, Check, Element, Method, _central_difference, check_gradient
from mlpcli.derivation.quantities import View

X = np.random.default_rng(8).uniform(-1, 1, (3, 2))
Y = np.eye(3)[[0, 2, 1]]


def check_backward(network: Network, objective: Objective, x: np.ndarray, y: np.ndarray) -> tuple[Element, ...]:
    """The check of what back-propagation gives."""
    gradient = backward(network, forward(network, x), objective, y).dtheta
    return check_gradient(gradient, network, objective, x, y)


def drawn(hidden: str, last: str) -> Network:
    layers = chain(2, [3, 3], [activation(hidden), activation(last)])
    return Network(layers, np.random.default_rng(4).uniform(-0.9, 0.9, count(layers)))


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("loss", ["cce", "kl", "ce-negatives", "bce", "mse", "half-sse"])
def test_a_right_gradient_passes(hidden: str, loss: str) -> None:
    checked = check_backward(drawn(hidden, "softmax"), objective_of(LOSSES[loss], l2=0.1), X, Y)
    assert all(element.right for element in checked)
    assert max(abs(element.exact) for element in checked) > 1e-3  # there was something to check


def test_a_wrong_derivative_is_found() -> None:
    """tanh with the derivative of sigmoid, h (1 − h): a mistake that people really make."""
    wrong = replace(ACTIVATIONS["tanh"], backward=ACTIVATIONS["sigmoid"].backward)
    layers = chain(2, [3, 3], [wrong, activation("softmax")])
    network = Network(layers, np.random.default_rng(4).uniform(-0.9, 0.9, count(layers)))
    checked = check_backward(network, objective_of(LOSSES["cce"]), X, Y)
    below = [element.right for element in checked if element.name.startswith(("W1", "b1"))]
    above = [element.right for element in checked if element.name.startswith(("W2", "b2"))]
    assert not any(below)
    assert all(above)  # the mistake is below them


def test_a_kink_is_named_as_the_cause() -> None:
    """A ReLU unit whose a is 0 exactly: from the left the derivative is 0, from the right 1."""
    layers = chain(1, [1, 1], [activation("relu"), activation("linear")])
    network = Network(layers, np.array([1.0, 0.0, 1.0, 0.0]))  # a = 1·x + 0 with x = 0
    checked = check_backward(network, objective_of(LOSSES["mse"]), np.array([[0.0]]), np.array([[1.0]]))
    off = {element.name: element.kink for element in checked if not element.right}
    assert off == {"b1[1]": True}


def test_every_number_of_theta_has_a_name_of_its_own() -> None:
    network = drawn("prelu", "softmax")
    names = [element.name for element in check_backward(network, objective_of(LOSSES["cce"]), X, Y)]
    assert len(set(names)) == network.theta.size
    assert names[:3] == ["W1[1,1]", "W1[1,2]", "W1[2,1]"]
    assert "alpha1[3]" in names


PAIRS = [  # of a hidden and the last activation
    *((hidden, last) for hidden in ACTIVATIONS for last in ("softmax", "linear")),
    *(("tanh", last) for last in ACTIVATIONS),
]


@pytest.mark.parametrize("loss", LOSSES)
def test_the_complex_step_is_exact_to_rounding_between_corners(loss: str) -> None:
    for hidden, last in (pair for pair in PAIRS if goes_together(loss, pair[1])):
        checked = check_backward(drawn(hidden, last), objective_of(LOSSES[loss], l1=0.2, l2=0.1), X, Y)
        assert {element.method.name for element in checked} == {"complex step"}
        assert max(element.error for element in checked) < 1e-12


def test_an_activation_whose_slope_jumps_at_0_is_marked_as_bent() -> None:
    """At 0 the slopes of step (0, 0) and of ELU with α = 1 (1, 1) agree from both sides, though neither is analytic."""
    below, above = np.array([[-1e-7, 0.3, 0.5]]), np.array([[1e-7, 0.3, 0.5]])
    for name, row in ACTIVATIONS.items():
        slopes = [row.slope(a, row.forward(a, row.alpha, np.empty_like(a)), row.alpha) for a in (below, above)]
        if not np.allclose(*slopes, atol=1e-5):
            assert row.bent, name
    assert [name for name, row in ACTIVATIONS.items() if row.bent] == ["step", "relu", "leaky-relu", "prelu", "elu"]


SIDES = {"step": (0, 0), "relu": (0, 1), "leaky-relu": (0.01, 1), "prelu": (0.25, 1), "elu": (1, 1)}  # f′ beside 0


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if row.bent])
@pytest.mark.parametrize("a", [1e-6, -1e-6, 1e-300, -1e-300])
def test_near_a_corner_a_gradient_is_right(name: str, a: float) -> None:
    """A central difference would reach over the corner, whose step is 6·10⁻⁶."""
    network = empty(chain(1, [1, 1], [activation(name), activation("linear")]), np.float64)
    (one, other), slopes = network.parameters, SIDES[name]
    one.W[...], one.b[...], other.W[...], other.b[...] = a, 0, 3, 0
    if one.alpha is not None and network.layers[0].learns_alpha:
        one.alpha[...] = slopes[0]
    checked = check_backward(network, objective_of(LOSSES["mse"]), np.array([[1.0]]), np.array([[1.0]]))
    assert all(element.right and not element.kink for element in checked)
    y_hat = 3 if name == "step" and a > 0 else 0  # but for 10⁻⁵
    assert checked[0].numerical == pytest.approx(2 * (y_hat - 1) * 3 * slopes[a > 0], rel=1e-4)


@pytest.mark.parametrize("y", [1e5, 1e9, 1e12])
def test_a_large_loss_brings_no_noise_into_the_check(y: float) -> None:
    """J = (ŷ − y)² of 10¹⁰ and more is known to 10⁻⁶ and worse, and its differences are noise."""
    layers = chain(2, [3, 1], [activation("relu"), activation("linear")])
    network = Network(layers, np.random.default_rng(4).uniform(-0.9, 0.9, count(layers)))
    checked = check_backward(network, objective_of(LOSSES["mse"]), np.array([[1.8, 0.5]]), np.array([[y]]))
    assert all(element.right for element in checked)
    last = next(element for element in checked if element.name == "b2[1]")
    assert last.numerical == pytest.approx(-2 * y, rel=1e-4)  # 2 (ŷ − y), where ŷ is of the size of 1


def test_large_logits_are_measured_too() -> None:
    """e^1000 overflows; the objective itself is an ordinary number there."""
    layers = chain(1, [1], [activation("sigmoid")])
    network = Network(layers, np.array([-1000.0, 0.0]))
    (w, b) = check_backward(network, objective_of(LOSSES["bce"]), np.array([[1.0]]), np.array([[1.0]]))
    # L = −log σ(w + b) = log(1 + e^1000) ≈ −(w + b): ∂L/∂w = ∂L/∂b = −1
    for element in (w, b):
        assert element.exact == pytest.approx(-1)
        assert element.numerical == pytest.approx(-1, rel=1e-6)
        assert element.right


@pytest.mark.parametrize("seed", range(5))
def test_where_large_figures_cancel_their_last_digits_are_not_taken_for_a_slip(seed: int) -> None:
    """ŷ and y are of the size of 10⁴ and differ by 10⁻⁹: of that three digits are known, whatever computes it."""
    draw = np.random.default_rng(seed)
    network = Network(chain(3, [2], [activation("linear")]), draw.uniform(-0.9, 0.9, 8))
    x = draw.uniform(1e4, 2e4, (1, 3))
    y = forward(network, x).y_hat + 1e-9
    checked = check_backward(network, objective_of(LOSSES["mse"]), x, y)
    assert all(element.right for element in checked)
    assert max(abs(element.exact) for element in checked) > 1e-6  # 10⁻⁹ · 10⁴ and not 0


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_where_complex_numbers_overflow_noise_is_allowed_for(loss: str) -> None:
    """e^10000 of a hidden sigmoid overflows in complex arithmetic; J = (ŷ − 10⁵)² = 10¹⁰ is known to 10⁻⁶ only."""
    layers = chain(1, [1, 1], [activation("sigmoid"), activation("sigmoid" if loss == "bce" else "linear")])
    network = Network(layers, np.array([-1e4, 0.0, 1.0, 0.5]))
    y = np.array([[1.0 if loss == "bce" else 1e5]])
    checked = check_backward(network, objective_of(LOSSES[loss]), np.array([[1.0]]), y)
    assert "central difference" in {element.method.name for element in checked}
    assert all(element.right for element in checked)


@pytest.mark.parametrize(
    ("loss", "b", "y", "kink"),
    [
        ("mae", [0.5, 0.0], [0.5, 1.0], "b1[1]"),  # ŷ₁ = y₁
        ("hinge", [1.0, 0.0], [1.0, 0.0], "b1[1]"),  # s₂ − s₁ + 1 = 0: on the margin
    ],
)
def test_a_corner_of_the_loss_is_found_only_where_it_is(loss: str, b: list[float], y: list[float], kink: str) -> None:
    layers = chain(1, [len(b)], [activation("linear")])
    objective, x = objective_of(LOSSES[loss]), np.array([[0.0]])
    at = check_backward(Network(layers, np.array([0.0, 0.0, *b])), objective, x, np.array([y]))
    assert kink in {element.name for element in at if element.kink}
    near = Network(layers, np.array([0.0, 0.0, b[0] + 1e-6, *b[1:]]))
    checked = check_backward(near, objective, x, np.array([y]))
    assert all(element.right and not element.kink for element in checked)


def test_on_the_margin_of_hinge_there_is_no_derivative() -> None:
    network = Network(chain(1, [2], [activation("linear")]), np.array([0.0, 0.0, 1.0, 0.0]))
    checked = check_backward(network, objective_of(LOSSES["hinge"]), np.array([[0.0]]), np.array([[1.0, 0.0]]))
    assert {element.name: element.kink for element in checked if not element.right} == {"b1[1]": True, "b1[2]": True}


def test_a_corner_of_l1_is_at_0_alone() -> None:
    """|w| has slopes −1 and 1 at 0, whose mean is the 0 that is taken there; at w = 10⁻⁶ it is 1."""
    layers, objective = chain(1, [1], [activation("linear")]), objective_of(LOSSES["mse"], l1=0.5)
    sample = np.array([[0.0]]), np.array([[0.0]])
    for w, slope, kink in ((0.0, 0.0, True), (1e-6, 0.5, False), (-1e-6, -0.5, False)):
        (found, b) = check_backward(Network(layers, np.array([w, 0.0])), objective, *sample)
        assert (found.numerical, found.kink, b.kink) == (pytest.approx(slope, abs=1e-12), kink, False)
        assert found.right


def test_an_error_of_a_millionth_is_found_where_the_complex_step_reaches() -> None:
    """tanh with a derivative that is off by 10⁻⁶ of itself; a central difference could not be sure of that."""

    def nearly(dh, a, h, alpha, out):  # type: ignore[no-untyped-def]
        return np.multiply(ACTIVATIONS["tanh"].backward(dh, a, h, alpha, out), 1 + 1e-6, out=out)

    layers = chain(2, [3, 3], [replace(ACTIVATIONS["tanh"], backward=nearly), activation("softmax")])
    network = Network(layers, np.random.default_rng(4).uniform(-0.9, 0.9, count(layers)))
    checked = check_backward(network, objective_of(LOSSES["cce"]), X, Y)
    assert not any(element.right for element in checked if element.name.startswith(("W1", "b1")))
    assert all(element.right for element in checked if element.name.startswith(("W2", "b2")))


@pytest.mark.parametrize(
    ("name", "slip", "above"),
    [
        ("tanh", 1e-6, 1e-4),  # gradients of 10⁻⁵: far above what rounding changes in a complex step
        ("leaky-relu", 1e-6, 1e-4),
    ],
)
def test_a_small_error_of_small_gradients_is_found(name: str, slip: float, above: float) -> None:
    """The derivative is off by `slip` of itself, and small weights above make the gradients small."""
    row = ACTIVATIONS[name]

    def nearly(dh, a, h, alpha, out):  # type: ignore[no-untyped-def]
        return np.multiply(row.backward(dh, a, h, alpha, out), 1 + slip, out=out)

    network = drawn(name, "softmax")
    network.parameters[1].W[...] *= above
    wrong = replace(network.layers[0], activation=replace(row, backward=nearly))
    checked = check_backward(replace(network, layers=(wrong, network.layers[1])), objective_of(LOSSES["cce"]), X, Y)
    below = [element for element in checked if element.name.startswith(("W1", "b1")) and element.exact]
    assert len(below) > 5
    assert max(abs(element.exact) for element in below) < above
    large = [element for element in below if abs(element.exact) > above / 10]
    assert large
    assert not any(element.right for element in large)


def test_the_worst_element_is_the_one_farthest_beyond_what_its_method_can_tell() -> None:
    """A complex step that is off by 10⁻⁸ is wrong; a central difference that is off by 10⁻⁷ may be rounding."""
    wrong = Element("W1[1,1]", 1, 1.0, 1.0 + 1e-8, 1e-8, COMPLEX, kink=False)
    right = Element("W1[1,2]", 1, 1.0, 1.0 + 1e-7, 1e-7, CENTRAL, kink=False)
    assert (wrong.right, right.right) == (False, True)
    assert Check([right, wrong]).worst is Check([wrong, right]).worst is wrong


def test_the_central_difference_of_a_large_weight_has_a_large_step() -> None:
    """J = |w + b| + ½w² at w = 3333.3 = −b: the corner cancels, and ∂J/∂w is w but for what rounding of J leaves.

    J is 5.6e6, and off by 1e-9. Divided by a step of 0.02 that is 1e-7; by one that does not grow with w, 1e-4.
    """
    network = Network(chain(1, [1], [activation("linear")]), np.array([3333.3, -3333.3]))
    checked = check_backward(network, objective_of(LOSSES["mae"], l2=1.0), np.ones((1, 1)), np.zeros((1, 1)))
    weight = checked[0]
    assert (weight.name, weight.method, weight.kink) == ("W1[1,1]", CENTRAL, True)
    assert weight.numerical == pytest.approx(3333.3, abs=1e-7)


@pytest.mark.parametrize("l1", [0.0, 0.1])
@pytest.mark.parametrize("biases", [False, True])
def test_a_bias_of_0_is_a_corner_only_if_its_size_counts(l1: float, biases: bool) -> None:
    """J has λ₁|b|, whose slope jumps at 0; the derivative there is the mean of both, as by convention."""
    network = Network(chain(1, [1], [activation("linear")]), np.array([2.0, 0.0]))
    objective = objective_of(LOSSES["mse"], l1=l1, regularize_bias=biases)
    (_, b) = check_backward(network, objective, np.array([[1.0]]), np.array([[1.0]]))
    assert b.method is (CENTRAL if l1 and biases else COMPLEX)
    assert b.exact == pytest.approx(2)  # 2 (ŷ − y), and sign(0) = 0
    assert b.right


@pytest.mark.parametrize(
    ("x", "y", "b", "l1", "least"),
    [
        (0.5, 0.5, 0.5, 0.0, 1e-6),  # of 1
        (0.5, -20.0, -20.0, 0.0, 20e-6),  # of the largest y
        (-5.0, -20.0, -20.0, 0.0, 100e-6),  # of the largest x times the largest y
        (0.5, 0.5, 30.5, 0.0, 60e-6),  # of the largest gradient, 2 (ŷ − y)
        (0.5, 0.5, 0.5, 0.1, 1e-4),  # a central difference, at the corner of |w|
    ],
)
def test_an_error_near_0_is_compared_with_a_part_of_the_largest_number(
    x: float, y: float, b: float, l1: float, least: float
) -> None:
    """The weight of an input 0 has the derivative 0; a gradient of 10⁻⁸ is off by so many of these parts."""
    network, objective = (
        Network(chain(2, [1], [activation("linear")]), np.array([0, 0, b])),
        objective_of(LOSSES["mse"], l1=l1),
    )
    sample = np.array([[0.0, x]]), np.array([[y]])
    gradient = backward(network, forward(network, sample[0]), objective, sample[1]).dtheta.copy()
    gradient[0] += 1e-8
    weight = check_gradient(gradient, network, objective, *sample)[0]
    assert (weight.exact, weight.numerical) == (1e-8, 0)
    assert weight.error == pytest.approx(1e-8 / least)


@pytest.mark.parametrize(("factors", "slopes"), [(None, [5.0, 3.0]), ([0.25, 0.75], [6.5, 3.5])])
def test_the_loss_is_the_mean_or_the_weighted_sum_over_the_samples(
    factors: list[float] | None, slopes: list[float]
) -> None:
    """ŷ = x = 1 and 2 beside y = 0: ∂L/∂ŷ is 2ŷ = 2 and 4, and ∂ŷ/∂w is x.

    The mean of 2·1 and 4·2 is 5, that of 2 and 4 is 3; 0.25·2 + 0.75·8 is 6.5, 0.25·2 + 0.75·4 is 3.5.
    """
    network, x = Network(chain(1, [1], [activation("linear")]), np.array([1.0, 0.0])), np.array([[1.0], [2.0]])
    weights = None if factors is None else np.array(factors)
    checked = check_gradient(np.zeros(2), network, objective_of(LOSSES["mse"]), x, np.zeros((2, 1)), weights)
    assert [element.numerical for element in checked] == pytest.approx(slopes)


# ----- What is said of it ---------------------------------------------------------------------------------------------


def elements(count: int, method: Method = COMPLEX, kink: bool = False, *errors: float) -> Check:
    """Elements of layer 1 with these errors, and 0 for the rest; the last one is in layer 2."""
    each = [*errors, *[0.0] * (count - len(errors))]
    return Check(
        Element(f"W{1 + (n == count)}[1,{n}]", 1 + (n == count), 1.0, 1.0 + error, error, method, kink)
        for n, error in enumerate(each, 1)
    )


def test_up_to_40_elements_are_shown_and_of_more_the_10_worst() -> None:
    errors = [n * 1e-12 for n in range(1, 13)]
    few, many = (elements(count, COMPLEX, False, *errors) for count in (40, 41))
    assert [row[0] for row in few.sheet(View()).rows] == [element.name for element in few]
    assert [row[0] for row in many.sheet(View()).rows] == [f"W1[1,{n}]" for n in range(12, 2, -1)]
    assert len(many.sheet(View(whole=True)).rows) == 41
    assert [row[0] for row in many.sheet(View(layer=2)).rows] == ["W2[1,41]"]
    assert len(many.sheet(View(layer=1)).rows) == 40
    sheet = elements(2, CENTRAL, False, 2e-6).sheet(View())
    assert sheet.title == "Check: the gradient beside a numerical derivative"
    assert sheet.columns == ("parameter", "gradient", "numerical", "relative error", "method", "verdict")
    assert sheet.rows == (
        ("W1[1,1]", 1.0, 1 + 2e-6, 2e-6, "central difference", "WRONG"),
        ("W2[1,2]", 1.0, 1.0, 0.0, "central difference", "right"),
    )


@pytest.mark.parametrize(
    ("found", "line", "failure"),
    [
        (
            elements(3, COMPLEX, False, 1e-9),  # as much as is allowed
            "check: all 3 elements are right; worst W1[1,1], relative error 1.0e-09 where the complex step allows "
            "1e-09",
            "",
        ),
        (
            elements(3, CENTRAL, False, 1e-7, 0.5),
            "check: 1 of 3 elements are off; worst W1[1,2], relative error 5.0e-01 where the central difference allows "
            "1e-06",
            "1 of 3 gradients are wrong; worst W1[1,2]: 1 where a central difference gives 1.5",
        ),
        (
            elements(4, CENTRAL, True, 0.25, 0.5),
            "check: 2 of 4 elements are off; worst W1[1,2], relative error 5.0e-01 where the central difference allows "
            "1e-06",
            "2 of 4 gradients are wrong; worst W1[1,2]: 1 where a central difference gives 1.5; a unit is at its kink, "
            "where there is no derivative",
        ),
    ],
)
def test_the_worst_is_told_with_what_its_method_allows(found: Check, line: str, failure: str) -> None:
    assert found.line(several_steps=False) == line
    assert found.line(several_steps=True) == line.replace("check:", "check of step 1:")
    assert found.failure() == failure
    lecture = "; the lecture's rule does not give the gradient"
    assert found.failure("lecture") == (failure.partition("; a unit")[0] + lecture if failure else "")
    assert found.document["right"] is not bool(failure)
    verdicts = {row[-1] for row in found.sheet(View()).rows}
    assert verdicts == {"right", *(["at a kink" if "kink" in failure else "WRONG"] if failure else [])}


def test_an_element_for_programs_has_its_method_and_what_that_allows() -> None:
    assert elements(1, CENTRAL, True, 0.5).document == {
        "right": False,
        "elements": [
            {
                "name": "W2[1,1]", "gradient": 1.0, "numerical": 1.5, "error": 0.5, "method": "central difference",
                "tolerance": 1e-6, "kink": True,
            }
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("theta", "size"), [(0.5, 1), (-4.0, 4)])
def test_a_central_difference_knows_how_much_of_it_rounding_can_be(theta: float, size: float) -> None:
    """J is known to 8 units in its last place, and the step is the third root of ε, or that part of a larger θ."""
    network = Network(chain(1, [1], [activation("linear")]), np.array([theta, 0.0]))
    epsilon = 2.0**-52
    step = size * epsilon ** (1 / 3)
    found = _central_difference(network, lambda moved: 1e6 + 3 * moved.theta[0], 0)
    assert found.value == pytest.approx(3, rel=1e-4)
    assert found.noise == pytest.approx(8 * epsilon * 1e6 / step, rel=1e-4)
    assert (found.method, found.kink, network.theta[0]) == (CENTRAL, False, theta)
