"""What can be drawn, and the forms that a drawing can take: the table behind `mlp graph --format`.

The modules of a form are imported when it is asked for.
"""

from collections.abc import Callable
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from mlpcli.report.screen import Screen, written

if TYPE_CHECKING:
    from mlpcli.graph.characters import Plane
    from mlpcli.graph.graph import Graph
    from mlpcli.graph.neurons import Neurons
    from mlpcli.graph.picture import Picture


class Drawing(NamedTuple):
    """A graph or the units of a network, what it is of, and how many digits its numbers have."""

    shown: "Graph | Neurons"
    title: str
    digits: int
    note: str = ""  # what one must know to read its numbers

    def plane(self, screen: Screen) -> "Plane":
        """In characters, with the note below in as many lines as the screen needs for it."""
        from mlpcli.graph.neuron_text import neuron_text
        from mlpcli.graph.neurons import Neurons
        from mlpcli.graph.text import graph_text

        if isinstance(self.shown, Neurons):
            plane = neuron_text(self.shown, self.digits, screen)
        else:
            plane = graph_text(self.shown, self.digits, screen)
        if self.note:
            lines = wrap(written(self.note, screen.unicode), screen.room)
            plane.append([[], *([(line, "")] for line in lines)])
        return plane

    def picture(self) -> "Picture":
        """As shapes, with the note below."""
        from mlpcli.graph.graph_picture import graph_picture
        from mlpcli.graph.neuron_picture import neuron_picture
        from mlpcli.graph.neurons import Neurons
        from mlpcli.graph.picture import with_note

        if isinstance(self.shown, Neurons):
            return with_note(neuron_picture(self.shown, self.title, self.digits), self.note)
        return with_note(graph_picture(self.shown, self.title, self.digits), self.note)


# ----- Forms --------------------------------------------------------------------------------------------------------


class DrawingFormat(NamedTuple):
    """One row: a form, and its files."""

    name: str
    suffixes: tuple[str, ...]
    render: Callable[[Drawing, Screen], bytes]  # only text depends on where it is shown
    description: str
    binary: bool = False  # not for a terminal


def text(drawing: Drawing, screen: Screen) -> bytes:
    return drawing.plane(screen).text(screen).encode()


def dot(drawing: Drawing, screen: Screen) -> bytes:
    from mlpcli.graph.dot import dot_text

    return dot_text(*drawing).encode()


def mermaid(drawing: Drawing, screen: Screen) -> bytes:
    from mlpcli.graph.mermaid import mermaid_text

    return mermaid_text(*drawing).encode()


def svg(drawing: Drawing, screen: Screen) -> bytes:
    from mlpcli.graph.svg import svg_text

    return svg_text(drawing.picture()).encode()


def png(drawing: Drawing, screen: Screen) -> bytes:
    from mlpcli.graph.png import png_bytes

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
    """The form that the suffix of a file stands for."""
    suffix = Path(path).suffix.lower()
    return next((row for row in DRAWING_FORMATS.values() if suffix in row.suffixes), None)
