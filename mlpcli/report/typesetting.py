"""Formulas in our notation as LaTeX mathematics, in plain ASCII: `θ − ηg/√(s + ε)` becomes \\theta - \\frac{…}{…}.

The result uses only commands that LaTeX with amsmath, KaTeX and MathJax all understand. GitHub reads it as Markdown
first. So a backslash comes only before a letter, or at the end of a line, where Markdown keeps it. `_` comes only after
a letter, where it cannot begin emphasis.
"""

import math
import re
from collections import deque
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from mlpcli.report.notation import GREEK, LOWERED, SCRIPTS, TILDE, Token, tokens
from mlpcli.report.numbers import number

LETTERS = {"ŷ": r"\hat y", "Σ": r"\sum", **{letter: f"\\{name}" for letter, name in GREEK.items()}}
SIGNS = {
    "−": "-", "·": r"\cdot", "⊙": r"\odot", "×": r"\times", "←": r"\leftarrow", "∂": r"\partial", "‖": r"\Vert",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∈": r"\in", "′": "'", "{": r"\lbrace", "}": r"\rbrace", "∕": "/",
    "±": r"\pm",
}  # fmt: skip
NUMBERS = {"½": r"\tfrac{1}{2}", "∞": r"\infty"}
FUNCTIONS = {"σ": r"\sigma", "sign": r"\mathrm{sign}", "diag": r"\mathrm{diag}"}  # others have their own command
CLOSING = {"(": ")", "|": "|"}
_COMMAND_AT_END = re.compile(r"\\[a-zA-Z]+$")
_CONDITIONAL = re.compile(r"(?P<then>.+?) if (?P<condition>.+?) else (?P<other>[^,]+)(?P<rest>.*)")
BLANK = r"\underline{\hspace{4em}}\rule[-0.7em]{0pt}{2.2em}"  # a line to write on, and room above it


def typeset(formula: str) -> str:
    """A formula as LaTeX. A quotient with / is stacked; one with ∕ stays on the line."""
    return _joined(_items(deque((*tokens(formula), END)), ""))


def typeset_in_line(formula: str) -> str:
    """A formula for a line of text or a cell of a table, without stacked quotients."""
    return typeset(formula.replace("/", "∕"))


def typeset_cases(formula: str) -> str:
    """As `typeset`, but `a if a > 0 else αa` becomes two cases, one above the other."""
    cases = _CONDITIONAL.fullmatch(formula)
    if cases is None:
        return typeset(formula)
    then, condition, other = map(typeset, cases.group("then", "condition", "other"))
    rest = typeset(cases["rest"])
    return f"\\begin{{cases}}\n{then} & \\text{{if }}{condition} \\\\\n{other} & \\text{{else}}\n\\end{{cases}}{rest}"


def typeset_number(value: float, digits: int) -> str:
    """A number with this many decimals; NaN is a blank to fill in."""
    if math.isnan(value):
        return BLANK
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    return in_powers(number(value + 0.0, digits))  # + 0.0: no negative zero


def in_powers(text: str) -> str:
    """1.2e-05 as 1.2 · 10⁻⁵, and 1e-05 as 10⁻⁵"""
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


# ----- Reading ------------------------------------------------------------------------------------------------------


END = Token("end", "")
Tokens = deque[Token]  # still to be read; the last is END


class _Item(NamedTuple):
    """A piece of a formula in LaTeX: gap, word, sign, slash, or factor; a bracket also without its signs."""

    kind: str
    latex: str
    bare: str


def _items(waiting: Tokens, closing: str) -> list[_Item]:
    """Everything up to a closing bracket, or to the end."""
    items: list[_Item] = []
    while waiting[0].kind != "end" and waiting[0].text != closing:
        items.append(_item(waiting))
    return items


def _item(waiting: Tokens) -> _Item:
    kind, text = waiting[0]
    if kind not in ("gap", "word", "sign") or (kind == "sign" and text in "(|√∂)"):
        return _factor(waiting)
    waiting.popleft()
    if kind != "sign":
        return _Item(kind, text, text)
    if text == "/":
        return _Item("slash", "/", "/")
    power = waiting.popleft().text if text == "‖" and waiting[0].kind == "raised" else ""
    return _Item("sign", SIGNS.get(text, text) + (f"^{{{power.translate(SCRIPTS)}}}" if power else ""), "")


def _factor(waiting: Tokens) -> _Item:
    """A letter, number, function or bracket with its indices, primes, powers and the number of its sample."""
    latex, bare = _primary(waiting)
    while waiting[0].kind in ("raised", "lowered") or (waiting[0].text and waiting[0].text in "′*^_["):
        kind, text = waiting.popleft()
        if text == "′":
            latex += "'"
        elif text == "*":
            latex += "^{*}"
        elif text == "[":
            latex += f"[{_joined(_items(waiting, ']'))}]"
            waiting.popleft()
        elif text in ("^", "_"):
            latex += f"{text}{{{_factor(waiting).bare}}}"
        else:
            latex += f"{'^' if kind == 'raised' else '_'}{{{text.translate(SCRIPTS)}}}"
        bare = latex
    return _Item("factor", latex, bare)


def _primary(waiting: Tokens) -> tuple[str, str]:
    """With brackets, and without."""
    kind, text = waiting.popleft()
    if text in CLOSING:
        return _bracket(waiting, text)
    if text == "√":
        latex = rf"\sqrt{{{_factor(waiting).bare}}}"
    elif text == "∂":
        latex = rf"\partial {_factor(waiting).latex}"
    elif kind == "function":
        latex = FUNCTIONS.get(text, f"\\{text}")
    elif kind == "number":
        latex = NUMBERS.get(text) or in_powers(text.replace("−", "-"))
    elif kind == "name":
        latex = _letter(text)
    else:
        latex = SIGNS.get(text, text)
    return latex, latex


def _bracket(waiting: Tokens, opening: str) -> tuple[str, str]:
    """A bracket in LaTeX, which grows with a quotient in it. A bracket that is not closed is a sign."""
    inner = _joined(_items(waiting, CLOSING[opening]))
    if waiting[0].kind == "end":
        return f"{opening}{inner}", f"{opening}{inner}"
    waiting.popleft()
    if opening == "|":
        return rf"\lvert {inner} \rvert", rf"\lvert {inner} \rvert"
    return (rf"\left({inner}\right)" if r"\frac" in inner else f"({inner})"), inner


def _letter(text: str) -> str:
    """β₁, dŷ, dW: the d of a gradient stays before its letter."""
    letters = text.rstrip(LOWERED + ",")
    index = text[len(letters) :].translate(SCRIPTS)
    latex = "".join(LETTERS.get(letter, letter) for letter in letters)
    latex = re.sub(f"(.){TILDE}", r"\\tilde \1", latex)
    return f"{latex}_{{{index}}}" if index else latex


# ----- Putting together ---------------------------------------------------------------------------------------------


def _joined(items: list[_Item]) -> str:
    """The pieces with quotients stacked and words set as text."""
    text = ""
    for item in _phrases(_stacked(items)):
        apart = " " if _COMMAND_AT_END.search(text) and item.latex[:1].isalpha() else ""
        text += apart + (rf"\text{{{item.latex}}}" if item.kind == "word" else item.latex)
    return text.strip()


def _phrases(items: list[_Item]) -> Iterator[_Item]:
    """Neighboring words as one text, with the gaps around them, which LaTeX would drop."""
    for kind, group in groupby(items, lambda item: "factor" if item.kind in ("factor", "sign") else "word or gap"):
        held = list(group)
        if kind == "factor" or not any(item.kind == "word" for item in held):
            yield from held
        else:
            yield _Item("word", "".join(item.latex for item in held), "")


def _stacked(items: list[_Item]) -> list[_Item]:
    """Each a / b as one factor: above, the product before the slash; below, one factor (or a sum)."""
    stacked: list[_Item] = []
    waiting = iter(items)
    for item in waiting:
        if item.kind != "slash":
            stacked.append(item)
            continue
        above: list[_Item] = []
        while stacked and stacked[-1].kind == "gap":
            stacked.pop()
        while stacked and stacked[-1].kind == "factor":
            above.insert(0, stacked.pop())
        below = next((item for item in waiting if item.kind != "gap"), _Item("sign", "", ""))
        lower = below.bare
        if lower.startswith(r"\sum"):
            lower += " " + next(item for item in waiting if item.kind != "gap").latex
        upper = above[0].bare if len(above) == 1 else " ".join(item.latex for item in above)
        fraction = rf"\frac{{{upper}}}{{{lower}}}"
        stacked.append(_Item("factor", fraction, fraction))
    return stacked
