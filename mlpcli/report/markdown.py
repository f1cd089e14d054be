"""Reports in Markdown: formulas between `$$`, tables, and curves in characters."""

from collections.abc import Iterable, Iterator, Sequence

from mlpcli.report.curves import Panels
from mlpcli.report.equations import displays
from mlpcli.report.renderers import prediction_cells
from mlpcli.report.sheet import Blocks, Cell, Mathematics, Report, Section, Sheet
from mlpcli.report.terminal import shown_column
from mlpcli.report.text import Screen, printable
from mlpcli.report.typesetting import typeset_in_line

HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
MARKUP = "\\`*_~[$|"  # an escape, code, emphasis, deletion, links and images, formulas, cells of a table
ESCAPES = str.maketrans({**HTML, **{sign: f"\\{sign}" for sign in MARKUP}})


def markdown_report(report: Report, digits: int) -> str:
    """Sections with formulas, or else the sheets; curves, and the closing lines."""
    opening = [f"# {escaped(report.title)}\n"] if report.title else []
    opening += [escaped(line) + "\n" for line in report.opening]
    parts = [part for section in report.parts for part in _section(section, digits)]
    if report.picture:
        parts.append(_curves(report.picture))
    closing = "\n".join(escaped(line) + "\n" for line in report.closing)  # Markdown joins lines without a gap
    return "\n".join([*opening, *parts, *([closing] if closing else [])])


def markdown_rows(columns: tuple[str, ...], keys: int, blocks: Blocks, digits: int) -> Iterator[str]:
    """A table of predictions."""
    yield f"{_line(map(escaped, columns))}\n{_line(['---'] * keys + ['---:'] * (len(columns) - keys))}\n"
    for block in blocks:
        yield "".join(f"{_line(prediction_cells(row, digits, escaped))}\n" for row in block)


def escaped(text: str) -> str:
    """Text with escapes, so that nothing in it is read as Markdown or HTML. Names such as W1[1,1] need this too."""
    return printable(text).translate(ESCAPES)


def _section(section: Section, digits: int) -> Iterator[str]:
    """A heading and its blocks."""
    if section.heading:
        yield f"## {escaped(section.heading)}\n"
    for block in displays(section, digits):
        yield _sheet(block, digits) if isinstance(block, Sheet) else _display(block)


def _display(lines: Iterable[str]) -> str:
    """Lines aligned with each other."""
    rows = " \\\\\n".join(lines)
    return f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$\n"


def _curves(panels: Panels) -> str:
    """Curves in characters, which need no second file."""
    from mlpcli.report.curves_text import curves_text

    return f"```text\n{curves_text(panels, Screen(None, color=False, unicode=True))}```\n"


# ----- Tables -------------------------------------------------------------------------------------------------------


def _sheet(sheet: Sheet, digits: int) -> str:
    columns = [_column([cells[k] for cells in sheet.rows], digits) for k in range(len(sheet.columns))]
    return "\n".join(
        [
            f"**{escaped(sheet.title)}**",
            "",
            _line(map(escaped, sheet.columns)),
            _line(["---" if word else "---:" for word in sheet.words]),
            *(_line(cells) for cells in zip(*columns, strict=True)),
            "",
        ]
    )


def _column(cells: Sequence[Cell], digits: int) -> list[str]:
    pairs = zip(cells, shown_column(cells, digits), strict=True)
    return [
        f"${typeset_in_line(cell)}$" if isinstance(cell, Mathematics) else _text(cell, text) for cell, text in pairs
    ]


def _text(cell: Cell, number: str) -> str:
    return escaped(cell) if isinstance(cell, str) else number


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
