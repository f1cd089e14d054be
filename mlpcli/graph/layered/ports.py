"""Where edges begin and end at their nodes. One into each node is the spine: drawn straight, into its middle."""

from collections.abc import Mapping, Sequence

from mlpcli.graph.layered.ranks import depths
from mlpcli.graph.layered.vertices import Levels, Link, Measures, Path, Ports


def spine_of(nodes: Sequence[str], links: Sequence[Link]) -> set[int]:
    """The edge into each node from its deepest operand, the last among equals."""
    depth = depths(nodes, links)
    deepest: dict[str, int] = {}
    for number, (start, end) in enumerate(links):
        if end not in deepest or depth[start] >= depth[links[deepest[end]][0]]:
            deepest[end] = number
    return set(deepest.values())


def ports_of(
    widths: Mapping[str, int],
    links: Sequence[Link],
    paths: Sequence[Path],
    levels: Levels,
    spine: set[int],
    measures: Measures,
) -> Ports:
    """The ports of each edge: those of a node in the order of what the edges lead to, or come from."""
    index = {vertex: number for level in levels for number, vertex in enumerate(level)}
    starts, ends = [start for start, _ in links], [end for _, end in links]
    leaving = _beside(starts, [index[path[1]] for path in paths], widths, spine, measures.leaving)
    arriving = _beside(ends, [index[path[-2]] for path in paths], widths, spine, measures.arriving)
    return tuple(zip(leaving, arriving, strict=True))


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
