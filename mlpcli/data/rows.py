"""Lines of text to rows of cells, with the place of every error; and back."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from mlpcli.core.errors import MlpError
from mlpcli.data.text import LONGEST_LINE, LineBlock, shown

AT_ONCE = 5000  # rows as lines
BARE = re.compile(r'(?!\s)[^,"]*(?<!\s)')  # a cell that needs no quotes

csv.field_size_limit(LONGEST_LINE)


class Quoting(csv.excel):
    """How cells are quoted. Blanks may stand before a quote, and a quote that does not match is an error."""

    skipinitialspace = True
    strict = True


class TableRow(NamedTuple):
    """The cells of a row, and the number of its first line."""

    line: int
    cells: list[str]


def rows_of(block: LineBlock, path: str, delimiter: str) -> Iterator[TableRow]:
    """The rows of some lines. Blank lines are none. Raises MlpError with the line for quotes that do not match."""
    for number, line in enumerate(block.lines):
        if '"' in line or len(line) > LONGEST_LINE:
            yield from _quoted_rows(LineBlock(block.first + number, block.lines[number:]), path, delimiter)
            return
        cells = line.split(delimiter)
        if not _is_blank(cells):
            yield TableRow(block.first + number, cells)


def _quoted_rows(block: LineBlock, path: str, delimiter: str) -> Iterator[TableRow]:
    """The rows of lines, some of which have quotes."""
    reader, line = csv.reader((line + "\n" for line in block.lines), Quoting, delimiter=delimiter), block.first
    try:
        for cells in reader:
            if not _is_blank(cells):
                yield TableRow(line, cells)
            line = block.first + reader.line_num
    except csv.Error as problem:
        if "unexpected end" in str(problem):
            line += _opening(block.lines[line - block.first :])
            raise MlpError(f"{shown(path)}:{line}: an unclosed quote; close it") from None
        raise MlpError(f"{shown(path)}:{line}: {csv_problem(problem)}") from None


def without_first_row(block: LineBlock, delimiter: str) -> LineBlock:
    """The block after the header, which may follow blank lines and span several."""
    reader = csv.reader((line + "\n" for line in block.lines), Quoting, delimiter=delimiter)
    while _is_blank(next(reader)):
        pass
    return LineBlock(block.first + reader.line_num, block.lines[reader.line_num :])


def without_empty_rows(block: LineBlock, delimiter: str) -> LineBlock:
    """The block from its first row with a cell that is not empty; the block itself if there is none."""
    start = next((k for k, line in enumerate(block.lines) if line.strip(f"{delimiter} ")), 0)
    return LineBlock(block.first + start, block.lines[start:]) if any(block.lines[:start]) else block


def csv_problem(problem: csv.Error) -> str:
    """What the standard library's reader reports, for the author of the file."""
    if "field limit" in str(problem):
        return f"a cell of more than {LONGEST_LINE} characters; check its quotes"
    return f"{problem}; check the quotes"


def _is_blank(cells: list[str]) -> bool:
    """Whether a line is empty. A delimiter makes a row, since it separates cells."""
    return len(cells) < 2 and not any(cell.strip() for cell in cells)


def _opening(lines: list[str]) -> int:
    """Which of these lines opens the quote that none of them closes."""
    opened, inside = 0, False
    for k, line in enumerate(lines):
        inside ^= line.count('"') % 2 == 1
        if inside and '"' in line:
            opened = k
    return opened


# ----- Cells in the value of an option ------------------------------------------------------------------------------


def cells_of(text: str) -> list[str]:
    """The cells of a text with commas between them: `Id,"rent, cold"` has two. Quotes are those of CSV (RFC 4180)."""
    return [unquoted(cell) for cell in re.findall(r'(?:^|,)(\s*"(?:[^"]|"")*"\s*(?=,|$)|[^,]*)', text)]


def unquoted(cell: str) -> str:
    """A cell without blanks around it, and without quotes."""
    bare = cell.strip()
    return bare[1:-1].replace('""', '"') if len(bare) > 1 and bare[0] == bare[-1] == '"' else bare


def in_one_line(cells: Iterable[str]) -> str:
    """Cells as `cells_of` reads them."""
    return ",".join(cell if BARE.fullmatch(cell) else '"' + cell.replace('"', '""') + '"' for cell in cells)


# ----- Rows of other formats ----------------------------------------------------------------------------------------


def lines_of(rows: Iterable[Sequence[Any]]) -> Iterator[LineBlock]:
    """Rows of numbers, texts, dates and None as lines in the plain form, cut by tabs; the first row is line 1.

    A cell may have several lines; the rows below it keep their numbers.
    """
    file, first, done = io.StringIO(), 1, 0
    writer = csv.writer(file, delimiter="\t", lineterminator="\n")
    for done, row in enumerate(rows, 1):
        texts = [_text(cell) for cell in row]
        writer.writerow(texts if any(texts) else [])
        if done - first + 1 == AT_ONCE or any("\n" in text for text in texts):
            yield LineBlock(first, file.getvalue().removesuffix("\n").split("\n"))
            file.seek(file.truncate(0))
            first = done + 1
    if done >= first:
        yield LineBlock(first, file.getvalue().removesuffix("\n").split("\n"))


def _text(cell: Any) -> str:
    """A cell as text: None is empty, and a number has as many digits as it needs."""
    if cell is None:
        return ""
    text = str(cell).upper() if isinstance(cell, bool) else str(cell)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
