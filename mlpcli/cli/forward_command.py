"""`mlp forward`"""

from typing import TYPE_CHECKING, Annotated, NamedTuple

from mlpcli.cli.groups import OUTPUT, option
from mlpcli.cli.network_options import L1, L2, Loss, ObjectiveOptions, Weights
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import Data, DataOptions, Dataset, Quiet, ReadingOptions, ReportOptions, Threads, X, Y
from mlpcli.core.errors import ChoiceError

if TYPE_CHECKING:
    from mlpcli.cli.sources import Source
    from mlpcli.cli.values import Form


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
    from mlpcli.cli.prediction import print_predictions, show_pass
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.values import check_stdin, form
    from mlpcli.files.weights import load_model

    source = source_of(DataOptions(dataset=dataset, data=data), reading)
    render = form(report.format, report.digits)
    wanted, notes = ObjectiveOptions(loss, l2, l1), Notes(quiet)
    if sum(value is not None for value in (x, dataset, data)) != 1:
        raise ChoiceError("give --x 1.8,0.5 for one forward pass, or --data FILE or --dataset NAME for predictions")
    _check_target(x, y, wanted)
    check_stdin(weights=weights, data=data)
    _check_keeping(keeping, source, render)
    if x is None:
        print_predictions(weights, source, keeping, render, threads, notes)
        return
    print(render(show_pass(load_model(weights), x, y, weights, wanted, source, notes)), end="")


def _check_keeping(keeping: KeepingOptions, source: "Source", form: "Form") -> None:
    """Raises ChoiceError for --keep without a table, and for options that the output cannot follow."""
    if keeping.keep and (source.data is None or source.reader.opened is None):
        raise ChoiceError("--keep writes the rows of a table with their predictions; give --data with a table")
    if keeping.keep and form.name not in ("table", "csv"):
        raise ChoiceError(f"--keep writes rows with the file's own delimiter; leave --format {form.name} out")
    if keeping.spreadsheet and not (keeping.keep or form.name == "csv"):
        raise ChoiceError("--spreadsheet belongs to --keep or --format csv")


def _check_target(x: str | None, y: str | None, objective: ObjectiveOptions) -> None:
    """Raises ChoiceError for a target without a sample, or an objective without a target."""
    asked = [f"--{name}" for name in ("loss", "l1", "l2") if getattr(objective, name) is not None]
    if y is not None and x is None:
        raise ChoiceError("--y is the target of --x; for the loss of --data or --dataset, use mlp evaluate")
    if asked and y is None:
        raise ChoiceError(f"{' and '.join(asked)}: the loss needs the target of each sample; give --x and --y")
