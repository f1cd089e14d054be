"""What is measured of an operation, and what is said of it."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mlpcli.report.html import html_report
from mlpcli.tensor import timing
from mlpcli.tensor.operations import OPERATIONS
from mlpcli.tensor.report import tensor_report
from mlpcli.tensor.timing import Timed


def measured(
    monkeypatch: pytest.MonkeyPatch, name: str, seconds: float, **shapes: tuple[int, ...]
) -> tuple[Timed, list[Any]]:
    """The measurement of an operation that takes `seconds` for anything, and the results of what was run."""
    results: list[Any] = []

    def best(function: Callable[[], Any]) -> float:
        results.append(function())
        return seconds

    monkeypatch.setattr(timing, "_best", best)
    return timing._time(OPERATIONS[name], {key: np.ones(shape) for key, shape in shapes.items()}), results


def test_slow_loops_run_for_one_row_and_their_time_is_multiplied(monkeypatch: pytest.MonkeyPatch) -> None:
    timed, (_, one, again) = measured(monkeypatch, "dot", 0.15, x=(30, 7), y=(7, 2))
    assert (len(one), len(again)) == (1, 1)  # a second is more than the moment that the loops get
    assert (timed.naive, timed.vectorized, timed.part) == (pytest.approx(30 * 0.15), 0.15, " (from 1 row)")
    assert timed.work.multiply_adds == 30 * 7 * 2
    assert timed.size == "x 30×7, y 7×2"


def test_some_rows_are_run_if_all_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    timed, (_, one, again) = measured(monkeypatch, "dot", 0.04, x=(30, 7), y=(7, 2))
    assert (len(one), len(again)) == (1, 5)  # 0.2 s / 0.04 s
    assert (timed.naive, timed.part) == (pytest.approx(0.04 * 30 / 5), " (from 5 rows)")


@pytest.mark.parametrize(("shapes", "rows"), [({"x": (3, 7), "y": (7, 2)}, 3), ({"x": (7,), "y": (7,)}, None)])
def test_fast_loops_run_whole(
    monkeypatch: pytest.MonkeyPatch, shapes: dict[str, tuple[int, ...]], rows: int | None
) -> None:
    timed, (_, _, whole) = measured(monkeypatch, "dot", 1e-9, **shapes)
    assert whole == ([[7.0, 7.0]] * rows if rows else 7.0)  # sums of seven ones
    assert (timed.naive, timed.part) == (1e-9, "")


def test_times_are_only_in_a_table_that_has_some() -> None:
    operands = {"x": np.ones((2, 3)), "y": np.ones((3, 2))}
    counted = tensor_report(OPERATIONS["dot"], operands, None, measure=False).sheets[-1]
    assert (counted.title, counted.columns) == ("Work", ("multiply–adds", "additions", "comparisons"))
    timed = tensor_report(OPERATIONS["dot"], operands, [2, 3, 2], measure=True).sheets[-1]
    assert timed.title == "Work and time"
    assert [row[0] for row in timed.rows] == ["x 2×3, y 3×2"] * 2  # the operands, and random ones of --size


def test_the_contents_of_a_page_keep_brackets_of_a_formula() -> None:
    operands = {"W": np.ones((2, 3)), "x": np.ones(3), "b": np.ones(2)}
    text = html_report(tensor_report(OPERATIONS["dense"], operands, None, measure=False), 4)
    assert '<li><a href="#part-1">z = relu(b + W x)</a></li>' in text


@pytest.mark.parametrize(
    ("x", "written"), [((3,), "W̃ x̃, with W̃ = [W, b] and x̃ = [x; 1]"), ((2, 3), "x̃ W̃ᵀ, with W̃ = [W, b] and x̃ = [x, 1]")]
)
def test_a_merged_layer_is_written_for_a_vector_or_for_rows(x: tuple[int, ...], written: str) -> None:
    operands = {"W": np.ones((2, 3)), "x": np.ones(x), "b": np.ones(2)}
    assert tensor_report(OPERATIONS["dense"], operands, None, measure=False).closing[-1].endswith(f"ReLU of {written}")


def test_a_page_keeps_the_indentation_of_loops() -> None:
    """A browser joins spaces unless it is told not to."""
    operands = {"W": np.ones((2, 3)), "x": np.ones(3), "b": np.ones(2)}
    text = html_report(tensor_report(OPERATIONS["dense"], operands, None, measure=False), 4)
    assert ">|   |   total += W[i][j] * x[j]<" in text
    assert re.search(r"\.sheet th, \.sheet td \{[^}]*white-space: pre;", text)
