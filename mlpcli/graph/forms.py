"""What can be drawn, and the forms of a drawing: the table behind `mlp graph --format`.

The modules of a form are imported only if it is used.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mlpcli.core.families import later
from mlpcli.report.text import Screen

if TYPE_CHECKING:
    from mlpcli.graph.nodes import Graph
    from mlpcli.graph.shapes import Picture


class Drawing(NamedTuple):
    """A graph with a title, how many digits its numbers have, and how to read them."""

    shown: "Graph"
    title: str
    digits: int
    note: str = ""

    def text(self, screen: Screen) -> str:
        """In characters: the ladder, or units in tables; with the note below."""
        from mlpcli.graph.ladder_text import ladder_text
        from mlpcli.graph.unit_text import units_text
        from mlpcli.report.terminal import folded_line

        drawn = (units_text if self.shown.columns else ladder_text)(self.shown, self.digits, screen)
        return f"{drawn}\n{folded_line(self.note, screen)}\n" if self.note else drawn

    def picture(self) -> "Picture":
        """As shapes."""
        from mlpcli.graph.picture import graph_picture

        return graph_picture(*self)


class DrawingFormat(NamedTuple):
    """One row: a form, and its files."""

    name: str
    suffixes: tuple[str, ...]
    render: Callable[[Drawing, Screen], bytes]  # only text depends on the screen
    description: str
    binary: bool = False  # not for a terminal


def _text(drawing: Drawing, screen: Screen) -> bytes:
    return drawing.text(screen).encode()


def _of_graph(module: str) -> Callable[[Drawing, Screen], bytes]:
    """A form in a separate module, which has `NAME_text` of a graph with its title, digits and note."""
    text = later(f"graph.{module}.{module}_text")
    return lambda drawing, screen: text(*drawing).encode()


def _of_picture(module: str) -> Callable[[Drawing, Screen], bytes]:
    """A form in a separate module, which has `NAME_bytes` of a picture."""
    content = later(f"graph.{module}.{module}_bytes")
    return lambda drawing, screen: content(drawing.picture())


DRAWING_FORMATS = {
    row.name: row
    for row in (
        DrawingFormat("text", (".txt",), _text, "characters, for a terminal"),
        DrawingFormat("dot", (".dot", ".gv"), _of_graph("dot"), "for Graphviz"),
        DrawingFormat("mermaid", (".mmd", ".mermaid"), _of_graph("mermaid"), "for Markdown on GitHub and GitLab"),
        DrawingFormat("svg", (".svg",), _of_picture("svg"), "a picture for pages and print"),
        DrawingFormat("png", (".png",), _of_picture("png"), "a picture in pixels", binary=True),
    )
}


def format_of(path: str) -> DrawingFormat | None:
    """The form with this suffix of a file name."""
    suffix = Path(path).suffix.lower()
    return next((row for row in DRAWING_FORMATS.values() if suffix in row.suffixes), None)
