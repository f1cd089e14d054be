"""How people write a table: its delimiter, decimal separator and the lines above it; and the plain form of its lines.

In the plain form one character separates the cells, numbers have a decimal point, and every line keeps its number.
"""

import csv
import re
from collections import Counter
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from mlpcli.data.cells import (
    DELIMITERS,
    WITH_MARK,
    is_decimal_comma,
    is_missing,
    is_number,
    swapped,
    thousands_separator,
)
from mlpcli.data.rows import Quoting
from mlpcli.data.text import LineBlock

BLANK = " "  # as a delimiter: any run of blanks and tabs
DETECTED_FROM = 20  # rows by which the delimiter is detected
SEPARATOR_LINE = re.compile(r'"?sep=(.|\\t)"?', re.IGNORECASE)  # spreadsheets obey it
EMPTY = f"{DELIMITERS}{BLANK}"  # what a line of empty cells has
COMMENT = re.compile(r"\s*[#%]+")
RUNS = re.compile(r'((?<!\S)"(?:[^"]|"")*")|^[ \t]+|[ \t]+$|([ \t]+)', re.MULTILINE)  # a quoted cell, or blanks


class Dialect(NamedTuple):
    """How the cells of a table are written."""

    delimiter: str  # between them; BLANK stands for any run of blanks and tabs
    decimal: str = "."

    @property
    def separator(self) -> str:
        """The delimiter of the plain form."""
        return "\t" if self.delimiter == BLANK else self.delimiter

    def plain(self, block: LineBlock) -> LineBlock:
        """The plain form of some lines. With decimal commas, points and commas in numbers change places.

        So a thousands separator is a comma, and the cell is no longer a number.
        """
        if self.delimiter != BLANK and self.decimal == ".":
            return block
        text = "\n".join(block.lines)
        if self.delimiter == BLANK:
            text = RUNS.sub(lambda part: part[1] or ("\t" if part[2] else ""), text)
        if self.decimal == ",":
            text = _numbers_with_mark(self.separator).sub(lambda cell: swapped(cell[0]), text)
        return LineBlock(block.first, text.split("\n"))


PLAIN = Dialect("\t")


def _numbers_with_mark(separator: str) -> re.Pattern[str]:
    """Cells that are numbers with a point or a comma. Between commas, only quoted ones are."""
    ends, quote = f"[^{re.escape(separator)}\n]", ' *" *' if separator == "," else '[ "]*'
    return re.compile(rf"(?<!{ends}){quote}{WITH_MARK}{quote}(?!{ends})")


def dialect_of(block: LineBlock, delimiter: str | None, decimal: str | None) -> Dialect:
    """The dialect of a table that starts with these lines; what is not given is detected."""
    dialect = Dialect(delimiter or detected_delimiter(block.lines))
    if decimal is None and dialect.delimiter != ",":
        decimal = _detected_decimal(dialect.plain(block), dialect)
    return dialect if decimal is None else dialect._replace(decimal=decimal)


def _detected_decimal(block: LineBlock, dialect: Dialect) -> str:
    """A comma if no other reading makes sense: no number has a point, and some comma separates no thousands."""
    text = "\n".join(block.lines)
    if "," not in text:
        return "."
    cells = {cell.strip(' "') for cell in _numbers_with_mark(dialect.separator).findall(text)}
    commas = {cell for cell in cells if is_decimal_comma(cell)}
    return "," if commas == cells and not all(thousands_separator(cell) == "," for cell in commas) else "."


# ----- The delimiter ------------------------------------------------------------------------------------------------


def detected_delimiter(lines: list[str]) -> str:
    """The delimiter that splits most of the first rows into equally many cells; runs of blanks if none does so well."""
    if obvious := _obvious_delimiter(lines):
        return obvious
    rows = {delimiter: _first_rows(lines, delimiter) for delimiter in DELIMITERS}
    even = {delimiter: _evenness(cells) for delimiter, cells in rows.items()}
    best = [delimiter for delimiter in DELIMITERS if even[delimiter][0] == max(even.values())[0]]
    chosen = best[0] if len(best) == 1 else max(best, key=lambda d: (-_clashes(rows[d], d), even[d]))
    return BLANK if _is_aligned(lines, rows[chosen], even[chosen], chosen) else chosen


def _obvious_delimiter(lines: list[str]) -> str | None:
    """The only mark in the first rows that may separate cells, if it does so evenly. (Most tables have one.)"""
    start = list(islice(filter(None, lines), DETECTED_FROM))
    text = "\n".join(start)
    marks = [mark for mark in (*DELIMITERS, BLANK, '"') if mark in text]
    if len(marks) != 1 or marks[0] not in DELIMITERS or len({line.count(marks[0]) for line in start}) > 1:
        return None
    return str(marks[0])


def _is_aligned(lines: list[str], rows: list[list[str]], even: tuple[int, int], chosen: str) -> bool:
    """Whether runs of blanks and tabs make an even table, and the `chosen` delimiter none, or one with such runs."""
    if not any(BLANK in line or "\t" in line for line in islice(filter(None, lines), DETECTED_FROM)):
        return False
    aligned = _first_rows(lines, BLANK)
    is_even = even[0] == len(rows) > 0
    below = aligned if is_even else aligned[1:] or aligned  # a header may lack a name
    if not aligned or len(aligned) < len(rows) or _evenness(below)[0] < len(below):
        return False
    uneven_tabs = chosen == "\t" and not is_even
    clashes = _clashes(aligned, BLANK)
    only_even = not is_even and _evenness(aligned)[0] == len(aligned) and not clashes
    return 2 * even[0] <= len(rows) or uneven_tabs or only_even or _clashes(rows, chosen) > 0 == clashes


def _first_rows(lines: list[str], delimiter: str) -> list[list[str]]:
    """The cells of the first rows, up to one with wrong quotes or a cell that is too long."""
    dialect = Dialect(delimiter)
    start = dialect.plain(LineBlock(1, lines[: 3 * DETECTED_FROM])) if delimiter == BLANK else LineBlock(1, lines)
    reader = csv.reader((line + "\n" for line in start.lines), Quoting, delimiter=dialect.separator)
    rows = list[list[str]]()
    with suppress(csv.Error):  # its error with its place follows
        rows.extend(islice((row for row in reader if any(row) or len(row) > 1), DETECTED_FROM))
    return rows


def _evenness(rows: list[list[str]]) -> tuple[int, int]:
    """The number of rows with equally many cells, and how many these are; 0 for rows of one cell."""
    counts = Counter(len(row) for row in rows if len(row) > 1)
    return max(((times, cells) for cells, times in counts.items()), default=(0, 0))


def _clashes(rows: list[list[str]], delimiter: str) -> int:
    """The number of cells that another delimiter would split, without those that are numbers with a decimal comma."""
    others = set(DELIMITERS) - {delimiter}
    cells = (cell for row in rows for cell in row if not is_number(cell) and not is_decimal_comma(cell))
    return sum(not others.isdisjoint(cell) or _has_several_numbers(cell) for cell in cells)


def _has_several_numbers(cell: str) -> bool:
    """Whether blanks separate numbers in a cell, and not the thousands of one, as in `1 137`."""
    parts = cell.split()
    if len(parts) < 2 or thousands_separator(cell.strip()):
        return False
    return all(is_number(part) or is_missing(part) for part in parts)


# ----- The lines above the table ------------------------------------------------------------------------------------


def is_row(line: str) -> bool:
    """Whether a line at the top may be one of the table."""
    return bool(line.strip().strip(EMPTY)) and not COMMENT.match(line) and not SEPARATOR_LINE.fullmatch(line.strip())


def without_preamble(block: LineBlock) -> tuple[LineBlock, str | None, list[str]]:
    """The first lines without those above the table, which are empty instead: `sep=;`, and comments after # or %.

    Returns also the delimiter that `sep=` gives, as spreadsheets obey it, and notes. The last comment names the columns
    if it has as many cells as the row below it, as NumPy's savetxt writes it.
    """
    lines, delimiter = list(block.lines), None
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    if given := SEPARATOR_LINE.fullmatch(lines[first].strip()):
        delimiter, lines[first] = given[1].replace("\\t", "\t"), ""
    end = next((k for k, line in enumerate(lines) if line.strip() and not COMMENT.match(line)), None)
    comments = [k for k in range(end or 0) if lines[k].strip()]
    if not comments:
        return LineBlock(block.first, lines), delimiter, []
    names = _names_in(lines[comments[-1]], lines[end:], delimiter or detected_delimiter(lines[end:]))
    for k in comments:
        lines[k] = ""
    if names is not None:
        lines[comments.pop()] = names
    return LineBlock(block.first, lines), delimiter, _comment_notes([block.first + k for k in comments])


def _names_in(comment: str, rows: list[str], delimiter: str) -> str | None:
    """The names of the columns in a comment, without its mark; None if it has more or fewer than there are cells.

    Names are text above a row with a number. A mark that is a cell of its own may be a name.
    """
    behind = COMMENT.sub("", comment, count=1)
    below = next(iter(_first_rows(rows, delimiter)), [])
    if not any(is_number(cell) or is_decimal_comma(cell) for cell in below):
        return None
    for text in (comment if behind.startswith(delimiter) else behind, behind):
        names = next(iter(_first_rows([text], delimiter)), [])
        if len(names) == len(below) and not any(map(is_number, names)):
            return text
    return None


def _comment_notes(lines: list[int]) -> list[str]:
    """What there is to say about comments in these lines."""
    if not lines:
        return []
    where = f"line {lines[0]} is a comment" if len(lines) == 1 else f"lines {lines[0]} to {lines[-1]} are comments"
    return [f"{where} (# or %) and left out"]
