"""`mlp datasets`: the named data sets."""

from mlpcli.data.named import DATASETS, NamedSet
from mlpcli.report.sheet import Cell, Report, Sheet

COLUMNS = ("name", "task", "samples", "features", "classes", "from", "here")


def datasets_report(data_dir: str | None) -> Report:
    """One row per set. `here` tells whether `mlp` need not download it."""
    rows = tuple(_row(named, named.where(data_dir)) for named in DATASETS.values())
    sheet = Sheet("Data sets", COLUMNS, rows)
    documents = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return Report("datasets", {"datasets": documents}, sheet, (sheet,))


def _row(named: NamedSet, place: str | None) -> tuple[Cell, ...]:
    where = place or f"fetched once from {named.source}"
    size = (named.samples, named.features, named.classes or None)
    return (named.name, named.task, *size, where, "yes" if place else "no")
