"""A graph in characters: a drawing with its numbers, or on a narrow screen a drawing or a list, and tables.

Units are tables. The numbers of a matrix have one notation:

 unit       value   gradient of J
──────────────────────────────────────────
 h₁⁽¹⁾     0.2800         −0.0326
   ← x₁    0.1000         −0.0577   ██
   ← x₂   −0.2000         −0.0183   ░░░░
   + b     0.2000         −0.0326
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from textwrap import wrap
from typing import NamedTuple

from mlpcli.graph.characters import Line, Plane, length, side_by_side, stacked
from mlpcli.graph.layout import Measures, Size, ladder
from mlpcli.graph.nodes import LONGEST_NAME, OPERATION, Card, Graph, Node, Numbers, UnitColumn, cards, legend
from mlpcli.report.notation import ascii_text
from mlpcli.report.numbers import WithUnit, column_of
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.terminal import folded_line, sheet_text
from mlpcli.report.text import Screen, clipped, printable, text_width, written

MEASURES = Measures(down=1, apart=1, bend=1, lane=2, head=2, line=1)
FRAME = 6  # columns around the name of a unit, and for the dots of one that is clipped
BARS = (12, 6, 0)  # characters of the largest weight, from wide to narrow screens
SIGNS = {True: ("█", "░"), False: ("#", "=")}  # of bars, for positive and for negative weights; in Unicode and ASCII
HELD = "\N{NO-BREAK SPACE}"  # between a variable and its shape, and behind an arrow, where no line ends


def graph_text(graph: Graph, digits: int, note: str, screen: Screen) -> str:
    """The ladder, or units in tables; with the note below."""
    drawn = (_units_text if graph.columns else _ladder_text)(graph, digits, screen)
    return f"{drawn}\n{folded_line(note, screen)}\n" if note else drawn


def _ladder_text(graph: Graph, digits: int, screen: Screen) -> str:
    """The first form that the screen has room for. A pipe has room for all of it."""
    shown = _cards(graph, digits, screen)
    for numbers, value, gradient in (
        (side_by_side, "left: value", "right: gradient of J"),
        (stacked, "above: value", "below: gradient of J"),
    ):
        plane = _drawing(graph, shown, numbers)
        if len(legend(graph)) > 1:
            plane.write(plane.height + 1, 0, [(value, "value"), ("   ", ""), (gradient, "gradient")])
        if plane.width <= screen.room:
            return plane.text(screen)
    named = _cards(_without_numbers(graph), digits, screen)
    plane = _drawing(graph, named, side_by_side)
    drawn = plane.text(screen) if plane.width <= screen.room else _operations(graph, named, screen)
    return "\n".join([drawn, *(sheet_text(sheet, digits, screen) for sheet in _number_sheets(graph, shown))])


def _cards(graph: Graph, digits: int, screen: Screen) -> tuple[Card, ...]:
    """The text of each node, in letters that the screen has. The plane replaces signs in numbers one by one."""
    return tuple(card.spelled(lambda text: written(text, screen.unicode)) for card in cards(graph, digits))


def _without_numbers(graph: Graph) -> Graph:
    return graph._replace(nodes=tuple(node._replace(value=None, gradient=None) for node in graph.nodes))


# ----- The drawing --------------------------------------------------------------------------------------------------


def _drawing(graph: Graph, shown: Sequence[Card], numbers: Callable[[Card], list[Line]]) -> Plane:
    """The ladder; `numbers` arranges the value and the gradient of a node."""
    blocks = {card.id: _block(card, numbers) for card in shown}
    sizes = {card.id: _size(card, blocks[card.id]) for card in shown}
    layout, plane = ladder(graph, sizes, MEASURES), Plane()
    for wire in layout.wires:
        plane.arrow(wire)
    for name, spot in layout.spots.items():
        for row, line in enumerate(blocks[name], spot.top):
            plane.write(row, spot.middle - length(line) // 2, line)
    return plane


def _block(card: Card, numbers: Callable[[Card], list[Line]]) -> list[Line]:
    """A node as lines: its title, in brackets for an operation, and its numbers."""
    return [*([[(_titled(card), "")]] if card.head else []), *(numbers(card) if card.numbers else [])]


def _size(card: Card, lines: Sequence[Line]) -> Size:
    """With a blank on either side. Lines meet an operation at its title, and a variable in the middle."""
    port = 0 if card.kind == OPERATION else len(lines) // 2
    width = max(map(length, lines))
    text = "".join(piece for piece, _ in lines[port])
    blank = min(len(text) - len(text.lstrip()), len(text) - len(text.rstrip()))  # on both sides of centered text
    return Size(width + 3 - width % 2, len(lines), port, length(lines[port]) + 2 - 2 * blank)


def _titled(card: Card) -> str:
    return f"[{card.head}]" if card.kind == OPERATION else card.head


# ----- On a narrow screen -------------------------------------------------------------------------------------------


def _operations(graph: Graph, named: Sequence[Card], screen: Screen) -> str:
    """Operations in order, each between its operands and its result. A variable has its shape at its first place.

    W⁽¹⁾ 2×2, x 2 → [matmul]
    [matmul], b⁽¹⁾ 2 → [+] → a⁽¹⁾ 2
    """
    new = {card.id: _titled(card) if card.kind == OPERATION else _titled(card).replace(" ", HELD) for card in named}
    known, arrow = _short_titles(named), f" {written('→', screen.unicode)}{HELD}"
    lines: list[str] = []
    for node in graph.nodes:
        if node.kind == OPERATION:
            text = _operation(graph, node, lambda name: new.pop(name, known[name]), arrow)
            lines += wrap(text, screen.room, subsequent_indent="  ", break_on_hyphens=False)
    return "".join(f"{line.replace(HELD, ' ')}\n" for line in lines)


def _operation(graph: Graph, node: Node, title: Callable[[str], str], arrow: str = " → ") -> str:
    """Operands, operation and result."""
    operands, result = ", ".join(map(title, graph.operands(node.id))), graph.result_of(node)
    return arrow.join([operands, title(node.id), *([] if result is None else [title(result.id)])])


def _short_titles(shown: Sequence[Card]) -> dict[str, str]:
    """Names without shapes, by the id of the node."""
    return {card.id: f"[{card.title}]" if card.kind == OPERATION else card.title for card in shown}


def _number_sheets(graph: Graph, shown: Sequence[Card]) -> Iterator[Sheet]:
    """A table for each node with numbers: the columns of its value, and then those of its gradient."""
    titles = _short_titles(shown)
    for node, card in zip(graph.nodes, shown, strict=True):
        if not card.numbers:
            continue
        title = _operation(graph, node, titles.__getitem__) if card.kind == OPERATION else card.title
        heads = [head for numbers in card.numbers for head in _heads(numbers)]
        rows = [[*chain(*rows)] for rows in zip(*(numbers.cells for numbers in card.numbers), strict=True)]
        if card.numbers[0].is_matrix:
            yield Sheet(title, ("", *heads), tuple((i, *map(WithUnit, row)) for i, row in enumerate(rows, 1)))
        else:
            yield Sheet(title, tuple(heads), tuple(map(tuple, rows)), keys=0)


def _heads(numbers: Numbers) -> list[str]:
    """What the columns of a value or a gradient are called."""
    columns = len(numbers.cells[0])
    return [numbers.purpose] if columns == 1 else [f"{numbers.purpose} {column}" for column in range(1, columns + 1)]


# ----- Units: a table for each layer, with a bar beside each weight if the screen has room for bars -------------------


def _units_text(graph: Graph, digits: int, screen: Screen) -> str:
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
