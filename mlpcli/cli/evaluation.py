"""What `mlp evaluate` does: find the data that the network has not seen, and measure."""

from collections.abc import Callable

from mlpcli.cli.building import prepared
from mlpcli.cli.notes import Notes
from mlpcli.cli.remembered_data import remembered_data
from mlpcli.cli.sources import Source
from mlpcli.cli.threads import limit_threads
from mlpcli.cli.values import check_stdin, share
from mlpcli.core.errors import ChoiceError, ConditionError
from mlpcli.core.metrics import Evaluation
from mlpcli.core.predicting import PREDICTION_BLOCK, evaluate_samples
from mlpcli.files.weights import load_model
from mlpcli.report.evaluation_report import evaluation_report
from mlpcli.report.sheet import Report


def run_evaluation(
    weights: str, source: Source, part: str | None, threads: int | None, least: float | None, notes: Notes
) -> tuple[Report, Callable[[], None]]:
    """The report, and a function that raises ConditionError where the accuracy is lower than `least`."""
    check_stdin(weights=weights, data=source.data)
    if least is not None:
        share(least, "--min-accuracy")
    model = load_model(weights)
    if least is not None and model.task.name == "regression":
        raise ChoiceError("--min-accuracy: a regression has no accuracy")
    dataset, where = remembered_data(source, model, part, notes)
    limit_threads(model.network.layers, PREDICTION_BLOCK, threads)
    samples = prepared(dataset, model)
    found = evaluate_samples(model.network, model.objective, model.task, samples, model.coding.names)
    return evaluation_report(found, where, model.objective.loss.name), lambda: _require(found, least)


def _require(found: Evaluation, least: float | None) -> None:
    accuracy = found.metrics.get("accuracy")
    if least is not None and (accuracy is None or accuracy < least):
        raise ConditionError(f"the accuracy is {accuracy:.4f}, lower than --min-accuracy {least:g}")
