"""A step of a trace as tables, in the order in which one writes it on paper."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.paper import Texts
from mlpcli.derivation.quantities import drawn, optimizer_constants, setting_of
from mlpcli.derivation.trace import LayerTrace, StepTrace, Trace, figures_of_step, parameter_names
from mlpcli.derivation.view import View
from mlpcli.report.notation import FIGURES, lowered, raised
from mlpcli.report.sheet import Cell, Sheet

MOST_NUMBERS = 12  # of a sample that is shown number by number
MOST_INPUTS, MOST_UNITS, MOST_SAMPLES = 10, 12, 4  # of a layer that is shown number by number; larger is summarised


def step_sheets(trace: Trace, step: StepTrace, view: View) -> Iterator[Sheet]:
    """What is shown of a step: layer by layer, or of a large one a summary."""
    prefix = f"Step {step.t}. " if len(trace.steps) > 1 else ""
    if not view.whole and large(step):
        yield _summary(prefix, step, view)
        return
    numbered, texts = list(enumerate(step.layers, 1)), Texts(setting_of(trace))
    for k, layer in numbered:
        if view.shows("forward", k):
            yield _forward_sheet(prefix, texts, k, layer)
    if view.shows("loss"):
        yield _loss_sheet(prefix, texts, step)
    for k, layer in reversed(numbered):
        if view.shows("backward", k):
            yield from _jacobian_sheets(prefix, texts, k, layer)
            yield _backward_sheet(prefix, texts, k, layer)
    if view.shows("backward", 1):
        yield _input_sheet(prefix, texts, step)
    for k, layer in numbered:
        if view.shows("update", k):
            yield _update_sheet(prefix, trace, step, k)
            yield _new_sheet(prefix, k, layer)


def large(step: StepTrace) -> bool:
    """Whether the numbers would fill more than a screen, or more than a page as matrices."""
    return len(step.x) > MOST_SAMPLES or any(
        layer.before.W.shape[1] > MOST_INPUTS or layer.before.W.shape[0] > MOST_UNITS for layer in step.layers
    )


# ----- What is given ------------------------------------------------------------------------------------------------


def given_sheet(trace: Trace, whole: bool, background: Mapping[str, str]) -> Sheet:
    """`background` is what else one must know of the network, by what it is about: how it was trained, say."""
    rows: list[tuple[Cell, ...]] = [*_given_samples(trace, whole)]
    rows.append(("loss", _given_loss(trace)))
    rows.append(("optimizer", f"{spelled(trace.optimizer, OPTIMIZERS)}: {trace.optimizer.formula}"))
    rows.append(
        ("with", ", ".join(f"{letter} = {_short(value)}" for letter, value in optimizer_constants(trace).items()))
    )
    rows += background.items()
    return Sheet("Given", ("quantity", "value"), tuple(rows))


def _given_samples(trace: Trace, whole: bool) -> Iterator[tuple[Cell, ...]]:
    """x and y of each sample, or the size of many."""
    step = trace.steps[0]
    for name, values in (("x", step.x), ("y", step.y)):
        if not whole and (len(values) > MOST_SAMPLES or values.shape[1] > MOST_NUMBERS):
            size = "×".join(map(str, values.shape))
            yield name, f"{size} numbers from {_short(values.min())} to {_short(values.max())}"
        else:
            for n, sample in enumerate(values, 1):
                yield (f"{name}[{n}]" if len(values) > 1 else name), _shorts(sample)


def _given_loss(trace: Trace) -> str:
    """Its name, with what its formula does not say: how it is reduced, and the regulariser."""
    objective = trace.objective
    samples, outputs = trace.steps[0].y.shape
    parts = [objective.loss.name]
    if outputs > 1:
        parts.append(f"{objective.output_reduction} over {outputs} outputs")
    if samples > 1:
        parts.append(f"{objective.batch_reduction} over {samples} samples")
    return ", ".join([*parts, *_regularizer(objective)])


def _regularizer(objective: Objective) -> Iterator[str]:
    for letter, strength in (("λ₁", objective.l1), ("λ₂", objective.l2)):
        if strength:
            yield f"{letter} = {_short(strength)}"


def _shorts(values: Array) -> str:
    return ", ".join(map(_short, values.tolist()))


def _short(value: float) -> str:
    """With as many digits as numbers in formulas have."""
    return f"{value + 0.0:.{FIGURES}g}"


# ----- Forward, loss, backward, update ------------------------------------------------------------------------------


def _forward_sheet(prefix: str, texts: Texts, k: int, layer: LayerTrace) -> Sheet:
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
    K, s = raised(k), texts.several
    shared = f", {f.letter} = {f.alpha:g}" if f.alpha is not None and not learned else ""
    title = f"{prefix}Forward, layer {k}: {texts.equation('a', k)}, h{K}{s} = {f.name}(a{K}{s}){shared}"
    return Sheet(title, columns, rows)


def _loss_sheet(prefix: str, texts: Texts, step: StepTrace) -> Sheet:
    y_hat = step.layers[-1].h
    columns = ("output", *_per_sample("ŷ", y_hat), *_per_sample("y", step.y), *_per_sample("ℓ", step.terms))
    rows = tuple(
        (j + 1, *_list(y_hat[:, j]), *_list(step.y[:, j]), *_list(step.terms[:, j])) for j in range(y_hat.shape[1])
    )
    objective = texts.setting.objective
    wanted = [quantity.symbol for quantity, line in texts.lines.items() if line.section == "loss" and not line.hidden]
    shown = [symbol for symbol in wanted if objective.regularized or symbol not in ("Ω", "J")]
    formulas = ", ".join(map(texts.equation, shown))
    return Sheet(f"{prefix}Loss, {objective.loss.name}: {formulas}", columns, rows)


def _jacobian_sheets(prefix: str, texts: Texts, k: int, layer: LayerTrace) -> Iterator[Sheet]:
    """Of an activation whose units depend on each other: a matrix for each sample."""
    if layer.activation.elementwise:
        return
    units = layer.h.shape[1]
    for sample, jacobian in enumerate(layer.derivative, 1):
        which = f"[{sample}]" if len(layer.derivative) > 1 else ""
        rows: tuple[tuple[Cell, ...], ...] = tuple((f"∂h{lowered(i + 1)}", *_list(jacobian[i])) for i in range(units))
        columns = ("", *(f"/∂a{lowered(j + 1)}" for j in range(units)))
        title = f"{prefix}Backward, layer {k}: {texts.equation('f′', k, which)}"
        yield Sheet(title, columns, rows)


def _backward_sheet(prefix: str, texts: Texts, k: int, layer: LayerTrace) -> Sheet:
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
    title = ", ".join(texts.equation(symbol, k) for symbol in ("da", "dW", "db"))
    return Sheet(f"{prefix}Backward, layer {k}: {title}", columns, tuple(rows))


def _input_sheet(prefix: str, texts: Texts, step: StepTrace) -> Sheet:
    """Where the way down ends."""
    rows = tuple((j + 1, *_list(step.dx[:, j])) for j in range(step.dx.shape[1]))
    return Sheet(f"{prefix}Backward, input: {texts.equation('dx')}", ("input", *_per_sample("dx", step.dx)), rows)


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
