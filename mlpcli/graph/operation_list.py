"""A computational graph without a drawing: operations in their order, each between its operands and its result.

W⁽¹⁾ 2×2, x 2 → [matmul]
[matmul], b⁽¹⁾ 2 → [+] → a⁽¹⁾ 2
"""

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap

from mlpcli.graph.graph import Graph, Node
from mlpcli.graph.graph_cards import Card
from mlpcli.graph.layered_text import title_line
from mlpcli.report.screen import Screen, written

INDENT = "  "  # of what goes on in a further line


def operation_list(graph: Graph, cards: Sequence[Card], screen: Screen) -> Iterator[str]:
    """The lines. A shape stands where a variable is named first."""
    new = {card.id: title_line(card) for card in cards}
    known = short_titles(cards)
    for node in graph.nodes:
        if not node.is_variable:
            yield from operation_lines(graph, node, lambda name: new.pop(name, known[name]), screen)


def short_titles(cards: Sequence[Card]) -> dict[str, str]:
    """Names without shapes, by the id of the node."""
    return {card.id: card.title if card.is_variable else f"[{card.title}]" for card in cards}


def operation_lines(graph: Graph, node: Node, title: Callable[[str], str], screen: Screen) -> list[str]:
    """Operands, operation and result, in lines that the screen has room for."""
    arrow = written("→", screen.unicode)
    operands = [title(edge.start) for edge in graph.edges if edge.end == node.id]
    parts = [f"{operand}," for operand in operands[:-1]] + operands[-1:] + [f"{arrow} {title(node.id)}"]
    result = graph.result_of(node)
    return _folded(parts if result is None else [*parts, f"{arrow} {title(result.id)}"], screen.room)


def _folded(parts: Sequence[str], room: int) -> list[str]:
    """As many parts in a line as it has room for; one that is longer is broken between its words."""
    lines = [parts[0]]
    for part in parts[1:]:
        if len(f"{lines[-1]} {part}") <= room:
            lines[-1] += f" {part}"
        else:
            lines.append(f"{INDENT}{part}")
    return [piece for line in lines for piece in _broken(line, room)]


def _broken(line: str, room: int) -> list[str]:
    """The line, or where it is longer than that its words in several, those after the first farther to the right.

    A word that is longer by itself, as alpha(3)...alpha(4) for some layers together, goes on in the next line too.
    """
    words = line.lstrip()
    indent = " " * (len(line) - len(words))
    return wrap(
        words,
        room,
        initial_indent=indent,
        subsequent_indent=indent + INDENT,
        break_on_hyphens=False,
    )
