"""What all drawings for Mermaid have in common: labels, and the lines below a drawing.

Labels have neither double quotes, which end them, nor semicolons, of which Mermaid takes some away.
"""

import re
from collections.abc import Iterable

from mlpcli.graph.picture import INK, PURPOSES, TextLine


def escaped(text: str) -> str:
    """Text from a file: all but letters, digits and what is harmless as numbers, which Mermaid reads as entities.

    So there is no mark-up in it. A word joiner, which nobody sees, parts what would be a formula between $$, a line
    break as \\n, or an icon behind fa: all the same. It is not for lines in colours: Mermaid reads their style and what
    follows up to a semicolon as a statement, and takes that semicolon away.
    """
    apart = re.sub(r"[$\\:]", lambda found: found[0] + "\N{WORD JOINER}", text)
    return re.sub(r"[^\w .,()…-]", lambda found: f"#{ord(found[0])};", apart)


def label(lines: Iterable[TextLine]) -> str:
    """Lines below each other, each in its colour and never broken; those in ink are as the reader's page has them."""
    return '"' + "<br/>".join(_coloured(*line) for line in lines if line[0]) + '"'


def _coloured(text: str, purpose: str) -> str:
    if purpose == INK:
        return text
    unbroken = text.replace(" ", "\N{NO-BREAK SPACE}")
    return f"<span style='color:{PURPOSES[purpose].fill}'>{unbroken}</span>"


def legend_node(lines: Iterable[TextLine], last: str) -> str:
    """A node without an outline behind the last one, where there is something to say."""
    text = label(lines)
    if text == '""':
        return ""
    return f"  legend[{text}]\n  {last} ~~~ legend\n  style legend fill:none,stroke:none\n"
