"""Somebody's own numbers beside a trace: a row for each quantity, and in plain words where it began to differ."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

from mlpcli.derivation.compare.comparing import Comparison, Difference, Verdict
from mlpcli.derivation.compare.given import Place
from mlpcli.derivation.trace import Trace
from mlpcli.report.notation import lowered, raised
from mlpcli.report.sheet import Cell, Report, Section, Sheet

DIGITS = 6  # significant ones of a number in a sentence, and more where two would look the same

PER_SAMPLE = ("x", "y", "a", "h", "terms", "dh", "derivative", "da", "dx")  # a row for each sample

# How quantities are written that are not written as in JSON.
OF_THE_STEP = {
    "terms": "term", "loss": "L", "penalty": "λΩ", "objective": "J",
    "loss_after": "L after the update", "penalty_after": "λΩ after the update",
}  # fmt: skip
AT_THE_END = {"h": "ŷ", "dh": "dŷ"}
OF_A_LAYER = {
    "alpha": "α", "dalpha": "dα", "derivative": "f′(a)", "W_new": "new W", "b_new": "new b", "alpha_new": "new α",
}  # fmt: skip


def with_comparison(report: Report, trace: Trace, comparison: Comparison, alone: bool = False) -> Report:
    """The report of a trace with the comparison before it: first the verdict. Or the comparison alone."""
    sheet = _sheet(trace, comparison)
    document = {**report.document, "comparison": _document(comparison)}
    opening = tuple(_verdict(trace, comparison))
    if alone:
        kept = {key: value for key, value in document.items() if key not in ("steps", "check")}
        return Report(report.kind, kept, sheet, (sheet,), opening=opening)
    sections = (Section(sheet.title, (sheet,)), *report.sections) if report.sections else ()
    return report._replace(document=document, sheets=(sheet, *report.sheets), sections=sections, opening=opening)


def in_short(trace: Trace, comparison: Comparison) -> str:
    """How much differs, and where it began, for those who do not see the report."""
    first = _quantity(trace, comparison.differences[0].place)
    alone = sum(not verdict.agrees for verdict in comparison.verdicts) == 1
    return f"{first} differs" if alone else f"{_count(comparison)}, {first} first"


# ----- For people ---------------------------------------------------------------------------------------------------


def _sheet(trace: Trace, comparison: Comparison) -> Sheet:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (_quantity(trace, verdict.place), verdict.size, verdict.off, _words(verdict)) for verdict in comparison.verdicts
    )
    return Sheet("Comparison with your numbers", ("quantity", "numbers", "off", "verdict"), rows)


def _words(verdict: Verdict) -> str:
    words = {"agrees": f"agrees {verdict.precision}".rstrip(), "follows": "consistent with your earlier values"}
    return words.get(verdict.word, verdict.word)


def _verdict(trace: Trace, comparison: Comparison) -> Iterator[str]:
    verdicts = comparison.verdicts
    if comparison.agrees:
        digits = ", to the digits given" if any(verdict.precision for verdict in verdicts) else ""
        yield f"compare: all numbers agree{digits}"
        return
    following = sum(verdict.follows for verdict in verdicts)
    are = "is" if following == 1 else "are"
    more = f"; {following} of them {are} consistent with your earlier values" if following else ""
    yield f"compare: {_count(comparison)}{more}"
    yield f"first difference: {_sentence(trace, comparison.differences[0])}"
    named = [_cause(comparison.differences[0])]
    for difference in comparison.differences[1:]:
        again = bool(difference.causes) and _cause(difference) in named
        yield f"then: {_sentence(trace, difference, again)}"
        named.append(_cause(difference))


def _count(comparison: Comparison) -> str:
    size = len(comparison.verdicts)
    off = sum(not verdict.agrees for verdict in comparison.verdicts)
    noun = "quantity" if size == 1 else "quantities"
    return f"{off} of {size} {noun} differ{'s' if off == 1 else ''}"


def _sentence(trace: Trace, difference: Difference, again: bool = False) -> str:
    return f"{_what(trace, difference)}: {'the same again' if again else _cause(difference)}"


def _what(trace: Trace, difference: Difference) -> str:
    """The number that is farthest off, or the shape, in which all are."""
    if difference.shapes is not None:
        mine, true = ("×".join(map(str, shape)) for shape in difference.shapes)
        return f"{_quantity(trace, difference.place)}, shape {true} expected, yours is {mine}"
    mine, true = _apart(difference.mine, difference.true)
    right = "true" if trace.rule == "exact" and trace.digits is None else "here"
    return f"{_element(trace, difference.place, difference.index)}, yours {mine}, {right} {true}"


def _cause(difference: Difference) -> str:
    if not difference.causes:
        return "no usual cause found"
    first, *others = (cause.description for cause in difference.causes)
    text = "; or ".join([first, *map(_in_short, others)])
    if all(cause.sure for cause in difference.causes):
        return text
    return f"perhaps {text}{' (more digits would tell)' if difference.causes[0].short else ''}"


def _in_short(clause: str) -> str:
    """A clause without its explanation."""
    return min((clause.partition(mark)[0] for mark in (",", ":", " (")), key=len)


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with so many digits that one sees the difference."""
    for digits in range(DIGITS, 18):
        texts = f"{one + 0.0:.{digits}g}", f"{other + 0.0:.{digits}g}"  # and no −0
        if f"{one:.{digits - 1}g}" != f"{other:.{digits - 1}g}":
            break
    return texts


# ----- Names --------------------------------------------------------------------------------------------------------


def _quantity(trace: Trace, place: Place) -> str:
    """dW⁽¹⁾, and of several updates dW⁽¹⁾, step 2"""
    return _named(trace, place, "") + _step(trace, place)


def _element(trace: Trace, place: Place, index: tuple[int, ...]) -> str:
    """One number of a quantity: dW₂₁⁽¹⁾; of several samples a₂⁽¹⁾[3]."""
    samples = len(trace.steps[0].x)
    sample, units = (
        ((f"[{index[0] + 1}]" if samples > 1 else ""), index[1:]) if place.name in PER_SAMPLE else ("", index)
    )
    return _named(trace, place, "".join(lowered(i + 1) for i in units)) + sample + _step(trace, place)


def _named(trace: Trace, place: Place, units: str) -> str:
    if not place.layer:
        return OF_THE_STEP.get(place.name, place.name) + units
    layer, k = trace.steps[0].layers[place.layer - 1], raised(place.layer)
    slot, dot, letter = place.name.partition(".")
    if dot:
        return f"{slot} of {letter}{units}{k}"
    if place.name in AT_THE_END and place.layer == len(trace.steps[0].layers):
        return AT_THE_END[place.name] + units
    if place.name == "derivative" and not layer.activation.elementwise:
        return f"∂h{units[:1]}/∂a{units[1:]}{k}"
    return OF_A_LAYER.get(place.name, place.name) + units + k


def _step(trace: Trace, place: Place) -> str:
    return f", step {place.step}" if len(trace.steps) > 1 else ""


# ----- For programs -------------------------------------------------------------------------------------------------


def _document(comparison: Comparison) -> dict[str, Any]:
    return {
        "agrees": comparison.agrees,
        "quantities": [
            {
                **_where(verdict.place),
                "numbers": verdict.size,
                "off": verdict.off,
                "verdict": verdict.word,
            }
            for verdict in comparison.verdicts
        ],
        "differences": [
            {
                **_where(difference.place),
                "index": list(difference.index),
                "yours": _finite(difference.mine),
                "trace": _finite(difference.true),
                "shapes": _shapes(difference),
                "causes": [vars(cause) for cause in difference.causes],
            }
            for difference in comparison.differences
        ],
    }


def _where(place: Place) -> dict[str, Any]:
    return {"step": place.step, "layer": place.layer or None, "quantity": place.name}


def _shapes(difference: Difference) -> dict[str, list[int]] | None:
    if difference.shapes is None:
        return None
    mine, true = difference.shapes
    return {"yours": list(mine), "trace": list(true)}


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
