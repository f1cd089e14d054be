"""The parts of the data: how training splits them, encodes them and remembers them, and how they are found again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from os.path import abspath, realpath
from pathlib import Path
from typing import Any

import numpy as np

from mlpcli.cli.notes import Notes
from mlpcli.cli.options.data import SplitOptions
from mlpcli.cli.options.groups import first_given
from mlpcli.cli.sources import Source, read, read_file
from mlpcli.cli.values import between, one_of
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.metrics import Evaluation
from mlpcli.core.objective import check_targets
from mlpcli.core.predicting import evaluate_samples
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import Task, decide
from mlpcli.data.categories import Column, columns_of
from mlpcli.data.columns import column_indices
from mlpcli.data.dataset import Dataset, Fold, Split, fold_in, numbered, split
from mlpcli.data.preparation import filled
from mlpcli.data.targets import Coding, class_numbers, encode
from mlpcli.data.text import STDIO
from mlpcli.files.digest import digest_of_samples
from mlpcli.files.model import Model, Origin

FRACTION = 0.2  # of the test set, and of the rest for validation, by default
FEW = 50  # samples, of which none are held out if a class would have none left
MOST_LEFT_OUT = 5  # at most so many classes without a sample in some part are named
PARTS = ("training", "validation", "test", "all")


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
    return between(FRACTION if asked is None else asked, option, 0, 1)


def _fold(asked: SplitOptions) -> Fold | None:
    """The fold that is asked for. Raises ChoiceError if it is none, or if the validation set is another one."""
    if asked.fold is None:
        return None
    if option := first_given({"validation": asked.validation, "validation_data": asked.validation_data}):
        raise ChoiceError(f"--fold and {option}: the fold is the validation set; leave one out")
    fold = fold_in(asked.fold)
    if fold is None:
        raise ChoiceError(f"--fold takes a fold and the number of folds, 2/5 for instance, not '{asked.fold}'")
    return fold


def split_rows(
    dataset: Dataset, task: Task, coding: Coding, validation: float, test: float, seed: int, fold: Fold | None = None
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


def validation_file(asked: SplitOptions, source: Source, dataset: Dataset, notes: Notes) -> Dataset | None:
    """The validation set from a file, with the same target columns."""
    if asked.validation_data is None:
        return None
    if asked.validation is not None:
        raise ChoiceError("--validation and --validation-data: leave one out")
    if source.dataset is not None:
        source = replace(source, target=",".join(dataset.targets))
    source = replace(source, known=columns_of(dataset.features, dataset.columns))
    return read_file(source, asked.validation_data, notes)


def prepared(dataset: Dataset, model: Model) -> Samples:
    """Samples as the network takes them."""
    preparation = model.preparation
    indices = column_indices(preparation.features, dataset.features, dataset.name, dataset.named)
    if indices != list(range(dataset.x.shape[1])):
        dataset = replace(dataset, x=dataset.x[:, indices], features=preparation.features)
    dataset = replace(dataset, x=filled(dataset.x, preparation))
    if dataset.x.dtype != np.uint8 and not np.isfinite(dataset.x).all():
        row, column = np.argwhere(~np.isfinite(dataset.x))[0]
        raise MlpError(f"{dataset.place(int(row))}: no '{preparation.features[column]}'; --missing drop leaves it out")
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


# ----- What a weights file remembers of its data


def origin_of(
    source: Source, dataset: Dataset, asked: SplitOptions, seed: int, parts: Mapping[str, Dataset], model: Model
) -> Origin:
    """Which data these are and how they are split, so that `evaluate` finds the test set again."""
    own_test = dataset.test is not None
    return Origin(
        dataset=source.dataset,
        file=source.data,
        header=source.header,
        delimiter=source.delimiter,
        decimal=source.decimal,
        sheet=source.sheet,
        query=source.query,
        missing=source.missing,
        sample_weight=source.sample_weight,
        data_dir=source.data_dir,
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


class Changed(MlpError):
    """The data have changed since training."""


def remembered_data(source: Source, model: Model, part: str | None, notes: Notes) -> tuple[Dataset, str]:
    """The samples that are asked for, and their name. By default the test set, or all of other data."""
    if part is not None:
        one_of(part, PARTS, "--part")
    named, targeted = source.dataset is not None or source.data is not None, source.target is not None
    source, own = remembered_source(source, model)
    if own and source.data is not None and source.data != STDIO and not Path(source.data).exists():
        where = "its path is relative to the folder of the training run"
        raise MlpError(f"{source.data}: the data of the training run are not here ({where}); give --data")
    try:
        dataset = read(source, notes)
    except MlpError as problem:
        from mlpcli.data.layout import NoColumn

        if targeted or not isinstance(problem, NoColumn) or problem.name == source.sample_weight:
            raise
        what = f"no target column '{problem.name}'; name it with --target, or predict without targets: mlp forward"
        raise MlpError(f"{problem.where}: {what}{problem.hint}") from None
    own = own or _is_of_training(dataset, model)
    try:
        dataset, what = remembered_part(dataset, model, part or ("test" if own else "all"), own)
    except Changed:
        if part is not None or not named:
            raise
        notes.warn(f"{dataset.name} has changed since training, so all its rows are used")
        what = "all samples"
    return dataset, f"{dataset.name}, {what}"


def _is_of_training(dataset: Dataset, model: Model) -> bool:
    """Whether data from another path, or from a pipe, are those of training, by their digest."""
    origin = model.origin
    if origin is None or origin.digest is None or len(dataset) != origin.samples:
        return False
    return data_digest(dataset, model) == origin.digest


def remembered_source(source: Source, model: Model) -> tuple[Source, bool]:
    """The data that are named, else those of training; and whether they are those of training.

    A weights file may come from anywhere: unless the user names them, nothing is fetched from the web, and nothing is
    read outside the current folder.
    """
    origin = model.origin
    if source.dataset is None and source.data is None:
        if origin is not None and origin.dataset is None and origin.file == STDIO:
            raise ChoiceError(
                "the network was trained on standard input, which cannot be reread; give --dataset or --data"
            )
        if origin is None or (origin.dataset is None and origin.file is None):
            raise ChoiceError("the weights file does not say which data it was trained on; give --dataset or --data")
        source = replace(source, dataset=origin.dataset, data=origin.file, fetches=False)
        _check_inside(source, origin)
    own = origin is not None and source.dataset == origin.dataset and _same_file(source.data, origin.file)
    known: dict[str, Any] = {"missing": fill_rule(model)}
    if origin is not None:
        known["target"] = ",".join(origin.targets)
    if origin is not None and own:
        known |= {name: getattr(origin, name) for name in ("header", "delimiter", "decimal", "sheet", "query")}
        known["missing"] = origin.missing or fill_rule(model)
        known["sample_weight"] = origin.sample_weight
        known["data_dir"] = origin.data_dir if _is_inside(origin.data_dir) else None
    return replace(source.completed(**known), known=known_columns(model)), own


def known_columns(model: Model) -> tuple[Column, ...] | None:
    """The columns that the network takes; None for a network that has seen no data."""
    features, columns = model.preparation.features, model.preparation.columns
    if model.origin is None and features == numbered(len(features)):
        return None
    return columns_of(features, columns)


def _check_inside(source: Source, origin: Origin) -> None:
    """Raises ChoiceError if the data that a weights file names are only outside the current folder."""
    if source.dataset is None and not _is_inside(source.data):
        raise ChoiceError(
            f"the network was trained on {source.data}, outside this folder; add --data {source.data} to read it"
        )
    away = source.data_dir is None and not _is_inside(origin.data_dir)
    if away and source.named is not None and source.named.where(None) is None:
        raise ChoiceError(
            f"{source.dataset} was read in training from {origin.data_dir}, outside this folder; "
            f"add --data-dir {origin.data_dir} to read it from there"
        )


def _is_inside(path: str | None) -> bool:
    """Whether a path leads into the current folder, if there is one."""
    return path is None or Path(abspath(path)).is_relative_to(Path.cwd())


def fill_rule(model: Model) -> str | None:
    """How the network fills missing features; None if it was trained without any."""
    trained = model.origin is None or model.origin.missing == "mean" or not model.preparation.columns
    return "mean" if model.preparation.fill is not None and trained else None


def _same_file(one: str | None, other: str | None) -> bool:
    return one == other or (one is not None and other is not None and realpath(one) == realpath(other))


def remembered_part(dataset: Dataset, model: Model, part: str, own: bool) -> tuple[Dataset, str]:
    """The part that is asked for, split as in training."""
    origin = model.origin
    if part == "all":
        return dataset, "all samples"
    if not own or origin is None:
        raise ChoiceError(f"--part {part} is a part of the training data; for other data leave it out")
    _check_unchanged(dataset, model, origin)
    if part == "test" and dataset.test is not None:
        return dataset.test, "test set"
    fold = fold_in(origin.fold) if origin.fold else None
    cut = split_rows(dataset, model.task, model.coding, origin.validation, origin.test, origin.seed, fold)
    rows = getattr(cut, part)
    if not len(rows):
        raise ChoiceError(f"training left no {part} set; use --part all or --part training")
    return dataset.rows(rows), f"{part} set"


def parts_of_training(dataset: Dataset, model: Model) -> dict[str, Dataset]:
    """The parts into which training split these data; nothing for other data."""
    parts = dict[str, Dataset]()
    if _is_of_training(dataset, model):
        for part in PARTS[:-1]:
            with suppress(ChoiceError):  # training left no such part
                parts[part], _ = remembered_part(dataset, model, part, own=True)
    return parts


def _check_unchanged(dataset: Dataset, model: Model, origin: Origin) -> None:
    """Raises Changed if these are not the samples of training, in their order. An old file knows only their number."""
    what = "has other rows than in training, or in another order"
    if len(dataset) != origin.samples:
        what = f"has {len(dataset)} samples, in training it had {origin.samples}"
    elif origin.digest in (None, data_digest(dataset, model)):
        return
    option = f"--data {origin.file}" if origin.dataset is None else f"--dataset {origin.dataset}"
    raise Changed(
        f"{dataset.name} {what}: it cannot be split as in training; give {option} (and no --part) to use all its rows"
    )
