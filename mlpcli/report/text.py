"""Numbers and foreign text as they may be shown."""

import json


def number(value: float, digits: int) -> str:
    """A number with so many decimals; in powers of ten where decimals would show nothing of it, or too much."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{digits}f}"
    vanishes = value != 0 and float(text) == 0
    return f"{value:.{digits}e}" if vanishes or abs(value) >= 1e9 else text


def printable(text: str) -> str:
    """Text from a file or a file name, with everything that could steer a terminal written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable_json(text: str) -> str:
    """JSON whose strings cannot steer a terminal either: what is not printable is written as JSON's own escape."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def duration(seconds: float) -> str:
    """Seconds as a person says them: 350 ms, 2.5 s, 3 min 20 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
