"""What `mlp plot` shows of samples that go through a network: regions of classes, and the confusion matrix."""

from mlpcli.cli.building import prepared
from mlpcli.cli.notes import Notes
from mlpcli.cli.remembered_data import remembered_data
from mlpcli.cli.sources import Source
from mlpcli.cli.values import check_stdin
from mlpcli.core.errors import ChoiceError
from mlpcli.core.predicting import PREDICTION_BLOCK, evaluate_samples
from mlpcli.core.regions import regions
from mlpcli.files.machine import limit_threads
from mlpcli.files.weights import load_model
from mlpcli.report.pictures.confusion import confusion_report
from mlpcli.report.pictures.map_report import map_report
from mlpcli.report.pictures.records import Map
from mlpcli.report.sheet import Report


def boundary_report(weights: str, source: Source, part: str | None, notes: Notes) -> Report:
    """The regions of the classes, and the samples. Raises ChoiceError where a plane cannot show them."""
    check_stdin(weights=weights, data=source.data)
    model = load_model(weights)
    if model.network.inputs != 2:
        many = f"{model.network.inputs} feature" + "s" * (model.network.inputs > 1)
        raise ChoiceError(f"a boundary is drawn over two features, and {weights} takes {many}")
    if model.task.name not in ("binary", "multiclass"):
        raise ChoiceError(
            f"a boundary parts classes of which one is right, and the task of {weights} is {model.task.name}"
        )
    dataset, where = remembered_data(source, model, part or "all", notes)
    found = regions(model.network, model.task, prepared(dataset, model))
    one, two = model.preparation.features
    return map_report(Map(where, (one, two), model.coding.names, found))


def matrix_report(weights: str, source: Source, part: str | None, threads: int | None, notes: Notes) -> Report:
    """The confusion matrix of samples. Raises ChoiceError where the task has none."""
    check_stdin(weights=weights, data=source.data)
    model = load_model(weights)
    dataset, where = remembered_data(source, model, part, notes)
    limit_threads(model.network.layers, PREDICTION_BLOCK, threads)
    samples = prepared(dataset, model)
    found = evaluate_samples(model.network, model.objective, model.task, samples, model.coding.names)
    if found.confusion is None:
        raise ChoiceError(
            f"a confusion matrix counts classes of which one is right; the task of {weights} is {model.task.name}"
        )
    return confusion_report(found, where)
