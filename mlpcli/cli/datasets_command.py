"""`mlp datasets`"""

from typing import TYPE_CHECKING

from mlpcli.cli.options import DataDir, ReportOptions

if TYPE_CHECKING:  # help needs neither
    from mlpcli.report.sheet import Report

COLUMNS = ("name", "task", "samples", "features", "classes", "from", "here")


def datasets(*, data_dir: DataDir = None, report: ReportOptions) -> None:
    """List the named data sets.

    Example: mlp datasets --format csv
    """
    from mlpcli.cli.values import form

    print(form(report.format, report.digits)(datasets_report(data_dir)), end="")


def datasets_report(data_dir: str | None) -> "Report":
    """One row per set. `here` tells whether `mlp` need not download it."""
    from mlpcli.data.named import DATASETS
    from mlpcli.report.sheet import Cell, Report, Sheet

    rows = list[tuple[Cell, ...]]()
    for row in DATASETS.values():
        place = row.where(data_dir)
        origin, here = (place, "yes") if place else (f"fetched once from {row.source}", "no")
        rows.append((row.name, row.task, row.samples, row.features, row.classes or None, origin, here))
    sheet = Sheet("Data sets", COLUMNS, tuple(rows))
    documents = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return Report("datasets", {"datasets": documents}, sheet, (sheet,))
