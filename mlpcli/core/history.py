"""The history of a training as columns: each figure epoch by epoch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlpcli.core.arrays import Array

if TYPE_CHECKING:
    from mlpcli.core.training import Epoch


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


def history_of(epochs: Sequence["Epoch"], metric: str) -> History:
    """The history of a training that is over."""
    return History(
        np.array([epoch.number for epoch in epochs]),
        _numbers([epoch.loss for epoch in epochs]),
        _numbers([epoch.validation_loss for epoch in epochs]),
        metric,
        _numbers([epoch.metric for epoch in epochs]),
        _numbers([epoch.validation_metric for epoch in epochs]),
    )


def _numbers(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], np.float64)
