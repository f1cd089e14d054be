"""What a network outputs for samples, and how good that is: in prediction, evaluation and during an epoch."""

from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array, samples_first
from mlpcli.core.errors import MlpError
from mlpcli.core.metrics import Evaluation
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, loss_weights, mean_loss
from mlpcli.core.outputs import Output
from mlpcli.core.propagation import LayerForward, forward, room_for_forward
from mlpcli.core.samples import Samples, Scaling, blocks
from mlpcli.core.tasks import Task, evaluate, headline

PREDICTION_BLOCK = 256  # samples that are predicted together
# Bytes of outputs of a stack that are measured together: larger temporary arrays get new pages of memory each time.
SUMMARY_BLOCK = 1 << 17


Room = tuple[LayerForward, ...]


def predict(
    network: Network, x: Array, scaling: Scaling, rows: int = PREDICTION_BLOCK, room: Room | None = None
) -> tuple[Array, Array]:
    """a and h of the last layer for all samples, each (n, outputs), computed in blocks of `rows` scaled samples.

    `room` has arrays for a block.
    """
    a = np.empty((*x.shape[:-1], network.outputs), network.dtype)
    h = np.empty_like(a)
    room = room_for_forward(network, rows) if room is None else room
    with np.errstate(all="ignore"):  # what overflows shows in `a`
        for place, block in blocks(x, scaling, rows, network.dtype):
            passed = forward(network, block, room)
            last, n = passed.layers[-1], place.stop - place.start
            a[..., place, :], h[..., place, :] = last.a[..., :n, :], last.h[..., :n, :]
    return a, h


def room_to_measure(network: Network, samples: Samples | None) -> Room | None:
    """Arrays for `measure`, which takes these samples after each epoch."""
    return None if samples is None else room_for_forward(network, _rows_to_measure(samples))


def measure(
    network: Network, objective: Objective, task: Task, samples: Samples, room: Room | None = None
) -> tuple[Any, Any]:
    """The loss (without the regularizer) and the headline metric of samples that are not trained on.

    Two floats; for a stack two lists. `room` is that of `room_to_measure`.
    """
    output = _output(network, samples, _rows_to_measure(samples), room)
    metric = headline(task, output.activation.name, samples.y, output.y_hat, samples.unit, samples.weights)
    return mean_loss(objective, output, samples.y, samples.weights), metric


def evaluate_samples(
    network: Network, objective: Objective, task: Task, samples: Samples, names: tuple[str, ...]
) -> Evaluation:
    """The loss (without the regularizer) and all metrics of the task.

    Raises MlpError if one of them overflows, or if no sample has a weight.
    """
    check_weights(network, objective, samples)
    output = _output(network, samples)
    with np.errstate(all="ignore"):
        loss = mean_loss(objective, output, samples.y, samples.weights)
        evaluation = evaluate(
            task, output.activation.name, samples.y, output.y_hat, samples.unit, loss, names, samples.weights
        )
    if not all(isfinite(number) for number in (loss, *evaluation.metrics.values()) if number is not None):
        raise MlpError("the loss or a metric overflows: outputs or targets are too large")
    return evaluation


def check_weights(network: Network, objective: Objective, samples: Samples, where: str = "") -> None:
    """Raises MlpError if all samples have weight 0 in the loss: it would be 0/0."""
    w = loss_weights(objective, network.layers[-1].activation, samples.y, samples.weights)
    if w is not None and not w.any():
        raise MlpError(f"all {len(w)} samples{where} have weight 0; change the weights or the split")


def _rows_to_measure(samples: Samples) -> int:
    return min(PREDICTION_BLOCK, int(samples.y.shape[-2]))


def _output(network: Network, samples: Samples, rows: int = PREDICTION_BLOCK, room: Room | None = None) -> Output:
    return Output(network.layers[-1].activation, *predict(network, samples.x, samples.scaling, rows, room))


# ----- Blocks -------------------------------------------------------------------------------------------------------

BLOCK_SIZES = (256, 192, 1)  # 192 is a multiple of the 12, 16 and 24 samples that kernels take at a time
TRIED = 4  # samples: two orders of summation may agree on one of them by chance


def stable_block(network: Network) -> int:
    """The first of `BLOCK_SIZES` in which a sample's outputs do not depend on its place in the block.

    A library may sum a matrix product in another order at the edge of a block than inside it. OpenBLAS 0.3.31 does so
    in float32 on processors with AVX2 (at 256 samples, 3 orders), and in float64 on those with AVX-512 at 300 units.
    No library promises a stable size, so they are tried; in a block of one sample there is only one place.
    """
    return next(rows for rows in BLOCK_SIZES if rows == 1 or _is_stable(network, rows))


def _is_stable(network: Network, rows: int) -> bool:
    """Whether a block of equal samples gives equal outputs, to the bit."""
    room = room_for_forward(network, rows)
    block = np.empty((rows, network.inputs), network.dtype)
    for sample in np.random.default_rng(0).standard_normal((TRIED, network.inputs)):
        block[...] = sample
        with np.errstate(all="ignore"):
            passed = forward(network, block, room)
        if any((layer.a != layer.a[0]).any() for layer in passed.layers):
            return False
    return True


# ----- An epoch -----------------------------------------------------------------------------------------------------


class EpochOutputs:
    """The outputs of an epoch's batches. Loss and metric then cost one pass over all, not one per batch.

    `samples` is the number of training samples, `unit` as in `Samples`.
    """

    def __init__(self, network: Network, objective: Objective, task: Task, samples: int, unit: Array) -> None:
        self.activation = network.layers[-1].activation
        self.objective, self.task, self.unit = objective, task, unit
        # unit by unit, since sums and maxima over few outputs then run along the samples; shape (n, outputs), and
        # (n, R, outputs) for a stack, whose batches are then stored as quickly as those of one network
        self.a: Array = samples_first(np.empty((*network.leading, network.outputs, samples), network.dtype).mT)
        self.h: Array = np.empty_like(self.a)
        self.y: Array = np.empty_like(self.a)
        self.weights: Array | None = None  # (n,), for a stack (R, n), once some samples have one
        self.count = 0  # samples so far

    def expect(self, y: Array, weights: Array | None = None) -> int:
        """Stores targets and weights of the batches to come, and returns the row at which their outputs will start."""
        y = samples_first(y)
        self.y[self.count : self.count + len(y)] = y
        if weights is not None:
            if self.weights is None:
                self.weights = np.empty((*weights.shape[:-1], len(self.y)))
            self.weights[..., self.count : self.count + len(y)] = weights
        return self.count

    def add(self, a: Array, h: Array) -> None:
        """Stores a and h of the last layer for a batch, samples first."""
        end = self.count + len(a)
        self.a[self.count : end] = a
        self.h[self.count : end] = h
        self.count = end

    def first_not_finite(self, start: int) -> int | None:
        """The first row from `start` on with an output that is not finite, or None."""
        a = self.a[start : self.count]
        if isfinite(np.add.reduce(a, axis=None)):  # the quick way; a sum of large numbers may be infinite, too
            return None
        finite = np.isfinite(a)
        return None if finite.all() else int(start + np.argmin(finite.all(axis=-1)))

    def first_batch_too_large(self, size: int) -> int | None:
        """The first batch, from 1, whose outputs are finite and whose loss is not, or None."""
        for number, first in enumerate(range(0, self.count, size), 1):
            rows = slice(first, min(first + size, self.count))
            output = Output(self.activation, self.a[rows], self.h[rows])
            weights = None if self.weights is None else self.weights[rows]
            if not isfinite(mean_loss(self.objective, output, self.y[rows], weights)):
                return number
        return None

    def summary(self) -> tuple[Any, Any]:
        """Loss and headline metric of the samples so far: two floats; for a stack two lists."""
        a, y_hat, y = (samples_first(array[: self.count]) for array in (self.a, self.h, self.y))
        weights = None if self.weights is None else self.weights[..., : self.count]
        if y.ndim == 2:
            return self._measured(self.objective, a, y_hat, y, self.unit, weights)
        together = max(1, SUMMARY_BLOCK // y[0].nbytes)
        losses, metrics = [], []
        for start in range(0, len(y), together):
            part = slice(start, start + together)
            unit = self.unit[part] if self.unit.ndim > 1 else self.unit
            own = None if weights is None else weights[part]
            loss, metric = self._measured(self._objective_of(part), a[part], y_hat[part], y[part], unit, own)
            losses += loss
            metrics += metric
        return losses, metrics

    def _objective_of(self, part: slice) -> Objective:
        """The objective of a part of the stack."""
        weights = self.objective.class_weights
        return self.objective if weights is None else replace(self.objective, class_weights=weights[part])

    def _measured(
        self, objective: Objective, a: Array, y_hat: Array, y: Array, unit: Array, weights: Array | None
    ) -> tuple[Any, Any]:
        loss = mean_loss(objective, Output(self.activation, a, y_hat), y, weights)
        return loss, headline(self.task, self.activation.name, y, y_hat, unit, weights)
