"""Numbers and foreign text as they may be shown."""

import json
from collections.abc import Callable, Sequence
from math import floor, isfinite, log10

MOST_ADDED = 4  # decimals, so that a small number in a column shows two figures
LONGEST_WORD, EXCERPT, FEW = 300, 60, 5  # characters; names of files have up to 255
SURE = 12  # digits of a float that rounding has left as they were


class Decimals(int):
    """So many decimals, and more, up to `most`, of a number that has them: −0.6049 among figures rounded to 2."""

    most: int

    def __new__(cls, digits: int, most: int) -> "Decimals":
        found = super().__new__(cls, digits)
        found.most = most
        return found

    def of(self, value: float) -> int:
        """How many a number is shown with."""
        has = len(f"{value:.{SURE}f}".rstrip("0").partition(".")[2])
        return max(self, min(has, self.most))


def number(value: float, digits: int) -> str:
    """A number with so many decimals; in powers of ten where decimals would show nothing of it, or too much."""
    if isinstance(value, int):
        return str(value)
    text = _plain(value, digits)
    vanishes = value != 0 and float(text) == 0
    return f"{value:.{digits}e}" if vanishes or abs(value) >= 1e9 else text


def drawn_number(value: float, digits: int) -> str:
    """A number as drawings have it, with a true minus."""
    return number(float(value), digits).replace("-", "−")


def _plain(value: float, digits: int) -> str:
    """A number with its decimals, and no negative zero."""
    return f"{value + 0.0:.{digits.of(value) if isinstance(digits, Decimals) else digits}f}"


def column_of(values: Sequence[float], digits: int) -> list[str]:
    """The numbers of a column, as far as can be in one notation, and none of them cut to nothing.

    They have the decimals that were asked for; where one would vanish, all have as many as it takes to show two figures
    of it. One that would take more than a few, as 2e-16 beside 0.25 does, stands in powers of ten alone; where there is
    nothing else, or one is very large, all do.
    """
    sizes = [abs(value) for value in values if value and isfinite(value)]
    plain = [_plain(value, digits) for value in values]
    if not sizes or (max(sizes) < 1e9 and all(float(text) for value, text in zip(values, plain, strict=True) if value)):
        return plain
    decimals = _for_two_figures(min(sizes))
    if max(sizes) < 1e9 and decimals <= digits + MOST_ADDED:
        return [f"{value + 0.0:.{decimals}f}" for value in values]
    if max(sizes) >= 1e9 or not float(_plain(max(sizes), digits)):
        return [f"{value:.{digits}e}" if value else "0" for value in values]
    tiny = [isfinite(v) and v != 0 and _for_two_figures(abs(v)) > digits + MOST_ADDED for v in values]
    others = iter(column_of([value for value, is_tiny in zip(values, tiny, strict=True) if not is_tiny], digits))
    return [f"{v:.{digits}e}" if is_tiny else next(others) for v, is_tiny in zip(values, tiny, strict=True)]


def _for_two_figures(size: float) -> int:
    """How many decimals it takes to show two figures of a number."""
    return 1 - floor(log10(size))


def printable(text: str) -> str:
    """Text from a file or a file name, with everything that could steer a terminal written as an escape."""
    return _escaped(text, "", lambda c: c.encode("unicode_escape").decode())


def shortened(text: str) -> str:
    """Text on one line, of the words that nobody would read, 6,000 digits for instance, only the start and the end."""
    return " ".join(w if len(w) <= LONGEST_WORD else f"{w[:EXCERPT]}…{w[-FEW:]}" for w in text.split())


def printable_csv(text: str) -> str:
    """As `printable`, but line feeds and tabs stay, which a quoted field may have and which steer nothing."""
    return _escaped(text, "\n\t", printable)


def printable_json(text: str) -> str:
    """JSON whose strings cannot steer a terminal either: what is not printable is written as JSON's own escape."""
    return _escaped(text, "\n", lambda c: json.dumps(c)[1:-1])


def _escaped(text: str, allowed: str, escape: Callable[[str], str]) -> str:
    """Text with an escape for each character that is neither printable nor allowed. Most texts have none of these."""
    if text.isprintable():
        return text
    foreign = {c for c in set(text) if not c.isprintable() and c not in allowed}
    for c in foreign:
        text = text.replace(c, escape(c))
    return text


def counted(number: int, noun: str) -> str:
    """A number of things: 1 sample, 2 samples."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Seconds as a person says them: 350 ms, 2.5 s, 3 min 20 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
