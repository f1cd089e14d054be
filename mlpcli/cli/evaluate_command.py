"""`mlp evaluate`"""

from typing import Annotated, NamedTuple, Optional

from mlpcli.cli.notes import Notes
from mlpcli.cli.options.data import DataOptions, Part, ReadingOptions
from mlpcli.cli.options.groups import OUTPUT, flag, option
from mlpcli.cli.options.network import Weights
from mlpcli.cli.options.output import Quiet, ReportOptions, Threads


class LimitOptions(NamedTuple):
    """What a script may ask of the network, by the option's name without its dashes."""

    max_loss: Annotated[
        Optional[float], option(OUTPUT, "Exit with 3 if the loss is higher", "--max-loss", metavar="NUMBER")
    ] = None
    min_accuracy: Annotated[
        Optional[float], option(OUTPUT, "Exit with 3 if the accuracy is lower", "--min-accuracy", metavar="NUMBER")
    ] = None
    min_f1: Annotated[
        Optional[float],
        option(OUTPUT, "Exit with 3 if the mean F1 of the classes is lower", "--min-f1", metavar="NUMBER"),
    ] = None
    min_r2: Annotated[
        Optional[float], option(OUTPUT, "Exit with 3 if R² of a regression is lower", "--min-r2", metavar="NUMBER")
    ] = None


def evaluate(
    *,
    weights: Weights,
    data: DataOptions,
    part: Part = None,
    reading: ReadingOptions,
    limits: LimitOptions,
    report: ReportOptions,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Evaluate loss and accuracy, or the errors of a regression.

    Example: mlp evaluate --weights w.json --min-accuracy 0.9

    Example: mlp evaluate --weights w.json --data new.csv --format json
    """
    from mlpcli.cli.evaluation import run_evaluation
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.values import form

    render = form(report.format, report.digits)
    asked = {flag(name): limit for name, limit in limits._asdict().items() if limit is not None}
    evaluation, require = run_evaluation(weights, source_of(data, reading), part, threads, asked, Notes(quiet))
    print(render(evaluation), end="", flush=True)
    require()
