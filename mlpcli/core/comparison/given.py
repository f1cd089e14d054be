"""Figures that somebody else has computed, with as many digits as were written down.

A figure stands for all numbers that round to it: 0.28 agrees with 0.2838 and not with 0.2862. What is written as a
whole number (1, 0, 2.0) is taken as exact, and so is what has the digits of a float.
"""

from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array

ALL_DIGITS = 12  # significant ones, from which on a figure was computed and not typed
RELATIVE = 1e-9  # what such figures may differ by, since sums can be taken in another order
SINGLE = 2e-6  # and the same for float32, of the largest figure
SLACK = 1e-6  # of half a unit: 0.285 is stored as 0.28499999999999998
ZERO = 2  # significant digits that a zero is worth
NOISE = 1e-15  # what is left where figures cancel


@dataclass(frozen=True)
class Given:
    """A quantity in somebody's own figures; NaN where there is none."""

    values: Array
    tolerance: Array  # what each may differ by
    digits: Array  # significant ones of each
    decimals: int | None  # to which they were rounded; None for exact ones
    single: bool = False  # they come from float32
    transposed: bool = False  # as it was given; `values` are as they should have been

    def off(self, expected: Array) -> Array:
        """Which figures are not those expected, to the digits given. An expected NaN is never met."""
        with np.errstate(invalid="ignore"):
            near = np.abs(self.values - expected) <= self.tolerance
        result: Array = np.isfinite(self.values) & ~near
        return result

    def agrees(self, expected: Array) -> bool:
        return not self.off(expected).any()

    def equals(self, expected: Array) -> bool:
        """Whether they agree to all digits, those given or not."""
        return bool(np.isclose(self.values, expected, rtol=RELATIVE, atol=NOISE)[np.isfinite(self.values)].all())

    @property
    def precision(self) -> str:
        """How far an agreement goes, where it does not go all the way."""
        if self.single:
            return "in single precision"
        return "" if self.decimals is None else f"to {self.decimals} decimal{'s' if self.decimals != 1 else ''}"


def as_given(texts: Array, transposed: bool = False) -> Given:
    """A quantity from its figures as they were written, an array of texts ("" where there is none).

    Rounded to d decimals or to s significant digits, whichever the longest of them has: 0.3 beside 0.28 is 0.30, and
    123.4 beside 0.01234 has all its digits.
    """
    values = np.array([float(text or "nan") for text in texts.flat]).reshape(texts.shape)
    counts = [_digits(text) for text in texts.flat]
    decimals, significant = max(count[0] for count in counts), max(count[1] for count in counts)
    sizes = np.abs(values)
    largest = np.nanmax(sizes, initial=0.0)
    exact = decimals <= 0 or significant >= ALL_DIGITS
    single = significant >= ALL_DIGITS and _is_single(values)
    tolerance = SINGLE * largest if single else RELATIVE * sizes + NOISE * max(1.0, largest)
    if not exact:
        with np.errstate(divide="ignore", invalid="ignore"):
            exponents = np.floor(np.log10(sizes)) - significant + 1
        units = 10.0 ** np.fmax(np.where(np.isfinite(exponents), exponents, -np.inf), -decimals)
        tolerance = np.maximum(tolerance, units / 2 * (1 + SLACK))
    digits = np.array([count[1] or ZERO for count in counts]).reshape(values.shape)
    return Given(
        values, np.broadcast_to(tolerance, values.shape), digits, None if exact else decimals, single, transposed
    )


def _is_single(values: Array) -> bool:
    """Whether all of them are float32 numbers, which those with many digits are not by chance."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(((values.astype(np.float32) == values) | np.isnan(values)).all())


def _digits(text: str) -> tuple[int, int]:
    """Decimals and significant digits of a number as it was written: 0.0280 has 4 and 3, 1.2e-5 has 6 and 2."""
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.lstrip("+-").partition(".")
    fraction = "" if fraction.strip("0") == "" and len(fraction) <= 1 else fraction  # 2.0 is a program's 2
    return len(fraction) - int(exponent or 0), len((whole + fraction).lstrip("0"))
