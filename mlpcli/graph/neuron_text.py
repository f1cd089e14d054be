"""Units in characters: a table for each layer, with a bar beside each weight if the screen has room for bars.

 unit       value   gradient of J
──────────────────────────────────────────
 h₁⁽¹⁾     0.2800         −0.0326
   ← x₁    0.1000         −0.0577   ██
   ← x₂   −0.2000         −0.0183   ░░░░
   + b     0.2000         −0.0326

The numbers of a matrix have one notation.
"""

from collections.abc import Iterator, Sequence

from mlpcli.graph.neurons import LONGEST_NAME, Column, Neurons, Unit, left_out_text
from mlpcli.report.notation import ascii_text
from mlpcli.report.numbers import WithUnit, column_of
from mlpcli.report.screen import Screen, written
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.terminal import folded_line, sheet_text
from mlpcli.report.text import clipped, text_width

FRAME = 6  # columns around the name of a unit, and for the dots of one that is clipped
BARS = (12, 6, 0)  # characters of the largest weight, from wide to narrow screens


def neuron_text(drawn: Neurons, digits: int, screen: Screen) -> str:
    """All tables, and the meaning of bars."""
    for longest in BARS:
        parts = list(_parts(drawn, digits, longest, screen))
        if max(text_width(line) for part in parts for line in part.splitlines()) <= screen.room:
            break
    return "\n".join(parts)


def _parts(drawn: Neurons, digits: int, longest: int, screen: Screen) -> Iterator[str]:
    wide = screen._replace(columns=None) if longest else screen  # tables with bars are never folded
    before: Column | None = None
    for column in drawn.columns:
        if before is not None and column.layer > before.layer + 1:
            yield folded_line(f"… {left_out_text(before, column)}", screen) + "\n"
        yield sheet_text(_sheet(column, drawn, digits, longest, screen), digits, wide)
        before = column
    if longest:
        positive, negative = _signs(screen.unicode)
        legend = ("the longer a bar, the larger its weight", f"{positive} positive   {negative} negative")
        yield "".join(folded_line(line, screen) + "\n" for line in legend)


def _sheet(column: Column, drawn: Neurons, digits: int, longest: int, screen: Screen) -> Sheet:
    """A row for each unit, and below it one for each of its weights and one for its bias."""
    units = _rows([(_name(unit, screen), unit.value, unit.gradient, "") for unit in column.units], digits)
    into = [connection for connection in drawn.connections if connection.end.layer == column.layer]
    weights = _rows(
        [(f"  ← {c.start.letter}", c.weight, c.gradient, _bar(c.weight, drawn, longest, screen.unicode)) for c in into],
        digits,
    )
    biases = _rows([("  + b", unit.bias, unit.bias_gradient, "") for unit in column.units if column.layer], digits)
    each, rows = len(into) // len(column.units), []
    for k, unit in enumerate(units):
        rows += [unit, *weights[k * each : (k + 1) * each], *biases[k : k + 1]]
    name, value = "unit" if column.layer else "input", "weight" if column.units[0].value is None else "value"
    heads = (name, value, "gradient of J", "")
    kept = [k for k in range(len(heads)) if any(row[k] for row in rows)]
    return Sheet(column.caption, tuple(heads[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in rows))


def _rows(entries: Sequence[tuple[str, float | None, float | None, str]], digits: int) -> list[tuple[Cell, ...]]:
    """Name, value, gradient and bar; the values in one notation, and the gradients too."""
    values, gradients = _texts([e[1] for e in entries], digits), _texts([e[2] for e in entries], digits)
    return [
        (name, value, gradient, bar)
        for (name, _, _, bar), value, gradient in zip(entries, values, gradients, strict=True)
    ]


def _texts(values: Sequence[float | None], digits: int) -> list[WithUnit]:
    """Numbers with true minuses; nothing for those that are not known."""
    known = iter(column_of([value for value in values if value is not None], digits))
    return [WithUnit("" if value is None else next(known).replace("-", "−")) for value in values]


def _name(unit: Unit, screen: Screen) -> str:
    """The letter, and the name in the data, clipped to the room, with escapes for letters that ASCII lacks."""
    name = unit.beside if screen.unicode else ascii_text(unit.beside).encode("ascii", "backslashreplace").decode()
    called = f"{written(unit.letter, screen.unicode)} {clipped(name, LONGEST_NAME)}".rstrip()
    return clipped(called, screen.room - FRAME)


def _bar(weight: float, drawn: Neurons, longest: int, unicode: bool) -> str:
    """A bar whose length is proportional to the size of the weight."""
    positive, negative = _signs(unicode)
    length = round(longest * abs(weight) / drawn.largest) if drawn.largest else 0
    return (negative if weight < 0 else positive) * length


def _signs(unicode: bool) -> tuple[str, str]:
    """The characters of bars, for positive and for negative weights."""
    return ("█", "░") if unicode else ("#", "=")
