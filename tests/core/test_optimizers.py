"""Update rules: two steps by hand in plain floats, the minimum of a parabola, slices, and what each row promises."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest
from core_helpers import XOR_X, XOR_Y, activation, random_network

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, empty
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer, begin, optimizer_named
from mlpcli.core.propagation import backward, forward
from mlpcli.core.steps import SLICE, GradientDescent, constants

RULES = [row for row in OPTIMIZERS.values() if row.rule]
THETA, G1, G2 = [1.0, -0.5], [2.0, 0.3], [1.0, -0.7]


def by_name(row: Optimizer) -> str:
    return row.name


def descent(text: str, network: Network, freeze_bias: bool = False) -> GradientDescent:
    step = begin(
        pick(OPTIMIZERS, text, "optimizer"),
        network,
        objective_of(LOSSES["mse"]),
        np.random.default_rng(0),
        freeze_bias,
    )
    assert isinstance(step, GradientDescent)
    return step


def one_unit(theta: list[float], dtype: type = np.float64) -> Network:
    network = empty(chain(1, [1], [activation("linear")]), dtype)
    network.theta[...] = theta
    return network


def after(text: str, gradients: list[list[float]], rates: list[float], theta: list[float] = THETA) -> list[float]:
    """θ after these gradients."""
    network = one_unit(theta)
    step = descent(text, network)
    for gradient, rate in zip(gradients, rates, strict=True):
        step.dtheta[...] = gradient
        step.update(rate)
    return network.theta.tolist()


# ----- The papers' forms, for one number ----------------------------------------------------------------------------


def sgd(theta: float, gs: list[float], eta: float) -> float:
    for g in gs:
        theta = theta - eta * g
    return theta


def momentum(theta: float, gs: list[float], eta: float, mu: float = 0.9) -> float:
    v = 0.0
    for g in gs:
        v = mu * v - eta * g
        theta = theta + v
    return theta


def nesterov(theta: float, gs: list[float], eta: float, mu: float = 0.9) -> float:
    v = 0.0
    for g in gs:
        v = mu * v - eta * g
        theta = theta + mu * v - eta * g
    return theta


def adagrad(theta: float, gs: list[float], eta: float, epsilon: float = 1e-7) -> float:
    s = 0.1
    for g in gs:
        s = s + g**2
        theta = theta - eta * g / sqrt(s + epsilon)
    return theta


def rmsprop(theta: float, gs: list[float], eta: float, rho: float = 0.9, epsilon: float = 1e-7) -> float:
    s = 0.0
    for g in gs:
        s = rho * s + (1 - rho) * g**2
        theta = theta - eta * g / sqrt(s + epsilon)
    return theta


def adam(
    theta: float, gs: list[float], eta: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-7
) -> float:
    m = v = 0.0
    for t, g in enumerate(gs, 1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        alpha = eta * sqrt(1 - beta2**t) / (1 - beta1**t)
        theta = theta - alpha * m / (sqrt(v) + epsilon)
    return theta


BY_HAND: dict[str, Callable[[float, list[float], float], float]] = {
    "sgd": sgd,
    "momentum": momentum,
    "momentum:0.5": lambda theta, gs, eta: momentum(theta, gs, eta, 0.5),
    "nesterov": nesterov,
    "nesterov:0.5": lambda theta, gs, eta: nesterov(theta, gs, eta, 0.5),
    "adagrad": adagrad,
    "adagrad:0.01": lambda theta, gs, eta: adagrad(theta, gs, eta, 0.01),
    "rmsprop": rmsprop,
    "rmsprop:rho=0.5:epsilon=0.01": lambda theta, gs, eta: rmsprop(theta, gs, eta, 0.5, 0.01),
    "adam": adam,
    "adam:0.8:0.99:0.01": lambda theta, gs, eta: adam(theta, gs, eta, 0.8, 0.99, 0.01),
}


@pytest.mark.parametrize("text", BY_HAND)
def test_steps_are_those_of_the_paper(text: str) -> None:
    gradients = [G1, G2, [0.0, 5.0], [-3.0, 1e-4]]
    for steps in range(1, len(gradients) + 1):
        found = after(text, gradients[:steps], [0.1] * steps)
        columns = zip(THETA, *gradients[:steps], strict=True)
        expected = [BY_HAND[text](theta, list(gs), 0.1) for theta, *gs in columns]
        np.testing.assert_allclose(found, expected, rtol=1e-14)


# θ = 1, g = 2 then 1, η = 0.1, by hand with six digits (ε = 10⁻⁷ is below them)
@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("sgd", 0.8, 0.7),  # 1 − 0.2; 0.8 − 0.1
        ("momentum", 0.8, 0.52),  # v = −0.2; v = −0.18 − 0.1 = −0.28
        ("nesterov", 0.62, 0.268),  # 1 + 0.9·(−0.2) − 0.2; 0.62 + 0.9·(−0.28) − 0.1
        ("adagrad", 0.901227, 0.856946),  # s = 4.1: 1 − 0.2/2.024846; s = 5.1: − 0.1/2.258318
        ("rmsprop", 0.683772, 0.536330),  # s = 0.4: 1 − 0.2/0.632456; s = 0.36 + 0.1 = 0.46: − 0.1/0.678233
    ],
)
def test_two_steps_by_hand(text: str, first: float, second: float) -> None:
    assert after(text, [[2.0, 0.0]], [0.1], [1.0, 0.0])[0] == pytest.approx(first, abs=1.5e-6)
    assert after(text, [[2.0, 0.0], [1.0, 0.0]], [0.1, 0.1], [1.0, 0.0])[0] == pytest.approx(second, abs=1.5e-6)


def test_adam_without_epsilon_is_algorithm_1_of_the_paper() -> None:
    """θ ← θ − η m̂/√v̂. In the first step that is η·sign(g); in the second, for g = 2 then 1:

    m̂ = (0.9·0.2 + 0.1·1)/(1 − 0.9²) = 0.28/0.19 and v̂ = (0.999·0.004 + 0.001·1)/(1 − 0.999²) = 0.004996/0.001999.
    """
    first = after("adam:epsilon=1e-300", [[2.0, -9.0]], [0.1], [1.0, 1.0])
    np.testing.assert_allclose(first, [0.9, 1.1], rtol=1e-13)
    second = after("adam:epsilon=1e-300", [[2.0, 1.0], [1.0, 1.0]], [0.1, 0.1], [1.0, 1.0])[0]
    assert second == pytest.approx(0.9 - 0.1 * (0.28 / 0.19) / sqrt(0.004996 / 0.001999), rel=1e-12)


def test_first_step_of_rmsprop_is_that_of_keras() -> None:
    """η/√0.1 = 3.162 η whatever the gradient, where PyTorch with ρ = 0.99 makes 10 η."""
    theta = after("rmsprop", [[5.0, -0.3]], [0.001], [0.0, 0.0])
    np.testing.assert_allclose(theta, [-0.001 / sqrt(0.1), 0.001 / sqrt(0.1)], rtol=1e-5)


def test_velocity_holds_the_rate_at_which_it_was_made() -> None:
    """v ← μv − ηg with η inside (Keras): v = −0.2, then −0.18 − 0.01. PyTorch would make 0.01·(0.9·2 + 1) = 0.028."""
    assert after("momentum", [[2.0, 0.0], [1.0, 0.0]], [0.1, 0.01], [1.0, 0.0])[0] == pytest.approx(0.8 - 0.19)


def test_defaults_are_those_of_keras() -> None:
    assert OPTIMIZERS["rmsprop"].parameters == {"rho": 0.9, "epsilon": 1e-7}
    assert OPTIMIZERS["adam"].parameters == {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}
    assert OPTIMIZERS["adagrad"].parameters == {"epsilon": 1e-7}
    rates = {row.name: row.learning_rate for row in RULES}
    assert rates["sgd"] == 0.01
    assert rates["momentum"] == rates["nesterov"] == 0.01
    assert rates["rmsprop"] == rates["adam"] == rates["adagrad"] == 0.001


def test_a_search_of_few_steps_and_equations_of_one_have_numbers_of_their_own() -> None:
    """Random search changes each weight in each update, up to five times; what is solved takes the whole step."""
    search, equations = OPTIMIZERS["random-search"], OPTIMIZERS["normal-equations"]
    assert (search.learning_rate, search.parameters, search.updates, search.solves) == (0.1, {"tries": 5}, 60, False)
    assert (equations.learning_rate, equations.solves) == (1, True)
    assert {row.updates for row in RULES} == {3000}
    assert not any(row.solves for row in RULES)


# ----- What holds for every rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_reaches_the_minimum_of_a_parabola(row: Optimizer) -> None:
    """J(w, b) of a straight line through (−1, −1.7), (0, 0.3), (1, 2.3), whose minimum is w = 2, b = 0.3."""
    x, y = np.array([[-1.0], [0.0], [1.0]]), np.array([[-1.7], [0.3], [2.3]])
    network = one_unit([1.0, -0.5])
    step = descent(row.name, network)
    for t in range(3000):
        step(x, y, 0.1 * 0.997**t)  # a rate that falls, since a step of RMSprop is as long as the rate
    np.testing.assert_allclose(network.theta, [2.0, 0.3], atol=1e-3)


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_a_first_step_goes_downhill_in_every_direction(row: Optimizer) -> None:
    found = after(row.name, [[3.0, -0.01]], [0.1], [0.0, 0.0])
    assert found[0] < 0 < found[1]


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_a_gradient_of_0_from_the_start_moves_nothing(row: Optimizer) -> None:
    assert after(row.name, [[0.0, 1.0]] * 5, [0.1] * 5)[0] == THETA[0]


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_slots_start_as_the_row_says_and_have_the_shape_of_theta(row: Optimizer) -> None:
    network = random_network(2, [3, 2], ["prelu", "linear"])
    step = descent(row.name, network)
    assert list(step.slots) == list(row.slots)
    for name, start in row.slots.items():
        assert step.slots[name].tolist() == [start] * network.theta.size


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_slices_give_what_one_pass_over_theta_gives(row: Optimizer) -> None:
    network = random_network(300, [300], ["linear"])
    assert network.theta.size > SLICE
    whole, g = network.theta.copy(), np.random.default_rng(1).normal(size=(3, network.theta.size))
    slots = [np.full_like(whole, start) for start in row.slots.values()]
    step = descent(row.name, network)
    for t, gradient in enumerate(g, 1):
        step.dtheta[...] = gradient
        step.update(0.1)
        assert row.rule is not None
        row.rule(whole, gradient, slots, 0.1, t, constants(row.parameters, whole.dtype), np.empty_like(whole))
    assert np.array_equal(network.theta, whole)
    assert not np.array_equal(whole, random_network(300, [300], ["linear"]).theta)


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_single_precision_stays_single_and_close(row: Optimizer) -> None:
    single, double = one_unit(THETA, np.float32), one_unit(THETA)
    for network in (single, double):
        step = descent(row.name, network)
        for gradient in (G1, G2):
            step.dtheta[...] = gradient
            step.update(0.1)
        assert all(slot.dtype == network.dtype for slot in step.slots.values())
    assert single.dtype == np.float32
    np.testing.assert_allclose(single.theta, double.theta, rtol=1e-5)


def steps_of(text: str, network: Network, batches: list[tuple[Array, Array]], freeze_bias: bool = False) -> None:
    step = descent(text, network, freeze_bias)
    for x, y in batches:
        step(x, y, 0.05)


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_a_call_is_forward_backward_update(row: Optimizer) -> None:
    """Batches of different sizes, and the last layer's a from before the update."""
    network, same = (random_network(2, [4, 1], ["tanh", "prelu"]) for _ in range(2))
    step, by_parts = descent(row.name, network), descent(row.name, same)
    for n in (4, 3, 4, 1):
        passed = forward(same, XOR_X[:n])
        last = step(XOR_X[:n], XOR_Y[:n], 0.05)
        assert np.array_equal(last.a, passed.layers[-1].a)
        assert np.array_equal(last.h, passed.layers[-1].h)
        by_parts.dtheta[...] = backward(same, passed, objective_of(LOSSES["mse"]), XOR_Y[:n]).dtheta
        by_parts.update(0.05)
        assert np.array_equal(network.theta, same.theta)


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_frozen_biases_keep_every_bit_while_the_rest_moves(row: Optimizer) -> None:
    frozen = random_network(2, [3, 1], ["prelu", "sigmoid"])
    before = random_network(2, [3, 1], ["prelu", "sigmoid"])
    steps_of(row.name, frozen, [(XOR_X, XOR_Y), (XOR_X[:3], XOR_Y[:3])] * 5, freeze_bias=True)
    for now, then in zip(frozen.parameters, before.parameters, strict=True):
        assert now.b.tobytes() == then.b.tobytes()
        assert (now.W != then.W).all()
    assert (frozen.parameters[0].alpha != before.parameters[0].alpha).any()


# ----- The table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=by_name)
def test_a_row_has_a_rule_or_its_own_beginning(row: Optimizer) -> None:
    assert (row.rule is None) != (row.begin is None)
    assert row.learning_rate > 0
    step = begin(row, one_unit([1.0, 1.0]), objective_of(LOSSES["mse"]), np.random.default_rng(0))
    assert np.isfinite(step(np.array([[1.0], [2.0]]), np.array([[1.0], [0.0]]), row.learning_rate).a).all()


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_momentum_can_be_set(name: str) -> None:
    changed = optimizer_named(name, 0.5)
    assert changed.parameters == {"momentum": 0.5}
    assert OPTIMIZERS[name].parameters["momentum"] == 0.9
    assert optimizer_named(name) is OPTIMIZERS[name]


@pytest.mark.parametrize("row", [row for row in RULES if row.name not in ("sgd", "momentum", "nesterov")], ids=by_name)
def test_momentum_is_refused_where_there_is_none(row: Optimizer) -> None:
    assert optimizer_named(row.name) is row
    with pytest.raises(ChoiceError, match=f"--momentum .* not to {row.name}"):
        optimizer_named(row.name, 0.5)
    with pytest.raises(ChoiceError, match=f"--nesterov .* not to {row.name}"):
        optimizer_named(row.name, look_ahead=True)


def by_pytorch(gs: list[float], eta: float, mu: float, look_ahead: bool) -> float:
    """θ after torch.optim.SGD as its page has it: b ← μb + g; θ ← θ − ηb, or θ − η(g + μb) with nesterov=True."""
    theta, b = 0.0, 0.0
    for g in gs:
        b = mu * b + g
        theta -= eta * ((g + mu * b) if look_ahead else b)
    return theta


@pytest.mark.parametrize(
    ("text", "value", "look_ahead", "mu"),
    [
        ("sgd", 0.9, False, 0.9),
        ("sgd:momentum=0.9", None, False, 0.9),
        (" SGD:0.8", None, False, 0.8),
        ("sgd:momentum=0.8", 0.7, False, 0.7),
        ("sgd", 0.8, True, 0.8),
        ("sgd:momentum=0.8", None, True, 0.8),
        ("sgd", None, True, 0.9),
        ("momentum:0.6", None, True, 0.6),
        ("nesterov", 0.6, True, 0.6),
        ("sgd", 0.0, False, 0.0),
        ("sgd:momentum=0", None, False, 0.0),
        ("sgd", None, False, 0.0),
    ],
)
def test_sgd_takes_momentum_and_nesterov_as_pytorch_does(
    text: str, value: float | None, look_ahead: bool, mu: float
) -> None:
    network, eta, gs = one_unit([0.0, 0.0]), 0.1, [2.0, -0.3, 1.0]
    row = optimizer_named(text, value, look_ahead)
    step = begin(row, network, objective_of(LOSSES["mse"]), np.random.default_rng(0))
    assert isinstance(step, GradientDescent)
    for g in gs:
        step.dtheta[...] = g
        step.update(eta)
    assert network.theta == pytest.approx([by_pytorch(gs, eta, mu, look_ahead)] * 2, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-0.1, "at least 0 and below 1"),
        (1.0, "at least 0 and below 1"),
        (2.0, "at least 0 and below 1"),
        (float("nan"), "finite"),
    ],
)
def test_momentum_out_of_its_range_is_refused(value: float, words: str) -> None:
    with pytest.raises(ChoiceError, match=words):
        optimizer_named("momentum", value)


def test_momentum_0_is_sgd() -> None:
    assert optimizer_named("momentum", 0.0).parameters == {"momentum": 0}
    plain, still, ahead = (random_network(2, [4, 1], ["tanh", "linear"]) for _ in range(3))
    for text, network in (("sgd", plain), ("momentum:0", still), ("nesterov:0", ahead)):
        steps_of(text, network, [(XOR_X, XOR_Y)] * 3)
    np.testing.assert_allclose(still.theta, plain.theta, rtol=1e-13)
    np.testing.assert_allclose(ahead.theta, plain.theta, rtol=1e-13)


@pytest.mark.parametrize("name", [row.name for row in OPTIMIZERS.values() if row.slots])
def test_running_values_without_gradient_never_become_denormal(name: str) -> None:
    """0.9^t leaves the normal numbers of float32 after some 800 updates; arithmetic on what follows is very slow."""
    single, double = (_without_gradient(name, dtype) for dtype in (np.float32, np.float64))
    np.testing.assert_allclose(single, double, rtol=1e-4)  # and nothing was lost of the weights


def test_running_values_of_an_ordinary_size_stay_as_they_are() -> None:
    """With the same gradient g again and again, v after t updates is −ηg(1 − μᵗ)/(1 − μ): −0.5(1 − 0.9ᵗ) here."""
    network, row = one_unit(THETA), OPTIMIZERS["momentum"]
    assert row.rule is not None
    step = GradientDescent(network, objective_of(LOSSES["mse"]), row.rule, row.slots, row.parameters)
    step.dtheta[...] = 0.1
    for t in range(1, 200):
        step.update(0.5)
        np.testing.assert_allclose(step.slots["v"], -0.5 * (1 - 0.9**t), rtol=1e-12)


@pytest.mark.parametrize(("dtype", "least"), [(np.float64, 2.0**-1002), (np.float32, 2.0**-106)])
def test_every_sixty_four_updates_what_is_nearly_denormal_becomes_0(dtype: type, least: float) -> None:
    """The least normal numbers are 2⁻¹⁰²² and 2⁻¹²⁶; within 2²⁰ of them a running value changes no weight."""
    network = Network(chain(1, [1], [activation("linear")]), np.ones(2, dtype))
    step = descent("momentum:0.5", network)
    step.dtheta[...] = 0
    step.slots["v"][...] = np.array([least, least * 0.999]) * 2.0**64
    for _ in range(63):
        step.update(0.1)
    assert np.all(step.slots["v"] > 0)
    step.update(0.1)
    assert step.slots["v"].tolist() == [least, 0]
    step.update(0.1)
    assert step.slots["v"].tolist() == [least / 2, 0]  # until the next time


def _without_gradient(name: str, dtype: type) -> Array:
    """The weights after one update with a gradient and 3,000 without; no running value is ever denormal."""
    row = OPTIMIZERS[name]
    network = Network(chain(1, [1], [activation("linear")]), np.array([1.0, 0.5], dtype))
    assert row.rule is not None
    step = GradientDescent(network, objective_of(LOSSES["mse"]), row.rule, row.slots, row.parameters)
    tiny = np.finfo(dtype).tiny
    step.dtheta[...] = 1e-3
    for _ in range(3000):
        step.update(0.001)
        step.dtheta[...] = 0
        for slot in step.slots.values():
            assert not ((slot != 0) & (np.abs(slot) < tiny)).any()
    return network.theta


@pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=list(OPTIMIZERS))
def test_every_constant_has_a_letter_of_the_formula(row: Optimizer) -> None:
    """A search's tries are no part of its formula."""
    assert len(row.letters) == len(row.parameters)
    assert [letter for letter in row.letters if letter not in row.formula and letter not in row.parameters] == []


@pytest.mark.parametrize("row", RULES, ids=by_name)
def test_a_row_tells_whether_a_parameter_without_gradient_moves(row: Optimizer) -> None:
    """Training leaves out weights of inputs that are always 0, if they would stay as they are."""
    network = one_unit(THETA)
    step = descent(row.name, network)
    for _ in range(5):
        step.dtheta[...] = 0
        step.update(0.1)
    assert (network.theta.tolist() != THETA) == row.moves_without_gradient


def test_frozen_biases_are_frozen_for_a_rule_with_decay_too() -> None:
    """θ ← (1 − ηλ)θ moves every parameter, whatever its gradient is."""

    def decay(theta, g, slots, eta, t, p, work):  # type: ignore[no-untyped-def]
        theta *= 1 - eta * 0.5
        slots[0][...] += 1

    network = random_network(2, [3, 1], ["relu", "linear"])
    before = network.with_theta(network.theta.copy())
    step = GradientDescent(network, objective_of(LOSSES["mse"]), decay, {"v": 0.0}, {}, freeze_bias=True)
    step(np.array([[1.0, 2.0]]), np.array([[3.0]]), 0.1)
    for now, then in zip(network.parameters, before.parameters, strict=True):
        np.testing.assert_array_equal(now.b, then.b)
        np.testing.assert_allclose(now.W, then.W * 0.95)
    assert set(step.slots["v"]) == {0.0, 1.0}


@pytest.mark.parametrize(("name", "numerator"), [("adagrad", "g"), ("rmsprop", "g"), ("adam", "m")])
def test_the_workings_of_a_rule_are_the_parts_of_its_update(name: str, numerator: str) -> None:
    """Δθ = −η · (the factor, if there is one) · g or m / (the root), in each of three updates."""
    row, g = OPTIMIZERS[name], np.random.default_rng(2)
    theta, slots = g.normal(size=4), {key: np.full(4, start) for key, start in row.slots.items()}
    assert row.rule is not None
    for t in (1, 2, 3):
        gradient, before = g.normal(size=4), theta.copy()
        row.rule(
            theta, gradient, tuple(slots.values()), 0.1, t, constants(row.parameters, theta.dtype), np.empty_like(theta)
        )
        *factors, root = [working.value(slots, t, row.parameters) for working in row.workings]
        assert [np.ndim(part) for part in (*factors, root)] == [int(working.each) for working in row.workings]
        update = -0.1 * np.prod(factors) * (gradient if numerator == "g" else slots["m"]) / root
        np.testing.assert_allclose(theta - before, update, rtol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_and_what_it_leaves_of_1_are_rounded_once(dtype: type) -> None:
    """Powers of β are those of the double, whatever the dtype of the weights."""
    rho = constants({"rho": 0.9}, dtype)["rho"]
    assert (type(rho.value), rho.value) == (float, 0.9)
    assert (rho.array.dtype, rho.rest.dtype) == (dtype, dtype)
    assert (rho.array, rho.rest) == (dtype(0.9), dtype(1 - 0.9))
