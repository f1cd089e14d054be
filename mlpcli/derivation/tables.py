"""A step of a trace as tables, in the order in which you write it on paper."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.network import Parameters
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.paper import FROZEN, FormulaTexts
from mlpcli.derivation.quantities import View, drawn, optimizer_constants, setting_of
from mlpcli.derivation.trace import LayerTrace, StepTrace, Trace, parameter_names
from mlpcli.report.notation import lowered, raised
from mlpcli.report.numbers import FIGURES
from mlpcli.report.sheet import Cell, Sheet

MOST_NUMBERS = 12  # in a sample that is shown number by number
MOST_INPUTS, MOST_UNITS, MOST_SAMPLES = 10, 12, 4  # a step with more is summarized

Columns = tuple[list[str], Array]  # their heads, and (rows, columns)


def step_sheets(trace: Trace, number: int, view: View) -> Iterator[Sheet]:
    """The tables of one of the steps (counted from 0): layer by layer, or a summary if the step is large."""
    step = trace.steps[number]
    prefix = f"Step {step.t}. " if len(trace.steps) > 1 else ""
    sheets = _sheets(trace, step, view) if view.whole or not large(step) else [_summary(trace, number, view)]
    yield from (sheet._replace(title=prefix + sheet.title) for sheet in sheets)


def _sheets(trace: Trace, step: StepTrace, view: View) -> Iterator[Sheet]:
    numbered, texts = list(enumerate(step.layers, 1)), FormulaTexts(setting_of(trace))
    for k, layer in numbered:
        if view.shows("forward", k):
            yield _forward_sheet(texts, k, layer)
    if view.shows("loss"):
        yield _loss_sheet(texts, step)
    for k, layer in reversed(numbered):
        if view.shows("backward", k):
            yield from _jacobian_sheets(texts, k, layer)
            yield _backward_sheet(texts, k, layer)
    if view.shows("backward", 1):
        yield _table(f"Backward, input: {texts.equation('dx')}", "input", [_of_samples("dx", step.dx)])
    for k, layer in numbered:
        if view.shows("update", k):
            yield _update_sheet(trace, step, k)
            yield _table(f"New parameters, layer {k}", "unit", [*_of_parameters(layer, layer.after, ("w", "b", "α"))])


def large(step: StepTrace) -> bool:
    """Whether the numbers would fill more than a screen, or more than a page as matrices."""
    return len(step.x) > MOST_SAMPLES or any(
        layer.before.W.shape[1] > MOST_INPUTS or layer.before.W.shape[0] > MOST_UNITS for layer in step.layers
    )


# ----- What is given ------------------------------------------------------------------------------------------------


def given_sheet(trace: Trace, whole: bool, background: Mapping[str, str]) -> Sheet:
    """What the step starts from. `background` adds facts about the network by their names, such as its training."""
    step = trace.steps[0]
    rows: list[tuple[Cell, ...]] = [*given_samples(step.x, step.y, whole)]
    rows.append(("loss", given_loss(trace.objective, *step.y.shape)))
    rows.append(("optimizer", f"{spelled(trace.optimizer, OPTIMIZERS)}: {trace.optimizer.formula}"))
    rows.append(
        ("with", ", ".join(f"{letter} = {_short(value)}" for letter, value in optimizer_constants(trace).items()))
    )
    rows += background.items()
    return Sheet("Given", ("quantity", "value"), tuple(rows))


def given_samples(x: Array, y: Array, whole: bool) -> Iterator[tuple[Cell, ...]]:
    """x and y of each sample; if there are many numbers, only their shape and range."""
    for name, values in (("x", x), ("y", y)):
        if not whole and (len(values) > MOST_SAMPLES or values.shape[1] > MOST_NUMBERS):
            size = "×".join(map(str, values.shape))
            yield name, f"{size} numbers from {_short(values.min())} to {_short(values.max())}"
        else:
            for n, sample in enumerate(values, 1):
                yield (f"{name}[{n}]" if len(values) > 1 else name), _shorts(sample)


def given_loss(objective: Objective, samples: int, outputs: int) -> str:
    """The name of the loss, how it is reduced, and the regularizer."""
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
    """The number, with as many digits as numbers in formulas have."""
    return f"{value + 0.0:.{FIGURES}g}"


# ----- Forward, loss, backward, update ------------------------------------------------------------------------------


def _forward_sheet(texts: FormulaTexts, k: int, layer: LayerTrace) -> Sheet:
    """A row per unit: its parameters, a and h. The title shows a slope that all units share."""
    f, K, s = layer.activation, raised(k), texts.several
    shared = f", {f.letter} = {f.alpha:g}" if f.alpha is not None and f.learned is None else ""
    title = f"Forward, layer {k}: {texts.equation('a', k)}, h{K}{s} = {f.name}(a{K}{s}){shared}"
    parameters = _of_parameters(layer, layer.before, ("w", "b", f.letter))
    return _table(title, "unit", [*parameters, _of_samples("a", layer.a), _of_samples("h", layer.h)])


def _loss_sheet(texts: FormulaTexts, step: StepTrace) -> Sheet:
    objective = texts.setting.objective
    wanted = [quantity.symbol for quantity, line in texts.lines.items() if line.section == "loss" and not line.hidden]
    shown = [symbol for symbol in wanted if objective.regularized or symbol not in ("Ω", "J")]
    title = f"Loss, {objective.loss.name}: {', '.join(map(texts.equation, shown))}"
    columns = {"ŷ": step.layers[-1].h, "y": step.y, "ℓ": step.terms}
    return _table(title, "output", [_of_samples(name, values) for name, values in columns.items()])


def _jacobian_sheets(texts: FormulaTexts, k: int, layer: LayerTrace) -> Iterator[Sheet]:
    """The Jacobian of each sample, if the units of the activation depend on each other, as in softmax."""
    if layer.activation.elementwise:
        return
    units = layer.h.shape[1]
    for sample, jacobian in enumerate(layer.derivative, 1):
        which = f"[{sample}]" if len(layer.derivative) > 1 else ""
        rows: tuple[tuple[Cell, ...], ...] = tuple((f"∂h{lowered(i + 1)}", *jacobian[i].tolist()) for i in range(units))
        columns = ("", *(f"/∂a{lowered(j + 1)}" for j in range(units)))
        yield Sheet(f"Backward, layer {k}: {texts.equation('f′', k, which)}", columns, rows)


def _backward_sheet(texts: FormulaTexts, k: int, layer: LayerTrace) -> Sheet:
    columns = {"dh": layer.dh, **({"f′(a)": layer.derivative} if layer.activation.elementwise else {}), "da": layer.da}
    of_samples = [_of_samples(name, values) for name, values in columns.items()]
    title = ", ".join(texts.equation(symbol, k) for symbol in ("da", "dW", "db"))
    parameters = _of_parameters(layer, layer.d, ("dw", "db", "dα"))
    return _table(f"Backward, layer {k}: {title}", "unit", [*of_samples, *parameters])


def _update_sheet(trace: Trace, step: StepTrace, k: int) -> Sheet:
    """A row per parameter: the old value, the gradient and the optimizer state, and the new value."""
    layer, columns = step.layers[k - 1], ["parameter"]
    rows: list[tuple[Cell, ...]] = []
    for name in parameter_names(layer):
        shown = _update_columns(trace, step, k, name)
        columns[1:] = shown
        letter = {"W": "w", "alpha": "α"}.get(name, name)
        frozen = FROZEN * (name == "b" and trace.freeze_bias)
        for index in np.ndindex(shown["old"].shape):
            label = letter + "".join(lowered(i + 1) for i in index) + frozen
            rows.append((label, *(float(values[index]) for values in shown.values())))
    title = f"Update, layer {k}: {trace.optimizer.formula}{_for_all(trace, step)}"
    return Sheet(title, tuple(columns), tuple(rows))


def _update_columns(trace: Trace, step: StepTrace, k: int, name: str) -> dict[str, Array]:
    """The columns for W, b or α: the gradient, the optimizer state and its workings; for random search, the draw z."""
    layer, optimizer = step.layers[k - 1], trace.optimizer
    old, new, d, share = (getattr(group, name) for group in (layer.before, layer.after, layer.d, layer.share))
    slots = {slot: getattr(layers[k - 1], name) for slot, layers in step.slots.items()}
    worked = {row.formula: row.value(slots, step.t, optimizer.parameters) for row in optimizer.workings if row.each}
    arrays = {"old": old}
    if optimizer.rule is not None:
        arrays |= {"gradient": d, **({"of which λΩ": share} if trace.objective.regularized else {}), **slots, **worked}
    if optimizer.draws:
        arrays["z"] = drawn(trace, layer, name)
    return {**arrays, "new": new}


def _for_all(trace: Trace, step: StepTrace) -> str:
    """The numbers that the optimizer computes once for all parameters."""
    optimizer = trace.optimizer
    return "".join(
        f", {working.formula} = {working.value({}, step.t, optimizer.parameters):.6g}"
        for working in optimizer.workings
        if not working.each
    )


def _summary(trace: Trace, number: int, view: View) -> Sheet:
    """A row per tensor, for a step that is too large to show. Tensors of no single layer have no layer number."""
    rows: list[tuple[Cell, ...]] = []
    for shown in view.shown_of(trace, number):
        values = np.asarray(shown.values)
        if values.ndim:
            size = "×".join(map(str, values.shape))
            numbers = (float(number) for number in (values.min(), values.max(), np.abs(values).mean()))
            rows.append((str(shown.layer or ""), shown.name, size, *numbers))
    columns = ("layer", "tensor", "shape", "least", "greatest", "mean size")
    return Sheet("Summary; --whole shows every number", columns, tuple(rows), keys=2)


# ----- Columns ------------------------------------------------------------------------------------------------------


def _table(title: str, first: str, parts: Sequence[Columns]) -> Sheet:
    """A row per unit, input or output, counted from 1."""
    values = np.concatenate([array for _, array in parts], axis=1).tolist()
    rows: tuple[tuple[Cell, ...], ...] = tuple((number, *row) for number, row in enumerate(values, 1))
    return Sheet(title, (first, *(name for names, _ in parts for name in names)), rows)


def _of_samples(name: str, values: Array) -> Columns:
    """A column for each sample."""
    return [f"{name}[{n}]" if len(values) > 1 else name for n in range(1, len(values) + 1)], values.T


def _of_parameters(layer: LayerTrace, values: Parameters, letters: tuple[str, str, str]) -> Iterator[Columns]:
    """A column for each input of W, one for b, and one for α if it is learned."""
    w, b, alpha = letters
    yield [f"{w}·{lowered(j + 1)}" for j in range(values.W.shape[1])], values.W
    yield [b], values.b[:, None]
    if layer.activation.learned is not None:
        yield [alpha], np.reshape(values.alpha, (-1, 1))
