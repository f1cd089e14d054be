"""What the tables in `core` state of an activation, a loss or a task: as sentences, and as documents."""

from collections.abc import Iterator
from typing import Any

from mlpcli.core.activations import Activation
from mlpcli.core.losses import TARGETS, Loss
from mlpcli.core.tasks import TASKS, Task, off_and_on


def why_not_hidden(activation: Activation) -> str:
    """The reason as a sentence."""
    return f"{activation.name} is not for hidden layers: {activation.hidden}"


def for_hidden(activation: Activation) -> str:
    """Whether it serves hidden layers: rarely, if all units share a sum."""
    if activation.hidden:
        return "no"
    return "yes" if activation.elementwise else "rarely"


def other_targets(task: Task) -> list[str]:
    """A sentence for each output activation whose no is not 0 or whose yes is not 1."""
    if task.name not in ("binary", "multilabel"):
        return []
    ends = {name: off_and_on(name) for name in outputs_of(task)}
    return [
        f"{task.name} with {name}: a no is {off:g} and a yes is {on:g}".replace("-", "−")
        for name, (off, on) in ends.items()
        if (off, on) != off_and_on(task.pairs[0][0])
    ]


def outputs_of(task: Task) -> tuple[str, ...]:
    """The output activations that serve a task, the usual one first."""
    return tuple(dict.fromkeys(name for name, _ in task.pairs))


def tasks_of(place: int, name: str) -> tuple[list[str], list[str]]:
    """The tasks for which an activation (place 0 of their pairs) or a loss (place 1) is usual, and may be used."""
    usual = [task.name for task in TASKS.values() if task.pairs[0][place] == name]
    possible = [task.name for task in TASKS.values() if any(pair[place] == name for pair in task.pairs)]
    return usual, [task for task in possible if task not in usual]


def partners_by_task(place: int, name: str) -> Iterator[tuple[str, str]]:
    """For each task that an activation (place 0 of the pairs) or a loss (place 1) serves: its partners."""
    for task in TASKS.values():
        partners = [pair[1 - place] for pair in task.pairs if pair[place] == name]
        if partners:
            usual = " (the usual pair)" if task.pairs[0][place] == name else ""
            yield task.name, f"with {partners[0]}{usual}" + "".join(f", {partner}" for partner in partners[1:])


# ----- Documents ----------------------------------------------------------------------------------------------------


def activation_document(row: Activation) -> dict[str, Any]:
    """Everything that the table states of an activation."""
    usual, possible = tasks_of(0, row.name)
    return {
        "name": row.name,
        "formula": row.formula,
        "derivative": row.derivative,
        "range": row.range,
        "parameters": dict(row.parameters),
        "about": row.about,
        "hidden_layers": for_hidden(row),
        "why_not": row.hidden or None,
        "usual_output_of": usual,
        "possible_output_of": possible,
    }


def loss_document(row: Loss) -> dict[str, Any]:
    """Everything that the table states of a loss."""
    usual, possible = tasks_of(1, row.name)
    return {
        "name": row.name,
        "formula": row.formula,
        "derivative": row.derivative,
        "range": row.range,
        "output_reduction": row.output_reduction,
        "targets": TARGETS[row.targets][0],
        "of_probabilities": row.of_probabilities,
        "about": row.about,
        "usual_for": usual,
        "possible_for": possible,
    }


def task_document(row: Task) -> dict[str, Any]:
    """Everything that the table states of a task."""
    activation, loss = row.pairs[0]
    return {
        "name": row.name,
        "output_units": row.units,
        "activation": activation,
        "loss": loss,
        "metric": row.metric,
        "pairs": [list(pair) for pair in row.pairs],
        "against": dict(row.against),
    }
