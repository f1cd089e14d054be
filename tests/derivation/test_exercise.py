"""Exercises: what is given stays, what is computed goes, and nothing else tells it."""

import re
from functools import cache

import numpy as np
import pytest
from report_helpers import TRACES, formulas_of, lecture_trace

from mlpcli.derivation.check import CENTRAL, Check, Element
from mlpcli.derivation.hand_calculation import hand_calculation
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import exercise, trace_report
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

PROOF = Check([Element("W1[1,1]", 1, 0.5, 0.25, 0.5, CENTRAL, kink=False)])
FORMS = [name for name, row in RENDERERS.items() if row.typesets]


@cache
def report_of(name: str) -> Report:
    return trace_report(TRACES[name], View(explain=True, typeset=True), PROOF, true=TRACES[name])


@pytest.mark.parametrize("name", TRACES)
def test_every_formula_stays_and_every_computed_number_is_a_blank(name: str) -> None:
    report = report_of(name)
    wanted = [formula for formula in formulas_of(report.sections) if not formula.symbol.startswith("dx")]
    for blank, solved in zip(formulas_of(exercise(report, 4).sections), wanted, strict=True):
        assert (blank.symbol, blank.formula) == (solved.symbol, solved.formula)
        if not solved.formula:
            assert blank is solved  # given
            continue
        assert (blank.inserted, blank.sums) == ((), ())
        assert blank.value.shape == solved.value.shape
        assert np.isnan(blank.value).all()
        assert not np.isnan(solved.value).any()


@pytest.mark.parametrize("name", TRACES)
def test_no_other_part_of_the_report_has_the_results(name: str) -> None:
    found = exercise(report_of(name), 4)
    assert (found.sheets, found.closing, found.document, found.flat.rows) == ((), (), {}, ())
    assert len(list(formulas_of(found.sections))) == sum(len(section.blocks) for section in found.sections)


@pytest.mark.parametrize("form", FORMS)
def test_the_only_numbers_on_paper_are_those_given_and_those_of_formulas(form: str) -> None:
    text = RENDERERS[form].render(exercise(report_of("lecture"), 4), 6)
    computed = [block.value for block in formulas_of(report_of("lecture").sections) if block.formula]
    decimals = {f"{abs(value):.6f}".rstrip("0") for array in computed for value in array.ravel()}
    long = {decimal for decimal in decimals if len(decimal) > 6}  # 0.28 might be an input too
    assert len(long) > 20
    assert [decimal for decimal in long if decimal in text] == []
    assert len(re.findall(r"0\.28|0\.72", text)) == 0  # a⁽¹⁾


def test_the_task_says_how_many_decimals_and_which_logarithm() -> None:
    found = exercise(report_of("lecture"), 3)
    assert found.title.startswith("Exercise")
    assert "to 3 decimals" in found.opening[0]
    assert "natural" in found.opening[1]
    assert len(exercise(report_of("half-sse"), 3).opening) == 1  # which has no logarithm


def test_the_slides_sheet_says_of_no_log_that_it_is_natural() -> None:
    """Its formulas have log₁₀, which says its own base."""
    slide = hand_calculation(lecture_trace(), "lecture", 2)
    found = exercise(trace_report(slide, View(typeset=True)), 2, "Every step is rounded.", "x₁ size")
    assert any("log₁₀" in formula.formula for formula in formulas_of(found.sections))
    assert [line for line in found.opening if "natural" in line] == []
    assert found.opening[1:] == ("Every step is rounded.", "x₁ size")


@pytest.mark.parametrize("form", FORMS)
def test_the_title_and_the_task_come_first(form: str) -> None:
    text = RENDERERS[form].render(exercise(report_of("lecture"), 4), 4)
    places = [text.index(words) for words in ("Exercise: back", "Compute the forward pass", "natural", "Given")]
    assert form == "html" or places == sorted(places)  # whose contents name the parts before


def test_nothing_is_asked_for_that_nothing_needs() -> None:
    symbols = {formula.symbol for formula in formulas_of(exercise(report_of("batch, sum"), 4).sections)}
    assert not any(symbol.startswith("dx") for symbol in symbols)
    assert "dW⁽¹⁾" in symbols


@pytest.mark.parametrize(("digits", "accuracy"), [(0, "to whole numbers"), (4, "to 4 decimals")])
def test_the_task_is_whole_sentences(digits: int, accuracy: str) -> None:
    found = exercise(report_of("lecture"), digits, "x₁ is a size.")
    assert found.title == "Exercise: back-propagation by hand"
    assert found.opening == (
        "Compute the forward pass, the loss, the gradients from the last layer down to the first, and the update. "
        f"Write each number {accuracy}.",
        "x₁ is a size.",
        "In all formulas log is the natural logarithm, to base e.",
    )
