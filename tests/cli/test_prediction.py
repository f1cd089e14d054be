"""What `mlp forward` says of a file's columns and rows, and which cells it marks for spreadsheets."""

import json
import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from cli_support import Run

from mlpcli.cli.network_options import RandomNetworkOptions
from mlpcli.cli.networks import random_model
from mlpcli.cli.prediction import Predicted, _note_order, _predicted_blocks, check_finite, harmless, kept_rows
from mlpcli.core.errors import MlpError
from mlpcli.data.table import FeatureRows
from mlpcli.report.sheet import Prediction


@pytest.mark.parametrize(("columns", "more"), [(8, ""), (9, " and 1 more"), (11, " and 3 more")])
@pytest.mark.parametrize("named", [True, False])
def test_columns_that_are_taken_by_their_order_are_noted(columns: int, more: str, named: bool) -> None:
    """With their names in the file, or those of the network's features; at most eight of them."""
    of_file, of_network = (tuple(f"{letter}{k}" for k in range(columns)) for letter in "fn")
    said = list[str]()
    file = Mock(named=named, names=of_file, hint="; a hint")
    _note_order(Mock(note=said.append), "d.csv", file, of_network)
    why = "the network has no names for its features" if named else "the first row is not a header"
    names = ", ".join((of_file if named else of_network)[:8])
    hint = "; a hint" if named else ""
    assert said == [f"d.csv: {why}; the columns are used in this order: {names}{more}{hint}"]


@pytest.mark.parametrize(("first", "number"), [(1, 2), (11, 12)])
def test_the_first_row_whose_output_overflows_is_named(first: int, number: int) -> None:
    a = np.array([[1.0, 2.0], [1.0, np.inf], [np.nan, 0.0]])
    check_finite(a[:1], "d.csv: data row", first)
    with pytest.raises(MlpError, match=rf"^d\.csv: data row {number}: the network's output overflows; a feature"):
        check_finite(a, "d.csv: data row", first)


def test_rows_are_counted_from_one_block_to_the_next() -> None:
    """Two blocks of three rows: the second row of the second one is the fifth."""
    model = random_model(RandomNetworkOptions("2,1", None, "linear"), "2,1", 1)
    model.network.parameters[0].W[...] = 1
    blocks = np.zeros((3, 2)), np.array([[0, 0], [1e308, 1e308], [0, 0]])
    predicted = _predicted_blocks(model, [FeatureRows(x, list) for x in blocks], "d.csv")
    assert len(next(predicted).predictions) == 3
    with pytest.raises(MlpError, match=r"^d\.csv: data row 5: "):
        next(predicted)


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("--x", "1,1"), "w.json: --x, sample 1"),
        (("--x", "1,0;1,1"), "w.json: --x, sample 2"),
        (("--data", "d.csv"), "d.csv: data row 2"),
        (("--dataset", "xor"), "xor: data row 4"),
    ],
)
def test_an_output_that_overflows_is_told_with_its_place(
    mlp: Run, tmp_path: Path, words: tuple[str, ...], place: str
) -> None:
    """1e308 twice is more than a float has. Of xor, only the last row has two ones."""
    layer = {"weights": [[1e308, 1e308], [0, 0]], "bias": [0, 0], "activation": "softmax"}
    (tmp_path / "w.json").write_text(json.dumps({"layers": [layer], "classes": ["0", "1"]}))
    (tmp_path / "d.csv").write_text("a,b\n0,1\n1,1\n")
    done = mlp("forward", "--weights", "w.json", *words)
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1].startswith(f"mlp: error: {place}: the network's output overflows; ")


@pytest.mark.parametrize("terminal", [True, False])
def test_kept_rows_cannot_steer_a_terminal_and_are_whole_elsewhere(
    monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr(sys, "stdout", Mock(isatty=lambda: terminal))
    file = Mock(names=("a",), dialect=Mock(separator=";", decimal=","))
    block = Predicted([Prediction("yes", [0.25])], lambda: [["\x1b[1m"]])
    header, row = kept_rows(file, ("prediction", "p"), [block], 3, spreadsheet=False)
    assert header == "a;prediction;p\n"
    assert row.endswith(";yes;0,250\n")
    assert ("\x1b" in row) is not terminal


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("-1.5", "-1.5"), (" =1", " =1"), ("@a", "'@a"), ("+x", "'+x"), ("+1e3 ", "+1e3 "), ("", "")],
)
def test_text_that_starts_like_a_formula_is_marked_and_numbers_are_not(cell: str, written: str) -> None:
    assert harmless(cell) == written
