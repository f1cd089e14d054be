"""The whole derivation beside training: every line of random updates gives what training computes."""

from collections.abc import Callable

import numpy as np
import pytest
from random_updates import NETWORKS, random_updates
from report_helpers import drawn_trace, evaluated_pieces

from mlpcli.derivation.compare.case import marks
from mlpcli.derivation.formula import parse
from mlpcli.derivation.hand_calculation import EvaluatedLines
from mlpcli.derivation.lines import after, lines_of
from mlpcli.derivation.matrices import matrix_numbers
from mlpcli.derivation.paper import paper
from mlpcli.derivation.quantities import before, constants_of, setting_of, values_of
from mlpcli.derivation.setting import INDICES, OF_OUTPUTS, OF_UNITS, Quantity, workings
from mlpcli.derivation.trace import Trace
from mlpcli.report.sheet import Formula

AT_ONCE = 50  # networks of a test
FREE = ("dh", "da", "f′", "dx")  # infinite where ŷ vanishes


def compared(found: Trace, number: int) -> int:
    """How many quantities of one of the steps are those of training."""
    setting, true = setting_of(found), values_of(found, number)
    lines = lines_of(setting)
    given = {**constants_of(found), **before(found, number), Quantity("t"): number + 1}
    evaluation = EvaluatedLines((*lines, *after(lines)), setting, given, lambda line, values: values)
    evaluation.all()
    count = 0
    for quantity, values in evaluation.computed.items():
        expected = np.asarray(true.get(quantity, np.nan), float)
        if quantity not in true or (quantity.symbol in FREE and not np.isfinite(expected).all()):
            continue
        room = 1e-9 * max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=room, err_msg=str(quantity))
        count += 1
    return count


@pytest.mark.parametrize("seed", range(-(-NETWORKS // AT_ONCE)))
def test_every_line_gives_what_training_computes(seed: int, tried: Callable[[str, int], None]) -> None:
    counts = [
        compared(found, number)
        for found in random_updates(AT_ONCE, seed, 1 + seed % 2)
        for number in range(1 + seed % 2)
    ]
    assert len(counts) >= AT_ONCE
    assert min(counts) > 15
    tried("random updates of which every line is computed", len(counts))


def test_a_forward_pass_and_a_loss_follow_the_update_and_no_gradient() -> None:
    for found in random_updates(20, 23):
        symbols = {line.quantity.symbol for line in after(lines_of(setting_of(found)))}
        assert {"a*", "h*", "ℓ*", "L*", "Ω*", "J*"} <= symbols
        assert not [symbol for symbol in symbols if symbol.startswith(("d", "∂", "W", "b", "f′"))]


def test_a_working_of_a_loss_has_a_symbol_of_its_own() -> None:
    """A symbol is one quantity, so a row cannot take that of another one, or of a mark in mistakes."""
    for found in random_updates(20, 22):
        setting = setting_of(found)
        quantities = [line.quantity for line in lines_of(setting)]
        assert len(set(quantities)) == len(quantities)
        others = {quantity.symbol for quantity in (*marks(setting), *constants_of(found))}
        assert not workings().keys() & {*others, *OF_OUTPUTS, *OF_UNITS, *INDICES, "e", "t"}


@pytest.mark.parametrize("seed", [20, 21])
def test_the_matrix_form_with_its_numbers_gives_the_value(seed: int) -> None:
    checked = 0
    for found in random_updates(40, seed):
        for section in paper(found):
            for formula in section.blocks:
                if isinstance(formula, Formula) and section.title.startswith("Backward") and formula.inserted:
                    np.testing.assert_allclose(evaluated_pieces(formula.inserted), formula.value, rtol=1e-9, atol=1e-12)
                    checked += 1
    assert checked > 200


def test_a_formula_that_is_no_product_has_no_matrix_form() -> None:
    assert matrix_numbers(parse("θᵢ − ηgᵢ/√(sᵢ + ε)"), "ᵢ", lambda node, axes, sample: np.ones((1, 1)), 1) == ()


@pytest.mark.parametrize("text", ["Σⱼ aᵢⱼ bᵢⱼ", "Σⱼ aᵢ bⱼ"])
def test_a_sum_of_products_of_elements_is_no_product_of_matrices(text: str) -> None:
    """Of each row of a and b, and of no row: neither is a row times a column."""
    assert matrix_numbers(parse(text), "ᵢ", lambda node, axes, sample: np.ones((1, 1)), 1) == ()


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("dW", {"dW", "W′"}),
        ("db", {"db", "b′"}),
        ("θ", {"W′", "b′"}),
        ("J", {"J"}),
        ("dŷ", {"dh", "da", "dW", "db", "dx", "W′", "b′"}),
        ("h", {"h", "a", "ℓ", "L", "J", "dh", "f′", "da", "dW", "db", "dx", "W′", "b′"}),
    ],
)
def test_lines_that_a_change_leaves_alone_are_taken_from_another_evaluation(line: str, changed: set[str]) -> None:
    """Their values are the same arrays, and all others are what they are without the other evaluation."""
    found = drawn_trace(["tanh", "linear"], "mse")
    setting, start = setting_of(found), {**constants_of(found), **before(found), Quantity("t"): np.array(1)}
    other = setting._replace(changes={line: "…θ − 2 η g" if line == "θ" else "2 □"})
    right = EvaluatedLines(lines_of(setting), setting, start, lambda line, values: values)
    alone, beside = (
        EvaluatedLines(lines_of(other), other, start, lambda line, values: values, like) for like in (None, right)
    )
    alone.all()
    beside.all()
    assert beside.computed.keys() >= alone.computed.keys()
    for quantity, values in alone.computed.items():
        np.testing.assert_array_equal(beside.computed[quantity], values)
        np.testing.assert_array_equal(beside.kept[quantity], values)
    taken = {quantity for quantity in alone.computed if beside.computed[quantity] is right.computed.get(quantity)}
    assert {quantity.symbol for quantity in alone.computed.keys() - taken} == changed


def test_only_what_is_asked_for_is_computed_with_what_it_needs() -> None:
    found = drawn_trace(["tanh", "linear"], "mse")
    setting, start = setting_of(found), {**constants_of(found), **before(found)}
    evaluation = EvaluatedLines(lines_of(setting), setting, start, lambda line, values: values)
    evaluation.compute([Quantity("h", 1), Quantity("x")])
    assert evaluation.computed.keys() == {Quantity("a", 1), Quantity("h", 1)}
    evaluation.compute([Quantity("a", 2)])
    assert evaluation.computed.keys() == {Quantity("a", 1), Quantity("h", 1), Quantity("a", 2)}


@pytest.mark.parametrize(
    ("last", "loss", "stable"),
    [
        ("sigmoid", "bce", True),
        ("softmax", "cce", True),
        ("sigmoid", "mse", False),  # no logarithm
        ("linear", "mse", False),
        ("tanh", "mse", False),
    ],
)
def test_only_a_logarithm_of_a_probability_has_a_formula_from_logits(last: str, loss: str, stable: bool) -> None:
    lines = {line.quantity: line for line in lines_of(setting_of(drawn_trace(("tanh", last), loss)))}
    of_the_last = (Quantity("ℓ"), Quantity("da", 2))
    assert [lines[quantity].stable is not None for quantity in of_the_last] == [stable] * 2
    assert lines[Quantity("da", 1)].stable is None


def test_of_several_assignments_to_theta_the_last_one_gives_the_new_parameters() -> None:
    rule = {"θ": "θ ← θ − ηg; θ ← 2 θ; θ ← 3 θ"}
    lines = lines_of(setting_of(drawn_trace())._replace(changes=rule))
    made = [line.quantity.symbol for line in lines if line.section == "update" and line.quantity.layer == 1]
    assert made == ["W°°", "W°", "W′", "b°°", "b°", "b′"]
