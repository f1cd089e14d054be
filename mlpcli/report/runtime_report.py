"""What `mlp estimate-runtime` says: the lecture's two questions first, then what is counted, measured and estimated."""

from mlpcli.core.cost.cost import Cost
from mlpcli.report.network_report import network_words
from mlpcli.report.runtime_counts import counted_sheets, too_large, unmeasured
from mlpcli.report.runtime_document import counted_document, flat
from mlpcli.report.sheet import Report
from mlpcli.report.units import many


def runtime_report(cost: Cost) -> Report:
    """All that was asked for. What tells of times is imported only where there are some."""
    document, sheets = counted_document(cost), counted_sheets(cost.workload)
    closing = tuple(too_large(timed.workload, cost.free) for timed in cost.too_large)
    closing += tuple(map(unmeasured, cost.unmeasured))
    if cost.has_times:
        from mlpcli.report.runtime_times import answers, timed_sheets
        from mlpcli.report.runtime_times_document import timed_document

        document |= timed_document(cost)
        sheets += tuple(timed_sheets(cost))
        closing += answers(cost)
    samples = many(cost.workload.training, "sample")
    title = f"Cost of training on {samples}: {network_words(cost.workload.layers)}"
    return Report("runtime", document, flat(document), sheets, closing, title=title)
