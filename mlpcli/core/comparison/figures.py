"""Every figure of a trace has its place: a step, a layer and a name, in the order in which one computes on paper.

The names are those of the trace's JSON.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace, parameter_names

GIVEN = ("x", "y", "W", "b", "alpha")  # in the first update; all else is computed


class Place(NamedTuple):
    """Where a figure belongs. `v.W` is the part of the optimizer's running value v that goes with W."""

    step: int  # from 1
    layer: int  # from 1; 0 for what belongs to the step as a whole
    name: str

    @property
    def is_given(self) -> bool:
        """Whether it is what one starts from."""
        return self.step == 1 and self.name in GIVEN


def figures_of(trace: Trace) -> dict[Place, Array]:
    """All figures of a trace: given, forward, loss, backward from the last layer down, update, loss after it."""
    return {
        Place(t, layer, name): np.asarray(values, np.float64)
        for t, step in enumerate(trace.steps, 1)
        for layer, name, values in _of_step(step)
    }


def new(letter: str) -> str:
    """The name of a parameter after the update."""
    return f"{letter}_new"


def _of_step(step: StepTrace) -> Iterator[tuple[int, str, Array | float]]:
    numbered = list(enumerate(step.layers, 1))
    yield from ((0, "x", step.x), (0, "y", step.y))
    for k, layer in numbered:
        yield from ((k, letter, getattr(layer.before, letter)) for letter in parameter_names(layer))
    for k, layer in numbered:
        yield from ((k, "a", layer.a), (k, "h", layer.h))
    yield from ((0, "terms", step.terms), (0, "loss", step.loss))
    yield from ((0, "penalty", step.penalty), (0, "objective", step.objective))
    for k, layer in reversed(numbered):
        yield from ((k, "dh", layer.dh), (k, "derivative", layer.derivative), (k, "da", layer.da))
        yield from ((k, f"d{letter}", getattr(layer.d, letter)) for letter in parameter_names(layer))
    yield (0, "dx", step.dx)
    for k, layer in numbered:
        yield from ((k, name, values) for name, values in _update(step, k, layer))
    yield from ((0, "loss_after", step.loss_after), (0, "penalty_after", step.penalty_after))


def _update(step: StepTrace, k: int, layer: LayerTrace) -> Iterator[tuple[str, Array]]:
    for letter in parameter_names(layer):
        yield from ((f"{slot}.{letter}", getattr(parts[k - 1], letter)) for slot, parts in step.slots.items())
        yield new(letter), getattr(layer.after, letter)
