"""Labels on straight lines: places where none touches another label, another line, or what else is there."""

from collections.abc import Sequence
from typing import NamedTuple

Point = tuple[float, float]
Line = tuple[Point, Point]
TRIED = tuple(0.5 + sign * step / 60 for step in range(25) for sign in (-1, 1))  # along a line, the middle first
ROOM = (12.0, 8.0, 5.0, 2.0, 0.0)  # around a label: the most that can be had


class Label(NamedTuple):
    """The room of a label."""

    x: float
    y: float
    width: float
    height: float


def labels_on(lines: Sequence[Line], sizes: Sequence[tuple[float, float]], taken: Sequence[Label]) -> list[Label]:
    """A place for each label outside of what is taken, or nothing where not all have one."""
    found: list[Label] = []
    for number, (line, size) in enumerate(zip(lines, sizes, strict=True)):
        others = [other for place, other in enumerate(lines) if place != number]
        tried = [_at(line, share, size) for share in TRIED]
        free = (
            label for room in ROOM for label in tried if not _touches(_grown(label, room), others, (*taken, *found))
        )
        label = next(free, None)
        if label is None:
            return []
        found.append(label)
    return found


def _at(line: Line, share: float, size: tuple[float, float]) -> Label:
    """The label with its middle on the line."""
    (x1, y1), (x2, y2) = line
    width, height = size
    return Label(x1 + share * (x2 - x1) - width / 2, y1 + share * (y2 - y1) - height / 2, width, height)


def _grown(label: Label, room: float) -> Label:
    return Label(label.x - room, label.y - room, label.width + 2 * room, label.height + 2 * room)


def _touches(label: Label, lines: Sequence[Line], labels: Sequence[Label]) -> bool:
    return any(overlap(label, other) for other in labels) or any(crosses(line, label) for line in lines)


def overlap(one: Label, two: Label) -> bool:
    """Whether two rectangles have a point in common."""
    return (
        one.x <= two.x + two.width
        and two.x <= one.x + one.width
        and one.y <= two.y + two.height
        and two.y <= one.y + one.height
    )


def crosses(line: Line, box: Label) -> bool:
    """Whether a line goes through a rectangle (Liang and Barsky 1984)."""
    (x1, y1), (x2, y2) = line
    first, last = 0.0, 1.0
    for start, step, low, high in ((x1, x2 - x1, box.x, box.x + box.width), (y1, y2 - y1, box.y, box.y + box.height)):
        if step == 0:
            if not low <= start <= high:
                return False
            continue
        enter, leave = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, enter), min(last, leave)
    return first <= last
