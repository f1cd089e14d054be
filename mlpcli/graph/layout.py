"""The places of a graph's nodes and the paths of its edges: the ladder, in characters or in pixels.

    rails  weights          spine         biases
                              x
                              ▼
           W⁽¹⁾ ──┬───────▶ matmul
                  │           ▼
    ┌── ½‖W⁽¹⁾‖² ◀┘           +  ◀──────── b⁽¹⁾
    │                         ▼

Each operation on the spine has its parameters beside it. A fork leads from a regularized parameter to its terms of Ω
below it. A rail for each penalty leads from there down to their sum. The chain from the sum to λΩ ends beside the last
sum of the spine.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mlpcli.graph.nodes import LEFT, RIGHT, SPINE, Edge, Graph

SIDES = (LEFT, RIGHT)
DOWN, RUNG, FORK, RAIL = "down", "rung", "fork", "rail"  # kinds of edges
Point = tuple[int, int]


class Measures(NamedTuple):
    """The room between things: in whole characters, or in pixels."""

    down: int  # between two nodes with an arrow down from one to the other
    apart: int  # between others below each other
    bend: int  # from a node to where its line turns
    lane: int  # for a line that runs down
    head: int  # for an arrowhead beside the spine
    line: int  # the width of a line: a character, or in pixels nothing


class Size(NamedTuple):
    """The room that a node takes."""

    width: int  # odd in characters, so that there is a middle
    height: int
    port: int  # from its top to where lines meet it from the side
    reach: int  # its width there


class Spot(NamedTuple):
    """A node at its place."""

    middle: int
    top: int
    size: Size

    @property
    def left(self) -> int:
        return self.middle - self.size.width // 2

    @property
    def bottom(self) -> int:
        return self.top + self.size.height

    @property
    def port(self) -> int:
        """The height at which lines from the side meet it."""
        return self.top + self.size.port

    def edge(self, side: str) -> int:
        """Where these lines end."""
        start = self.middle - self.size.reach // 2
        return start if side == LEFT else start + self.size.reach


class Positions(NamedTuple):
    """The spots of the nodes by their ids, and the corners of each edge, in the graph's order."""

    spots: Mapping[str, Spot]
    wires: tuple[tuple[Point, ...], ...]
    width: int
    height: int

    def moved(self, across: int, down: int) -> "Positions":
        """The same at another place."""
        spots = {
            name: spot._replace(middle=spot.middle + across, top=spot.top + down) for name, spot in self.spots.items()
        }
        wires = tuple(tuple((x + across, y + down) for x, y in wire) for wire in self.wires)
        return Positions(spots, wires, self.width + across, self.height + down)


def ladder(graph: Graph, sizes: Mapping[str, Size], measures: Measures) -> Positions:
    """The layout. Nodes do not touch, and lines have points in common only if they join or cross."""
    roles = _Roles(graph)
    tops = _tops(roles, sizes, measures)
    columns = _columns(graph, roles, sizes, measures)
    spots = {node.id: Spot(columns.middles[node.side], tops[node.id], sizes[node.id]) for node in graph.nodes}
    wires = tuple(tuple(_wire(edge, roles, spots, columns)) for edge in graph.edges)
    return Positions(spots, wires, columns.width, max(spot.bottom for spot in spots.values()))


class _Roles:
    """What each node and each edge is on the ladder."""

    def __init__(self, graph: Graph) -> None:
        self.side = {node.id: node.side for node in graph.nodes}
        self.operands = {node.id: graph.operands(node.id) for node in graph.nodes}
        self.terms = {e.end: e.start for e in graph.edges if self.side[e.end] != SPINE and not self.operands[e.start]}

    def way(self, edge: Edge) -> str:
        """Straight down, across to the spine, from a parameter to a term of Ω, or from there to their sum."""
        if edge.end in self.terms:
            return FORK
        if edge.start in self.terms:
            return RAIL
        return DOWN if self.side[edge.start] == self.side[edge.end] else RUNG

    def beside(self, name: str, side: str) -> list[str]:
        """The operands on one side of a node of the spine."""
        return [operand for operand in self.operands[name] if self.side[operand] == side]

    def above(self, name: str) -> list[str]:
        """The operands from which an arrow leads straight down to a node."""
        return [one for one in self.beside(name, self.side[name]) if not {one, name} & self.terms.keys()]

    def downwards(self) -> Iterator[str]:
        """All nodes in their order, with the terms of Ω below their parameter."""
        for name in self.side:
            if name not in self.terms:
                yield from (name, *(term for term, parameter in self.terms.items() if parameter == name))


# ----- Heights ------------------------------------------------------------------------------------------------------


def _tops(roles: _Roles, sizes: Mapping[str, Size], measures: Measures) -> dict[str, int]:
    """The tops of all nodes: on each side, a node is below those already there.

    A node of the spine has the height of its last operand on each side. The higher ones of them move down. What is fed
    from the other side, over a rail, is below everything that the rail passes.
    """
    tops: dict[str, int] = {}
    bottoms: dict[str, int] = {}
    for name in roles.downwards():
        side, above = roles.side[name], roles.above(name)
        if side != SPINE and any(roles.side[operand] != side for operand in roles.operands[name]):
            bottoms[side] = max(bottoms.values())
        gap = measures.down if above else measures.apart
        top = bottoms[side] + gap if side in bottoms else 0
        if side == SPINE:
            beside = [names[-1] for other in SIDES if (names := roles.beside(name, other))]
            port = max([top + sizes[name].port, *(tops[operand] + sizes[operand].port for operand in beside)])
            for operand in beside:
                _lower(operand, port - sizes[operand].port - tops[operand], roles, tops, bottoms)
            top = port - sizes[name].port
        tops[name], bottoms[side] = top, top + sizes[name].height
    return tops


def _lower(name: str, by: int, roles: _Roles, tops: dict[str, int], bottoms: dict[str, int]) -> None:
    """Moves a node down with those that lead straight to it, and with all that were placed after these on its side."""
    while roles.above(name):
        (name,) = roles.above(name)
    side, placed = roles.side[name], list(tops)
    bottoms[side] += by
    for other in placed[placed.index(name) :]:
        if roles.side[other] == side:
            tops[other] += by


# ----- Columns and lines --------------------------------------------------------------------------------------------


class _Columns(NamedTuple):
    """The middle of each column, and where lines run down between and beside them."""

    middles: Mapping[str, int]  # by side
    forks: Mapping[str, int]  # by side: from a parameter to its terms of Ω
    joins: Mapping[str, int]  # by side: from a further operand to where the first one arrives
    rails: Mapping[tuple[str, str], int]  # by side, and by the node that a rail leads to
    width: int


def _columns(graph: Graph, roles: _Roles, sizes: Mapping[str, Size], measures: Measures) -> _Columns:
    """Columns and lanes, with room for each line."""
    widths = {
        side: max((sizes[n.id].width for n in graph.nodes if n.side == side), default=0) for side in roles.side.values()
    }
    rails = list(dict.fromkeys((roles.side[e.start], e.end) for e in graph.edges if roles.way(e) == RAIL))
    on = {side: [rail for rail in rails if rail[0] == side] for side in SIDES}
    joins = {side: any(len(roles.beside(n.id, side)) > 1 for n in graph.nodes if n.side == SPINE) for side in SIDES}
    gaps = {
        side: measures.bend + measures.lane * (bool(on[side]) + joins[side]) + measures.head if side in widths else 0
        for side in SIDES
    }
    left = measures.lane * len(on[LEFT]) + (measures.bend if on[LEFT] else 0)
    left_end = left + widths.get(LEFT, 0)
    spine = left_end + gaps[LEFT]
    right = spine + widths[SPINE] + gaps[RIGHT]
    right_end = right + widths.get(RIGHT, 0)
    forks = {LEFT: left_end + measures.bend, RIGHT: right - measures.bend - measures.line}
    aside = {side: measures.lane if on[side] else 0 for side in SIDES}
    places = {rail: measures.lane * (len(on[LEFT]) - 1 - place) for place, rail in enumerate(on[LEFT])}
    places |= {rail: right_end + measures.bend + measures.lane * place for place, rail in enumerate(on[RIGHT])}
    starts = {LEFT: left, SPINE: spine, RIGHT: right}
    return _Columns(
        {side: start + widths.get(side, 0) // 2 for side, start in starts.items()},
        forks,
        {LEFT: forks[LEFT] + aside[LEFT], RIGHT: forks[RIGHT] - aside[RIGHT]},
        places,
        max([right_end, *(place + measures.line for place in places.values())]),
    )


def _wire(edge: Edge, roles: _Roles, spots: Mapping[str, Spot], columns: _Columns) -> Iterator[Point]:
    """The corners of an edge."""
    start, end, side = spots[edge.start], spots[edge.end], roles.side[edge.start]
    way = roles.way(edge)
    if way == DOWN:
        yield from ((start.middle, start.bottom), (end.middle, end.top))
        return
    inner = RIGHT if side == LEFT else LEFT
    leaves, arrives, lane = {
        RUNG: (inner, side, columns.joins.get(side, 0)),
        FORK: (inner, inner, columns.forks.get(side, 0)),
        RAIL: (side, side, columns.rails.get((side, edge.end), 0)),
    }[way]
    yield start.edge(leaves), start.port
    if start.port != end.port:
        yield from ((lane, start.port), (lane, end.port))
    yield end.edge(arrives), end.port
