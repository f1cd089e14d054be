"""Numbers, foreign text and durations as they are shown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlpcli.report.text import column_of, duration, number, printable, shortened


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
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\tb\nc\rd", "a\\tb\\nc\\rd"),
        ("\x07\x08\x0b\x0c\x7f", "\\x07\\x08\\x0b\\x0c\\x7f"),
        ("\x80\x9b2J", "\\x80\\x9b2J"),
        ("abc\u202ecba\u2066", "abc\\u202ecba\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\udce9", "\\udce9"),
    ],
)
def test_what_could_steer_a_terminal_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("text", ["ŷ = h⁽²⁾", "Größe", "品種", "[red]:smile:[/]", "a b", "=cmd()", "€ − ×"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(st.text(st.characters()))
def test_nothing_that_is_shown_can_steer_a_terminal(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown


def test_only_words_that_nobody_would_read_are_shortened() -> None:
    readable, digits = "n" * 299, "9" * 6000
    assert shortened(f"no\n{readable}: '{digits}' is  too long") == f"no {readable}: '{'9' * 59}…9999' is too long"


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
