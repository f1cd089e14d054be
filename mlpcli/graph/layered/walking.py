"""A first order within the ranks, with few crossings: that of a walk through the graph."""

from collections.abc import Mapping, Sequence

from mlpcli.graph.layered.vertices import Bend, Levels, Link, Path


def first_levels(rank: Mapping[str, int], links: Sequence[Link], paths: Sequence[Path]) -> Levels:
    """Nodes and bends in the order of a walk upwards from the ends, at each node to the small operand first.

    An operand is small that few nodes lead to; so a walk has dealt with the side branches when it comes to the spine.
    """
    levels: Levels = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    into = {node: [number for number, link in enumerate(links) if link[1] == node] for node in rank}
    sizes = _sizes(rank, links, into)
    seen: set[str] = set()

    def walk(node: str) -> None:
        """To a node, and from there to all that lead to it."""
        seen.add(node)
        levels[rank[node]].append(node)
        for number in sorted(into[node], key=lambda number: sizes[links[number][0]]):
            for bend in paths[number]:
                if isinstance(bend, Bend):
                    levels[bend.rank].append(bend)
            if links[number][0] not in seen:
                walk(links[number][0])

    starts = {start for start, _ in links}
    for node in rank:
        if node not in starts:
            walk(node)
    return levels


def _sizes(nodes: Mapping[str, int], links: Sequence[Link], into: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """How many nodes lead to each one. Nodes come after those that lead to them."""
    before: dict[str, set[str]] = {}
    for node in nodes:
        starts = {links[number][0] for number in into[node]}
        before[node] = starts.union(*(before[start] for start in starts))
    return {node: len(found) for node, found in before.items()}
