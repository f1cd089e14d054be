"""The normal equations as derived on paper: NumPy's products, least squares and eigenvalues, and counts by hand."""

import json
from itertools import product

import numpy as np
import pytest
from core_helpers import random_network

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.samples import Scaling, unscaled
from mlpcli.derivation.gradient_free import normal_equations
from mlpcli.derivation.gradient_free.dependent_columns import dependences, dependent_sheet
from mlpcli.derivation.gradient_free.normal_equations import (
    UNSCALED,
    Scalings,
    Solution,
    _without_rounding,
    element_formula,
    solution,
    solving_cost,
    sums_of,
)
from mlpcli.derivation.gradient_free.report import _count, solution_report
from mlpcli.derivation.quantities import EVERYTHING, View
from mlpcli.derivation.values import value
from mlpcli.derivation.writing import WrittenFormula
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Formula, Report

G = np.random.default_rng(0)
X = G.normal(2, 3, (12, 3))
Y = X @ G.normal(size=(3, 2)) + G.normal(size=(12, 2)) + [5, -7]
TYPESET = View(typeset=True, sums=True)


def solved(
    x: Array, y: Array, freeze_bias: bool = False, scalings: Scalings = UNSCALED, **settings: object
) -> Solution:
    network = random_network(x.shape[1], [y.shape[1]], ["linear"])
    features = [f"x{j}" for j in range(1, x.shape[1] + 1)]
    objective = objective_of(LOSSES["mse"], **settings)
    outputs = "uvwzpq"[: y.shape[1]]
    return solution(network, objective, OPTIMIZERS["normal-equations"], x, y, features, outputs, freeze_bias, scalings)


CASES = [
    {},
    {"l2": 0.3},
    {"l2": 0.3, "regularize_bias": True},
    {"freeze_bias": True},
    {"freeze_bias": True, "l2": 0.3},
    {"output_reduction": "sum", "batch_reduction": "sum", "l2": 2.0},
]


@pytest.mark.parametrize("case", CASES)
def test_matrices_are_numpys_and_the_solution_is_that_of_least_squares(case: dict[str, object]) -> None:
    """J = c/2·‖Xθ − Y‖² + l2/2·‖W‖² is least where ‖√c (Xθ − Y)‖² + ‖√l2 W‖² is."""
    found = solved(X, Y, **case)  # type: ignore[arg-type]
    frozen, l2 = bool(case.get("freeze_bias")), float(case.get("l2", 0))  # type: ignore[arg-type]
    wide = X if frozen else np.column_stack([X, np.ones(12)])
    right = Y - found.network.parameters[0].b if frozen else Y
    c = 2.0 if "batch_reduction" in case else 2 / 2 / 12
    strength = np.full(wide.shape[1], l2)
    if not frozen and not case.get("regularize_bias"):
        strength[-1] = 0
    H, matrices = c * wide.T @ wide + np.diag(strength), found.matrices
    expected = {"G": wide.T @ wide, "R": wide.T @ right, "H": H, "c": c}
    for symbol, values in expected.items():
        np.testing.assert_allclose(matrices[symbol], values, rtol=1e-12, err_msg=symbol)
    A = np.vstack([c**0.5 * wide, np.diag(strength**0.5)])
    B = np.vstack([c**0.5 * right, np.zeros((len(strength), 2))])
    np.testing.assert_allclose(found.theta, np.linalg.lstsq(A, B)[0], rtol=1e-9)
    np.testing.assert_allclose(found.loss + found.penalty, 0.5 * np.linalg.norm(A @ found.theta - B) ** 2, rtol=1e-12)
    np.testing.assert_allclose(found.gradient, 0, atol=1e-11)
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(H)[::-1], rtol=1e-9)
    assert not found.singular
    assert dependences(found) == []


@pytest.mark.parametrize("case", CASES)
def test_the_formulas_give_the_gradient_anywhere(case: dict[str, object]) -> None:
    """c Xᵀ(Xθ − Y) + Λθ and Hθ − cR, at a random θ, are the central difference of J."""
    found = solved(X, Y, **case)  # type: ignore[arg-type]
    matrices = {**found.matrices, "θ": G.normal(size=found.theta.shape)}
    formula = value(element_formula(found, "dθ"), "ᵢⱼ", lambda name: matrices[name.symbol])
    XX, YY, c, Λ = (matrices[name] for name in "XYcΛ")

    def J(theta: Array) -> float:
        return float(0.5 * c * ((XX @ theta - YY) ** 2).sum() + 0.5 * (Λ @ theta**2).sum())

    for i, j in product(*map(range, found.theta.shape)):
        step = np.zeros(found.theta.shape)
        step[i, j] = 1e-4
        numerical = (J(matrices["θ"] + step) - J(matrices["θ"] - step)) / 2e-4
        assert formula[i, j] == pytest.approx(numerical, rel=1e-6, abs=1e-7)


def test_columns_that_others_make_up_are_named() -> None:
    """x₃ = 2x₁ − x₂ + 3, and x₅ = 0; x₄ is free."""
    x = np.column_stack([X[:, :2], 2 * X[:, 0] - X[:, 1] + 3, X[:, 2], np.zeros(12)])
    found = solved(x, Y)
    assert (found.rank, found.singular) == (4, True)
    third, fifth = dependences(found)
    assert (third.column, fifth.column, fifth.of) == (2, 4, {})
    assert third.of.keys() == {0, 1, 5}
    assert [third.of[k] for k in (0, 1, 5)] == pytest.approx([2, -1, 3], rel=1e-9)
    np.testing.assert_allclose(found.theta, np.linalg.pinv(np.column_stack([x, np.ones(12)])) @ Y, atol=1e-9)
    report = solution_report(found, EVERYTHING, {})
    (sheet,) = (sheet for sheet in report.sheets if sheet.title.startswith("Columns"))
    assert sheet.rows == (("x3", "2·x1 − x2 + 3"), ("x5", "0"))
    assert "H is singular, with rank 4 for 6 columns: J is constant in 2 directions" in report.closing[1]


@pytest.mark.parametrize("frozen", [False, True])
def test_of_several_multiples_each_depends_on_the_first_column_alone(frozen: bool) -> None:
    column = X[:, :1]
    found = solved(np.hstack([column, 2 * column, -3 * column, X[:, 1:2]]), Y, frozen)
    assert [(each.column, {k: round(v, 9) for k, v in each.of.items()}) for each in dependences(found)] == [
        (1, {0: 2}),
        (2, {0: -3}),
    ]


@pytest.mark.parametrize(
    ("l2", "biases", "penalty"), [(0.0, False, ""), (0.3, False, " + ½ λ₂ ‖W‖²"), (0.3, True, " + ½ λ₂ ‖θ‖²")]
)
def test_the_derivation_has_the_regularizer_if_there_is_one(l2: float, biases: bool, penalty: str) -> None:
    formulas = dict(solved(X, Y, l2=l2, regularize_bias=biases).steps)
    assert formulas["objective"] == "J(θ) = ½ c ‖X θ − Y‖²" + penalty
    assert formulas["gradient"] == "dθ = c Xᵀ (X θ − Y)" + " + Λ θ" * bool(penalty)
    assert formulas["second derivative"] == "H = c Xᵀ X" + " + Λ" * bool(penalty)


def test_what_rounding_made_is_0_and_outputs_have_their_names() -> None:
    """Of standardized inputs, the column sums are 0 up to rounding: G has a 0 there, and so has R."""
    x, y = ((values - values.mean(0)) / values.std(0) for values in (X, Y))
    found = solved(x, y)
    assert np.abs(found.matrices["G"][:3, 3]).max() > 0  # the program gets every digit
    report = solution_report(found, EVERYTHING, {})
    sheets = {sheet.title[:1]: sheet for sheet in report.sheets if sheet.title[1:3] == " ="}
    assert sheets["R"].columns == ("", "u", "v")
    for symbol in "GRH":
        numbers = np.array([row[1:] for row in sheets[symbol].rows], np.float64)
        zeros = np.zeros(2) if symbol == "R" else np.zeros(3)
        assert numbers[3, : len(zeros)].tolist() == zeros.tolist()
        assert numbers[:3, :2] == pytest.approx(found.matrices[symbol][:3, :2])
    blocks = [block for section in solution_report(found, TYPESET, {}).sections for block in section.blocks]
    (H,) = (block for block in blocks if isinstance(block, Formula) and block.symbol == "H")
    (inserted,) = (part for part in H.inserted if isinstance(part, np.ndarray) and part.shape == (4, 4))
    assert inserted[3, :3].tolist() == [0, 0, 0]
    assert {row[2] for row in report.flat.rows} == {"u", "v"}
    assert report.document["outputs"] == ["u", "v"]
    tiny = solved(1e-12 * X, Y)  # small, but not by rounding
    sheet = next(sheet for sheet in solution_report(tiny, EVERYTHING, {}).sheets if sheet.title.startswith("G ="))
    assert sheet.rows[0][1] == tiny.matrices["G"][0, 0] != 0


def test_numbers_of_x_and_of_the_solution_that_rounding_made_are_0() -> None:
    """(v − 0.3)/0.1 of v = 0.3 may miss 0 by 2⁻⁵⁵, and then the bias does too: y = 2x goes through (0, 0)."""
    x, y = np.array([[-1.0], [2**-55], [1.0]]), np.array([[-2.0], [0.0], [2.0]])
    found = solved(x, y, scalings=Scalings(Scaling(np.array([0.3]), np.array([0.1])), unscaled()))
    assert found.shown["X"][1].tolist() == [0, 1]
    assert found.shown["θ"][:, 0] == pytest.approx([2, 0], rel=1e-12, abs=0)
    assert abs(found.theta[1, 0]) < 1e-15  # the program gets every digit
    assert found.matrices["X"][1, 0] == 2**-55


def test_small_numbers_are_not_taken_for_rounding() -> None:
    """x of 10⁻¹⁷ beside 1, which nobody scaled; and θ of 10⁻¹², since y is as small."""
    x, y = np.array([[1e-17], [1.0], [2.0]]), np.array([[0.0], [1e-12], [2e-12]])
    found = solved(x, y)
    assert found.shown["X"][0, 0] == 1e-17
    assert found.shown["θ"][0, 0] == pytest.approx(1e-12)


def test_of_one_hot_columns_the_last_is_1_less_the_others() -> None:
    found = solved(np.eye(3)[[0, 1, 2, 0, 1]], Y[:5])
    (last,) = dependences(found)
    assert last.column == 2
    assert last.of == pytest.approx({0: -1, 1: -1, 3: 1})


@pytest.mark.parametrize("n", [1, 2, 3])
def test_with_few_samples_all_solutions_of_a_family_have_the_same_loss(n: int) -> None:
    found = solved(X[:n], Y[:n])
    others = dependences(found)
    assert len(others) == 4 - n == 4 - found.rank
    wide = np.column_stack([X[:n], np.ones(n)])
    for each in others:
        made = sum(factor * wide[:, k] for k, factor in each.of.items())
        np.testing.assert_allclose(wide[:, each.column], made, rtol=1e-9)
        along = np.zeros(4)
        along[each.column] = 1
        along[list(each.of)] = [-factor for factor in each.of.values()]
        moved = found.theta + along[:, None]
        np.testing.assert_allclose(wide @ moved, wide @ found.theta, atol=1e-8)
        assert np.linalg.norm(moved) > np.linalg.norm(found.theta)


@pytest.mark.parametrize("p", range(1, 9))
def test_the_cost_is_counted_as_the_loops_go(p: int) -> None:
    """XᵀX and XᵀY, Cholesky's LLᵀ, and Lz = r, Lᵀθ = z, each multiply–add once."""
    n, m = 5, 2
    products = sum(1 for i in range(p) for j in range(i + 1) for _ in range(n)) + p * m * n
    solving = sum(1 for j in range(p) for i in range(j, p) for _ in range(j))
    solving += sum(1 for _ in range(m) for _ in "Lz" for i in range(p) for _ in range(i))
    cost = solving_cost(p, n, m)
    assert (cost.product, cost.solving, cost.gradient, cost.memory) == (products, solving, 2 * n * p * m, 8 * p * p)


@pytest.mark.parametrize("symbol", ["G", "R", "H"])
def test_each_number_is_the_sum_that_is_written(symbol: str) -> None:
    x, y = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 7.0]]), np.array([[1.0], [2.0], [4.0]])
    found = solved(x, y, l2=0.5)
    sums, values = sums_of(found, symbol), found.matrices[symbol]
    assert len(sums) == len(values)
    for text, number in zip(np.ravel(sums), np.ravel(values), strict=True):
        assert eval(text.replace("·", "*").replace("−", "-")) == pytest.approx(number, rel=1e-5)


def test_what_is_no_single_linear_layer_is_refused() -> None:
    network = random_network(2, [2, 1], ["tanh", "linear"])
    with pytest.raises(ChoiceError, match="2 layers"):
        solution(
            network, objective_of(LOSSES["mse"]), OPTIMIZERS["normal-equations"], X[:, :2], Y[:, :1], ["p", "q"], ["u"]
        )


@pytest.mark.parametrize("l2", [0.0, 0.4])
@pytest.mark.parametrize("form", RENDERERS)
def test_every_form_has_the_solution(form: str, l2: float) -> None:
    found = solved(X[:5], Y[:5], l2=l2)
    text = RENDERERS[form].render(solution_report(found, TYPESET, {"scaling": "x is scaled"}), 5)
    shown = [f"{number:.5f}" for number in np.ravel(found.theta)]
    if form == "json":
        assert np.array_equal(json.loads(text)["theta"], found.theta)
    elif form == "csv":
        assert [float(line.split(",")[3]) for line in text.split()[1:]] == np.ravel(found.theta.T).tolist()
    else:
        assert [number for number in shown if number not in text.replace("−", "-")] == []


def test_on_paper_the_numbers_inserted_give_the_value() -> None:
    found = solved(X[:5], Y[:5], l2=0.4)
    report = solution_report(found, TYPESET, {})
    formulas = [block for section in report.sections for block in section.blocks if isinstance(block, Formula)]
    by_symbol = {formula.symbol: formula for formula in formulas}
    assert [by_symbol[symbol].formula for symbol in ("G", "R", "H")] == ["Xᵀ X", "Xᵀ Y", "c G + Λ"]
    assert by_symbol["dθ"].formula == "H θ* − c R"
    assert by_symbol["θ*"].formula == "H⁻¹ c R"
    for symbol in "GR":
        one, other = by_symbol[symbol].inserted
        np.testing.assert_allclose(np.asarray(one) @ np.asarray(other), by_symbol[symbol].value, rtol=1e-12)


def test_many_columns_are_shown_only_on_demand() -> None:
    found = solved(G.normal(size=(40, 20)), G.normal(size=(40, 4)))
    report = solution_report(found, EVERYTHING, {})
    titles = {sheet.title for sheet in report.sheets}
    assert not titles & {"G = Xᵀ X", "Solution"}
    assert report.closing[-1].startswith("--whole shows")
    whole = solution_report(found, View(whole=True), {})
    assert titles < {"G = Xᵀ X", "Solution"} | titles <= {sheet.title for sheet in whole.sheets}
    assert not any("--whole" in line for line in whole.closing)


def test_sums_are_written_out_as_text_if_they_are_short() -> None:
    """G₁₂ = Σₛ xₛ₁ xₛ₂ has its products in the table that --explain adds; of many samples there is none."""
    found = solved(np.array([[1.0, 2], [3, 4], [5, 7]]), np.array([[1.0], [2], [4]]))
    (sheet,) = (s for s in solution_report(found, View(explain=True), {}).sheets if s.title == "Written out")
    written = {row[0]: row[1] for row in sheet.rows}
    assert "1·2 + 3·4 + 5·7" in written.values()
    assert sums_of(solved(G.normal(size=(2_000, 20)), G.normal(size=(2_000, 2))), "G") == ()


# ----- What a report says, by hand ----------------------------------------------------------------------------------

# X = (2, 1), (−2, 1) and c = 2/2: G = diag(8, 2) and R = (4, 4). With λ₂ = 2, H = diag(10, 2) and θ* = (0.4, 2).
TWO_X, TWO_Y = np.array([[2.0], [-2.0]]), np.array([[3.0], [1.0]])


def formulas_of(report: Report) -> dict[str, Formula]:
    blocks = [block for section in report.sections for block in section.blocks]
    return {block.symbol: block for block in blocks if isinstance(block, Formula)}


def given(report: Report) -> dict[object, object]:
    return {row[0]: row[1] for row in report.sheets[0].rows}


@pytest.mark.parametrize(
    ("biases", "values", "norm"),
    [
        (False, "L = 0.040, λΩ = 0.160, J = 0.200", "W"),  # ŷ = 2.8, 1.2: off by 0.2, and ½·2·0.4²
        (True, "L = 1.040, λΩ = 1.160, J = 2.200", "θ*"),  # b = 4/(2 + 2), ŷ = 1.8, 0.2, and ½·2·(0.4² + 1)
    ],
)
def test_the_values_at_the_solution_are_told(biases: bool, values: str, norm: str) -> None:
    found = solved(TWO_X, TWO_Y, l2=2.0, regularize_bias=biases)
    report = solution_report(found, TYPESET._replace(digits=3), {"scaling": "x is scaled"})
    first, second = report.closing
    assert first.startswith(f"at θ* {values}; the largest |dθ| is ")
    least = 4 if biases else 2
    assert second == (f"H is positive definite, its eigenvalues are from {least} to 10: this is the only minimum of J")
    (J,) = (formula for formula in formulas_of(report).values() if formula.symbol == "J")
    assert J.formula == f"½ c ‖X θ* − Y‖² + ½ λ₂ ‖{norm}‖²"
    assert J.value == pytest.approx(np.array([[float(values[-5:])]]))
    assert report.sheets[1].rows == (
        ("objective", f"J(θ) = ½ c ‖X θ − Y‖² + ½ λ₂ ‖{norm.strip('*')}‖²"),
        ("gradient", "dθ = c Xᵀ (X θ − Y) + Λ θ"),
        ("gradient 0", "H θ* = c Xᵀ Y"),
        ("second derivative", "H = c Xᵀ X + Λ"),
        ("solution", "θ* = H⁻¹ c Xᵀ Y"),
    )
    assert np.diag(formulas_of(report)["Λ"].value).tolist() == [2, 2 * biases]


def test_without_a_regularizer_nothing_is_said_of_it() -> None:
    report = solution_report(solved(TWO_X, TWO_Y), TYPESET._replace(digits=1), {})
    assert report.closing[0].startswith("at θ* L = 0.0; the largest |dθ| is ")
    assert formulas_of(report)["J"].formula == "½ c ‖X θ* − Y‖²"
    assert "Λ" not in formulas_of(report)
    assert not any("Λ" in str(text) or "λ" in str(text) for _, text in report.sheets[1].rows)


def test_the_document_has_what_one_calculates_by_hand() -> None:
    found = solved(TWO_X, TWO_Y, l2=2.0)
    document = solution_report(found, View(), {}).document
    expected = {
        "X": [[2, 1], [-2, 1]], "Y": [[3], [1]], "XtX": [[8, 0], [0, 2]], "XtY": [[4], [4]],
        "hessian": [[10, 0], [0, 2]], "theta": [[0.4], [2]], "gradient": [[0], [0]], "c": 1, "penalties": [2, 0],
        "loss_after": 0.04, "penalty_after": 0.16, "rank": 2, "eigenvalues": [10, 2],
    }  # fmt: skip
    for name, values in expected.items():
        np.testing.assert_allclose(document[name], values, atol=1e-12, err_msg=name)
    assert (document["columns"], document["outputs"], document["dependent_columns"]) == (["x1", "1"], ["u"], [])
    assert document["regularizer"] == {"l1": 0, "l2": 2, "biases": False}


@pytest.mark.parametrize(
    ("samples", "outputs", "settings", "factor", "c"),
    [
        (3, 2, {}, "2/(3·2)", 1 / 3),
        (4, 1, {}, "2/4", 0.5),
        (1, 3, {}, "2/3", 2 / 3),
        (3, 2, {"output_reduction": "sum"}, "2/3", 2 / 3),
        (3, 2, {"batch_reduction": "sum"}, "2/2", 1),
        (3, 2, {"batch_reduction": "sum", "output_reduction": "sum"}, "", 2),
        (1, 1, {}, "", 2),
    ],
)
def test_c_is_2_over_what_is_averaged(
    samples: int, outputs: int, settings: dict[str, object], factor: str, c: float
) -> None:
    report = solution_report(solved(X[:samples], np.resize(Y, (samples, outputs)), **settings), TYPESET, {})
    assert formulas_of(report)["c"].formula == factor
    assert formulas_of(report)["c"].value == pytest.approx(np.array([[c]]))
    assert given(report)["c"] == f"{c:g}: L = c/2 · sum of squares"


def test_what_is_given_says_what_x_and_y_are() -> None:
    """The column of ones is none of the inputs; and if b stays, Y is y − b, while y is shown as it is."""
    free, frozen = (solved(TWO_X, TWO_Y, freeze, l2=0.5) for freeze in (False, True))
    assert given(solution_report(free, View(), {"scaling": "x is scaled"})) == {
        "x[1]": "2",
        "x[2]": "-2",
        "y[1]": "3",
        "y[2]": "1",
        "loss": "mse, mean over 2 samples, λ₂ = 0.5",
        "c": "1: L = c/2 · sum of squares",
        "X": "(x, 1): the column of ones belongs to b",
        "scaling": "x is scaled",
    }
    rows = given(solution_report(frozen, View(), {}))
    assert (rows["y[1]"], rows["Y"]) == ("3", "y − b: biases stay as they are")
    assert "X" not in rows
    b = frozen.network.parameters[0].b[0]
    assert b != 0
    assert formulas_of(solution_report(frozen, TYPESET, {}))["Y"].value[:, 0] == pytest.approx([3 - b, 1 - b])


def test_each_parameter_has_its_symbol_its_column_and_its_value() -> None:
    """A row of W for each output, and after it the output's bias."""
    found = solved(X[:, :2], Y)
    report = solution_report(found, View(), {})
    (solution_sheet,) = (sheet for sheet in report.sheets if sheet.title == "Solution")
    W, b, _ = found.network.parameters[0]
    names = [("w₁₁", "x1"), ("w₁₂", "x2"), ("b₁", "1"), ("w₂₁", "x1"), ("w₂₂", "x2"), ("b₂", "1")]
    values = [*W[0], b[0], *W[1], b[1]]
    assert solution_sheet.keys == 2
    assert [row[:2] for row in solution_sheet.rows] == [row[:2] for row in report.flat.rows] == names
    assert [row[2] for row in solution_sheet.rows] == pytest.approx(values, rel=1e-12)
    assert [row[3] for row in report.flat.rows] == values
    assert [row[2] for row in report.flat.rows] == [*"uuuvvv"]
    slopes = found._replace(shown={**found.shown, "dθ": np.arange(6.0).reshape(3, 2)})
    (other,) = (sheet for sheet in solution_report(slopes, View(), {}).sheets if sheet.title == "Solution")
    assert [row[3] for row in other.rows] == [0, 2, 4, 1, 3, 5]


def test_counts_have_all_digits_below_a_thousand_millions() -> None:
    assert [str(_count(count)) for count in (999_999_999, 1_000_000_000)] == ["999,999,999", "1.00e9"]


def test_the_cost_is_shown_for_more_columns() -> None:
    """Of 5 samples and 2 outputs: p = 100 takes 5·100·101/2 + 5·100·2 for G and R, (100³ − 100)/6 + 2·100·99 for θ*.

    Together these are 212,700, at 10¹⁰ a second; for p = 3 it is 30 + 30 and 4 + 12; G has 8·100² bytes, or 78.1·1024.
    """
    report = solution_report(solved(X[:5, :2], Y[:5]), View(), {})
    cost = report.sheets[-1]
    assert cost.title == "Multiply–adds for p columns, 5 samples and 2 outputs: about p³/6 for θ*"
    assert cost.columns == ("p", "memory of G", "for G and R", "for θ*", "at 10¹⁰/s", "one gradient")
    assert cost.rows == (
        ("3", "72 B", "60", "16", "7.60 ns", "60"),
        ("100", "78.1 KiB", "26,250", "186,450", "21.3 µs", "2,000"),
        ("10,000", "763 MiB", "250,125,000", "1.67e11", "16.7 s", "200,000"),
        ("1,000,000", "7.28 TiB", "2.50e12", "1.67e17", "193 days", "20,000,000"),
    )
    keys = ("p", "bytes", "product", "solving", "gradient")
    costs = [tuple(each[key] for key in keys) for each in report.document["multiply_adds"]]
    assert costs[:2] == [(3, 72, 60, 16, 60), (100, 80_000, 26_250, 186_450, 2_000)]
    assert [each[0] for each in costs] == [3, 100, 10_000, 1_000_000]
    same = solution_report(solved(np.eye(99), np.eye(99)[:, :1]), View(), {})  # 100 columns, which is in the table once
    assert [row[0] for row in same.sheets[-1].rows] == ["100", "10,000", "1,000,000"]


@pytest.mark.parametrize(
    ("inputs", "outputs", "matrices", "parameters"),
    [(11, 5, True, True), (12, 1, False, True), (59, 1, False, True), (60, 1, False, False), (11, 6, True, False)],
)
def test_up_to_12_columns_are_shown_as_matrices_and_up_to_60_parameters_in_a_table(
    inputs: int, outputs: int, matrices: bool, parameters: bool
) -> None:
    """The column of ones is one of the columns."""
    found = solved(np.eye(70)[:3, :inputs], np.eye(70)[:3, :outputs] + 1)
    report = solution_report(found, View(typeset=True, explain=True), {})
    titles = {sheet.title for sheet in report.sheets}
    assert {"G = Xᵀ X", "R = Xᵀ Y", "H = c G"} & titles == ({"G = Xᵀ X", "R = Xᵀ Y", "H = c G"} if matrices else set())
    assert ("Written out" in titles) is matrices
    assert ("Solution" in titles) is parameters
    assert bool(report.sections) is matrices
    told = report.closing[-1] == "--whole shows each number of G, R, H and θ*"
    assert told is not (matrices and parameters)


def test_on_demand_many_columns_are_written_out_too() -> None:
    found = solved(np.eye(13)[:2, :12], np.ones((2, 1)))
    titles = {sheet.title for sheet in solution_report(found, View(explain=True, whole=True), {}).sheets}
    assert {"H = c G", "Written out", "Solution"} <= titles


@pytest.mark.parametrize(("samples", "few"), [(10, True), (11, False)])
def test_up_to_10_samples_are_put_into_the_equations(samples: int, few: bool) -> None:
    formulas = formulas_of(solution_report(solved(X[:samples], Y[:samples]), TYPESET, {}))
    assert ({"X", "Y"} <= formulas.keys()) is few
    assert bool(formulas["G"].inserted) is bool(formulas["R"].inserted) is few
    assert formulas["H"].inserted
    assert formulas["dθ"].inserted
    assert all(formulas[symbol].sums for symbol in "GRH")
    assert formulas["dθ"].sums == ()
    without = formulas_of(solution_report(solved(X[:samples], Y[:samples]), View(typeset=True), {}))
    assert all(without[symbol].sums == () for symbol in "GRH")


def test_the_sections_follow_each_other_as_on_paper() -> None:
    report = solution_report(solved(X[:2], Y[:2]), TYPESET, {})  # two samples, so that a column of X depends on others
    sections = [
        (section.title, [getattr(block, "symbol", "") for block in section.blocks]) for section in report.sections
    ]
    assert sections[:5] == [
        ("Given", [""]),
        ("As matrices", ["X", "Y", "c"]),
        ("Derivation", [""]),
        ("The equations in numbers", ["G", "R", "H"]),
        ("Solution", ["θ*", "J", "dθ"]),
    ]
    assert [title.split(" for ")[0] for title, _ in sections[5:]] == [
        "Columns of X that depend on others",
        "Multiply–adds",
    ]
    titles = [getattr(report.sections[place].blocks[0], "title", "") for place in (0, 2)]
    assert titles == [report.sheets[0].title, report.sheets[1].title] == ["Given", "Derivation"]
    assert formulas_of(report)["θ*"].formula == "H⁺ c R"
    assert report.sheets[1].rows[-1] == ("solution", "θ* = H⁺ c Xᵀ Y")


def test_a_gradient_is_called_rounding_up_to_1e_8_of_the_largest_sum() -> None:
    """The largest number of c R is 0.5·8: the batch has four samples."""
    found = solved(np.tile(TWO_X, (2, 1)), np.tile(TWO_Y, (2, 1)))
    assert found.system.c == 0.5
    for size, rounding in ((3.9e-8, True), (4.1e-8, False), (8e-8, False)):
        changed = found._replace(gradient=np.array([[0.0], [-size]]))
        line = solution_report(changed, View(), {}).closing[0]
        assert line.endswith(f"the largest |dθ| is {size:.1e}" + ", 0 except for rounding" * rounding)


def test_a_direction_in_which_the_objective_is_constant_is_counted() -> None:
    one, two = (solution_report(solved(X[:n], Y[:n]), View(), {}).closing[1] for n in (3, 2))
    assert one == (
        "H is singular, with rank 3 for 4 columns: J is constant in 1 direction, so there are infinitely many minima; "
        "θ* is the one nearest to 0"
    )
    assert "with rank 2 for 4 columns: J is constant in 2 directions, so" in two


@pytest.mark.parametrize(("count", "more"), [(10, ""), (11, "; 1 more"), (13, "; 3 more")])
def test_up_to_10_dependent_columns_are_named(count: int, more: str) -> None:
    """Columns of zeros depend on nothing."""
    found = solved(np.zeros((2, count)), TWO_Y)
    sheet = dependent_sheet(found, dependences(found))
    assert sheet.title == "Columns of X that depend on others" + more
    assert sheet.columns == ("column", "in these samples")
    assert sheet.rows == tuple((f"x{j}", "0") for j in range(1, 11))


COLUMN = np.array([[1.0], [-2.0], [4.0], [0.5]])


@pytest.mark.parametrize(
    ("factor", "constant", "text"),
    [(-1, -3, "−x1 − 3"), (1, 1, "x1 + 1"), (2.5, 0, "2.5·x1"), (-0.5, 1, "−0.5·x1 + 1"), (1, -1, "x1 − 1")],
)
def test_a_column_is_spelled_as_a_sum(factor: float, constant: float, text: str) -> None:
    found = solved(np.hstack([COLUMN, factor * COLUMN + constant]), COLUMN)
    assert dependent_sheet(found, dependences(found)).rows == (("x2", text),)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize(
    ("mean", "scale", "before"),
    [
        ([3.0, 5.0], [1.0, 1.0], "2·x1 − 1"),  # x₂ − 5 = 2 (x₁ − 3)
        ([0.0, 0.0], [0.5, 2.0], "8·x1"),  # x₂/2 = 2 x₁/0.5
        ([3.0, 6.0], [1.0, 1.0], "2·x1"),
        ([0.0, 3.0], [1.0, 1.0], "2·x1 + 3"),  # one that is moved is enough
        ([0.0, 0.0], [1.0, 2.0], "4·x1"),  # or one that is stretched
        ([1.0, 2.0], [2.0, 3.0], "3·x1 − 1"),  # (x₂ − 2)/3 = 2 (x₁ − 1)/2
    ],
)
def test_a_dependent_column_is_told_before_scaling_too(
    frozen: bool, mean: list[float], scale: list[float], before: str
) -> None:
    """Scaled, the second column is twice the first, with a column of ones and without."""
    scalings = Scalings(Scaling(np.array(mean), np.array(scale)), unscaled())
    found = solved(np.hstack([COLUMN, 2 * COLUMN]), COLUMN, frozen, scalings)
    sheet = dependent_sheet(found, dependences(found))
    assert sheet.columns == ("column", "in the scaled samples", "before scaling")
    assert sheet.rows == (("x2", "2·x1", before),)


def test_a_constant_between_scaled_columns_counts_before_scaling() -> None:
    """Scaled, x₂ = 2x₁ + 3: (x₂ − 1)/2 = 2 (x₁ − 4)/0.5 + 3, so x₂ = 8x₁ − 32 + 6 + 1."""
    scalings = Scalings(Scaling(np.array([4.0, 1.0]), np.array([0.5, 2.0])), unscaled())
    found = solved(np.hstack([COLUMN, 2 * COLUMN + 3]), COLUMN, scalings=scalings)
    assert dependent_sheet(found, dependences(found)).rows == (("x2", "2·x1 + 3", "8·x1 − 25"),)


@pytest.mark.parametrize(("samples", "there"), [(1250, True), (1251, False)])
def test_sums_of_up_to_5000_terms_are_written_out(monkeypatch: pytest.MonkeyPatch, samples: int, there: bool) -> None:
    """G has 2·2 numbers, each a sum over the samples."""
    monkeypatch.setattr(normal_equations, "written", lambda *_: WrittenFormula("a long sum", 0))
    found = solved(np.linspace(1, 2, samples)[:, None], np.ones((samples, 1)))
    assert sums_of(found, "G") == ((("a long sum",) * 2,) * 2 if there else ())


def vanish(found: Solution, symbol: str, limits: Array) -> None:
    """Numbers up to 4ε times these limits are shown as 0, and larger ones as they are."""
    for size, kept in ((0.999, 0), (1.001, 1)):
        values = size * 4 * np.finfo(float).eps * np.broadcast_to(limits, found.matrices[symbol].shape)
        shown = _without_rounding({**found.matrices, symbol: -values}, found.system, found.scalings, found.rank)
        np.testing.assert_array_equal(shown[symbol], -kept * values, err_msg=f"{symbol}, {size}")


def test_what_rounding_can_have_made_grows_with_the_numbers_before_it() -> None:
    """X = (2, 1), (−2, 1), twice, Y = 3, 1, 3, 1 and λ₂ = 2: columns of length 4 and 2, and ‖Y‖ = √20.

    c is ½, so A has the five rows √½ X and (√2, 0), of which the columns are √10 and √2 long and at right angles; B is
    √10 long. θ* is (0.4, 2), so that Y and Xθ have sizes of √20 + 4·0.4 + 2·2.
    """
    scalings = Scalings(Scaling(np.array([0.3]), np.array([0.1])), Scaling(np.array([-5.0]), np.array([2.0])))
    found = solved(np.tile(TWO_X, (2, 1)), np.tile(TWO_Y, (2, 1)), scalings=scalings, l2=2.0)
    lengths, root = np.array([4.0, 2.0]), 20**0.5
    size = root + 1.6 + 4
    vanish(found, "X", np.array([3.0, 0]))
    vanish(found, "Y", np.array([2.5]))
    vanish(found, "G", 4 * np.outer(lengths, lengths))
    vanish(found, "R", 4 * lengths[:, None] * root)
    vanish(found, "H", 2 * np.outer(lengths, lengths))
    vanish(found, "θ", 5 * 10**0.5 / np.array([[10**0.5], [2**0.5]]))
    vanish(found, "dθ", 5 * np.array([[0.5 * 4 * size + 2 * 0.4], [0.5 * 2 * size]]))


def test_of_dependent_columns_the_smallest_singular_value_that_is_not_0_counts() -> None:
    """A = X = (1, 1), (1, 1) has the singular values 2 and 0; with b frozen, B is Y − b."""
    found = solved(np.ones((2, 2)), np.array([[3.0], [1.0]]), freeze_bias=True)
    assert (found.rank, found.system.c) == (1, 1)
    vanish(found, "θ", 2 * np.linalg.norm(found.system.Y) / 2)
