"""Formulas as LaTeX: in plain ASCII, balanced, and made so that GitHub's Markdown leaves them alone."""

import math
import re

import pytest
from report_helpers import TRACES, formulas_of

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.paper import paper
from mlpcli.derivation.trace import Trace
from mlpcli.report.numbers import typed
from mlpcli.report.typesetting import BLANK, in_powers, typeset, typeset_cases, typeset_in_line, typeset_number

FORMULAS = [
    *(text for row in ACTIVATIONS.values() for text in (row.formula, row.derivative, row.range)),
    *(text for row in LOSSES.values() for text in (row.formula, row.derivative)),
    *(row.formula for row in OPTIMIZERS.values()),
]

# What a person who knows LaTeX would write.
PAIRS = {
    "a⁽¹⁾": "a^{(1)}",
    "a⁽¹²⁾[3]": "a^{(12)}[3]",
    "x₁₂": "x_{12}",
    "w₁₁⁽²⁾": "w_{11}^{(2)}",
    "ŷⱼ": r"\hat y_{j}",
    "dŷ": r"d\hat y",
    "dW⁽¹⁾": "dW^{(1)}",
    "W̃⁽²⁾ h̃⁽¹⁾": r"\tilde W^{(2)} \tilde h^{(1)}",
    "dw̃₁₂": r"d\tilde w_{12}",
    "W⁽²⁾ᵀ da⁽²⁾": r"W^{(2)\top} da^{(2)}",
    "f′(a)": "f'(a)",
    "H θ* = R": r"H \theta^{*} = R",
    "√v": r"\sqrt{v}",
    "√(s + ε)": r"\sqrt{s + \varepsilon}",
    "Σⱼ ℓⱼ": r"\sum_{j} \ell_{j}",
    "e⁻ᵃ": "e^{-a}",
    "e^aᵢ": "e^{a_{i}}",
    "e^(−0.23)": "e^{-0.23}",
    "β₁ᵗ": r"\beta_{1}^{t}",
    "ηg": r"\eta g",
    "(ŷ − y)²": r"(\hat y - y)^{2}",
    "|ŷ − y|": r"\lvert \hat y - y \rvert",
    "½ λ₂": r"\tfrac{1}{2} \lambda_{2}",
    "½ c ‖X θ − Y‖² + ½ ‖W‖²": r"\tfrac{1}{2} c \Vert X \theta - Y\Vert^{2} + \tfrac{1}{2} \Vert W\Vert^{2}",
    "dh ⊙ f′(a)": r"dh \odot f'(a)",
    "v ← μv": r"v \leftarrow \mu v",
    "1 / (1 + e⁻ᵃ)": r"\frac{1}{1 + e^{-a}}",
    "ηg/√(s + ε)": r"\frac{\eta g}{\sqrt{s + \varepsilon}}",
    "−y/ŷ + (1 − y)/(1 − ŷ)": r"-\frac{y}{\hat y} + \frac{1 - y}{1 - \hat y}",
    "e^aᵢ / Σⱼ e^aⱼ": r"\frac{e^{a_{i}}}{\sum_{j} e^{a_{j}}}",
    "y log(y/ŷ)": r"y \log\left(\frac{y}{\hat y}\right)",
    "∂h⁽²⁾[1]/∂a⁽²⁾[1]": r"\frac{\partial h^{(2)}[1]}{\partial a^{(2)}[1]}",
    "log₁₀(1 − ŷ)": r"\log_{10}(1 - \hat y)",
    "1 if a > 0 else 0": r"1\text{ if }a > 0\text{ else }0",
    "new W⁽¹⁾": r"\text{new }W^{(1)}",
    "softmax(a)": r"\text{softmax}(a)",
    "1∕2 · 1e−07": r"1/2 \cdot 10^{-7}",
    "0.5·(−0.25)": r"0.5\cdot(-0.25)",
    "2.5e−07": r"2.5 \cdot 10^{-7}",
}


@pytest.mark.parametrize(("formula", "latex"), PAIRS.items())
def test_a_formula_is_what_one_would_write(formula: str, latex: str) -> None:
    assert typeset(formula) == latex


GRADIENTS = {"da", "db", "dh", "dw", "dW", "dx"}  # a d and its letter


def check(latex: str) -> None:
    """Asserts what every formula must be."""
    assert latex.isascii()
    depths = [0]
    for brace in re.findall(r"[{}]", latex):
        depths.append(depths[-1] + (1 if brace == "{" else -1))
    assert min(depths) == depths[-1] == 0
    assert re.findall(r"\\(?![a-zA-Z])", latex.replace(" \\\\\n", "\n")) == []  # what Markdown would take for an escape
    assert re.findall(r"(?<![A-Za-z0-9])_", latex) == []  # where emphasis could begin
    names = re.sub(r"\\(?:text|mathrm|begin|end)\{[^}]*\}|[_^]\{[^}]*\}", " ", latex)
    words = re.findall(r"(?<![\\A-Za-z])[A-Za-z]{2,}", names)
    assert [word for word in words if word not in GRADIENTS] == []  # TeX would set it as a product of letters


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_formula_of_the_tables_typesets(formula: str) -> None:
    check(typeset(formula))
    check(typeset_cases(formula))


@pytest.mark.parametrize("found", TRACES.values(), ids=TRACES.keys())
def test_every_formula_of_a_trace_typesets(found: Trace) -> None:
    for formula in formulas_of(paper(found)):
        texts = [formula.symbol, formula.formula, *(text for row in formula.sums for text in row)]
        for text in [*texts, *(piece for piece in formula.inserted if isinstance(piece, str))]:
            check(typeset(text))


def test_cases_stand_above_each_other() -> None:
    rows = r"a & \text{if }a > 0 \\" + "\n" + r"\alpha a & \text{else}"
    assert typeset_cases("a if a > 0 else αa") == "\\begin{cases}\n" + rows + "\n\\end{cases}"
    assert typeset_cases("a if a > 0 else αa, α learned").endswith(r"\end{cases}, \alpha\text{ learned}")
    assert typeset_cases("ŷ − y") == typeset("ŷ − y")


@pytest.mark.parametrize(
    ("value", "latex"),
    [
        (0.28, "0.2800"),
        (-0.232, "-0.2320"),
        (1.2e-05, r"1.2000 \cdot 10^{-5}"),
        (-3e12, r"-3.0000 \cdot 10^{12}"),
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (math.inf, r"\infty"),
        (-math.inf, r"-\infty"),
        (math.nan, BLANK),
    ],
)
def test_numbers_have_the_decimals_that_were_asked_for(value: float, latex: str) -> None:
    assert typeset_number(value, 4) == latex


@pytest.mark.parametrize(
    ("value", "latex"),
    [
        (0.999, "0.999"),
        (1.0, "1"),
        (-0.25, "-0.25"),
        (1e-07, "10^{-7}"),
        (-0.0, "0"),
        (1 / 3, None),
        (0.1 + 0.2, "0.3"),
        (math.inf, None),
        (math.nan, None),
    ],
)
def test_numbers_that_a_person_types_lose_no_digit(value: float, latex: str | None) -> None:
    texts = typed([[value]])
    assert (in_powers(texts[0][0]) if texts else None) == latex


def test_a_quotient_is_stacked_except_in_a_line_of_text() -> None:
    assert (typeset("a/b"), typeset_in_line("a/b")) == (r"\frac{a}{b}", "a/b")
