"""A layered drawing, apart from its medium: which rank and where along it each node stands, and the way of each edge.

Units are whole: pixels, or characters. An edge that passes ranks has a bend in each, a lane that it keeps to itself, so
that no edge runs through a node.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from mlpcli.report.graphs.layered.ordering import ordered
from mlpcli.report.graphs.layered.placing import placed
from mlpcli.report.graphs.layered.ranks import Link, depths, ranks

SWEEPS = 8


class Bend(NamedTuple):
    """Where an edge passes a rank on its way."""

    edge: int
    rank: int


Vertex = str | Bend


@dataclass(frozen=True)
class Measures:
    """How much room things need along a rank."""

    gap: int  # between neighbours
    lane: int  # for an edge that passes
    leaving: int  # between edges that leave a node; 0 lets them begin at one point
    arriving: int  # between edges that lead to a node; 0 lets them meet


@dataclass(frozen=True)
class Layout:
    """Ranks from the top, places (of middles) from the left."""

    ranks: tuple[tuple[Vertex, ...], ...]
    place: Mapping[Vertex, int]
    width: int
    paths: tuple[tuple[Vertex, ...], ...]  # of each edge: its start, its bends, its end
    ports: tuple[tuple[int, int], ...]  # of each edge: how far beside the middle of its nodes it begins and ends

    def segments(self, number: int) -> Iterator[tuple[Vertex, int, Vertex, int]]:
        """An edge from rank to rank: each time from a vertex and a place to the next."""
        path, (leaving, arriving) = self.paths[number], self.ports[number]
        for start, end in pairwise(path):
            begins = self.place[start] + (leaving if start == path[0] else 0)
            yield start, begins, end, self.place[end] + (arriving if end == path[-1] else 0)


def layout(widths: Mapping[str, int], links: Sequence[Link], measures: Measures) -> Layout:
    """The drawing of a graph whose nodes come in the order in which they are computed, each with its width."""
    rank = ranks(list(widths), links)
    paths = tuple(_path(number, link, rank) for number, link in enumerate(links))
    levels = _first_levels(rank, links, paths)
    levels = ordered(levels, [segment for path in paths for segment in pairwise(path)])
    spine = _spine(list(widths), links)
    index = {vertex: number for level in levels for number, vertex in enumerate(level)}
    beyond = [(index[path[1]], index[path[-2]]) for path in paths]
    leaving = _beside([start for start, _ in links], [one for one, _ in beyond], widths, spine, measures.leaving)
    arriving = _beside([end for _, end in links], [two for _, two in beyond], widths, spine, measures.arriving)
    ports = tuple(zip(leaving, arriving, strict=True))
    finding = _Finding(widths, links, paths, levels, spine, ports, measures)
    place = finding.run()
    for path in paths:
        finding.straighten(path)
    left = min((place[vertex] - finding.half(vertex) for vertex in place), default=0)
    place = {vertex: place[vertex] - ceil(left) for vertex in place}
    width = max((place[vertex] + finding.half(vertex) for vertex in place), default=0)
    return Layout(tuple(map(tuple, levels)), place, floor(width + 0.5), paths, ports)


def _path(number: int, link: Link, rank: Mapping[str, int]) -> tuple[Vertex, ...]:
    start, end = link
    bends = (Bend(number, passed) for passed in range(rank[start] + 1, rank[end]))
    return (start, *bends, end)


def _first_levels(
    rank: Mapping[str, int], links: Sequence[Link], paths: Sequence[Sequence[Vertex]]
) -> list[list[Vertex]]:
    """The ranks in an order with few crossings: that of a walk upwards from the ends, at each node to the small first.

    A node is small that few others lead to; so a walk has dealt with the side branches when it comes to the spine.
    """
    levels: list[list[Vertex]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    into = {node: [number for number, link in enumerate(links) if link[1] == node] for node in rank}
    before: dict[str, set[str]] = {}
    for node in rank:
        starts = {links[number][0] for number in into[node]}
        before[node] = starts.union(*(before[start] for start in starts))
    seen: set[str] = set()

    def walk(node: str) -> None:
        seen.add(node)
        levels[rank[node]].append(node)
        for number in sorted(into[node], key=lambda number: len(before[links[number][0]])):
            for bend in paths[number][1:-1]:
                assert isinstance(bend, Bend)
                levels[bend.rank].append(bend)
            if links[number][0] not in seen:
                walk(links[number][0])

    starts = {start for start, _ in links}
    for node in rank:
        if node not in starts:
            walk(node)
    return levels


def _spine(nodes: Sequence[str], links: Sequence[Link]) -> set[int]:
    """The edges that are drawn straight, one into each node: from its deepest operand, the last among equals."""
    depth = depths(nodes, links)
    deepest: dict[str, int] = {}
    for number, (start, end) in enumerate(links):
        if end not in deepest or depth[start] >= depth[links[deepest[end]][0]]:
            deepest[end] = number
    return set(deepest.values())


def _beside(
    nodes: Sequence[str], order: Sequence[int], widths: Mapping[str, int], spine: set[int], pitch: int
) -> list[int]:
    """How far beside the middle of its node each edge has its port: the spine in the middle, others as they come."""
    found = [0] * len(nodes)
    for node in dict.fromkeys(nodes):
        edges = sorted((n for n, other in enumerate(nodes) if other == node), key=lambda n: order[n])
        middle = next((place for place, number in enumerate(edges) if number in spine), len(edges) // 2)
        aside = max(middle, len(edges) - 1 - middle, 1)
        step = max(0, min(pitch, (widths[node] // 2 - pitch // 2) // aside))
        for place, number in enumerate(edges):
            found[number] = (place - middle) * step
    return found


class _Finding:
    """Finds places: ranks are gone through downwards and upwards, each node moving to where its neighbours are."""

    def __init__(
        self,
        widths: Mapping[str, int],
        links: Sequence[Link],
        paths: Sequence[Sequence[Vertex]],
        levels: Sequence[Sequence[Vertex]],
        spine: set[int],
        ports: Sequence[tuple[int, int]],
        measures: Measures,
    ) -> None:
        self.widths, self.levels, self.measures = widths, levels, measures
        self.above: dict[Vertex, list[tuple[Vertex, int, float]]] = {}  # neighbour, shift, weight
        self.below: dict[Vertex, list[tuple[Vertex, int, float]]] = {}
        for number, path in enumerate(paths):
            weight = 1000.0 if number in spine else 1.0
            leaving, arriving = ports[number]
            for start, end in pairwise(path):
                shift = (arriving if end == path[-1] else 0) - (leaving if start == path[0] else 0)
                self.above.setdefault(end, []).append((start, -shift, weight))
                self.below.setdefault(start, []).append((end, shift, weight))

    def half(self, vertex: Vertex) -> float:
        """Half of the room that a vertex takes."""
        return (self.measures.lane if isinstance(vertex, Bend) else self.widths[vertex]) / 2

    def run(self) -> dict[Vertex, int]:
        """The places of all vertices."""
        self.place: dict[Vertex, int] = {}
        for level in self.levels:
            self._settle(level, [0.0] * len(level), [1.0] * len(level))
        for _ in range(SWEEPS):
            for level in self.levels[-2::-1]:
                self._move(level, self.below)
            for level in self.levels[1:]:
                self._move(level, self.above)
        for level in self.levels:
            self._move(level, {vertex: near for vertex, near in self.below.items() if vertex not in self.above})
        return self.place

    def straighten(self, path: Sequence[Vertex]) -> None:
        """All bends of an edge below each other, at the first place of one of them where all have room."""
        bends = path[1:-1]
        for place in dict.fromkeys(self.place[bend] for bend in bends):
            if all(self._has_room(bend, place) for bend in bends):
                self.place.update(dict.fromkeys(bends, place))
                return

    def _has_room(self, vertex: Vertex, place: int) -> bool:
        """Whether a bend could stand there between its neighbours."""
        assert isinstance(vertex, Bend)
        level = self.levels[vertex.rank]
        index = level.index(vertex)
        beside = [(other, side) for other, side in ((index - 1, 1), (index + 1, -1)) if 0 <= other < len(level)]
        return all(
            (place - self.place[level[other]]) * side >= self.half(vertex) + self.half(level[other]) + self.measures.gap
            for other, side in beside
        )

    def _move(self, level: Sequence[Vertex], neighbours: Mapping[Vertex, Sequence[tuple[Vertex, int, float]]]) -> None:
        """Every vertex to the weighted mean of where its neighbours on one side want it."""
        wanted, weights = [], []
        for vertex in level:
            found = neighbours.get(vertex, ())
            total = sum(weight for _, _, weight in found)
            pull = sum((self.place[other] + shift) * weight for other, shift, weight in found)
            wanted.append(pull / total if found else float(self.place[vertex]))
            weights.append(self._firmness(vertex))
        self._settle(level, wanted, weights)

    def _firmness(self, vertex: Vertex) -> float:
        """Who gives way: what nothing leads to gives way to edges that pass, and these to what is on the spine."""
        if isinstance(vertex, Bend):
            return 1e4
        if vertex in self.above:
            return 1e12
        return 1e8 if any(weight > 1 for _, _, weight in self.below.get(vertex, ())) else 1.0

    def _settle(self, level: Sequence[Vertex], wanted: Sequence[float], weights: Sequence[float]) -> None:
        distances = [ceil(self.half(one) + self.half(two)) + self.measures.gap for one, two in pairwise(level)]
        for vertex, place in zip(level, placed(wanted, weights, distances), strict=True):
            self.place[vertex] = floor(place + 0.5)
