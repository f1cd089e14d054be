"""Files of data: the table of formats, told by the suffix, and reading through it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.delimited import Block, Reader, load_delimited
from mlpcli.data.npz import load_features, load_npz
from mlpcli.data.text import shown


@dataclass(frozen=True)
class Settings:
    """What may be said about a file that it does not say itself; each format takes some of it."""

    targets: Sequence[str] | None = None  # the columns by name or number; None: the last
    header: bool | None = None  # whether the first row names the columns; None: as it looks
    delimiter: str | None = None  # between cells; None: found out
    missing: bool = False  # whether a feature may be missing: it is NaN then


@dataclass(frozen=True)
class Columns:
    """A file of which only features are wanted, and only some of them."""

    names: tuple[str, ...]  # of all columns
    named: bool  # whether these are names of their own, and not just counted
    rows: Callable[[Sequence[int]], Iterator[Array]]  # the columns at these places, in blocks as they are read


@dataclass(frozen=True)
class DataReader:
    """One row: a format of data files."""

    name: str
    suffixes: tuple[str, ...]
    load: Callable[[str, Settings], Dataset]
    columns: Callable[[str, Settings], Columns]
    options: frozenset[str]  # those of the command line that it takes
    content: str  # what is in such a file, for whoever says of it what it does not take


def _table_columns(path: str, settings: Settings) -> Columns:
    """The columns of a delimited file, which is read a block at a time, as its lines arrive."""
    reader = Reader(path, settings.header, settings.delimiter)
    layout = reader.layout
    return Columns(
        layout.names, layout.header, lambda places: _numbers(reader.blocks(places, (), settings.missing), path)
    )


def _numbers(blocks: Iterator[Block], path: str) -> Iterator[Array]:
    rows = 0
    for block in blocks:
        rows += len(block.numbers)
        yield block.numbers
    if not rows:
        raise MlpError(f"{shown(path)}: no data rows")


def _archive_columns(path: str, settings: Settings) -> Columns:
    """The columns of an array, which is in memory as a whole."""
    x = load_features(path)
    return Columns(numbered(x.shape[1]), False, lambda places: iter([x[:, places]]))


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
    """The format that the suffix of a path tells. Standard input, and a file of any other suffix, is a table."""
    suffix = Path(path).suffix.lower()
    return next((row for row in READERS.values() if suffix in row.suffixes), READERS["table"])
