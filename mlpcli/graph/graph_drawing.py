"""A computational graph to be drawn, in each medium that drawings have. Modules are imported where they are needed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpcli.graph.graph import Graph

if TYPE_CHECKING:
    from mlpcli.graph.canvas import Canvas
    from mlpcli.graph.picture import Picture
    from mlpcli.report.screen import Screen


@dataclass(frozen=True)
class GraphDrawing:
    """The graph, what it is of, and how many digits its figures have."""

    graph: Graph
    title: str
    digits: int
    note: str = ""  # what one must know to read its figures

    def canvas(self, screen: "Screen") -> "Canvas":
        from mlpcli.graph.drawing_notes import note_on_canvas
        from mlpcli.graph.graph_text import graph_text

        return note_on_canvas(graph_text(self.graph, self.digits, screen), self.note, screen)

    def dot(self) -> str:
        from mlpcli.graph.graph_dot import graph_dot

        return graph_dot(self.graph, self.title, self.digits, self.note)

    def mermaid(self) -> str:
        from mlpcli.graph.graph_mermaid import graph_mermaid

        return graph_mermaid(self.graph, self.title, self.digits, self.note)

    def picture(self) -> "Picture":
        from mlpcli.graph.drawing_notes import note_on_picture
        from mlpcli.graph.graph_picture import graph_picture

        return note_on_picture(graph_picture(self.graph, self.title, self.digits), self.note)
