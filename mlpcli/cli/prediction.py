"""What `mlp forward` shows: predictions for all rows of a file or a named set, or one pass in every detail."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlpcli.cli.forward_command import KeepingOptions
from mlpcli.cli.network_options import ObjectiveOptions
from mlpcli.cli.notes import Notes
from mlpcli.cli.sources import Source, read
from mlpcli.cli.values import Form
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.objective import batch_loss, penalty, sample_losses
from mlpcli.core.predicting import PREDICTION_BLOCK, predict, stable_block
from mlpcli.core.propagation import ForwardPass, forward, output_of
from mlpcli.core.tasks import decide
from mlpcli.data.cells import LIKE_NUMBER, first_few
from mlpcli.data.preparation import filled, filling_note, missing_counts
from mlpcli.data.text import shown
from mlpcli.files.machine import limit_threads
from mlpcli.files.model import Model
from mlpcli.files.weights import load_model
from mlpcli.report.numbers import number
from mlpcli.report.sheet import Cell, Prediction, Report
from mlpcli.report.text import printable_csv

if TYPE_CHECKING:  # a pass layer by layer imports nothing that reads tables, and rows nothing of its report
    from mlpcli.data.readers import Columns
    from mlpcli.data.table import FeatureRows
    from mlpcli.derivation.forward_report import Reached

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # of a cell that spreadsheets may run
MOST_NAMED = 8  # columns in a note


def print_predictions(
    weights: str, source: Source, keeping: KeepingOptions, form: Form, threads: int | None, notes: Notes
) -> None:
    """Prints the predictions for all rows, as they are read."""
    for text in _predicted(load_model(weights), source, keeping, form, threads, notes):
        sys.stdout.write(text)
        sys.stdout.flush()


class Predicted(NamedTuple):
    """The predictions for some rows, and the rows themselves."""

    predictions: list[Prediction]
    rows: Callable[[], list[list[str]]]


def _predicted(
    model: Model, source: Source, keeping: KeepingOptions, form: Form, threads: int | None, notes: Notes
) -> Iterator[str]:
    """The text of all predictions, a block of rows at a time. An error in the first block comes before any text."""
    limit_threads(model.network.layers, PREDICTION_BLOCK, threads)
    names = model.coding.names[1:] if model.task.name == "binary" else model.coding.names
    columns = names if model.task.name == "regression" else ("prediction", *names)
    if source.dataset is not None:
        blocks = _of_named_set(model, source, notes)
    else:
        taken = _columns(model, source, notes)
        blocks = _of_file(model, source, taken, notes)
    predicted = _predicted_blocks(model, blocks, source.dataset or shown(source.data or ""))
    everything = chain([next(predicted)], predicted)
    if keeping.keep:
        return kept_rows(taken, columns, everything, form.digits, keeping.spreadsheet)
    rows = ([prediction.cells for prediction in block.predictions] for block in everything)
    if keeping.spreadsheet:
        columns = tuple(map(harmless, columns))
        rows = ([[harmless(c) if isinstance(c, str) else c for c in row] for row in block] for block in rows)
    return form.renderer.stream(columns, len(columns) - len(names), rows, form.digits)


def kept_rows(
    file: "Columns", columns: tuple[str, ...], blocks: Iterable[Predicted], digits: int, spreadsheet: bool
) -> Iterator[str]:
    """Each row of a file with its own cells, then its prediction, cut by the file's own delimiter."""
    import csv
    import io

    def text(rows: Iterable[Iterable[str]]) -> str:
        written = io.StringIO()
        writer = csv.writer(written, delimiter=file.dialect.separator, lineterminator="\n")
        writer.writerows(map(harmless, row) if spreadsheet else row for row in rows)
        return printable_csv(written.getvalue()) if sys.stdout.isatty() else written.getvalue()

    def shown_cell(cell: Cell) -> str:
        if not isinstance(cell, float):
            return str(cell)
        return number(cell, digits).replace(".", file.dialect.decimal)

    yield text([[*file.names, *columns]])
    for block in blocks:
        predicted = ([shown_cell(cell) for cell in prediction.cells] for prediction in block.predictions)
        yield text([*own, *cells] for own, cells in zip(block.rows(), predicted, strict=True))


def harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text and not for a formula: with ' before it if it starts like one.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) and not LIKE_NUMBER.fullmatch(cell.strip()) else cell


def predictions(model: Model, y_hat: Array) -> list[Prediction]:
    """Outputs as classes by name with their probabilities (or scores), or as numbers in the target's own unit."""
    if model.task.name == "regression":
        scaling = model.coding.scaling
        values = y_hat if scaling is None else y_hat * scaling.scale + scaling.mean
        return [Prediction(None, row) for row in values.tolist()]
    decided = decide(model.task, model.output_activation, y_hat)
    names = model.coding.names
    if model.task.name == "multilabel":
        labels = [";".join(name for name, yes in zip(names, row, strict=True) if yes) for row in decided]
    else:
        labels = [names[place] for place in decided]
    return [Prediction(label, row) for label, row in zip(labels, y_hat.tolist(), strict=True)]


def _predicted_blocks(model: Model, blocks: "Iterable[FeatureRows]", where: str) -> Iterator[Predicted]:
    first, rows = 1, stable_block(model.network)
    for x, cells in blocks:
        a, h = predict(model.network, x, model.preparation.scaling, rows)
        check_finite(a, f"{where}: data row", first)
        yield Predicted(predictions(model, h), cells)
        first += len(x)


def check_finite(a: Array, what: str, first: int = 1) -> None:
    """Raises MlpError, that names the first row of outputs that is not finite."""
    wrong = ~np.isfinite(a).all(axis=-1)
    if wrong.any():
        number = first + int(np.argmax(wrong))
        raise MlpError(
            f"{what} {number}: the network's output overflows; a feature, or a number in the network, is too large"
        )


def _of_named_set(model: Model, source: Source, notes: Notes) -> "Iterator[FeatureRows]":
    """The features of all samples of a named data set."""
    from mlpcli.data.columns import column_indices
    from mlpcli.data.table import FeatureRows

    dataset = read(source, notes)
    places = column_indices(model.preparation.features, dataset.features, dataset.name, dataset.named)
    yield FeatureRows(dataset.x[:, places], list)


def _columns(model: Model, source: Source, notes: Notes) -> "Columns":
    """The columns of the file, to be read as the network takes them."""
    from mlpcli.data.categories import columns_of

    if source.missing == "drop":
        raise ChoiceError("--missing drop leaves rows without a prediction; use --missing mean")
    source.check()
    known = columns_of(model.preparation.features, model.preparation.columns)
    source = replace(source.completed(missing=model.fill_rule), known=known)
    return source.reader.columns(source.data or "", source.settings)


def _of_file(model: Model, source: Source, columns: "Columns", notes: Notes) -> "Iterator[FeatureRows]":
    """The features of all rows of a file, a block at a time."""
    from mlpcli.data.categories import columns_of
    from mlpcli.data.columns import by_order, column_indices

    features, path = model.preparation.features, shown(source.data or "")
    known = columns_of(features, model.preparation.columns)
    wanted = features if columns.encoded else tuple(column.name for column in known)
    places = column_indices(wanted, columns.names, path, columns.named, columns.hint)
    if "header" in source.reader.options and source.header is None and by_order(wanted, columns.names, columns.named):
        _note_order(notes, path, columns, wanted)
    lacking = np.zeros(len(features), np.int64)
    for rows in columns.rows(places):
        lacking += missing_counts(rows.x)
        yield rows._replace(x=filled(rows.x, model.preparation))
    for note in filter(None, (*columns.notes, filling_note(lacking, known))):
        notes.note(f"{path}: {note}")


def _note_order(notes: Notes, where: str, columns: "Columns", features: tuple[str, ...]) -> None:
    """Notes that columns are matched by their order only."""
    if columns.named:
        taken, why, hint = columns.names, "the network has no names for its features", columns.hint
    else:
        taken, why, hint = features, "the first row is not a header", ""
    notes.note(f"{where}: {why}; the columns are used in this order: {first_few(taken, MOST_NAMED)}{hint}")


# ----- One pass in every detail: what it needs is imported only then --------------------------------------------------


def show_pass(
    model: Model, x: str, y: str | None, weights: str, objective: ObjectiveOptions, source: Source, notes: Notes
) -> Report:
    """Every a and h for the samples given on the command line, in the units of the training data; with y, L and J.

    Raises MlpError, which names the weights file, if an output overflows.
    """
    from mlpcli.cli.networks import features_note, with_feature_names, with_objective
    from mlpcli.cli.samples import given_inputs, given_targets, targets_for
    from mlpcli.derivation.forward_report import forward_report

    given = given_inputs(model, x, source, notes)
    scaled = model.preparation.scaling.apply(given, np.empty(given.shape, model.network.dtype))
    with np.errstate(all="ignore"):
        passed = forward(model.network, scaled)
    check_finite(passed.layers[-1].a, f"{shown(weights)}: --x, sample")
    reached = None
    if y is not None:
        model = with_objective(model, objective)
        reached = _reached(model, passed, given_targets(model, given, targets_for(model, x, y)))
    says = predictions(model, passed.y_hat)
    report = forward_report(model.network, given, passed, says, model.coding.names, reached)
    report, words = with_feature_names(report, model), features_note(model)
    return report._replace(closing=(*report.closing, words)) if words else report


def _reached(model: Model, passed: ForwardPass, targets: Array) -> "Reached":
    """L of each sample and J. Raises MlpError if they overflow."""
    from mlpcli.cli.samples import LOSS_OVERFLOWS
    from mlpcli.derivation.forward_report import Reached
    from mlpcli.derivation.trace import factors_of

    objective = model.objective
    output = output_of(model.network, passed)
    with np.errstate(all="ignore"):
        losses = sample_losses(objective, output, targets)
        loss, omega = batch_loss(objective, output, targets), penalty(objective, model.network)
    if not np.isfinite(loss + omega):
        raise MlpError(LOSS_OVERFLOWS)
    factors = factors_of(model.network, objective, targets, None)
    return Reached(objective, targets, losses, loss, omega, factors)
