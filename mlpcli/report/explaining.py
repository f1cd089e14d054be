"""Each scalar of a step written out as the sum it is: a₁⁽¹⁾ = 0.2 + 0.1·1.8 + (−0.2)·0.5 = 0.28."""

from collections.abc import Iterable, Iterator

from mlpcli.core.arrays import Array
from mlpcli.core.tracing import StepTrace, Trace
from mlpcli.report.notation import factor, lowered, raised
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.sums import sums_of_a, sums_of_da, sums_of_db, sums_of_dh, sums_of_dW, sums_of_h

Line = tuple[str, str, float]


def explained(trace: Trace, step: StepTrace) -> Sheet:
    """Forward, then backward from the loss, then the update where it is plain gradient descent."""
    lines = [*_forward(step), *_backward(trace, step)]
    if trace.optimizer.name == "sgd":
        lines += _update(step, trace.learning_rate)
    rows: tuple[tuple[Cell, ...], ...] = tuple(lines)
    return Sheet("Written out", ("quantity", "is", "value"), rows)


def _forward(step: StepTrace) -> Iterator[Line]:
    for n in range(len(step.x)):
        for k, layer in enumerate(step.layers, 1):
            yield from _units("a", n, step, k, sums_of_a(step, k, n), layer.a[n])
            yield from _units("h", n, step, k, sums_of_h(step, k, n), layer.h[n])


def _backward(trace: Trace, step: StepTrace) -> Iterator[Line]:
    for k, layer in reversed(list(enumerate(step.layers, 1))):
        for n in range(len(step.x)):
            yield from _units("dh", n, step, k, sums_of_dh(trace, step, k, n), layer.dh[n])
            yield from _units("da", n, step, k, sums_of_da(layer, n), layer.da[n])
        weights, biases = sums_of_dW(trace.objective, step, k), sums_of_db(trace.objective, step, k)
        for i, row in enumerate(weights):
            for j, text in enumerate(row):
                yield f"dw{lowered(i + 1)}{lowered(j + 1)}{raised(k)}", text, float(layer.d.W[i, j])
            yield f"db{lowered(i + 1)}{raised(k)}", biases[i], float(layer.d.b[i])


def _update(step: StepTrace, learning_rate: float) -> Iterator[Line]:
    for k, layer in enumerate(step.layers, 1):
        for i, row in enumerate(layer.before.W):
            for j, old in enumerate(row):
                text = f"{factor(old)} − {learning_rate:g}·{factor(layer.d.W[i, j])}"
                yield f"new w{lowered(i + 1)}{lowered(j + 1)}{raised(k)}", text, float(layer.after.W[i, j])
            text = f"{factor(layer.before.b[i])} − {learning_rate:g}·{factor(layer.d.b[i])}"
            if layer.after.b[i] == layer.before.b[i]:
                text = f"{factor(layer.before.b[i])}, frozen or with no gradient"
            yield f"new b{lowered(i + 1)}{raised(k)}", text, float(layer.after.b[i])


def _units(letter: str, n: int, step: StepTrace, k: int, sums: Iterable[str], values: Array) -> Iterator[Line]:
    """a₁⁽²⁾ and so on, and of several samples a₁⁽²⁾[3]."""
    which = f"[{n + 1}]" if len(step.x) > 1 else ""
    for i, (text, value) in enumerate(zip(sums, values, strict=True), 1):
        yield f"{letter}{lowered(i)}{raised(k)}{which}", text, float(value)
