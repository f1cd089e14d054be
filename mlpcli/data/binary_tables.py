"""Tables that are no text, as lines in the plain form: spreadsheets, Parquet files, and queries on SQLite databases.

Their packages, python-calamine and pyarrow, are extras. Nothing is written to a database.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import unknown
from mlpcli.data.cells import excerpt
from mlpcli.data.columns import option_value, roles
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Layout, Settings
from mlpcli.data.packed import check_swelling
from mlpcli.data.rows import lines_of
from mlpcli.data.text import open_bytes, shown

NO_CALAMINE = (
    "spreadsheets need python-calamine: run pip install '.[xlsx]' in the folder of mlp, or save the sheet as CSV"
)
NO_ARROW = "Parquet files need pyarrow: run pip install '.[parquet]' in the folder of mlp, or save the table as CSV"
MOST_LISTED = 8  # sheets or tables in a message


def _damaged(path: str, what: str, problem: Exception) -> MlpError:
    reason = " ".join(str(problem).split())[:80]
    return MlpError(f"{shown(path)}: not {what}, or damaged ({reason})")


# ----- Spreadsheets: XLSX, XLS and ODS ------------------------------------------------------------------------------


def open_workbook(path: str, said: Settings) -> Reader:
    """A sheet, by default the first. Raises MlpError for a file that is no spreadsheet, or lacks the sheet.

    Its rows keep their numbers. Formulas are read as the values that the spreadsheet last computed.
    """
    open_bytes(path).close()  # its error says what is wrong with the path
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise MlpError(f"{shown(path)}: {NO_CALAMINE}") from None
    try:
        _check_archive(path)
        with CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            name = names[0] if said.sheet is None else said.sheet
            if name not in names:
                raise ChoiceError(unknown("--sheet", name, names[:MOST_LISTED]))
            rows = [_texts(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
    except MlpError:
        raise
    except Exception as problem:  # the package has a dozen kinds, also for a password or no sheet at all
        raise _damaged(path, "a spreadsheet", problem) from None
    others = " or ".join([f"--sheet {quote(other)}" for other in names if other != name][:MOST_LISTED])
    hint = f"; {others} reads another sheet" if others else ""
    try:
        reader = Reader(path, said, lines_of(rows), hint)
    except MlpError as problem:  # the sheet may be empty
        raise MlpError(f"{problem}{hint}") from None
    if others and said.sheet is None:
        reader.notes.append(f"sheet '{name}' is read; {others} reads another one")
    return reader


def _check_archive(path: str) -> None:
    """Raises MlpError for a zip bomb. XLS files are no archives."""
    from zipfile import BadZipFile, ZipFile, is_zipfile

    if is_zipfile(path):
        try:
            with ZipFile(path) as archive:
                members = archive.infolist()
        except BadZipFile as problem:
            raise MlpError(f"{shown(path)}: damaged ({problem})") from None
        packed, unpacked = (
            sum(sizes) for sizes in zip(*((m.compress_size, m.file_size) for m in members), strict=True)
        )
        check_swelling(packed, unpacked, shown(path))


def _texts(row: list[Any]) -> list[Any]:
    """The cells of a row: whole numbers without a point, as spreadsheets show them, though they are floats."""
    return [int(cell) if type(cell) is float and cell.is_integer() else cell for cell in row]


# ----- Parquet files ------------------------------------------------------------------------------------------------

AT_ONCE = 10_000  # rows
BYTES = re.compile(r"(dictionary<values=)?(large_|fixed_size_)?binary")  # kinds of columns, as Arrow writes them


def open_parquet(path: str, said: Settings) -> Reader:
    """The rows of a file, read as they are needed. Raises MlpError if it is damaged, or has lists or bytes."""
    open_bytes(path).close()  # its error says what is wrong with the path
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError:
        raise MlpError(f"{shown(path)}: {NO_ARROW}") from None
    try:
        file = parquet.ParquetFile(path)
        kinds = [field.type for field in file.schema_arrow]
    except (ArrowException, OSError) as problem:
        raise _damaged(path, "a Parquet file", problem) from None
    objects = {k: "lists" for k, kind in enumerate(kinds) if types.is_nested(getattr(kind, "storage_type", kind))}
    objects |= {k: "bytes" for k, kind in enumerate(kinds) if BYTES.match(str(kind))}
    _check_objects(objects, path, file.schema_arrow.names, said)
    return Reader(path, said._replace(header=True), lines_of(_rows_of_file(file, path, objects, ArrowException)))


def _rows_of_file(file: Any, path: str, left_out: Collection[int], error: type[Exception]) -> Iterator[Sequence[Any]]:
    """The names of the columns, then all rows, with nothing in the columns that are left out."""
    names = file.schema_arrow.names
    yield names
    wanted = [name for k, name in enumerate(names) if k not in left_out] if left_out else None
    try:
        for batch in file.iter_batches(AT_ONCE, columns=wanted):
            read = dict(zip(batch.schema.names, batch.columns, strict=True))
            empty = [None] * batch.num_rows
            cells = (empty if k in left_out else read[name].to_pylist() for k, name in enumerate(names))
            yield from zip(*cells, strict=True)
    except (error, OSError) as problem:
        raise _damaged(path, "a Parquet file", problem) from None


# ----- Databases ----------------------------------------------------------------------------------------------------

TABLES = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by name"


def open_database(path: str, said: Settings) -> Reader:
    """The rows of `--query`. Raises ChoiceError without one, and MlpError for one that fails; both name the tables."""
    import sqlite3  # costs 10 ms

    open_bytes(path).close()  # its error says what is wrong with the path
    try:
        connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
        connection.execute("pragma query_only = on")
        connection.set_authorizer(  # `attach` and `vacuum into` create a file, even if the database is read-only
            lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
        )
        tables = [name for (name,) in connection.execute(TABLES)]
    except sqlite3.Error as problem:
        raise _damaged(path, "an SQLite database", problem) from None
    if said.query is None:
        first = f'"{tables[0]}"' if tables and not tables[0].isidentifier() else (tables or ["…"])[0]
        raise ChoiceError(f"{shown(path)}: add --query 'select * from {excerpt(first)}'; {_listed(tables)}")
    where, errors = f"{shown(path)}: --query", (sqlite3.Error, sqlite3.Warning)
    rows = _rows_of_query(connection, said.query, where, _listed(tables), errors)
    return Reader(path, said._replace(header=True), lines_of(_without_bytes(rows, path, said)), "; select more columns")


def _rows_of_query(
    connection: Any, query: str, where: str, tables: str, errors: tuple[type[Exception], ...]
) -> Iterator[Sequence[Any]]:
    """The names of the columns, then all rows."""
    try:
        cursor = connection.execute(query)
        if cursor.description is None:
            raise MlpError(f"{where} returns no rows; use a select statement")
        yield [name for name, *_ in cursor.description]
        yield from cursor
    except errors as problem:
        raise MlpError(f"{where}: {problem}; {tables}") from None
    finally:
        connection.close()


def _without_bytes(rows: Iterator[Sequence[Any]], path: str, said: Settings) -> Iterator[Sequence[Any]]:
    """The rows, with nothing instead of bytes. Raises MlpError if these are in a column that is to be read."""
    names = next(rows)
    yield names
    for line, row in enumerate(rows, 2):
        if bytes in map(type, row):
            objects = {k: "bytes" for k, cell in enumerate(row) if type(cell) is bytes}
            _check_objects(objects, path, names, said, f":{line}")
            row = [None if type(cell) is bytes else cell for cell in row]
        yield row


def _listed(tables: list[str]) -> str:
    if not tables:
        return "the database has no tables"
    more = ", …" if len(tables) > MOST_LISTED else ""
    return f"the tables are {', '.join(map(excerpt, tables[:MOST_LISTED]))}{more}"


# ----- Columns of bytes and lists -----------------------------------------------------------------------------------


def _check_objects(objects: Mapping[int, str], path: str, names: Sequence[str], said: Settings, line: str = "") -> None:
    """Raises MlpError if a column with `objects`, bytes or lists, is to be read. `line` is empty for a whole column."""
    layout = Layout(path, "\t", header=True, names=tuple(name.strip() for name in names), said=said)
    targets, weight = list[int](), None
    if said.known is None:
        targets, features, nameless, weight = roles(layout)
        taken = [*targets, *features, *nameless, weight]
    else:
        known = {column.name for column in said.known}
        taken = [k for k, name in enumerate(layout.names) if name in known or not known <= {*layout.names}]
    read = sorted({*objects} & {*taken})
    if not read:
        return
    ignore = f"--ignore {option_value(layout, read, said.ignore)}"
    remedy = f"leave it out with {ignore}"
    if said.known is not None:
        remedy = "the network takes numbers or text"
    elif read[0] in targets or read[0] == weight:
        remedy = f"choose another {'--target' if read[0] in targets else '--sample-weight'}, and add {ignore}"
    elif said.features is not None:
        remedy = "take it out of --features"
    what = f"column {read[0] + 1} ('{excerpt(layout.names[read[0]])}') has {objects[read[0]]}"
    raise MlpError(f"{shown(path)}{line}: {what}; {remedy}")
