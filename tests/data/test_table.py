"""CSV: every dialect that people write, read back exactly; every mistake, with its line and column."""

import contextlib
import csv
import io
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlpcli.core.errors import MlpError
from mlpcli.data import delimited, text
from mlpcli.data.blocks import parse_fast
from mlpcli.data.categories import CategoryCodes
from mlpcli.data.cells import MISSING
from mlpcli.data.dataset import Dataset
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.row_parsing import ReadingPlan, parse_rows
from mlpcli.data.table import load_table
from mlpcli.data.text import LONGEST_LINE, READ, sample_file

Write = Callable[[str | bytes], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Puts a table into a file and gives its path."""

    def put(content: str | bytes) -> str:
        path = tmp_path / "t.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return put


def load(path: str, targets: Sequence[str] | None = None, **said: Any) -> Dataset:
    return load_table(path, Settings(targets, **said))


def refusal(path: str, **options: Any) -> str:
    with pytest.raises(MlpError) as caught:
        load(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def assert_holds(dataset: Dataset, x: list[list[float]], y: list[list[object]]) -> None:
    assert dataset.x.dtype == np.float64
    assert dataset.x.tolist() == x
    assert dataset.y.tolist() == y


# ----- What is read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("header", [True, False])
def test_every_dialect_gives_the_same_table(write: Write, delimiter: str, end: str, last: bool, header: bool) -> None:
    rows = [["size", "mass", "kind"]] * header + [["1", "2.5", "cat"], ["-3e2", ".5", "dog"]]
    dataset = load(write(end.join(delimiter.join(row) for row in rows) + end * last))
    assert_holds(dataset, [[1.0, 2.5], [-300.0, 0.5]], [["cat"], ["dog"]])
    assert dataset.features == (("size", "mass") if header else ("x1", "x2"))
    assert dataset.targets == (("kind",) if header else ("x3",))
    assert dataset.named is header


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_header(write: Write, encoding: str) -> None:
    dataset = load(write("größe,kind\n1,ä\n2,ö\n".encode(encoding)))
    assert dataset.features == ("größe",)
    assert_holds(dataset, [[1.0], [2.0]], [["ä"], ["ö"]])


def test_utf_16_big_endian_is_read(write: Write) -> None:
    dataset = load(write(b"\xfe\xff" + "a,b\n1,2\n3,4\n".encode("utf-16-be")))
    assert_holds(dataset, [[1.0], [3.0]], [[2.0], [4.0]])


def test_blank_lines_are_skipped(write: Write) -> None:
    assert_holds(load(write("\n\na,b\n\n1,2\n\n\n3,4\n\n")), [[1.0], [3.0]], [[2.0], [4.0]])


def test_spaces_around_cells_and_names_do_not_count(write: Write) -> None:
    dataset = load(write(" a , b \n 1 , cat \n2,cat\n"))
    assert dataset.features == ("a",)
    assert_holds(dataset, [[1.0], [2.0]], [["cat"], ["cat"]])


def test_one_row_is_a_table(write: Write) -> None:
    assert_holds(load(write("a,b\n1,2\n")), [[1.0]], [[2.0]])


def test_a_quoted_delimiter_and_quotes_are_part_of_the_field(write: Write) -> None:
    dataset = load(write('a,b\n1,"x,y"\n"2","say ""no"""\n3,plain\n'))
    assert_holds(dataset, [[1.0], [2.0], [3.0]], [["x,y"], ['say "no"'], ["plain"]])


def test_quotes_in_all_labels_are_part_of_them(write: Write) -> None:
    """No comma is in quotes, so that every line has as many as there are between cells."""
    dataset = load(write('a,b\n1,"say ""no"""\n2,"say ""yes"""\n'))
    assert_holds(dataset, [[1.0], [2.0]], [['say "no"'], ['say "yes"']])


def test_a_quoted_line_feed_is_part_of_the_field(write: Write) -> None:
    dataset = load(write('a,b\n1,"two\nlines"\n2,one\n'))
    assert_holds(dataset, [[1.0], [2.0]], [["two\nlines"], ["one"]])


def test_a_quoted_line_feed_in_the_header_is_part_of_the_name(write: Write) -> None:
    dataset = load(write('"size\n(cm)";kind\n1;cat\n2;dog\n'))
    assert dataset.features == ("size\n(cm)",)
    assert_holds(dataset, [[1.0], [2.0]], [["cat"], ["dog"]])


def test_the_delimiter_in_quotes_does_not_count_when_it_is_guessed(write: Write) -> None:
    assert load(write('"a,b,c";"d"\n1;"x,y"\n2;"x,z"\n')).features == ("a,b,c",)


def test_a_given_delimiter_wins(write: Write) -> None:
    path = write("1|x;y\n2|x;z\n")
    assert_holds(load(path, delimiter="|"), [[1.0], [2.0]], [["x;y"], ["x;z"]])


@pytest.mark.parametrize(
    "content",
    [
        "p,q,r,\n1,2,3,\n4,5,6,\n",
        "p,q,r,,\n1,2,3, ,\n4,5,6,,\n",
        ',p,q,r\n,1,2,3\n"",4,5,6\n',
        "p,,q,r\n1,,2,3\n4,,5,6",
    ],
)
def test_a_column_with_neither_a_name_nor_content_is_none(write: Write, content: str) -> None:
    """A comma at the end of every line is what a spreadsheet writes where a cell beside the table was in use once."""
    dataset = load(write(content))
    assert (dataset.features, dataset.targets, dataset.named) == (("p", "q"), ("r",), True)
    assert_holds(dataset, [[1.0, 2.0], [4.0, 5.0]], [[3.0], [6.0]])


def test_a_row_of_data_with_a_gap_is_no_header(write: Write) -> None:
    dataset = load(write(",cat\n1,dog\n2,cat\n"), missing="mean")
    assert (len(dataset), dataset.named) == (3, False)


def test_a_header_can_be_denied_and_demanded(write: Write) -> None:
    path = write("1,2\n3,4\n")
    assert len(load(path)) == 2
    assert load(path, header=True).features == ("1",)
    assert len(load(path, header=True)) == 1


@pytest.mark.parametrize(
    ("targets", "features"),
    [
        (None, ("a", "b")),
        (["c"], ("a", "b")),
        (["a"], ("b", "c")),
        (["2"], ("a", "c")),
        (["-1"], ("a", "b")),
        (["-3"], ("b", "c")),
        (["c", "1"], ("b",)),
    ],
)
def test_targets_are_named_or_numbered(write: Write, targets: list[str] | None, features: tuple[str, ...]) -> None:
    path = write("a,b,c\n1,2,3\n4,5,6\n")
    dataset = load(path, targets)
    with open(path) as file:
        rows = list(csv.DictReader(file))
    assert dataset.features == features
    assert dataset.x.tolist() == [[float(row[name]) for name in features] for row in rows]
    assert dataset.y.tolist() == [[float(row[name]) for name in dataset.targets] for row in rows]


def test_several_targets_keep_the_order_asked_for(write: Write) -> None:
    dataset = load(write("a,b,c\n1,2,3\n"), ["c", "a"])
    assert dataset.targets == ("c", "a")
    assert dataset.y.tolist() == [[3.0, 1.0]]


def test_a_name_wins_over_a_number(write: Write) -> None:
    assert load(write("2,b,c\n5,6,7\n"), ["2"], header=True).y.tolist() == [[5.0]]


def test_one_cell_that_is_no_number_makes_all_targets_text(write: Write) -> None:
    assert_holds(load(write("a,b\n1,1.0\n2,x\n")), [[1.0], [2.0]], [["1.0"], ["x"]])


def test_many_quantities_are_the_numbers_that_python_reads(write: Write) -> None:
    """Blocks with very many different targets keep no text of them."""
    draw = np.random.default_rng(3)
    cells = [f"{value:.{k % 17 + 1}g}" for k, value in enumerate(draw.normal(size=60_000))]
    path = write("a,b,y\n" + "".join(f"{k % 9},{k % 7}.5, {cell}\n" for k, cell in enumerate(cells)))
    dataset = load(path)
    assert dataset.y.tolist() == [[float(cell)] for cell in cells]
    assert dataset.x.tolist() == [[k % 9, k % 7 + 0.5] for k in range(60_000)]
    assert dataset.labels is None


def test_a_word_late_among_quantities_is_refused_with_its_line(write: Write) -> None:
    rows = [f"{k % 9},{k / 8}" for k in range(200_000)]
    rows[199_000] = "3,much"
    path = write("a,y\n" + "\n".join(rows))
    assert refusal(path) == f"{path}:199002: column 'y': 'much' is not a number, unlike the other targets; correct it"


def test_numeric_targets_are_numbers_however_written(write: Write) -> None:
    assert load(write('a,b\n1, 1\n2,"1.0"\n3,1e0\n4,+1.\n')).y.tolist() == [[1.0]] * 4


# ----- The same as other readers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["iris.csv", "cars.csv", "xor.csv"])
def test_sample_files_are_as_the_csv_module_reads_them(file: str) -> None:
    path = sample_file(file)
    with open(path, newline="") as stream:
        names, *rows = csv.reader(stream)
    dataset = load(str(path))
    assert (*dataset.features, *dataset.targets) == tuple(names)
    assert dataset.x.tolist() == [[float(cell) for cell in row[:-1]] for row in rows]
    numeric = dataset.y.dtype.kind == "f"
    assert numeric == (file != "iris.csv")
    assert dataset.y[:, 0].tolist() == [float(row[-1]) if numeric else row[-1] for row in rows]


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
LABELS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from(',;\t|"\n'), max_size=8
)
TABLES = st.integers(1, 4).flatmap(
    lambda columns: st.lists(st.tuples(st.lists(NUMBERS, min_size=columns, max_size=columns), LABELS), min_size=1)
)


def written(table: list[tuple[list[float], str]], delimiter: str, quoting: int) -> bytes:
    """The table by the csv module. Labels get a letter on both sides, so that none is blank, a number or trimmed."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerow([*(f"n{k}" for k in range(len(table[0][0]))), "label"])
    writer.writerows([*map(repr, numbers), f"k{label}k"] for numbers, label in table)
    return file.getvalue().encode()


@given(
    table=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    read=st.sampled_from([READ, 16, 50]),
)
@example(table=[([5e-324], ""), ([-0.0], ""), ([1.7976931348623157e308], "")], delimiter=",", quoting=0, read=READ)
def test_written_tables_are_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[tuple[list[float], str]],
    delimiter: str,
    quoting: int,
    read: int,
) -> None:
    path = tmp_path_factory.getbasetemp() / "table.csv"
    path.write_bytes(written(table, delimiter, quoting))
    with patch.object(text, "READ", read):  # small reads cut the file into many blocks
        dataset = load(str(path), delimiter=delimiter)
    assert dataset.x.tobytes() == np.array([numbers for numbers, _ in table], np.float64).tobytes()
    assert dataset.y[:, 0].tolist() == [f"k{label}k" for _, label in table]


@given(table=st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=1), quote_from=st.integers(0, 20))
def test_the_fast_and_the_slow_path_agree(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[float]], quote_from: int
) -> None:
    """Quotes around numbers, here from some row on, are no reason to read row by row."""
    path = tmp_path_factory.getbasetemp() / "paths.csv"
    plain = [",".join(map(repr, row)) for row in table]
    path.write_text(
        "\n".join(f'"{row}"'.replace(",", '","') if k >= quote_from else row for k, row in enumerate(plain))
    )
    reader = Reader(str(path), Settings(header=False, delimiter=","))
    plan = ReadingPlan(reader.layout, [0, 1], targets=[2])
    (lines,) = reader.line_blocks()
    slow, fast = parse_rows(reader.first_rows(), plan), parse_fast(lines, plan)
    assert fast is not None
    assert fast.numbers.tobytes() == slow.numbers.tobytes() == np.array(table)[:, :2].tobytes()
    assert fast.targets.astype(float).tobytes() == slow.targets.astype(float).tobytes()


GAPS = ["", " ", "NA", "n/a", "#N/A", "NaN", "null", "?", "-", "None"]


@given(
    table=st.lists(st.lists(st.one_of(NUMBERS.map(repr), st.sampled_from(GAPS)), min_size=3, max_size=3), min_size=1),
    delimiter=st.sampled_from(",;\t|"),
    words=st.booleans(),
)
def test_both_paths_find_the_same_gaps(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], delimiter: str, words: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "gaps.csv"
    rows = [[*row, str(k)] for k, row in enumerate([*table, ["1", "2", "3"]])]
    path.write_text("\n".join(delimiter.join(row) for row in rows))
    said = Settings(None, False, delimiter, missing="mean", categories=["2"] if words else ())
    reader = Reader(str(path), said)
    codes = {1: CategoryCodes(missing=True, asked=True)} if words else {}
    plan = ReadingPlan(reader.layout, [0, 2, 1], codes, [3], missing=True)
    (lines,) = reader.line_blocks()
    slow = parse_rows(reader.first_rows(), plan)
    fast = parse_fast(lines, plan)
    assert fast is not None or any(cell in ("-", "None") for row in table for cell in row)
    if fast is not None:
        np.testing.assert_array_equal(fast.numbers, slow.numbers)
        assert fast.targets.tolist() == slow.targets.tolist()


@pytest.mark.parametrize("delimiter", ["?", "n", "/"])
def test_a_delimiter_that_is_part_of_a_missing_value_cuts_as_always(write: Write, delimiter: str) -> None:
    path = write("1,,,2,7\n3,4,6,5,8\n".replace(",", delimiter))
    dataset = load(path, header=False, delimiter=delimiter, missing="mean")
    assert np.nan_to_num(dataset.x, nan=-1).tolist() == [[1, -1, -1, 2], [3, 4, 6, 5]]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_label_that_is_too_long_is_refused_by_both_paths(write: Write, quote: str) -> None:
    path = write(f"a,b,y\n1,2,u\n3,4,{quote}{'v' * 201}{quote}\n")
    assert "t.csv:3: column 3 ('y'): a label of 201 characters; use at most 200" in refusal(path)


@pytest.mark.parametrize("missing", [None, "mean"])
def test_a_signed_nan_is_refused_by_both_paths(write: Write, missing: str | None) -> None:
    gap = "" if missing else "5"
    path = write(f"a,b,y\n1,2,3\n{gap},-nan,4\n2,3,4\n2,4,4\n")
    assert "t.csv:3: column 2 ('b'): '-nan' is not a finite number" in refusal(path, missing=missing)


def test_rows_of_numbers_are_parsed_once(write: Write) -> None:
    path = write("a,b,y\n" + "".join(f"{k},{k * k}.5,{'uv'[k % 2]}\n" for k in range(50)))
    with (
        patch("mlpcli.data.table.parse_fast", side_effect=parse_fast) as first,
        patch.object(delimited, "parse") as later,
    ):
        assert load(path).x.shape == (50, 2)
    assert (first.call_count, later.call_count) == (1, 0)


def test_the_largest_numbers_are_read_without_a_warning(write: Write) -> None:
    dataset = load(write("a,y\n1,-1e308\n2,1.7e308\n"))
    assert dataset.y[:, 0].tolist() == [-1e308, 1.7e308]


CELLS = ["1_000", "٣", "３", "0x10", "1e400", "-1e999", "nan", "inf", "-Infinity", "TRUE", "1d5", "−1", "1e", "e5", "."]
CELLS += ["+-1", "1 000", "1.2.3", "$1", "1%", "1e5.0", "½", "1j", "#1", "\u00a01", "1\u2003", "0b1", "1f", "++1"]


@pytest.mark.parametrize("cell", CELLS, ids=ascii)
@pytest.mark.parametrize("quoted", [False, True])
def test_both_paths_refuse_the_same_cells(write: Write, cell: str, quoted: bool) -> None:
    path = write("a,b,c\n1,2,3\n4," + (f'"{cell}"' if quoted else cell) + ",6\n7,8,9\n")
    message = refusal(path)
    assert message.startswith(f"{path}:3: column 2 ('b'): ")


# ----- What is refused, and where -----------------------------------------------------------------------------------

BAD = {
    # name: (content, place behind the file name, words that must be there)
    "row too short": ("a,b,c\n1,2,3\n4,5\n6,7,8\n", ":3: ", "2 cells"),
    "row too long": ("a,b,c\n1,2,3\n4,5,6,7\n6,7,8\n", ":3: ", "4 cells"),
    "row too long, semicolons": ("a;b;c\n1;2;3\n4;5;6;7\n6;7;8\n", ":3: ", "4 cells"),
    "row too short of two": ("a,b\n1,2\n3\n", ":3: ", "1 cell,"),
    "row too long of two": ("a,b\n1,2\n3,4,5\n", ":3: ", "3 cells"),
    "ragged late": ("a,b\n" + "1,2\n" * 30 + "1,2,3\n", ":32: ", "3 cells"),
    "ragged behind a quoted line feed": ('a,b\n1,"x\ny"\n1,2,3\n' + "1,2\n" * 30, ":4: ", "3 cells"),
    "comma in quotes": ('a,b\n1,2\n"1,5",2\n', ":3: column 1 ('a')", "1,5"),
    "comma and point between semicolons": ("a;b\n1.5;2\n1,5;2\n", ":3: column 1 ('a')", "--decimal ,"),
    "groups of digits between commas": ('a,b\n"1,100",2\n"1,200",3\n', ":2: column 1 ('a')", "thousands separator"),
    "groups of digits and apostrophes": (
        "a;b\n1’100;2\n1’200;3\n",
        ":2: column 1 ('a')",
        "remove the thousands separator",
    ),
    "groups of digits between semicolons": ("a;b\n1,100;2\n1,200;3\n", ":2: column 1 ('a')", "or use --decimal ,"),
    "groups of digits and decimal commas": ("a;b\n1.100,5;2\n1,2;3\n", ":2: column 1 ('a')", "thousands separator"),
    "text feature": ("a,b\n1,2\nx,2\n", ":3: column 1 ('a')", "'x'"),
    "empty cell": ("a,b,c\n1,,3\n4,5,6\n", ":2: column 2 ('b')", "--missing"),
    "cell of spaces": ("a,b,c\n1,2,3\n4,  ,3\n", ":3: column 2 ('b')", "--missing"),
    "without header": ("1,2,3\n4,x,6\n", ":2: column 2", "'x'"),
    "behind blank lines": ("\n\na,b\n\n1,2\n\nx,2\n", ":7: column 1 ('a')", "'x'"),
    "behind a quoted line feed": ('a,b\n1,"two\nlines"\nx,2\n' + "1,2\n" * 30, ":4: column 1 ('a')", "'x'"),
    "CRLF": ("a,b\r\n1,2\r\nx,2\r\n", ":3: column 1 ('a')", "'x'"),
    "CR": ("a,b\r1,2\rx,2\r", ":3: column 1 ('a')", "'x'"),
    "unclosed quote": ('a,b\n1,2\n"3,4\n5,6\n', ":3: ", "unclosed quote"),
    "unclosed quote in the last line": ('a,b\n1,2\n3,"4', ":3: ", "unclosed quote"),
    "unclosed quote in the header": ('a,"b\n1,2\n3,4\n', ":1: ", "unclosed quote"),
    "unclosed quote behind a quoted line feed": (
        'a,b,c\n1,2,3\n1,"x\ny","z\n5,6,7\n' + "1,2,3\n" * 30,
        ":4: ",  # where the quote opened, though the row began in line 3
        "unclosed quote",
    ),
    "unclosed quote behind one within a cell": ('a,b,c\n1,2,3\n4,x"y,"z\n5,6,7\n', ":3: ", "unclosed quote"),
    "unclosed quote before much text": ('a,b\n1,2\n"3,4\n' + "1.25,2.5\n" * 16_000, ":3: ", "unclosed quote"),
    "text behind a closing quote": ('a,b\n1,2\n"3"x,4\n', ":3: ", "expected after"),
    "NUL": ("a,b\n1,2\n3,\0\n", ":3: ", "NUL"),
    "Latin-1": ("a,b\n1,2\n3,é\n".encode("latin-1"), ":3: ", "0xe9"),
    "empty file": ("", ": ", "no data rows"),
    "byte order mark only": ("\ufeff", ": ", "no data rows"),
    "blank lines only": ("\n \n\n", ": ", "no data rows"),
    "header only": ("a,b\n", ": ", "no data rows"),
    "header only, blank lines": ("a,b\n\n\n", ": ", "no data rows"),
    "a column without a name": (",p,q\n5,1,2\n7,3,4\n", ":2: column 1 has no name", "'5'"),
    "a column without a name, later": ("p,q,\n1,2,\n3,4,x\n", ":3: column 3 has no name", "line 1"),
    "names twice": ("a,b,a\n1,2,3\n", ":1: ", "'a'"),
    "names twice, behind blank lines": ("\n\na,b,a\n1,2,3\n", ":3: ", "'a'"),
    "one column": ("a\n1\n2\n", ": ", "no column is left"),
    "comment": ("a,b\n1,2\n# x,y\n3,4\n", ":3: column 1 ('a')", "# x"),
    "footer": ("a,b\n1,2\nTotal,3\n", ":3: column 1 ('a')", "Total"),
    "target missing": ("a,b\n1,2\n3,\n", ":3: column 2 ('b')", "missing"),
    "target NA": ("a,b\n1,x\n3,NA\n", ":3: column 2 ('b')", "'NA'"),
}


@pytest.mark.parametrize("place", [1, 3])
@pytest.mark.parametrize("form", ["{},b", '"{}",b', '"{}"', "b,{}"])
@pytest.mark.parametrize("options", [{}, {"delimiter": ","}, {"header": True}], ids=repr)
def test_a_cell_longer_than_any_line_may_be_is_placed(
    write: Write, place: int, form: str, options: dict[str, Any]
) -> None:
    """Longer than the standard library's reader is told to take; one in quotes may go over several lines."""
    path = write("\n" * (place - 1) + form.format("x" * 100 + "y" * LONGEST_LINE) + "\n1,2\n")
    with pytest.raises(MlpError) as caught:
        load(path, **options)
    assert str(caught.value) == f"{path}:{place}: a cell of more than 2097152 characters; check its quotes"


@pytest.mark.parametrize(("content", "place", "words"), BAD.values(), ids=BAD)
def test_mistakes_are_placed(write: Write, content: str | bytes, place: str, words: str) -> None:
    path = write(content)
    message = refusal(path)
    assert message.startswith(path + place)
    assert words in message


def test_a_line_feed_in_a_bad_cell_does_not_break_the_message(write: Write) -> None:
    path = write('a,b\n"1\n2",3\n' + "1,2\n" * 30)
    message = refusal(path, delimiter=",")  # which is one line: see `refusal`
    assert message.startswith(f"{path}:2: column 1 ('a')")


def test_a_huge_bad_cell_is_shown_in_part(write: Write) -> None:
    message = refusal(write("a,b\n1,2\n" + "z" * 100_000 + ",2\n"))
    assert "zzz" in message
    assert len(message) < 1000


def test_a_numeric_target_out_of_range_does_not_become_a_class(write: Write) -> None:
    """1e400 is no number of this machine; taking the whole column for text would train a classifier on quantities."""
    path = write("a,b\n1,0.5\n2,1e400\n3,2.5\n")
    assert "1e400" in refusal(path)


@pytest.mark.parametrize("wanted", ["d", "0", "4", "-4", "1.0", "", "٣"])
def test_a_column_that_is_not_there_is_refused_with_the_choices(write: Write, wanted: str) -> None:
    path = write("a,b,c\n1,2,3\n")
    message = refusal(path, targets=[wanted])
    assert message.startswith(f"{path}: ")
    assert "a, b, c" in message


@pytest.mark.parametrize("number", ["0", "4", "-4"])
def test_a_column_number_out_of_range_is_refused_with_the_range(write: Write, number: str) -> None:
    message = refusal(write("a,b,c\n1,2,3\n"), targets=[number])
    assert message.endswith(f": no column {number}; the columns are 1 to 3 (a, b, c)")


def test_a_column_number_of_5000_digits_is_refused(write: Write) -> None:
    path = write("a,b,c\n1,2,3\n")
    with pytest.raises(MlpError):
        load(path, ["9" * 5000])


def test_all_columns_as_targets_leave_no_features(write: Write) -> None:
    assert "features" in refusal(write("a,b\n1,2\n"), targets=["a", "b"])


@pytest.mark.parametrize("twice", [["b", "b"], ["b", "2"]])
def test_one_column_is_not_two_targets(write: Write, twice: list[str]) -> None:
    assert "b" in refusal(write("a,b\n1,2\n3,4\n"), targets=twice)


@pytest.mark.parametrize("read", [READ, 16])
@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("a,b\n1,u\n2,v\n", [2, 3]),
        ("1,u\n\n\n2,v\n \n3,w", [1, 4, 6]),
        ('\n\na,b\n1,"two\nlines"\n2,v\n\n3,w\n', [4, 6, 8]),
        ("a,b\r\n\r\n1,u\r\n2,v\r\n", [3, 4]),
    ],
)
def test_every_sample_knows_its_line(write: Write, content: str, lines: list[int], read: int) -> None:
    path = write(content)
    with patch.object(text, "READ", read):
        dataset = load(path, delimiter=",")
    assert dataset.lines is not None
    assert dataset.lines.tolist() == lines
    assert dataset.rows(np.array([1])).place(0) == f"{path}:{lines[1]}"


# ----- Missing features ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [*sorted(MISSING), "NA", " n/a ", "NaN", "NULL"])
def test_missing_cells_are_nan_when_allowed_and_an_error_when_not(write: Write, cell: str) -> None:
    path = write(f"a,b,c\n1,2,3\n{cell},5,6\n")
    found = load(path, missing="mean").x
    assert np.isnan(found).tolist() == [[False, False], [True, False]]
    assert refusal(path).startswith(f"{path}:3: column 1 ('a')")


@pytest.mark.parametrize("cell", ["x", "inf", "1e400", "1_000", "--"])
def test_missing_cells_allow_no_other_text(write: Write, cell: str) -> None:
    path = write(f"a,b,c\n1,,3\n4,{cell},6\n7,8,9\n")
    assert refusal(path, missing="mean").startswith(f"{path}:3: column 2 ('b')")


def test_a_missing_target_is_refused_without_a_rule_and_is_never_filled_in(write: Write) -> None:
    path = write("a,b\n1,2\n\n1,?\n3,4\n")
    assert (
        refusal(path) == f"{path}:4: column 2 ('b'): the target is missing ('?'); remove the row, or use --missing drop"
    )
    assert load(path, missing="mean").y.tolist() == [[2], [4]]


def test_none_and_a_dash_are_classes_where_they_are_targets(write: Write) -> None:
    """Of a feature they mean that it is missing; of a target they may be what is to be told apart."""
    assert_holds(load(write("a,b\n1,none\n2,-\n3,mild\n")), [[1.0], [2.0], [3.0]], [["none"], ["-"], ["mild"]])


# ----- Large files --------------------------------------------------------------------------------------------------


def large(rows: int) -> list[str]:
    return ["a,b,c", *(f"{k},{k % 7}.5,k{k % 3}" for k in range(rows))]


def test_a_file_of_several_blocks_is_read_whole(write: Write) -> None:
    path = write("\n".join(large(120_000)))
    assert Path(path).stat().st_size > READ
    dataset = load(path)
    assert (dataset.x[:, 0] == np.arange(120_000)).all()
    assert (dataset.y[:, 0] == [f"k{k % 3}" for k in range(120_000)]).all()


def test_a_bad_cell_in_the_last_block_has_its_line(write: Write) -> None:
    lines = large(120_000)
    lines[119_990] = "1,oops,k1"
    path = write("\n".join(lines))
    assert refusal(path).startswith(f"{path}:119991: column 2 ('b'): 'oops'")


def test_a_ragged_row_in_the_last_block_has_its_line(write: Write) -> None:
    path = write("\n".join([*large(120_000), "1,2"]))
    assert refusal(path).startswith(f"{path}:120002: 2 cells")


def test_a_quoted_field_may_span_the_border_of_two_blocks(write: Write) -> None:
    row = "1.5,cat\n"
    before = (READ - 20) // len(row)
    label = "two\n" * 20  # begins before the border and ends behind it
    path = write("a,b\n" + row * before + f'2.5,"{label}x"\n' + row * 1000)
    dataset = load(path)
    assert len(dataset) == before + 1 + 1000
    assert dataset.x[before].tolist() == [2.5]
    assert dataset.y[before].tolist() == [label + "x"]


@pytest.mark.parametrize(("length", "rows"), [(10_000, 2_000), (900, 20_000)])
def test_one_long_label_does_not_multiply_the_memory(write: Write, length: int, rows: int) -> None:
    """A file may cost a multiple of its size, but not rows times the longest label (fixed-width text)."""
    path = write("a,b\n1," + "L" * length + "\n" + "1,cat\n" * rows)
    tracemalloc.start()
    try:
        with contextlib.suppress(MlpError):  # to refuse it is fine
            load(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 32 * READ


def test_a_reader_gives_chosen_columns_in_the_order_asked_for(write: Write) -> None:
    reader = Reader(write("a,b,c\n1,2,3\n4,5,6\n"))
    (block,) = reader.blocks(ReadingPlan(reader.layout, [2, 0], {}, [1]))
    assert block.numbers.tolist() == [[3.0, 1.0], [6.0, 4.0]]
    assert block.targets.tolist() == [["2"], ["5"]]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("9007199254740992", 2.0**53),
        ("-9007199254740994", -(2.0**53) - 2),
        ("1" + "0" * 22, 1e22),  # 10²² = 2²²·5²², and 5²² < 2⁵³
        ("0" * 180 + "9", 9.0),
        ("9007199254740993.0", 2.0**53),  # a measurement, as 0.1 is, and to be rounded as that
        ("9007199254740993e0", 2.0**53),
        ("1e23", 1e23),
        ("0.12345678901234567890", 0.1234567890123456789),
    ],
    ids=lambda value: str(value)[-25:],
)
def test_a_large_number_that_is_a_float64_or_a_measurement_is_read(tmp_path: Path, cell: str, number: float) -> None:
    (tmp_path / "d.csv").write_text(f"a,y\n{cell},{cell}\n1e300,1\n")
    dataset = load(str(tmp_path / "d.csv"))
    assert [dataset.x[0, 0], dataset.y[0, 0]] == [number, number]


@pytest.mark.parametrize("cell", ["9007199254740993", " +9007199254740993 ", "-18014398509481985", "9" * 30])
@pytest.mark.parametrize("beside", ["1", '"1"', "NA"])
def test_a_whole_number_that_would_be_rounded_is_refused(tmp_path: Path, cell: str, beside: str) -> None:
    (tmp_path / "d.csv").write_text(f"a,b,y\n1,2,u\n{cell},{beside},v\n")
    with pytest.raises(
        MlpError, match=r"d\.csv:3: column 1 \('a'\): '.*' is not exact in float64; the nearest number is "
    ):
        load(str(tmp_path / "d.csv"), missing="mean")


def test_a_small_target_beside_one_that_no_float64_is_does_not_hide_it(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,y,z\n1,2,3\n1,2,9007199254740993\n")
    with pytest.raises(MlpError, match=r"d\.csv:3: column 'z': '9007199254740993' is not exact in float64; .*; write"):
        load(str(tmp_path / "d.csv"), ["y", "z"])
    (tmp_path / "d.csv").write_text("a,y,z\n1,2,3\n1,2,9007199254740993.0\n")  # the advice works
    assert load(str(tmp_path / "d.csv"), ["y", "z"]).y.tolist() == [[2, 3], [2, 2**53]]


@pytest.mark.parametrize("target", ["a", "y"])
def test_a_number_that_is_too_large_has_a_remedy(tmp_path: Path, target: str) -> None:
    (tmp_path / "d.csv").write_text("a,y\n1e400,1\n2,3\n".replace("a,y", "a,y" if target == "a" else "y,a"))
    with pytest.raises(MlpError, match=r"d\.csv:2: .*'1e400' is too large for float64; divide the column by a power"):
        load(str(tmp_path / "d.csv"), [target])
