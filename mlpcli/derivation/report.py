"""A trace as a report: tables, formulas, and the document that programs read."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from mlpcli.derivation.by_hand import spelled_rounding
from mlpcli.derivation.check import Element, worst_of
from mlpcli.derivation.document import flat_sheet, trace_document
from mlpcli.derivation.paper import explained, paper, without_sums
from mlpcli.derivation.proofs import check_sheet, confession, side_by_side
from mlpcli.derivation.tables import given_sheet, large, step_sheets
from mlpcli.derivation.trace import Trace
from mlpcli.derivation.view import View
from mlpcli.report.sheet import Report, Section, Sheet
from mlpcli.report.text import Decimals, number


def trace_report(
    trace: Trace,
    view: View,
    checked: tuple[Element, ...] = (),
    true: Trace | None = None,
    background: Mapping[str, str] = MappingProxyType({}),
) -> Report:
    """All steps. `checked` adds numerical derivatives; `true` is the exact trace, beside one by another rule.

    `background` is what else one must know of the network, by what it is about.
    """
    sheets: list[Sheet] = [] if view.narrowed else [given_sheet(trace, view.whole, background)]
    for place, step in enumerate(trace.steps):
        sheets += step_sheets(trace, step, view)
        if view.explain:
            sheets.append(explained(trace, place, view))
    proofs = [check_sheet(checked, view)] if checked and view.only in (None, "backward") else []
    if true is not None and view.only != "forward":
        proofs.append(side_by_side(trace, true, view))
    most = 0 if trace.digits is None else 2 * trace.digits
    closing = [
        *_closing_lines(trace, checked, Decimals(view.digits, most)),
        *(confession(trace) if trace.rule == "lecture" else ()),
    ]
    sections = _sections(trace, proofs, view) if view.typeset and not large(trace.steps[0]) else ()
    document, flat = trace_document(trace, checked, view), flat_sheet(trace, view)
    return Report("trace", document, flat, (*sheets, *proofs), tuple(closing), sections, most_decimals=most)


def _sections(trace: Trace, proofs: list[Sheet], view: View) -> tuple[Section, ...]:
    """The derivation, and each proof under its own heading."""
    found = paper(trace, view)
    found = found if view.explain or view.sums else without_sums(found)
    return (*found, *(Section(sheet.title, (sheet,)) for sheet in proofs))


def _closing_lines(trace: Trace, checked: tuple[Element, ...], digits: Decimals) -> Iterator[str]:
    for step in trace.steps:
        prefix = f"step {step.t}: " if len(trace.steps) > 1 else ""
        parts = f"L = {number(step.loss, digits)}"
        if trace.objective.regularized:
            parts += f", λΩ = {number(step.penalty, digits)}, J = {number(step.objective, digits)}"
        yield f"{prefix}{parts}; after the update L = {number(step.loss_after, digits)}"
    if trace.digits is not None:
        yield spelled_rounding(trace.digits)
    if checked:
        worst = worst_of(checked)
        wrong = sum(not element.right for element in checked)
        verdict = f"{wrong} of {len(checked)} elements are off" if wrong else f"all {len(checked)} elements are right"
        allowed = f"where the {worst.method.name} allows {worst.method.tolerance:g}"
        which = "check of step 1" if len(trace.steps) > 1 else "check"
        yield f"{which}: {verdict}; worst {worst.name}, relative error {worst.error:.1e} {allowed}"
