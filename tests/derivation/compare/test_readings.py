"""How numbers are used in the next steps: rounded as one rounds by hand, and never what was given."""

import numpy as np
import pytest

from mlpcli.derivation.compare.given import Place, as_given
from mlpcli.derivation.compare.readings import (
    EXACTLY,
    Reading,
    as_printed,
    each_rounded,
    each_significant,
    roundings,
    with_written,
)

VALUES = np.array([0.285, -12.345678, 0.0004567])


@pytest.mark.parametrize(
    ("reading", "name", "kept"),
    [
        (each_rounded(2), "a", [0.29, -12.35, 0.0]),
        (each_rounded(2), "a_after", [0.29, -12.35, 0.0]),
        (each_rounded(2), "da", [0.29, -12.35, 0.0]),
        (each_significant(2), "h", [0.29, -12.0, 0.00046]),
        (as_printed(2), "dW", [0.29, -12.35, 0.0]),
        (as_printed(2), "da", [0.285, -12.3457, 0.0005]),  # it is a product of two printed numbers
        (as_printed(2), "terms_after", [0.285, -12.3457, 0.0005]),
        (as_printed(2), "W", VALUES),
        (each_rounded(2), "x", VALUES),
        (EXACTLY, "a", VALUES),
    ],
)
def test_a_number_is_used_as_it_is_rounded(reading: Reading, name: str, kept: list[float]) -> None:
    np.testing.assert_allclose(reading.keep(Place(1, 1, name), VALUES), kept, rtol=1e-12)


def test_what_was_written_is_used_in_place_of_what_is_rounded() -> None:
    place = Place(1, 1, "a")
    given = {place: as_given(np.array(["0.3", "", ""], dtype=object))}
    reading = with_written(each_rounded(1), given)
    np.testing.assert_allclose(reading.keep(place, VALUES), [0.3, -12.3, 0.0], rtol=1e-12)
    np.testing.assert_allclose(reading.keep(Place(1, 1, "h"), VALUES), [0.3, -12.3, 0.0], rtol=1e-12)


@pytest.mark.parametrize(("decimals", "most"), [(1, 1), (2, 2), (6, 6), (9, 6), (None, 6)])
def test_steps_have_no_more_decimals_than_what_was_written(decimals: int | None, most: int) -> None:
    """From the most decimals down to one, and then significant digits, by which nobody rounds to one."""
    words = list(dict.fromkeys(reading.words for reading in roundings(decimals)))
    in_decimals = [f"every step is rounded to {n} decimals" for n in range(most, 1, -1)]
    significant = [f"every step is rounded to {n} significant digits" for n in range(6, 1, -1)]
    assert words == [*in_decimals, "every step is rounded to 1 decimal", *significant]
