"""Units in characters, in the first of their forms that the screen has room for.

h₁⁽¹⁾ = 0.2800  dh₁⁽¹⁾ = −0.0326
  ← x₁   0.1000  ██    dw = −0.0577
  ← x₂  −0.2000  ░░░░  dw = −0.0183
  + b    0.2000        db = −0.0326
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from mlpcli.graph.canvas import Canvas, Line
from mlpcli.graph.neuron_entries import Entry, entries
from mlpcli.graph.neuron_names import caption, left_out_text
from mlpcli.graph.neuron_scale import purpose_of
from mlpcli.graph.neurons import Column, Neurons
from mlpcli.graph.text_legend import value_and_gradient
from mlpcli.report.screen import Screen, written
from mlpcli.report.widths import in_pieces, text_width

DEEPEST = " " * 6  # before a figure that has a line of its own
BARS = {"positive": "█", "negative": "░"}


def neuron_text(drawn: Neurons, digits: int, screen: Screen) -> Canvas:
    """The list. A pipe has room for all of it; where a terminal has too little for a number, it is the narrowest."""
    for form in FORMS:
        canvas = Canvas()
        canvas.append(_columns(drawn, digits, form, screen))
        canvas.append(_legend(drawn, form, screen))
        if canvas.width <= screen.room:
            break
    return canvas


# ----- An entry in lines --------------------------------------------------------------------------------------------


def gradient_beside(entry: Entry, longest: int, _room: int) -> list[Line]:
    """Name, value, bar and gradient in one line."""
    gradient = [(f"  {entry.letter} = {entry.gradient}", "gradient")] if entry.gradient else []
    return [[*_valued(entry, entry.value), *_bar(entry, longest), *gradient]]


def gradient_below(entry: Entry, longest: int, _room: int) -> list[Line]:
    """The gradient below its value, digits below digits."""
    figure = max(len(entry.value), len(entry.gradient))
    line = [*_valued(entry, entry.value.rjust(figure)), *_bar(entry, longest)]
    if not entry.gradient:
        return [line]
    room = text_width(entry.indent + entry.name + entry.gap)
    return [line, [((entry.letter + entry.gap).rjust(room) + entry.gradient.rjust(figure), "gradient")]]


def figures_below(entry: Entry, _longest: int, room: int) -> list[Line]:
    """Names and figures in lines of their own, without bars."""
    lines = _named(entry, entry.name, entry.value, _colour(entry), room)
    return [*lines, *_named(entry, entry.letter, entry.gradient, "gradient", room)] if entry.gradient else lines


def _named(entry: Entry, name: str, figure: str, colour: str, room: int) -> list[Line]:
    """A name, in as many lines as it needs, and its figure."""
    title = in_pieces(f"{name.rstrip()}{entry.gap}".rstrip(), room - len(entry.indent))
    lines = [f"{entry.indent}{piece.lstrip()}" for piece in title]
    return [[(line, colour)] for line in (*lines, *([f"{DEEPEST}{figure}"] if figure else []))]


def _valued(entry: Entry, value: str) -> Line:
    """The name with the value."""
    return [(entry.indent, ""), (entry.name + entry.gap + value, _colour(entry))]


def _colour(entry: Entry) -> str:
    """Values have theirs where a sample has gone through; weights, which have none of it, where there are gradients."""
    return "value" if entry.gradient or (entry.share is None and entry.value) else ""


def _bar(entry: Entry, longest: int) -> Line:
    """As long as the weight is large, in the room of the largest; at a unit nothing."""
    if entry.share is None or not longest:
        return []
    purpose = purpose_of(entry.share)
    return [("  ", ""), ((BARS[purpose] * round(longest * abs(entry.share))).ljust(longest), purpose)]


@dataclass(frozen=True)
class Form:
    """One row: how an entry stands, where its figures are then, and how long the bar of the largest weight is."""

    lines: Callable[[Entry, int, int], list[Line]]
    longest: int
    value: str
    gradient: str


FORMS = (
    Form(gradient_beside, 12, "left: value", "right: gradient of J"),
    Form(gradient_beside, 6, "left: value", "right: gradient of J"),
    Form(gradient_below, 12, "above: value", "below: gradient of J"),
    Form(gradient_below, 6, "above: value", "below: gradient of J"),
    Form(gradient_below, 0, "above: value", "below: gradient of J"),
    Form(figures_below, 0, "first: value", "then: gradient of J"),
)  # from wide to narrow


# ----- The list -----------------------------------------------------------------------------------------------------


def _columns(drawn: Neurons, digits: int, form: Form, screen: Screen) -> Iterator[Line]:
    before: Column | None = None
    for column in drawn.columns:
        if before is not None:
            yield []
            if column.layer > before.layer + 1:
                yield [(written(f"… {left_out_text(before, column)}", screen.unicode), "")]
                yield []
        yield from _wrapped(caption(column), screen)
        for group in entries(column, drawn, digits, screen.unicode):
            yield from (line for entry in group for line in form.lines(entry, form.longest, screen.room))
        before = column


def _legend(drawn: Neurons, form: Form, screen: Screen) -> Iterator[Line]:
    """What bars mean, and where figures stand, as far as there are any."""
    has_gradients = drawn.columns[0].units[0].gradient is not None
    if form.longest or has_gradients:
        yield []
    if form.longest:
        yield from _wrapped("the longer a bar, the larger its weight", screen)
        yield [(f"{BARS['positive']} positive", "positive"), ("   ", ""), (f"{BARS['negative']} negative", "negative")]
    if has_gradients:
        yield from value_and_gradient(form.value, form.gradient, screen)


def _wrapped(text: str, screen: Screen) -> Iterator[Line]:
    return ([(line, "")] for line in wrap(written(text, screen.unicode), screen.room))
