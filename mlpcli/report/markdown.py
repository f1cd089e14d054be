"""Reports in Markdown: formulas between `$$` where there are some, and tables."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mlpcli.report.equations import displays
from mlpcli.report.screen import Screen
from mlpcli.report.sheet import Cell, Mathematics, Report, Section, Sheet
from mlpcli.report.terminal import shown_column
from mlpcli.report.text import printable
from mlpcli.report.typesetting import typeset_in_line

if TYPE_CHECKING:
    from mlpcli.report.pictures.records import Picture


def markdown_text(report: Report, digits: int) -> str:
    """Sections with formulas, or else the sheets; a picture, and the closing lines."""
    if report.sections:
        parts = [part for section in report.sections for part in _section(section, digits)]
    else:
        parts = [_sheet(sheet, digits) for sheet in report.sheets]
    if report.picture is not None:
        parts.append(_picture(report.picture))
    closing = "\n".join(printable(line) + "\n" for line in report.closing)  # lines that follow each other are joined
    opening = [f"# {printable(report.title)}\n"] if report.title else []
    opening += [printable(line) + "\n" for line in report.opening]
    return "\n".join([*opening, *parts, *([closing] if closing else [])])


def _picture(picture: "Picture") -> str:
    """In characters, which need no second file."""
    from mlpcli.report.pictures.drawing import picture_text

    return f"```text\n{picture_text(picture, Screen(None, colour=False, unicode=True))}```\n"


def _section(section: Section, digits: int) -> Iterator[str]:
    """A heading and what is below it; a section that is one table has the table's."""
    if section.title != getattr(section.blocks[0], "title", ""):
        yield f"## {printable(section.title)}\n"
    for block in displays(section, digits):
        yield _sheet(block, digits) if isinstance(block, Sheet) else _display(block)


def _display(lines: Iterable[str]) -> str:
    """Lines that are aligned with each other."""
    rows = " \\\\\n".join(lines)
    return f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$\n"


def _sheet(sheet: Sheet, digits: int) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    columns = [_shown([row[k] for row in sheet.rows], digits) for k in range(len(sheet.columns))]
    return "\n".join(
        [
            f"**{printable(sheet.title)}**",
            "",
            line([printable(name) for name in sheet.columns]),
            line(["---" if word else "---:" for word in sheet.words]),
            *(line(list(cells)) for cells in zip(*columns, strict=True)),
            "",
        ]
    )


def _shown(cells: Sequence[Cell], digits: int) -> list[str]:
    texts = shown_column(cells, digits)
    pairs = zip(cells, texts, strict=True)
    return [f"${typeset_in_line(cell)}$" if isinstance(cell, Mathematics) else text for cell, text in pairs]
