"""What the tests of drawings share: networks of all kinds, drawn, and the geometry of what was drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, empty
from mlpcli.core.objective import Objective, objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.trace import StepTrace, Trace, trace
from mlpcli.graph.graph import computational_graph
from mlpcli.graph.neurons import Sample, neurons
from mlpcli.graph.nodes import Graph
from mlpcli.graph.shapes import Picture, Rectangle, Stroke, TextShape, width_of
from mlpcli.graph.values import with_gradients, with_values

Point = tuple[float, float]


@dataclass(frozen=True)
class Net:
    """A network with an objective and samples, and whether their figures are to be seen."""

    widths: tuple[int, ...] = (2, 2, 3)
    hidden: str = "relu"
    l1: float = 0.0
    l2: float = 0.0
    regularize_bias: bool = False
    samples: int = 1
    figures: bool = False

    @cached_property
    def objective(self) -> Objective:
        return objective_of(LOSSES["cce"], l1=self.l1, l2=self.l2, regularize_bias=self.regularize_bias)

    @cached_property
    def network(self) -> Network:
        names = [self.hidden] * (len(self.widths) - 2) + ["softmax"]
        network = empty(chain(self.widths[0], self.widths[1:], [ACTIVATIONS[name] for name in names]), np.float64)
        network.theta[...] = np.random.default_rng(3).uniform(-1, 1, network.theta.size)
        return network

    @cached_property
    def traced(self) -> Trace:
        draw = np.random.default_rng(4)
        x, y = draw.uniform(-2, 2, (self.samples, self.widths[0])), np.eye(self.widths[-1])[[0] * self.samples]
        return trace(self.network, self.objective, OPTIMIZERS["sgd"], 0.1, x, y)

    @property
    def step(self) -> StepTrace:
        return self.traced.steps[0]

    @cached_property
    def graph(self) -> Graph:
        graph = computational_graph(self.network.layers, self.objective, self.samples)
        if not self.figures:
            return graph
        return with_gradients(with_values(graph, self.network, self.step.x), self.traced)

    @cached_property
    def neurons(self) -> Graph:
        return neurons(self.network, Sample(self.step.x, self.traced) if self.figures else None)


def nets(samples: int = 3) -> st.SearchStrategy[Net]:
    """Networks of up to five layers of up to eight units; deeper ones too."""
    widths = st.lists(st.integers(1, 8), min_size=1, max_size=6)
    return st.builds(
        lambda units, outputs, **rest: Net((*units, outputs), **rest),
        widths,
        st.integers(2, 8),
        hidden=st.sampled_from(["relu", "prelu", "leaky-relu"]),
        l1=st.sampled_from([0.0, 0.5]),
        l2=st.sampled_from([0.0, 0.01]),
        regularize_bias=st.booleans(),
        samples=st.integers(1, samples),
        figures=st.booleans(),
    )


# ----- Geometry -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Room:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Room", by: float = 0.0) -> bool:
        """Whether two have more than so much in common."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > by and down > by

    def holds(self, other: "Room") -> bool:
        inside = self.left <= other.left and other.right <= self.right
        return inside and self.top <= other.top and other.bottom <= self.bottom

    def has(self, point: Point, margin: float = 0.0) -> bool:
        """Whether a point lies inside, farther from the border than the margin (outside of it, where negative)."""
        x, y = point
        return self.left + margin < x < self.right - margin and self.top + margin < y < self.bottom - margin


def meeting(rooms: list[Room], by: float = 0.0) -> list[tuple[Room, Room]]:
    """The pairs that have more than so much in common. From left to right, each meets only those that begin in it."""
    pairs, ordered = [], sorted(rooms, key=lambda room: room.left)
    for place, room in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.left >= room.right:
                break
            if room.meets(other, by):
                pairs.append((room, other))
    return pairs


def room_of(shape: Rectangle | TextShape) -> Room:
    """The room of a rectangle, or the most that text takes, from the top of tall letters to the line."""
    if isinstance(shape, Rectangle):
        return Room(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
    width = width_of(shape.text, shape.size)
    left = shape.x - {"start": 0.0, "middle": width / 2, "end": width}[shape.anchor]
    return Room(left, shape.y - 0.75 * shape.size, left + width, shape.y)


def nodes_of(picture: Picture) -> list[Room]:
    return [room_of(s) for s in picture.shapes if isinstance(s, Rectangle) and s.purpose in ("variable", "operation")]


def texts_of(picture: Picture) -> list[Room]:
    return [room_of(shape) for shape in picture.shapes if isinstance(shape, TextShape)]


def points_of(stroke: Stroke) -> list[Point]:
    """Points along a path, close together."""
    found: list[Point] = []
    for letter, numbers in stroke.steps:
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        if letter == "M":
            found.append(pairs[0])
        elif pairs:
            curve = [found[-1], *pairs]
            found.extend(_on_curve(curve, share / 20) for share in range(1, 21))
    return found


def _on_curve(points: list[Point], share: float) -> Point:
    """De Casteljau's construction."""
    while len(points) > 1:
        points = [(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])) for a, b in pairwise(points)]
    return points[0]


def edges_of(picture: Picture) -> Iterator[list[Point]]:
    for shape in picture.shapes:
        if isinstance(shape, Stroke) and shape.purpose == "edge":
            yield points_of(shape)
