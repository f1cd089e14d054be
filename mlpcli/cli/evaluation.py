"""What `mlp evaluate` does: find the data that the network has not seen, and measure."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from mlpcli.cli.building import cut_rows, prepared
from mlpcli.cli.notes import Notes
from mlpcli.cli.sources import Source, read
from mlpcli.cli.threads import limit_threads
from mlpcli.cli.values import between, check_stdin, one_of
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.metrics import Evaluation
from mlpcli.core.training import PREDICTION_BLOCK, evaluate_samples
from mlpcli.data.dataset import Dataset
from mlpcli.files.model import Model
from mlpcli.files.weights import load_model
from mlpcli.report.evaluation_report import evaluation_report
from mlpcli.report.sheet import Report

PARTS = ("training", "validation", "test", "all")


def run_evaluation(
    weights: str, source: Source, part: str | None, threads: int | None, least: float | None, notes: Notes
) -> tuple[Report, Callable[[], None]]:
    """The report, and a function that raises ConditionError where the accuracy is lower than `least`."""
    check_stdin(weights=weights, data=source.data)
    if least is not None:
        between(least, "--min-accuracy", 0, 1.0000001)
    if part is not None:
        one_of(part, PARTS, "--part")
    model = load_model(weights)
    if least is not None and model.task.name == "regression":
        raise ChoiceError("--min-accuracy: a regression has no accuracy")
    source, own = _source(source, model)
    if own and source.data is not None and source.data != "-" and not Path(source.data).exists():
        where = "its path is relative to the folder of the training run"
        raise MlpError(f"{source.data}: the data of the training run are not here ({where}); give --data")
    dataset = read(source, notes)
    dataset, what = _part(dataset, model, part or ("test" if own else "all"), own)
    limit_threads(model.network.layers, PREDICTION_BLOCK, threads)
    samples = prepared(dataset, model)
    found = evaluate_samples(model.network, model.objective, model.task, samples, model.coding.names)
    where = f"{dataset.name}, {what}"
    return evaluation_report(found, where, model.objective.loss.name), lambda: _require(found, least)


def _source(source: Source, model: Model) -> tuple[Source, bool]:
    """The data that were named, else those of training; and whether they are those of training."""
    origin = model.origin
    if source.dataset is None and source.data is None:
        if origin is None or (origin.dataset is None and origin.file in (None, "-")):
            raise ChoiceError("the weights file does not say which data it was trained on; give --dataset or --data")
        source = replace(source, dataset=origin.dataset, data=origin.file)
    own = origin is not None and source.dataset == origin.dataset and _same_file(source.data, origin.file)
    if origin is not None and source.data is not None:
        source = replace(source, target=source.target or ",".join(origin.targets))
        if own:
            source = replace(
                source,
                header=origin.header if source.header is None else source.header,
                delimiter=source.delimiter or origin.delimiter,
                missing=source.missing or origin.missing,
            )
    if model.preparation.fill is not None and source.missing is None:
        source = replace(source, missing="mean")
    return source, own


def _same_file(one: str | None, other: str | None) -> bool:
    return one == other or (one is not None and other is not None and Path(one).resolve() == Path(other).resolve())


def _part(dataset: Dataset, model: Model, part: str, own: bool) -> tuple[Dataset, str]:
    """The part that was asked for, found again as training cut it."""
    origin = model.origin
    if part == "all":
        return dataset, "all samples"
    if not own or origin is None:
        raise ChoiceError(f"--part {part} is a part of the training data; for other data leave it out")
    if len(dataset) != origin.samples:
        raise MlpError(
            f"{dataset.name} has {len(dataset)} samples, at training it had {origin.samples}: its parts cannot be "
            "found again; --part all measures all of it"
        )
    if part == "test" and dataset.test is not None:
        return dataset.test, "test part"
    found = getattr(cut_rows(dataset, model.task, model.coding, origin.validation, origin.test, origin.seed), part)
    if not len(found):
        raise ChoiceError(f"training left no {part} part; use --part all or --part training")
    return dataset.rows(found), f"{part} part"


def first_training_sample(model: Model) -> tuple[Array, Array]:
    """x, scaled, and y of the first sample that the network was trained on, (1, inputs) and (1, outputs)."""
    source, own = _source(Source(), model)
    dataset, _ = _part(read(source, Notes(quiet=True)), model, "training", own)
    samples = prepared(dataset.rows(np.array([0])), model)
    x = samples.scaling.apply(samples.x, np.empty(samples.x.shape, np.float64))
    return x, samples.y.astype(np.float64)


def _require(found: Evaluation, least: float | None) -> None:
    accuracy = found.metrics.get("accuracy")
    if least is not None and (accuracy is None or accuracy < least):
        raise ConditionError(f"the accuracy is {accuracy:.4f}, lower than --min-accuracy {least:g}")
