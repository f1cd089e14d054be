"""Formulas as text: a number in powers of ten, a product, is in brackets where a product would be, in every form."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from report_helpers import explained

from mlpcli.derivation.formula import parse
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
