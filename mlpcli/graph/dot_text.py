"""What all drawings in Graphviz's language, DOT, have in common: text in it, and the lines below a drawing."""

from collections.abc import Iterable
from html import escape

from mlpcli.graph.picture import PURPOSES
from mlpcli.report.text import printable


def plain(text: str) -> str:
    """Text in DOT's own mark-up, which is like HTML's."""
    return escape(printable(text))


def coloured(text: str, purpose: str) -> str:
    """Text in its colour, in mark-up."""
    return f'<FONT COLOR="{PURPOSES[purpose].fill}">{plain(text)}</FONT>' if text else ""


def quoted(text: str) -> str:
    """Text as a string."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def below(lines: Iterable[str]) -> str:
    """The attribute of a graph that writes lines, in mark-up, below it."""
    text = "".join(f'{line}<BR ALIGN="LEFT"/>' for line in lines if line)
    return f"  graph [labelloc=b, labeljust=l, label=<{text}>]\n" if text else ""
