"""The forms that a drawing can take: the table behind `mlp graph --format`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mlpcli.graph.canvas import Canvas
    from mlpcli.graph.picture import Picture
    from mlpcli.report.screen import Screen


class Drawing(Protocol):
    """What can be drawn in each medium."""

    def canvas(self, screen: "Screen") -> "Canvas": ...
    def dot(self) -> str: ...
    def mermaid(self) -> str: ...
    def picture(self) -> "Picture": ...


@dataclass(frozen=True)
class DrawingFormat:
    """One row: a form, and its files."""

    name: str
    suffixes: tuple[str, ...]
    render: Callable[[Drawing, "Screen"], bytes]  # only text depends on where it is shown
    description: str
    binary: bool = False  # nothing for a terminal


def text(drawing: Drawing, screen: "Screen") -> bytes:
    return drawing.canvas(screen).text(screen).encode()


def dot(drawing: Drawing, screen: "Screen") -> bytes:
    return drawing.dot().encode()


def mermaid(drawing: Drawing, screen: "Screen") -> bytes:
    return drawing.mermaid().encode()


def svg(drawing: Drawing, screen: "Screen") -> bytes:
    from mlpcli.graph.picture_svg import svg_text

    return svg_text(drawing.picture()).encode()


def png(drawing: Drawing, screen: "Screen") -> bytes:
    from mlpcli.graph.picture_png import png_bytes

    return png_bytes(drawing.picture())


DRAWING_FORMATS = {
    row.name: row
    for row in (
        DrawingFormat("text", (".txt",), text, "characters, for a terminal"),
        DrawingFormat("dot", (".dot", ".gv"), dot, "for Graphviz"),
        DrawingFormat("mermaid", (".mmd", ".mermaid"), mermaid, "for Markdown on GitHub and GitLab"),
        DrawingFormat("svg", (".svg",), svg, "a picture for pages and print"),
        DrawingFormat("png", (".png",), png, "a picture in pixels", binary=True),
    )
}


def format_of(path: str) -> DrawingFormat | None:
    """The form that the suffix of a file tells."""
    suffix = Path(path).suffix.lower()
    return next((row for row in DRAWING_FORMATS.values() if suffix in row.suffixes), None)
