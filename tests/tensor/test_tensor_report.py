"""What is measured of an operation, and what is said of it."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.derivation.loops import TensorWork
from mlpcli.report.html import html_report
from mlpcli.report.sheet import Formula, Report
from mlpcli.tensor import report, timing
from mlpcli.tensor.operations import OPERATIONS
from mlpcli.tensor.report import tensor_report
from mlpcli.tensor.timing import Timed, shapes_of


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


def test_slow_loops_of_a_single_number_run_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no rows of which some could be left out."""
    timed, _ = measured(monkeypatch, "dot", 0.15, x=(7,), y=(7,))
    assert (timed.naive, timed.part, timed.work.multiply_adds) == (0.15, "", 7)


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


def reported(name: str, **operands: Array) -> Report:
    return tensor_report(OPERATIONS[name], operands, None, measure=False)


@pytest.mark.parametrize(
    ("name", "x", "y", "written"),
    [
        ("relu", (200,), None, True),  # 200 numbers
        ("relu", (201,), None, False),
        ("dot", (2, 500), (500, 5), True),  # ten numbers of 500 terms each
        ("dot", (1, 5001), (5001, 1), False),  # one of 5,001
    ],
)
def test_as_many_numbers_and_terms_are_written_out_as_can_be_read(
    monkeypatch: pytest.MonkeyPatch, name: str, x: tuple[int, ...], y: tuple[int, ...] | None, written: bool
) -> None:
    monkeypatch.setattr(report, "written", lambda *_: SimpleNamespace(text="…"))  # which takes most of the time
    found = reported(name, x=np.ones(x), **({} if y is None else {"y": np.ones(y)}))
    assert ("Written out" in [sheet.title for sheet in found.sheets]) == written
    assert any("too many to write out" in line for line in found.closing) != written
    assert (found.flat.columns == ("number", "is", "value")) == written


def test_a_table_has_up_to_ten_thousand_numbers_and_larger_operands_have_none() -> None:
    for columns, titles in ((10_000, ["x, 1×10000", "z, 1×10000"]), (10_001, [])):
        assert [sheet.title for sheet in reported("relu", x=np.ones((1, columns))).sheets][:-2] == titles


def test_the_tables_of_operands_number_rows_and_columns_from_1() -> None:
    """(1 2 3) times (4 5; 6 7; 8 9) is (1·4 + 2·6 + 3·8, 1·5 + 2·7 + 3·9)."""
    found = reported("dot", x=np.array([1.0, 2, 3]), y=np.array([[4.0, 5], [6, 7], [8, 9]]))
    x, y, z, written, code, _ = found.sheets
    assert (x.title, x.columns, x.rows) == ("x, 3 numbers", ("", "1"), ((1, 1), (2, 2), (3, 3)))
    assert (y.title, y.columns, y.rows) == ("y, 3×2", ("", "1", "2"), ((1, 4, 5), (2, 6, 7), (3, 8, 9)))
    assert (z.title, z.rows) == ("z, 2 numbers", ((1, 40), (2, 46)))
    assert written.rows == (("z₁", "1·4 + 2·6 + 3·8", 40), ("z₂", "1·5 + 2·7 + 3·9", 46))
    assert (code.columns, code.keys) == (("loops", "NumPy"), 0)
    assert [row[1] for row in code.rows] == ["z = np.dot(x, y)", *[""] * (len(code.rows) - 1)]


def test_a_row_times_a_matrix_has_its_sums_in_a_row_too() -> None:
    found = reported("dot", x=np.array([1.0, 2]), y=np.array([[4.0, 5, 6], [7, 8, 9]]))
    x, y, z = (block for block in found.sections[0].blocks if isinstance(block, Formula))
    assert [each.value.shape for each in (x, y, z)] == [(1, 2), (2, 3), (1, 3)]
    assert [(each.symbol, each.formula) for each in (x, y, z)] == [("x", ""), ("y", ""), ("z", "x y")]
    assert z.sums == (("1·4 + 2·7", "1·5 + 2·8", "1·6 + 2·9"),)


@pytest.mark.parametrize(("columns", "right"), [((), 1), ((4,), 4)])
def test_a_matrix_stands_upright_in_a_product(columns: tuple[int, ...], right: int) -> None:
    blocks = reported("dot", x=np.ones((3, 2)), y=np.ones((2, *columns))).sections[0].blocks
    assert [each.value.shape for each in blocks if isinstance(each, Formula)] == [(3, 2), (2, right), (3, right)]


def test_a_vector_that_is_added_to_each_row_is_a_row() -> None:
    blocks = reported("add", x=np.ones((3, 2)), y=np.ones(2)).sections[0].blocks
    assert [each.value.shape for each in blocks if isinstance(each, Formula)] == [(3, 2), (1, 2), (3, 2)]


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        ([2.0, 3.0], [("W̃", "[W, b]", (1, 3)), ("x̃", "[x; 1]", (3, 1)), ("z", "relu(W̃ x̃)", (1, 1))]),
        ([[2.0, 3.0], [4.0, 5.0]], [("W̃", "[W, b]", (1, 3)), ("x̃", "[x, 1]", (2, 3)), ("z", "relu(x̃ W̃ᵀ)", (2, 1))]),
    ],
)
def test_the_merged_layer_is_a_section_of_its_own(x: Any, shown: list[tuple[str, str, tuple[int, int]]]) -> None:
    """A column of ones stands beside samples that are rows, a 1 below a sample that is a column."""
    found = reported("dense", W=np.array([[1.0, -1.0]]), x=np.array(x), b=np.array([0.5]))
    blocks = [block for block in found.sections[1].blocks if isinstance(block, Formula)]
    assert found.sections[1].title == "The same with b merged into W"
    assert [(each.symbol, each.formula, each.value.shape) for each in blocks] == shown
    assert blocks[0].value.tolist() == [[1, -1, 0.5]]
    assert blocks[1].value[-1].tolist() == ([1.0] if np.ndim(x) == 1 else [4, 5, 1])


@pytest.mark.parametrize(
    ("name", "sizes", "said"),
    [
        ("dot", [10_000, 1_000, 10_000], ""),  # 10¹¹ multiply–adds
        ("dot", [10_000, 1_001, 10_000], "--size: more than 100,000,000,000 operations take too long"),
        ("relu", [4096, 4096], ""),  # 2²⁴ numbers
        ("relu", [4096, 4097], "--size: x would have more than 16,777,216 numbers"),
        ("dot", [1, 4096, 4097], "--size: y would have more than 16,777,216 numbers"),
    ],
)
def test_sizes_are_refused_just_beyond_what_takes_seconds(name: str, sizes: list[int], said: str) -> None:
    if said:
        with pytest.raises(ChoiceError, match=re.escape(said)):
            shapes_of(OPERATIONS[name], sizes)
    else:
        shapes = shapes_of(OPERATIONS[name], sizes)
        assert shapes is not None
        assert shapes["x"] == tuple(sizes[:2])


@pytest.mark.parametrize(
    ("once", "repeated", "shortest"),
    [
        (0.001, (3, 20), 0.0004),  # a tenth of 0.2 s has room for twenty
        (0.15, (3, 1), 0.008),
        (1e-9, (3, 10_000), 1e-9),  # the first was the shortest
        (0.2, None, 0.2),  # a moment, and no more is needed
    ],
)
def test_a_time_is_the_shortest_of_some_runs(
    monkeypatch: pytest.MonkeyPatch, once: float, repeated: tuple[int, int] | None, shortest: float
) -> None:
    asked: list[tuple[int, int]] = []

    class Timer:
        def __init__(self, function: Callable[[], object]) -> None:
            function()

        def timeit(self, times: int) -> float:
            return once * times

        def repeat(self, runs: int, times: int) -> list[float]:
            asked.append((runs, times))
            return [0.02, 0.008, 0.05]

    monkeypatch.setattr(timing, "Timer", Timer)
    assert timing._best(lambda: None) == pytest.approx(shortest)
    assert asked == ([] if repeated is None else [repeated])


def test_loops_and_numpy_are_compared_by_their_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 ms for ten rows of 30, and 0.02 ms: NumPy takes a hundred and fiftieth."""
    work = TensorWork(420, 30, 7)
    monkeypatch.setattr(report, "timed", lambda *_: (Timed("x 30×7", work, 3e-3, 2e-5, " (from 10 rows)"),))
    found = tensor_report(OPERATIONS["relu"], {"x": np.ones(3)}, None, measure=True)
    sheet = found.sheets[-1]
    row = dict(zip(sheet.columns, map(str, sheet.rows[0]), strict=True))
    assert [row[name] for name in ("size", "multiply–adds", "additions", "comparisons")] == ["x 30×7", "420", "30", "7"]
    assert row["loops"].endswith("ms (from 10 rows)")
    assert float(row["loops"].split()[0]) == 3
    assert float(row["loops/NumPy"]) == 150
    (times,) = found.document["times"]
    assert (times["loops_seconds"], times["numpy_seconds"], times["size"]) == (3e-3, 2e-5, "x 30×7")


@pytest.mark.parametrize(
    ("name", "sizes", "shapes"),
    [
        ("add", [2, 3], {"x": (2, 3), "y": (3,)}),
        ("relu", [2, 3], {"x": (2, 3)}),
        ("dot", [2, 3, 4], {"x": (2, 3), "y": (3, 4)}),
        ("dense", [2, 3, 4], {"W": (4, 3), "x": (2, 3), "b": (4,)}),  # samples, inputs, units
    ],
)
def test_sizes_are_those_of_operands_that_fit(name: str, sizes: list[int], shapes: dict[str, tuple[int, ...]]) -> None:
    assert shapes_of(OPERATIONS[name], sizes) == shapes
    assert shapes_of(OPERATIONS[name], None) is None
    with pytest.raises(ChoiceError, match=f"--size takes {len(sizes)} numbers, .*, not {len(sizes) + 1}$"):
        shapes_of(OPERATIONS[name], [*sizes, 2])


def test_biases_are_a_row_beside_samples_that_are_rows() -> None:
    def shapes(*x: int) -> list[tuple[int, ...]]:
        found = reported("dense", W=np.ones((4, 3)), x=np.ones(x), b=np.ones(4))
        return [block.value.shape for block in found.sections[0].blocks if isinstance(block, Formula)]

    assert shapes(3) == [(4, 3), (3, 1), (4, 1), (4, 1)]  # W, x, b and z
    assert shapes(2, 3) == [(4, 3), (2, 3), (1, 4), (2, 4)]


def test_programs_get_operands_formula_loops_and_work_by_name() -> None:
    """A product of 2×3 and 3×1 takes 2·3·1 multiply–adds."""
    x, y = [[1.0, 2, 3], [4, 5, 6]], [[1.0], [0], [-1]]
    found = reported("dot", x=np.array(x), y=np.array(y))
    document = dict(found.document)
    loops = document.pop("loops")
    assert document == {
        "operation": "dot",
        "operands": {"x": x, "y": y},
        "formula": "zᵢⱼ = Σₖ xᵢₖ yₖⱼ",
        "z": [[-2], [-2]],
        "numpy": "z = np.dot(x, y)",
        "work": {"multiply_adds": 6, "additions": 0, "comparisons": 0},
        "times": [],
    }
    names: dict[str, Any] = {"zeros": lambda *shape: np.zeros(shape), "x": x, "y": y}
    exec("\n".join(loops), names)
    assert np.array_equal(names["z"], [[-2], [-2]])
    assert (found.kind, found.title, found.sections[0].title) == (
        "tensor-dot",
        OPERATIONS["dot"].description,
        "z = x y",
    )
    assert [str(cell) for cell in found.sheets[-1].rows[0]] == ["6", "0", "0"]
    layer = reported("dense", W=np.array([[2.0, 3.0]]), x=np.array([4.0, 5.0]), b=np.array([6.0]))
    assert layer.document["merged"] == {"W": [[2, 3, 6]], "x": [4, 5, 1]}
    assert layer.document["z"] == [29]  # 6 + 2·4 + 3·5
    assert [sheet.title for sheet in layer.sheets[:6]] == [
        "W, 1×2",
        "x, 2 numbers",
        "b, 1 number",
        "z, 1 number",
        "W̃, 1×3",
        "x̃, 3 numbers",
    ]


def test_a_single_number_that_overflows_is_enough_to_refuse() -> None:
    """10²⁰⁰ · 10²⁰⁰ is infinite, 1 · 10²⁰⁰ is not."""
    with pytest.raises(MlpError, match=r"^tensor dot: a number overflows; use smaller ones$"):
        reported("dot", x=np.array([[1.0], [1e200]]), y=np.array([1e200]))
