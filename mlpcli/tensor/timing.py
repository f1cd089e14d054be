"""How long the loops of an operation take, and its line of NumPy, on the same operands."""

from collections.abc import Callable, Mapping, Sequence
from timeit import Timer
from typing import NamedTuple

import numpy as np

from mlpcli.core.errors import ChoiceError
from mlpcli.derivation.formula import parse
from mlpcli.derivation.loops import TensorWork, as_function, loops, work_of
from mlpcli.report.numbers import counted
from mlpcli.tensor.operations import Operands, TensorOperation

MOMENT = 0.2  # seconds for the loops, and for NumPy
MOST_NUMBERS = 2**24  # of an operand: lists of Python take ten times the memory of arrays
MOST_WORK = 10**11  # multiply–adds: some seconds for NumPy


class Timed(NamedTuple):
    """The same operation as loops and in NumPy, in seconds."""

    size: str
    work: TensorWork
    naive: float
    vectorized: float
    part: str  # of the loops that was measured, if not all


def shapes_of(operation: TensorOperation, sizes: Sequence[int] | None) -> dict[str, tuple[int, ...]] | None:
    """The operands' shapes for --size. Raises ChoiceError for another number of sizes, and for sizes too large."""
    if sizes is None:
        return None
    if len(sizes) != len(operation.sizes):
        expected = ", ".join(operation.sizes)
        raise ChoiceError(f"--size takes {len(operation.sizes)} numbers, {expected}, not {len(sizes)}")
    shapes = operation.shapes(*sizes)
    formula = operation.formula(*(shapes[name] for name in operation.operands))
    if np.prod([*formula.lengths.values()], dtype=np.float64) > MOST_WORK:
        raise ChoiceError(f"--size: more than {MOST_WORK:,} operations take too long; use smaller sizes")
    for name, shape in shapes.items():
        if np.prod(shape, dtype=np.float64) > MOST_NUMBERS:
            raise ChoiceError(f"--size: {name} would have more than {MOST_NUMBERS:,} numbers; use smaller sizes")
    return shapes


def timed(
    operation: TensorOperation, operands: Operands, shapes: Mapping[str, tuple[int, ...]] | None
) -> tuple[Timed, ...]:
    """The operation on these operands, and on random ones of the shapes of --size."""
    both = [_time(operation, operands)]
    if shapes is not None:
        generator = np.random.default_rng(1)
        both.append(_time(operation, {name: generator.standard_normal(shape) for name, shape in shapes.items()}))
    return tuple(both)


def _time(operation: TensorOperation, operands: Operands) -> Timed:
    """Loops that take long are measured on the first rows only, and their time is multiplied."""
    formula = operation.formula(*(operands[name].shape for name in operation.operands))
    node = parse(formula.text)
    arrays = [operands[name] for name in operation.operands]
    vectorized = _best(lambda: operation.compute(*arrays))
    lists = {name: operands[name].tolist() for name in operation.operands}
    all_rows = formula.lengths[formula.indices[0]] if formula.indices else 1

    def seconds(rows: int) -> float:
        lengths = {**formula.lengths, **({formula.indices[0]: rows} if formula.indices else {})}
        run = as_function(loops(node, formula.indices, lengths, formula.axes), operation.operands)
        return _best(lambda: run(**lists))

    one = seconds(1)
    rows = min(all_rows, max(1, int(MOMENT / one)))
    naive = seconds(rows) * all_rows / rows
    part = "" if rows == all_rows else f" (from {counted(rows, 'row')})"
    work = work_of(node, formula.lengths) * int(np.prod([formula.lengths[index] for index in formula.indices]))
    size = ", ".join(f"{name} {'×'.join(map(str, operands[name].shape))}" for name in operation.operands)
    return Timed(size, work, naive, vectorized, part)


def _best(function: Callable[[], object]) -> float:
    """The shortest of some runs, the least disturbed one. Short ones are repeated."""
    timer = Timer(function)
    once = timer.timeit(1)
    times = max(1, min(10_000, int(MOMENT / 10 / once)))
    return min(once, *(seconds / times for seconds in timer.repeat(3, times))) if once < MOMENT else once
