"""Spreadsheets, Parquet files and databases give the table that their own programs hold; other formats are named."""

import datetime
import re
import sqlite3
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import DictionaryArray, array
from workbooks import write_workbook

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.data import rows
from mlpcli.data.categories import Column
from mlpcli.data.dataset import Dataset
from mlpcli.data.layout import Settings
from mlpcli.data.readers import data_reader
from mlpcli.data.rows import lines_of

NAMES = ("size", "rooms", "town", "price")
ROWS: list[tuple[Any, ...]] = [
    (50.25, 2, "Köln, Süd", 110),
    (80.0, 3, 'the "old" town', 165),
    (1e-300, 1, "Köln, Süd", 205.125),
    (62.1, 4, "two\nlines", 134),
    (71.3, 5, "two\nlines", 150),
]


def load(path: Path, **said: Any) -> Dataset:
    return data_reader(str(path)).load(str(path), Settings(**said))


def assert_holds_rows(dataset: Dataset) -> None:
    """Numbers as they are, the town as categories in the order of the alphabet."""
    towns = sorted({row[2] for row in ROWS})
    assert (dataset.features[:2], dataset.targets) == (("size", "rooms"), ("price",))
    assert dataset.columns[2].categories == tuple(towns)
    assert dataset.x.tolist() == [[*row[:2], *(float(row[2] == town) for town in towns)] for row in ROWS]
    assert dataset.y[:, 0].tolist() == [row[3] for row in ROWS]


# ----- Spreadsheets -------------------------------------------------------------------------------------------------


def test_a_sheet_is_read_like_a_table(tmp_path: Path) -> None:
    dataset = load(write_workbook(tmp_path / "f.xlsx", {"flats": [NAMES, *ROWS]}))
    assert_holds_rows(dataset)
    assert not any("sheet" in note for note in dataset.notes)


def test_the_first_sheet_is_read_with_a_note_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.XLSX", {"a": [("x", "y"), (1, 2), (3, 4)], "b c": [NAMES, *ROWS]})
    assert load(path).x.tolist() == [[1], [3]]
    assert load(path).notes[0] == "sheet 'a' is read; --sheet 'b c' reads another one"
    assert_holds_rows(load(path, sheet="b c"))
    assert not any("sheet" in note for note in load(path, sheet="a").notes)
    with pytest.raises(ChoiceError, match=r"--sheet 'c': .*b c"):
        load(path, sheet="c")


def test_eight_other_sheets_are_named(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", {f"s{k}": [("x", "y"), (1, 2), (3, k)] for k in range(11)})
    others = " or ".join(f"--sheet s{k}" for k in range(1, 9))
    assert load(path).notes[0] == f"sheet 's0' is read; {others} reads another one"
    with pytest.raises(ChoiceError) as caught:
        load(path, sheet="zz")
    assert "choose from s0, s1, s2, s3, s4, s5, s6, s7" in str(caught.value)
    assert "s8" not in str(caught.value)


@pytest.mark.parametrize("first", [[], [["read me"], ["now"]]])
def test_an_error_in_the_wrong_sheet_names_the_others(tmp_path: Path, first: list[list[str]]) -> None:
    path = write_workbook(tmp_path / "f.xlsx", {"a": first, "b c": [NAMES, *ROWS], "d": []})
    with pytest.raises(MlpError) as caught:
        load(path)
    assert str(caught.value).endswith("; --sheet 'b c' or --sheet d reads another sheet")
    assert "--delimiter" not in str(caught.value)
    assert_holds_rows(load(path, sheet="b c"))  # the advice works


def test_one_column_has_a_remedy_that_its_format_takes(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", {"a": [["y"], [1], [2]]})
    with pytest.raises(MlpError, match=r"no column is left for features; the target takes 'y'; add a column$"):
        load(path)
    with sqlite3.connect(tmp_path / "f.db") as database:
        database.execute("create table flats (size, price)")
        database.execute("insert into flats values (50, 110)")
    with pytest.raises(
        MlpError, match=r"no column is left for features; the target takes 'size'; select more columns$"
    ):
        load(tmp_path / "f.db", query="select size from flats")
    assert len(load(tmp_path / "f.db", query="select size, price from flats")) == 1


def test_whole_numbers_text_and_truths_of_a_sheet_stay_what_they_are(tmp_path: Path) -> None:
    table = [("a", "b", "code"), (1, True, "007"), (2, False, "7"), (2, True, "007"), (5, True, "7")]
    dataset = load(write_workbook(tmp_path / "f.xlsx", {"s": table}))
    assert dataset.features == ("a", "b=TRUE")
    assert dataset.labels is not None
    assert dataset.labels.tolist() == ["007", "7", "007", "7"]
    dataset = load(tmp_path / "f.xlsx", targets=["a"])
    assert dataset.labels is None  # 1 and 2, not 1.0 and 2.0


def test_empty_rows_of_a_sheet_are_skipped_and_lines_are_its_rows(tmp_path: Path) -> None:
    table = [(None, None), ("x", "y"), (1, 2), (None, None), ("oops", 4), (5, 6)]
    path = write_workbook(tmp_path / "f.xlsx", {"s": table})
    with pytest.raises(MlpError, match=r"f\.xlsx:5: column 1 \('x'\): 'oops'"):
        load(path)


@pytest.mark.parametrize("name", ["f.xlsx", "f.xls", "f.ods"])
@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\3\4nothing", bytes(3000)])
def test_what_is_no_spreadsheet_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MlpError, match=rf"{name}: (not a spreadsheet, or )?damaged|not a spreadsheet"):
        load(tmp_path / name)


@pytest.mark.parametrize("sizes", [[2**25], [3 * 2**21, 3 * 2**21]])  # one large member, or several that add up
def test_a_sheet_that_unpacks_to_much_more_is_refused(tmp_path: Path, sizes: list[int]) -> None:
    with zipfile.ZipFile(tmp_path / "f.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for k, size in enumerate(sizes):
            archive.writestr(f"xl/worksheets/sheet{k}.xml", " " * size)
    with pytest.raises(MlpError, match=f"declares {sum(sizes)} bytes of data, .*; at most 200 times"):
        load(tmp_path / "f.xlsx")


def test_a_sheet_with_a_damaged_list_of_members_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", {"flats": [NAMES, *ROWS]})
    path.write_bytes(path.read_bytes().replace(b"PK\1\2", b"PK\1\3"))
    with pytest.raises(MlpError, match=r"f\.xlsx: damaged \(Bad magic number for central directory\)$"):
        load(path)


# ----- Parquet ------------------------------------------------------------------------------------------------------


def write_parquet(path: Path, **columns: Sequence[Any]) -> Path:
    from pyarrow import parquet, table

    parquet.write_table(table(columns), path)
    return path


def test_a_parquet_file_is_read_like_a_table(tmp_path: Path) -> None:
    columns = {name: [row[k] for row in ROWS] for k, name in enumerate(NAMES)}
    assert_holds_rows(load(write_parquet(tmp_path / "f.parquet", **columns)))


def test_every_number_of_a_parquet_file_is_exact(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(7, 20_000)) * 10.0 ** np.arange(-3, 4)[:, None]
    columns = {f"c{k}": row for k, row in enumerate(numbers[:6])}
    path = write_parquet(tmp_path / "f.parquet", **columns, single=numbers[6].astype(np.float32))
    dataset = load(path)
    assert dataset.x.T.tolist() == numbers[:6].tolist()
    assert (dataset.y[:, 0] == numbers[6].astype(np.float32)).all()


def test_missing_values_and_truths_of_a_parquet_file(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "f.parquet", a=[1.5, None, float("nan")], b=[True, False, None], y=[1, 2, 3])
    dataset = load(path, missing="mean")
    assert dataset.features == ("a", "b=TRUE")
    assert np.isnan(dataset.x).tolist() == [[False, False], [True, False], [True, True]]


CODED = DictionaryArray.from_arrays(array([0, 1]), array([b"\x00", b"\x01"]))


@pytest.mark.parametrize(
    ("cells", "what"),
    [([[1], [2, 3]], "lists"), ([{"u": 1}, {"u": 2}], "lists"), ([b"\x00", None], "bytes"), (CODED, "bytes")],
)
def test_a_parquet_column_of_lists_or_bytes_is_named_and_can_be_left_out(
    tmp_path: Path, cells: list[Any], what: str
) -> None:
    path = write_parquet(tmp_path / "f.parquet", a=[1, 2], b=cells, c=[3, 4], y=[5, 6])
    assert_can_be_left_out(path, f"f.parquet: column 2 ('b') has {what}; ")


def assert_can_be_left_out(path: Path, error: str, **said: Any) -> None:
    """The second of the columns a, b, c, y cannot be read: with any option that leaves it out, the others are."""
    with pytest.raises(MlpError, match=re.escape(f"{error}leave it out with --ignore b")):
        load(path, **said)
    with pytest.raises(MlpError, match=re.escape(f"{error}leave it out with --ignore c,b")):
        load(path, **said, ignore=["c"])
    with pytest.raises(MlpError, match=re.escape(f"{error}take it out of --features")):
        load(path, **said, features=["a", "b"])
    with pytest.raises(MlpError, match=re.escape(f"{error}choose another --target, and add --ignore b")):
        load(path, **said, targets=["b"])
    with pytest.raises(MlpError, match=re.escape(f"{error}choose another --sample-weight, and add --ignore b")):
        load(path, **said, weight="b")
    options: list[dict[str, Any]] = [{"ignore": ["b"]}, {"ignore": ["2"]}, {"features": ["a", "c"]}]
    for option in (*options, {"known": (Column("a"), Column("c")), "known_targets": ("y",)}):
        dataset = load(path, **said, **option)
        assert (dataset.features, dataset.x.tolist()) == (("a", "c"), [[1, 3], [2, 4]])
        assert dataset.y.tolist() == [[5], [6]]
    with pytest.raises(MlpError, match=re.escape(f"{error}the network takes numbers or text")):
        load(path, **said, known=(Column("b"),), known_targets=("y",))


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PAR1" + bytes(100) + b"PAR1"])
def test_what_is_no_parquet_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.parquet").write_bytes(content)
    with pytest.raises(MlpError, match=r"f\.parquet: not a Parquet file, or damaged"):
        load(tmp_path / "f.parquet")


def test_a_parquet_file_with_damaged_rows_is_refused(tmp_path: Path) -> None:
    """Its end, which tells the columns, is whole."""
    path = write_parquet(tmp_path / "f.parquet", a=[1, 2], y=[5, 6])
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 40 + content[44:])
    with pytest.raises(MlpError, match=r"/f\.parquet: not a Parquet file, or damaged \([^\n]+\)$"):
        load(path)


def test_a_column_that_a_parquet_file_lacks_is_told_with_its_name(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "f.parquet", a=[1, 2], y=[5, 6])
    with pytest.raises(MlpError, match=rf"^{re.escape(str(path))}: unknown column 'b'"):
        load(path, targets=["b"])


# ----- Databases ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop 100%?.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table flats (size real, rooms int, town text, price real)")
        connection.executemany("insert into flats values (?, ?, ?, ?)", ROWS)
        connection.execute("create table owners (name text)")
    connection.close()
    return path


def test_the_rows_of_a_query_are_read_like_a_table(shop: Path) -> None:
    assert_holds_rows(load(shop, query="select * from flats"))
    dataset = load(shop, query="select rooms, size * 2 as double, price from flats where rooms > 1 order by rooms")
    assert dataset.features == ("rooms", "double")
    assert dataset.x.tolist() == [[row[1], row[0] * 2] for row in ROWS if row[1] > 1]


def test_without_a_query_the_tables_are_named_and_the_advice_works(shop: Path) -> None:
    with pytest.raises(ChoiceError, match=r"add --query 'select \* from flats'; the tables are flats, owners$"):
        load(shop)


def test_the_first_table_of_the_advice_has_quotes_only_if_it_needs_them(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "f.db") as database:
        database.execute('create table "my b" (a)')
        database.execute("create table a (b)")
    database.close()
    with pytest.raises(ChoiceError, match=r"add --query 'select \* from a'; the tables are a, my b$"):
        load(tmp_path / "f.db")


@pytest.mark.parametrize(("count", "more"), [(0, ""), (8, ""), (9, ", …")])
def test_eight_tables_are_listed(tmp_path: Path, count: int, more: str) -> None:
    with sqlite3.connect(tmp_path / "f.db") as database:
        for k in range(count):
            database.execute(f'create table "my t{k}" (a)')
    database.close()
    listed = f"the tables are {', '.join(f'my t{k}' for k in range(8))}{more}"
    advice = '"my t0"\'; ' + listed if count else "…'; the database has no tables"
    with pytest.raises(ChoiceError, match=re.escape(f"f.db: add --query 'select * from {advice}") + "$"):
        load(tmp_path / "f.db")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select * from cars", "no such table: cars; the tables are flats, owners"),
        ("selekt", "syntax error"),
        ("", "returns no rows"),
        ("drop table flats", "readonly|read-only|attempt to write"),
        ("delete from flats", "readonly|read-only|attempt to write"),
        ("select 1; select 2", "one statement"),
        ("attach 'new.db' as new", "not authorized|authorization denied"),
        ("vacuum into 'new.db'", "not authorized|authorization denied"),
        ("select x'00ff' as b, 1 as y", "bytes"),
        ("select size, price from flats where rooms > 99", "no data rows"),
    ],
)
def test_a_query_that_fails_says_why_and_changes_nothing(
    shop: Path, query: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    before = shop.read_bytes()
    with pytest.raises(MlpError, match=words):
        load(shop, query=query)
    assert shop.read_bytes() == before
    assert [path.name for path in shop.parent.iterdir()] == [shop.name]


def test_bytes_in_a_database_are_named_and_can_be_left_out(tmp_path: Path) -> None:
    query = "select 1 as a, null as b, 3 as c, 5 as y union all select 2, x'00ff', 4, 6"
    sqlite3.connect(tmp_path / "b.db").close()
    assert_can_be_left_out(tmp_path / "b.db", "b.db:3: column 2 ('b') has bytes; ", query=query)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n" * 100, b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.db").write_bytes(content)
    with pytest.raises(MlpError, match=r"f\.db: not an SQLite database, or damaged"):
        load(tmp_path / "f.db", query="select 1")


# ----- All of them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["f.xlsx", "f.parquet", "f.db"])
def test_a_missing_file_and_a_missing_package_are_one_line(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MlpError, match=r"No such file or directory$"):
        load(tmp_path / name, query="select 1")
    (tmp_path / name).write_bytes(b"x" * 2000)
    for package in ("python_calamine", "pyarrow"):
        monkeypatch.setitem(__import__("sys").modules, package, None)
    extra = {"f.xlsx": "xlsx", "f.parquet": "parquet"}.get(name)
    with pytest.raises(MlpError, match=rf"run pip install '\.\[{extra}\]'" if extra else "not an SQLite database"):
        load(tmp_path / name, query="select 1")


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_lines_of_rows_keep_their_numbers(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "AT_ONCE", at_once)
    table = [("a", "b"), ("x\ny", 1), (None, None), (0.1, datetime.date(2026, 1, 2)), (True, "p\tq"), ("end", "p\r\nq")]
    blocks = list(lines_of(table))
    read = [row for block in blocks for row in rows.rows_of(block, "f", "\t")]
    assert [row.line for row in read] == [1, 2, 4, 5, 6]
    assert [row.cells for row in read] == [
        ["a", "b"], ["x\ny", "1"], ["0.1", "2026-01-02"], ["TRUE", "p\tq"], ["end", "p\nq"],
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "sizes"), [(4, [2, 2]), (5, [2, 2, 1]), (1, [1]), (0, [])])
def test_rows_come_in_blocks_and_the_last_has_the_rest(
    count: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "AT_ONCE", 2)
    blocks = list(lines_of([(k, k + 1) for k in range(count)]))
    assert [len(block.lines) for block in blocks] == sizes
    assert [line for block in blocks for line in block.lines] == [f"{k}\t{k + 1}" for k in range(count)]
    assert [block.first for block in blocks] == [1, 3, 5][: len(sizes)]


# ----- What is no table ---------------------------------------------------------------------------------------------

OTHERS = {
    "ARFF": (
        "% Iris\n%\n@RELATION iris\n@ATTRIBUTE a REAL\n@DATA\n1,2,x\n3,4,y\n",
        "ARFF; keep its rows, and add --no-header: sed '1,/^@",
    ),
    "JSON, records": ('[{"a": 1, "b": 2}]', "JSON, not a table"),
    "JSON, records on lines": ('[\n  {\n    "a": 1}]', "JSON, not a table"),
    "JSON, columns": ('{"a": [1, 2], "b": [3, 4]}', "JSON, not a table"),
    "JSON, spread": ('{\n  "a": [1, 2]\n}', "JSON, not a table"),
    "JSON Lines": ('{"a": 1}\n{"a": 2}\n', "JSON Lines, not a table"),
    "weights": ('{"format": "mlpcli-weights", "layers": []}', "give it with --weights"),
    "weights, spread": ('{\n  "format": "mlpcli-weights",\n  "layers": []}', "give it with --weights"),
    "a web page": ("\n<!DOCTYPE html>\n<html>", "a web page or XML"),
    "XML": ("<?xml version='1.0'?>\n<a/>", "a web page or XML"),
}


@pytest.mark.parametrize(("content", "words"), OTHERS.values(), ids=OTHERS)
def test_other_formats_are_named_with_what_to_do(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(MlpError) as caught:
        load(tmp_path / "t.csv")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_advice_for_arff_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import re
    import subprocess

    monkeypatch.chdir(tmp_path)
    Path("my iris.arff").write_text("% 1.0\n@relation iris\n@attribute a real\n@data\n% all\n1,2,x\n3,4,y\n5,6,x\n")
    with pytest.raises(MlpError) as caught:
        load(Path("my iris.arff"))
    (command,) = re.findall(r"sed .*\.csv'?", str(caught.value))
    subprocess.run(command, shell=True, check=True)
    dataset = load(Path("my iris.csv"), header=False)
    assert (dataset.x.tolist(), dataset.y[:, 0].tolist()) == ([[1, 2], [3, 4], [5, 6]], ["x", "y", "x"])
