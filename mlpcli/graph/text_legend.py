"""Where values and gradients stand in a drawing in characters, in their colours."""

from mlpcli.graph.canvas import Line
from mlpcli.report.screen import Screen


def value_and_gradient(value: str, gradient: str, screen: Screen) -> list[Line]:
    """`left: value   right: gradient of J`, in two lines where there is no room for one."""
    line = [(value, "value"), ("   ", ""), (gradient, "gradient")]
    if sum(len(text) for text, _ in line) <= screen.room:
        return [line]
    return [line[:1], line[2:]]
