"""The language of our formulas: `bᵢ + Σⱼ Wᵢⱼ h⁻ₛⱼ` as a tree.

The text is as on paper. Neighboring factors are multiplied. Letters below the line are indices (Wᵢⱼ), digits below the
line belong to the name (β₁). ⁻ and ⁺ after a name mean the layer below and above; ′ marks a derivative or a new value.
A quotient takes all factors to its left and one to its right: ηg/√(s + ε) is (ηg)/√(s + ε). A sum Σⱼ takes the product
that follows it. `a if a > 0 else αa` has two cases; [W, b] and [h; 1] append.

From such a tree, `values` computes numbers, `writing` makes text with or without numbers, and `matrices` a matrix form.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from mlpcli.report.notation import Token, tokens

INDICES = "ᵢⱼₖₛ"
SAMPLE = "ₛ"  # the index that counts the samples
POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
LETTERS = {"ᵃ": "a", "ᵗ": "t"}  # raised letters


class Number(NamedTuple):
    """A constant, as it is written."""

    value: float
    text: str


class Name(NamedTuple):
    """A quantity, or one of its numbers: h⁻ₛⱼ is unit j of the layer below, for sample s."""

    symbol: str
    indices: str = ""
    layer: str | int = ""  # ⁻ below, ⁺ above, or this one; its number, if the formula belongs to a network


class Expression(NamedTuple):
    """An operator or a function, and its operands.

    The operators are + (of any number of terms), − (of one), · (of any number of factors), /, ^, e^ (of one), `if` (the
    operands of `x if a > b else y` are a, b, x, y), and [,] and [;]. `[Wᵢⱼ, bᵢ]` is W with b as its last column, and
    `[hᵢ; 1]` is h with a 1 at its end. All others are functions. The root and |x| are functions too.
    """

    sign: str
    parts: tuple["Node", ...]


class Total(NamedTuple):
    """Σ of the body over an index."""

    over: str
    body: "Node"


Node: TypeAlias = Number | Name | Expression | Total


@lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """The tree of a formula. Raises ValueError if the text is not a formula; the message names the unexpected part."""
    reader = _Parser(text)
    node = reader.formula()
    if reader.next.kind != "end":
        raise ValueError(f"formula {text!r}: {reader.next.text!r} is unexpected")
    return node


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    match node:
        case Expression(_, parts):
            return parts
        case Total(_, body):
            return (body,)
    return ()


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with `change` applied to each of its parts."""
    match node:
        case Expression(sign, parts):
            return Expression(sign, tuple(map(change, parts)))
        case Total(index, body):
            return Total(index, change(body))
    return node


def renamed(node: Node, change: Callable[[Name], Node]) -> Node:
    """The formula with `change` applied to each name."""
    return change(node) if isinstance(node, Name) else rebuilt(node, lambda part: renamed(part, change))


def names(node: Node) -> Iterator[Name]:
    """All names of a formula, from left to right."""
    if isinstance(node, Name):
        yield node
    for part in children(node):
        yield from names(part)


class _Parser:
    """A recursive descent parser with a method for each level of precedence."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rest = [token for token in tokens(text) if token.kind != "gap"]
        self.rest.append(Token("end", ""))

    @property
    def next(self) -> Token:
        return self.rest[0]

    def formula(self) -> Node:
        """A sum, or two with a condition between them."""
        then = self.sum()
        if not self.takes("if"):
            return then
        left = self.sum()
        self.wants(">")
        right = self.sum()
        self.wants("else")
        return Expression("if", (left, right, then, self.formula()))

    def sum(self) -> Node:
        """Terms with + and − between them; the first may have a − too."""
        terms = [minus(self.product()) if self.takes("−") else self.product()]
        while self.next.text in ("+", "−"):
            terms.append(minus(self.product()) if self.take().text == "−" else self.product())
        return total_of(terms)

    def product(self) -> Node:
        """Neighboring factors. A quotient takes all factors to its left."""
        factors = [self.power()]
        while True:
            if self.takes("/"):
                factors = [Expression("/", (_product(factors), self.power()))]
            elif self.takes("·") or self.takes("⊙") or self.starts_factor():
                factors.append(self.power())
            else:
                return _product(factors)

    def starts_factor(self) -> bool:
        return self.next.kind in ("number", "name", "function") or self.next.text in ("(", "√")

    def power(self) -> Node:
        """θ², e⁻ᵃ, β₁ᵗ, e^aᵢ"""
        base = self.atom()
        if self.takes("^"):
            return _power(base, self.atom())
        if self.next.kind != "raised":
            return base
        text = self.take().text
        letter = text.removeprefix("⁻")
        if letter in LETTERS:
            exponent: Node = Name(LETTERS[letter])
        else:
            exponent = Number(float(letter.translate(POWERS)), letter.translate(POWERS))
        return _power(base, exponent if letter == text else total_of([minus(exponent)]))

    def atom(self) -> Node:
        """A number, a name, a function, a root, a sum Σⱼ, or a formula in brackets."""
        kind, text = self.take()
        if kind == "number":
            return Number(0.5 if text == "½" else float(text), text)
        if kind == "function":
            return self.call(text)
        if kind == "name" and text[0] == "Σ":
            return Total(text[1:], self.product())
        if kind == "name":
            return self.name(text)
        if text == "√":
            return Expression("√", (self.atom(),))
        if text == "[":
            first, sign, last = self.formula(), self.take().text, self.formula()
            self.wants("]")
            return Expression(f"[{sign}]", (first, last))
        if text in ("(", "|"):
            node = self.formula()
            self.wants(")" if text == "(" else "|")
            return node if text == "(" else Expression("|", (node,))
        raise ValueError(f"formula {self.text!r}: {text or 'its end'!r} is unexpected")

    def call(self, function: str) -> Node:
        """log ŷ, log(1 − ŷ), max(0, a); log₁₀ has its base below the line."""
        if self.next.kind == "lowered":
            function += self.take().text
        if not self.takes("("):
            return Expression(function, (self.power(),))
        arguments = [self.formula()]
        while self.takes(","):
            arguments.append(self.formula())
        self.wants(")")
        return Expression(function, tuple(arguments))

    def name(self, text: str) -> Name:
        """Wᵢⱼ, h⁻ₛⱼ, f′ₛᵢ, β₁"""
        symbol, layer = text.rstrip(INDICES), ""
        indices = text[len(symbol) :]
        if self.takes("_"):  # ŷ_y, the output of the right class
            symbol += "_" + self.take().text
        while self.next.text in ("′", "⁻", "⁺"):
            mark = self.take().text
            symbol, layer = (symbol + mark, layer) if mark == "′" else (symbol, mark)
        if not indices and self.next.kind == "lowered":
            indices = self.take().text
        return Name(symbol, indices, layer)

    def take(self) -> Token:
        return self.rest.pop(0)

    def takes(self, text: str) -> bool:
        """Whether this text comes next. If so, the parser moves past it."""
        comes = self.next.text == text
        if comes:
            self.take()
        return comes

    def wants(self, text: str) -> None:
        if not self.takes(text):
            raise ValueError(f"formula {self.text!r}: {text!r} is missing before {self.next.text!r}")


def minus(node: Node) -> Node:
    """−x, as a term of a sum."""
    return Expression("−", (node,))


def total_of(terms: Sequence[Node]) -> Node:
    """The sum of the terms. A single one stays as it is, unless it has a minus; no terms are 0."""
    if len(terms) == 1 and not is_minus(terms[0]):
        return terms[0]
    return Expression("+", tuple(terms)) if terms else Number(0, "0")


def is_minus(term: Node) -> bool:
    """Whether a term of a sum is subtracted."""
    return isinstance(term, Expression) and term.sign == "−"


def _product(factors: Sequence[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Expression("·", tuple(factors))


def _power(base: Node, exponent: Node) -> Node:
    return Expression("e^", (exponent,)) if base == Name("e") else Expression("^", (base, exponent))
