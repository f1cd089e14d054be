"""A forward pass: every a and h, layer by layer, and where there are targets L and J = L + λΩ."""

from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.propagation import ForwardPass
from mlpcli.report.predictions import Prediction
from mlpcli.report.sheet import Cell, Mathematics, Report, Sheet


class Reached(NamedTuple):
    """What a forward pass comes to with its targets."""

    objective: Objective
    y: Array  # (n, outputs)
    losses: Array  # (n,)
    loss: float
    penalty: float  # λΩ


def forward_report(
    network: Network,
    x: Array,
    passed: ForwardPass,
    predictions: list[Prediction],
    targets: tuple[str, ...],
    reached: Reached | None = None,
) -> Report:
    """One sheet per sample, then the objective if there are targets.

    x is what was given, `passed.x` what the network saw (scaled, where it scales).
    """
    names = [spelled(layer.activation, ACTIVATIONS) for layer in network.layers]
    rows = [_rows(k, names, passed) for k in range(len(x))]
    samples = [_sample(k, x, names, passed, predictions[k]) for k in range(len(x))]
    sheets = tuple(_sheet(k, x, passed, rows[k], _says(predictions[k], targets), reached) for k in range(len(x)))
    columns = ("sample", "layer", "unit", "activation", "a", "h")
    report = Report("forward", {"samples": samples}, Sheet("", columns, tuple(chain.from_iterable(rows))), sheets)
    return report if reached is None else _with_objective(report, rows, reached)


def _with_objective(report: Report, rows: list[list[tuple[Cell, ...]]], reached: Reached) -> Report:
    """The report with L of each sample, and L, λΩ and J of all: a last sheet, keys of the document, columns."""
    J, losses = reached.loss + reached.penalty, reached.losses.tolist()
    samples = [
        {**sample, "y": y, "loss": loss}
        for sample, y, loss in zip(report.document["samples"], reached.y.tolist(), losses, strict=True)
    ]
    document: dict[str, Any] = {"samples": samples, "loss_function": reached.objective.loss.name, "loss": reached.loss}
    document |= {"penalty": reached.penalty, "objective": J}
    flat = Sheet(
        "",
        (*report.flat.columns, "loss", "penalty", "objective"),
        tuple((*row, loss, reached.penalty, J) for part, loss in zip(rows, losses, strict=True) for row in part),
    )
    return replace(report, document=document, flat=flat, sheets=(*report.sheets, _objective_sheet(reached)))


def _objective_sheet(reached: Reached) -> Sheet:
    """L of each sample and of all, λΩ, and J, each with its formula."""
    from mlpcli.report.loss_formulas import WHOLE, formula_of_batch, formula_of_penalty, formula_of_sample

    objective, (samples, outputs) = reached.objective, reached.y.shape
    found: list[tuple[str, str, float]] = []
    for n, loss in enumerate(reached.losses.tolist(), 1):
        which = f"[{n}]" if samples > 1 else ""
        found.append((f"L{which}", formula_of_sample(objective, outputs, which), loss))
    if samples > 1:
        found.append(("L", formula_of_batch(objective, samples), reached.loss))
    if objective.regularized:
        found.append(("λΩ", formula_of_penalty(objective), reached.penalty))
    found.append(("J", WHOLE if objective.regularized else "L", reached.loss + reached.penalty))
    title = f"Objective, {objective.loss.name}: ℓ = {objective.loss.formula}"
    rows = tuple((Mathematics(symbol), Mathematics(formula), value) for symbol, formula, value in found)
    return Sheet(title, ("quantity", "formula", "value"), rows)


def _says(prediction: Prediction, targets: tuple[str, ...]) -> str:
    """A class, labels, or numbers by name in their own unit."""
    if prediction.label is not None:
        return prediction.label or "no label"
    return ", ".join(f"{name} = {value:.6g}" for name, value in zip(targets, prediction.values, strict=True))


def _rows(sample: int, names: list[str], passed: ForwardPass) -> list[tuple[Cell, ...]]:
    return [
        (sample + 1, k, unit + 1, name, float(layer.a[sample, unit]), float(layer.h[sample, unit]))
        for k, (name, layer) in enumerate(zip(names, passed.layers, strict=True), 1)
        for unit in range(layer.a.shape[1])
    ]


def _sample(k: int, x: Array, names: list[str], passed: ForwardPass, prediction: Prediction) -> dict[str, Any]:
    layers = [
        {"activation": name, "a": layer.a[k].tolist(), "h": layer.h[k].tolist()}
        for name, layer in zip(names, passed.layers, strict=True)
    ]
    found: dict[str, Any] = {"x": x[k].tolist(), "h0": passed.x[k].tolist(), "layers": layers}
    found["prediction"] = prediction.values if prediction.label is None else prediction.label
    return found


def _sheet(
    k: int, x: Array, passed: ForwardPass, rows: list[tuple[Cell, ...]], says: str, reached: Reached | None
) -> Sheet:
    title = f"Sample {k + 1}: x = [{_few(x[k], 'g')}]"
    if (passed.x[k] != x[k]).any():
        title += f", scaled [{_few(passed.x[k], '.4g')}]"
    if reached is not None:
        title += f", y = [{_few(reached.y[k], '.4g')}]"
    title += f" → {says}"
    return Sheet(title, ("layer", "unit", "activation", "a", "h"), tuple(row[1:] for row in rows), keys=2)


def _few(values: Array, form: str) -> str:
    """The first of some numbers."""
    return ", ".join(f"{value:{form}}" for value in values[:8]) + (", …" if len(values) > 8 else "")
