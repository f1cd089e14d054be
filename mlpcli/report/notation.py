"""The notation of our formulas: the letters, numbers and signs in text like `θ − ηg/√(s + ε)`, also in plain ASCII."""

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from mlpcli.report.numbers import FIGURES

if TYPE_CHECKING:  # it imports NumPy, which text does not need
    from mlpcli.core.network import Network

NEXT_TO_1 = 0.01  # or nearer: of 1 − ŷ, six digits of ŷ leave fewer than four
GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "η": "eta", "θ": "theta", "λ": "lambda",
    "μ": "mu", "ρ": "rho", "σ": "sigma", "Λ": "Lambda", "Ω": "Omega", "ω": "omega", "ℓ": "ell",
}  # fmt: skip
RAISED = "⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀᵃᵗ"
LETTERS = {"W": "W", "b": "b", "α": "alpha"}  # of parameters, and the attributes of `Parameters`
LOWERED = "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₛ"
INDICES = f"[{LOWERED}]+(?:,[{LOWERED}]+)?"
SCRIPTS = str.maketrans("⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵃᵗ₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₛ", "()0123456789-+at0123456789ijks") | {ord("ᵀ"): r"\top"}
TILDE = "\N{COMBINING TILDE}"  # over a letter: W̃ is [W, b], and h̃ is [h; 1]
FUNCTIONS = ("log", "max", "min", "tanh", "sign", "diag", "σ")

_TOKEN = re.compile(
    rf"""
      (?P<gap>\ +)
    | (?P<number>\d+(?:\.\d+)?(?:e[+−-]?\d+)?|½|∞)
    | (?P<function>(?:{"|".join(FUNCTIONS)})(?![A-Za-z]))
    | (?P<name>
        (?:d[aWwbhxŷα]{TILDE}?(?![A-Za-z])|[A-Za-z]{TILDE}?(?![A-Za-z])|[^\W\dA-Za-z_{RAISED}{LOWERED}])
        (?:{INDICES})?
      )
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
    for piece in _TOKEN.finditer(formula):
        yield Token(piece.lastgroup or "", piece[0])


def raised(number: int) -> str:
    """⁽²⁾ for layer 2"""
    return "⁽" + str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) + "⁾"


def lowered(number: int) -> str:
    """₂ for unit 2"""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def indices(*places: int) -> str:
    """₁₂ for row 1 and column 2, which are 0 and 1; ₁,₁₂ for column 12, since ₁₁₂ could be row 11 as well."""
    return ("," * (max(places) > 8)).join(lowered(place + 1) for place in places)


def element(symbol: str, shape: tuple[int, int], i: int, j: int) -> str:
    """One number of a matrix: w₁₂⁽¹⁾ of W⁽¹⁾, ∂h₁/∂a₂ of ∂h/∂a. A single number needs no index."""
    if shape == (1, 1):
        return symbol
    above, slash, below = symbol.split(" = ")[-1].partition("/")
    if slash:
        return f"{_indexed(above, lowered(i + 1))}/{_indexed(below, lowered(j + 1))}"
    return _indexed(above, indices(i, j) if shape[1] > 1 else lowered(i + 1))


def _indexed(symbol: str, index: str) -> str:
    """The index goes to the last letter: f′(a₁⁽¹⁾), v of w₁₂⁽¹⁾."""
    pieces = list(tokens(symbol))
    last = max(place for place, token in enumerate(pieces) if token.kind == "name")
    texts = [token.text for token in pieces]
    texts[last] = texts[last].replace("W", "w") + index
    return "".join(texts)


class Parameter(NamedTuple):
    """One number of θ: w₂₁⁽¹⁾ is in W of layer 1 at (1, 0)."""

    number: int  # in θ, from 0
    letter: str  # of LETTERS
    layer: int  # from 1
    at: tuple[int, ...]  # in the layer's array, from 0
    shape: tuple[int, int]  # of that array as a matrix

    @property
    def symbol(self) -> str:
        """w₂₁⁽¹⁾, as an update calls it"""
        return element(self.letter + raised(self.layer), self.shape, self.at[0], self.at[-1])

    @property
    def key(self) -> str:
        """W1[2,1], as a check calls it"""
        return f"{LETTERS[self.letter]}{self.layer}[{','.join(str(i + 1) for i in self.at)}]"


def parameter_at(network: "Network", number: int) -> Parameter:
    """The parameter that is this number of θ."""
    place = number  # in what is left of θ
    for k, layer in enumerate(network.layers, 1):
        weights = layer.units * layer.inputs
        if place < weights:
            return Parameter(number, "W", k, divmod(place, layer.inputs), (layer.units, layer.inputs))
        if place < layer.size:
            of_alpha, unit = divmod(place - weights, layer.units)
            return Parameter(number, "α" if of_alpha else "b", k, (unit,), (layer.units, 1))
        place -= layer.size
    raise IndexError("θ has fewer numbers")


def factor(value: float) -> str:
    """A number as a factor: in brackets if it is negative.

    One just below 1 keeps enough digits to compute 1 − ŷ from it; one just above −1, to compute 1 − h².
    """
    figures = FIGURES
    if 0 < 1 - abs(value) < NEXT_TO_1:
        figures += int(-math.log10(1 - abs(value)))
    text = f"{float(value) + 0.0:.{figures}g}".replace("-", "−")
    return f"({text})" if value < 0 else text


# ----- In ASCII -----------------------------------------------------------------------------------------------------

ASCII = str.maketrans(
    {
        "−": "-", "·": "*", "⊙": "(*)", "×": "x", "′": "'", "½": "1/2", "∞": "inf", "∂": "d", "Σ": "sum", "√": "sqrt",
        "ŷ": "y^", "≤": "<=", "≥": ">=", "≠": "!=", "∈": "in", "←": "<-", "→": "->", "‖": "||", "…": "...", "ȳ": "y-",
        "⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")", "±": "+-", "–": "-", "∕": "/", "µ": "u", "π": "pi",
        "\N{COMBINING CIRCUMFLEX ACCENT}": "^", TILDE: "~", "─": "-", "│": "|", "ᵏ": "k", "↦": "->",
    }
)  # fmt: skip


def ascii_text(text: str) -> str:
    """Text in ASCII: `a if a > 0 else α (eᵃ − 1)` has alpha and e^a. Other letters stay."""
    if text.isascii():
        return text
    greek, scripts = f"([{''.join(GREEK)}])(?=([a-zA-Z])?)", f"(⁽[^⁾]*⁾)|([{RAISED}]+)|{INDICES}"
    text = re.sub(greek, lambda letter: GREEK[letter[1]].removeprefix("var") + ("*" if letter[2] else ""), text)
    return re.sub(scripts, _ascii_script, text).translate(ASCII)


def _ascii_script(script: re.Match[str]) -> str:
    """⁽¹⁾ is (1), ² is ^2, ᵢ is _i"""
    text = script[0].translate(SCRIPTS).replace(r"\top", "T")
    if script[1]:
        return text
    return f"^{text}" if script[2] else f"_{text}"
