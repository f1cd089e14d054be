"""What `mlp backprop-trace` does: a network, a sample, and one or more updates in full.

Optimizers that take no gradient have their own trace, in `gradient_free`.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlpcli.cli.backprop_trace_command import TraceOptions
from mlpcli.cli.file_paths import check_files, sheet_texts, solution_place
from mlpcli.cli.network_options import ObjectiveOptions, RandomNetworkOptions
from mlpcli.cli.networks import background, feature_names, features_note, network_of, random_or_read, with_objective
from mlpcli.cli.notes import Notes
from mlpcli.cli.samples import FIRST, LOSS_OVERFLOWS, AskedSamples, weighted_samples
from mlpcli.cli.values import Form, check_seed, form_for, fraction, positive
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.families import spelled
from mlpcli.core.network import Network, cast, flattened
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer, optimizer_named
from mlpcli.core.tasks import choose_output
from mlpcli.data.text import STDIO
from mlpcli.derivation.quantities import MOST_ROUNDING, View
from mlpcli.derivation.report import trace_report
from mlpcli.derivation.trace import Trace, trace
from mlpcli.files.atomic import write_atomically
from mlpcli.files.model import Model
from mlpcli.files.weights import save_model
from mlpcli.report.sheet import Report

if TYPE_CHECKING:
    from mlpcli.derivation.check import Check

COMPARE = "compare"  # what --only calls the comparison
MOST_NAMED = 80  # characters of an optimizer that a file names
MOST_STEPS = 1000
MOST_PARAMETERS_IN_STEPS = 20_000_000  # of all steps together: a gigabyte, with gradients and optimizer state


class TraceRequest(NamedTuple):
    """What is to be computed."""

    weights: str | None
    random: RandomNetworkOptions
    samples: AskedSamples
    objective: ObjectiveOptions
    options: TraceOptions
    seed: int


class TraceStart(NamedTuple):
    """What a trace starts from."""

    network: Network  # in float64
    objective: Objective
    x: Array  # (n, inputs)
    y: Array  # (n, outputs)
    weights: Array | None  # (n,), of samples that have some

    def after(self, model: Model, network: Network) -> Model:
        """The model with this objective, and the network after the last update."""
        return replace(model, network=network, objective=self.objective)


class TraceOutcome(NamedTuple):
    """What a trace comes to."""

    report: Report
    model: Model  # with the network after the last update
    failure: str = ""  # what was asked for and does not hold: a gradient is wrong, somebody's own numbers differ


def run_backprop_trace(asked: TraceRequest) -> None:
    """All of `mlp backprop-trace`."""
    options = asked.options
    form = form_for(options.format, options.output, options.digits)
    view = _view(options, form)
    if options.merge_bias and options.freeze_bias:
        raise ChoiceError("--merge-bias updates W and b as one matrix; leave --freeze-bias out")
    optimizer = optimizer_named(options.optimizer or "sgd", options.momentum, options.nesterov)
    run = run_updates
    if optimizer.rule is None:
        from mlpcli.cli.gradient_free import check_options, run_gradient_free

        check_options(optimizer, options)
        run = run_gradient_free
    solution = solution_place(form, view, options)
    read = {"weights": asked.weights, "data": asked.samples.source.data, "compare": options.compare}
    check_files(read, options.output, solution, options.save_weights, options.force)
    check_seed(asked.seed)
    asked.samples.check(asked.weights)
    model = random_or_read(asked.random, asked.weights, asked.seed)
    if view.layer is not None and not 1 <= view.layer <= len(model.network.layers):
        raise ChoiceError(f"--layer {view.layer}: the network has the layers 1 to {len(model.network.layers)}")
    outcome = run(model, optimizer, asked, view)
    features = features_note(outcome.model)
    written = sheet_texts(outcome.report, form, options.output, solution, options.round_steps, features)
    if options.save_weights is not None:
        changed = outcome.model
        choose_output(changed.task, changed.output_activation, changed.objective.loss.name)  # raises for no pair
        save_model(changed, options.save_weights)
    for place, text in written:
        if place is None:
            print(text, end="", flush=True)
        else:
            write_atomically(place, text.encode())
    if solution not in (None, STDIO):
        Notes(quiet=False).note(f"the solution is in {solution}")
    if outcome.failure:
        raise ConditionError(outcome.failure)


def _view(shown: TraceOptions, form: Form) -> View:
    """What is to be shown, checked before there is a network."""
    if shown.only == COMPARE and shown.compare is None:
        raise ChoiceError("--only compare belongs to --compare FILE")
    if shown.only in ("loss", COMPARE) and shown.layer is not None:
        raise ChoiceError(f"--only {shown.only} belongs to no layer; leave --layer out")
    typesets, sums, only, layer = form.renderer.typesets, form.renderer.sums, shown.only, shown.layer
    return View(shown.whole, shown.explain, typesets, sums, only, layer, form.digits, shown.merge_bias)


def run_updates(model: Model, optimizer: Optimizer, asked: TraceRequest, view: View) -> TraceOutcome:
    """The updates that are asked for."""
    options = asked.options
    check_steps(options.steps, model.network.theta.size)
    _check_rounding(options)
    _check_tolerance(options)
    start = start_of(model, asked, FIRST)
    on_paper = options.rule != "exact" or options.round_steps is not None
    if on_paper:
        _check_plain(options, optimizer)
    rate = learning_rate_of(model, optimizer, options.learning_rate)
    network, objective, x, y, weights = start
    with np.errstate(all="ignore"):  # a dŷ that is not finite is shown as what it is
        exact = trace(network, objective, optimizer, rate, x, y, options.steps, options.freeze_bias, weights)
    _check_finite(exact)
    shown = _by_hand(exact, options) if on_paper else exact
    checked = _checked(shown, start) if options.check else None
    facts = background(model, _trained(model, optimizer, rate))
    report = trace_report(shown, view, checked, exact if on_paper else None, facts, feature_names(model))
    is_told = not (report.sections or view.narrowed)  # in the table of the given
    notes = [facts["features"]] if "features" in facts and not is_told and view.layer in (None, 1) else []
    if options.rule == "lecture" and _is_lectures(start):
        from mlpcli.derivation.hand_calculation import SLIDES_MISTAKE

        notes.insert(0, SLIDES_MISTAKE)
    report = report._replace(closing=(*report.closing, *notes))
    outcome = TraceOutcome(report, start.after(model, shown.network), checked.failure(options.rule) if checked else "")
    return outcome if options.compare is None else _compared(outcome, shown, options, view)


def start_of(model: Model, asked: TraceRequest, rows: slice) -> TraceStart:
    """The network with its objective, and the samples; of data without a row that is asked for, these rows."""
    model = with_objective(model, asked.objective)
    samples = weighted_samples(model, asked.samples, Notes(quiet=False), rows)
    return TraceStart(cast(model.network, np.float64), model.objective, *samples)


def learning_rate_of(model: Model, optimizer: Optimizer, asked: float | None) -> float:
    """The learning rate that is asked for, or that of the weights file's sample, or the optimizer's own."""
    rate = model.example.learning_rate or optimizer.learning_rate if asked is None else asked
    return positive(rate, "--learning-rate")


def _is_lectures(start: TraceStart) -> bool:
    """Whether this is the lecture's example, to the last number."""
    own = network_of(None)
    if start.network.layers != own.network.layers or start.objective != own.objective:
        return False
    mine, theirs = (start.network.theta, start.x, start.y), (own.network.theta, own.example.x, own.example.y)
    return all(other is not None and np.array_equal(one, other) for one, other in zip(mine, theirs, strict=True))


def _trained(model: Model, optimizer: Optimizer, rate: float) -> str:
    """How training updated the parameters, according to the weights file; empty if it did so as this trace does."""
    choice, learning_rate = model.training.get("optimizer"), model.training.get("learning_rate")
    if not isinstance(choice, str) or not isinstance(learning_rate, int | float):
        return ""
    here = (spelled(optimizer, OPTIMIZERS), rate) == (choice, learning_rate)
    return "" if here else f"{choice[:MOST_NAMED]}, learning rate {learning_rate:g}; this trace uses other settings"


# What few traces need is imported only for them: a plain trace starts in two thirds of the time.


def _by_hand(exact: Trace, asked: TraceOptions) -> Trace:
    from mlpcli.derivation.hand_calculation import hand_calculation

    return hand_calculation(exact, asked.rule, asked.round_steps)


def _checked(shown: Trace, start: TraceStart) -> "Check":
    """The gradients of the first step beside numerical derivatives."""
    from mlpcli.derivation.check import check_gradient

    gradient = flattened(start.network.layers, [layer.d for layer in shown.steps[0].layers])
    return check_gradient(gradient, start.network, start.objective, start.x, start.y, shown.factors)


def _compared(outcome: TraceOutcome, shown: Trace, asked: TraceOptions, view: View) -> TraceOutcome:
    """The outcome with somebody's own numbers beside the trace."""
    from mlpcli.derivation.compare.comparing import compare
    from mlpcli.derivation.compare.file import load_numbers
    from mlpcli.derivation.compare.given import numbers_of
    from mlpcli.derivation.compare.report import in_short, with_comparison
    from mlpcli.derivation.report import made_with

    own = load_numbers(asked.compare or "", numbers_of(shown), made_with(shown), asked.tolerance)
    comparison = compare(shown, own)
    differs = "" if comparison.agrees else in_short(shown, comparison)
    report = with_comparison(outcome.report, shown, comparison, view.only == COMPARE)
    return outcome._replace(report=report, failure=outcome.failure or differs)


def check_steps(steps: int, parameters: int) -> None:
    """Raises ChoiceError for more steps than fit in memory."""
    if not 1 <= steps <= MOST_STEPS:
        raise ChoiceError(f"--steps must be from 1 to {MOST_STEPS}, not {steps}")
    most = max(1, MOST_PARAMETERS_IN_STEPS // parameters)
    if steps > most:
        raise ChoiceError(
            f"--steps {steps}: {parameters:,} parameters in each are too many to keep; use {most} or fewer"
        )


def _check_rounding(asked: TraceOptions) -> None:
    """Raises ChoiceError for a rounding that does not exist, and for a check of rounded numbers."""
    digits = asked.round_steps
    if digits is not None and not 1 <= digits <= MOST_ROUNDING:
        raise ChoiceError(f"--round-steps must be from 1 to {MOST_ROUNDING}, not {digits}")
    if digits is not None and asked.check:
        raise ChoiceError(
            "--check looks at the last digits, and with --round-steps no gradient has them, since roundings add up; "
            "leave one of the two out"
        )


def _check_tolerance(asked: TraceOptions) -> None:
    """Raises ChoiceError for a tolerance without a comparison, and for one that is out of range."""
    if asked.tolerance is None:
        return
    if asked.compare is None:
        raise ChoiceError("--tolerance belongs to --compare FILE")
    fraction(asked.tolerance, "--tolerance")


def _check_plain(asked: TraceOptions, optimizer: Optimizer) -> None:
    """Raises ChoiceError for updates that are not made by hand."""
    option = "--rule lecture" if asked.rule == "lecture" else "--round-steps"
    if asked.steps != 1:
        raise ChoiceError(f"{option} makes one update; leave --steps {asked.steps} out")
    if optimizer.name != "sgd":
        raise ChoiceError(f"{option} works for plain gradient descent, not for {optimizer.name}; use --optimizer sgd")


def _check_finite(exact: Trace) -> None:
    """Raises MlpError if the loss overflows before the first update, ConditionError if it does after one."""
    if not np.isfinite(exact.steps[0].objective):
        raise MlpError(LOSS_OVERFLOWS)
    after = [step.loss_after + step.penalty_after for step in exact.steps]
    if not (np.isfinite(after).all() and np.isfinite(exact.network.theta).all()):
        raise ConditionError("the update overflows; try a smaller --learning-rate")
