"""What `mlp backprop-trace` does for optimizers that take no gradient: random search and the normal equations."""

from collections.abc import Mapping

import numpy as np

from mlpcli.cli.backprop_trace_command import TraceOptions
from mlpcli.cli.groups import flag
from mlpcli.cli.networks import background, with_feature_names
from mlpcli.cli.samples import FIRST, LOSS_OVERFLOWS
from mlpcli.cli.tracing import TraceOutcome, TraceRequest, TraceStart, check_steps, learning_rate_of, start_of
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.objective import changed_objective
from mlpcli.core.optimizers import Optimizer, check_optimizer
from mlpcli.core.samples import unscaled
from mlpcli.data.dataset import numbered
from mlpcli.derivation.quantities import View
from mlpcli.files.model import Model

# Why an option of a trace of gradients does not work here, by its field.
Reasons = Mapping[str, str]
OF_SEARCH: Reasons = {
    "check": "random search has no gradient to check",
    "compare": "it looks for mistakes in a gradient, and random search has none",
    "rule": "the rules are for gradients, and random search has none",
    "round_steps": "it rounds the steps to a gradient, and random search has none",
    "exercise": "the tries are random numbers, which nobody computes by hand",
    "only": "random search has no backward pass and no update, only tries",
    "layer": "random search takes weights of all layers in random order",
    "merge_bias": "random search shows single numbers of θ, not W and b",
    "explain": "random search shows losses, not the sums that they are; sgd does",
}
OF_SOLUTION: Reasons = {
    "compare": "it looks for mistakes in an update, and the normal equations make none",
    "rule": "the rules are for updates, and the normal equations make none",
    "round_steps": "rounded numbers would change the solution, not only its digits",
    "only": "the normal equations have no forward and backward pass to choose from",
    "layer": "the normal equations are for a single layer",
    "merge_bias": "here b is merged already, as the column of ones in X",
}


def check_options(optimizer: Optimizer, asked: TraceOptions) -> None:
    """Raises ChoiceError for options of a trace of gradients, and for those that the optimizer does not use."""
    for name, reason in (OF_SOLUTION if optimizer.solves else OF_SEARCH).items():
        if getattr(asked, name) != asked._field_defaults[name]:
            raise ChoiceError(f"{flag(name)}: {reason}; leave it out")
    if asked.tolerance is not None:
        raise ChoiceError("--tolerance belongs to --compare, which is for updates by a gradient; leave it out")
    if optimizer.solves and asked.steps != 1:
        raise ChoiceError(f"--steps {asked.steps}: the normal equations take one step; leave it out")
    if optimizer.solves and asked.learning_rate is not None:
        raise ChoiceError("--learning-rate: the normal equations have none; leave it out")


def run_gradient_free(model: Model, optimizer: Optimizer, asked: TraceRequest, view: View) -> TraceOutcome:
    """Random search, or the normal equations. Raises ChoiceError for weights, which these traces do not show."""
    objective = changed_objective(model.objective, asked.objective.loss, asked.objective.settings)
    check_optimizer(optimizer, model.network, objective, "mlp plot slice shows the minima over one weight")
    check_steps(asked.options.steps, 1)
    start = start_of(model, asked, slice(None) if optimizer.solves else FIRST)
    if start.weights is not None or start.objective.class_weights is not None:
        what = "a trace of random search or normal equations takes no class or sample weights"
        raise ChoiceError(f"{what}; use --optimizer sgd, or train without weights")
    return (_run_solution if optimizer.solves else _run_search)(model, optimizer, start, asked, view)


def _run_search(model: Model, optimizer: Optimizer, start: TraceStart, asked: TraceRequest, view: View) -> TraceOutcome:
    """Random search until --steps tries were kept."""
    from mlpcli.derivation.gradient_free.search import objective_values, search, search_report

    network, objective, x, y, _ = start
    wanted, frozen = asked.options.steps, asked.options.freeze_bias
    rate = learning_rate_of(model, optimizer, asked.options.learning_rate)
    with np.errstate(all="ignore"):
        found = search(network, objective, optimizer, rate, x, y, wanted, frozen, asked.seed)
        finite = np.isfinite([*objective_values(found, found.start), found.tries[0].made.before]).all()
    if not finite:
        raise MlpError(LOSS_OVERFLOWS)
    report = with_feature_names(search_report(found, view, background(model)), model)
    return TraceOutcome(report, start.after(model, found.network))


def _run_solution(
    model: Model, optimizer: Optimizer, start: TraceStart, asked: TraceRequest, view: View
) -> TraceOutcome:
    """The normal equations, set up and solved."""
    from mlpcli.derivation.check import check_gradient
    from mlpcli.derivation.gradient_free.normal_equations import Scalings, solution
    from mlpcli.derivation.gradient_free.report import solution_report

    network, objective, x, y, _ = start
    features, outputs = model.preparation.features, _outputs(model)
    scalings = Scalings(model.preparation.scaling, model.coding.scaling or unscaled())
    with np.errstate(all="ignore"):
        found = solution(network, objective, optimizer, x, y, features, outputs, asked.options.freeze_bias, scalings)
        finite = np.isfinite([found.loss + found.penalty, np.abs(found.matrices["H"]).max()]).all()
    if not finite:
        raise MlpError(LOSS_OVERFLOWS)
    checked = check_gradient(found.dtheta, found.network, objective, x, y) if asked.options.check else None
    report = solution_report(found, view, background(model), checked)
    return TraceOutcome(report, start.after(model, found.network), checked.failure() if checked else "")


def _outputs(model: Model) -> tuple[str, ...]:
    """The names of the outputs; one for two classes has none."""
    names, outputs = model.coding.names, model.network.outputs
    return names if len(names) == outputs else numbered(outputs, "y")
