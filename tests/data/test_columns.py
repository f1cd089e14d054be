"""Columns: the part that each plays, which are words, and how a later file's are matched."""

import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data.columns import column_indices
from mlpcli.data.dataset import numbered

# ----- Columns ------------------------------------------------------------------------------------------------------


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


def test_a_missing_column_among_many_is_named_without_listing_all() -> None:
    features = numbered(100)
    with pytest.raises(MlpError, match=r"no column 'x1'.* and 92 more"):
        column_indices(features, ("a",), "new.csv", named=True)


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
