"""A network as a picture of its units: circles in columns from left to right, wide connections for large weights."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from mlpcli.core.neurons import Column, Connection, Neurons, Unit
from mlpcli.report.graphs.edge_labels import Label, Point, labels_on
from mlpcli.report.graphs.neuron_names import (
    count_text,
    figure,
    has_labels,
    heading,
    left_out_text,
    unit_name,
    weight_text,
)
from mlpcli.report.graphs.neuron_scale import DASHES, purpose_of, width_of_weight
from mlpcli.report.graphs.picture import FAINT, INK, PAPER, Picture, Rectangle, Shape, Stroke, Words, width_of

MARGIN = 24.0
SMALLEST = 21.0  # radius of a unit
BESIDE = 26.0  # between units of a column
ACROSS, BROKEN = 210.0, 120.0  # between columns: with connections, and where layers are left out
HEAD, FOOT = 26.0, 30.0  # room for headings, and for counts
BIAS = 18.0  # room below a unit
LETTER, FIGURE, NOTE, LABEL = 16.0, 12.0, 12.5, 11.0  # sizes of text
BASELINE = 0.35


@dataclass(frozen=True)
class Plan:
    """Where the middle of each unit is, and how large units are."""

    units: Mapping[Unit, Point]
    radius: float
    columns: tuple[float, ...]
    bottom: float

    def start(self, connection: Connection) -> Point:
        """Where a connection leaves its first unit."""
        x, y = self.units[connection.start]
        return x + self.radius, y

    def end(self, connection: Connection) -> Point:
        x, y = self.units[connection.end]
        return x - self.radius, y


def neuron_picture(drawn: Neurons, title: str, digits: int) -> Picture:
    """The picture."""
    plan = _plan(drawn, digits)
    shapes = [shape for connection in drawn.connections for shape in _connection(connection, drawn, plan)]
    if has_labels(drawn):
        shapes.extend(_labels(drawn, plan, digits))
    for column, x in zip(drawn.columns, plan.columns, strict=True):
        shapes.extend(_column(column, x, drawn, plan, digits))
    shapes.extend(_left_out(drawn, plan))
    y = plan.bottom + FOOT + MARGIN
    legend, width = _legend(drawn, y, digits)
    right = max(plan.columns[-1] + max(plan.radius, _half_heading(drawn.columns[-1])), width)
    return Picture(right + MARGIN, y + MARGIN / 2, title, (*shapes, *legend))


def _plan(drawn: Neurons, digits: int) -> Plan:
    """Columns from left to right, each in the middle of the height."""
    radius = max(_radius(unit, drawn.layers, digits) for column in drawn.columns for unit in column.units)
    step = 2 * radius + BESIDE + BIAS
    most = max(len(column.units) + (column.left_out > 0) for column in drawn.columns)
    middle = MARGIN + HEAD + radius + (most - 1) * step / 2
    columns = [MARGIN + max(radius, _half_heading(drawn.columns[0]))]
    for left, right in pairwise(drawn.columns):
        columns.append(columns[-1] + 2 * radius + (ACROSS if right.layer == left.layer + 1 else BROKEN))
    units = {}
    for column, x in zip(drawn.columns, columns, strict=True):
        places = len(column.units) + (column.left_out > 0)
        for place, unit in enumerate(column.units):
            below = place + (column.left_out > 0 and place == len(column.units) - 1)
            units[unit] = (x, middle + (below - (places - 1) / 2) * step)
    return Plan(units, radius, tuple(columns), middle + (most - 1) * step / 2 + radius)


def _half_heading(column: Column) -> float:
    return max(width_of(heading(column), NOTE), width_of(count_text(column), NOTE)) / 2


def _radius(unit: Unit, layers: int, digits: int) -> float:
    """A unit holds its name and figures, and is as wide as its bias below it: beside that there are connections."""
    figures = _figures(unit, digits)
    name = width_of(unit_name(unit, layers), LETTER)
    inside = max([name, *(width_of(text, FIGURE) for text, _ in figures)])
    bias = 0.0 if unit.bias is None else width_of(_bias_text(unit.bias, digits), LABEL)
    return max(SMALLEST, inside / 2 + 4 + 4 * len(figures), bias / 2)


def _figures(unit: Unit, digits: int) -> list[tuple[str, str]]:
    """Value and gradient, as text and purpose."""
    found = ((unit.value, "value"), (unit.gradient, "gradient"))
    return [(figure(value, digits), purpose) for value, purpose in found if value is not None]


def _bias_text(bias: float, digits: int) -> str:
    return f"b {figure(bias, digits)}"


# ----- Units --------------------------------------------------------------------------------------------------------


def _column(column: Column, x: float, drawn: Neurons, plan: Plan, digits: int) -> Iterator[Shape]:
    """Heading, units, what stands for those that are left out, and their count."""
    yield Words(INK, x, MARGIN + BASELINE * NOTE, heading(column), NOTE)
    for unit in column.units:
        yield from _unit(unit, drawn, plan, digits)
    if column.left_out:
        above, below = (plan.units[unit][1] for unit in column.units[-2:])
        for offset in (-9.0, 0.0, 9.0):
            yield Rectangle(FAINT, x - 2, (above + below) / 2 + offset - 2, 4, 4, 2)
    yield Words(FAINT, x, plan.bottom + FOOT + BASELINE * NOTE, count_text(column), NOTE)


def _unit(unit: Unit, drawn: Neurons, plan: Plan, digits: int) -> Iterator[Shape]:
    """Its circle with name, value and gradient, and its bias below."""
    (x, y), radius = plan.units[unit], plan.radius
    yield Rectangle("variable", x - radius, y - radius, 2 * radius, 2 * radius, radius)
    lines = _figures(unit, digits)
    top = y - 7.5 * len(lines)
    yield Words(INK, x, top + BASELINE * LETTER, unit_name(unit, drawn.layers), LETTER, leaning=True)
    for place, (text, purpose) in enumerate(lines, 1):
        yield Words(purpose, x, top + 15 * place + 1 + BASELINE * FIGURE, text, FIGURE)
    if unit.bias is not None:
        yield Words(FAINT, x, y + radius + 14, _bias_text(unit.bias, digits), LABEL)


def _left_out(drawn: Neurons, plan: Plan) -> Iterator[Shape]:
    """What stands for layers that are left out."""
    for (left, right), (x, z) in zip(pairwise(drawn.columns), pairwise(plan.columns), strict=True):
        if right.layer > left.layer + 1:
            y = (MARGIN + HEAD + plan.bottom) / 2
            for offset in (-9.0, 0.0, 9.0):
                yield Rectangle(FAINT, (x + z) / 2 + offset - 2, y - 2, 4, 4, 2)
            yield Words(FAINT, (x + z) / 2, y + 20, left_out_text(left, right), NOTE)


# ----- Connections --------------------------------------------------------------------------------------------------


def _connection(connection: Connection, drawn: Neurons, plan: Plan) -> Iterator[Shape]:
    purpose = purpose_of(connection.weight)
    steps = (("M", plan.start(connection)), ("L", plan.end(connection)))
    width = width_of_weight(connection.weight, drawn.largest)
    yield Stroke(purpose, steps, width, DASHES if purpose == "negative" else None)


def _labels(drawn: Neurons, plan: Plan, digits: int) -> Iterator[Shape]:
    """Weights on their connections, column by column: those of a column, if all have room."""
    size = 2 * plan.radius
    taken = [Label(x - plan.radius, y - plan.radius, size, size + BIAS) for x, y in plan.units.values()]
    for left in drawn.columns[:-1]:
        connections = [connection for connection in drawn.connections if connection.start in left.units]
        lines = [(plan.start(connection), plan.end(connection)) for connection in connections]
        texts = [_label_lines(connection, digits) for connection in connections]
        sizes = [(max(width_of(text, LABEL) for text, _ in lines) + 6, 14.0 * len(lines) + 2) for lines in texts]
        for label, text in zip(labels_on(lines, sizes, taken), texts, strict=False):
            yield from _label(label, text)


def _label_lines(connection: Connection, digits: int) -> list[tuple[str, str]]:
    lines = [(weight_text(connection, digits), INK if connection.gradient is None else "value")]
    if connection.gradient is not None:
        lines.append((figure(connection.gradient, digits), "gradient"))
    return lines


def _label(label: Label, lines: list[tuple[str, str]]) -> Iterator[Shape]:
    yield Rectangle(PAPER, label.x, label.y, label.width, label.height, 3)
    for place, (text, purpose) in enumerate(lines):
        middle = label.y + 1 + 14 * (place + 0.5)
        yield Words(purpose, label.x + label.width / 2, middle + BASELINE * LABEL, text, LABEL)


def _legend(drawn: Neurons, y: float, digits: int) -> tuple[list[Shape], float]:
    """What widths and hues mean, and where that ends."""
    shapes: list[Shape] = []
    shapes.append(Words(INK, MARGIN, y + BASELINE * LABEL, "weight", LABEL, "start"))
    x = MARGIN + width_of("weight", LABEL) + 10
    for weight in (drawn.largest, drawn.largest / 2, -drawn.largest / 2, -drawn.largest):
        purpose = purpose_of(weight)
        width, dashes = width_of_weight(weight, drawn.largest), DASHES if purpose == "negative" else None
        shapes.append(Stroke(purpose, (("M", (x, y)), ("L", (x + 30, y))), width, dashes))
        text = figure(weight, 2)
        shapes.append(Words(INK, x + 36, y + BASELINE * LABEL, text, LABEL, "start"))
        x += 36 + width_of(text, LABEL) + 16
    if any(unit.value is not None for column in drawn.columns for unit in column.units):
        for purpose, text in (("value", "value"), ("gradient", "gradient of J")):
            shapes.append(Rectangle(purpose, x, y - 4.5, 9, 9, 2))
            shapes.append(Words(INK, x + 14, y + BASELINE * LABEL, text, LABEL, "start"))
            x += 14 + width_of(text, LABEL) + 16
    return shapes, x - 16
