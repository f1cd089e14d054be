"""The numbers of somebody else beside a trace: a row for each quantity, and the first difference in plain words."""

from collections.abc import Iterator
from typing import Any

from mlpcli.derivation.compare.comparing import Comparison, Difference, Verdict
from mlpcli.derivation.compare.given import Place
from mlpcli.derivation.names import symbol_of
from mlpcli.derivation.quantities import setting_of, shown_of
from mlpcli.derivation.trace import Trace
from mlpcli.report.numbers import finite
from mlpcli.report.sheet import Report, Rows, Section, Sheet

DIGITS = 6  # significant digits of a number in a sentence; more if two numbers would look the same


def with_comparison(report: Report, trace: Trace, comparison: Comparison, alone: bool = False) -> Report:
    """The report of a trace with the comparison at its beginning, verdict first; or the comparison alone."""
    names = _Names(trace)
    sheet = _sheet(names, comparison)
    document = {**report.document, "comparison": _document(comparison)}
    opening = tuple(_verdict(names, comparison))
    if alone:
        kept = {key: value for key, value in document.items() if key not in ("steps", "check")}
        return Report(report.kind, kept, sheet, (sheet,), opening=opening)
    sections = (Section(sheet.title, (sheet,)), *report.sections) if report.sections else ()
    return report._replace(document=document, sheets=(sheet, *report.sheets), sections=sections, opening=opening)


def in_short(trace: Trace, comparison: Comparison) -> str:
    """How many quantities differ, and the first one, for a message without the report."""
    first = _Names(trace).quantity(comparison.differences[0].place)
    alone = sum(not verdict.agrees for verdict in comparison.verdicts) == 1
    return f"{first} differs" if alone else f"{_count(comparison)}, {first} first"


# ----- For people ---------------------------------------------------------------------------------------------------


def _sheet(names: "_Names", comparison: Comparison) -> Sheet:
    rows: Rows = tuple(
        (names.quantity(verdict.place), verdict.size, verdict.off, _words(verdict)) for verdict in comparison.verdicts
    )
    return Sheet("Comparison with your numbers", ("quantity", "numbers", "off", "verdict"), rows)


def _words(verdict: Verdict) -> str:
    words = {"agrees": f"agrees {verdict.precision}".rstrip(), "follows": "consistent with your earlier values"}
    return words.get(verdict.word, verdict.word)


def _verdict(names: "_Names", comparison: Comparison) -> Iterator[str]:
    verdicts = comparison.verdicts
    if comparison.agrees:
        digits = ", to the digits given" if any(verdict.precision for verdict in verdicts) else ""
        yield f"compare: all numbers agree{digits}"
        return
    following = sum(verdict.follows for verdict in verdicts)
    are = "is" if following == 1 else "are"
    more = f"; {following} of them {are} consistent with your earlier values" if following else ""
    yield f"compare: {_count(comparison)}{more}"
    yield f"first difference: {_sentence(names, comparison.differences[0])}"
    named = [_cause(comparison.differences[0])]
    for difference in comparison.differences[1:]:
        again = bool(difference.causes) and _cause(difference) in named
        yield f"then: {_sentence(names, difference, again)}"
        named.append(_cause(difference))


def _count(comparison: Comparison) -> str:
    size = len(comparison.verdicts)
    off = sum(not verdict.agrees for verdict in comparison.verdicts)
    noun = "quantity" if size == 1 else "quantities"
    return f"{off} of {size} {noun} differ{'s' if off == 1 else ''}"


def _sentence(names: "_Names", difference: Difference, again: bool = False) -> str:
    return f"{_what(names, difference)}: {'the same again' if again else _cause(difference)}"


def _what(names: "_Names", difference: Difference) -> str:
    """The number with the largest error, or the shape if that is wrong."""
    if difference.shapes is not None:
        mine, true = ("×".join(map(str, shape)) for shape in difference.shapes)
        return f"{names.quantity(difference.place)}, shape {true} expected, yours is {mine}"
    mine, true = _apart(difference.mine, difference.true)
    right = "true" if names.trace.is_exact else "here"
    return f"{names.number(difference.place, difference.index)}, yours {mine}, {right} {true}"


def _cause(difference: Difference) -> str:
    if not difference.causes:
        return "no usual cause found"
    first, *others = (cause.description for cause in difference.causes)
    text = "; or ".join([first, *map(_in_short, others)])
    if all(cause.sure for cause in difference.causes):
        return text
    return f"perhaps {text}{' (more digits would show it)' if difference.causes[0].short else ''}"


def _in_short(clause: str) -> str:
    """A clause without its explanation."""
    return min((clause.partition(mark)[0] for mark in (",", ":", " (")), key=len)


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with enough digits to show the difference."""
    for digits in range(DIGITS, 18):
        texts = f"{one + 0.0:.{digits}g}", f"{other + 0.0:.{digits}g}"  # and no −0
        if texts[0] != texts[1] and f"{one:.{digits - 1}g}" != f"{other:.{digits - 1}g}":
            break
    return texts


# ----- Names --------------------------------------------------------------------------------------------------------


class _Names:
    """The quantities of a trace, as tables and formulas name them."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.setting, self.several = trace, setting_of(trace), len(trace.steps) > 1
        self._shown = {(shown.layer, shown.name): shown for shown in shown_of(trace)}

    def quantity(self, place: Place) -> str:
        """dW⁽¹⁾, or dW⁽¹⁾, step 2 if there are several updates."""
        symbol = symbol_of(self._shown[place[1:]].quantity, self.setting)
        return symbol.partition(" = ")[0] + self._step(place)

    def number(self, place: Place, index: tuple[int, ...]) -> str:
        """One number of a quantity: dw₂₁⁽¹⁾, or a₂⁽¹⁾[3] if there are several samples."""
        return self._shown[place[1:]].number(self.setting, index) + self._step(place)

    def _step(self, place: Place) -> str:
        return f", step {place.step}" if self.several else ""


# ----- For programs -------------------------------------------------------------------------------------------------


def _document(comparison: Comparison) -> dict[str, Any]:
    return {
        "agrees": comparison.agrees,
        "quantities": [
            {**_where(verdict.place), "numbers": verdict.size, "off": verdict.off, "verdict": verdict.word}
            for verdict in comparison.verdicts
        ],
        "differences": [
            {
                **_where(difference.place),
                "index": list(difference.index),
                "yours": finite(difference.mine),
                "trace": finite(difference.true),
                "shapes": _shapes(difference),
                "causes": [cause._asdict() for cause in difference.causes],
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
