"""The order within each rank, for few crossings: barycentres, up and down, then exchanges of neighbours."""

from collections.abc import Hashable, Sequence
from itertools import combinations, pairwise
from typing import TypeVar

V = TypeVar("V", bound=Hashable)
Order = list[list[V]]
Neighbours = dict[V, list[V]]

SWEEPS = 12


def ordered(ranks: Sequence[Sequence[V]], links: Sequence[tuple[V, V]]) -> Order[V]:
    """The ranks in the best order that was found; links lead from one rank to the next.

    Best is what has the fewest crossings, and among these what has operands from left to right: links into a node are
    in the order of its operands.
    """
    above: Neighbours[V] = {}
    below: Neighbours[V] = {}
    for start, end in links:
        above.setdefault(end, []).append(start)
        below.setdefault(start, []).append(end)
    order = [list(rank) for rank in ranks]
    best, least = order, _cost(order, above, below)
    for sweep in range(SWEEPS):
        turned = sweep % 4 > 1
        order = _swept(order, above, turned) if sweep % 2 == 0 else _swept(order[::-1], below, turned)[::-1]
        order = _exchanged(order, above, below)
        for candidate in (order, [rank[::-1] for rank in order]):
            cost = _cost(candidate, above, below)
            if cost < least:
                best, least = candidate, cost
    return _sifted(best, above, below)


def _cost(order: Order[V], above: Neighbours[V], below: Neighbours[V]) -> tuple[int, int]:
    """Crossings, and pairs of operands that stand the wrong way round."""
    place = {node: index for rank in order for index, node in enumerate(rank)}
    pairs = (pair for operands in above.values() for pair in combinations(operands, 2))
    return crossings(order, below), sum(place[one] > place[two] for one, two in pairs)


def crossings(order: Order[V], below: Neighbours[V]) -> int:
    """How many pairs of links cross."""
    total = 0
    for upper, lower in pairwise(order):
        place = {node: index for index, node in enumerate(lower)}
        ends = [[place[end] for end in below.get(node, [])] for node in upper]
        total += sum(one > two for left, right in combinations(ends, 2) for one in left for two in right)
    return total


def _swept(order: Order[V], neighbours: Neighbours[V], turned: bool) -> Order[V]:
    """Each rank sorted by the mean place of its nodes' neighbours in the rank before; others keep their place.

    Nodes with equal means are turned round where that is asked for, which leads out of dead ends (Gansner et al. 1993).
    """
    found = [list(order[0])]
    for rank in order[1:]:
        place = {node: index for index, node in enumerate(found[-1])}
        means = {}
        for index, node in enumerate(rank):
            places = [place[other] for other in neighbours.get(node, [])]
            means[node] = sum(places) / len(places) if places else float(index)
        found.append(sorted(rank[::-1] if turned else rank, key=means.__getitem__))
    return found


def _exchanged(order: Order[V], above: Neighbours[V], below: Neighbours[V]) -> Order[V]:
    """Neighbours change places as long as that saves crossings."""
    order = [list(rank) for rank in order]
    improved = True
    while improved:
        improved = False
        for r, rank in enumerate(order):
            before = {node: index for index, node in enumerate(order[r - 1])} if r else {}
            after = {node: index for index, node in enumerate(order[r + 1])} if r + 1 < len(order) else {}
            for i in range(len(rank) - 1):
                gain = _gain(rank[i], rank[i + 1], above, before) + _gain(rank[i], rank[i + 1], below, after)
                if gain > 0:
                    rank[i], rank[i + 1] = rank[i + 1], rank[i]
                    improved = True
    return order


def _gain(left: V, right: V, neighbours: Neighbours[V], place: dict[V, int]) -> int:
    """How many crossings with one neighbouring rank go away when two nodes change places."""
    lefts = [place[node] for node in neighbours.get(left, [])]
    rights = [place[node] for node in neighbours.get(right, [])]
    return sum((one > two) - (one < two) for one in lefts for two in rights)


def _sifted(order: Order[V], above: Neighbours[V], below: Neighbours[V]) -> Order[V]:
    """Each node that nothing leads to moves to the best place in its rank."""
    for r, rank in enumerate(order):
        for node in [node for node in rank if node not in above]:
            others = [other for other in rank if other != node]
            tried = [[*order[:r], [*others[:i], node, *others[i:]], *order[r + 1 :]] for i in range(len(rank))]
            order = min([order, *tried], key=lambda candidate: _cost(candidate, above, below))
            rank = order[r]
    return order
