"""Traces against two independent ways to the same numbers: differences of formulas written out again, and PyTorch.

PyTorch is no dependency; where it is not installed, differences alone are the oracle.
"""

from importlib.util import find_spec

import numpy as np
import pytest
from core_helpers import activation, goes_together, learned_names
from trace_by_differences import TOLERANCE, by_differences, has_room
from trace_cases import CONSTANTS, Case, Figures, draws

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain
from mlpcli.core.objective import Objective, objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.trace import StepTrace, trace

PAIRS = [(name, loss) for name in ACTIVATIONS for loss in LOSSES if goes_together(loss, name)]


ORACLES = {"differences": (by_differences, TOLERANCE)}
if find_spec("torch"):
    from trace_by_torch import by_torch

    ORACLES["PyTorch"] = (by_torch, 1e-12)


def network_of(case: Case) -> Network:
    """The case's network as the package has it."""
    texts = [f"{name}:{CONSTANTS[name]}" if name in CONSTANTS else name for name in case.functions]
    units = [len(case.parameters[f"b{k}"]) for k in case.layers]
    layers = chain(case.x.shape[1], units, [activation(text) for text in texts])
    return Network(layers, np.concatenate([values.ravel() for values in case.parameters.values()]))


def objective_for(case: Case) -> Objective:
    """The case's objective as the package has it."""
    return objective_of(
        LOSSES[case.loss],
        output_reduction=case.output_reduction,
        batch_reduction=case.batch_reduction,
        l1=case.l1,
        l2=case.l2,
        regularize_bias=case.regularize_bias,
    )


def numbers_of(step: StepTrace) -> Figures:
    """What a trace says, under the names that the oracles use."""
    found = {"terms": step.terms, "loss": np.array(step.loss), "penalty": np.array(step.penalty), "dx": step.dx}
    for k, layer in enumerate(step.layers, 1):
        found |= {f"{name}{k}": getattr(layer, name) for name in ("a", "h", "derivative", "dh", "da")}
        found |= {f"d{name}{k}": getattr(layer.d, name) for name in learned_names(layer)}
    return found


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize(("last", "loss"), PAIRS)
def test_every_number_of_a_random_network_is_right(oracle: str, last: str, loss: str) -> None:
    for hidden in (*ACTIVATIONS, ""):
        case = next(case for case in draws(hidden, last, loss) if has_room(case))
        (step,) = trace(network_of(case), objective_for(case), OPTIMIZERS["sgd"], 0.1, case.x, case.y).steps
        by_another_way, tolerance = ORACLES[oracle]
        found, expected = numbers_of(step), by_another_way(case)
        assert {*found} - {*expected} <= {"terms"}  # which PyTorch's losses do not show
        for name, figure in expected.items():
            assert found[name].shape == figure.shape, name
            np.testing.assert_allclose(found[name], figure, rtol=tolerance, atol=tolerance / 100, err_msg=name)
