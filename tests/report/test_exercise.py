"""Exercises: what is given stays, what is computed goes, and nothing else tells it."""

import re

import numpy as np
import pytest
from report_helpers import TRACES, formulas_of

from mlpcli.core.checking import CENTRAL, Element
from mlpcli.report.exercise import exercise
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report
from mlpcli.report.trace_report import trace_report
from mlpcli.report.trace_view import View

PROOF = (Element("W1[1,1]", 1, 0.5, 0.25, 0.5, CENTRAL, kink=False),)
REPORTS = {
    name: trace_report(found, View(explain=True, typeset=True), PROOF, true=found) for name, found in TRACES.items()
}
FORMS = [name for name, row in RENDERERS.items() if row.typesets]


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
def test_every_formula_stays_and_every_computed_number_is_a_blank(report: Report) -> None:
    for blank, solved in zip(formulas_of(exercise(report).sections), formulas_of(report.sections), strict=True):
        assert (blank.symbol, blank.formula) == (solved.symbol, solved.formula)
        if not solved.formula:
            assert blank is solved  # given
            continue
        assert (blank.inserted, blank.sums) == ((), ())
        assert blank.value.shape == solved.value.shape
        assert np.isnan(blank.value).all()
        assert not np.isnan(solved.value).any()


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
def test_no_other_part_of_the_report_has_the_results(report: Report) -> None:
    found = exercise(report)
    assert (found.sheets, found.closing, found.document, found.flat.rows) == ((), (), {}, ())
    assert len(list(formulas_of(found.sections))) == sum(len(section.blocks) for section in found.sections)


@pytest.mark.parametrize("form", FORMS)
def test_the_only_numbers_on_paper_are_those_given_and_those_of_formulas(form: str) -> None:
    text = RENDERERS[form].render(exercise(REPORTS["lecture"]), 6)
    computed = [block.value for block in formulas_of(REPORTS["lecture"].sections) if block.formula]
    decimals = {f"{abs(value):.6f}".rstrip("0") for array in computed for value in array.ravel()}
    long = {decimal for decimal in decimals if len(decimal) > 6}  # 0.28 might be an input too
    assert len(long) > 20
    assert [decimal for decimal in long if decimal in text] == []
    assert len(re.findall(r"0\.28|0\.72", text)) == 0  # a⁽¹⁾
