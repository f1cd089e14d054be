"""All figures of an update, in the order in which one computes them on paper: the one walk through a trace.

The names are those of the trace's JSON. `v.W` is the part of the optimizer's running value v that goes with W.
"""

from collections.abc import Iterator
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.core.tracing import LayerTrace, StepTrace, parameter_names

PARTS = ("forward", "loss", "backward", "update")


class Figure(NamedTuple):
    """A quantity of an update."""

    parts: tuple[str, ...]  # of PARTS: where it has a role
    layer: int  # from 1; 0 for what belongs to the step as a whole
    name: str
    values: Array | float
    per_sample: bool = False  # whether its first axis counts the samples


def figures_of_step(step: StepTrace) -> Iterator[Figure]:
    """Given, forward, loss, backward from the last layer down, update, loss after it."""
    numbered = list(enumerate(step.layers, 1))
    yield from (Figure(PARTS, 0, "x", step.x, True), Figure(PARTS, 0, "y", step.y, True))
    for k, layer in numbered:
        names = parameter_names(layer)
        yield from (Figure(("forward",), k, letter, getattr(layer.before, letter)) for letter in names)
    for k, layer in numbered:
        yield Figure(("forward",), k, "a", layer.a, True)
        yield Figure(("forward",), k, "h", layer.h, True)
    yield Figure(("loss",), 0, "terms", step.terms, True)
    yield from (Figure(("loss",), 0, name, getattr(step, name)) for name in ("loss", "penalty", "objective"))
    for k, layer in reversed(numbered):
        yield from _backward(k, layer)
    yield Figure(("backward",), 0, "dx", step.dx, True)
    for k, layer in numbered:
        yield from _update(step, k, layer)
    yield from (Figure(("update",), 0, name, getattr(step, name)) for name in ("loss_after", "penalty_after"))


def new(letter: str) -> str:
    """The name of a parameter after the update."""
    return f"{letter}_new"


def _backward(k: int, layer: LayerTrace) -> Iterator[Figure]:
    """A gradient has a role in the update too."""
    yield from (Figure(("backward",), k, name, getattr(layer, name), True) for name in ("dh", "derivative", "da"))
    for letter in parameter_names(layer):
        yield Figure(("backward", "update"), k, f"d{letter}", getattr(layer.d, letter))


def _update(step: StepTrace, k: int, layer: LayerTrace) -> Iterator[Figure]:
    for letter in parameter_names(layer):
        for slot, layers in step.slots.items():
            yield Figure(("update",), k, f"{slot}.{letter}", getattr(layers[k - 1], letter))
        yield Figure(("update",), k, new(letter), getattr(layer.after, letter))
