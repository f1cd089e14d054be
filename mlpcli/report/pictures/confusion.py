"""A confusion matrix as a picture: each row's shades are the shares of that class."""

import numpy as np

from mlpcli.core.metrics import Evaluation
from mlpcli.report.pictures.records import Heat
from mlpcli.report.sheet import Cell, Report, Sheet


def confusion_report(evaluation: Evaluation, where: str) -> Report:
    """The matrix, and a row for each pair of classes."""
    counts = evaluation.confusion
    assert counts is not None
    names = tuple(report.name for report in evaluation.classes)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    texts = tuple(tuple(map(str, row)) for row in counts.tolist())
    heat = Heat(
        where, names, names, ("true class", "prediction"), shares, 1.0, "share of the true class", texts, signed=False
    )
    rows: list[tuple[Cell, ...]] = [
        (true, predicted, count, share)
        for true, row, part in zip(names, counts.tolist(), shares.tolist(), strict=True)
        for predicted, count, share in zip(names, row, part, strict=True)
    ]
    document = {"title": where, "classes": list(names), "confusion": counts.tolist()}
    return Report(
        "confusion", document, Sheet("", ("class", "prediction", "count", "share"), tuple(rows)), (), picture=heat
    )
