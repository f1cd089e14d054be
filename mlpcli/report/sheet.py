"""What a command has to say, before it has a form: tables for people, and one document for programs."""

from dataclasses import dataclass, field
from typing import Any

Cell = str | int | float | None


@dataclass(frozen=True)
class Sheet:
    """A table. A None is a figure that is not defined."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    keys: int = 1  # how many of the first columns tell which row it is


@dataclass(frozen=True)
class Report:
    """The same facts three times: as sheets to read, as one flat sheet for CSV, and as a document for JSON."""

    kind: str  # mlpcli-<kind> is the document's format
    document: dict[str, Any]
    flat: Sheet
    sheets: tuple[Sheet, ...]
    closing: tuple[str, ...] = field(default=())  # lines below the sheets
    version: int = 1
