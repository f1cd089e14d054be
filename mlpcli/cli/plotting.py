"""What the commands of `mlp plot` share: the network and its samples, and where the picture goes."""

from os.path import realpath
from typing import TYPE_CHECKING

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.plot.forms import Plot, PlotOutput, plot_output

if TYPE_CHECKING:  # the plot of a history needs no network
    from mlpcli.cli.network_options import ObjectiveOptions
    from mlpcli.cli.notes import Notes
    from mlpcli.cli.samples import AskedSamples
    from mlpcli.cli.sources import Source
    from mlpcli.core.samples import Samples
    from mlpcli.files.model import Model
    from mlpcli.files.runs import Runs
    from mlpcli.plot.parameters import Problem


def problem_of(
    weights: str | None, asked: "AskedSamples", objective: "ObjectiveOptions", part: str | None, notes: "Notes"
) -> "Problem":
    """The network of a weights file, or the lecture's, and the samples that are asked for.

    By default these are the sample that comes with the network, else the set that it was trained on.
    """
    import numpy as np

    from mlpcli.cli.networks import network_of, with_objective
    from mlpcli.cli.parts import prepared
    from mlpcli.cli.remembered import remembered_data
    from mlpcli.cli.samples import in_float64, weighted_samples
    from mlpcli.cli.values import check_stdin
    from mlpcli.core.network import cast
    from mlpcli.data.text import shown
    from mlpcli.plot.parameters import Problem

    check_stdin(weights=weights, data=asked.source.data)
    asked.check(weights)
    model = with_objective(network_of(weights), objective)
    name = "the lecture's network" if weights is None else shown(weights)
    if asked.are_single or (model.example.x is not None and not asked.source.is_named and part is None):
        if part is not None:
            raise ChoiceError(
                "--part takes a whole part of the training data; leave it out, or leave out --x, --y, --row and --rows"
            )
        x, y, own = weighted_samples(model, asked, notes)
    else:
        part = part or ("all" if asked.source.is_named else "training")
        dataset, which = remembered_data(asked.source, model, part, notes)
        try:
            (x, y), own = in_float64(prepared(dataset, model)), dataset.weights
        except MlpError as problem:
            if weights is not None:
                raise
            what = f"the lecture's network, taken without --weights, does not fit these data ({problem})"
            raise MlpError(f"{what}; add the --weights of a network trained on them") from None
        name = f"{name}, {which}"
    return Problem(cast(model.network, np.float64), model.objective, x, y, name, own)


def range_of(text: str) -> tuple[float, float]:
    """--range from,to. Raises ChoiceError unless from is less than to."""
    from mlpcli.cli.values import numbers
    from mlpcli.report.curves import LARGEST

    ends = numbers(text, "--range").tolist()
    if len(ends) != 2 or not -LARGEST < ends[0] < ends[1] < LARGEST:
        raise ChoiceError(f"--range takes two numbers, the smaller first, such as -4,4, not '{text[:40]}'")
    return ends[0], ends[1]


def classified(
    weights: str, source: "Source", part: str | None, what: str, notes: "Notes"
) -> "tuple[Model, Samples, str]":
    """A network that classifies, and the samples that are asked for, with their name.

    Raises ChoiceError if its task has several right classes per sample, or none.
    """
    from mlpcli.cli.parts import prepared
    from mlpcli.cli.remembered import remembered_data
    from mlpcli.cli.values import check_stdin
    from mlpcli.files.weights import load_model

    check_stdin(weights=weights, data=source.data)
    model = load_model(weights)
    if not model.task.one_class_each:
        raise ChoiceError(f"{what} needs a binary or multiclass task; the task of {weights} is {model.task.name}")
    dataset, title = remembered_data(source, model, part, notes)
    return model, prepared(dataset, model), title


def plot_place(output: str | None, format: str | None, *read: str | None) -> PlotOutput:
    """--output and --format, checked before anything is read. Raises ChoiceError if a file to `read` would be lost."""
    from mlpcli.cli.values import output_path
    from mlpcli.data.text import STDIO, shown
    from mlpcli.report.text import write_for_programs

    path = None if output is None or output_path(output) == STDIO else output
    if path is not None and realpath(path) in [realpath(each) for each in read if each]:
        raise ChoiceError(f"--output would overwrite the input file {shown(path)}; choose another file")
    place = plot_output(path, format)
    if place.form != "table":
        write_for_programs()
    return place


def show(plot: Plot, place: PlotOutput) -> None:
    """Prints or writes a plot."""
    from mlpcli.files.atomic import write_atomically

    if place.path is None:
        print(place.text(plot), end="")
    else:
        write_atomically(place.path, place.content(plot))


def ranked_runs(path: str, rank: str, notes: "Notes") -> "Runs":
    """The lines of a sweep. Warns if a ranking by the loss compares different losses."""
    from mlpcli.files.runs import read_runs
    from mlpcli.sweep.ranking import warning_of_losses

    runs = read_runs(path)
    if warning := warning_of_losses(runs.header, rank):
        notes.warn(warning)
    return runs
