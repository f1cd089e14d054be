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
    return _Ladder(graph, sizes, measures).positions()


class _Ladder:
    """What each node and each edge is on the ladder, and where it is."""

    def __init__(self, graph: Graph, sizes: Mapping[str, Size], measures: Measures) -> None:
        self.edges, self.sizes, self.measures = graph.edges, sizes, measures
        self.side = {node.id: node.side for node in graph.nodes}
        self.operands = {node.id: graph.operands(node.id) for node in graph.nodes}
        self.terms = {e.end: e.start for e in graph.edges if self.side[e.end] != SPINE and not self.operands[e.start]}
        rails = dict.fromkeys((self.side[e.start], e.end) for e in graph.edges if self.way(e) == RAIL)
        self.rails = {side: [end for start, end in rails if start == side] for side in SIDES}
        self.tops: dict[str, int] = {}
        self.bottoms: dict[str, int] = {}  # by side

    def way(self, edge: Edge) -> str:
        """Straight down, across to the spine, from a parameter to a term of Ω, or from there to their sum."""
        if edge.end in self.terms:
            return FORK
        if edge.start in self.terms:
            return RAIL
        return DOWN if self.side[edge.start] == self.side[edge.end] else RUNG

    def beside(self, name: str, side: str) -> list[str]:
        """The operands of a node on one side."""
        return [operand for operand in self.operands[name] if self.side[operand] == side]

    def above(self, name: str) -> list[str]:
        """The operands from which an arrow leads straight down to a node."""
        return [one for one in self.beside(name, self.side[name]) if not {one, name} & self.terms.keys()]

    def positions(self) -> Positions:
        """Rows first, then columns and lines."""
        for name in self.side:
            if name not in self.terms:
                for each in (name, *(term for term, parameter in self.terms.items() if parameter == name)):
                    self._place(each)
        starts, end = self._columns()
        middles = {side: start + self._width(side) // 2 for side, start in starts.items()}
        spots = {name: Spot(middles[side], self.tops[name], self.sizes[name]) for name, side in self.side.items()}
        lanes = self._lanes(starts)
        wires = tuple(tuple(self._wire(edge, spots, lanes)) for edge in self.edges)
        return Positions(spots, wires, end, max(spot.bottom for spot in spots.values()))

    # ----- Rows -----------------------------------------------------------------------------------------------------

    def _place(self, name: str) -> None:
        """Puts a node below those already on its side.

        A node of the spine has the height of its last operand on each side. The higher ones of them move down. What is
        fed from the other side, over a rail, is below everything that the rail passes.
        """
        side = self.side[name]
        if side != SPINE and any(self.side[operand] != side for operand in self.operands[name]):
            self.bottoms[side] = max(self.bottoms.values())
        gap = self.measures.down if self.above(name) else self.measures.apart
        top = self.bottoms[side] + gap if side in self.bottoms else 0
        if side == SPINE:
            beside = [names[-1] for other in SIDES if (names := self.beside(name, other))]
            port = max([top + self.sizes[name].port, *(self.tops[one] + self.sizes[one].port for one in beside)])
            for one in beside:
                self._lower(one, port - self.sizes[one].port - self.tops[one])
            top = port - self.sizes[name].port
        self.tops[name], self.bottoms[side] = top, top + self.sizes[name].height

    def _lower(self, name: str, by: int) -> None:
        """Moves a node down with those that lead straight to it, and all that were placed after these on its side."""
        while self.above(name):
            (name,) = self.above(name)
        side, placed = self.side[name], list(self.tops)
        self.bottoms[side] += by
        for other in placed[placed.index(name) :]:
            self.tops[other] += by if self.side[other] == side else 0

    # ----- Columns and lines ----------------------------------------------------------------------------------------

    def _width(self, side: str) -> int:
        return max((self.sizes[name].width for name, own in self.side.items() if own == side), default=0)

    def _columns(self) -> tuple[dict[str, int], int]:
        """Where each column starts, with room for the lines beside it; and where all of it ends."""
        bend, lane, line = self.measures.bend, self.measures.lane, self.measures.line
        gaps = {
            side: bend + lane * (bool(self.rails[side]) + self._joins(side)) + self.measures.head
            if side in self.side.values()
            else 0
            for side in SIDES
        }
        rails = {side: bend + lane * len(self.rails[side]) if self.rails[side] else 0 for side in SIDES}
        spine = rails[LEFT] + self._width(LEFT) + gaps[LEFT]
        right = spine + self._width(SPINE) + gaps[RIGHT]
        end = right + self._width(RIGHT) + (rails[RIGHT] - lane + line if self.rails[RIGHT] else 0)
        return {LEFT: rails[LEFT], SPINE: spine, RIGHT: right}, end

    def _joins(self, side: str) -> bool:
        """Whether several operands on one side come together."""
        return any(own == SPINE and len(self.beside(name, side)) > 1 for name, own in self.side.items())

    def _lanes(self, starts: Mapping[str, int]) -> dict[tuple[str, str, str], int]:
        """Where lines run down, by their way, their side, and for rails the node that they lead to."""
        bend, lane = self.measures.bend, self.measures.lane
        inner = {LEFT: starts[LEFT] + self._width(LEFT) + bend, RIGHT: starts[RIGHT] - bend - self.measures.line}
        lanes = {}
        for side, inwards in ((LEFT, 1), (RIGHT, -1)):
            lanes[FORK, side, ""] = inner[side]
            lanes[RUNG, side, ""] = inner[side] + inwards * lane * bool(self.rails[side])
            outer = starts[LEFT] - bend - lane if side == LEFT else starts[RIGHT] + self._width(RIGHT) + bend
            for place, end in enumerate(self.rails[side]):
                lanes[RAIL, side, end] = outer - inwards * lane * place
        return lanes

    def _wire(
        self, edge: Edge, spots: Mapping[str, Spot], lanes: Mapping[tuple[str, str, str], int]
    ) -> Iterator[Point]:
        """The corners of an edge."""
        start, end, side, way = spots[edge.start], spots[edge.end], self.side[edge.start], self.way(edge)
        if way == DOWN:
            yield from ((start.middle, start.bottom), (end.middle, end.top))
            return
        inner = RIGHT if side == LEFT else LEFT
        leaves, arrives = {RUNG: (inner, side), FORK: (inner, inner), RAIL: (side, side)}[way]
        lane = lanes[way, side, edge.end if way == RAIL else ""]
        yield start.edge(leaves), start.port
        if start.port != end.port:
            yield from ((lane, start.port), (lane, end.port))
        yield end.edge(arrives), end.port
