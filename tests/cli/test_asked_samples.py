"""Rows that the command line chooses, counted from 0, and what is said of others."""

from unittest.mock import Mock

import numpy as np
import pytest

from mlpcli.cli.samples import AskedSamples, _check_as_many
from mlpcli.cli.sources import Source
from mlpcli.core.errors import ChoiceError

NONE = "--rows takes a range such as 0:4 (rows 0 to 3) or a list such as 2,7, not "


def rows(row: int | None = None, many: str | None = None, otherwise: slice = slice(0, 1)) -> list[int]:
    """Of a data set with six rows."""
    dataset = Mock(__len__=lambda _: 6)
    dataset.name = "d.csv"
    found: list[int] = AskedSamples(None, None, row, many, Source()).row_numbers(dataset, otherwise).tolist()
    return found


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("0:4", [0, 1, 2, 3]),
        (":2", [0, 1]),
        ("4:", [4, 5]),
        (":", [*range(6)]),
        ("5", [5]),
        ("2,0,2", [2, 0, 2]),
        ("0:6", [*range(6)]),
    ],
)
def test_a_range_ends_before_its_end_and_a_list_is_taken_in_its_order(text: str, chosen: list[int]) -> None:
    assert rows(many=text) == chosen


@pytest.mark.parametrize(
    ("row", "many", "words"),
    [
        (6, None, "--row 6: d.csv has the rows 0 to 5"),
        (-1, None, "--row -1: d.csv has the rows 0 to 5"),
        (None, "0:7", "--rows 0:7: d.csv has the rows 0 to 5"),
        (None, "1,6", "--rows 1,6: d.csv has the rows 0 to 5"),
        (None, "3:999999999", "--rows 3:999999999: d.csv has the rows 0 to 5"),
        (None, "4:4", "--rows 4:4 selects no row; 0:4, for example, selects rows 0 to 3"),
        (None, "6:", "--rows 6: selects no row; 0:4, for example, selects rows 0 to 3"),
        (None, "-2:", f"{NONE}'-2:'"),
        (None, "0:4:2", f"{NONE}'0:4:2'"),
        (None, "1234567890", f"{NONE}'1234567890'"),
        (1, "0:2", "--row takes one row and --rows several; leave one out"),
    ],
)
def test_rows_that_are_not_there_are_told_with_those_that_are(row: int | None, many: str | None, words: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        rows(row, many)
    assert str(caught.value) == words


def test_without_a_choice_the_rows_are_those_that_the_command_takes() -> None:
    assert (rows(), rows(otherwise=slice(None)), rows(5), rows(0)) == ([0], [*range(6)], [5], [0])


@pytest.mark.parametrize(
    ("asked", "are_rows", "are_single"),
    [
        (AskedSamples("1,2", None, None, None, Source()), False, True),
        (AskedSamples(None, "a", None, None, Source()), False, True),
        (AskedSamples(None, None, 0, None, Source()), True, True),
        (AskedSamples(None, None, None, "0:2", Source()), True, True),
        (AskedSamples(None, None, None, None, Source(data="d.csv")), True, False),
        (AskedSamples(None, None, None, None, Source()), False, False),
    ],
)
def test_a_data_set_is_rows_that_are_not_chosen_one_by_one(
    asked: AskedSamples, are_rows: bool, are_single: bool
) -> None:
    assert (asked.are_rows, asked.are_single) == (are_rows, are_single)


@pytest.mark.parametrize(
    ("x", "y", "words"), [(1, 2, "1 sample, but 2 targets; give one"), (3, 1, "3 samples, but 1 target; give one")]
)
def test_each_sample_has_a_target(x: int, y: int, words: str) -> None:
    _check_as_many(np.zeros((x, 1)), np.zeros((x, 1)))
    with pytest.raises(ChoiceError, match=words):
        _check_as_many(np.zeros((x, 1)), np.zeros((y, 1)))
