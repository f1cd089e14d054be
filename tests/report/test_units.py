"""Figures with their units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.report.sheet import Figure, Sheet
from mlpcli.report.units import rate, rounded, share, size, time, whole


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
        (time(9 * 86400), "9.00 days"),
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
    sheet = Sheet("", ("name", "size", "n", "mixed"), (("a", Figure("1 B"), 1, Figure("2")), ("b", None, 2, "c")))
    assert sheet.words == (True, False, False, True)
