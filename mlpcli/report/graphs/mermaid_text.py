"""What all drawings for Mermaid have in common: labels, and the lines below a drawing.

Labels have neither double quotes, which end them, nor semicolons, of which Mermaid takes some away.
"""

from collections.abc import Iterable

from mlpcli.report.graphs.picture import INK, PURPOSES, TextLine


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
