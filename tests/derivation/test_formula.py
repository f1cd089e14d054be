"""The language of formulas: how a text is read, and that each row's formulas are what its code computes."""

import numpy as np
import pytest
from core_helpers import activation

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.outputs import Output
from mlpcli.core.steps import constants
from mlpcli.derivation.formula import Expression, Name, Number, Total, minus, names, parse, renamed, total_of
from mlpcli.derivation.lines import assignments_of
from mlpcli.derivation.values import value

DRAW = np.random.default_rng(3)
A = DRAW.normal(0, 2, (4, 3))  # samples × units


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("bᵢ", Name("b", "ᵢ")),
        ("h⁻ₛⱼ", Name("h", "ₛⱼ", "⁻")),
        ("W′⁺ⱼᵢ", Name("W′", "ⱼᵢ", "⁺")),
        ("β₁m", Expression("·", (Name("β₁"), Name("m")))),
        (
            "ηg/√(s + ε)",
            Expression("/", (Expression("·", (Name("η"), Name("g"))), Expression("√", (parse("s + ε"),)))),
        ),
        ("−y/ŷ", Expression("+", (minus(Expression("/", (Name("y"), Name("ŷ")))),))),
        (
            "Σⱼ Wᵢⱼ xⱼ + b",
            Expression("+", (Total("ⱼ", Expression("·", (Name("W", "ᵢⱼ"), Name("x", "ⱼ")))), Name("b"))),
        ),
        ("½ a", Expression("·", (Number(0.5, "½"), Name("a")))),
        ("log₁₀ a", Expression("log₁₀", (Name("a"),))),
        ("g²", Expression("^", (Name("g"), Number(2, "2")))),
        ("e⁻ᵃ", Expression("e^", (Expression("+", (minus(Name("a")),)),))),
        ("β₂ᵗ", Expression("^", (Name("β₂"), Name("t")))),
        ("y log ŷ", Expression("·", (Name("y"), Expression("log", (Name("ŷ"),))))),
        ("|ŷ_y − y|", Expression("|", (Expression("+", (Name("ŷ_y"), minus(Name("y")))),))),
        ("1 if a > 0 else α", Expression("if", (Name("a"), Number(0, "0"), Number(1, "1"), Name("α")))),
    ],
)
def test_a_text_is_read_as_on_paper(text: str, tree: object) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize("text", ["", "a +", "max(0, a", "a draw from N(0, 1)", "1 if a", "(a", "a) b"])
def test_what_is_no_formula_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a +", "formula 'a +': 'its end' is unexpected"),
        ("max(0, a", r"formula 'max(0, a': ')' is missing before ''"),
        ("1 if a", "formula '1 if a': '>' is missing before ''"),
        ("1 if a > 0 b", "formula '1 if a > 0 b': 'else' is missing before ''"),
        ("(a + b", "formula '(a + b': ')' is missing before ''"),
        ("|a", "formula '|a': '|' is missing before ''"),
        ("[a; 1", "formula '[a; 1': ']' is missing before ''"),
        ("a) b", "formula 'a) b': ')' is unexpected"),
    ],
)
def test_what_is_missing_or_unexpected_in_a_formula_is_named(text: str, words: str) -> None:
    with pytest.raises(ValueError, match="formula") as problem:
        parse(text)
    assert str(problem.value) == words


def test_a_sum_of_no_terms_is_0() -> None:
    assert total_of([]) == Number(0, "0")
    assert total_of([Name("a")]) == Name("a")


def test_the_names_of_a_formula_are_those_in_all_its_parts() -> None:
    assert [name.symbol for name in names(parse("a + Σⱼ W vⱼ/√(c − log d)"))] == ["a", "W", "v", "c", "d"]


def test_a_quotient_is_not_a_power_of_the_same_parts() -> None:
    """Nodes are tuples, which are equal by their fields; compiled formulas are kept by them."""
    found = {Name("a"): 6.0}
    results = [float(value(parse(text), "", lambda name: found[name])) for text in ("a/2", "a²", "a/2")]
    assert results == [3, 36, 3]


def evaluated(text: str, indices: str, **quantities: object) -> Array:
    """The formula of a row, whose names have the sample's and the unit's index unless they have their own."""

    def change(name: Name) -> Name:
        shape = np.shape(quantities.get(name.symbol, 0.0))
        own = name.indices or "ᵢ"
        return name._replace(indices="ₛ" + own if len(shape) == 2 else own if len(shape) == 1 else name.indices)

    with np.errstate(all="ignore"):
        return value(
            renamed(parse(text), change), indices, lambda name: quantities[name.symbol], (4, 3, 3)[: len(indices)]
        )


# A formula without its parameter could hold for the usual value of it, such as α = 1.
OTHERS = [activation(text) for text in ("leaky-relu:0.3", "prelu:0.4", "elu:1.7", "swish:0.6")]


@pytest.mark.parametrize("row", [*ACTIVATIONS.values(), *OTHERS], ids=lambda row: f"{row.name}, {row.alpha}")
def test_an_activation_is_its_formula(row) -> None:  # type: ignore[no-untyped-def]
    alpha = row.alpha
    h = row.forward(A, alpha, np.empty_like(A))
    known = {"a": A, "h": h, row.letter: alpha}
    np.testing.assert_allclose(evaluated(row.formula, "ₛᵢ", **known), h, rtol=1e-12, atol=1e-14)
    indices = "ₛᵢ" if row.elementwise else "ₛᵢⱼ"
    np.testing.assert_allclose(
        evaluated(row.derivative, indices, **known), row.slope(A, h, alpha), rtol=1e-12, atol=1e-14
    )
    if row.stable:
        np.testing.assert_allclose(evaluated(row.stable, "ₛᵢ", **known), h, rtol=1e-12)
    if row.learned is not None:
        dh = DRAW.normal(size=A.shape)
        slope = evaluated(row.learned_derivative, "ₛᵢ", **known)
        np.testing.assert_allclose((dh * slope).sum(axis=0), row.learned(dh, A), rtol=1e-12)


@pytest.mark.parametrize("row", LOSSES.values(), ids=lambda row: row.name)
def test_a_loss_is_its_formula(row) -> None:  # type: ignore[no-untyped-def]
    y_hat = DRAW.dirichlet(np.ones(3), 4)
    y = np.eye(3)[[0, 2, 1, 1]] if row.targets == "one-hot" else DRAW.dirichlet(np.ones(3), 4)
    known: dict[str, object] = {"ŷ": y_hat, "y": y}
    for symbol, indices, text in row.workings:
        found = evaluated(text, indices, **known)
        known[symbol] = found[:, None] * np.ones(3) if indices == "ₛ" else found  # ŷ_y is the same for all units
    softmax = ACTIVATIONS["softmax"]
    output = Output(softmax, np.log(y_hat), y_hat)
    np.testing.assert_allclose(evaluated(row.formula, "ₛᵢ", **known), row.terms(output, y), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(evaluated(row.derivative, "ₛᵢ", **known), row.gradient(y_hat, y), rtol=1e-12, atol=1e-14)
    assert np.log(y_hat) == pytest.approx(output.log)


@pytest.mark.parametrize("row", [row for row in OPTIMIZERS.values() if row.rule], ids=lambda row: row.name)
def test_an_optimizer_is_its_formula_for_three_updates(row) -> None:  # type: ignore[no-untyped-def]
    theta, gradients = DRAW.normal(size=5), DRAW.normal(size=(3, 5))
    slots = {name: np.full(5, start) for name, start in row.slots.items()}
    mine: dict[str, object] = {"θ": theta.copy(), **{name: np.full(5, start) for name, start in row.slots.items()}}
    mine |= dict(zip(row.letters, row.parameters.values(), strict=True)) | {"η": 0.1}
    for t, g in enumerate(gradients, 1):
        parameters = constants(row.parameters, np.float64)
        row.rule(theta, g, list(slots.values()), 0.1, t, parameters, np.empty(5))
        mine |= {"g": g, "t": t}
        for target, text in assignments_of(row.formula):
            assert {name.symbol for name in names(parse(text))} <= set(mine)
            mine[target] = _by_name(text, mine)
        np.testing.assert_allclose(mine["θ"], theta, rtol=1e-12)
        for name, slot in slots.items():
            np.testing.assert_allclose(mine[name], slot, rtol=1e-12)


def _by_name(text: str, quantities: dict[str, object]) -> Array:
    """The formula for arrays of five numbers, and constants."""
    node = renamed(parse(text), lambda n: n._replace(indices="ᵢ" if np.ndim(quantities[n.symbol]) else ""))
    return value(node, "ᵢ", lambda name: quantities[name.symbol], (5,))


def test_a_sum_of_what_has_no_such_index_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing in the sum over ⱼ depends on it"):
        value(parse("Σⱼ aᵢ"), "ᵢ", lambda name: np.ones(3))


def test_a_free_index_is_refused() -> None:
    with pytest.raises(ValueError, match="is free"):
        value(parse("aᵢⱼ"), "ᵢ", lambda name: np.ones((3, 3)))
