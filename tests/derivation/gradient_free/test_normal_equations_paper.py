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
from mlpcli.derivation.gradient_free.dependent_columns import dependences
from mlpcli.derivation.gradient_free.normal_equations import (
    UNSCALED,
    Scalings,
    Solution,
    element_formula,
    solution,
    solving_cost,
    sums_of,
)
from mlpcli.derivation.gradient_free.report import solution_report
from mlpcli.derivation.quantities import EVERYTHING, View
from mlpcli.derivation.values import value
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Formula

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
    outputs = "uvwz"[: y.shape[1]]
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
