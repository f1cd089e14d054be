"""Units in characters: a table for each layer, with a bar beside each weight if the screen has room for bars.

The numbers of a matrix have one notation:

 unit       value   gradient of J
──────────────────────────────────────────
 h₁⁽¹⁾     0.2800         −0.0326
   ← x₁    0.1000         −0.0577   ██
   ← x₂   −0.2000         −0.0183   ░░░░
   + b     0.2000         −0.0326
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mlpcli.graph.nodes import LONGEST_NAME, Graph, Node, UnitColumn
from mlpcli.report.notation import ascii_text
from mlpcli.report.numbers import WithUnit, column_of
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.terminal import folded_line, sheet_text
from mlpcli.report.text import Screen, clipped, printable, text_width, written

FRAME = 6  # columns around the name of a unit, and for the dots of one that is clipped
BARS = (12, 6, 0)  # characters of the largest weight, from wide to narrow screens
SIGNS = {True: ("█", "░"), False: ("#", "=")}  # of bars, for positive and for negative weights; in Unicode and ASCII


def units_text(graph: Graph, digits: int, screen: Screen) -> str:
    """All tables, and the meaning of bars."""
    for longest in BARS:
        parts = list(_parts(graph, digits, longest, screen))
        if max(text_width(line) for part in parts for line in part.splitlines()) <= screen.room:
            break
    return "\n".join(parts)


def _parts(graph: Graph, digits: int, longest: int, screen: Screen) -> Iterator[str]:
    wide = screen._replace(columns=None) if longest else screen  # tables with bars are never folded
    for before, column in zip((None, *graph.columns), graph.columns, strict=False):
        if before is not None and column.layers_after(before):
            yield folded_line(column.layers_after(before), screen) + "\n"
        yield sheet_text(_sheet(column, graph, digits, longest, screen), digits, wide)
    if longest:
        positive, negative = SIGNS[screen.unicode]
        legend = ("the longer a bar, the larger its weight", f"{positive} positive   {negative} negative")
        yield "".join(folded_line(line, screen) + "\n" for line in legend)


class _Row(NamedTuple):
    """A row of a table before its numbers have a notation."""

    kind: str  # all numbers of a kind have one notation
    name: str
    value: float | None
    gradient: float | None
    bar: str = ""


def _sheet(column: UnitColumn, graph: Graph, digits: int, longest: int, screen: Screen) -> Sheet:
    """A row for each unit, and below it one for each of its weights and one for its bias."""
    letters = {unit.id: unit.title for unit in graph.nodes}
    rows: list[_Row] = []
    for unit in column.units:
        value, gradient = (None if array is None else array.item() for array in (unit.value, unit.gradient))
        rows.append(_Row("unit", _name(unit, screen), value, gradient))
        for edge in (edge for edge in graph.edges if edge.end == unit.id):
            bar = _bar(edge.weight, graph.largest, longest, screen.unicode)
            rows.append(_Row("weight", f"  ← {letters[edge.start]}", edge.weight, edge.gradient, bar))
        if unit.bias is not None:
            rows.append(_Row("bias", "  + b", *unit.bias))
    value_head = "weight" if column.units[0].value is None else "value"
    columns: dict[str, Sequence[Cell]] = {
        "unit" if column.layer else "input": [row.name for row in rows],
        value_head: _texts([(row.kind, row.value) for row in rows], digits),
        "gradient of J": _texts([(row.kind, row.gradient) for row in rows], digits),
        "": [row.bar for row in rows],
    }
    kept = {head: texts for head, texts in columns.items() if any(texts)}
    return Sheet(column.caption, tuple(kept), tuple(zip(*kept.values(), strict=True)))


def _texts(numbers: Sequence[tuple[str, float | None]], digits: int) -> list[Cell]:
    """Numbers with true minuses, each kind in one notation; nothing for those that are not known."""
    texts: dict[int, str] = {}
    for kind in {kind for kind, _ in numbers}:
        known = {k: value for k, (own, value) in enumerate(numbers) if own == kind and value is not None}
        texts |= zip(known, column_of(list(known.values()), digits), strict=True)
    return [WithUnit(texts.get(k, "").replace("-", "−")) for k in range(len(numbers))]


def _name(unit: Node, screen: Screen) -> str:
    """The letter, and the name in the data, clipped to the room, with escapes for letters that ASCII lacks."""
    name = clipped(printable(unit.name), LONGEST_NAME)
    name = name if screen.unicode else ascii_text(name).encode("ascii", "backslashreplace").decode()
    called = f"{written(unit.title, screen.unicode)} {clipped(name, LONGEST_NAME)}".rstrip()
    return clipped(called, screen.room - FRAME)


def _bar(weight: float, largest: float, longest: int, unicode: bool) -> str:
    """A bar whose length is proportional to the size of the weight."""
    return SIGNS[unicode][weight < 0] * (round(longest * abs(weight) / largest) if largest else 0)
