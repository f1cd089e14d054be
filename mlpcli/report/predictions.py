"""Predictions row by row, in constant memory: each form has a head, a line per row, and an end."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mlpcli.report.markdown_text import escaped, line_of
from mlpcli.report.text import number, printable, printable_csv, printable_json
from mlpcli.report.widths import left, right, text_width


@dataclass(frozen=True)
class Prediction:
    """What the network says about one sample: a class or labels (None for a regression), and its outputs."""

    label: str | None
    values: list[float]


Stream = Callable[[tuple[str, ...], bool, Iterable[list[Prediction]], int], Iterator[str]]


def csv_rows(names: tuple[str, ...], labelled: bool, blocks: Iterable[list[Prediction]], digits: int) -> Iterator[str]:
    """A header and a row per sample, every digit"""

    def lines(rows: Iterable[Iterable[object]]) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return printable_csv(text.getvalue())

    yield lines([["prediction", *names] if labelled else names])
    for block in blocks:
        yield lines([row.label, *row.values] if labelled else row.values for row in block)


def json_rows(names: tuple[str, ...], labelled: bool, blocks: Iterable[list[Prediction]], digits: int) -> Iterator[str]:
    """One document with an object per sample, every digit"""
    yield '{"format": "mlpcli-predictions", "version": 1, "rows": ['
    start = "\n"
    for block in blocks:
        for row in block:
            outputs = dict(zip(names, row.values, strict=True))
            record = {"prediction": row.label, "outputs": outputs} if labelled else {"outputs": outputs}
            yield start + printable_json(json.dumps(record, allow_nan=False, ensure_ascii=False))
            start = ",\n"
    yield "\n]}\n"


def table_rows(
    names: tuple[str, ...], labelled: bool, blocks: Iterable[list[Prediction]], digits: int
) -> Iterator[str]:
    """Aligned columns. The first block sets their widths; a longer number later makes its line longer"""
    widths: list[int] = []
    for block in blocks:
        rows = [_cells(row, digits, printable) for row in block]
        if not widths:
            head = [printable(name) for name in (("prediction", *names) if labelled else names)]
            widths = [max(map(text_width, column)) for column in zip(head, *rows, strict=True)]
            yield _aligned(head, widths, labelled)
        yield "".join(_aligned(row, widths, labelled) for row in rows)


def markdown_rows(
    names: tuple[str, ...], labelled: bool, blocks: Iterable[list[Prediction]], digits: int
) -> Iterator[str]:
    """A Markdown table"""

    head = ("prediction", *names) if labelled else names
    yield f"{line_of(map(escaped, head))}\n{line_of(['---'] * labelled + ['---:'] * len(names))}\n"
    for block in blocks:
        yield "".join(f"{line_of(_cells(row, digits, escaped))}\n" for row in block)


def _cells(row: Prediction, digits: int, form: Callable[[str], str]) -> list[str]:
    label = [] if row.label is None else [form(row.label)]
    return [*label, *(number(value, digits) for value in row.values)]


def _aligned(cells: list[str], widths: list[int], labelled: bool) -> str:
    sides = [left if labelled else right, *[right] * (len(cells) - 1)]
    return "  ".join(side(cell, room) for side, cell, room in zip(sides, cells, widths, strict=True)).rstrip() + "\n"
