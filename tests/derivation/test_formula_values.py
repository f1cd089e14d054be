"""A formula as numbers: what NumPy gives for it, with the axes in the order that was asked for."""

import numpy as np
import pytest

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import Name, parse
from mlpcli.derivation.values import value

W, V = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]]), np.array([0.5, 2.0, -1.0])
KNOWN = {"W": W, "v": V, "c": np.array([7.0, 8.0]), "a": 0.5, "b": -3.0, "z": 0.0}


def evaluated(text: str, indices: str = "", shape: tuple[int, ...] | None = None) -> Array:
    with np.errstate(all="ignore"):
        return value(parse(text), indices, lambda name: KNOWN[name.symbol], shape)


@pytest.mark.parametrize(
    ("text", "indices", "expected"),
    [
        ("Wᵢⱼ", "ᵢⱼ", W),
        ("Wᵢⱼ", "ⱼᵢ", W.T),
        ("Σⱼ Wᵢⱼ vⱼ", "ᵢ", W @ V),
        ("Σᵢ Wᵢⱼ cᵢ", "ⱼ", W.T @ KNOWN["c"]),
        ("Σⱼ Wᵢⱼ", "ᵢ", W.sum(axis=1)),
        ("Σᵢ Σⱼ |Wᵢⱼ|", "", np.abs(W).sum()),
        ("½ Σᵢ Σⱼ Wᵢⱼ²", "", 0.5 * (W**2).sum()),
        ("cᵢ vⱼ", "ᵢⱼ", np.outer(KNOWN["c"], V)),
        ("cᵢ vⱼ", "ⱼᵢ", np.outer(V, KNOWN["c"])),
        ("cᵢ + Wᵢⱼ", "ᵢⱼ", KNOWN["c"][:, None] + W),  # type: ignore[index]
        ("cᵢ − vⱼ/cᵢ", "ⱼᵢ", KNOWN["c"] - V[:, None] / KNOWN["c"]),
        ("[Wᵢⱼ, cᵢ]", "ᵢⱼ", np.column_stack([W, KNOWN["c"]])),
        ("[vᵢ; 1]", "ᵢ", np.append(V, 1)),
        ("max(0, vⱼ)", "ⱼ", np.maximum(0, V)),
        ("min(a, vⱼ)", "ⱼ", np.minimum(0.5, V)),
        ("vⱼ if vⱼ > 0 else b vⱼ", "ⱼ", np.where(V > 0, V, -3 * V)),
        ("vⱼ if vⱼ > a else b", "ⱼ", [-3, 2, -3]),  # 0.5 is not above 0.5
        ("sign(vⱼ)", "ⱼ", np.sign(V)),
        ("σ(vⱼ)", "ⱼ", 1 / (1 + np.exp(-V))),
        ("tanh(vⱼ) + e^vⱼ", "ⱼ", np.tanh(V) + np.exp(V)),
        ("√|vⱼ|", "ⱼ", np.sqrt(np.abs(V))),
        ("log₂ a + log₁₀ a + log a", "", np.log2(0.5) + np.log10(0.5) + np.log(0.5)),
        ("a^b + π + e", "", 0.5**-3 + np.pi + np.e),
        ("a − b − 2", "", 1.5),
    ],
)
def test_a_formula_is_what_numpy_computes(text: str, indices: str, expected: Array) -> None:
    found = evaluated(text, indices)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z/z", 0),
        ("z log z", 0),
        ("z(1/z)", 0),
        ("z(1 − a/z)", 0),
        ("z(b − log(z + 0 a))", 0),  # infinite in one of its parts
        ("b log z", np.inf),
        ("b(1/z)", -np.inf),
        ("a/z", np.inf),
        ("z/a", 0),
        ("b z", 0),
    ],
)
def test_0_times_infinity_and_0_divided_by_0_are_0(text: str, expected: float) -> None:
    assert evaluated(text) == expected


def test_the_axes_have_the_sizes_that_are_asked_for() -> None:
    """δ knows its size only from there, and a constant is the same everywhere."""
    assert evaluated("δᵢⱼ cᵢ", "ᵢⱼ", (2, 2)).tolist() == [[7, 0], [0, 8]]
    assert evaluated("a", "ᵢⱼ", (2, 3)).tolist() == [[0.5] * 3] * 2
    assert evaluated("cᵢ", "ᵢⱼ", (2, 3)).tolist() == [[7] * 3, [8] * 3]
    with pytest.raises(ValueError, match="shape"):
        evaluated("cᵢ", "ᵢ", (3,))
    assert value(parse("a"), "", lambda name: {Name("a"): 2.0}[name]) == 2
