"""Random search try by try: a loop written by hand with the same random numbers, counts by hand, and the bound."""

import json
from math import exp, log

import numpy as np
import pytest
from core_helpers import random_network

from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.gradient_free.search import TRIES_PER_STEP, gradient_work, loss_work, search, search_report
from mlpcli.derivation.quantities import EVERYTHING
from mlpcli.report.notation import parameter_at
from mlpcli.report.renderers import RENDERERS

X = [[1.8, 0.5], [-0.4, 1.1], [0.7, -0.9]]
Y = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
L2, RATE = 0.1, 0.5
RULE = OPTIMIZERS["random-search"]


def network() -> Network:
    return random_network(2, [2, 3], ["relu", "softmax"], seed=4)


def by_hand(theta: list[float], x: list[float], y: list[float]) -> float:
    """J of a 2-2-3 network: ReLU, softmax, cross-entropy, l2 on the weights. θ is W⁽¹⁾, b⁽¹⁾, W⁽²⁾, b⁽²⁾."""
    h = [max(0.0, theta[2 * i] * x[0] + theta[2 * i + 1] * x[1] + theta[4 + i]) for i in range(2)]
    a = [theta[6 + 2 * i] * h[0] + theta[7 + 2 * i] * h[1] + theta[12 + i] for i in range(3)]
    loss = -sum(y[i] * log(exp(a[i]) / sum(map(exp, a))) for i in range(3))
    return loss + 0.5 * L2 * sum(w * w for w in theta[:4] + theta[6:12])


def test_the_tries_are_those_of_a_loop_written_by_hand() -> None:
    objective = objective_of(LOSSES["cce"], l2=L2)
    found = search(network(), objective, RULE, RATE, np.array(X), np.array(Y), 40, seed=7)
    generator, theta, expected = np.random.default_rng([7, 2]), network().theta.tolist(), []
    for _ in range(3):
        for s in generator.permutation(3):
            least = by_hand(theta, X[s], Y[s])
            for place in generator.permutation(15):
                for z in generator.standard_normal(5):
                    old, new = theta[place], theta[place] + RATE * z
                    theta[place] = new
                    after = by_hand(theta, X[s], Y[s])
                    expected.append((s + 1, place, old, new, least, after, after < least))
                    if after < least:
                        least = after
                        break
                    theta[place] = old
    tries = [(each.sample, *each.made, each.made.kept) for each in found.tries]
    assert found.kept == 40
    assert len({sample for sample, *_ in tries}) == 3
    for (sample, place, _, *numbers, kept), hand in zip(tries, expected, strict=False):
        assert (sample, place, kept) == (hand[0], hand[1], hand[-1])
        np.testing.assert_allclose(numbers, hand[2:-1], rtol=1e-12)


def test_a_try_that_is_not_kept_leaves_its_weight_alone() -> None:
    start = network()
    found = search(start, objective_of(LOSSES["cce"]), RULE, RATE, np.array(X), np.array(Y), 10)
    theta = start.theta.copy()
    for each in found.tries:
        assert theta[each.made.place] == each.made.old
        if each.made.kept:
            theta[each.made.place] = each.made.new
    assert theta.tobytes() == found.network.theta.tobytes()
    assert found.tries[-1].made.kept


def test_frozen_biases_are_not_tried() -> None:
    found = search(network(), objective_of(LOSSES["cce"]), RULE, RATE, np.array(X), np.array(Y), 20, True)
    assert {parameter_at(found.network, each.made.place).letter for each in found.tries} == {"W"}


def test_at_a_minimum_the_search_ends_at_its_bound_and_says_so() -> None:
    linear = random_network(2, [1], ["linear"])
    y = linear.parameters[0].W @ np.array(X).T + linear.parameters[0].b
    found = search(linear, objective_of(LOSSES["mse"]), RULE, RATE, np.array(X), y.T, 2)
    assert (found.kept, len(found.tries)) == (0, 2 * TRIES_PER_STEP)
    assert found.network.theta.tobytes() == linear.theta.tobytes()
    assert "before 2 were kept" in " ".join(search_report(found, EVERYTHING, {}).closing)


def test_work_is_that_of_a_2_2_3_network() -> None:
    """Forward 2·2 + 3·2 = 10, dW 10, dh of the hidden layer 2·3 = 6, and none for the input."""
    assert (loss_work(network()), gradient_work(network())) == (10, 26)


def test_losses_are_one_for_each_try_and_each_sample_taken() -> None:
    """15 weights with at most 5 tries each: 50 kept tries need at least four samples."""
    found = search(network(), objective_of(LOSSES["cce"]), RULE, RATE, np.array(X), np.array(Y), 50)
    taken = 1 + sum(one.visit != other.visit for one, other in zip(found.tries, found.tries[1:], strict=False))
    assert taken >= 4
    assert found.losses == len(found.tries) + taken


def test_a_long_search_ends_after_10_000_tries() -> None:
    """A rate of 10⁻³⁰⁰ changes nothing."""
    found = search(network(), objective_of(LOSSES["cce"]), RULE, 1e-300, np.array(X), np.array(Y), 1000)
    assert (found.kept, len(found.tries)) == (0, 10_000)


@pytest.mark.parametrize("form", RENDERERS)
def test_every_form_has_every_try(form: str) -> None:
    found = search(network(), objective_of(LOSSES["cce"], l2=L2), RULE, RATE, np.array(X), np.array(Y), 3)
    text = RENDERERS[form].render(search_report(found, EVERYTHING, {"scaling": "x is scaled"}), 6)
    shown = [f"{each.made.after:.6f}" for each in found.tries]
    if form == "json":
        document = json.loads(text)
        assert [f"{each['after']:.6f}" for each in document["tries"]] == shown
        thetas = [each.theta.tolist() for each in (found.start, found.network)]
        values = [np.mean([by_hand(theta, *sample) for sample in zip(X, Y, strict=True)]) for theta in thetas]
        assert [document["objective_before"], document["objective_after"]] == pytest.approx(values)
    else:
        numbers = text if form != "csv" else " ".join(f"{float(row.split(',')[-2]):.6f}" for row in text.split()[1:])
        assert [number for number in shown if number not in numbers.replace("−", "-")] == []
