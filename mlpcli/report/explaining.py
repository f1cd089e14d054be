"""Each scalar of a step written out as the sum it is: a₁⁽¹⁾ = 0.2 + 0.1·1.8 + (−0.2)·0.5 = 0.28."""

from collections.abc import Iterator

import numpy as np

from mlpcli.core.tracing import Trace
from mlpcli.report.derivation import step_sections
from mlpcli.report.notation import element
from mlpcli.report.sheet import Cell, Formula, Sheet
from mlpcli.report.trace_view import EVERYTHING, View


def explained(trace: Trace, number: int, view: View = EVERYTHING) -> Sheet:
    """One of the steps (counted from 0), as its derivation has it: forward, loss, backward, update."""
    rows: list[tuple[Cell, ...]] = []
    for section in step_sections(trace, number, view):
        for block in section.blocks:
            if isinstance(block, Formula) and block.sums:
                rows += _lines(block)
    return Sheet("Written out", ("quantity", "is", "value"), tuple(rows))


def _lines(formula: Formula) -> Iterator[tuple[Cell, ...]]:
    shape = formula.value.shape
    for i, j in np.ndindex(shape):
        yield element(formula.symbol, (shape[0], shape[1]), i, j), formula.sums[i][j], float(formula.value[i, j])
