"""A quantity's formula, with its numbers put in, has its value."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.quantity import CountedNumber, named, over_layers


def value_of(text: str) -> int:
    """What a formula in numbers comes to, by Python's own arithmetic."""
    return int(eval(text.replace("·", "*").replace("−", "-"), {"__builtins__": {}}))


N, UNITS, INPUTS = named("n", 3), named("units", 4), named("inputs", 5)


@pytest.mark.parametrize(
    ("quantity", "formula", "inserted", "value"),
    [
        (2 * N * UNITS * INPUTS, "2·n·units·inputs", "2·3·4·5", 120),
        (N * (UNITS + INPUTS), "n·(units + inputs)", "3·(4 + 5)", 27),
        ((UNITS + 1) * N, "(units + 1)·n", "(4 + 1)·3", 15),
        (2 * N + UNITS - INPUTS, "2·n + units − inputs", "2·3 + 4 − 5", 5),
        (N - (UNITS - INPUTS), "n − (units − inputs)", "3 − (4 − 5)", 4),
        (0 * N * UNITS, "0", "0", 0),
        (0 * N + UNITS, "units", "4", 4),
        (1 * N * UNITS, "n·units", "3·4", 12),
        (4 * over_layers("Σ units", [UNITS, INPUTS]), "4·Σ units", "4·(4 + 5)", 36),
        (4 * over_layers("Σ units", [UNITS]), "4·Σ units", "4·4", 16),
    ],
)
def test_arithmetic_writes_the_formula(quantity: CountedNumber, formula: str, inserted: str, value: int) -> None:
    assert (quantity.formula, quantity.inserted, quantity.value) == (formula, inserted, value)


quantities = st.recursive(
    st.integers(0, 50).map(lambda value: named("x", value)),
    lambda inner: st.builds(
        lambda one, two, sign: sign(one, two),
        inner,
        inner,
        st.sampled_from([operator.add, operator.sub, operator.mul]),
    ),
)


@given(quantities)
def test_what_is_inserted_has_the_value(quantity: CountedNumber) -> None:
    assert value_of(quantity.inserted) == quantity.value
