"""A step of a trace as tables, in the order in which one writes it on paper."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.figures import figures_of_step
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace, parameter_names
from mlpcli.report.layer_formulas import (
    each,
    formula_of_a,
    formula_of_da,
    formula_of_db,
    formula_of_dh,
    formula_of_dW,
    formula_of_jacobian,
    jacobian_symbol,
)
from mlpcli.report.loss_formulas import loss_formulas
from mlpcli.report.notation import lowered, raised
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.trace_view import View
from mlpcli.report.update_derivation import drawn

MOST_INPUTS, MOST_UNITS, MOST_SAMPLES = 10, 12, 4  # of a layer that is shown number by number; larger is summarised


def step_sheets(trace: Trace, step: StepTrace, view: View) -> Iterator[Sheet]:
    """What is shown of a step: layer by layer, or of a large one a summary."""
    prefix = f"Step {step.t}. " if len(trace.steps) > 1 else ""
    if not view.whole and large(step):
        yield _summary(prefix, step, view)
        return
    numbered = list(enumerate(step.layers, 1))
    for k, layer in numbered:
        if view.shows("forward", k):
            yield _forward_sheet(prefix, k, layer)
    if view.shows("loss"):
        yield _loss_sheet(prefix, trace, step)
    for k, layer in reversed(numbered):
        if view.shows("backward", k):
            yield from _jacobian_sheets(prefix, trace.rule, k, layer)
            yield _backward_sheet(prefix, trace, k, layer)
    if view.shows("backward", 1):
        yield _input_sheet(prefix, step)
    for k, layer in numbered:
        if view.shows("update", k):
            yield _update_sheet(prefix, trace, step, k)
            yield _new_sheet(prefix, k, layer)


def large(step: StepTrace) -> bool:
    """Whether the numbers would fill more than a screen, or more than a page as matrices."""
    return len(step.x) > MOST_SAMPLES or any(
        layer.before.W.shape[1] > MOST_INPUTS or layer.before.W.shape[0] > MOST_UNITS for layer in step.layers
    )


def _forward_sheet(prefix: str, k: int, layer: LayerTrace) -> Sheet:
    """A row per unit: its parameters, a and h. A slope that all units share stands in the title."""
    W, b, alpha = layer.before
    f, learned = layer.activation, layer.activation.learned is not None
    columns = ("unit", *_indexed("w", W.shape[1]), "b", *((f.letter,) if learned else ()))
    columns += (*_per_sample("a", layer.a), *_per_sample("h", layer.h))
    rows = tuple(
        (
            *(i + 1, *_list(W[i]), _number(b[i]), *((_number(alpha[i]),) if learned else ())),
            *(*_list(layer.a[:, i]), *_list(layer.h[:, i])),
        )
        for i in range(len(b))
    )
    K, s = raised(k), each(len(layer.a))
    shared = f", {f.letter} = {f.alpha:g}" if f.alpha is not None and not learned else ""
    title = f"{prefix}Forward, layer {k}: a{K}{s} = {formula_of_a(k, s)}, h{K}{s} = {f.name}(a{K}{s}){shared}"
    return Sheet(title, columns, rows)


def _loss_sheet(prefix: str, trace: Trace, step: StepTrace) -> Sheet:
    y_hat = step.layers[-1].h
    columns = ("output", *_per_sample("ŷ", y_hat), *_per_sample("y", step.y), *_per_sample("ℓ", step.terms))
    rows = tuple(
        (j + 1, *_list(y_hat[:, j]), *_list(step.y[:, j]), *_list(step.terms[:, j])) for j in range(y_hat.shape[1])
    )
    formulas = ", ".join(f"{symbol} = {formula}" for symbol, formula in loss_formulas(trace))
    return Sheet(f"{prefix}Loss, {trace.objective.loss.name}: {formulas}", columns, rows)


def _jacobian_sheets(prefix: str, rule: str, k: int, layer: LayerTrace) -> Iterator[Sheet]:
    """Of an activation whose units depend on each other: a matrix for each sample."""
    if layer.activation.elementwise:
        return
    units = layer.h.shape[1]
    for sample, jacobian in enumerate(layer.derivative, 1):
        which = f"[{sample}]" if len(layer.derivative) > 1 else ""
        rows: tuple[tuple[Cell, ...], ...] = tuple((f"∂h{lowered(i + 1)}", *_list(jacobian[i])) for i in range(units))
        columns = ("", *(f"/∂a{lowered(j + 1)}" for j in range(units)))
        title = f"{prefix}Backward, layer {k}: {jacobian_symbol(k, which)} = {formula_of_jacobian(layer, rule)}"
        yield Sheet(title, columns, rows)


def _backward_sheet(prefix: str, trace: Trace, k: int, layer: LayerTrace) -> Sheet:
    W, b, alpha = layer.d
    slope = layer.activation.elementwise
    columns: tuple[str, ...] = ("unit", *_per_sample("dh", layer.dh))
    columns += tuple(_per_sample("f′(a)", layer.a)) if slope else ()
    columns += (*_per_sample("da", layer.da), *_indexed("dw", W.shape[1]), "db")
    columns += ("dα",) if layer.activation.learned else ()
    rows: list[tuple[Cell, ...]] = []
    for i in range(len(b)):
        row: tuple[Cell, ...] = (i + 1, *_list(layer.dh[:, i]))
        row += tuple(_list(layer.derivative[:, i])) if slope else ()
        row += (*_list(layer.da[:, i]), *_list(W[i]), _number(b[i]))
        rows.append(row + ((_number(alpha[i]),) if layer.activation.learned else ()))
    K, samples = raised(k), len(layer.a)
    da, dW = formula_of_da(layer, k, each(samples)), formula_of_dW(trace.objective, samples, k)
    db = formula_of_db(trace.objective, samples, k)
    title = f"{prefix}Backward, layer {k}: da{K}{each(samples)} = {da}, dW{K} = {dW}, db{K} = {db}"
    return Sheet(title, columns, tuple(rows))


def _input_sheet(prefix: str, step: StepTrace) -> Sheet:
    """Where the way down ends."""
    rows = tuple((j + 1, *_list(step.dx[:, j])) for j in range(step.dx.shape[1]))
    title = f"{prefix}Backward, input: dx{each(len(step.x))} = {formula_of_dh(0, each(len(step.x)))}"
    return Sheet(title, ("input", *_per_sample("dx", step.dx)), rows)


def _update_sheet(prefix: str, trace: Trace, step: StepTrace, k: int) -> Sheet:
    """A row per parameter: its old value, what the optimizer makes the new one of, and the new one."""
    layer, columns = step.layers[k - 1], ["parameter"]
    rows: list[tuple[Cell, ...]] = []
    for name in parameter_names(layer):
        shown = _update_columns(trace, step, k, name)
        columns[1:] = shown
        letter = {"W": "w", "alpha": "α"}.get(name, name)
        frozen = ", frozen" if name == "b" and trace.freeze_bias else ""
        for index in np.ndindex(shown["old"].shape):
            label = letter + "".join(lowered(i + 1) for i in index) + frozen
            rows.append((label, *(_number(values[index]) for values in shown.values())))
    title = f"{prefix}Update, layer {k}: {trace.optimizer.formula}{_for_all(trace, step)}"
    return Sheet(title, tuple(columns), tuple(rows))


def _update_columns(trace: Trace, step: StepTrace, k: int, name: str) -> dict[str, Array]:
    """Of W, b or α: the gradient and what is kept and worked out with it; of a search, what it drew."""
    layer, optimizer = step.layers[k - 1], trace.optimizer
    old, new, d, share = (getattr(group, name) for group in (layer.before, layer.after, layer.d, layer.share))
    slots = {slot: getattr(layers[k - 1], name) for slot, layers in step.slots.items()}
    worked = {row.formula: row.value(slots, step.t, optimizer.parameters) for row in optimizer.workings if row.each}
    found = {"old": old}
    if optimizer.rule is not None:
        found |= {"gradient": d, **({"of which λΩ": share} if trace.objective.regularized else {}), **slots, **worked}
    if optimizer.draws:
        found["z"] = drawn(trace, old, new)
    return {**found, "new": new}


def _for_all(trace: Trace, step: StepTrace) -> str:
    """What the optimizer works out once for all parameters."""
    optimizer = trace.optimizer
    return "".join(
        f", {working.formula} = {working.value({}, step.t, optimizer.parameters):.6g}"
        for working in optimizer.workings
        if not working.each
    )


def _new_sheet(prefix: str, k: int, layer: LayerTrace) -> Sheet:
    """The new W and b (and learned slopes) as the forward pass will take them."""
    W, b, alpha = layer.after
    learned = layer.activation.learned is not None
    columns = ("unit", *_indexed("w", W.shape[1]), "b", *(("α",) if learned else ()))
    rows = tuple(
        (i + 1, *_list(W[i]), _number(b[i]), *((_number(alpha[i]),) if learned else ())) for i in range(len(b))
    )
    return Sheet(f"{prefix}New parameters, layer {k}", columns, rows)


def _summary(prefix: str, step: StepTrace, view: View) -> Sheet:
    """A row per tensor, where the numbers would fill more than a screen; what belongs to no layer has no number."""
    rows: list[tuple[Cell, ...]] = []
    for figure in filter(view.shows_figure, figures_of_step(step)):
        values = np.asarray(figure.values)
        if values.ndim:
            size = "×".join(map(str, values.shape))
            least, greatest, mean = values.min(), values.max(), np.abs(values).mean()
            layer = str(figure.layer or "")
            rows.append((layer, figure.name, size, _number(least), _number(greatest), _number(mean)))
    columns = ("layer", "tensor", "shape", "least", "greatest", "mean size")
    return Sheet(f"{prefix}Summary; --whole shows every number", columns, tuple(rows), keys=2)


# ----- Numbers and signs --------------------------------------------------------------------------------------------


def _number(value: Any) -> float:
    return float(value)


def _list(values: Array) -> list[float]:
    return [float(value) for value in values]


def _indexed(letter: str, count: int) -> list[str]:
    return [f"{letter}·{lowered(j + 1)}" for j in range(count)]


def _per_sample(name: str, values: Array) -> list[str]:
    return [name] if len(values) == 1 else [f"{name}[{sample + 1}]" for sample in range(len(values))]
