"""What `mlp estimate-runtime` says: the lecture's two questions first, then what is counted, measured and estimated."""

from collections.abc import Iterator

from mlpcli.core.cost.cost import Cost
from mlpcli.report.runtime_counts import memory_sheet, operations_sheet, stages_sheet, updates_sheet, weights_sheet
from mlpcli.report.runtime_document import flat, runtime_document
from mlpcli.report.runtime_times import (
    closing,
    estimate_sheet,
    limits_sheet,
    naive_sheet,
    rates_sheet,
    step_sheet,
    sweep_sheet,
)
from mlpcli.report.sheet import Report, Sheet


def runtime_report(cost: Cost) -> Report:
    """All that was asked for."""
    document = runtime_document(cost)
    return Report("runtime", document, flat(document), tuple(_sheets(cost)), closing(cost))


def _sheets(cost: Cost) -> Iterator[Sheet]:
    workload, measured = cost.workload, cost.timed.measured
    yield updates_sheet(workload)
    yield weights_sheet(workload)
    yield operations_sheet(workload)
    yield stages_sheet(workload)
    yield memory_sheet(workload)
    if measured is not None and cost.limits is not None and cost.estimate is not None:
        yield step_sheet(cost.timed, measured)
        yield rates_sheet(cost.limits)
        yield limits_sheet(cost.limits)
        yield estimate_sheet(workload, cost.estimate)
    if cost.naive:
        yield naive_sheet(cost)
    if cost.sweep:
        yield sweep_sheet(cost.sweep)
