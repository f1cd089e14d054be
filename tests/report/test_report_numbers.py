"""Numbers, columns, counts and measurements as they are shown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlpcli.report.numbers import (
    Decimals,
    WithUnit,
    column_of,
    counted,
    drawn_number,
    duration,
    finite,
    number,
    rate,
    rounded,
    share,
    significant,
    size,
    time,
    typed,
    whole,
)
from mlpcli.report.sheet import Sheet


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.28, 4, "0.2800"),
        (-0.232, 4, "-0.2320"),
        (1.8, 2, "1.80"),
        (2.0, 0, "2"),
        (0.0, 4, "0.0000"),
        (0.375167, 2, "0.38"),
        (-0.46, 1, "-0.5"),
        (123456.789, 2, "123456.79"),
        (7, 4, "7"),
        (1_000_000_000_000, 4, "1000000000000"),
        (0.0001, 4, "0.0001"),
        (0.00001234, 4, "1.2340e-05"),
        (-2.5e-9, 1, "-2.5e-09"),
        (1.5e300, 2, "1.50e+300"),
        (999_999_999.0, 1, "999999999.0"),
        (-1e9, 1, "-1.0e+09"),  # from here on, a number is in powers of ten
    ],
)
def test_numbers_have_so_many_decimals_or_powers_of_ten(value: float, digits: int, shown: str) -> None:
    assert number(value, digits) == shown


@given(st.floats(-1e300, 1e300), st.integers(0, 17))
@example(0.5, 0)  # a tie, which Python rounds to the even 0
@example(5e-8, 7)  # the nearest double lies below
def test_a_shown_number_is_near_and_never_a_false_zero(value: float, digits: int) -> None:
    shown = float(number(value, digits))
    assert abs(shown - value) <= max(0.51 * 10.0**-digits * max(1.0, abs(value)), 5e-324)
    assert (shown == 0) == (value == 0)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_shown_number_is_short(value: float) -> None:
    assert len(number(value, 4)) <= len("-999999999.0000")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 ms"), (0.35, "350 ms"), (2.5, "2.5 s"), (59.9, "59.9 s"), (200, "3 min 20 s"), (3600, "1 h 0 min")],
)
def test_durations_read_as_people_say_them(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("values", "digits", "texts"),
    [
        ([1.0, -0.25], 2, ["1.00", "-0.25"]),
        ([0.0002, 3.0609e-05], 4, ["0.000200", "0.000031"]),  # the least shows two figures
        ([-1.0, -0.08], 0, ["-1.000", "-0.080"]),
        ([1.0, 1e-12, 0.0], 1, ["1.0", "1.0e-12", "0.0"]),  # two figures of it would take 13 decimals
        ([0.25, -2e-16, 0.0002, 3.0609e-05], 4, ["0.250000", "-2.0000e-16", "0.000200", "0.000031"]),
        ([3e-6, -1e-10, 0.0], 4, ["3.0000e-06", "-1.0000e-10", "0"]),  # nothing to see in 4 decimals
        ([2e9, 1.0], 0, ["2e+09", "1e+00"]),
        ([-0.0, 1.0], 1, ["0.0", "1.0"]),
        ([float("nan"), 1.0], 1, ["nan", "1.0"]),
        ([], 1, []),
    ],
)
def test_a_column_cuts_no_number_and_has_one_notation_where_it_can(
    values: list[float], digits: int, texts: list[str]
) -> None:
    assert column_of(values, digits) == texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (whole(407050), "407,050"),
        (size(0), "0 B"),
        (size(896), "896 B"),
        (size(1023), "1,023 B"),
        (size(1024), "1.00 KiB"),
        (size(1626112), "1.55 MiB"),  # 406,528 · 4 / 2²⁰ = 1.5508
        (size(2**20 - 1), "1.00 MiB"),
        (size(5 * 2**80), "5,242,880 EiB"),
        (time(0), "0 ns"),
        (time(2.5e-9), "2.50 ns"),
        (time(24.8e-6), "24.8 µs"),
        (time(9.9e-6), "9.90 µs"),
        (time(2.346e-3), "2.35 ms"),
        (time(0.5), "500 ms"),
        (time(0.9996), "1,000 ms"),
        (time(59.9), "59.9 s"),
        (time(90), "1.50 min"),
        (time(5400), "1.50 h"),
        (time(86399.9), "24.0 h"),
        (time(86400), "1.00 days"),
        (time(9 * 86400), "9.00 days"),
        (time(365.25 * 86400 - 0.1), "365 days"),
        (time(365.25 * 86400), "1.00 years"),
        (time(43.9 * 365.25 * 86400), "43.9 years"),
        (share(1), "100 %"),
        (share(0.0125), "1.25 %"),
        (rate(83.84), "83.8 GFLOP/s"),
        (rate(12345.6), "12,346 GFLOP/s"),
    ],
)
def test_figures(text: str, shown: str) -> None:
    assert text == shown


@given(st.floats(1e-4, 1e12))
def test_three_digits_are_kept(value: float) -> None:
    assert float(rounded(value).replace(",", "")) == pytest.approx(value, rel=0.00501)
    assert "e" not in rounded(value)


def test_a_column_of_figures_is_no_column_of_words() -> None:
    sheet = Sheet("", ("name", "size", "n", "mixed"), (("a", WithUnit("1 B"), 1, WithUnit("2")), ("b", None, 2, "c")))
    assert sheet.words == (True, False, False, True)


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (3000, "3,000 rows")])
def test_one_thing_has_no_plural(count: int, text: str) -> None:
    assert counted(count, "row") == text


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([999_999_999.0, 0.5], ["999999999.0", "0.5"]),
        ([1e9, 0.5, 0.0], ["1.0e+09", "5.0e-01", "0"]),  # from here on, all of a column are in powers of ten
    ],
)
def test_a_column_with_a_large_number_is_in_powers_of_ten(values: list[float], shown: list[str]) -> None:
    assert column_of(values, 1) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.5, "0.50"),
        (-0.6049, "-0.6049"),
        (0.1234567, "0.123457"),  # six at most
        (0.1 + 0.2, "0.30"),  # the last digits of a float do not count
        (3.0, "3.00"),
        (1e-7, "1.00e-07"),
    ],
)
def test_numbers_may_have_more_decimals_than_others_if_they_have_them(value: float, shown: str) -> None:
    assert number(value, Decimals(2, 6)) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (2 / 3, 0, "0.666667"),
        (2 / 3, 6, "0.666667"),
        (2 / 3, 7, "0.6666667"),
        (-0.0, 0, "0"),
        (1234567.0, 0, "1.23457e+06"),
    ],
)
def test_numbers_in_sums_have_six_digits_or_as_many_as_are_wanted(value: float, digits: int, shown: str) -> None:
    assert significant(value, digits) == shown


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        ([[0.999, -0.0], [0.1 + 0.2, 100.0]], [["0.999", "0"], ["0.3", "100"]]),
        ([[0.123456]], [["0.123456"]]),  # 8 characters
        ([[0.1234567]], []),
        ([[0.5, 0.1234567], [1.0, 2.0]], []),
        ([[0.5, float("inf")]], []),
    ],
)
def test_a_matrix_is_as_a_person_types_it_if_all_of_it_is_short(
    rows: list[list[float]], texts: list[list[str]]
) -> None:
    assert typed(rows) == texts


def test_numbers_of_drawings_have_a_true_minus() -> None:
    assert [drawn_number(value, 2) for value in (-0.25, -0.0, 3, -1e-9)] == ["−0.25", "0.00", "3.00", "−1.00e−09"]


def test_json_has_only_finite_numbers() -> None:
    values = [finite(value) for value in (1, -0.5, float("inf"), float("-inf"), float("nan"))]
    assert values == [1.0, -0.5, None, None, None]
    assert type(values[0]) is float


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.9994, "999 ms"),
        (1, "1.0 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3599.6, "1 h 0 min"),
        (7325, "2 h 2 min"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("values", "digits", "texts"),
    [
        ([0.5, 1e-6], 4, ["0.5000000", "0.0000010"]),  # two figures of it take 7 decimals, 3 more than asked for
        ([0.5, 1e-7], 4, ["0.50000000", "0.00000010"]),  # 4 more
        ([0.5, 1e-8], 4, ["0.5000", "1.0000e-08"]),  # 5 more
        ([0.5, 1e-7, 1e-8], 4, ["0.50000000", "0.00000010", "1.0000e-08"]),
    ],
)
def test_a_column_gets_up_to_four_decimals_more(values: list[float], digits: int, texts: list[str]) -> None:
    assert column_of(values, digits) == texts
