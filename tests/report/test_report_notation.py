"""The notation: what a letter is, and what one number of a matrix is called."""

import pytest

from mlpcli.report.notation import Token, element, tokens


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
    ],
)
def test_a_number_has_the_name_of_its_matrix_and_its_row_and_column(
    symbol: str, shape: tuple[int, int], name: str
) -> None:
    assert element(symbol, shape, 1, 2 if shape[1] > 1 else 0) == name


def test_letters_words_functions_and_numbers_are_told_apart() -> None:
    found = [token for token in tokens("dW₁₂ = tanh(1e−07) if a") if token.kind != "gap"]
    assert found == [
        Token("name", "dW₁₂"),
        Token("sign", "="),
        Token("function", "tanh"),
        Token("sign", "("),
        Token("number", "1e−07"),
        Token("sign", ")"),
        Token("word", "if"),
        Token("name", "a"),
    ]
