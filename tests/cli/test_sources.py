"""Which data the command line names, and which options these take."""

from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from mlpcli.cli import sources
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import DataOptions, ReadingOptions
from mlpcli.cli.sources import Source, read, read_file, source_of
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.data import readers
from mlpcli.data.dataset import Dataset


@pytest.mark.parametrize(
    ("source", "validation", "words"),
    [
        (Source(data="d.csv", header=True, delimiter=";", unknown="zero"), None, ""),
        (Source(dataset="iris", data_dir="."), None, ""),
        (Source(dataset="iris", header=True), "v.csv", ""),
        (Source(dataset="iris", target="y"), "v.csv", "--target belongs to "),
        (Source(data="d.csv", header=True), "v.npz", ""),
        (Source(dataset="iris", header=False), None, "--header belongs to "),
        (Source(data="d.csv", data_dir="."), None, "--data-dir belongs to named data sets; d.csv "),
        (Source(dataset="iris", unknown="zero"), None, "--unknown belongs to "),
        (Source(data="d.csv", decimal=","), None, ""),
        (Source(data="d.csv", decimal=":" * 30), None, "--decimal takes a point or a comma, not ':::::::::::::::::::"),
    ],
)
def test_data_take_their_own_options_and_those_of_the_validation_file(
    source: Source, validation: str | None, words: str
) -> None:
    if not words:
        return source.check(validation)
    with pytest.raises(ChoiceError) as caught:
        source.check(validation)
    assert str(caught.value).startswith(words)
    assert "named data sets" not in str(caught.value) or "data-dir" in words
    assert source.dataset is None or str(caught.value).endswith("; iris is a named data set")


def test_what_is_known_completes_only_what_is_not_given_and_taken() -> None:
    known: dict[str, Any] = {"target": "y", "header": True, "data_dir": "."}
    of_file = Source(data="d.csv", target="z").completed(**known)
    assert of_file == Source(data="d.csv", target="z", header=True)
    assert Source(dataset="iris").completed(**known) == Source(dataset="iris", data_dir=".")


@pytest.mark.parametrize(
    ("delimiter", "character"),
    [(None, None), (";", ";"), ("tab", "\t"), ("\\t", "\t"), (" ", " ")],
)
def test_a_delimiter_is_one_character_or_tab(delimiter: str | None, character: str | None) -> None:
    assert Source(delimiter=delimiter).separator == character


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n", "\r", "x" * 30])
def test_other_delimiters_are_refused(delimiter: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        _ = Source(delimiter=delimiter).separator
    assert str(caught.value) == f"--delimiter takes one character, or tab, not {delimiter[:20]!r}"


def test_columns_are_named_with_commas_between_them() -> None:
    settings = Source(target='a,"b,c"', ignore="d", categories="e,f", unknown="zero", known_targets=("g",)).settings
    assert settings.targets == ["a", "b,c"]
    assert (settings.ignore, settings.categories, settings.features) == (["d"], ["e", "f"], None)
    assert (settings.others, settings.known_targets) == (True, ("g",))
    bare = Source(unknown="error").settings
    assert (bare.targets, bare.ignore, bare.categories, bare.known_targets, bare.others) == (None, (), (), (), False)


def test_the_column_of_weights_is_a_single_one() -> None:
    data = DataOptions(data="d.csv", sample_weight='"a,b"')
    assert source_of(data, ReadingOptions(missing="mean")) == Source(data="d.csv", sample_weight="a,b", missing="mean")
    assert source_of(DataOptions(dataset="iris"), ReadingOptions()) == Source(dataset="iris")


@pytest.mark.parametrize("source", [Source(), Source(dataset="iris", data="d.csv")])
def test_data_are_either_a_named_set_or_a_file(source: Source) -> None:
    with pytest.raises(ChoiceError, match=r"^give either --dataset NAME \(mlp datasets lists them\) or --data FILE$"):
        read(source, Notes(quiet=True))


@pytest.mark.parametrize(
    ("options", "source", "noted"),
    [
        ({"target"}, Source(), True),
        ({"target"}, Source(target="b"), False),
        ({"target"}, Source(known_targets=("b",)), False),
        ({"target"}, Source(known_targets=("a",)), True),
        (set(), Source(), False),
    ],
)
def test_a_guess_of_the_target_is_noted(
    monkeypatch: pytest.MonkeyPatch, options: set[str], source: Source, noted: bool
) -> None:
    found = Dataset("d.csv", np.zeros((2, 1)), np.zeros((2, 1)), ("a",), ("b",), notes=("a note",))
    monkeypatch.setattr(readers, "data_reader", lambda path: Mock(options=options, load=lambda path, settings: found))
    said = list[str]()
    assert read_file(source, "d.csv", Mock(note=said.append)) is found
    guess = ["no --target: the last column, 'b', is the target"]
    assert said == [*guess * noted, "d.csv: a note"]


def test_what_was_decided_is_noted_before_the_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = MlpError("d.csv:3: no number")
    problem.add_note("columns are separated by ;")
    reader = Mock(load=Mock(side_effect=problem))
    monkeypatch.setattr(readers, "data_reader", lambda path: reader)
    said = list[str]()
    with pytest.raises(MlpError, match="no number"):
        read_file(Source(), "d.csv", Mock(note=said.append))
    assert said == ["d.csv: columns are separated by ;"]


def test_nothing_is_fetched_unless_the_user_names_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a folder that only a weights file names a mistake of the user."""
    from mlpcli.data import named

    monkeypatch.setattr(named, "load_named", lambda data, folder, web: (folder, web is not None))
    quiet = Notes(quiet=True)
    assert read(Source(dataset="iris"), quiet) == (None, True)
    assert read(Source(dataset="iris", fetches=False), quiet) == (None, False)
    assert read(Source(dataset="mnist", data_dir="nowhere", fetches=False), quiet) == ("nowhere", False)
    with pytest.raises(MlpError, match=r"^nowhere: no such folder; correct --data-dir$"):
        read(Source(dataset="mnist", data_dir="nowhere"), quiet)


@pytest.mark.parametrize(
    ("quiet", "terminal", "shown"), [(False, True, True), (True, True, False), (False, False, False)]
)
def test_a_download_is_shown_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, quiet: bool, terminal: bool, shown: bool
) -> None:
    monkeypatch.setattr("sys.stderr", stream := Mock(isatty=lambda: terminal))
    watch = sources.download_bar(Notes(quiet))
    assert (watch is not None) is shown
    if watch is not None:
        watch(1, 2)
        assert stream.flush.called
