"""A comparison in words: how many quantities differ, the numbers that show it, and each cause once."""

from typing import Any

import numpy as np
import pytest
from report_helpers import drawn_trace, lecture_trace

from mlpcli.derivation.compare.comparing import Comparison, Difference, Verdict
from mlpcli.derivation.compare.given import Place
from mlpcli.derivation.compare.question import Cause
from mlpcli.derivation.compare.report import in_short, with_comparison
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import trace_report
from mlpcli.derivation.trace import Trace
from mlpcli.report.sheet import Report, Sheet

LECTURE = lecture_trace()
B, DW, LOSS, Y_HAT = Place(1, 2, "b"), Place(1, 1, "dW"), Place(1, 0, "loss"), Place(1, 2, "h")
SIGN, SCALE = Cause("sign", "it has the wrong sign"), Cause("log10", "log10 is used, not ln")


def right(place: Place, size: int = 3, precision: str = "") -> Verdict:
    return Verdict(place, size, 0, False, precision)


def wrong(place: Place, size: int = 3, off: int = 1, follows: bool = False) -> Verdict:
    return Verdict(place, size, off, follows, "")


def difference(
    place: Place = B,
    *causes: Cause,
    index: tuple[int, ...] = (1,),
    mine: float = -1.0,
    true: float = -0.5,
    shapes: Any = None,
) -> Difference:
    return Difference(place, index, mine, true, causes, shapes)


def compared(verdicts: list[Verdict], *differences: Difference, trace: Trace = LECTURE, alone: bool = False) -> Report:
    report = trace_report(trace, View(typeset=True))
    return with_comparison(report, trace, Comparison(tuple(verdicts), differences), alone)


@pytest.mark.parametrize(
    ("verdicts", "count", "short"),
    [
        ([wrong(B)], "1 of 1 quantity differs", "b⁽²⁾ differs"),
        ([right(DW), wrong(B)], "1 of 2 quantities differs", "b⁽²⁾ differs"),
        (
            [wrong(B), wrong(DW), right(LOSS)],
            "2 of 3 quantities differ",
            "2 of 3 quantities differ, b⁽²⁾ first",
        ),
        (
            [wrong(B), wrong(DW, follows=True), right(LOSS)],
            "2 of 3 quantities differ; 1 of them is consistent with your earlier values",
            "2 of 3 quantities differ, b⁽²⁾ first",
        ),
        (
            [wrong(B), wrong(DW, follows=True), wrong(LOSS, follows=True)],
            "3 of 3 quantities differ; 2 of them are consistent with your earlier values",
            "3 of 3 quantities differ, b⁽²⁾ first",
        ),
    ],
)
def test_how_many_quantities_differ_comes_first(verdicts: list[Verdict], count: str, short: str) -> None:
    report = compared(verdicts, difference(B, SIGN))
    assert report.opening == (
        f"compare: {count}",
        "first difference: b₂⁽²⁾, yours -1, true -0.5: it has the wrong sign",
    )
    assert in_short(LECTURE, Comparison(tuple(verdicts), (difference(B, SIGN),))) == short


@pytest.mark.parametrize(("precision", "end"), [("", ""), ("to 2 decimals", ", to the digits given")])
def test_an_agreement_is_said_in_one_line(precision: str, end: str) -> None:
    assert compared([right(B), right(DW, 4, precision)]).opening == (f"compare: all numbers agree{end}",)


def test_each_quantity_has_its_verdict_in_a_row() -> None:
    report = compared(
        [right(B), right(Y_HAT, 3, "to 2 decimals"), wrong(DW, 4, 2, follows=True), wrong(LOSS, 1)], difference()
    )
    sheet = report.sheets[0]
    assert (sheet.title, sheet.columns) == ("Comparison with your numbers", ("quantity", "numbers", "off", "verdict"))
    assert sheet.rows == (
        ("b⁽²⁾", 3, 0, "agrees"),
        ("ŷ", 3, 0, "agrees to 2 decimals"),
        ("dW⁽¹⁾", 4, 2, "consistent with your earlier values"),
        ("L", 1, 1, "differs"),
    )


def test_a_cause_that_was_named_is_the_same_again_and_no_cause_is_said_each_time() -> None:
    """What was named before the last one counts too."""
    causes: list[tuple[Cause, ...]] = [(SIGN,), (SCALE,), (SIGN,), (SCALE,), (), ()]
    opening = compared([wrong(B)], *(difference(B, *each) for each in causes)).opening
    assert [line.partition(": ")[0] for line in opening] == ["compare", "first difference", *["then"] * 5]
    assert [line.rpartition("true -0.5: ")[2] for line in opening[1:]] == [
        "it has the wrong sign",
        "log10 is used, not ln",
        "the same again",
        "the same again",
        "no usual cause found",
        "no usual cause found",
    ]


@pytest.mark.parametrize(
    ("causes", "text"),
    [
        # Of the further ones, the part up to the first explanation: a comma, a colon or a bracket.
        ([SIGN, SCALE], "it has the wrong sign; or log10 is used"),
        ([SCALE, SIGN], "log10 is used, not ln; or it has the wrong sign"),
        ([SIGN, Cause("", "dh lacks da: it is a sum, and (more)")], "it has the wrong sign; or dh lacks da"),
        ([SIGN, Cause("", "g (of W, b) is 0: why")], "it has the wrong sign; or g"),
        ([SIGN, SCALE, SCALE], "it has the wrong sign; or log10 is used; or log10 is used"),
        ([SIGN._replace(sure=False)], "perhaps it has the wrong sign"),
        ([SIGN._replace(sure=False, short=True)], "perhaps it has the wrong sign (more digits would show it)"),
        ([SIGN, SCALE._replace(sure=False, short=True)], "perhaps it has the wrong sign; or log10 is used"),
    ],
)
def test_further_causes_are_told_in_short_and_guesses_as_guesses(causes: list[Cause], text: str) -> None:
    assert compared([wrong(B)], difference(B, *causes)).opening[1].partition("true -0.5: ")[2] == text


@pytest.mark.parametrize(
    ("mine", "true", "texts"),
    [
        (1 / 3, 0.25, ("0.333333", "0.25")),
        (0.1234564, 0.1234561, ("0.1234564", "0.1234561")),  # six digits are the same
        (0.1234569, 0.1234561, ("0.1234569", "0.1234561")),  # six digits differ only by rounding, so one more
        (1.0, 1.0000001, ("1", "1.0000001")),
        (0.1, np.nextafter(0.1, 1), ("0.10000000000000001", "0.10000000000000002")),
        (-0.0, 0.5, ("0", "0.5")),
        (0.5, -0.0, ("0.5", "0")),
    ],
)
def test_two_numbers_have_the_digits_in_which_they_differ(mine: float, true: float, texts: tuple[str, str]) -> None:
    line = compared([wrong(B)], difference(B, mine=mine, true=true)).opening[1]
    assert line.startswith("first difference: b₂⁽²⁾, yours {}, true {}: ".format(*texts))


def test_beside_a_trace_by_hand_the_other_number_is_not_called_true() -> None:
    for by_hand in (LECTURE._replace(rule="lecture"), LECTURE._replace(digits=2)):
        report = with_comparison(
            Report("trace", {}, Sheet("", (), ()), ()), by_hand, Comparison((wrong(B),), (difference(),))
        )
        assert report.opening[1].startswith("first difference: b₂⁽²⁾, yours -1, here -0.5: ")
        assert report.sections == ()


def test_a_transposed_matrix_is_told_by_its_shape() -> None:
    line = compared([wrong(DW)], difference(DW, SIGN, index=(0, 1), shapes=((3, 2), (2, 3)))).opening[1]
    assert line == "first difference: dW⁽¹⁾, shape 2×3 expected, yours is 3×2: it has the wrong sign"


def test_of_several_steps_and_samples_a_number_has_both() -> None:
    trace = drawn_trace(samples=3, steps=2)
    first, second = difference(Place(1, 1, "a"), index=(2, 1)), difference(Place(2, 0, "loss"), index=())
    report = compared([wrong(Place(1, 1, "a"), 12), wrong(Place(2, 0, "loss"), 1)], first, second, trace=trace)
    assert report.opening[1:] == (
        "first difference: a₂⁽¹⁾[3], step 1, yours -1, true -0.5: no usual cause found",
        "then: L, step 2, yours -1, true -0.5: no usual cause found",
    )
    assert [row[0] for row in report.sheets[0].rows] == ["a⁽¹⁾, step 1", "L, step 2"]


def test_a_program_gets_the_same_in_its_own_terms() -> None:
    turned = difference(DW, SIGN._replace(sure=False, short=True), index=(0, 1), shapes=((3, 2), (2, 3)))
    verdicts = [right(B), wrong(DW, 4, 2, follows=True), wrong(LOSS, 1)]
    report = compared(verdicts, turned, difference(LOSS, index=(), mine=np.nan))
    assert report.document["comparison"] == {
        "agrees": False,
        "quantities": [
            {"step": 1, "layer": 2, "quantity": "b", "numbers": 3, "off": 0, "verdict": "agrees"},
            {"step": 1, "layer": 1, "quantity": "dW", "numbers": 4, "off": 2, "verdict": "follows"},
            {"step": 1, "layer": None, "quantity": "loss", "numbers": 1, "off": 1, "verdict": "differs"},
        ],
        "differences": [
            {
                "step": 1, "layer": 1, "quantity": "dW", "index": [0, 1], "yours": -1.0, "trace": -0.5,
                "shapes": {"yours": [3, 2], "trace": [2, 3]},
                "causes": [{"name": "sign", "description": "it has the wrong sign", "sure": False, "short": True}],
            },
            {
                "step": 1, "layer": None, "quantity": "loss", "index": [], "yours": None, "trace": -0.5,
                "shapes": None, "causes": [],
            },
        ],
    }  # fmt: skip


def test_the_comparison_comes_before_the_trace_or_alone() -> None:
    whole, alone = (compared([wrong(B)], difference(), alone=each) for each in (False, True))
    trace = trace_report(LECTURE, View(typeset=True))
    assert [sheet.title for sheet in whole.sheets] == ["Comparison with your numbers", *(s.title for s in trace.sheets)]
    assert [section.title for section in whole.sections][1:] == [section.title for section in trace.sections]
    assert whole.sections[0].blocks == (whole.sheets[0],)
    assert whole.document.keys() == {*trace.document, "comparison"}
    assert whole.closing == trace.closing
    assert (alone.sheets, alone.flat, alone.opening) == (whole.sheets[:1], whole.sheets[0], whole.opening)
    assert alone.document.keys() == {*trace.document, "comparison"} - {"steps"}
    assert (alone.kind, alone.closing, alone.sections) == ("trace", (), ())
