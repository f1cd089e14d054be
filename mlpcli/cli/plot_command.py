"""`mlp plot`: a command for each kind of picture."""

from typing import TYPE_CHECKING, Annotated

import typer

from mlpcli.cli.options.data import PARTS, DataOptions, Part, ReadingOptions
from mlpcli.cli.options.groups import DATA, option
from mlpcli.cli.options.network import Weights
from mlpcli.cli.options.output import PictureOptions, Quiet, Threads

if TYPE_CHECKING:
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.sources import Source
    from mlpcli.core.samples import Samples
    from mlpcli.files.model import Model
    from mlpcli.plot.forms import Plot, PlotOutput


def plot() -> None:
    """Plot a history, a decision boundary, weights or a confusion matrix.

    Example: mlp plot history h.csv --output h.svg

    Example: mlp plot boundary --weights w.json
    """


def history(
    *,
    file: Annotated[str, typer.Argument(help="History, {history_files}, or - for stdin", metavar="FILE")],
    picture: PictureOptions,
) -> None:
    """Plot loss and accuracy per epoch, from a --history file.

    Example: mlp plot history h.csv --output h.svg
    """
    from mlpcli.cli.notes import Notes
    from mlpcli.plot.history import history_plot, read_history

    place = _place(*picture)
    epochs = read_history(file)
    if epochs.lost:
        losses = "loss of 1 epoch is" if epochs.lost == 1 else f"losses of {epochs.lost} epochs are"
        Notes(quiet=False).note(f"the {losses} not finite and not drawn")
    _show(history_plot(epochs), place)


def boundary(
    *,
    weights: Weights,
    data: DataOptions,
    reading: ReadingOptions,
    part: Annotated[str, option(DATA, "Part of the training run's data", "--part", metavar=PARTS)] = "all",
    picture: PictureOptions,
    quiet: Quiet = False,
) -> None:
    """Plot the decision regions over two features.

    With the samples, and which of them are misclassified.

    Example: mlp plot boundary --weights w.json --output b.svg
    """
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.sources import source_of
    from mlpcli.core.errors import ChoiceError
    from mlpcli.plot.boundary import Boundary, boundary_plot, decision_regions

    place = _place(*picture)
    source = source_of(data, reading)
    model = _model(weights, source, "a boundary")
    if model.network.inputs != 2:
        many = f"{model.network.inputs} feature" + "s" * (model.network.inputs > 1)
        raise ChoiceError(f"a boundary is drawn over two features, and {weights} takes {many}")
    samples, title = _samples(model, source, part, Notes(quiet))
    one, two = model.preparation.features
    regions = decision_regions(model.network, model.task, samples)
    _show(boundary_plot(Boundary(title, (one, two), model.coding.names, regions)), place)


def weights(*, weights: Weights, picture: PictureOptions) -> None:
    """Plot the weights of the first layer.

    An image for each unit if the inputs are pixels, else a heat map.

    Example: mlp plot weights --weights w.json --output weights.png
    """
    from mlpcli.data.text import shown
    from mlpcli.files.weights import load_model
    from mlpcli.plot.matrix import weights_plot

    place = _place(*picture)
    model = load_model(weights)
    W, features = model.network.parameters[0].W, model.preparation.features
    _show(weights_plot(W, features, f"W⁽¹⁾ of {shown(weights)}"), place)


def confusion(
    *,
    weights: Weights,
    data: DataOptions,
    reading: ReadingOptions,
    part: Part = None,
    picture: PictureOptions,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Plot how often each class is predicted as each class.

    The counts are those of mlp evaluate.

    Example: mlp plot confusion --weights w.json --output c.svg
    """
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.sources import source_of
    from mlpcli.core.predicting import PREDICTION_BLOCK, evaluate_samples
    from mlpcli.files.machine import limit_threads
    from mlpcli.plot.matrix import confusion_plot

    place = _place(*picture)
    source = source_of(data, reading)
    model = _model(weights, source, "a confusion matrix")
    samples, title = _samples(model, source, part, Notes(quiet))
    limit_threads(model.network.layers, PREDICTION_BLOCK, threads)
    evaluation = evaluate_samples(model.network, model.objective, model.task, samples, model.coding.names)
    _show(confusion_plot(evaluation, title), place)


def _model(weights: str, source: "Source", what: str) -> "Model":
    """A network that classifies. Raises ChoiceError if its task has several right classes per sample, or none."""
    from mlpcli.cli.values import check_stdin
    from mlpcli.core.errors import ChoiceError
    from mlpcli.files.weights import load_model

    check_stdin(weights=weights, data=source.data)
    model = load_model(weights)
    if not model.task.one_class_each:
        raise ChoiceError(f"{what} needs a binary or multiclass task; the task of {weights} is {model.task.name}")
    return model


def _samples(model: "Model", source: "Source", part: str | None, notes: "Notes") -> "tuple[Samples, str]":
    """Samples as the network takes them, and what they are."""
    from mlpcli.cli.parts import prepared, remembered_data

    dataset, title = remembered_data(source, model, part, notes)
    return prepared(dataset, model), title


def _place(output: str | None, format: str | None) -> "PlotOutput":
    """--output and --format, checked before anything is read."""
    from mlpcli.cli.values import output_path
    from mlpcli.data.text import STDIO
    from mlpcli.plot.forms import plot_output
    from mlpcli.report.screen import write_for_programs

    path = None if output is None or output_path(output) == STDIO else output
    place = plot_output(path, format)
    if place.form != "table":
        write_for_programs()
    return place


def _show(plot: "Plot", place: "PlotOutput") -> None:
    """Prints or writes a plot."""
    from mlpcli.files.atomic import write_atomically

    if place.path is None:
        print(place.text(plot), end="")
    else:
        write_atomically(place.path, place.content(plot))


SUBCOMMANDS = (history, boundary, weights, confusion)
