"""What `mlp estimate-runtime` does: count, measure, estimate."""

from mlpcli.cli.workloads import AskedCost, workload_of
from mlpcli.report.runtime_report import runtime_report
from mlpcli.report.sheet import Report


def run_estimate(asked: AskedCost) -> Report:
    """The report."""
    return runtime_report(workload_of(asked))
