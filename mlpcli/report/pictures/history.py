"""The course of training: loss and metric by epoch, as curves and as numbers."""

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.history import History
from mlpcli.report.pictures.records import Curves, Line, Panels
from mlpcli.report.sheet import Cell, Report, Sheet

NAMES = {"mae": "MAE"}


def history_panels(history: History) -> Panels:
    """Loss and metric, each for training and, where there is one, for validation."""
    panels = [_panel("loss", history, history.loss, history.validation_loss)]
    if np.isfinite(history.value).any() or np.isfinite(history.validation_value).any():
        name = NAMES.get(history.metric, history.metric)
        panels.append(_panel(name, history, history.value, history.validation_value))
    return Panels(tuple(panels))


def history_report(history: History) -> Report:
    """The numbers behind the curves, and the curves."""
    columns = {
        "loss": history.loss,
        "validation_loss": history.validation_loss,
        history.metric: history.value,
        f"validation_{history.metric}": history.validation_value,
    }
    there = {"epoch": _counts(history.epochs)}
    there |= {name: _cells(values) for name, values in columns.items() if np.isfinite(values).any()}
    flat = Sheet("", tuple(there), tuple(zip(*there.values(), strict=True)))
    return Report("history", {"metric": history.metric or None, **there}, flat, (), picture=history_panels(history))


def _panel(title: str, history: History, training: Array, validation: Array) -> Curves:
    lines = [Line("training", history.epochs, training), Line("validation", history.epochs, validation)]
    there = tuple(line for line in lines if np.isfinite(line.y).any())
    return Curves(title, "epoch", there or (lines[0],), counted=True)


def _counts(values: Array) -> list[Cell]:
    """As `_cells`, and whole numbers as such."""
    return [int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in _cells(values)]


def _cells(values: Array) -> list[Cell]:
    """The numbers as cells; what is no number is not defined."""
    return [value if np.isfinite(value) else None for value in values.tolist()]
