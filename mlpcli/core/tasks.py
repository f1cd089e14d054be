"""Tasks: the purpose of a network, and what follows from it: output units, output activation, loss and metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import table
from mlpcli.core.losses import LOSSES
from mlpcli.core.metrics import (
    ClassReport,
    Evaluation,
    accuracy,
    class_reports,
    confusion_matrix,
    label_reports,
    mean_absolute_error,
    mean_of,
    r_squared,
    root_mean_squared_error,
)

DISTANCES = "distances"  # the losses of numbers, mse first
SOFTMAX_SUMS_TO_ONE = "softmax outputs sum to 1"
ONE_CLASS_ONLY = "needs exactly one right class per sample"


@dataclass(frozen=True)
class Task:
    """One row. `groups` are the kinds of outputs (see `Activation.output`), each with the losses that suit it."""

    name: str
    units: str  # the number of output units, in words
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    against: Mapping[str, str]  # why an activation or a loss is not suitable
    metric: str  # the headline metric, shown during training
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def one_class_each(self) -> bool:
        """Whether each sample has exactly one class."""
        return self.name in ("binary", "multiclass")

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The suitable pairs of output activation and loss, the default first."""
        return tuple(
            (activation.name, loss)
            for kind, losses in self.groups
            for activation in ACTIVATIONS.values()
            if activation.output == kind
            for name in losses
            for loss in (_distances() if name == DISTANCES else (name,))
            if activation.logarithms is not None or not LOSSES[loss].of_probabilities
        )


def _distances() -> tuple[str, ...]:
    others = (row.name for row in LOSSES.values() if row.targets == "numbers" and row.name != "mse")
    return ("mse", *others)


TASKS = table(
    [
        Task(
            "regression",
            "one for each number to predict",
            (("scores", (DISTANCES,)), ("probabilities", (DISTANCES,))),
            {
                "softmax": f"{SOFTMAX_SUMS_TO_ONE}, but the numbers to predict need not",
                "step": "a binary step gives 0 or 1 and passes no gradient",
                "bce": "bce takes targets from 0 to 1",
                "ce-negatives": "ce-negatives takes targets from 0 to 1",
                "cce": f"cce {ONE_CLASS_ONLY}",
                "kl": "kl compares distributions",
                "hinge": f"hinge {ONE_CLASS_ONLY}",
            },
            "mae",
        ),
        Task(
            "binary",
            "one: how probable the second class is",
            (("probabilities", ("bce", "ce-negatives", DISTANCES)), ("scores", (DISTANCES,))),
            {
                "softmax": f"{SOFTMAX_SUMS_TO_ONE}, so a single one is always 1",
                "step": "a binary step passes no gradient",
                "cce": "with one output, cce counts −y log ŷ alone and a sample of the first class costs nothing",
                "kl": "with one output, kl counts y log(y/ŷ) alone and a sample of the first class costs nothing",
                "hinge": "hinge compares the scores of two classes or more",
            },
            "accuracy",
        ),
        Task(
            "multiclass",
            "one for each class",
            (
                ("distribution", ("cce", "kl", "ce-negatives", "bce", DISTANCES)),
                ("probabilities", ("bce", "ce-negatives", DISTANCES)),
                ("scores", ("hinge", DISTANCES)),
            ),
            {
                "step": "a binary step passes no gradient",
                "cce": "cce and kl look at the right class only: outputs that do not sum to 1 could all become 1",
                "kl": "cce and kl look at the right class only: outputs that do not sum to 1 could all become 1",
                "hinge": "hinge takes scores that can differ by 1 or more, which probabilities cannot",
            },
            "accuracy",
        ),
        Task(
            "multilabel",
            "one for each label",
            (("probabilities", ("bce", "ce-negatives", DISTANCES)), ("scores", (DISTANCES,))),
            {
                "softmax": f"{SOFTMAX_SUMS_TO_ONE}, but several labels may hold at once, or none",
                "step": "a binary step passes no gradient",
                "cce": f"cce {ONE_CLASS_ONLY}",
                "kl": "kl compares distributions, whose parts sum to 1",
                "hinge": f"hinge {ONE_CLASS_ONLY}",
            },
            "accuracy",
        ),
    ]
)


def choose_output(task: Task, activation: str | None, loss: str | None) -> tuple[str, str]:
    """The output activation and the loss: those given, and the default for one that is None.

    Raises ChoiceError if they are not suitable for this task, with the reason and what to use.
    """
    suitable = [
        pair
        for pair in task.pairs
        if (activation is None or pair[0] == activation) and (loss is None or pair[1] == loss)
    ]
    if suitable:
        return suitable[0]
    named = [name for name in (activation, loss) if name is not None]
    reason = next((task.against[name] for name in named if name in task.against), "they do not suit each other")
    asked = " with ".join(named)
    partners = [pair for pair in task.pairs if loss == pair[1]] or [task.pairs[0]]
    raise ChoiceError(f"{task.name} cannot use {asked}: {reason}; use {' with '.join(partners[0])}")


def usual_pair(activation: str, outputs: int) -> tuple[str, str]:
    """The task and the loss for an output activation and so many outputs, if neither is named."""
    usual = {"distribution": "multiclass", "probabilities": "binary" if outputs == 1 else "multilabel"}
    task = TASKS[usual.get(ACTIVATIONS[activation].output, "regression")]
    return task.name, next((loss for name, loss in task.pairs if name == activation), "mse")


def off_and_on(activation: str) -> tuple[float, float]:
    """The targets for "no" and "yes" in binary and multilabel.

    They are −1 and 1 if the outputs are bounded on both sides of 0, as those of tanh, else 0 and 1.
    """
    low, high = ACTIVATIONS[activation].bounds
    return (-1.0, 1.0) if -inf < low < 0 < high < inf else (0.0, 1.0)


def decide(task: Task, activation: str, y: Array) -> Array:
    """The meaning of outputs or targets: class numbers (n,), yes or no per label (n, labels), or y itself.

    y is (n, outputs). Multiclass: the largest output. Binary and multilabel: above the middle of "no" and "yes".
    """
    if task.name == "regression":
        return y
    if task.name == "multiclass":
        largest: Array = np.argmax(y, axis=-1)
        return largest
    yes: Array = y > sum(off_and_on(activation)) / 2
    return yes if task.name == "multilabel" else yes[..., 0].astype(np.int64)


def headline(task: Task, activation: str, y: Array, y_hat: Array, unit: Array, weights: Array | None = None) -> Any:
    """The metric shown during training: accuracy, or the mean absolute error in the target's own unit.

    A float; for a stack a list of R floats.
    """
    if task.name == "regression":
        return mean_absolute_error(y * unit, y_hat * unit, None if y.ndim == 2 else (-2, -1), weights)
    truth, predicted = decide(task, activation, y), decide(task, activation, y_hat)
    return accuracy(truth, predicted, None if y.ndim == 2 else tuple(range(1, truth.ndim)), weights)


def evaluate(
    task: Task,
    activation: str,
    y: Array,
    y_hat: Array,
    unit: Array,
    loss: float,
    names: tuple[str, ...],
    weights: Array | None = None,
) -> Evaluation:
    """All metrics of the task, with errors in the target's own unit. `names` are those of classes or labels.

    With weights, (n,), each sample counts that much in a metric. Support and confusion matrix still count samples.
    """
    if task.name == "regression":
        y, y_hat = y * unit, y_hat * unit
        return Evaluation(
            len(y),
            loss,
            {
                "mae": mean_absolute_error(y, y_hat, None, weights),
                "rmse": root_mean_squared_error(y, y_hat, weights),
                "r2": r_squared(y, y_hat, weights),
            },
        )
    truth, predicted = decide(task, activation, y), decide(task, activation, y_hat)
    if task.name == "multilabel":
        reports = label_reports(truth, predicted, names, weights)
        match = (truth == predicted).all(axis=-1)
        exact: dict[str, float | None] = {"exact_match": accuracy(match, np.ones_like(match), None, weights)}
        share = accuracy(truth, predicted, None, weights)
        return Evaluation(len(y), loss, {"accuracy": share, **exact, **_means(reports)}, reports)
    confusion = confusion_matrix(truth, predicted, len(names))
    weighted = confusion if weights is None else confusion_matrix(truth, predicted, len(names), weights)
    reports = class_reports(weighted, names, confusion.sum(1))
    share = accuracy(truth, predicted, None, weights)
    return Evaluation(len(y), loss, {"accuracy": share, **_means(reports)}, reports, confusion)


def _means(reports: tuple[ClassReport, ...]) -> dict[str, float | None]:
    """Macro averages over the classes, except those that are neither in truth nor predicted (as in scikit-learn)."""
    reports = tuple(report for report in reports if report.support or report.precision is not None)
    return {
        "precision": mean_of([report.precision for report in reports]),
        "recall": mean_of([report.recall for report in reports]),
        "f1": mean_of([report.f1 for report in reports]),
    }
