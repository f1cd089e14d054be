"""Formulas as text: a number in powers of ten, a product, is in brackets where a product would be, in every form."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from report_helpers import evaluated_sum, explained

from mlpcli.derivation.formula import Name, parse
from mlpcli.derivation.writing import spelled_out, written
from mlpcli.report.html_text import mathematics
from mlpcli.report.notation import ascii_text
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.typesetting import typeset, typeset_in_line

SMALL = 6.82348e-05

RAISED = [
    ("g²", SMALL, "(6.82348e−05)²"),
    ("g²", 1e-7, "(1e−07)²"),
    ("g²", 2.5e9, "(2.5e+09)²"),
    ("g²", -SMALL, "(−6.82348e−05)²"),  # one pair of brackets
    ("g²", 0.25, "0.25²"),
    ("1 − g²", SMALL, "1 − (6.82348e−05)²"),
    ("(1 − 0.999)g²", SMALL, "(1 − 0.999)·(6.82348e−05)²"),
    ("1/g²", SMALL, "1 / (6.82348e−05)²"),
    ("√(g²)", SMALL, "√((6.82348e−05)²)"),
    ("gᵗ", SMALL, "(6.82348e−05)^3"),
    ("(Σⱼ vⱼ)²", SMALL, "(6.82348e−05)²"),
    ("1e-10²", SMALL, "(1e-10)²"),
    ("1/g", SMALL, "1/(6.82348e−05)"),
    ("−3/g", 2.5e9, "−3/(2.5e+09)"),
    ("log g", SMALL, "log(6.82348e−05)"),
    ("log g", 0.25, "log 0.25"),
    ("1/g", 0.25, "1/0.25"),
]
NOT_RAISED = [
    ("g", "6.82348e−05"),
    ("3g", "3·6.82348e−05"),
    ("1 − g", "1 − 6.82348e−05"),
    ("√g", "√6.82348e−05"),
    ("max(0, g)", "max(0, 6.82348e−05)"),
    ("|g|²", "|6.82348e−05|²"),
    ("e^g", "e^6.82348e−05"),
    ("2^g", "2^6.82348e−05"),
]


def with_number(text: str, number: float) -> str:
    """The formula with the number for g and for the only vⱼ, and t = 3."""
    found = {"g": np.float64(number), "v": np.array([number]), "t": np.float64(3)}
    return written(parse(text), {}, lambda name: found[name.symbol]).text


@pytest.mark.parametrize(("text", "number", "wanted"), RAISED)
def test_a_number_in_powers_of_ten_is_in_brackets_where_it_is_raised_or_divides(
    text: str, number: float, wanted: str
) -> None:
    assert with_number(text, number) == wanted


@pytest.mark.parametrize(("text", "wanted"), NOT_RAISED)
def test_where_it_is_not_raised_it_has_no_brackets(text: str, wanted: str) -> None:
    assert with_number(text, SMALL) == wanted


def test_so_is_a_constant_among_symbols() -> None:
    assert spelled_out(parse("1e-10² + β₁ᵗ"), lambda name: name.symbol) == "(1e-10)² + β₁ᵗ"
    assert spelled_out(parse("1e-10ᵗ"), lambda name: name.symbol) == "(1e-10)ᵗ"


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        (typeset, r"1 - (6.82348 \cdot 10^{-5})^{2}"),
        (typeset_in_line, r"1 - (6.82348 \cdot 10^{-5})^{2}"),
        (mathematics, "1 − (6.82348·10<sup>−5</sup>)<sup>2</sup>"),
        (ascii_text, "1 - (6.82348e-05)^2"),
    ],
)
def test_every_form_keeps_the_brackets(form: Callable[[str], str], wanted: str) -> None:
    assert form(with_number("1 − g²", SMALL)) == wanted


NUMBER = r"\d(?:\.\d+)?"
RIGHT = {  # a small number that is raised, and the same without brackets
    "table": (rf"\({NUMBER}e−\d+\)²", r"e[+−-]?\d+[²^]"),
    "markdown": (rf"\({NUMBER} \\cdot 10\^{{-\d+}}\)\^\{{2\}}", r"10\^{-?\d+}\^"),
    "latex": (rf"\({NUMBER} \\cdot 10\^{{-\d+}}\)\^\{{2\}}", r"10\^{-?\d+}\^"),
    "html": (rf"\({NUMBER}·10<sup>−\d+</sup>\)<sup>2</sup>", r"10<sup>−?\d+</sup><sup>"),
}


@pytest.mark.parametrize("name", ["near 0", "near 0, mse"])  # adam; rmsprop, with tanh in both
@pytest.mark.parametrize("form", RIGHT)
def test_a_trace_has_no_power_of_a_power_of_ten(form: str, name: str) -> None:
    text = RENDERERS[form].render(explained(name), 4)
    right, wrong = RIGHT[form]
    assert re.findall(right, text)
    assert re.findall(wrong, text) == []


# A formula, the same with a = 0.5, b = −3, g = 2, t = 3, v = (1, −2) and z = 0, and the same with letters.
WRITTEN = [
    ("e^(a − g)", "e^(−1.5)", "e^(a − g)"),  # a difference in an exponent is one number
    ("e^(a + g)", "e^2.5", "e^(a + g)"),
    ("e⁻ᵃ", "e^(−0.5)", "e^(−a)"),
    ("e^a", "e^0.5", "e^a"),
    ("e^(g a)", "e^(2·0.5)", "e^(g a)"),  # and a product is not
    ("gᵗ", "2^3", "gᵗ"),
    ("b²", "(−3)²", "b²"),
    ("b^g", "(−3)^2", "b^g"),
    ("(a + g)²", "(0.5 + 2)²", "(a + g)²"),
    ("½ a²", "½·0.5²", "½ a²"),
    ("a − b", "0.5 − (−3)", "a − b"),
    ("a − (g − b)", "0.5 − (2 − (−3))", "a − (g − b)"),
    ("−(a + g)", "−(0.5 + 2)", "−(a + g)"),
    ("−a", "−0.5", "−a"),
    ("g(a + b)", "2·(0.5 + (−3))", "g (a + b)"),
    ("a/(g b)", "0.5/(2·(−3))", "a/(g b)"),
    ("a/g²", "0.5 / 2²", "a / g²"),  # powers are set off
    ("a/g²·b", "0.5 / 2²·(−3)", "a / g² · b"),
    ("(a + g)/(a − g)", "(0.5 + 2)/(0.5 − 2)", "(a + g)/(a − g)"),
    ("1/(1 + e⁻ᵃ)", "1 / (1 + e^(−0.5))", "1 / (1 + e^(−a))"),
    ("a/√(a + g)", "0.5/√(0.5 + 2)", "a/√(a + g)"),
    ("√a", "√0.5", "√a"),
    ("log a", "log 0.5", "log a"),
    ("log(1 − a)", "log(1 − 0.5)", "log(1 − a)"),
    ("log₁₀ a", "log₁₀ 0.5", "log₁₀ a"),
    ("|b|", "|−3|", "|b|"),
    ("|a − g|", "|0.5 − 2|", "|a − g|"),
    ("max(0, b)", "max(0, −3)", "max(0, b)"),
    ("min(b, a)", "min(−3, 0.5)", "min(b, a)"),
    ("sign(b)", "sign(−3)", "sign(b)"),
    ("g if a > 0 else b", "2 if 0.5 > 0 else (−3)", "g if a > 0 else b"),
    ("Σⱼ vⱼ", "1 + (−2)", "Σⱼ v"),
    ("g Σⱼ vⱼ", "2·(1 + (−2))", "g Σⱼ v"),
    ("Σⱼ g vⱼ", "2·1 + 2·(−2)", "Σⱼ g v"),
    ("1 − Σⱼ vⱼ", "1 − (1 + (−2))", "1 − Σⱼ v"),
    ("e^a/Σⱼ e^vⱼ", "e^0.5 / (e^1 + e^(−2))", "e^a / (Σⱼ e^v)"),
    ("z/z", "0", "z/z"),  # 0/0 is 0, and so is 0 times the logarithm of 0
    ("z log z", "0", "z log z"),
    ("z/g", "0/2", "z/g"),  # and a quotient of 0 stays
]


@pytest.mark.parametrize(("formula", "numbers", "letters"), WRITTEN)
def test_a_formula_is_written_as_on_paper(formula: str, numbers: str, letters: str) -> None:
    """With its numbers, Python computes the value that goes with the text."""
    values = {"a": 0.5, "b": -3.0, "g": 2.0, "t": 3.0, "z": 0.0, "v": np.array([1.0, -2.0])}
    found = written(parse(formula), {}, lambda name: values[name.symbol])
    assert found.text == numbers
    assert found.value == pytest.approx(evaluated_sum(numbers))
    assert spelled_out(parse(formula), lambda name: name.symbol) == letters


def test_what_is_appended_is_at_the_end() -> None:
    """[W, c] has c as its last column, and [v; 1] a 1 after v."""
    values = {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "c": np.array([5.0, 6.0]), "v": np.array([7.0, 8.0])}

    def at(text: str, **places: int) -> str:
        return written(parse(text), {{"i": "ᵢ", "j": "ⱼ"}[key]: place for key, place in places.items()}, of).text

    def of(name: Name) -> Any:
        return values[name.symbol]

    assert [[at("[Wᵢⱼ, cᵢ]", i=i, j=j) for j in range(3)] for i in range(2)] == [["1", "2", "5"], ["3", "4", "6"]]
    assert [at("[vᵢ; 1]", i=i) for i in range(3)] == ["7", "8", "1"]
    assert [at("δᵢⱼ cᵢ", i=i, j=j) for i in range(2) for j in range(2)] == ["1·5", "0·5", "0·6", "1·6"]
    two = [written(parse("δᵢⱼ cᵢ"), {"ᵢ": 1, "ⱼ": j}, of).value for j in range(2)]
    assert two == [0, 6]
    assert spelled_out(parse("[Wᵢⱼ, cᵢ]"), lambda name: name.symbol) == "[W, c]"
    assert spelled_out(parse("[vᵢ; 1]"), lambda name: name.symbol) == "[v; 1]"


def test_what_is_infinite_stays_unless_a_factor_is_0() -> None:
    found = written(parse("g log z"), {}, lambda name: {"g": 2.0, "z": 0.0}[name.symbol])
    assert (found.text, found.value) == ("2·log 0", -np.inf)


@pytest.mark.parametrize(("value", "gives"), [(2.0, True), (2.00001, True), (2.00003, False), (1.99997, False)])
def test_a_text_gives_a_value_to_its_six_digits(value: float, gives: bool) -> None:
    assert written(parse("g"), {}, lambda _: 2.0).gives(value) is gives
    assert written(parse("−g"), {}, lambda _: 2.0).gives(-value) is gives
