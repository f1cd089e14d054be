"""The edges between two ranks of a drawing in characters: down, across in a row of their own, and down again.

Edges into one node meet in one row; two nodes' edges share a row only where they do not touch.
"""

from collections.abc import Mapping, Sequence

from mlpcli.graph.canvas import Canvas
from mlpcli.graph.layered.layout import Layout
from mlpcli.graph.layered.vertices import Vertex

Net = tuple[list[int], int]  # the columns that edges come down in, and the one of the node that they lead to


def draw_wires(canvas: Canvas, top: int, places: Layout, rank: int) -> int:
    """The edges from the rank above, and the row after them."""
    nets: dict[Vertex, Net] = {}
    for number in range(len(places.paths)):
        for _, begins, end, ends in places.segments(number):
            if end in places.ranks[rank]:
                nets.setdefault(end, ([], ends))[0].append(begins)
    rows = tracks(nets)
    bottom = top + max(rows.values(), default=-1) + 1
    for end, (columns, column) in nets.items():
        row = top + rows[end] if end in rows else bottom
        for start in columns:
            canvas.down(start, top, row, ends=end in rows)
        if end in rows:
            canvas.across(row, min(*columns, column), max(*columns, column))
            canvas.down(column, row, bottom, begins=True)
        if isinstance(end, str):
            canvas.arrow(bottom, column)
        else:
            canvas.down(column, bottom, bottom + 1)
    return bottom + 1


def tracks(nets: Mapping[Vertex, Net]) -> dict[Vertex, int]:
    """A row for each node's edges that do not come straight from above: none in which they would touch another's.

    What comes down in the column where another's leaves to the bottom must turn aside above it.
    """
    turning = {end: (starts, column) for end, (starts, column) in nets.items() if starts != [column]}
    found: dict[Vertex, int] = {}
    while len(found) < len(turning):
        waiting = {end: net for end, net in turning.items() if end not in found}
        free = [
            end
            for end, (_, column) in waiting.items()
            if not any(column in starts for other, (starts, _) in waiting.items() if other != end)
        ]
        end = (free or list(waiting))[0]  # where each waits for another, which no network's graph does, any
        starts, column = waiting[end]
        taken = [
            found[other]
            for other in found
            if column in turning[other][0] or _overlap((*starts, column), (*turning[other][0], turning[other][1]))
        ]
        found[end] = max(taken, default=-1) + 1
    return found


def _overlap(one: Sequence[int], two: Sequence[int]) -> bool:
    return min(one) <= max(two) and min(two) <= max(one)
