"""What there is to say about the units of a column, entry by entry: each unit, what it takes from others, and its bias.

The figures of a matrix have one notation, and all of a column stand below each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mlpcli.graph.neuron_names import name_beside, unit_name
from mlpcli.graph.neurons import Column, Neurons, Unit
from mlpcli.report.ascii_text import ascii_text
from mlpcli.report.screen import written
from mlpcli.report.text import column_of
from mlpcli.report.widths import left, text_width


@dataclass(frozen=True)
class Entry:
    """A value and its gradient, each with its name; of a weight also its share of the largest, for its bar."""

    indent: str
    name: str
    gap: str  # between a name and its figure
    value: str
    letter: str  # of the gradient
    gradient: str
    share: float | None = None


Group = tuple[Entry, ...]


def entries(column: Column, drawn: Neurons, digits: int, unicode: bool) -> Iterator[Group]:
    """Those of each unit: itself, its weights, and its bias."""
    heads = _aligned((head,) for head in _heads(column, drawn.layers, digits, unicode))
    if column.layer == 0:
        yield from heads
        return
    weights = list(_weights(column, drawn, digits, unicode))
    each = len(weights) // len(column.units)
    rows = (weights[place * each : (place + 1) * each] for place in range(len(column.units)))
    parts = _aligned((*row, bias) for row, bias in zip(rows, _biases(column, digits, unicode), strict=True))
    yield from (head + part for head, part in zip(heads, parts, strict=True))


def _heads(column: Column, layers: int, digits: int, unicode: bool) -> Iterator[Entry]:
    """h₁⁽¹⁾ = 0.28 and dh₁⁽¹⁾ = −0.03, or the name alone."""
    values = _figures([unit.value for unit in column.units], digits)
    gradients = _figures([unit.gradient for unit in column.units], digits)
    for unit, value, gradient in zip(column.units, values, gradients, strict=True):
        name = written(unit_name(unit, layers), unicode)
        called = f"{name} {_name_beside(unit, unicode)}".rstrip()
        yield Entry("  ", called, " = " if value else "", value, f"d{name}", gradient)


def _name_beside(unit: Unit, unicode: bool) -> str:
    """With escapes for letters that are not in ASCII, where there is nothing else."""
    text = name_beside(unit)
    return text if unicode else ascii_text(text).encode("ascii", "backslashreplace").decode()


def _weights(column: Column, drawn: Neurons, digits: int, unicode: bool) -> Iterator[Entry]:
    """← x₁ 0.1 and dw = −0.06, unit by unit."""
    into = [connection for connection in drawn.connections if connection.end.layer == column.layer]
    weights = _figures([connection.weight for connection in into], digits)
    gradients = _figures([connection.gradient for connection in into], digits)
    for connection, weight, gradient in zip(into, weights, gradients, strict=True):
        share = connection.weight / drawn.largest if drawn.largest else 0.0
        name = written(f"← {unit_name(connection.start, drawn.layers)}", unicode)
        yield Entry("    ", name, "  ", weight, "dw", gradient, share)


def _biases(column: Column, digits: int, unicode: bool) -> Iterator[Entry]:
    """+ b 0.2 and db = −0.03"""
    name = left("+", text_width(written("←", unicode))) + " b"
    values = _figures([unit.bias for unit in column.units], digits)
    gradients = _figures([unit.bias_gradient for unit in column.units], digits)
    for value, gradient in zip(values, gradients, strict=True):
        yield Entry("    ", name, "  ", value, "db", gradient, 0.0)


def _figures(values: Sequence[float | None], digits: int) -> list[str]:
    """In one notation, with true minuses; nothing where they are not known."""
    known = [value for value in values if value is not None]
    return [text.replace("-", "−") for text in column_of(known, digits)] or [""] * len(values)


def _aligned(groups: Iterable[Group]) -> list[Group]:
    """Names below each other, and digits below digits."""
    found = list(groups)
    name = max(text_width(entry.name) for group in found for entry in group)
    value = max(len(entry.value) for group in found for entry in group)
    gradient = max(len(entry.gradient) for group in found for entry in group)
    return [
        tuple(
            replace(
                entry,
                name=left(entry.name, name),
                value=entry.value.rjust(value),
                gradient=entry.gradient.rjust(gradient),
            )
            for entry in group
        )
        for group in found
    ]
