"""A forward pass: every a and h, layer by layer; with targets also L and J = L + λΩ."""

from itertools import chain
from typing import Any, NamedTuple

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.propagation import ForwardPass
from mlpcli.derivation.paper import FormulaTexts
from mlpcli.derivation.setting import Setting
from mlpcli.report.sheet import Cell, Mathematics, Prediction, Report, Sheet


class Reached(NamedTuple):
    """The objective of a forward pass with its targets."""

    objective: Objective
    y: Array  # (n, outputs)
    losses: Array  # (n,)
    loss: float
    penalty: float  # λΩ
    factors: Array | None = None  # (n,): ω, if classes have weights


def forward_report(
    network: Network,
    x: Array,
    passed: ForwardPass,
    predictions: list[Prediction],
    targets: tuple[str, ...],
    reached: Reached | None = None,
) -> Report:
    """One sheet per sample, then the objective if there are targets.

    x has the inputs as they were given, `passed.x` the inputs of the network (scaled, if it scales).
    """
    names = [spelled(layer.activation, ACTIVATIONS) for layer in network.layers]
    rows = [_rows(k, names, passed) for k in range(len(x))]
    samples = [_sample(k, x, names, passed, predictions[k]) for k in range(len(x))]
    sheets = tuple(_sheet(k, x, passed, rows[k], _says(predictions[k], targets), reached) for k in range(len(x)))
    columns = ("sample", "layer", "unit", "activation", "a", "h")
    report = Report("forward", {"samples": samples}, Sheet("", columns, tuple(chain.from_iterable(rows))), sheets)
    return report if reached is None else _with_objective(network, report, rows, reached)


def _with_objective(network: Network, report: Report, rows: list[list[tuple[Cell, ...]]], reached: Reached) -> Report:
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
    return report._replace(document=document, flat=flat, sheets=(*report.sheets, _objective_sheet(network, reached)))


def _objective_sheet(network: Network, reached: Reached) -> Sheet:
    """L of each sample and of all, λΩ, and J, each with its formula."""
    objective, samples = reached.objective, len(reached.y)
    weighted = reached.factors is not None
    texts = FormulaTexts(Setting(network.layers, objective, OPTIMIZERS["sgd"], samples, weighted=weighted))
    values = [("ℒ", f"[{n}]", loss) for n, loss in enumerate(reached.losses.tolist(), 1)] if samples > 1 else []
    values.append(("L", "", reached.loss))
    values += [("Ω", "", reached.penalty)] if objective.regularized else []
    rows: list[tuple[Cell, ...]] = [
        (f"ω[{n}]" if samples > 1 else "ω", "w/Σw" if objective.batch_reduction == "mean" else "w", factor)
        for n, factor in enumerate([] if reached.factors is None else reached.factors.tolist(), 1)
    ]
    for symbol, sample, value in values:
        left, _, right = texts.equation(symbol, 0, sample).partition(" = ")
        rows.append((Mathematics(left), Mathematics(right), value))
    whole = "L + λΩ" if objective.regularized else "L"
    rows.append((Mathematics("J"), Mathematics(whole), reached.loss + reached.penalty))
    title = f"Objective, {objective.loss.name}: ℓ = {objective.loss.formula}"
    return Sheet(title, ("quantity", "formula", "value"), tuple(rows))


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
    predicted = prediction.values if prediction.label is None else prediction.label
    return {"x": x[k].tolist(), "h0": passed.x[k].tolist(), "layers": layers, "prediction": predicted}


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
