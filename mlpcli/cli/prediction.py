"""What `mlp forward` does: one pass in every detail, or predictions for as many rows as there are."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from mlpcli.cli.notes import Notes
from mlpcli.cli.remembered_data import fill_rule
from mlpcli.cli.sources import NO_HEADER, Source, read
from mlpcli.cli.threads import limit_threads
from mlpcli.cli.values import Form, samples
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.predicting import PREDICTION_BLOCK, predict
from mlpcli.core.propagation import forward
from mlpcli.core.steadiness import steady_block
from mlpcli.core.tasks import decide
from mlpcli.data.preparation import by_order, filled, places_of
from mlpcli.data.readers import Columns
from mlpcli.data.text import shown
from mlpcli.files.model import Model
from mlpcli.report.forward_report import forward_report
from mlpcli.report.predictions import Prediction
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

MOST_NAMED = 8  # columns in a note


def show_pass(model: Model, x: str, weights: str) -> Report:
    """Every a and h for the samples given on the command line, in the units of the training data.

    Raises MlpError, which names the file of weights, where an output overflows.
    """
    given = samples(x, model.network.inputs, "--x")
    scaled = model.preparation.scaling.apply(given, np.empty(given.shape, model.network.dtype))
    with np.errstate(all="ignore"):
        passed = forward(model.network, scaled)
    _check_finite(passed.layers[-1].a, f"{shown(weights)}: --x, sample")
    return forward_report(model.network, given, passed, predictions(model, passed.y_hat), model.coding.names)


def predict_rows(model: Model, source: Source, form: Form, threads: int | None, notes: Notes) -> Iterator[str]:
    """The text of all predictions, a block of rows at a time. What is wrong with the first block is told before any."""
    limit_threads(model.network.layers, PREDICTION_BLOCK, threads)
    names = model.coding.names[1:] if model.task.name == "binary" else model.coding.names
    blocks = _predicted_blocks(model, source, notes)
    all_blocks = chain([next(blocks)], blocks)
    return RENDERERS[form.name].stream(names, model.task.name != "regression", all_blocks, form.digits)


def predictions(model: Model, y_hat: Array) -> list[Prediction]:
    """What outputs say: classes by name with their probabilities (or scores), or numbers in the target's own unit."""
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


def _predicted_blocks(model: Model, source: Source, notes: Notes) -> Iterator[list[Prediction]]:
    where = source.dataset or shown(source.data or "")
    first, rows = 1, steady_block(model.network)
    for x in _feature_blocks(model, source, notes):
        a, h = predict(model.network, x, model.preparation.scaling, rows)
        _check_finite(a, f"{where}: data row", first)
        yield predictions(model, h)
        first += len(x)


def _check_finite(a: Array, what: str, first: int = 1) -> None:
    """Raises MlpError, naming the first of them, where rows of outputs are not finite."""
    wrong = ~np.isfinite(a).all(axis=-1)
    if wrong.any():
        number = first + int(np.argmax(wrong))
        raise MlpError(
            f"{what} {number}: the network's output overflows; a feature, or a number in the network, is too large"
        )


def _feature_blocks(model: Model, source: Source, notes: Notes) -> Iterator[Array]:
    """The features of all rows, a block at a time."""
    if source.missing == "drop":
        raise ChoiceError("--missing drop would leave rows without a prediction; use --missing mean")
    features = model.preparation.features
    if source.dataset is not None:
        dataset = read(source, notes)
        yield dataset.x[:, places_of(features, dataset.features, dataset.name, dataset.named)]
        return
    source.check()
    path, reader = source.data or "", source.reader
    columns = reader.columns(path, source.completed(missing=fill_rule(model)).settings)
    places = places_of(features, columns.names, shown(path), columns.named)
    if "header" in reader.options and source.header is None and by_order(features, columns.names, columns.named):
        _note_order(notes, shown(path), columns, features)
    for x in columns.rows(places):
        yield filled(x, model.preparation)


def _note_order(notes: Notes, where: str, columns: Columns, features: tuple[str, ...]) -> None:
    """That nothing but their order tells which columns are which."""
    if columns.named:
        taken, why = columns.names, "the network has no names for its features"
    else:
        taken, why = features, NO_HEADER
    more = f" and {len(taken) - MOST_NAMED} more" if len(taken) > MOST_NAMED else ""
    notes.note(f"{where}: {why}; the columns are taken in this order: {', '.join(taken[:MOST_NAMED])}{more}")
