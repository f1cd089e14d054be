"""What `mlp forward` says of a file's columns and rows, and which cells it marks for spreadsheets."""

from unittest.mock import Mock

import numpy as np
import pytest

from mlpcli.cli.prediction import _note_order, check_finite, harmless
from mlpcli.core.errors import MlpError


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


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("-1.5", "-1.5"), (" =1", " =1"), ("@a", "'@a"), ("+x", "'+x"), ("+1e3 ", "+1e3 "), ("", "")],
)
def test_text_that_starts_like_a_formula_is_marked_and_numbers_are_not(cell: str, written: str) -> None:
    assert harmless(cell) == written
