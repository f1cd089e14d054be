"""Three updates in a row, from an oracle's gradients: by the papers' forms in scalar loops, by PyTorch's optimizers, by
least squares; and what random search promises."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from test_optimizers import BY_HAND
from test_trace_oracle import ORACLES, network_of, objective_for
from trace_by_differences import batch_loss, has_room, penalty
from trace_cases import Array, Case, Figures, draws

from mlpcli.core.families import pick
from mlpcli.core.network import Parameters
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.trace import Trace, trace

STEPS, RATE = 3, 0.01
RULES = [row.name for row in OPTIMIZERS.values() if row.rule is not None]
SMOOTH = [("tanh", "softmax", "cce"), ("sigmoid", "sigmoid", "half-sse"), ("swish", "linear", "mse")]


def first_case(hidden: str, last: str, loss: str) -> Case:
    return next(case for case in draws(hidden, last, loss) if has_room(case))


def traced(case: Case, optimizer: str, rate: float = RATE) -> Trace:
    rule = pick(OPTIMIZERS, optimizer, "optimizer")
    return trace(network_of(case), objective_for(case), rule, rate, case.x, case.y, STEPS)


def named(parts: tuple[Parameters, ...], case: Case) -> Figures:
    """Parameters, or what has their shapes, under the names of the case."""
    letters = {"W": "W", "b": "b", "a": "alpha"}
    return {name: getattr(parts[int(name[-1]) - 1], letters[name[0]]) for name in case.parameters}


def close(found: Figures, expected: Figures, tolerance: float) -> None:
    assert {*found} == {*expected}
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=tolerance, atol=tolerance, err_msg=name)


# ----- By the papers' forms -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize("optimizer", BY_HAND)
@pytest.mark.parametrize(("hidden", "last", "loss"), SMOOTH)
def test_three_updates_are_those_of_the_paper(oracle: str, optimizer: str, hidden: str, last: str, loss: str) -> None:
    case, (gradients_of, tolerance) = first_case(hidden, last, loss), ORACLES[oracle]
    start, gradients = case.parameters, []
    for step in traced(case, optimizer).steps:
        close(named(tuple(layer.before for layer in step.layers), case), case.parameters, tolerance)
        gradients.append(gradients_of(case))
        case = replace(case, parameters={name: by_hand(optimizer, name, start, gradients) for name in start})
        close(named(tuple(layer.after for layer in step.layers), case), case.parameters, tolerance)
        assert step.loss_after + step.penalty_after == pytest.approx(
            float(batch_loss(case) + penalty(case)), rel=tolerance
        )


def test_all_rules_are_written_out() -> None:
    assert {text.partition(":")[0] for text in BY_HAND} == {*RULES}


def by_hand(optimizer: str, name: str, start: Figures, gradients: list[Figures]) -> Array:
    """A parameter after these gradients, number by number."""
    found = np.empty_like(start[name])
    for place in np.ndindex(found.shape):
        history = [float(gradient[f"d{name}"][place]) for gradient in gradients]
        found[place] = BY_HAND[optimizer](float(start[name][place]), history, RATE)
    return found


# ----- By PyTorch ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Twin:
    """PyTorch's optimizer that makes the same updates. Where ε vanishes, its forms and Keras' are one."""

    name: str
    settings: dict[str, Any]
    slots: dict[str, tuple[str, float]]  # ours -> its own, and how many of its own one of ours is


VELOCITY = {"v": ("momentum_buffer", -RATE)}  # PyTorch has the rate outside
TWINS = {
    "sgd": Twin("SGD", {}, {}),
    "momentum:0.8": Twin("SGD", {"momentum": 0.8}, VELOCITY),
    "nesterov:0.8": Twin("SGD", {"momentum": 0.8, "nesterov": True}, VELOCITY),
    "adagrad:1e-300": Twin("Adagrad", {"initial_accumulator_value": 0.1, "eps": 1e-150}, {"s": ("sum", 1)}),
    "rmsprop:0.8:1e-300": Twin("RMSprop", {"alpha": 0.8, "eps": 1e-150}, {"s": ("square_avg", 1)}),
    "adam:0.8:0.9:1e-300": Twin(
        "Adam", {"betas": (0.8, 0.9), "eps": 1e-150}, {"m": ("exp_avg", 1), "v": ("exp_avg_sq", 1)}
    ),
}


@pytest.mark.parametrize("optimizer", TWINS)
@pytest.mark.parametrize(("hidden", "last", "loss"), [*SMOOTH, ("prelu", "linear", "mse")])
def test_three_updates_and_running_values_are_those_of_pytorch(
    optimizer: str, hidden: str, last: str, loss: str
) -> None:
    torch = pytest.importorskip("torch")
    case, twin = first_case(hidden, last, loss), TWINS[optimizer]
    given = {name: torch.tensor(values) for name, values in case.parameters.items()}
    rule = getattr(torch.optim, twin.name)([*given.values()], lr=RATE, **twin.settings)
    for step in traced(case, optimizer).steps:
        gradients = ORACLES["PyTorch"][0](case)
        for name, tensor in given.items():
            tensor.grad = torch.tensor(gradients[f"d{name}"])
        rule.step()
        case = replace(case, parameters={name: tensor.numpy().copy() for name, tensor in given.items()})
        close(named(tuple(layer.after for layer in step.layers), case), case.parameters, 1e-12)
        assert {*step.slots} == {*twin.slots}
        for slot, (its, factor) in twin.slots.items():
            expected = {name: factor * rule.state[tensor][its].numpy() for name, tensor in given.items()}
            close(named(step.slots[slot], case), expected, 1e-12)


def test_every_rule_has_a_twin() -> None:
    assert {text.partition(":")[0] for text in TWINS} == {*RULES}
