"""What a layered drawing consists of: nodes, by name, and bends, where edges pass ranks on their way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

Link = tuple[str, str]


class Bend(NamedTuple):
    """Where an edge passes a rank."""

    edge: int
    rank: int


Vertex = str | Bend
Path = tuple[Vertex, ...]  # of an edge, rank by rank: its start, its bends, its end
Levels = list[list[Vertex]]  # the ranks from the top, each from left to right
Ports = tuple[tuple[int, int], ...]  # of each edge: how far beside the middle of its nodes it begins and ends


@dataclass(frozen=True)
class Measures:
    """How much room things need along a rank."""

    gap: int  # between neighbours
    lane: int  # for an edge that passes
    leaving: int  # between edges that leave a node; 0 lets them begin at one point
    arriving: int  # between edges that lead to a node; 0 lets them meet


def paths_of(links: Sequence[Link], rank: Mapping[str, int]) -> tuple[Path, ...]:
    """The way of each edge."""
    return tuple(
        (start, *(Bend(number, passed) for passed in range(rank[start] + 1, rank[end])), end)
        for number, (start, end) in enumerate(links)
    )


def segments_of(paths: Sequence[Path]) -> list[tuple[Vertex, Vertex]]:
    """All steps from a rank to the next."""
    return [segment for path in paths for segment in pairwise(path)]
