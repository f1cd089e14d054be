"""Rows that the command line chooses, counted from 0, and what is said of others."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from cli_support import Run, strict_json

from mlpcli.cli.network_options import RandomNetworkOptions
from mlpcli.cli.networks import random_model
from mlpcli.cli.samples import (
    FIRST,
    AskedSamples,
    _check_as_many,
    _check_fit,
    _with_classes_of,
    targets_for,
    weighted_samples,
)
from mlpcli.cli.sources import Source
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.samples import Scaling
from mlpcli.data.dataset import Dataset
from mlpcli.data.targets import Coding
from mlpcli.files.model import Example, Model

NONE = "--rows takes a range such as 0:4 (rows 0 to 3) or a list such as 2,7, not "


def rows(row: int | None = None, many: str | None = None, otherwise: slice = slice(0, 1)) -> list[int]:
    """Of a data set with six rows."""
    dataset = Mock(__len__=lambda _: 6)
    dataset.name = "d.csv"
    found: list[int] = AskedSamples(None, None, row, many, Source()).row_numbers(dataset, otherwise).tolist()
    return found


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("0:4", [0, 1, 2, 3]),
        (":2", [0, 1]),
        ("4:", [4, 5]),
        (":", [*range(6)]),
        ("5", [5]),
        ("2,0,2", [2, 0, 2]),
        ("0:6", [*range(6)]),
    ],
)
def test_a_range_ends_before_its_end_and_a_list_is_taken_in_its_order(text: str, chosen: list[int]) -> None:
    assert rows(many=text) == chosen


@pytest.mark.parametrize(
    ("row", "many", "words"),
    [
        (6, None, "--row 6: d.csv has the rows 0 to 5"),
        (-1, None, "--row -1: d.csv has the rows 0 to 5"),
        (None, "0:7", "--rows 0:7: d.csv has the rows 0 to 5"),
        (None, "1,6", "--rows 1,6: d.csv has the rows 0 to 5"),
        (None, "3:999999999", "--rows 3:999999999: d.csv has the rows 0 to 5"),
        (None, "4:4", "--rows 4:4 selects no row; 0:4, for example, selects rows 0 to 3"),
        (None, "6:", "--rows 6: selects no row; 0:4, for example, selects rows 0 to 3"),
        (None, "-2:", f"{NONE}'-2:'"),
        (None, "0:4:2", f"{NONE}'0:4:2'"),
        (None, "1234567890", f"{NONE}'1234567890'"),
        (1, "0:2", "--row takes one row and --rows several; leave one out"),
    ],
)
def test_rows_that_are_not_there_are_told_with_those_that_are(row: int | None, many: str | None, words: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        rows(row, many)
    assert str(caught.value) == words


def test_without_a_choice_the_rows_are_those_that_the_command_takes() -> None:
    assert (rows(otherwise=FIRST), rows(otherwise=slice(None)), rows(5), rows(0)) == ([0], [*range(6)], [5], [0])


@pytest.mark.parametrize(
    ("asked", "are_rows", "are_single"),
    [
        (AskedSamples("1,2", None, None, None, Source()), False, True),
        (AskedSamples(None, "a", None, None, Source()), False, True),
        (AskedSamples(None, None, 0, None, Source()), True, True),
        (AskedSamples(None, None, None, "0:2", Source()), True, True),
        (AskedSamples(None, None, None, None, Source(data="d.csv")), True, False),
        (AskedSamples(None, None, None, None, Source()), False, False),
    ],
)
def test_a_data_set_is_rows_that_are_not_chosen_one_by_one(
    asked: AskedSamples, are_rows: bool, are_single: bool
) -> None:
    assert (asked.are_rows, asked.are_single) == (are_rows, are_single)


@pytest.mark.parametrize(
    ("x", "y", "words"), [(1, 2, "1 sample, but 2 targets; give one"), (3, 1, "3 samples, but 1 target; give one")]
)
def test_each_sample_has_a_target(x: int, y: int, words: str) -> None:
    _check_as_many(np.zeros((x, 1)), np.zeros((x, 1)))
    with pytest.raises(ChoiceError, match=words):
        _check_as_many(np.zeros((x, 1)), np.zeros((y, 1)))


@pytest.mark.parametrize(
    ("weights", "asked", "option"),
    [
        (None, AskedSamples(None, None, 2, None, Source()), "--row 2"),
        (None, AskedSamples(None, None, None, "0:4", Source()), "--rows 0:4"),
        ("w.json", AskedSamples(None, None, 2, None, Source()), ""),
        (None, AskedSamples(None, None, 2, None, Source(data="d.csv")), ""),
        (None, AskedSamples(None, None, 2, None, Source(dataset="iris")), ""),
        (None, AskedSamples("1,2", None, None, None, Source()), ""),
    ],
)
def test_rows_need_data_or_a_network_that_remembers_its_own(
    weights: str | None, asked: AskedSamples, option: str
) -> None:
    if not option:
        return asked.check(weights)
    with pytest.raises(ChoiceError, match=f"^{option} takes rows of data; give --dataset or --data, or the --weights"):
        asked.check(weights)


# ----- Samples that are typed, and those that come with the network ---------------------------------------------------


def network(layers: str = "2,3,2", last: str | None = None, names: Sequence[str] | None = None) -> Model:
    """A random network with its sample; its classes may have names."""
    model = random_model(RandomNetworkOptions(layers, None, last), layers, 1)
    return model if names is None else replace(model, coding=Coding(tuple(names)))


def samples(model: Model, x: str | None, y: str | None, source: Source = Source()) -> list[list[list[float]]]:  # noqa: B008
    found = weighted_samples(model, AskedSamples(x, y, None, None, source), Mock())
    assert found[2] is None
    return [found[0].tolist(), found[1].tolist()]


def test_what_is_not_typed_comes_with_the_network() -> None:
    model = network()
    assert model.example.x is not None
    assert model.example.y is not None
    own_x, own_y = model.example.x.tolist(), model.example.y.tolist()
    assert samples(model, None, None) == [own_x, own_y]
    assert samples(model, None, "0.25,0.75") == [own_x, [[0.25, 0.75]]]
    assert samples(model, "1,2;3,4", "1,0;0,1") == [[[1, 2], [3, 4]], [[1, 0], [0, 1]]]


@pytest.mark.parametrize(
    ("x", "y", "source", "words"),
    [
        ("1,2", None, Source(), "give the target with --y: numbers for the outputs, or a class by name"),
        ("1,2", "1,0;0,1", Source(), "1 sample, but 2 targets; give one target for each sample"),
        (None, "1,0;0,1", Source(), "1 sample, but 2 targets; give one target for each sample"),
        (None, "2,0", Source(), "--y: cce takes targets that are "),
        ("1,2", "1,0", Source(data="d.csv"), "--x gives a sample of its own; leave it out"),
    ],
)
def test_samples_and_targets_that_do_not_fit_are_refused(
    x: str | None, y: str | None, source: Source, words: str
) -> None:
    with pytest.raises(ChoiceError) as caught:
        samples(network(), x, y, source)
    assert str(caught.value).startswith(words)


def test_the_sample_of_a_network_is_checked_too() -> None:
    model = network()
    assert model.example.x is not None
    two = Example(np.vstack([model.example.x] * 2), model.example.y, 0.5)
    with pytest.raises(ChoiceError, match=r"^2 samples, but 1 target; give"):
        samples(replace(model, example=two), None, None)
    with pytest.raises(MlpError, match=r"^cce takes targets that are "):
        samples(replace(model, example=Example(model.example.x, np.array([[2.0, 0.0]]), 0.5)), None, None)
    with pytest.raises(ChoiceError, match=r"^the weights file has no sample; give --x and --y$"):
        samples(replace(model, example=Example(None, None, None)), None, "1,0")
    with pytest.raises(ChoiceError, match=r"^give the target with --y"):
        samples(replace(model, example=Example(model.example.x, None, None)), None, None)


@pytest.mark.parametrize(
    ("layers", "last", "names", "y", "targets"),
    [
        ("2,3,3", None, "abc", "c; a", [[0, 0, 1], [1, 0, 0]]),
        ("2,3,3", None, "abc", '"b"', [[0, 1, 0]]),
        ("2,3,2", None, ['"b"', "c"], '"b"', [[1, 0]]),
        ("2,3,3", None, "abc", "1e0,0,0e0", [[1, 0, 0]]),
        ("2,3,1", None, ["no", "yes"], "yes;no", [[1], [0]]),
        ("2,3,1", "tanh", ["no", "yes"], "yes;no", [[1], [-1]]),
        ("2,3,1", None, ["no", "yes"], "0.5", [[0.5]]),
    ],
)
def test_targets_are_classes_by_name_or_numbers(
    layers: str, last: str | None, names: Sequence[str], y: str, targets: list[list[float]]
) -> None:
    model = network(layers, last, names)
    if last == "tanh":
        model = replace(model, task=network("2,3,1").task)
    assert targets_for(model, "1,2", y).tolist() == targets


def test_targets_of_a_regression_are_scaled_as_in_training() -> None:
    """(9 − 5)/2 = 2 and (4 − 5)/2 = −0.5."""
    coding = Coding(("y",), Scaling(np.array([5.0]), np.array([2.0])))
    model = replace(network("2,3,1", "linear"), coding=coding)
    assert targets_for(model, "1,2", "9;4").tolist() == [[2.0], [-0.5]]


@pytest.mark.parametrize("y", ["b2", "x", "a;b2"])
def test_an_unknown_class_is_told_with_those_that_are_known(y: str) -> None:
    with pytest.raises(ChoiceError, match=rf"^unknown class '{y.split(';')[-1]}': .*a, b, c"):
        targets_for(network("2,3,3", None, "abc"), "1,2", y)


# ----- Rows of data for a random network ------------------------------------------------------------------------------


def flowers(classes: int, features: Sequence[str] = ("x1", "x2"), name: str = "kind") -> Dataset:
    """Thirty rows with these classes by turns."""
    y = np.array([[f"{name}{k % classes}"] for k in range(30)])
    return Dataset("d.csv", np.arange(30.0 * len(features)).reshape(30, -1), y, tuple(features), ("y",))


def measured(y: Sequence[Sequence[float]]) -> Dataset:
    """Rows with numbers as targets."""
    return Dataset(
        "d.csv", np.zeros((len(y), 3)), np.array(y), ("a", "b", "c"), tuple(f"y{j}" for j in range(len(y[0])))
    )


@pytest.mark.parametrize(
    ("dataset", "fitting"),
    [
        (flowers(3, "abc"), "--layers 3,3,3"),
        (flowers(2, "abc"), "--layers 3,3,1"),
        (measured([[k + 0.5] for k in range(30)]), "--layers 3,3,1 --output-activation linear"),
        (measured([[k % 2, k // 2 % 2] for k in range(30)]), "--layers 3,3,2 --output-activation sigmoid"),
    ],
)
def test_a_network_of_another_size_is_refused_with_one_that_fits(dataset: Dataset, fitting: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        _check_fit(dataset, dataset, network("2,3,2"))
    why = "d.csv has 3 features, the network 2 inputs"
    assert str(caught.value) == f"{why}; give the --weights of a network trained on these data, or {fitting}"


def test_a_network_whose_features_are_among_those_of_the_data_fits() -> None:
    model, dataset = network("2,3,2", None, ["kind0", "kind1"]), flowers(2, ("x1", "more", "x2"))
    _check_fit(dataset, dataset, model)
    _check_fit(flowers(2), flowers(2), model)
    with pytest.raises(ChoiceError, match=r"^d\.csv has 1 feature, the network 2 inputs; "):
        _check_fit(flowers(2, ("x1",)), flowers(2, ("x1",)), model)


def test_a_class_that_the_network_does_not_know_is_told_with_a_network_that_fits() -> None:
    dataset, model = flowers(3), network("2,3,2", None, ["kind0", "kind1"])
    _check_fit(dataset, dataset.rows(np.array([0, 1])), model)
    with pytest.raises(MlpError, match=r"does not know the class 'kind2'; .*, or --layers 2,3,3$"):
        _check_fit(dataset, dataset.rows(np.array([2])), model)
    _check_fit(dataset, dataset, network("2,3,2", "linear"))  # a regression


def test_the_classes_of_a_random_network_take_the_names_of_the_data() -> None:
    model = network("2,3,3")
    assert model.coding.names == ("0", "1", "2")
    assert _with_classes_of(flowers(3), model).coding.names == ("kind0", "kind1", "kind2")
    assert _with_classes_of(flowers(2), model) is model
    named = network("2,3,3", None, "abc")
    assert _with_classes_of(flowers(3), named) is named
    regression = network("2,3,3", "linear")
    assert _with_classes_of(flowers(3), regression) is regression


def test_a_trace_of_data_that_a_random_network_does_not_fit_names_one_that_fits(mlp: Run) -> None:
    """Of all rows of the data, whichever is asked for: Iris has four features and three classes."""
    done = mlp("backprop-trace", "--layers", "2,3,2", "--dataset", "iris", "--row", 0)
    why = "iris has 4 features, the network 2 inputs; give the --weights of a network trained on these data"
    assert (done.code, done.out, done.err) == (2, "", f"mlp: error: {why}, or --layers 4,3,3\n")
    fits = mlp("backprop-trace", "--layers", "4,3,3", "--dataset", "iris", "--row", 0, "-f", "json")
    assert strict_json(fits.out)["steps"][0]["y"] == [[1, 0, 0]]


def test_gaps_of_the_rows_of_a_trace_are_noted(mlp: Run, tmp_path: Path) -> None:
    rows = "".join(f"{'' if k == 3 else k},{'uv'[k % 2]}\n" for k in range(20))
    (tmp_path / "d.csv").write_text("a,y\n" + rows)
    assert mlp("train", "--data", "d.csv", "--missing", "mean", "--epochs", 1, "-q").code == 0
    notes = {row: mlp("backprop-trace", "-w", "w.json", "--row", row).err for row in (3, 4)}
    assert notes[3].endswith("1 in 'a'\n")
    assert notes[4] == ""
