"""The data of training, found again by what a weights file remembers; and other data, read as they were."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from mlpcli.cli import remembered as module
from mlpcli.cli.remembered import (
    Changed,
    known_columns,
    parts_of_training,
    remembered_data,
    remembered_part,
    remembered_source,
)
from mlpcli.cli.sources import Source
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.samples import unscaled
from mlpcli.core.tasks import TASKS
from mlpcli.data.dataset import Dataset
from mlpcli.data.layout import NoColumn
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.files.model import Origin

NUMBERS = Dataset("d.csv", np.arange(10.0)[:, None], np.arange(10.0)[:, None], ("a",), ("y",))


def origin(**changes: Any) -> Origin:
    """Ten rows of a file; two are for the test, and two of the others for validation."""
    known: dict[str, Any] = {"dataset": None, "file": "d.csv", "targets": ("y",), "validation": 0.25, "test": 0.2}
    return Origin(**{**known, "seed": 1, "samples": 10, "digest": "same", **changes})


def trained(found: Origin | None, fills: str | None = None, features: tuple[str, ...] = ("a",)) -> Any:
    return Mock(
        origin=found,
        fill_rule=fills,
        preparation=Preparation(features, unscaled()),
        task=TASKS["regression"],
        coding=Coding(("y",)),
    )


@pytest.fixture(autouse=True)
def digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "data_digest", lambda dataset, model: "same" if dataset.name == "d.csv" else "other")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a folder above it."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, "the weights file does not say which data it was trained on"),
        (origin(file=None), "the weights file does not say which data it was trained on"),
        (origin(file="-"), "the network was trained on standard input, which cannot be reread"),
        (origin(file="../d.csv"), "the network was trained on ../d.csv, outside this folder; add --data ../d.csv "),
        (origin(dataset="mnist", file=None, data_dir="/nowhere"), "mnist was read in training from /nowhere, outside"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_data_that_cannot_be_found_again_are_to_be_named(found: Origin | None, words: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        remembered_source(Source(), trained(found))
    assert str(caught.value).startswith(words)


@pytest.mark.usefixtures("folder")
def test_the_data_of_training_are_read_as_they_were_and_nothing_is_fetched() -> None:
    found = origin(header=False, delimiter=";", missing="drop", sample_weight="w")
    source, own = remembered_source(Source(decimal=","), trained(found, "mean"))
    assert own
    assert (source.data, source.fetches, source.target, source.header) == ("d.csv", False, "y", False)
    assert (source.delimiter, source.decimal, source.missing, source.sample_weight) == (";", ",", "drop", "w")
    assert remembered_source(Source(), trained(origin(), "mean"))[0].missing == "mean"


@pytest.mark.parametrize("named", [Source(data="other.csv"), Source(dataset="iris")])
@pytest.mark.usefixtures("folder")
def test_other_data_have_a_form_of_their_own(named: Source) -> None:
    found = origin(header=False, delimiter=";", missing="drop", sample_weight="w")
    source, own = remembered_source(named, trained(found, "mean"))
    assert not own
    assert source.fetches
    assert (source.header, source.delimiter, source.sample_weight) == (None, None, None)
    if named.data:
        assert (source.target, source.missing) == ("y", "mean")


def test_the_same_file_by_another_path_is_that_of_training(folder: Path) -> None:
    (folder / "d.csv").write_text("a,y\n1,2\n")
    (folder / "link.csv").symlink_to("d.csv")
    for path, same in (("./d.csv", True), (str(folder / "d.csv"), True), ("link.csv", True), ("e.csv", False)):
        assert remembered_source(Source(data=path), trained(origin()))[1] is same
    assert remembered_source(Source(data="d.csv"), trained(None))[1] is False
    assert remembered_source(Source(data="d.csv"), trained(origin(dataset="iris", file=None)))[1] is False


def test_a_folder_of_images_that_a_file_names_is_read_only_inside_the_current_one(folder: Path) -> None:
    """With `../images` the user names it: this is read."""
    (folder / "images").mkdir()
    for given, remembered, used in (
        (None, "images", "images"),
        (None, "../images", None),
        ("../images", "images", "../images"),
        ("../images", "../images", "../images"),
    ):
        found = origin(dataset="mnist", file=None, data_dir=remembered)
        assert remembered_source(Source(dataset="mnist", data_dir=given), trained(found))[0].data_dir == used


def test_a_folder_of_images_that_the_user_names_is_read() -> None:
    found = origin(dataset="mnist", file=None, data_dir="/nowhere")
    assert remembered_source(Source(data_dir="/images"), trained(found))[0].data_dir == "/images"


@pytest.mark.parametrize(
    ("source", "found", "dataset", "part", "samples", "what"),
    [
        (Source(data="d.csv"), origin(), NUMBERS, None, 2, "d.csv, test set"),
        (Source(data="d.csv"), origin(), NUMBERS, "training", 6, "d.csv, training set"),
        (Source(data="-"), origin(), NUMBERS, None, 2, "d.csv, test set"),  # its rows are those of training
        (Source(data="e.csv"), origin(), replace(NUMBERS, name="e.csv"), None, 10, "e.csv, all samples"),
        (Source(dataset="cars"), None, replace(NUMBERS, name="cars"), None, 10, "cars, all samples"),
    ],
)
def test_the_data_of_training_are_their_test_set_and_other_data_all_rows(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    source: Source,
    found: Origin | None,
    dataset: Dataset,
    part: str | None,
    samples: int,
    what: str,
) -> None:
    (folder / "d.csv").write_text("")
    monkeypatch.setattr(module, "read", lambda source, notes: dataset)
    notes = Mock()
    data, named = remembered_data(source, trained(found), part, notes)
    assert (len(data), named) == (samples, what)
    assert not notes.method_calls


@pytest.mark.parametrize(
    ("source", "part", "used"),
    [(Source(data="d.csv"), None, True), (Source(data="d.csv"), "test", False), (Source(), None, False)],
)
def test_data_that_have_changed_are_used_whole_if_the_user_names_them(
    monkeypatch: pytest.MonkeyPatch, folder: Path, source: Source, part: str | None, used: bool
) -> None:
    (folder / "d.csv").write_text("")
    monkeypatch.setattr(module, "read", lambda source, notes: NUMBERS)
    model, notes = trained(origin(digest="third")), Mock()
    if used:
        assert remembered_data(source, model, part, notes) == (NUMBERS, "d.csv, all samples")
        notes.warn.assert_called_once_with("d.csv has changed since training, so all its rows are used")
    else:
        with pytest.raises(Changed):
            remembered_data(source, model, part, notes)


@pytest.mark.parametrize(
    ("source", "advised"),
    [
        (Source(data="e.csv"), True),
        (Source(data="e.csv", sample_weight="w"), True),
        (Source(data="e.csv", target="y"), False),
        (Source(data="e.csv", sample_weight="y"), False),
    ],
)
def test_data_without_the_target_of_training_are_told_of_mlp_forward(
    monkeypatch: pytest.MonkeyPatch, source: Source, advised: bool
) -> None:
    def lacking(source: Source, notes: object) -> None:
        raise NoColumn("e.csv", "y", ["a"], "")

    monkeypatch.setattr(module, "read", lacking)
    with pytest.raises(MlpError) as caught:
        remembered_data(source, trained(origin()), None, Mock())
    assert ("or predict without targets: mlp forward" in str(caught.value)) is advised


def test_a_problem_of_another_kind_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read", Mock(side_effect=MlpError("e.csv:3: no number")))
    with pytest.raises(MlpError, match=r"^e\.csv:3: no number$"):
        remembered_data(Source(data="e.csv"), trained(origin()), None, Mock())


def test_data_of_training_that_are_not_here_are_told(folder: Path) -> None:
    assert not (folder / "d.csv").exists()
    with pytest.raises(MlpError, match=r"^d\.csv: the data of the training run are not here .*; give --data$"):
        remembered_data(Source(), trained(origin()), None, Mock())


def test_gaps_that_are_filled_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    gap = replace(NUMBERS, x=np.where(NUMBERS.x == 3, np.nan, NUMBERS.x), name="e.csv")
    monkeypatch.setattr(module, "read", lambda source, notes: gap)
    notes = Mock()
    remembered_data(Source(data="e.csv"), trained(origin()), None, notes)
    (noted,) = notes.note.call_args.args
    assert noted.startswith("e.csv: ")
    assert noted.endswith("1 in 'a'")


@pytest.mark.parametrize(
    ("found", "features", "known"),
    [(None, ("x1", "x2"), False), (None, ("a", "x2"), True), (origin(), ("x1", "x2"), True)],
)
def test_a_network_that_has_seen_no_data_has_no_columns(
    found: Origin | None, features: tuple[str, ...], known: bool
) -> None:
    columns = known_columns(trained(found, features=features))
    assert (None if columns is None else [column.name for column in columns]) == ([*features] if known else None)


def test_parts_are_those_of_training() -> None:
    """Of ten rows two are for the test, and a quarter of the other eight for validation."""
    model = trained(origin())
    parts = {part: remembered_part(NUMBERS, model, part, own=True) for part in ("training", "validation", "test")}
    assert {part: len(dataset) for part, (dataset, _) in parts.items()} == {"training": 6, "validation": 2, "test": 2}
    assert {name for _, name in parts.values()} == {"training set", "validation set", "test set"}
    rows = sorted(value for dataset, _ in parts.values() for value in dataset.x[:, 0])
    assert rows == [*range(10)]
    assert remembered_part(NUMBERS, model, "all", own=False) == (NUMBERS, "all samples")
    assert {part: len(dataset) for part, dataset in parts_of_training(NUMBERS, model).items()} == {
        "training": 6,
        "validation": 2,
        "test": 2,
    }
    uneven = trained(origin(test=0.5, validation=0.2))  # five rows, and one of the other five
    assert {part: len(found) for part, found in parts_of_training(NUMBERS, uneven).items()} == {
        "training": 4,
        "validation": 1,
        "test": 5,
    }
    folded = trained(origin(fold="1/4", validation=0.0))
    assert len(remembered_part(NUMBERS, folded, "validation", own=True)[0]) == 2
    with_test = replace(NUMBERS, test=NUMBERS)
    assert remembered_part(with_test, model, "test", own=True) == (NUMBERS, "test set")


def test_parts_that_training_did_not_have_are_refused() -> None:
    whole = trained(origin(validation=0.0, test=0.0))
    with pytest.raises(ChoiceError, match=r"^training left no test set; use --part all or --part training$"):
        remembered_part(NUMBERS, whole, "test", own=True)
    assert [*parts_of_training(NUMBERS, whole)] == ["training"]
    for model, own in ((whole, False), (trained(None), True)):
        with pytest.raises(ChoiceError, match=r"^--part test is a part of the training data; for other data leave it"):
            remembered_part(NUMBERS, model, "test", own)


@pytest.mark.parametrize(
    ("changes", "dataset", "words"),
    [
        ({"samples": 9}, NUMBERS, "has 10 samples, in training it had 9: .*; give --data d.csv "),
        ({}, replace(NUMBERS, name="e.csv"), "has other rows than in training, or in another order: .* --data d.csv "),
        ({"dataset": "cars", "file": None}, replace(NUMBERS, name="cars"), "has other rows .*; give --dataset cars "),
        ({"digest": None}, replace(NUMBERS, name="e.csv"), ""),
    ],
)
def test_data_that_have_changed_cannot_be_split_as_in_training(
    changes: dict[str, Any], dataset: Dataset, words: str
) -> None:
    """An old weights file knows only their number."""
    model = trained(origin(**changes))
    if words:
        with pytest.raises(Changed, match=f"^{dataset.name} {words}"):
            remembered_part(dataset, model, "test", own=True)
    else:
        assert len(remembered_part(dataset, model, "test", own=True)[0]) == 2


@pytest.mark.parametrize("found", [None, origin(digest=None), origin(samples=9), origin(digest="third")])
def test_other_data_have_no_parts(found: Origin | None) -> None:
    assert parts_of_training(NUMBERS, trained(found)) == {}
