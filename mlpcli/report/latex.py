"""Reports as a LaTeX document that compiles as it stands with pdflatex and amsmath: formulas, and tables."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlpcli.report.boxes import PAGE, Box, box
from mlpcli.report.equations import displays
from mlpcli.report.latex_text import latex_text, text_width, writable
from mlpcli.report.predictions import Prediction
from mlpcli.report.sheet import Cell, Mathematics, Report, Section, Sheet, are_words
from mlpcli.report.terminal import UNDEFINED
from mlpcli.report.typesetting import typeset_in_line, typeset_number

HEAD = r"""\documentclass[10pt,fleqn]{article}
\usepackage[a4paper,margin=25mm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\setcounter{MaxMatrixCols}{20}
\setlength{\mathindent}{0pt}
\setlength{\parindent}{0pt}
\begin{document}
\raggedright
"""
END = "\\end{document}\n"
LINES = 40  # of a table on one page
BETWEEN = 12  # points between columns
WIDEST = PAGE / 2 - BETWEEN  # points of a text, which goes on below


def latex_report(report: Report, digits: int) -> str:
    """Sections with formulas, or else the sheets; and the closing lines."""
    if report.sections:
        parts = [part for section in report.sections for part in _section(section, digits)]
    else:
        parts = [part for sheet in report.sheets for part in _sheet(sheet, digits)]
    closing = "".join(f"\n{latex_text(line)}\n" for line in report.closing)
    return HEAD + _opening(report) + "".join(parts) + closing + END


def _opening(report: Report) -> str:
    """The title of a paper, and what is said below it."""
    title = f"\\section*{{{latex_text(report.title)}}}\n" if report.title else ""
    return title + "".join(f"\n{latex_text(line)}\n" for line in report.opening)


def latex_rows(
    names: tuple[str, ...], labelled: bool, blocks: Iterable[list[Prediction]], digits: int
) -> Iterator[str]:
    """A document with tables of as many rows as a page takes"""
    columns = ("prediction", *names) if labelled else names
    yield HEAD
    for block in blocks:
        rows = tuple((row.label, *row.values) if labelled else tuple(row.values) for row in block)
        yield from _tables(Sheet("", columns, rows, int(labelled)), digits)
    yield END


def _section(section: Section, digits: int) -> Iterator[str]:
    """A heading and what is below it; a section that is one table has the table's."""
    if section.title != getattr(section.blocks[0], "title", ""):
        yield _heading(section.title)
    for block in displays(section, digits):
        if isinstance(block, Sheet):
            yield from _sheet(block, digits)
        else:
            yield _display(block)


def _heading(title: str) -> str:
    return f"\n\\subsection*{{{latex_text(title)}}}\n"


def _display(lines: Iterable[str]) -> str:
    """Lines that are aligned with each other; a page may end after any but the first."""
    rows = " \\\\\n".join(lines).replace(" \\\\\n&=", " \\\\*\n&=", 1)
    return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}\n"


# ----- Tables -------------------------------------------------------------------------------------------------------

Line = tuple[Cell, ...]


@dataclass(frozen=True)
class _Column:
    """A column in LaTeX."""

    cells: list[str]
    words: bool  # and not numbers
    width: float  # points


def _sheet(sheet: Sheet, digits: int) -> Iterator[str]:
    yield _heading(sheet.title)
    yield from _tables(sheet, digits)


def _tables(sheet: Sheet, digits: int) -> Iterator[str]:
    """The sheet in parts that fit on a page. Each begins with the heads, and with the columns that tell the row."""
    heads = list(_wrapped(sheet.columns))
    lines = [line for row in sheet.rows for line in _wrapped(row)]
    for start in range(0, max(1, len(lines)), LINES):
        part = lines[start : start + LINES]
        columns = [_column(heads, part, k, digits) for k in range(len(sheet.columns))]
        for beside in _parts(columns, sheet.keys):
            yield _tabular(beside, len(heads))


def _wrapped(row: Line) -> Iterator[Line]:
    """A row on as many lines as its longest text takes, with nothing below its other cells."""
    cells = [
        _text_lines(str(cell)) if are_words(cell) and not isinstance(cell, Mathematics) else [cell] for cell in row
    ]
    for k in range(max(map(len, cells))):
        yield tuple(lines[k] if k < len(lines) else "" for lines in cells)


def _text_lines(text: str) -> list[Cell]:
    """A text in lines, ended between words where that can be."""
    lines = [""]
    for piece in re.findall(r"\S{1,20}\s*", writable(text)):
        if text_width(lines[-1] + piece) > WIDEST:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _column(heads: Sequence[Line], lines: Sequence[Line], k: int, digits: int) -> _Column:
    boxes = [_cell(line[k], digits) for line in (*heads, *lines)]
    words = any(are_words(line[k]) and line[k] for line in lines)
    return _Column([cell.latex for cell in boxes], words, max(cell.width for cell in boxes))


def _cell(cell: Cell, digits: int) -> Box:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        cell = UNDEFINED
    if isinstance(cell, Mathematics):
        formula = box(typeset_in_line(cell))
        return Box(f"${formula.latex}$", formula.width)
    if isinstance(cell, str):
        return Box(latex_text(cell), text_width(cell))
    number = box(str(cell) if isinstance(cell, int) else typeset_number(cell, digits))
    return Box(f"${number.latex}$", number.width)


def _parts(columns: list[_Column], keys: int) -> Iterator[list[_Column]]:
    """Columns that fit beside each other."""
    start = sum(column.width + BETWEEN for column in columns[:keys])
    part, used = columns[:keys], start
    for column in columns[keys:]:
        if used + column.width + BETWEEN > PAGE and len(part) > keys:
            yield part
            part, used = columns[:keys], start
        part = [*part, column]
        used += column.width + BETWEEN
    yield part


def _tabular(columns: list[_Column], heads: int) -> str:
    shape = "".join("l" if column.words else "r" for column in columns)
    lines = [" & ".join(cells) + r" \\" for cells in zip(*(column.cells for column in columns), strict=True)]
    lines[heads - 1] += r" \hline\rule{0pt}{2.6ex}%"  # the rule of no width keeps powers off the line above them
    body = "\n".join(lines)
    return f"\\begin{{tabular}}{{{shape}}}\n{body}\n\\end{{tabular}}\\par\\bigskip\n"
