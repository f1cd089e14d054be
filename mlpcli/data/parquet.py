"""Parquet files as lines in the plain form, by the package pyarrow."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from mlpcli.core.errors import MlpError
from mlpcli.data.columns import Settings, check_objects
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Layout
from mlpcli.data.rows import lines_of
from mlpcli.data.text import open_bytes, shown

INSTALL = "Parquet files need pyarrow: run pip install '.[parquet]' in the folder of mlp, or save the table as CSV"
AT_ONCE = 10_000  # rows
BYTES = re.compile(r"(dictionary<values=)?(large_|fixed_size_)?binary")  # kinds of columns, as Arrow writes them


def open_parquet(path: str, said: Settings) -> Reader:
    """The rows of a file, read as they are needed. Raises MlpError if it is damaged, or has lists or bytes."""
    open_bytes(path).close()  # its error says what is wrong with the path
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError:
        raise MlpError(f"{shown(path)}: {INSTALL}") from None
    try:
        file = parquet.ParquetFile(path)
        kinds = [field.type for field in file.schema_arrow]
    except (ArrowException, OSError) as problem:
        raise _damaged(path, problem) from None
    layout = Layout(path, "\t", header=True, names=tuple(name.strip() for name in file.schema_arrow.names))
    objects = {k: "lists" for k, kind in enumerate(kinds) if types.is_nested(getattr(kind, "storage_type", kind))}
    objects |= {k: "bytes" for k, kind in enumerate(kinds) if BYTES.match(str(kind))}
    check_objects(objects, "", layout, said)
    return Reader(path, said._replace(header=True), lines_of(_rows(file, path, objects, ArrowException)))


def _rows(file: Any, path: str, left_out: Collection[int], error: type[Exception]) -> Iterator[Sequence[Any]]:
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
        raise _damaged(path, problem) from None


def _damaged(path: str, problem: Exception) -> MlpError:
    reason = " ".join(str(problem).split())[:80]
    return MlpError(f"{shown(path)}: not a Parquet file, or damaged ({reason})")
