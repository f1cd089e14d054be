"""Targets: the task they call for, and their way to outputs and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Scaling
from mlpcli.core.tasks import TASKS, decide
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.targets import Coding, class_name, class_numbers, encode, guess_task, learn_coding


def dataset(y: object, classes: tuple[str, ...] | None = None) -> Dataset:
    """Targets around which the features do not matter. A flat list is one column."""
    array = np.array(y)
    array = array[:, None] if array.ndim == 1 else array
    return Dataset("d.csv", np.zeros((len(array), 1)), array, ("x1",), numbered(array.shape[1], "y"), classes)


GUESSES = {
    "two words": (["a", "b", "a"], None, "binary"),
    "three words": (["a", "b", "c"], None, "multiclass"),
    "words, all different": (["a", "b", "c", "d"], None, "multiclass"),
    "0 and 1": ([0, 1, 1], None, "binary"),
    "two quantities": ([0.5, 1.5, 0.5], None, "binary"),
    "three whole numbers, often": ([0, 1, 2] * 5, None, "multiclass"),
    "three whole numbers, as floats": ([1.0, 2.0, 3.0] * 5, None, "multiclass"),
    "20 whole numbers, often": (list(range(20)) * 2, None, "multiclass"),
    "21 whole numbers, often": (list(range(21)) * 2, None, "regression"),
    "whole numbers, all different": ([1, 2, 3, 4], None, "regression"),
    "fractions": ([0.5, 1.5, 2.5] * 5, None, "regression"),
    "places in classes": ([0, 1, 2], ("a", "b", "c"), "multiclass"),
    "places in two classes": ([0, 1, 1], ("a", "b"), "binary"),
    "one-hot columns": ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], None, "multiclass"),
    "columns of 0 and 1": ([[1, 1, 0], [0, 1, 0]], None, "multilabel"),
    "columns with a row of 0": ([[1, 0], [0, 0]], None, "multilabel"),
    "columns of numbers": ([[1.5, 0], [0, 2]], None, "regression"),
}


@pytest.mark.parametrize(("y", "classes", "task"), GUESSES.values(), ids=GUESSES)
def test_the_task_is_guessed(y: object, classes: tuple[str, ...] | None, task: str) -> None:
    guessed, why = guess_task(dataset(y, classes))
    assert guessed == task
    assert why


CLASSES = {
    "words": (["b", "a", "c", "a"], ("a", "b", "c"), [1, 0, 2, 0]),
    "whole numbers": ([10, 9, 2, 9], ("2", "9", "10"), [2, 1, 0, 1]),  # by value: as text, 10 would come first
    "floats that are whole": ([1.0, 0.0, -3.0], ("-3", "0", "1"), [2, 1, 0]),
    "fractions": ([0.5, 1.5, 0.25], ("0.25", "0.5", "1.5"), [1, 2, 0]),
    "truth": ([True, False, True], ("0", "1"), [1, 0, 1]),
}


@pytest.mark.parametrize(("y", "names", "numbers"), CLASSES.values(), ids=CLASSES)
def test_classes_are_sorted_and_numbered(y: object, names: tuple[str, ...], numbers: list[int]) -> None:
    given_set = dataset(y)
    task = TASKS["binary" if len(names) == 2 else "multiclass"]
    assert learn_coding(given_set, task).names == names
    assert class_numbers(given_set, names).tolist() == numbers


def test_a_set_with_an_order_of_its_own_keeps_it() -> None:
    given_set = dataset([2, 0, 1], ("z", "m", "a"))
    assert learn_coding(given_set, TASKS["multiclass"]).names == ("z", "m", "a")
    assert class_numbers(given_set, ("a", "m", "z")).tolist() == [0, 2, 1]


def test_one_hot_rows_for_many_classes() -> None:
    coding = Coding(("a", "b", "c"))
    found = encode(dataset(["c", "a", "b"]), TASKS["multiclass"], coding, "softmax", np.float32)
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(("activation", "off"), [("sigmoid", 0), ("linear", 0), ("tanh", -1)])
def test_binary_targets_span_what_the_output_can_give(activation: str, off: int) -> None:
    found = encode(dataset(["b", "a"]), TASKS["binary"], Coding(("a", "b")), activation, np.float64)
    assert found.tolist() == [[1], [off]]


@pytest.mark.parametrize(("activation", "off"), [("sigmoid", 0), ("tanh", -1)])
def test_labels_span_what_the_output_can_give(activation: str, off: int) -> None:
    found = encode(dataset([[1, 0], [0, 0]]), TASKS["multilabel"], Coding(("y1", "y2")), activation, np.float64)
    assert found.tolist() == [[1, off], [off, off]]


def test_quantities_are_scaled_where_the_coding_says_so() -> None:
    scaled = Coding(("y1",), Scaling(np.array([10.0]), np.array([4.0])))
    given_set = dataset([10, 14, 2])
    assert encode(given_set, TASKS["regression"], scaled, "linear", np.float64).tolist() == [[0], [1], [-2]]
    assert encode(given_set, TASKS["regression"], Coding(("y1",)), "linear", np.float64).tolist() == [[10], [14], [2]]


def test_one_hot_columns_are_their_classes() -> None:
    given_set = dataset([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    coding = learn_coding(given_set, TASKS["multiclass"])
    assert coding.names == ("y1", "y2", "y3")
    assert encode(given_set, TASKS["multiclass"], coding, "softmax", np.float64).tolist() == given_set.y.tolist()


@settings(max_examples=100, deadline=None, database=None)
@given(
    words=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=2, unique=True),
    data=st.data(),
)
def test_decoding_undoes_encoding(words: list[str], data: st.DataObject) -> None:
    y = data.draw(st.permutations(words * 2))
    given_set = dataset(y)
    binary = len(words) == 2
    task, activation = TASKS["binary" if binary else "multiclass"], "sigmoid" if binary else "softmax"
    coding = learn_coding(given_set, task)
    decided = decide(task, activation, encode(given_set, task, coding, activation, np.float64))
    assert [coding.names[place] for place in decided] == y
    assert sorted(coding.names) == sorted(words)


def test_an_unseen_class_is_named_with_its_sample() -> None:
    with pytest.raises(MlpError, match=r"d\.csv: sample 3: .* class 'z'; it knows a, b"):
        encode(dataset(["a", "b", "z", "z"]), TASKS["binary"], Coding(("a", "b")), "sigmoid", np.float64)


def test_an_unseen_number_is_named_with_its_sample() -> None:
    with pytest.raises(MlpError, match=r"sample 2: .* class '7'"):
        class_numbers(dataset([1, 7, 2]), ("1", "2"))


def test_classes_of_a_model_need_not_all_appear() -> None:
    assert class_numbers(dataset(["c", "c"]), ("a", "b", "c")).tolist() == [2, 2]


REFUSED = {
    "one class, words": (["a", "a"], None, "multiclass", "every sample has the class 'a'"),
    "one class, numbers": ([3, 3, 3], None, "binary", "every sample has the class '3'"),
    "binary with three": (["a", "b", "c"], None, "binary", "needs 2 classes, 'y1' has 3"),
    "regression of words": (["a", "b"], None, "regression", "sample 1: regression needs numbers in 'y1', not 'a'"),
    "regression of classes": ([0, 1], ("a", "b"), "regression", "--task multiclass"),
    "labels of words": ([["a", "b"], ["c", "d"]], None, "multilabel", "needs numbers"),
    "labels of quantities": ([[0.5, 1], [1, 0]], None, "multilabel", "0 or 1"),
    "binary with two columns": ([[1, 0], [0, 1]], None, "binary", "one target column"),
    "columns that are not one-hot": ([[1, 1], [0, 1]], None, "multiclass", "one-hot"),
    "one-hot columns with a row of 0": ([[1, 0], [0, 0]], None, "multiclass", "one-hot"),
    "columns of words as classes": ([["a", "b"], ["c", "d"]], None, "multiclass", "one-hot"),
}


@pytest.mark.parametrize(("y", "classes", "task", "words"), REFUSED.values(), ids=REFUSED)
def test_targets_that_do_not_fit_the_task_are_refused(
    y: object, classes: tuple[str, ...] | None, task: str, words: str
) -> None:
    with pytest.raises(MlpError) as caught:
        learn_coding(dataset(y, classes), TASKS[task])
    assert str(caught.value).startswith("d.csv: ")
    assert words in str(caught.value)


def test_one_class_is_refused_for_what_is_guessed_too() -> None:
    for y in (["a", "a", "a"], [2, 2, 2]):
        given_set = dataset(y)
        with pytest.raises(MlpError, match="nothing to tell apart"):
            learn_coding(given_set, TASKS[guess_task(given_set)[0]])


@pytest.mark.parametrize(
    ("value", "name"),
    [(np.float64(3), "3"), (np.int64(-2), "-2"), (np.uint8(7), "7"), (0.1, "0.1"), (np.str_("x"), "x"), (-0.0, "0")],
)
def test_classes_are_named_as_a_person_would(value: object, name: str) -> None:
    assert class_name(value) == name


def columns(y: object, names: tuple[str, ...]) -> Dataset:
    values = np.array(y)
    return Dataset("d.csv", np.zeros((len(values), 1)), values, ("x1",), names)


def test_target_columns_are_found_by_name_whatever_their_order() -> None:
    swapped = columns([[2.0, 1.0], [4.0, 3.0]], ("diff", "sum"))
    found = encode(swapped, TASKS["regression"], Coding(("sum", "diff")), "linear", float)
    assert found.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_too_few_target_columns_are_refused(task: str) -> None:
    with pytest.raises(MlpError, match="the network predicts sum, diff; the target columns are sum"):
        encode(columns([[1.0], [0.0]], ("sum",)), TASKS[task], Coding(("sum", "diff")), "sigmoid", float)


def test_a_slip_in_a_column_of_numbers_does_not_make_classes_of_it() -> None:
    prices = columns([["12.5"], ["13"], ["12O"], ["11"]], ("price",))
    with pytest.raises(MlpError, match="sample 3: '12O' stands in 'price'"):
        guess_task(prices)


def test_a_name_for_each_of_many_samples_is_no_class() -> None:
    names = columns([[f"house {k}"] for k in range(30)], ("id",))
    with pytest.raises(MlpError, match="30 different texts in 30 samples"):
        guess_task(names)
