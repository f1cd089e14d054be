"""An exercise: what is derived on paper without its results, with blanks to fill in."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mlpcli.core.errors import ChoiceError
from mlpcli.report.sheet import Formula, Report, Section, Sheet


class Assignment(NamedTuple):
    """What to compute, and the symbol of what a large report leaves out although the task needs it."""

    title: str
    text: str
    needs: str = ""


ASSIGNMENTS = {  # by the kind of report
    "trace": Assignment(
        "Exercise: back-propagation by hand",
        "Compute the forward pass, the loss, the gradients from the last layer down to the first, and the update.",
    ),
    "normal-equations": Assignment(
        "Exercise: the normal equations by hand",
        "Compute G, R and H, solve H θ* = c R for θ*, and compute J and its gradient there.",
        "X",
    ),
}
NEEDED_BY_NOTHING = "dx"  # no parameter's gradient is computed from it


def exercise(report: Report, digits: int, *facts: str) -> Report:
    """The report without its results: only the formulas of its sections, with NaN for the numbers to compute.

    Tables, closing lines and the document are results too, so they are left out. The task comes first, with the number
    of decimals, and the `facts` about it.

    Raises ChoiceError if the report leaves out what is to be given.
    """
    task = ASSIGNMENTS[report.kind]
    if task.needs and all(block.symbol != task.needs for block in _formulas(report.sections)):
        raise ChoiceError(f"--exercise: {task.needs} is too large for a sheet; choose at most 10 samples")
    sections = (Section(section.title, tuple(_blanks(section))) for section in report.sections)
    kept = tuple(section for section in sections if section.blocks)
    opening = tuple(_task(task.text, kept, digits, facts))
    return Report(
        report.kind,
        {},
        Sheet("", (), ()),
        (),
        (),
        kept,
        report.version,
        title=task.title,
        opening=opening,
    )


def _task(task: str, sections: Sequence[Section], digits: int, facts: Iterable[str]) -> Iterator[str]:
    """The task, and the facts that a student needs for it."""
    accuracy = f"to {digits} decimals" if digits else "to whole numbers"
    yield f"{task} Write each number {accuracy}."
    yield from facts
    if any(re.search(r"\blog\b", block.formula) for block in _formulas(sections)):  # and not log₁₀, as on the slide
        yield "In all formulas log is the natural logarithm, to base e."


def _formulas(sections: Iterable[Section]) -> list[Formula]:
    return [block for section in sections for block in section.blocks if isinstance(block, Formula)]


def _blanks(section: Section) -> list[Formula]:
    return [_blank(block) for block in _formulas([section]) if not block.symbol.startswith(NEEDED_BY_NOTHING)]


def _blank(formula: Formula) -> Formula:
    """The formula with blanks for its value, of the same shape. A value without a formula is given and stays."""
    if not formula.formula:
        return formula
    return formula._replace(inserted=(), value=np.full(formula.value.shape, np.nan), sums=())
