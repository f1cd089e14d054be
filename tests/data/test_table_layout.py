"""What the first lines tell: whether the first row names the columns, and how many columns there are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data.categories import Column
from mlpcli.data.dataset import Dataset
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.table import load_table

Load = Callable[..., Dataset]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """The data set in a text."""
    monkeypatch.chdir(tmp_path)

    def loaded(content: str, **said: Any) -> Dataset:
        Path("t.csv").write_text(content)
        return load_table("t.csv", Settings(**said))

    return loaded


IRIS = "5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n7.0,3.2,4.7,1.4,virginica\n6.4,3.2,4.5,1.5,virginica\n"

HEADERS = {  # content: the first row names the columns
    "numbers from 0, and a word": "0,1,2,3,target\n" + IRIS,
    "numbers from 1, and a word": "1,2,3,4,class\n" + IRIS,
    "an index and numbers from 0": ",0,1,kind\n0,5.1,3.5,u\n1,4.9,3.1,u\n2,7.1,3.2,v\n3,6.4,3.2,v\n4,6,3,v\n",
    "numbers from 0 alone": "0,1,2,3\n5.1,3.5,1.4,0.2\n4.9,3.0,1.4,0.2\n7.0,3.2,4.7,1.4\n",
    "whole numbers from 0 above whole numbers": "0,1,2,3\n5,3,9,1\n2,2,1,7\n4,4,0,1\n",
    "whole numbers from 1 above whole numbers": "1,2,3\n5,3,9\n2,2,1\n4,4,0\n",
    "whole numbers from 0 above zeros": "0,1,2\n0,0,0\n1,0,1\n",
    "whole numbers and a word above words, all different": "0,1,2,kind\n5,3,9,a\n2,2,1,b\n4,4,0,c\n",
    "an index and whole numbers": ",0,1,2\n0,5,2,3\n1,4,2,4\n2,9,8,1\n3,7,8,1\n4,7,8,1\n",
    "years and a word": "2019,2020,2021,kind\n1.5,2.5,3.5,a\n2.5,3.5,4.5,b\n1.5,2.5,3.5,a\n",
    "years and whole numbers": "2019,2020,2021,kind\n10,25,35,a\n20,35,45,b\n11,24,35,a\n21,34,45,b\n",
    "a number among names of numbers": "a,2020,y\n1,2,u\n3,4,v\n",
    "years above fractions in three of four": "2019,2020,2021,2022,kind\n5.5,3.5,9,1.5,a\n2.5,2.5,1,7,b\n4,4,0,1,c\n",
    "numbers from 0 above fractions in equal steps": "0,1,2\n1.5,2.5,3.5\n4.5,5.5,6.5\n",
    "numbers from 1 above fractions in equal steps": "1,2,3\n1.5,2.5,3.5\n4.5,5.5,6.5\n",
    "numbers from 1 above fractions": "1,2,3\n5.1,3.5,1.4\n4.9,3.0,1.5\n7.0,3.2,4.7\n",
    "one of three names is below": "size,kind,town\nsmall,cat,u\nsize,dog,v\nsmall,cat,u\nsmall,cat,v\n",
    "sodium": '"RI","Na","Mg","Type"\n1.5,13.6,4.4,"1"\n1.6,13.8,3.6,"2"\n',
    "names that mean missing elsewhere": "K,NA,None,y\n1,2,3,u\n4,5,6,v\n",
    "one name is below, beside numbers": "a,kind\n1,x\n2,kind\n3,x\n",
    "words of which none is below": "size,kind\nsmall,cat\nlarge,dog\nsmall,cat\n",
    "repeated after an append": "p,q,y\nred,x,u\np,q,y\nblue,x,v\nred,x,v\n",
}

ROWS = {  # content: the first row is data
    "whole numbers that count up": "1,2,3\n4,5,6\n7,8,9\n",
    "whole numbers, and equal steps below": "1,2,3\n2,4,6\n3,6,9\n",
    "whole numbers, and equal steps right below alone": "1,2,3\n4,5,6\n9,2,7\n",
    "a word that is below, and numbers from 0": "a,0,1,2\nb,5,3,9\na,2,2,1\n",
    "whole numbers from 2": "2,3,4\n5,3,9\n2,2,1\n",
    "whole numbers in another order": "1,0,2\n5,3,9\n2,2,1\n",
    "two whole numbers": "0,1\n5,3\n2,2\n",
    "they and a word": "1,2,3,a\n4,5,6,b\n7,8,9,c\n",
    "two of them and a word of its own": "1,2,u\n3,4,v\n5,6,v\n7,8,v\n",
    "measurements and a word of its own": "5.1,3.5,1.4,0.2,versicolor\n" + IRIS,
    "a word that is below": "0,1,2,3,setosa\n" + IRIS,
    "words that are below": "no,yes,left,u\nno,no,left,v\nyes,yes,right,u\nno,no,left,v\n",
    "a missing cell and a word": "NA,cat\n1,dog\n2,cat\n",
    "a missing cell and words": "red,NA,cat\nblue,x,dog\nred,y,cat\n",
    "years above fractions in two of four": "2019,2020,2021,2022,kind\n5.5,3.5,9,1,a\n2.5,2.5,1,7,b\n4,4,0,1,c\n",
    "years and a word above many words": "2019,2020,2021,kind\n10,25,35,a\n20,35,45,b\n11,24,35,c\n21,34,45,a\n",
    "numbers from 0, but only two, above few words": "0,1,kind\n10,25,a\n20,35,b\n11,24,a\n21,34,b\n",
    "numbers from 5 above fractions": "5,6,7\n5.1,3.5,1.4\n4.9,3.0,1.5\n7.0,3.2,4.7\n",
    "a number among names, and one row": "a,2020,y\n1,2,u\n",
    "numbers from 0, and one row": "0,1,2\n5,3,9\n",
    "numbers from 0, and a word that is below": "0,1,2,a\n5,3,9,b\n2,2,1,a\n",
    "years and two words, one of them above many words": (
        "2019,2020,2021,kind,name\n10,25,35,a,p\n20,35,45,b,q\n11,24,35,a,r\n21,34,45,b,s\n"
    ),
    "numbers from 0, and one of two words is below": ("0,1,2,a,u\n5,3,9,b,v\n2,2,1,b,v\n4,4,0,a,w\n7,1,3,b,w\n"),
    "whole numbers, one twice": "aardvark,1,0,0,4\nbear,1,1,0,4\ncat,0,1,1,4\n",
}


@pytest.mark.parametrize("content", HEADERS.values(), ids=HEADERS)
def test_names_are_a_header(load: Load, content: str) -> None:
    dataset = load(content, missing="mean", categories=())
    header = [name.strip('"') for name in content.splitlines()[0].split(",")]
    assert dataset.named
    assert [*(column.name for column in dataset.columns)] in ([], [name for name in header[:-1] if name])
    assert dataset.targets == (header[-1],)
    assert len(dataset) == len(content.splitlines()) - 1


@pytest.mark.parametrize("content", ROWS.values(), ids=ROWS)
def test_data_are_no_header(load: Load, content: str) -> None:
    dataset = load(content, missing="mean", categories=("1",))
    assert (dataset.named, len(dataset)) == (False, len(content.splitlines()))


def test_a_guess_that_may_surprise_is_a_note(load: Load) -> None:
    assert "the header contains numbers; --no-header reads it as data" in load("0,1,2,3,y\n" + IRIS).notes
    (note,) = (note for note in load(ROWS["words that are below"]).notes if "first row" in note)
    assert note == "text of the first row also occurs below it, so it is read as data; --header makes it the header"
    assert not load("a,b\n1,2\n3,4\n").notes
    (note,) = load("1,2\n3,4\n").notes
    assert note == "the first row is not a header; columns are called x1, x2, …; --header makes it one"


def test_a_first_row_with_a_missing_cell_is_data_whatever_occurs_below(load: Load) -> None:
    assert load(ROWS["a missing cell and words"], missing="mean").notes[0] == (
        "the first row is not a header; columns are called x1, x2, …; --header makes it one"
    )


def test_a_header_as_pandas_numbers_columns_is_a_note(load: Load) -> None:
    content = "0,1,2,3\n5,3,9,1\n2,2,1,7\n4,4,0,1\n"
    assert "the header contains numbers; --no-header reads it as data" in load(content).notes
    assert len(load(content, header=False)) == 4  # the advice works


def test_rows_for_a_network_that_knows_other_names_are_no_header(load: Load) -> None:
    known = tuple(map(Column, ("x1", "x2")))
    assert load("0,1,2\n5,3,9\n2,2,1\n", known=known).x.tolist() == [[0, 1], [5, 3], [2, 2]]
    assert load("0,1,2\n5,3,9\n2,2,1\n", known=tuple(map(Column, "01"))).x.tolist() == [[5, 3], [2, 2]]


@pytest.mark.parametrize("name", [key for key in HEADERS if "append" not in key])
def test_the_options_override_what_is_detected(load: Load, name: str) -> None:
    content = HEADERS[name]
    assert load(content, header=True).named
    assert load(content, header=True).notes == tuple(n for n in load(content).notes if "--no-header" not in n)


# ----- How many columns there are -----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["a,b,y,\n1,2,3\n4,5,6\n", "a,b,y\n1,2,3,\n4,5,6,\n", "a,b,y,,\n1,2,3,\n4,5,6,\n"])
@pytest.mark.parametrize("one", [False, True])
def test_a_comma_at_the_end_of_header_or_rows_alone_adds_nothing(load: Load, content: str, one: bool) -> None:
    dataset = load("".join(content.splitlines(keepends=True)[: 2 if one else None]))
    assert (dataset.features, dataset.targets) == (("a", "b"), ("y",))
    assert dataset.x.tolist() == [[1, 2], [4, 5]][: len(dataset)]
    assert one or not dataset.notes


R = '"a" "b" "y"\n"1" 1.5 2 "u"\n"2" 3.5 4 "v"\n"3" 5.5 6 "u"\n"4" 7.5 8 "v"\n"5" 7.5 8 "v"\n'


@pytest.mark.parametrize("delimiter", [" ", ",", "\t"])
def test_row_names_of_r_have_no_name(load: Load, delimiter: str) -> None:
    dataset = load(R.replace(" ", delimiter))
    assert (dataset.features, dataset.targets) == (("a", "b"), ("y",))
    assert dataset.x[:, 0].tolist() == [1.5, 3.5, 5.5, 7.5, 7.5]
    assert dataset.notes[0] == "line 1 has one name fewer than there are columns; the first has no name"


def test_row_names_that_are_words_are_named_in_the_message(load: Load) -> None:
    with pytest.raises(MlpError, match=r"^t\.csv:2: column 1 has no name, but contains 'Fiat'; .* --ignore 1"):
        load('"mpg" "cyl"\n"Mazda" 21 6\n"Fiat" 22 4\n'.replace("Mazda", "Fiat"))


@pytest.mark.parametrize("said", [{}, {"header": True}, {"header": False}])
def test_a_first_line_of_another_length_is_named(load: Load, said: dict[str, bool]) -> None:
    rows = "".join(",".join(str(k + j / 10) for k in range(14)) + "\n" for j in range(3))
    with pytest.raises(MlpError) as caught:
        load("178,13,class_0,class_1,class_2\n" + rows, **said)
    what = "line 1 has 5 cells, line 2 has 14; remove line 1 if it is not part of the table"
    assert str(caught.value) == f"t.csv: {what}"
    assert len(load(rows)) == 3  # the advice works


def test_a_title_above_the_header_is_named(load: Load) -> None:
    with pytest.raises(MlpError, match=r"^t\.csv: line 1 has 1 cells?, line 3 has 3; remove line 1"):
        load("Flats of 2026\n\na,b,y\n1,2,3\n4,5,6\n")


def test_a_title_of_several_lines_or_of_one_cell_is_named(load: Load) -> None:
    with pytest.raises(MlpError, match=r"^t\.csv: line 1 has 1 cell, line 3 has 3; remove line 1"):
        load("Flats\nof 2026\na,b,y\n1,2,3\n4,5,6\n")
    with pytest.raises(MlpError, match=r"^t\.csv: line 1 has only 'Flats', like a title; remove line 1$"):
        load("Flats,,\na,b,y\n1,2,3\n4,5,6\n")
    with pytest.raises(MlpError, match=r"^t\.csv: line 1 has only 'Flats', like a title; remove lines 1 to 3$"):
        load("Flats,,\nof 2026,,\n,,\na,b,y\n1,2,3\n4,5,6\n")


# ----- The advice ---------------------------------------------------------------------------------------------------


def test_an_error_right_below_a_header_that_may_be_data_names_no_header(load: Load) -> None:
    table = "red,small,u\n,tall,v\nblue,tall,v\nblue,small,w\ntan,tall,w\n"
    with pytest.raises(MlpError, match=r"^t\.csv:2: .*; if line 1 is data, add --no-header\n"):
        load(table)
    assert len(load(table, header=False, missing="drop")) == 4


def test_categories_that_name_the_rows_may_be_below_a_sample(load: Load) -> None:
    table = "red,big,yes\nblue,small,no\ngreen,tall,yes\n"
    with pytest.raises(MlpError, match=r"^t\.csv: too many .* --ignore red,big; if line 1 is data, add --no-header\n"):
        load(table + "black,tiny,no\n")
    assert len(load(table + "red,big,no\n", header=False)) == 4
    with pytest.raises(MlpError, match=r"^t\.csv: too many .* --ignore name$"):
        load("name,size,y\nann,1,u\nbob,2,v\ncem,3,u\n")  # numbers below size


def test_words_among_numbers_may_be_below_a_sample(load: Load) -> None:
    with pytest.raises(MlpError, match=r"^t\.csv:2: .*'q' is not .*; if line 1 is data, add --no-header\n"):
        load("low,yay\nq,no\n1,no\n2,no\n")
    assert len(load("low,yay\nq,no\n1,no\n2,no\n", header=False, categories=["1"])) == 4  # the advice works


def test_a_header_above_words_alone_is_a_note(load: Load) -> None:
    note = "the first row names the columns; --no-header reads it as data"
    assert note in load("size,kind\nsmall,cat\nlarge,dog\nsmall,cat\n").notes
    assert note not in load("size,kind\nsmall,cat\nlarge,dog\nsmall,cat\n", header=True).notes
    assert note not in load("size,cost,kind\nsmall,3,cat\nlarge,,dog\nsmall,2,cat\n", missing="mean").notes


def test_text_above_numbers_is_surely_a_header(load: Load) -> None:
    with pytest.raises(MlpError, match=r"^t\.csv:2: .*; use --missing drop or --missing mean$"):
        load("red,x,u\n,7,v\n3,7,v\n4,8,w\n")


def test_a_number_written_otherwise_does_not_question_the_header(load: Load) -> None:
    with pytest.raises(MlpError, match=r"remove the thousands separator$"):
        load('a,price,y\n0,"1,100",0\n1,"1,101",3\n')


def test_a_name_twice_may_be_data(load: Load) -> None:
    with pytest.raises(MlpError, match=r"2 columns are called 'no'.*; if line 1 is data, add --no-header$"):
        load("no,no,u\nyes,maybe,v\n")
    assert len(load("no,no,u\nyes,maybe,v\n", header=False)) == 2


def test_a_gap_in_the_header_names_a_column_only_if_it_is_the_only_one(load: Load) -> None:
    assert load(",p,y\n1,2,3\n4,6,7\n", features=("",)).features == ("",)
    with pytest.raises(MlpError, match=r"^t\.csv:1: column '' occurs 2 times; rename one$"):
        load(",,p,y\n1,2,3,4\n4,6,7,8\n", features=("",))


@pytest.mark.parametrize("above", [",,,\n", ",,\n", ", ,,\n,,,\n", "\n,,,\n\n"])
@pytest.mark.parametrize("header", [None, True])
def test_lines_of_empty_cells_above_the_header_are_left_out(load: Load, above: str, header: bool | None) -> None:
    table = "a,b,c,y\n" + "".join(f"{k * 7 % 11},{k * 3 % 7},{k * 5 % 9},{k % 2}.5\n" for k in range(20))
    dataset, plain = load(above + table, header=header), load(table, header=header)
    assert (dataset.features, dataset.targets) == (("a", "b", "c"), ("y",))
    assert (dataset.x.tolist(), dataset.y.tolist()) == (plain.x.tolist(), plain.y.tolist())
    line = above.count("\n") + 1
    assert dataset.lines is not None
    assert dataset.lines.tolist() == [*range(line + 1, line + 21)]
    assert dataset.notes == (f"line {line} has the names, since all cells above it are empty",)


def test_a_first_row_of_empty_cells_above_numbers_is_data(load: Load) -> None:
    with pytest.raises(MlpError, match=r"t\.csv:1: .* missing"):
        load(",,\n1,2,3.5\n4,5,6.5\n")
    known = (Column("x1"), Column("x2"))
    filled = load(",,\n1,2,3.5\n4,5,6.5\n", targets=["3"], missing="mean", known=known, header=False)
    assert filled.lines is not None
    assert filled.lines.tolist() == [2, 3]  # the first has no target


@pytest.mark.parametrize(("count", "listed"), [(10, "c0, c1, c2, c3, c4, c5, c6, c7, c8, c9"), (11, "c9, …")])
def test_ten_columns_are_listed_for_a_number_or_a_name_that_is_not_there(load: Load, count: int, listed: str) -> None:
    table = ",".join(f"c{k}" for k in range(count)) + "\n" + ",".join("1" * count) + "\n"
    with pytest.raises(MlpError, match=rf"no column 99; the columns are 1 to {count} \(.*{listed}\)$"):
        load(table, targets=["99"])
    with pytest.raises(MlpError, match=r"unknown column 'zz': choose from c0, .*, c8, c9, or give its number$"):
        load(table, targets=["zz"])


def test_a_table_has_at_most_100_000_columns(load: Load) -> None:
    with pytest.raises(MlpError, match=r"^t\.csv:1: 100001 columns; use at most 100000$"):
        load("1" + ",1" * 100_000 + "\n")


def test_as_many_columns_as_there_may_be_are_read(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlpcli.data.layout.MOST_COLUMNS", 3)
    assert load("a,b,y\n1,2,3\n2,3,4\n").features == ("a", "b")


@pytest.mark.parametrize(("before", "named"), [(19, False), (20, True)])
def test_twenty_rows_below_the_first_tell_whether_it_is_a_header(load: Load, before: int, named: bool) -> None:
    """A word of the first row is in its column once more, after so many rows."""
    rows = ["small,cat", "large,dog"] * 10
    table = "\n".join(["size,kind", *rows[:before], "size,dog"])
    assert load(table + "\n").named == named


def test_a_first_row_of_one_name_above_rows_with_gaps_is_no_title(load: Load) -> None:
    """No row below it is complete, so nothing tells where the table would begin."""
    with pytest.raises(MlpError, match=r"^t\.csv: no column is left for features; the target takes 'Flats'"):
        load("Flats,,\n1,,3\n2,,4\n")


@pytest.mark.parametrize(
    ("content", "is_title"),
    [
        ("Flats,\na,y\n1,2\n3,5\n", True),
        (",,Flats\na,b,y\n1,2,3\n4,5,6\n", True),
        (",Flats\n0,2\n1,5\n", False),  # a name beside a column that counts rows
        ("2026,,\na,b,y\n1,2,3\n4,5,6\n", False),  # a number is no title
        ("Flats,here,\na,b,y\n1,2,3\n4,5,6\n", False),
    ],
)
def test_a_title_is_one_text_in_a_row_of_several_cells(load: Load, content: str, is_title: bool) -> None:
    try:
        load(content)
    except MlpError as problem:
        assert ("like a title; remove line 1" in str(problem)) == is_title  # noqa: PT017  # others may be wrong, too
    else:
        assert not is_title


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a\n1,2,3\n", "t.csv: no column is left for features; the target takes 'a'; if cells are separated by"),
        ("size,kind\nsmall\nbig,dog\n", "t.csv:2: 1 cell, but the table has 2 columns; remove the line if it is"),
        ("a,b,y\n1,2,3,4\n", "t.csv:2: 4 cells, but the table has 3 columns"),  # either of two lines may be wrong
        ("a,b,2\n1,2,3,4\n2,3,4,5\n", "t.csv: line 1 has 3 cells, line 2 has 4; remove line 1 if it is not part of"),
        (
            "a,b,y\n1,2,3,4,5\n2,3,4,5,6\n",
            "t.csv: line 1 has 3 cells, line 2 has 5; remove line 1 if it is not part of",
        ),
        ("a,b,y,z\n1,2,3\n2,3,4\n", "t.csv: line 1 has 4 cells, line 2 has 3; remove line 1 if it is not part of"),
        ("a,b\n1,2,3,4\n2,3,4,5\n", "t.csv: line 1 has 2 cells, line 2 has 4; remove line 1 if it is not part of"),
        ("a\n1,2,3\n2,3,4\n", "t.csv: line 1 has 1 cell, line 2 has 3; remove line 1 if it is not part of"),
    ],
)
def test_a_first_line_with_more_or_fewer_cells_is_told(load: Load, content: str, words: str) -> None:
    with pytest.raises(MlpError) as caught:
        load(content)
    assert str(caught.value).startswith(words)


def test_a_header_without_any_name_is_refused(load: Load) -> None:
    with pytest.raises(MlpError, match=r"^t\.csv:1: the header names no column; add names, or use --no-header$"):
        load(" ,,\n , ,\n", header=True)


@pytest.mark.parametrize("content", ["0,1\n5,3\n2,2\n", "7,1,0\n5,3,4\n2,2,1\n"])
def test_a_first_row_with_the_names_that_a_network_knows_is_a_header(load: Load, content: str) -> None:
    Path("t.csv").write_text(content)
    assert Reader("t.csv", Settings(known=(Column("0"), Column("1")))).layout.header
    assert not Reader("t.csv", Settings(known=(Column("0"), Column("2")))).layout.header


@pytest.mark.parametrize(("content", "named"), [("red,cat\n", True), ("red,\n", True), ("red,NA\n", False)])
def test_a_row_alone_is_a_header_if_all_its_cells_are_names(load: Load, content: str, named: bool) -> None:
    Path("t.csv").write_text(content)
    assert Reader("t.csv", Settings()).layout.header == named


def test_empty_quotes_are_no_rows(load: Load) -> None:
    with pytest.raises(MlpError, match=r"^t\.csv: no data rows$"):
        load('""\n""\n')


def test_the_last_columns_can_be_given_by_negative_numbers(load: Load) -> None:
    table = "a,b,c,y\n1,2,3,4\n5,6,7,8\n"
    for wanted, name in (("1", "a"), ("4", "y"), ("-1", "y"), ("-4", "a"), ("-3", "b")):
        assert load(table, targets=[wanted]).targets == (name,)
    for wanted in ("0", "5", "-5"):
        with pytest.raises(MlpError, match=rf"^t\.csv: no column {wanted}; the columns are 1 to 4 \(a, b, c, y\)$"):
            load(table, targets=[wanted])
