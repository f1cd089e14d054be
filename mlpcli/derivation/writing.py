"""A formula as text: with numbers in place of its names, `(−0.1) + 0.3·0.28 + (−0.3)·0.72`, or with symbols."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from mlpcli.derivation.formula import Expression, Name, Node, Number, Total, children, is_minus, names
from mlpcli.derivation.values import CONSTANTS, FUNCTIONS, Quantities
from mlpcli.report.notation import factor

ENOUGH = 1e-5  # relative error of a number with six digits
SUM, PRODUCT, POWER, SCIENTIFIC, ATOM = range(5)  # precedence: brackets for a sum in a product, and for 1e−05 squared
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
RAISED = {"t": "ᵗ"}
At = Mapping[str, int]  # the place of each index


class WrittenFormula(NamedTuple):
    """The text of a formula, its level of precedence, and its value."""

    text: str
    level: int
    value: float = np.nan

    def gives(self, value: float) -> bool:
        """Whether the written formula gives this value, to the precision of its printed numbers."""
        return self.value == value or abs(self.value - value) <= ENOUGH * abs(value)

    def within(self, level: int) -> str:
        """The text, in brackets if its precedence is lower than that of the formula around it."""
        return self.text if self.level >= level else f"({self.text})"


def written(node: Node, at: At, quantities: Quantities) -> WrittenFormula:
    """The formula for the element `at` these places of its free indices, with the value of the printed numbers.

    0 times a number that is not finite is written as 0, such as 0·log 0.
    """
    with np.errstate(all="ignore"):
        return _Numbers(quantities).of(node, at)


def spelled_out(node: Node, shown: Callable[[Name], str]) -> str:
    """The formula with a symbol for each name."""
    return _Symbols(shown).of(node, {}).text


class _Writing:
    """Writes the signs between the parts. Subclasses write names and sums."""

    dot = "·"

    def of(self, node: Node, at: At) -> WrittenFormula:
        match node:
            case Number(number, text):
                return _constant(text, number)
            case Name(symbol):
                return WrittenFormula(symbol, ATOM, CONSTANTS[symbol]) if symbol in CONSTANTS else self.name(node, at)
            case Total(index, body):
                return self.total(index, body, at)
            case Expression("[,]" | "[;]", (first, last)):
                return self.appended(node.sign, first, last, at)
            case Expression("e^", (exponent,)):
                return self.exponential(exponent, at)
            case Expression("^", (base, exponent)):
                return self.power(self.of(base, at), exponent, at)
            case Expression(sign, operands):
                parts = [self.of(each, at) for each in operands]
                value = float(FUNCTIONS[sign](*(np.float64(each.value) for each in parts)))
                return self.operation(node, parts, value)

    def operation(self, node: Expression, parts: list[WrittenFormula], value: float) -> WrittenFormula:
        match node.sign:
            case "+":
                return _sum(list(map(is_minus, node.parts)), parts, value)
            case "−":  # `_sum` writes the sign
                return parts[0]._replace(value=value)
            case "·":
                return self.product(parts, value)
            case "/":
                return _quotient(parts[0], parts[1], value, spaced=_has_powers(node.parts[1]))
            case "if":
                left, right, then, other = (each.text for each in parts)
                return WrittenFormula(f"{then} if {left} > {right} else {other}", SUM, value)
        return _call(node.sign, parts, value)

    def name(self, name: Name, at: At) -> WrittenFormula:
        raise NotImplementedError

    def total(self, index: str, body: Node, at: At) -> WrittenFormula:
        raise NotImplementedError

    def appended(self, sign: str, first: Node, last: Node, at: At) -> WrittenFormula:
        raise NotImplementedError

    def product(self, factors: list[WrittenFormula], value: float) -> WrittenFormula:
        if any(each.value == 0 for each in factors) and any(np.isinf(each.value) for each in factors):
            return WrittenFormula("0", ATOM, 0.0)
        return WrittenFormula(self.dot.join(each.within(PRODUCT) for each in factors), PRODUCT, value)

    def exponential(self, exponent: Node, at: At) -> WrittenFormula:
        return self.power(WrittenFormula("e", ATOM, np.e), exponent, at)

    def power(self, base: WrittenFormula, exponent: Node, at: At) -> WrittenFormula:
        above = self.of(exponent, at)
        raised = f"^{above.within(SCIENTIFIC)}"
        if isinstance(exponent, Number):
            raised = exponent.text.translate(SUPERSCRIPTS)
        return WrittenFormula(base.within(ATOM) + raised, POWER, float(np.power(np.float64(base.value), above.value)))


class _Numbers(_Writing):
    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities

    def name(self, name: Name, at: At) -> WrittenFormula:
        places = tuple(at[index] for index in name.indices)
        if name.symbol == "δ":
            return WrittenFormula(str(int(places[0] == places[1])), ATOM, float(places[0] == places[1]))
        return _number(float(np.asarray(self.quantities(name))[places]))

    def total(self, index: str, body: Node, at: At) -> WrittenFormula:
        """All terms of the sum."""
        size = self.size(index, body)
        terms = [self.of(body, {**at, index: place}) for place in range(size)]
        return _sum([False] * size, terms, sum(term.value for term in terms))

    def size(self, index: str, node: Node) -> int:
        """How many values the index has."""
        name = next(name for name in names(node) if index in name.indices and name.symbol != "δ")
        shape: tuple[int, ...] = np.shape(self.quantities(name))
        return shape[name.indices.index(index)]

    def appended(self, sign: str, first: Node, last: Node, at: At) -> WrittenFormula:
        """The element at this place, which may be the one at the end."""
        index = next(names(first)).indices[-1]
        return self.of(first if at[index] < self.size(index, first) else last, at)

    def exponential(self, exponent: Node, at: At) -> WrittenFormula:
        """A difference in the exponent of e becomes one number, as −a in e⁻ᵃ does."""
        if isinstance(exponent, Expression) and exponent.sign == "+":
            above = _number(self.of(exponent, at).value)
            return WrittenFormula(f"e^{above.text}", POWER, float(np.exp(above.value)))
        return super().exponential(exponent, at)


class _Symbols(_Writing):
    def __init__(self, shown: Callable[[Name], str]) -> None:
        self.shown = shown

    def name(self, name: Name, at: At) -> WrittenFormula:
        return WrittenFormula(self.shown(name), ATOM)

    def total(self, index: str, body: Node, at: At) -> WrittenFormula:
        return WrittenFormula(f"Σ{index} {self.of(body, at).within(PRODUCT)}", PRODUCT)

    def appended(self, sign: str, first: Node, last: Node, at: At) -> WrittenFormula:
        return WrittenFormula(f"[{self.of(first, at).text}{sign[1]} {self.of(last, at).text}]", ATOM)

    def product(self, factors: list[WrittenFormula], value: float) -> WrittenFormula:
        """A quotient of letters needs a dot before the next factor."""
        texts = [each.within(PRODUCT) for each in factors]
        dots = ["" if not k else " · " if "/ " in texts[k - 1] else " " for k in range(len(texts))]
        return WrittenFormula("".join(dot + text for dot, text in zip(dots, texts, strict=True)), PRODUCT)

    def power(self, base: WrittenFormula, exponent: Node, at: At) -> WrittenFormula:
        """A letter as exponent is raised: βᵗ."""
        if isinstance(exponent, Name) and exponent.symbol in RAISED:
            return WrittenFormula(base.within(ATOM) + RAISED[exponent.symbol], POWER)
        return super().power(base, exponent, at)


def _number(value: float) -> WrittenFormula:
    """A number with the digits of a factor, and the value of these digits."""
    text = factor(value)
    return _constant(text, float(text.strip("()").replace("−", "-")))


def _constant(text: str, value: float) -> WrittenFormula:
    """A number. One like 1.5e−05 is a product, 1.5·10⁻⁵, so a power of it needs brackets unless it has them already."""
    scientific = "e" in text and not text.startswith("(")
    return WrittenFormula(text, SCIENTIFIC if scientific else ATOM, value)


def _sum(minus: list[bool], terms: list[WrittenFormula], value: float) -> WrittenFormula:
    """A sum of terms, some of them with a minus. A single term stays as it is."""
    if len(terms) == 1 and not minus[0]:
        return terms[0]
    text = ""
    for negative, term in zip(minus, terms, strict=True):
        part = term.within(PRODUCT) if negative else term.text
        text += f" {'−' if negative else '+'} {part}" if text else f"−{part}" if negative else part
    return WrittenFormula(text, SUM, value)


def _quotient(above: WrittenFormula, below: WrittenFormula, value: float, spaced: bool) -> WrittenFormula:
    if above.value == 0 and below.value == 0:
        return WrittenFormula("0", ATOM, 0.0)
    sign = " / " if spaced else "/"
    divisor = below.within(ATOM if below.level == SCIENTIFIC else POWER)  # 1/(6.8·10⁻⁵), but 1/v²
    return WrittenFormula(f"{above.within(PRODUCT)}{sign}{divisor}", PRODUCT, value)


def _has_powers(node: Node) -> bool:
    power = isinstance(node, Total) or (isinstance(node, Expression) and node.sign in ("^", "e^"))
    return power or any(map(_has_powers, children(node)))


def _call(function: str, arguments: list[WrittenFormula], value: float) -> WrittenFormula:
    """√2, |x|, log 0.3, log(1 − 0.3), max(0, −0.2)"""
    texts = [_bare(each.text) for each in arguments]
    if function == "|":
        return WrittenFormula(f"|{texts[0]}|", ATOM, value)
    least = SCIENTIFIC if function == "√" else ATOM  # of log 6.8·10⁻⁵, one could take the logarithm of 6.8
    bare = len(texts) == 1 and arguments[0].level >= least and texts[0] == arguments[0].text
    if bare and (function == "√" or function.startswith("log")):
        return WrittenFormula(f"√{texts[0]}" if function == "√" else f"{function} {texts[0]}", POWER, value)
    return WrittenFormula(f"{function}({', '.join(texts)})", ATOM, value)


def _bare(text: str) -> str:
    """A negative number without its brackets."""
    return text[1:-1] if text.startswith("(−") and text.find(")") == len(text) - 1 and " " not in text else text
