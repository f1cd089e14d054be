"""`mlp datasets`"""

from mlpcli.cli.options import DataDir, ReportOptions


def datasets(*, data_dir: DataDir = None, report: ReportOptions) -> None:
    """List the named data sets.

    Example: mlp datasets --format csv
    """
    from mlpcli.cli.values import form
    from mlpcli.reference.datasets import datasets_report

    print(form(report.format, report.digits)(datasets_report(data_dir)), end="")
