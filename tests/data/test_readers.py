"""The table of data formats: every row loads a file of its own, and gives the same features column by column."""

import sqlite3
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from workbooks import write_workbook

from mlpcli.core.errors import MlpError
from mlpcli.data.categories import Column
from mlpcli.data.layout import Settings
from mlpcli.data.readers import READERS, data_reader

X, Y = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[0.5], [1.5]])


def archive() -> bytes:
    file = BytesIO()
    np.savez(file, x=X, y=Y)
    return file.getvalue()


def workbook(*rows: Sequence[float]) -> bytes:
    file = BytesIO()
    write_workbook(file, {"s": rows})
    return file.getvalue()


def parquet_file(*rows: Sequence[float]) -> bytes:
    from pyarrow import parquet, table

    file = BytesIO()
    parquet.write_table(table({f"x{k}": column for k, column in enumerate(zip(*rows, strict=True), 1)}), file)
    return file.getvalue()


def database(*rows: Sequence[float]) -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute(f"create table t ({', '.join(f'x{k}' for k in range(1, len(rows[0]) + 1))})")
        connection.executemany(f"insert into t values ({', '.join('?' * len(rows[0]))})", rows)
    return connection.serialize()


ALL = [[*x, *y] for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
SAID = {"database": Settings(query="select * from t")}
NAMED = ("Parquet file", "database")  # formats whose columns always have names

CONTENT = {  # of each format: a file with X and Y, and one with X alone
    "table": (b"1,2,3,0.5\n4,5,6,1.5\n", b"1,2,3\n4,5,6\n"),
    "archive": (archive(), archive()),
    "spreadsheet": (workbook(*ALL), workbook(*X.tolist())),
    "Parquet file": (parquet_file(*ALL), parquet_file(*X.tolist())),
    "database": (database(*ALL), database(*X.tolist())),
}


@pytest.mark.parametrize("name", READERS)
def test_every_format_loads_the_same_data(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"d{READERS[name].suffixes[0]}"
    path.write_bytes(CONTENT[name][0])
    dataset = READERS[name].load(str(path), SAID.get(name, Settings()))
    assert dataset.x.tolist() == X.tolist()
    assert dataset.y.tolist() == Y.tolist()
    assert dataset.named == (name in NAMED)


@pytest.mark.parametrize("name", READERS)
def test_every_format_gives_the_columns_that_are_wanted_in_their_order(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"d{READERS[name].suffixes[0]}"
    path.write_bytes(CONTENT[name][1])
    columns = READERS[name].columns(str(path), SAID.get(name, Settings()))
    assert (columns.names, columns.named) == (("x1", "x2", "x3"), name in NAMED)
    assert np.concatenate([rows.x for rows in columns.rows([2, 0])]).tolist() == X[:, [2, 0]].tolist()


@pytest.mark.parametrize("row", READERS.values(), ids=READERS)
def test_a_suffix_tells_the_format_in_any_case(row: object) -> None:
    for suffix in row.suffixes:  # type: ignore[attr-defined]
        assert data_reader(f"a{suffix}") is row
        assert data_reader(f"a.b{suffix.upper()}") is row


@pytest.mark.parametrize("path", ["-", "", "data", "d.txt", "npz", "folder.npz/d"])
def test_everything_else_is_a_table(path: str) -> None:
    assert data_reader(path) is READERS["table"]


def test_a_header_alone_has_columns_but_no_rows(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n")
    columns = READERS["table"].columns(str(tmp_path / "d.csv"), Settings())
    assert (columns.names, columns.named) == (("a", "b"), True)
    with pytest.raises(MlpError, match=r"d\.csv: no data rows"):
        next(columns.rows([0]))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("x", "'x' is not a finite number; this column contains numbers"),
        ("", "the value is missing (''); use --missing mean"),  # a row that is dropped has no prediction
    ],
)
def test_a_row_that_cannot_be_predicted_is_told(tmp_path: Path, cell: str, words: str) -> None:
    (tmp_path / "d.csv").write_text(f"a,b\n1,2\n{cell},4\n")
    known = (Column("a"), Column("b"))
    columns = READERS["table"].columns(str(tmp_path / "d.csv"), Settings(known=known))
    with pytest.raises(MlpError) as caught:
        list(columns.rows([0, 1]))
    assert str(caught.value).removeprefix(f"{tmp_path}/") == f"d.csv:3: column 1 ('a'): {words}"


def test_a_row_without_a_value_can_be_dropped_where_it_has_a_target(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b,y\n1,2,3\n,4,5\n")
    known = (Column("a"), Column("b"))
    with pytest.raises(MlpError, match=r"the value is missing \(''\); use --missing drop or --missing mean$"):
        READERS["table"].load(str(tmp_path / "d.csv"), Settings(["y"], known=known))
