"""`mlp plot`: a command for each kind of picture."""

from typing import TYPE_CHECKING

from mlpcli.cli import options

if TYPE_CHECKING:
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.sources import Source
    from mlpcli.core.samples import Samples
    from mlpcli.files.model import Model
    from mlpcli.plot.forms import Plot, PlotOutput


def plot() -> None:
    """Draw a history, a decision boundary, weights or a confusion matrix.

    Example: mlp plot history h.csv --output h.svg

    Example: mlp plot boundary --weights w.json
    """


def history(
    file: options.HistoryFile,
    output: options.PictureOutput = None,
    format: options.PictureFormat = None,
) -> None:
    """Loss and accuracy by epoch, from a file that --history wrote.

    Example: mlp plot history h.csv --output h.svg
    """
    from mlpcli.cli.notes import Notes
    from mlpcli.plot.history import history_plot, read_history

    place = _place(output, format)
    epochs = read_history(file)
    if epochs.lost:
        losses = "loss of 1 epoch is" if epochs.lost == 1 else f"losses of {epochs.lost} epochs are"
        Notes(quiet=False).note(f"the {losses} not finite and not drawn")
    _show(history_plot(epochs), place)


def boundary(
    weights: options.Weights,
    dataset: options.Dataset = None,
    data: options.Data = None,
    target: options.Target = None,
    data_dir: options.DataDir = None,
    header: options.Header = None,
    delimiter: options.Delimiter = None,
    missing: options.Missing = None,
    part: options.PictureOf = None,
    quiet: options.Quiet = False,
    output: options.PictureOutput = None,
    format: options.PictureFormat = None,
) -> None:
    """The regions of the classes over two features, the samples, and which of them are misclassified.

    Example: mlp plot boundary --weights w.json --output b.svg
    """
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.sources import Source
    from mlpcli.core.errors import ChoiceError
    from mlpcli.plot.boundary import Boundary, boundary_plot, decision_regions

    place = _place(output, format)
    source = Source(dataset, data, target, data_dir, header, delimiter, missing)
    model = _model(weights, source, "a boundary")
    if model.network.inputs != 2:
        many = f"{model.network.inputs} feature" + "s" * (model.network.inputs > 1)
        raise ChoiceError(f"a boundary is drawn over two features, and {weights} takes {many}")
    samples, title = _samples(model, source, part or "all", Notes(quiet))
    one, two = model.preparation.features
    regions = decision_regions(model.network, model.task, samples)
    _show(boundary_plot(Boundary(title, (one, two), model.coding.names, regions)), place)


def weights(
    weights: options.Weights,
    output: options.PictureOutput = None,
    format: options.PictureFormat = None,
) -> None:
    """The first layer's weights: an image for each unit where the inputs are pixels, else a heat map.

    Example: mlp plot weights --weights w.json --output weights.png
    """
    from mlpcli.data.text import shown
    from mlpcli.files.weights import load_model
    from mlpcli.plot.matrix import weights_plot

    place = _place(output, format)
    model = load_model(weights)
    W, features = model.network.parameters[0].W, model.preparation.features
    _show(weights_plot(W, features, f"W⁽¹⁾ of {shown(weights)}"), place)


def confusion(
    weights: options.Weights,
    dataset: options.Dataset = None,
    data: options.Data = None,
    target: options.Target = None,
    data_dir: options.DataDir = None,
    header: options.Header = None,
    delimiter: options.Delimiter = None,
    missing: options.Missing = None,
    part: options.Part = None,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    output: options.PictureOutput = None,
    format: options.PictureFormat = None,
) -> None:
    """How often each class was taken for each other, as `mlp evaluate` counts it.

    Example: mlp plot confusion --weights w.json --output c.svg
    """
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.sources import Source
    from mlpcli.core.predicting import PREDICTION_BLOCK, evaluate_samples
    from mlpcli.files.machine import limit_threads
    from mlpcli.plot.matrix import confusion_plot

    place = _place(output, format)
    source = Source(dataset, data, target, data_dir, header, delimiter, missing)
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
    if model.task.name not in ("binary", "multiclass"):
        raise ChoiceError(f"{what} needs a binary or multiclass task; the task of {weights} is {model.task.name}")
    return model


def _samples(model: "Model", source: "Source", part: str | None, notes: "Notes") -> "tuple[Samples, str]":
    """Samples as the network takes them, and what they are."""
    from mlpcli.cli.building import prepared
    from mlpcli.cli.remembered_data import remembered_data

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
