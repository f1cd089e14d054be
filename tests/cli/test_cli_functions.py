"""`mlp functions` as users run it: the list, one function, places of one's own, and what it refuses."""

import re
from pathlib import Path

import pytest
from cli_support import ESCAPE_SEQUENCE, Run, csv_rows, is_one_error_line, on_terminal, strict_json

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.tasks import TASKS


def test_the_list_names_every_row(mlp: Run) -> None:
    found = mlp("functions")
    assert (found.code, found.err) == (0, "")
    words = found.out.split()
    assert [name for name in (*ACTIVATIONS, *LOSSES, *TASKS) if name not in words] == []


def test_json_and_csv_of_the_list_say_the_same(mlp: Run) -> None:
    document = strict_json(mlp("functions", "--format", "json").out)
    assert (document["format"], document["version"]) == ("mlpcli-functions", 1)
    rows = csv_rows(mlp("functions", "--format", "csv").out)
    formulas = {row["name"]: row["value"] for row in rows if row["property"] == "formula"}
    assert formulas == {row["name"]: row["formula"] for row in (*document["activations"], *document["losses"])}


def test_one_function_has_its_values_in_all_digits(mlp: Run) -> None:
    rows = csv_rows(mlp("functions", "leaky-relu:0.3", "--at", "-2,-1,0,1,2", "--format", "csv").out)
    assert [float(row["h"]) for row in rows] == [-0.6, -0.3, 0, 1, 2]
    assert [float(row["derivative"]) for row in rows] == [0.3, 0.3, 0.3, 1, 1]  # at the kink that from the left
    document = strict_json(mlp("functions", "leaky-relu:0.3", "--format", "json").out)
    assert document["parameters"] == {"alpha": 0.3}


def test_the_lecture_s_softmax_is_the_default(mlp: Run) -> None:
    document = strict_json(mlp("functions", "softmax", "-f", "json").out)
    assert document["a"] == [2, 1, 0.1]
    assert len(document["jacobian"]) == 3


def test_the_curve_is_drawn_in_ascii_where_nothing_else_can_be_written(mlp: Run) -> None:
    plain = mlp("functions", "elu", env={"PYTHONIOENCODING": "ascii"})
    assert plain.out.isascii()
    assert "\\u" not in plain.out
    assert "*" in plain.out
    assert "⠤" in mlp("functions", "elu", env={"PYTHONIOENCODING": "utf-8"}).out


@pytest.mark.parametrize("columns", [50, 80])
def test_the_curve_fits_the_terminal(tmp_path: Path, columns: int) -> None:
    found = on_terminal(tmp_path, columns, "functions", "sigmoid", PYTHONIOENCODING="utf-8")
    assert "\x1b[38;5;" in found
    lines = ESCAPE_SEQUENCE.sub("", found).splitlines()
    assert max(len(line) for line in lines if "│" in line or "┤" in line) < columns


@pytest.mark.parametrize("columns", [20, 27])
@pytest.mark.parametrize("name", [[], ["relu"], ["softmax"], ["cce"], ["binary"]], ids=str)
def test_no_line_is_wider_than_a_narrow_terminal(tmp_path: Path, columns: int, name: list[str]) -> None:
    found = on_terminal(tmp_path, columns, "functions", *name, PYTHONIOENCODING="utf-8")
    assert max(map(len, map(str.rstrip, ESCAPE_SEQUENCE.sub("", found).splitlines()))) <= columns


def test_no_formula_is_squeezed_beside_one_that_has_room(tmp_path: Path) -> None:
    """At 60 columns the loss and its derivative share what is left of the row, so that 2 (ŷ − y) stays on one."""
    found = ESCAPE_SEQUENCE.sub("", on_terminal(tmp_path, 60, "functions", PYTHONIOENCODING="utf-8"))
    assert re.search(r"mse +\(ŷ − y\)² +2 \(ŷ − y\)", found)
    assert re.search(r"mae +\|ŷ − y\| +sign\(ŷ − y\)", found)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["rellu"], "did you mean 'relu'?"),
        (["relu:0.3"], "takes no parameter"),
        (["elu:alpha=nan"], "finite"),
        (["relu", "--at", "1,x"], "'x'"),
        (["relu", "--at", ""], "''"),
        (["relu", "--at", "1e9"], "--at"),
        (["bce", "--at", "0.5,1"], "below 1"),
        (["softmax", "--at", "1"], "one vector"),
        (["softmax", "--at", ",".join(["1"] * 101)], "one vector"),
        (["binary", "--at", "1"], "task"),
        (["--at", "1"], "needs a function"),
        (["relu", "tanh"], "tanh"),
        (["leaky-relu:1e308", "--at", "-100"], "overflows"),
        (["swish:1e308", "--at", "5"], "overflows"),
        (["cce", "--at", "1e-320", "--format", "json"], "overflows"),
        (["relu", "--format", "xml"], "xml"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_one_line(mlp: Run, arguments: list[str], word: str) -> None:
    found = mlp("functions", *arguments)
    assert (found.code, found.out) == (2, "")
    assert is_one_error_line(found.err)
    assert word in found.err
