"""A trace as sheets, in the order in which one writes it on paper, and as the document that programs read."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.by_hand import spelled_loss
from mlpcli.core.checking import Element, worst_of
from mlpcli.core.families import spelled
from mlpcli.core.losses import two_sided_cross_entropy_gradient
from mlpcli.core.network import Parameters
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace, parameter_names
from mlpcli.report.derivation import derivation, without_sums
from mlpcli.report.explaining import explained
from mlpcli.report.notation import lowered, raised
from mlpcli.report.sheet import Cell, Report, Section, Sheet

MOST_INPUTS, MOST_UNITS, MOST_SAMPLES = 10, 12, 4  # of a layer that is shown number by number; larger is summarised
NEW = {"W": "W_new", "b": "b_new", "alpha": "alpha_new"}


def trace_report(
    trace: Trace,
    whole: bool,
    checked: tuple[Element, ...] = (),
    true: Trace | None = None,
    explain: bool = False,
    typeset: bool = False,
    sums: bool = False,
) -> Report:
    """All steps. `whole` shows large layers number by number too, `explain` writes each scalar out, `checked` adds the
    numerical derivatives, and `true` is the exact trace, to stand beside one by another rule. `typeset` adds the
    formulas, unless a layer is too large for them, and `sums` each of their numbers as a sum, as `explain` does.
    """
    sheets: list[Sheet] = []
    for step in trace.steps:
        sheets += _step_sheets(trace, step, whole)
        if explain:
            sheets.append(explained(trace, step))
    proofs = [_check_sheet(checked, whole)] if checked else []
    proofs += [_side_by_side(trace, true)] if true is not None else []
    closing = [*_closing(trace, checked), *(_confession(trace) if trace.rule == "lecture" else ())]
    sections = _sections(trace, proofs, explain or sums) if typeset and not _large(trace.steps[0]) else ()
    return Report("trace", _document(trace, checked), _flat(trace), (*sheets, *proofs), tuple(closing), sections)


def _sections(trace: Trace, proofs: list[Sheet], sums: bool) -> tuple[Section, ...]:
    """The derivation, and each proof under its own heading."""
    found = derivation(trace) if sums else without_sums(derivation(trace))
    return (*found, *(Section(sheet.title, (sheet,)) for sheet in proofs))


def _large(step: StepTrace) -> bool:
    """Whether the numbers would fill more than a screen, or more than a page as matrices."""
    return len(step.x) > MOST_SAMPLES or any(
        layer.before.W.shape[1] > MOST_INPUTS or layer.before.W.shape[0] > MOST_UNITS for layer in step.layers
    )


# ----- For people ---------------------------------------------------------------------------------------------------


def _step_sheets(trace: Trace, step: StepTrace, whole: bool) -> Iterator[Sheet]:
    prefix = f"Step {step.t}. " if len(trace.steps) > 1 else ""
    if not whole and _large(step):
        yield _summary(prefix, step)
        return
    numbered = list(enumerate(step.layers, 1))
    for k, layer in numbered:
        yield _forward_sheet(prefix, k, layer)
    yield _loss_sheet(prefix, trace, step)
    for k, layer in reversed(numbered):
        if not layer.activation.elementwise:
            yield from _jacobian_sheets(prefix, k, layer)
        yield _backward_sheet(prefix, k, layer)
    for k, layer in numbered:
        yield _update_sheet(prefix, k, layer, {name: slots[k - 1] for name, slots in step.slots.items()}, trace)


def _forward_sheet(prefix: str, k: int, layer: LayerTrace) -> Sheet:
    W, b, _ = layer.before
    name = spelled(layer.activation, ACTIVATIONS)
    columns = ("unit", *_indexed("w", W.shape[1]), "b", *_per_sample("a", layer.a), *_per_sample("h", layer.h))
    rows = tuple(
        (i + 1, *_list(W[i]), _number(b[i]), *_list(layer.a[:, i]), *_list(layer.h[:, i])) for i in range(len(b))
    )
    K = raised(k)
    return Sheet(f"{prefix}Forward, layer {k}: a{K} = W{K} {_below(k)} + b{K}, h{K} = {name}(a{K})", columns, rows)


def _loss_sheet(prefix: str, trace: Trace, step: StepTrace) -> Sheet:
    y_hat, loss = step.layers[-1].h, trace.objective.loss
    columns = ("output", *_per_sample("ŷ", y_hat), *_per_sample("y", step.y), *_per_sample("term", step.terms))
    rows = tuple(
        (j + 1, *_list(y_hat[:, j]), *_list(step.y[:, j]), *_list(step.terms[:, j])) for j in range(y_hat.shape[1])
    )
    formula, _ = spelled_loss(loss, trace.rule)
    return Sheet(f"{prefix}Loss, {loss.name}: {trace.objective.output_reduction} of {formula}", columns, rows)


def _jacobian_sheets(prefix: str, k: int, layer: LayerTrace) -> Iterator[Sheet]:
    units = layer.h.shape[1]
    for sample, jacobian in enumerate(layer.derivative, 1):
        which = f", sample {sample}" if len(layer.derivative) > 1 else ""
        rows: tuple[tuple[Cell, ...], ...] = tuple((f"∂h{lowered(i + 1)}", *_list(jacobian[i])) for i in range(units))
        columns = ("", *(f"/∂a{lowered(j + 1)}" for j in range(units)))
        yield Sheet(f"{prefix}Backward, layer {k}: the Jacobian of {layer.activation.name}{which}", columns, rows)


def _backward_sheet(prefix: str, k: int, layer: LayerTrace) -> Sheet:
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
    through = "f′(a)" if slope else "the Jacobian"
    K = raised(k)
    title = f"{prefix}Backward, layer {k}: da{K} = dh{K} through {through}, dW{K} = da{K} {_below(k)}ᵀ"
    return Sheet(title, columns, tuple(rows))


def _update_sheet(prefix: str, k: int, layer: LayerTrace, slots: dict[str, Parameters], trace: Trace) -> Sheet:
    penalized = trace.objective.regularized
    columns = ("parameter", "old", "gradient", *(("of which λΩ",) if penalized else ()), *slots, "new")
    rows: list[tuple[Cell, ...]] = []
    for name in parameter_names(layer):
        old, new, d, share = (getattr(group, name) for group in (layer.before, layer.after, layer.d, layer.share))
        letter = {"W": "w", "alpha": "α"}.get(name, name)
        for index in np.ndindex(old.shape):
            part = (_number(share[index]),) if penalized else ()
            running = (_number(getattr(slot, name)[index]) for slot in slots.values())
            label = letter + "".join(lowered(i + 1) for i in index)
            rows.append((label, _number(old[index]), _number(d[index]), *part, *running, _number(new[index])))
    return Sheet(f"{prefix}Update, layer {k}: {trace.optimizer.formula}", columns, tuple(rows))


def _summary(prefix: str, step: StepTrace) -> Sheet:
    """A row per tensor, where the numbers would fill more than a screen."""
    rows: list[tuple[Cell, ...]] = []
    for k, layer in enumerate(step.layers, 1):
        found = {
            "W": layer.before.W, "b": layer.before.b, "a": layer.a, "h": layer.h, "dh": layer.dh, "da": layer.da,
            "dW": layer.d.W, "db": layer.d.b, "W new": layer.after.W, "b new": layer.after.b,
        }  # fmt: skip
        for name, values in found.items():
            size = "×".join(map(str, values.shape))
            rows.append((k, name, size, _number(values.min()), _number(values.max()), _number(np.abs(values).mean())))
    columns = ("layer", "tensor", "shape", "least", "greatest", "mean size")
    return Sheet(f"{prefix}Summary; --whole shows every number", columns, tuple(rows), keys=2)


def _check_sheet(checked: tuple[Element, ...], whole: bool) -> Sheet:
    """All elements, or of many those with the largest error."""
    shown = checked if whole or len(checked) <= 40 else sorted(checked, key=lambda e: -e.error)[:10]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (e.name, e.exact, e.numerical, e.error, e.method.name, _verdict(e)) for e in shown
    )
    return Sheet(
        "Check: the gradient beside a numerical derivative",
        ("parameter", "gradient", "numerical", "relative error", "method", "verdict"),
        rows,
    )


def _side_by_side(trace: Trace, true: Trace) -> Sheet:
    """What the rule gives and what is true, where they differ in kind: J, dŷ, da and dW of the last layer."""
    mine, exact = trace.steps[0], true.steps[0]
    last, other = mine.layers[-1], exact.layers[-1]
    slide = trace.rule == "lecture"
    two_sided = trace.objective.loss.log_weights is not None and (mine.y < 1).any()
    rows: list[tuple[Cell, ...]] = [("J", mine.loss, exact.loss, "log10 instead of ln" if slide else "")]
    for name, one, two in (("dŷ", last.dh, other.dh), ("da", last.da, other.da), ("dw", last.d.W, other.d.W)):
        for index in np.ndindex(one.shape):
            places = index if name == "dw" or len(one) > 1 else index[1:]
            reason = ""
            if slide and one[index] * two[index] < 0 and two_sided:
                reason = "sign of (1 − y)/(1 − ŷ)"
            elif slide and name != "dŷ" and not last.activation.elementwise:
                reason = "off-diagonal terms of softmax dropped"
            label = name + "".join(lowered(i + 1) for i in places)
            rows.append((label, _number(one[index]), _number(two[index]), reason))
    how = "the slide's rule" if slide else "exact rule"
    how += f", rounded to {trace.digits} decimals" if trace.digits is not None else ""
    return Sheet(
        f"Side by side: {how}, and the true gradient", ("quantity", "by the rule", "true", "reason"), tuple(rows)
    )


def _confession(trace: Trace) -> Iterator[str]:
    """What the slide's rule is not."""
    slips = ["takes log10"]
    if trace.objective.loss.gradient is two_sided_cross_entropy_gradient:
        slips.append("misses a sign")
    if not trace.steps[0].layers[-1].activation.elementwise:
        slips.append("drops softmax's off-diagonal derivatives")
    yield f"this is not the gradient: the slide {', '.join(slips)}"
    if trace.objective.loss.name == "ce-negatives" and trace.steps[0].layers[-1].activation.name == "softmax":
        yield "with its sign put right, its shortcut is exactly ŷ − y, the gradient of categorical cross-entropy"


def _verdict(element: Element) -> str:
    if element.right:
        return "right"
    return "at a kink" if element.kink else "WRONG"


def _closing(trace: Trace, checked: tuple[Element, ...]) -> Iterator[str]:
    for step in trace.steps:
        prefix = f"step {step.t}: " if len(trace.steps) > 1 else ""
        parts = f"L = {step.loss:.6g}"
        if trace.objective.regularized:
            parts += f", λΩ = {step.penalty:.6g}, J = {step.objective:.6g}"
        yield f"{prefix}{parts}; after the update L = {step.loss_after:.6g}"
    if checked:
        worst = worst_of(checked)
        wrong = sum(not element.right for element in checked)
        verdict = f"{wrong} of {len(checked)} elements are off" if wrong else f"all {len(checked)} elements are right"
        allowed = f"where the {worst.method.name} allows {worst.method.tolerance:g}"
        yield f"check: {verdict}; worst {worst.name}, relative error {worst.error:.1e} {allowed}"


# ----- For programs -------------------------------------------------------------------------------------------------


def _document(trace: Trace, checked: tuple[Element, ...]) -> dict[str, Any]:
    objective = trace.objective
    document: dict[str, Any] = {
        "rule": trace.rule,
        "round_steps": trace.digits,
        "loss": {
            "name": objective.loss.name,
            "output_reduction": objective.output_reduction,
            "batch_reduction": objective.batch_reduction,
        },
        "regularizer": {"l1": objective.l1, "l2": objective.l2, "biases": objective.regularize_bias},
        "optimizer": {
            "name": trace.optimizer.name,
            "choice": spelled(trace.optimizer, OPTIMIZERS),
            "learning_rate": trace.learning_rate,
            **trace.optimizer.parameters,
        },
        "steps": [_step_document(step) for step in trace.steps],
    }
    if checked:
        document["check"] = {
            "right": all(element.right for element in checked),
            "elements": [
                {
                    "name": e.name,
                    "gradient": e.exact,
                    "numerical": e.numerical,
                    "error": e.error,
                    "method": e.method.name,
                    "tolerance": e.method.tolerance,
                    "kink": e.kink,
                }
                for e in checked
            ],
        }
    return document


def _step_document(step: StepTrace) -> dict[str, Any]:
    return {
        "x": _plain(step.x),
        "y": _plain(step.y),
        "terms": _plain(step.terms),
        "loss": step.loss,
        "penalty": step.penalty,
        "objective": step.objective,
        "layers": [_layer_document(layer) for layer in step.layers],
        "dx": _plain(step.dx),
        "slots": {
            name: [
                {letter: _plain(getattr(part, letter)) for letter in parameter_names(layer)}
                for part, layer in zip(layers, step.layers, strict=True)
            ]
            for name, layers in step.slots.items()
        },
        "loss_after": _defined(step.loss_after),
        "penalty_after": step.penalty_after,
    }


def _layer_document(layer: LayerTrace) -> dict[str, Any]:
    names = list(parameter_names(layer))
    return {
        "activation": spelled(layer.activation, ACTIVATIONS),
        **{name: _plain(getattr(layer.before, name)) for name in names},
        "a": _plain(layer.a),
        "h": _plain(layer.h),
        "derivative": _plain(layer.derivative),
        "dh": _plain(layer.dh),
        "da": _plain(layer.da),
        **{f"d{name}": _plain(getattr(layer.d, name)) for name in names},
        **{NEW[name]: _plain(getattr(layer.after, name)) for name in names},
    }


def _flat(trace: Trace) -> Sheet:
    """step, layer, quantity, sample or row, column, value: one row per number."""
    rows: list[tuple[Cell, ...]] = []
    for step in trace.steps:
        rows += [(step.t, None, "loss", None, None, step.loss), (step.t, None, "penalty", None, None, step.penalty)]
        for k, layer in enumerate(step.layers, 1):
            for name, values in _quantities(layer):
                for index in np.ndindex(values.shape):
                    place = [None, *(i + 1 for i in index)][-2:]
                    rows.append((step.t, k, name, *place, _defined(values[index])))
        rows.append((step.t, None, "loss_after", None, None, _defined(step.loss_after)))
    return Sheet("", ("step", "layer", "quantity", "row", "column", "value"), tuple(rows))


def _quantities(layer: LayerTrace) -> Iterator[tuple[str, Array]]:
    for name in parameter_names(layer):
        yield name, getattr(layer.before, name)
    yield from (("a", layer.a), ("h", layer.h), ("dh", layer.dh), ("da", layer.da))
    for name in parameter_names(layer):
        yield f"d{name}", getattr(layer.d, name)
    for name in parameter_names(layer):
        yield NEW[name], getattr(layer.after, name)


# ----- Numbers and signs --------------------------------------------------------------------------------------------


def _plain(values: Array) -> Any:
    """Nested lists; None for what is not finite, which JSON cannot write (dŷ where ŷ vanishes)."""
    plain = values.astype(object)
    plain[~np.isfinite(values)] = None
    return plain.tolist()


def _defined(value: Any) -> float | None:
    """The number, or None where it is not finite (the loss after a step by hand, where a probability rounds to 0)."""
    return float(value) if np.isfinite(value) else None


def _number(value: Any) -> float:
    return float(value)


def _list(values: Array) -> list[float]:
    return [float(value) for value in values]


def _indexed(letter: str, count: int) -> list[str]:
    return [f"{letter}·{lowered(j + 1)}" for j in range(count)]


def _per_sample(name: str, values: Array) -> list[str]:
    return [name] if len(values) == 1 else [f"{name}[{sample + 1}]" for sample in range(len(values))]


def _below(k: int) -> str:
    """What layer k takes."""
    return "x" if k == 1 else f"h{raised(k - 1)}"
