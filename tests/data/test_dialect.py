"""How tables are written: delimiters, runs of blanks, decimal commas, and the lines above them."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data.dataset import Dataset
from mlpcli.data.dialect import Dialect, detected_delimiter, dialect_of, is_row
from mlpcli.data.layout import Settings
from mlpcli.data.table import load_table
from mlpcli.data.text import LineBlock

Load = Callable[..., Dataset]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The data set in a text."""

    def loaded(content: str, targets: Sequence[str] | None = None, **said: Any) -> Dataset:
        (tmp_path / "t.csv").write_text(content)
        return load_table(str(tmp_path / "t.csv"), Settings(targets, **said))

    return loaded


def cells(dataset: Dataset) -> list[list[object]]:
    """Features and targets, row by row."""
    return [[*x, *y] for x, y in zip(dataset.x.tolist(), dataset.y.tolist(), strict=True)]


# ----- Delimiters ---------------------------------------------------------------------------------------------------

NUMBERS = [[1.5, 2.0, 3.25], [4.0, 5.5, 6.0], [7.0, 8.0, 9.75]]
WRITTEN = {
    "commas and blanks": "1.5, 2, 3.25\n4, 5.5, 6\n7, 8, 9.75\n",
    "semicolons": "1.5;2;3.25\n4;5.5;6\n7;8;9.75\n",
    "bars": "1.5|2|3.25\n4|5.5|6\n7|8|9.75\n",
    "tabs": "1.5\t2\t3.25\n4\t5.5\t6\n7\t8\t9.75\n",
    "single blanks": "1.5 2 3.25\n4 5.5 6\n7 8 9.75\n",
    "aligned by blanks": "  1.5  2.0   3.25\n    4  5.5      6 \n    7    8   9.75\n",
    "blanks and a tab": "1.5   2\t3.25\n4     5.5\t6\n7     8\t9.75\n",
    "tabs, two of them once": "1.5\t2\t3.25\n4\t\t5.5\t6\n7\t8\t9.75\n",
    "aligned, some in quotes": '1.5  "2"  3.25\n4    5.5  "6"\n"7"  8    9.75\n',
    "sep=": "sep=;\n1.5;2;3.25\n4;5.5;6\n7;8;9.75\n",
    "sep= of a character that is not detected": "sep=:\n1.5:2:3.25\n4:5.5:6\n7:8:9.75\n",
    "sep= in quotes, with a tab": '"sep=\\t"\n1.5\t2\t3.25\n4\t5.5\t6\n7\t8\t9.75\n',
    "semicolons and decimal commas": "1,5;2;3,25\n4;5,5;6\n7;8;9,75\n",
    "tabs and decimal commas": "1,5\t2\t3,25\n4\t5,5\t6\n7\t8\t9,75\n",
    "blanks and decimal commas": " 1,5 2 3,25\n 4 5,5 6\n 7 8 9,75\n",
    "sep= and decimal commas": "sep=;\n1,5;2;3,25\n4;5,5;6\n7;8;9,75\n",
    "semicolons and decimal commas in quotes": '"1,5";"2";"3,25"\n"4";"5,5";"6"\n"7";"8";"9,75"\n',
    "comments": "# measured on Monday\n% by hand\n\n1.5,2,3.25\n4,5.5,6\n7,8,9.75\n",
}


@pytest.mark.parametrize("content", WRITTEN.values(), ids=WRITTEN)
def test_every_way_to_write_a_table_is_detected(load: Load, content: str) -> None:
    dataset = load(content)
    assert cells(dataset) == NUMBERS
    assert not dataset.named


@pytest.mark.parametrize("header", ["a{}b{}kind", '"a"{}"b"{}"kind"'])
@pytest.mark.parametrize("delimiter", [*",;\t| ", "  "])
def test_names_and_words_are_cut_as_numbers_are(load: Load, header: str, delimiter: str) -> None:
    rows = ["1 2.5 cat", '3 4 "a dog, or; two"', "5 6 cat"]
    content = header.format(delimiter, delimiter) + "\n" + "\n".join(row.replace(" ", delimiter, 2) for row in rows)
    dataset = load(content)
    assert (dataset.features, dataset.targets) == (("a", "b"), ("kind",))
    assert cells(dataset) == [[1, 2.5, "cat"], [3, 4, "a dog, or; two"], [5, 6, "cat"]]


@pytest.mark.parametrize(
    "content",
    [
        "a kind b c\n1 u 5,6 no\n2 v 2,3 yes\n3 u 1,5 no\n4 v 2,8 no\n",  # one comma in each row, and none above
        '"a" "kind" "b" "c"\n"1,5" "u, or" "5,6" "no"\n"2" "v" "2,3" "yes"\n"3" "v" "1,5" "no"\n"4" "v" "8,2" "no"\n',
    ],
)
def test_decimal_commas_do_not_cut_a_table_of_blanks(load: Load, content: str) -> None:
    dataset = load(content, ["c"])
    assert (dataset.features[0], dataset.features[-1]) == ("a", "b")
    assert dataset.x[1].tolist() == [2, 1, 2.3]


def test_the_error_in_quotes_between_commas_is_told_though_blanks_would_cut_evenly(load: Load) -> None:
    with pytest.raises(MlpError, match=r"t\.csv:2: ',' expected after '\"'; check the quotes"):
        load('full name,note\nJohn Smith,"a"b\nJane Doe,c\n')


@pytest.mark.parametrize("delimiter", [*",;\t|"])
@pytest.mark.parametrize("missing", [None, "mean"])
def test_blanks_may_stand_before_a_quote(load: Load, delimiter: str, missing: str | None) -> None:
    rows = ['"city"^ "place^ state"^ "y"', *['"A"^ "x^ b"^ 1.5', '"B"^  "y^ c"^2.5'] * 4]
    content = "\n".join(rows).replace("^", delimiter)
    dataset = load(content, missing=missing)
    _, *read = csv.reader(content.split("\n"), delimiter=delimiter, skipinitialspace=True)
    assert [column.name for column in dataset.columns] == ["city", f"place{delimiter} state"]
    assert [column.categories for column in dataset.columns] == [("A", "B"), (read[0][1], read[1][1])]
    assert dataset.y[:, 0].tolist() == [float(row[2]) for row in read]


def test_quoted_cells_after_blanks_are_classes_without_quotes(load: Load) -> None:
    dataset = load('"x", "y"\n' + '1, "a"\n2, "b, c"\n' * 3)
    assert (dataset.features, dataset.targets) == (("x",), ("y",))
    assert cells(dataset)[:2] == [[1, "a"], [2, "b, c"]]


def test_blanks_inside_cells_do_not_cut_a_table_of_tabs(load: Load) -> None:
    dataset = load("New York\t1\t2\nLos Angeles\t3\t4\nNew York\t5\t6\nLos Angeles\t7\t8\n")
    assert dataset.features == ("x1=New York", "x2")


@pytest.mark.parametrize("delimiter", [*",;\t|"])
@pytest.mark.parametrize("header", ["", "size^price\n", "living area^price\n"])
def test_a_blank_between_thousands_does_not_cut_cells(load: Load, header: str, delimiter: str) -> None:
    table = (header + "1 137^782\n2 480^911\n1 300^655\n").replace("^", delimiter)
    with pytest.raises(MlpError, match=r"'1 137' is not a finite number; remove the thousands separator"):
        load(table)
    if " " not in header:
        assert cells(load(table.replace(" ", ""))) == [[1137, 782], [2480, 911], [1300, 655]]


def test_a_tab_in_every_line_wins_over_blanks_that_cut_the_header_otherwise(load: Load) -> None:
    with pytest.raises(MlpError, match=r":2: column 1 \('place'\): '1 2' is not a finite number"):
        load("place\tkind\n1 2\t0\n3 4\t1\n5 6\t0\n")
    assert cells(load("0 0\t0\n0 1\t1\n1 0\t1\n")) == [[0, 0, 0], [0, 1, 1], [1, 0, 1]]  # without one, blanks do


def test_an_empty_cell_between_two_tabs_is_missing(load: Load) -> None:
    dataset = load("a\tb\tc\n1\t\t3\n4\t5\t6\n7\t8\t9\n", missing="mean")
    assert np.isnan(dataset.x).tolist() == [[False, True], [False, False], [False, False]]


@pytest.mark.parametrize("content", ["1  2\t3\n4 5  6\n", " 1 2 3\n4 5\t\t6\t\n"])
def test_a_blank_as_a_delimiter_means_runs_of_blanks_and_tabs(load: Load, content: str) -> None:
    assert cells(load(content, delimiter=" ")) == [[1, 2, 3], [4, 5, 6]]


def test_blanks_at_both_ends_of_a_line_and_blanks_in_quotes_are_kept_apart(load: Load) -> None:
    dataset = load(' 1\t"two  blanks"  x \n  2 "a\ttab" y\n3 "two  blanks" x\n', ["3"])
    assert dataset.columns[1].categories == ("a\ttab", "two  blanks")


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a,b;c;d"] * 20 + ["e,f"], ";"),  # both cut 20 rows evenly; semicolons into more cells
        (["a,b;c;d"] * 19 + ["e,f"], ","),  # which cuts all of 20 rows
        (["a,x;b;c", "a,x;b;c", "a;b;c", "a;b"], ";"),  # three rows are alike, between commas two
        (["flat 1,5", "flat 2,7"], ","),
        (["NA\tx y", "2\tx z"], "\t"),
        (["a\tb c"], "\t"),
        (["0 0 1\t0", "0 1 1\t1"], " "),  # three numbers in a cell
        (["a", "1 2", "3 4"], " "),  # the header lacks a name
        (["a", "1 2 3", "3 4"], ","),  # nothing cuts these rows alike
        (["1,5;2,5;3,5", "2,5;3,5;4,5"], ";"),  # decimal commas
        (["a b,c", "d e,f", "g h,i", "j k"], ","),  # one row of four is wrong
        (["a b,c", "d e,f", "g h", "i j"], " "),  # commas cut only half of the rows
    ],
)
def test_the_delimiter_is_the_one_that_cuts_most_rows_alike(lines: list[str], delimiter: str) -> None:
    assert detected_delimiter(lines) == delimiter


def test_a_given_delimiter_wins_over_the_first_line(load: Load) -> None:
    assert cells(load("sep=;\n1|2\n3|4\n", delimiter="|")) == [[1, 2], [3, 4]]


def test_the_lines_of_a_table_of_blanks_are_those_of_the_file(load: Load) -> None:
    dataset = load("# a comment\n\n 1 2 3\n\n 4 5 6\n")
    assert dataset.lines is not None
    assert dataset.lines.tolist() == [3, 5]


# ----- Decimal commas -----------------------------------------------------------------------------------------------


def test_detected_decimal_commas_are_a_note(load: Load) -> None:
    assert any("decimal commas" in note for note in load("1,5;2\n3;4\n").notes)
    assert not any("decimal" in note for note in load("1.5;2\n3;4\n").notes)
    assert not any("decimal" in note for note in load("1,5;2\n3;4\n", decimal=",").notes)


@pytest.mark.parametrize(
    ("cell", "number"), [("1,5", 1.5), ("-,5", -0.5), ("+2,", 2.0), ("1,5e3", 1500.0), ("1,25E-2", 0.0125), ("7", 7.0)]
)
@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_numbers_with_decimal_commas_are_read(load: Load, cell: str, number: float, delimiter: str) -> None:
    content = f"a;b;y\n0,5;{cell};1\n1,5;{cell};{cell}\n".replace(";", delimiter)
    assert cells(load(content)) == [[0.5, number, 1], [1.5, number, number]]
    assert cells(load(content, decimal=",")) == [[0.5, number, 1], [1.5, number, number]]


def test_quoted_decimal_commas_between_commas_are_read_if_asked_for(load: Load) -> None:
    assert cells(load('"1,5","2","3,25"\n4,"5,5",6\n', decimal=",")) == [[1.5, 2, 3.25], [4, 5.5, 6]]


@pytest.mark.parametrize(
    ("lines", "decimal"),
    [
        (["1,500;2,5", "3,250;1"], ","),  # 2,5 is no number with thousands
        (["1,500;2", "3,250;1"], "."),
        (["1,5;2.5", "3;4"], "."),
    ],
)
def test_a_comma_is_decimal_unless_all_may_separate_thousands_or_a_number_has_a_point(
    lines: list[str], decimal: str
) -> None:
    assert dialect_of(LineBlock(1, lines), None, None) == Dialect(";", decimal)
    assert dialect_of(LineBlock(1, lines), None, ".") == Dialect(";", ".")


def test_commas_in_words_are_no_decimal_commas(load: Load) -> None:
    dataset = load("a;b;c\n1,5;Paris, France;x\n2,5;Rome, Italy;y\n3,5;Paris, France;x\n")
    assert dataset.columns[1].categories == ("Paris, France", "Rome, Italy")
    assert dataset.x[:, 0].tolist() == [1.5, 2.5, 3.5]


# ----- Lines above the table ----------------------------------------------------------------------------------------

NAMED = {
    "as savetxt writes it": ("# a b y\n1 2 3\n4 5 6\n", ("a", "b", "y")),
    "as savetxt writes it, with commas": ("# a,b,y\n1,2,3\n4,5,6\n", ("a", "b", "y")),
    "after a comment": ("% of Monday\n%\n% a;b;y\n1;2;3\n4;5;6\n", ("a", "b", "y")),
    "a mark that is a name": ("#,b,y\n1,2,3\n4,5,6\n", ("#", "b", "y")),
}


@pytest.mark.parametrize(("content", "names"), NAMED.values(), ids=NAMED)
def test_a_comment_may_name_the_columns(load: Load, content: str, names: tuple[str, ...]) -> None:
    dataset = load(content)
    assert (*dataset.features, *dataset.targets) == names
    assert cells(dataset) == [[1, 2, 3], [4, 5, 6]]


def test_a_comment_above_numbers_and_words_may_name_the_columns(load: Load) -> None:
    dataset = load("# a,#b,kind\n1,2,cat\n3,4,dog\n")
    assert (*dataset.features, *dataset.targets) == ("a", "#b", "kind")


@pytest.mark.parametrize("line", ["1,2", "a", " x;", '"sep"', "1 # 2"])
def test_lines_of_a_table(line: str) -> None:
    assert is_row(line)


@pytest.mark.parametrize("line", ["", "  ", ",,;|\t", "# a,b", " %a", "##", "sep=;", ' "SEP=\\t" '])
def test_lines_above_a_table(line: str) -> None:
    assert not is_row(line)


def test_a_mark_between_blanks_is_a_name_if_there_are_as_many_cells(load: Load) -> None:
    assert load("# b y\n1 2 3\n4 5 6\n").features == ("#", "b")


@pytest.mark.parametrize("content", ["# two words\n a  b\n 1  2\n 3  4\n", "% flats of 2026\n1 2 3\n4 5 6\n"])
def test_a_comment_of_as_many_words_as_columns_is_a_comment(load: Load, content: str) -> None:
    dataset = load(content)
    assert dataset.named == (" a " in content)
    assert dataset.notes[0] == "line 1 is a comment (# or %) and left out"


def test_comments_are_a_note(load: Load) -> None:
    assert load("# Monday\n1,2\n3,4\n").notes[0] == "line 1 is a comment (# or %) and left out"
    assert load("# Monday\n\n% x\n1,2\n3,4\n").notes[0] == "lines 1 to 3 are comments (# or %) and left out"
    assert load("# a\n# b\n# c\n1,2\n3,4\n").notes[0] == "lines 1 to 3 are comments (# or %) and left out"


def test_words_that_start_with_a_mark_are_no_comments(load: Load) -> None:
    dataset = load("#f00,1,2\n#0f0,3,4\n#f00,5,6\n#0f0,7,8\n#00f,7,8\n")
    assert len(dataset) == 5


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("mine.csv", "@relation t\n@attribute a real\n@data\n1,u\n", "> mine-table.csv"),  # never onto itself
        ("rows.csv", '[{"a": 1},\n{"a": 2}]\n', "to_csv('rows-table.csv', index=False)"),
        ("rows.jsonl", '{"a": 1}\n{"a": 2}\n', "read_json('rows.jsonl', lines=True).to_csv('rows.csv'"),
        ("rows.json", '[{"a": 1},\n{"a": 2}]\n', "read_json('rows.json').to_csv('rows.csv'"),
    ],
)
def test_the_advice_for_other_formats_never_overwrites_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text)
    with pytest.raises(MlpError) as caught:
        load_table(name, Settings())
    assert words in str(caught.value)
