"""The data of training, found again by what a weights file remembers of them; or other data, read as they were."""

from contextlib import suppress
from dataclasses import replace
from os.path import abspath, realpath
from pathlib import Path
from typing import Any

from mlpcli.cli.notes import Notes
from mlpcli.cli.parts import data_digest, note_filling, split_rows
from mlpcli.cli.sources import Source, read
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.data.categories import Column, columns_of
from mlpcli.data.dataset import Dataset, Split, fold_in, numbered
from mlpcli.data.rows import in_one_line
from mlpcli.data.text import STDIO
from mlpcli.files.model import READ_AS, Model, Origin


class Changed(MlpError):
    """The data have changed since training."""


def remembered_data(source: Source, model: Model, part: str | None, notes: Notes) -> tuple[Dataset, str]:
    """The samples that are asked for, and their name. By default the test set, or all of other data."""
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
    note_filling(dataset, notes)
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
    known: dict[str, Any] = {"missing": model.fill_rule}
    if origin is not None:
        known["target"] = in_one_line(origin.targets)
    if origin is not None and own:
        known |= {name: getattr(origin, name) for name in READ_AS}
        known["missing"] = origin.missing or model.fill_rule
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
        for part in Split._fields:
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
