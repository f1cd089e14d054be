"""Figures with their units, as people read them: 469, 2.3 ms, 1.6 MiB, 4.9·10¹¹."""

from mlpcli.report.sheet import Figure

BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
TIMES = (("years", 365.25 * 86400), ("days", 86400), ("h", 3600), ("min", 60), ("s", 1), ("ms", 1e-3), ("µs", 1e-6))
DIGITS = 3  # that a measured figure is worth


def whole(value: int) -> Figure:
    """407,050"""
    return Figure(f"{value:,}")


def many(count: int, what: str) -> str:
    """1 epoch, 2 epochs"""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def rounded(value: float) -> str:
    """Three digits, and all those before the point: 0.0123, 1.23, 12.3, 1,234."""
    if round(abs(value)) >= 10**DIGITS:
        return f"{value:,.0f}"
    return f"{value:#.{DIGITS}g}".rstrip(".") if value else "0"


def size(count: int) -> Figure:
    """Bytes in powers of 1024."""
    if count < 1024:
        return Figure(f"{count:,} B")
    value, unit = float(count), 0
    while round(value) >= 1024 and unit < len(BYTES) - 1:
        value, unit = value / 1024, unit + 1
    return Figure(f"{rounded(value)} {BYTES[unit]}")


def time(seconds: float) -> Figure:
    """Seconds in the unit that suits: µs, ms, s, min, h, days, years."""
    unit, length = next(((unit, length) for unit, length in TIMES if seconds >= length), ("ns", 1e-9))
    return Figure(f"{rounded(seconds / length)} {unit}")


def share(value: float) -> Figure:
    """A share in per cent."""
    return Figure(f"{rounded(100 * value)} %")


def rate(gflops: float) -> Figure:
    """Thousand million operations a second."""
    return Figure(f"{rounded(gflops)} GFLOP/s")
