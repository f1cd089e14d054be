"""Data files: the table of formats, chosen by suffix, and reading through it."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.data.columns import Settings
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.npz import load_features, load_npz
from mlpcli.data.table import Reader, load_table, table_blocks


class Columns(NamedTuple):
    """The columns of a file from which features are read."""

    names: tuple[str, ...]  # of all columns
    encoded: bool  # whether they are features, with a column for each category, and no words
    named: bool  # whether the file has names, not just numbers, for them
    rows: Callable[[Sequence[int]], Iterator[Array]]  # these columns as features, in blocks as they are read
    notes: list[str]  # what there is to say once all rows are read


class DataReader(NamedTuple):
    """One row: a format of data files."""

    name: str
    suffixes: tuple[str, ...]
    load: Callable[[str, Settings], Dataset]
    columns: Callable[[str, Settings], Columns]
    options: frozenset[str]  # of the command line that it takes
    content: str  # of such a file, for the message about an option that it does not take


def _table_columns(path: str, settings: Settings) -> Columns:
    """The columns of a delimited file, read in blocks as its lines arrive."""
    reader = Reader(path, settings)
    notes = list[str]()
    blocks = partial(table_blocks, reader, said=settings, notes=notes)
    return Columns(reader.layout.names, False, reader.layout.header, blocks, notes)


def _archive_columns(path: str, settings: Settings) -> Columns:
    """The columns of an array that is completely in memory."""
    x = load_features(path)
    return Columns(numbered(x.shape[1]), True, False, lambda indices: iter([x[:, indices]]), [])


READERS = {
    row.name: row
    for row in (
        DataReader(
            "table",
            (".csv", ".tsv"),
            load_table,
            _table_columns,
            frozenset(
                {"target", "header", "delimiter", "decimal", "missing", "features", "ignore", "categories", "unknown"}
            ),
            "has rows of cells",
        ),
        DataReader(
            "archive",
            (".npz",),
            lambda path, said: load_npz(path),
            _archive_columns,
            frozenset(),
            "has x and y, all of them numbers or names",
        ),
    )
}


def data_reader(path: str) -> DataReader:
    """The format for the suffix of a path. Standard input, and a file with any other suffix, is a table."""
    suffix = Path(path).suffix.lower()
    return next((row for row in READERS.values() if suffix in row.suffixes), READERS["table"])
