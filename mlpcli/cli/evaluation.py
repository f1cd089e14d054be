"""What `mlp evaluate` does: find the data that the network was not trained on, and evaluate."""

from collections.abc import Callable
from math import isfinite

from mlpcli.cli.evaluate_command import BOUNDS, LimitOptions
from mlpcli.cli.notes import Notes
from mlpcli.cli.parts import evaluated, prepared
from mlpcli.cli.remembered import parts_of_training, remembered_data
from mlpcli.cli.sources import Source
from mlpcli.cli.values import check_stdin
from mlpcli.cli.weighting import loss_name
from mlpcli.core.errors import ChoiceError, ConditionError
from mlpcli.core.metrics import Evaluation
from mlpcli.core.overfitting import overfitting
from mlpcli.core.predicting import PREDICTION_BLOCK
from mlpcli.data.dataset import Dataset
from mlpcli.files.machine import limit_threads
from mlpcli.files.model import Model
from mlpcli.files.weights import load_model
from mlpcli.report.network_report import (
    evaluation_document,
    evaluation_report,
    flat_parts,
    network_words,
    parts_sheet,
)
from mlpcli.report.sheet import Report
from mlpcli.report.text import listed


def run_evaluation(
    weights: str, source: Source, part: str | None, threads: int | None, limits: LimitOptions, notes: Notes
) -> tuple[Report, Callable[[], None]]:
    """The report, and a function that raises ConditionError if a number is beyond its limit."""
    check_stdin(weights=weights, data=source.data)
    for bound, limit in limits.given:
        if not (isfinite(limit) and bound.least <= limit <= bound.most):
            raise ChoiceError(f"{bound.option} must be {bound.range}, not {limit:g}")
    model = load_model(weights)
    fitting = [bound.option for bound in BOUNDS if model.task.name in bound.tasks]
    for bound, _ in limits.given:
        if bound.option not in fitting:
            raise ChoiceError(f"{bound.option} does not fit the task {model.task.name}; use {listed(fitting)}")
    dataset, where = remembered_data(source, model, part, notes)
    limit_threads(model.network.layers, PREDICTION_BLOCK, threads)
    evaluation = evaluated(prepared(dataset, model), model)
    where += "" if dataset.weights is None else ", samples by their weights"
    report = evaluation_report(evaluation, where, loss_name(model.objective, dataset.weights is not None))
    if part == "all":
        report = _with_parts(report, evaluation, dataset, model, notes)
    title = f"Evaluation on {where}: {network_words(model.network.layers)}"
    return report._replace(title=title), lambda: _require(evaluation, limits)


def _with_parts(report: Report, evaluation: Evaluation, dataset: Dataset, model: Model, notes: Notes) -> Report:
    """The report with a row for each part of the training data, and a note if training shows overfitting."""
    measured = {name: evaluated(prepared(own, model), model) for name, own in parts_of_training(dataset, model).items()}
    if len(measured) < 2:
        return report
    signs = overfitting(model.task, measured)
    if text := signs.text(model.objective.l2):
        notes.note(text)
    summary, *others = report.sheets
    name = loss_name(model.objective, dataset.weights is not None)
    parts = parts_sheet(measured, name)._replace(title="Parts")
    document = {
        **report.document,
        "parts": {name: evaluation_document(each) for name, each in measured.items()},
        "overfitting": signs.document,
    }
    flat = flat_parts({"all": evaluation, **measured})
    return report._replace(document=document, flat=flat, sheets=(summary, parts, *others))


def _require(evaluation: Evaluation, limits: LimitOptions) -> None:
    """Raises ConditionError that names all metrics beyond their limits."""
    values = {"loss": evaluation.loss, **evaluation.metrics}
    broken = []
    for bound, limit in limits.given:
        asked, value = f"{bound.option} {limit!r}", values[bound.metric]
        if value is None:
            why = "because a target is constant or far smaller than the errors"
            broken.append(f"{bound.name} is undefined, {why}, so {asked} does not hold")
        elif not bound.holds(value, limit):
            shown = f"{value:.4g}"
            shown = repr(value) if bound.holds(float(shown), limit) else shown
            broken.append(f"{bound.name} is {shown}, {bound.beyond} than {asked}")
    if broken:
        raise ConditionError("; ".join(broken))
