"""Numbers as people write them."""

import pytest

from mlpcli.core.numerals import count_in, number_in


@pytest.mark.parametrize("text", ["60000", "60_000", "60,000", "6e4", "0.6e5", " 60000.0 ", "6E+4"])
def test_a_count_is_read_however_people_write_it(text: str) -> None:
    assert count_in(text) == 60_000


@pytest.mark.parametrize(
    "text", ["", "many", "-1", "1.5", "nan", "inf", "1_0,0", "60_00", "٣", "1e19", "1e999999999", "1e-3", "9" * 6000]
)
def test_what_is_no_count_is_none(text: str) -> None:
    assert count_in(text) is None


def test_the_least_and_the_largest_count() -> None:
    assert (count_in("0"), count_in("1e18")) == (0, 10**18)


def test_a_number_is_what_everybody_writes_and_not_only_python() -> None:
    assert (number_in("-1.5e2"), number_in("1e-3")) == (-150, 0.001)
    for text in ("1_000", "٣"):
        with pytest.raises(ValueError, match="is not a number"):
            number_in(text)
