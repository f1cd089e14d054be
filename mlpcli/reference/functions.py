"""`mlp functions`: the page of one activation, loss or task, or the list of all, each row from its table in `core`."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import Row, pick
from mlpcli.core.losses import LOSSES, TARGETS, Loss
from mlpcli.core.tasks import TASKS, Task
from mlpcli.reference.facts import (
    activation_document,
    for_hidden,
    loss_document,
    other_targets,
    outputs_of,
    task_document,
    tasks_of,
    why_not_hidden,
)
from mlpcli.reference.pages import activation_report, loss_report
from mlpcli.report.sheet import Cell, Mathematics, Report, Sheet

FARTHEST = 1e6  # every curve is a straight line long before


def function_report(name: str | None, at: Array | None) -> Report:
    """The list, or one activation, loss or task. Raises ChoiceError if the function has no value there."""
    if name is None:
        if at is not None:
            raise ChoiceError("--at needs a function, as in mlp functions relu --at -1,0,1")
        return functions_report()
    families: Mapping[str, Row] = {**ACTIVATIONS, **LOSSES, **TASKS}
    row = pick(families, name, "function")
    if isinstance(row, Task):
        if at is not None:
            raise ChoiceError(f"{row.name} is a task and takes no --at; leave it out")
        return task_report(row)
    if at is not None and (np.abs(at) > FARTHEST).any():
        raise ChoiceError(f"--at takes numbers from −{FARTHEST:g} to {FARTHEST:g}")
    if isinstance(row, Activation):
        return activation_report(row, at)
    assert isinstance(row, Loss)
    return loss_report(row, at)


def task_report(task: Task) -> Report:
    """Each output activation with its losses, the usual pair first, and why others do not fit."""
    activation, loss = task.pairs[0]
    facts = Sheet(
        f"Task {task.name}",
        ("property", "value"),
        (("output units", task.units), ("usual activation", activation), ("usual loss", loss), ("metric", task.metric)),
    )
    rows = tuple(
        (name, Mathematics(ACTIVATIONS[name].range), ", ".join(loss for output, loss in task.pairs if output == name))
        for name in outputs_of(task)
    )
    pairs = Sheet("Valid pairs", ("activation", "range of ŷ", "losses"), rows)
    against = tuple(f"{_unsuitable(task, name)}: {reason}" for name, reason in task.against.items())
    flat = Sheet("", ("activation", "loss"), task.pairs)
    return Report("function", task_document(task), flat, (facts, pairs), (*other_targets(task), *against))


def _unsuitable(task: Task, name: str) -> str:
    """The unsuitable choice: a function, or a loss with outputs other than these."""
    partners = [output for output, loss in task.pairs if loss == name]
    return f"{name} only with {', '.join(partners)}" if partners else f"not {name}"


def functions_report() -> Report:
    """All functions, their uses, and the output and loss of each task."""
    document = {
        "activations": [activation_document(row) for row in ACTIVATIONS.values()],
        "losses": [loss_document(row) for row in LOSSES.values()],
        "tasks": [task_document(row) for row in TASKS.values()],
    }
    sheets = (*_activation_sheets(), *_loss_sheets(), _task_sheet())
    others = tuple(line for row in TASKS.values() for line in other_targets(row))
    reasons = tuple(why_not_hidden(row) for row in ACTIVATIONS.values() if row.hidden)
    return Report("functions", document, _flat(document), sheets, (*_parts_of_losses(), *others, *reasons))


def _activation_sheets() -> tuple[Sheet, ...]:
    """Two, since one would be wider than most terminals."""
    rows = ACTIVATIONS.values()
    return (
        Sheet(
            "Activations: h = f(a)",
            ("function", "f(a)", "f′(a)"),
            tuple((row.name, Mathematics(row.formula), Mathematics(row.derivative)) for row in rows),
        ),
        Sheet(
            "Where activations are used",
            ("function", "range", "hidden layers", "usual output of"),
            tuple(
                (row.name, Mathematics(row.range), for_hidden(row), ", ".join(tasks_of(0, row.name)[0])) for row in rows
            ),
        ),
    )


def _loss_sheets() -> tuple[Sheet, ...]:
    """Formulas of losses, their targets, and their uses."""
    rows = LOSSES.values()
    return (
        Sheet(
            "Losses: L(ŷ, y)",
            ("loss", "term", "∂/∂ŷ"),
            tuple((row.name, Mathematics(row.formula), Mathematics(row.derivative)) for row in rows),
        ),
        Sheet(
            "Targets and ranges of losses",
            ("loss", "targets", "a sample's L", "range"),
            tuple(
                (row.name, TARGETS[row.targets][0], f"{row.output_reduction} of terms", Mathematics(row.range))
                for row in rows
            ),
        ),
        Sheet(
            "Where losses are used",
            ("loss", "usual for", "also for"),
            tuple((row.name, *map(", ".join, tasks_of(1, row.name))) for row in rows),
        ),
    )


def _task_sheet() -> Sheet:
    return Sheet(
        "Output and loss of each task",
        ("task", "output units", "activation", "loss"),
        tuple((row.name, row.units, *row.pairs[0]) for row in TASKS.values()),
    )


def _parts_of_losses() -> Iterator[str]:
    """The letters in formulas of losses that are neither ŷ nor y."""
    for row in LOSSES.values():
        if row.workings:
            yield f"{row.name}: " + ", ".join(f"{symbol} = {text}" for symbol, _, text in row.workings)


def _flat(document: dict[str, list[dict[str, Any]]]) -> Sheet:
    """kind, name, property, value: one row per fact."""
    rows: list[tuple[Cell, ...]] = [
        (kind, entry["name"], key, _text(value))
        for kind, entries in document.items()
        for entry in entries
        for key, value in entry.items()
        if key != "name"
    ]
    return Sheet("", ("kind", "name", "property", "value"), tuple(rows))


def _text(value: Any) -> str | None:
    """A value as one cell."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {part}" for key, part in value.items())
    if isinstance(value, list):
        return "; ".join(part if isinstance(part, str) else " with ".join(part) for part in value)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
