"""How numbers are used in the next steps: rounded as one rounds by hand, and never what was given."""

import numpy as np
import pytest

from mlpcli.derivation.compare.readings import (
    EXACTLY,
    Reading,
    as_printed,
    each_rounded,
    each_significant,
    roundings,
    with_rounding_errors,
)
from mlpcli.derivation.formula import Number
from mlpcli.derivation.lines import Line
from mlpcli.derivation.setting import Quantity

VALUES = np.array([0.285, -12.345678, 0.0004567])
PRINTED, IN_A_SUM = (
    Line(Quantity("a", 1), "ₛᵢ", Number(0, "0"), "forward", carried=carried) for carried in (False, True)
)
GIVEN = Line(Quantity("W", 1), "ᵢⱼ", Number(0, "0"), "given", frozen=True)


@pytest.mark.parametrize(
    ("reading", "line", "kept"),
    [
        (each_rounded(2), PRINTED, [0.29, -12.35, 0.0]),
        (each_rounded(2), IN_A_SUM, [0.29, -12.35, 0.0]),
        (each_significant(2), PRINTED, [0.29, -12.0, 0.00046]),
        (as_printed(2), PRINTED, [0.29, -12.35, 0.0]),
        (as_printed(2), IN_A_SUM, [0.285, -12.3457, 0.0005]),  # as da, which is a product of two printed numbers
        (as_printed(2), GIVEN, VALUES),
        (each_rounded(2), GIVEN, VALUES),
        (EXACTLY, PRINTED, VALUES),
    ],
)
def test_a_number_is_used_as_it_is_rounded(reading: Reading, line: Line, kept: list[float]) -> None:
    np.testing.assert_allclose(reading.keep(line, VALUES), kept, rtol=1e-12)


def test_only_by_the_slides_rule_the_derivative_of_softmax_comes_from_a() -> None:
    assert set(as_printed(2).changes) == set(as_printed(2, "lecture").changes) == {"∂h/∂a"}
    assert as_printed(2, "exact").changes == each_rounded(2).changes == {}


@pytest.mark.parametrize(("decimals", "most"), [(1, 1), (2, 2), (6, 6), (9, 6), (None, 6)])
def test_steps_have_no_more_decimals_than_what_was_written(decimals: int | None, most: int) -> None:
    """From the most decimals down to one, and then significant digits, by which nobody rounds to one."""
    words = list(dict.fromkeys(reading.words for reading in roundings(decimals)))
    in_decimals = [f"every step is rounded to {n} decimals" for n in range(most, 1, -1)]
    significant = [f"every step is rounded to {n} significant digits" for n in range(6, 1, -1)]
    assert words == [*in_decimals, "every step is rounded to 1 decimal", *significant]


@pytest.mark.parametrize(("decimals", "half"), [(1, 0.05), (3, 0.0005)])
def test_an_error_of_rounding_is_up_to_half_a_unit_of_what_rounding_changes(decimals: int, half: float) -> None:
    """0.5 and −12 have no further decimals, so rounding leaves them alone; and what is given is never rounded."""
    keep = with_rounding_errors(decimals, np.random.default_rng(0)).keep
    values = np.array([0.5, -12.0, *np.full(400, 0.12345)])
    kept = keep(PRINTED, values)
    assert kept[:2].tolist() == [0.5, -12.0]
    errors = kept[2:] - 0.12345
    assert 0.95 * half < errors.max() <= half
    assert -half <= errors.min() < -0.95 * half
    assert keep(GIVEN, values) is values
