"""The matrix form of a formula: which product its indices mean, as text and with NumPy's arrays."""

from typing import Any

import numpy as np
import pytest
from report_helpers import evaluated_pieces

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import SAMPLE, Name, Node, names, parse
from mlpcli.derivation.matrices import matrix_numbers, matrix_text
from mlpcli.derivation.values import value
from mlpcli.report.sheet import as_matrix

DRAW = np.random.default_rng(5)
KNOWN: dict[str, Any] = {
    "a": 2.0,
    "η": 0.5,
    "b": DRAW.normal(size=3),
    "c": DRAW.normal(size=3),
    "v": DRAW.normal(size=4),
    "W": DRAW.normal(size=(3, 4)),
    "U": DRAW.normal(size=(3, 4)),
    "V": DRAW.normal(size=(4, 2)),
    "d": DRAW.normal(size=(2, 3)),  # of two samples
    "x": DRAW.normal(size=(2, 4)),
    "ω": np.array([0.25, 0.75]),
    "p": np.array([3.0]),
}


def of(name: Name) -> Any:
    return KNOWN[name.symbol]


def arrays(node: Node, axes: str, sample: int) -> Array:
    each = any(SAMPLE in name.indices for name in names(node))
    values = value(node, SAMPLE * each + axes, of)
    return as_matrix(values[sample] if each else values)


@pytest.mark.parametrize(
    ("formula", "indices", "text"),
    [
        ("bᵢ + Σⱼ Wᵢⱼ vⱼ", "ᵢ", "b + W v"),
        ("Σᵢ Wᵢⱼ cᵢ", "ⱼ", "Wᵀ c"),
        ("Σᵢ cᵢ Wᵢⱼ", "ⱼ", "Wᵀ c"),
        ("bᵢ vⱼ", "ᵢⱼ", "b vᵀ"),
        ("vⱼ bᵢ", "ᵢⱼ", "b vᵀ"),
        ("bᵢ vⱼ", "ⱼᵢ", "v bᵀ"),
        ("Σₖ Wᵢₖ Vₖⱼ", "ᵢⱼ", "W V"),
        ("Σₖ Wₖᵢ Uₖⱼ", "ᵢⱼ", "Wᵀ U"),
        ("Σₖ Wᵢₖ Uⱼₖ", "ᵢⱼ", "W Uᵀ"),
        ("bᵢ ⊙ cᵢ", "ᵢ", "b ⊙ c"),
        ("Wᵢⱼ ⊙ Uᵢⱼ", "ᵢⱼ", "W ⊙ U"),
        ("Wᵢⱼ − η Uᵢⱼ", "ᵢⱼ", "W − η U"),
        ("−Wᵢⱼ", "ᵢⱼ", "−W"),
        ("η Wᵢⱼ + a Uᵢⱼ", "ᵢⱼ", "η W + a U"),
        ("(a + η)Wᵢⱼ", "ᵢⱼ", "(a + η) W"),
        ("Wⱼᵢ", "ᵢⱼ", "Wᵀ"),
        ("Σᵢ (bᵢ + cᵢ) Wᵢⱼ", "ⱼ", "Wᵀ (b + c)"),
        ("Σₛ dₛᵢ xₛⱼ", "ᵢⱼ", "Σₛ dₛ xₛᵀ"),
        ("1/2 Σₛ dₛᵢ xₛⱼ + a Wᵢⱼ", "ᵢⱼ", "1/2 Σₛ dₛ xₛᵀ + a W"),
        ("Σₛ ωₛ dₛᵢ xₛⱼ − Wᵢⱼ", "ᵢⱼ", "Σₛ ωₛ dₛ xₛᵀ − W"),
        ("a Σₛ ωₛ dₛᵢ", "ᵢ", "a Σₛ ωₛ dₛ"),
        ("Σₛ dₛᵢ", "ᵢ", "Σₛ dₛ"),
        ("bᵢ²", "ᵢ", "(b)²"),  # in brackets, since b⁽¹⁾ is raised itself
    ],
)
def test_a_sum_of_products_is_a_product_of_matrices(formula: str, indices: str, text: str) -> None:
    node = parse(formula)
    assert matrix_text(node, indices, lambda name: name.symbol + name.indices) == text
    pieces = matrix_numbers(node, indices, arrays, 2)
    np.testing.assert_allclose(evaluated_pieces(pieces), as_matrix(value(node, indices, of)), rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "indices", "text"),
    [
        ("Wᵢⱼ/√Uᵢⱼ", "ᵢⱼ", "W/√U"),
        ("bᵢ/cᵢ", "ᵢ", "b/c"),
        ("cᵢ (bᵢ/cᵢ)", "ᵢ", "c b/c"),
        ("Σᵢ bᵢ cᵢ bᵢ", "", "Σᵢ bᵢ cᵢ bᵢ"),
        ("bᵢ − η√cᵢ", "ᵢ", "b − η √c"),
        ("Σⱼ Wᵢⱼ Uᵢⱼ", "ᵢ", "Σⱼ Wⱼ Uⱼ"),
        ("Σⱼ bᵢ vⱼ", "ᵢ", "Σⱼ b vⱼ"),
        ("bᵢ Wᵢⱼ", "ᵢⱼ", "b W"),
        ("Σⱼ Wᵢⱼ vⱼ ⊙ vⱼ", "ᵢ", "Σⱼ Wⱼ vⱼ vⱼ"),
    ],
)
def test_what_is_no_product_of_matrices_stays_as_it_is(formula: str, indices: str, text: str) -> None:
    """Only the indices of the result are left out."""
    node = parse(formula)
    assert matrix_text(node, indices, lambda name: name.symbol + name.indices) == text
    assert matrix_numbers(node, indices, arrays, 2) == ()


def signs(formula: str, indices: str, samples: int = 2) -> list[str]:
    """The signs between the matrices; a matrix is a #."""
    return [
        piece if isinstance(piece, str) else "#" for piece in matrix_numbers(parse(formula), indices, arrays, samples)
    ]


@pytest.mark.parametrize(
    ("formula", "indices", "expected"),
    [
        ("Σⱼ Wᵢⱼ vⱼ", "ᵢ", ["#", "#"]),
        ("bᵢ + Σⱼ Wᵢⱼ vⱼ", "ᵢ", ["#", "+", "#", "#"]),
        ("−Wᵢⱼ", "ᵢⱼ", ["−", "#"]),
        ("bᵢ ⊙ cᵢ", "ᵢ", ["#", "⊙", "#"]),
        ("½ Wᵢⱼ − η Uᵢⱼ", "ᵢⱼ", ["½", "#", "−", "#", "·", "#"]),
        ("bᵢ²", "ᵢ", ["#", "⊙", "#"]),
        ("bᵢ vⱼ", "ᵢⱼ", ["#", "#"]),
        ("pᵢ vⱼ", "ᵢⱼ", ["#", "·", "#"]),  # beside a single number
        ("bᵢ pⱼ", "ᵢⱼ", ["#", "·", "#"]),
        ("Σₛ dₛᵢ xₛⱼ", "ᵢⱼ", ["#", "#", "+", "#", "#"]),
        ("1/2 Σₛ dₛᵢ xₛⱼ", "ᵢⱼ", ["1/2 (", "#", "#", "+", "#", "#", ")"]),
        ("a Σₛ dₛᵢ − bᵢ", "ᵢ", ["#", "· (", "#", "+", "#", ") −", "#"]),
        ("Σₛ ωₛ dₛᵢ", "ᵢ", ["#", "·", "#", "+", "#", "·", "#"]),
    ],
)
def test_signs_stand_between_the_numbers_of_each_sample(formula: str, indices: str, expected: list[str]) -> None:
    assert signs(formula, indices) == expected


def test_of_one_sample_there_is_no_sum() -> None:
    assert signs("1/2 Σₛ dₛᵢ xₛⱼ", "ᵢⱼ", samples=1) == ["1/2", "#", "#"]
    (first, second) = matrix_numbers(parse("Σₛ dₛᵢ xₛⱼ"), "ᵢⱼ", arrays, 1)
    np.testing.assert_array_equal(np.asarray(first)[:, 0], KNOWN["d"][0])
    np.testing.assert_array_equal(np.asarray(second)[0], KNOWN["x"][0])
