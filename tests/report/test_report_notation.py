"""The notation: letters, the names of numbers in a matrix, and ASCII."""

import re

import pytest
from core_helpers import random_network

from mlpcli.report.html_text import mathematics
from mlpcli.report.notation import Token, ascii_text, element, factor, parameter_at, tokens
from mlpcli.report.typesetting import typeset_in_line


@pytest.mark.parametrize(
    ("symbol", "shape", "name"),
    [
        ("a⁽¹⁾", (3, 1), "a₂⁽¹⁾"),
        ("dW⁽²⁾", (3, 4), "dw₂₃⁽²⁾"),
        ("new W⁽¹⁾", (3, 4), "new w₂₃⁽¹⁾"),
        ("v of b⁽¹⁾", (3, 1), "v of b₂⁽¹⁾"),
        ("ŷ[1] = h⁽²⁾[1]", (3, 1), "h₂⁽²⁾[1]"),
        ("f′(a⁽¹⁾)", (3, 1), "f′(a₂⁽¹⁾)"),
        ("∂h⁽²⁾/∂a⁽²⁾", (3, 3), "∂h₂⁽²⁾/∂a₃⁽²⁾"),
        ("λΩ", (1, 1), "λΩ"),
        ("new W̃⁽¹⁾", (3, 4), "new w̃₂₃⁽¹⁾"),
    ],
)
def test_a_number_has_the_name_of_its_matrix_and_its_row_and_column(
    symbol: str, shape: tuple[int, int], name: str
) -> None:
    assert element(symbol, shape, 1, 2 if shape[1] > 1 else 0) == name


@pytest.mark.parametrize(
    ("row", "column", "name", "in_ascii", "in_latex"),
    [
        (9, 9, "w₉₉⁽¹⁾", "w_99(1)", "w_{99}^{(1)}"),
        (1, 12, "w₁,₁₂⁽¹⁾", "w_1,12(1)", "w_{1,12}^{(1)}"),
        (11, 2, "w₁₁,₂⁽¹⁾", "w_11,2(1)", "w_{11,2}^{(1)}"),
        (10, 10, "w₁₀,₁₀⁽¹⁾", "w_10,10(1)", "w_{10,10}^{(1)}"),
    ],
)
def test_row_and_column_are_told_apart(row: int, column: int, name: str, in_ascii: str, in_latex: str) -> None:
    """w₁₁₂ could be row 1 and column 12, or row 11 and column 2."""
    assert element("W⁽¹⁾", (20, 20), row - 1, column - 1) == name
    assert [token.text for token in tokens(f"{name}, x₂")] == [name[:-3], "⁽¹⁾", ",", " ", "x₂"]
    assert ascii_text(name) == in_ascii
    assert typeset_in_line(name) == in_latex
    index = in_latex.split("}")[0].removeprefix("w_{")
    assert re.sub("<[^>]*>", " ", mathematics(name)).split() == ["w", index, "(1)"]


def test_letters_words_functions_and_numbers_are_told_apart() -> None:
    pieces = [token for token in tokens("dW₁₂ = tanh(1e−07) if a") if token.kind != "gap"]
    assert pieces == [
        Token("name", "dW₁₂"),
        Token("sign", "="),
        Token("function", "tanh"),
        Token("sign", "("),
        Token("number", "1e−07"),
        Token("sign", ")"),
        Token("word", "if"),
        Token("name", "a"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a if a > 0 else α (eᵃ − 1)", "a if a > 0 else alpha (e^a - 1)"),
        ("βh + σ(βa) (1 − βh)", "beta*h + sigma(beta*a) (1 - beta*h)"),
        ("W⁽²⁾ h⁽¹⁾ᵀ", "W(2) h(1)^T"),
        ("½ (ŷ − y)²", "1/2 (y^ - y)^2"),
        ("hᵢ (δᵢⱼ − hⱼ)", "h_i (delta_ij - h_j)"),
        ("⌈n/B⌉, ⌊e/k⌋, 3–4 µs", "ceil(n/B), floor(e/k), 3-4 us"),
        ("iris, test part", "iris, test part"),
    ],
)
def test_notation_is_spelled_in_ascii(text: str, expected: str) -> None:
    assert ascii_text(text) == expected


def test_foreign_letters_stay() -> None:
    assert ascii_text("größe α") == "größe alpha"


@pytest.mark.parametrize(
    ("number", "symbol", "key"),
    [
        (0, "w₁₁⁽¹⁾", "W1[1,1]"), (8, "w₁₉⁽¹⁾", "W1[1,9]"), (9, "w₁,₁₀⁽¹⁾", "W1[1,10]"),
        (12 * 10 + 1, "w₁₁,₂⁽¹⁾", "W1[11,2]"), (12 * 11, "b₁⁽¹⁾", "b1[1]"), (12 * 11 + 10, "b₁₁⁽¹⁾", "b1[11]"),
        (13 * 11, "α₁⁽¹⁾", "alpha1[1]"), (14 * 11, "w₁₁⁽²⁾", "W2[1,1]"), (14 * 11 + 13, "w₂₃⁽²⁾", "W2[2,3]"),
        (14 * 11 + 23, "b₂⁽²⁾", "b2[2]"),
    ],
)  # fmt: skip
def test_a_parameter_has_a_name_on_paper_and_one_in_text(number: int, symbol: str, key: str) -> None:
    """Layer 1 has 11·12 weights, 11 biases and 11 slopes, layer 2 has 2·11 weights and 2 biases."""
    network = random_network(12, [11, 2], ["prelu", "linear"])
    found = parameter_at(network, number)
    assert (found.number, found.symbol, found.key) == (number, symbol, key)
    with pytest.raises(IndexError):
        parameter_at(network, 14 * 11 + 24)


def test_a_parameter_is_where_it_is_in_its_array() -> None:
    network = random_network(3, [4, 2], ["prelu", "tanh"])
    for number, value in enumerate(network.theta):
        found = parameter_at(network, number)
        own = network.parameters[found.layer - 1]
        assert {"W": own.W, "b": own.b, "α": own.alpha}[found.letter][found.at] == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "0.25"),
        (1 / 3, "0.333333"),
        (-2.665484, "(−2.66548)"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.98765432, "0.987654"),  # a hundredth and more below 1
        (0.99123456, "0.99123456"),  # 1 − ŷ = 0.00876544, of which six digits of ŷ would leave four
        (-0.9999123456789, "(−0.9999123457)"),  # 1 − h² begins in the fourth decimal
        (1.00123456, "1.00123"),
    ],
)
def test_a_factor_near_1_keeps_the_digits_of_its_distance_from_there(value: float, text: str) -> None:
    assert factor(value) == text
