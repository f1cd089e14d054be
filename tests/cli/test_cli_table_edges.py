"""Figures and widths at the edge: the least number of a summary, L rounded once, a table as wide as the terminal."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from cli_support import Run, strict_json

from mlpcli.report.sheet import Report, Sheet
from mlpcli.report.terminal import table_text
from mlpcli.report.text import Screen


def test_a_summary_has_the_least_and_the_greatest_number_of_each_tensor_and_the_mean_size(mlp: Run) -> None:
    asked = ["backprop-trace", "--layers", "20,30,3", "--digits", 4]
    first = strict_json(mlp(*asked, "-f", "json").out)["steps"][0]["layers"][0]
    table = mlp(*asked).out
    for name in ("W", "a", "dh", "dW", "W_new"):
        values = np.array(first[name])
        (row,) = re.findall(rf"^  1 +{name} .*$", table, re.MULTILINE)
        size = "×".join(map(str, values.shape))
        assert row.split()[:3] == ["1", name, size]
        statistics = [values.min(), values.max(), np.abs(values).mean()]
        assert [float(figure) for figure in row.split()[3:]] == pytest.approx(statistics, abs=6e-5)


def test_l_of_a_single_sample_is_rounded_once(mlp: Run, tmp_path: Path) -> None:
    """(0.01 + 0.04 + 0.09)/3 is 0.0467, and 0.0 to one decimal; by way of 0.05 it would be 0.1."""
    layer = {"weights": [[0.1], [0.2], [0.3]], "bias": [0, 0, 0], "activation": "linear"}
    (tmp_path / "w.json").write_text(json.dumps({"layers": [layer], "loss": "mse"}))
    found = mlp("backprop-trace", "-w", "w.json", "--x", 1, "--y", "0,0,0", "--round-steps", 1, "-f", "json")
    assert strict_json(found.out)["steps"][0]["loss"] == 0


def lines_at(monkeypatch: pytest.MonkeyPatch, columns: int, sheet: Sheet) -> list[str]:
    """The table as a terminal of so many columns has it."""
    monkeypatch.setattr("mlpcli.report.terminal.screen", lambda: Screen(columns, color=False, unicode=True))
    return table_text(Report("trial", {}, sheet, (sheet,)), 4).splitlines()


@pytest.mark.parametrize(
    "sheet",
    [
        Sheet("T", ("unit", "first", "second"), ((1, 0.25, 0.5), (2, 1.25, -3.5))),
        Sheet("T", ("unit", "what it is"), ((1, "a text of several words"), (2, "short"))),
    ],
    ids=["numbers", "text"],
)
def test_a_table_exactly_as_wide_as_the_terminal_stays_whole(monkeypatch: pytest.MonkeyPatch, sheet: Sheet) -> None:
    whole = lines_at(monkeypatch, 200, sheet)
    width = max(map(len, whole)) + 1  # with the blank at the end of its rows
    assert lines_at(monkeypatch, width, sheet) == whole
    narrower = lines_at(monkeypatch, width - 1, sheet)
    assert narrower != whole
    assert max(map(len, narrower)) <= width - 1


def test_a_table_one_column_too_wide_goes_on_below_with_that_column_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block holds as many columns as fit, after those that tell which row it is."""
    sheet = Sheet("T", ("unit", "first", "second", "third"), ((1, 0.25, 0.5, 0.75), (2, 1.25, -3.5, 4.5)))
    width = max(map(len, lines_at(monkeypatch, 200, sheet))) + 1
    heads = [line.split() for line in lines_at(monkeypatch, width - 1, sheet) if "unit" in line]
    assert heads == [["unit", "first", "second"], ["unit", "third"]]
