"""Reports in Markdown: formulas between `$$` where there are some, and tables."""

from collections.abc import Iterable, Iterator, Sequence

from mlpcli.report.curves import Panels
from mlpcli.report.equations import displays
from mlpcli.report.markdown_text import escaped, line_of
from mlpcli.report.screen import Screen
from mlpcli.report.sheet import Cell, Mathematics, Report, Section, Sheet
from mlpcli.report.terminal import shown_column
from mlpcli.report.typesetting import typeset_in_line


def markdown_text(report: Report, digits: int) -> str:
    """Sections with formulas, or else the sheets; curves, and the closing lines."""
    if report.sections:
        parts = [part for section in report.sections for part in _section(section, digits)]
    else:
        parts = [_sheet(sheet, digits) for sheet in report.sheets]
    if report.picture is not None:
        parts.append(_curves(report.picture))
    closing = "\n".join(escaped(line) + "\n" for line in report.closing)  # lines that follow each other are joined
    opening = [f"# {escaped(report.title)}\n"] if report.title else []
    opening += [escaped(line) + "\n" for line in report.opening]
    return "\n".join([*opening, *parts, *([closing] if closing else [])])


def _curves(panels: Panels) -> str:
    """In characters, which need no second file."""
    from mlpcli.report.curves_text import curves_text

    return f"```text\n{curves_text(panels, Screen(None, colour=False, unicode=True))}```\n"


def _section(section: Section, digits: int) -> Iterator[str]:
    """A heading and what is below it; a section that is one table has the table's."""
    if section.title != getattr(section.blocks[0], "title", ""):
        yield f"## {escaped(section.title)}\n"
    for block in displays(section, digits):
        yield _sheet(block, digits) if isinstance(block, Sheet) else _display(block)


def _display(lines: Iterable[str]) -> str:
    """Lines that are aligned with each other."""
    rows = " \\\\\n".join(lines)
    return f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$\n"


def _sheet(sheet: Sheet, digits: int) -> str:
    columns = [_shown([cells[k] for cells in sheet.rows], digits) for k in range(len(sheet.columns))]
    return "\n".join(
        [
            f"**{escaped(sheet.title)}**",
            "",
            line_of(map(escaped, sheet.columns)),
            line_of(["---" if word else "---:" for word in sheet.words]),
            *(line_of(cells) for cells in zip(*columns, strict=True)),
            "",
        ]
    )


def _shown(cells: Sequence[Cell], digits: int) -> list[str]:
    pairs = zip(cells, shown_column(cells, digits), strict=True)
    return [
        f"${typeset_in_line(cell)}$" if isinstance(cell, Mathematics) else _text(cell, text) for cell, text in pairs
    ]


def _text(cell: Cell, number: str) -> str:
    return escaped(cell) if isinstance(cell, str) else number
