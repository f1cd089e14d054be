"""A trace as the document that programs read, and as one flat table."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.check import Element
from mlpcli.derivation.trace import Figure, LayerTrace, StepTrace, Trace, figures_of_step
from mlpcli.derivation.view import View
from mlpcli.report.sheet import Cell, Sheet


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
        "freeze_bias": trace.freeze_bias,
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
    """What belongs to the step, and in it the layers and the optimizer's running values, layer by layer."""
    shown = [k for k in range(1, len(step.layers) + 1) if view.layer in (None, k)]
    layers = {k: _layer_document(k, step.layers[k - 1]) for k in shown}
    slots: dict[str, dict[int, dict[str, Any]]] = {name: {k: {"layer": k} for k in shown} for name in step.slots}
    document: dict[str, Any] = {}
    for figure in filter(view.shows_figure, figures_of_step(step)):
        slot, dot, letter = figure.name.rpartition(".")
        place = slots[slot][figure.layer] if dot else layers[figure.layer] if figure.layer else document
        place[letter] = _plain(figure.values)
    document["layers"] = list(layers.values())
    if view.only in (None, "update"):
        document["slots"] = {name: list(parts.values()) for name, parts in slots.items()}
    return document


def _layer_document(k: int, layer: LayerTrace) -> dict[str, Any]:
    return {"layer": k, "activation": spelled(layer.activation, ACTIVATIONS)}


def flat_sheet(trace: Trace, view: View) -> Sheet:
    """One row per number of what is shown. Of what each sample has, the sample is told; of a vector, the column."""
    rows: list[tuple[Cell, ...]] = []
    for step in trace.steps:
        for figure in filter(view.shows_figure, figures_of_step(step)):
            rows += [(step.t, figure.layer or None, figure.name, *place, value) for place, value in _numbers(figure)]
    return Sheet("", ("step", "layer", "quantity", "sample", "row", "column", "value"), tuple(rows))


def _numbers(figure: Figure) -> Iterator[tuple[tuple[int | None, ...], float | None]]:
    """Each number with its sample, row and column."""
    values = np.asarray(figure.values, np.float64)
    for index in np.ndindex(values.shape):
        places = [i + 1 for i in index]
        sample = places.pop(0) if figure.per_sample else None
        yield (sample, *(None, None, *places)[-2:]), _plain(values[index])


def _plain(values: Array | float) -> Any:
    """Nested lists, or a number; None for what is not finite, which JSON cannot write (dŷ where ŷ vanishes)."""
    plain = np.asarray(values).astype(object)
    plain[~np.isfinite(values)] = None
    return plain.tolist()
