"""Numbers as people read them: decimals, columns in one notation, counts, and measurements with their units."""

from collections.abc import Sequence
from math import floor, isfinite, log10

MOST_ADDED = 4  # decimals, so that a small number in a column shows two digits
SURE = 12  # digits of a float that rounding leaves intact
FIGURES = 6  # significant digits of a number in a sum
TYPED = 8  # characters of a number that is shown as typed, at most
LARGE = 1e9  # larger numbers are in powers of ten


class Decimals(int):
    """A number of decimals, and up to `most` for a number that has more, such as −0.6049 among 2 decimals."""

    most: int

    def __new__(cls, digits: int, most: int) -> "Decimals":
        decimals = super().__new__(cls, digits)
        decimals.most = most
        return decimals

    def of(self, value: float) -> int:
        """The decimals that this number is shown with."""
        own = len(f"{value:.{SURE}f}".rstrip("0").partition(".")[2])
        return max(self, min(own, self.most))


def number(value: float, digits: int) -> str:
    """A number with this many decimals; in powers of ten if decimals would show nothing of it, or too much."""
    if isinstance(value, int):
        return str(value)
    text = _plain(value, digits)
    vanishes = value != 0 and float(text) == 0
    return f"{value:.{digits}e}" if vanishes or abs(value) >= LARGE else text


def significant(value: float, digits: int = 0) -> str:
    """A number with as many significant digits as numbers in sums have, or more if the user wants more decimals."""
    return f"{value + 0.0:.{max(FIGURES, digits)}g}"


def typed(rows: Sequence[Sequence[float]]) -> list[list[str]]:
    """The numbers of a matrix as a person types them, like 0.999; nothing if one of them takes many digits.

    The last digits of a float, in which 0.1 + 0.2 differs from 0.3, do not count.
    """
    texts = [[f"{value + 0.0:.{SURE}g}" for value in row] for row in rows]
    short = all(isfinite(value) for row in rows for value in row) and all(len(t) <= TYPED for row in texts for t in row)
    return texts if short else []


def drawn_number(value: float, digits: int) -> str:
    """A number as drawings show it, with a true minus."""
    return number(float(value), digits).replace("-", "−")


def _plain(value: float, digits: int) -> str:
    """A number with its decimals, and no negative zero."""
    return f"{value + 0.0:.{digits.of(value) if isinstance(digits, Decimals) else digits}f}"


# ----- Columns ------------------------------------------------------------------------------------------------------


def column_of(values: Sequence[float], digits: int) -> list[str]:
    """The numbers of a column, in one notation if possible, and none of them rounded to nothing.

    They have the decimals that the user chose. If one of them would vanish, all get as many as show two figures of it.
    A number that needs too many, such as 2e-16 beside 0.25, is alone in powers of ten. If there are no others, or if
    one is very large, all are.
    """
    sizes = [abs(value) for value in values if value and isfinite(value)]
    plain = [_plain(value, digits) for value in values]
    if not sizes or (
        max(sizes) < LARGE and all(float(text) for value, text in zip(values, plain, strict=True) if value)
    ):
        return plain
    decimals = _for_two_figures(min(sizes))
    if max(sizes) < LARGE and decimals <= digits + MOST_ADDED:
        return [f"{value + 0.0:.{decimals}f}" for value in values]
    if max(sizes) >= LARGE or not float(_plain(max(sizes), digits)):
        return [f"{value:.{digits}e}" if value else "0" for value in values]
    tiny = [isfinite(v) and v != 0 and _for_two_figures(abs(v)) > digits + MOST_ADDED for v in values]
    others = iter(column_of([value for value, is_tiny in zip(values, tiny, strict=True) if not is_tiny], digits))
    return [f"{v:.{digits}e}" if is_tiny else next(others) for v, is_tiny in zip(values, tiny, strict=True)]


def _for_two_figures(size: float) -> int:
    """The decimals that show two figures of a number."""
    return 1 - floor(log10(size))


# ----- Counts and measurements --------------------------------------------------------------------------------------

BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
TIMES = (("years", 365.25 * 86400), ("days", 86400), ("h", 3600), ("min", 60), ("s", 1), ("ms", 1e-3), ("µs", 1e-6))
DIGITS = 3  # significant digits of a measurement


class WithUnit(str):
    """A number in its final form: with its unit, or with commas between thousands."""


def finite(value: float) -> float | None:
    """A number as a cell of JSON and CSV, which have none that is not finite."""
    return float(value) if isfinite(value) else None


def counted(count: int, noun: str) -> str:
    """1 epoch, 2 epochs, 3,000 epochs"""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def whole(value: int) -> WithUnit:
    """407,050"""
    return WithUnit(f"{value:,}")


def rounded(value: float) -> str:
    """Three digits, and all digits before the point: 0.0123, 1.23, 12.3, 1,234."""
    if round(abs(value)) >= 10**DIGITS:
        return f"{value:,.0f}"
    return f"{value:#.{DIGITS}g}".rstrip(".") if value else "0"


def size(count: int) -> WithUnit:
    """Bytes in powers of 1024: 1.60 MiB."""
    if count < 1024:
        return WithUnit(f"{count:,} B")
    value, unit = float(count), 0
    while round(value) >= 1024 and unit < len(BYTES) - 1:
        value, unit = value / 1024, unit + 1
    return WithUnit(f"{rounded(value)} {BYTES[unit]}")


def time(seconds: float) -> WithUnit:
    """Seconds in the unit that suits them: µs, ms, s, min, h, days, years."""
    unit, length = next(((unit, length) for unit, length in TIMES if seconds >= length), ("ns", 1e-9))
    return WithUnit(f"{rounded(seconds / length)} {unit}")


def duration(seconds: float) -> str:
    """Seconds as a person says them: 350 ms, 2.5 s, 3 min 20 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def share(value: float) -> WithUnit:
    """A share in percent."""
    return WithUnit(f"{rounded(100 * value)} %")


def rate(gflops: float) -> WithUnit:
    """Billions of operations per second."""
    return WithUnit(f"{rounded(gflops)} GFLOP/s")
