"""Each scalar of a step written out as the sum it is: a₁⁽¹⁾ = 0.2 + 0.1·1.8 + (−0.2)·0.5 = 0.28."""

from collections.abc import Iterator, Sequence
from typing import Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.objective import Objective
from mlpcli.core.tracing import LayerTrace, StepTrace
from mlpcli.report.sheet import Cell, Sheet

FIGURES = 6  # significant ones, inside the sums

Line = tuple[str, str, float]


def explained(step: StepTrace, objective: Objective, learning_rate: float, plain_descent: bool) -> Sheet:
    """Forward, then backward from the loss, then the update where it is plain gradient descent."""
    lines = [*_forward(step), *_backward(step, objective)]
    if plain_descent:
        lines += _update(step, learning_rate)
    rows: tuple[tuple[Cell, ...], ...] = tuple(lines)
    return Sheet("Written out", ("quantity", "is", "value"), rows)


def _forward(step: StepTrace) -> Iterator[Line]:
    for n in range(len(step.x)):
        below = step.x[n]
        for k, layer in enumerate(step.layers, 1):
            W, b, _ = layer.before
            name = spelled(layer.activation, ACTIVATIONS)
            for i in range(len(b)):
                yield name_of("a", n, step, k, i), _sum([_show(b[i]), *_products(W[i], below)]), float(layer.a[n, i])
            for i in range(len(b)):
                text = f"{name}({_show(layer.a[n, i])})" if layer.activation.elementwise else _share(layer.a[n], i)
                yield name_of("h", n, step, k, i), text, float(layer.h[n, i])
            below = layer.h[n]


def _backward(step: StepTrace, objective: Objective) -> Iterator[Line]:
    last = len(step.layers)
    factor = objective.batch_factor(len(step.x))
    for k in range(last, 0, -1):
        layer = step.layers[k - 1]
        for n in range(len(step.x)):
            for i in range(layer.dh.shape[1]):
                yield (
                    name_of("dh", n, step, k, i),
                    _where_dh_comes_from(step, objective, k, n, i),
                    float(layer.dh[n, i]),
                )
            for i in range(layer.da.shape[1]):
                yield name_of("da", n, step, k, i), _through(layer, n, i), float(layer.da[n, i])
        below = step.x if k == 1 else step.layers[k - 2].h
        for i, row in enumerate(layer.d.W):
            for j, value in enumerate(row):
                share = layer.share.W[i, j]
                text = _sum(_products(layer.da[:, i], below[:, j]), factor, share)
                yield f"dw{lowered(i + 1)}{lowered(j + 1)}{raised(k)}", text, float(value)
            text = _sum([_show(value) for value in layer.da[:, i]], factor, layer.share.b[i])
            yield f"db{lowered(i + 1)}{raised(k)}", text, float(layer.d.b[i])


def _where_dh_comes_from(step: StepTrace, objective: Objective, k: int, n: int, i: int) -> str:
    if k == len(step.layers):
        y_hat, y = step.layers[-1].h[n, i], step.y[n, i]
        return f"{objective.loss.derivative} at ŷ = {_show(y_hat)}, y = {_show(y)}"
    above = step.layers[k]
    return _sum(_products(above.before.W[:, i], above.da[n]))


def _through(layer: LayerTrace, n: int, i: int) -> str:
    if layer.activation.elementwise:
        return f"{_show(layer.dh[n, i])}·{_show(layer.derivative[n, i])}"
    return _sum(_products(layer.dh[n], layer.derivative[n, :, i]))


def _update(step: StepTrace, learning_rate: float) -> Iterator[Line]:
    for k, layer in enumerate(step.layers, 1):
        for i, row in enumerate(layer.before.W):
            for j, old in enumerate(row):
                text = f"{_show(old)} − {learning_rate:g}·{_show(layer.d.W[i, j])}"
                yield f"new w{lowered(i + 1)}{lowered(j + 1)}{raised(k)}", text, float(layer.after.W[i, j])
            text = f"{_show(layer.before.b[i])} − {learning_rate:g}·{_show(layer.d.b[i])}"
            if layer.after.b[i] == layer.before.b[i]:
                text = f"{_show(layer.before.b[i])}, frozen or with no gradient"
            yield f"new b{lowered(i + 1)}{raised(k)}", text, float(layer.after.b[i])


# ----- Sums and signs -----------------------------------------------------------------------------------------------


def name_of(letter: str, n: int, step: StepTrace, k: int, i: int) -> str:
    """a₁⁽²⁾, and of several samples a₁⁽²⁾[3]"""
    return f"{letter}{lowered(i + 1)}{raised(k)}" + (f"[{n + 1}]" if len(step.x) > 1 else "")


def raised(number: int) -> str:
    """⁽²⁾ for layer 2"""
    return "⁽" + str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) + "⁾"


def lowered(number: int) -> str:
    """₂ for unit 2"""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _share(a: Array, i: int) -> str:
    """Softmax of one unit."""
    powers = [f"e^{_show(value)}" for value in a]
    return f"{powers[i]} / ({' + '.join(powers)})"


def _products(one: Array, two: Array) -> list[str]:
    return [f"{_show(a)}·{_show(b)}" for a, b in zip(one, two, strict=True)]


def _sum(parts: Sequence[str], factor: float = 1.0, share: Any = 0.0) -> str:
    text = " + ".join(parts)
    if factor != 1:
        text = f"({text}) / {round(1 / factor)}"
    return f"{text} + {_show(share)}" if share else text


def _show(value: Any) -> str:
    """A factor; in brackets where it is negative."""
    text = f"{float(value):.{FIGURES}g}".replace("-", "−")
    return f"({text})" if value < 0 else text
