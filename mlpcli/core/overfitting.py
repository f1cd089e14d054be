"""Two signs of overfitting: a validation loss that rises again, and a better accuracy in training than by chance.

Both compare samples that training has seen with samples that it has not.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from mlpcli.core.metrics import Evaluation
from mlpcli.core.training_records import History

EARLY = 0.9  # of the epochs: the lowest validation loss is in them
RISE = 1.05  # the last validation loss is at least so many times the lowest
CRITICAL = 2.326  # of the standard normal distribution: P(z > 2.326) = 1 %
EXPECTED = 5  # right and wrong predictions in each part, at least, for the normal approximation (Cochran 1954)
PATIENCE = 5  # epochs, at least


class TurningPoint(NamedTuple):
    """The epoch from which the training loss fell on and the validation loss rose."""

    epoch: int
    lowest: float  # validation loss
    last: float
    patience: int  # epochs without improvement after which training has passed this epoch and may stop


def turning_point(history: History) -> TurningPoint | None:
    """The epoch with the lowest validation loss, if that is well before the end and well below the last one.

    Well before: in the first nine tenths of the epochs. Well below: the last validation loss is at least 5 % above it.
    The training loss must have fallen since, or it is no overfitting.
    """
    losses = np.where(np.isfinite(history.validation_loss), history.validation_loss, np.inf)
    if len(losses) < 2 or not np.isfinite(losses[-1]):
        return None
    best = int(np.argmin(losses))
    early = best + 1 <= EARLY * len(losses)
    rose = losses[-1] > losses[best] and losses[-1] >= RISE * losses[best]
    if not (early and rose and history.loss[-1] < history.loss[best]):
        return None
    records = np.flatnonzero(losses[1 : best + 1] < np.minimum.accumulate(losses)[:best]) + 1
    longest = int(np.diff([0, *records]).max(initial=0))
    epoch, lowest, last = int(history.epochs[best]), float(losses[best]), float(losses[-1])
    return TurningPoint(epoch, lowest, last, max(PATIENCE, longest))


def more_than_chance(training: Evaluation, held_out: Evaluation) -> bool:
    """Whether the accuracy in training exceeds that of held-out samples: a one-sided two-proportion z-test, at 1 %.

    z = (p₁ − p₂)/√(p(1 − p)(1/n₁ + 1/n₂)) with the share p of right predictions in both parts together. False if a part
    is too small for the normal approximation.
    """
    sizes, shares = zip(
        *((each.samples, each.metrics["accuracy"] or 0.0) for each in (training, held_out)), strict=True
    )
    p = sum(n * share for n, share in zip(sizes, shares, strict=True)) / sum(sizes)
    if min(sizes) * min(p, 1 - p) < EXPECTED:
        return False
    return bool((shares[0] - shares[1]) / sqrt(p * (1 - p) * sum(1 / n for n in sizes)) > CRITICAL)
