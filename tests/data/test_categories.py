"""Columns of words as 0/1 features: as scikit-learn encodes them, and as an independent reader sees the file."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder

from mlpcli.core.errors import MlpError
from mlpcli.data.categories import CategoryCodes, Column, columns_of, features_in, features_of
from mlpcli.data.dataset import Dataset
from mlpcli.data.layout import Settings
from mlpcli.data.preparation import filled, learn_preparation
from mlpcli.data.table import load_table

TITANIC = "sex,age,port,survived\nmale,22,S,no\nfemale,38,C,yes\nfemale,26,S,yes\nmale,35,Q,no\nmale,54,S,no\n"


def load(tmp_path: Path, content: str, **said: Any) -> Dataset:
    (tmp_path / "t.csv").write_text(content)
    return load_table(str(tmp_path / "t.csv"), Settings(**said))


def refusal(tmp_path: Path, content: str, **said: Any) -> str:
    with pytest.raises(MlpError) as caught:
        load(tmp_path, content, **said)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(tmp_path) + "/")


def test_each_category_is_a_feature_and_two_are_one(tmp_path: Path) -> None:
    dataset = load(tmp_path, TITANIC)
    assert dataset.features == ("sex=male", "age", "port=C", "port=Q", "port=S")
    assert dataset.x.tolist() == [
        [1, 22, 0, 0, 1],
        [0, 38, 1, 0, 0],
        [0, 26, 0, 0, 1],
        [1, 35, 0, 1, 0],
        [1, 54, 0, 0, 1],
    ]
    assert dataset.columns == (Column("sex", ("female", "male")), Column("age"), Column("port", ("C", "Q", "S")))
    assert dataset.notes == ("text columns become 0/1 features, one per category: 'sex' (2), 'port' (3)",)


WORDS = st.text(st.sampled_from('abcXYZäß ,;"'), min_size=1, max_size=4).map(lambda word: f"w{word.strip()}")


@given(
    rows=st.lists(st.tuples(WORDS, st.sampled_from(["u", "v", "w"]), st.integers(-9, 9)), min_size=2, max_size=30),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_any_table_is_encoded_as_by_scikit_learn(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int]], quoting: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "words.csv"
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, quoting=quoting)  # type: ignore[arg-type]
        writer.writerows([("one", "two", "three", "y"), *((*row, 1.5) for row in rows)])
    dataset = load_table(str(path), Settings(delimiter=",", categories=("one", "two")))
    encoder = OneHotEncoder(sparse_output=False, drop="if_binary")
    wanted = encoder.fit_transform([row[:2] for row in rows])
    assert dataset.x.tolist() == np.column_stack([wanted, [row[2] for row in rows]]).tolist()
    names = [
        f"{name}={word}" for name, words in zip(("one", "two"), encoder.categories_, strict=True) for word in words
    ]
    assert set(dataset.features) <= {*names, "three"}


@pytest.mark.parametrize("pair", [("FALSE", "TRUE"), ("no", "yes"), ("f", "t"), ("False", "True")])
def test_true_and_false_are_categories(tmp_path: Path, pair: tuple[str, str]) -> None:
    off, on = pair
    dataset = load(tmp_path, f"hair,legs,kind\n{on},4,a\n{off},2,b\n{on},0,b\n{off},4,a\n")
    assert dataset.features == (f"hair={on}", "legs")
    assert dataset.x[:, 0].tolist() == [1, 0, 1, 0]


def test_numbers_can_be_asked_to_be_categories_in_the_order_of_their_values(tmp_path: Path) -> None:
    dataset = load(tmp_path, "class,age,y\n10,1,a\n2,2,b\n1,3,a\n2,4,b\n", categories=["1"])
    assert dataset.features == ("class=1", "class=2", "class=10", "age")
    assert dataset.x[:, :3].tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 0]]


def test_one_word_between_numbers_is_a_mistake_unless_it_is_asked_for(tmp_path: Path) -> None:
    table = "rooms,y\n2,1\n3,2\nthree,3\n2,4\n3,5\n"
    assert refusal(tmp_path, table) == (
        "t.csv:4: column 1 ('rooms'): 'three' is not a finite number; correct it, or make the column categorical: "
        "--categories rooms"
    )
    assert load(tmp_path, table, categories=["rooms"]).features == ("rooms=2", "rooms=3", "rooms=three")


@pytest.mark.parametrize("cell", ["1,5", "$5", "7%", "inf", "1_000", "1 000", "-€3"])
def test_cells_written_like_numbers_are_no_words(tmp_path: Path, cell: str) -> None:
    message = refusal(tmp_path, f'a,y\n"{cell}",1\n"{cell}",2\n"{cell}",3\n')
    assert message.startswith("t.csv:2: column 1 ('a')")


@pytest.mark.parametrize("known", [None, (Column("a", ("u", "v")),)])
def test_a_word_has_at_most_200_characters(tmp_path: Path, known: tuple[Column, ...] | None) -> None:
    words = "t.csv:3: column 1 ('a'): a label of 201 characters; use at most 200"
    assert refusal(tmp_path, f"a,y\nu,1\n{'w' * 201},2\nv,3\n", known=known) == words
    longest = "w" * 200
    assert load(tmp_path, f"a,y\nu,1\n{longest},2\n").columns == (Column("a", ("u", longest)),)


# ----- Identifiers --------------------------------------------------------------------------------------------------


def people(rows: int, names: int) -> str:
    return "name,age,y\n" + "".join(f"n{k % names},{k},{k % 2}\n" for k in range(rows))


@pytest.mark.parametrize(
    ("rows", "names", "many"),
    [(500, 101, "more than 100"), (12, 12, "12 in 12 rows"), (10, 9, "9 in 10 rows")],
)
def test_too_many_words_are_an_identifier(tmp_path: Path, rows: int, names: int, many: str) -> None:
    message = refusal(tmp_path, people(rows, names))
    assert message == (f"t.csv: too many categories in 'name' ({many}); leave out with --ignore name")
    assert load(tmp_path, people(rows, names), ignore=["name"]).features == ("age",)
    assert len(load(tmp_path, people(rows, names), categories=["name"]).features) == names + 1


@pytest.mark.parametrize(("rows", "names"), [(500, 100), (10, 8), (2, 2), (3, 2)])
def test_as_many_words_as_these_are_categories(tmp_path: Path, rows: int, names: int) -> None:
    assert load(tmp_path, people(rows, names)).columns[0].categories is not None


def test_all_identifiers_are_named_at_once_and_quoted_for_a_shell(tmp_path: Path) -> None:
    rows = "".join(f"p {k},t{k},{k},{k % 2}\n" for k in range(9))
    message = refusal(tmp_path, "full name,ticket,age,y\n" + rows)
    assert message.endswith("'ticket' (9 in 9 rows); leave out with --ignore 'full name,ticket'")


def test_identifiers_are_told_before_missing_values(tmp_path: Path) -> None:
    rows = "".join(f"p{k},{'' if k == 3 else k},{k % 2}\n" for k in range(150))
    assert "--ignore name" in refusal(tmp_path, "name,age,y\n" + rows)


# ----- Missing words ------------------------------------------------------------------------------------------------

GAPS = "sex,port,y\nmale,S,1\n,S,2\nmale,,3\nfemale,C,4\nmale,Q,5\n"


def test_a_missing_word_is_an_error_or_the_most_frequent_category(tmp_path: Path) -> None:
    assert refusal(tmp_path, GAPS).startswith("t.csv:3: column 1 ('sex'): the value is missing")
    dataset = load(tmp_path, GAPS, missing="mean")
    assert np.isnan(dataset.x).tolist() == [[False] * 4, [True] + [False] * 3, [False] + [True] * 3] + [[False] * 4] * 2
    x = filled(dataset.x, learn_preparation(dataset))  # male; S
    assert x[1].tolist() == [1, 0, 0, 1]
    assert x[2].tolist() == [1, 0, 0, 1]


def test_the_first_of_two_categories_may_be_the_most_frequent(tmp_path: Path) -> None:
    dataset = load(tmp_path, "sex,a,y\nf,1,1\nm,2,2\nf,3,4\n,4,3\n", missing="mean")
    assert filled(dataset.x, learn_preparation(dataset))[:, 0].tolist() == [0, 1, 0, 0]


def test_categories_are_not_standardized(tmp_path: Path) -> None:
    dataset = load(tmp_path, TITANIC)
    preparation = learn_preparation(dataset)
    scaling, fill = preparation.scaling, preparation.fill
    assert fill is not None
    assert fill.tolist() == [1, 35, 0, 0, 1]  # later samples may lack a value: male, the mean, and S
    assert scaling.mean.tolist() == [0, 35, 0, 0, 0]  # (22 + 38 + 26 + 35 + 54)/5
    assert scaling.scale.tolist() == pytest.approx([1, np.std([22, 38, 26, 35, 54]), 1, 1, 1])


# ----- Later files --------------------------------------------------------------------------------------------------

KNOWN = (Column("sex", ("female", "male")), Column("age"), Column("port", ("C", "Q", "S")))


def test_a_later_file_is_matched_by_name_and_may_have_other_columns(tmp_path: Path) -> None:
    content = "survived,port,name,age,sex\nno,S,Ann,22,female\nyes,S,Bob,30,male\n"
    dataset = load(tmp_path, content, targets=["survived"], known=KNOWN)
    assert dataset.features == features_of(KNOWN)
    assert dataset.x.tolist() == [[0, 22, 0, 0, 1], [1, 30, 0, 0, 1]]
    assert dataset.notes == ()


def test_a_word_that_training_did_not_see_is_placed(tmp_path: Path) -> None:
    content = TITANIC + "other,1,S,no\n"
    assert refusal(tmp_path, content, known=KNOWN) == (
        "t.csv:7: column 1 ('sex'): 'other' did not occur in training; known are female, male; correct it, or use "
        "--unknown zero"
    )
    dataset = load(tmp_path, content + "male,1,Z,no\nmale,1,X,no\n", known=KNOWN, others=True)
    assert dataset.x[-3:].tolist() == [[0, 1, 0, 0, 1], [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]]
    assert dataset.notes == (
        "cells with a category not seen in training become 0: 1 in 'sex' (as 'female', the first of two), 2 in 'port'",
    )


@pytest.mark.parametrize(("count", "more"), [(10, ""), (11, ", …")])
def test_ten_known_categories_are_listed(tmp_path: Path, count: int, more: str) -> None:
    known = (Column("town", tuple("abcdefghijk"[:count])),)
    words = f"'z' did not occur in training; known are a, b, c, d, e, f, g, h, i, j{more}; correct it"
    assert words in refusal(tmp_path, "town,y\nz,1\n", known=known)


def test_known_categories_with_commas_are_listed_in_quotes(tmp_path: Path) -> None:
    known = (Column("town", ("Paris, France", "Rome")),)
    words = "'Bern' did not occur in training; known are 'Paris, France', Rome; correct it"
    assert words in refusal(tmp_path, "town,y\nBern,1\n", known=known)


def test_numbers_taken_as_categories_are_matched_as_text(tmp_path: Path) -> None:
    known = (Column("class", ("1", "2", "03")),)
    assert load(tmp_path, "class,y\n03,1\n2,1\n", known=known).x.tolist() == [[0, 0, 1], [0, 1, 0]]
    assert "'3' did not occur in training; known are 1, 2, 03" in refusal(tmp_path, "class,y\n3,1\n", known=known)


@pytest.mark.parametrize(
    ("known", "cells", "places"),
    [
        ("False True maybe", "TRUE false True maybe", [1, 0, 1, 2]),  # a spreadsheet, pandas
        ("1 2 3", "2.0 3 1.00", [1, 2, 0]),  # whole numbers in a column of float64
        ("1.0 2.0 3.0", "2 3.0 1", [1, 2, 0]),
        ("2 2.0 a", "2.0 2 a", [1, 0, 2]),
    ],
)
def test_truths_and_whole_numbers_are_known_in_the_spelling_of_another_format(
    tmp_path: Path, known: str, cells: str, places: list[int]
) -> None:
    column = Column("class", tuple(known.split()))
    content = "".join(f"{cell},1\n" for cell in ["class", *cells.split()])
    assert load(tmp_path, content, known=(column,)).x.argmax(axis=1).tolist() == places


@pytest.mark.parametrize(
    ("known", "cell"),
    [
        ("2 2.0 a", "2.00"),  # which of the two?
        ("True TRUE a", "true"),
        ("1 2 3", "01"),
        ("1.1 1.2 1.3", "1.10"),
        ("1.0 2.0 3.0", "1e0"),
        ("yes no a", "Yes"),
    ],
)
def test_texts_that_may_be_different_are_not_taken_for_each_other(tmp_path: Path, known: str, cell: str) -> None:
    content, column = f"class,y\n{cell},1\n", Column("class", tuple(known.split()))
    assert f"'{cell}' did not occur in training" in refusal(tmp_path, content, known=(column,))


def test_a_sample_can_be_typed() -> None:
    rows = [[" male ", " 22 ", " S "], ["female", "1e1", "Q"]]
    x, note = features_in(rows, KNOWN, missing=False, others=False)
    assert (x.tolist(), note) == ([[1, 22, 0, 0, 1], [0, 10, 0, 1, 0]], "")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["male", "22"]], "2 values in sample 1; the network takes 3: sex,age,port"),
        ([["male", "22", "C"], ["female", "x", "C"]], "age: 'x' is not a finite number"),
        ([["male", "", "C"]], "age: the value is missing; give one, or use --missing mean$"),
        ([["", "22", "C"]], "sex: the value is missing; give one, or use --missing mean$"),
        ([["male", "22", "Z"]], "port: 'Z' did not occur in training; known are C, Q, S"),
        ([], "no sample; give sex,age,port"),
    ],
)
def test_a_sample_that_cannot_be_is_refused(rows: list[list[str]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        features_in(rows, KNOWN, missing=False, others=False)


def test_an_unseen_word_can_be_none_of_the_categories() -> None:
    x, note = features_in([["man", "22", "Z"], ["male", "3", "Z"]], KNOWN, missing=False, others=True)
    assert x.tolist() == [[0, 22, 0, 0, 0], [1, 3, 0, 0, 0]]
    unseen = "1 in 'sex' (as 'female', the first of two), 2 in 'port'"
    assert note == f"cells with a category not seen in training become 0: {unseen}"


def test_a_value_that_may_be_missing_is_nan() -> None:
    x, _ = features_in([["NA", "", "C"]], KNOWN, missing=True, others=False)
    assert np.isnan(x[0, :2]).all()
    assert x[0, 2:].tolist() == [1, 0, 0]


def test_a_table_without_words_has_a_column_for_each_feature() -> None:
    assert columns_of(("a", "b"), ()) == (Column("a"), Column("b"))


@pytest.mark.parametrize("known", [None, ["v", "u"]])
def test_the_code_of_a_category_is_its_place(known: Sequence[str] | None) -> None:
    codes = CategoryCodes(known)
    assert [codes[cell] for cell in ("v", " u", "v ", "u")] == [0, 1, 0, 1]
    assert codes.categories == (("u", "v") if known is None else ("v", "u"))
