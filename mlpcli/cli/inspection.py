"""What `mlp inspect` shows: how a data file is read, or what a weights file holds."""

import sys
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpcli.cli.sources import Source
from mlpcli.cli.weighting import class_weight_words
from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Scaling
from mlpcli.data.categories import columns_of
from mlpcli.data.cells import first_few, in_a_list
from mlpcli.data.packed import SUFFIX
from mlpcli.data.text import STDIO, shown
from mlpcli.files.document import scaling_document
from mlpcli.files.model import Model
from mlpcli.files.weights import load_model
from mlpcli.files.weights_npz import DOCUMENT
from mlpcli.report.network_report import layers_document, network_sheet
from mlpcli.report.numbers import counted
from mlpcli.report.sheet import Cell, Report, Sheet

if TYPE_CHECKING:  # a weights file needs nothing that reads tables
    from mlpcli.data.profile import ColumnProfile, TableProfile

SEPARATED_BY = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
BEGINNING = 200  # bytes that tell weights from data
MOST_CHARACTERS = 40  # of the categories of a column, as a table shows them
LARGE = 1e15  # whole numbers from here on are shown with an exponent
MOST_ROWS = 100  # of a table for people
COLUMNS = ("column", "name", "kind", "missing", "values", "role")


def inspect_file(path: str, source: Source) -> Report:
    """The report on a file: a weights file by its content, an archive of arrays, or a table."""
    if _is_weights(path):
        return _weights_report(load_model(path), path)
    source.check()
    if source.reader.opened is None:
        return _archive_report(path, source.sample_weight)
    from mlpcli.data.profile import profile_table

    return _table_report(profile_table(source.reader.opened(path, source.settings)))


def _is_weights(path: str) -> bool:
    """Whether a file is JSON, or an archive that starts with the document of a network."""
    try:
        if path == STDIO:
            start = _beginning_of_stdin()
        else:
            with open(path, "rb") as file:
                start = file.read(BEGINNING)
    except OSError:
        return False  # reading it tells why
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"{") or f"{DOCUMENT}{SUFFIX}".encode() in start


def _beginning_of_stdin() -> bytes:
    """What is read again after it."""
    stream: Any = sys.stdin.buffer
    beginning: bytes = stream.peek(BEGINNING)[:BEGINNING]
    return beginning


# ----- Data ---------------------------------------------------------------------------------------------------------


def _table_report(table: "TableProfile") -> Report:
    many = f"{counted(table.rows, 'row')}, {counted(len(table.columns), 'column')}"
    cut = (
        "" if table.delimiter is None else f", separated by {SEPARATED_BY.get(table.delimiter, repr(table.delimiter))}"
    )
    names = f"names in line {table.line}" if table.header else "no header"
    rows = tuple(_row(column) for column in table.columns)
    document = {**table._asdict(), "columns": [column._asdict() for column in table.columns]}
    del document["line"]
    needs = [f"to train, add {' and '.join(table.training_needs)}"] if table.training_needs else []
    sheet = Sheet(f"{table.file}: {many}{cut}, {names}", COLUMNS, rows)
    return _limited(Report("inspection", document, sheet, (sheet,), (*table.notes, *table.problems, *needs)))


def _row(column: "ColumnProfile") -> tuple[Cell, ...]:
    return (column.number, column.name, column.kind, column.missing, _values(column), column.role)


def _values(column: "ColumnProfile") -> str:
    """The range of numbers, or the first categories."""
    if column.minimum is None or column.maximum is None:
        return _few(column.text)
    return _range(column.minimum, column.maximum)


def _range(least: float, greatest: float) -> str:
    return _short(least) if least == greatest else f"{_short(least)} … {_short(greatest)}"


def _short(value: float) -> str:
    """A number in at most six digits, but whole numbers as they are."""
    return f"{value:.0f}" if value == round(value) and abs(value) < LARGE else f"{value:.6g}"


def _few(texts: Sequence[str]) -> str:
    """As many texts as there is room for, at least one, and how many more there are."""
    named = [*map(in_a_list, texts)]
    ends = accumulate(len(text) + len(", ") for text in named)
    return first_few(named, max(1, sum(end <= MOST_CHARACTERS for end in ends)))


def _archive_report(path: str, weight: str | None) -> Report:
    """The arrays of samples in an NPZ file."""
    from mlpcli.data.npz import load_npz
    from mlpcli.data.targets import suggestion_of

    dataset = load_npz(path, weight)
    parts = {"": dataset} if dataset.test is None else {"_train": dataset, "_test": dataset.test}
    letters = {"x": "x", "y": "y", **({} if weight is None else {weight: "weights"})}
    arrays = {f"{name}{end}": getattr(part, of) for end, part in parts.items() for name, of in letters.items()}
    rows = tuple((name, "×".join(map(str, a.shape)), a.dtype.name, _spread(a)) for name, a in arrays.items())
    columns = ("array", "shape", "type", "values")
    sheet = Sheet(f"{path}: {counted(len(dataset), 'sample')}", columns, rows)
    task, notes, problems = None, list[str](), list[str]()
    try:
        found = suggestion_of(dataset)
        task, notes = found.task.name, found.notes
    except MlpError as problem:
        problems = [str(problem)]
    found_arrays = [dict(zip(columns, row, strict=True)) for row in rows]
    document = {"file": path, "arrays": found_arrays, "task": task, "notes": notes, "problems": problems}
    return Report("inspection", document, sheet, (sheet,), (*notes, *problems))


def _spread(array: Any) -> str:
    return _few(np.unique(array).tolist()) if array.dtype.kind == "U" else _range(array.min(), array.max())


# ----- Weights ------------------------------------------------------------------------------------------------------


def _weights_report(model: Model, path: str) -> Report:
    """The network, how it was trained, and its features and outputs with their scaling or categories."""
    features = _features(model)
    outputs = _outputs(model)
    facts = _facts(model)
    told = tuple((name.replace("_", " "), _told(value)) for name, value in facts.items())
    inputs = Sheet("Features", ("feature", "mean", "scale", "if missing", "categories"), _feature_rows(features))
    scaled = ("mean", "scale") if model.coding.scaling is not None else ()
    document: dict[str, Any] = {
        "file": shown(path),
        "layers": layers_document(model.network.layers),
        "training": facts,
        "features": features,
        "outputs": outputs,
    }
    sheets = (
        network_sheet(model.network.layers),
        Sheet("Training", ("fact", "value"), told),
        inputs,
        Sheet("Outputs", ("output", *scaled), tuple((o["name"], *(o[key] for key in scaled)) for o in outputs)),
    )
    return _limited(Report("inspection", document, inputs, sheets))


def _facts(model: Model) -> dict[str, Any]:
    """What the network was made for, trained on, and how."""
    facts: dict[str, Any] = {"task": model.task.name, "loss": model.objective.loss.name}
    facts |= {name: value for name in ("l1", "l2") if (value := getattr(model.objective, name))}
    if words := class_weight_words(model.coding.names, model.objective):
        facts["class_weights"] = words
    facts["dtype"] = model.network.dtype.name
    if model.origin is not None:
        origin = {**vars(model.origin), "targets": ", ".join(model.origin.targets), "digest": None}
        facts |= {name: value for name, value in origin.items() if value is not None}
    return {**facts, **model.training}


def _told(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _features(model: Model) -> list[dict[str, Any]]:
    """Each column with its scaling, or its categories."""
    preparation = model.preparation
    inputs = _scaled(preparation.features, preparation.scaling)
    listed, start = list[dict[str, Any]](), 0
    for column in columns_of(preparation.features, preparation.columns):
        end = start + len(column.features)
        fill = None if preparation.fill is None else preparation.fill[start:end]
        if column.categories is None:
            listed.append({**inputs[start], "if_missing": None if fill is None else float(fill[0])})
        else:
            usual = None if fill is None else _category(column.categories, fill)
            listed.append({"name": column.name, "categories": list(column.categories), "if_missing": usual})
        start = end
    return listed


def _category(categories: Sequence[str], features: Array) -> str:
    """The category that its features stand for."""
    return categories[int(features[0])] if len(categories) == 2 else categories[int(np.argmax(features))]


def _feature_rows(features: Sequence[dict[str, Any]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (f["name"], f.get("mean"), f.get("scale"), f["if_missing"], _few(f.get("categories", ()))) for f in features
    )


def _outputs(model: Model) -> list[dict[str, Any]]:
    """Each class, label or target, with the scaling of a regression's targets."""
    names, scaling = model.coding.names, model.coding.scaling
    return [{"name": name} for name in names] if scaling is None else _scaled(names, scaling)


def _scaled(names: Sequence[str], scaling: Scaling) -> list[dict[str, Any]]:
    plain = scaling_document(Scaling(*(np.broadcast_to(part, len(names)) for part in (scaling.mean, scaling.scale))))
    return [
        {"name": name, "mean": mean, "scale": scale}
        for name, mean, scale in zip(names, plain["mean"], plain["scale"], strict=True)
    ]


def _limited(report: Report) -> Report:
    """The report with the first rows of each table for people; --format json and csv have all."""
    if all(len(sheet.rows) <= MOST_ROWS for sheet in report.sheets):
        return report
    most = max(len(sheet.rows) for sheet in report.sheets)
    sheets = tuple(sheet._replace(rows=sheet.rows[:MOST_ROWS]) for sheet in report.sheets)
    more = f"the first {MOST_ROWS} of {most:,}; --format csv and json have all"
    return report._replace(sheets=sheets, closing=(*report.closing, more))
