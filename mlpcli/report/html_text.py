"""Text for a page: escaped, and mathematics in Unicode set with real superscripts, subscripts, italics and roots."""

from collections.abc import Iterator
from html import escape
from math import isinf, isnan

from mlpcli.core.arrays import Array
from mlpcli.report import numbers
from mlpcli.report.notation import LOWERED, RAISED, TILDE, Token, tokens
from mlpcli.report.terminal import UNDEFINED
from mlpcli.report.text import printable

ON_THE_LINE = str.maketrans(RAISED + LOWERED, "()0123456789−+Tat" + "0123456789ijks")


def plain(text: str) -> str:
    """Foreign text, escaped."""
    return escape(printable(text))


def mathematics(text: str) -> str:
    """A formula in our notation: `a₁⁽²⁾ = e^(−0.2) / √v`."""
    return "".join(_set(list(tokens(text))))


def number(value: float, digits: int) -> str:
    """A number with this many decimals, as on paper: −0.25, 1.5·10⁻¹², ∞; 0 for a negative zero."""
    return _on_paper(value, numbers.number(value + 0, digits))


def significant(value: float, digits: int) -> str:
    """A number with as many digits as numbers in sums have."""
    return _on_paper(value, numbers.significant(value, digits))


def exact(value: float) -> str:
    """A number with all the digits that are certain in a float."""
    return _on_paper(value, f"{value + 0.0:.15g}")


def typed(values: Array) -> list[list[str]]:
    """Given numbers, as a person types them; nothing if one of them takes many digits."""
    return [[_with_power(text.replace("-", "−")) for text in row] for row in numbers.typed(values.tolist())]


def _on_paper(value: float, text: str) -> str:
    if isnan(value):
        return UNDEFINED
    if isinf(value):
        return "−∞" if value < 0 else "∞"
    return _with_power(text.replace("-", "−"))


def _with_power(text: str) -> str:
    """1.5·10⁻¹² for 1.5e−12, and 10⁻⁷ for 1e−07"""
    mantissa, _, power = text.partition("e")
    times = "" if mantissa == "1" else f"{mantissa}·"
    return f"{times}10<sup>{power.replace('−0', '−').lstrip('+0')}</sup>" if power else mantissa


# ----- Mathematics --------------------------------------------------------------------------------------------------


def _set(pieces: list[Token]) -> Iterator[str]:
    """The pieces from left to right; a root, a power or an index takes what follows it."""
    while pieces:
        kind, text = pieces.pop(0)
        if text in ("√", "^", "_"):
            yield _over(text, "".join(_set(_operand(pieces))))
        elif kind == "name":
            yield _name(text, pieces.pop(0).text if pieces and pieces[0].kind == "raised" else "")
        elif kind in ("raised", "lowered"):
            yield _script("sup" if kind == "raised" else "sub", text)
        else:
            yield _with_power(text) if kind == "number" else plain(text)


def _operand(pieces: list[Token]) -> list[Token]:
    """Removes and returns the next piece, or the content of the next brackets."""
    taken: list[Token] = []
    depth = 0
    while pieces and (depth or not taken):
        taken.append(pieces.pop(0))
        depth += {"(": 1, ")": -1}.get(taken[-1].text, 0)
    return taken[1:-1] if len(taken) > 1 else taken


def _over(sign: str, operand: str) -> str:
    if sign == "√":
        return f'√<span class="root">{operand}</span>'
    return f"<sup>{operand}</sup>" if sign == "^" else f"<sub>{operand}</sub>"


def _name(text: str, raised: str) -> str:
    """A letter with its indices; those above and below it are stacked."""
    letters = text.rstrip(LOWERED + ",")
    lowered = text[len(letters) :]
    scripts = _script("sub", lowered) + _script("sup", raised)
    if lowered and raised:
        scripts = f'<span class="scripts">{scripts}</span>'
    leaning = letters.replace(TILDE, "").isascii() or letters.islower()  # Σ and Ω are upright
    return (f"<i>{letters}</i>" if leaning else letters) + scripts


def _script(element: str, text: str) -> str:
    """Indices: letters lean, but not the T of a transposed matrix."""
    if not text:
        return ""
    letters = "".join(f"<i>{c}</i>" if c.islower() else c for c in text.translate(ON_THE_LINE))
    return f"<{element}>{letters}</{element}>"
