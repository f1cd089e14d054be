"""Mistakes of the pen, and numbers that are nearly right: which numbers each of them gives, by hand."""

import numpy as np
import pytest
from core_helpers import activation

from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.compare.case import Case
from mlpcli.derivation.compare.given import Given, Place, as_given
from mlpcli.derivation.compare.question import (
    Cause,
    Question,
    _fewest_decimals,
    nearly_right,
    pen_mistakes,
    some_written_wrongly,
    there,
    written_wrongly,
)
from mlpcli.derivation.trace import Trace, trace

W, A, H = (Place(1, 1, name) for name in "Wah")


def linear(*weights: float, samples: int = 1, rate: float = 0.25) -> Trace:
    """A linear layer without biases whose input is 1: a is W."""
    layers = chain(1, [len(weights)], [activation("linear")])
    network = Network(layers, np.array([*weights, *np.zeros(len(weights))]))
    x, y = np.ones((samples, 1)), np.zeros((samples, len(weights)))
    return trace(network, objective_of(LOSSES["mse"]), OPTIMIZERS["sgd"], rate, x, y)


def figures(*texts: str) -> Given:
    return as_given(np.array([texts], dtype=object))


def asked(found: Trace, *texts: str) -> Question:
    """Why a is wrong."""
    return Question(Case(found, {A: figures(*texts)}), A, frozenset())


def test_mistakes_of_the_pen_by_hand() -> None:
    """Of 2.5 and −0.125 with 3 samples, 2 outputs and η = ¼; 5 and −0.25 were written."""
    right = np.array([[2.5, -0.125]])
    rows = {row.name: row for row in pen_mistakes(right, figures("5.0", "-0.25"), linear(1, 1, samples=3))}
    factors = {
        "½": 0.5, "2": 2, "n": 3, "1/n": 1 / 3, "outputs": 2, "1/outputs": 0.5, "n·outputs": 6, "1/(n·outputs)": 1 / 6,
        "1/ln 10": 0.4342944819, "ln 10": 2.302585093, "1/ln 2": 1.4426950409, "ln 2": 0.6931471806,
        "η": 0.25, "−η": -0.25, "1/η": 4, "−1/η": -4,
    }  # fmt: skip
    expected = {f"factor {name}": factor * right for name, factor in factors.items()}
    expected |= {f"decimal point {factor:g}": factor * right for factor in (10, 100, 0.1, 0.01)}
    expected |= {
        "sign": -right,
        "transposed": right,  # a row is no square
        "cut off": np.array([[2.5, -0.12]]),  # the first has one decimal, the second two
        "order": np.array([[2.5, -0.125]]),
        "constant factor": 2 * right,
    }
    assert rows.keys() == expected.keys()
    for name, faulty in expected.items():
        np.testing.assert_allclose(rows[name].faulty, faulty, rtol=1e-9, err_msg=name)
    assert {name for name, row in rows.items() if row.single} == {
        "sign", "cut off", "decimal point 10", "decimal point 100", "decimal point 0.1", "decimal point 0.01"
    }  # fmt: skip
    assert {name: row.fitted for name, row in rows.items() if row.fitted} == {"constant factor": 2}
    assert rows["constant factor"].description == "all its numbers are 2 times the right ones"
    assert rows["factor 1/n"].description == "it has a factor 1/n too many"


def test_an_order_is_that_of_what_was_written_and_a_square_can_be_transposed() -> None:
    right = np.array([[1.0, 2.0], [3.0, 4.0]])
    given = as_given(np.array([["7", "5"], ["6", "8"]], dtype=object))
    rows = {row.name: row.faulty for row in pen_mistakes(right, given, linear(1, 1))}
    assert rows["order"].tolist() == [[3, 1], [2, 4]]  # 5 < 6 < 7 < 8
    assert rows["transposed"].tolist() == [[1, 3], [2, 4]]


def test_no_shift_of_the_point_makes_a_0_and_one_wrong_number_is_no_multiple() -> None:
    right = np.array([[2.0, 0.0, 3.0]])
    rows = {row.name: row.faulty for row in pen_mistakes(right, figures("0", "0", "3"), linear(1, 1, 1))}
    np.testing.assert_array_equal(rows["decimal point 10"], [[np.nan, 0, 30]])
    assert "constant factor" not in rows


@pytest.mark.parametrize(("texts", "short"), [(("-10", "-0.5"), True), (("-10.0", "-0.5"), False)])
def test_a_mistake_of_the_pen_needs_four_digits_to_be_sure(texts: tuple[str, str], short: bool) -> None:
    """−10 and −0.5 have three digits together."""
    (cause,) = written_wrongly(asked(linear(10, 0.5), *texts))
    assert cause == Cause("sign", "it has the wrong sign", sure=True, short=short)


def test_what_is_written_wrongly_in_some_numbers_is_said_of_them() -> None:
    one, two = (asked(linear(10, 0.5, 3), *texts) for texts in (("10.0", "-0.5", "3.0"), ("-10.0", "-0.5", "3.0")))
    assert [*written_wrongly(one)] == [*written_wrongly(two)] == []
    (first,), (second,) = map(some_written_wrongly, (one, two))
    assert (first.name, first.description) == ("sign", "it has the wrong sign, only in this number")
    assert second.description == "it has the wrong sign, only in these numbers"
    assert [there(np.array(off)) for off in ([True, False], [True, True])] == [
        ", only in this number",
        ", only in these numbers",
    ]
    assert [*some_written_wrongly(asked(linear(10, 0.5, 3), "10.0", "1.0", "3.0"))] == []  # a factor is in all numbers


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        # Three halves of 0.01 are allowed, where rounding can change the right number, 0.333333.
        (("0.34", "0.25"), "the last digit is rounded differently, or intermediate results are rounded"),
        (("0.32", "0.25"), "the last digit is rounded differently, or intermediate results are rounded"),
        (("0.35", "0.25"), None),
        (("0.31", "0.25"), None),
        (("0.33", "0.26"), None),  # two decimals are all that 0.25 has
        # Six digits may come from float32, which is off by 2·10⁻⁶ of the largest, 0.33.
        (("0.3333333", "0.2500006"), "it was computed in single precision"),
        (("0.3333333", "0.2500008"), None),
        (("0.33333333333333", "0.2500006"), "it was computed in single precision"),
        (("0.33333333333333", "0.2500008"), None),
        (("0.34", "0.26"), None),  # one number that no rounding explains is enough
    ],
)
def test_a_number_that_is_nearly_right_may_be_rounding(texts: tuple[str, str], words: str | None) -> None:
    causes = [*nearly_right(asked(linear(1 / 3, 0.25), *texts))]
    assert [(cause.name, cause.description, cause.sure) for cause in causes] == (
        [("rounding", words, False)] if words else []
    )


@pytest.mark.parametrize(
    ("texts", "single"), [(("0.3333", "0.25003", "20.000"), False), (("0.3333", "0.25003", "20.0000"), True)]
)
def test_six_digits_of_one_number_may_come_from_single_precision(texts: tuple[str, ...], single: bool) -> None:
    """Off by up to 2·10⁻⁶ of the largest number, 20."""
    causes = [cause.description for cause in nearly_right(asked(linear(1 / 3, 0.25, 20), *texts))]
    assert causes == ["it was computed in single precision"] * single


@pytest.mark.parametrize(
    ("weights", "values", "off"),
    [
        (("1", "3"), ("0.7", "3"), [True, False]),
        (("1", "3"), ("0.5", "7"), [False, True]),  # the first is that of the trace
        (("1", "4"), ("0.7", "4"), [True, False]),  # the second follows from what was written
        (("1", "4"), ("0.5", "4"), [False, True]),  # each is right by one of them: those of the trace count
    ],
)
def test_a_number_is_wrong_if_it_is_neither_that_of_the_trace_nor_follows(
    weights: tuple[str, str], values: tuple[str, str], off: list[bool]
) -> None:
    """The trace has W = a = (0.5, 3)."""
    written = {W: as_given(np.array([[text] for text in weights], dtype=object)), A: figures(*values)}
    assert Question(Case(linear(0.5, 3), written), A, frozenset()).off.tolist() == [off]


def test_alone_a_wrong_quantity_leaves_all_right_that_are_right_or_follow() -> None:
    """W is right, and h = a follows from the wrong a: with a itself, these are three. The loss is wrong too."""
    given = {W: as_given(np.array([["0.5"], ["3"]], dtype=object)), A: figures("0.7", "3"), H: figures("0.7", "3")}
    given[Place(1, 0, "loss")] = as_given(np.array("100", dtype=object))
    assert Question(Case(linear(0.5, 3), given), A, frozenset([W])).met_alone == 3


@pytest.mark.parametrize(
    ("value", "weight", "fewest"),
    [("0.3", "0.333", 1), ("0.333333333333333", "0.3", 3), ("0.3333", "0.3", 3)],
)
def test_the_fewest_decimals_are_those_of_a_rounded_number_that_was_computed(
    value: str, weight: str, fewest: int
) -> None:
    """h has three decimals. Those of a count if it is rounded, those of W never: it is given."""
    given = {W: as_given(np.array([[weight]], dtype=object)), A: figures(value), H: figures("0.334")}
    assert _fewest_decimals(Question(Case(linear(1 / 3), given), H, frozenset([W, A]))) == fewest
