"""What `mlp plot` does: where a picture goes, and what is in those that are drawn from a network."""

from pathlib import Path

from mlpcli.cli.building import prepared
from mlpcli.cli.notes import Notes
from mlpcli.cli.remembered_data import remembered_data
from mlpcli.cli.sources import Source
from mlpcli.cli.threads import limit_threads
from mlpcli.cli.values import check_stdin, form, one_of, output_path
from mlpcli.core.errors import ChoiceError
from mlpcli.core.predicting import PREDICTION_BLOCK, evaluate_samples
from mlpcli.core.regions import regions
from mlpcli.data.text import STDIO, shown
from mlpcli.files.atomic import check_writable, write_atomically
from mlpcli.files.history_reading import read_history
from mlpcli.files.weights import load_model
from mlpcli.report.pictures.confusion import confusion_report
from mlpcli.report.pictures.drawing import picture_image
from mlpcli.report.pictures.history import history_report
from mlpcli.report.pictures.images import SUFFIXES, check_image
from mlpcli.report.pictures.map_report import map_report
from mlpcli.report.pictures.records import Map
from mlpcli.report.pictures.weights import weights_report
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

FORMS = ("table", "json", "csv")
NUMBERS = {RENDERERS[name].suffix: name for name in FORMS[1:]}  # a suffix of files, and its form
NAMED: dict[str, str] = {**NUMBERS, **dict.fromkeys(SUFFIXES, "table")}  # of a picture it is that of a terminal's
DIGITS = 4  # which no form of a picture looks at: numbers come whole


class Canvas:
    """--output and --format, checked before anything is read: a picture as a file, numbers, or what a terminal shows.

    Where no format was asked for, the suffix tells numbers from pictures.
    """

    def __init__(self, output: str | None, format: str | None) -> None:
        path = None if output is None else output_path(output)
        self.output = None if path == STDIO else path
        self.form = form(_form_of(self.output, format), DIGITS)
        if self.output is None:
            return
        if self.form.name == "table":
            check_image(self.output, "--output", more=NUMBERS)
        check_writable(self.output)

    def show(self, report: Report) -> None:
        """Draws, prints or writes the one picture of a report."""
        if self.output is None:
            print(self.form(report), end="")
        elif self.form.name == "table":
            assert report.picture is not None
            write_atomically(self.output, picture_image(report.picture, Path(self.output).suffix))
        else:
            write_atomically(self.output, self.form(report).encode())


def _form_of(output: str | None, format: str | None) -> str:
    """The form that was asked for, or that of a file with this suffix. Raises ChoiceError where these are two."""
    named = NAMED.get(Path(output or "").suffix.lower())
    if format is None:
        return named or "table"
    asked = one_of(format, FORMS, "--format")
    if named not in (None, asked):
        raise ChoiceError(f"--output {output} and --format {format} disagree; leave out --format or change the suffix")
    return asked


def course_report(path: str, notes: Notes) -> Report:
    """The course of a training, and a note on the epochs that are no points of it."""
    history = read_history(path)
    if history.lost:
        losses = "loss of 1 epoch is" if history.lost == 1 else f"losses of {history.lost} epochs are"
        notes.note(f"the {losses} not finite and not drawn")
    return history_report(history)


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


def first_layer_report(weights: str) -> Report:
    """W⁽¹⁾ of a network, by unit and input."""
    model = load_model(weights)
    return weights_report(model.network.parameters[0].W, model.preparation.features, f"W⁽¹⁾ of {shown(weights)}")


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
