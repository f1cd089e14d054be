"""Targets: the task they call for, and their way to outputs and back."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.errors import MlpError
from mlpcli.core.losses import LOSSES
from mlpcli.core.samples import Scaling
from mlpcli.core.tasks import TASKS, decide
from mlpcli.data.cells import class_name
from mlpcli.data.dataset import Dataset, numbered
from mlpcli.data.readers import Settings, data_reader
from mlpcli.data.targets import Coding, class_notes, class_numbers, encode, guess_task, learn_coding, suggestion_of

BCE = LOSSES["bce"]


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
    "whole numbers and a fraction": ([1, 2, 2.5] * 5, None, "regression"),
    "places in classes": ([0, 1, 2], ("a", "b", "c"), "multiclass"),
    "places in two classes": ([0, 1, 1], ("a", "b"), "binary"),
    "one-hot columns": ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], None, "multiclass"),
    "one-hot columns of unequal counts": ([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], None, "multiclass"),
    "columns of equal counts, but two in a row": ([[1, 1, 0], [0, 0, 0], [0, 0, 1]], None, "multilabel"),
    "three whole numbers, twice each": ([0, 1, 2] * 2, None, "multiclass"),
    "three whole numbers, less than twice each": ([0, 1, 2, 0, 1], None, "regression"),
    "10 texts, all different": ([f"t{k}" for k in range(10)], None, "multiclass"),
    "22 texts, twice each": ([f"t{k}" for k in range(22)] * 2, None, "multiclass"),
    "columns of 0 and 1": ([[1, 1, 0], [0, 1, 0]], None, "multilabel"),
    "columns with a row of 0": ([[1, 0], [0, 0]], None, "multilabel"),
    "columns of numbers, 0 and 1 among them": ([[1.5, 0], [0, 1]], None, "regression"),
    "columns of numbers": ([[1.5, 0], [0, 2]], None, "regression"),
}


@pytest.mark.parametrize(("y", "classes", "task"), GUESSES.values(), ids=GUESSES)
def test_the_task_is_guessed(y: object, classes: tuple[str, ...] | None, task: str) -> None:
    guessed, why = guess_task(dataset(y, classes))
    assert guessed == task
    assert why


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("two words", "target 'y1' has 2 different values"),
        ("three whole numbers, often", "target 'y1' has 3 different values, all whole numbers"),
        ("fractions", "target 'y1' is a quantity"),
        ("one-hot columns", "3 target columns with one 1 in each row"),
        ("columns of 0 and 1", "3 target columns of 0 and 1"),
        ("columns of numbers", "2 target columns of numbers"),
    ],
)
def test_the_reason_for_a_guess_is_what_the_targets_show(name: str, reason: str) -> None:
    y, classes, task = GUESSES[name]
    suggested = suggestion_of(dataset(y, classes))
    assert (suggested.task, suggested.notes) == (TASKS[task], [f"{reason}: --task {task}"])


@pytest.mark.parametrize(
    ("numbers", "spelled_twice", "task"), [(20, 0, "multiclass"), (20, 1, "regression"), (21, 0, "regression")]
)
def test_two_spellings_of_a_number_are_two_of_the_20_classes_there_may_be(
    numbers: int, spelled_twice: int, task: str
) -> None:
    cells = [*map(str, range(numbers)), *(f"{k}.0" for k in range(spelled_twice))] * 3
    written = replace(dataset([float(cell) for cell in cells]), labels=np.array(cells))
    assert guess_task(written)[0] == task


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


@pytest.mark.parametrize(
    ("y", "task", "same"),
    [
        (["0", "0.0", "1", "1.0"], "multiclass", "'0' and '0.0', '1' and '1.0'"),
        (["+1", "1", "1e0", "2"], "multiclass", "'+1' and '1' and '1e0'"),
        (["TRUE", "True", "no"], "multiclass", "'TRUE' and 'True'"),
        ([str(k) for k in range(5)] + [f"{k}.0" for k in range(5)], "multiclass", "'2' and '2.0', and 2 more"),
        (["9007199254740993", "9007199254740992"], "binary", ""),  # the same number only as float64
        (["3.50", "3.5"], "regression", ""),
        (["a", "b"], "binary", ""),
    ],
)
def test_classes_in_several_spellings_are_noted(y: list[str], task: str, same: str) -> None:
    named = dataset(y)
    if task == "regression":
        named = replace(dataset([float(cell) for cell in y]), labels=np.array(y))
    notes = class_notes(named, TASKS[task], learn_coding(named, TASKS[task]).names)
    assert len(notes) == bool(same)
    assert all(f"{same}, which are different classes; write them alike if they are one" in note for note in notes)


def test_one_hot_rows_for_many_classes() -> None:
    coding = Coding(("a", "b", "c"))
    found = encode(dataset(["c", "a", "b"]), TASKS["multiclass"], coding, "softmax", BCE, np.float32)
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(("activation", "off"), [("sigmoid", 0), ("linear", 0), ("tanh", -1)])
def test_binary_targets_span_what_the_output_can_give(activation: str, off: int) -> None:
    found = encode(dataset(["b", "a"]), TASKS["binary"], Coding(("a", "b")), activation, BCE, np.float64)
    assert found.tolist() == [[1], [off]]


@pytest.mark.parametrize(("activation", "off"), [("sigmoid", 0), ("tanh", -1)])
def test_labels_span_what_the_output_can_give(activation: str, off: int) -> None:
    found = encode(dataset([[1, 0], [0, 0]]), TASKS["multilabel"], Coding(("y1", "y2")), activation, BCE, np.float64)
    assert found.tolist() == [[1, off], [off, off]]


def test_quantities_are_scaled_where_the_coding_says_so() -> None:
    scaled = Coding(("y1",), Scaling(np.array([10.0]), np.array([4.0])))
    given_set = dataset([10, 14, 2])
    assert encode(given_set, TASKS["regression"], scaled, "linear", BCE, np.float64).tolist() == [[0], [1], [-2]]
    assert encode(given_set, TASKS["regression"], Coding(("y1",)), "linear", BCE, np.float64).tolist() == [
        [10],
        [14],
        [2],
    ]


def test_one_hot_columns_are_their_classes() -> None:
    given_set = dataset([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    coding = learn_coding(given_set, TASKS["multiclass"])
    assert coding.names == ("y1", "y2", "y3")
    assert encode(given_set, TASKS["multiclass"], coding, "softmax", BCE, np.float64).tolist() == given_set.y.tolist()


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
    decided = decide(task, activation, encode(given_set, task, coding, activation, BCE, np.float64))
    assert [coding.names[place] for place in decided] == y
    assert sorted(coding.names) == sorted(words)


def test_an_unseen_class_is_named_with_its_sample() -> None:
    with pytest.raises(MlpError, match=r"d\.csv: sample 3: .* class 'z'; it knows a, b"):
        encode(dataset(["a", "b", "z", "z"]), TASKS["binary"], Coding(("a", "b")), "sigmoid", BCE, np.float64)


def test_an_unseen_number_is_named_with_its_sample() -> None:
    with pytest.raises(MlpError, match=r"sample 2: .* class '7'"):
        class_numbers(dataset([1, 7, 2]), ("1", "2"))


@pytest.mark.parametrize(
    ("names", "targets", "taken"),
    [
        (("y1", "y2"), ("a", "b"), True),  # the network has no names for its outputs
        (("y1", "price"), ("a", "b"), False),
        (("rent", "price"), ("a", "b"), False),
        (("rent", "price"), ("price", "rent"), True),
        (("price",), ("a",), True),  # there is no other
    ],
)
def test_outputs_are_found_by_name_or_taken_in_order_if_nobody_named_them(
    names: tuple[str, ...], targets: tuple[str, ...], taken: bool
) -> None:
    given_set, task = columns(np.arange(2.0 * len(names)).reshape(2, -1), targets), TASKS["regression"]
    if taken:
        found = encode(given_set, task, Coding(names), "linear", LOSSES["mse"], np.float64)
        order = [targets.index(name) if name in targets else k for k, name in enumerate(names)]
        assert found.tolist() == given_set.y[:, order].tolist()
    else:
        with pytest.raises(MlpError, match=rf"^d\.csv: the network predicts {', '.join(names)}; the target columns"):
            encode(given_set, task, Coding(names), "linear", LOSSES["mse"], np.float64)


@pytest.mark.parametrize("columns", [2, 3])
def test_one_hot_columns_are_classes_by_their_place(columns: int) -> None:
    hot = dataset(np.eye(columns)[[1, 0, 1]])
    assert class_numbers(hot, hot.targets).tolist() == [1, 0, 1]


def test_classes_of_a_model_need_not_all_appear() -> None:
    assert class_numbers(dataset(["c", "c"]), ("a", "b", "c")).tolist() == [2, 2]


REFUSED = {
    "one class, words": (["a", "a"], None, "multiclass", "every sample has the class 'a'"),
    "one class, numbers": ([3, 3, 3], None, "binary", "every sample has the class '3'"),
    "binary with three": (["a", "b", "c"], None, "binary", "needs 2 classes, but 'y1' has 3; use --task multiclass"),
    "regression of words": (
        ["a", "b"],
        None,
        "regression",
        "sample 1: regression needs numbers in 'y1', not 'a'; correct it",
    ),
    "regression of amounts": (["$5", "$6"], None, "regression", "in 'y1', not '$5'; remove the currency sign"),
    "regression of thousands": (["1 782", "5"], None, "regression", "not '1 782'; remove the thousands separator"),
    "regression of classes": ([0, 1], ("a", "b"), "regression", "--task multiclass"),
    "labels of words": ([["a", "b"], ["c", "d"]], None, "multilabel", "2 target columns need numbers"),
    "labels of quantities": ([[1, 0], [7, 1]], None, "multilabel", "sample 2: the targets are 7, 1; each label is 0"),
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


def test_the_task_that_is_advised_for_three_classes_takes_them() -> None:
    assert learn_coding(dataset(["a", "b", "c"]), TASKS["multiclass"]).names == ("a", "b", "c")


def test_one_class_is_refused_for_what_is_guessed_too() -> None:
    for y in (["a", "a", "a"], [2, 2, 2]):
        given_set = dataset(y)
        with pytest.raises(MlpError, match="at least 2 classes are needed"):
            learn_coding(given_set, TASKS[guess_task(given_set)[0]])


@pytest.mark.parametrize(
    ("targets", "remedy"),
    [
        (["950", "1 782", "2 911"], "'1 782' is not a finite number; remove the thousands separator"),
        (["1,782", "1,782", "2,911", "3,004"], "'1,782' is not a finite number; remove the thousands separator"),
        (["$5", "$7", "$6"], r"'\$5' is not a finite number; remove the currency sign"),
        (["1,010.25", "(1,200.50)", "1,011.25"], "'1,010.25' is not a finite number; remove the thousands separator"),
        (["(5)", "7", "$6", "(4)", "$8"], r"'\(5\)' is not a finite number; brackets mean a negative number"),
    ],
)
def test_quantities_with_signs_that_numbers_do_not_have_are_no_classes(targets: list[str], remedy: str) -> None:
    with pytest.raises(MlpError, match=f"^d.csv: sample [12]: 'y1': {remedy}.*, or use --task multiclass$"):
        guess_task(dataset(targets))
    assert len(learn_coding(dataset(targets), TASKS["multiclass"]).names) == len({*targets})  # the advice works


@pytest.mark.parametrize(("cell", "remedy"), [("male", "choose a single --target for text"), ("$5", "remove the curr")])
def test_several_targets_with_text_are_refused_whatever_the_task(cell: str, remedy: str) -> None:
    several = columns([["1", "2"], ["3", cell]], ("lives", "sex"))
    words = re.escape(f"sample 2: 2 target columns need numbers (for classes one-hot), but 'sex' is '{cell}'; {remedy}")
    with pytest.raises(MlpError, match=words):
        guess_task(several)
    for task in ("regression", "multiclass", "multilabel"):
        with pytest.raises(MlpError, match=words):
            learn_coding(several, TASKS[task])
    assert guess_task(columns([["male"], ["female"]], ("sex",)))[0] == "binary"  # the advice works


@pytest.mark.parametrize(
    ("cell", "remedy"),
    [
        ("1,234.5", "remove the thousands separator"),
        ("(45)", "brackets mean a negative number: write a minus, and no separators"),
        ("<0.5", "write the limit as a number, or leave the cell empty"),
        ("12O", "correct it"),
        ("3;4", "correct it"),
    ],
)
def test_one_target_that_is_written_unlike_the_others_has_the_hint_of_a_feature(cell: str, remedy: str) -> None:
    one = columns([["12.5"], ["13"], [cell], ["11"]], ("price",))
    with pytest.raises(MlpError, match=r"sample 3: 'price' is .*; " + re.escape(f"{remedy}, or use --task multiclass")):
        guess_task(one)
    with pytest.raises(MlpError, match=re.escape(f"needs numbers in 'price', not '{cell}'; {remedy}")):
        learn_coding(one, TASKS["regression"])


def test_texts_are_mistakes_if_there_are_more_numbers_than_these() -> None:
    """Two of four values are a text: these are classes. Two of five are not enough."""
    assert guess_task(dataset(["1", "2", "a", "b"]))[0] == "multiclass"
    with pytest.raises(
        MlpError, match=r"d\.csv: sample 3: 'y1' is 'a', but most of its different values are numbers; "
    ):
        guess_task(dataset(["1", "2", "a", "3", "b"]))


def test_amounts_are_classes_if_no_more_than_half_of_the_texts_are_written_so() -> None:
    """1.0.2 may be a version, $5 is an amount: two of four, then three of four."""
    assert guess_task(dataset(["1.0.2", "1.0.3", "$5", "$6"]))[0] == "multiclass"
    with pytest.raises(
        MlpError, match=r"sample 2: 'y1': '\$5' is not a finite number; remove the currency sign, or use"
    ):
        guess_task(dataset(["1.0.2", "$5", "$6", "$7"]))


@pytest.mark.parametrize(
    "targets",
    [["<18", "<65", ">=65"], ["<=50K", ">50K"], ["0 %", "100 %"], ["1.0.1", "1.0.2", "1.1.0"], ["1-2", "3-4", "5-6"]],
)
def test_texts_of_digits_may_be_classes(targets: list[str]) -> None:
    assert guess_task(dataset(targets))[0] in ("binary", "multiclass")


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
    found = encode(swapped, TASKS["regression"], Coding(("sum", "diff")), "linear", BCE, float)
    assert found.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_too_few_target_columns_are_refused(task: str) -> None:
    with pytest.raises(MlpError, match="the network predicts sum, diff; the target columns are sum"):
        encode(columns([[1.0], [0.0]], ("sum",)), TASKS[task], Coding(("sum", "diff")), "sigmoid", BCE, float)


def test_a_slip_in_a_column_of_numbers_does_not_make_classes_of_it() -> None:
    prices = columns([["12.5"], ["13"], ["12O"], ["11"]], ("price",))
    with pytest.raises(MlpError, match="sample 3: 'price' is '12O'"):
        guess_task(prices)


def test_a_name_for_each_of_many_samples_is_no_class() -> None:
    for count in (11, 30):
        names = columns([[f"house {k}"] for k in range(count)], ("id",))
        with pytest.raises(
            MlpError, match=f"'id' has {count} different texts in {count} samples, too many for classes"
        ):
            guess_task(names)
        assert len(learn_coding(names, TASKS["multiclass"]).names) == count  # the advice works


def soft(y: object, task: str, loss: str) -> list[list[float]]:
    """Columns a, b, c (as many as there are) as outputs of a network whose outputs are called c, b, a."""
    names = ("a", "b", "c")[: np.array(y).shape[1]]
    coding, activation = Coding(names[::-1]), "softmax" if task == "multiclass" else "sigmoid"
    found: list[list[float]] = encode(columns(y, names), TASKS[task], coding, activation, LOSSES[loss], float).tolist()
    return found


@pytest.mark.parametrize("loss", ["cce", "kl", "bce", "ce-negatives"])
def test_shares_of_classes_stay_as_they_are(loss: str) -> None:
    assert soft([[0.25, 0.75, 0], [0, 0, 1]], "multiclass", loss) == [[0, 0.75, 0.25], [1, 0, 0]]


@pytest.mark.parametrize("loss", ["bce", "ce-negatives"])
def test_shares_of_labels_stay_as_they_are(loss: str) -> None:
    assert soft([[0.25, 1], [0, 0]], "multilabel", loss) == [[1, 0.25], [0, 0]]


@pytest.mark.parametrize(
    ("y", "task", "loss", "words"),
    [
        ([[1, 0, 0], [0.2, 0.8, 0]], "multiclass", "mse", "sample 2: .* mse takes only 0 and 1; cce, kl"),
        ([[1, 0, 0], [0.2, 0.8, 0]], "multiclass", "hinge", "sample 2: .* hinge takes only 0 and 1"),
        ([[1, 0], [1, 0.5]], "multilabel", "mae", "sample 2: .* mae takes only 0 and 1; bce, ce-negatives take"),
        ([[1, 0, 0], [0, 0, 0]], "multiclass", "cce", "sample 2: the targets are 0, 0, 0; .*one-hot"),
        ([[0.2, 7, -3]], "multiclass", "cce", "sample 1: .*one-hot"),
        ([[1, 1, 0]], "multiclass", "bce", "sample 1: .*one-hot"),
        ([[1, 0], [-0.1, 1]], "multilabel", "bce", "sample 2: .*each label"),
        ([[1, 0, 0]], "binary", "bce", "binary takes one target column"),
    ],
)
def test_rows_that_do_not_fit_the_network_are_refused(y: object, task: str, loss: str, words: str) -> None:
    with pytest.raises(MlpError, match=rf"^d\.csv: .*{words}" if task == "binary" else rf"^d\.csv: {words}"):
        soft(y, task, loss)


def test_one_hot_columns_are_the_classes_of_a_network_that_learned_words() -> None:
    coding, task = Coding(("cat", "dog", "eel")), TASKS["multiclass"]
    hot = columns([[0, 1, 0], [1, 0, 0]], ("eel", "cat", "dog"))
    assert encode(hot, task, coding, "softmax", BCE, float).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert class_numbers(hot, coding.names).tolist() == [0, 2]
    for names in (("cat", "dog", "fox"), ("cat", "dog"), ("cat", "dog", "eel", "fox")):
        other = columns(np.eye(len(names)), names)
        with pytest.raises(MlpError, match=f"predicts cat, dog, eel; the target columns are {', '.join(names)}"):
            encode(other, task, coding, "softmax", BCE, float)


def test_columns_without_names_are_taken_as_they_come() -> None:
    """An archive has none; a network that was drawn or written by hand knows none."""
    task, rows = TASKS["multiclass"], [[0, 1], [1, 0]]
    archive = replace(columns(rows, ("y1", "y2")), named=False)
    assert encode(archive, task, Coding(("b", "a")), "softmax", BCE, float).tolist() == rows
    assert encode(columns(rows, ("no", "yes")), task, Coding(("0", "1")), "softmax", BCE, float).tolist() == rows


def test_a_regression_refuses_classes_that_have_numbers() -> None:
    with pytest.raises(MlpError, match="the targets are classes"):
        encode(dataset([0, 1], ("a", "b")), TASKS["regression"], Coding(("y1",)), "linear", BCE, float)


def test_a_row_keeps_its_number_in_a_part() -> None:
    part = dataset([1, 2, 3, 7]).rows(np.array([3, 1])).rows(np.array([1, 0]))
    with pytest.raises(MlpError, match=r"sample 4: .* class '7'"):
        class_numbers(part, ("1", "2", "3"))


def read_labels(folder: Path, labels: Iterable[str], suffix: str) -> Dataset:
    """A file with these labels in its last column, and a number before each."""
    cells = list(labels)
    path = folder / f"labels{suffix}"
    if suffix == ".npz":
        np.savez(path, x=np.arange(len(cells), dtype=float)[:, None], y=np.array(cells))
    else:
        path.write_text("".join(f"{k},{label}\n" for k, label in enumerate(cells)))
    return data_reader(str(path)).load(str(path), Settings())


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ("01 1", "01 1"),
        ("1e0 1", "1 1e0"),
        ("007 7 10", "007 7 10"),
        ("1.0 1 0", "0 1 1.0"),
        ("1.0 2.0 10.0", "1.0 2.0 10.0"),
        ("+1 -1", "-1 +1"),
        ("-0 0", "-0 0"),
        ("10 9 -2", "-2 9 10"),
        ("b c 1 01", "01 1 b c"),
    ],
)
def test_labels_are_text_unless_all_are_whole_numbers_as_they_are_printed(
    tmp_path: Path, suffix: str, labels: str, names: str
) -> None:
    found = read_labels(tmp_path, labels.split() * 3, suffix)
    task, why = guess_task(found)
    wanted = names.split()
    assert task == ("binary" if len(wanted) == 2 else "multiclass"), why
    assert learn_coding(found, TASKS[task]).names == tuple(wanted)
    assert [wanted[k] for k in class_numbers(found, tuple(wanted))] == labels.split() * 3
    assert [wanted[k] for k in class_numbers(found.rows(np.array([1, 0])), tuple(wanted))] == labels.split()[1::-1]


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
@pytest.mark.parametrize(
    ("names", "labels", "numbers"),
    [
        ("01 1 a", "01 1 01", [0, 1, 0]),  # nothing in this file but what looks like numbers
        ("01 1 a", "1 1 1", [1, 1, 1]),
        ("1 2 3", "1.0 3.0 2", [0, 2, 1]),  # whole numbers are found by value
        ("1 2 3", "01 03 1", None),  # but never two of them as one
        ("01 02 03", "1 2 3", None),
        ("False True", "TRUE FALSE TRUE", [1, 0, 1]),  # as a spreadsheet has them
        ("1.0 2.0 a", "2 1 2", [1, 0, 1]),
        ("True TRUE a", "true TRUE a", None),
        ("0.5 1.5", "0.50 1.5 1.5", None),
    ],
)
def test_later_labels_are_matched_as_text_if_the_classes_are_text(
    tmp_path: Path, suffix: str, names: str, labels: str, numbers: list[int] | None
) -> None:
    found, known = read_labels(tmp_path, labels.split(), suffix), tuple(names.split())
    if numbers is not None:
        assert class_numbers(found, known).tolist() == numbers
        return
    with pytest.raises(MlpError, match=f"does not know the class '{labels.split()[0]}'; it knows {known[0]}"):
        class_numbers(found, known)


@pytest.mark.parametrize("suffix", [".csv", ".npz"])
def test_quantities_stay_numbers_however_they_are_written(tmp_path: Path, suffix: str) -> None:
    found = read_labels(tmp_path, ["2.50", "2.5", "1e1", "007"], suffix)
    assert guess_task(found)[0] == "regression"
    assert encode(found, TASKS["regression"], Coding(("x2",)), "linear", BCE, float).ravel().tolist() == [
        2.5,
        2.5,
        10,
        7,
    ]


def test_more_texts_than_half_the_samples_are_no_classes() -> None:
    texts = [f"t{k}" for k in range(22)] * 2
    with pytest.raises(MlpError, match="has 22 different texts in 43 samples"):
        guess_task(dataset(texts[:43]))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (
            lambda ten: class_numbers(dataset([99]), (*ten, "k")),
            "the class '99'; it knows a, b, c, d, e, f, g, h, i, j",
        ),
        (
            lambda ten: learn_coding(columns(np.ones((2, 11)), (*ten, "k")), TASKS["binary"]),
            "one target column, not a, b, c, d, e, f, g, h, i, j; see --target",
        ),
        (
            lambda ten: learn_coding(columns(np.arange(11.0)[None, :], (*ten, "k")), TASKS["multilabel"]),
            "the targets are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9; each label",
        ),
        (
            lambda ten: class_numbers(columns(np.ones((2, 12)), (*ten, "l", "m")), (*ten, "k")),
            "predicts a, b, c, d, e, f, g, h, i, j; the target columns are a, b, c, d, e, f, g, h, i, j (see",
        ),
    ],
)
def test_a_message_has_ten_names_or_numbers_at_most(act: Callable[[tuple[str, ...]], object], words: str) -> None:
    with pytest.raises(MlpError, match=re.escape(words)):
        act(tuple("abcdefghij"))


def test_an_overflow_names_the_target_and_the_largest_of_all() -> None:
    """float32 ends at 3.4e38: the first that is beyond it is told, and what the largest has to be divided by."""
    y = [[1.0, 2.0], [3.0, 1e39], [-1e40, 4.0]]
    words = r"sample 2: the target 1e\+39 is too large for float32; divide the targets by 1e\+40$"
    with pytest.raises(MlpError, match=words):
        encode(dataset(y), TASKS["regression"], Coding(("y1", "y2")), "linear", BCE, np.float32)


def test_the_error_for_text_shows_its_own_row_and_column() -> None:
    words = "sample 2: 2 target columns need numbers (for classes one-hot), but 'lives' is 'nine'; choose a"
    with pytest.raises(MlpError, match=re.escape(words)):
        learn_coding(columns([["1", "2"], ["nine", "3"], ["4", "x"]], ("lives", "age")), TASKS["regression"])
