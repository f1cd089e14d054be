"""Two signs of overfitting: a validation loss that rises again, and a better accuracy in training than by chance.

Both compare samples that training has seen with samples that it has not.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.metrics import Evaluation
from mlpcli.core.tasks import Task
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


# ----- The note, with what to try -----------------------------------------------------------------------------------

# What helps was measured on the named sets: see `mlp manual training`. If the validation loss rises, --patience helps
# most often; the best l2 differs by a factor of 1000, so a sweep has to find it. An accuracy hardly changes with l2
# below 0.001, and falls with l2 above 0.01.
FIRST_L2, LAST_L2 = 0.001, 0.01
SWEEP = "mlp sweep with --vary l2=log:1e-4:1e-1:4"
LEARNED = 0.9  # accuracy in training: below, the network has not learned its own samples, and a penalty does not help


class Overfitting(NamedTuple):
    """The signs of it: a turning point, and an accuracy in training above that of the held-out part."""

    turned: TurningPoint | None
    accuracies: tuple[float, str, float] | None  # in training; the held-out part and the accuracy there

    @property
    def document(self) -> dict[str, Any] | None:
        """What programs get; nothing without a sign of overfitting."""
        if self.turned is None and self.accuracies is None:
            return None
        return {
            "lowest_validation_loss": self.turned and {"epoch": self.turned.epoch, "loss": self.turned.lowest},
            "accuracy_above_chance": self.accuracies is not None,
        }

    def text(self, l2: float) -> str:
        """The note, with advice for a training with this `l2`; empty without a sign of overfitting.

        The advised patience leads to the epoch that is named: the same training does not stop before it.
        """
        signs = list[str]()
        if self.accuracies is not None:
            training, part, held_out = self.accuracies
            signs.append(f"accuracy {training:.3f} in training, {held_out:.3f} in {part}")
        if self.turned is not None:
            epoch, lowest, last, _ = self.turned
            signs.append(f"validation loss was lowest in epoch {epoch} ({lowest:.4g}), and is {last:.4g} now")
        return f"overfitting: {'; '.join(signs)}: try {self._advice(l2)}" if signs else ""

    def _advice(self, l2: float) -> str:
        if self.turned is not None:
            return f"--patience {self.turned.patience}" + ("" if l2 else f", or {SWEEP}")
        if self.accuracies is None or self.accuracies[0] < LEARNED or l2 >= LAST_L2:
            return "more samples"
        return f"--l2 {min(10 * l2, LAST_L2) or FIRST_L2:g}"


def overfitting(
    task: Task, measured: Mapping[str, Evaluation], history: History | None = None, patience: int | None = None
) -> Overfitting:
    """The signs in the parts of the data and in a history. With `patience`, the weights are already the best ones."""
    turned = turning_point(history) if history is not None and patience is None else None
    parts = {"test": "the test", "validation": "validation"}
    part = next((name for name in parts if name in measured), None)
    if part is None or "training" not in measured or not task.one_class_each:
        return Overfitting(turned, None)
    training, held_out = measured["training"], measured[part]
    if not more_than_chance(training, held_out):
        return Overfitting(turned, None)
    in_training, elsewhere = (each.metrics["accuracy"] or 0.0 for each in (training, held_out))
    return Overfitting(turned, (in_training, parts[part], elsewhere))
