"""All activations, losses and tasks, as `mlp functions` lists them: each row comes from its table in `core`."""

from typing import Any

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.losses import LOSSES, TARGETS, Loss
from mlpcli.core.tasks import TASKS
from mlpcli.report.functions.facts import (
    activation_document,
    for_hidden,
    loss_document,
    own_derivative,
    own_formula,
    task_document,
    tasks_of,
    why_not_hidden,
)
from mlpcli.report.sheet import Cell, Mathematics, Report, Sheet


def functions_report() -> Report:
    """What there is, where it is used, and which output and loss go with which task."""
    sheets = (
        Sheet(
            "Activations: h = f(a)",
            ("function", "f(a)", "f′(a)", "range", "hidden layers", "usual output of"),
            tuple(_activation_row(row) for row in ACTIVATIONS.values()),
        ),
        Sheet(
            "Losses: L(ŷ, y)",
            ("loss", "term", "∂/∂ŷ", "a sample's L", "range", "targets", "usual for", "also for"),
            tuple(_loss_row(row) for row in LOSSES.values()),
        ),
        Sheet(
            "Which output and which loss",
            ("task", "output units", "activation", "loss"),
            tuple((row.name, row.units, *row.pairs[0]) for row in TASKS.values()),
        ),
    )
    document = {
        "activations": [activation_document(row) for row in ACTIVATIONS.values()],
        "losses": [loss_document(row) for row in LOSSES.values()],
        "tasks": [task_document(row) for row in TASKS.values()],
    }
    return Report("functions", document, _flat(document), sheets, tuple(map(why_not_hidden, _not_hidden())))


def _activation_row(row: Activation) -> tuple[Cell, ...]:
    usual, _ = tasks_of(0, row.name)
    rules = (Mathematics(own_formula(row)), Mathematics(own_derivative(row)), Mathematics(row.range))
    return row.name, *rules, for_hidden(row), ", ".join(usual)


def _loss_row(row: Loss) -> tuple[Cell, ...]:
    usual, possible = tasks_of(1, row.name)
    wanted, _ = TARGETS[row.targets]
    share = f"{row.output_reduction} of terms"
    rules = (Mathematics(row.formula), Mathematics(row.derivative))
    return row.name, *rules, share, Mathematics(row.range), wanted, ", ".join(usual), ", ".join(possible)


def _not_hidden() -> list[Activation]:
    return [row for row in ACTIVATIONS.values() if row.hidden]


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
