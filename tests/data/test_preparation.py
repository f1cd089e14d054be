"""Preparation: scaling as scikit-learn's, constants, missing cells, and columns by name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.preprocessing import StandardScaler

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Scaling
from mlpcli.data.categories import Column
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.preparation import (
    Preparation,
    filled,
    filling_note,
    learn_preparation,
    missing_counts,
    standardization,
    target_scaling,
)

NAN = np.nan


def dataset(x: object, dtype: type = np.float64) -> Dataset:
    array = np.array(x, dtype)
    return Dataset("d.csv", array, np.zeros((len(array), 1)), numbered(array.shape[1]), ("y",))


def scaled(scaling: Scaling, x: Array) -> Array:
    return scaling.apply(x, np.empty(x.shape))


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
def test_standardisation_is_that_of_scikit_learn(load: object) -> None:
    x = load().data  # type: ignore[operator]
    np.testing.assert_allclose(scaled(standardization(x), x), StandardScaler().fit_transform(x), rtol=0, atol=1e-12)


@given(x=arrays(np.float64, (7, 2), elements=st.integers(-1000, 1000).map(lambda k: k / 8)))
def test_standardisation_of_any_table_is_that_of_scikit_learn(x: Array) -> None:
    np.testing.assert_allclose(scaled(standardization(x), x), StandardScaler().fit_transform(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, float(np.float32(0.1)), 1e8, -1 / 3, 1e-30, 5e-324, 1e100])
@pytest.mark.parametrize("n", [1, 3, 10, 1000])
def test_a_constant_column_is_centred_and_not_blown_up(value: float, n: int) -> None:
    """The mean of n equal numbers is often off by a rounding error; dividing by it would make a feature of noise."""
    found = scaled(standardization(np.full((n, 1), value)), np.full((n, 1), value))
    assert np.abs(found).max() <= 1e-12 * max(1, abs(value))


def test_a_constant_column_stays_small_on_new_data() -> None:
    scaling = standardization(np.full((10, 1), float(np.float32(0.1))))
    assert abs(scaled(scaling, np.array([[1.1]]))[0, 0]) < 2


def test_a_nearly_constant_column_is_one_too() -> None:
    """0.1 in float32 and in float64 side by side is a difference of 1.5e-9: that is data, 1e-17 is not."""
    x = np.array([[0.1], [np.nextafter(0.1, 1)]] * 5)
    assert np.abs(scaled(standardization(x), x)).max() < 1e-12
    x = np.array([[0.1], [float(np.float32(0.1))]] * 5)
    np.testing.assert_allclose(np.abs(scaled(standardization(x), x)), 1, rtol=1e-6)


@pytest.mark.parametrize("unit", [1e-19, 1e-25, 1e-30, 1e12, 1e30])
def test_the_unit_of_a_column_does_not_matter(unit: float) -> None:
    """Charges in coulomb are about 1e-19: small numbers, but no constant."""
    x = np.array([[1.0], [2.0], [4.0]])
    wanted = StandardScaler().fit_transform(x)
    np.testing.assert_allclose(scaled(standardization(x * unit), x * unit), wanted, rtol=1e-12)


@pytest.mark.parametrize("size", [1e160, 1e200, 1e308])
def test_huge_numbers_are_scaled_or_refused(size: float) -> None:
    """Squares of 1e160 overflow. All values as 0, or a RuntimeWarning, would be neither."""
    x = np.array([[size], [-size], [size / 2], [0.0]])
    try:
        preparation = learn_preparation(dataset(x))
    except MlpError:
        return
    np.testing.assert_allclose(scaled(preparation.scaling, x), StandardScaler().fit_transform(x / size), rtol=1e-9)


def test_bytes_of_images_are_divided_by_255() -> None:
    preparation = learn_preparation(dataset([[0, 51], [102, 255]], np.uint8))
    assert scaled(preparation.scaling, np.array([[0, 51], [102, 255]], np.uint8)).tolist() == [[0, 0.2], [0.4, 1]]
    assert preparation.fill is None


@pytest.mark.parametrize("dtype", [np.float64, np.uint8])
def test_scaling_can_be_left_out(dtype: type) -> None:
    found = learn_preparation(dataset([[1, 20], [3, 7]], dtype), standardize=False)
    assert scaled(found.scaling, np.array([[1, 20], [3, 7]], dtype)).tolist() == [[1, 20], [3, 7]]


GAPS = [[1.0, 10.0], [NAN, 20.0], [5.0, NAN], [3.0, 60.0]]


def test_missing_features_become_the_training_mean() -> None:
    training = dataset(GAPS)
    preparation = learn_preparation(training)
    assert preparation.fill is not None
    assert preparation.fill.tolist() == [3, 30]
    assert filled(training.x, preparation).tolist() == [[1, 10], [3, 20], [5, 30], [3, 60]]
    later = dataset([[NAN, NAN], [7, 8]])
    assert filled(later.x, preparation).tolist() == [[3, 30], [7, 8]]


def test_the_scaling_is_that_of_the_filled_table() -> None:
    by_hand = np.array([[1, 10], [3, 20], [5, 30], [3, 60.0]])
    found = learn_preparation(dataset(GAPS)).scaling
    np.testing.assert_allclose(scaled(found, by_hand), StandardScaler().fit_transform(by_hand), rtol=0, atol=1e-12)


@pytest.mark.parametrize("first", [1, NAN])  # a gap in the other column is no reason
def test_a_column_without_any_value_is_refused_by_name(first: float) -> None:
    with pytest.raises(
        MlpError, match=r"d\.csv: column 'x2' has no values in the training set; leave it out with --ignore x2$"
    ):
        learn_preparation(dataset([[first, NAN], [2, NAN]]))


def test_an_empty_column_behind_categories_is_refused_by_its_own_name() -> None:
    """Three features are those of the first column."""
    training = dataset([[1, 0, 0, 5, NAN], [0, 0, 1, 6, NAN]])
    columns = (Column("town", ("A", "B", "C")), Column("rooms"), Column("living area"))
    features = ("town=A", "town=B", "town=C", "rooms", "living area")
    training = Dataset("d.csv", training.x, training.y, features, ("y",), columns=columns)
    with pytest.raises(MlpError, match=r"column 'living area' has no values .* --ignore 'living area'$"):
        learn_preparation(training)


def test_a_missing_category_becomes_the_most_frequent_one_and_a_number_the_mean() -> None:
    """Of three towns, C occurs twice; of two sizes, two in three are large; the mean of 4, 5 and 9 is 6."""
    x = [[0, 0, 1, 1, 4], [NAN, NAN, NAN, 0, 5], [1, 0, 0, NAN, NAN], [0, 0, 1, 1, 9]]
    columns = (Column("town", ("A", "B", "C")), Column("size", ("small", "large")), Column("rooms"))
    features = ("town=A", "town=B", "town=C", "size=large", "rooms")
    training = Dataset("d.csv", np.array(x), np.zeros((4, 1)), features, ("y",), columns=columns)
    preparation = learn_preparation(training)
    assert filled(training.x, preparation)[1:3].tolist() == [[0, 0, 1, 0, 5], [1, 0, 0, 1, 6]]
    assert preparation.scaling.mean.tolist() == [0, 0, 0, 0, 6]


def test_the_note_on_missing_values_counts_those_of_a_column_once() -> None:
    """Three features are one column; what replaces its values is another thing than for numbers."""
    town, size, rooms = Column("town", ("A", "B", "C")), Column("size"), Column("rooms")
    words = "missing values become the {} of the training set: {}".format
    note = filling_note(np.array([2, 2, 2, 0, 7]), (town, size, rooms))
    assert note == words("mean or most frequent category", "2 in 'town', 7 in 'rooms'")
    assert filling_note(np.array([0, 1, 1, 1]), (size, town)) == words("most frequent category", "1 in 'town'")
    assert filling_note(np.array([0, 3, 0, 0, 0]), (rooms, size, town)) == words("mean", "3 in 'size'")
    assert filling_note(np.array([0, 0]), (size, rooms)) == ""


@pytest.mark.parametrize(("count", "more"), [(8, ""), (9, " and 1 more column"), (10, " and 2 more columns")])
def test_eight_columns_with_missing_values_are_named(count: int, more: str) -> None:
    note = filling_note(np.arange(1, count + 1), tuple(map(Column, numbered(count))))
    named = ", ".join(f"{k} in 'x{k}'" for k in range(1, 9))
    assert note == f"missing values become the mean of the training set: {named}{more}"


def test_filling_changes_nothing_that_is_whole() -> None:
    whole = dataset([[1, 2], [3, 4]])
    preparation = Preparation(("x1", "x2"), standardization(whole.x), np.array([9.0, 9.0]))
    assert filled(whole.x, preparation).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0, 1, [0.1, 0.5, 0.9]),  # eight tenths in the middle
        (-1, 1, [-0.8, 0, 0.8]),
        (-np.inf, np.inf, [-(1.5**0.5), 0, 1.5**0.5]),  # standardised: σ of 1, 2, 3 is √(2/3)
        (0, np.inf, [1.5**0.5 / 4, 1.25 * 1.5**0.5, 2.25 * 1.5**0.5]),  # an eighth of their spread above 0
        (-np.inf, 0, [-2.25 * 1.5**0.5, -1.25 * 1.5**0.5, -(1.5**0.5) / 4]),
        (-5, np.inf, [-(1.5**0.5), 0, 1.5**0.5]),  # they lie there already
    ],
)
def test_targets_are_brought_to_where_outputs_can_follow(low: float, high: float, wanted: list[float]) -> None:
    for unit, start in ((1, 0), (1e-200, 0), (1e156, -2e156)):
        y = np.array([[1.0], [2.0], [3.0]]) * unit + start
        scaling = target_scaling(y, low, high)
        np.testing.assert_allclose(scaled(scaling, y)[:, 0], wanted, atol=1e-12)


def test_a_constant_target_lies_in_the_middle_of_the_range() -> None:
    y = np.array([[7.0, 1.0], [7.0, 2.0]])
    assert scaled(target_scaling(y, 0, 1), y).tolist() == [[0.5, pytest.approx(0.1)], [0.5, pytest.approx(0.9)]]


def test_the_least_numbers_there_are_have_a_scale() -> None:
    x = np.array([[0.0]] * 99 + [[5e-324]])
    assert standardization(x).scale.tolist() == [5e-324]


def test_missing_values_are_counted_for_each_feature() -> None:
    """Bytes have none."""
    assert missing_counts(np.array([[1, np.nan, np.nan], [2, 3, np.nan]])).tolist() == [0, 1, 2]
    assert missing_counts(np.array([[0, 255]], np.uint8)).tolist() == [0, 0]


def test_lopsided_targets_fill_the_middle_of_the_range_too() -> None:
    y = np.array([[0.0], [0.0], [0.0], [10.0]])
    assert target_scaling(y, -1, 3).apply(y, np.empty_like(y))[:, 0].tolist() == pytest.approx([-0.6, -0.6, -0.6, 2.6])


def test_what_is_constant_keeps_its_unit() -> None:
    """It is only moved: to 0, or to the middle of the range of the output."""
    constant = np.full((3, 1), 7.0)
    assert [part.tolist() for part in (standardization(constant).mean, standardization(constant).scale)] == [[7], [1]]
    scaling = target_scaling(constant, -1, 3)
    assert scaling.scale.tolist() == [1]
    assert scaling.apply(constant, np.empty_like(constant)).tolist() == [[1]] * 3
