"""Figures with so many digits: what they agree with."""

from collections.abc import Sequence

import numpy as np
import pytest

from mlpcli.core.comparison.given import Given, as_given


def given(*texts: str) -> Given:
    return as_given(np.array(texts, dtype=object))


# What was written, what it agrees with, what it does not.
ROUNDED: list[tuple[Sequence[str], Sequence[float], Sequence[float]]] = [
    (["0.28"], [0.2838], [0.2862]),
    (["0.29"], [0.285], [0.2849]),  # a half goes away from zero, and 0.285 is stored as 0.28499999999999998
    (["-2.63"], [-2.6316], [-2.6352]),
    (["0.3", "0.28"], [0.3049, 0.28], [0.3062, 0.28]),  # 0.30
    (["123.4", "0.01234"], [123.44, 0.012344], [123.46, 0.01234]),  # four digits each
    (["1.2e-5"], [1.24e-5], [1.26e-5]),
    (["12e-6"], [1.24e-5], [1.26e-5]),
    (["0.00", "0.12"], [0.0049, 0.12], [0.0051, 0.12]),
    (["1", "0"], [1, 0], [1, 0.01]),  # whole numbers are exact
    (["2.0"], [2], [2.04]),
    (["0.3333333333333333"], [1 / 3 + 1e-12], [1 / 3 + 1e-8]),
    (["0.5", "0.3333333333333333"], [0.5, 1 / 3], [0.5001, 1 / 3]),
    (["0.0", "0.3333333333333333"], [1e-16, 1 / 3], [1e-8, 1 / 3]),  # what is left where figures cancel
]


@pytest.mark.parametrize(("texts", "near", "far"), ROUNDED, ids=lambda value: str(value)[:30])
def test_figures_agree_with_what_rounds_to_them(
    texts: Sequence[str], near: Sequence[float], far: Sequence[float]
) -> None:
    assert given(*texts).agrees(np.array(near))
    assert not given(*texts).agrees(np.array(far))


def test_what_is_not_there_is_not_compared() -> None:
    figures = given("0.28", "")
    assert np.isnan(figures.values[1])
    assert figures.agrees(np.array([0.28, 5.0]))
    assert figures.off(np.array([0.3, 5.0])).tolist() == [True, False]


def test_nothing_agrees_with_what_cannot_be_computed() -> None:
    assert not given("0.28").agrees(np.array([np.nan]))
    assert not given("0.28").agrees(np.array([np.inf]))


def test_float32_figures_agree_in_single_precision() -> None:
    exact = np.array([1 / 3, 2 / 7, 0.1])
    single = [repr(float(value)) for value in exact.astype(np.float32)]  # 0.3333333432674408, …
    assert given(*single).agrees(exact)
    assert given(*single).precision == "in single precision"
    assert not given(*single).agrees(exact * (1 + 1e-5))
    assert not given(*map(repr, (exact * (1 + 1e-7)).tolist())).agrees(exact)  # the same error in float64


@pytest.mark.parametrize(
    ("texts", "precision"),
    [(["0.28", "0.3"], "to 2 decimals"), (["0.3"], "to 1 decimal"), (["1"], ""), ([repr(1 / 3)], "")],
)
def test_how_far_an_agreement_goes_is_said(texts: Sequence[str], precision: str) -> None:
    assert given(*texts).precision == precision


def test_equal_is_more_than_to_agree() -> None:
    assert given("0.28").equals(np.array([0.28]))
    assert not given("0.28").equals(np.array([0.2801]))
