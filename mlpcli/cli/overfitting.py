"""The note on overfitting after training, and in an evaluation of all parts: what shows it, and what to try."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mlpcli.core.metrics import Evaluation
from mlpcli.core.overfitting import TurningPoint, more_than_chance, turning_point
from mlpcli.core.training_records import History
from mlpcli.files.model import Model

# To try first. A larger one can keep a small network from learning at all; a smaller one hardly changes an accuracy.
L2_FOR_LOSS, L2_FOR_ACCURACY = 0.0001, 0.001


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
        signs, advice = list[str](), list[str]()
        if self.accuracies is not None:
            training, part, held_out = self.accuracies
            signs.append(f"accuracy {training:.3f} in training, {held_out:.3f} in {part}")
        if self.turned is not None:
            epoch, lowest, last, patience = self.turned
            signs.append(f"validation loss was lowest in epoch {epoch}, {lowest:.4g}, and is {last:.4g}")
            advice.append(f"--patience {patience}")
        if not l2:
            advice.append(f"--l2 {L2_FOR_LOSS if self.turned else L2_FOR_ACCURACY}")
        tried = " or ".join(advice) or "fewer units or more samples"
        return f"overfitting: {'; '.join(signs)}: try {tried}" if signs else ""


def overfitting(
    model: Model, measured: Mapping[str, Evaluation], history: History | None = None, patience: int | None = None
) -> Overfitting:
    """The signs in the parts of the data and in a history. With `patience`, the weights are already the best ones."""
    turned = turning_point(history) if history is not None and patience is None else None
    parts = {"test": "the test", "validation": "validation"}
    part = next((name for name in parts if name in measured), None)
    if part is None or "training" not in measured or not model.task.one_class_each:
        return Overfitting(turned, None)
    training, held_out = measured["training"], measured[part]
    if not more_than_chance(training, held_out):
        return Overfitting(turned, None)
    in_training, elsewhere = (each.metrics["accuracy"] or 0.0 for each in (training, held_out))
    return Overfitting(turned, (in_training, parts[part], elsewhere))
