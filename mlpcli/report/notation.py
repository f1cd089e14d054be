"""The notation of our formulas: how text like `θ − ηg/√(s + ε)` falls into letters, numbers and signs."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

FIGURES = 6  # significant ones, where a number stands for a letter
NEXT_TO_1 = 0.01  # or nearer: six figures leave 1 − ŷ with fewer than four
RAISED = "⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀᵃᵗ"
LOWERED = "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₛ"
FUNCTIONS = ("log", "max", "min", "tanh", "sign", "diag", "σ")

_TOKEN = re.compile(
    rf"""
      (?P<gap>\ +)
    | (?P<number>\d+(?:\.\d+)?(?:e[+−-]?\d+)?|½|∞)
    | (?P<function>(?:{"|".join(FUNCTIONS)})(?![A-Za-z]))
    | (?P<name>(?:d[aWwbhxŷα](?![A-Za-z])|[A-Za-z](?![A-Za-z])|[^\W\dA-Za-z_{RAISED}{LOWERED}])[{LOWERED}]*)
    | (?P<word>[A-Za-z]+(?:-[A-Za-z]+)*(?::\w+=[\w.-]+)*)
    | (?P<raised>[{RAISED}]+)
    | (?P<lowered>[{LOWERED}]+)
    | (?P<sign>.)
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """A piece of a formula, and what it is: gap, number, function, name, word, raised, lowered or sign."""

    kind: str
    text: str


def tokens(formula: str) -> Iterator[Token]:
    """The pieces in order. A name is a letter (da counts as one) with its indices: β₁, ŷⱼ, dW."""
    for found in _TOKEN.finditer(formula):
        yield Token(found.lastgroup or "", found[0])


def raised(number: int) -> str:
    """⁽²⁾ for layer 2"""
    return "⁽" + str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) + "⁾"


def lowered(number: int) -> str:
    """₂ for unit 2"""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def element(symbol: str, shape: tuple[int, int], i: int, j: int) -> str:
    """One number of a matrix: w₁₂⁽¹⁾ of W⁽¹⁾, ∂h₁/∂a₂ of ∂h/∂a. A single number needs no index."""
    if shape == (1, 1):
        return symbol
    above, slash, below = symbol.split(" = ")[-1].partition("/")
    if slash:
        return f"{_indexed(above, lowered(i + 1))}/{_indexed(below, lowered(j + 1))}"
    return _indexed(above, lowered(i + 1) + (lowered(j + 1) if shape[1] > 1 else ""))


def _indexed(symbol: str, index: str) -> str:
    """The index goes to the last letter: f′(a₁⁽¹⁾), v of w₁₂⁽¹⁾."""
    pieces = list(tokens(symbol))
    last = max(place for place, token in enumerate(pieces) if token.kind == "name")
    texts = [token.text for token in pieces]
    texts[last] = texts[last].replace("W", "w") + index
    return "".join(texts)


def factor(value: float) -> str:
    """A number as it stands in a product: in brackets where it is negative.

    One just below 1 keeps so many digits that 1 − ŷ can be computed from it, and one just above −1 likewise 1 − h².
    """
    figures = FIGURES
    if 0 < 1 - abs(value) < NEXT_TO_1:
        figures += int(-math.log10(1 - abs(value)))
    text = f"{float(value) + 0.0:.{figures}g}".replace("-", "−")
    return f"({text})" if value < 0 else text
