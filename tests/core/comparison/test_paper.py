"""The formulas, walked through, give what `forward`, `backward` and the optimizers give, whatever the network."""

import numpy as np
import pytest
from core_helpers import goes_together, random_network, random_targets

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.comparison.figures import Place, figures_of
from mlpcli.core.comparison.formulas import EXACT
from mlpcli.core.comparison.paper import Paper
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.tracing import Trace, trace

PAIRS = [(loss, last) for loss in LOSSES for last in ACTIVATIONS if goes_together(loss, last)]
RULES = [row.name for row in OPTIMIZERS.values() if row.rule is not None]


def traced(hidden: str, last: str, loss: str, optimizer: str = "sgd", **changes: object) -> Trace:
    network = random_network(2, [4, 3], [hidden, last], seed=7)
    x = np.random.default_rng(1).normal(size=(4, 2))
    objective = objective_of(LOSSES[loss], **changes)
    return trace(network, objective, OPTIMIZERS[optimizer], 0.05, x, random_targets(LOSSES[loss], 4, 3, 0), steps=3)


def check_walk(found: Trace, first: int = 1) -> None:
    walked = Paper(found).walk([EXACT] * 3, lambda place, values: values, first, 3)
    for place, values in figures_of(found).items():
        if place.step >= first:
            np.testing.assert_allclose(walked[place], values, rtol=1e-9, atol=1e-12, err_msg=str(place))


@pytest.mark.parametrize(("loss", "last"), PAIRS)
def test_every_loss_and_output(loss: str, last: str) -> None:
    check_walk(traced("tanh", last, loss))


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_every_activation(hidden: str) -> None:
    check_walk(traced(hidden, "softmax", "cce"))


@pytest.mark.parametrize("optimizer", RULES)
@pytest.mark.parametrize("first", [1, 2])
def test_every_rule_from_the_start_and_from_where_the_trace_is(optimizer: str, first: int) -> None:
    check_walk(traced("prelu", "linear", "mse", optimizer), first)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_regularisers_and_reductions(reduction: str) -> None:
    reductions = {"batch_reduction": reduction, "output_reduction": reduction}
    check_walk(traced("tanh", "sigmoid", "bce", l1=0.02, l2=0.3, regularize_bias=True, **reductions))


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS if name not in RULES])
def test_where_there_is_no_rule_the_new_weights_are_taken_from_the_trace(optimizer: str) -> None:
    network = random_network(2, [3], ["linear"])
    x = np.random.default_rng(1).normal(size=(4, 2))
    y = random_targets(LOSSES["mse"], 4, 3, 0)
    found = trace(network, objective_of(LOSSES["mse"]), OPTIMIZERS[optimizer], 0.1, x, y)
    walked = Paper(found).walk([EXACT] * 2, lambda place, values: values, 1, 1)
    for place, values in figures_of(found).items():
        np.testing.assert_allclose(walked[place], values, rtol=1e-9, atol=1e-12)


def test_a_formula_that_does_not_fit_the_network_is_told() -> None:
    found = traced("tanh", "softmax", "cce")  # W⁽²⁾ is 3×4
    wrong = {**EXACT, "dh": lambda f: f.above.da @ f.above.W.T}
    with pytest.raises(ValueError, match="matmul"):
        Paper(found).walk([wrong] * 3, lambda place, values: values, 1, 1)


def test_the_order_is_that_of_paper() -> None:
    names = [place[1:] for place in figures_of(traced("tanh", "softmax", "cce", "momentum")) if place.step == 1]
    assert names == [
        (0, "x"), (0, "y"), (1, "W"), (1, "b"), (2, "W"), (2, "b"),
        (1, "a"), (1, "h"), (2, "a"), (2, "h"), (0, "terms"), (0, "loss"), (0, "penalty"), (0, "objective"),
        (2, "dh"), (2, "derivative"), (2, "da"), (2, "dW"), (2, "db"),
        (1, "dh"), (1, "derivative"), (1, "da"), (1, "dW"), (1, "db"), (0, "dx"),
        (1, "v.W"), (1, "W_new"), (1, "v.b"), (1, "b_new"), (2, "v.W"), (2, "W_new"), (2, "v.b"), (2, "b_new"),
        (0, "loss_after"), (0, "penalty_after"),
    ]  # fmt: skip


def test_what_is_kept_is_what_the_next_formulas_find() -> None:
    found = traced("tanh", "softmax", "cce")
    place = Place(1, 2, "da")
    walked = Paper(found).walk([EXACT] * 3, lambda p, values: 2 * values if p == place else values, 1, 1)
    np.testing.assert_allclose(walked[place], found.steps[0].layers[1].da)  # as computed
    np.testing.assert_allclose(walked[Place(1, 2, "dW")], 2 * found.steps[0].layers[1].d.W)
