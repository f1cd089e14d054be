"""Formulas in our notation as LaTeX mathematics, in plain ASCII: `θ − ηg/√(s + ε)` becomes \\theta - \\frac{…}{…}.

Only what LaTeX with amsmath, KaTeX and MathJax understand alike. On GitHub Markdown has its turn before MathJax: so a
backslash stands before letters only (row ends, at the end of a line, are spared), and `_` after a letter, where it
cannot begin emphasis.
"""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from mlpcli.report.notation import FIGURES, LOWERED, Token, tokens
from mlpcli.report.text import number

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "η": "eta", "θ": "theta", "λ": "lambda",
    "μ": "mu", "ρ": "rho", "σ": "sigma", "Λ": "Lambda", "Ω": "Omega", "ℓ": "ell",
}  # fmt: skip
LETTERS = {"ŷ": r"\hat y", "Σ": r"\sum", **{letter: f"\\{name}" for letter, name in GREEK.items()}}
SIGNS = {
    "−": "-", "·": r"\cdot", "⊙": r"\odot", "×": r"\times", "←": r"\leftarrow", "∂": r"\partial", "‖": r"\Vert",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∈": r"\in", "′": "'", "{": r"\lbrace", "}": r"\rbrace", "∕": "/",
}  # fmt: skip
NUMBERS = {"½": r"\tfrac{1}{2}", "∞": r"\infty"}
FUNCTIONS = {"σ": r"\sigma", "sign": r"\mathrm{sign}", "diag": r"\mathrm{diag}"}  # others have their own command
SCRIPTS = str.maketrans("⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵃᵗ₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₛ", "()0123456789-+at0123456789ijks") | {ord("ᵀ"): r"\top"}
CLOSING = {"(": ")", "|": "|"}
_COMMAND_AT_END = re.compile(r"\\[a-zA-Z]+$")
_CONDITIONAL = re.compile(r"(?P<then>.+?) if (?P<condition>.+?) else (?P<other>[^,]+)(?P<rest>.*)")
TYPED, SURE = 8, 12  # characters of a number that is typed, at most; digits of a float that processors agree on
BLANK = r"\underline{\hspace{4em}}\rule[-0.7em]{0pt}{2.2em}"  # a line to write on, and room above it


def typeset(formula: str) -> str:
    """A formula as LaTeX. A quotient with / is stacked, one with ∕ stays in the line."""
    return _joined(_items(_Reader(list(tokens(formula))), ""))


def typeset_in_line(formula: str) -> str:
    """A formula for a line of text or of a table, where no quotient is stacked."""
    return typeset(formula.replace("/", "∕"))


def typeset_cases(formula: str) -> str:
    """As `typeset`; but `a if a > 0 else αa` stands as two cases, one above the other."""
    found = _CONDITIONAL.fullmatch(formula)
    if found is None:
        return typeset(formula)
    then, condition, other = map(typeset, found.group("then", "condition", "other"))
    rest = typeset(found["rest"])
    return f"\\begin{{cases}}\n{then} & \\text{{if }}{condition} \\\\\n{other} & \\text{{else}}\n\\end{{cases}}{rest}"


def typeset_number(value: float, digits: int) -> str:
    """A number with so many decimals; NaN is a blank to be filled in."""
    if math.isnan(value):
        return BLANK
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    return _powers(number(value + 0.0, digits))  # + 0.0: no negative zero


def typeset_significant(value: float, digits: int) -> str:
    """A number with as many digits as numbers in sums have, or more where more decimals are asked for."""
    if not math.isfinite(value):
        return typeset_number(value, digits)
    return _powers(f"{value + 0.0:.{max(FIGURES, digits)}g}")


def typeset_typed(value: float) -> str | None:
    """A number just as a person types it, like 0.999, or nothing where that takes many digits.

    The last digits of a float, in which 0.1 + 0.2 differs from 0.3, are not looked at.
    """
    text = f"{value + 0.0:.{SURE}g}"
    return _powers(text) if math.isfinite(value) and len(text) <= TYPED else None


# ----- Reading ------------------------------------------------------------------------------------------------------


class _Reader:
    """Tokens, taken one after the other."""

    def __init__(self, pieces: Sequence[Token]) -> None:
        self.pieces = pieces
        self.place = 0

    @property
    def next(self) -> Token:
        return self.pieces[self.place] if self.place < len(self.pieces) else Token("end", "")

    def take(self) -> Token:
        self.place += 1
        return self.pieces[self.place - 1]


class _Item(NamedTuple):
    """A piece of a formula in LaTeX: gap, word, sign, slash, or factor; a bracket also without its signs."""

    kind: str
    latex: str
    bare: str


def _items(reader: _Reader, closing: str) -> list[_Item]:
    """Everything up to a closing bracket, or to the end."""
    found: list[_Item] = []
    while reader.next.kind != "end" and reader.next.text != closing:
        found.append(_item(reader))
    return found


def _item(reader: _Reader) -> _Item:
    kind, text = reader.next
    if kind in ("gap", "word"):
        reader.take()
        return _Item(kind, text, text)
    if text == "/":
        reader.take()
        return _Item("slash", "/", "/")
    if kind == "sign" and text not in "(|√∂)":
        reader.take()
        return _Item("sign", SIGNS.get(text, text), "")
    return _factor(reader)


def _factor(reader: _Reader) -> _Item:
    """A letter, number, function or bracket with its indices, primes, powers and the number of its sample."""
    latex, bare = _primary(reader)
    while reader.next.kind in ("raised", "lowered") or (reader.next.text and reader.next.text in "′^_["):
        kind, text = reader.take()
        if text == "′":
            latex += "'"
        elif text == "[":
            latex += f"[{_joined(_items(reader, ']'))}]"
            reader.take()
        elif text in ("^", "_"):
            latex += f"{text}{{{_factor(reader).bare}}}"
        else:
            latex += f"{'^' if kind == 'raised' else '_'}{{{text.translate(SCRIPTS)}}}"
        bare = latex
    return _Item("factor", latex, bare)


def _primary(reader: _Reader) -> tuple[str, str]:
    """With brackets, and without."""
    kind, text = reader.take()
    if text in CLOSING:
        return _bracket(reader, text)
    if text == "√":
        latex = rf"\sqrt{{{_factor(reader).bare}}}"
    elif text == "∂":
        latex = rf"\partial {_factor(reader).latex}"
    elif kind == "function":
        latex = FUNCTIONS.get(text, f"\\{text}")
    elif kind == "number":
        latex = NUMBERS.get(text) or _powers(text.replace("−", "-"))
    elif kind == "name":
        latex = _letter(text)
    else:
        latex = SIGNS.get(text, text)
    return latex, latex


def _bracket(reader: _Reader, opening: str) -> tuple[str, str]:
    """A bracket grows with a quotient in it. One that is not closed, in a part of a formula, is a sign."""
    inner = _joined(_items(reader, CLOSING[opening]))
    if reader.next.kind == "end":
        return f"{opening}{inner}", f"{opening}{inner}"
    reader.take()
    if opening == "|":
        return rf"\lvert {inner} \rvert", rf"\lvert {inner} \rvert"
    return (rf"\left({inner}\right)" if r"\frac" in inner else f"({inner})"), inner


def _letter(text: str) -> str:
    """β₁, dŷ, dW: a d that marks a gradient stays before its letter."""
    letters = text.rstrip(LOWERED)
    index = text[len(letters) :].translate(SCRIPTS)
    latex = "".join(LETTERS.get(letter, letter) for letter in letters)
    return f"{latex}_{{{index}}}" if index else latex


def _powers(text: str) -> str:
    """1.2e-05 as 1.2 · 10⁻⁵, and 1e-05 as 10⁻⁵"""
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


# ----- Putting together ---------------------------------------------------------------------------------------------


def _joined(items: list[_Item]) -> str:
    """The pieces with quotients stacked and words set as text."""
    text = ""
    for item in _phrases(_stacked(items)):
        apart = " " if _COMMAND_AT_END.search(text) and item.latex[:1].isalpha() else ""
        text += apart + (rf"\text{{{item.latex}}}" if item.kind == "word" else item.latex)
    return text.strip()


def _phrases(items: list[_Item]) -> Iterator[_Item]:
    """Words that follow each other as one, with the gaps around them, which mathematics would swallow."""
    for kind, group in groupby(items, lambda item: "factor" if item.kind in ("factor", "sign") else "word or gap"):
        held = list(group)
        if kind == "factor" or not any(item.kind == "word" for item in held):
            yield from held
        else:
            yield _Item("word", "".join(item.latex for item in held), "")


def _stacked(items: list[_Item]) -> list[_Item]:
    """Each a / b as one factor: above stands the product that ends at the slash, below it one factor (or a sum)."""
    found: list[_Item] = []
    waiting = iter(items)
    for item in waiting:
        if item.kind != "slash":
            found.append(item)
            continue
        above: list[_Item] = []
        while found and found[-1].kind == "gap":
            found.pop()
        while found and found[-1].kind == "factor":
            above.insert(0, found.pop())
        below = next((item for item in waiting if item.kind != "gap"), _Item("sign", "", ""))
        lower = below.bare
        if lower.startswith(r"\sum"):
            lower += " " + next(item for item in waiting if item.kind != "gap").latex
        upper = above[0].bare if len(above) == 1 else " ".join(item.latex for item in above)
        fraction = rf"\frac{{{upper}}}{{{lower}}}"
        found.append(_Item("factor", fraction, fraction))
    return found
