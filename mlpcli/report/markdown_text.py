"""Text in Markdown: shown as it is, whatever Markdown or HTML would make of it."""

from collections.abc import Iterable

from mlpcli.report.text import printable

HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
MARKUP = "\\`*_~[$|"  # an escape, code, emphasis, deletion, links and images, formulas, cells of a table
ESCAPES = str.maketrans({**HTML, **{sign: f"\\{sign}" for sign in MARKUP}})


def escaped(text: str) -> str:
    """Text from a file or a file name, and our own, which may have the same signs: W1[1,1]."""
    return printable(text).translate(ESCAPES)


def line_of(cells: Iterable[str]) -> str:
    """A line of a table, of cells that are escaped."""
    return "| " + " | ".join(cells) + " |"
