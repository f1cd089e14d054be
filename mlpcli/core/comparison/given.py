"""Figures that somebody else has computed, with as many digits as were written down.

A figure stands for all numbers that round to it by the digits it is written with: 0.28 agrees with 0.2838 and not with
0.2862. Each has digits of its own, since programs write 0.3 for 0.30 and some round to significant digits. Whole
numbers (0, 1, 2.0) have lost all of theirs, so they are taken to be written like the rest. Where one figure of a
quantity has the digits of a float, all were computed and are taken as they are. Those of a float32 are seven to nine,
which a person writes too; so it takes several that are float32 numbers to the last digit (`are_single`).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array

ALL_DIGITS = 12  # significant ones, from which on a figure was computed and not typed
MOST_DECIMALS = 50  # likewise
RELATIVE = 1e-9  # what such figures may differ by, since sums can be taken in another order
SINGLE_DIGITS = (8, 9)  # that only one in some decimals of so many digits has by chance, and no float32 has more
ENOUGH = 10  # of these: a person who writes eight digits meets them all once in a thousand times
SINGLE = 2e-6  # and the same for float32, of the largest figure
SLACK = 1e-6  # of half a unit: 0.285 is stored as 0.28499999999999998
ZERO = 2  # significant digits that a zero is worth
BY_HAND = 2  # decimals, where nothing tells how many
NOISE = 1e-15  # what is left where figures cancel


@dataclass(frozen=True)
class Given:
    """A quantity in somebody's own figures; NaN where there is none."""

    values: Array
    tolerance: Array  # what each may differ by
    digits: Array  # significant ones of each
    places: Array  # decimals of each
    decimals: int | None  # the most that one of them has; None for exact ones
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

    def precision(self, expected: Array) -> str:
        """How far an agreement goes, where it does not go all the way."""
        if self.equals(expected):
            return ""
        if self.single:
            return "in single precision"
        if self.decimals is None:
            return ""
        if (np.abs(self.values - expected) > _half(self.decimals))[np.isfinite(self.values)].any():
            return "to the digits given"
        return f"to {self.decimals} decimal{'s' if self.decimals != 1 else ''}"


def as_given(texts: Array, transposed: bool = False, usual: int | None = None, single: bool = False) -> Given:
    """A quantity from its figures as they were written, an array of texts ("" where there is none).

    `usual` are the decimals of other quantities, by which whole numbers are judged that stand among themselves;
    `single` says that all quantities come from a program that computes in float32 (`are_single`).
    """
    values = np.array([float(text or "nan") for text in texts.flat]).reshape(texts.shape)
    places, significant = (np.reshape(counts, texts.shape) for counts in zip(*map(_digits, texts.flat), strict=True))
    most = _decimals(texts)
    decimals = most if most is not None else BY_HAND if usual is None else usual
    digits = np.where(significant > 0, significant, ZERO)
    computed = single or significant.max() >= ALL_DIGITS
    exact = computed or places.max() > MOST_DECIMALS or (most is None and decimals >= ALL_DIGITS)
    sizes = np.abs(values)
    largest = np.nanmax(sizes, initial=0.0)
    single = single or (bool(computed) and _is_single(values))
    tolerance = SINGLE * largest if single else RELATIVE * sizes + NOISE * max(1.0, largest)
    if not exact:
        whole = places <= 0
        places = np.where(whole, np.minimum(decimals, _to_significant(sizes, significant[~whole])), places)
        tolerance = np.maximum(tolerance, _half(places))
    return Given(
        values,
        np.broadcast_to(tolerance, values.shape),
        digits,
        places,
        None if exact else decimals,
        single,
        transposed,
    )


def are_single(quantities: Iterable[Array]) -> bool:
    """Whether these figures are those of float32 numbers, in the seven to nine digits that such a program prints."""
    significant = {text: _digits(text)[1] for texts in quantities for text in texts.flat}
    least, most = SINGLE_DIGITS
    long = [text for text, digits in significant.items() if digits >= least]
    return len(long) >= ENOUGH and all(
        significant[t] <= most and _as_single(t, significant[t]) == float(t) for t in long
    )


def _as_single(text: str, digits: int) -> float:
    """The float32 nearest to a number, as it is printed with so many digits."""
    with np.errstate(over="ignore"):
        return float(f"{np.float32(float(text)):.{digits}g}")


def usual_decimals(quantities: Iterable[Array]) -> int | None:
    """The decimals that most quantities are written with, of as many the more; None where all are whole numbers."""
    counts = Counter(decimals for texts in quantities if (decimals := _decimals(texts)) is not None)
    return max(counts, key=lambda decimals: (counts[decimals], decimals), default=None)


def _decimals(texts: Array) -> int | None:
    """The most decimals that a number has; None where all are whole."""
    most = max((_digits(text)[0] for text in texts.flat), default=0)
    return most if most > 0 else None


def _to_significant(sizes: Array, others: Array) -> Array:
    """The decimals of whole numbers that have as many significant digits as the others: 123 beside 0.0123 has none."""
    count = others.max(initial=0) or ALL_DIGITS
    with np.errstate(divide="ignore", invalid="ignore"):
        exponents = np.floor(np.log10(sizes))
    return np.asarray(np.where(np.isfinite(exponents), count - 1 - exponents, np.inf))


def _half(places: Array | int) -> Array:
    """Half a unit of the last place, and what binary fractions lack of it."""
    return np.asarray(10.0 ** -np.asarray(places, np.float64) / 2 * (1 + SLACK))


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
