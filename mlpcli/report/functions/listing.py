"""All activations, losses and tasks, as `mlp functions` lists them: each row comes from its table in `core`."""

from typing import Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES, TARGETS
from mlpcli.core.tasks import TASKS
from mlpcli.report.functions.facts import (
    activation_document,
    for_hidden,
    loss_document,
    other_targets,
    own_derivative,
    own_formula,
    task_document,
    tasks_of,
    why_not_hidden,
)
from mlpcli.report.sheet import Cell, Mathematics, Report, Sheet


def functions_report() -> Report:
    """What there is, where it is used, and which output and loss go with which task."""
    document = {
        "activations": [activation_document(row) for row in ACTIVATIONS.values()],
        "losses": [loss_document(row) for row in LOSSES.values()],
        "tasks": [task_document(row) for row in TASKS.values()],
    }
    sheets = (*_activation_sheets(), *_loss_sheets(), _task_sheet())
    others = tuple(line for row in TASKS.values() for line in other_targets(row))
    reasons = tuple(why_not_hidden(row) for row in ACTIVATIONS.values() if row.hidden)
    return Report("functions", document, _flat(document), sheets, (*others, *reasons))


def _activation_sheets() -> tuple[Sheet, ...]:
    """Two, since one would be wider than most terminals."""
    rows = ACTIVATIONS.values()
    return (
        Sheet(
            "Activations: h = f(a)",
            ("function", "f(a)", "f′(a)"),
            tuple((row.name, Mathematics(own_formula(row)), Mathematics(own_derivative(row))) for row in rows),
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
    """What a loss is, what it takes, and where it is used."""
    rows = LOSSES.values()
    return (
        Sheet(
            "Losses: L(ŷ, y)",
            ("loss", "term", "∂/∂ŷ"),
            tuple((row.name, Mathematics(row.formula), Mathematics(row.derivative)) for row in rows),
        ),
        Sheet(
            "What losses take and give",
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
        "Which output and which loss",
        ("task", "output units", "activation", "loss"),
        tuple((row.name, row.units, *row.pairs[0]) for row in TASKS.values()),
    )


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
