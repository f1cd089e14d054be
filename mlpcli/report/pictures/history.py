"""The course of training: loss and metric by epoch, as curves and as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.training import Epoch
from mlpcli.report.pictures.records import Curves, Line, Panels
from mlpcli.report.sheet import Cell, Report, Sheet

NAMES = {"mae": "MAE"}


@dataclass(frozen=True)
class History:
    """What each epoch gave, (n,). What is not there is NaN; a metric that no epoch has has no name."""

    epochs: Array
    loss: Array
    validation_loss: Array
    metric: str
    value: Array
    validation_value: Array

    @property
    def lost(self) -> int:
        """The epochs whose loss cannot be drawn: it is NaN or infinite, as where training diverges."""
        return int(np.count_nonzero(~np.isfinite(self.loss)))


def history_of(epochs: Sequence[Epoch], metric: str) -> History:
    """The history of a training that is over."""
    return History(
        np.array([epoch.number for epoch in epochs]),
        _numbers([epoch.loss for epoch in epochs]),
        _numbers([epoch.validation_loss for epoch in epochs]),
        metric,
        _numbers([epoch.metric for epoch in epochs]),
        _numbers([epoch.validation_metric for epoch in epochs]),
    )


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


def _numbers(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _counts(values: Array) -> list[Cell]:
    """As `_cells`, and whole numbers as such."""
    return [int(cell) if isinstance(cell, float) and cell.is_integer() else cell for cell in _cells(values)]


def _cells(values: Array) -> list[Cell]:
    """The numbers as cells; what is no number is not defined."""
    return [value if np.isfinite(value) else None for value in values.tolist()]
