"""Lines of text to rows of cells, by the standard library's reader, with the place of every error."""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from mlpcli.core.errors import MlpError
from mlpcli.data.text import LONGEST_LINE, LineBlock, shown

csv.field_size_limit(LONGEST_LINE)


class Row(NamedTuple):
    """The cells of a row, and the number of its first line."""

    line: int
    cells: list[str]


def rows_of(block: LineBlock, path: str, delimiter: str) -> Iterator[Row]:
    """The rows of some lines. Blank lines are none. Raises MlpError with the line for quotes that do not match."""
    reader = csv.reader((line + "\n" for line in block.lines), delimiter=delimiter, strict=True)
    while True:
        line = block.first + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            if "unexpected end" in str(problem):
                line += _opening(block.lines[line - block.first :])
                raise MlpError(f"{shown(path)}:{line}: an unclosed quote; close it") from None
            raise MlpError(f"{shown(path)}:{line}: {csv_problem(problem)}") from None
        if not _is_blank(cells):
            yield Row(line, cells)


def without_first_row(block: LineBlock, delimiter: str) -> LineBlock:
    """The block after the header, which may follow blank lines and span several."""
    reader = csv.reader((line + "\n" for line in block.lines), delimiter=delimiter, strict=True)
    while _is_blank(next(reader)):
        pass
    return LineBlock(block.first + reader.line_num, block.lines[reader.line_num :])


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
