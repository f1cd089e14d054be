"""Loops read off a formula: they run, they give what NumPy gives, and the counted work is what they do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import parse
from mlpcli.derivation.loops import TensorWork, as_function, loops, work_of
from mlpcli.tensor.operations import OPERATIONS

sides = st.integers(1, 5)


def drawn(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


def run(name: str, **operands: Array) -> Array:
    formula = OPERATIONS[name].formula(*(values.shape for values in operands.values()))
    lines = loops(parse(formula.text), formula.indices, formula.lengths, formula.axes)
    return np.array(as_function(lines, tuple(operands))(*(values.tolist() for values in operands.values())))


@given(sides, sides, sides)
def test_products_are_those_of_numpy(rows: int, inner: int, columns: int) -> None:
    x, y, u, v = drawn(rows, inner), drawn(inner, columns), drawn(inner), drawn(inner)
    np.testing.assert_allclose(run("dot", x=x, y=y), x @ y, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(run("dot", x=x, y=v), x @ v, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(run("dot", x=u, y=y), u @ y, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(run("dot", x=u, y=v), u @ v, rtol=1e-12, atol=1e-12)


@given(sides, sides, sides)
def test_sums_maxima_and_layers_are_those_of_numpy(samples: int, inputs: int, units: int) -> None:
    x, y, row = drawn(samples, inputs), drawn(samples, inputs)[::-1], drawn(inputs)
    W, b = drawn(units, inputs), drawn(units)
    assert np.array_equal(run("add", x=x, y=y), x + y)
    for other in (row, drawn(1, inputs), drawn(samples, 1), drawn(1), drawn(1, 1)):
        assert np.array_equal(run("add", x=x, y=other), x + other)
        assert np.array_equal(run("add", x=other, y=x), other + x)
    assert np.array_equal(run("add", x=drawn(samples, 1), y=row), drawn(samples, 1) + row)
    assert np.array_equal(run("relu", x=x), np.maximum(x, 0))
    np.testing.assert_allclose(run("dense", W=W, x=row, b=b), np.maximum(W @ row + b, 0), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(run("dense", W=W, x=x, b=b), np.maximum(x @ W.T + b, 0), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "shapes", "work"),
    [
        ("add", [(3, 4), (3, 4)], TensorWork(0, 1, 0)),
        ("relu", [(3, 4)], TensorWork(0, 0, 1)),
        ("dot", [(2, 5), (5, 3)], TensorWork(5, 0, 0)),  # a multiply–add for each of the 5 terms
        ("dense", [(3, 7), (7,), (3,)], TensorWork(7, 1, 1)),  # and the bias is added, and 0 compared
    ],
)
def test_the_work_of_one_number_is_counted(name: str, shapes: list[tuple[int, ...]], work: TensorWork) -> None:
    formula = OPERATIONS[name].formula(*shapes)
    assert work_of(parse(formula.text), formula.lengths) == work
    assert work * 6 == TensorWork(*(6 * count for count in work))


def test_loops_are_written_as_on_the_lecture_s_page() -> None:
    formula = OPERATIONS["dense"].formula((3, 2), (2,), (3,))
    assert loops(parse(formula.text), formula.indices, formula.lengths, formula.axes) == [
        "z = zeros(3)",
        "for i in range(3):",
        "    total = 0.0",
        "    for j in range(2):",
        "        total += W[i][j] * x[j]",
        "    z[i] = max(0, b[i] + total)",
    ]


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("add", {"x": (3, 4), "y": (4,)}),
        ("relu", {"x": (3, 4)}),
        ("dot", {"x": (3, 4), "y": (4, 2)}),
        ("dense", {"W": (3, 4), "x": (4,), "b": (3,)}),
        ("dense", {"W": (3, 4), "x": (5, 4), "b": (3,)}),
    ],
)
def test_the_line_of_numpy_that_is_shown_is_what_is_calculated(name: str, shapes: dict[str, tuple[int, ...]]) -> None:
    operands = {operand: drawn(*shape) for operand, shape in shapes.items()}
    names = {"np": np, **operands}
    exec(OPERATIONS[name].formula(*shapes.values()).numpy, names)
    np.testing.assert_allclose(names["z"], OPERATIONS[name].compute(*operands.values()), rtol=1e-12, atol=1e-12)
