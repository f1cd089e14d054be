"""Parquet files as lines in the plain form, by the package pyarrow."""

from collections.abc import Iterator, Sequence
from typing import Any

from mlpcli.core.errors import MlpError
from mlpcli.data.columns import Settings
from mlpcli.data.delimited import Reader
from mlpcli.data.rows import lines_of
from mlpcli.data.text import open_bytes, shown

INSTALL = "Parquet files need pyarrow: run pip install '.[parquet]' in the folder of mlp, or save the table as CSV"
AT_ONCE = 10_000  # rows


def open_parquet(path: str, said: Settings) -> Reader:
    """The rows of a file, read as they are needed. Raises MlpError for a damaged file, or a column of lists."""
    open_bytes(path).close()  # its error says what is wrong with the path
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError:
        raise MlpError(f"{shown(path)}: {INSTALL}") from None
    try:
        file = parquet.ParquetFile(path)
        nested = [field.name for field in file.schema_arrow if types.is_nested(field.type)]
    except (ArrowException, OSError) as problem:
        raise _damaged(path, problem) from None
    if nested:
        raise MlpError(f"{shown(path)}: column '{nested[0]}' holds lists; give each of their items a column")
    return Reader(path, said._replace(header=True), lines_of(_rows(file, path, ArrowException), path))


def _rows(file: Any, path: str, error: type[Exception]) -> Iterator[Sequence[Any]]:
    """The names of the columns, then all rows."""
    yield file.schema_arrow.names
    try:
        for batch in file.iter_batches(AT_ONCE):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except (error, OSError) as problem:
        raise _damaged(path, problem) from None


def _damaged(path: str, problem: Exception) -> MlpError:
    reason = " ".join(str(problem).split())[:80]
    return MlpError(f"{shown(path)}: not a Parquet file, or damaged ({reason})")
