"""Units in characters, in the first of their forms that the screen has room for.

h₁⁽¹⁾ = 0.2800  dh₁⁽¹⁾ = −0.0326
  ← x₁   0.1000  ██    dw = −0.0577
  ← x₂  −0.2000  ░░░░  dw = −0.0183
  + b    0.2000        db = −0.0326

The numbers of a matrix have one notation, and all numbers of a layer stand below each other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from mlpcli.graph.characters import Line, Plane, legend_lines
from mlpcli.graph.neurons import Column, Neurons, Unit, left_out_text, purpose_of
from mlpcli.report.notation import ascii_text
from mlpcli.report.numbers import column_of
from mlpcli.report.screen import Screen, written
from mlpcli.report.text import in_pieces, left, text_width

DEEPEST = " " * 6  # before a number that has a line of its own
BARS = {"positive": "█", "negative": "░"}


def neuron_text(drawn: Neurons, digits: int, screen: Screen) -> Plane:
    """The list. A pipe has room for all of it; if a terminal has too little for a number, it is the narrowest."""
    for form in FORMS:
        plane = Plane()
        plane.append(_list(drawn, digits, form, screen))
        plane.append(_legend(drawn, form, screen))
        if plane.width <= screen.room:
            break
    return plane


# ----- Entries ------------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A unit, a weight or a bias: a value and its gradient, each with its name; of a weight also its share."""

    indent: str
    name: str
    gap: str  # between a name and its number
    value: str
    letter: str  # of the gradient
    gradient: str
    share: float | None = None  # of the largest weight, for the bar


Group = tuple[Entry, ...]


def _entries(column: Column, drawn: Neurons, digits: int, unicode: bool) -> Iterator[Group]:
    """Those of each unit: itself, its weights, and its bias."""
    heads = _aligned((head,) for head in _heads(column, digits, unicode))
    if column.layer == 0:
        yield from heads
        return
    weights = list(_weights(column, drawn, digits, unicode))
    each = len(weights) // len(column.units)
    rows = (weights[place * each : (place + 1) * each] for place in range(len(column.units)))
    parts = _aligned((*row, bias) for row, bias in zip(rows, _biases(column, digits, unicode), strict=True))
    yield from (head + part for head, part in zip(heads, parts, strict=True))


def _heads(column: Column, digits: int, unicode: bool) -> Iterator[Entry]:
    """h₁⁽¹⁾ = 0.28 and dh₁⁽¹⁾ = −0.03, or the name alone."""
    values = _texts([unit.value for unit in column.units], digits)
    gradients = _texts([unit.gradient for unit in column.units], digits)
    for unit, value, gradient in zip(column.units, values, gradients, strict=True):
        name = written(unit.letter, unicode)
        called = f"{name} {_name_beside(unit, unicode)}".rstrip()
        yield Entry("  ", called, " = " if value else "", value, f"d{name}", gradient)


def _name_beside(unit: Unit, unicode: bool) -> str:
    """With escapes for letters that are not in ASCII, if there is nothing else."""
    return unit.beside if unicode else ascii_text(unit.beside).encode("ascii", "backslashreplace").decode()


def _weights(column: Column, drawn: Neurons, digits: int, unicode: bool) -> Iterator[Entry]:
    """← x₁ 0.1 and dw = −0.06, unit by unit."""
    into = [connection for connection in drawn.connections if connection.end.layer == column.layer]
    weights = _texts([connection.weight for connection in into], digits)
    gradients = _texts([connection.gradient for connection in into], digits)
    for connection, weight, gradient in zip(into, weights, gradients, strict=True):
        share = connection.weight / drawn.largest if drawn.largest else 0.0
        name = written(f"← {connection.start.letter}", unicode)
        yield Entry("    ", name, "  ", weight, "dw", gradient, share)


def _biases(column: Column, digits: int, unicode: bool) -> Iterator[Entry]:
    """+ b 0.2 and db = −0.03"""
    name = left("+", text_width(written("←", unicode))) + " b"
    values = _texts([unit.bias for unit in column.units], digits)
    gradients = _texts([unit.bias_gradient for unit in column.units], digits)
    for value, gradient in zip(values, gradients, strict=True):
        yield Entry("    ", name, "  ", value, "db", gradient, 0.0)


def _texts(values: Sequence[float | None], digits: int) -> list[str]:
    """In one notation, with true minuses; nothing if they are not known."""
    known = [value for value in values if value is not None]
    return [text.replace("-", "−") for text in column_of(known, digits)] or [""] * len(values)


def _aligned(groups: Iterable[Group]) -> list[Group]:
    """Names below each other, and digits below digits."""
    rows = list(groups)
    name = max(text_width(entry.name) for row in rows for entry in row)
    value = max(len(entry.value) for row in rows for entry in row)
    gradient = max(len(entry.gradient) for row in rows for entry in row)
    return [
        tuple(
            entry._replace(
                name=left(entry.name, name), value=entry.value.rjust(value), gradient=entry.gradient.rjust(gradient)
            )
            for entry in row
        )
        for row in rows
    ]


# ----- An entry in lines --------------------------------------------------------------------------------------------


def gradient_beside(entry: Entry, longest: int, _room: int) -> list[Line]:
    """Name, value, bar and gradient in one line."""
    gradient = [(f"  {entry.letter} = {entry.gradient}", "gradient")] if entry.gradient else []
    return [[*_valued(entry, entry.value), *_bar(entry, longest), *gradient]]


def gradient_below(entry: Entry, longest: int, _room: int) -> list[Line]:
    """The gradient below its value, digits below digits."""
    width = max(len(entry.value), len(entry.gradient))
    line = [*_valued(entry, entry.value.rjust(width)), *_bar(entry, longest)]
    if not entry.gradient:
        return [line]
    room = text_width(entry.indent + entry.name + entry.gap)
    return [line, [((entry.letter + entry.gap).rjust(room) + entry.gradient.rjust(width), "gradient")]]


def numbers_below(entry: Entry, _longest: int, room: int) -> list[Line]:
    """Names and numbers in lines of their own, without bars."""
    lines = _named(entry, entry.name, entry.value, _color(entry), room)
    return [*lines, *_named(entry, entry.letter, entry.gradient, "gradient", room)] if entry.gradient else lines


def _named(entry: Entry, name: str, number: str, color: str, room: int) -> list[Line]:
    """A name, in as many lines as it needs, and its number."""
    title = in_pieces(f"{name.rstrip()}{entry.gap}".rstrip(), room - len(entry.indent))
    lines = [f"{entry.indent}{piece.lstrip()}" for piece in title]
    return [[(line, color)] for line in (*lines, *([f"{DEEPEST}{number}"] if number else []))]


def _valued(entry: Entry, value: str) -> Line:
    """The name with the value."""
    return [(entry.indent, ""), (entry.name + entry.gap + value, _color(entry))]


def _color(entry: Entry) -> str:
    """Values have theirs if a sample has gone through; weights, which do not depend on it, if there are gradients."""
    return "value" if entry.gradient or (entry.share is None and entry.value) else ""


def _bar(entry: Entry, longest: int) -> Line:
    """As long as the weight is large, in the room of the largest; at a unit nothing."""
    if entry.share is None or not longest:
        return []
    purpose = purpose_of(entry.share)
    return [("  ", ""), ((BARS[purpose] * round(longest * abs(entry.share))).ljust(longest), purpose)]


class ListForm(NamedTuple):
    """One row: how an entry stands, how long the bar of the largest weight is, and where its numbers are then."""

    lines: Callable[[Entry, int, int], list[Line]]
    longest: int
    value: str
    gradient: str


FORMS = (
    ListForm(gradient_beside, 12, "left: value", "right: gradient of J"),
    ListForm(gradient_beside, 6, "left: value", "right: gradient of J"),
    ListForm(gradient_below, 12, "above: value", "below: gradient of J"),
    ListForm(gradient_below, 6, "above: value", "below: gradient of J"),
    ListForm(gradient_below, 0, "above: value", "below: gradient of J"),
    ListForm(numbers_below, 0, "first: value", "then: gradient of J"),
)  # from wide to narrow


# ----- The list -----------------------------------------------------------------------------------------------------


def _list(drawn: Neurons, digits: int, form: ListForm, screen: Screen) -> Iterator[Line]:
    before: Column | None = None
    for column in drawn.columns:
        if before is not None:
            yield []
            if column.layer > before.layer + 1:
                yield [(written(f"… {left_out_text(before, column)}", screen.unicode), "")]
                yield []
        yield from _wrapped(column.caption, screen)
        for group in _entries(column, drawn, digits, screen.unicode):
            yield from (line for entry in group for line in form.lines(entry, form.longest, screen.room))
        before = column


def _legend(drawn: Neurons, form: ListForm, screen: Screen) -> Iterator[Line]:
    """What bars mean, and where numbers stand, as far as there are any."""
    has_gradients = drawn.columns[0].units[0].gradient is not None
    if form.longest or has_gradients:
        yield []
    if form.longest:
        yield from _wrapped("the longer a bar, the larger its weight", screen)
        yield [(f"{BARS['positive']} positive", "positive"), ("   ", ""), (f"{BARS['negative']} negative", "negative")]
    if has_gradients:
        yield from legend_lines(form.value, form.gradient, screen)


def _wrapped(text: str, screen: Screen) -> Iterator[Line]:
    return ([(line, "")] for line in wrap(written(text, screen.unicode), screen.room))
