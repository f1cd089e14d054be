"""What training yields, and what it keeps from one epoch to the next, as plain values.

Nothing here trains: a plot of a history imports this and no optimizer.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array


class Epoch(NamedTuple):
    """The results of an epoch. Training loss and metric are those before each update, as in Keras."""

    number: int  # from 1
    loss: float  # L over all training samples, without the regularizer
    penalty: float  # λΩ(θ) after the epoch
    metric: float  # the task's headline metric, see `tasks`
    validation_loss: float | None
    validation_metric: float | None
    learning_rate: float
    seconds: float
    best: bool  # whether the watched loss is the lowest so far

    @property
    def watched(self) -> float:
        """The loss by which training is judged: the validation loss, or the training loss without a validation set."""
        return self.loss if self.validation_loss is None else self.validation_loss


class History(NamedTuple):
    """The results of a training run as columns, (epochs,). Missing values are NaN."""

    epochs: Array
    loss: Array
    validation_loss: Array
    metric: str  # its name; empty if no epoch has one
    value: Array
    validation_value: Array

    @property
    def lost(self) -> int:
        """The number of epochs whose loss cannot be drawn: it is NaN or infinite, as after divergence."""
        return int(np.count_nonzero(~np.isfinite(self.loss)))


def history_of(epochs: Sequence[Epoch], metric: str) -> History:
    """The epochs of a finished training run as columns."""
    return History(
        np.array([epoch.number for epoch in epochs]),
        _column([epoch.loss for epoch in epochs]),
        _column([epoch.validation_loss for epoch in epochs]),
        metric,
        _column([epoch.metric for epoch in epochs]),
        _column([epoch.validation_metric for epoch in epochs]),
    )


def _column(values: Sequence[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], np.float64)


class Best(NamedTuple):
    """The lowest watched loss so far, the epochs since then, and its θ if that is to be restored."""

    loss: float = inf
    waited: int = 0
    theta: Array | None = None  # (p,)

    def after(self, loss: float, theta: Array | None) -> "Best":
        """The best after one more epoch with this watched loss. `theta` is copied; None keeps no weights."""
        if loss < self.loss:
            return Best(loss, 0, None if theta is None else theta.copy())
        return Best(self.loss, self.waited + 1, self.theta)


class Stalls(NamedTuple):
    """How often a loss has not improved for a number of epochs.

    Like Keras' ReduceLROnPlateau, but any improvement counts; Keras requires 10⁻⁴.
    """

    best: float = inf
    waited: int = 0  # epochs since then, or since the last stall
    times: int = 0

    def after(self, loss: float, patience: float) -> "Stalls":
        """The stalls after one more epoch with this loss. A stall is `patience` epochs without a new best."""
        if loss < self.best:
            return Stalls(loss, 0, self.times)
        if self.waited + 1 >= patience:
            return Stalls(self.best, 0, self.times + 1)
        return Stalls(self.best, self.waited + 1, self.times)


class Progress(NamedTuple):
    """How far the training of one network has come."""

    done: int = 0  # epochs
    stalls: Stalls = Stalls()
    best: Best = Best()


# Loss, penalty and metric of the training samples, then loss and metric of the validation samples or None.
Measured = tuple[float, float, float, float | None, float | None]


def epoch_after(progress: Progress, measured: Measured, rate: float, seconds: float) -> Epoch:
    """The record of the epoch that follows."""
    watched = measured[0] if measured[3] is None else measured[3]
    return Epoch(progress.done + 1, *measured, rate, seconds, watched < progress.best.loss)


class TrainingState(NamedTuple):
    """Everything that changes during training. With the same samples and plan, training resumes from it bit by bit.

    Everything else follows from these or from the plan: the learning rate from epoch and stalls, the order of the
    samples from the generator. Arrays for intermediate results depend on nothing that came before.
    """

    epoch: int  # epochs done
    theta: Array  # (p,)
    t: int  # updates that the optimizer has counted
    slots: Mapping[str, Array]  # optimizer state, each (p,)
    generator: Mapping[str, Any]  # the state of the bit generator, as numbers and names
    stalls: Stalls
    best: Best
