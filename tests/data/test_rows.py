"""Cells in the value of an option, out and in."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from mlpcli.data.rows import cells_of, in_one_line

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
