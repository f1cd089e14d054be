"""The data sets that have a name, as `mlp datasets` lists them."""

from mlpcli.data.named import DATASETS
from mlpcli.report.sheet import Cell, Report, Sheet

COLUMNS = ("name", "task", "samples", "features", "classes", "from", "here")


def datasets_report(data_dir: str | None) -> Report:
    """One row per set. Those that would have to be fetched are not here."""
    rows: list[tuple[Cell, ...]] = []
    for named in DATASETS.values():
        place = named.where(data_dir)
        where = place or f"fetched once from {named.source}"
        rows.append(
            (
                named.name,
                named.task,
                named.samples,
                named.features,
                named.classes or None,
                where,
                "yes" if place else "no",
            )
        )
    sheet = Sheet("Data sets", COLUMNS, tuple(rows))
    documents = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return Report("datasets", {"datasets": documents}, sheet, (sheet,))
