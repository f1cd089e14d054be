"""A layered drawing, apart from its medium: which rank and where along it each node stands, and the way of each edge.

Units are whole: pixels, or characters. An edge that passes ranks has a bend in each, a lane that it keeps to itself, so
that no edge runs through a node.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from mlpcli.graph.layered.coordinates import coordinates, frame_of
from mlpcli.graph.layered.ordering import ordered
from mlpcli.graph.layered.ports import ports_of, spine_of
from mlpcli.graph.layered.ranks import ranks
from mlpcli.graph.layered.vertices import Link, Measures, Path, Ports, Vertex, paths_of, segments_of
from mlpcli.graph.layered.walking import first_levels


@dataclass(frozen=True)
class Layout:
    """Ranks from the top, places (of middles) from the left."""

    ranks: tuple[tuple[Vertex, ...], ...]
    place: Mapping[Vertex, int]
    width: int
    paths: tuple[Path, ...]
    ports: Ports

    def segments(self, number: int) -> Iterator[tuple[Vertex, int, Vertex, int]]:
        """An edge from rank to rank: each time from a vertex and a place to the next."""
        path, (leaving, arriving) = self.paths[number], self.ports[number]
        for start, end in pairwise(path):
            begins = self.place[start] + (leaving if start == path[0] else 0)
            yield start, begins, end, self.place[end] + (arriving if end == path[-1] else 0)


def layout(widths: Mapping[str, int], links: Sequence[Link], measures: Measures) -> Layout:
    """The drawing of a graph whose nodes come in the order in which they are computed, each with its width."""
    rank = ranks(list(widths), links)
    paths = paths_of(links, rank)
    levels = ordered(first_levels(rank, links, paths), segments_of(paths))
    spine = spine_of(list(widths), links)
    ports = ports_of(widths, links, paths, levels, spine, measures)
    frame = frame_of(widths, measures, levels, paths, ports, spine)
    place = coordinates(frame, paths, spine)
    width = max((place[vertex] + frame.half(vertex) for vertex in place), default=0)
    return Layout(tuple(map(tuple, levels)), place, ceil(width), paths, ports)
