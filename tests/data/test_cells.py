"""Cells: what is a number, and what to do about one that people write otherwise."""

from math import isnan
from sys import float_info

import numpy as np
import pytest

from mlpcli.data.cells import (
    BadCell,
    alike,
    class_name,
    excerpt,
    in_a_list,
    labels_as_written,
    not_in_float64,
    number_advice,
    number_of,
    respelled,
    spelling,
)

THOUSANDS = "remove the thousands separator"
COMMA = "write a point, or use --decimal , if no number has a point"
WRITTEN = {  # between commas, with decimal points
    "1,234": THOUSANDS,
    "12,345,678": THOUSANDS,
    "1,234.5": THOUSANDS,
    "1 234": THOUSANDS,
    "1,23": COMMA,
    "0,123": COMMA,  # a group of three digits, but no number begins with 0 thousands
    "1.234,5": f"{THOUSANDS} and use --decimal ,",
    "1.234.567": f"{THOUSANDS} and use --decimal ,",
    "$1,234": "remove the currency sign and the thousands separator",
    "$1.234,5": "remove the currency sign and the thousands separator",
    "$1.234": "remove the currency sign",  # which is a number with three decimals
    "$5%": "remove the currency sign and the percent sign",
    "5 %": "remove the percent sign",
    "01.02.2024": "dates are not numbers; give days or years instead",
    "inf": "correct it",
    "1;5": "--delimiter ';' would split it",
    "1|5": "--delimiter '|' would split it",
    "abc": "this column contains numbers",
}


@pytest.mark.parametrize(("cell", "remedy"), WRITTEN.items())
def test_a_number_as_people_write_it_has_a_remedy(cell: str, remedy: str) -> None:
    with pytest.raises(BadCell) as caught:
        number_of(f" {cell} ", missing=True)
    assert str(caught.value) == f"'{cell}' is not a finite number; {remedy}"
    alone = "correct it" if "split" in remedy or "contains" in remedy else remedy
    assert number_advice(cell) == alone


@pytest.mark.parametrize(
    ("cell", "decimal", "shown", "remedy"),
    [
        ("1,234", ".", "1,234", f"{THOUSANDS}, or use --decimal ,"),
        ("1,234.5", ".", "1,234.5", THOUSANDS),
        ("1,5", ".", "1,5", COMMA),
        ("1;5", ".", "1;5", "this column contains numbers"),  # that delimiter is the one between cells
        ("1,234", ",", "1.234", f"use --decimal . if points are decimal, else {THOUSANDS}"),
        ("1,234.5", ",", "1.234,5", THOUSANDS),
    ],
)
def test_between_semicolons_a_comma_may_be_decimal(cell: str, decimal: str, shown: str, remedy: str) -> None:
    """With decimal commas, the plain form of a cell has point and comma swapped, but messages show the file's."""
    with pytest.raises(BadCell) as caught:
        number_of(cell, False, ";", decimal)
    assert str(caught.value) == f"'{shown}' is not a finite number; {remedy}"


def test_a_whole_number_is_exact_up_to_2_to_the_53_and_beyond_if_it_is_a_float64() -> None:
    assert number_of("9007199254740992", False) == 2**53
    assert number_of("-9007199254740994", False) == -(2**53) - 2
    assert isnan(number_of(" NA ", True))
    for cell, nearest in (("9007199254740993", "9007199254740992"), ("-9007199254740993", "-9007199254740992")):
        with pytest.raises(BadCell, match=f"^'{cell}' is not exact in float64; the nearest number is {nearest}; write"):
            number_of(cell, False)
    cells = ["9007199254740992", "9007199254740993", "-9007199254740993", "1e400", "-1e400", "9" * 400, "1e300", "7"]
    assert not_in_float64({cell: float(cell) for cell in cells}) == [*cells[1:6]]


@pytest.mark.parametrize("cell", ["18014398509481985", "1" + "0" * 308])  # 2^54 + 1; 309 digits, as the largest has
def test_large_whole_numbers_that_are_no_float64_are_refused(cell: str) -> None:
    assert int(cell) != float(cell)
    with pytest.raises(BadCell, match=f"'{excerpt(cell)}' is not exact in float64"):
        number_of(cell, False)


def test_the_largest_float64_is_read_digit_by_digit() -> None:
    assert number_of(str(int(float_info.max)), False) == float_info.max


def test_numbers_beyond_float64_are_not_alike() -> None:
    assert alike(["1" * 310, "2" * 310, "1e3", "1000"]) == "'1000' and '1e3'"


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("TRUE", "true"), ("True", "true"), ("False", "false"), ("2.0", "2"), ("2.", "2"), ("-3.00", "-3"),
        ("0.0", "0"), ("1.10", "1.10"), ("01.0", "01.0"), ("x.0", "x.0"), ("1.0.0", "1.0.0"), (".0", ".0"), ("2", "2"),
        ("Yes", "Yes"),
    ],
)  # fmt: skip
def test_truths_and_whole_numbers_have_one_spelling(text: str, spelled: str) -> None:
    assert spelling(text) == spelled


def test_words_are_spelled_as_the_only_name_of_their_spelling_is() -> None:
    assert respelled(["1", "TRUE", "3.0", "x"], ["1.0", "True", "3", "3.00", "y"]) == ["1.0", "True", "3.0", "x"]


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        ([["1"], ["-10"], ["0"]], None),  # as they are printed
        ([["1"], ["01"]], ["1", "01"]),
        ([["1", "01"]], None),  # several columns
    ],
)
def test_labels_are_kept_where_they_are_no_whole_numbers_as_printed(
    texts: list[list[str]], labels: list[str] | None
) -> None:
    found = labels_as_written(np.array(texts))
    assert (None if found is None else found.tolist()) == labels


def test_classes_of_whole_numbers_have_no_point() -> None:
    assert [class_name(value) for value in (1.0, -0.0, 1e16, 0.1, "x", True)] == [
        "1",
        "0",
        "10000000000000000",
        "0.1",
        "x",
        "1",
    ]


def test_a_cell_is_shown_in_one_line_of_30_characters() -> None:
    assert excerpt(" a\t\tb\n c\u2003d\x07") == "a b c\\u2003d\\x07"
    assert (excerpt("x" * 30), excerpt("x" * 31)) == ("x" * 30, "x" * 30 + "…")
    assert (in_a_list("a,b"), in_a_list("ab")) == ("'a,b'", "ab")
