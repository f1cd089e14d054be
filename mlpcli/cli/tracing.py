"""What `mlp backprop-trace` does: a network, a sample, and one or more updates in full."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpcli.cli.drawing import LECTURE, Drawn, drawn_or_read
from mlpcli.cli.exercises import Paper
from mlpcli.cli.notes import Notes
from mlpcli.cli.objectives import objective_for
from mlpcli.cli.places import Places
from mlpcli.cli.rows import Rows
from mlpcli.cli.samples import samples_for
from mlpcli.cli.scaling import scaling_note
from mlpcli.cli.values import Form, between, check_seed, one_of
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.families import spelled
from mlpcli.core.network import Network, cast, flattened
from mlpcli.core.objective import Objective, check_pair, check_targets
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer, optimizer_named
from mlpcli.core.tasks import choose_output
from mlpcli.data.sample_files import sample_file
from mlpcli.data.text import STDIO
from mlpcli.derivation.quantities import PARTS, View
from mlpcli.derivation.report import trace_report
from mlpcli.derivation.setting import RULES
from mlpcli.derivation.trace import Trace, trace
from mlpcli.files.atomic import write_atomically
from mlpcli.files.model import Model
from mlpcli.files.weights import load_model, save_model
from mlpcli.report.sheet import Report

if TYPE_CHECKING:
    from mlpcli.cli.own_figures import Compared
    from mlpcli.derivation.check import Element

COMPARE = "compare"  # what --only calls the comparison
MOST_STEPS = 1000
MOST_PARAMETERS_IN_STEPS = 20_000_000  # of all steps together: a gigabyte, with gradients and running values
MOST_ROUNDING = 12  # decimals
MOST_NAMED = 80  # characters of an optimizer that a file names


@dataclass(frozen=True)
class Exercise:
    """What was asked for on the command line."""

    x: str | None
    y: str | None
    rows: Rows
    learning_rate: float | None
    optimizer: str | None
    momentum: float | None
    nesterov: bool
    loss: str | None
    changes: Mapping[str, Any]  # of the objective
    freeze_bias: bool
    steps: int
    rule: str
    round_steps: int | None
    seed: int
    check: bool
    compare: str | None
    tolerance: float | None


@dataclass(frozen=True)
class Found:
    """A trace, the gradient check where it was asked for, and the network after the last update."""

    trace: Trace
    checked: tuple["Element", ...]
    model: Model
    true: Trace | None  # the exact one, beside a trace by another rule
    slide: bool  # whether it is by the slide's rule and of the slide's own network and sample
    compared: "Compared | None"  # with somebody's own figures
    background: Mapping[str, str]  # what else one must know to read it, by what it is about

    def report(self, view: View) -> Report:
        """What is asked for of it. Raises ChoiceError for a layer that the network has not."""
        layers = len(self.trace.network.layers)
        if view.layer is not None and not 1 <= view.layer <= layers:
            raise ChoiceError(f"--layer {view.layer}: the network has the layers 1 to {layers}")
        report = trace_report(self.trace, view, self.checked, self.true, self.background)
        if self.slide:
            from mlpcli.derivation.hand_calculation import SLIDES_MISTAKE

            report = replace(report, closing=(*report.closing, SLIDES_MISTAKE))
        return report if self.compared is None else self.compared.beside(report, view.only == COMPARE)

    def require(self) -> None:
        """Raises ConditionError where a gradient is off, or one of somebody's own figures."""
        _require(self.checked, self.trace.rule)
        if self.compared is not None:
            self.compared.require()


def run_backprop_trace(
    drawn: Drawn, places: Places, exercise: Exercise, render: Callable[[Found], list[Paper]]
) -> None:
    """All of `mlp backprop-trace`."""
    places.check(exercise.compare)
    check_seed(exercise.seed)
    exercise.rows.check(places.weights)
    found = run_trace(drawn_or_read(drawn, places.weights), exercise)
    written = render(found)
    if places.save_weights is not None:
        _save(found.model, places.save_weights)
    for place, text in written:
        if place is None:
            print(text, end="", flush=True)
        else:
            write_atomically(place, text.encode())
    if places.solution not in (None, STDIO):
        Notes(quiet=False).note(f"the solution is in {places.solution}")
    found.require()


def _save(model: Model, path: str) -> None:
    """Writes the network. Raises ChoiceError for a loss that no weights file of its task can name."""
    choose_output(model.task, model.output_activation, model.objective.loss.name)
    save_model(model, path)


def trace_view(
    whole: bool, explain: bool, form: Form, only: str | None, layer: int | None, compare: str | None
) -> View:
    """What is to be shown, checked as far as it can be before there is a network."""
    if only is not None:
        one_of(only, (*PARTS, COMPARE), "--only")
    if only == COMPARE and compare is None:
        raise ChoiceError("--only compare belongs to --compare FILE")
    if only in ("loss", COMPARE) and layer is not None:
        raise ChoiceError(f"--only {only} belongs to no layer; leave --layer out")
    return View(whole, explain, form.typesets, form.sums, only, layer, form.digits)


def run_trace(model: Model, exercise: Exercise) -> Found:
    """The updates that were asked for."""
    _check_steps(exercise.steps, model.network.theta.size)
    _check_rounding(exercise)
    _check_tolerance(exercise)
    network = cast(model.network, np.float64)
    objective = objective_for(model, exercise.loss, exercise.changes)
    check_pair(objective, network.layers)
    x, y = samples_for(replace(model, objective=objective), exercise.x, exercise.y, exercise.rows)
    check_targets(objective, y)
    choice = "sgd" if exercise.optimizer is None else exercise.optimizer
    optimizer = optimizer_named(choice, exercise.momentum, exercise.nesterov)
    on_paper = one_of(exercise.rule, RULES, "--rule") != "exact" or exercise.round_steps is not None
    if on_paper:
        _check_plain(exercise, optimizer)
    rate = exercise.learning_rate
    if rate is None:
        rate = model.example.learning_rate or optimizer.learning_rate
    between(rate, "--learning-rate", 0, np.inf, open_ends=True)
    with np.errstate(all="ignore"):  # a dŷ that is not finite is shown as what it is
        found = trace(network, objective, optimizer, rate, x, y, exercise.steps, exercise.freeze_bias, exercise.seed)
    _check_finite(found)
    true = None
    if on_paper:
        from mlpcli.derivation.hand_calculation import hand_calculation

        true, found = found, hand_calculation(found, exercise.rule, exercise.round_steps)
    shown = flattened(network.layers, [layer.d for layer in found.steps[0].layers])
    checked: tuple[Element, ...] = ()
    if exercise.check:
        from mlpcli.derivation.check import check_gradient

        checked = check_gradient(shown, network, objective, x, y)
    after = replace(model, network=found.network, objective=objective)
    background = {"trained with": _trained(model, optimizer, rate), "scaling": scaling_note(model)}
    background = {name: text for name, text in background.items() if text}
    slide = exercise.rule == "lecture" and _is_lectures(network, objective, x, y)
    return Found(found, checked, after, true, slide, _compared(exercise, found), background)


def _is_lectures(network: Network, objective: Objective, x: Array, y: Array) -> bool:
    """Whether this is the lecture's example, to the last number."""
    own = load_model(str(sample_file(LECTURE)))
    if network.layers != own.network.layers or objective != own.objective:
        return False
    mine, theirs = (network.theta, x, y), (own.network.theta, own.example.x, own.example.y)
    return all(other is not None and np.array_equal(one, other) for one, other in zip(mine, theirs, strict=True))


def _trained(model: Model, optimizer: Optimizer, rate: float) -> str:
    """How training updated the parameters, as the weights file tells it; nothing where it was as it is here."""
    choice, learning_rate = model.training.get("optimizer"), model.training.get("learning_rate")
    if not isinstance(choice, str) or not isinstance(learning_rate, int | float):
        return ""
    here = (spelled(optimizer, OPTIMIZERS), rate) == (choice, learning_rate)
    return "" if here else f"{choice[:MOST_NAMED]}, learning rate {learning_rate:g}; here the updates are other ones"


def _compared(exercise: Exercise, found: Trace) -> "Compared | None":
    """Somebody's own figures beside the trace, whose many modules only --compare needs."""
    if exercise.compare is None:
        return None
    from mlpcli.cli.own_figures import compared

    return compared(exercise.compare, found, exercise.tolerance)


def _check_steps(steps: int, parameters: int) -> None:
    """Raises ChoiceError for more steps than can be kept in memory."""
    if not 1 <= steps <= MOST_STEPS:
        raise ChoiceError(f"--steps must be from 1 to {MOST_STEPS}, not {steps}")
    most = max(1, MOST_PARAMETERS_IN_STEPS // parameters)
    if steps > most:
        raise ChoiceError(f"--steps {steps}: {parameters:,} parameters in each are too many to keep; at most {most}")


def _check_rounding(exercise: Exercise) -> None:
    """Raises ChoiceError for a rounding that there is not, and for a check of rounded figures."""
    digits = exercise.round_steps
    if digits is not None and not 1 <= digits <= MOST_ROUNDING:
        raise ChoiceError(f"--round-steps must be from 1 to {MOST_ROUNDING}, not {digits}")
    if digits is not None and exercise.check:
        raise ChoiceError(
            "--check looks at the last digits, and with --round-steps no gradient has them, since what is rounded on "
            "the way adds up; leave one of the two out"
        )


def _check_tolerance(exercise: Exercise) -> None:
    """Raises ChoiceError for a tolerance of nothing, and for one that is none."""
    if exercise.tolerance is None:
        return
    if exercise.compare is None:
        raise ChoiceError("--tolerance belongs to --compare FILE")
    between(exercise.tolerance, "--tolerance", 0, 1)


def _check_plain(exercise: Exercise, optimizer: Optimizer) -> None:
    """Raises ChoiceError for what a step by hand is not made with."""
    asked = "--rule lecture" if exercise.rule == "lecture" else "--round-steps"
    if exercise.steps != 1:
        raise ChoiceError(f"{asked} makes one update; leave --steps {exercise.steps} out")
    if optimizer.name != "sgd":
        raise ChoiceError(
            f"{asked} makes a step of plain gradient descent, not of {optimizer.name}; use --optimizer sgd"
        )


def _check_finite(found: Trace) -> None:
    """Raises MlpError where the loss overflows before the first update, ConditionError where it does after one."""
    if not np.isfinite(found.steps[0].objective):
        raise MlpError("the loss overflows: x, y, the weights or --l1 and --l2 are too large")
    after = [step.loss_after + step.penalty_after for step in found.steps]
    if not (np.isfinite(after).all() and np.isfinite(found.network.theta).all()):
        raise ConditionError("the update overflows; try a smaller --learning-rate")


def _require(checked: tuple["Element", ...], rule: str) -> None:
    wrong = [element for element in checked if not element.right]
    if not wrong:
        return
    from mlpcli.derivation.check import worst_of

    worst = worst_of(wrong)
    cause = "; a unit is at its kink, where there is no derivative" if worst.kink else ""
    if rule == "lecture":
        cause = "; the slide's rule does not give the gradient"
    raise ConditionError(
        f"{len(wrong)} of {len(checked)} gradients are off; worst {worst.name}: {worst.exact:.8g} where a "
        f"{worst.method.name} gives {worst.numerical:.8g}{cause}"
    )
