"""Spreadsheets, XLSX, XLS and ODS, as lines in the plain form, by the package python-calamine.

A sheet's rows keep their numbers. Formulas are read as the values that the spreadsheet last computed.
"""

from shlex import quote
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import unknown
from mlpcli.data.columns import Settings
from mlpcli.data.delimited import Reader
from mlpcli.data.packed import check_swelling
from mlpcli.data.rows import lines_of
from mlpcli.data.text import open_bytes, shown

INSTALL = "spreadsheets need python-calamine: run pip install '.[xlsx]' in the folder of mlp, or save the sheet as CSV"
MOST_LISTED = 8  # sheets in a message


def open_workbook(path: str, said: Settings) -> Reader:
    """A sheet, by default the first. Raises MlpError for a file that is no spreadsheet, or lacks the sheet."""
    open_bytes(path).close()  # its error says what is wrong with the path
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise MlpError(f"{shown(path)}: {INSTALL}") from None
    try:
        _check_archive(path)
        with CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            name = _chosen(names, said.sheet)
            rows = [_texts(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
    except MlpError:
        raise
    except Exception as problem:  # the package has a dozen kinds, also for a password or no sheet at all
        reason = " ".join(str(problem).split())[:80]
        raise MlpError(f"{shown(path)}: not a spreadsheet, or damaged ({reason})") from None
    options = [f"--sheet {quote(other)}" for other in names if other != name][:MOST_LISTED]
    others = " or ".join(options)
    hint = f"; {others} reads another sheet" if others else ""
    try:
        reader = Reader(path, said, lines_of(rows), hint)
    except MlpError as problem:  # the sheet may be empty
        raise MlpError(f"{problem}{hint}") from None
    if others and said.sheet is None:
        reader.notes.append(f"sheet '{name}' is read; {others} reads another one")
    return reader


def _chosen(names: list[str], wanted: str | None) -> str:
    """The sheet that is wanted, by its name."""
    if wanted is not None and wanted not in names:
        raise ChoiceError(unknown("--sheet", wanted, names[:MOST_LISTED]))
    return names[0] if wanted is None else wanted


def _check_archive(path: str) -> None:
    """Raises MlpError for a zip bomb. XLS files are no archives."""
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
