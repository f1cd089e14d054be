"""What `mlp plot descent` does: a network, the ways to descend, and two of its parameters."""

from itertools import product

import numpy as np

from mlpcli.cli.building import prepare
from mlpcli.cli.groups import first_given
from mlpcli.cli.network_options import DescentOptions
from mlpcli.cli.notes import Notes
from mlpcli.cli.plotting import problem_of, range_of
from mlpcli.cli.request import TrainingRequest
from mlpcli.cli.samples import AskedSamples, in_float64
from mlpcli.cli.sources import Source
from mlpcli.cli.values import batch_size, check_seed, numbers, whole_number
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import unknown
from mlpcli.core.network import cast
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer, optimizer_named
from mlpcli.plot.descent import Way, check_work, descents, most_moved, surface_around
from mlpcli.plot.descent_plot import DescentPicture, descent_plot
from mlpcli.plot.forms import Plot
from mlpcli.plot.parameters import Problem, parameters_named
from mlpcli.report.network_report import widths_of
from mlpcli.report.numbers import counted

MOST_PATHS, MOST_UPDATES = 8, 10_000


def run_descent(
    weights: str | None,
    source: Source,
    asked: TrainingRequest,
    descent: DescentOptions,
    over: str | None,
    layer: int | None,
    ranges: str | None,
    notes: Notes,
) -> Plot:
    """The paths over two parameters: those that are asked for, or those that move most."""
    check_seed(asked.seed)
    updates = whole_number(descent.updates, "--updates", MOST_UPDATES)
    problem = _problem(weights, source, asked, notes)
    ways = _ways(descent, len(problem.x))
    check_work(problem, ways, updates)
    if over is None:
        pair = most_moved(problem, ways[0], updates, asked.seed)
    else:
        pair = parameters_named(problem.network, over, layer, "--over")
    start = problem.network.theta[[parameter.number for parameter in pair]]
    if descent.start is not None:
        start = numbers(descent.start, "--start")
        if len(start) != 2:
            raise ChoiceError(f"--start takes a number for each of the two weights, such as -2,2, not {len(start)}")
    paths = descents(problem, pair, start, ways, updates, asked.seed)
    surface = surface_around(problem, pair, paths, None if ranges is None else _ranges(ranges))
    if descent.batch and len({way.batch for way in ways}) < len(descent.batch.split(",")):
        most = counted(len(problem.x), "sample")
        notes.note(f"--batch {descent.batch}: sizes of {most} or more are the whole batch; equal sizes share a path")
    return descent_plot(DescentPicture(problem, surface, tuple(paths)))


def _problem(weights: str | None, source: Source, asked: TrainingRequest, notes: Notes) -> Problem:
    """The network of a weights file, or the lecture's, or for data alone a new one, as `mlp train` begins."""
    if weights is not None or not source.is_named:
        if option := first_given({**asked.split._asdict(), **asked.network._asdict()}):
            raise ChoiceError(f"{option} is for a new network; give --dataset or --data, and leave --weights out")
        return problem_of(weights, AskedSamples(None, None, None, None, source), asked.objective, None, notes)
    model, parts, _ = prepare(source, asked, None, notes)
    x, y = in_float64(parts["training"])
    title = f"a new network {widths_of(model.network.layers)}, {source.dataset or source.data}, training set"
    return Problem(cast(model.network, np.float64), model.objective, x, y, title, parts["training"].weights)


def _ways(asked: DescentOptions, samples: int) -> list[Way]:
    """All combinations. Raises ChoiceError for too many, and for an optimizer without a gradient."""
    rates = numbers(asked.learning_rate, "--learning-rate").tolist()
    if min(rates) <= 0:
        raise ChoiceError(f"--learning-rate takes numbers greater than 0, not {min(rates):g}")
    optimizers = [_with_gradient(name) for name in asked.optimizer.split(",")]
    usual = "1,16,all" if len(optimizers) == len(rates) == 1 else "all"
    sizes = [batch_size(size) for size in (asked.batch or usual).split(",")]
    batches = dict.fromkeys(None if size is None or size >= samples else size for size in sizes)
    ways = [Way(*way) for way in product(optimizers, batches, rates)]
    if len(ways) > MOST_PATHS:
        raise ChoiceError(f"--optimizer, --batch and --learning-rate make {len(ways)} paths; draw at most {MOST_PATHS}")
    return ways


def _with_gradient(text: str) -> Optimizer:
    name = text.partition(":")[0].strip().lower().replace("_", "-")
    if name not in OPTIMIZERS:
        raise ChoiceError(unknown("optimizer", name, [row.name for row in OPTIMIZERS.values() if row.rule is not None]))
    optimizer = optimizer_named(text)
    if optimizer.rule is None:
        raise ChoiceError(f"--optimizer {optimizer.name} uses no gradient; choose another one, such as sgd or adam")
    return optimizer


def _ranges(text: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """from,to for both parameters, or from,to,from,to."""
    parts = text.split(",")
    if len(parts) != 4:
        return range_of(text), range_of(text)
    return range_of(",".join(parts[:2])), range_of(",".join(parts[2:]))
