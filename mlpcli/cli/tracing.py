"""What `mlp backprop-trace` does: a network, a sample, and one or more updates in full."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlpcli.cli.file_paths import FilePaths, sheet_texts, solution_place
from mlpcli.cli.networks import network_of, random_or_read, with_objective
from mlpcli.cli.notes import Notes
from mlpcli.cli.options.network import RandomNetworkOptions
from mlpcli.cli.options.objective import ObjectiveOptions
from mlpcli.cli.options.output import CheckOptions, TraceOutput, ViewOptions
from mlpcli.cli.options.training import UpdateOptions
from mlpcli.cli.samples import FIRST, LOSS_OVERFLOWS, AskedSamples, background, weighted_samples
from mlpcli.cli.values import Form, between, check_seed, form_for, one_of
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.families import spelled
from mlpcli.core.network import Network, cast, flattened
from mlpcli.core.objective import Objective, changed_objective
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer, optimizer_named
from mlpcli.core.tasks import choose_output
from mlpcli.data.text import STDIO
from mlpcli.derivation.quantities import PARTS, View
from mlpcli.derivation.report import trace_report
from mlpcli.derivation.setting import RULES
from mlpcli.derivation.trace import Trace, trace
from mlpcli.files.atomic import write_atomically
from mlpcli.files.model import Model
from mlpcli.files.weights import save_model
from mlpcli.report.sheet import Report

if TYPE_CHECKING:
    from mlpcli.cli.gradient_free import GradientFreeResult
    from mlpcli.derivation.check import Element
    from mlpcli.derivation.compare.comparing import Comparison

COMPARE = "compare"  # what --only calls the comparison
MOST_STEPS = 1000
MOST_PARAMETERS_IN_STEPS = 20_000_000  # of all steps together: a gigabyte, with gradients and optimizer state
MOST_ROUNDING = 12  # decimals
MOST_NAMED = 80  # characters of an optimizer that a file names


class TraceRequest(NamedTuple):
    """What is to be computed."""

    samples: AskedSamples
    objective: ObjectiveOptions
    update: UpdateOptions
    checks: CheckOptions
    seed: int


class TraceResult(NamedTuple):
    """A trace, what it was checked against, and the network after the last update."""

    trace: Trace
    checked: tuple["Element", ...]  # the gradients beside numerical derivatives, if asked for
    model: Model
    true: Trace | None  # the exact one, beside a trace by another rule
    is_lectures: bool  # whether it is by the lecture's rule, and of the lecture's own network and sample
    compared: "Comparison | None"  # with somebody's own numbers
    background: Mapping[str, str]  # what else one must know to read it, by what it is about

    def report(self, view: View) -> Report:
        """The part of it that is asked for. Raises ChoiceError for a layer that the network does not have."""
        layers = len(self.trace.network.layers)
        if view.layer is not None and not 1 <= view.layer <= layers:
            raise ChoiceError(f"--layer {view.layer}: the network has the layers 1 to {layers}")
        report = trace_report(self.trace, view, self.checked, self.true, self.background)
        if self.is_lectures:
            from mlpcli.derivation.hand_calculation import SLIDES_MISTAKE

            report = report._replace(closing=(*report.closing, SLIDES_MISTAKE))
        if report.sections and "features" in self.background:  # typeset pages have no table of what is given
            report = report._replace(closing=(*report.closing, self.background["features"]))
        if self.compared is None:
            return report
        from mlpcli.derivation.compare.report import with_comparison

        return with_comparison(report, self.trace, self.compared, view.only == COMPARE)

    def require(self) -> None:
        """Raises ConditionError if a gradient is wrong, or one of somebody's own numbers."""
        if self.checked:
            from mlpcli.derivation.check import require_right

            require_right(self.checked, self.trace.rule)
        if self.compared is not None and not self.compared.agrees:
            from mlpcli.derivation.compare.report import in_short

            raise ConditionError(in_short(self.trace, self.compared))


def run_backprop_trace(
    weights: str | None, random: RandomNetworkOptions, asked: TraceRequest, shown: ViewOptions, outputs: TraceOutput
) -> None:
    """All of `mlp backprop-trace`."""
    form = form_for(outputs.format, outputs.output, outputs.digits)
    view = _view(shown, form, asked.checks.compare)
    if shown.merge_bias and asked.update.freeze_bias:
        raise ChoiceError("--merge-bias updates W and b as one matrix; leave --freeze-bias out")
    optimizer = optimizer_named(asked.update.optimizer or "sgd", asked.update.momentum, asked.update.nesterov)
    if optimizer.rule is None:
        _check_gradient_free(optimizer, asked, shown, outputs.exercise)
    solution = solution_place(form, view, outputs)
    data = asked.samples.source.data
    places = FilePaths(weights, data, outputs.output, solution, outputs.save_weights, outputs.force)
    places.check(asked.checks.compare)
    check_seed(asked.seed)
    asked.samples.check(weights)
    model = random_or_read(random, weights, asked.seed)
    run = run_trace if optimizer.rule is not None else _gradient_free
    result: TraceResult | GradientFreeResult = run(model, optimizer, asked)
    written = sheet_texts(result.report(view), form, outputs.output, solution, asked.update.round_steps)
    if outputs.save_weights is not None:
        _save(result.model, outputs.save_weights)
    for place, text in written:
        if place is None:
            print(text, end="", flush=True)
        else:
            write_atomically(place, text.encode())
    if solution not in (None, STDIO):
        Notes(quiet=False).note(f"the solution is in {solution}")
    result.require()


def _save(model: Model, path: str) -> None:
    """Writes the network. Raises ChoiceError for a loss that does not fit its task."""
    choose_output(model.task, model.output_activation, model.objective.loss.name)
    save_model(model, path)


def _view(shown: ViewOptions, form: Form, compare: str | None) -> View:
    """What is to be shown, checked before there is a network."""
    if shown.only is not None:
        one_of(shown.only, (*PARTS, COMPARE), "--only")
    if shown.only == COMPARE and compare is None:
        raise ChoiceError("--only compare belongs to --compare FILE")
    if shown.only in ("loss", COMPARE) and shown.layer is not None:
        raise ChoiceError(f"--only {shown.only} belongs to no layer; leave --layer out")
    only, layer = shown.only, shown.layer
    return View(shown.whole, shown.explain, form.typesets, form.sums, only, layer, form.digits, shown.merge_bias)


def run_trace(model: Model, optimizer: Optimizer, asked: TraceRequest) -> TraceResult:
    """The updates that are asked for."""
    update, checks = asked.update, asked.checks
    _check_steps(update.steps, model.network.theta.size)
    _check_rounding(update.round_steps, checks)
    _check_tolerance(checks)
    network, objective, x, y, weights = _start(model, asked)
    on_paper = one_of(update.rule, RULES, "--rule") != "exact" or update.round_steps is not None
    if on_paper:
        _check_plain(update, optimizer)
    rate = _learning_rate(model, optimizer, update.learning_rate)
    with np.errstate(all="ignore"):  # a dŷ that is not finite is shown as what it is
        exact = trace(network, objective, optimizer, rate, x, y, update.steps, update.freeze_bias, weights)
    _check_finite(exact)
    shown = _by_hand(exact, update) if on_paper else exact
    gradient = flattened(network.layers, [layer.d for layer in shown.steps[0].layers])
    return TraceResult(
        trace=shown,
        checked=_checked(gradient, network, objective, x, y, exact.factors) if checks.check else (),
        model=replace(model, network=shown.network, objective=objective),
        true=exact if on_paper else None,
        is_lectures=update.rule == "lecture" and _is_lectures(network, objective, x, y),
        compared=_compared(checks, shown),
        background=background(model, _trained(model, optimizer, rate)),
    )


def _start(
    model: Model, asked: TraceRequest, otherwise: slice = FIRST
) -> tuple[Network, Objective, Array, Array, Array | None]:
    """The network and the objective, the samples x, (n, inputs), and y, (n, outputs), and their weights, (n,)."""
    model = with_objective(model, asked.objective)
    x, y, weights = weighted_samples(model, asked.samples, otherwise)
    return cast(model.network, np.float64), model.objective, x, y, weights


def _unweighted(model: Model, asked: TraceRequest, rows: slice) -> tuple[Network, Objective, Array, Array]:
    """As `_start`. Raises ChoiceError for weights, which these traces do not show."""
    network, objective, x, y, weights = _start(model, asked, rows)
    if weights is not None or objective.class_weights is not None:
        what = "a trace of random search or normal equations shows no weights of classes or samples"
        raise ChoiceError(f"{what}; use --optimizer sgd, or train without weights")
    return network, objective, x, y


def _learning_rate(model: Model, optimizer: Optimizer, asked: float | None) -> float:
    """The learning rate that is asked for, or that of the weights file's sample, or the optimizer's own."""
    rate = model.example.learning_rate or optimizer.learning_rate if asked is None else asked
    return between(rate, "--learning-rate", 0, np.inf, open_ends=True)


def _is_lectures(network: Network, objective: Objective, x: Array, y: Array) -> bool:
    """Whether this is the lecture's example, to the last number."""
    own = network_of(None)
    if network.layers != own.network.layers or objective != own.objective:
        return False
    mine, theirs = (network.theta, x, y), (own.network.theta, own.example.x, own.example.y)
    return all(other is not None and np.array_equal(one, other) for one, other in zip(mine, theirs, strict=True))


def _trained(model: Model, optimizer: Optimizer, rate: float) -> str:
    """How training updated the parameters, according to the weights file; empty if it did so as this trace does."""
    choice, learning_rate = model.training.get("optimizer"), model.training.get("learning_rate")
    if not isinstance(choice, str) or not isinstance(learning_rate, int | float):
        return ""
    here = (spelled(optimizer, OPTIMIZERS), rate) == (choice, learning_rate)
    return "" if here else f"{choice[:MOST_NAMED]}, learning rate {learning_rate:g}; this trace uses other settings"


# What few traces need is imported only for them: a plain trace starts in two thirds of the time.


def _check_gradient_free(optimizer: Optimizer, asked: TraceRequest, shown: ViewOptions, exercise: bool) -> None:
    from mlpcli.cli.gradient_free import check_options

    check_options(optimizer, asked.update, asked.checks, shown, exercise)


def _gradient_free(model: Model, optimizer: Optimizer, asked: TraceRequest) -> "GradientFreeResult":
    from mlpcli.cli.gradient_free import check_network, run_search, run_solution

    objective = changed_objective(model.objective, asked.objective.loss, asked.objective.settings)
    check_network(optimizer, model.network, objective)
    _check_steps(asked.update.steps, 1)
    if optimizer.solves:
        return run_solution(model, optimizer, *_unweighted(model, asked, slice(None)), asked.update, asked.checks)
    rate = _learning_rate(model, optimizer, asked.update.learning_rate)
    return run_search(model, optimizer, *_unweighted(model, asked, FIRST), rate, asked.update, asked.seed)


def _by_hand(exact: Trace, update: UpdateOptions) -> Trace:
    from mlpcli.derivation.hand_calculation import hand_calculation

    return hand_calculation(exact, update.rule, update.round_steps)


def _checked(
    gradient: Array, network: Network, objective: Objective, x: Array, y: Array, factors: Array | None
) -> "tuple[Element, ...]":
    from mlpcli.derivation.check import check_gradient

    return check_gradient(gradient, network, objective, x, y, factors)


def _compared(checks: CheckOptions, shown: Trace) -> "Comparison | None":
    """Somebody's own numbers beside the trace."""
    if checks.compare is None:
        return None
    from mlpcli.derivation.compare.comparing import compare
    from mlpcli.derivation.compare.file import load_numbers
    from mlpcli.derivation.compare.given import numbers_of
    from mlpcli.derivation.report import made_with

    own = load_numbers(checks.compare, numbers_of(shown), made_with(shown), checks.tolerance)
    return compare(shown, own)


def _check_steps(steps: int, parameters: int) -> None:
    """Raises ChoiceError for more steps than fit in memory."""
    if not 1 <= steps <= MOST_STEPS:
        raise ChoiceError(f"--steps must be from 1 to {MOST_STEPS}, not {steps}")
    most = max(1, MOST_PARAMETERS_IN_STEPS // parameters)
    if steps > most:
        raise ChoiceError(
            f"--steps {steps}: {parameters:,} parameters in each are too many to keep; use {most} or fewer"
        )


def _check_rounding(digits: int | None, checks: CheckOptions) -> None:
    """Raises ChoiceError for a rounding that does not exist, and for a check of rounded numbers."""
    if digits is not None and not 1 <= digits <= MOST_ROUNDING:
        raise ChoiceError(f"--round-steps must be from 1 to {MOST_ROUNDING}, not {digits}")
    if digits is not None and checks.check:
        raise ChoiceError(
            "--check looks at the last digits, and with --round-steps no gradient has them, since roundings add up; "
            "leave one of the two out"
        )


def _check_tolerance(checks: CheckOptions) -> None:
    """Raises ChoiceError for a tolerance without a comparison, and for one that is out of range."""
    if checks.tolerance is None:
        return
    if checks.compare is None:
        raise ChoiceError("--tolerance belongs to --compare FILE")
    between(checks.tolerance, "--tolerance", 0, 1)


def _check_plain(update: UpdateOptions, optimizer: Optimizer) -> None:
    """Raises ChoiceError for updates that are not made by hand."""
    asked = "--rule lecture" if update.rule == "lecture" else "--round-steps"
    if update.steps != 1:
        raise ChoiceError(f"{asked} makes one update; leave --steps {update.steps} out")
    if optimizer.name != "sgd":
        raise ChoiceError(f"{asked} works for plain gradient descent, not for {optimizer.name}; use --optimizer sgd")


def _check_finite(exact: Trace) -> None:
    """Raises MlpError if the loss overflows before the first update, ConditionError if it does after one."""
    if not np.isfinite(exact.steps[0].objective):
        raise MlpError(LOSS_OVERFLOWS)
    after = [step.loss_after + step.penalty_after for step in exact.steps]
    if not (np.isfinite(after).all() and np.isfinite(exact.network.theta).all()):
        raise ConditionError("the update overflows; try a smaller --learning-rate")
