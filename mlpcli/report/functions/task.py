"""One task: its output, the losses that go with it, and why others do not."""

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.tasks import Task
from mlpcli.report.functions.facts import other_targets, outputs_of, task_document
from mlpcli.report.sheet import Mathematics, Report, Sheet


def task_report(task: Task) -> Report:
    """Every output activation with its losses, the usual pair first."""
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
    pairs = Sheet("Pairs that make sense", ("activation", "range of ŷ", "losses"), rows)
    against = tuple(f"{_refused(task, name)}: {reason}" for name, reason in task.against.items())
    flat = Sheet("", ("activation", "loss"), task.pairs, keys=2)
    return Report("function", task_document(task), flat, (facts, pairs), (*other_targets(task), *against))


def _refused(task: Task, name: str) -> str:
    """What of a function does not serve: all of it, or a loss with other outputs than these."""
    partners = [output for output, loss in task.pairs if loss == name]
    return f"{name} only with {', '.join(partners)}" if partners else f"not {name}"
