"""A formula read as the nested loops of plain Python, as the lecture writes its naive operations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mlpcli.derivation.formula import Expression, Name, Node, Number, Total

LETTERS = {"ᵢ": "i", "ⱼ": "j", "ₖ": "k", "ₛ": "s", "₁": "0"}  # ₁: an axis of length 1, which has no other place
INDENT = "    "
Lengths = Mapping[str, int]  # how far each index goes
Axes = Mapping[str, str]  # the index of each axis of an operand


class TensorWork(NamedTuple):
    """What an operation does, in numbers of elementary operations."""

    multiply_adds: int = 0
    additions: int = 0
    comparisons: int = 0

    def __mul__(self, times: object) -> "TensorWork":
        assert isinstance(times, int)
        return TensorWork(*(count * times for count in self))

    def __add__(self, other: tuple[object, ...]) -> "TensorWork":
        assert isinstance(other, TensorWork)
        return TensorWork(*(one + two for one, two in zip(self, other, strict=True)))


def work_of(node: Node, lengths: Lengths) -> TensorWork:
    """The work of one element: Σ of a product is a multiply–add for each term, a comparison is a max."""
    match node:
        case Total(index, body):
            return (work_of(body, lengths) + TensorWork(multiply_adds=1)) * lengths[index]
        case Expression("·"):
            return TensorWork()
        case Expression("+", terms):
            return sum((work_of(term, lengths) for term in terms), TensorWork(additions=len(terms) - 1))
        case Expression(_, arguments):
            return sum(
                (work_of(argument, lengths) for argument in arguments), TensorWork(comparisons=len(arguments) - 1)
            )
        case _:
            return TensorWork()


def loops(node: Node, indices: str, lengths: Lengths, axes: Axes) -> list[str]:
    """z = formula for all its indices, line by line. A sum is an inner loop that adds up `total`."""
    shape = ", ".join(str(lengths[index]) for index in indices)
    lines = [f"z = zeros({shape})"] if indices else []
    for depth, index in enumerate(indices):
        lines.append(f"{INDENT * depth}for {LETTERS[index]} in range({lengths[index]}):")
    inner = INDENT * len(indices)
    code = _Writer(lengths, axes, lines).expression(node, inner)
    target = "z" + "".join(f"[{LETTERS[index]}]" for index in indices)
    return [*lines, f"{inner}{target} = {code}"]


class _Writer(NamedTuple):
    """Writes expressions; loops that they need go to `before`."""

    lengths: Lengths
    axes: Axes
    before: list[str]

    def expression(self, node: Node, indent: str) -> str:
        match node:
            case Number(_, text):
                return text
            case Name(symbol, _):
                return symbol + "".join(f"[{LETTERS[index]}]" for index in self.axes[symbol])
            case Expression("·", factors):
                return " * ".join(self.expression(factor, indent) for factor in factors)
            case Expression("+", terms):
                return " + ".join(self.expression(term, indent) for term in terms)
            case Expression(function, arguments):
                return f"{function}({', '.join(self.expression(each, indent) for each in arguments)})"
            case Total(index, body):
                self.before.append(f"{indent}total = 0.0")
                self.before.append(f"{indent}for {LETTERS[index]} in range({self.lengths[index]}):")
                term = self.expression(body, indent + INDENT)
                self.before.append(f"{indent}{INDENT}total += {term}")
                return "total"


def as_function(lines: Sequence[str], operands: Sequence[str]) -> Callable[..., Any]:
    """The loops as a function of their operands, which are lists of numbers or of rows. It returns z."""
    names: dict[str, Any] = {"zeros": _zeros}
    body = "\n".join(INDENT + line for line in lines)
    exec(f"def run({', '.join(operands)}):\n{body}\n{INDENT}return z", names)
    function: Callable[..., Any] = names["run"]
    return function


def _zeros(*shape: int) -> Any:
    if len(shape) == 1:
        return [0.0] * shape[0]
    return [_zeros(*shape[1:]) for _ in range(shape[0])]
