"""The rows of a query on an SQLite database as lines in the plain form, by the standard library. Nothing is written."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.data.cells import excerpt
from mlpcli.data.columns import Settings, check_objects
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Layout
from mlpcli.data.rows import lines_of
from mlpcli.data.text import open_bytes, shown

TABLES = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"
MOST_LISTED = 8  # tables in a message


def open_database(path: str, said: Settings) -> Reader:
    """The rows of `--query`. Raises ChoiceError without one, and MlpError for one that fails; both name the tables."""
    open_bytes(path).close()  # its error says what is wrong with the path
    try:
        connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
        connection.execute("pragma query_only = on")
        connection.set_authorizer(_no_other_file)
        tables = [name for (name,) in connection.execute(TABLES)]
    except sqlite3.Error as problem:
        raise MlpError(f"{shown(path)}: not an SQLite database, or damaged ({problem})") from None
    if said.query is None:
        first = f'"{tables[0]}"' if tables and not tables[0].isidentifier() else (tables or ["…"])[0]
        raise ChoiceError(f"{shown(path)}: add --query 'select * from {excerpt(first)}'; {_listed(tables)}")
    rows = _rows(connection, said.query, f"{shown(path)}: --query", _listed(tables))
    return Reader(path, said._replace(header=True), lines_of(_without_bytes(rows, path, said)), "; select more columns")


def _no_other_file(action: int, *_: object) -> int:
    """Denies `attach` and `vacuum into`: both create a file, even if the database is read-only."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


def _rows(connection: sqlite3.Connection, query: str, where: str, tables: str) -> Iterator[Sequence[Any]]:
    """The names of the columns, then all rows."""
    try:
        cursor = connection.execute(query)
        if cursor.description is None:
            raise MlpError(f"{where} returns no rows; use a select statement")
        yield [name for name, *_ in cursor.description]
        yield from cursor
    except (sqlite3.Error, sqlite3.Warning) as problem:
        raise MlpError(f"{where}: {problem}; {tables}") from None
    finally:
        connection.close()


def _without_bytes(rows: Iterator[Sequence[Any]], path: str, said: Settings) -> Iterator[Sequence[Any]]:
    """The rows, with nothing instead of bytes. Raises MlpError if these are in a column that is to be read."""
    names = next(rows)
    yield names
    for line, row in enumerate(rows, 2):
        if bytes in map(type, row):
            layout = Layout(path, "\t", header=True, names=tuple(name.strip() for name in names))
            check_objects({k: "bytes" for k, cell in enumerate(row) if type(cell) is bytes}, f":{line}", layout, said)
            row = [None if type(cell) is bytes else cell for cell in row]
        yield row


def _listed(tables: list[str]) -> str:
    if not tables:
        return "the database has no tables"
    more = ", …" if len(tables) > MOST_LISTED else ""
    return f"the tables are {', '.join(map(excerpt, tables[:MOST_LISTED]))}{more}"
