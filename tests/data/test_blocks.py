"""Blocks that NumPy's parser reads, and those that it must not read: rows are then parsed one by one, which is slow."""

from collections.abc import Callable
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.data import blocks
from mlpcli.data.blocks import parse_fast
from mlpcli.data.columns import roles
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.row_parsing import Block
from mlpcli.data.table import detected_plan

Fast = Callable[..., Block | None]


@pytest.fixture
def fast(tmp_path: Path) -> Fast:
    """What NumPy reads of a table with a header."""

    def read(content: str, **said: Any) -> Block | None:
        (tmp_path / "t.csv").write_text(content)
        reader = Reader(str(tmp_path / "t.csv"), Settings(header=True, **said))
        plan, _ = detected_plan(reader, roles(reader.layout))
        return parse_fast(reader.first, plan)

    return read


GAPS = {"missing": "mean"}
TABLES: dict[str, tuple[str, dict[str, Any], list[list[float]], list[str], list[int]]] = {
    # name: the content, what is said, the features, the targets, and the lines
    "numbers": ("a,b,y\n1,2,u\n3,4.5,v\n", {}, [[1, 2], [3, 4.5]], ["u", "v"], [2, 3]),
    "blank lines": ("a,b,y\n\n1,2,u\n\n\n3,4,v\n", {}, [[1, 2], [3, 4]], ["u", "v"], [3, 6]),
    "quotes": ('"a","b","y"\n"1","2","u"\n3,"4","v"\n', {}, [[1, 2], [3, 4]], ["u", "v"], [2, 3]),
    "other alphabets": ("a,y\n1,ü\n2,世\n", {}, [[1], [2]], ["ü", "世"], [2, 3]),
    "words": ("a,b,y\nred,1,u\ntan,2,v\nred,3,u\n", {}, [[0, 1], [1, 2], [0, 3]], ["u", "v", "u"], [2, 3, 4]),
    "gaps": ("a,b,y\n1,,u\n NA ,4,v\n5,6,\n", GAPS, [[1, nan], [nan, 4], [5, 6]], ["u", "v", ""], [2, 3, 4]),
    "gaps between tabs": (
        "a\tb\tc\ty\n1\t\t\tu\n2\t3\t NA \tv\n",
        GAPS,
        [[1, nan, nan], [2, 3, nan]],
        ["u", "v"],
        [2, 3],
    ),
    "no gaps where they may be": ("a,y\n1,u\n2,v\n", {"missing": "drop"}, [[1], [2]], ["u", "v"], [2, 3]),
    "a last column that is not read": ("a,y,z\n1,u,x\n2,v,\n", {"ignore": ["z"]}, [[1], [2]], ["u", "v"], [2, 3]),
    "large numbers with a point": ("a,y\n9007199254740993.0,u\n1e300,v\n", {}, [[2**53], [1e300]], ["u", "v"], [2, 3]),
    "a label of 200 characters": (f"a,y\n1,{'v' * 200}\n2,u\n", {}, [[1], [2]], ["v" * 200, "u"], [2, 3]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said", "numbers", "targets", "lines"), TABLES.values(), ids=TABLES)
def test_plain_tables_are_read_by_numpy(
    fast: Fast, content: str, said: dict[str, Any], numbers: list[list[float]], targets: list[str], lines: list[int]
) -> None:
    found = fast(content, **said)
    assert found is not None
    np.testing.assert_array_equal(found.numbers, numbers)
    assert (found.targets[:, 0].tolist(), found.lines.tolist()) == (targets, lines)


OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "a delimiter in quotes": ('a,y\n1,"u,v"\n2,w\n', {}),
    "a row that is too short and one that is too long": ("a,y,z\n1,u,2,3\n1,u\n1,u,2\n", {"ignore": ["z"]}),
    "a row that is too short": ("a,b,y\n1,2,u\n3,v\n", {}),
    "a blank of another alphabet": ("a,y\n\u20031,u\n2,v\n", {}),
    "a gap": ("a,b,y\n1,,u\n2,3,v\n", {}),
    "a missing target": ("a,y\n1,u\n2,NA\n", {}),
    "a whole number that is no float64": ("a,y\n9007199254740993,u\n2,v\n", {}),
    "a whole number that is no float64, and a gap": ("a,y\n9007199254740993,u\n,v\n", GAPS),
    "an infinite number": ("a,y\ninf,u\n2,v\n", {}),
    "a number that is too large, and a gap": ("a,y\n1e400,u\n,v\n", GAPS),
    "a signed NaN": ("a,y\n-nan,u\n2,v\n", GAPS),
    "a cell in a column without a name": ("a,,y\n1,,u\n2,7,v\n", {}),
    "a label of 201 characters": (f"a,y\n1,{'v' * 201}\n2,u\n", {}),
    "a very long line": (f"a,y\n1{' ' * 300},u\n2,v\n", {}),
}


@pytest.mark.parametrize(("content", "said"), OTHERS.values(), ids=OTHERS)
def test_what_may_be_wrong_is_left_to_those_who_look_at_each_cell(
    fast: Fast, content: str, said: dict[str, Any]
) -> None:
    assert fast(content, **said) is None


@pytest.mark.parametrize(
    ("targets", "kind"),
    [
        ([0.5, *range(1, 12)], "f"),  # twelve numbers, one with a fraction
        ([0.5, *range(1, 10)], "U"),  # ten, which may all be names
        ([0.5, *range(1, 10), 1, 2], "U"),  # ten in twelve rows
        ([0.5, *range(1, 11)], "f"),
        (list(range(12)), "U"),  # without a fraction
    ],
)
def test_more_targets_than_there_are_names_are_numbers_if_some_have_fractions(
    fast: Fast, targets: list[float], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MOST_NAMES", 10)
    found = fast("a,y\n" + "".join(f"{k}.5,{target}\n" for k, target in enumerate(targets)))
    assert found is not None
    assert found.targets.dtype.kind == kind
    assert found.targets[:, 0].tolist() == (targets if kind == "f" else [*map(str, targets)])


def test_targets_stay_text_if_one_column_of_them_may_be_names(fast: Fast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST_NAMES", 10)
    rows = [(k + 0.5, k * 7.5, f"0{k % 3}") for k in range(20)]
    found = fast("a,y,z\n" + "".join(f"{a},{y},{z}\n" for a, y, z in rows), targets=["y", "z"])
    assert found is not None
    assert found.targets.tolist() == [[str(y), z] for _, y, z in rows]
