"""What a trace starts from, as a table: the sample, the objective, and how parameters are updated.

The weights and biases stand in the forward tables, beside what they give.
"""

from collections.abc import Iterator, Mapping

from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.tracing import Trace
from mlpcli.report.layer_formulas import input_of
from mlpcli.report.notation import FIGURES
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.update_derivation import constants

MOST_NUMBERS, MOST_SAMPLES = 12, 4  # of a sample that is shown number by number, and of a batch


def given_sheet(trace: Trace, whole: bool, background: Mapping[str, str]) -> Sheet:
    """`background` is what else one must know of the network, by what it is about: how it was trained, say."""
    rows: list[tuple[Cell, ...]] = [*_samples(trace, whole)]
    rows.append(("loss", _loss(trace)))
    rows.append(("optimizer", f"{spelled(trace.optimizer, OPTIMIZERS)}: {trace.optimizer.formula}"))
    rows.append(("with", ", ".join(f"{letter} = {_number(value)}" for letter, value in constants(trace).items())))
    rows += background.items()
    return Sheet("Given", ("quantity", "value"), tuple(rows))


def _samples(trace: Trace, whole: bool) -> Iterator[tuple[Cell, ...]]:
    """x and y of each sample, or the size of many."""
    step = trace.steps[0]
    for name, values in ((input_of(1), step.x), ("y", step.y)):
        if not whole and (len(values) > MOST_SAMPLES or values.shape[1] > MOST_NUMBERS):
            size = "×".join(map(str, values.shape))
            yield name, f"{size} numbers from {_number(values.min())} to {_number(values.max())}"
        else:
            for n, sample in enumerate(values, 1):
                yield (f"{name}[{n}]" if len(values) > 1 else name), _numbers(sample)


def _loss(trace: Trace) -> str:
    """Its name, with what its formula does not say: how it is reduced, and the regulariser."""
    objective = trace.objective
    samples, outputs = trace.steps[0].y.shape
    parts = [objective.loss.name]
    if outputs > 1:
        parts.append(f"{objective.output_reduction} over {outputs} outputs")
    if samples > 1:
        parts.append(f"{objective.batch_reduction} over {samples} samples")
    return ", ".join([*parts, *_regularizer(objective)])


def _regularizer(objective: Objective) -> Iterator[str]:
    for letter, strength in (("λ₁", objective.l1), ("λ₂", objective.l2)):
        if strength:
            yield f"{letter} = {_number(strength)}"


def _numbers(values: Array) -> str:
    return ", ".join(map(_number, values.tolist()))


def _number(value: float) -> str:
    """With as many digits as numbers in formulas have."""
    return f"{value + 0.0:.{FIGURES}g}"
