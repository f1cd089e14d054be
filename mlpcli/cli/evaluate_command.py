"""`mlp evaluate`"""

from mlpcli.cli.notes import Notes
from mlpcli.cli.options.data import DataOptions, Part, ReadingOptions
from mlpcli.cli.options.network import Weights
from mlpcli.cli.options.output import LimitOptions, Quiet, ReportOptions, Threads


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
    evaluation, require = run_evaluation(weights, source_of(data, reading), part, threads, limits, Notes(quiet))
    print(render(evaluation), end="", flush=True)
    require()
