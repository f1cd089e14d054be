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
from mlpcli.derivation.quantities import EVERYTHING, View
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
    found = search(network(), objective, RULE, RATE, np.array(X), np.array(Y), 40, False, 7)
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
    found = search(start, objective_of(LOSSES["cce"]), RULE, RATE, np.array(X), np.array(Y), 10, False, 1)
    theta = start.theta.copy()
    for each in found.tries:
        assert theta[each.made.place] == each.made.old
        if each.made.kept:
            theta[each.made.place] = each.made.new
    assert theta.tobytes() == found.network.theta.tobytes()
    assert found.tries[-1].made.kept


def test_frozen_biases_are_not_tried() -> None:
    found = search(network(), objective_of(LOSSES["cce"]), RULE, RATE, np.array(X), np.array(Y), 20, True, 1)
    assert {parameter_at(found.network, each.made.place).letter for each in found.tries} == {"W"}


def test_at_a_minimum_the_search_ends_at_its_bound_and_says_so() -> None:
    linear = random_network(2, [1], ["linear"])
    y = linear.parameters[0].W @ np.array(X).T + linear.parameters[0].b
    found = search(linear, objective_of(LOSSES["mse"]), RULE, RATE, np.array(X), y.T, 2, False, 1)
    assert (found.kept, len(found.tries)) == (0, 2 * TRIES_PER_STEP)
    assert found.network.theta.tobytes() == linear.theta.tobytes()
    assert "before 2 were kept" in " ".join(search_report(found, EVERYTHING, {}).closing)


def test_work_is_that_of_a_2_2_3_network() -> None:
    """Forward 2·2 + 3·2 = 10, dW 10, dh of the hidden layer 2·3 = 6, and none for the input."""
    assert (loss_work(network()), gradient_work(network())) == (10, 26)


def test_losses_are_one_for_each_try_and_each_sample_taken() -> None:
    """15 weights with at most 5 tries each: 50 kept tries need at least four samples."""
    found = search(network(), objective_of(LOSSES["cce"]), RULE, RATE, np.array(X), np.array(Y), 50, False, 1)
    taken = 1 + sum(one.visit != other.visit for one, other in zip(found.tries, found.tries[1:], strict=False))
    assert taken >= 4
    assert found.losses == len(found.tries) + taken


def test_a_long_search_ends_after_10_000_tries() -> None:
    """A rate of 10⁻³⁰⁰ changes nothing."""
    found = search(network(), objective_of(LOSSES["cce"]), RULE, 1e-300, np.array(X), np.array(Y), 1000, False, 1)
    assert (found.kept, len(found.tries)) == (0, 10_000)
    assert "stopped after 10,000 tries, before 1,000 were kept" in search_report(found, EVERYTHING, {}).closing


@pytest.mark.parametrize("form", RENDERERS)
def test_every_form_has_every_try(form: str) -> None:
    found = search(network(), objective_of(LOSSES["cce"], l2=L2), RULE, RATE, np.array(X), np.array(Y), 3, False, 1)
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


@pytest.mark.parametrize(
    ("samples", "l2", "letter", "of"),
    [
        (3, L2, "J", " of all 3 samples"),
        (2, L2, "J", " of all 2 samples"),
        (1, L2, "J", ""),
        (3, 0.0, "L", " of all 3 samples"),
    ],
)
def test_what_the_search_found_and_what_it_took_is_told(samples: int, l2: float, letter: str, of: str) -> None:
    """A loss takes 10 multiply–adds and a gradient 26, as above."""
    x, y = X[:samples], Y[:samples]
    found = search(network(), objective_of(LOSSES["cce"], l2=l2), RULE, RATE, np.array(x), np.array(y), 30, False, 7)
    report = search_report(found, View(digits=3), {"scaling": "x is scaled"})

    def value(theta: list[float]) -> float:
        penalty = 0.0 if l2 else 0.5 * L2 * sum(w * w for w in theta[:4] + theta[6:12])
        return float(np.mean([by_hand(theta, *sample) for sample in zip(x, y, strict=True)])) - penalty

    before, after = value(found.start.theta.tolist()), value(found.network.theta.tolist())
    tries, taken = len(found.tries), found.tries[-1].visit
    assert tries + taken > 100  # so that there are thousands of multiply–adds
    assert report.closing == (
        f"kept: 30 of {tries}; {letter}{of} = {before:.3f} before the tries and {after:.3f} after them",
        f"losses: {tries + taken}, one for each try and {taken} before; they take {10 * (tries + taken):,} "
        "multiply–adds, and each kept try changes one number of θ",
        "one gradient takes 26 multiply–adds, and changes all 15 numbers of θ",
    )
    given = dict(report.sheets[0].rows)  # type: ignore[arg-type]
    over = "sum over 3 outputs" + f", mean over {samples} samples" * (samples > 1) + ", λ₂ = 0.1" * (l2 > 0)
    assert given["x[1]" if samples > 1 else "x"] == "1.8, 0.5"
    assert given["loss"] == f"cce, {over}"
    assert given["optimizer"] == f"random-search: w ← w + ηz, z from N(0, 1), kept if {letter} falls"
    assert (given["with"], given["scaling"]) == ("η = 0.5", "x is scaled")
    assert report.sheets[1].columns[5:] == (f"{letter} before", f"{letter} after", "kept")
    document = report.document
    assert (document["wanted"], document["kept"], document["losses"]) == (30, 30, tries + taken)
    assert document["multiply_adds_of_losses"] == 10 * (tries + taken)
    assert (document["multiply_adds_of_a_gradient"], document["parameters"]) == (26, 15)
    assert [document["objective_before"], document["objective_after"]] == pytest.approx([before, after])
    for theta, when in ((found.start.theta, "before"), (found.network.theta, "after")):
        penalty = 0.5 * l2 * np.sum(np.square([*theta[:4], *theta[6:12]]))
        assert document[f"objective_{when}"] - document[f"loss_{when}"] == pytest.approx(penalty, abs=1e-12)


# The numbers of θ of a 2-2-3 network by their layer, their letter, and their row and column.
PLACES = [
    *((1, "W", i, j) for i in (1, 2) for j in (1, 2)),
    *((1, "b", i, None) for i in (1, 2)),
    *((2, "W", i, j) for i in (1, 2, 3) for j in (1, 2)),
    *((2, "b", i, None) for i in (1, 2, 3)),
]


def test_a_try_has_the_place_of_its_weight_and_what_was_drawn() -> None:
    found = search(network(), objective_of(LOSSES["cce"]), RULE, RATE, np.array(X), np.array(Y), 25, False, 1)
    report = search_report(found, EVERYTHING, {})
    for n, (each, record) in enumerate(zip(found.tries, report.document["tries"], strict=True), 1):
        assert (record["try"], record["sample"], record["kept"]) == (n, each.sample, each.made.kept)
        assert tuple(record[key] for key in ("layer", "quantity", "row", "column")) == PLACES[each.made.place]
        assert record["new"] == pytest.approx(record["old"] + RATE * record["z"])
    records = report.document["tries"]
    assert {(record["layer"], record["quantity"]) for record in records} == {(1, "W"), (1, "b"), (2, "W"), (2, "b")}
    assert report.flat.columns == tuple(records[0])
    words = {True: "yes", False: "no"}
    assert report.flat.rows == tuple((*[*record.values()][:-1], words[record["kept"]]) for record in records)
    assert [row[-1] for row in report.sheets[1].rows] == [words[record["kept"]] for record in records]
    assert [row[0] for row in report.sheets[1].rows] == [record["try"] for record in records]
    assert {words[True], words[False]} == {row[-1] for row in report.flat.rows}


def test_a_loss_that_overflows_is_no_number_for_programs() -> None:
    linear = random_network(2, [1], ["linear"])
    with np.errstate(over="ignore"):
        found = search(
            linear, objective_of(LOSSES["mse"]), RULE, 1e200, np.array(X[:1]), np.array([[0.0]]), 1, False, 1
        )
    records = search_report(found, EVERYTHING, {}).document["tries"]
    assert {record["after"] for record in records} == {None}
    assert all(record["before"] < 100 for record in records)
