"""Data files: the table of formats, chosen by suffix, and reading through it."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mlpcli.core.families import later
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.delimited import Reader
from mlpcli.data.dialect import Dialect
from mlpcli.data.layout import Settings
from mlpcli.data.npz import load_features, load_npz
from mlpcli.data.table import FeatureRows, load_rows, table_blocks


class Columns(NamedTuple):
    """The columns of a file from which features are read."""

    names: tuple[str, ...]  # of all columns
    encoded: bool  # whether they are features, with a column for each category, and no text
    named: bool  # whether the file has names, not just numbers, for them
    dialect: Dialect  # of the file
    rows: Callable[[Sequence[int]], Iterator[FeatureRows]]  # these columns as features, in blocks as they are read
    notes: list[str]  # what there is to say once all rows are read
    hint: str = ""  # a remedy if the header was not detected as it is


class DataReader(NamedTuple):
    """One row: a format of data files."""

    name: str
    suffixes: tuple[str, ...]
    load: Callable[[str, Settings], Dataset]
    columns: Callable[[str, Settings], Columns]
    options: frozenset[str]  # of the command line that it takes
    content: str  # of such a file, for the message about an option that it does not take
    opened: Callable[[str, Settings], Reader] | None = None  # its rows of cells, if it has some


def _table_columns(reader: Reader) -> Columns:
    """The columns of a table, read in blocks as its lines arrive."""
    notes, layout = list[str](), reader.layout
    blocks = partial(table_blocks, reader, notes=notes)
    return Columns(layout.names, False, layout.header, reader.dialect, blocks, notes, layout.hint(layout.line))


OF_ROWS = {"target", "missing", "features", "ignore", "categories", "sample_weight", "unknown"}  # options


def _of_rows(
    name: str, suffixes: tuple[str, ...], opened: Callable[[str, Settings], Reader], options: set[str], content: str
) -> DataReader:
    """A format of rows and cells."""
    return DataReader(
        name,
        suffixes,
        lambda path, said: load_rows(opened(path, said)),
        lambda path, said: _table_columns(opened(path, said._replace(known=said.known or ()))),
        frozenset(OF_ROWS | options),
        content,
        opened,
    )


def _archive_columns(path: str, settings: Settings) -> Columns:
    """The columns of an array that is completely in memory."""
    x = load_features(path)

    def rows(indices: Sequence[int]) -> Iterator[FeatureRows]:
        yield FeatureRows(x[:, indices], lambda: x.tolist())

    return Columns(numbered(x.shape[1]), True, False, Dialect(","), rows, [])


workbook, parquet, database = (later(f"data.binary_tables.open_{kind}") for kind in ("workbook", "parquet", "database"))

READERS = {
    row.name: row
    for row in (
        _of_rows("table", (".csv", ".tsv"), Reader, {"header", "delimiter", "decimal"}, "has rows of cells"),
        _of_rows("spreadsheet", (".xlsx", ".xls", ".ods"), workbook, {"header", "sheet"}, "has sheets of cells"),
        _of_rows("Parquet file", (".parquet",), parquet, set(), "has columns with names and kinds"),
        _of_rows("database", (".db", ".sqlite", ".sqlite3"), database, {"query"}, "has tables with names"),
        DataReader(
            "archive",
            (".npz",),
            lambda path, said: load_npz(path, said.weight),
            _archive_columns,
            frozenset({"sample_weight"}),
            "has x and y, all of them numbers or names",
        ),
    )
}


def data_reader(path: str) -> DataReader:
    """The format for the suffix of a path. Standard input, and a file with any other suffix, is a table."""
    suffix = Path(path).suffix.lower()
    return next((row for row in READERS.values() if suffix in row.suffixes), READERS["table"])
