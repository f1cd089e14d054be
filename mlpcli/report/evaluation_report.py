"""What `evaluate` and the end of `train` say about predictions."""

from typing import Any

from mlpcli.core.metrics import Evaluation
from mlpcli.report.sheet import Cell, Report, Sheet

NAMES = {"mae": "MAE", "rmse": "RMSE", "r2": "R²", "f1": "F1", "exact_match": "exact match"}


def evaluation_document(evaluation: Evaluation) -> dict[str, Any]:
    """All figures of one part of the data."""
    document: dict[str, Any] = {"samples": evaluation.samples, "loss": evaluation.loss, **evaluation.metrics}
    if evaluation.classes:
        document["classes"] = [vars(report) for report in evaluation.classes]
    if evaluation.confusion is not None:
        document["confusion"] = evaluation.confusion.tolist()
    return document


def parts_sheet(parts: dict[str, Evaluation], loss: str) -> Sheet:
    """One row per part of the data: training, validation, test."""
    metrics = list(next(iter(parts.values())).metrics)
    return Sheet(
        "Results",
        ("part", "samples", f"loss ({loss})", *(NAMES.get(name, name) for name in metrics)),
        tuple((part, e.samples, e.loss, *(e.metrics[name] for name in metrics)) for part, e in parts.items()),
    )


def evaluation_report(evaluation: Evaluation, where: str, loss: str) -> Report:
    """Loss and metrics, the figures of each class, and the confusion matrix."""
    summary: list[tuple[Cell, ...]] = [("samples", evaluation.samples), (f"loss ({loss})", evaluation.loss)]
    summary += [(NAMES.get(name, name), value) for name, value in evaluation.metrics.items()]
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
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (name, *(int(n) for n in row)) for name, row in zip(names, evaluation.confusion, strict=True)
        )
        sheets.append(Sheet("Confusion matrix (rows: true class, columns: prediction)", ("", *names), rows))
    return Report("evaluation", {"data": where, **evaluation_document(evaluation)}, _flat(evaluation), tuple(sheets))


def _flat(evaluation: Evaluation) -> Sheet:
    """metric, class, predicted class, value: one row per figure."""
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
