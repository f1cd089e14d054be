"""Exercise sheets: what is given stays, and so does every formula; every number that is computed becomes a blank."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlpcli.report.notation import tokens
from mlpcli.report.sheet import Formula, Report, Section, Sheet

TITLE = "Exercise: back-propagation by hand"
NEEDED_BY_NOTHING = "dx"  # no parameter's gradient is computed from it


def exercise(report: Report, digits: int, rounding: str = "") -> Report:
    """The report without its results: of its sections only the formulas, with NaN for what is to be computed.

    Tables, closing lines and the document are results too, and go. The task, to so many decimals, comes first,
    and `rounding` tells which steps are rounded on the way.
    """
    sections = (Section(section.title, tuple(_blanks(section))) for section in report.sections)
    kept = tuple(section for section in sections if section.blocks)
    opening = tuple(_task(kept, digits, rounding))
    return Report(report.kind, {}, Sheet("", (), ()), (), (), kept, report.version, title=TITLE, opening=opening)


def _task(sections: Sequence[Section], digits: int, rounding: str) -> Iterator[str]:
    """What a student must know to begin."""
    accuracy = f"to {digits} decimals" if digits else "to whole numbers"
    yield (
        "Compute the forward pass, the loss, the gradients from the last layer down to the first, and the update. "
        f"Write each number {accuracy}."
    )
    if rounding:
        yield f"{rounding[0].upper()}{rounding[1:]}."
    formulas = [block.formula for section in sections for block in section.blocks if isinstance(block, Formula)]
    if any(token.text == "log" for formula in formulas for token in tokens(formula)):
        yield "In all formulas log is the natural logarithm, to base e."


def _blanks(section: Section) -> list[Formula]:
    formulas = [block for block in section.blocks if isinstance(block, Formula)]
    return [_blank(block) for block in formulas if not block.symbol.startswith(NEEDED_BY_NOTHING)]


def _blank(formula: Formula) -> Formula:
    """The shape of the value tells what is wanted; a value without a formula is given."""
    if not formula.formula:
        return formula
    return replace(formula, inserted=(), value=np.full(formula.value.shape, np.nan), sums=())
