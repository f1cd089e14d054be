"""Exercise sheets: what is given stays, and so does every formula; every number that is computed becomes a blank."""

from dataclasses import replace

import numpy as np

from mlpcli.report.sheet import Formula, Report, Section, Sheet


def exercise(report: Report) -> Report:
    """The report without its results: of its sections only the formulas, with NaN for what is to be computed.

    Tables, closing lines and the document are results too, and go.
    """
    sections = (Section(section.title, tuple(_blanks(section))) for section in report.sections)
    kept = tuple(section for section in sections if section.blocks)
    return Report(report.kind, {}, Sheet("", (), ()), (), (), kept, report.version)


def _blanks(section: Section) -> list[Formula]:
    return [_blank(block) for block in section.blocks if isinstance(block, Formula)]


def _blank(formula: Formula) -> Formula:
    """The shape of the value tells what is wanted; a value without a formula is given."""
    if not formula.formula:
        return formula
    return replace(formula, inserted=(), value=np.full(formula.value.shape, np.nan), sums=())
