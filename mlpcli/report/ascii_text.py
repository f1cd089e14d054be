"""Our notation in plain ASCII, for terminals that show nothing else: `a if a > 0 else α (eᵃ − 1)` has alpha and e^a."""

import re

from mlpcli.report.notation import LOWERED, RAISED
from mlpcli.report.typesetting import GREEK, SCRIPTS

SIGNS = str.maketrans(
    {
        "−": "-", "·": "*", "⊙": "(*)", "×": "x", "′": "'", "½": "1/2", "∞": "inf", "∂": "d", "Σ": "sum", "√": "sqrt",
        "ŷ": "y^", "≤": "<=", "≥": ">=", "≠": "!=", "∈": "in", "←": "<-", "→": "->", "‖": "||", "…": "...", "ȳ": "y-",
        "⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")", "±": "+-", "–": "-", "∕": "/", "µ": "u", "π": "pi",
        "\N{COMBINING CIRCUMFLEX ACCENT}": "^", "─": "-", "│": "|", "ᵏ": "k", "↦": "->",
    }
)  # fmt: skip
_GREEK = re.compile(f"([{''.join(GREEK)}])(?=([a-zA-Z])?)")
_SCRIPTS = re.compile(f"(⁽[^⁾]*⁾)|([{RAISED}]+)|[{LOWERED}]+")


def ascii_text(text: str) -> str:
    """The text with our signs spelled out. Other letters stay, and are escaped where they cannot be written."""
    if text.isascii():
        return text
    text = _GREEK.sub(lambda found: GREEK[found[1]].removeprefix("var") + ("*" if found[2] else ""), text)
    return _SCRIPTS.sub(_script, text).translate(SIGNS)


def _script(found: re.Match[str]) -> str:
    """⁽¹⁾ is (1), ² is ^2, ᵢ is _i"""
    text = found[0].translate(SCRIPTS).replace(r"\top", "T")
    if found[1]:
        return text
    return f"^{text}" if found[2] else f"_{text}"
