"""Data files: the table of formats, chosen by suffix, and reading through it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.delimited import Block, Reader, load_delimited
from mlpcli.data.npz import load_features, load_npz
from mlpcli.data.text import shown


class Settings(NamedTuple):
    """What a user may say about a file. Each format uses some of it."""

    targets: Sequence[str] | None = None  # the columns by name or number; None: the last
    header: bool | None = None  # whether the first row names the columns; None: detected
    delimiter: str | None = None  # between cells; None: detected
    missing: bool = False  # whether features may be missing; they are then NaN


class Columns(NamedTuple):
    """The columns of a file from which features are read."""

    names: tuple[str, ...]  # of all columns
    named: bool  # whether the file has names, not just numbers, for them
    rows: Callable[[Sequence[int]], Iterator[Array]]  # the columns with these indices, in blocks as they are read


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
    reader = Reader(path, settings.header, settings.delimiter)
    layout = reader.layout
    return Columns(
        layout.names, layout.header, lambda indices: _numbers(reader.blocks(indices, (), settings.missing), path)
    )


def _numbers(blocks: Iterator[Block], path: str) -> Iterator[Array]:
    """The numbers of each block. Raises MlpError after the last if there were no rows."""
    rows = 0
    for block in blocks:
        rows += len(block.numbers)
        yield block.numbers
    if not rows:
        raise MlpError(f"{shown(path)}: no data rows")


def _archive_columns(path: str, settings: Settings) -> Columns:
    """The columns of an array that is completely in memory."""
    x = load_features(path)
    return Columns(numbered(x.shape[1]), False, lambda indices: iter([x[:, indices]]))


READERS = {
    row.name: row
    for row in (
        DataReader(
            "table",
            (".csv", ".tsv"),
            lambda path, said: load_delimited(path, said.targets, said.header, said.delimiter, said.missing),
            _table_columns,
            frozenset({"target", "header", "delimiter", "missing"}),
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
