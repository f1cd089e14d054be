"""The cost of a training as a report: counted numbers, then measured and estimated times."""

from collections.abc import Iterator
from typing import Any

from mlpcli.cost.cost import CostQuestion, cost_of
from mlpcli.cost.counted import counted_document, counted_sheets
from mlpcli.report.network_report import network_words
from mlpcli.report.numbers import counted
from mlpcli.report.sheet import Cell, Report, Sheet


def cost_report(question: CostQuestion) -> Report:
    """The lecture's two questions first, then what is counted, measured and estimated."""
    cost = cost_of(question)
    document, workload = counted_document(cost), cost.workload
    sheets, closing = counted_sheets(workload, document), tuple(cost.missing_memory())
    if cost.has_times:  # only then the module of times is imported
        from mlpcli.cost.timed import answers, timed_document, timed_sheets

        document |= timed_document(cost)
        sheets += tuple(timed_sheets(cost, document))
        closing += tuple(answers(cost, document))
    title = f"Cost of training on {counted(workload.training, 'sample')}: {network_words(workload.layers)}"
    return Report("runtime", document, _flat(document), sheets, closing, title=title)


def _flat(document: dict[str, Any]) -> Sheet:
    """One row per number, under its path in the document."""
    return Sheet("", ("figure", "value"), tuple(_leaves("", document)))


def _leaves(path: str, value: Any) -> Iterator[tuple[Cell, ...]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for key, inner in pairs:
            yield from _leaves(f"{path}.{key}" if path else f"{key}", inner)
    else:
        yield path, value
