"""`mlp forward`"""

from mlpcli.cli.notes import Notes
from mlpcli.cli.options.data import Data, DataOptions, Dataset, ReadingOptions, X, Y
from mlpcli.cli.options.network import Weights
from mlpcli.cli.options.objective import L1, L2, Loss
from mlpcli.cli.options.output import KeepingOptions, Quiet, ReportOptions, Threads


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
    from mlpcli.cli.options.objective import ObjectiveOptions
    from mlpcli.cli.prediction import run_forward
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.values import form

    source = source_of(DataOptions(dataset=dataset, data=data), reading)
    render = form(report.format, report.digits)
    run_forward(weights, x, y, ObjectiveOptions(loss, l2, l1), source, keeping, render, threads, Notes(quiet))
