"""Formulas with numbers in the place of letters: `θ − ηg` becomes `0.3 − 0.5·(−0.27)`."""

from collections.abc import Iterable, Iterator, Mapping

from mlpcli.core.arrays import Array
from mlpcli.report.notation import Token, factor, tokens

POWERS = {"ᵗ": (1, "t"), "ᵃ": (1, "a"), "⁻ᵃ": (-1, "a")}  # the letters that stand above others


def substituted(formula: str, values: Mapping[str, float]) -> str:
    """The formula with the numbers that its letters stand for."""
    text = ""
    for token in _with_dots(tokens(formula)):
        if token.text in POWERS:
            sign, letter = POWERS[token.text]
            text += f"^{factor(sign * values[letter])}"
        else:
            text += factor(values[token.text]) if token.text in values else token.text
    return text


def inserted(formula: str, values: Mapping[str, Array]) -> tuple[Array | str, ...]:
    """The formula with 2-D arrays in the place of its letters; nothing where it is more than a sum of products."""
    if any(sign in formula for sign in "√/,"):
        return ()
    found: list[Array | str] = []
    for token in _with_dots(tokens(formula)):
        if token.text in values:
            found.append(values[token.text])
        elif token.text == "²":
            found += ["⊙", found[-1]]  # each number for itself
        elif found and isinstance(found[-1], str):
            found[-1] += token.text
        else:
            found.append(token.text)
    return tuple(piece.strip() if isinstance(piece, str) else piece for piece in found)


def _with_dots(pieces: Iterable[Token]) -> Iterator[Token]:
    """A · wherever two factors stand beside each other without a sign."""
    before, gap = Token("", ""), None
    for token in pieces:
        if token.kind == "gap":
            gap = token
            continue
        if _ends(before) and _starts(token):
            yield Token("sign", "·")
        elif gap is not None:
            yield gap
        yield token
        before, gap = token, None


def _ends(token: Token) -> bool:
    return token.kind in ("number", "name", "raised") or token.text == ")"


def _starts(token: Token) -> bool:
    return token.kind in ("number", "name", "function") or token.text in ("(", "√")
