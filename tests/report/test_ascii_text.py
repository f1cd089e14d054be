"""Notation in ASCII."""

import pytest

from mlpcli.report.ascii_text import ascii_text


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
