"""Cells in the value of an option, out and in."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlpcli.core.errors import MlpError
from mlpcli.data.rows import cells_of, in_one_line, rows_of
from mlpcli.data.text import LineBlock

NAMES = st.text(st.sampled_from("ab ,;\"\n'"), min_size=1)


@given(st.lists(NAMES, min_size=1))
@example(["rent, cold", 'a "b"', '"', " ", "x"])
def test_what_is_written_in_one_line_is_read_again(names: list[str]) -> None:
    assert cells_of(in_one_line(names)) == names


def test_quotes_are_those_of_csv() -> None:
    names = ["rent, cold", "Id", 'the "best", of all']
    file = io.StringIO()
    csv.writer(file, lineterminator="").writerow(names)
    assert in_one_line(names) == file.getvalue()
    assert cells_of(file.getvalue()) == names


def test_quotes_are_taken_off_only_in_pairs() -> None:
    assert cells_of('"a" , b" ,"", " c "') == ["a", 'b"', "", " c "]
    assert cells_of('"') == ['"']


def test_a_blank_line_is_no_row_but_one_with_a_delimiter_is() -> None:
    block = LineBlock(5, ["", "  ", "1,2", ",", '"","x"', '""', '"",""'])
    assert [(row.line, row.cells) for row in rows_of(block, "f", ",")] == [
        (7, ["1", "2"]),
        (8, ["", ""]),
        (9, ["", "x"]),
        (11, ["", ""]),
    ]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (['a,"b', "c", 'd","e', "f"], 7),  # what opens in line 5 is closed in line 7, where the next opens
        (['a,"b""', "c", "d"], 5),
        (["x,y", 'a,"b""', "c"], 6),
        (["x,y", 'a,"b"', 'c,"d', "e"], 7),
    ],
)
def test_the_line_of_a_quote_that_is_never_closed_is_told(lines: list[str], line: int) -> None:
    with pytest.raises(MlpError, match=f"^f:{line}: an unclosed quote; close it$"):
        list(rows_of(LineBlock(5, lines), "f", ","))
