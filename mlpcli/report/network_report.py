"""A network in a few lines, and how well it predicts, for `train`, `evaluate` and `estimate-runtime`."""

from typing import TYPE_CHECKING, Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.families import spelled
from mlpcli.core.network import Layer, count
from mlpcli.report.sheet import Cell, Report, Rows, Sheet
from mlpcli.report.text import METRIC_NAMES

if TYPE_CHECKING:
    from mlpcli.core.metrics import Evaluation


COLUMNS = ("layer", "units", "activation", "W", "parameters")  # of a table of layers


def layers_document(layers: tuple[Layer, ...]) -> list[dict[str, Any]]:
    """Each layer: its number, units, activation, the shape of W, parameters."""
    rows = (
        (k, layer.units, spelled(layer.activation, ACTIVATIONS), f"{layer.units}×{layer.inputs}", layer.size)
        for k, layer in enumerate(layers, 1)
    )
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def network_sheet(layers: tuple[Layer, ...]) -> Sheet:
    """The summary above a training run."""
    rows = tuple(tuple(layer.values()) for layer in layers_document(layers))
    return Sheet(network_words(layers).capitalize(), COLUMNS, rows)


def network_words(layers: tuple[Layer, ...]) -> str:
    """network 4-16-3, 131 parameters"""
    return f"network {widths_of(layers)}, {count(layers):,} parameters"


def widths_of(layers: tuple[Layer, ...]) -> str:
    """4-16-3"""
    return "-".join(str(width) for width in (layers[0].inputs, *(layer.units for layer in layers)))


# ----- Evaluation ---------------------------------------------------------------------------------------------------


def evaluation_document(evaluation: "Evaluation") -> dict[str, Any]:
    """All numbers of one part of the data."""
    document: dict[str, Any] = {"samples": evaluation.samples, "loss": evaluation.loss, **evaluation.metrics}
    if evaluation.classes:
        document["classes"] = [vars(report) for report in evaluation.classes]
    if evaluation.confusion is not None:
        document["confusion"] = evaluation.confusion.tolist()
    return document


def parts_sheet(parts: "dict[str, Evaluation]", loss: str) -> Sheet:
    """One row per part of the data: training, validation, test."""
    metrics = list(next(iter(parts.values())).metrics)
    return Sheet(
        "Results",
        ("part", "samples", f"loss ({loss})", *(METRIC_NAMES.get(name, name) for name in metrics)),
        tuple((part, e.samples, e.loss, *(e.metrics[name] for name in metrics)) for part, e in parts.items()),
    )


def evaluation_report(evaluation: "Evaluation", where: str, loss: str) -> Report:
    """Loss and metrics, the numbers of each class, and the confusion matrix."""
    summary: list[tuple[Cell, ...]] = [("samples", evaluation.samples), (f"loss ({loss})", evaluation.loss)]
    summary += [(METRIC_NAMES.get(name, name), value) for name, value in evaluation.metrics.items()]
    sheets = [Sheet(where, ("metric", "value"), tuple(summary))]
    if evaluation.classes:
        sheets.append(
            Sheet(
                "Classes",
                ("class", "precision", "recall", "F1", "samples"),
                tuple((r.name, r.precision, r.recall, r.f1, r.support) for r in evaluation.classes),
            )
        )
    if evaluation.confusion is not None:
        names = tuple(report.name for report in evaluation.classes)
        rows: Rows = tuple(
            (name, *(int(n) for n in row)) for name, row in zip(names, evaluation.confusion, strict=True)
        )
        sheets.append(Sheet("Confusion matrix (rows: true class, columns: prediction)", ("", *names), rows))
    return Report("evaluation", {"data": where, **evaluation_document(evaluation)}, _flat(evaluation), tuple(sheets))


def flat_parts(parts: "dict[str, Evaluation]") -> Sheet:
    """part, metric, class, predicted class, value: one row per number of each part."""
    flat = {part: _flat(evaluation) for part, evaluation in parts.items()}
    columns = next(iter(flat.values())).columns
    return Sheet("", ("part", *columns), tuple((part, *row) for part, sheet in flat.items() for row in sheet.rows))


def _flat(evaluation: "Evaluation") -> Sheet:
    """metric, class, predicted class, value: one row per number."""
    rows: list[tuple[Cell, ...]] = [("samples", "", "", evaluation.samples), ("loss", "", "", evaluation.loss)]
    rows += [(name, "", "", value) for name, value in evaluation.metrics.items()]
    for report in evaluation.classes:
        rows += [(name, report.name, "", getattr(report, name)) for name in ("precision", "recall", "f1", "support")]
    if evaluation.confusion is not None:
        names = [report.name for report in evaluation.classes]
        rows += [
            ("confusion", names[i], names[j], int(evaluation.confusion[i, j]))
            for i in range(len(names))
            for j in range(len(names))
        ]
    return Sheet("", ("metric", "class", "predicted", "value"), tuple(rows))
