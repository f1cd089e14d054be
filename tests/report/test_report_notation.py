"""The notation: letters, the names of numbers in a matrix, and ASCII."""

import pytest

from mlpcli.report.notation import Token, ascii_text, element, tokens


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
