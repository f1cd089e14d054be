"""Which rank each node of a graph stands in, so that every edge goes down.

A node that something leads to stands as high as it can, right behind the longest path to it. One that nothing leads to
stands as low as it can, right before the first node that needs it: a weight matrix beside its product.
"""

from collections.abc import Sequence

from mlpcli.graph.layered.vertices import Link


def ranks(nodes: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """Each node's rank, from 0. Nodes come before those that they lead to."""
    above = {node: [start for start, end in links if end == node] for node in nodes}
    lowest = _lowest(nodes, links)
    found: dict[str, int] = {}
    for node in nodes:
        found[node] = max(found[start] for start in above[node]) + 1 if above[node] else lowest[node]
    first = min(found.values(), default=0)
    return {node: rank - first for node, rank in found.items()}


def _lowest(nodes: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """Ranks from the longest path onwards to an end, negative upwards."""
    found: dict[str, int] = {}
    for node in reversed(nodes):
        below = [found[end] for start, end in links if start == node]
        found[node] = min(below) - 1 if below else 0
    return found


def depths(nodes: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """The longest path to each node, in edges."""
    found: dict[str, int] = {}
    for node in nodes:
        found[node] = max((found[start] + 1 for start, end in links if end == node), default=0)
    return found
