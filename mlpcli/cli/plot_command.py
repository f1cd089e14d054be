"""`mlp plot`: a command for each kind of picture."""

from typing import Annotated

import typer

from mlpcli.cli.groups import DATA, OUTPUT, option
from mlpcli.cli.network_options import (
    DescentOptions,
    Layer,
    NetworkOptions,
    ObjectiveOptions,
    OptimizationOptions,
    Over,
    TraceWeights,
    Weight,
    Weights,
)
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import (
    DataOptions,
    Part,
    PartOrAll,
    PictureOptions,
    Quiet,
    ReadingOptions,
    SampleOptions,
    Seed,
    SplitOptions,
    Threads,
    TrainingPart,
)


def plot() -> None:
    """Plot learning curves, decision regions, weights, layers, the loss over weights, or a sweep.

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
    from mlpcli.cli.plotting import plot_place, show
    from mlpcli.plot.history import counted_on, history_plot, read_history

    place = plot_place(*picture, file)
    epochs, restarted = counted_on(read_history(file))
    if restarted:
        Notes(quiet=False).note(restarted)
    if epochs.lost:
        losses = "loss of 1 epoch is" if epochs.lost == 1 else f"losses of {epochs.lost} epochs are"
        Notes(quiet=False).note(f"the {losses} not finite and not drawn")
    show(history_plot(epochs), place)


def boundary(
    *,
    weights: Weights,
    data: DataOptions,
    reading: ReadingOptions,
    part: PartOrAll = "all",
    picture: PictureOptions,
    quiet: Quiet = False,
) -> None:
    """Plot the decision regions over two features.

    Shows the samples too, and marks those that are misclassified.

    Example: mlp plot boundary --weights w.json --output b.svg
    """
    from mlpcli.cli.plotting import classified, plot_place, show
    from mlpcli.cli.sources import source_of
    from mlpcli.core.errors import ChoiceError
    from mlpcli.plot.boundary import decision_regions
    from mlpcli.plot.boundary_plot import Boundary, boundary_plot

    place = plot_place(*picture, weights, data.data)
    model, samples, title = classified(weights, source_of(data, reading), part, "a boundary", Notes(quiet))
    if model.network.inputs != 2:
        many = f"{model.network.inputs} feature" + "s" * (model.network.inputs > 1)
        raise ChoiceError(f"a boundary is drawn over two features, and {weights} takes {many}")
    one, two = model.preparation.features
    regions = decision_regions(model.network, model.task, samples)
    show(boundary_plot(Boundary(title, (one, two), model.coding.names, regions)), place)


def weights(*, weights: Weights, picture: PictureOptions) -> None:
    """Plot the weights of the first layer.

    Draws an image per unit if the inputs are pixels, else a heat map.

    Example: mlp plot weights --weights w.json --output weights.png
    """
    from mlpcli.cli.plotting import plot_place, show
    from mlpcli.data.text import shown
    from mlpcli.files.weights import load_model
    from mlpcli.plot.matrix import weights_plot

    place = plot_place(*picture, weights)
    model = load_model(weights)
    W, features = model.network.parameters[0].W, model.preparation.features
    show(weights_plot(W, features, f"W⁽¹⁾ of {shown(weights)}"), place)


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
    from mlpcli.cli.parts import evaluated
    from mlpcli.cli.plotting import classified, plot_place, show
    from mlpcli.cli.sources import source_of
    from mlpcli.core.predicting import PREDICTION_BLOCK
    from mlpcli.files.machine import limit_threads
    from mlpcli.plot.matrix import confusion_plot

    place = plot_place(*picture, weights, data.data)
    model, samples, title = classified(weights, source_of(data, reading), part, "a confusion matrix", Notes(quiet))
    limit_threads(model.network.layers, PREDICTION_BLOCK, threads)
    show(confusion_plot(evaluated(samples, model), title), place)


def slice(
    *,
    weight: Weight = "w11",
    layer: Layer = None,
    range: Annotated[
        str | None, option(OUTPUT, "Values of the weight, from,to", metavar="NUMBERS", default="4 on each side")
    ] = None,
    weights: TraceWeights = None,
    samples: SampleOptions,
    data: DataOptions,
    reading: ReadingOptions,
    part: TrainingPart = None,
    objective: ObjectiveOptions,
    picture: PictureOptions,
    quiet: Quiet = False,
) -> None:
    """Plot the loss and its derivative over one weight.

    All other parameters stay fixed. Marks each point where the derivative is 0, and compares the losses there.

    Example: mlp plot slice --weight w11

    Example: mlp plot slice --weights w.json --weight W2[1,3] --range -10,10 --output slice.svg
    """
    from mlpcli.cli.plotting import plot_place, problem_of, range_of, show
    from mlpcli.cli.samples import AskedSamples
    from mlpcli.cli.sources import source_of
    from mlpcli.plot.parameters import parameter_named
    from mlpcli.plot.slice import slice_of, usual_range
    from mlpcli.plot.slice_plot import slice_plot

    place = plot_place(*picture, weights, data.data)
    asked = AskedSamples(*samples, source_of(data, reading))
    problem = problem_of(weights, asked, objective, part, Notes(quiet))
    w = parameter_named(problem.network, weight, layer, "--weight")
    ends = usual_range(float(problem.network.theta[w.number])) if range is None else range_of(range)
    show(slice_plot(slice_of(problem, w, ends)), place)


def layers(
    *,
    weights: Weights,
    data: DataOptions,
    reading: ReadingOptions,
    part: PartOrAll = "all",
    picture: PictureOptions,
    quiet: Quiet = False,
) -> None:
    """Plot what each layer does to the plane of the inputs.

    Sends a grid and the samples through each W h + b and each activation.

    Example: mlp plot layers --weights w.json --output layers.svg
    """
    from mlpcli.cli.plotting import classified, plot_place, show
    from mlpcli.cli.sources import source_of
    from mlpcli.plot.layers import layer_planes, layers_plot

    place = plot_place(*picture, weights, data.data)
    model, samples, title = classified(weights, source_of(data, reading), part, "a plot of layers", Notes(quiet))
    planes = layer_planes(model.network, model.task, samples, model.preparation.features, model.coding.names)
    show(layers_plot(planes, title), place)


def descent(
    *,
    over: Over = None,
    layer: Layer = None,
    weights: TraceWeights = None,
    data: DataOptions,
    split: SplitOptions,
    reading: ReadingOptions,
    network: NetworkOptions,
    objective: ObjectiveOptions,
    descent: DescentOptions,
    range: Annotated[
        str | None,
        option(
            OUTPUT, "Values of the weights: from,to for both or each", metavar="NUMBERS", default="around the paths"
        ),
    ] = None,
    picture: PictureOptions,
    seed: Seed = 1,
    quiet: Quiet = False,
) -> None:
    """Plot the paths of gradient descent over two weights.

    Draws a path for each combination of optimizer, batch size and learning rate, on the contours of the loss. Trains
    only the two weights. --dataset or --data without --weights makes a new network, as mlp train does.

    Example: mlp plot descent --dataset cars --hidden 0

    Example: mlp plot descent --weights w.json --over w11,w12 --start -2,2 --optimizer sgd,momentum,adam --batch all
    """
    from mlpcli.cli.descending import run_descent
    from mlpcli.cli.plotting import plot_place, show
    from mlpcli.cli.request import TrainingRequest
    from mlpcli.cli.sources import source_of

    place = plot_place(*picture, weights, data.data)
    source = source_of(data, reading)
    asked = TrainingRequest(split, network, objective, OptimizationOptions(), seed)
    show(run_descent(weights, source, asked, descent, over, layer, range, Notes(quiet)), place)


def sweep(
    *,
    file: Annotated[str, typer.Argument(help="File of mlp sweep --output", metavar="FILE")],
    over: Annotated[
        str | None,
        option(DATA, "One option or two: hidden,learning-rate", metavar="NAMES", default="the first that vary"),
    ] = None,
    rank: Annotated[str, option(DATA, "Validation metric or loss", metavar="metric|loss")] = "metric",
    best: Annotated[int | None, option(DATA, "Curves of the best K networks, trained once more", metavar="K")] = None,
    network: Annotated[
        str | None, option(DATA, "Curves of these networks, trained once more: 3,17", metavar="NUMBERS")
    ] = None,
    picture: PictureOptions,
    quiet: Quiet = False,
) -> None:
    """Plot a sweep over one or two options, or its curves.

    Over one option, draws each network as a point, and the mean with its standard deviation; over two, a heat map.
    With --best or --network, draws loss and metric over the epochs.

    Example: mlp plot sweep runs.jsonl --over hidden --output s.svg

    Example: mlp plot sweep runs.jsonl --best 3
    """
    from mlpcli.cli.plotting import plot_place, ranked_runs, show

    place, notes = plot_place(*picture, file), Notes(quiet)
    if best is not None or network is not None:
        from mlpcli.cli.retraining import check_chosen, chosen_networks, curves_of

        check_chosen(best, network, over)
        runs = ranked_runs(file, rank, notes)
        show(curves_of(runs, chosen_networks(runs, best, network, rank, file), file, notes), place)
        return
    from mlpcli.plot.sweep import sweep_plot
    from mlpcli.sweep.grid import full_name

    names = [full_name(name) for name in over.split(",")] if over else []
    show(sweep_plot(ranked_runs(file, rank, notes), names, rank, file), place)


SUBCOMMANDS = (history, boundary, weights, confusion, slice, layers, descent, sweep)
