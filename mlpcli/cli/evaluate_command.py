"""`mlp evaluate`"""

from math import inf
from typing import Annotated, Any, NamedTuple

from mlpcli.cli.groups import OUTPUT, option
from mlpcli.cli.network_options import Weights
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import DataOptions, Part, Quiet, ReadingOptions, ReportOptions, Threads

CLASSIFYING = ("binary", "multiclass", "multilabel")


class Bound(NamedTuple):
    """A limit that a script can set for a metric of `evaluate`."""

    option: str
    metric: str  # by its key
    name: str  # in a sentence
    tasks: tuple[str, ...]  # that have this metric
    range: str  # of the limit itself, in words and numbers
    least: float
    most: float
    is_minimum: bool = True

    def holds(self, value: float, limit: float) -> bool:
        """Whether a value keeps to the limit."""
        return value >= limit if self.is_minimum else value <= limit

    @property
    def beyond(self) -> str:
        """What a value is that does not."""
        return "lower" if self.is_minimum else "higher"

    @property
    def typed(self) -> Any:
        """The option of the command line."""
        return option(OUTPUT, f"Exit with 3 if {self.name} is {self.beyond}", self.option, metavar="NUMBER")


LOSS = Bound("--max-loss", "loss", "the loss", ("regression", *CLASSIFYING), "0 or more", 0, inf, is_minimum=False)
ACCURACY = Bound("--min-accuracy", "accuracy", "the accuracy", CLASSIFYING, "from 0 to 1", 0, 1)
F1 = Bound("--min-f1", "f1", "the mean F1", CLASSIFYING, "from 0 to 1", 0, 1)
R2 = Bound("--min-r2", "r2", "R²", ("regression",), "at most 1", -inf, 1)
BOUNDS = (LOSS, ACCURACY, F1, R2)


class LimitOptions(NamedTuple):
    """What a script may ask of the network, in the order of BOUNDS."""

    max_loss: Annotated[float | None, LOSS.typed] = None
    min_accuracy: Annotated[float | None, ACCURACY.typed] = None
    min_f1: Annotated[float | None, F1.typed] = None
    min_r2: Annotated[float | None, R2.typed] = None

    @property
    def given(self) -> list[tuple[Bound, float]]:
        """The limits that are asked for."""
        return [(bound, limit) for bound, limit in zip(BOUNDS, self, strict=True) if limit is not None]


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
