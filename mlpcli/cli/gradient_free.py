"""What `mlp backprop-trace` does for optimizers that take no gradient: random search and the normal equations."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mlpcli.cli.options.output import CheckOptions, ViewOptions
from mlpcli.cli.options.training import UpdateOptions
from mlpcli.cli.samples import LOSS_OVERFLOWS, background
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import Optimizer
from mlpcli.data.dataset import numbered
from mlpcli.derivation.quantities import View
from mlpcli.files.model import Model
from mlpcli.report.sheet import Report


class GradientFreeResult(NamedTuple):
    """The network afterwards, and the report for a view."""

    model: Model
    report: Callable[[View], Report]

    def require(self) -> None:
        """Nothing is checked."""


def check_network(optimizer: Optimizer, network: Network, objective: Objective) -> None:
    """Raises ChoiceError with the reason, and with what shows the minima of other networks."""
    reason = optimizer.why_not(network, objective) if optimizer.why_not is not None else ""
    if reason:
        raise ChoiceError(f"--optimizer {optimizer.name}: {reason}; mlp plot slice shows the minima over one weight")


def check_options(
    optimizer: Optimizer, update: UpdateOptions, checks: CheckOptions, shown: ViewOptions, exercise: bool
) -> None:
    """Raises ChoiceError for options of a trace of gradients, and for those that the optimizer does not use."""
    of_gradients = {
        "--check": checks.check,
        "--compare": checks.compare is not None,
        "--tolerance": checks.tolerance is not None,
        "--rule": update.rule != "exact",
        "--round-steps": update.round_steps is not None,
        "--exercise": exercise,
        "--only": shown.only is not None,
        "--layer": shown.layer is not None,
        "--merge-bias": shown.merge_bias,
        "--explain": shown.explain and not optimizer.solves,
    }
    for option, given in of_gradients.items():
        if given:
            raise ChoiceError(f"{option} does not work with --optimizer {optimizer.name}; leave it out, or use sgd")
    if optimizer.solves and update.steps != 1:
        raise ChoiceError(f"--steps {update.steps}: the normal equations take one step; leave it out")
    if optimizer.solves and update.learning_rate is not None:
        raise ChoiceError("--learning-rate: the normal equations have none; leave it out")


def run_search(
    model: Model,
    optimizer: Optimizer,
    network: Network,
    objective: Objective,
    x: Array,
    y: Array,
    learning_rate: float,
    update: UpdateOptions,
    seed: int,
) -> GradientFreeResult:
    """Random search until --steps tries were kept."""
    from mlpcli.derivation.search import objective_values, search, search_report

    with np.errstate(all="ignore"):
        found = search(network, objective, optimizer, learning_rate, x, y, update.steps, update.freeze_bias, seed)
        finite = np.isfinite([*objective_values(found, found.start), found.tries[0].made.before]).all()
    if not finite:
        raise MlpError(LOSS_OVERFLOWS)
    after = replace(model, network=found.network, objective=objective)
    return GradientFreeResult(after, lambda view: search_report(found, view, background(model)))


def _outputs(model: Model) -> tuple[str, ...]:
    """The names of the outputs; one for two classes has none."""
    names, outputs = model.coding.names, model.network.outputs
    return names if len(names) == outputs else numbered(outputs, "y")


def run_solution(
    model: Model,
    optimizer: Optimizer,
    network: Network,
    objective: Objective,
    x: Array,
    y: Array,
    update: UpdateOptions,
) -> GradientFreeResult:
    """The normal equations, set up and solved. Raises ChoiceError if the gradient is not linear in θ."""
    from mlpcli.derivation.normal_equations import solution
    from mlpcli.derivation.solution_report import solution_report

    with np.errstate(all="ignore"):
        features, outputs = model.preparation.features, _outputs(model)
        found = solution(network, objective, optimizer, x, y, features, outputs, update.freeze_bias)
        finite = np.isfinite([found.loss + found.penalty, np.abs(found.matrices["H"]).max()]).all()
    if not finite:
        raise MlpError(LOSS_OVERFLOWS)
    after = replace(model, network=found.network, objective=objective)
    return GradientFreeResult(after, lambda view: solution_report(found, view, background(model)))
