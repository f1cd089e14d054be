"""Columns: the part that each plays, which are words, and how a later file's are matched."""

from pathlib import Path
from typing import Any

import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data.categories import Column
from mlpcli.data.columns import column_indices
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.layout import Settings
from mlpcli.data.table import load_table

FLATS = "Id,size,rooms,town,price\n7,50,2,A,110\n3,80,3,B,165\n9,62,2,A,134\n"


def load(tmp_path: Path, content: str, **said: Any) -> Dataset:
    (tmp_path / "t.csv").write_text(content)
    return load_table(str(tmp_path / "t.csv"), Settings(**said))


def refusal(tmp_path: Path, content: str, **said: Any) -> str:
    with pytest.raises(MlpError) as caught:
        load(tmp_path, content, **said)
    return str(caught.value).removeprefix(f"{tmp_path}/")


# ----- Which columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "features", "target"),
    [
        ({}, ("Id", "size", "rooms", "town=B"), "price"),
        ({"ignore": ["Id"]}, ("size", "rooms", "town=B"), "price"),
        ({"ignore": ["1", "town"]}, ("size", "rooms"), "price"),
        ({"ignore": ["-1"]}, ("Id", "size", "rooms"), "town"),  # the last that is left is the target
        ({"ignore": ["-1"], "targets": ["size"]}, ("Id", "rooms", "town=B"), "size"),
        ({"features": ["rooms", "size"]}, ("size", "rooms"), "price"),
        ({"features": ["2"]}, ("size",), "price"),
        ({"features": ["size", "town"], "ignore": ["Id"], "targets": ["-1"]}, ("size", "town=B"), "price"),
    ],
    ids=str,
)
def test_columns_are_chosen_or_left_out_by_name_or_number(
    tmp_path: Path, said: dict[str, Any], features: tuple[str, ...], target: str
) -> None:
    dataset = load(tmp_path, FLATS, **said)
    assert (dataset.features, dataset.targets) == (features, (target,))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"ignore": ["nothing"]}, "unknown column 'nothing'"),
        ({"features": ["9"]}, "no column 9; the columns are 1 to 5"),
        ({"ignore": ["price"], "targets": ["price"]}, "column 'price' is both used and ignored; choose one"),
        ({"ignore": ["size"], "features": ["size"]}, "column 'size' is both used and ignored; choose one"),
        ({"features": ["price"]}, "column 'price' is a target; take it out of --features"),
        ({"features": ["size", "2"]}, "column 'size' is given twice in --features; give it once"),
        ({"ignore": ["1", "2", "3", "4"]}, "no column is left for features; the target takes 'price'; ignore fewer"),
        ({"ignore": ["1", "2", "3", "4", "5"]}, "no column is left for features; all are ignored; ignore fewer"),
        ({"targets": ["1", "2", "3", "5", "4"]}, "no column is left for features; the target takes 'Id'; add a column"),
        ({"targets": ["town", "size", "4"]}, "column 'town' is given twice as a target; give it once"),
        (
            {"weight": "1", "ignore": ["Id"]},
            "column 'Id' is the weight of the samples; take it out of the other options",
        ),
        ({"categories": ["price"]}, "column 5 ('price') is not a feature; take it out of --categories"),
    ],
    ids=str,
)
def test_columns_that_cannot_be_chosen_are_refused(tmp_path: Path, said: dict[str, Any], words: str) -> None:
    assert words in refusal(tmp_path, FLATS, **said)


def test_what_is_ignored_may_be_anything(tmp_path: Path) -> None:
    content = "a,junk,,y\n1,x,,2\n2,,7,3\n3,1e999,z,4\n"
    assert load(tmp_path, content, ignore=["junk", "3"]).x.tolist() == [[1], [2], [3]]
    assert load(tmp_path, content, features=["a"]).x.tolist() == [[1], [2], [3]]


# ----- A network's columns ------------------------------------------------------------------------------------------


KNOWN = (Column("size"), Column("town", ("A", "B")))


@pytest.mark.parametrize(
    "said",
    [
        {"features": ["town", "2"]},
        {"ignore": ["Id", "rooms", "gone"]},  # a later file may lack a column that is ignored
        {"categories": ["town"]},
        {"features": ["size", "town"], "ignore": ["1"], "categories": ["4"]},
    ],
    ids=str,
)
def test_what_is_said_of_a_network_s_columns_may_be_said_again(tmp_path: Path, said: dict[str, Any]) -> None:
    dataset = load(tmp_path, FLATS, known=KNOWN, targets=["price"], **said)
    assert dataset.x.tolist() == [[50, 0], [80, 1], [62, 0]]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            {"features": ["size", "rooms"]},
            "t.csv: --features names other columns than the network takes (size, town); leave it out",
        ),
        ({"features": ["size"]}, "--features names other columns than the network takes (size, town)"),
        ({"ignore": ["town"]}, "t.csv: the network takes column 'town'; take it out of --ignore"),
        ({"ignore": ["2"]}, "the network takes column '2'; take it out of --ignore"),
        ({"categories": ["size"]}, "t.csv: the network takes column 'size' as numbers; leave out --categories"),
        ({"categories": ["rooms"]}, "t.csv: the network does not take column 'rooms'; leave out --categories"),
        ({"categories": ["nothing"]}, "unknown column 'nothing'"),
    ],
    ids=str,
)
def test_other_columns_than_a_network_takes_are_refused(tmp_path: Path, said: dict[str, Any], words: str) -> None:
    assert words in refusal(tmp_path, FLATS, known=KNOWN, targets=["price"], **said)


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (("a", "b", "c"), [0, 1, 2]),
        (("c", "a", "b"), [1, 2, 0]),
        (("extra", "b", "y", "c", "a"), [4, 1, 3]),
    ],
)
def test_columns_are_found_by_name(names: tuple[str, ...], places: list[int]) -> None:
    assert column_indices(("a", "b", "c"), names, "new.csv", named=True) == places


def test_columns_without_names_are_taken_in_order() -> None:
    assert column_indices(("a", "b", "c"), ("x1", "x2", "x3"), "new.csv", named=False) == [0, 1, 2]


def test_a_network_whose_features_were_only_counted_takes_any_names_in_order() -> None:
    assert column_indices(numbered(3), ("c", "a", "b"), "new.csv", named=True) == [0, 1, 2]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MlpError, match=r"new\.csv: no column 'b'; the network takes a, b, c$"):
        column_indices(("a", "b", "c"), ("a", "c", "d"), "new.csv", named=True)


@pytest.mark.parametrize(("count", "more"), [(8, ""), (9, " and 1 more"), (100, " and 92 more")])
def test_a_missing_column_among_many_is_named_with_eight_others(count: int, more: str) -> None:
    named = f"no column 'x1'; the network takes x1, x2, x3, x4, x5, x6, x7, x8{more}"
    with pytest.raises(MlpError, match=rf"^new\.csv: {named}$"):
        column_indices(numbered(count), ("a",), "new.csv", named=True)


@pytest.mark.parametrize(("count", "listed"), [(8, "a, b, c, d, e, f, g, h"), (9, "a, b, c, d, e, f, g, h, …")])
def test_eight_columns_that_a_network_takes_are_listed(tmp_path: Path, count: int, listed: str) -> None:
    names = "abcdefghi"[:count]
    content = f"{','.join(names)},y\n" + f"{','.join('1' * count)},2\n" * 2
    words = f"t.csv: --features names other columns than the network takes ({listed}); leave it out"
    assert refusal(tmp_path, content, features=["a"], known=tuple(map(Column, names)), targets=["y"]) == words


def test_known_targets_and_weights_are_found_by_their_names_if_the_features_are(tmp_path: Path) -> None:
    known: dict[str, Any] = {"known": (Column("size"),), "known_targets": ("price",), "known_weight": "rooms"}
    dataset = load(tmp_path, FLATS, **known, targets=["Id"], weight="Id")
    assert (dataset.targets, dataset.y[:, 0].tolist(), dataset.weight) == (("price",), [110, 165, 134], "rooms")
    words = "t.csv: no column 'rooms', a target or the weight of the training data; rename the one that is meant"
    assert refusal(tmp_path, FLATS.replace("rooms", "beds"), **known) == words
    without = "\n".join(FLATS.splitlines()[1:])  # the weight is then where it is said to be, and so is the target
    found = load(
        tmp_path,
        without,
        **{**known, "known": (Column("x2"),)},
        header=False,
        targets=["5"],
        weight="3",
        ignore=["1", "4"],
    )
    assert (found.y[:, 0].tolist(), found.weights.tolist()) == ([110, 165, 134], [2, 3, 2])


def test_a_file_with_all_features_and_nothing_else_lacks_the_target(tmp_path: Path) -> None:
    known: dict[str, Any] = {"known": (Column("size"), Column("rooms")), "known_targets": ("price",)}
    words = "t.csv: no column 'price', a target or the weight of the training data; rename the one that is meant"
    assert refusal(tmp_path, "size,rooms\n50,2\n80,3\n", **known) == words


def test_a_feature_that_a_file_lacks_is_told_with_the_file(tmp_path: Path) -> None:
    message = refusal(tmp_path, FLATS, known=(Column("area"),), targets=["price"])
    assert message == "t.csv: no column 'area'; the network takes area"


def test_known_targets_need_no_name_where_features_are_taken_in_order(tmp_path: Path) -> None:
    known: dict[str, Any] = {"known": (Column("x1"), Column("x2")), "known_targets": ("price",)}
    dataset = load(tmp_path, "a,b,z\n1,2,5\n3,4,6\n", **known, targets=["z"])
    assert (dataset.x.tolist(), dataset.y.tolist()) == ([[1, 2], [3, 4]], [[5], [6]])


@pytest.mark.parametrize(("names", "hint"), [(("c", "d"), "; is line 1 data?"), (("a", "c", "d"), "")])
def test_the_header_is_doubted_if_there_are_as_many_columns_as_features(names: tuple[str, ...], hint: str) -> None:
    with pytest.raises(MlpError) as caught:
        column_indices(("a", "b"), names, "new.csv", True, "; is line 1 data?")
    assert str(caught.value).endswith(f"the network takes a, b{hint}")


def test_without_names_features_are_the_columns_beside_target_and_weight(tmp_path: Path) -> None:
    known = (Column("x1"), Column("x2"))
    dataset = load(tmp_path, "7,1,2,5\n8,3,4,6\n", known=known, header=False, targets=["4"], weight="1")
    assert (dataset.x.tolist(), dataset.y.tolist(), [*dataset.weights]) == ([[1, 2], [3, 4]], [[5], [6]], [7, 8])


@pytest.mark.parametrize(
    ("texts", "numbers", "categorical"), [(20, 30, False), (21, 30, True), (3, 3, False), (4, 3, True)]
)
def test_texts_are_categories_if_they_are_most_or_more_than_20(
    tmp_path: Path, texts: int, numbers: int, categorical: bool
) -> None:
    cells = [*(f"t{k}" for k in range(texts)), *map(str, range(numbers))] * 2
    content = "a,y\n" + "".join(f"{cell},{k % 2}\n" for k, cell in enumerate(cells))
    if categorical:
        assert len(load(tmp_path, content).features) == texts + numbers
    else:
        assert "column 1 ('a'): 't0' is not a finite number" in refusal(tmp_path, content)


@pytest.mark.parametrize("count", [2, 4])
def test_another_number_of_columns_without_names_is_refused(count: int) -> None:
    with pytest.raises(MlpError, match=rf"new\.csv: {count} columns, but the network takes 3 features"):
        column_indices(("a", "b", "c"), numbered(count), "new.csv", named=False)


@pytest.mark.parametrize(
    ("features", "names", "named", "places"),
    [
        (("a", "b"), ("b", "c", "a"), True, [2, 0]),
        (("a", "b"), ("x1", "x2"), False, [0, 1]),  # no header
        (("x1", "x2"), ("p", "q"), True, [0, 1]),  # a network without names
        (("x1", "x2"), ("x2", "x1"), True, [1, 0]),  # or one whose features are really called so
        (("x1", "x2"), ("x2", "y", "x1"), True, [2, 0]),
    ],
)
def test_columns_are_found_by_name_before_by_order(
    features: tuple[str, ...], names: tuple[str, ...], named: bool, places: list[int]
) -> None:
    assert column_indices(features, names, "d.csv", named) == places
