"""`mlp forward`"""

from typing import Annotated, NamedTuple

from mlpcli.cli.groups import OUTPUT, option
from mlpcli.cli.network_options import L1, L2, Loss, ObjectiveOptions, Weights
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import Data, DataOptions, Dataset, Quiet, ReadingOptions, ReportOptions, Threads, X, Y


class KeepingOptions(NamedTuple):
    """How `forward` writes predictions beside the rows of a file."""

    keep: Annotated[bool, option(OUTPUT, "Write the cells of each row before its prediction", "--keep")] = False
    spreadsheet: Annotated[
        bool, option(OUTPUT, "Write ' before text that a spreadsheet would run as a formula", "--spreadsheet")
    ] = False


def forward(
    *,
    weights: Weights,
    x: X = None,
    y: Y = None,
    dataset: Dataset = None,
    data: Data = None,
    reading: ReadingOptions,
    loss: Loss = None,
    l2: L2 = None,
    l1: L1 = None,
    keeping: KeepingOptions,
    report: ReportOptions,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Predict the rows of a file, or show one forward pass.

    Example: mlp forward --weights w.json --x 1.8,0.5

    Example: mlp forward --weights w.json --x 1.8,0.5 --y 1,0,0 --l2 0.1

    Example: cat new.csv | mlp forward --weights w.json --data - --format csv

    Example: mlp forward --weights w.json --data new.csv --keep
    """
    from mlpcli.cli.prediction import check_forward, print_predictions
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.values import form

    source = source_of(DataOptions(dataset=dataset, data=data), reading)
    render = form(report.format, report.digits)
    wanted, notes = ObjectiveOptions(loss, l2, l1), Notes(quiet)
    check_forward(weights, x, y, wanted, source, keeping, render)
    if x is None:
        print_predictions(weights, source, keeping, render, threads, notes)
        return
    from mlpcli.cli.forward_pass import show_pass
    from mlpcli.files.weights import load_model

    print(render(show_pass(load_model(weights), x, y, weights, wanted, source, notes)), end="")
