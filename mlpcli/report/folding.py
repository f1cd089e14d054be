"""Long texts on several lines: words and formulas go on below between their parts, and no number is ever broken."""

import re

from mlpcli.report.widths import text_width

_PARTS = re.compile(r"(?:[+−·⊙/] )?\S+")  # an operator that stands free begins a line, with what it takes


def folded(text: str, room: int) -> str:
    """The text in lines of at most `room` columns, where its parts are no longer than that."""
    lines: list[str] = []
    for part in _pieces(text, room):
        if lines and text_width(lines[-1]) + text_width(part) <= room:
            lines[-1] += part
        else:
            lines.append(part.lstrip())
    return "\n".join(line.rstrip() for line in lines)


def least_room(text: str) -> int:
    """The columns of the longest part that cannot be broken."""
    return max(map(text_width, map(str.strip, _pieces(text, 0))), default=0)


def _pieces(text: str, room: int) -> list[str]:
    """What stays together, each with the gap before it: sums between summands, and products too long for a line."""
    found: list[str] = []
    for part in _PARTS.findall(text):
        smaller = (
            re.findall(r"[^·/]*[·/]?", part)[:-1] if text_width(part) > room and re.search(r"[·/]", part) else [part]
        )
        found += [" " + smaller[0], *smaller[1:]]
    return found
