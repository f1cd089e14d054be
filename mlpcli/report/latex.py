"""Reports as a complete LaTeX document for pdflatex and amsmath: formulas, and tables."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from mlpcli.report.equations import LETTER, PAGE, WIDTHS, Box, displays, width
from mlpcli.report.notation import INDICES, LOWERED, RAISED, SCRIPTS
from mlpcli.report.sheet import Blocks, Cell, Mathematics, Report, Section, Sheet, are_words, side_by_side
from mlpcli.report.terminal import UNDEFINED
from mlpcli.report.text import printable
from mlpcli.report.typesetting import LETTERS, NUMBERS, SIGNS, typeset_in_line, typeset_number

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
WIDEST = PAGE / 2 - BETWEEN  # points of a text; the rest continues below


def latex_report(report: Report, digits: int) -> str:
    """Sections with formulas, or else the sheets; and the closing lines."""
    title = f"\\section*{{{latex_text(report.title)}}}\n" if report.title else ""
    opening, closing = (
        "".join(f"\n{latex_text(line)}\n" for line in lines) for lines in (report.opening, report.closing)
    )
    parts = [part for section in report.parts for part in _section(section, digits)]
    return HEAD + title + opening + "".join(parts) + closing + END


def latex_rows(columns: tuple[str, ...], keys: int, blocks: Blocks, digits: int) -> Iterator[str]:
    """A document with tables of as many rows as fit on a page."""
    yield HEAD
    for block in blocks:
        yield from _tables(Sheet("", columns, tuple(map(tuple, block)), keys), digits)
    yield END


def _section(section: Section, digits: int) -> Iterator[str]:
    """A heading and its blocks."""
    if section.heading:
        yield _heading(section.heading)
    for block in displays(section, digits):
        if isinstance(block, Sheet):
            yield _heading(block.title)
            yield from _tables(block, digits)
        else:
            yield _display(block)


def _heading(title: str) -> str:
    return f"\n\\subsection*{{{latex_text(title)}}}\n"


def _display(lines: Iterable[str]) -> str:
    """Lines aligned with each other. A page may end after any but the first."""
    rows = " \\\\\n".join(lines).replace(" \\\\\n&=", " \\\\*\n&=", 1)
    return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}\n"


# ----- Tables -------------------------------------------------------------------------------------------------------

Line = tuple[Cell, ...]


class _LatexColumn(NamedTuple):
    """A column in LaTeX."""

    cells: list[str]
    words: bool  # rather than numbers
    width: float  # points


def _tables(sheet: Sheet, digits: int) -> Iterator[str]:
    """The sheet in parts that fit on a page. Each begins with headings, and with the columns that identify a row."""
    heads = list(_wrapped(sheet.columns))
    lines = [line for row in sheet.rows for line in _wrapped(row)]
    for start in range(0, max(1, len(lines)), LINES):
        part = lines[start : start + LINES]
        columns = [_column(heads, part, k, digits) for k in range(len(sheet.columns))]
        for beside in side_by_side(columns, sheet.keys, lambda block: sum(c.width + BETWEEN for c in block) <= PAGE):
            yield _tabular(beside, len(heads))


def _wrapped(row: Line) -> Iterator[Line]:
    """A row on as many lines as its longest text needs, with nothing below its other cells."""
    cells = [
        _text_lines(str(cell)) if are_words(cell) and not isinstance(cell, Mathematics) else (cell,) for cell in row
    ]
    yield from zip_longest(*cells, fillvalue="")


@lru_cache  # cells of long tables repeat words
def _text_lines(text: str) -> tuple[Cell, ...]:
    """A text in lines, which end between words if possible."""
    lines = [""]
    for piece in re.findall(r"\S{1,20}\s*", writable(text)):
        if text_points(lines[-1] + piece) > WIDEST:
            lines.append("")
        lines[-1] += piece
    return tuple(line.strip() for line in lines)


def _column(heads: Sequence[Line], lines: Sequence[Line], k: int, digits: int) -> _LatexColumn:
    boxes = [_cell(line[k], digits) for line in (*heads, *lines)]
    words = any(are_words(line[k]) and line[k] for line in lines)
    return _LatexColumn([cell.latex for cell in boxes], words, max([cell.width for cell in boxes]))


def _cell(cell: Cell, digits: int) -> Box:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        cell = UNDEFINED
    if isinstance(cell, str):
        return _words(cell)
    return _in_line(str(cell) if isinstance(cell, int) else typeset_number(cell, digits))


@lru_cache(typed=True)
def _words(cell: str) -> Box:
    if isinstance(cell, Mathematics):
        return _in_line(typeset_in_line(cell))
    return Box(latex_text(cell), text_points(cell))


def _in_line(mathematics: str) -> Box:
    return Box(f"${mathematics}$", width(mathematics))


def _tabular(columns: list[_LatexColumn], heads: int) -> str:
    shape = "".join("l" if column.words else "r" for column in columns)
    lines = [" & ".join(cells) + r" \\" for cells in zip(*(column.cells for column in columns), strict=True)]
    lines[heads - 1] += r" \hline\rule{0pt}{2.6ex}%"  # a rule without width keeps powers away from the line above
    body = "\n".join(lines)
    return f"\\begin{{tabular}}{{{shape}}}\n{body}\n\\end{{tabular}}\\par\\bigskip\n"


# ----- Text: commands of LaTeX are escaped, and what is not ASCII is written in commands ----------------------------

ESCAPES = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "`": r"\textasciigrave{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''",
    "-": "-{}", "[": "{[}", "]": "{]}", "*": "{*}",  # else -- is a dash, and [ or * after the end of a row is a command
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}",
    "ł": r"\l{}", "Ł": r"\L{}", "…": r"\dots{}", "–": "--", "—": "---", "’": "'", "→": r"$\to$", "√": r"$\surd$",
    "ı": r"\i{}", "£": r"\pounds{}", "§": r"\S{}", "°": r"$^\circ$", "µ": r"$\mu$", "\N{NO-BREAK SPACE}": "~",
    "⌈": r"$\lceil$", "⌉": r"$\rceil$", "⌊": r"$\lfloor$", "⌋": r"$\rfloor$",
}  # fmt: skip
ASCII_ESCAPES = str.maketrans(ESCAPES)
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u ", "\u0307": ".",
    "\u0308": '"', "\u030a": "r ", "\u030b": "H ", "\u030c": "v ", "\u0323": "d ", "\u0327": "c ", "\u0331": "b ",
}  # fmt: skip
MATHEMATICS = {**LETTERS, **SIGNS, **NUMBERS}
UNBROKEN = 24  # characters of a word after which a line may end anywhere
_SCRIPTS = re.compile(f"([{RAISED}]+)|({INDICES})")
_LETTER = re.compile(r"[A-Za-z][\u0300-\u036f]|.", re.DOTALL)  # with an accent that it is not composed with, as in W̃


@lru_cache
def latex_text(text: str) -> str:
    """The text for a paragraph, a heading or a cell. Several spaces stay several, as those before a line of code."""
    return " ".join(_word(word) if word or not text else "~" for word in writable(text).split(" "))


def writable(text: str) -> str:
    """The text; a letter without a LaTeX command becomes its number, as in [U+4E2D]."""
    if text.isascii():
        return printable(text)
    text = printable(unicodedata.normalize("NFC", text))
    return "".join([letter if letter.isascii() else _told(letter) for letter in _LETTER.findall(text)])


@lru_cache
def text_points(text: str) -> float:
    """The width of the text in points at 10 pt, estimated."""
    return sum(WIDTHS.get(character, LETTER) for character in writable(text))


def _told(letter: str) -> str:
    if letter in RAISED + LOWERED or _command(letter):
        return letter
    return "".join(c if c.isascii() else f"[U+{ord(c):04X}]" for c in letter)


def _word(word: str) -> str:
    """A long word, such as a path, may be broken."""
    chunks = [word[start : start + UNBROKEN] for start in range(0, len(word), UNBROKEN)]
    return r"\allowbreak{}".join(map(_characters, chunks))


def _characters(text: str) -> str:
    if text.isascii():
        return text.translate(ASCII_ESCAPES)
    found, end = "", 0
    for scripts in _SCRIPTS.finditer(text):
        sign = "^" if scripts[1] else "_"
        found += _letters(text[end : scripts.start()]) + f"${sign}{{{scripts[0].translate(SCRIPTS)}}}$"
        end = scripts.end()
    return found + _letters(text[end:])


def _letters(text: str) -> str:
    return "".join(map(_letter, _LETTER.findall(text)))


def _letter(letter: str) -> str:
    return ESCAPES.get(letter) or (letter if letter.isascii() else _command(letter))


def _command(letter: str) -> str:
    """The command for a letter that is not ASCII, or nothing."""
    if letter in MATHEMATICS:
        return f"${MATHEMATICS[letter]}$"
    decomposed = unicodedata.normalize("NFD", letter)
    base, mark = decomposed[0], decomposed[1:]
    accented = f"\\{ACCENTS[mark]}{{{base}}}" if mark in ACCENTS and base.isascii() else ""
    return ESCAPES.get(letter, accented)
