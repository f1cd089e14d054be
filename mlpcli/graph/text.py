"""A graph in characters, in the first of its forms that the screen has room for: drawn, or as lists."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import wrap

from mlpcli.graph.cards import Card, cards, has_gradients
from mlpcli.graph.characters import Line, Plane, in_parts, legend_lines, length, side_by_side, stacked
from mlpcli.graph.graph import Graph, Node
from mlpcli.graph.layout import Measures, Size, ladder
from mlpcli.report.screen import Screen, written

MEASURES = Measures(down=1, apart=1, stub=1, lane=2, head=2, line=1)
INDENT = "  "  # of what goes on in a further line


def graph_text(graph: Graph, digits: int, screen: Screen) -> Plane:
    """The drawing. A pipe has room for all of it; if a terminal has too little for a number, it is the narrowest."""
    for form in FORMS:
        plane = form(graph, digits, screen)
        if plane.width <= screen.room:
            break
    return plane


def gradients_beside(graph: Graph, digits: int, screen: Screen) -> Plane:
    """All in one: a value stands on the left of its gradient."""
    shown = _cards(graph, digits, screen)
    return _drawing(graph, shown, side_by_side, _legend(shown, "left: value", "right: gradient of J", screen))


def gradients_below(graph: Graph, digits: int, screen: Screen) -> Plane:
    """All in one: a value stands above its gradient."""
    shown = _cards(graph, digits, screen)
    return _drawing(graph, shown, stacked, _legend(shown, "above: value", "below: gradient of J", screen))


def drawing_and_numbers(graph: Graph, digits: int, screen: Screen) -> Plane:
    """Names and shapes are drawn, and the numbers follow as a list."""
    named = _cards(_without_numbers(graph), digits, screen)
    return _drawing(graph, named, side_by_side, _number_list(graph, digits, screen))


def operations_and_numbers(graph: Graph, digits: int, screen: Screen) -> Plane:
    """Nothing is drawn: operations are a list, and then the numbers."""
    plane = Plane()
    plane.append(_operation_list(graph, _cards(_without_numbers(graph), digits, screen), screen))
    plane.append(_number_list(graph, digits, screen))
    return plane


FORMS = (gradients_beside, gradients_below, drawing_and_numbers, operations_and_numbers)  # from wide to narrow


def _cards(graph: Graph, digits: int, screen: Screen) -> tuple[Card, ...]:
    """What is said at each node, in letters that the screen has. The plane replaces signs in numbers one by one."""
    return tuple(card.spelled(lambda text: written(text, screen.unicode)) for card in cards(graph, digits))


def _without_numbers(graph: Graph) -> Graph:
    return graph._replace(nodes=tuple(node._replace(value=None, gradient=None) for node in graph.nodes))


def _legend(shown: tuple[Card, ...], value: str, gradient: str, screen: Screen) -> list[Line]:
    """Where each stands, below a blank line."""
    return [[], *legend_lines(value, gradient, screen)] if has_gradients(shown) else []


# ----- The drawing --------------------------------------------------------------------------------------------------


def _drawing(
    graph: Graph, shown: Sequence[Card], numbers: Callable[[Card], list[Line]], below: Iterable[Line]
) -> Plane:
    """The ladder; `numbers` says how a node's value and gradient stand."""
    blocks = {card.id: _block(card, numbers) for card in shown}
    sizes = {card.id: _size(card, blocks[card.id]) for card in shown}
    layout, plane = ladder(graph, sizes, MEASURES), Plane()
    for wire in layout.wires:
        plane.arrow(wire)
    for name, spot in layout.spots.items():
        for row, line in enumerate(blocks[name], spot.top):
            plane.write(row, spot.middle - length(line) // 2, line)
    plane.append(below)
    return plane


def _block(card: Card, numbers: Callable[[Card], list[Line]]) -> list[Line]:
    """A node as lines: its title, of an operation in brackets, and its numbers."""
    return [*([[(_titled(card), "")]] if card.head else []), *(numbers(card) if card.numbers else [])]


def _size(card: Card, lines: Sequence[Line]) -> Size:
    """With a blank on either side. Lines meet an operation at its title, and a variable in the middle."""
    port = len(lines) // 2 if card.is_variable else 0
    width = max(map(length, lines))
    text = "".join(piece for piece, _ in lines[port])
    blank = min(len(text) - len(text.lstrip()), len(text) - len(text.rstrip()))  # on both sides of what is centred
    return Size(width + 3 - width % 2, len(lines), port, length(lines[port]) + 2 - 2 * blank)


def _titled(card: Card) -> str:
    return card.head if card.is_variable else f"[{card.head}]"


# ----- Lists --------------------------------------------------------------------------------------------------------


def _operation_list(graph: Graph, named: Sequence[Card], screen: Screen) -> Iterator[Line]:
    """Operations in order, each between its operands and its result. A shape stands where a variable is named first.

    W⁽¹⁾ 2×2, x 2 → [matmul]
    [matmul], b⁽¹⁾ 2 → [+] → a⁽¹⁾ 2
    """
    new = {card.id: _titled(card) for card in named}
    known = _short_titles(named)
    for node in graph.nodes:
        if not node.is_variable:
            yield from _operation(graph, node, lambda name: new.pop(name, known[name]), screen)


def _number_list(graph: Graph, digits: int, screen: Screen) -> Iterator[Line]:
    """The numbers of all nodes, a blank line before each. An operation is named with its operands."""
    shown = _cards(graph, digits, screen)
    titles = _short_titles(shown)
    for node, card in zip(graph.nodes, shown, strict=True):
        if card.numbers:
            yield []
            if not card.is_variable:
                yield from _operation(graph, node, titles.__getitem__, screen)
            wider = (form(card) for form in (side_by_side, stacked))
            fitting = (lines for lines in wider if all(length(line) <= screen.room for line in lines))
            yield from next(fitting, None) or in_parts(card, screen.room)
    yield from _legend(shown, "first: value", "then: gradient of J", screen)


def _short_titles(shown: Sequence[Card]) -> dict[str, str]:
    """Names without shapes, by the id of the node."""
    return {card.id: card.title if card.is_variable else f"[{card.title}]" for card in shown}


def _operation(graph: Graph, node: Node, title: Callable[[str], str], screen: Screen) -> list[Line]:
    """Operands, operation and result, in lines that the screen has room for."""
    arrow = written("→", screen.unicode)
    operands = [title(name) for name in graph.operands(node.id)]
    parts = [f"{operand}," for operand in operands[:-1]] + operands[-1:] + [f"{arrow} {title(node.id)}"]
    result = graph.result_of(node)
    lines = _filled(parts if result is None else [*parts, f"{arrow} {title(result.id)}"], screen.room)
    return [[(piece, "")] for line in lines for piece in _broken(line, screen.room)]


def _filled(parts: Sequence[str], room: int) -> list[str]:
    """As many parts in a line as it has room for."""
    lines = [parts[0]]
    for part in parts[1:]:
        if len(f"{lines[-1]} {part}") <= room:
            lines[-1] += f" {part}"
        else:
            lines.append(f"{INDENT}{part}")
    return lines


def _broken(line: str, room: int) -> list[str]:
    """The line, or if it is longer than that its words in several, those after the first farther to the right."""
    words = line.lstrip()
    indent = " " * (len(line) - len(words))
    further = indent + INDENT
    return wrap(words, room, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False)
