"""The parts of the data: how training splits them, encodes them and remembers them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mlpcli.cli.groups import first_given
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import SplitOptions
from mlpcli.cli.sources import Source, read_file
from mlpcli.cli.values import fraction
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.metrics import Evaluation
from mlpcli.core.objective import check_targets
from mlpcli.core.predicting import evaluate_samples
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task, decide
from mlpcli.data.categories import columns_of
from mlpcli.data.columns import column_indices
from mlpcli.data.dataset import Dataset, Fold, Split, fold_in, split
from mlpcli.data.preparation import filled, filling_note, missing_counts
from mlpcli.data.targets import Coding, class_numbers, encode
from mlpcli.files.digest import digest_of_samples
from mlpcli.files.model import READ_AS, Model, Origin

FRACTION = 0.2  # of the test set, and of the rest for validation, by default
FEW = 50  # samples, of which none are held out if a class would have none left
MOST_LEFT_OUT = 5  # at most so many classes without a sample in some part are named


def split_parts(
    dataset: Dataset, asked: SplitOptions, task: Task, coding: Coding, seed: int, notes: Notes
) -> dict[str, Dataset]:
    """The parts of the data: training, validation, test (the data set's own, if it has one).

    Few samples are all trained, unless some are asked to be held out, if a class would have none left to learn from.
    """
    test = 0.0 if dataset.test is not None else _fraction(asked.test, "--test")
    validation = 0.0 if asked.validation_data else _fraction(asked.validation, "--validation")
    fold = _fold(asked)
    rows = split_rows(dataset, task, coding, validation, test, seed, fold)
    is_free = asked.test is None and asked.validation is None and dataset.test is None and fold is None
    if is_free and len(dataset) < FEW and (lost := _lost_class(dataset, task, coding, rows)):
        notes.note(f"none are held out, since class '{lost}' would lose its only rows (--test 0 --validation 0)")
        return {"training": dataset}
    parts = {"training": dataset.rows(rows.training)}
    if len(rows.validation):
        parts["validation"] = dataset.rows(rows.validation)
    if dataset.test is not None and asked.test != 0:
        parts["test"] = dataset.test
    elif len(rows.test):
        parts["test"] = dataset.rows(rows.test)
    return parts


def _lost_class(dataset: Dataset, task: Task, coding: Coding, rows: Split) -> str | None:
    """The first class without a row in the training set, or None."""
    if not task.one_class_each:
        return None
    classes = class_numbers(dataset, coding.names)
    lost = np.setdiff1d(classes, classes[rows.training])
    return coding.names[lost[0]] if lost.size else None


def _fraction(asked: float | None, option: str) -> float:
    return fraction(FRACTION if asked is None else asked, option)


def _fold(asked: SplitOptions) -> Fold | None:
    """The fold that is asked for. Raises ChoiceError if it is invalid, or if the validation set is another one."""
    if asked.fold is None:
        return None
    if option := first_given({"validation": asked.validation, "validation_data": asked.validation_data}):
        raise ChoiceError(f"--fold and {option}: the fold is the validation set; leave one out")
    fold = fold_in(asked.fold)
    if fold is None:
        raise ChoiceError(f"--fold takes a fold and the number of folds, such as 2/5, not '{asked.fold}'")
    return fold


def split_rows(
    dataset: Dataset, task: Task, coding: Coding, validation: float, test: float, seed: int, fold: Fold | None
) -> Split:
    """Row numbers of the parts, with each class spread evenly over them."""
    classes = class_numbers(dataset, coding.names) if task.one_class_each else None
    try:
        return split(len(dataset), validation, test, seed, classes, fold)
    except MlpError as problem:
        raise MlpError(f"{dataset.name}: {problem}") from None


def note_left_out(parts: Mapping[str, Samples], model: Model, notes: Notes) -> None:
    """Notes classes without a sample in some part."""
    if not model.task.one_class_each:
        return
    names, decided = model.coding.names, [decide(model.task, model.output_activation, p.y) for p in parts.values()]
    counts = np.array([np.bincount(classes, minlength=len(names)) for classes in decided])  # (parts, classes)
    left_out = np.flatnonzero(counts.any(axis=0) & ~counts.all(axis=0))
    for k in left_out[:MOST_LEFT_OUT]:
        total = counts[:, k].sum()
        lacking = " and ".join(part for part, count in zip(parts, counts[:, k], strict=True) if not count)
        notes.note(f"class '{names[k]}' has {total} sample{'s' * bool(total > 1)}, and none in {lacking}")
    if len(left_out) > MOST_LEFT_OUT:
        notes.note(f"{len(left_out) - MOST_LEFT_OUT} more classes have no sample in some part")


def note_filling(dataset: Dataset, notes: Notes) -> None:
    """Notes how many missing values are replaced, and by what."""
    if text := filling_note(missing_counts(dataset.x), columns_of(dataset.features, dataset.columns)):
        notes.note(f"{dataset.name}: {text}")


def validation_file(asked: SplitOptions, source: Source, dataset: Dataset, notes: Notes) -> Dataset | None:
    """The validation set from a file, with the columns of the data, found by their names where both have names."""
    if asked.validation_data is None:
        return None
    if asked.validation is not None:
        raise ChoiceError("--validation and --validation-data: leave one out")
    known = columns_of(dataset.features, dataset.columns)
    source = replace(source, known=known, known_targets=dataset.targets, known_weight=dataset.weight)
    source = replace(source, features=None, ignore=None, categories=None)
    return read_file(source, asked.validation_data, notes)


def prepared(dataset: Dataset, model: Model) -> Samples:
    """Samples as the network takes them."""
    preparation = model.preparation
    indices = column_indices(preparation.features, dataset.features, dataset.name, dataset.named)
    if indices != list(range(dataset.x.shape[1])):
        dataset = replace(dataset, x=dataset.x[:, indices], features=preparation.features)
    dataset = replace(dataset, x=filled(dataset.x, preparation))
    loss = model.objective.loss
    y = encode(dataset, model.task, model.coding, model.output_activation, loss, model.network.dtype)
    check_targets(model.objective, y)
    return Samples(dataset.x, y, preparation.scaling, unit_of(model.coding), dataset.weights)


def evaluated(samples: Samples, model: Model) -> Evaluation:
    """How well a network predicts these samples."""
    return evaluate_samples(model.network, model.objective, model.task, samples, model.coding.names)


def data_digest(dataset: Dataset, model: Model) -> str:
    """The digest of these data, with the test set that they bring along, whatever the weights of the samples."""
    sets = (replace(prepared(part, model), weights=None) for part in (dataset, dataset.test) if part is not None)
    return digest_of_samples(*sets)


def unit_of(coding: Coding) -> Array:
    """What one unit of an output is worth in the target's own unit."""
    return coding.scaling.scale if coding.scaling is not None else np.array(1.0)


def origin_of(
    source: Source, dataset: Dataset, asked: SplitOptions, seed: int, parts: Mapping[str, Dataset], model: Model
) -> Origin:
    """Which data these are and how they are split, so that `evaluate` finds the test set again."""
    own_test = dataset.test is not None
    return Origin(
        dataset=source.dataset,
        file=source.data,
        **{name: getattr(source, name) for name in READ_AS},
        targets=dataset.targets,
        validation=_fraction(asked.validation, "--validation")
        if "validation" in parts and not (asked.validation_data or asked.fold)
        else 0.0,
        fold=asked.fold,
        test=_fraction(asked.test, "--test") if "test" in parts and not own_test else 0.0,
        seed=seed,
        samples=len(dataset),
        digest=data_digest(dataset, model),
    )
