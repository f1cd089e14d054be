"""A step of a trace as tables, in the order in which you write it on paper."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.paper import FROZEN, FormulaTexts
from mlpcli.derivation.quantities import View, optimizer_constants, setting_of, values_of
from mlpcli.derivation.setting import Quantity, Values
from mlpcli.derivation.trace import StepTrace, Trace
from mlpcli.report.notation import indices, lowered, raised
from mlpcli.report.numbers import counted, significant
from mlpcli.report.sheet import Cell, Rows, Sheet

MOST_NUMBERS = 12  # in a sample that is shown number by number
MOST_INPUTS, MOST_UNITS, MOST_SAMPLES = 10, 12, 4  # a step with more is summarized


def step_sheets(trace: Trace, number: int, view: View) -> Iterator[Sheet]:
    """The tables of one of the steps (counted from 0): layer by layer, or a summary if the step is large."""
    step = trace.steps[number]
    prefix = f"Step {step.t}. " if len(trace.steps) > 1 else ""
    sheets = _sheets(trace, number, view) if view.whole or not large(step) else [_summary(trace, number, view)]
    yield from (sheet._replace(title=prefix + sheet.title) for sheet in sheets)


# The columns of the tables: quantities, and the head of each.
FORWARD = {"W": "w", "b": "b", "W̃": "w̃", "α": "α", "a": "a", "h": "h"}
LOSS = {"h": "ŷ", "y": "y", "ℓ": "ℓ"}
BACKWARD = {"dh": "dh", "f′": "f′(a)", "da": "da", "dW": "dw", "db": "db", "dW̃": "dw̃", "dα": "dα"}
NEW = {"W′": "w", "b′": "b", "W̃′": "w̃", "α′": "α"}
APART = ("W", "b", "dW", "db", "W′", "b′")  # not shown if W and b are merged


def _sheets(trace: Trace, number: int, view: View) -> Iterator[Sheet]:
    setting, values = setting_of(trace, view.merged), values_of(trace, number, view.merged)
    texts = FormulaTexts(setting)
    if view.merged:
        values = {quantity: each for quantity, each in values.items() if quantity.symbol not in APART}

    def table(title: str, first: str, heads: Mapping[str, str], *layers: int) -> Sheet:
        """A column, or several, for each of these quantities of the layers."""
        parts = [(head, symbol, values.get(Quantity(symbol, k))) for symbol, head in heads.items() for k in layers]
        return _table(title, first, parts)

    for part, k in view.sections(setting.last):
        if part == "forward":
            letter = setting.layers[k - 1].activation.letter
            yield table(_forward_title(texts, k), "unit", FORWARD | {"α": letter}, k)
        if part == "loss":
            yield table(_loss_title(texts), "output", LOSS, setting.last, 0)
        if part == "backward":
            yield from _jacobian_sheets(texts, k, values[Quantity("f′", k)])
            title = texts.equations(("dh", "da", "dW", "db", "dW̃"), k)
            yield table(f"Backward, layer {k}: {title}", "unit", BACKWARD, k)
        if part == "backward" and k == 1:
            yield table(f"Backward, input: {texts.equation('dx')}", "input", {"dx": "dx"}, 0)
        if part == "update":
            yield _update_sheet(trace, trace.steps[number], k, values, setting.learned(k))
            yield table(f"New parameters, layer {k}", "unit", NEW, k)


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
    rows += given_factors(trace.factors, whole)
    samples, outputs = step.y.shape
    rows.append(("loss", given_loss(trace.objective, samples, outputs, trace.factors is not None)))
    rows.append(("optimizer", f"{spelled(trace.optimizer, OPTIMIZERS)}: {trace.optimizer.formula}"))
    rows.append(
        ("with", ", ".join(f"{letter} = {significant(value)}" for letter, value in optimizer_constants(trace).items()))
    )
    rows += background.items()
    return Sheet("Given", ("quantity", "value"), tuple(rows))


def given_samples(x: Array, y: Array, whole: bool) -> Iterator[tuple[Cell, ...]]:
    """x and y of each sample; if there are many numbers, only their shape and range."""
    for name, values in (("x", x), ("y", y)):
        if not whole and (len(values) > MOST_SAMPLES or values.shape[1] > MOST_NUMBERS):
            size = "×".join(map(str, values.shape))
            yield name, f"{size} numbers from {significant(values.min())} to {significant(values.max())}"
        else:
            for n, sample in enumerate(values, 1):
                yield (f"{name}[{n}]" if len(values) > 1 else name), ", ".join(map(significant, sample.tolist()))


def given_factors(factors: Array | None, whole: bool) -> Iterator[tuple[Cell, ...]]:
    """ω of each sample, if samples have weights."""
    if factors is not None and (whole or len(factors) <= MOST_SAMPLES):
        for n, factor in enumerate(factors.tolist(), 1):
            yield (f"ω[{n}]" if len(factors) > 1 else "ω"), significant(factor)
    elif factors is not None:
        yield "ω", f"{len(factors)} factors from {significant(factors.min())} to {significant(factors.max())}"


def given_loss(objective: Objective, samples: int, outputs: int, weighted: bool = False) -> str:
    """The name of the loss, how it is reduced, and the regularizer."""
    parts = [objective.loss.name]
    if outputs > 1:
        parts.append(f"{objective.output_reduction} over {outputs} outputs")
    if weighted:
        factor = {"mean": "w/Σw", "sum": "w"}[objective.batch_reduction]
        parts.append(f"weighted {objective.batch_reduction} over {counted(samples, 'sample')}, ω = {factor}")
    elif samples > 1:
        parts.append(f"{objective.batch_reduction} over {samples} samples")
    return ", ".join([*parts, *_regularizer(objective)])


def _regularizer(objective: Objective) -> Iterator[str]:
    for letter, strength in (("λ₁", objective.l1), ("λ₂", objective.l2)):
        if strength:
            yield f"{letter} = {significant(strength)}"


# ----- Forward, loss, backward, update ------------------------------------------------------------------------------


def _forward_title(texts: FormulaTexts, k: int) -> str:
    """How a and h are computed, and a slope that all units share."""
    f, K, s = texts.setting.layers[k - 1].activation, raised(k), texts.several
    shared = f", {f.letter} = {f.alpha:g}" if f.alpha is not None and f.learned is None else ""
    below = texts.equations(("x̃", "h̃"), k - 1)
    a = ", ".join(filter(None, (texts.equations(("W̃",), k), below, texts.equation("a", k))))
    return f"Forward, layer {k}: {a}, h{K}{s} = {f.name}(a{K}{s}){shared}"


def _loss_title(texts: FormulaTexts) -> str:
    objective = texts.setting.objective
    wanted = [quantity.symbol for quantity, line in texts.lines.items() if line.section == "loss" and not line.hidden]
    shown = [symbol for symbol in wanted if objective.regularized or symbol not in ("Ω", "J")]
    return f"Loss, {objective.loss.name}: {', '.join(map(texts.equation, shown))}"


def _jacobian_sheets(texts: FormulaTexts, k: int, derivative: Array) -> Iterator[Sheet]:
    """The Jacobian of each sample, if the units of the activation depend on each other, as in softmax."""
    for sample, jacobian in enumerate(derivative if derivative.ndim == 3 else (), 1):
        which = f"[{sample}]" if len(derivative) > 1 else ""
        rows: Rows = tuple((f"∂h{lowered(i)}", *row) for i, row in enumerate(jacobian.tolist(), 1))
        columns = ("", *(f"/∂a{lowered(j)}" for j in range(1, len(rows) + 1)))
        yield Sheet(f"Backward, layer {k}: {texts.equation('f′', k, which)}", columns, rows)


def _update_sheet(trace: Trace, step: StepTrace, k: int, values: Values, letters: Iterable[str]) -> Sheet:
    """A row per parameter: the old value, the gradient and the optimizer state, and the new value."""
    shown: dict[str, Array] = {}
    rows: list[tuple[Cell, ...]] = []
    for letter in letters:
        shown = dict(_update_columns(trace, step.t, k, letter, values))
        frozen = FROZEN * (letter == "b" and trace.freeze_bias)
        for index in np.ndindex(shown["old"].shape):
            label = letter.replace("W", "w") + indices(*index) + frozen
            rows.append((label, *(float(numbers[index]) for numbers in shown.values())))
    title = f"Update, layer {k}: {trace.optimizer.formula}{_for_all(trace, step)}"
    return Sheet(title, ("parameter", *shown), tuple(rows))


def _update_columns(trace: Trace, t: int, k: int, letter: str, values: Values) -> Iterator[tuple[str, Array]]:
    """The columns for W, b or α: the gradient, the optimizer state and its workings."""
    optimizer = trace.optimizer
    slots = {slot: values[Quantity(f"{slot}.{letter}", k)] for slot in optimizer.slots}
    yield "old", values[Quantity(letter, k)]
    yield "gradient", values[Quantity(f"d{letter}", k)]
    if trace.objective.regularized:
        yield "of which λΩ", values[Quantity(f"∂Ω.{letter}", k)]
    yield from slots.items()
    for row in optimizer.workings:
        if row.each:
            yield row.formula, row.value(slots, t, optimizer.parameters)
    yield "new", values[Quantity(f"{letter}′", k)]


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
    columns = ("layer", "tensor", "shape", "least", "greatest", "mean |value|")
    return Sheet("Summary; --whole shows every number", columns, tuple(rows), keys=2)


# ----- Columns ------------------------------------------------------------------------------------------------------


def _table(title: str, first: str, columns: Iterable[tuple[str, str, Any]]) -> Sheet:
    """A row per unit, input or output, counted from 1. The columns have a head, a symbol, and values."""
    heads, parts = [first], []
    for head, symbol, values in columns:
        if np.ndim(values) not in (1, 2):  # an α that is not learned, or a Jacobian
            continue
        matrix = values if "W" in symbol else np.atleast_2d(values).T
        parts.append(matrix)
        several = "·{}" if "W" in symbol else "[{}]" if matrix.shape[1] > 1 else ""
        heads += [head + several.format(lowered(n) if "W" in symbol else n) for n in range(1, matrix.shape[1] + 1)]
    numbers = np.concatenate(parts, axis=1).tolist()
    rows: Rows = tuple((number, *row) for number, row in enumerate(numbers, 1))
    return Sheet(title, tuple(heads), rows)
