"""Units in characters: what each one takes from those before it, with a bar as long as the weight is large."""

from collections.abc import Iterator

from mlpcli.core.neurons import Column, Connection, Neurons, Unit
from mlpcli.report.graphs.canvas import Canvas, Line
from mlpcli.report.graphs.neuron_names import caption, left_out_text, unit_name
from mlpcli.report.screen import Screen, written
from mlpcli.report.text import drawn_number

BAR = 12  # characters of the largest weight


def neuron_text(drawn: Neurons, digits: int, screen: Screen) -> Canvas:
    """The list, unit by unit."""
    canvas = Canvas()
    canvas.append([(written(text, screen.unicode), colour) for text, colour in line] for line in _lines(drawn, digits))
    return canvas


def _lines(drawn: Neurons, digits: int) -> Iterator[Line]:
    before: Column | None = None
    for column in drawn.columns:
        if before is not None:
            yield []
            if column.layer > before.layer + 1:
                yield [(f"… {left_out_text(before, column)}", "")]
                yield []
        yield [(caption(column), "")]
        for unit in column.units:
            yield _unit_line(unit, drawn.layers, digits)
            into = [connection for connection in drawn.connections if connection.end == unit]
            yield from _connection_lines(into, drawn, digits)
        before = column


def _unit_line(unit: Unit, layers: int, digits: int) -> Line:
    name = unit_name(unit, layers)
    line = [(f"  {name}", "")] if unit.value is None else [(f"  {name} = {drawn_number(unit.value, digits)}", "value")]
    if unit.gradient is not None:
        line.append((f"  d{name} = {drawn_number(unit.gradient, digits)}", "gradient"))
    if unit.bias is not None:
        line.append((f"  b = {drawn_number(unit.bias, digits)}", "" if unit.bias_gradient is None else "value"))
    if unit.bias_gradient is not None:
        line.append((f"  db = {drawn_number(unit.bias_gradient, digits)}", "gradient"))
    return line


def _connection_lines(into: list[Connection], drawn: Neurons, digits: int) -> Iterator[Line]:
    names = [unit_name(connection.start, drawn.layers) for connection in into]
    weights = [drawn_number(connection.weight, digits) for connection in into]
    for connection, name, weight in zip(into, names, weights, strict=True):
        length = round(BAR * abs(connection.weight) / drawn.largest) if drawn.largest else 0
        bar = (("█" if connection.weight > 0 else "░") * length).ljust(BAR)
        sign = "positive" if connection.weight > 0 else "negative"
        texts = (name.ljust(max(map(len, names))), weight.rjust(max(map(len, weights))))
        line = [(f"    ← {texts[0]}  {texts[1]}  ", ""), (bar, sign)]
        if connection.gradient is not None:
            line.append((f"  dw = {drawn_number(connection.gradient, digits)}", "gradient"))
        yield line
