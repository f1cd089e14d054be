"""Formulas in numbers: every number is there, lines end where they may, and negative factors stand in brackets."""

import re

import numpy as np
import pytest
from report_helpers import TRACES, formulas_of

from mlpcli.core.arrays import Array
from mlpcli.derivation.paper import paper
from mlpcli.derivation.trace import Trace
from mlpcli.report.equations import (
    computed_cells,
    displays,
    factor_cells,
    formula_lines,
    known_lines,
    matrix,
    sum_lines,
    width,
)
from mlpcli.report.sheet import Formula, Section
from mlpcli.report.typesetting import BLANK


def of(*pieces: Array | str, value: object = 0.0, symbol: str = "J", sums: tuple[tuple[str, ...], ...] = ()) -> Formula:
    return Formula(symbol, "L", pieces, np.atleast_2d(np.asarray(value, np.float64)), sums)


def number(value: float) -> Array:
    return np.array([[value]])


def text(formula: Formula, digits: int = 4) -> str:
    return " ".join(" ".join(formula_lines(formula, digits)).split())


def test_the_whole_chain_stands_on_one_line_where_it_fits() -> None:
    W, x = np.array([[1.0, -2.0], [3.0, 4.0]]), np.array([[0.5], [0.25]])
    (line,) = formula_lines(Formula("a⁽¹⁾", "W⁽¹⁾ x", (W, x), W @ x), 2)
    assert line.split("\n") == [
        r"a^{(1)} &= W^{(1)} x = \begin{pmatrix}",
        r"1 & -2 \\",
        "3 & 4",
        r"\end{pmatrix} \begin{pmatrix}",
        r"0.5 \\",
        "0.25",
        r"\end{pmatrix} = \begin{pmatrix}",
        r"0.00 \\",  # 1·0.5 − 2·0.25
        "2.50",  # 3·0.5 + 4·0.25
        r"\end{pmatrix}",
    ]


def test_a_negative_number_stands_in_brackets_after_a_sign() -> None:
    assert "= 1 + (-2) = " in text(of(number(1), "+", number(-2)))
    assert "= -1 + 2 = " in text(of(number(-1), "+", number(2)))


def test_a_function_takes_a_number_in_brackets() -> None:
    assert r"= \text{relu} (0.5) = " in text(of("relu", number(0.5)))


def test_a_bracket_around_matrices_is_large_and_one_around_numbers_is_not() -> None:
    column = np.array([[1.0], [2.0]])
    assert text(of("1/2 (", column, "+", column, ")")).count(r"\Bigl(") == 1
    assert text(of("1/2 (", column, "+", column, ")")).count(r"\Bigr)") == 1
    assert r"\frac{1}{2} ( 1 + 2 ) = " in text(of("1/2 (", number(1), "+", number(2), ")"))
    assert r"+ (1 - 0.9 ) \cdot" in text(of(number(0.9), "·", column, "+ (1 −", number(0.9), ")·", column))


def test_each_sign_stands_once_in_its_place() -> None:
    """½ (da[1] x[1]ᵀ + da[2] x[2]ᵀ) + λ₂ W + λ₁ sign(W), in numbers"""
    one, two, row = np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]]), np.array([[5.0, 6.0]])
    share = ("+", number(0.2), "·", one, "+", number(-0.1), "·", two)
    line = text(of("1/2 (", one, row, "+", two, row, ")", *share))
    first, second, third = (rf"\begin{{pmatrix}} {cells} \end{{pmatrix}}" for cells in (r"1 \\ 2", r"3 \\ 4", "5 & 6"))
    products = rf"\frac{{1}}{{2}} \Bigl( {first} {third} + {second} {third} \Bigr)"
    assert f"= {products} + 0.2 \\cdot {first} + (-0.1) \\cdot {second} = " in line.replace(r"\\ &\quad ", "")


@pytest.mark.parametrize("found", TRACES.values(), ids=TRACES.keys())
def test_no_matrix_and_no_sign_of_a_trace_is_lost_or_doubled(found: Trace) -> None:
    for formula in formulas_of(paper(found)):
        latex = " ".join(formula_lines(formula, 2)) if formula.formula else ""
        signs = "".join(piece for piece in formula.inserted if isinstance(piece, str)) + formula.formula
        matrices = [piece for piece in formula.inserted if not isinstance(piece, str) and piece.size > 1]
        if latex:
            assert latex.count(r"\begin{pmatrix}") == len(matrices) + (formula.value.size > 1)
            assert latex.count(r"\odot") == signs.count("⊙")
            assert len(re.findall(r"\+", re.sub(r"10\^\{[^}]*\}", "", latex))) == signs.count("+")
            assert latex.count(r"\Bigl(") == latex.count(r"\Bigr)")


def test_constants_keep_their_digits_and_computed_numbers_have_those_asked_for() -> None:
    theta, g = np.array([[0.125, 1 / 3]]), np.array([[1.0, 2.0]])
    line = text(of(theta, "−", number(0.005), "·", g, value=[[0.12, 0.3233333]]), digits=2)
    assert r"\begin{pmatrix} 0.12 & 0.33 \end{pmatrix} - 0.005 \cdot \begin{pmatrix} 1 & 2 \end{pmatrix}" in line
    assert line.endswith(r"= \begin{pmatrix} 0.12 & 0.32 \end{pmatrix}")


def test_a_computed_number_does_not_look_like_a_constant_by_chance() -> None:
    assert "= 0.966943 + 0.10731 = " in text(of(number(0.96694321), "+", number(0.10731)))
    assert "= 0.966943 + 0.9995 = " in text(of(number(0.96694321), "+", number(0.9995)), digits=2)


def test_what_is_given_loses_no_digit_that_was_typed() -> None:
    given = [Formula("η", "", (), number(0.0005)), Formula("x", "", (), np.array([[0.125], [1.0]]))]
    assert known_lines(given, 2) == [
        "&\\eta = 0.0005 \\qquad x = \\begin{pmatrix}\n0.125 \\\\\n1\n\\end{pmatrix}",
    ]


@pytest.mark.parametrize("columns", [5, 12, 40])
def test_a_matrix_wider_than_a_line_goes_on_below_and_loses_nothing(columns: int) -> None:
    cells = [[f"{row}.{column:04}" for column in range(columns)] for row in range(2)]
    parts = matrix(cells, 150)
    assert len(parts) >= columns / 4
    assert all(part.width <= 150 and re.search(r"\d", part.latex) for part in parts)  # no part is empty
    latex = " ".join(part.latex for part in parts)
    assert (latex.count(r"\left("), latex.count(r"\right)")) == (1, 1)
    assert latex.count(r"\left") == latex.count(r"\right") == len(parts)
    found = re.findall(r"0\.\d+", latex)
    assert found == cells[0]
    assert re.findall(r"1\.\d+", latex) == cells[1]


def test_a_matrix_as_wide_as_the_line_stays_whole() -> None:
    """Two columns of three digits take 2 · (15 + 10) points, and the brackets 20."""
    cells = [["123", "4"], ["5", "678"]]
    (whole,) = matrix(cells, 70)
    assert (whole.width, whole.latex.startswith(r"\begin{pmatrix}")) == (70, True)
    one, two = matrix(cells, 69.9)
    assert (one.width, two.width) == (45, 45)
    assert len(matrix([*cells[:1]], 45)) == 2
    assert matrix([["-1.5"]], 1)[0].latex == "-1.5"


def test_each_number_of_the_value_is_told_by_its_place() -> None:
    sums = (("1·2", "3"), ("4", "5·(−1)"))
    formula = of(value=[[2, 3], [4, -5]], symbol="new W⁽²⁾", sums=sums)
    assert sum_lines(formula, 0) == [
        r"\text{new }w_{11}^{(2)} &= 1\cdot2 = 2",
        r"\text{new }w_{12}^{(2)} &= 3 = 3",
        r"\text{new }w_{21}^{(2)} &= 4 = 4",
        r"\text{new }w_{22}^{(2)} &= 5\cdot(-1) = -5",
    ]
    assert (
        sum_lines(of(value=[[1], [2]], symbol="ŷ[2] = h⁽¹⁾[2]", sums=(("1",), ("2",))), 0)[1]
        == "h_{2}^{(1)}[2] &= 2 = 2"
    )
    assert sum_lines(of(value=3, symbol="dŷ = dh⁽²⁾", sums=(("3",),)), 0) == [r"d\hat y = dh^{(2)} &= 3 = 3"]


def test_a_long_sum_is_broken_before_a_sign_but_not_under_a_root() -> None:
    long = " + ".join(["0.123456·(−1.234567)"] * 12)
    lines = sum_lines(of(value=1, sums=((long,),)), 4)
    assert len(lines) > 2
    assert all(re.match(r"&(\\quad \+|=)", line) for line in lines[1:])
    assert "".join(lines).count(r"0.123456\cdot(-1.234567)") == 12
    roots = " + ".join(["√(1 − 0.999^1)"] * 20)
    assert "".join(sum_lines(of(value=1, sums=((roots,),)), 4)).count(r"\sqrt{1 - 0.999^{1}}") == 20


def test_a_blank_stands_for_each_number_that_is_to_be_found() -> None:
    lines = formula_lines(Formula("h", "f(a)", (), np.full((3, 2), np.nan)), 4)
    assert "".join(lines).count(BLANK) == 6


def test_summands_have_the_digits_that_their_sum_needs() -> None:
    """0.98038 + 0.39475 + 0.35479 = 1.72992, but to four digits 0.9804 + 0.3948 + 0.3548 = 1.7300."""
    shown = text(of(number(0.980385), "+", number(0.394754), "+", number(0.354790), value=1.729929))
    summands = re.findall(r"\d\.\d+", shown)
    assert f"{sum(map(float, summands[:3])):.4f}" == summands[3] == "1.7299"


def test_a_fraction_is_as_wide_as_its_wider_part() -> None:
    """A digit has 5 points; TeX adds 1.2 points of space on each side, here rounded up to 3."""
    assert width(r"\frac{1}{2222}") == width(r"\frac{2222}{1}") == 4 * 5 + 3


def test_a_quotient_in_a_sum_stays_on_the_line() -> None:
    assert sum_lines(of(value=[[2.0]], sums=(("(1 + 3) / 2",),)), 0) == [r"J &= (1 + 3) / 2 = 2"]


def test_numbers_that_are_inserted_together_are_written_alike() -> None:
    """0.5 alone is typed; beside 0.123456, which has more than four decimals, both have four."""
    assert factor_cells(np.array([[0.5, 0.25]]), 4) == [["0.5", "0.25"]]
    assert factor_cells(np.array([[1e-7]]), 17) == [["10^{-7}"]]  # and not 9.9999999999999995e-08
    assert factor_cells(np.array([[0.5, 0.123456]]), 4) == computed_cells(np.array([[0.5, 0.123456]]), 4)


def given(symbol: str, columns: int) -> Formula:
    return Formula(symbol, "", (), np.ones((1, columns)))


@pytest.mark.parametrize(("columns", "lines"), [((13, 9), 1), ((13, 10), 2), ((27,), 1), ((28,), 2), ((28, 1), 3)])
def test_given_numbers_share_a_line_as_long_as_there_is_room(columns: tuple[int, ...], lines: int) -> None:
    """`x =` has 5.5 + 13.5 points, each 1 has 5 + 10, brackets have 20, and so has the gap behind: of 452 in all.

    13 and 9 numbers take 254 + 194 of them; one matrix alone has 433, for 27 numbers. Behind a part nothing follows.
    """
    assert len(known_lines([given("x", count) for count in columns], 0)) == lines


@pytest.mark.parametrize(("columns", "whole", "lines"), [(26, True, 1), (27, False, 3)])
def test_a_value_follows_its_formula_if_it_fits(columns: int, whole: bool, lines: int) -> None:
    """Of 452 points, `x = f` takes 5.5 + 13.5 + 5.5; = and a matrix of 26 numbers take 13.5 + 410.

    The parts of a wider one begin on the next line, and the second does not fit behind the first.
    """
    found = formula_lines(Formula("x", "f", (), np.ones((1, columns))), 0)
    assert "".join(found).count("pmatrix") == 2 * whole
    assert (len(found), found[0].startswith("x &= f")) == (lines, True)


def test_matrices_that_do_not_fit_beside_each_other_have_a_line_each() -> None:
    """Two of 230 points each, after =, of which one would fit beside the formula."""
    row = np.ones((1, 14))
    found = formula_lines(Formula("x", "f", (row, row), np.ones((1, 1))), 0)
    assert [line.split(" ")[0] for line in found] == ["x", "&=", r"&\quad"]
    assert [line.count(r"\begin") for line in found] == [0, 1, 1]


def test_a_part_of_a_matrix_is_as_wide_as_its_columns_and_brackets() -> None:
    """Of four columns of 5 + 10 points, two fit into 59 with brackets of 20."""
    assert [part.width for part in matrix([["1"] * 4], 59)] == [50, 50]


@pytest.mark.parametrize(("total", "more"), [("1 + 2", 0), ("2 + 1", 1)])
def test_a_sum_that_stands_in_the_formula_already_is_not_written_again(total: str, more: int) -> None:
    formula = of(number(1), "+", number(2), value=3, sums=((total,),))
    (lines,) = displays(Section("a section", (formula,)), 0)
    assert len(lines) == len(formula_lines(formula, 0)) + more
