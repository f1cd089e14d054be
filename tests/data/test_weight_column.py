"""A column of weights: it is no feature, and each of its mistakes has its line and column."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data.categories import Column
from mlpcli.data.dataset import Dataset
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.profile import profile_table
from mlpcli.data.table import load_table

ROWS = "a,w,b,y\n1,0.5,2,p\n3,2,4,q\n5,0,6,p\n"


def load(folder: Path, content: str, **said: Any) -> Dataset:
    path = folder / "t.csv"
    path.write_text(content)
    return load_table(str(path), Settings(**{"weight": "w", **said}))


def test_weights_are_no_feature(tmp_path: Path) -> None:
    dataset = load(tmp_path, ROWS)
    assert dataset.features == ("a", "b")
    assert dataset.x.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert dataset.weights is not None
    assert dataset.weights.tolist() == [0.5, 2, 0]
    chosen = dataset.rows(np.array([1])).weights
    assert chosen is not None
    assert chosen.tolist() == [2]


def test_by_number_among_words_and_as_the_last_column(tmp_path: Path) -> None:
    dataset = load(tmp_path, "a,kind,y,w\n1,red,p,3\n2,blue,q,4\n3,red,q,5\n", weight="4")
    assert dataset.targets == ("y",)
    assert dataset.features == ("a", "kind=red")
    assert dataset.x.tolist() == [[1, 1], [2, 0], [3, 1]]
    assert dataset.weights is not None
    assert dataset.weights.tolist() == [3, 4, 5]


@pytest.mark.parametrize(
    ("missing", "x", "weights", "note"),
    [
        ("drop", [1, 4], [1, 4], "2 of 4 rows dropped: 1 for a missing feature, 1 for a missing weight"),
        ("mean", [1, None, 4], [1, 3, 4], "1 of 4 rows dropped: 1 for a missing weight"),
    ],
)
def test_rows_without_a_weight_are_dropped(
    tmp_path: Path, missing: str, x: list[float | None], weights: list[float], note: str
) -> None:
    dataset = load(tmp_path, "a,w,y\n1,1,p\n2,,q\n,3,q\n4,4,q\n", missing=missing)
    assert dataset.weights is not None
    assert [None if np.isnan(value) else value for value in dataset.x[:, 0]] == x
    assert dataset.weights.tolist() == weights
    assert dataset.notes == (note,)


@pytest.mark.parametrize("missing", [None, "drop", "mean"])
def test_a_column_of_weights_without_any_value_is_refused(tmp_path: Path, missing: str | None) -> None:
    with pytest.raises(MlpError, match=r"every weight is missing; choose another --sample-weight$"):
        load(tmp_path, "a,y,v,w\n1,p,2,\n2,q,1,NA\n3,q,3,\n", missing=missing)
    said = Settings(weight="w", missing=missing)
    seen = profile_table(Reader(str(tmp_path / "t.csv"), said))
    assert (seen.training_needs, len(seen.problems)) == ((), 1)
    assert len(load(tmp_path, "a,y,v,w\n1,p,2,\n2,q,1,NA\n3,q,3,\n", weight="v", ignore=["w"])) == 3


@pytest.mark.parametrize("weights", [[1, 2, 3, 4, 5, 6], [2, 2, 2, 2, 2, 2]])
def test_a_weight_that_counts_rows_or_is_constant_stays(tmp_path: Path, weights: list[int]) -> None:
    rows = "".join(f"{k * k},{w},{'pq'[k % 2]}\n" for k, w in enumerate(weights))
    dataset = load(tmp_path, f"a,number,y\n{rows}", weight="number")
    assert dataset.weights is not None
    assert dataset.weights.tolist() == weights
    assert dataset.notes == ()


def test_a_network_takes_its_columns_and_the_weights(tmp_path: Path) -> None:
    dataset = load(tmp_path, "w,y,b,a,c\n7,p,1,2,9\n8,q,3,4,9\n", targets=["y"], known=(Column("a"), Column("b")))
    assert dataset.x.tolist() == [[2, 1], [4, 3]]
    assert dataset.weights is not None
    assert dataset.weights.tolist() == [7, 8]


@pytest.mark.parametrize(
    ("content", "said", "message"),
    [
        (ROWS.replace("0.5", "-1"), {}, "t.csv:2: column 2 ('w'): the weight -1 is negative; give a number from 0"),
        (ROWS.replace("2,4", "1e101,4"), {}, "t.csv:3: column 2 ('w'): the weight 1e+101 is too large"),
        (ROWS.replace("0.5", "much"), {}, "t.csv:2: column 2 ('w'): 'much' is not a weight; weights are numbers"),
        (ROWS.replace("0.5", ""), {}, "t.csv:2: column 2 ('w'): the weight is missing (''); use --missing drop"),
        (ROWS, {"weight": "v"}, "t.csv: unknown column 'v': choose from a, w, b, y"),
        (ROWS, {"targets": ["w"]}, "column 'w' is the weight of the samples"),
        (ROWS, {"features": ["a", "w"]}, "column 'w' is the weight of the samples"),
        (ROWS, {"ignore": ["w"]}, "column 'w' is the weight of the samples"),
        ("a,w,y\n1,0,p\n2,0,q\n", {}, "t.csv: column 'w': all weights are 0; give one above 0"),
        ("w,y\n1,p\n2,q\n", {}, "no column is left for features"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, content: str, said: dict[str, Any], message: str) -> None:
    with pytest.raises(MlpError) as caught:
        load(tmp_path, content, **said)
    assert message in str(caught.value)


def test_inspection_shows_the_role(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(ROWS.replace("0.5", "NA"))
    said = Settings(weight="w")
    profile = profile_table(Reader(str(tmp_path / "t.csv"), said))
    assert [column.role for column in profile.columns] == ["feature", "weight", "feature", "target"]
    assert profile.training_needs == ("--missing drop",)
