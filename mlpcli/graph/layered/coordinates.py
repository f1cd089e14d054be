"""Places along the ranks: gone through up and down, with each vertex moving to where its neighbours are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from mlpcli.graph.layered.placing import placed
from mlpcli.graph.layered.vertices import Bend, Levels, Measures, Path, Ports, Vertex

SWEEPS = 8
COMPUTED, STARTS_SPINE, PASSES, FREE = 1e12, 1e8, 1e4, 1.0  # how firmly a vertex keeps its place against neighbours


class Pull(NamedTuple):
    """An edge draws a vertex to a place beside another."""

    to: Vertex
    beside: int
    on_spine: bool


Pulls = Mapping[Vertex, Sequence[Pull]]


@dataclass(frozen=True)
class Frame:
    """Everything but the places."""

    widths: Mapping[str, int]
    measures: Measures
    levels: Levels
    above: dict[Vertex, list[Pull]] = field(default_factory=dict)  # from the edges that lead to a vertex
    below: dict[Vertex, list[Pull]] = field(default_factory=dict)  # from those that leave it

    def half(self, vertex: Vertex) -> float:
        """Half of the room that a vertex takes."""
        return (self.measures.lane if isinstance(vertex, Bend) else self.widths[vertex]) / 2

    def distance(self, one: Vertex, two: Vertex) -> int:
        """How far the middles of neighbours are apart at the least."""
        return ceil(self.half(one) + self.half(two)) + self.measures.gap

    def firmness(self, vertex: Vertex) -> float:
        """Who gives way: what nothing leads to gives way to edges that pass, and these to what is on the spine."""
        if isinstance(vertex, Bend):
            return PASSES
        if vertex in self.above:
            return COMPUTED
        return STARTS_SPINE if any(pull.on_spine for pull in self.below.get(vertex, ())) else FREE


Places = dict[Vertex, int]


def frame_of(
    widths: Mapping[str, int],
    measures: Measures,
    levels: Levels,
    paths: Sequence[Path],
    ports: Ports,
    spine: set[int],
) -> Frame:
    """The frame, with what edges pull at."""
    frame = Frame(widths, measures, levels)
    for number, (path, (leaving, arriving)) in enumerate(zip(paths, ports, strict=True)):
        for start, end in pairwise(path):
            beside = (arriving if end == path[-1] else 0) - (leaving if start == path[0] else 0)
            frame.above.setdefault(end, []).append(Pull(start, -beside, number in spine))
            frame.below.setdefault(start, []).append(Pull(end, beside, number in spine))
    return frame


def coordinates(frame: Frame, paths: Sequence[Path], spine: set[int]) -> Places:
    """The places of all middles, whole numbers, the leftmost vertex beginning at 0."""
    places: Places = {}
    for level in frame.levels:
        _settle(places, frame, level, [0.0] * len(level))
    for _ in range(SWEEPS):
        for level in frame.levels[-2::-1]:
            _move(places, frame, level, frame.below)
        for level in frame.levels[1:]:
            _move(places, frame, level, frame.above)
    for chain in _chains(paths, spine):
        _straighten(places, frame, chain, [places[vertex] for vertex in chain])
    free = {vertex: pulls for vertex, pulls in frame.below.items() if vertex not in frame.above}
    for level in frame.levels:
        _move(places, frame, level, free)
    for path in paths:
        _straighten(places, frame, path[1:-1], [places[vertex] for vertex in path])
    left = ceil(min((place - frame.half(vertex) for vertex, place in places.items()), default=0))
    return {vertex: place - left for vertex, place in places.items()}


def _move(places: Places, frame: Frame, level: Sequence[Vertex], pulls: Pulls) -> None:
    """Every vertex of a rank to where the spine draws it, or else the mean of other edges; others stay if they can."""
    wanted = []
    for vertex in level:
        found = pulls.get(vertex, ())
        strongest = [pull for pull in found if pull.on_spine] or found
        drawn = [places[pull.to] + pull.beside for pull in strongest]
        wanted.append(sum(drawn) / len(drawn) if drawn else float(places[vertex]))
    _settle(places, frame, level, wanted)


def _settle(places: Places, frame: Frame, level: Sequence[Vertex], wanted: Sequence[float]) -> None:
    """Every vertex as near to where it is wanted as its neighbours let it."""
    distances = [frame.distance(one, two) for one, two in pairwise(level)]
    found = placed(wanted, [frame.firmness(vertex) for vertex in level], distances)
    places.update({vertex: floor(place + 0.5) for vertex, place in zip(level, found, strict=True)})


def _chains(paths: Sequence[Path], spine: set[int]) -> list[list[Vertex]]:
    """What is computed along the spine, one from the other, each vertex in one chain."""
    found: dict[Vertex, list[Vertex]] = {}  # by what a chain ends with
    for number, path in enumerate(paths):
        if number in spine:
            found[path[-1]] = [*found.pop(path[0], []), *path[1:]]
    return list(found.values())


def _straighten(places: Places, frame: Frame, vertices: Sequence[Vertex], tried: Sequence[int]) -> None:
    """Vertices of different ranks below each other, at the first of the places that are tried where all have room."""
    for place in tried:
        if all(_has_room(places, frame, vertex, place) for vertex in vertices):
            places.update(dict.fromkeys(vertices, place))
            return


def _has_room(places: Places, frame: Frame, vertex: Vertex, place: int) -> bool:
    """Whether a vertex could stand there between its neighbours."""
    level = next(level for level in frame.levels if vertex in level)
    index = level.index(vertex)
    left, right = level[max(index - 1, 0) : index], level[index + 1 : index + 2]
    return all(place - places[other] >= frame.distance(other, vertex) for other in left) and all(
        places[other] - place >= frame.distance(vertex, other) for other in right
    )
