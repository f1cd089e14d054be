"""Places along the ranks: gone through up and down, with each vertex moving to where its neighbours are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from mlpcli.report.graphs.layered.placing import placed
from mlpcli.report.graphs.layered.vertices import Bend, Levels, Measures, Path, Ports, Vertex

SWEEPS = 8
ON_SPINE, ASIDE = 1000.0, 1.0  # how strongly an edge draws
COMPUTED, STARTS_SPINE, PASSES, FREE = 1e12, 1e8, 1e4, 1.0  # how firmly a vertex keeps its place against neighbours


class Pull(NamedTuple):
    """An edge draws a vertex to a place beside another."""

    to: Vertex
    beside: int
    strength: float


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
        return STARTS_SPINE if any(pull.strength == ON_SPINE for pull in self.below.get(vertex, ())) else FREE


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
        strength = ON_SPINE if number in spine else ASIDE
        for start, end in pairwise(path):
            beside = (arriving if end == path[-1] else 0) - (leaving if start == path[0] else 0)
            frame.above.setdefault(end, []).append(Pull(start, -beside, strength))
            frame.below.setdefault(start, []).append(Pull(end, beside, strength))
    return frame


def coordinates(frame: Frame, paths: Sequence[Path]) -> Places:
    """The places of all middles, whole numbers, the leftmost vertex beginning at 0."""
    places: Places = {}
    for level in frame.levels:
        _settle(places, frame, level, [0.0] * len(level))
    for _ in range(SWEEPS):
        for level in frame.levels[-2::-1]:
            _move(places, frame, level, frame.below)
        for level in frame.levels[1:]:
            _move(places, frame, level, frame.above)
    free = {vertex: pulls for vertex, pulls in frame.below.items() if vertex not in frame.above}
    for level in frame.levels:
        _move(places, frame, level, free)
    for path in paths:
        _straighten(places, frame, path[1:-1])
    left = ceil(min((place - frame.half(vertex) for vertex, place in places.items()), default=0))
    return {vertex: place - left for vertex, place in places.items()}


def _move(places: Places, frame: Frame, level: Sequence[Vertex], pulls: Pulls) -> None:
    """Every vertex of a rank to the weighted mean of where it is drawn to; others stay as far as they can."""
    wanted = []
    for vertex in level:
        found = pulls.get(vertex, ())
        total = sum(pull.strength for pull in found)
        drawn = sum((places[pull.to] + pull.beside) * pull.strength for pull in found)
        wanted.append(drawn / total if found else float(places[vertex]))
    _settle(places, frame, level, wanted)


def _settle(places: Places, frame: Frame, level: Sequence[Vertex], wanted: Sequence[float]) -> None:
    """Every vertex as near to where it is wanted as its neighbours let it."""
    distances = [frame.distance(one, two) for one, two in pairwise(level)]
    found = placed(wanted, [frame.firmness(vertex) for vertex in level], distances)
    places.update({vertex: floor(place + 0.5) for vertex, place in zip(level, found, strict=True)})


def _straighten(places: Places, frame: Frame, bends: Sequence[Vertex]) -> None:
    """All bends of an edge below each other, at the first place of one of them where all have room."""
    for place in dict.fromkeys(places[bend] for bend in bends):
        if all(_has_room(places, frame, bend, place) for bend in bends):
            places.update(dict.fromkeys(bends, place))
            return


def _has_room(places: Places, frame: Frame, vertex: Vertex, place: int) -> bool:
    """Whether a vertex could stand there between its neighbours."""
    level = next(level for level in frame.levels if vertex in level)
    index = level.index(vertex)
    left, right = level[max(index - 1, 0) : index], level[index + 1 : index + 2]
    return all(place - places[other] >= frame.distance(other, vertex) for other in left) and all(
        places[other] - place >= frame.distance(vertex, other) for other in right
    )
