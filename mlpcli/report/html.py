"""Reports as a web page in one file: light and dark, on paper and on a phone, with and without JavaScript."""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from mlpcli.report.html_formulas import Origins, formula_html
from mlpcli.report.html_text import mathematics, number, plain
from mlpcli.report.sheet import Blocks, Cell, Formula, Mathematics, Report, Section, Sheet
from mlpcli.report.terminal import UNDEFINED

HEADINGS = {
    "trace": "Back-propagation, number by number",
    "forward": "Forward pass",
    "evaluation": "Evaluation",
    "functions": "Activations, losses, tasks",
}  # by the kind of report; any other has the title of its first section
PARTS = ("given", "forward", "loss", "backward", "update")  # each with its own color
END = "</body>\n</html>\n"
HINT = '<p class="hint">Each underlined number links to its sum.</p>\n'


def html_report(report: Report, digits: int) -> str:
    """One page: formulas if the report has them, else its tables."""
    sections = report.parts
    heading = report.title or HEADINGS.get(report.kind) or (sections[0].title if sections else report.kind)
    origins = Origins()
    body = "".join(_section(place, section, heading, digits, origins) for place, section in enumerate(sections, 1))
    opening = "".join(f"<p>{plain(line)}</p>\n" for line in report.opening)
    frame = _head(heading) + _contents(sections) + "<main>\n" + opening + _summary(report.closing)
    if report.picture:
        from mlpcli.report.html_curves import curves_html

        frame += curves_html(report.picture)
    return f"{frame}{HINT if origins.known else ''}{body}</main>\n{_script() if origins.known else ''}{END}"


def html_rows(columns: tuple[str, ...], keys: int, blocks: Blocks, digits: int) -> Iterator[str]:
    """A page with one table of predictions."""
    words = [place < keys for place in range(len(columns))]
    yield _head("Predictions") + '<main>\n<div class="sheet">\n<table>\n' + _columns(columns, words) + "<tbody>\n"
    for block in blocks:
        yield "".join(_row(row, words, keys, digits) for row in block)
    yield "</tbody>\n</table>\n</div>\n</main>\n" + END


# ----- The frame: one file that loads nothing else --------------------------------------------------------------------


def _head(title: str) -> str:
    """Everything up to the first heading. The page may load nothing, and run no script but its own."""
    style = _asset("page.css")
    policy = f"default-src 'none'; style-src {_fingerprint(style)}; script-src {_fingerprint(_asset('page.js'))}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{plain(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<h1>{plain(title)}</h1>\n"
    )


def _script() -> str:
    """The script that shows a sum beside its number. It is at the end of the page, after everything that it needs."""
    return f"<script>{_asset('page.js')}</script>\n"


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _fingerprint(text: str) -> str:
    """The hash by which a browser recognizes the script and the style of the page."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


# ----- Parts of the page --------------------------------------------------------------------------------------------


def _contents(sections: Sequence[Section]) -> str:
    """Links to the sections, if there are three or more."""
    if len(sections) < 3:
        return ""
    short = [re.split(r"[:;]| \(", section.title)[0].strip() for section in sections]
    times = Counter(short)
    names = [name if times[name] == 1 else section.title for name, section in zip(short, sections, strict=True)]
    items = "".join(f'<li><a href="#part-{place}">{plain(name)}</a></li>\n' for place, name in enumerate(names, 1))
    return f'<nav aria-label="Contents">\n<ol>\n{items}</ol>\n</nav>\n'


def _section(place: int, section: Section, heading: str, digits: int, origins: Origins) -> str:
    blocks = ""
    for row, block in enumerate(section.blocks, 1):
        if isinstance(block, Formula):
            blocks += formula_html(block, f"sum-{place}-{row}", section.title, digits, origins)
        else:
            blocks += _sheet(block, digits, block.title != section.title)
    kind = next((part for part in PARTS if part in section.title.lower()), "other")
    title = f"<h2>{plain(section.title)}</h2>\n" if section.title != heading else ""
    return f'<section id="part-{place}" class="{kind}">\n{title}{blocks}</section>\n'


def _summary(closing: Sequence[str]) -> str:
    """The closing lines of a table. A page, which may be long, begins with them."""
    if not closing:
        return ""
    lines = "".join(f"<p>{plain(line)}</p>\n" for line in closing)
    return f'<div class="summary">\n{lines}</div>\n'


# ----- Tables -------------------------------------------------------------------------------------------------------


def _sheet(sheet: Sheet, digits: int, titled: bool) -> str:
    """A table, which scrolls in its own box if it is too wide."""
    words = sheet.words
    rows = "".join(_row(row, words, sheet.keys, digits) for row in sheet.rows)
    title = plain(sheet.title)
    caption = f"<caption>{title}</caption>\n" if titled else ""
    return (
        f'<div class="sheet" role="region" aria-label="{title}" tabindex="0">\n<table>\n{caption}'
        f"{_columns(sheet.columns, words)}<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _columns(names: Sequence[str], words: Sequence[bool]) -> str:
    cells = "".join(f'<th scope="col"{_side(word)}>{plain(name)}</th>' for name, word in zip(names, words, strict=True))
    return f"<thead>\n<tr>{cells}</tr>\n</thead>\n"


def _row(row: Sequence[Cell], words: Sequence[bool], keys: int, digits: int) -> str:
    """The first cells identify the row."""
    cells = "".join(
        f'<th scope="row"{_side(word)}>{_shown(cell, digits)}</th>'
        if k < keys
        else f"<td{_side(word)}>{_shown(cell, digits)}</td>"
        for k, (cell, word) in enumerate(zip(row, words, strict=True))
    )
    return f"<tr>{cells}</tr>\n"


def _side(word: bool) -> str:
    return ' class="word"' if word else ""


def _shown(cell: Cell, digits: int) -> str:
    if cell is None:
        return UNDEFINED
    if isinstance(cell, Mathematics):
        return mathematics(cell)
    return plain(cell) if isinstance(cell, str) else number(cell, digits)
