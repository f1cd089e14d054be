"""A trace as the document that programs read, and as one flat table."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.checking import Element
from mlpcli.core.families import spelled
from mlpcli.core.network import Parameters
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace, parameter_names
from mlpcli.report.sheet import Cell, Sheet
from mlpcli.report.trace_view import View

NEW = {"W": "W_new", "b": "b_new", "alpha": "alpha_new"}


def trace_document(trace: Trace, checked: tuple[Element, ...], view: View) -> dict[str, Any]:
    """Every number of what is shown, for programs."""
    document = {**made_with(trace), "steps": [_step_document(step, view) for step in trace.steps]}
    if checked:
        document["check"] = _check_document(checked)
    return document


def made_with(trace: Trace) -> dict[str, Any]:
    """The rule, the objective and the optimizer of a trace: the head of its document."""
    objective = trace.objective
    return {
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
    }


def _check_document(checked: tuple[Element, ...]) -> dict[str, Any]:
    return {
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


def _step_document(step: StepTrace, view: View) -> dict[str, Any]:
    document: dict[str, Any] = {"x": _plain(step.x), "y": _plain(step.y)}
    if view.shows("loss"):
        document |= {
            "terms": _plain(step.terms),
            "loss": step.loss,
            "penalty": step.penalty,
            "objective": step.objective,
        }
    shown = [k for k in range(1, len(step.layers) + 1) if view.layer in (None, k)]
    document["layers"] = [_layer_document(k, step.layers[k - 1], view) for k in shown]
    if view.shows("backward", 1):
        document["dx"] = _plain(step.dx)
    if view.only in (None, "update"):
        document["slots"] = {
            name: [{"layer": k, **_by_letter(step.layers[k - 1], layers[k - 1])} for k in shown]
            for name, layers in step.slots.items()
        }
    if view.shows("update"):
        document |= {"loss_after": _defined(step.loss_after), "penalty_after": step.penalty_after}
    return document


def _by_letter(layer: LayerTrace, values: Parameters) -> dict[str, Any]:
    return {letter: _plain(getattr(values, letter)) for letter in parameter_names(layer)}


def _layer_document(k: int, layer: LayerTrace, view: View) -> dict[str, Any]:
    found = {name: _plain(values) for part, name, values in quantities(layer) if view.shows(part, k)}
    return {"layer": k, "activation": spelled(layer.activation, ACTIVATIONS), **found}


def flat_sheet(trace: Trace, view: View) -> Sheet:
    """step, layer, quantity, sample or row, column, value: one row per number of what is shown."""
    rows: list[tuple[Cell, ...]] = []
    for step in trace.steps:
        if view.shows("loss"):
            rows += [(step.t, None, "loss", None, None, step.loss), (step.t, None, "penalty", None, None, step.penalty)]
        for k, layer in enumerate(step.layers, 1):
            for part, name, values in quantities(layer):
                if name != "derivative" and view.shows(part, k):
                    rows += [(step.t, k, name, *place, value) for place, value in _numbers(values)]
        if view.shows("update"):
            rows.append((step.t, None, "loss_after", None, None, _defined(step.loss_after)))
    return Sheet("", ("step", "layer", "quantity", "row", "column", "value"), tuple(rows))


def _numbers(values: Array) -> Iterator[tuple[tuple[int | None, ...], float | None]]:
    """Each number with its row and column; a vector has columns only."""
    for index in np.ndindex(values.shape):
        yield (None, *(i + 1 for i in index))[-2:], _defined(values[index])


def quantities(layer: LayerTrace) -> Iterator[tuple[str, str, Array]]:
    """All arrays of a layer, in the order in which they are computed: the part, the name, the values."""
    names = list(parameter_names(layer))
    yield from (("forward", name, getattr(layer.before, name)) for name in names)
    yield from (("forward", "a", layer.a), ("forward", "h", layer.h))
    yield from (("backward", name, getattr(layer, name)) for name in ("derivative", "dh", "da"))
    yield from (("backward", f"d{name}", getattr(layer.d, name)) for name in names)
    yield from (("update", NEW[name], getattr(layer.after, name)) for name in names)


def _plain(values: Array) -> Any:
    """Nested lists; None for what is not finite, which JSON cannot write (dŷ where ŷ vanishes)."""
    plain = values.astype(object)
    plain[~np.isfinite(values)] = None
    return plain.tolist()


def _defined(value: Any) -> float | None:
    """The number, or None where it is not finite (the loss after a step by hand, where a probability rounds to 0)."""
    return float(value) if np.isfinite(value) else None
