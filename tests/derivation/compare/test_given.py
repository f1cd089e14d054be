"""Figures with so many digits: what they agree with."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from report_helpers import drawn_trace

from mlpcli.derivation.compare.given import Given, Place, Style, as_given, numbers_of, style_of, usual_decimals

ALONE = Place(1, 1, "a")


def given(*texts: str, usual: int | None = None) -> Given:
    array = np.array(texts, dtype=object)
    return as_given(array, style=Style(usual, style_of({ALONE: array}).significant))


# What was written, what it agrees with, what it does not.
ROUNDED: list[tuple[Sequence[str], Sequence[float], Sequence[float]]] = [
    (["0.28"], [0.2838], [0.2862]),
    (["0.29"], [0.285], [0.2849]),  # a half goes away from zero, and 0.285 is stored as 0.28499999999999998
    (["-2.63"], [-2.6316], [-2.6352]),
    (["0.28"], [0.275], [0.2749]),  # rounded half up, or 0.285 half to even
    (["0.28"], [0.285], [0.2851]),
    (["0.3", "0.28"], [0.3049, 0.28], [0.3562, 0.28]),  # 0.30 as programs write it, or one decimal
    (["-0.092", "-0.0257"], [-0.0924, -0.02574], [-0.0926, -0.0257]),  # three significant digits each
    (["-0.092", "-0.0257"], [-0.0924, -0.02574], [-0.092, -0.02576]),
    (["0.149780716", "0.24975114"], [0.14978071613, 0.24975114363], [0.1497807161, 0.249751146]),
    (["123.4", "0.01234"], [123.44, 0.012344], [123.46, 0.01234]),
    (["123", "0.0123"], [123.00004, 0.0123], [123.4, 0.0123]),  # the decimals of the quantity, never fewer
    (["123457", "0.0123457"], [123456.7, 0.01234568], [123456.4, 0.0123457]),  # but %g has six digits each
    (["1", "0.0123457"], [1.000004, 0.0123457], [1.000006, 0.0123457]),
    (["1.23457e+06", "0.0123457"], [1234566, 0.0123457], [1234560, 0.0123457]),
    (["1e+06", "0.0123457"], [1000004, 0.0123457], [1000006, 0.0123457]),
    (["2", "0.5"], [1.96, 0.5], [1.8, 0.5]),
    (["1.2e-5"], [1.24e-5], [1.26e-5]),
    (["12e-6"], [1.24e-5], [1.26e-5]),
    (["5e-1"], [0.54], [0.56]),  # one decimal, though it has no point
    (["0.00", "0.12"], [0.0049, 0.12], [0.0051, 0.12]),
    (["0.0", "0.123"], [0.0004, 0.123], [0.0006, 0.123]),  # zeros and whole numbers as the rest
    (["1.0", "0.123"], [0.96, 0.123], [0.94, 0.123]),  # one decimal
    (["1", "0.123"], [0.9996, 0.123], [0.994, 0.123]),
    (["1", "0"], [0.998, 0.004], [1, 0.006]),  # where there is no rest, two decimals
    (["2.0"], [2.04], [2.06]),
    (["0.0"], [0.004], [0.006]),
    (["0.3333333333333333"], [1 / 3 + 1e-12], [1 / 3 + 1e-8]),
    (["0.5", "0.3333333333333333"], [0.5, 1 / 3], [0.5001, 1 / 3]),
    (["0.0", "0.3333333333333333"], [1e-16, 1 / 3], [1e-8, 1 / 3]),  # what is left where figures cancel
    (["0.0", "0.3333333333333333"], [0.9e-15, 1 / 3], [1.1e-15, 1 / 3]),  # 10⁻¹⁵, or that part of a larger one
    (["0.0", "4096.123456789012"], [4e-12, 4096.123456789012], [4.2e-12, 4096.123456789012]),
    (["4096.123456789012"], [4096.123456789012 + 4e-6], [4096.123456789012 + 4.2e-6]),  # a part in 10⁹ of it
    (["0.28"], [0.28 + 0.005 + 5e-8], [0.28 + 0.005 + 8e-8]),  # 2·10⁻⁷ of it, at which float32 may round otherwise
    (["0.1", "12345.6"], [0.15199, 12345.6], [0.15201, 12345.6]),  # which is at most a 25th of half a unit
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
    assert given(*single).precision(exact) == "in single precision"
    assert not given(*single).agrees(exact * (1 + 1e-5))
    assert not given(*map(repr, (exact * (1 + 1e-7)).tolist())).agrees(exact)  # the same error in float64


@pytest.mark.parametrize(
    ("texts", "expected", "precision"),
    [
        (["0.28", "0.3"], [0.28, 0.301], "to 2 decimals"),
        (["0.28", "0.3"], [0.28, 0.32], "to the digits given"),
        (["0.28", "0.3"], [0.28, 0.305], "to 2 decimals"),  # half a unit, and a millionth of it for binary fractions
        (["0.28", "0.3"], [0.28, 0.3 + 0.005 * (1 + 1.5e-6)], "to the digits given"),
        (["0.3"], [0.31], "to 1 decimal"),
        (["1"], [1.0], ""),
        (["1e-999"], [0.0], ""),
        ([repr(1 / 3)], [1 / 3], ""),
        (["0.28", ""], [0.281, 5.0], "to 2 decimals"),  # what is missing is not compared
        (["0.28"], [0.28 + 0.005 + 5e-8], "to the digits given"),  # as float32 might round it
        (["0.0", "4096.123456789012"], [3e-12, 4096.123456789012], ""),  # what is left where numbers cancel
    ],
)
def test_how_far_an_agreement_goes_is_said(texts: Sequence[str], expected: Sequence[float], precision: str) -> None:
    assert given(*texts).precision(np.array(expected)) == precision


@pytest.mark.parametrize(
    ("style", "text", "expected", "precision"),
    [
        (Style(bound=0.1), "0.3", 0.304, "to 2 decimals"),
        (Style(bound=0.1), "0.3", 0.32, "to the digits given"),
        (Style(bound=0.1), "0.3", 0.36, "within 0.1"),
        (Style(single=True), "0.3000000", 0.30000004, "to 7 decimals"),
        (Style(single=True), "0.3000000", 0.3000004, "in single precision"),
    ],
)
def test_the_closest_agreement_is_said(style: Style, text: str, expected: float, precision: str) -> None:
    """Beside a number with two decimals, or seven that may be those of float32."""
    figures = as_given(np.array([text, "0.25"], dtype=object), style=style)
    assert figures.agrees(np.array([expected, 0.25]))
    assert figures.precision(np.array([expected, 0.25])) == precision
    if precision == "to the digits given":  # one number that is farther off counts
        assert figures.precision(np.array([expected, 0.26])) == "within 0.1"


def test_results_are_told_apart_by_a_single_number() -> None:
    figures = given("0.28", "0.3")
    assert figures.tells_apart(np.array([0.28, 0.5]), np.array([0.28, 0.3]))
    assert not figures.tells_apart(np.array([0.281, 0.32]), np.array([0.28, 0.3]))


def test_a_zero_agrees_with_itself_within_any_tolerance() -> None:
    figures = as_given(np.array(["0"], dtype=object), style=Style(usual=12, bound=0.1))
    assert figures.decimals is None
    assert figures.agrees(np.zeros(1))


@pytest.mark.parametrize(("usual", "near", "far"), [(4, 0.00004, 0.00006), (16, 1e-16, 1e-8)])
def test_zeros_among_themselves_have_the_digits_of_other_quantities(usual: int, near: float, far: float) -> None:
    assert given("0", "0.0", usual=usual).agrees(np.array([0, near]))
    assert not given("0", "0.0", usual=usual).agrees(np.array([0, far]))


def test_the_usual_decimals_are_those_of_most_quantities() -> None:
    quantities = [["0.123", "0.5"], ["0.1234"], ["0", "2.0"], ["0.456"]]
    assert usual_decimals(np.array(texts, dtype=object) for texts in quantities) == 3
    assert usual_decimals([np.array(["0", "1"], dtype=object)]) is None


def test_equal_is_more_than_to_agree() -> None:
    assert given("0.28").equals(np.array([0.28]))
    assert not given("0.28").equals(np.array([0.2801]))


@pytest.mark.parametrize("written", [str, "{:.8g}".format, "{:.9g}".format], ids=["shortest", "8 digits", "9 digits"])
def test_figures_of_a_program_in_single_precision_are_known_by_their_digits(written: Callable[[object], str]) -> None:
    exact = np.random.default_rng(1).normal(size=(6, 6))
    texts = np.array([written(value) for value in exact.astype(np.float32).flat], dtype=object).reshape(exact.shape)
    assert style_of({ALONE: texts}).single
    assert as_given(texts, style=Style(single=True)).agrees(exact)
    assert not as_given(texts, style=Style(single=True)).agrees(exact + 1e-5)


def test_a_tolerance_that_is_given_is_added_to_the_rounding() -> None:
    """0.28 is 0.275 to 0.285, and a bound of 0.1 takes a tenth of the largest number more: 0.028."""
    figures = as_given(np.array(["0.28"], dtype=object), style=Style(bound=0.1))
    assert figures.agrees(np.array([0.28 + 0.0329]))
    assert not figures.agrees(np.array([0.28 + 0.0331]))


@pytest.mark.parametrize("digits", [8, 9, 10, 16])
def test_what_was_computed_in_double_precision_and_rounded_is_not_taken_for_single(digits: int) -> None:
    exact = np.random.default_rng(1).normal(size=(6, 6))
    texts = np.vectorize(f"{{:.{digits}g}}".format, otypes=[object])(exact)
    assert not style_of({ALONE: texts}).single


def test_a_number_is_short_if_rounding_leaves_it_as_it_is() -> None:
    """Written with 2, 1 and 3 decimals: 0.28, 0.5 and −1.125 have no more; 0.285, 0.55 and 0.1125 have."""
    figures = given("0.28", "0.3", "0.123")
    assert figures.is_short(np.array([0.28, 0.5, -1.125])).tolist() == [True, True, True]
    assert figures.is_short(np.array([0.285, 0.55, 0.1125])).tolist() == [False, False, False]
    assert figures.is_short(np.zeros(3)).all()


def test_a_tolerance_that_is_given_is_a_part_of_the_largest_number_and_counts_for_each() -> None:
    """0.1 of 4 is 0.4, beside 0 too; no digit that is written adds to it, since a program computed all of them."""
    figures = as_given(np.array(["4.000000000001", "0"], dtype=object), style=Style(bound=0.1))
    assert figures.agrees(np.array([4.39, -0.39]))
    assert figures.off(np.array([4.41, 0.41])).tolist() == [True, True]
    assert figures.precision(np.array([4.39, -0.39])) == "within 0.1"


@pytest.mark.parametrize(
    ("texts", "decimals"),
    [
        (["0.12345678901"], 11),
        (["0.123456789012"], None),  # twelve digits were computed, and not typed
        (["0.5", "123456789012"], None),
        (["1e-50"], 50),
        (["1e-51"], None),
        (["0.5", "1e-51"], None),
        (["0.25", "3"], 2),
        (["1", "0"], 2),
    ],
)
def test_what_a_program_computed_has_no_decimals_of_its_own(texts: list[str], decimals: int | None) -> None:
    assert given(*texts).decimals == decimals


@pytest.mark.parametrize(("usual", "decimals"), [(11, 11), (12, None)])
def test_zeros_beside_what_a_program_computed_are_exact_too(usual: int, decimals: int | None) -> None:
    assert given("0", "0.0", usual=usual).decimals == decimals


@pytest.mark.parametrize(
    ("text", "digits", "places"),
    [
        ("0.3", 1, 1),
        ("0.0280", 3, 4),
        ("-12.5", 3, 1),
        ("1.2e-5", 2, 6),
        ("1.25E+1", 3, 1),
        ("120", 3, 2),
        ("0.00", 2, 2),
    ],
)
def test_a_number_has_significant_digits_and_decimals(text: str, digits: int, places: int) -> None:
    """A whole number has two decimals, where no other says more, and a zero counts as two digits."""
    found = given(text)
    assert (found.digits.tolist(), found.places.tolist()) == ([digits], [places])


@pytest.mark.parametrize(
    ("texts", "single"),
    [
        (["0.12345"], False),  # people type five digits
        (["0.123456"], True),
        (["0.1234567"], True),
        (["0.123456789"], False),  # float32 has 0.123456791 there
        (["0.123456791"], True),
        (["0.12345679104"], True),
        (["0.123456791043"], False),  # twelve digits are those of float64
        (["0.123456791", "0.123456789"], False),
    ],
)
def test_six_to_eleven_digits_may_come_from_float32_if_it_prints_them(texts: list[str], single: bool) -> None:
    assert style_of({ALONE: np.array(texts, dtype=object)}).single is single


@pytest.mark.parametrize(("text", "decimals"), [("0.1234568", 7), ("0.12345679", None)])
def test_eight_digits_of_float32_are_all_that_it_has(text: str, decimals: int | None) -> None:
    """These may differ by 2·10⁻⁶ of the largest; seven digits by half a unit of the last place more."""
    figures = as_given(np.array([text], dtype=object), style=Style(single=True))
    assert figures.decimals == decimals
    room = 2e-6 * float(text) + (0.5e-7 if decimals else 0)
    assert figures.agrees(np.array([float(text) + 0.99 * room]))
    assert not figures.agrees(np.array([float(text) + 1.01 * room]))


def test_of_equally_usual_decimals_the_larger_count() -> None:
    assert usual_decimals(np.array([text], dtype=object) for text in ("0.12", "0.5", "3", "0.34", "0.7")) == 2


def test_what_is_computed_says_how_many_decimals_are_usual_and_what_is_given_only_if_nothing_else_does() -> None:
    """The biases of the first update are given; those of the second are not."""
    quantities = {
        Place(1, 1, "b"): np.array(["0.125"], dtype=object),
        Place(1, 1, "W"): np.array(["0.375"], dtype=object),
        Place(1, 1, "a"): np.array(["0.25"], dtype=object),
    }
    assert style_of(quantities).usual == 2
    assert style_of({Place(2, *place[1:]): texts for place, texts in quantities.items()}).usual == 3
    quantities[Place(1, 1, "a")] = np.array(["1"], dtype=object)
    assert style_of(quantities).usual == 3
    assert style_of({}).usual is None


def test_the_numbers_of_a_trace_are_those_of_each_of_its_updates() -> None:
    """A weight of the second update is the new one of the first; what an update starts from is given in the first."""
    found = drawn_trace(samples=2, steps=3)
    numbers = numbers_of(found)
    assert {place.step for place in numbers} == {1, 2, 3}
    for t, step in enumerate(found.steps, 1):
        for k, layer in enumerate(step.layers, 1):
            np.testing.assert_array_equal(numbers[Place(t, k, "W")], layer.before.W)
            np.testing.assert_array_equal(numbers[Place(t, k, "db")], layer.d.b)
        assert numbers[Place(t, 0, "loss")] == step.loss
    np.testing.assert_array_equal(numbers[Place(2, 1, "W")], numbers[Place(1, 1, "W_new")])
    names = [(1, 0, "x"), (1, 0, "y"), (1, 1, "W"), (1, 1, "b"), (1, 2, "W"), (1, 2, "b")]
    assert [place for place in numbers if place.is_given] == [Place(*each) for each in names]
