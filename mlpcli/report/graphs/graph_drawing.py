"""A computational graph to be drawn, in each medium that drawings have. Modules are imported where they are needed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpcli.core.graph import Graph

if TYPE_CHECKING:
    from mlpcli.report.graphs.canvas import Canvas
    from mlpcli.report.graphs.picture import Picture
    from mlpcli.report.screen import Screen


@dataclass(frozen=True)
class GraphDrawing:
    """The graph, what it is of, and how many digits its figures have."""

    graph: Graph
    title: str
    digits: int

    def canvas(self, screen: "Screen") -> "Canvas":
        from mlpcli.report.graphs.graph_text import graph_text

        return graph_text(self.graph, self.digits, screen)

    def dot(self) -> str:
        from mlpcli.report.graphs.graph_dot import graph_dot

        return graph_dot(self.graph, self.title, self.digits)

    def mermaid(self) -> str:
        from mlpcli.report.graphs.graph_mermaid import graph_mermaid

        return graph_mermaid(self.graph, self.title, self.digits)

    def picture(self) -> "Picture":
        from mlpcli.report.graphs.graph_picture import graph_picture

        return graph_picture(self.graph, self.title, self.digits)
